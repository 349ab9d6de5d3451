// SPDX-License-Identifier: Apache-2.0
#include "transcript/import_causes.h"

#include <algorithm>

#include <fmt/format.h>

#include "daybook/import.h"

namespace daybook::transcript {

std::string CauseFinder::name(std::string_view stream, std::string_view key) {
  return fmt::format("{}{}{}", stream, '\0', key);
}

void CauseFinder::add(const NewEvent& event, std::uint32_t index, std::string_view call) {
  const Cause cause{.place = Cause::Place::Batch, .index = index};
  events_.put(name(event.stream, event.key), cause);
  batch_calls_.resize(index + 1);
  if (call.empty()) return;
  batch_calls_[index] = name(event.stream, call);
  calls_.put(batch_calls_[index], cause);
}

void CauseFinder::leave_out(std::string_view stream, std::string_view key) {
  events_.put(name(stream, key), Cause{});
}

void CauseFinder::settle(BoundedMap<Cause>& map, const std::string& name, const EventId& id) {
  if (Cause* cause = map.find(name)) *cause = {.place = Cause::Place::Ledger, .id = id};
}

void CauseFinder::settle(std::span<const NewEvent> batch, std::span<const Receipt> receipts) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    settle(events_, name(batch[i].stream, batch[i].key), receipts[i].id);
    if (i < batch_calls_.size() && !batch_calls_[i].empty()) {
      settle(calls_, batch_calls_[i], receipts[i].id);
    }
  }
  batch_calls_.clear();
}

Result<std::optional<Cause>> CauseFinder::find(std::string_view stream, std::string_view key) {
  const std::string wanted = name(stream, key);
  if (const Cause* known = events_.find(wanted)) return *known;
  DAYBOOK_TRY(event, ledger_->find_key(stream, key));
  if (!event) return std::nullopt;
  return events_.put(wanted, {.place = Cause::Place::Ledger, .id = event->id});
}

Result<std::optional<Cause>> CauseFinder::find_call(const std::string& stream,
                                                    std::string_view call) {
  const std::string wanted = name(stream, call);
  if (const Cause* known = calls_.find(wanted)) return *known;
  DAYBOOK_TRY(cursor, ledger_->scan({.direction = Direction::Backward, .stream = stream}));
  for (std::uint64_t looked = 0; looked < kMaxCallSearch; ++looked) {
    DAYBOOK_TRY(event, cursor.next());
    if (event == nullptr) break;
    if (event->type != "tool/called") continue;
    const auto record = to_record(*ledger_, to_event(*event));
    if (!record || record->record.call != call) continue;
    return calls_.put(wanted, {.place = Cause::Place::Ledger, .id = event->id});
  }
  return std::nullopt;
}

void add_cause(NewEvent& event, const Cause& cause) {
  if (cause.place == Cause::Place::Batch &&
      std::ranges::find(event.batch_causes, cause.index) == event.batch_causes.end()) {
    event.batch_causes.push_back(cause.index);
  } else if (cause.place == Cause::Place::Ledger &&
             std::ranges::find(event.causes, cause.id) == event.causes.end()) {
    event.causes.push_back(cause.id);
  }
}

}  // namespace daybook::transcript
