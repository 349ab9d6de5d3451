// SPDX-License-Identifier: Apache-2.0
#include "cli/memory.h"

#include <fmt/format.h>

#include "cli/config_files.h"
#include "cli/output.h"
#include "cli/settings.h"

namespace daybook::cli {
namespace {

std::string found_by(const KnownComparison& seen) {
  switch (seen.standing) {
    case Standing::RolledBack:
      return fmt::format("the same ledger with {}", counted(seen.events, "event"));
    case Standing::Rewritten:
      return "the same ledger, but other events among those that were signed";
    case Standing::OtherKey:
      return "the same ledger with another signing key";
    default:
      return "another ledger";
  }
}

}  // namespace

std::optional<KnownLedgers> open_memory(Environment& env) {
  const std::string state = xdg_directory("XDG_STATE_HOME", ".local/state");
  if (state.empty()) return std::nullopt;
  const std::string home = home_directory();
  const bool below_home = !home.empty() && state.starts_with(home + "/");
  if (below_home && !env.files->exists(home).value_or(false)) return std::nullopt;
  return KnownLedgers(state + "/daybook/ledgers", env);
}

std::string alarm(const KnownLedger& known, std::string_view found) {
  return fmt::format(
      "THIS IS NOT THE LEDGER THAT WAS SEEN HERE\n"
      "  place: {}\n"
      "  seen:  ledger {}, {} signed by {}+{:08x}, on {}\n"
      "  found: {}\n"
      "  Perhaps it was restored from a backup or made anew; perhaps somebody without the\n"
      "  signing key changes the past.",
      printable(known.place), to_string(known.ledger_id), counted(known.events(), "event"),
      printable(known.key.name), known.key.id, to_string(known.seen), printable(found));
}

std::string alarm(const KnownComparison& seen) { return alarm(*seen.known, found_by(seen)); }

}  // namespace daybook::cli
