// SPDX-License-Identifier: Apache-2.0
//
// views/active: the active segment's state as of some frame, in the bytes of a
// seal, so that opening a ledger reads a tail instead of a segment. Derived: it
// is believed only when it fits the log, and its absence costs time alone.
#pragma once

#include <memory>
#include <string>

#include "daybook/environment.h"
#include "ledger/segment.h"
#include "ledger/segment_state.h"

namespace daybook {

// Nothing when there is none, or it does not fit this segment's content.
[[nodiscard]] std::unique_ptr<SegmentState> load_snapshot(FileSystem& files,
                                                          const std::string& path,
                                                          const File& segment,
                                                          const SegmentHeader& header,
                                                          const std::string& name);

// False when there is one that is damaged or of another ledger. Errors: those of
// the file system.
[[nodiscard]] Result<bool> is_sound_snapshot(FileSystem& files, const std::string& path,
                                             const EventId& ledger_id);

// Errors: those of the file system.
[[nodiscard]] Result<void> save_snapshot(Environment& env, const std::string& path,
                                         const EventId& ledger_id, const SegmentState& state);

}  // namespace daybook
