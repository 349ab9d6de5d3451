// SPDX-License-Identifier: Apache-2.0
//
// What of a ledger a backup holds: every sealed segment, and of the last one as
// much as is durable. Taken once, at the start; what is appended later belongs
// to the next backup.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "ledger/identity.h"
#include "ledger/log.h"
#include "ledger/segment_reading.h"

namespace daybook {

struct CutSegment {
  Seq first;
  SegmentHeader header;
  std::uint64_t bytes = 0;  // so much of the file
  bool whole = false;       // sealed, and all of the file
  // How it reads: by its seal when it is whole, else by its frames. Of a whole segment
  // whose seal is good `end` is 0 and damage is not known.
  SegmentReading reading;
};

struct BackupCut {
  Identity identity;
  Bytes identity_file;
  std::vector<CutSegment> segments;  // at least one
  std::uint64_t pending = 0;         // events behind the cut

  [[nodiscard]] const CutSegment& last() const { return segments.back(); }
  [[nodiscard]] TreeHead head() const { return last().reading.peaks.head(); }
};

// Cuts the last segment where it is durable, so that the power can take nothing of what
// is copied. What the copy in `earlier` holds was durable once, whatever the note of
// writers says by now. Without `earlier`, all that can be read is taken: nobody writes to
// this log any more. Takes no lock and changes nothing. Costs a pass over the last segment.
// Errors: NotFound, Unsupported, Corruption (segments that do not continue each other),
// Io.
[[nodiscard]] Result<BackupCut> cut_ledger(const Environment& env, const LedgerPaths& paths,
                                           const LedgerPaths* earlier);

}  // namespace daybook
