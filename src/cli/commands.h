// SPDX-License-Identifier: Apache-2.0
//
// The verbs, in the order in which `daybook help` lists them. One line each:
// DAYBOOK_COMMAND(name) names an object `const Command name_command`.
#pragma once

#include <span>
#include <string_view>

#include "cli/command.h"

namespace daybook::cli {

#define DAYBOOK_COMMANDS           \
  DAYBOOK_COMMAND(init)            \
  DAYBOOK_COMMAND(append)          \
  DAYBOOK_COMMAND(supervise)       \
  DAYBOOK_COMMAND(import)          \
  DAYBOOK_COMMAND(query)           \
  DAYBOOK_COMMAND(events)          \
  DAYBOOK_COMMAND(tree)            \
  DAYBOOK_COMMAND(why)             \
  DAYBOOK_COMMAND(stream)          \
  DAYBOOK_COMMAND(show)            \
  DAYBOOK_COMMAND(review_nightly)  \
  DAYBOOK_COMMAND(review_sessions) \
  DAYBOOK_COMMAND(review_trend)    \
  DAYBOOK_COMMAND(issues_list)     \
  DAYBOOK_COMMAND(issues_pending)  \
  DAYBOOK_COMMAND(zones)           \
  DAYBOOK_COMMAND(status)          \
  DAYBOOK_COMMAND(verify)          \
  DAYBOOK_COMMAND(checkpoint)      \
  DAYBOOK_COMMAND(known)           \
  DAYBOOK_COMMAND(known_forget)    \
  DAYBOOK_COMMAND(prove)           \
  DAYBOOK_COMMAND(verify_proof)    \
  DAYBOOK_COMMAND(repair)          \
  DAYBOOK_COMMAND(export)          \
  DAYBOOK_COMMAND(backup)          \
  DAYBOOK_COMMAND(restore_ledger)  \
  DAYBOOK_COMMAND(rebuild)         \
  DAYBOOK_COMMAND(gc)              \
  DAYBOOK_COMMAND(config_show)     \
  DAYBOOK_COMMAND(completion)      \
  DAYBOOK_COMMAND(man)             \
  DAYBOOK_COMMAND(version)         \
  DAYBOOK_COMMAND(help)

#define DAYBOOK_COMMAND(name) extern const Command name##_command;
DAYBOOK_COMMANDS
#undef DAYBOOK_COMMAND

// All of them, in this order.
[[nodiscard]] std::span<const Command* const> all_commands();

// The command called exactly `name` ("query", "config show"); nullptr when none is.
[[nodiscard]] const Command* find_command(std::string_view name);

}  // namespace daybook::cli
