// SPDX-License-Identifier: Apache-2.0
//
// Finds signed notes that the log holds. Usually the newest one is known, or stands
// right before the last seal; where the signing key was missing for a while, there are
// segments without any.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/log.h"

namespace daybook {

// The newest note in the sealed segments; empty when there is none. Looks at the end of
// each segment first, and reads all of it only when nothing is there.
[[nodiscard]] Result<std::string> newest_sealed_checkpoint(Log& log);

// The note over a tree of exactly `size` leaves; empty when there is none. Costs one
// short read: it stands behind event `size`, before the next one.
[[nodiscard]] Result<std::string> checkpoint_of(Log& log, std::uint64_t size);

}  // namespace daybook
