// SPDX-License-Identifier: Apache-2.0
#include "run/spool.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "daybook/supervise.h"

namespace daybook {
namespace {

constexpr std::string_view kMagic = "DBSPOOL1";
constexpr std::size_t kTotalAt = 8;
constexpr std::size_t kLimitAt = 16;
constexpr std::size_t kHeaderBytes = 24;

// The beginning that is never overwritten; the rest of the limit is the ring.
std::uint64_t head_bytes(std::uint64_t limit) { return limit - limit / 2; }

// Where the byte number `position` of the output stands.
std::uint64_t place_of(std::uint64_t position, std::uint64_t limit) {
  const std::uint64_t head = head_bytes(limit);
  if (position < head) return position;
  return head + (position - head) % (limit - head);
}

// The bytes in the order in which they were printed, from the area as it stands.
SpoolContent unroll(Bytes area, std::uint64_t total, std::uint64_t limit) {
  SpoolContent content;
  content.total = total;
  content.gap_at = area.size();
  if (total > limit && limit > head_bytes(limit)) {
    content.gap_at = head_bytes(limit);
    const auto ring = area.begin() + static_cast<std::ptrdiff_t>(head_bytes(limit));
    const auto oldest = area.begin() + static_cast<std::ptrdiff_t>(place_of(total, limit));
    std::rotate(ring, oldest, area.end());
  }
  content.bytes = std::move(area);
  return content;
}

}  // namespace

Result<Spool> Spool::create(FileSystem& files, const std::string& path, std::uint64_t limit) {
  DAYBOOK_TRY(file, files.open(path, OpenMode::CreateNew));
  std::array<std::uint8_t, kHeaderBytes> header{};
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  store<std::uint64_t>(header.data() + kLimitAt, limit);
  DAYBOOK_CHECK(file->write_at(0, header));
  return Spool(std::move(file), limit);
}

Result<std::size_t> Spool::append_piece(ByteView bytes) {
  const std::uint64_t head = head_bytes(limit_);
  if (total_ >= head && limit_ == head) return bytes.size();  // no ring: dropped
  const std::uint64_t place = place_of(total_, limit_);
  const std::uint64_t room = (place < head ? head : limit_) - place;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size()));
  DAYBOOK_CHECK(file_->write_at(kHeaderBytes + place, bytes.first(count)));
  return count;
}

Result<void> Spool::append(ByteView bytes) {
  while (!bytes.empty()) {
    DAYBOOK_TRY(count, append_piece(bytes));
    bytes = bytes.subspan(count);
    total_ += count;
  }
  std::array<std::uint8_t, sizeof total_> text{};
  store(text.data(), total_);
  return file_->write_at(kTotalAt, text);
}

Result<SpoolContent> Spool::read(FileSystem& files, const std::string& path) {
  DAYBOOK_TRY(file, read_file(files, path, kHeaderBytes + kMaxOutputBytes));
  if (file.size() < kHeaderBytes || std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0) {
    return fail(Errc::Corruption, fmt::format("{} is not a file of kept output", path));
  }
  const auto limit = load<std::uint64_t>(file.data() + kLimitAt);
  auto total = load<std::uint64_t>(file.data() + kTotalAt);
  if (limit > kMaxOutputBytes) {
    return fail(Errc::Corruption, fmt::format("{} states an impossible limit", path));
  }
  file.erase(file.begin(), file.begin() + kHeaderBytes);
  // Killed between the bytes and their count, a writer has left more than it said.
  total = std::max<std::uint64_t>(total, std::min<std::uint64_t>(file.size(), limit));
  file.resize(std::min(std::min(total, limit), std::uint64_t{file.size()}));
  if (total > limit && file.size() < limit) total = file.size();  // a power cut took the ring
  return unroll(std::move(file), total, limit);
}

}  // namespace daybook
