// SPDX-License-Identifier: Apache-2.0
//
// JSON laid out for people. Only white space is added or taken away: numbers and
// strings stay byte for byte as they were recorded. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/output.h"

namespace daybook::cli {

// `json` must be valid; two spaces a level, keys coloured where colour is on.
[[nodiscard]] std::string pretty_json(std::string_view json, const Output& out);

}  // namespace daybook::cli
