// SPDX-License-Identifier: Apache-2.0
#include "ledger/sealed_segment.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "ledger/frame.h"
#include "ledger/segment_state.h"

namespace daybook {
namespace {

std::unexpected<Error> not_sealed(const std::string& path, std::string_view why) {
  return fail(Errc::Corruption, fmt::format("{}: {}", path, why),
              "run `daybook verify` to see what is affected");
}

template <class Key, class Member>
Result<Location> locate_in(SealReader& reader, const Key& key, Member member) {
  DAYBOOK_TRY(entries, reader.offsets());
  const OffsetEntry* entry = last_at_or_before(entries, key, member);
  return entry != nullptr ? Location{entry->record, entry->frame}
                          : Location{format::kSegmentHeaderBytes, format::kSegmentHeaderBytes};
}

}  // namespace

Result<SealPlace> find_seal(const File& file, const std::string& path) {
  DAYBOOK_TRY(size, file.size());
  if (size < format::kSegmentHeaderBytes + format::kSealTrailerBytes) {
    return not_sealed(path, "the segment is cut short");
  }
  DAYBOOK_TRY(trailer, read_exactly(file, path, size - format::kSealTrailerBytes,
                                    format::kSealTrailerBytes));
  const auto frame = load<std::uint64_t>(trailer.data() + 8);
  constexpr std::size_t kHeaders = format::kFrameHeaderBytes + format::kRecordHeaderBytes;
  if (load<std::uint64_t>(trailer.data()) != format::kSealMagic || frame % 8 != 0 ||
      frame > size - format::kSealTrailerBytes || size - frame < kHeaders) {
    return not_sealed(path, "the seal's trailer is damaged");
  }
  DAYBOOK_TRY(headers, read_exactly(file, path, frame, kHeaders));
  const auto header = decode_frame_header(headers);
  const std::uint64_t length = load<std::uint32_t>(headers.data() + format::kFrameHeaderBytes + 8);
  if (!header || header->type != format::FrameType::Seal || frame + header->total_bytes() > size ||
      format::kRecordHeaderBytes + length > header->body_bytes) {
    return not_sealed(path, "the seal is damaged");
  }
  return SealPlace{frame, frame + kHeaders, length};
}

Result<bool> has_seal(const File& file, const std::string& path) {
  const auto place = find_seal(file, path);
  if (!place && place.error().code != Errc::Corruption) return fail(place.error());
  return place.has_value();
}

Result<std::shared_ptr<SealedSegment>> SealedSegment::open(FileSystem& files,
                                                           const std::string& path,
                                                           const std::string& name) {
  DAYBOOK_TRY(file, files.open(path, OpenMode::Read));
  std::shared_ptr<SealedSegment> segment(new SealedSegment(std::move(file), name));
  auto reader = segment->open_seal(path);
  if (!reader && reader.error().code == Errc::Corruption) reader = segment->rebuild_seal(path);
  if (!reader) return fail(std::move(reader).error());
  segment->reader_ = std::move(*reader);
  return segment;
}

Result<SealReader> SealedSegment::open_seal(const std::string& path) const {
  DAYBOOK_TRY(place, find_seal(*file_, path));
  const File* file = file_.get();
  DAYBOOK_TRY(reader,
              SealReader::open(
                  [file, path, place](std::uint64_t offset, std::uint64_t length) -> Result<Bytes> {
                    return read_exactly(*file, path, place.body + offset, length);
                  },
                  place.length));
  return reader;
}

Result<SealReader> SealedSegment::rebuild_seal(const std::string& path) {
  DAYBOOK_TRY(bytes, read_exactly(*file_, path, 0, format::kSegmentHeaderBytes));
  DAYBOOK_TRY(header, decode_segment_header(bytes, path));
  SegmentState state(header, name_);
  state.durable = kEverything;
  DAYBOOK_CHECK(state.follow(*file_));
  rebuilt_ = true;
  lost_ = state.lost;
  DAYBOOK_TRY(seal, build_seal(state.index, state.peaks,
                               [](std::string_view, std::uint64_t) -> Result<Seq> {
                                 return kUnknownSegment;
                               }));
  return SealReader::over(std::move(seal));
}

// A table that turns out to be damaged when it is first read is made again too.
template <class Ask>
auto SealedSegment::ask(Ask question) -> decltype(question(std::declval<SealReader&>())) {
  const std::lock_guard lock(mutex_);
  auto answer = question(*reader_);
  if (answer || answer.error().code != Errc::Corruption || rebuilt_) return answer;
  auto rebuilt = rebuild_seal(name_);
  if (!rebuilt && rebuilt.error().code != Errc::Corruption) return fail(std::move(rebuilt).error());
  if (!rebuilt) return answer;
  reader_ = std::move(*rebuilt);
  return question(*reader_);
}

Result<Location> SealedSegment::locate(Seq seq) {
  return ask([&](SealReader& reader) { return locate_in(reader, seq, &OffsetEntry::seq); });
}

Result<Location> SealedSegment::locate(const EventId& id) {
  return ask([&](SealReader& reader) { return locate_in(reader, id, &OffsetEntry::id); });
}

Result<std::optional<StreamEntry>> SealedSegment::find_stream(std::string_view stream,
                                                              std::uint64_t hash) {
  return ask([&](SealReader& reader) { return reader.find_stream(stream, hash); });
}

Result<SegmentStreams> SealedSegment::streams() {
  return ask([](SealReader& reader) { return reader.streams(); });
}

Result<std::vector<std::uint32_t>> SealedSegment::postings(const StreamEntry& entry) {
  return ask([&](SealReader& reader) { return reader.postings(entry); });
}

Result<std::vector<Seq>> SealedSegment::find_key(std::uint64_t hash) {
  return ask([&](SealReader& reader) { return reader.find_key(hash); });
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> SealedSegment::types() {
  return ask([&](SealReader& reader) { return reader.types(); });
}

Result<std::vector<OffsetEntry>> SealedSegment::offsets() {
  return ask([&](SealReader& reader) -> Result<std::vector<OffsetEntry>> {
    DAYBOOK_TRY(entries, reader.offsets());
    return std::vector<OffsetEntry>(entries.begin(), entries.end());
  });
}

}  // namespace daybook
