// SPDX-License-Identifier: Apache-2.0
//
// An event as text for programs: the whole envelope as JSON, as a CloudEvent,
// as a CSV row. Data appears byte for byte, except that line breaks between
// its tokens become spaces where one event is one line. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/event.h"

namespace daybook::cli {

// The same event without copying; valid as long as `event`.
[[nodiscard]] EventView view_of(const Event& event);

enum class EventFormat : std::uint8_t { Envelope, CloudEvents, Csv };

// Appends the event in one line, without the line break. `data` replaces the
// event's own where it was read from the blob store.
void append_event(std::string& out, EventFormat format, const EventView& event,
                  std::optional<std::string_view> data = std::nullopt);

// The envelope as a JSON object whose data keeps its line breaks.
void append_envelope(std::string& out, const EventView& event,
                     std::optional<std::string_view> data = std::nullopt);

// First line of a CSV file.
[[nodiscard]] std::string_view csv_header();

[[nodiscard]] std::string_view to_string(DataState state);  // "none", "inline", ...

}  // namespace daybook::cli
