// SPDX-License-Identifier: Apache-2.0
//
// daybook restore-ledger: makes a ledger from a backup.
#include "cli/backup_output.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/progress.h"

namespace daybook::cli {
namespace {

class RestoreLedger final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("SRC", source_, Need::Required, "a backup, or any other ledger");
    flags.argument("DEST", destination_, Need::Required, "a missing or empty directory");
    flags.flag("--verify", verify_, "check the whole ledger afterwards, blobs included");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    BackupOptions options;
    if (verify_) options.check = BackupOptions::Check::Everything;
    DAYBOOK_TRY(report, copy(context, options));
    const ExitCode code = print_backup(context, report, json_, "restored");
    if (!report.has_key) {
      context.warn(
          "the backup has no signing key: put the old one back as keys/checkpoint.key, else the "
          "ledger can be read and verified but not signed");
    }
    return code;
  }

 private:
  Result<BackupReport> copy(Context& context, BackupOptions& options) {
    Progress progress(context, "restoring");
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
      progress.update(done, total, Progress::Unit::Bytes);
    };
    return restore_ledger(absolute(source_), absolute(destination_), options, context.env());
  }

  std::string source_;
  std::string destination_;
  bool verify_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook backup copies/notes && daybook restore-ledger copies/notes restored",
     "the same ledger in another place: ids, times, blobs and root"},
    {"daybook backup copies/notes && daybook restore-ledger copies/notes restored --verify --json",
     "check all of it, and report for programs"},
};

constexpr std::string_view kDetails =
    "DEST is a ledger when it is complete, and not before; a second run goes on where a\n"
    "first one was cut short. Two ledgers with one id are there afterwards: let only one of\n"
    "them be written to. Readers that remember a position are told when it is not there.";

}  // namespace

const Command restore_ledger_command = {"restore-ledger", "make a ledger from a backup", kDetails,
                                        kExamples, make_verb<RestoreLedger>};

}  // namespace daybook::cli
