// SPDX-License-Identifier: Apache-2.0
//
// Events of a record beyond what include/daybook/import.h offers: what the importer
// needs to tell the start of a session from a change of it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "daybook/event.h"
#include "daybook/transcript.h"

namespace daybook::transcript {

// Names that differ only in what is told here are the same state of a session.
[[nodiscard]] std::string session_state_key(const SessionInfo& session);

// Makes "session/started" of a record "session/changed".
void make_change(NewEvent& event, const SessionInfo& session);

// `text` when it is fit to be a name of up to `max_bytes`, else its readable
// beginning, "~" and the first 16 digits of its SHA-256.
[[nodiscard]] std::string fit_name(std::string_view text, std::size_t max_bytes);

// "tool:<name>": the subject of calls and results.
inline constexpr std::string_view kToolSubject = "tool:";

}  // namespace daybook::transcript
