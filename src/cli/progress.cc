// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <fmt/format.h>

#include "cli/context.h"

namespace daybook::cli {
namespace {

constexpr std::uint64_t kQuietMicros = 500'000;  // shorter work shows nothing
constexpr std::uint64_t kEveryMicros = 100'000;
constexpr std::string_view kWipe = "\r\x1b[K";

std::string in_unit(std::uint64_t value, Progress::Unit unit) {
  return unit == Progress::Unit::Bytes ? human_bytes(value) : human_count(value);
}

}  // namespace

Progress::Progress(Context& context, std::string_view what)
    : enabled_(!context.global().quiet && error_is_terminal()),
      what_(what),
      clock_(context.env().clock),
      started_(enabled_ ? clock_->monotonic_micros() : 0) {}

Progress::~Progress() {
  if (shown_ != 0) write_error_text(kWipe);
}

void Progress::update(std::uint64_t done, std::uint64_t total, Unit unit) {
  if (!enabled_) return;
  const std::lock_guard lock(mutex_);
  const std::uint64_t now = clock_->monotonic_micros();
  if (now - started_ < kQuietMicros || now - shown_ < kEveryMicros) return;
  shown_ = now;
  std::string line = fmt::format("{}{} {}", kWipe, what_, in_unit(done, unit));
  if (total != 0) {
    fmt::format_to(
        std::back_inserter(line), " of {} ({} %)", in_unit(total, unit),
        static_cast<std::uint64_t>(100.0 * static_cast<double>(done) / static_cast<double>(total)));
  }
  write_error_text(line);
}

}  // namespace daybook::cli
