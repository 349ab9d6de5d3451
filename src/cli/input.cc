// SPDX-License-Identifier: Apache-2.0
#include "cli/input.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/fs/files.h"
#include "cli/context.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

Result<std::string> read_all_of_standard_input() {
  std::string text;
  while (true) {
    const std::size_t before = text.size();
    if (before > kMaxInputBytes) {
      return fail(Errc::LimitExceeded,
                  fmt::format("standard input is larger than {} bytes", kMaxInputBytes));
    }
    text.resize(before + kPieceBytes);
    DAYBOOK_TRY(count, read_standard_input({text.data() + before, kPieceBytes}));
    text.resize(before + count);
    if (count == 0) return text;
  }
}

}  // namespace

Result<std::string> read_input(Environment& env, const std::string& path) {
  if (path == "-") return read_all_of_standard_input();
  DAYBOOK_TRY(bytes, read_file(*env.files, path, kMaxInputBytes));
  return std::string(as_text(bytes));
}

Result<std::string> read_value(Environment& env, const std::string& value) {
  if (value == "-") return read_input(env, value);
  if (value.starts_with('@')) return read_input(env, value.substr(1));
  return value;
}

Result<std::size_t> read_standard_input(std::span<char> buffer) {
  pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {Context::interrupt_descriptor(), POLLIN, 0}};
  while (::poll(waiting, std::size(waiting), -1) < 0 && errno == EINTR) {
  }
  if (Context::interrupted()) return fail(Errc::Interrupted, "interrupted");
  const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EINTR) return fail(Errc::Interrupted, "interrupted");
  return fail(Errc::Io, fmt::format("cannot read standard input: {}", std::strerror(errno)));
}

bool input_is_ready() {
  pollfd descriptor{STDIN_FILENO, POLLIN, 0};
  return ::poll(&descriptor, 1, 0) != 0;
}

bool input_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

}  // namespace daybook::cli
