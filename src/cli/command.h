// SPDX-License-Identifier: Apache-2.0
//
// What a verb of the command line is. To add one: write src/cli/<verb>.cc with a
// class derived from Verb and a `const Command <verb>_command`, and add one line
// to src/cli/commands.h. Help, man page, completion, suggestions, JSON errors,
// exit codes and the tests of the examples follow by themselves.
//
// A verb object lives for one invocation: add() binds flags to its members,
// run() does the work. It holds no logic that a library user would miss.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "cli/exit_code.h"
#include "daybook/error.h"

namespace daybook::cli {

class Context;
class Flags;

class Verb {
 public:
  virtual ~Verb() = default;

  // Declares the verb's flags and arguments. Cheap: touches no disk.
  virtual void add(Flags& flags) = 0;

  // Does the work. Data goes to context.out(), everything else to
  // context.note() and context.warn(). An Error returned here is printed by the
  // framework in the form the caller asked for, and exit_code_of() gives its exit code.
  [[nodiscard]] virtual Result<ExitCode> run(Context& context) = 0;
};

// An example shown by --help, and run by tests/cli/run.py in a small ledger.
struct Example {
  std::string_view command;  // "daybook query --since 24h"
  std::string_view what;     // "what happened since yesterday"
};

struct Command {
  std::string_view name;              // "query"; two words are fine: "config show"
  std::string_view summary;           // one line, lower case, no period
  std::string_view details;           // paragraphs for --help and the man page; may be empty
  std::span<const Example> examples;  // at least two
  std::unique_ptr<Verb> (*make)();
};

template <class T>
[[nodiscard]] std::unique_ptr<Verb> make_verb() {
  return std::make_unique<T>();
}

}  // namespace daybook::cli
