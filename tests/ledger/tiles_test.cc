// SPDX-License-Identifier: Apache-2.0
//
// Tiles are a convenience that must never be believed: whatever happens to
// them, a proof is right or there is none.
#include "ledger/tiles.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "support/temp_directory.h"
#include "support/test_environment.h"

namespace daybook {
namespace {

using testing::FaultyFileSystem;
using testing::Operation;
using testing::Repeat;

constexpr std::string_view kDirectory = "/ledger/views/tile";

// A leaf that depends on its index alone and costs nothing to make.
Digest leaf_at(std::uint64_t index) {
  Digest leaf;
  store(leaf.bytes.data(), index * 0x9E3779B97F4A7C15);
  return leaf;
}

// The leaves of a made-up log, and how many were read.
class Leaves {
 public:
  explicit Leaves(std::uint64_t count) : count_(count) {}

  LeafSource source() {
    return [this](std::uint64_t first, std::uint64_t count, const LeafTaker& take) -> Result<void> {
      EXPECT_LE(first + count, count_) << "leaves beyond the tree were asked for";
      for (std::uint64_t i = first; i < first + count; ++i) take(leaf_at(i));
      read_ += count;
      return {};
    };
  }
  [[nodiscard]] std::uint64_t read() const { return read_; }
  void forget() { read_ = 0; }

 private:
  std::uint64_t count_;
  std::uint64_t read_ = 0;
};

TreeHead head_of(std::uint64_t size) {
  Peaks peaks;
  for (std::uint64_t i = 0; i < size; ++i) peaks.append(leaf_at(i));
  return peaks.head();
}

class TilesTest : public ::testing::Test {
 protected:
  TileStore store() { return TileStore(disk_, std::string(kDirectory)); }

  // A few indices that lie in different places of the tree.
  static std::vector<std::uint64_t> some_indices(std::uint64_t size) {
    std::vector<std::uint64_t> indices = {0, size / 3, size / 2, size - 1};
    for (const std::uint64_t edge : {255U, 256U, 65'535U, 65'536U}) {
      if (edge < size) indices.push_back(edge);
    }
    return indices;
  }

  // Everything provable about this tree is proven and holds.
  static void expect_proofs(TileStore& tiles, const TreeHead& head, Leaves& leaves) {
    for (const std::uint64_t index : some_indices(head.size)) {
      const auto path = tiles.prove_inclusion(leaf_at(index), index, head, leaves.source());
      ASSERT_TRUE(path.has_value()) << path.error().message;
      ASSERT_TRUE(check_inclusion(leaf_at(index), index, head, *path).has_value());
      const auto growth = tiles.prove_consistency(index + 1, head, leaves.source());
      ASSERT_TRUE(growth.has_value()) << growth.error().message;
      ASSERT_EQ(growth->older.size, index + 1);
      ASSERT_TRUE(check_consistency(growth->older, head, growth->path).has_value());
    }
  }

  // Makes what was written durable, as the system does in time: damage by hand
  // needs durable bytes to damage.
  void settle() {
    for (const std::string& file : disk_.files()) disk_.put_file(file, disk_.content(file));
  }

  [[nodiscard]] std::size_t tile_count() const { return disk_.files().size(); }

  FaultyFileSystem disk_;
};

TEST_F(TilesTest, ProofsHoldAroundTheEdgesOfTiles) {
  for (const std::uint64_t size :
       {1U, 2U, 3U, 255U, 256U, 257U, 511U, 512U, 513U, 700U, 65'535U, 65'536U, 65'537U, 66'000U}) {
    TileStore tiles = store();
    Leaves leaves(size);
    expect_proofs(tiles, head_of(size), leaves);
  }
}

TEST_F(TilesTest, FilesHaveTheDocumentedNamesAndContent) {
  constexpr std::uint64_t kSize = 65'536 * 4 + 300;
  Leaves leaves(kSize);
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());

