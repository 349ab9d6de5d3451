// SPDX-License-Identifier: Apache-2.0
#include "ledger/snapshot.h"

#include "base/crc32c.h"
#include "base/fs/files.h"
#include "ledger/control.h"
#include "ledger/envelope.h"
#include "ledger/seal.h"

namespace daybook {
namespace {

// Layout: header, note text, seal body. Derived, so its layout may change with
// any release: a reader that does not know the magic makes the state anew.
constexpr std::uint64_t kMagic = 0x3130'5649'4157'4244;  // "DBWAIV01"
constexpr std::size_t kHeaderBytes = 96;
constexpr std::size_t kCheckedFrom = 12;
constexpr std::uint64_t kMaxSnapshotBytes = std::uint64_t{256} << 20;

struct SnapshotHeader {
  EventId ledger_id;
  Seq first_seq;
  std::uint64_t end = 0;
  std::uint64_t last_frame = 0;
  std::uint64_t checkpoint_size = 0;
  std::uint64_t note_bytes = 0;
  std::uint64_t seal_bytes = 0;
  std::uint32_t note_crc = 0;  // the seal has checksums of its own
};

Bytes encode(const SnapshotHeader& header) {
  Bytes bytes(kHeaderBytes);
  std::uint8_t* p = bytes.data();
  store(p, kMagic);
  store(p + 16, header.ledger_id);
  store(p + 32, header.first_seq.value);
  store(p + 40, header.end);
  store(p + 48, header.last_frame);
  store(p + 56, header.checkpoint_size);
  store(p + 64, header.note_bytes);
  store(p + 72, header.seal_bytes);
  store(p + 80, header.note_crc);
  store(p + 8, crc32c(ByteView(bytes).subspan(kCheckedFrom)));
  return bytes;
}

std::optional<SnapshotHeader> decode(ByteView bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const std::uint8_t* p = bytes.data();
  if (load<std::uint64_t>(p) != kMagic) return std::nullopt;
  if (load<std::uint32_t>(p + 8) !=
      crc32c(bytes.subspan(kCheckedFrom, kHeaderBytes - kCheckedFrom))) {
    return std::nullopt;
  }
  SnapshotHeader header;
  header.ledger_id = load<EventId>(p + 16);
  header.first_seq = Seq{load<std::uint64_t>(p + 32)};
  header.end = load<std::uint64_t>(p + 40);
  header.last_frame = load<std::uint64_t>(p + 48);
  header.checkpoint_size = load<std::uint64_t>(p + 56);
  header.note_bytes = load<std::uint64_t>(p + 64);
  header.seal_bytes = load<std::uint64_t>(p + 72);
  const std::uint64_t rest = bytes.size() - kHeaderBytes;
  if (header.note_bytes > rest || header.seal_bytes != rest - header.note_bytes) {
    return std::nullopt;
  }
  header.note_crc = load<std::uint32_t>(p + 80);
  if (header.note_crc != crc32c(bytes.subspan(kHeaderBytes, header.note_bytes))) {
    return std::nullopt;
  }
  return header;
}

// The frame the snapshot ends with must still be there, end there, and be of
// the same history: its last id, or the tree it signs, is the snapshot's.
bool fits(FrameScanner& scanner, const SnapshotHeader& header, const SealHeader& seal) {
  const auto kind = scanner.next();
  if (!kind || *kind != FrameScanner::Kind::Frame ||
      scanner.offset() + scanner.length() != header.end) {
    return false;
  }
  const RecordView& last = scanner.frame().records.back();
  if (scanner.frame().header.type == format::FrameType::Events) {
    return envelope_id(last.envelope.data()) == seal.last_id;
  }
  const auto checkpoint = decode_checkpoint_record(last.envelope);
  return checkpoint && checkpoint->peaks == seal.peaks;
}

}  // namespace

std::unique_ptr<SegmentState> load_snapshot(FileSystem& files, const std::string& path,
                                            const File& segment, const SegmentHeader& header,
                                            const std::string& name) {
  const auto bytes = read_file(files, path, kMaxSnapshotBytes);
  if (!bytes) return nullptr;
  const auto snapshot = decode(*bytes);
  if (!snapshot || snapshot->ledger_id != header.ledger_id ||
      snapshot->first_seq != header.first_seq) {
    return nullptr;
  }
  const auto note = bytes->begin() + kHeaderBytes;
  const auto seal = note + static_cast<std::ptrdiff_t>(snapshot->note_bytes);
  auto reader = SealReader::over(Bytes(seal, bytes->end()));
  FrameScanner newest(segment, snapshot->last_frame, kEverything);
  if (!reader || reader->header().first_seq != header.first_seq ||
      !fits(newest, *snapshot, reader->header())) {
    return nullptr;
  }
  auto index = reader->restore();
  if (!index) return nullptr;
  auto state = std::make_unique<SegmentState>(header, name);
  state->index = std::move(*index);
  state->peaks = reader->header().peaks;
  state->end = snapshot->end;
  state->stand_on(snapshot->last_frame, newest.frame().bytes);
  state->checkpoint_size = snapshot->checkpoint_size;
  state->checkpoint = std::string(note, seal);
  return state;
}

Result<bool> is_sound_snapshot(FileSystem& files, const std::string& path,
                               const EventId& ledger_id) {
  const auto bytes = read_file(files, path, kMaxSnapshotBytes);
  if (!bytes && bytes.error().code == Errc::NotFound) return true;
  if (!bytes && bytes.error().code == Errc::LimitExceeded) return false;
  if (!bytes) return fail(bytes.error());
  const auto snapshot = decode(*bytes);
  if (!snapshot || snapshot->ledger_id != ledger_id) return false;
  const auto seal =
      bytes->begin() + kHeaderBytes + static_cast<std::ptrdiff_t>(snapshot->note_bytes);
  auto reader = SealReader::over(Bytes(seal, bytes->end()));
  return reader && reader->check();
}

Result<void> save_snapshot(Environment& env, const std::string& path, const EventId& ledger_id,
                           const SegmentState& state) {
  const auto unknown = [](std::string_view, std::uint64_t) -> Result<Seq> { return Seq{}; };
  DAYBOOK_TRY(seal, build_seal(state.index, state.peaks, unknown));
  Bytes bytes = encode({.ledger_id = ledger_id,
                        .first_seq = state.index.first_seq(),
                        .end = state.end,
                        .last_frame = state.last_frame,
                        .checkpoint_size = state.checkpoint_size,
                        .note_bytes = state.checkpoint.size(),
                        .seal_bytes = seal.size(),
                        .note_crc = crc32c(as_bytes(state.checkpoint))});
  bytes.insert(bytes.end(), state.checkpoint.begin(), state.checkpoint.end());
  bytes.insert(bytes.end(), seal.begin(), seal.end());
  return replace_file(env, path, bytes);
}

}  // namespace daybook
