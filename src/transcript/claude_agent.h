// SPDX-License-Identifier: Apache-2.0
//
// What the files beside a sub-agent's own tell of it: its kind, who started it and
// with which call. Claude Code writes that into `agent-<id>.meta.json`; versions
// that leave the call out name the agent in the parent's file, where a progress line
// or the call's result does. Nothing here keeps state.
#pragma once

#include <string>
#include <string_view>

#include "transcript/reader.h"

namespace daybook::transcript {

// A directory of sub-agents' files, named like the session beside it.
inline constexpr std::string_view kClaudeAgentDirectory = "subagents";

// The session of a file by its name without suffix: of a sub-agent the agent's id.
[[nodiscard]] std::string claude_session(std::string_view stem);

// Reader::start() of a file of Claude Code. Files that are missing tell nothing.
void start_claude_file(const TranscriptFile& file, FileState& state, const Environment& env);

}  // namespace daybook::transcript
