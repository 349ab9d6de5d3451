// SPDX-License-Identifier: Apache-2.0
//
// daybook repair: makes the file LEDGER again from the segments, and says on record
// that damaged events are lost.
#include "daybook/repair.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

std::string_view name_of(RepairReport::File found) {
  switch (found) {
    case RepairReport::File::Good:
      return "good";
    case RepairReport::File::Missing:
      return "missing";
    case RepairReport::File::Damaged:
      return "damaged";
  }
  return "?";
}

class RepairVerb final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.flag("--apply", apply_, "write the file; without it nothing is changed");
    flags.flag("--accept-loss", accept_loss_,
               "append an event which says that damaged events are lost");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    if (accept_loss_) return accept_loss(context);
    DAYBOOK_TRY(choice, context.ledger_choice());
    DAYBOOK_TRY(options, context.ledger_options(Access::ReadWrite));
    if (choice.path.empty()) {
      return fail(Errc::NotFound, "no ledger here, and neither $XDG_DATA_HOME nor $HOME is set",
                  "name it: daybook repair --ledger DIR");
    }
    DAYBOOK_TRY(report, repair_ledger(choice.path,
                                      {.apply = apply_, .lock_timeout_ms = options.lock_timeout_ms},
                                      context.env()));
    if (json_) {
      print_json(context.out(), report);
    } else {
      print_text(context, report);
    }
    for (const std::string& warning : report.warnings) context.warn(printable(warning));
    return report.warnings.empty() ? ExitCode::Ok : ExitCode::Partial;
  }

 private:
  Result<ExitCode> accept_loss(Context& context) {
    if (apply_) {
      return fail(Errc::InvalidArgument, "--apply and --accept-loss are two things",
                  "make LEDGER again first, then accept what `daybook verify` shows as lost");
    }
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadWrite));
    DAYBOOK_TRY(receipt, ledger.accept_loss());
    if (json_) {
      std::string text;
      JsonWriter json(text);
      json.begin_object().member("accepted_by", receipt.seq.value);
      json.member("id", to_string(receipt.id)).end_object();
      context.out().line(text);
    } else {
      context.out().line(fmt::format("event #{} in the stream {} says that they are lost",
                                     receipt.seq.value, kLossStream));
    }
    return context.close_ledger(ledger, ExitCode::Ok);
  }

  static void print_text(Context& context, const RepairReport& report) {
    Output& out = context.out();
    const std::string segments = counted(report.segments, "segment");
    if (report.found == RepairReport::File::Good) {
      out.line(fmt::format("LEDGER is good: it says what {} say", segments));
    } else {
      out.line(fmt::format("LEDGER is {}; {} from {}:", name_of(report.found),
                           report.repaired ? "made again" : "it can be made again", segments));
    }
    out.line(fmt::format("  ledger   {}", report.ledger_id));
    out.line(fmt::format("  created  {}", to_string(report.created)));
    out.line(fmt::format("  key      {}", to_string(report.key)));
    if (report.found == RepairReport::File::Good) return;
    context.note(report.repaired ? "next: daybook verify"
                                 : "nothing was changed: `daybook repair --apply` writes the file");
  }

  static void print_json(Output& out, const RepairReport& report) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("path", report.path).member("found", name_of(report.found));
    json.member("repaired", report.repaired).member("ledger_id", report.ledger_id);
    json.member("origin", report.origin).member("created", to_string(report.created));
    json.member("key", to_string(report.key)).member("segments", report.segments);
    json.key("warnings").begin_array();
    for (const std::string& warning : report.warnings) json.text(warning);
    json.end_array().end_object();
    out.line(text);
  }

  bool apply_ = false;
  bool accept_loss_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook repair", "whether LEDGER is good, and what would be written"},
    {"daybook repair --apply", "write it, when it is lost"},
};

constexpr std::string_view kDetails =
    "The file LEDGER says whose ledger a directory holds. When it is missing or cannot be\n"
    "read, it is made again from the segments, which all say the same. Segments, keys and\n"
    "blobs are never written. When the segments disagree, nothing is decided: each side is\n"
    "named. What else is damaged `verify` tells.\n"
    "An event that cannot be read may have had any stream and any key. What only it could\n"
    "answer is refused (exit 3): appends with a key that was not found, or with an expected\n"
    "version. --accept-loss says on record that such events are lost; then they are answered\n"
    "from what is left. No version is given twice in any case.";

}  // namespace

const Command repair_command = {"repair", "make the file LEDGER again from the segments", kDetails,
                                kExamples, make_verb<RepairVerb>};

}  // namespace daybook::cli
