// SPDX-License-Identifier: Apache-2.0
#include "base/ulid.h"

#include <algorithm>

#include "base/bytes.h"

namespace daybook {
namespace {

constexpr std::int64_t kMaxMillis = (std::int64_t{1} << 48) - 1;

std::uint64_t high_of(const EventId& id) {
  return __builtin_bswap64(load<std::uint64_t>(id.bytes.data()));
}

std::uint64_t low_of(const EventId& id) {
  return __builtin_bswap64(load<std::uint64_t>(id.bytes.data() + 8));
}

EventId make_id(std::uint64_t high, std::uint64_t low) {
  EventId id;
  store(id.bytes.data(), __builtin_bswap64(high));
  store(id.bytes.data() + 8, __builtin_bswap64(low));
  return id;
}

}  // namespace

EventId UlidGenerator::next(Timestamp now) {
  const auto millis =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(now.micros / 1000, 0, kMaxMillis));
  if (millis > high_of(last_) >> 16) {
    EventId id;
    entropy_->fill(std::span(id.bytes).subspan(6));
    last_ = make_id(millis << 16 | (high_of(id) & 0xFFFF), low_of(id));
  } else {
    // The clock stood still or stepped back: count on. A full random part
    // carries into the time part, which then runs ahead of the clock.
    const std::uint64_t low = low_of(last_) + 1;
    last_ = make_id(high_of(last_) + (low == 0 ? 1 : 0), low);
  }
  return last_;
}

Timestamp time_of(const EventId& id) {
  return Timestamp{static_cast<std::int64_t>(high_of(id) >> 16) * 1000};
}

}  // namespace daybook
