// SPDX-License-Identifier: Apache-2.0
//
// views/damage: what the last verify found, so that whoever asks for the status
// learns of it without reading the whole log. Derived and checked: what is not
// of this ledger, or names bytes that have changed since, is left out. Where
// nothing may be written nothing is remembered.
#pragma once

#include <vector>

#include "daybook/environment.h"
#include "daybook/ledger.h"
#include "ledger/log.h"

namespace daybook {

inline constexpr std::size_t kMaxKnownDamage = 100;  // findings that are remembered

// Replaces what an earlier verify found; with nothing found, forgets it. A verify
// that left out the blobs knows nothing of theirs.
void remember_damage(Environment& env, const LedgerPaths& paths, const EventId& ledger_id,
                     const VerifyReport& report, bool with_blobs);

// Errors: Io and the like; a file that is damaged itself tells nothing.
[[nodiscard]] Result<KnownDamage> recall_damage(Environment& env, const LedgerPaths& paths,
                                                const EventId& ledger_id);

}  // namespace daybook
