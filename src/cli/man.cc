// SPDX-License-Identifier: Apache-2.0
//
// daybook man: the manual page, made from what the verbs declare.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/usage.h"

namespace daybook::cli {
namespace {

constexpr std::string_view kDescription =
    "daybook keeps one append-only, crash-safe, tamper-evident ledger of what agents, workflows "
    "and scheduled jobs do, and answers afterwards what happened and why. Data goes to standard "
    "output, everything else to standard error.";

constexpr std::pair<std::string_view, std::string_view> kExitCodes[] = {
    {"0", "done"},
    {"1", "error"},
    {"2", "usage: the command line, a setting or the input breaks a rule"},
    {"3", "verification failed: stored bytes are damaged, or a proof does not hold"},
    {"4", "not found"},
    {"5", "busy, or in conflict with what is there"},
    {"6", "partly done: the answer lacks something, and standard error says what"},
    {"130", "interrupted"},
};

constexpr std::pair<std::string_view, std::string_view> kEnvironment[] = {
    {"DAYBOOK_DIR", "the ledger, unless --ledger is given"},
    {"DAYBOOK_<KEY>", "a setting, as `daybook config show` lists them, in capitals"},
    {"NO_COLOR", "no colour when it is not empty"},
    {"XDG_DATA_HOME", "where the user's own ledger is: below it, daybook"},
    {"XDG_CONFIG_HOME", "where the user's settings are: below it, daybook/config.toml"},
};

constexpr std::pair<std::string_view, std::string_view> kFiles[] = {
    {".daybook", "the ledger of a project, found from every directory below"},
    {"daybook.toml", "settings of a project, beside its ledger"},
};

// Text in roff: nothing in it is a command, and a hyphen is a hyphen.
std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    line_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

void add_options(std::string& page, const std::vector<OptionInfo>& options, bool global) {
  for (const OptionInfo& option : options) {
    if (option.global != global) continue;
    std::string spelling = spelling_of(option);
    spelling.erase(0, spelling.find_first_not_of(' '));
    page += fmt::format(".TP\n.B {}\n{}\n", roff(spelling), roff(option.help));
  }
}

template <class Rows>
void add_rows(std::string& page, std::string_view title, const Rows& rows) {
  page += fmt::format(".SH {}\n", title);
  for (const auto& [name, text] : rows) {
    page += fmt::format(".TP\n.B {}\n{}\n", roff(name), roff(text));
  }
}

void add_verb(std::string& page, const Command& command) {
  const std::vector<OptionInfo> options = options_of(command);
  page += fmt::format(".SS {}\n{}\n.PP\n.B {}\n", roff(command.name), roff(command.summary),
                      roff(synopsis_of(command, options)));
  if (!command.details.empty()) page += fmt::format(".PP\n{}\n", roff(command.details));
  add_options(page, options, false);
  page += ".PP\nExamples:\n.PP\n.nf\n.RS\n";
  for (const Example& example : command.examples) {
    page += fmt::format("# {}\n{}\n", roff(example.what), roff(example.command));
  }
  page += ".RE\n.fi\n";
}

std::string manual() {
  std::string page =
      fmt::format(".TH DAYBOOK 1 \"\" \"daybook " DAYBOOK_VERSION
                  "\" \"User Commands\"\n"
                  ".SH NAME\ndaybook \\- {}\n.SH SYNOPSIS\n.B daybook\n.I verb\n[flags]\n"
                  ".SH DESCRIPTION\n{}\n.SH VERBS\n",
                  roff(kTagline), roff(kDescription));
  for (const Command* command : all_commands()) add_verb(page, *command);
  page += ".SH GLOBAL FLAGS\n";
  add_options(page, options_of(*all_commands().front()), true);
  add_rows(page, "EXIT STATUS", kExitCodes);
  add_rows(page, "ENVIRONMENT", kEnvironment);
  add_rows(page, "FILES", kFiles);
  return page;
}

class Man final : public Verb {
 public:
  void add(Flags&) override {}
  Result<ExitCode> run(Context& context) override {
    context.out().write(manual());
    return ExitCode::Ok;
  }
};

constexpr Example kExamples[] = {
    {"daybook man | man -l -", "read the manual"},
    {"daybook man > daybook.1", "write it to a file, for installing"},
};

}  // namespace

const Command man_command = {"man", "print the manual page", "", kExamples, make_verb<Man>};

}  // namespace daybook::cli
