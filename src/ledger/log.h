// SPDX-License-Identifier: Apache-2.0
//
// The log as everybody reads it: its segments in order, the active one's state
// in memory, sealed ones through their seals. It follows what other processes
// append; only the Writer changes anything.
//
// Thread-safe: the active state is guarded by mutex(), which the Writer holds
// while it commits; everything else locks inside.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "daybook/ledger.h"
#include "ledger/record_reader.h"
#include "ledger/sealed_segment.h"
#include "ledger/segment_state.h"
#include "ledger/stream_directory.h"

namespace daybook {

// Where the ledger's files are.
struct LedgerPaths {
  explicit LedgerPaths(const std::string& directory)
      : root(directory),
        identity(root + "/LEDGER"),
        log(root + "/log"),
        blobs(root + "/blobs"),
        keys(root + "/keys"),
        key(root + "/keys/checkpoint.key"),
        views(root + "/views"),
        snapshot(root + "/views/active"),
        tiles(root + "/views/tile"),
        damage(root + "/views/damage"),
        lock(root + "/lock"),
        tail(root + "/tail") {}
  std::string root, identity, log, blobs, keys, key, views, snapshot, tiles, damage, lock, tail;

  [[nodiscard]] std::string segment(Seq first) const { return log + "/" + segment_name(first); }
};

class Log {
 public:
  // Errors: Corruption when there is no segment at all, Unsupported, Io.
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(const Environment& env,
                                                         const LedgerPaths& paths,
                                                         const EventId& ledger_id);

  // Takes in what has been appended since. Costs one short read when nothing has.
  [[nodiscard]] Result<void> refresh();

  [[nodiscard]] Seq last() const;
  [[nodiscard]] Result<Event> read(Seq seq);
  [[nodiscard]] Result<Event> find(const EventId& id);
  [[nodiscard]] Result<std::optional<Event>> find_key(std::string_view stream,
                                                      std::string_view key);
  [[nodiscard]] Result<Seq> seq_at(Timestamp recorded);
  [[nodiscard]] Result<std::vector<TypeCount>> type_counts();
  [[nodiscard]] Result<Version> stream_version(std::string_view stream);

  // The segments' first seqs, oldest first; the last one is the active one.
  [[nodiscard]] std::vector<Seq> segments() const;
  [[nodiscard]] Result<std::shared_ptr<SealedSegment>> sealed(Seq first_seq);
  // A handle of its own for a reader that stays.
  [[nodiscard]] Result<std::unique_ptr<File>> open_segment(Seq first_seq) const;

  // Seqs of a stream's events in one segment, ascending, and the next older
  // segment that holds the stream (Seq{0}: none).
  struct StreamSeqs {
    std::vector<Seq> seqs;
    Seq previous_segment;
  };
  [[nodiscard]] Result<StreamSeqs> stream_seqs(Seq segment, std::string_view stream);
  // The newest segment that holds the stream, at or before `from`.
  [[nodiscard]] Result<Seq> segment_of_stream(std::string_view stream, Seq from);
  // Noted events of a segment, ascending, for reading it backwards in parts;
  // `end` is where its frames end.
  struct Offsets {
    std::vector<OffsetEntry> entries;
    std::uint64_t end = 0;
  };
  [[nodiscard]] Result<Offsets> offsets(Seq segment);
  [[nodiscard]] Result<Location> locate(Seq segment, Seq seq);
  // Below this offset of the segment, what cannot be read is damage.
  [[nodiscard]] std::uint64_t trusted_end(Seq segment) const;
  // The newest signed note in the log; empty when there is none.
  [[nodiscard]] Result<std::string> newest_checkpoint();

  // For the Writer, with mutex() held exclusively, and for copies of the state
  // with it held shared.
  [[nodiscard]] std::shared_mutex& mutex() const { return mutex_; }
  [[nodiscard]] SegmentState& active() { return *active_; }
  [[nodiscard]] const File& active_file() const { return *active_file_; }
  [[nodiscard]] const SegmentState& active() const { return *active_; }
  [[nodiscard]] Result<void> refresh_locked();
  [[nodiscard]] const std::vector<Seq>& segments_locked() const { return segments_; }
  // The newest sealed segment that holds the stream; Seq{0}: none.
  [[nodiscard]] Result<Seq> previous_segment_locked(std::string_view stream, std::uint64_t hash);
  // Where a stream ends, as far as can be read (log_damage.cc).
  struct StreamEnd {
    Version last;              // 0: it has no event
    std::uint64_t hidden = 0;  // as StreamPart::hidden
  };
  [[nodiscard]] Result<StreamEnd> stream_end_locked(std::string_view stream);
  // Corruption when events that cannot be read may have been given versions or
  // keys of the stream, and nobody has accepted their loss.
  [[nodiscard]] Result<void> check_version_known_locked(std::string_view stream,
                                                        std::uint64_t hidden);
  [[nodiscard]] Result<void> check_keys_known_locked(std::string_view stream);
  // Events of all segments that cannot be read, as far as is known without reading
  // sealed ones.
  [[nodiscard]] Result<std::uint64_t> unreadable();
  // The first event with this key. Reads the candidates.
  [[nodiscard]] Result<std::optional<Event>> find_key_locked(std::string_view stream,
                                                             std::string_view key);
  [[nodiscard]] Result<Event> find_locked(const EventId& id);
  // Forgets the active state and reads it again from the log.
  [[nodiscard]] Result<void> reload_locked();
  // Goes on to the segment that follows the sealed active one, if it exists.
  [[nodiscard]] Result<bool> next_segment_locked();
  // Writes the active state to views/, so that the next open reads less.
  [[nodiscard]] Result<void> save_snapshot();

 private:
  Log(const Environment& env, const LedgerPaths& paths, const EventId& ledger_id)
      : env_(env), paths_(paths), ledger_id_(ledger_id) {}
  // The newest sealed segment at or before `from` that holds the stream.
  struct Holding {
    Seq first;
    std::shared_ptr<SealedSegment> segment;
    StreamEntry entry;
  };
  [[nodiscard]] Result<std::optional<Holding>> sealed_holding(std::string_view stream,
                                                              std::uint64_t hash, Seq from);
  [[nodiscard]] std::span<const Seq> sealed_segments() const {
    return std::span(segments_).first(segments_.size() - 1);
  }
  [[nodiscard]] Result<bool> loss_accepted();
  [[nodiscard]] Result<void> load_active(Seq first_seq);
  [[nodiscard]] Result<SegmentHeader> header_of(const File& file, Seq first_seq);
  [[nodiscard]] Seq segment_holding(Seq seq) const;
  [[nodiscard]] Result<Event> read_locked(Seq seq);
  [[nodiscard]] Result<Seq> segment_holding(const EventId& id);

  Environment env_;
  LedgerPaths paths_;
  EventId ledger_id_;
  mutable std::shared_mutex mutex_;
  std::vector<Seq> segments_;
  std::shared_ptr<File> active_file_;
  FileId active_id_;
  std::unique_ptr<SegmentState> active_;
  std::uint64_t snapshot_end_ = 0;  // how far views/active reaches
  std::mutex cache_mutex_;
  std::vector<std::shared_ptr<SealedSegment>> cache_;  // most recently used last
  StreamDirectory streams_{[this](Seq segment) -> Result<SegmentStreams> {
    DAYBOOK_TRY(opened, sealed(segment));
    return opened->streams();
  }};
};

}  // namespace daybook
