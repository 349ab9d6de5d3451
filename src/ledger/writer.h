// SPDX-License-Identifier: Apache-2.0
//
// Writes to the log: places prepared batches, seals segments, signs checkpoints,
// makes what is written durable, and repairs the tail at open. One writer at a
// time across processes, by the file lock; between commits others may write, so
// every commit first takes in what they appended.
//
// What is written becomes visible all at once: the first eight bytes of a group,
// its first frame's marker and checksum, are written when all the others stand.
// So nothing that anybody may have seen is ever taken back.
//
// What can fail, and what is then on disk:
//   lock not to be had     nothing was written; Busy
//   write fails            bytes that nobody has seen, cut away again if possible;
//                          the state is read anew from the log; the batch is not in it
//   flush fails            the frames are in the log, promised to nobody; this
//                          writer refuses everything after it; the next open
//                          writes them again before it promises anything
//   the log is not where   it was moved, removed, replaced or cut while this writer
//   or what it was         had it open: nothing was written; refuses everything
//   crash at any point     recovery by docs/format.md, 6.3 and 6.4
//
// Thread-safe. Locks are taken in this order: turn_mutex_ and the file `lock`,
// the Log's mutex, the active segment's file, flush_mutex_ and the file `tail`.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
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
  [[nodiscard]] Result<LogPlace> commit(std::span<Commit* const> group);

  // Returns when everything up to `written` is on stable storage.
  [[nodiscard]] Result<void> make_durable(const LogPlace& written);

  // The failure after which this writer promises nothing any more, if there was one.
  [[nodiscard]] Result<void> check_able() const;

  // Signs the present head into the log, unless the newest checkpoint says the
  // same already. Not durable before make_durable of what it returns. `extension` is a
  // line of the note; with one the head is signed again in any case.
  struct Signed {
    Checkpoint checkpoint;
    LogPlace written;
  };
  [[nodiscard]] Result<Signed> sign_checkpoint(std::string_view extension = {});
  // Nothing is signed any more: sign_checkpoint fails, segments are sealed without one.
  void withhold_signatures() { withheld_ = true; }
  // Errors: Conflict when signatures are withheld.
  [[nodiscard]] Result<void> may_sign() const;
  // Whether checkpoints can be signed. Errors: those of read_signing_key.
  [[nodiscard]] Result<void> can_sign();
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

  // The right to write, of one thread among ours and one process among all.
  class Turn {
   public:
    Turn(Writer& writer, std::unique_lock<std::mutex> thread)
        : writer_(&writer), thread_(std::move(thread)) {}
    Turn(Turn&& other) noexcept
        : writer_(std::exchange(other.writer_, nullptr)), thread_(std::move(other.thread_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (writer_ != nullptr) writer_->end_turn();
    }

   private:
    Writer* writer_;
    std::unique_lock<std::mutex> thread_;
  };
  [[nodiscard]] Result<Turn> take_turn();
  void end_turn();
  [[nodiscard]] Result<void> wait_for(File& file);
  // The right to flush, likewise.
  class FlushTurn {
   public:
    explicit FlushTurn(Writer& writer) : thread_(writer.flush_mutex_), tail_(*writer.tail_file_) {}
    FlushTurn(const FlushTurn&) = delete;
    FlushTurn& operator=(const FlushTurn&) = delete;
    ~FlushTurn() { tail_.unlock(); }

   private:
    std::lock_guard<std::mutex> thread_;
    File& tail_;
  };

  // Nothing more may be promised: what failed, for all who ask later.
  std::unexpected<Error> give_up(const Error& why);
  // Whether what we hold open still stands where it is looked for.
  [[nodiscard]] Result<void> check_place();

  // Under the lock: catches up and holds the active segment.
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> catch_up();
  [[nodiscard]] Result<void> go_on_after_seal();
  [[nodiscard]] Result<void> open_active();
  [[nodiscard]] Result<void> take_over_order();

  [[nodiscard]] Result<void> repair(std::vector<std::string>& repairs);
  [[nodiscard]] Result<bool> needs_repair(const std::optional<Hint>& tail) const;
  [[nodiscard]] Result<void> cut_torn_tail(std::vector<std::string>& repairs);
  [[nodiscard]] Result<void> rewrite_unpromised(std::vector<std::string>& repairs);
  [[nodiscard]] Result<void> settle_hint(std::vector<std::string>& repairs);

  [[nodiscard]] Result<LogPlace> commit_locked(std::span<Commit* const> group);
  [[nodiscard]] Result<void> forget_placed();
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
  [[nodiscard]] LogPlace written_to() const;

  // Puts bytes behind the end, visible all at once. `last`: nothing follows them
  // in this file. After an error nobody has seen any of them.
  enum class Place : std::uint8_t { Within, Last };
  [[nodiscard]] Result<void> publish(ByteView bytes, Place place = Place::Within);
  [[nodiscard]] Result<void> write_unseen(ByteView bytes, Place place);
  [[nodiscard]] Result<void> show(ByteView head);
  [[nodiscard]] Result<void> clear_behind(std::uint64_t new_end);
  [[nodiscard]] Result<void> zero_ahead(std::uint64_t needed);
  void discard_unseen();
  void leave_note();

  // Flushes the active segment, unless somebody else has; returns up to where it
  // is durable. A failure is told to other processes.
  [[nodiscard]] Result<std::uint64_t> flush(File& file, const LogPlace& written);
  [[nodiscard]] Result<std::uint64_t> flush_locked(File& file, const LogPlace& written);
  // With the right to flush. After a failure no process promises anything more.
  [[nodiscard]] Result<void> sync_segment(File& file, Seq segment);
  [[nodiscard]] Result<void> flush_active();
  enum class Flushing : std::uint8_t { Mine, DoneByOther };
  [[nodiscard]] Result<Flushing> wait_for_flush_lock(const LogPlace& written);
  [[nodiscard]] static bool is_durable(const std::optional<Hint>& hint, const LogPlace& written);

  [[nodiscard]] Result<void> roll();
  [[nodiscard]] Result<void> write_seal();
  [[nodiscard]] Result<void> finish_seal();
  [[nodiscard]] Result<void> start_next_segment();
  [[nodiscard]] Result<void> load_key();
  [[nodiscard]] Result<std::string> write_checkpoint(std::string_view extension = {});

  Environment env_;
  LedgerPaths paths_;
  Identity identity_;
  LedgerOptions options_;
  Log& log_;
  UlidGenerator ulids_;
  std::optional<Ed25519Seed> seed_;
  bool key_failed_ = false;  // tried in vain at last_signed_

  std::mutex turn_mutex_;  // held by whoever writes; guards lock_file_
  std::unique_ptr<File> lock_file_;
  FileId lock_id_;
  std::mutex flush_mutex_;  // held while flushing; guards tail_file_
  std::unique_ptr<File> tail_file_;
  std::mutex segment_mutex_;            // guards the next two against make_durable
  std::shared_ptr<File> segment_file_;  // the active segment, for writing
  Seq segment_;                         // its first seq
  FileId segment_id_;
  std::uint64_t file_bytes_ = 0;     // its size, zero-filled space included
  Bytes buffer_;                     // a group's frames, when there are several
  std::vector<ByteView> envelopes_;  // of the group being placed
  std::vector<Digest> leaves_;       // and their hashes
  std::uint64_t placed_end_ = 0;     // where the group being placed ends,
  std::uint64_t placed_frame_ = 0;   // where its last frame begins,
  ByteView placed_last_;             // and that frame

  Timestamp last_recorded_;
  Timestamp last_signed_;
  std::vector<EventId> recent_;  // ascending; likely causes of what comes next
  std::unordered_map<std::string, Receipt> group_keys_;  // keys of the group being placed
  std::pair<std::string, StreamPart*> last_part_;        // events of a stream come in runs
  std::atomic<bool> withheld_{false};                    // signatures
  std::atomic<bool> able_{true};
  mutable std::mutex why_mutex_;
  Error why_;  // the first failure, when not able
};

}  // namespace daybook
