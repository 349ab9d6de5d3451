// SPDX-License-Identifier: Apache-2.0
//
// daybook completion: scripts for bash, zsh and fish, made from what the verbs
// declare. A value of a fixed set completes to that set, others to files.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/usage.h"

namespace daybook::cli {
namespace {

struct VerbInfo {
  std::string name;
  std::string summary;
  std::vector<OptionInfo> options;
};

std::vector<VerbInfo> all_verbs() {
  std::vector<VerbInfo> verbs;
  for (const Command* command : all_commands()) {
    verbs.push_back(
        {std::string(command->name), std::string(command->summary), options_of(*command)});
  }
  return verbs;
}

std::vector<std::string> names_of(const VerbInfo& verb) {
  std::vector<std::string> names;
  for (const OptionInfo& option : verb.options) {
    if (option.argument) {
      names.insert(names.end(), option.choices.begin(), option.choices.end());
    } else {
      names.insert(names.end(), option.names.begin(), option.names.end());
    }
  }
  return names;
}

// First word -> the words that may follow it, for verbs of two words.
std::vector<std::pair<std::string, std::vector<std::string>>> groups_of(
    const std::vector<VerbInfo>& verbs) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const VerbInfo& verb : verbs) {
    const auto space = verb.name.find(' ');
    if (space == std::string::npos) continue;
    const std::string first = verb.name.substr(0, space);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& entry) { return entry.first == first; });
    if (group == groups.end()) group = groups.insert(groups.end(), {first, {}});
    group->second.push_back(verb.name.substr(space + 1));
  }
  return groups;
}

std::vector<std::string> first_words(const std::vector<VerbInfo>& verbs) {
  std::vector<std::string> words;
  for (const VerbInfo& verb : verbs) {
    const std::string word = verb.name.substr(0, verb.name.find(' '));
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return words;
}

// Text inside single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

std::string bash_values(const VerbInfo& verb) {
  std::string cases;
  for (const OptionInfo& option : verb.options) {
    if (option.argument || option.value.empty()) continue;
    const std::string pattern = fmt::format(
        "'{}:{}'", verb.name, fmt::join(option.names, fmt::format("'|'{}:", verb.name)));
    const std::string words = option.choices.empty() ? std::string("compgen -f -- \"$cur\"")
                                                     : fmt::format("compgen -W '{}' -- \"$cur\"",
                                                                   fmt::join(option.choices, " "));
    cases += fmt::format("        {}) COMPREPLY=($({})); return ;;\n", pattern, words);
  }
  return cases;
}

std::string bash_script() {
  const std::vector<VerbInfo> verbs = all_verbs();
  std::string out =
      "# bash completion for daybook: source <(daybook completion bash)\n"
      "_daybook() {\n"
      "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb='' words='' "
      "i\n"
      "    COMPREPLY=()\n"
      "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "        case ${COMP_WORDS[i]} in\n"
      "            --ledger|--color) ((i++)) ;;\n"
      "            -*) ;;\n"
      "            *) verb=${COMP_WORDS[i]}; break ;;\n"
      "        esac\n"
      "    done\n"
      "    case $verb in\n";
  for (const auto& [first, seconds] : groups_of(verbs)) {
    out += fmt::format(
        "        {}) if ((i + 1 < COMP_CWORD)); then verb=\"{} ${{COMP_WORDS[i+1]}}\"; else "
        "words='{}'; "
        "fi ;;\n",
        first, first, fmt::join(seconds, " "));
  }
  out += "    esac\n    case \"$verb:$prev\" in\n";
  for (const VerbInfo& verb : verbs) out += bash_values(verb);
  out += "    esac\n    case $verb in\n";
  out += fmt::format("        '') words='{} --version --help' ;;\n",
                     fmt::join(first_words(verbs), " "));
  for (const VerbInfo& verb : verbs) {
    out += fmt::format("        '{}') words='{}' ;;\n", verb.name, fmt::join(names_of(verb), " "));
  }
  out +=
      "    esac\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "}\n"
      "complete -o default -F _daybook daybook\n";
  return out;
}

std::string zsh_option(const OptionInfo& option) {
  std::string help;
  for (const char c : quoted(option.help)) {
    if (c == '[' || c == ']' || c == ':') help.push_back('\\');
    help.push_back(c);
  }
  std::string value;
  if (!option.value.empty()) {
    value = option.choices.empty() ? ":value:_files"
                                   : fmt::format(":value:({})", fmt::join(option.choices, " "));
  }
  std::string lines;
  for (const std::string& name : option.names) {
    lines += fmt::format(" \\\n                '*{}[{}]{}'", name, help, value);
  }
  return lines;
}