  EXPECT_EQ(tile_count(), 1024U + 1 + 4);
  const Bytes first = disk_.content("/ledger/views/tile/0/000");
  ASSERT_EQ(first.size(), 8192U);
  for (std::size_t i = 0; i < 256; ++i) {
    ASSERT_EQ(load<Digest>(first.data() + 32 * i), leaf_at(i));
  }
  const Bytes thousandth = disk_.content("/ledger/views/tile/0/x001/024");
  EXPECT_EQ(load<Digest>(thousandth.data()), leaf_at(1024 * 256));
  const Bytes above = disk_.content("/ledger/views/tile/1/003");
  Peaks peaks;
  for (std::uint64_t i = 0; i < 256; ++i) peaks.append(leaf_at((3 * 256 + 7) * 256 + i));
  EXPECT_EQ(load<Digest>(above.data() + 32 * 7), peaks.root());
}

TEST_F(TilesTest, OnlyFullTilesAreStored) {
  for (const auto& [size, tiles] : std::vector<std::pair<std::uint64_t, std::size_t>>{
           {0, 0}, {255, 0}, {256, 1}, {511, 1}, {512, 2}, {65'535, 255}, {65'536, 257}}) {
    Leaves leaves(size);
    ASSERT_TRUE(store().extend(size, leaves.source()).has_value());
    EXPECT_EQ(tile_count(), tiles) << size;
  }
}

TEST_F(TilesTest, GrowingInStepsGivesTheSameTilesAsAtOnce) {
  constexpr std::uint64_t kSize = 65'536 + 3 * 256 + 17;
  Leaves leaves(kSize);
  TileStore growing = store();
  for (std::uint64_t size = 0; size <= kSize; size += 999) {
    if (size % 2 == 0) {
      ASSERT_TRUE(growing.extend(size, leaves.source()).has_value());
    } else {
      ASSERT_TRUE(store().extend(size, leaves.source()).has_value());  // another process
    }
  }
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());

  FaultyFileSystem other;
  ASSERT_TRUE(TileStore(other, std::string(kDirectory)).extend(kSize, leaves.source()).has_value());
  ASSERT_EQ(disk_.files(), other.files());
  for (const std::string& file : disk_.files()) {
    ASSERT_EQ(disk_.content(file), other.content(file)) << file;
  }
}

TEST_F(TilesTest, EachLeafIsReadOnce) {
  constexpr std::uint64_t kSize = 65'536 + 600;
  Leaves leaves(kSize);
  TileStore tiles = store();
  ASSERT_TRUE(tiles.extend(30'000, leaves.source()).has_value());
  EXPECT_EQ(leaves.read(), 29'952U);
  ASSERT_TRUE(tiles.extend(kSize, leaves.source()).has_value());
  EXPECT_EQ(leaves.read(), kSize / 256 * 256);
  ASSERT_TRUE(tiles.extend(kSize, leaves.source()).has_value());
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());
  EXPECT_EQ(leaves.read(), kSize / 256 * 256);
}

TEST_F(TilesTest, AMissingTileAboveIsMadeFromTheTilesBelow) {
  constexpr std::uint64_t kSize = 2 * 65'536;
  Leaves leaves(kSize);
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());
  const Bytes good = disk_.content(std::string(kDirectory) + "/1/001");
  ASSERT_TRUE(disk_.remove(std::string(kDirectory) + "/1/001").has_value());
  leaves.forget();

  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());

  EXPECT_EQ(disk_.content(std::string(kDirectory) + "/1/001"), good);
  EXPECT_EQ(leaves.read(), 256U);
}

TEST_F(TilesTest, AProofReadsTilesAndTheRaggedEdgeOnly) {
  constexpr std::uint64_t kSize = 65'536 + 256 + 100;
  const TreeHead head = head_of(kSize);
  Leaves leaves(kSize);
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());
  leaves.forget();
  TileStore tiles = store();

  ASSERT_TRUE(tiles.prove_inclusion(leaf_at(9), 9, head, leaves.source()).has_value());

  EXPECT_LE(leaves.read(), 100U);
}

