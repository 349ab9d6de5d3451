// SPDX-License-Identifier: Apache-2.0
//
// What is known about the events of one segment without reading them: where
// they are, which streams they belong to, which keys they carry. Grows with the
// active segment; when the segment is sealed it is written into the log as the
// seal's sections (seal.h).
//
// Not thread-safe; the Log guards the active one.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daybook/event.h"
#include "ledger/format.h"

namespace daybook {

// One entry of the "offsets" section: an event and where it lies. Persisted.
struct OffsetEntry {
  Seq seq;
  std::uint64_t record = 0;  // file offset of its record
  std::uint64_t frame = 0;   // file offset of its frame
  Timestamp recorded;
  EventId id;
};
static_assert(sizeof(OffsetEntry) == format::kOffsetEntryBytes);

// The last entry at or before a seq or id (`member` says which); nullptr when
// there is none.
template <class Entries, class Key, class Member>
[[nodiscard]] const OffsetEntry* last_at_or_before(const Entries& entries, const Key& key,
                                                   Member member) {
  const auto after = std::ranges::upper_bound(entries, key, {}, member);
  return after == entries.begin() ? nullptr : &*std::prev(after);
}

// One entry of the "keys" section. Persisted.
struct KeyEntry {
  std::uint64_t hash = 0;
  Seq seq;
  friend auto operator<=>(const KeyEntry&, const KeyEntry&) = default;
};
static_assert(sizeof(KeyEntry) == format::kKeyEntryBytes);

// First 8 bytes of SHA-256 of a stream name, and of stream, zero byte, key.
[[nodiscard]] std::uint64_t stream_hash(std::string_view stream);
[[nodiscard]] std::uint64_t key_hash(std::string_view stream, std::string_view key);

// Lets maps keyed by std::string be asked with a string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};
template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// A stream's part in a segment.
struct StreamPart {
  Version last;                     // version of its newest event, here or earlier
  Version first;                    // version of its first event here; 0: none here
  std::vector<std::uint32_t> seqs;  // of its events here, less the segment's first seq
  // Events behind the newest that cannot be read and may be the stream's: as many
  // versions may have been given.
  std::uint64_t hidden = 0;
};

class SegmentIndex {
 public:
  explicit SegmentIndex(Seq first_seq) : first_seq_(first_seq) {}

  // Adds the next event. `part` is the stream's entry, from part().
  void add(const EventView& event, std::uint64_t record, std::uint64_t frame, StreamPart& part);
  void add(const EventView& event, std::uint64_t record, std::uint64_t frame) {
    add(event, record, frame, part(event.stream));
  }

  // The stream's entry, made when missing (then with `last` 0).
  [[nodiscard]] StreamPart& part(std::string_view stream);
  [[nodiscard]] const StreamPart* find(std::string_view stream) const;

  // Events with this key hash, oldest first; to be confirmed by reading them.
  [[nodiscard]] std::vector<Seq> find_key(std::uint64_t hash) const;

  // The last noted event at or before `seq` or `id`; nullptr when there is none.
  [[nodiscard]] const OffsetEntry* locate(Seq seq) const;
  [[nodiscard]] const OffsetEntry* locate(const EventId& id) const;

  [[nodiscard]] Seq first_seq() const { return first_seq_; }
  [[nodiscard]] Seq last_seq() const { return last_seq_; }  // below first_seq when empty
  [[nodiscard]] bool empty() const { return offsets_.empty(); }
  [[nodiscard]] const EventId& last_id() const { return last_id_; }
  [[nodiscard]] Timestamp last_recorded() const { return last_recorded_; }
  [[nodiscard]] Timestamp min_time() const { return min_time_; }
  [[nodiscard]] Timestamp max_time() const { return max_time_; }
  [[nodiscard]] const std::vector<OffsetEntry>& offsets() const { return offsets_; }
  [[nodiscard]] const TextMap<StreamPart>& streams() const { return streams_; }
  [[nodiscard]] std::vector<KeyEntry> sorted_keys() const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::uint64_t>>& types() const {
    return types_;
  }

  // Events lost in damage before the next one: they keep their seqs.
  void skip_to(Seq last_seq) { last_seq_ = std::max(last_seq_, last_seq); }

 private:
  friend class SealReader;  // restores an index from a seal's sections
  void count_type(std::string_view type);

  Seq first_seq_;
  Seq last_seq_{first_seq_.value - 1};
  EventId last_id_;
  Timestamp last_recorded_{INT64_MIN};
  Timestamp min_time_{INT64_MAX};
  Timestamp max_time_{INT64_MIN};
  std::vector<OffsetEntry> offsets_;
  TextMap<StreamPart> streams_;
  std::vector<KeyEntry> old_keys_;                            // sorted; from a restored index
  std::unordered_multimap<std::uint64_t, Seq> keys_;          // added since
  std::vector<std::pair<std::string, std::uint64_t>> types_;  // in order of appearance
  TextMap<std::size_t> type_at_;
  std::size_t last_type_ = 0;  // events of one type come in runs
};

}  // namespace daybook
