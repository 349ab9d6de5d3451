// SPDX-License-Identifier: Apache-2.0
#include "ledger/segment_index.h"

#include <algorithm>

#include "base/sha256.h"

namespace daybook {
namespace {

constexpr std::uint8_t kKeySeparator[1] = {0};

}  // namespace

std::uint64_t stream_hash(std::string_view stream) {
  return load<std::uint64_t>(sha256(as_bytes(stream)).bytes.data());
}

std::uint64_t key_hash(std::string_view stream, std::string_view key) {
  const Digest digest = sha256({as_bytes(stream), ByteView(kKeySeparator), as_bytes(key)});
  return load<std::uint64_t>(digest.bytes.data());
}

void SegmentIndex::add(const EventView& event, std::uint64_t record, std::uint64_t frame,
                       StreamPart& part) {
  if (offsets_.empty() || record >= offsets_.back().record + format::kOffsetStride) {
    offsets_.push_back({event.seq, record, frame, event.recorded, event.id});
  }
  if (part.seqs.empty()) part.first = event.version;
  part.last = event.version;
  part.hidden = 0;
  part.seqs.push_back(static_cast<std::uint32_t>(event.seq.value - first_seq_.value));
  if (!event.key.empty()) keys_.emplace(key_hash(event.stream, event.key), event.seq);
  count_type(event.type);
  last_seq_ = event.seq;
  last_id_ = event.id;
  last_recorded_ = event.recorded;
  min_time_ = std::min(min_time_, event.time);
  max_time_ = std::max(max_time_, event.time);
}

StreamPart& SegmentIndex::part(std::string_view stream) {
  const auto found = streams_.find(stream);
  return found != streams_.end() ? found->second
                                 : streams_.emplace(stream, StreamPart{}).first->second;
}

const StreamPart* SegmentIndex::find(std::string_view stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : &found->second;
}

std::vector<Seq> SegmentIndex::find_key(std::uint64_t hash) const {
  std::vector<Seq> seqs;
  const auto [from, to] = std::ranges::equal_range(old_keys_, hash, {}, &KeyEntry::hash);
  for (auto it = from; it != to; ++it) seqs.push_back(it->seq);
  const auto [first, last] = keys_.equal_range(hash);
  for (auto it = first; it != last; ++it) seqs.push_back(it->second);
  std::ranges::sort(seqs);
  return seqs;
}

const OffsetEntry* SegmentIndex::locate(Seq seq) const {
  return last_at_or_before(offsets_, seq, &OffsetEntry::seq);
}

const OffsetEntry* SegmentIndex::locate(const EventId& id) const {
  return last_at_or_before(offsets_, id, &OffsetEntry::id);
}

std::vector<KeyEntry> SegmentIndex::sorted_keys() const {
  std::vector<KeyEntry> all = old_keys_;
  for (const auto& [hash, seq] : keys_) all.push_back({hash, seq});
  std::ranges::sort(all);
  return all;
}

void SegmentIndex::count_type(std::string_view type) {
  if (last_type_ < types_.size() && types_[last_type_].first == type) {
    ++types_[last_type_].second;
    return;
  }
  const auto found = type_at_.find(type);
  if (found != type_at_.end()) {
    last_type_ = found->second;
    ++types_[last_type_].second;
    return;
  }
  last_type_ = types_.size();
  type_at_.emplace(type, last_type_);
  types_.emplace_back(type, 1);
}

}  // namespace daybook
