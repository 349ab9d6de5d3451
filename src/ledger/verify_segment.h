// SPDX-License-Identifier: Apache-2.0
//
// The part of verification that needs one segment alone, so that segments are
// checked in parallel: every checksum, envelope, commitment and order within
// the segment. What links segments together is checked in verify.cc.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "ledger/control.h"
#include "ledger/ledger_impl.h"
#include "ledger/segment_index.h"
#include "ledger/verify_causes.h"

namespace daybook {

// A leaf of the tree, or the place of a lost one.
struct CheckedLeaf {
  Digest hash;
  bool lost = false;
};

// A checkpoint record and how many events of the segment come before it.
struct CheckedCheckpoint {
  CheckpointRecord record;
  std::uint64_t leaves_before = 0;
  std::uint64_t offset = 0;
};

struct CheckedSegment {
  explicit CheckedSegment(Seq first) : index(first) {}

  std::string name;
  std::optional<SegmentHeader> header;
  SegmentIndex index;               // rebuilt from the events
  std::vector<CheckedLeaf> leaves;  // of every seq of the segment
  std::vector<CheckedCheckpoint> checkpoints;
  std::vector<Finding> unsigned_runs;  // events without a checkpoint where one must stand
  Bytes seal;                          // its body, when there is one
  std::uint64_t seal_offset = 0;
  std::uint64_t leaves_before_seal = 0;
  std::vector<CauseUse> causes;   // named by its events, and not of this segment
  std::vector<Finding> deferred;  // damage only when every event of the ledger was read
  std::vector<Seq> wrong;         // events that were read and are not correct
  std::vector<Seq> erased;        // events whose data is zeros
  std::vector<Seq> erasures;      // events that daybook/erased events name

  std::uint64_t events = 0;  // readable and correct
  std::uint64_t unread = 0;  // their envelopes cannot be read, of a newer version perhaps
  std::uint64_t lost = 0;
  std::uint64_t blobs = 0;
  std::vector<Finding> findings;
};

struct SegmentTask {
  Seq first;
  Seq last;                       // the last event it should hold; below first: unknown
  std::uint64_t trusted_end = 0;  // where its good part ends; kEverything when sealed
  bool is_last = false;
  bool check_blobs = true;
  std::atomic<std::uint64_t>* bytes_done = nullptr;
};

// The finding that a cause is nowhere before the event that names it.
[[nodiscard]] Finding missing_cause(const std::string& segment, const CauseUse& use);

[[nodiscard]] Result<CheckedSegment> check_segment(Ledger::Impl& ledger, const SegmentTask& task);

}  // namespace daybook