TEST_F(TilesTest, AFlippedBitAnywhereInAnyTileNeverMakesAWrongProof) {
  constexpr std::uint64_t kSize = 65'536 + 1000;
  const TreeHead head = head_of(kSize);
  Leaves leaves(kSize);
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());
  const std::vector<std::string> files = disk_.files();
  testing::Random random(7);
  for (int round = 0; round < 60; ++round) {
    // Half of the flips hit the few tiles that every proof reads.
    const std::string file =
        round % 2 == 0 ? files[random.below(files.size())] : std::string(kDirectory) + "/1/000";
    const Bytes good = disk_.content(file);
    Bytes bad = good;
    bad[random.below(bad.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
    disk_.put_file(file, bad);
    const std::uint64_t index = random.below(kSize);
    TileStore tiles = store();
    const auto path = tiles.prove_inclusion(leaf_at(index), index, head, leaves.source());
    ASSERT_TRUE(path.has_value()) << path.error().message;
    ASSERT_TRUE(check_inclusion(leaf_at(index), index, head, *path).has_value());
    const auto growth = tiles.prove_consistency(index + 1, head, leaves.source());
    ASSERT_TRUE(growth.has_value());
    ASSERT_TRUE(check_consistency(growth->older, head, growth->path).has_value());
    ASSERT_EQ(growth->older, head_of(index + 1));
    disk_.put_file(file, good);
  }
}

TEST_F(TilesTest, ABadTileIsRebuiltWhenAProofMeetsIt) {
  constexpr std::uint64_t kSize = 3 * 256 + 5;
  const TreeHead head = head_of(kSize);
  Leaves leaves(kSize);
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());
  settle();
  const std::string file = std::string(kDirectory) + "/0/001";
  const Bytes good = disk_.content(file);
  disk_.flip_bit(file, 4000, 3);

  TileStore tiles = store();
  ASSERT_TRUE(tiles.prove_inclusion(leaf_at(0), 0, head, leaves.source()).has_value());

  EXPECT_EQ(disk_.content(file), good);
  leaves.forget();
  ASSERT_TRUE(tiles.prove_inclusion(leaf_at(0), 0, head, leaves.source()).has_value());
  EXPECT_LE(leaves.read(), 5U);
}

TEST_F(TilesTest, TornAndEmptyTilesAreReplaced) {
  constexpr std::uint64_t kSize = 65'536 + 256;
  const TreeHead head = head_of(kSize);
  Leaves leaves(kSize);
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());
  settle();
  for (const std::string_view name : {"/0/000", "/0/100", "/0/256", "/1/000"}) {
    const std::string file = std::string(kDirectory) + std::string(name);
    const Bytes good = disk_.content(file);
    for (const std::uint64_t length : {0U, 1U, 8191U}) {
      disk_.truncate_file(file, length);
      TileStore tiles = store();
      expect_proofs(tiles, head, leaves);
    }
    disk_.put_file(file, Bytes(9000));
    TileStore tiles = store();
    expect_proofs(tiles, head, leaves);
    disk_.put_file(file, Bytes(8192));
    expect_proofs(tiles, head, leaves);
    disk_.put_file(file, good);
  }
}

TEST_F(TilesTest, AMissingTileIsFilledInWhenAProofMeetsIt) {
  constexpr std::uint64_t kSize = 65'536 + 700;
  const TreeHead head = head_of(kSize);
  Leaves leaves(kSize);
  ASSERT_TRUE(store().extend(kSize, leaves.source()).has_value());
  for (const std::string_view name : {"/0/003", "/0/257", "/1/000"}) {
    const std::string file = std::string(kDirectory) + std::string(name);
    const Bytes good = disk_.content(file);
    ASSERT_TRUE(disk_.remove(file).has_value());
    TileStore tiles = store();
    for (const std::uint64_t index : {3U * 256, 257U * 256, 0U}) {
      ASSERT_TRUE(tiles.prove_inclusion(leaf_at(index), index, head, leaves.source()).has_value());
    }
    ASSERT_EQ(disk_.content(file), good) << file;
  }
}

