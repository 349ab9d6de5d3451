// SPDX-License-Identifier: Apache-2.0
//
// The part of an append that needs no lock: checking the events, storing large
// data as blobs, hashing commitments and laying out the frame. Runs in the
// caller's thread, so that only a little is left for the committing one.
#pragma once

#include <span>

#include "base/bytes.h"
#include "blob/blob_store.h"
#include "daybook/ledger.h"

namespace daybook {

// One event of a prepared batch and where its record lies in the frame.
struct PreparedEvent {
  std::uint32_t record = 0;  // offset in the frame
  std::uint32_t envelope_bytes = 0;
  std::uint32_t data_bytes = 0;
  std::uint32_t data_crc = 0;
  std::vector<std::uint32_t> batch_causes;
  // Set at commit: the event of this batch whose key this one has, too.
  std::uint32_t repeats = kNoRepeat;
  static constexpr std::uint32_t kNoRepeat = UINT32_MAX;

  [[nodiscard]] std::uint8_t* envelope(Bytes& frame) const;
};

// A batch as it will stand in the log but for what only the commit knows.
struct PreparedBatch {
  Bytes frame;  // room for the header, then the records
  std::vector<PreparedEvent> events;
  bool has_keys = false;
  bool has_causes = false;

  [[nodiscard]] Result<EventView> view(std::size_t index);
  // The event an index stands for: itself, or the one it repeats.
  [[nodiscard]] std::uint32_t origin_of(std::uint32_t index) const;
  // Takes the records of duplicates out of the frame.
  void drop(std::span<const Receipt> receipts);
  // Gives repeats within the batch the receipts of what they repeat.
  void resolve_repeats(std::span<Receipt> receipts) const;
};

struct PrepareContext {
  Environment env;
  BlobStore* blobs = nullptr;
  std::string_view default_source;
  std::uint32_t inline_bytes = 0;
};

// Errors: InvalidArgument and LimitExceeded, naming the event by its place in
// the batch and the field; those of the blob store. Nothing has been appended.
[[nodiscard]] Result<PreparedBatch> prepare(std::span<const NewEvent> batch,
                                            const PrepareContext& context);

}  // namespace daybook
