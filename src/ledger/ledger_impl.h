// SPDX-License-Identifier: Apache-2.0
//
// What a Ledger is made of. Only src/ledger includes this.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/fork.h"
#include "blob/blob_store.h"
#include "daybook/ledger.h"
#include "ledger/commit_queue.h"
#include "ledger/identity.h"
#include "ledger/log.h"
#include "ledger/tiles.h"
#include "ledger/writer.h"

namespace daybook {

class Ledger::Impl {
 public:
  Impl(const std::string& path, LedgerOptions ledger_options, const Environment& environment);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Whether this is the process that opened the ledger, and not a child of it.
  [[nodiscard]] Result<void> check_process() const;
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> close();
  [[nodiscard]] Result<void> sign_last();
  [[nodiscard]] Result<CommitQueue*> writable();
  [[nodiscard]] Result<std::shared_ptr<Submission>> submission(std::span<const NewEvent> batch,
                                                               const AppendOptions& options);
  [[nodiscard]] Result<Checkpoint> checkpoint(Accept accept = Accept::Nothing);
  // The newest checkpoint that covers `size` events, signed now if need be.
  [[nodiscard]] Result<Checkpoint> covering_checkpoint(std::uint64_t size);
  // A checkpoint over a tree head of the past or of now.
  [[nodiscard]] Result<Checkpoint> sign(const TreeHead& head);
  // `recorded` of the newest event; nothing in an empty ledger. With the log's mutex held.
  [[nodiscard]] Result<std::optional<Timestamp>> last_recorded_locked() const;
  // How far the clock is behind it, when that is worth telling.
  [[nodiscard]] std::chrono::microseconds clock_behind(std::optional<Timestamp> recorded) const;
  // Leaf hashes by reading the log. Errors: Corruption when an event is lost.
  [[nodiscard]] LeafSource leaves();

  Environment env;
  LedgerPaths paths;
  LedgerOptions options;
  Identity identity;
  BlobStore blobs;
  TileStore tiles;
  std::unique_ptr<Log> log;
  std::unique_ptr<Writer> writer;  // nothing when read-only
  std::unique_ptr<CommitQueue> queue;
  std::vector<std::string> repairs;
  std::mutex close_mutex;
  std::atomic<bool> closed{false};
  const std::uint64_t forks = fork_count();  // when it was made
};

struct PendingAppend::State {
  std::shared_ptr<Submission> submission;  // nothing when it failed before the queue
  Result<std::vector<Receipt>> early;
  const std::uint64_t forks = fork_count();
};

// Verification, in verify.cc.
[[nodiscard]] Result<VerifyReport> verify_ledger(Ledger::Impl& ledger,
                                                 const VerifyOptions& options);

}  // namespace daybook
