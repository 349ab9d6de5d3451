// SPDX-License-Identifier: Apache-2.0
#include "ledger/stream_directory.h"

#include <algorithm>
#include <utility>

namespace daybook {

Result<const std::vector<std::uint64_t>*> StreamDirectory::hashes_of(Seq segment) {
  auto known = hashes_.find(segment);
  if (known == hashes_.end()) {
    DAYBOOK_TRY(streams, source_(segment));
    if (streams.unreadable > 0) unreadable_.emplace(segment, streams.unreadable);
    known = hashes_.emplace(segment, std::move(streams.hashes)).first;
  }
  return &known->second;
}

Result<Seq> StreamDirectory::newest(std::span<const Seq> segments, std::uint64_t hash) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = segments.size(); i-- > 0;) {
    DAYBOOK_TRY(hashes, hashes_of(segments[i]));
    if (std::ranges::binary_search(*hashes, hash)) return segments[i];
  }
  return Seq{};
}

Result<std::uint64_t> StreamDirectory::unreadable(std::span<const Seq> segments) {
  const std::lock_guard lock(mutex_);
  if (segments.empty()) return 0;
  for (const Seq segment : segments) DAYBOOK_CHECK(hashes_of(segment));
  std::uint64_t events = 0;
  for (auto at = unreadable_.lower_bound(segments.front());
       at != unreadable_.end() && at->first <= segments.back(); ++at) {
    events += at->second;
  }
  return events;
}

}  // namespace daybook
