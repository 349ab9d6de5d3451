// SPDX-License-Identifier: Apache-2.0
//
// What fills a view: takes the log's events one by one, in order, inside a
// write transaction. FieldsWriter fills index.db, TextWriter text.db.
#pragma once

#include <cstdint>
#include <string_view>

#include "daybook/event.h"

namespace daybook::views {

class EventWriter {
 public:
  EventWriter() = default;
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;
  virtual ~EventWriter() = default;

  enum class Added : std::uint8_t { Whole, Cut };  // Cut: a part is over a limit

  // `json` is the event's data, empty when it has none.
  [[nodiscard]] virtual Result<Added> add(const EventView& event, std::string_view json) = 0;
  // Writes what was collected; call before the commit.
  [[nodiscard]] virtual Result<void> flush() = 0;
};

}  // namespace daybook::views
