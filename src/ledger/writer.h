// SPDX-License-Identifier: Apache-2.0
//
// Writes to the log: places prepared batches, seals segments, signs checkpoints,
// makes what is written durable, and repairs the tail at open. One writer at a
// time across processes, by the file lock; between commits others may write, so
// every commit first takes in what they appended.
//
// What can fail, and what is then on disk:
//   lock not to be had     nothing was written; Busy
//   write fails            bytes behind the end are cut away again; the state is
//                          read anew from the log; the batch is not in it
//   flush fails            the frames are in the log, promised to nobody; this
//                          writer refuses everything after it; the next open
//                          writes them again before it promises anything
//   crash at any point     recovery by docs/format.md, 6.3 and 6.4
//
// Calls are serialised by the CommitQueue, except make_durable.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ed25519.h"
#include "base/ulid.h"
#include "daybook/ledger.h"
#include "ledger/identity.h"
#include "ledger/log.h"
#include "ledger/prepare.h"

namespace daybook {

// One batch on its way into the log, and what became of it.
struct Commit {
  PreparedBatch* batch = nullptr;
  const AppendOptions* options = nullptr;
  Result<std::vector<Receipt>> result;
};

// Up to where something was written, for make_durable.
struct WrittenTo {
  Seq segment;
  std::uint64_t end = 0;
  Seq next;  // the seq of the event that comes there
};

class Writer {
 public:
  // Repairs the tail when it needs it; `repairs` gets a sentence for each.
  // Errors: PermissionDenied, Busy, NoSpace, Io.
  [[nodiscard]] static Result<std::unique_ptr<Writer>> open(const Environment& env,
                                                            const LedgerPaths& paths,
                                                            const Identity& identity,
                                                            const LedgerOptions& options, Log& log,
                                                            std::vector<std::string>& repairs);

  // Makes the first segment of a new ledger.
  [[nodiscard]] static Result<void> create_first_segment(Environment& env, const LedgerPaths& paths,
                                                         const Identity& identity);

  // Places the batches and writes them in one go. Every commit gets its result;
  // a batch that fails for itself (conflict, unknown cause) leaves the others
  // alone. Returns up to where they are written.
  [[nodiscard]] Result<WrittenTo> commit(std::span<Commit* const> group);

  // Returns when everything up to `written` is on stable storage.
  [[nodiscard]] Result<void> make_durable(const WrittenTo& written);

  // Signs the present head into the log, unless the newest checkpoint says the
  // same already. Not durable before make_durable of what it returns.
  struct Signed {
    Checkpoint checkpoint;
    WrittenTo written;
  };
  [[nodiscard]] Result<Signed> sign_checkpoint();
  // Whether LedgerOptions ask for a checkpoint by now.
  [[nodiscard]] bool checkpoint_due() const;
  [[nodiscard]] bool has_unsigned_events() const;

 private:
  Writer(const Environment& env, const LedgerPaths& paths, const Identity& identity,
         const LedgerOptions& options, Log& log)
      : env_(env),
        paths_(paths),
        identity_(identity),
        options_(options),
        log_(log),
        ulids_(*env.entropy) {}

  // Waiting for another process, whose work may turn out to be ours as well.
  [[nodiscard]] Result<void> wait_for_write_lock();
  enum class Turn : std::uint8_t { Mine, DoneByOther };
  [[nodiscard]] Result<Turn> wait_for_flush_lock(const WrittenTo& written);
  [[nodiscard]] bool is_durable(const std::optional<Hint>& hint, const WrittenTo& written) const;

  [[nodiscard]] Result<void> begin();  // under the lock: catch up, open the segment
  [[nodiscard]] Result<void> open_active();
  [[nodiscard]] Result<void> repair(std::vector<std::string>& repairs);
  [[nodiscard]] Result<void> cut_torn_tail(std::vector<std::string>& repairs);
  [[nodiscard]] Result<void> rewrite_unpromised(std::vector<std::string>& repairs);

  [[nodiscard]] Result<WrittenTo> commit_locked(std::span<Commit* const> group);
  // Checks a batch against the log: duplicates, expected versions, causes.
  // Changes nothing; its error is the batch's own.
  [[nodiscard]] Result<std::vector<Receipt>> admit(const Commit& commit);
  // Gives an admitted batch its place at offset `at`. An error is the group's:
  // the state must be read anew.
  [[nodiscard]] Result<void> place(Commit& commit, std::vector<Receipt> receipts, std::uint64_t at);
  [[nodiscard]] Result<ByteView> place_all(std::span<Commit* const> group);
  [[nodiscard]] Result<std::vector<Receipt>> find_duplicates(PreparedBatch& batch);
  [[nodiscard]] Result<void> check_expected(const AppendOptions& options);
  [[nodiscard]] Result<void> check_causes(PreparedBatch& batch);
  [[nodiscard]] Result<StreamPart*> stream_part(std::string_view stream);
  [[nodiscard]] Result<void> place_event(PreparedBatch& batch, const PreparedEvent& event,
                                         std::span<const Receipt> before, Receipt& receipt,
                                         std::uint64_t frame);
  void grow_tree(std::size_t batches);
  [[nodiscard]] Result<bool> known(const EventId& id);
  [[nodiscard]] WrittenTo written_to() const;

  [[nodiscard]] Result<void> write(ByteView bytes);
  [[nodiscard]] Result<void> zero_ahead(std::uint64_t needed);
  void take_back();
  void leave_note();

  [[nodiscard]] Result<void> roll();
  [[nodiscard]] Result<void> write_seal();
  [[nodiscard]] Result<void> finish_seal();
  [[nodiscard]] Result<void> start_next_segment();
  [[nodiscard]] Result<std::string> write_checkpoint();

  Environment env_;
  LedgerPaths paths_;
  Identity identity_;
  LedgerOptions options_;
  Log& log_;
  UlidGenerator ulids_;
  std::optional<Ed25519Seed> seed_;

  std::unique_ptr<File> lock_file_;
  std::unique_ptr<File> tail_file_;
  std::mutex flush_mutex_;              // held while flushing; guards tail_file_
  std::shared_ptr<File> segment_file_;  // the active segment, for writing
  Seq segment_;                         // its first seq
  std::uint64_t file_bytes_ = 0;        // its size, zero-filled space included
  Bytes buffer_;                        // a group's frames, when there are several
  std::vector<ByteView> envelopes_;     // of the group being placed
  std::vector<Digest> leaves_;          // and their hashes
  std::uint64_t placed_end_ = 0;        // where the group being placed ends
  std::uint64_t placed_frame_ = 0;      // and where its last frame begins

  Timestamp last_recorded_;
  Timestamp last_signed_;
  std::vector<EventId> recent_;  // ascending; likely causes of what comes next
  std::unordered_map<std::string, Receipt> group_keys_;  // keys of the group being placed
  std::pair<std::string, StreamPart*> last_part_;        // events of a stream come in runs
  std::atomic<bool> broken_{false};  // a flush, or taking back a failed write, has failed
};

}  // namespace daybook
