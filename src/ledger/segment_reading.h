// SPDX-License-Identifier: Apache-2.0
//
// How the first bytes of a segment read: what anybody would know of them who had
// nothing else. A copy is good when it reads as what it was copied from.
#pragma once

#include <vector>

#include "daybook/ledger.h"
#include "ledger/merkle.h"
#include "ledger/segment.h"

namespace daybook {

struct SegmentReading {
  std::uint64_t end = 0;  // of the last frame
  Peaks peaks;            // of the tree up to there
  bool sealed = false;    // the last frame is the seal
  std::vector<LostRange> lost;

  // Damage counts as the same when there is as much of it: for bytes that should be equal.
  friend bool operator==(const SegmentReading& a, const SegmentReading& b) {
    return a.end == b.end && a.peaks == b.peaks && a.sealed == b.sealed &&
           a.lost.size() == b.lost.size();
  }
};

// Reads the first `bytes` bytes, all of which should be there: what cannot be read is
// damage. Costs a pass over them, checksums and leaf hashes included. `header` is that of
// the segment. Errors: Io.
[[nodiscard]] Result<SegmentReading> read_segment(const File& file, std::uint64_t bytes,
                                                  const SegmentHeader& header);

// The header in `file`, or, when it is damaged, what name and predecessor say: `first` and
// `before`, the tree that ends there. Errors: Unsupported, Io.
[[nodiscard]] Result<SegmentHeader> header_or_rebuilt(const File& file, const std::string& path,
                                                      const EventId& ledger_id, Seq first,
                                                      const Peaks& before);

}  // namespace daybook
