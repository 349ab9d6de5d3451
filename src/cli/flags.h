// SPDX-License-Identifier: Apache-2.0
//
// How a verb declares its flags and arguments: a thin layer over CLI11, which
// only flags.cc includes. It keeps values unmangled (CLI11 splits "[a,b]" by
// itself), gives every bad value the same kind of message, and can describe what
// was declared, so that help, man page and completion need no list of their own.
//
// Targets are bound by reference and must outlive the Flags object. Targets
// keep their initial value when the flag is not given.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/error.h"
#include "daybook/types.h"

namespace daybook::cli {

// What help, man page and completion need to know about one option or argument.
struct OptionInfo {
  std::vector<std::string> names;    // "-o", "--output"; for an argument its name in capitals
  std::string value;                 // "FILE"; empty for a switch
  std::vector<std::string> choices;  // the only values there are; may be empty
  std::string help;
  bool argument = false;  // positional
  bool required = false;
  bool repeatable = false;
  bool global = false;  // every verb has it
};

enum class Need : std::uint8_t { Required, Optional };

class Flags {
 public:
  Flags();
  ~Flags();
  Flags(const Flags&) = delete;
  Flags& operator=(const Flags&) = delete;

  // Names are written "--limit" or "-o,--output"; `value` is what help shows
  // for the value ("FILE"). Each returns *this.
  Flags& flag(const std::string& name, bool& target, const std::string& help);
  Flags& text(const std::string& name, std::string& target, const std::string& value,
              const std::string& help);
  // Tells "not given" from "given and empty".
  Flags& text(const std::string& name, std::optional<std::string>& target, const std::string& value,
              const std::string& help);
  Flags& texts(const std::string& name, std::vector<std::string>& target, const std::string& value,
               const std::string& help);  // repeatable
  Flags& choice(const std::string& name, std::string& target,
                const std::vector<std::string>& choices, const std::string& help);
  Flags& number(const std::string& name, std::uint64_t& target, const std::string& value,
                const std::string& help);
  Flags& number(const std::string& name, std::optional<std::uint64_t>& target,
                const std::string& value, const std::string& help);
  // RFC 3339, a date, or a duration before now: "2026-11-20", "90s", "7d".
  Flags& when(const std::string& name, std::optional<Timestamp>& target, const std::string& help);
  // "250ms", "90s", "15m", "24h", "7d".
  Flags& duration(const std::string& name, std::optional<std::chrono::microseconds>& target,
                  const std::string& help);
  // Exactly two values after the flag: `--consistency A B`.
  Flags& numbers(const std::string& name, std::vector<std::uint64_t>& target, std::size_t count,
                 const std::string& value, const std::string& help);

  // A positional argument, in the order of the calls.
  Flags& argument(const std::string& name, std::string& target, Need need, const std::string& help);
  // Any number of them.
  Flags& arguments(const std::string& name, std::vector<std::string>& target, Need need,
                   const std::string& help);
  Flags& choice_argument(const std::string& name, std::string& target,
                         const std::vector<std::string>& choices, const std::string& help);
  // Everything from the first positional (or `--`) on, flags included: for
  // verbs that wrap a command.
  Flags& rest(const std::string& name, std::vector<std::string>& target, const std::string& help);

  // Flags declared after this call are global ones.
  Flags& begin_global();

  // Errors: InvalidArgument, with a suggestion when a flag was mistyped.
  [[nodiscard]] Result<void> parse(const std::vector<std::string>& args);

  // Everything declared, in order.
  [[nodiscard]] std::vector<OptionInfo> describe() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::cli
