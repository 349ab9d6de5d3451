// SPDX-License-Identifier: Apache-2.0
//
// Help for people, made from what the verbs declare. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/flags.h"

namespace daybook::cli {

inline constexpr std::string_view kTagline = "the book of original entry for AI agents";

struct GlobalFlags;

// Declares the flags that every verb has.
void add_global_flags(Flags& flags, GlobalFlags& global);

// Everything `command` declares, the global flags last.
[[nodiscard]] std::vector<OptionInfo> options_of(const Command& command);

// "daybook query [flags]", "daybook events [flags] STREAM".
[[nodiscard]] std::string synopsis_of(const Command& command,
                                      const std::vector<OptionInfo>& options);

// "-o, --output FILE".
[[nodiscard]] std::string spelling_of(const OptionInfo& option);

[[nodiscard]] std::string help_of(const Command& command);
[[nodiscard]] std::string main_help();

}  // namespace daybook::cli
