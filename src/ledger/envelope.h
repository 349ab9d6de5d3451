// SPDX-License-Identifier: Apache-2.0
//
// The canonical envelope: the bytes a Merkle leaf hashes (docs/format.md, 4.1).
// Pure functions over spans.
#pragma once

#include "base/bytes.h"
#include "daybook/event.h"
#include "ledger/format.h"

namespace daybook {

// What a writer knows before the commit; the rest is patched in at commit.
struct EnvelopeDraft {
  format::DataForm form = format::DataForm::None;
  Timestamp time;
  Digest commitment;
  std::uint64_t data_bytes = 0;
  std::string_view source;  // already defaulted
};

// Bytes the envelope of `event` will take, with `causes` causes.
[[nodiscard]] std::size_t envelope_bytes(const NewEvent& event, std::string_view source,
                                         std::size_t causes);

// Writes the envelope to `to` (envelope_bytes() long) with seq, version, id and
// recorded zero; causes of the same batch stand as zeros after the others.
void encode_envelope(const NewEvent& event, const EnvelopeDraft& draft, std::uint8_t* to);

// The fields only the commit knows.
struct EnvelopePatch {
  Seq seq;
  Version version;
  Timestamp recorded;
  EventId id;
};
void patch_envelope(std::uint8_t* envelope, const EnvelopePatch& patch);
void patch_cause(std::uint8_t* envelope, std::size_t index, const EventId& cause);

// Length of the envelope at the start of `bytes`, from its own fields.
// Errors: Corruption when there is no whole envelope.
[[nodiscard]] Result<std::size_t> envelope_length(ByteView bytes);

// Reads an envelope, which must fill `bytes`; views point into it and the data
// fields are those of an event whose data block is not at hand.
// Errors: Corruption, Unsupported (a newer envelope version).
[[nodiscard]] Result<EventView> decode_envelope(ByteView bytes);
// The same into a view that is used again: to scan, copying a view this large
// costs more than reading it. After an error its content means nothing.
[[nodiscard]] Result<void> decode_envelope(ByteView bytes, EventView& event);

// Only the seq, for scans that need no more; `bytes` must hold the fixed part.
[[nodiscard]] inline Seq envelope_seq(const std::uint8_t* envelope) {
  return Seq{load<std::uint64_t>(envelope + 24)};
}
[[nodiscard]] inline EventId envelope_id(const std::uint8_t* envelope) {
  return load<EventId>(envelope + 56);
}
[[nodiscard]] inline Timestamp envelope_recorded(const std::uint8_t* envelope) {
  return Timestamp{load<std::int64_t>(envelope + 48)};
}

}  // namespace daybook
