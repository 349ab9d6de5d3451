// SPDX-License-Identifier: Apache-2.0
//
// How the three kinds of cursor read: the whole log forwards, frame by frame;
// the whole log backwards, a stretch at a time; one stream, event by event.
// Memory is bounded by the largest frame. Owned by one thread at a time.
#pragma once

#include <memory>

#include "base/fork.h"
#include "daybook/ledger.h"
#include "ledger/log.h"

namespace daybook {

class Cursor::Impl {
 public:
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  virtual ~Impl() = default;

  [[nodiscard]] virtual Result<const EventView*> next() = 0;

  std::vector<LostRange> lost;
  const std::uint64_t forks = fork_count();  // when it was made
  [[nodiscard]] static std::unique_ptr<Impl> make(Log& log, const ScanOptions& options);
};

}  // namespace daybook
