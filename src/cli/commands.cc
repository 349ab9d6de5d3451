// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include <algorithm>

namespace daybook::cli {
namespace {

#define DAYBOOK_COMMAND(name) &name##_command,
constexpr const Command* kCommands[] = {DAYBOOK_COMMANDS};
#undef DAYBOOK_COMMAND

}  // namespace

std::span<const Command* const> all_commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const auto* found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [&](const Command* command) { return command->name == name; });
  return found == std::end(kCommands) ? nullptr : *found;
}

}  // namespace daybook::cli
