// SPDX-License-Identifier: Apache-2.0
//
// The place a backup goes to: what may be there already, and what of it has to
// be copied. Only looks; changes nothing.
#pragma once

#include <string>
#include <vector>

#include "ledger/backup_cut.h"

namespace daybook {

enum class TargetKind : std::uint8_t {
  Nothing,   // missing or empty
  HalfMade,  // no ledger, and nothing that a backup under way would not leave
  Ledger,
};

// Errors: InvalidArgument when `target` is the ledger or lies in it; AlreadyExists when it
// is something else.
[[nodiscard]] Result<TargetKind> look_at_target(FileSystem& files, const LedgerPaths& ledger,
                                                const LedgerPaths& target);

// The segments that the target lacks or has less of, oldest first. What it has must be of
// the same ledger, a prefix of the same history. Costs a pass over the unsealed segment of
// both. Errors: AlreadyExists (another ledger, or another or a longer history); Corruption
// (the ledger is damaged where the target is not).
[[nodiscard]] Result<std::vector<const CutSegment*>> segments_to_copy(FileSystem& files,
                                                                      const BackupCut& cut,
                                                                      const LedgerPaths& ledger,
                                                                      const LedgerPaths& target);

}  // namespace daybook
