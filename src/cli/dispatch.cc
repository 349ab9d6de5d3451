// SPDX-License-Identifier: Apache-2.0
#include "cli/dispatch.h"

#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/fs/descriptor.h"
#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/usage.h"

namespace daybook::cli {
namespace {

// The command line, taken apart: global flags may stand before the verb.
struct Invocation {
  std::vector<std::string> words;  // the verb and what follows it
  std::vector<std::string> leading;
  ErrorForm error_form = ErrorForm::Text;
  bool help = false;
  bool version = false;
};

bool takes_value(const std::string& flag) {
  return flag == "--ledger" || flag == "--zone" || flag == "--color";
}

// The form that a word of the command line asks for; `before` is the word before it.
std::optional<ErrorForm> form_asked_for(const std::string& before, const std::string& word) {
  const bool format = before == "--format";
  if (word == "--json" || word == "--format=json" || (format && word == "json")) {
    return ErrorForm::Document;
  }
  if (word == "--jsonl" || word == "--format=jsonl" || (format && word == "jsonl")) {
    return ErrorForm::Line;
  }
  return std::nullopt;
}

Invocation take_apart(const std::vector<std::string>& args) {
  Invocation all;
  std::size_t i = 0;
  for (; i < args.size() && args[i].starts_with('-') && args[i] != "--"; ++i) {
    if (args[i] == "--version" || args[i] == "-V") {
      all.version = true;
    } else {
      all.leading.push_back(args[i]);
      if (takes_value(args[i]) && i + 1 < args.size()) all.leading.push_back(args[++i]);
    }
  }
  all.words.assign(args.begin() + static_cast<std::ptrdiff_t>(i), args.end());
  for (i = 0; i < args.size() && args[i] != "--"; ++i) {
    if (args[i] == "--help" || args[i] == "-h") all.help = true;
    const auto form = form_asked_for(i > 0 ? args[i - 1] : "", args[i]);
    if (form) all.error_form = *form;
  }
  return all;
}

struct Chosen {
  const Command* command = nullptr;
  std::vector<std::string> args;
};

// A first word such as "config" that is only the first half of verbs.
std::vector<std::string> second_words(const std::string& first) {
  std::vector<std::string> words;
  for (const Command* command : all_commands()) {
    if (command->name.starts_with(first + " ")) {
      words.emplace_back(command->name.substr(first.size() + 1));
    }
  }
  return words;
}

Result<Chosen> choose(const Invocation& invocation) {
  const std::vector<std::string>& words = invocation.words;
  Chosen chosen;
  std::size_t used = 1;
  if (words.size() > 1) chosen.command = find_command(words[0] + " " + words[1]);
  if (chosen.command != nullptr) {
    used = 2;
  } else {
    chosen.command = find_command(words[0]);
  }
  if (chosen.command == nullptr) {
    if (const auto seconds = second_words(words[0]); !seconds.empty()) {
      const std::string given = words.size() > 1 ? words[1] : "";
      return fail(Errc::InvalidArgument,
                  fmt::format("'{}' needs one of: {}", words[0], fmt::join(seconds, ", ")),
                  given.empty() ? "" : suggestion(given, seconds, ""));
    }
    std::vector<std::string> names;
    for (const Command* command : all_commands()) names.emplace_back(command->name);
    return fail(Errc::InvalidArgument, fmt::format("there is no verb '{}'", words[0]),
                suggestion(words[0], names, "`daybook help` lists them"));
  }
  chosen.args = invocation.leading;
  chosen.args.insert(chosen.args.end(), words.begin() + static_cast<std::ptrdiff_t>(used),
                     words.end());
  return chosen;
}

int finish(Context& context, const Result<ExitCode>& result) {
  if (!result) context.report(result.error());
  const ExitCode code = result ? *result : exit_code_of(result.error().code);
  if (const auto flushed = context.out().flush(); !flushed) {
    context.report(flushed.error());
    return static_cast<int>(ExitCode::Failure);
  }
  return static_cast<int>(code);
}

int fail_usage(ErrorForm form, Error error, const std::string& see) {
  Context context(GlobalFlags{}, form);
  if (error.hint.empty()) error.hint = fmt::format("see `{} --help`", see);
  return finish(context, fail(std::move(error)));
}

int run(const Chosen& chosen, ErrorForm form) {
  Flags flags;
  GlobalFlags global;
  const std::unique_ptr<Verb> verb = chosen.command->make();
  verb->add(flags);
  add_global_flags(flags, global);
  if (auto parsed = flags.parse(chosen.args); !parsed) {
    return fail_usage(form, parsed.error(), fmt::format("daybook {}", chosen.command->name));
  }
  Context context(global, form);
  return finish(context, verb->run(context));
}

int print(const std::string& text) {
  Context context(GlobalFlags{}, ErrorForm::Text);
  context.out().write(text);
  return finish(context, ExitCode::Ok);
}

}  // namespace

int dispatch(const std::vector<std::string>& args) {
  hold_standard_streams();  // before anything is opened
  Invocation invocation = take_apart(args);
  if (invocation.version) {
    invocation.words.insert(invocation.words.begin(), "version");
  } else if (invocation.words.empty()) {
    if (!invocation.leading.empty() && !invocation.help) {
      return fail_usage(invocation.error_form, {Errc::InvalidArgument, "no verb was given", ""},
                        "daybook");
    }
    return print(main_help());
  }
  const Result<Chosen> chosen = choose(invocation);
  if (!chosen) return fail_usage(invocation.error_form, chosen.error(), "daybook");
  if (invocation.help) return print(help_of(*chosen->command));
  return run(*chosen, invocation.error_form);
}

}  // namespace daybook::cli
