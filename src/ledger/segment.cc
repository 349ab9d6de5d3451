// SPDX-License-Identifier: Apache-2.0
#include "ledger/segment.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "ledger/format.h"
#include "ledger/note.h"

namespace daybook {
namespace {

constexpr std::size_t kCheckedFrom = 12;
constexpr std::size_t kKeyAt = 64;
constexpr std::size_t kPeaksAt = 96;
constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kNameDigits = 20;

}  // namespace

Bytes encode_segment_header(const SegmentHeader& header) {
  Bytes bytes(format::kSegmentHeaderBytes);
  std::uint8_t* p = bytes.data();
  store(p, format::kSegmentMagic);
  store(p + 12, format::kVersion);
  store(p + 16, header.ledger_id);
  store(p + 32, header.first_seq.value);
  store(p + 40, header.created.micros);
  store(p + 48, header.peaks.size());
  const auto peaks = header.peaks.hashes();
  store(p + 56, static_cast<std::uint32_t>(peaks.size()));
  store(p + 60, static_cast<std::uint32_t>(header.key.name.size()));
  store(p + kKeyAt, header.key.ed25519);
  if (!peaks.empty()) std::memcpy(p + kPeaksAt, peaks.data(), peaks.size_bytes());
  std::ranges::copy(header.key.name, p + kPeaksAt + peaks.size_bytes());
  store(p + 8, crc32c(ByteView(bytes).subspan(kCheckedFrom)));
  return bytes;
}

Result<SegmentHeader> decode_segment_header(ByteView bytes, const std::string& path) {
  const auto damaged = [&](std::string_view what) {
    return fail(Errc::Corruption, fmt::format("{}: damaged segment header: {}", path, what),
                "run `daybook verify` to see what is affected");
  };
  if (bytes.size() < format::kSegmentHeaderBytes) return damaged("the file is too short");
  const std::uint8_t* p = bytes.data();
  if (load<std::uint64_t>(p) != format::kSegmentMagic) return damaged("wrong magic number");
  if (load<std::uint32_t>(p + 8) !=
      crc32c(bytes.subspan(kCheckedFrom, format::kSegmentHeaderBytes - kCheckedFrom))) {
    return damaged("wrong checksum");
  }
  if (const auto version = load<std::uint32_t>(p + 12); version != format::kVersion) {
    return fail(Errc::Unsupported, fmt::format("{}: segment format {} is not known", path, version),
                "read this ledger with a newer Daybook");
  }
  SegmentHeader header;
  header.ledger_id = load<EventId>(p + 16);
  header.first_seq = Seq{load<std::uint64_t>(p + 32)};
  header.created = Timestamp{load<std::int64_t>(p + 40)};
  const auto size = load<std::uint64_t>(p + 48);
  const auto count = load<std::uint32_t>(p + 56);
  if (header.first_seq.value == 0 || size != header.first_seq.value - 1) {
    return damaged("first seq and tree size disagree");
  }
  if (count > format::kMaxPeaks) return damaged("too many peaks");
  const auto origin_bytes = load<std::uint32_t>(p + 60);
  if (origin_bytes == 0) {
    return fail(Errc::Unsupported,
                fmt::format("{}: its header has no origin and no key: it was written by a "
                            "development version, before the format was settled",
                            path),
                "export its events with that version, and append them to a new ledger");
  }
  if (origin_bytes > kMaxOriginBytes) return damaged("the origin is too long");
  const std::size_t origin_at = kPeaksAt + count * sizeof(Digest);
  const std::size_t used = origin_at + origin_bytes;
  if (!all_zero(bytes.subspan(used, format::kSegmentHeaderBytes - used))) {
    return damaged("reserved bytes are not zero");
  }
  header.key.name = as_text(bytes.subspan(origin_at, origin_bytes));
  if (!check_origin(header.key.name)) return damaged("the origin is not the name of a key");
  header.key.ed25519 = load<Ed25519PublicKey>(p + kKeyAt);
  header.key.id = key_id_of(header.key.name, header.key.ed25519);
  std::vector<Digest> peaks(count);
  if (count > 0) std::memcpy(peaks.data(), p + kPeaksAt, count * sizeof(Digest));
  DAYBOOK_TRY(decoded, Peaks::from(size, peaks));
  header.peaks = decoded;
  return header;
}

std::string segment_name(Seq first_seq) {
  return fmt::format("{:020}{}", first_seq.value, kSuffix);
}

std::optional<Seq> parse_segment_name(std::string_view name) {
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  Seq seq;
  const char* end = name.data() + kNameDigits;
  const auto [rest, error] = std::from_chars(name.data(), end, seq.value);
  if (error != std::errc{} || rest != end || seq.value == 0) return std::nullopt;
  return seq;
}

}  // namespace daybook
