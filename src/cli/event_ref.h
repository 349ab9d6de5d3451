// SPDX-License-Identifier: Apache-2.0
//
// How people name an event or a stream on the command line.
#pragma once

#include <string>
#include <string_view>

#include "daybook/ledger.h"

namespace daybook::cli {

inline constexpr std::string_view kEventRefHelp = "seq (7 or '#7'), id, or STREAM#VERSION";

// The event meant by `text`: a seq "7" or "#7", a ULID, or "task/backup#3", the
// third event of a stream (named in full or by its unique ending).
// Errors: InvalidArgument, NotFound, Corruption (it was there and is damaged).
[[nodiscard]] Result<Event> find_event(Ledger& ledger, std::string_view text);

// The position behind `after`, the last event that a reader has seen, for Ledger::scan.
[[nodiscard]] Seq first_after(std::uint64_t after);

// The full name of a stream given in full or by what follows its "/":
// "demo" finds "session/demo" when no other stream ends in "/demo".
// Errors: NotFound, with a suggestion; InvalidArgument when several match.
[[nodiscard]] Result<std::string> find_stream(Ledger& ledger, std::string_view name);

// The event at a version of a stream. Cost: O(distance to the stream's nearer end).
[[nodiscard]] Result<Event> event_at(Ledger& ledger, const std::string& stream, Version version);

}  // namespace daybook::cli
