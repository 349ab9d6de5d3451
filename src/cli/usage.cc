// SPDX-License-Identifier: Apache-2.0
#include "cli/usage.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.h"
#include "cli/context.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kMaxLeftColumn = 34;

// Two columns; a left side that is too long gets a line of its own.
void add_rows(std::string& out, const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t left = 0;
  for (const auto& [name, help] : rows) {
    if (name.size() <= kMaxLeftColumn) left = std::max(left, name.size());
  }
  for (const auto& [name, help] : rows) {
    if (name.size() > left) {
      out += fmt::format("  {}\n  {:{}}  {}\n", name, "", left, help);
    } else {
      out += fmt::format("  {:{}}  {}\n", name, left, help);
    }
  }
}

enum class Part : std::uint8_t { Arguments, Own, Global };

void add_options(std::string& out, std::string_view title, const std::vector<OptionInfo>& options,
                 Part part) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const OptionInfo& option : options) {
    const Part is = option.argument ? Part::Arguments : option.global ? Part::Global : Part::Own;
    if (is != part) continue;
    std::string help = option.help;
    if (option.repeatable && !option.argument) help += " (repeatable)";
    rows.emplace_back(spelling_of(option), std::move(help));
  }
  if (rows.empty()) return;
  out += fmt::format("\n{}:\n", title);
  add_rows(out, rows);
}

void add_examples(std::string& out, std::span<const Example> examples) {
  out += "\nexamples:\n";
  for (const Example& example : examples) {
    out += fmt::format("  # {}\n  {}\n", example.what, example.command);
  }
}

}  // namespace

void add_global_flags(Flags& flags, GlobalFlags& global) {
  flags.begin_global();
  flags.text("--ledger", global.ledger, "DIR",
             "the ledger; else $DAYBOOK_DIR, the nearest .daybook, the first zone, the user's own");
  flags.text("--zone", global.zone, "ID", "the ledger of this zone of the configuration");
  flags.choice("--color", global.color, {"auto", "always", "never"}, "colour in output for people");
  flags.flag("-q,--quiet", global.quiet, "no notes and no progress on standard error");
  flags.flag("-h,--help", global.help, "show this help");
}

std::vector<OptionInfo> options_of(const Command& command) {
  Flags flags;
  GlobalFlags global;
  const std::unique_ptr<Verb> verb = command.make();
  verb->add(flags);
  add_global_flags(flags, global);
  return flags.describe();
}

std::string synopsis_of(const Command& command, const std::vector<OptionInfo>& options) {
  std::string line = fmt::format("daybook {} [flags]", command.name);
  for (const OptionInfo& option : options) {
    if (!option.argument) continue;
    const std::string& name = option.choices.empty() ? option.names.front() : option.value;
    line += option.required ? " " + name : " [" + name + "]";
    if (option.repeatable) line += " ...";
  }
  return line;
}

std::string spelling_of(const OptionInfo& option) {
  std::string text;
  if (!option.argument && option.names.front().starts_with("--")) text = "    ";
  text += fmt::format("{}", fmt::join(option.names, ", "));
  if (!option.value.empty() && !option.argument) text += " " + option.value;
  return text;
}

std::string help_of(const Command& command) {
  const std::vector<OptionInfo> options = options_of(command);
  std::string out = fmt::format("daybook {}: {}\n\nusage: {}\n", command.name, command.summary,
                                synopsis_of(command, options));
  if (!command.details.empty()) out += fmt::format("\n{}\n", command.details);
  add_examples(out, command.examples);
  add_options(out, "arguments", options, Part::Arguments);
  add_options(out, "flags", options, Part::Own);
  add_options(out, "global flags", options, Part::Global);
  return out;
}

std::string main_help() {
  std::string out =
      fmt::format("daybook: {}\n\nusage: daybook <verb> [flags]\n\nverbs:\n", kTagline);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command* command : all_commands()) {
    rows.emplace_back(command->name, command->summary);
  }
  add_rows(out, rows);
  constexpr Example kFirstSteps[] = {
      {"daybook init", "make a ledger in this directory"},
      {"daybook append --stream task/hello --type greeted --data '{\"to\":\"world\"}'",
       "write the first event"},
  };
  add_examples(out, kFirstSteps);
  out += "\n`daybook <verb> --help` tells more about a verb.\n";
  return out;
}

}  // namespace daybook::cli
