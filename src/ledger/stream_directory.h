// SPDX-License-Identifier: Apache-2.0
//
// Which sealed segments hold a stream: the hashes of each segment's streams, read
// from its seal when first asked, and kept. So a stream that is new, or old and
// quiet, is looked for without opening every segment there is. Also which of them
// have events that belong to nobody knows which stream.
//
// Costs 8 bytes of memory for every stream of every segment. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "daybook/ledger.h"
#include "ledger/seal.h"

namespace daybook {

class StreamDirectory {
 public:
  using Source = std::function<Result<SegmentStreams>(Seq segment)>;

  explicit StreamDirectory(Source source) : source_(std::move(source)) {}

  // The newest of `segments` (sealed, oldest first) that has a stream with this hash;
  // Seq{0} when none has. Errors: those of the source.
  [[nodiscard]] Result<Seq> newest(std::span<const Seq> segments, std::uint64_t hash);

  // Unreadable events in these segments. Errors: those of the source.
  [[nodiscard]] Result<std::uint64_t> unreadable(std::span<const Seq> segments);

 private:
  [[nodiscard]] Result<const std::vector<std::uint64_t>*> hashes_of(Seq segment);

  Source source_;
  std::mutex mutex_;
  std::map<Seq, std::vector<std::uint64_t>> hashes_;  // by segment
  std::map<Seq, std::uint64_t> unreadable_;           // of segments that have any
};

}  // namespace daybook
