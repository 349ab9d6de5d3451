// SPDX-License-Identifier: Apache-2.0
#include "bench/history.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "bench/system.h"

namespace daybook::bench {
namespace {

constexpr std::uint64_t kSeed = 4711;
constexpr std::uint64_t kBatchEvents = 1000;
constexpr std::uint64_t kForeignCauseEvery = 500;

}  // namespace

History::History(std::string path) : path_(std::move(path)), random_(kSeed), streams_(kStreams) {
  remove_tree(path_);
}

History::~History() { remove_tree(path_); }

Result<void> History::grow(std::uint64_t events) {
  if (events_ >= events) return {};
  DAYBOOK_TRY(ledger, events_ == 0 ? Ledger::create(path_) : Ledger::open(path_));
  std::vector<NewEvent> batch;
  while (events_ < events) {
    batch.clear();
    touched_.clear();
    const auto count = std::min(kBatchEvents, events - events_);
    for (std::uint32_t i = 0; i < count; ++i) batch.push_back(next_event(i));
    DAYBOOK_TRY(receipts, ledger.append(batch, {.durability = Durability::Memory}));
    adopt(receipts);
    events_ += count;
  }
  return ledger.close();
}

NewEvent History::next_event(std::uint32_t index) {
  const std::uint64_t bits = random_();
  if ((events_ + index) % kTurnEvents == 0) current_ = bits % kStreams;
  Stream& stream = streams_[current_];
  const std::uint64_t step = stream.events % kTurnEvents;

  std::array<char, kPayloadBytes> text{};
  write_payload(events_ + index, random_, text);
  NewEvent event{.stream = stream_names()[current_],
                 .type = type_names()[step % kTypes],
                 .data = std::string(text.data(), text.size()),
                 .actor = fmt::format("agent:{:02}", bits / kStreams % 20),
                 .subject = fmt::format("subsystem:{:02}", bits / kStreams % 50),
                 .correlation = correlation_of(events_ + index + 1)};
  if (stream.events % kSessionEvents != 0) add_cause(event, stream.last);
  if (step == kTurnEvents - 1) add_cause(event, stream.turn);
  if ((bits >> 40) % kForeignCauseEvery == 0) add_cause(event, streams_[bits % kStreams].last);

  const Cause self{.place = Cause::Place::Batch, .index = index, .id = {}};
  if (stream.last.place != Cause::Place::Batch) touched_.push_back(current_);
  stream.last = self;
  if (step == 0) stream.turn = self;
  ++stream.events;
  return event;
}

void History::add_cause(NewEvent& event, const Cause& cause) {
  if (cause.place == Cause::Place::Ledger) {
    if (std::find(event.causes.begin(), event.causes.end(), cause.id) == event.causes.end()) {
      event.causes.push_back(cause.id);
    }
  } else if (cause.place == Cause::Place::Batch) {
    auto& causes = event.batch_causes;
    if (std::find(causes.begin(), causes.end(), cause.index) == causes.end()) {
      causes.push_back(cause.index);
    }
  }
}

void History::adopt(const std::vector<Receipt>& receipts) {
  for (const std::size_t number : touched_) {
    for (Cause* cause : {&streams_[number].last, &streams_[number].turn}) {
      if (cause->place != Cause::Place::Batch) continue;
      cause->id = receipts[cause->index].id;
      cause->place = Cause::Place::Ledger;
    }
  }
}

std::string History::correlation_of(std::uint64_t seq) {
  return fmt::format("work/{:08}", (seq - 1) / kCorrelatedEvents);
}

}  // namespace daybook::bench
