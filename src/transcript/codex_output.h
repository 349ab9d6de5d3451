// SPDX-License-Identifier: Apache-2.0
//
// What Codex hands back from a tool: a text, with the exit code in a heading, or in
// an envelope of JSON in older versions. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "transcript/emitter.h"
#include "transcript/flat_message.h"
#include "transcript/json_view.h"

namespace daybook::transcript {

struct CodexOutput {
  std::string_view text;  // without the heading
  Verdict verdict;
};

[[nodiscard]] CodexOutput read_codex_output(element output, Emitter& out);

}  // namespace daybook::transcript
