// SPDX-License-Identifier: Apache-2.0
#include "index/event_reader.h"

#include "index/log_walk.h"

namespace daybook::views {

bool EventReader::is_before(Seq a, Seq b) const {
  return direction_ == Direction::Forward ? a < b : a > b;
}

bool EventReader::is_near(Seq seq) const {
  if (latest_.value == 0) return false;
  const std::uint64_t distance =
      seq > latest_ ? seq.value - latest_.value : latest_.value - seq.value;
  return distance <= kNear;
}

Result<std::optional<Event>> EventReader::read(Seq seq) {
  near_ones_ = is_near(seq) ? near_ones_ + 1 : 0;
  latest_ = seq;
  if (near_ones_ < kNearOnesBeforeCursor) {
    cursor_.reset();
    ahead_.reset();
  } else if (!cursor_) {
    const bool forward = direction_ == Direction::Forward;
    DAYBOOK_TRY(cursor, ledger_->scan({.from = forward ? seq : kFirstSeq,
                                       .to = forward ? kLastSeq : seq,
                                       .direction = direction_,
                                       .stream = {}}));
    cursor_ = std::move(cursor);
  }
  DAYBOOK_TRY(event, cursor_ ? read_on(seq) : read_one(seq));
  if (!event) add_lost(lost_, {.file = {}, .first = seq, .last = seq});
  return event;
}

Result<std::optional<Event>> EventReader::read_one(Seq seq) {
  auto event = ledger_->read(seq);
  if (event) return std::optional(*std::move(event));
  const Errc code = event.error().code;
  if (code == Errc::Corruption || code == Errc::NotFound) return std::nullopt;
  return fail(std::move(event).error());
}

Result<std::optional<Event>> EventReader::read_on(Seq seq) {
  if (ahead_) {
    if (ahead_->seq == seq) return std::exchange(ahead_, std::nullopt);
    if (is_before(seq, ahead_->seq)) return std::nullopt;
    ahead_.reset();
  }
  for (;;) {
    DAYBOOK_TRY(event, cursor_->next());
    if (event == nullptr) return std::nullopt;
    if (is_before(event->seq, seq)) continue;
    if (event->seq == seq) return to_event(*event);
    ahead_ = to_event(*event);
    return std::nullopt;
  }
}

}  // namespace daybook::views
