// SPDX-License-Identifier: Apache-2.0
//
// The messages of Claude Code's files, which other harnesses built on it write, too:
// what their content blocks are, whose words they hold, and how a call ended.
// Nothing here keeps state.
#pragma once

#include <string_view>

#include "transcript/emitter.h"
#include "transcript/json_view.h"

namespace daybook::transcript {

// Sends one text that stands under the user's role: `origin` is what the line says
// about it, Said when it says nothing.
using UserTextSink = void (*)(std::string_view text, Origin origin, Emitter& out);

// The rule of Claude Code: reminders, commands, notifications and the like, each
// known by how it begins, are told apart from what the user said.
void emit_claude_user_text(std::string_view text, Origin origin, Emitter& out);

// A line of the type "user" or "assistant".
void decode_claude_user(object line, Origin origin, UserTextSink sink, Emitter& out);
void decode_claude_assistant(object line, Emitter& out);

}  // namespace daybook::transcript