TEST_F(TilesTest, TheWholeDirectoryMayVanishAtAnyTime) {
  constexpr std::uint64_t kSize = 2000;
  const TreeHead head = head_of(kSize);
  Leaves leaves(kSize);
  TileStore tiles = store();
  expect_proofs(tiles, head, leaves);
  for (const std::string& file : disk_.files()) ASSERT_TRUE(disk_.remove(file).has_value());

  expect_proofs(tiles, head, leaves);
}

TEST_F(TilesTest, WithoutAWritableDiskProofsStillHold) {
  constexpr std::uint64_t kSize = 1000;
  Leaves leaves(kSize);
  disk_.set_mount(testing::Mount::ReadOnly);
  TileStore tiles = store();

  EXPECT_EQ(tiles.extend(kSize, leaves.source()).error().code, Errc::PermissionDenied);
  EXPECT_EQ(leaves.read(), 0U) << "leaves were read for tiles that cannot be written";
  expect_proofs(tiles, head_of(kSize), leaves);
}

TEST_F(TilesTest, AFullDiskStopsNothing) {
  constexpr std::uint64_t kSize = 3000;
  Leaves leaves(kSize);
  disk_.set_capacity(20'000);
  TileStore tiles = store();

  EXPECT_EQ(tiles.extend(kSize, leaves.source()).error().code, Errc::NoSpace);
  expect_proofs(tiles, head_of(kSize), leaves);
  disk_.set_capacity(FaultyFileSystem::kUnlimited);
  EXPECT_TRUE(tiles.extend(kSize, leaves.source()).has_value());
  expect_proofs(tiles, head_of(kSize), leaves);
}

TEST_F(TilesTest, AnyFailingOperationStopsNothing) {
  constexpr std::uint64_t kSize = 800;
  const TreeHead head = head_of(kSize);
  for (std::uint64_t n = 1; n < 80; ++n) {
    FaultyFileSystem disk(n);
    testing::Fault fault;
    fault.nth = n;
    fault.repeat = n % 2 == 0 ? Repeat::Forever : Repeat::Once;
    disk.fail(fault);
    TileStore tiles(disk, std::string(kDirectory));
    Leaves leaves(kSize);
    expect_proofs(tiles, head, leaves);
  }
}

TEST_F(TilesTest, ACrashAtAnyTimeStopsNothing) {
  constexpr std::uint64_t kSize = 1500;
  const TreeHead head = head_of(kSize);
  Leaves leaves(kSize);
  ASSERT_TRUE(store().extend(700, leaves.source()).has_value());
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    ASSERT_TRUE(store().extend(700 + 16 * seed, leaves.source()).has_value());
    disk_.crash(seed);
    TileStore tiles = store();
    expect_proofs(tiles, head, leaves);
  }
}

TEST_F(TilesTest, LeavesThatDoNotLeadToTheHeadAreCorruptionAndCostNoTile) {
  constexpr std::uint64_t kSize = 1000;
  TreeHead head = head_of(kSize);
  Leaves leaves(kSize);
  TileStore tiles = store();
  ASSERT_TRUE(tiles.extend(kSize, leaves.source()).has_value());
  const Bytes good = disk_.content(std::string(kDirectory) + "/0/000");
  const LeafSource damaged = [](std::uint64_t first, std::uint64_t count,
                                const LeafTaker& take) -> Result<void> {
    for (std::uint64_t i = first; i < first + count; ++i) take(leaf_at(i == 7 ? 8 : i));
    return {};
  };

  // The tiles know better than the damaged log.
  EXPECT_TRUE(tiles.prove_inclusion(leaf_at(500), 500, head, damaged).has_value());
  // The event at hand is not the one that was recorded.
  EXPECT_EQ(tiles.prove_inclusion(leaf_at(8), 7, head, damaged).error().code, Errc::Corruption);
  // No tree of this log has this root.
  head.root.bytes[0] ^= 1;
  EXPECT_EQ(tiles.prove_inclusion(leaf_at(500), 500, head, leaves.source()).error().code,
            Errc::Corruption);
  EXPECT_EQ(tiles.prove_consistency(500, head, leaves.source()).error().code, Errc::Corruption);
  EXPECT_EQ(disk_.content(std::string(kDirectory) + "/0/000"), good);
}

