// SPDX-License-Identifier: Apache-2.0
#include "ledger/stream_directory.h"

#include <algorithm>
#include <utility>

namespace daybook {

Result<Seq> StreamDirectory::newest(std::span<const Seq> segments, std::uint64_t hash) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = segments.size(); i-- > 0;) {
    auto known = hashes_.find(segments[i]);
    if (known == hashes_.end()) {
      DAYBOOK_TRY(hashes, source_(segments[i]));
      known = hashes_.emplace(segments[i], std::move(hashes)).first;
    }
    if (std::ranges::binary_search(known->second, hash)) return segments[i];
  }
  return Seq{};
}

}  // namespace daybook
