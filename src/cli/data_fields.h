// SPDX-License-Identifier: Apache-2.0
//
// The small scalars of an event's data: ids, status, summary. What the views
// need to tell an event in one line, without ever showing its payload text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/event.h"

namespace daybook::cli {

inline constexpr std::size_t kMaxDataFields = 64;
inline constexpr std::size_t kMaxFieldBytes = 512;
inline constexpr std::size_t kMaxFieldDataBytes = std::size_t{1} << 20;  // larger data: no fields

class DataFields {
 public:
  // Top-level scalars of a JSON object, and those of its member "payload"
  // under "payload.<name>". Anything that is no such object has no fields.
  [[nodiscard]] static DataFields of(const EventView& event);

  // The JSON text of a member; empty when there is none.
  [[nodiscard]] std::string_view raw(std::string_view name) const;
  // A member as text: a string's content, another scalar's JSON text.
  [[nodiscard]] std::string text(std::string_view name) const;
  // The same for the first of `names` that is there.
  [[nodiscard]] std::string first_text(std::initializer_list<std::string_view> names) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;  // name, JSON text
};

// What a person wants to read first: data.summary, payload.summary, message.
[[nodiscard]] std::string summary_of(const DataFields& fields);

// data.subsystem, else the subject without "subsystem:".
[[nodiscard]] std::string subsystem_of(const EventView& event, const DataFields& fields);

}  // namespace daybook::cli
