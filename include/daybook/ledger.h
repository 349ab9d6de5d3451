// SPDX-License-Identifier: Apache-2.0
//
// The ledger: one append-only, crash-safe, tamper-evident log of events in a
// directory. Any number of processes and threads may append and read at once.
//
//   auto ledger = Ledger::open(".daybook").value();
//   auto receipt = ledger.append({.stream = "task/backup", .type = "started"});
//   auto events = ledger.scan({.stream = "task/backup"});
//
// A call to append that returned success has reached the durability it was
// asked for. Readers take no lock, never block writers, see every acknowledged
// event and never half of one. They may see one before it is acknowledged; what
// anybody has seen is never taken back while the system runs.
//
// Threads: every call on a ledger object may be made from several threads at
// once, close() included: an append that loses to a close is refused. Destroying
// or moving the object, while another thread uses it, is the caller's error. A
// Cursor belongs to one thread at a time.
//
// fork(): a child cannot use what its parent opened: every call on a ledger,
// cursor or pending append fails there with InvalidArgument, and destroying them
// does nothing. Locks of the parent are not held by the child. Open the ledger
// again in the child.
//
// Paths: an open ledger stays with the files it opened. After the directory was
// moved, removed or replaced, appends and looks at the end of the log fail with
// Io instead of going to a place that nobody reads.
//
// Standard streams: nothing here takes the number of one, also in a program that runs
// with some of them closed: what it prints to a closed one fails and is in no ledger. Such
// a program should all the same open something on 0, 1 and 2 before its threads start, as
// the `daybook` program does: its own files, and other libraries, do take these numbers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/environment.h"
#include "daybook/event.h"
#include "daybook/proof.h"
#include "daybook/verify.h"

namespace daybook {

// When an append is acknowledged.
//
//                          Sync            Interval            Memory
// append returned:         on stable       the operating system has it
//                          storage
// after a power cut:       there           all but the last    whatever the system
//                                          interval_ms         had written
// its process is killed:   there           there; flushed by the system, or by the
//                                          next writer that flushes
// a flush is slow:         append waits    append does not wait, sync() and close() do
// a flush fails:           append fails    sync(), close() and the next append fail
// sync() or close() = ok:  on stable storage, everything before it
// destroyed, not closed:   as close(), but nobody learns of a failure
enum class Durability : std::uint8_t {
  Sync,      // for everything that matters
  Interval,  // for a high rate of events, a few of which may be lost with the power
  Memory,    // for tests
};

enum class Access : std::uint8_t { ReadWrite, ReadOnly };

struct LedgerOptions {
  Access access = Access::ReadWrite;

  // Effects on behaviour.
  std::string source = {};                    // for events without one; default "daybook"
  std::uint32_t inline_bytes = 16'384;        // larger data goes to the blob store
  std::uint32_t interval_ms = 50;             // for Durability::Interval
  std::uint32_t lock_timeout_ms = 30'000;     // waiting for another process, then Busy
  std::uint64_t checkpoint_events = 100'000;  // sign after so many events, ...
  std::uint32_t checkpoint_seconds = 60;      // ... or so much time, at an append;
                                              // at most kMaxCheckpointEvents and -Seconds

  // Effects on performance.
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;  // seal beyond this size
  std::uint32_t zero_ahead_bytes = 1u << 20;  // zero-filled space kept ahead of the writer
};

// A ledger is signed at least so often: verify calls it damage when events stand without
// a checkpoint for much longer (docs/format.md, 7.1).
inline constexpr std::uint64_t kMaxCheckpointEvents = 500'000;
inline constexpr std::uint32_t kMaxCheckpointSeconds = 300;

// The stream `stream` must be at `version` for the batch to be appended;
// Version{0} means "must not exist yet".
struct ExpectedVersion {
  std::string stream;
  Version version;
};

struct AppendOptions {
  Durability durability = Durability::Sync;
  std::vector<ExpectedVersion> expected = {};
};

// What became of one appended event.
struct Receipt {
  Seq seq;
  EventId id;
  Version version;
  Timestamp recorded;
  bool duplicate = false;  // its key was there already; this is the first event
};

// An append under way. Cheap to move; dropping it does not cancel the append.
class PendingAppend {
 public:
  PendingAppend(PendingAppend&&) noexcept;
  PendingAppend& operator=(PendingAppend&&) noexcept;
  ~PendingAppend();

