// SPDX-License-Identifier: Apache-2.0
//
// The body of a checkpoint record: the peaks of the tree and the signed note
// (docs/format.md, 6.1). The peaks let the tree go on behind damage.
#pragma once

#include <string>

#include "base/bytes.h"
#include "ledger/format.h"
#include "ledger/merkle.h"

namespace daybook {

struct CheckpointRecord {
  Peaks peaks;
  std::string note;
};

[[nodiscard]] Bytes encode_checkpoint_record(const CheckpointRecord& record);
// Errors: Corruption. The note's signature is not checked.
[[nodiscard]] Result<CheckpointRecord> decode_checkpoint_record(ByteView body);

// A whole control frame around one body, ready to be written at an offset
// where everything before `durable` is on stable storage.
[[nodiscard]] Bytes control_frame(format::FrameType type, ByteView body, Seq next,
                                  std::uint64_t durable);

}  // namespace daybook
