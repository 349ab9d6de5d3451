// SPDX-License-Identifier: Apache-2.0
//
// The spool keeps what was printed, whole below its limit, beginning and end
// beyond it, also when its writer dies at any moment.
#include "run/spool.h"

#include <string>

#include <gtest/gtest.h>

#include "daybook/supervise.h"
#include "support/faulty_file_system.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::FaultyFileSystem;
using testing::Random;

constexpr const char* kPath = "/spool";

std::string pattern(std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random.below(256));
  return text;
}

SpoolContent spooled(FaultyFileSystem& disk, const std::string& text, std::uint64_t limit,
                     std::size_t piece) {
  auto spool = Spool::create(disk, kPath, limit);
  EXPECT_TRUE(spool.has_value());
  for (std::size_t at = 0; at < text.size(); at += piece) {
    EXPECT_TRUE(spool->append(as_bytes(std::string_view(text).substr(at, piece))).has_value());
  }
  auto content = Spool::read(disk, kPath);
  EXPECT_TRUE(content.has_value()) << content.error().message;
  return content.value_or(SpoolContent{});
}

TEST(Spool, KeepsEverythingBelowItsLimit) {
  FaultyFileSystem disk;
  const std::string text = pattern(1000, 1);

  const SpoolContent content = spooled(disk, text, 1000, 7);

  EXPECT_EQ(as_text(content.bytes), text);
  EXPECT_EQ(content.total, 1000u);
  EXPECT_EQ(content.dropped(), 0u);
  EXPECT_EQ(content.gap_at, 1000u);
}

TEST(Spool, KeepsBeginningAndEndBeyondItsLimit) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    FaultyFileSystem disk;
    Random random(seed);
    const std::uint64_t limit = random.between(2, 100);
    const std::string text = pattern(limit + 1 + random.below(500), seed);

    const SpoolContent content = spooled(disk, text, limit, 1 + random.below(150));

    const std::size_t head = limit - limit / 2;
    ASSERT_EQ(as_text(content.bytes),
              text.substr(0, head) + text.substr(text.size() - (limit - head)))
        << "seed " << seed;
    ASSERT_EQ(content.total, text.size());
    ASSERT_EQ(content.dropped(), text.size() - limit);
    ASSERT_EQ(content.gap_at, head);
  }
}

TEST(Spool, WithoutRoomCountsOnly) {
  FaultyFileSystem disk;

  const SpoolContent content = spooled(disk, pattern(100, 3), 0, 9);

  EXPECT_TRUE(content.bytes.empty());
  EXPECT_EQ(content.dropped(), 100u);
}

TEST(Spool, BytesWrittenBeforeTheirCountAreKept) {
  FaultyFileSystem disk;
  auto spool = Spool::create(disk, kPath, 100).value();
  ASSERT_TRUE(spool.append(as_bytes("whole ")).has_value());
  // The bytes arrive, the count does not: as when the writer is killed between.
  disk.fail({.kind = testing::Operation::Write, .nth = 2});
  ASSERT_FALSE(spool.append(as_bytes("killed")).has_value());
  disk.clear_faults();

  const auto content = Spool::read(disk, kPath);

  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(as_text(content->bytes), "whole killed");
  EXPECT_EQ(content->total, 12u);
}

TEST(Spool, FullDiskKeepsWhatWasThere) {
  FaultyFileSystem disk;
  auto spool = Spool::create(disk, kPath, 1000).value();
  ASSERT_TRUE(spool.append(as_bytes("kept")).has_value());
  disk.set_capacity(disk.content(kPath).size());

  const auto full = spool.append(as_bytes("too much"));

  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, Errc::NoSpace);
  EXPECT_EQ(as_text(Spool::read(disk, kPath)->bytes), "kept");
}

TEST(Spool, RefusesWhatIsNoSpool) {
  FaultyFileSystem disk;
  EXPECT_EQ(Spool::read(disk, kPath).error().code, Errc::NotFound);

  disk.put_file(kPath, as_bytes("a text that is long enough for a header"));
  EXPECT_EQ(Spool::read(disk, kPath).error().code, Errc::Corruption);

  disk.put_file(kPath, as_bytes("short"));
  EXPECT_EQ(Spool::read(disk, kPath).error().code, Errc::Corruption);
}

TEST(Spool, RefusesAnImpossibleLimit) {
  FaultyFileSystem disk;
  ASSERT_TRUE(Spool::create(disk, kPath, kMaxOutputBytes + 1).has_value());

  EXPECT_EQ(Spool::read(disk, kPath).error().code, Errc::Corruption);
}

// Whatever a cut or a flipped byte makes of the file: an answer or an error.
TEST(Spool, AnyCutAndAnyFlipIsSurvived) {
  FaultyFileSystem disk;
  spooled(disk, pattern(90, 5), 40, 13);
  const Bytes whole = disk.content(kPath);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    disk.put_file(kPath, ByteView(whole).first(size));
    if (const auto content = Spool::read(disk, kPath)) {
      EXPECT_LE(content->bytes.size(), size);
      EXPECT_LE(content->bytes.size(), content->total);
      EXPECT_LE(content->gap_at, content->bytes.size());
    }
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    disk.put_file(kPath, whole);
    disk.flip_bit(kPath, at, at % 8);
    if (const auto content = Spool::read(disk, kPath)) {
      EXPECT_LE(content->bytes.size(), content->total);
      EXPECT_LE(content->gap_at, content->bytes.size());
    }
  }
}

}  // namespace
}  // namespace daybook