  [[nodiscard]] bool done() const;
  // Blocks until the batch is as durable as asked for, or has failed.
  [[nodiscard]] Result<std::vector<Receipt>> wait();

 private:
  friend class Ledger;
  struct State;
  explicit PendingAppend(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

enum class Direction : std::uint8_t { Forward, Backward };

// Which events a cursor yields, and in which order. `from` may be one behind the
// ledger's end, for what comes next, and no further: a position beyond that was
// kept from another history, such as before the ledger was put back from a backup.
struct ScanOptions {
  Seq from = kFirstSeq;  // inclusive
  Seq to = kLastSeq;     // inclusive; a Forward cursor ends at the log's end
  Direction direction = Direction::Forward;
  std::string stream = {};  // only this stream; empty: all
};

// A run of bytes in the log that a cursor could not read as events.
struct LostRange {
  std::string file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  Seq first;  // events that stood there: first..last; 0 when unknown
  Seq last;
};

// Yields events one by one with bounded memory, whatever the ledger's size.
// Skips what is damaged and says so in lost(). Sees events committed after it
// was made; at the end it may be asked again later.
class Cursor {
 public:
  Cursor(Cursor&&) noexcept;
  Cursor& operator=(Cursor&&) noexcept;
  ~Cursor();

  // The next event, valid until the next call; nullptr at the end.
  [[nodiscard]] Result<const EventView*> next();
  [[nodiscard]] const std::vector<LostRange>& lost() const;

  class Impl;  // the implementation

 private:
  friend class Ledger;
  explicit Cursor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Names a blob by the SHA-256 of its uncompressed bytes.
struct BlobRef {
  Digest digest;
  std::uint64_t bytes = 0;
};

// `{"$blob":"sha256:<hex>","size":N}`: how event data refers to a blob, and
// what keeps the blob from being collected.
[[nodiscard]] std::string to_json(const BlobRef& blob);

struct BlobUsage {
  std::uint64_t blobs = 0;
  std::uint64_t stored_bytes = 0;   // on disk, compressed
  std::uint64_t garbage_blobs = 0;  // no event refers to these
  std::uint64_t garbage_bytes = 0;
  std::vector<std::string> garbage;  // their digests in hex
};

// `recorded` never decreases. While the clock is behind the newest event, be it that it
// was ahead once or that it is wrong now, every new event is recorded at that event's
// time. More than this is told: a clock that is being set right moves by less.
inline constexpr std::chrono::microseconds kClockTolerance = std::chrono::minutes(1);

// What the last verify found, as far as those bytes are still what they were. A
// verify of a ledger where nothing may be written is not remembered.
struct KnownDamage {
  Timestamp verified = {};        // when that was
  std::vector<Finding> findings;  // of severity Damage; the first ones
  std::uint64_t total = 0;        // all of them; 0: none known
};

struct LedgerStatus {
  std::string path;
  std::string ledger_id;
  std::string origin;
  Timestamp created;
  Seq last;  // 0: empty
  Timestamp last_recorded;
  // How far the clock is behind last_recorded, when that is more than kClockTolerance.
  std::chrono::microseconds clock_behind{0};
  std::uint64_t segments = 0;
  std::uint64_t log_bytes = 0;   // without zero-filled space
  std::uint64_t disk_bytes = 0;  // with it
  TreeHead head;
  std::optional<Checkpoint> checkpoint;  // the newest one in the log
  std::vector<std::string> repairs;      // torn tails cut by this open, in words
  std::vector<LostRange> lost;           // damage known without a full verify
  KnownDamage damage;                    // and what the last one found
};

inline constexpr std::string_view kLossStream = "daybook/losses";

struct TypeCount {
  std::string type;
  std::uint64_t count = 0;
};

class Ledger {
 public:
  // Makes an empty ledger in `path` and opens it. The directory is made when it is
  // missing (mode 0700); when it is there it must be empty, but for what a creation
  // that was interrupted has left, which is finished. Nothing is ever replaced.
  // Errors: AlreadyExists (a ledger, parts of one, or anything else is there),
  // InvalidArgument, PermissionDenied, NoSpace, Io.
  [[nodiscard]] static Result<Ledger> create(const std::string& path,
                                             const LedgerOptions& options = {},
                                             Environment env = Environment::system());

  // Opens an existing ledger. Cost: bounded by the log's unsealed tail, not by
  // the number of events. A writer repairs a torn tail; see status().repairs.
  // Errors: NotFound, Unsupported (newer format), Corruption (also when the file LEDGER
  // is lost: repair_ledger() makes it again), PermissionDenied, Busy, Io.
  [[nodiscard]] static Result<Ledger> open(const std::string& path,
                                           const LedgerOptions& options = {},
                                           Environment env = Environment::system());

  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  // close(), ignoring its result. Not after main has returned: OpenSSL, which signs
  // the last checkpoint, is gone by then. Close what stands in static storage before.
  ~Ledger();

  // Waits for pending appends, signs a checkpoint over unsigned events, flushes.
  // Appends after it are refused; reads go on working. Errors: those of sync();
  // Unsigned when all events are on stable storage and only the checkpoint could not
  // be signed or written (the key is lost, say): nothing is lost, and the next close
  // that can signs for all.
  [[nodiscard]] Result<void> close();

  // Appends a batch, all or none, and waits for the durability asked for.
  // One receipt per event, in order. An event whose key its stream already has
  // appends nothing: its receipt is the first event's.
  // Errors: InvalidArgument, LimitExceeded, NotFound (a cause), Conflict,
  // Busy, NoSpace, PermissionDenied, Io; after a failed flush every append
  // fails until the ledger is opened again.
  [[nodiscard]] Result<std::vector<Receipt>> append(std::span<const NewEvent> batch,
                                                    const AppendOptions& options = {});
  [[nodiscard]] Result<Receipt> append(const NewEvent& event, const AppendOptions& options = {});

  // The same without waiting. Batches are committed in the order of the calls
  // of one thread. Blocks only when too much is in flight.
  //
  // Where a batch fails because the log could not be written, those that the same
  // thread has handed in behind it fail as well, so that no hole is left: until
  // the thread has been told, by wait(), sync(), close() or a refused append.
  [[nodiscard]] PendingAppend append_async(std::span<const NewEvent> batch,
                                           const AppendOptions& options = {});

  // Returns once everything that this object has appended, with whatever durability,
  // is on stable storage; waits for a flush that is under way. Errors as append; the
  // failure of a pending append that this thread has not waited for.
  [[nodiscard]] Result<void> sync();

  // One event. Cost: one index probe and one short read. Errors: NotFound,
  // Corruption (it was there and cannot be read).
  [[nodiscard]] Result<Event> read(Seq seq);
  [[nodiscard]] Result<Event> find(const EventId& id);
  // The event of a stream that was appended with this key; nothing when none was.
  // Cost: one index probe for each segment, from the newest on, and one short read.
  [[nodiscard]] Result<std::optional<Event>> find_key(std::string_view stream,
                                                      std::string_view key);

  // The event's data as JSON text, wherever it is; blobs are read and verified.
  // Errors: NotFound (erased, or the blob is missing), Corruption.
  [[nodiscard]] Result<std::string> data(const Event& event);

  // Errors: NotFound when `from` lies beyond the end; Io.
  [[nodiscard]] Result<Cursor> scan(const ScanOptions& options = {});

  // The last event now, 0 when empty; looks at the disk, so it sees other
  // processes' appends.
  [[nodiscard]] Result<Seq> last();
  // The first event recorded at or after `time`; last()+1 when there is none.
  [[nodiscard]] Result<Seq> seq_at(Timestamp time);
  // Version of a stream, 0 when it does not exist. Errors: Corruption when damaged
  // events may have been the stream's last; see accept_loss.
  [[nodiscard]] Result<Version> stream_version(std::string_view stream);
  // How many events of each type, most frequent first.
  [[nodiscard]] Result<std::vector<TypeCount>> type_counts();

  // Waits until an event after `after` exists: true, or false after `timeout`.
  // Errors: NotFound when the ledger ends before `after`; Io.
  [[nodiscard]] Result<bool> wait(Seq after, std::chrono::milliseconds timeout);

  // Blobs. put is durable when it returns, stores equal bytes once and replaces
  // a stored copy that has gone bad; get decompresses and checks the hash.
  [[nodiscard]] Result<BlobRef> put_blob(std::span<const std::uint8_t> bytes);
  [[nodiscard]] Result<std::vector<std::uint8_t>> get_blob(const Digest& digest);
  // What a collection would free; reads every event once.
  [[nodiscard]] Result<BlobUsage> blob_usage();

  // Says on record, by an event in kLossStream, that the events which cannot be read
  // are lost. Until then the ledger refuses what only they could answer: the
  // version of a stream that may have gone on in them, and whether a key is new. It
  // never gives a version twice, accepted or not. Errors: InvalidArgument when no
  // event is known to be unreadable; as append.
  [[nodiscard]] Result<Receipt> accept_loss();

  // Signs the present tree head and writes it into the log. Errors as append, and
  // NotFound, PermissionDenied or Corruption when the signing key cannot be used.
  // Accept::Unsigned says in the signed text that earlier events which stood without a
  // checkpoint for too long are known and fine (docs/format.md, 7.1): verify then tells
  // them as a Notice. Look at them first: a thief may have stripped the checkpoints.
  enum class Accept : std::uint8_t { Nothing, Unsigned };
  [[nodiscard]] Result<Checkpoint> checkpoint(Accept accept = Accept::Nothing);
  // From now on appends go on as before, but nothing is signed, also not by close(), and
  // checkpoint() and prove_consistency() fail with Conflict: for a writer that finds a ledger other
  // than it was (daybook/known.h). What is lost by not signing can be signed later; a signature
  // over a forged history cannot be taken back.
  void withhold_signatures();
  // The public key that signs this ledger's checkpoints.
  [[nodiscard]] VerifierKey verifier_key() const;
  // Proof of `seq` under a checkpoint that covers it: the newest in the log,
  // or a fresh one when none does. `disclose` puts the data into the proof.
  enum class Disclose : std::uint8_t { EnvelopeOnly, WithData };
  [[nodiscard]] Result<InclusionProof> prove(Seq seq, Disclose disclose = Disclose::EnvelopeOnly);
  // Proof that the ledger of `newer` events extends that of `older` events.
  // Both heads are signed now; without the signing key, checkpoints of exactly these
  // sizes in the log do as well. Errors: InvalidArgument, Corruption, as checkpoint().
  [[nodiscard]] Result<ConsistencyProof> prove_consistency(std::uint64_t older,
                                                           std::uint64_t newer);

  // Checks everything: checksums, commitments, order, tree, signatures, blobs.
  [[nodiscard]] Result<VerifyReport> verify(const VerifyOptions& options = {});

  [[nodiscard]] Result<LedgerStatus> status();
  // LedgerStatus::clock_behind alone, by what this object has seen of the log: costs no
  // read, so that a writer can ask before it appends.
  [[nodiscard]] Result<std::chrono::microseconds> clock_behind() const;
  [[nodiscard]] const std::string& path() const;

  // The implementation, for rooms above src/ledger that derive from the log.
  class Impl;

 private:
  friend class KnownLedgers;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook
