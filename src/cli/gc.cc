// SPDX-License-Identifier: Apache-2.0
//
// daybook gc: what a collection of unused blobs would free.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

class Gc final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.flag("-n,--dry-run", dry_run_, "list what nothing refers to, remove nothing");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    if (!dry_run_) {
      return fail(Errc::InvalidArgument, "gc removes nothing: only --dry-run is possible",
                  "`daybook gc --dry-run` lists the blobs that no event refers to");
    }
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(usage, ledger.blob_usage());
    Output& out = context.out();
    if (json_) {
      std::string text;
      JsonWriter json(text);
      json.begin_object().member("blobs", usage.blobs).member("stored_bytes", usage.stored_bytes);
      json.member("garbage_blobs", usage.garbage_blobs);
      json.member("garbage_bytes", usage.garbage_bytes).key("garbage").begin_array();
      for (const std::string& digest : usage.garbage) json.text(digest);
      json.end_array().end_object();
      out.line(text);
      return ExitCode::Ok;
    }
    for (const std::string& digest : usage.garbage) out.line("sha256:" + digest);
    context.note(fmt::format("{} of {} could be removed, {} of {}",
                             human_count(usage.garbage_blobs), counted(usage.blobs, "blob"),
                             human_bytes(usage.garbage_bytes), human_bytes(usage.stored_bytes)));
    return ExitCode::Ok;
  }

 private:
  bool dry_run_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook gc --dry-run", "the blobs that no event refers to"},
    {"daybook gc --dry-run --json", "the same for programs"},
};

}  // namespace

const Command gc_command = {"gc", "list blobs that no event refers to", "", kExamples,
                            make_verb<Gc>};

}  // namespace daybook::cli
