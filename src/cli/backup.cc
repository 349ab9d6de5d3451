// SPDX-License-Identifier: Apache-2.0
//
// daybook backup: copies the ledger elsewhere, while others write to it.
#include "cli/backup_output.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/progress.h"

namespace daybook::cli {
namespace {

class Backup final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("DEST", destination_, Need::Required,
                   "a missing or empty directory, or an earlier backup of this ledger");
    flags.flag("--with-key", with_key_, "copy the signing key as well: who has it can sign");
    flags.flag("--verify", verify_, "check the whole backup, not only what was copied");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    std::string ledger;
    {
      // For what is said when there is none; the copying looks for itself.
      DAYBOOK_TRY(opened, context.open_ledger(Access::ReadOnly));
      ledger = opened.path();
    }
    BackupOptions options;
    if (with_key_) options.key = BackupOptions::Key::Copy;
    if (verify_) options.check = BackupOptions::Check::Everything;
    DAYBOOK_TRY(report, copy(context, ledger, options));
    return print_backup(context, report, json_, "backed up");
  }

 private:
  Result<BackupReport> copy(Context& context, const std::string& ledger, BackupOptions& options) {
    Progress progress(context, "backing up");
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
      progress.update(done, total, Progress::Unit::Bytes);
    };
    return back_up(absolute(ledger), absolute(destination_), options, context.env());
  }

  std::string destination_;
  bool with_key_ = false;
  bool verify_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook backup copies/notes", "copy the ledger; again: only what is new"},
    {"daybook backup copies/notes --verify && daybook verify --ledger copies/notes",
     "check all of it; a backup is a ledger, and every reading verb works on it"},
};

constexpr std::string_view kDetails =
    "Writers may go on: the backup holds the events that were there when it began, with\n"
    "their ids, times and blobs, and the ledger's root at that size. What is cut short by a\n"
    "kill or a full disk is left as the earlier backup, or a longer one, never as something\n"
    "in between, and goes on with the next run. `daybook restore-ledger` takes it back.";

}  // namespace

const Command backup_command = {"backup", "copy the ledger elsewhere, or bring a copy up to date",
                                kDetails, kExamples, make_verb<Backup>};

}  // namespace daybook::cli
