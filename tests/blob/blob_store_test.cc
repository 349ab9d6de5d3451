// SPDX-License-Identifier: Apache-2.0
//
// The blob store on a disk that crashes at every operation, rots at every byte
// and fails when it likes: a blob is whole, or absent, or reported.
#include "blob/blob_store.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/text.h"
#include "blob/compress.h"
#include "daybook/event.h"
#include "support/temp_directory.h"
#include "support/test_environment.h"

namespace daybook {
namespace {

using testing::Operation;
using testing::Random;
using testing::Repeat;
using testing::TestEnvironment;

constexpr std::string_view kDirectory = "/ledger/blobs";

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

Bytes incompressible(std::size_t count) {
  Bytes bytes(count);
  Random random(42);
  random.fill(bytes);
  return bytes;
}

// Lets the n-th operation from now on fail, or the n-th and all after it.
testing::Fault fault_at(std::uint64_t n, Repeat repeat) {
  testing::Fault fault;
  fault.nth = n;
  fault.repeat = repeat;
  return fault;
}

// A disk with a ledger directory on it, and a store that has not been used.
class BlobStoreTest : public ::testing::Test {
 protected:
  BlobStoreTest() { prepare(world_); }

  static void prepare(TestEnvironment& world) {
    EXPECT_TRUE(world.disk.make_directory("/ledger").has_value());
    EXPECT_TRUE(world.disk.sync_directory("/").has_value());
  }

  static BlobStore store_on(TestEnvironment& world) {
    return BlobStore(world.environment(), std::string(kDirectory));
  }

  // Runs `work` on fresh disks, letting every operation from the n-th on fail,
  // for every n, until it succeeds with nothing failing.
  template <class Work>
  void at_every_operation(Work work) {
    for (std::uint64_t n = 1;; ++n) {
      TestEnvironment world(n);
      prepare(world);
      if (work(world, n)) return;
      ASSERT_LT(n, 100U) << "the work never succeeds";
    }
  }

