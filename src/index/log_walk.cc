// SPDX-License-Identifier: Apache-2.0
#include "index/log_walk.h"

#include <algorithm>

namespace daybook::views {

LogWalk::LogWalk(Cursor cursor, Seq from, Seq to, Direction direction)
    : cursor_(std::move(cursor)),
      from_(from),
      to_(to),
      direction_(direction),
      expected_(direction == Direction::Forward ? from : to) {}

Result<LogWalk> LogWalk::open(Ledger& ledger, Seq from, Seq to, Direction direction) {
  DAYBOOK_TRY(cursor, ledger.scan({.from = from, .to = to, .direction = direction, .stream = {}}));
  return LogWalk(std::move(cursor), from, to, direction);
}

Result<const EventView*> LogWalk::next() {
  DAYBOOK_TRY(event, cursor_.next());
  if (event != nullptr) {
    see(event->seq);
  } else if (!ended_) {
    ended_ = true;
    if (direction_ == Direction::Backward && expected_ >= from_ && expected_.value != 0) {
      add_gap(from_, expected_);
    }
  }
  return event;
}

void LogWalk::see(Seq seq) {
  if (direction_ == Direction::Forward) {
    if (seq > expected_) add_gap(expected_, Seq{seq.value - 1});
    expected_ = seq.next();
  } else {
    if (seq < expected_) add_gap(seq.next(), expected_);
    expected_ = Seq{seq.value - 1};
  }
}

void LogWalk::add_gap(Seq first, Seq last) {
  if (gaps_.size() < kMaxLostRanges) {
    gaps_.push_back({.first = first, .last = last});
  } else {
    gaps_.back().first = std::min(gaps_.back().first, first);
    gaps_.back().last = std::max(gaps_.back().last, last);
  }
}

// A damaged range of unknown events may be any gap.
bool LogWalk::is_explained(const Gap& gap) const {
  const auto& lost = cursor_.lost();
  return std::any_of(lost.begin(), lost.end(), [&](const LostRange& range) {
    return range.first.value == 0 || (range.first <= gap.first && range.last >= gap.last);
  });
}

std::vector<LostRange> LogWalk::lost() const {
  std::vector<LostRange> lost;
  for (const LostRange& range : cursor_.lost()) add_lost(lost, range);
  for (const Gap& gap : gaps_) {
    if (!is_explained(gap)) add_lost(lost, {.file = {}, .first = gap.first, .last = gap.last});
  }
  return lost;
}

Seq LogWalk::reached() const {
  const Seq yielded{expected_.value - 1};
  if (yielded >= to_ || !ended_) return yielded;
  return is_explained({.first = expected_, .last = to_}) ? to_ : yielded;
}

void add_lost(std::vector<LostRange>& lost, const LostRange& range) {
  if (lost.size() < kMaxLostRanges) {
    lost.push_back(range);
    return;
  }
  LostRange& last = lost.back();
  last.first = last.first.value == 0 ? range.first : std::min(last.first, range.first);
  last.last = std::max(last.last, range.last);
}

}  // namespace daybook::views
