// SPDX-License-Identifier: Apache-2.0
//
// Finds the events that are the causes of a record: in the batch that is being
// put together, among those appended in this pass, else in the ledger by key.
// Memory is bounded: what is forgotten is found by key again.
// Not thread-safe; one for each file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/ledger.h"
#include "transcript/bounded_map.h"

namespace daybook::transcript {

inline constexpr std::size_t kMaxRemembered = 65'536;       // events of one pass
inline constexpr std::uint64_t kMaxCallSearch = 1'000'000;  // events looked at for one call

// An event that may be a cause.
struct Cause {
  enum class Place : std::uint8_t {
    Batch,    // `index` in the batch at hand
    Ledger,   // `id`
    LeftOut,  // known, and not imported
  };
  Place place = Place::LeftOut;
  std::uint32_t index = 0;
  EventId id = {};
  friend bool operator==(const Cause&, const Cause&) = default;
};

class CauseFinder {
 public:
  explicit CauseFinder(Ledger& ledger) : ledger_(&ledger) {}

  // An event that has just been put into the batch; `call`: the tool call it is.
  void add(const NewEvent& event, std::uint32_t index, std::string_view call);
  void leave_out(std::string_view stream, std::string_view key);
  // The batch was appended: its events have ids now.
  void settle(std::span<const NewEvent> batch, std::span<const Receipt> receipts);

  // The event with this key; nothing when it is nowhere.
  [[nodiscard]] Result<std::optional<Cause>> find(std::string_view stream, std::string_view key);
  // The tool call of this id; looks through the stream from its end when it has to.
  [[nodiscard]] Result<std::optional<Cause>> find_call(const std::string& stream,
                                                       std::string_view call);

 private:
  static std::string name(std::string_view stream, std::string_view key);
  void settle(BoundedMap<Cause>& map, const std::string& name, const EventId& id);

  Ledger* ledger_;
  BoundedMap<Cause> events_{kMaxRemembered};
  BoundedMap<Cause> calls_{kMaxRemembered};
  std::vector<std::string> batch_calls_;  // names in calls_, by index in the batch; empty: none
};

// Adds a cause to an event, once.
void add_cause(NewEvent& event, const Cause& cause);

}  // namespace daybook::transcript
