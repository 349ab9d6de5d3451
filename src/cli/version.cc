// SPDX-License-Identifier: Apache-2.0
//
// daybook version: what this program is.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

constexpr int kLedgerFormat = 1;  // docs/format.md, section 2

class Version final : public Verb {
 public:
  void add(Flags& flags) override { flags.flag("--json", json_, "one JSON document"); }

  Result<ExitCode> run(Context& context) override {
    if (!json_) {
      context.out().line("daybook " DAYBOOK_VERSION);
      return ExitCode::Ok;
    }
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("name", "daybook").member("version", DAYBOOK_VERSION);
    json.member("ledger_format", kLedgerFormat).member("compiler", __VERSION__).end_object();
    context.out().line(text);
    return ExitCode::Ok;
  }

 private:
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook version", "print the version"},
    {"daybook version --json", "the same for programs"},
};

}  // namespace

const Command version_command = {"version", "print the version of this program", "", kExamples,
                                 make_verb<Version>};

}  // namespace daybook::cli