  TestEnvironment world_;
};

TEST_F(BlobStoreTest, WhatWasPutComesBack) {
  BlobStore store = store_on(world_);
  for (const Bytes& bytes : {Bytes{}, bytes_of("x"), bytes_of(std::string(100'000, 'a')),
                             incompressible(std::size_t{1} << 20)}) {
    const auto blob = store.put(bytes);
    ASSERT_TRUE(blob.has_value()) << blob.error().message;
    EXPECT_EQ(blob->digest, sha256(bytes));
    EXPECT_EQ(blob->bytes, bytes.size());
    EXPECT_EQ(store.get(blob->digest).value(), bytes);
    EXPECT_TRUE(store.contains(blob->digest).value());
  }
  EXPECT_EQ(store.list().value().blobs.size(), 4U);
}

TEST_F(BlobStoreTest, StandsWhereTheFormatSays) {
  BlobStore store = store_on(world_);

  ASSERT_TRUE(store.put(bytes_of("abc")).has_value());

  EXPECT_EQ(world_.disk.files(),
            std::vector<std::string>{
                "/ledger/blobs/ba/"
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.zst"});
}

TEST_F(BlobStoreTest, EqualBytesAreStoredOnce) {
  BlobStore store = store_on(world_);
  ASSERT_TRUE(store.put(bytes_of("same")).has_value());
  const std::uint64_t writes = world_.disk.operations(Operation::Write);

  ASSERT_TRUE(store.put(bytes_of("same")).has_value());
  ASSERT_TRUE(store_on(world_).put(bytes_of("same")).has_value());

  EXPECT_EQ(world_.disk.operations(Operation::Write), writes);
  EXPECT_EQ(world_.disk.files().size(), 1U);
}

TEST_F(BlobStoreTest, AbsentBlobIsNotFound) {
  const BlobStore store = store_on(world_);
  const Digest digest = sha256(as_bytes("never put"));

  EXPECT_FALSE(store.contains(digest).value());
  const auto bytes = store.get(digest);
  ASSERT_FALSE(bytes.has_value());
  EXPECT_EQ(bytes.error().code, Errc::NotFound);
  EXPECT_NE(bytes.error().message.find(to_string(digest)), std::string::npos);
  EXPECT_FALSE(bytes.error().hint.empty());
  EXPECT_TRUE(store.list().value().blobs.empty());
}

TEST_F(BlobStoreTest, APutCostsTwoFlushesAndARepeatedOneOne) {
  BlobStore store = store_on(world_);
  const auto flushes = [this] {
    return world_.disk.operations(Operation::Sync) +
           world_.disk.operations(Operation::SyncDirectory);
  };
  // Two contents whose hashes begin with the same byte.
  const Bytes first = bytes_of("0");
  std::string text = "1";
  while (sha256(as_bytes(text)).bytes[0] != sha256(first).bytes[0]) text += "1";
  ASSERT_TRUE(store.put(first).has_value());

  const std::uint64_t before = flushes();
  ASSERT_TRUE(store.put(bytes_of(text)).has_value());
  EXPECT_EQ(flushes() - before, 2U);
  ASSERT_TRUE(store.put(bytes_of(text)).has_value());
  EXPECT_EQ(flushes() - before, 3U);
  // Another process finds the subdirectory in use: two flushes as well.
  world_.disk.kill();
  BlobStore other = store_on(world_);
  text += "1";
  while (sha256(as_bytes(text)).bytes[0] != sha256(first).bytes[0]) text += "1";
  const std::uint64_t restarted = flushes();
  ASSERT_TRUE(other.put(bytes_of(text)).has_value());
  EXPECT_EQ(flushes() - restarted, 2U);
}

TEST_F(BlobStoreTest, ACrashAnywhereLeavesNoBlobOrAWholeOne) {
  const Bytes bytes = bytes_of(std::string(5000, 'x') + "crash");
  at_every_operation([&](TestEnvironment& world, std::uint64_t n) {
    world.disk.fail(fault_at(n, Repeat::Forever));
    const bool acknowledged = BlobStore(store_on(world)).put(bytes).has_value();
    world.disk.clear_faults();
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      TestEnvironment after(seed);
      const auto disk = world.disk.clone(seed);
      disk->crash(seed);
      const Environment env{disk.get(), &after.clock, &after.entropy};
      BlobStore store(env, std::string(kDirectory));
      const auto found = store.get(sha256(bytes));
      if (found) {
        EXPECT_EQ(*found, bytes);
      } else {
        EXPECT_FALSE(acknowledged) << "operation " << n << ", seed " << seed;
        EXPECT_EQ(found.error().code, Errc::NotFound) << found.error().message;
      }
      EXPECT_TRUE(store.put(bytes).has_value());
      disk->crash(seed + 1);
      EXPECT_EQ(store.get(sha256(bytes)).value(), bytes);
    }
    return acknowledged;
  });
}

TEST_F(BlobStoreTest, AProcessKilledAnywhereCostsTheNextOneNothing) {
  const Bytes bytes = bytes_of("killed");
  at_every_operation([&](TestEnvironment& world, std::uint64_t n) {
    world.disk.fail(fault_at(n, Repeat::Forever));
    const bool acknowledged = BlobStore(store_on(world)).put(bytes).has_value();
    world.disk.clear_faults();
    world.disk.kill();  // what it wrote stays, flushed or not

    // What the next process acknowledges survives power loss, whatever of the
    // dead one's work it found and could not know to be durable.
    EXPECT_TRUE(BlobStore(store_on(world)).put(bytes).has_value());
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      TestEnvironment after(seed);
      const auto disk = world.disk.clone(seed);
      disk->crash(seed);
      const Environment env{disk.get(), &after.clock, &after.entropy};
      const auto found = BlobStore(env, std::string(kDirectory)).get(sha256(bytes));
      EXPECT_TRUE(found.has_value()) << "operation " << n << ", seed " << seed;
    }
    return acknowledged;
  });
}

TEST_F(BlobStoreTest, AFailedOperationNeverLooksLikeSuccess) {
  const Bytes bytes = bytes_of("once");
  at_every_operation([&](TestEnvironment& world, std::uint64_t n) {
    world.disk.fail(fault_at(n, Repeat::Once));
    BlobStore store = store_on(world);
    const auto first = store.put(bytes);
    const bool none_failed = world.disk.operations() < n;
    EXPECT_TRUE(store.put(bytes).has_value()) << "operation " << n;
    world.disk.crash(n);
    EXPECT_EQ(store.get(sha256(bytes)).value(), bytes) << "operation " << n;
    return first.has_value() && none_failed;
  });
}

TEST_F(BlobStoreTest, EveryFlippedBitIsFoundAndHealed) {
  BlobStore store = store_on(world_);
  const Bytes bytes = bytes_of("some content, some content, some content");
  const BlobRef blob = store.put(bytes).value();
  const std::string path = store.path_of(blob.digest);
  const std::size_t length = world_.disk.content(path).size();
  std::size_t found = 0;
  for (std::size_t i = 0; i < length; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      world_.disk.flip_bit(path, i, bit);
      const auto read = store.get(blob.digest);
      if (read) {
        ASSERT_EQ(*read, bytes);  // a bit that means nothing
      } else {
        ++found;
        ASSERT_EQ(read.error().code, Errc::Corruption);
        ASSERT_NE(read.error().message.find(path), std::string::npos);
        ASSERT_NE(read.error().hint.find("same bytes again"), std::string::npos);
      }
      ASSERT_TRUE(store.put(bytes).has_value());
      ASSERT_EQ(store.get(blob.digest).value(), bytes);
    }
  }
  EXPECT_GT(found, 7 * length);
  EXPECT_TRUE(store.list().value().litter.empty());
}

TEST_F(BlobStoreTest, EveryTruncationIsFoundAndHealed) {
  BlobStore store = store_on(world_);
  const Bytes bytes = bytes_of("short and soon shorter");
  const BlobRef blob = store.put(bytes).value();
  const std::string path = store.path_of(blob.digest);
  const std::size_t length = world_.disk.content(path).size();
  for (std::size_t cut = 0; cut < length; ++cut) {
    world_.disk.truncate_file(path, cut);
    ASSERT_EQ(store.get(blob.digest).error().code, Errc::Corruption) << cut;
    ASSERT_TRUE(store.put(bytes).has_value());
    ASSERT_EQ(store.get(blob.digest).value(), bytes);
  }
}

TEST_F(BlobStoreTest, AHealedBlobSurvivesPowerLoss) {
  BlobStore store = store_on(world_);
  const Bytes bytes = bytes_of("healed");
  const BlobRef blob = store.put(bytes).value();
  world_.disk.truncate_file(store.path_of(blob.digest), 3);

  ASSERT_TRUE(store.put(bytes).has_value());
  world_.disk.crash(5);

  EXPECT_EQ(store.get(blob.digest).value(), bytes);
}

TEST_F(BlobStoreTest, ABlobOfOtherBytesIsCorrupt) {
  BlobStore store = store_on(world_);
  const BlobRef blob = store.put(bytes_of("right")).value();
  world_.disk.put_file(store.path_of(blob.digest), compress(bytes_of("wrong")).value());

  EXPECT_EQ(store.get(blob.digest).error().code, Errc::Corruption);
}

TEST_F(BlobStoreTest, ListsBlobsAndLitterAndNothingElse) {
  BlobStore store = store_on(world_);
  std::vector<Digest> expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back(store.put(bytes_of(std::to_string(i))).value().digest);
  }
  std::ranges::sort(expected);
  const std::string name = store.path_of(expected.front()).substr(kDirectory.size() + 4);
  const std::string sub = to_string(expected.front()).substr(0, 2);
  const std::string at = std::string(kDirectory) + "/" + sub + "/";
  world_.disk.put_file(at + name + ".tmp-0011223344556677", bytes_of("half"));
  world_.disk.put_file(at + "README", bytes_of("not ours"));
  world_.disk.put_file(std::string(kDirectory) + "/notes/x.zst", bytes_of("not ours"));
  world_.disk.put_file(std::string(kDirectory) + "/zz.zst", bytes_of("not ours"));

  const BlobStore::Listing listing = store.list().value();

  ASSERT_EQ(listing.blobs.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(listing.blobs[i].digest, expected[i]);
    EXPECT_EQ(listing.blobs[i].stored_bytes,
              world_.disk.content(store.path_of(expected[i])).size());
  }
  EXPECT_EQ(listing.litter, std::vector<std::string>{sub + "/" + name + ".tmp-0011223344556677"});
}

TEST_F(BlobStoreTest, RemovedBlobIsGone) {
  BlobStore store = store_on(world_);
  const BlobRef blob = store.put(bytes_of("garbage")).value();

  ASSERT_TRUE(store.remove(blob.digest).has_value());

  EXPECT_FALSE(store.contains(blob.digest).value());
  EXPECT_EQ(store.remove(blob.digest).error().code, Errc::NotFound);
  EXPECT_TRUE(store.put(bytes_of("garbage")).has_value());
  EXPECT_TRUE(store.contains(blob.digest).value());
}

TEST_F(BlobStoreTest, AFullDiskLeavesNothingBehindAndHeals) {
  BlobStore store = store_on(world_);
  world_.disk.set_capacity(1000);
  const Bytes bytes = incompressible(5000);

  EXPECT_EQ(store.put(bytes).error().code, Errc::NoSpace);
  EXPECT_EQ(world_.disk.files(), std::vector<std::string>{});
  EXPECT_EQ(store.get(sha256(bytes)).error().code, Errc::NotFound);
  world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
  EXPECT_TRUE(store.put(bytes).has_value());
}

TEST_F(BlobStoreTest, AReadOnlyDiskRefusesToPutAndStillReads) {
  BlobStore store = store_on(world_);
  const BlobRef blob = store.put(bytes_of("kept")).value();
  world_.disk.set_mount(testing::Mount::ReadOnly);

  EXPECT_EQ(store.put(bytes_of("other")).error().code, Errc::PermissionDenied);
  EXPECT_EQ(store.get(blob.digest).value(), bytes_of("kept"));
}

TEST_F(BlobStoreTest, AReadErrorIsNotTakenForAbsence) {
  BlobStore store = store_on(world_);
  const BlobRef blob = store.put(bytes_of("unreadable")).value();
  testing::Fault fault;
  fault.kind = Operation::Read;
  world_.disk.fail(fault);

  EXPECT_EQ(store.get(blob.digest).error().code, Errc::Io);
  EXPECT_EQ(store.get(blob.digest).value(), bytes_of("unreadable"));
}

TEST_F(BlobStoreTest, ParallelPutsOfTheSameBytesAllSucceed) {
  BlobStore store = store_on(world_);
  const Bytes bytes = incompressible(20'000);
  std::vector<std::thread> threads;
  std::vector<int> good(8, 0);
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const bool put = store.put(bytes).has_value();
        const auto read = store.get(sha256(bytes));
        if (put && read && *read == bytes) ++good[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(good, std::vector<int>(8, 20));
  const BlobStore::Listing listing = store.list().value();
  EXPECT_EQ(listing.blobs.size(), 1U);
  EXPECT_TRUE(listing.litter.empty());
}

TEST_F(BlobStoreTest, WorksOnTheRealDisk) {
  const testing::TempDirectory directory;
  BlobStore store(Environment::system(), directory / "blobs");
  const Bytes bytes = incompressible(std::size_t{1} << 20);

  const auto blob = store.put(bytes);

  ASSERT_TRUE(blob.has_value()) << blob.error().message;
  EXPECT_EQ(store.get(blob->digest).value(), bytes);
  EXPECT_TRUE(store.put(bytes).has_value());
  const BlobStore::Listing listing = store.list().value();
  ASSERT_EQ(listing.blobs.size(), 1U);
  EXPECT_LE(listing.blobs.front().stored_bytes, max_compressed_bytes(bytes.size()));
  EXPECT_TRUE(store.remove(blob->digest).has_value());
  EXPECT_EQ(store.get(blob->digest).error().code, Errc::NotFound);
}

TEST(Compress, RefusesMoreThanTheLimitBeforeReservingIt) {
  const Bytes frame = compress(Bytes(100'000)).value();

  EXPECT_LT(frame.size(), 100U);
  EXPECT_EQ(decompress(frame, 100'000).value(), Bytes(100'000));
  EXPECT_EQ(decompress(frame, 99'999).error().code, Errc::Corruption);
}

TEST(Compress, RefusesASizeThatSoFewBytesCannotHold) {
  // A frame header that states 200 MiB in four bytes, and one small block.
  const Bytes bomb = from_hex(
                         "28b52ffd"
                         "a0"
                         "0000800c"
                         "010000")
                         .value();

  EXPECT_EQ(decompress(bomb, kMaxDataBytes).error().code, Errc::Corruption);
}

TEST(Compress, RefusesAnythingButOneWholeFrame) {
  const Bytes one = compress(bytes_of("one")).value();
  Bytes two = one;
  two.insert(two.end(), one.begin(), one.end());
  Bytes trailing = one;
  trailing.push_back(0);
  const Bytes skippable = from_hex(
                              "502a4d18"
                              "00000000")
                              .value();
  const Bytes unknown_size = from_hex(
                                 "28b52ffd"
                                 "00"
                                 "58"
                                 "090000"
                                 "78")
                                 .value();

  EXPECT_EQ(decompress(two, kMaxDataBytes).error().code, Errc::Corruption);
  EXPECT_EQ(decompress(trailing, kMaxDataBytes).error().code, Errc::Corruption);
  EXPECT_EQ(decompress(skippable, kMaxDataBytes).error().code, Errc::Corruption);
  EXPECT_EQ(decompress(unknown_size, kMaxDataBytes).error().code, Errc::Corruption);
  EXPECT_EQ(decompress({}, kMaxDataBytes).error().code, Errc::Corruption);
  EXPECT_EQ(decompress(one, kMaxDataBytes).value(), bytes_of("one"));
}

TEST(Compress, FramesCarryTheirSizeAndAChecksum) {
  // Descriptor byte: single segment (0x20) and content checksum (0x04).
  EXPECT_EQ(compress(bytes_of("checksum")).value()[4] & 0x24, 0x24);
}

}  // namespace
}  // namespace daybook
