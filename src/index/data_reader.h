// SPDX-License-Identifier: Apache-2.0
//
// The JSON text of an event's data, wherever it is. What is not there by
// design (none, erased) is an empty text; what should be there and cannot be
// read (a damaged block, a missing or broken blob) is nullopt, so that nobody
// takes it for "does not match".
// Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "daybook/ledger.h"

namespace daybook::views {

class DataReader {
 public:
  explicit DataReader(Ledger& ledger) : ledger_(&ledger) {}

  // Works for Event and EventView. The text is valid until the next call and
  // as long as the event. Errors: Io and the like; worth trying again.
  template <class AnyEvent>
  [[nodiscard]] Result<std::optional<std::string_view>> text_of(const AnyEvent& event) {
    return text_of(event.data_state, event.data, event.blob);
  }

 private:
  [[nodiscard]] Result<std::optional<std::string_view>> text_of(DataState state,
                                                                std::string_view inline_data,
                                                                const Digest& digest);
  Ledger* ledger_;
  Bytes blob_;
};

}  // namespace daybook::views
