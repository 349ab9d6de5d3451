// SPDX-License-Identifier: Apache-2.0
//
// Reading what a command was handed: a file, or standard input as "-".
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "daybook/environment.h"
#include "daybook/event.h"

namespace daybook::cli {

inline constexpr std::uint64_t kMaxInputBytes = kMaxDataBytes + (std::uint64_t{1} << 20);

// The whole of a file, or of standard input when `path` is "-".
// Errors: NotFound, LimitExceeded, Io.
[[nodiscard]] Result<std::string> read_input(Environment& env, const std::string& path);

// A value as people hand it in: "-" and "@file" are read, anything else is the
// value itself.
[[nodiscard]] Result<std::string> read_value(Environment& env, const std::string& value);

// Up to `buffer.size()` bytes of standard input; 0 at its end. Interrupted
// when a signal came first.
[[nodiscard]] Result<std::size_t> read_standard_input(std::span<char> buffer);

// Whether standard input has something to read, or its end, right now.
[[nodiscard]] bool input_is_ready();
[[nodiscard]] bool input_is_terminal();

}  // namespace daybook::cli