TEST_F(TilesTest, ErrorsOfTheLeafSourceAreHandedOn) {
  const LeafSource broken = [](std::uint64_t, std::uint64_t, const LeafTaker&) -> Result<void> {
    return fail(Errc::Io, "the log cannot be read");
  };
  const LeafSource silent = [](std::uint64_t, std::uint64_t, const LeafTaker&) -> Result<void> {
    return {};
  };
  TileStore tiles = store();
  EXPECT_EQ(tiles.extend(300, broken).error().code, Errc::Io);
  EXPECT_EQ(tiles.extend(300, silent).error().code, Errc::Internal);
  EXPECT_EQ(tiles.prove_inclusion(leaf_at(1), 1, head_of(300), broken).error().code, Errc::Io);
  EXPECT_EQ(tiles.prove_inclusion(leaf_at(1), 1, head_of(300), silent).error().code,
            Errc::Internal);
}

TEST_F(TilesTest, WhatCannotBeProvenIsRefused) {
  Leaves leaves(10);
  TileStore tiles = store();
  EXPECT_EQ(tiles.prove_inclusion(leaf_at(0), 10, head_of(10), leaves.source()).error().code,
            Errc::InvalidArgument);
  EXPECT_EQ(tiles.prove_inclusion(leaf_at(0), 0, head_of(0), leaves.source()).error().code,
            Errc::InvalidArgument);
  EXPECT_EQ(tiles.prove_consistency(11, head_of(10), leaves.source()).error().code,
            Errc::InvalidArgument);
}

TEST_F(TilesTest, ConsistencyWithTheEmptyAndTheSameTree) {
  Leaves leaves(300);
  TileStore tiles = store();
  const TileStore::Growth from_empty =
      tiles.prove_consistency(0, head_of(300), leaves.source()).value();
  EXPECT_EQ(from_empty.older, head_of(0));
  EXPECT_TRUE(from_empty.path.empty());
  const TileStore::Growth same =
      tiles.prove_consistency(300, head_of(300), leaves.source()).value();
  EXPECT_EQ(same.older, head_of(300));
  EXPECT_TRUE(same.path.empty());
}

TEST_F(TilesTest, TwoStoresOverOneDirectoryOnTheRealDisk) {
  constexpr std::uint64_t kSize = 5000;
  const testing::TempDirectory directory;
  Leaves leaves(kSize);
  FileSystem& files = *Environment::system().files;
  TileStore one(files, directory / "views/tile");
  TileStore two(files, directory / "views/tile");
  ASSERT_TRUE(one.extend(3000, leaves.source()).has_value());
  ASSERT_TRUE(two.extend(kSize, leaves.source()).has_value());

  expect_proofs(one, head_of(kSize), leaves);
  expect_proofs(two, head_of(kSize), leaves);
}

TEST_F(TilesTest, ADeletedDirectoryIsMadeAgain) {
  constexpr std::uint64_t kSize = 1500;
  const TreeHead head = head_of(kSize);
  const testing::TempDirectory directory;
  Leaves leaves(kSize);
  TileStore tiles(*Environment::system().files, directory / "views/tile");
  ASSERT_TRUE(tiles.extend(kSize, leaves.source()).has_value());
  std::filesystem::remove_all(directory / "views");

  expect_proofs(tiles, head, leaves);

  EXPECT_TRUE(std::filesystem::exists(directory / "views/tile/0/002"));
}

}  // namespace
}  // namespace daybook
