// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

namespace daybook::cli {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

// Bytes written, or the reason why not all of them were.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

bool environment_allows_color() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return term != nullptr && std::strcmp(term, "dumb") != 0;
}

std::string_view escape_of(Paint paint) {
  switch (paint) {
    case Paint::Plain:
      return "";
    case Paint::Bold:
      return "\x1b[1m";
    case Paint::Dim:
      return "\x1b[2m";
    case Paint::Red:
      return "\x1b[31m";
    case Paint::Green:
      return "\x1b[32m";
    case Paint::Yellow:
      return "\x1b[33m";
    case Paint::Blue:
      return "\x1b[34m";
    case Paint::Cyan:
      return "\x1b[36m";
  }
  return "";
}

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

Output::Output() : is_terminal_(::isatty(STDOUT_FILENO) == 1) {
  set_color("auto");
  winsize size{};
  if (is_terminal_ && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width_ = size.ws_col;
}

void Output::set_color(std::string_view mode) {
  if (mode == "always") {
    color_ = true;
  } else if (mode == "never") {
    color_ = false;
  } else {
    color_ = is_terminal_ && environment_allows_color();
  }
}

void Output::write(std::string_view text) {
  if (closed_ || error_ != 0) return;
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) drain();
}

void Output::line(std::string_view text) {
  write(text);
  write("\n");
}

std::string Output::paint(Paint paint, std::string_view text) const {
  if (!color_ || paint == Paint::Plain || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", escape_of(paint), text);
}

void Output::take_back() {
  if (!drained_) buffer_.clear();
}

void Output::drain() {
  drained_ = true;
  const int error = write_all(STDOUT_FILENO, buffer_);
  buffer_.clear();
  if (error == EPIPE) {
    closed_ = true;
  } else if (error != 0) {
    error_ = error;
  }
}

Result<void> Output::flush() {
  if (!closed_ && error_ == 0 && !buffer_.empty()) drain();
  if (error_ != 0) {
    return fail(Errc::Io,
                fmt::format("cannot write to standard output: {}", std::strerror(error_)));
  }
  return {};
}

bool Output::reader_gone() const {
  pollfd descriptor{STDOUT_FILENO, 0, 0};
  return closed_ || (::poll(&descriptor, 1, 0) == 1 && (descriptor.revents & POLLERR) != 0);
}

void write_error_text(std::string_view text) { (void)write_all(STDERR_FILENO, text); }

bool error_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte == '\n' || byte == '\r' || byte == '\t') {
      out.push_back(' ');
    } else if (byte < 0x20 || byte == 0x7F || c1) {
      out.append("\xEF\xBF\xBD");  // U+FFFD
      if (c1) ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  std::size_t characters = 0;
  std::size_t keep = 0;  // bytes of the first columns - 1 characters
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!starts_character(text[i])) continue;
    ++characters;
    if (characters == columns) keep = i;
  }
  if (characters <= columns) return std::string(text);
  return std::string(text.substr(0, keep)) + "…";
}

std::string human_count(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return counted(bytes, "byte");
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string human_duration(std::int64_t micros) {
  const std::uint64_t millis = micros < 0 ? 0 : static_cast<std::uint64_t>(micros) / 1000;
  const std::uint64_t seconds = millis / 1000;
  if (millis < 1000) return fmt::format("{} ms", millis);
  if (seconds < 120) return counted(seconds, "second");
  if (seconds < 7200) return counted(seconds / 60, "minute");
  if (seconds < 172'800) return counted(seconds / 3600, "hour");
  return counted(seconds / 86'400, "day");
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", human_count(count), noun, count == 1 ? "" : "s");
}

}  // namespace daybook::cli
