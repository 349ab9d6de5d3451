// SPDX-License-Identifier: Apache-2.0
//
// A line of Claude Code's files, whatever its type. Shared with harnesses that run
// Claude Code and differ in how the user's words reach it. Nothing here keeps state.
#pragma once

#include "transcript/claude_message.h"
#include "transcript/file_state.h"

namespace daybook::transcript {

// A note in the state of a sub-agent's own file: its lines name the parent's session.
inline constexpr std::string_view kClaudeAgentNote = "agent";

void decode_claude_line(object line, FileState& state, UserTextSink sink, Emitter& out);

// Whether a record looks like one of Claude Code's.
[[nodiscard]] bool is_claude_record(object record);

}  // namespace daybook::transcript
