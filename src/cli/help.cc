// SPDX-License-Identifier: Apache-2.0
//
// daybook help: the list of verbs, or the help of one.
#include <fmt/format.h>

#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/usage.h"

namespace daybook::cli {
namespace {

class Help final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("VERB", first_, Need::Optional, "the verb to tell about");
    flags.argument("SECOND", second_, Need::Optional, "the second word of a verb that has two");
  }

  Result<ExitCode> run(Context& context) override {
    if (first_.empty()) {
      context.out().write(main_help());
      return ExitCode::Ok;
    }
    const std::string name = second_.empty() ? first_ : first_ + " " + second_;
    const Command* command = find_command(name);
    if (command == nullptr) {
      std::vector<std::string> names;
      for (const Command* known : all_commands()) names.emplace_back(known->name);
      return fail(Errc::InvalidArgument, fmt::format("there is no verb '{}'", name),
                  suggestion(name, names, "`daybook help` lists them"));
    }
    context.out().write(help_of(*command));
    return ExitCode::Ok;
  }

 private:
  std::string first_;
  std::string second_;
};

constexpr Example kExamples[] = {
    {"daybook help", "list the verbs"},
    {"daybook help query", "the same as daybook query --help"},
};

}  // namespace

const Command help_command = {"help", "show help for daybook or for a verb", "", kExamples,
                              make_verb<Help>};

}  // namespace daybook::cli
