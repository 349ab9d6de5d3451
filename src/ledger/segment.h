// SPDX-License-Identifier: Apache-2.0
//
// A segment's name and header (docs/format.md, 3 and 3.1). The header holds the
// peaks of the tree before the segment, so that a segment can be read, and the
// tree continued, without the segments before it; and the ledger's id, origin and
// public key, so that any one segment can give back the file LEDGER.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "daybook/proof.h"
#include "daybook/types.h"
#include "ledger/merkle.h"

namespace daybook {

struct SegmentHeader {
  EventId ledger_id;
  VerifierKey key;  // its name is the origin
  Seq first_seq;
  Timestamp created;
  Peaks peaks;  // of the tree of first_seq - 1 leaves
};

[[nodiscard]] Bytes encode_segment_header(const SegmentHeader& header);

// Errors: Corruption, Unsupported (a newer format). `path` is for the message.
[[nodiscard]] Result<SegmentHeader> decode_segment_header(ByteView bytes, const std::string& path);

// "00000000000000000042.seg" for Seq{42}, and back.
[[nodiscard]] std::string segment_name(Seq first_seq);
[[nodiscard]] std::optional<Seq> parse_segment_name(std::string_view name);

}  // namespace daybook
