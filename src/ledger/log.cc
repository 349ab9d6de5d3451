// SPDX-License-Identifier: Apache-2.0
#include "ledger/log.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "ledger/checkpoints.h"
#include "ledger/snapshot.h"

namespace daybook {
namespace {

// Sealed segments whose tables are kept at once: bounds memory, not the ledger.
constexpr std::size_t kMaxCachedSegments = 32;
// Appended bytes that make a new snapshot worth its write.
constexpr std::uint64_t kSnapshotStride = 1u << 20;

std::string relative_name(Seq first_seq) { return "log/" + segment_name(first_seq); }

}  // namespace

Result<std::unique_ptr<Log>> Log::open(const Environment& env, const LedgerPaths& paths,
                                       const EventId& ledger_id) {
  std::unique_ptr<Log> log(new Log(env, paths, ledger_id));
  auto listed = env.files->list(paths.log);
  // A ledger without its log is damaged, not missing: NotFound would say the latter.
  if (!listed && listed.error().code != Errc::NotFound) return fail(std::move(listed).error());
  for (const DirectoryEntry& entry : listed.value_or(std::vector<DirectoryEntry>{})) {
    if (const auto seq = parse_segment_name(entry.name)) log->segments_.push_back(*seq);
  }
  std::ranges::sort(log->segments_);
  if (log->segments_.empty()) {
    return fail(Errc::Corruption, fmt::format("{}: the ledger has no segments", paths.log),
                "restore the log directory from a backup");
  }
  DAYBOOK_CHECK(log->load_active(log->segments_.back()));
  return log;
}

Result<SegmentHeader> Log::header_of(const File& file, Seq first_seq) {
  const std::string path = paths_.segment(first_seq);
  DAYBOOK_TRY(size, file.size());
  DAYBOOK_TRY(
      bytes, read_exactly(file, path, 0, std::min<std::size_t>(size, format::kSegmentHeaderBytes)));
  auto header = decode_segment_header(bytes, path);
  if (header && header->first_seq == first_seq && header->ledger_id == ledger_id_) return header;
  if (!header && header.error().code == Errc::Unsupported) return header;
  // The header only repeats what LEDGER, name and predecessor say, except the time.
  SegmentHeader rebuilt;
  rebuilt.ledger_id = ledger_id_;
  rebuilt.first_seq = first_seq;
  const auto here = std::ranges::find(segments_, first_seq);
  if (here != segments_.begin() && here != segments_.end()) {
    DAYBOOK_TRY(previous, sealed(*std::prev(here)));
    rebuilt.peaks = previous->header().peaks;
  }
  if (rebuilt.peaks.size() + 1 != first_seq.value) {
    return fail(Errc::Corruption,
                fmt::format("{}: neither its header nor the segment before can be read", path),
                "restore the log directory from a backup");
  }
  return rebuilt;
}

Result<void> Log::load_active(Seq first_seq) {
  const std::string path = paths_.segment(first_seq);
  DAYBOOK_TRY(file, env_.files->open(path, OpenMode::Read));
  DAYBOOK_TRY(header, header_of(*file, first_seq));
  auto state = load_snapshot(*env_.files, paths_.snapshot, *file, header, relative_name(first_seq));
  if (!state) {
    state = std::make_unique<SegmentState>(header, relative_name(first_seq));
    snapshot_end_ = 0;
  } else {
    snapshot_end_ = state->end;
  }
  std::optional<Hint> hint;
  if (auto tail = env_.files->open(paths_.tail, OpenMode::Read)) {
    DAYBOOK_TRY(read, read_hint(**tail));
    hint = read;
  } else if (tail.error().code != Errc::NotFound) {
    return fail(std::move(tail).error());
  }
  if (hint && hint->to.segment > first_seq) {
    // Another process may have gone on since the directory was read.
    DAYBOOK_TRY(exists, env_.files->exists(paths_.segment(hint->to.segment)));
    if (exists) hint.reset();
  }
  DAYBOOK_CHECK(state->recover(*file, hint));
  DAYBOOK_TRY(id, file->id());
  active_id_ = id;
  active_file_ = std::move(file);
  active_ = std::move(state);
  return {};
}

Result<void> Log::reload_locked() { return load_active(segments_.back()); }

Result<bool> Log::next_segment_locked() {
  const Seq next = active_->index.last_seq().next();
  if (!active_->sealed || next == segments_.back()) return false;
  DAYBOOK_TRY(exists, env_.files->exists(paths_.segment(next)));
  if (!exists) return false;
  segments_.push_back(next);
  auto loaded = load_active(next);
  if (!loaded) {
    segments_.pop_back();
    return fail(std::move(loaded).error());
  }
  return true;
}

Result<void> Log::refresh_locked() {
  while (true) {
    DAYBOOK_CHECK(active_->follow(*active_file_));
    DAYBOOK_TRY(moved, next_segment_locked());
    if (!moved) return {};
  }
}

Result<void> Log::refresh() {
  const std::unique_lock lock(mutex_);
  DAYBOOK_CHECK(refresh_locked());
  const auto there = env_.files->id_of(paths_.segment(segments_.back()));
  if (there && *there == active_id_) return {};
  if (!there && there.error().code != Errc::NotFound) return fail(there.error());
  return fail(
      Errc::Io,
      fmt::format("{}: the ledger was moved, removed or replaced while it was open", paths_.root),
      "open the ledger where it is now");
}

Seq Log::last() const {
  const std::shared_lock lock(mutex_);
  return active_->index.last_seq();
}

std::vector<Seq> Log::segments() const {
  const std::shared_lock lock(mutex_);
  return segments_;
}

Result<std::unique_ptr<File>> Log::open_segment(Seq first_seq) const {
  return env_.files->open(paths_.segment(first_seq), OpenMode::Read);
}

Result<std::shared_ptr<SealedSegment>> Log::sealed(Seq first_seq) {
  const std::lock_guard lock(cache_mutex_);
  const auto cached = std::ranges::find(
      cache_, first_seq, [](const auto& segment) { return segment->header().first_seq; });
  if (cached != cache_.end()) {
    std::rotate(cached, cached + 1, cache_.end());
    return cache_.back();
  }
  DAYBOOK_TRY(segment, SealedSegment::open(*env_.files, paths_.segment(first_seq),
                                           relative_name(first_seq)));
  if (cache_.size() == kMaxCachedSegments) cache_.erase(cache_.begin());
  cache_.push_back(segment);
  return segment;
}

Seq Log::segment_holding(Seq seq) const {
  const auto after = std::ranges::upper_bound(segments_, seq);
  return after == segments_.begin() ? segments_.front() : *std::prev(after);
}

// Ids grow with seqs, so the segment is found by the last id of those before.
Result<Seq> Log::segment_holding(const EventId& id) {
  if (segments_.size() == 1) return segments_.back();
  if (!active_->index.empty() && active_->index.offsets().front().id <= id) return segments_.back();
  std::size_t low = 0;
  std::size_t high = segments_.size() - 2;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    DAYBOOK_TRY(segment, sealed(segments_[middle]));
    if (segment->header().last_id < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return segments_[low];
}

Result<Location> Log::locate(Seq segment, Seq seq) {
  const std::shared_lock lock(mutex_);
  if (segment == segments_.back()) {
    const OffsetEntry* entry = active_->index.locate(seq);
    return entry != nullptr ? Location{entry->record, entry->frame}
                            : Location{format::kSegmentHeaderBytes, format::kSegmentHeaderBytes};
  }
  DAYBOOK_TRY(sealed_segment, sealed(segment));
  return sealed_segment->locate(seq);
}

std::uint64_t Log::trusted_end(Seq segment) const {
  const std::shared_lock lock(mutex_);
  return segment == segments_.back() && !active_->sealed ? active_->end : kEverything;
}

Result<std::string> Log::newest_checkpoint() {
  {
    const std::shared_lock lock(mutex_);
    if (!active_->checkpoint.empty()) return active_->checkpoint;
  }
  return newest_sealed_checkpoint(*this);
}

Result<Event> Log::read(Seq seq) {
  {
    const std::shared_lock lock(mutex_);
    if (seq.value != 0 && seq <= active_->index.last_seq()) return read_locked(seq);
  }
  DAYBOOK_CHECK(refresh());
  const std::shared_lock lock(mutex_);
  if (seq.value != 0 && seq <= active_->index.last_seq()) return read_locked(seq);
  return fail(Errc::NotFound, fmt::format("no event #{}: the ledger ends at #{}", seq.value,
                                          active_->index.last_seq().value));
}

Result<Event> Log::read_locked(Seq seq) {
  const Seq segment = segment_holding(seq);
  if (segment == segments_.back()) {
    RecordReader reader(*active_file_, relative_name(segment));
    const OffsetEntry* entry = active_->index.locate(seq);
    const Location from = entry != nullptr ? Location{entry->record, entry->frame}
                                           : Location{format::kSegmentHeaderBytes, 0};
    DAYBOOK_TRY(event, reader.read(seq, from));
    return to_event(event);
  }
  DAYBOOK_TRY(sealed_segment, sealed(segment));
  DAYBOOK_TRY(from, sealed_segment->locate(seq));
  RecordReader reader(sealed_segment->file(), sealed_segment->name());
  DAYBOOK_TRY(event, reader.read(seq, from));
  return to_event(event);
}

Result<Event> Log::find(const EventId& id) {
  {
    const std::shared_lock lock(mutex_);
    auto found = find_locked(id);
    if (found || found.error().code != Errc::NotFound) return found;
  }
  DAYBOOK_CHECK(refresh());
  const std::shared_lock lock(mutex_);
  return find_locked(id);
}

Result<Event> Log::find_locked(const EventId& id) {
  DAYBOOK_TRY(segment, segment_holding(id));
  if (segment == segments_.back()) {
    const OffsetEntry* entry = active_->index.locate(id);
    if (entry == nullptr || active_->index.last_id() < id) {
      return fail(Errc::NotFound, fmt::format("no event {}", to_string(id)));
    }
    RecordReader reader(*active_file_, relative_name(segment));
    DAYBOOK_TRY(event, reader.find(id, Location{entry->record, entry->frame}));
    return to_event(event);
  }
  DAYBOOK_TRY(sealed_segment, sealed(segment));
  DAYBOOK_TRY(from, sealed_segment->locate(id));
  RecordReader reader(sealed_segment->file(), sealed_segment->name());
  DAYBOOK_TRY(event, reader.find(id, from));
  return to_event(event);
}

Result<std::optional<Log::Holding>> Log::sealed_holding(std::string_view stream, std::uint64_t hash,
                                                        Seq from) {
  std::span<const Seq> candidates = sealed_segments();
  const auto after = std::ranges::upper_bound(candidates, from);
  candidates = candidates.first(static_cast<std::size_t>(after - candidates.begin()));
  while (!candidates.empty()) {
    DAYBOOK_TRY(first, streams_.newest(candidates, hash));
    if (first.value == 0) break;
    DAYBOOK_TRY(segment, sealed(first));
    DAYBOOK_TRY(entry, segment->find_stream(stream, hash));
    if (entry) return Holding{first, std::move(segment), *entry};
    // Another stream with the same hash.
    const auto at = std::ranges::lower_bound(candidates, first);
    candidates = candidates.first(static_cast<std::size_t>(at - candidates.begin()));
  }
  return std::nullopt;
}

Result<Seq> Log::previous_segment_locked(std::string_view stream, std::uint64_t hash) {
  DAYBOOK_TRY(holding, sealed_holding(stream, hash, kLastSeq));
  return holding ? holding->first : Seq{};
}

Result<Version> Log::stream_version(std::string_view stream) {
  const std::shared_lock lock(mutex_);
  DAYBOOK_TRY(end, stream_end_locked(stream));
  DAYBOOK_CHECK(check_version_known_locked(stream, end.hidden));
  return end.last;
}

Result<std::optional<Event>> Log::find_key(std::string_view stream, std::string_view key) {
  // An empty key is no key: events without one are many.
  if (key.empty()) return std::nullopt;
  {
    const std::shared_lock lock(mutex_);
    auto found = find_key_locked(stream, key);
    if (!found || *found) return found;
  }
  DAYBOOK_CHECK(refresh());
  const std::shared_lock lock(mutex_);
  return find_key_locked(stream, key);
}

Result<std::optional<Event>> Log::find_key_locked(std::string_view stream, std::string_view key) {
  const std::uint64_t hash = key_hash(stream, key);
  const auto matching = [&](const std::vector<Seq>& seqs) -> Result<std::optional<Event>> {
    for (const Seq seq : seqs) {
      DAYBOOK_TRY(event, read_locked(seq));
      if (event.stream == stream && event.key == key) return std::optional(std::move(event));
    }
    return std::nullopt;
  };
  DAYBOOK_TRY(recent, matching(active_->index.find_key(hash)));
  if (recent) return recent;
  const StreamPart* part = active_->index.find(stream);
  if (part != nullptr && part->first == Version{1}) {  // it begins here
    DAYBOOK_CHECK(check_keys_known_locked(stream));
    return std::nullopt;
  }
  const std::uint64_t streams_hash = stream_hash(stream);
  for (Seq from = kLastSeq; from.value > 0;) {
    DAYBOOK_TRY(holding, sealed_holding(stream, streams_hash, from));
    if (!holding) break;
    DAYBOOK_TRY(seqs, holding->segment->find_key(hash));
    DAYBOOK_TRY(found, matching(seqs));
    if (found) return found;
    from = Seq{holding->first.value - 1};
  }
  DAYBOOK_CHECK(check_keys_known_locked(stream));
  return std::nullopt;
}

Result<Seq> Log::segment_of_stream(std::string_view stream, Seq from) {
  const std::shared_lock lock(mutex_);
  if (segments_.back() <= from) {
    const StreamPart* part = active_->index.find(stream);
    if (part != nullptr && !part->seqs.empty()) return segments_.back();
  }
  DAYBOOK_TRY(holding, sealed_holding(stream, stream_hash(stream), from));
  return holding ? holding->first : Seq{};
}

Result<Log::StreamSeqs> Log::stream_seqs(Seq segment, std::string_view stream) {
  StreamSeqs answer;
  const auto take = [&](const std::vector<std::uint32_t>& deltas) {
    answer.seqs.reserve(deltas.size());
    for (const std::uint32_t delta : deltas) answer.seqs.push_back(Seq{segment.value + delta});
  };
  Seq previous = kUnknownSegment;
  {
    const std::shared_lock lock(mutex_);
    if (segment == segments_.back()) {
      if (const StreamPart* part = active_->index.find(stream)) take(part->seqs);
    } else {
      DAYBOOK_TRY(sealed_segment, sealed(segment));
      DAYBOOK_TRY(entry, sealed_segment->find_stream(stream, stream_hash(stream)));
      if (!entry) return answer;
      previous = entry->previous_segment;
      DAYBOOK_TRY(deltas, sealed_segment->postings(*entry));
      take(deltas);
    }
  }
  answer.previous_segment = previous;
  if (previous == kUnknownSegment) {
    answer.previous_segment = Seq{};
    if (segment.value > 1) {
      DAYBOOK_TRY(found, segment_of_stream(stream, Seq{segment.value - 1}));
      answer.previous_segment = found;
    }
  }
  return answer;
}

Result<Log::Offsets> Log::offsets(Seq segment) {
  const std::shared_lock lock(mutex_);
  if (segment == segments_.back()) return Offsets{active_->index.offsets(), active_->end};
  DAYBOOK_TRY(sealed_segment, sealed(segment));
  DAYBOOK_TRY(entries, sealed_segment->offsets());
  DAYBOOK_TRY(size, sealed_segment->file().size());
  return Offsets{std::move(entries), size};
}

// `recorded` never decreases, so both the segment and the place in it are found
// by halving; the last steps are read from the log.
Result<Seq> Log::seq_at(Timestamp recorded) {
  DAYBOOK_CHECK(refresh());
  const std::vector<Seq> all = segments();
  std::size_t low = 0;
  std::size_t high = all.size() - 1;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    DAYBOOK_TRY(segment, sealed(all[middle]));
    if (segment->header().last_recorded < recorded) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  DAYBOOK_TRY(offsets, this->offsets(all[low]));
  const auto after =
      std::ranges::lower_bound(offsets.entries, recorded, {}, &OffsetEntry::recorded);
  Seq seq = after == offsets.entries.begin() ? all[low] : std::prev(after)->seq;
  for (const Seq end = last(); seq <= end; seq = seq.next()) {
    const auto event = read(seq);
    if (!event && event.error().code != Errc::Corruption) return fail(event.error());
    if (event && event->recorded >= recorded) break;
  }
  return seq;
}

Result<std::vector<TypeCount>> Log::type_counts() {
  DAYBOOK_CHECK(refresh());
  std::map<std::string, std::uint64_t> total;
  const std::vector<Seq> all = segments();
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    DAYBOOK_TRY(segment, sealed(all[i]));
    DAYBOOK_TRY(types, segment->types());
    for (const auto& [type, count] : types) total[type] += count;
  }
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [type, count] : active_->index.types()) total[type] += count;
  }
  std::vector<TypeCount> counts;
  counts.reserve(total.size());
  for (const auto& [type, count] : total) counts.push_back({type, count});
  std::ranges::stable_sort(counts, std::greater<>{}, &TypeCount::count);
  return counts;
}

Result<void> Log::save_snapshot() {
  const std::shared_lock lock(mutex_);
  const bool worth_it = active_->end >= snapshot_end_ + kSnapshotStride;
  const bool whole = active_->lost.empty() && active_->unreadable_after(Seq{}) == 0;
  if (!worth_it || active_->sealed || !whole) return {};
  return daybook::save_snapshot(env_, paths_.snapshot, ledger_id_, *active_);
}

}  // namespace daybook