std::string zsh_script() {
  const std::vector<VerbInfo> verbs = all_verbs();
  std::string out =
      "#compdef daybook\n"
      "# zsh completion for daybook: daybook completion zsh > \"${fpath[1]}/_daybook\"\n"
      "_daybook() {\n"
      "    local -a verbs\n"
      "    verbs=(\n";
  for (const VerbInfo& verb : verbs) {
    if (verb.name.find(' ') != std::string::npos) continue;
    out += fmt::format("        '{}:{}'\n", verb.name, quoted(verb.summary));
  }
  for (const auto& [first, seconds] : groups_of(verbs)) {
    out += fmt::format("        '{}:{}'\n", first, fmt::join(seconds, ", "));
  }
  out +=
      "    )\n"
      "    if ((CURRENT == 2)); then\n"
      "        _describe verb verbs\n"
      "        return\n"
      "    fi\n"
      "    local verb=${words[2]}\n"
      "    shift words\n"
      "    ((CURRENT--))\n";
  for (const auto& [first, seconds] : groups_of(verbs)) {
    out += fmt::format(
        "    if [[ $verb == {} ]]; then\n"
        "        if ((CURRENT == 2)); then compadd {}; return; fi\n"
        "        verb=\"{} ${{words[2]}}\"\n"
        "        shift words\n"
        "        ((CURRENT--))\n"
        "    fi\n",
        first, fmt::join(seconds, " "), first);
  }
  out += "    case $verb in\n";
  for (const VerbInfo& verb : verbs) {
    out += fmt::format("        '{}')\n            _arguments", verb.name);
    std::string rest = "_files";
    for (const OptionInfo& option : verb.options) {
      if (!option.argument) {
        out += zsh_option(option);
      } else if (!option.choices.empty()) {
        rest = fmt::format("({})", fmt::join(option.choices, " "));
      }
    }
    out += fmt::format(" \\\n                '*::argument:{}'\n            ;;\n", rest);
  }
  out += "    esac\n}\n";
  out +=
      "if [[ $funcstack[1] == _daybook ]]; then _daybook \"$@\"; else compdef _daybook daybook; "
      "fi\n";
  return out;
}

std::string fish_condition(const std::string& verb) {
  const auto space = verb.find(' ');
  if (space == std::string::npos) return fmt::format("__fish_seen_subcommand_from {}", verb);
  return fmt::format("__fish_seen_subcommand_from {}; and __fish_seen_subcommand_from {}",
                     verb.substr(0, space), verb.substr(space + 1));
}

std::string fish_option(const std::string& condition, const OptionInfo& option) {
  std::string line = fmt::format("complete -c daybook -n '{}'", condition);
  if (option.argument) {
    if (option.choices.empty()) return {};
    return fmt::format("{} -f -a '{}' -d '{}'\n", line, fmt::join(option.choices, " "),
                       quoted(option.help));
  }
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2))
                                   : fmt::format(" -s {}", name.substr(1));
  }
  if (!option.choices.empty()) {
    line += fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
  } else if (!option.value.empty()) {
    line += " -r";
  }
  return fmt::format("{} -d '{}'\n", line, quoted(option.help));
}

std::string fish_script() {
  const std::vector<VerbInfo> verbs = all_verbs();
  std::string out =
      "# fish completion for daybook: daybook completion fish | source\n"
      "complete -c daybook -n __fish_use_subcommand -f\n";
  for (const VerbInfo& verb : verbs) {
    if (verb.name.find(' ') != std::string::npos) continue;
    out += fmt::format("complete -c daybook -n __fish_use_subcommand -a {} -d '{}'\n", verb.name,
                       quoted(verb.summary));
  }
  for (const auto& [first, seconds] : groups_of(verbs)) {
    out += fmt::format("complete -c daybook -n __fish_use_subcommand -a {} -d '{}'\n", first,
                       fmt::join(seconds, ", "));
    out += fmt::format("complete -c daybook -n '__fish_seen_subcommand_from {}' -f -a '{}'\n",
                       first, fmt::join(seconds, " "));
  }
  for (const VerbInfo& verb : verbs) {
    const std::string condition = fish_condition(verb.name);
    for (const OptionInfo& option : verb.options) out += fish_option(condition, option);
  }
  return out;
}

class Completion final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.choice_argument("SHELL", shell_, {"bash", "zsh", "fish"}, "which shell");
  }
  Result<ExitCode> run(Context& context) override {
    if (shell_ == "bash") {
      context.out().write(bash_script());
    } else if (shell_ == "zsh") {
      context.out().write(zsh_script());
    } else {
      context.out().write(fish_script());
    }
    return ExitCode::Ok;
  }

 private:
  std::string shell_;
};

constexpr Example kExamples[] = {
    {"daybook completion bash > daybook.bash", "a script to source from ~/.bashrc"},
    {"daybook completion fish > daybook.fish", "one for ~/.config/fish/completions"},
};

}  // namespace

const Command completion_command = {"completion", "print a completion script for a shell", "",
                                    kExamples, make_verb<Completion>};

}  // namespace daybook::cli
