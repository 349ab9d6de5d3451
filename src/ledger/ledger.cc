// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "base/fs/file_lock.h"
#include "base/fs/files.h"
#include "base/text.h"
#include "ledger/checkpoints.h"
#include "ledger/cursor.h"
#include "ledger/known_damage.h"
#include "ledger/ledger_impl.h"
#include "ledger/note.h"
#include "ledger/occupancy.h"

namespace daybook {
namespace {

constexpr std::uint64_t kMinSegmentBytes = 64 * 1024;
constexpr std::uint64_t kMaxSegmentBytes = std::uint64_t{1} << 32;

Result<void> check_options(const LedgerOptions& options) {
  const auto out_of_range = [](std::string_view name, std::uint64_t low, std::uint64_t high) {
    return fail(Errc::InvalidArgument, fmt::format("{} is out of range", name),
                fmt::format("it may be {} to {}", low, high));
  };
  if (options.inline_bytes > kMaxInlineBytes) {
    return out_of_range("inline_bytes", 0, kMaxInlineBytes);
  }
  if (options.segment_bytes < kMinSegmentBytes || options.segment_bytes > kMaxSegmentBytes) {
    return out_of_range("segment_bytes", kMinSegmentBytes, kMaxSegmentBytes);
  }
  if (options.checkpoint_events > kMaxCheckpointEvents) {
    return out_of_range("checkpoint_events", 0, kMaxCheckpointEvents);
  }
  if (options.checkpoint_seconds > kMaxCheckpointSeconds) {
    return out_of_range("checkpoint_seconds", 0, kMaxCheckpointSeconds);
  }
  if (options.source.size() > kMaxNameBytes || !is_plain_text(options.source)) {
    return fail(Errc::InvalidArgument, "the ledger's default source is not a name",
                fmt::format("it may be plain UTF-8 text of {} bytes", kMaxNameBytes));
  }
  return {};
}

// Whether making the ledger was begun already. Errors: AlreadyExists where anything
// stands that making one could harm or would have to merge with.
Result<Occupancy> check_room(const LedgerPaths& paths, Environment& env) {
  DAYBOOK_TRY(occupancy, examine(*env.files, paths));
  const bool room =
      occupancy.kind == Occupancy::Kind::Vacant || occupancy.kind == Occupancy::Kind::Begun;
  if (!room) return fail(occupied(occupancy, paths));
  return occupancy;
}

// The segment comes before the key: so a key without a segment is never ours to
// replace, and one beside a segment says that only LEDGER was left to write.
Result<Identity> begin_ledger(const LedgerPaths& paths, Environment& env) {
  DAYBOOK_TRY(made, make_identity(env));
  DAYBOOK_CHECK(env.files->make_directory(paths.log));
  DAYBOOK_CHECK(env.files->sync_directory(paths.root));
  DAYBOOK_CHECK(Writer::create_first_segment(env, paths, made.identity));
  DAYBOOK_CHECK(env.files->make_directory(paths.keys));
  DAYBOOK_CHECK(env.files->make_directory(paths.views));
  DAYBOOK_CHECK(env.files->sync_directory(paths.root));
  DAYBOOK_CHECK(write_seed(env, paths.key, made.seed));
  return std::move(made.identity);
}

// The same ledger once more, with the key that was made for it.
Result<Identity> begun_ledger(const LedgerPaths& paths, Environment& env) {
  const std::string path = paths.segment(kFirstSeq);
  DAYBOOK_TRY(bytes, read_file(*env.files, path, format::kSegmentHeaderBytes));
  DAYBOOK_TRY(header, decode_segment_header(bytes, path));
  DAYBOOK_CHECK(read_signing_key(*env.files, paths.key, header.key));
  DAYBOOK_CHECK(env.files->make_directory(paths.views));
  return identity_of(header);
}

// Two processes may want the ledger made at once: one makes it.
Result<void> make_files(const LedgerPaths& paths, const LedgerOptions& options, Environment& env) {
  // Before a directory or the lock is made: what is refused is not touched.
  DAYBOOK_CHECK(check_room(paths, env));
  DAYBOOK_CHECK(make_directories(*env.files, paths.root));
  DAYBOOK_TRY(lock, FileLock::take(env, paths.lock, options.lock_timeout_ms));
  DAYBOOK_TRY(occupancy, check_room(paths, env));
  DAYBOOK_TRY(identity, occupancy.has_key ? begun_ledger(paths, env) : begin_ledger(paths, env));
  // Last: a ledger exists with its identity.
  return write_identity(env, paths.identity, identity);
}

std::unexpected<Error> beyond_the_end(const std::string& path, Seq seq, Seq last) {
  return fail(Errc::NotFound,
              fmt::format("{}: the ledger ends at #{}, it has no #{}", path, last.value, seq.value),
              fmt::format("a position from before the ledger was put back? Go on after #{}, or "
                          "read again from the start",
                          last.value));
}

}  // namespace

// --- Implementation ----------------------------------------------------------

Ledger::Impl::Impl(const std::string& path, LedgerOptions ledger_options,
                   const Environment& environment)
    : env(environment),
      paths(path),
      options(std::move(ledger_options)),
      blobs(env, paths.blobs),
      tiles(*env.files, paths.tiles) {
  if (options.source.empty()) options.source = "daybook";
}

Ledger::Impl::~Impl() {
  if (check_process()) {
    static_cast<void>(close());
    return;
  }
  // In a child: threads that are not there hold their mutexes for ever, and nobody
  // may join them. Its memory goes with the process.
  static_cast<void>(queue.release());
  static_cast<void>(writer.release());
  static_cast<void>(log.release());
}

Result<void> Ledger::Impl::check_process() const {
  if (fork_count() == forks) return {};
  return not_for_children(paths.root);
}

Result<void> Ledger::Impl::open() {
  auto read = read_identity(*env.files, paths.identity);
  if (!read && read.error().code == Errc::NotFound) {
    DAYBOOK_TRY(occupancy, examine(*env.files, paths));
    return fail(no_identity(occupancy, paths));
  }
  if (!read) return fail(std::move(read).error());
  identity = *std::move(read);
  DAYBOOK_TRY(opened, Log::open(env, paths, identity.ledger_id));
  log = std::move(opened);
  if (options.access == Access::ReadOnly) return {};
  DAYBOOK_TRY(made, Writer::open(env, paths, identity, options, *log, repairs));
  writer = std::move(made);
  queue = std::make_unique<CommitQueue>(*writer, *env.clock, options.interval_ms);
  return {};
}

Result<void> Ledger::Impl::close() {
  const std::lock_guard lock(close_mutex);
  if (!queue || closed.exchange(true)) return {};
  Result<void> done = queue->close();
  if (writer->has_unsigned_events()) {
    const Result<void> signed_last = sign_last();
    if (done) done = signed_last;
  }
  // Derived: without it the next open only reads more.
  static_cast<void>(log->save_snapshot());
  return done;
}

// The checkpoint that closing writes. That it is missing does not take back what is
// durable, so it is told apart from an append that failed.
Result<void> Ledger::Impl::sign_last() {
  const auto not_signed = [](const Error& cause) {
    return fail(Errc::Unsigned,
                fmt::format("all events are on stable storage, but no checkpoint signs the last "
                            "of them: {}",
                            cause.message),
                cause.hint.empty() ? "the next close that can signs for all of them" : cause.hint);
  };
  if (const auto ready = writer->can_sign(); !ready) return not_signed(ready.error());
  const auto head = writer->sign_checkpoint();
  if (head) return writer->make_durable(head->written);
  if (head.error().code == Errc::NoSpace) return not_signed(head.error());
  return fail(head.error());
}

Result<CommitQueue*> Ledger::Impl::writable() {
  DAYBOOK_CHECK(check_process());
  if (queue && !closed) return queue.get();
  if (closed) return fail(Errc::InvalidArgument, "the ledger is closed", "open it again");
  return fail(Errc::PermissionDenied, fmt::format("{} is open for reading only", paths.root),
              "open it for writing");
}

Result<std::shared_ptr<Submission>> Ledger::Impl::submission(std::span<const NewEvent> batch,
                                                             const AppendOptions& append_options) {
  DAYBOOK_TRY(prepared, prepare(batch, {env, &blobs, options.source, options.inline_bytes}));
  auto made = std::make_shared<Submission>();
  made->batch = std::move(prepared);
  made->options = append_options;
  return made;
}

Result<Checkpoint> Ledger::Impl::checkpoint(Accept accept) {
  DAYBOOK_TRY(commits, writable());
  DAYBOOK_CHECK(commits->drain());
  DAYBOOK_TRY(made, writer->sign_checkpoint(accept == Accept::Unsigned ? kAcceptsUnsigned : ""));
  DAYBOOK_CHECK(writer->make_durable(made.written));
  return std::move(made.checkpoint);
}

Result<Checkpoint> Ledger::Impl::covering_checkpoint(std::uint64_t size) {
  DAYBOOK_TRY(note, log->newest_checkpoint());
  if (!note.empty()) {
    auto newest = parse_checkpoint(note);
    if (newest && newest->head.size >= size) return newest;
  }
  if (!queue) {
    return fail(Errc::PermissionDenied,
                fmt::format("no checkpoint covers event #{} yet, and {} is open for reading only",
                            size, paths.root),
                "sign one with `daybook checkpoint`");
  }
  auto fresh = checkpoint();
  if (!fresh) {
    return fail(fresh.error().code,
                fmt::format("no checkpoint covers event #{} yet, and none can be made: {}", size,
                            fresh.error().message),
                fresh.error().hint);
  }
  return fresh;
}

Result<Checkpoint> Ledger::Impl::sign(const TreeHead& head) {
  if (writer) DAYBOOK_CHECK(writer->may_sign());
  auto seed = read_signing_key(*env.files, paths.key, identity.key);
  if (seed) {
    DAYBOOK_TRY(note, sign_checkpoint(identity.origin, head, *seed));
    return parse_checkpoint(note);
  }
  // What was signed while the key was there holds as well.
  DAYBOOK_TRY(note, checkpoint_of(*log, head.size));
  if (!note.empty()) {
    auto found = verify_checkpoint(note, identity.key);
    if (found && found->head == head) return found;
  }
  return fail(std::move(seed).error());
}

Result<std::optional<Timestamp>> Ledger::Impl::last_recorded_locked() const {
  const SegmentIndex& index = log->active().index;
  if (!index.empty()) return index.last_recorded();
  const std::vector<Seq>& segments = log->segments_locked();
  if (segments.size() < 2) return std::nullopt;
  DAYBOOK_TRY(previous, log->sealed(segments[segments.size() - 2]));
  return previous->header().last_recorded;
}

std::chrono::microseconds Ledger::Impl::clock_behind(std::optional<Timestamp> recorded) const {
  if (!recorded) return {};
  const std::chrono::microseconds behind{recorded->micros - env.clock->now().micros};
  return behind > kClockTolerance ? behind : std::chrono::microseconds{0};
}

LeafSource Ledger::Impl::leaves() {
  return [this](std::uint64_t first, std::uint64_t count, const LeafTaker& take) -> Result<void> {
    const auto cursor = Cursor::Impl::make(
        *log, {.from = Seq{first + 1}, .to = Seq{first + count}, .direction = {}, .stream = {}});
    for (std::uint64_t i = 0; i < count; ++i) {
      DAYBOOK_TRY(event, cursor->next());
      if (event == nullptr || event->seq.value != first + i + 1) {
        return fail(Errc::Corruption,
                    fmt::format("event #{} is lost, and with it its leaf", first + i + 1),
                    "proofs that need it cannot be made; run `daybook verify`");
      }
      take(leaf_hash(event->envelope));
    }
    return {};
  };
}

// --- The public face ---------------------------------------------------------

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::create(const std::string& path, const LedgerOptions& options,
                              Environment env) {
  DAYBOOK_CHECK(check_options(options));
  if (path.empty() || path.find_first_not_of('/') == std::string::npos) {
    return fail(Errc::InvalidArgument, fmt::format("'{}' cannot be a ledger's directory", path),
                "name a directory of its own");
  }
  const LedgerPaths paths(path);
  DAYBOOK_CHECK(make_files(paths, options, env));
  DAYBOOK_CHECK(env.files->sync_directory(parent_of(path)));
  return open(path, options, env);
}

Result<Ledger> Ledger::open(const std::string& path, const LedgerOptions& options,
                            Environment env) {
  DAYBOOK_CHECK(check_options(options));
  auto impl = std::make_unique<Impl>(path, options, env);
  DAYBOOK_CHECK(impl->open());
  return Ledger(std::move(impl));
}

Result<void> Ledger::close() {
  DAYBOOK_CHECK(impl_->check_process());
  return impl_->close();
}

Result<std::vector<Receipt>> Ledger::append(std::span<const NewEvent> batch,
                                            const AppendOptions& options) {
  DAYBOOK_TRY(queue, impl_->writable());
  DAYBOOK_TRY(submission, impl_->submission(batch, options));
  return queue->append(std::move(submission));
}

Result<Receipt> Ledger::append(const NewEvent& event, const AppendOptions& options) {
  DAYBOOK_TRY(receipts, append(std::span(&event, 1), options));
  return receipts.front();
}

PendingAppend Ledger::append_async(std::span<const NewEvent> batch, const AppendOptions& options) {
  auto state = std::make_shared<PendingAppend::State>();
  const auto handed_in = [&]() -> Result<void> {
    DAYBOOK_TRY(queue, impl_->writable());
    DAYBOOK_TRY(submission, impl_->submission(batch, options));
    state->submission = submission;
    queue->submit(std::move(submission));
    return {};
  }();
  if (!handed_in) state->early = fail(handed_in.error());
  return PendingAppend(std::move(state));
}

PendingAppend::PendingAppend(std::shared_ptr<State> state) : state_(std::move(state)) {}
PendingAppend::PendingAppend(PendingAppend&&) noexcept = default;
PendingAppend& PendingAppend::operator=(PendingAppend&&) noexcept = default;
PendingAppend::~PendingAppend() = default;

bool PendingAppend::done() const {
  return !state_->submission || state_->submission->done() || fork_count() != state_->forks;
}

Result<std::vector<Receipt>> PendingAppend::wait() {
  if (fork_count() != state_->forks) return not_for_children("a pending append");
  if (!state_->submission) return state_->early;
  state_->submission->wait();
  return state_->submission->result;
}

Result<void> Ledger::sync() {
  DAYBOOK_TRY(queue, impl_->writable());
  return queue->drain();
}

Result<Event> Ledger::read(Seq seq) {
  DAYBOOK_CHECK(impl_->check_process());
  return impl_->log->read(seq);
}

Result<Event> Ledger::find(const EventId& id) {
  DAYBOOK_CHECK(impl_->check_process());
  return impl_->log->find(id);
}

Result<std::optional<Event>> Ledger::find_key(std::string_view stream, std::string_view key) {
  DAYBOOK_CHECK(impl_->check_process());
  return impl_->log->find_key(stream, key);
}

Result<std::string> Ledger::data(const Event& event) {
  DAYBOOK_CHECK(impl_->check_process());
  switch (event.data_state) {
    case DataState::None:
      return std::string();
    case DataState::Inline:
      return event.data;
    case DataState::Erased:
      return fail(Errc::NotFound, fmt::format("the data of event #{} was erased", event.seq.value),
                  "its commitment and all proofs still hold");
    case DataState::Damaged:
      return fail(Errc::Corruption,
                  fmt::format("the data of event #{} is damaged", event.seq.value),
                  "run `daybook verify`; the envelope is intact");
    case DataState::Blob:
      break;
  }
  DAYBOOK_TRY(bytes, impl_->blobs.get(event.blob));
  return std::string(as_text(bytes));
}

Result<Cursor> Ledger::scan(const ScanOptions& options) {
  DAYBOOK_CHECK(impl_->check_process());
  if (options.from.value > impl_->log->last().value + 1) {
    DAYBOOK_TRY(end, last());
    const Seq before{options.from.value - 1};
    if (before > end) return beyond_the_end(impl_->paths.root, before, end);
  }
  return Cursor(Cursor::Impl::make(*impl_->log, options));
}

Result<Seq> Ledger::last() {
  DAYBOOK_CHECK(impl_->check_process());
  DAYBOOK_CHECK(impl_->log->refresh());
  return impl_->log->last();
}

Result<Seq> Ledger::seq_at(Timestamp time) {
  DAYBOOK_CHECK(impl_->check_process());
  return impl_->log->seq_at(time);
}

Result<Version> Ledger::stream_version(std::string_view stream) {
  DAYBOOK_CHECK(impl_->check_process());
  DAYBOOK_CHECK(impl_->log->refresh());
  return impl_->log->stream_version(stream);
}

Result<std::vector<TypeCount>> Ledger::type_counts() {
  DAYBOOK_CHECK(impl_->check_process());
  return impl_->log->type_counts();
}

Result<bool> Ledger::wait(Seq after, std::chrono::milliseconds timeout) {
  constexpr std::uint64_t kPollMinMicros = 500;
  constexpr std::uint64_t kPollMaxMicros = 20'000;
  Clock& clock = *impl_->env.clock;
  const std::uint64_t start = clock.monotonic_micros();
  const auto patience =
      static_cast<std::uint64_t>(std::max<std::int64_t>(timeout.count(), 0)) * 1000;
  for (std::uint64_t pause = kPollMinMicros;; pause = std::min(pause * 2, kPollMaxMicros)) {
    DAYBOOK_TRY(newest, last());
    if (newest > after) return true;
    if (newest < after) return beyond_the_end(impl_->paths.root, after, newest);
    const std::uint64_t waited = clock.monotonic_micros() - start;
    if (waited >= patience) return false;
    clock.sleep_micros(std::min(pause, patience - waited));
  }
}

Result<BlobRef> Ledger::put_blob(std::span<const std::uint8_t> bytes) {
  DAYBOOK_TRY(queue, impl_->writable());
  static_cast<void>(queue);
  return impl_->blobs.put(bytes);
}

Result<std::vector<std::uint8_t>> Ledger::get_blob(const Digest& digest) {
  DAYBOOK_CHECK(impl_->check_process());
  return impl_->blobs.get(digest);
}

std::string to_json(const BlobRef& blob) {
  return fmt::format(R"({{"$blob":"sha256:{}","size":{}}})", to_string(blob.digest), blob.bytes);
}

Result<Receipt> Ledger::accept_loss() {
  DAYBOOK_CHECK(impl_->check_process());
  DAYBOOK_CHECK(impl_->log->refresh());
  DAYBOOK_TRY(events, impl_->log->unreadable());
  if (events == 0) {
    return fail(Errc::InvalidArgument,
                fmt::format("{}: no event is known to be unreadable", impl_->paths.root),
                "see `daybook verify`");
  }
  return append({.stream = std::string(kLossStream),
                 .type = "daybook/loss-accepted",
                 .data = fmt::format(R"({{"events":{}}})", events)});
}

Result<Checkpoint> Ledger::checkpoint(Accept accept) { return impl_->checkpoint(accept); }

void Ledger::withhold_signatures() {
  if (impl_->writer) impl_->writer->withhold_signatures();
}

VerifierKey Ledger::verifier_key() const { return impl_->identity.key; }

Result<InclusionProof> Ledger::prove(Seq seq, Disclose disclose) {
  DAYBOOK_TRY(newest, last());
  if (seq.value == 0 || seq > newest) {
    return fail(Errc::NotFound,
                fmt::format("no event #{}: the ledger ends at #{}", seq.value, newest.value));
  }
  InclusionProof proof;
  proof.seq = seq;
  DAYBOOK_TRY(checkpoint, impl_->covering_checkpoint(seq.value));
  proof.checkpoint = std::move(checkpoint);
  DAYBOOK_TRY(cursor, scan({.from = seq, .to = seq}));
  DAYBOOK_TRY(event, cursor.next());
  if (event == nullptr) {
    return fail(Errc::Corruption, fmt::format("event #{} cannot be read", seq.value),
                "run `daybook verify` to see what is damaged");
  }
  proof.envelope.assign(event->envelope.begin(), event->envelope.end());
  if (disclose == Disclose::WithData && event->data_state != DataState::None) {
    DAYBOOK_TRY(text, data(to_event(*event)));
    proof.salted_data = std::string(as_text(event->salt)) + text;
  }
  DAYBOOK_TRY(path, impl_->tiles.prove_inclusion(leaf_hash(proof.envelope), seq.value - 1,
                                                 proof.checkpoint.head, impl_->leaves()));
  proof.path = std::move(path);
  return proof;
}

Result<ConsistencyProof> Ledger::prove_consistency(std::uint64_t older, std::uint64_t newer) {
  DAYBOOK_CHECK(impl_->check_process());
  DAYBOOK_CHECK(impl_->log->refresh());
  TreeHead present;
  {
    const std::shared_lock lock(impl_->log->mutex());
    present = impl_->log->active().peaks.head();
  }
  if (older > newer || newer > present.size) {
    return fail(Errc::InvalidArgument,
                fmt::format("no ledger of {} events grew into one of {}", older, newer),
                fmt::format("give two sizes in order, up to {}", present.size));
  }
  TreeHead head = present;
  if (newer < present.size) {
    DAYBOOK_TRY(growth, impl_->tiles.prove_consistency(newer, present, impl_->leaves()));
    head = growth.older;
  }
  DAYBOOK_TRY(growth, impl_->tiles.prove_consistency(older, head, impl_->leaves()));
  ConsistencyProof proof;
  proof.path = std::move(growth.path);
  DAYBOOK_TRY(older_note, impl_->sign(growth.older));
  DAYBOOK_TRY(newer_note, impl_->sign(head));
  proof.older = std::move(older_note);
  proof.newer = std::move(newer_note);
  return proof;
}

Result<VerifyReport> Ledger::verify(const VerifyOptions& options) {
  DAYBOOK_CHECK(impl_->check_process());
  return verify_ledger(*impl_, options);
}

Result<LedgerStatus> Ledger::status() {
  DAYBOOK_CHECK(impl_->check_process());
  DAYBOOK_CHECK(impl_->log->refresh());
  LedgerStatus status;
  status.path = impl_->paths.root;
  status.ledger_id = to_string(impl_->identity.ledger_id);
  status.origin = impl_->identity.origin;
  status.created = impl_->identity.created;
  status.repairs = impl_->repairs;
  DAYBOOK_TRY(note, impl_->log->newest_checkpoint());
  if (!note.empty()) {
    if (auto checkpoint = parse_checkpoint(note)) status.checkpoint = std::move(*checkpoint);
  }
  DAYBOOK_TRY(damage, recall_damage(impl_->env, impl_->paths, impl_->identity.ledger_id));
  status.damage = std::move(damage);
  DAYBOOK_TRY(entries, impl_->env.files->list(impl_->paths.log));
  const std::shared_lock lock(impl_->log->mutex());
  const SegmentState& active = impl_->log->active();
  const std::string active_name = segment_name(active.index.first_seq());
  for (const DirectoryEntry& entry : entries) {
    if (!parse_segment_name(entry.name)) continue;
    ++status.segments;
    status.disk_bytes += entry.stamp.size;
    status.log_bytes += entry.name == active_name ? active.end : entry.stamp.size;
  }
  status.last = active.index.last_seq();
  DAYBOOK_TRY(recorded, impl_->last_recorded_locked());
  status.last_recorded = recorded.value_or(Timestamp{});
  status.clock_behind = impl_->clock_behind(recorded);
  status.head = active.peaks.head();
  status.lost = active.lost;
  return status;
}

Result<std::chrono::microseconds> Ledger::clock_behind() const {
  DAYBOOK_CHECK(impl_->check_process());
  const std::shared_lock lock(impl_->log->mutex());
  DAYBOOK_TRY(recorded, impl_->last_recorded_locked());
  return impl_->clock_behind(recorded);
}

const std::string& Ledger::path() const { return impl_->paths.root; }

}  // namespace daybook
