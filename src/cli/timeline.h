// SPDX-License-Identifier: Apache-2.0
//
// The lines of `events` and `why`: glyph, number, title, detail, causes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/fact.h"
#include "daybook/index.h"

namespace daybook::cli {

// Tells events by number: "#7" within the stream a view is about, "run/x#3"
// elsewhere. Remembers what it looked up, within a bound.
class EventNames {
 public:
  EventNames(Ledger& ledger, std::string stream) : ledger_(&ledger), stream_(std::move(stream)) {}

  void learn(const EventId& id, std::string_view stream, Version version);
  // An event that cannot be read is told by its id.
  [[nodiscard]] std::string name_of(const EventId& id);
  [[nodiscard]] std::string name_of(std::string_view stream, Version version) const;
  [[nodiscard]] const std::string& stream() const { return stream_; }

 private:
  Ledger* ledger_;
  std::string stream_;
  std::unordered_map<EventId, std::string> known_;
};

// One line of a timeline or a chain. Numbers are padded to `number_columns`.
void print_fact(Output& out, const EventView& event, const Fact& fact, EventNames& names,
                std::size_t number_columns = 0);

// The same as a JSON row: the compact row, "trace/summary" and
// "trace/cause-event-ids" (numbers in the same stream, "stream#N" elsewhere).
void append_trace_row(std::string& json, const EventView& event, const Fact& fact,
                      EventNames& names);

enum class Towards : std::uint8_t { Causes, Effects };

struct ChainView {
  Towards towards = Towards::Causes;
  std::uint64_t limit = 10'000;
  bool json = false;
  std::string shown_name;  // what to call the stream; empty: its full name
};

// `events --event N` and `why`: the causal chain of one event, across streams.
[[nodiscard]] Result<ExitCode> show_chain(Context& context, Ledger& ledger, const Event& event,
                                          const ChainView& view);

}  // namespace daybook::cli
