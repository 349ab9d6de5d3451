// SPDX-License-Identifier: Apache-2.0
#include "ledger/segment.h"

#include <charconv>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "ledger/format.h"

namespace daybook {
namespace {

constexpr std::size_t kCheckedFrom = 12;
constexpr std::size_t kPeaksAt = 64;
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
  if (!peaks.empty()) std::memcpy(p + kPeaksAt, peaks.data(), peaks.size_bytes());
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
  const std::size_t used = kPeaksAt + count * sizeof(Digest);
  if (!all_zero(bytes.subspan(60, 4)) ||
      !all_zero(bytes.subspan(used, format::kSegmentHeaderBytes - used))) {
    return damaged("reserved bytes are not zero");
  }
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
