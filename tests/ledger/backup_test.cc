// SPDX-License-Identifier: Apache-2.0
//
// Backups: the same history elsewhere, while others write, whatever cuts it short.
#include "daybook/backup.h"

#include <functional>

#include <gtest/gtest.h>

#include "support/ledgers.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::append_numbered;
using testing::expect;
using testing::Fault;
using testing::FaultyFileSystem;
using testing::Operation;
using testing::read_all;
using testing::Repeat;
using testing::small_options;
using testing::TestEnvironment;

const std::string kLedger = "/ledger";
const std::string kCopy = "/media/copy";

LedgerOptions read_only() {
  LedgerOptions options = small_options();
  options.access = Access::ReadOnly;
  return options;
}

// A disk that lets somebody else act before every operation on names.
class WatchedFileSystem final : public FileSystem {
 public:
  WatchedFileSystem(FileSystem& files, std::function<void()> before)
      : files_(files), before_(std::move(before)) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    return act().open(path, mode);
  }
  Result<void> make_directory(const std::string& path) override {
    return act().make_directory(path);
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
    return act().list(path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return act().rename(from, to);
  }
  Result<void> remove(const std::string& path) override { return act().remove(path); }
  Result<bool> exists(const std::string& path) override { return act().exists(path); }
  Result<FileId> id_of(const std::string& path) override { return act().id_of(path); }
  Result<PathTarget> follow(const std::string& path) override { return act().follow(path); }
  Result<void> copy_mode(const std::string& from, const std::string& to) override {
    return act().copy_mode(from, to);
  }
  Result<void> sync_directory(const std::string& path) override {
    return act().sync_directory(path);
  }
  Result<void> set_read_only(const std::string& path, bool read_only) override {
    return act().set_read_only(path, read_only);
  }

 private:
  FileSystem& act() {
    before_();
    return files_;
  }
  FileSystem& files_;
  std::function<void()> before_;
};

class BackupTest : public ::testing::Test {
 protected:
  Ledger create(const std::string& path = kLedger) {
    return expect(Ledger::create(path, small_options(), world_.environment()));
  }
  Ledger open(const std::string& path, const LedgerOptions& options = small_options()) {
    return expect(Ledger::open(path, options, world_.environment()));
  }

  // Several sealed segments, an unsealed one, and a few blobs.
  void write_history() {
    Ledger ledger = create();
    append_numbered(ledger, 900);
    append_blobs(ledger, 3);
    append_numbered(ledger, 20);
    expect(ledger.close());
  }

  static void append_blobs(Ledger& ledger, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = expect(ledger.last()).value;
      expect(ledger.append({.stream = "large",
                            .type = "large",
                            .data = '"' + std::string(3000, 'x') + std::to_string(number) + '"'}));
    }
  }

  Result<BackupReport> backup(const BackupOptions& options = {}) {
    return back_up(kLedger, kCopy, options, world_.environment());
  }

  TreeHead head_of(const std::string& path) {
    Ledger ledger = open(path, read_only());
    return expect(ledger.status()).head;
  }

  // The copy verifies, and holds the first events of the ledger, each as it is there.
  void expect_prefix(const std::string& copy, std::uint64_t size) {
    Ledger whole = open(kLedger, read_only());
    Ledger part = open(copy, read_only());
    const auto report = expect(part.verify());
    EXPECT_TRUE(report.ok()) << report.findings.front().message;
    EXPECT_EQ(report.head.size, size);
    std::vector<Event> all = read_all(whole);
    const std::vector<Event> copied = read_all(part);
    ASSERT_EQ(copied.size(), size);
    ASSERT_GE(all.size(), size);
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_EQ(copied[i].id, all[i].id) << i;
      ASSERT_EQ(copied[i].recorded, all[i].recorded) << i;
      ASSERT_EQ(copied[i].time, all[i].time) << i;
      ASSERT_EQ(expect(part.data(copied[i])), expect(whole.data(all[i]))) << i;
    }
  }

  void expect_refused(Result<BackupReport> result, Errc code, std::string_view says) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_NE(result.error().message.find(says), std::string::npos) << result.error().message;
    EXPECT_FALSE(result.error().hint.empty());
  }

  TestEnvironment world_;
};

TEST_F(BackupTest, ACopyIsTheSameLedger) {
  write_history();
  const BackupReport report = expect(backup());
  EXPECT_EQ(report.path, kCopy);
  EXPECT_EQ(report.head, head_of(kLedger));
  EXPECT_EQ(report.head.size, 923U);
  EXPECT_EQ(report.blobs_copied, 3U);
  EXPECT_GT(report.segments, 2U);
  EXPECT_EQ(report.pending, 0U);
  EXPECT_TRUE(report.complete());
  EXPECT_FALSE(report.has_key);
  expect_prefix(kCopy, 923);
  EXPECT_EQ(world_.disk.content(kCopy + "/LEDGER"), world_.disk.content(kLedger + "/LEDGER"));
}

TEST_F(BackupTest, AgainOnlyWhatIsNewIsCopied) {
  write_history();
  const BackupReport first = expect(backup());
  const BackupReport nothing = expect(backup());
  EXPECT_EQ(nothing.files_copied, 0U);
  EXPECT_EQ(nothing.bytes_copied, 0U);
  EXPECT_EQ(nothing.head, first.head);

  Ledger ledger = open(kLedger);
  append_numbered(ledger, 5);
  append_blobs(ledger, 1);
  const BackupReport some = expect(backup());
  EXPECT_EQ(some.files_copied, 2U) << "the unsealed segment and the blob";
  EXPECT_EQ(some.blobs_copied, 1U);
  EXPECT_LT(some.bytes_copied, small_options().segment_bytes + 4096);
  expect_prefix(kCopy, 929);

  append_numbered(ledger, 900);  // what was unsealed is sealed now
  expect(ledger.sync());
  const BackupReport more = expect(backup());
  EXPECT_EQ(more.files_copied, more.segments - first.segments + 1);
  EXPECT_LT(more.files_copied, more.segments);
  expect_prefix(kCopy, 1829);
}

TEST_F(BackupTest, EverythingIsVerifiedWhenAskedFor) {
  write_history();
  expect(backup());
  const std::string blob = [&] {
    for (const std::string& path : world_.disk.files()) {
      if (path.starts_with(kCopy + "/blobs/")) return path;
    }
    return std::string();
  }();
  world_.disk.flip_bit(blob, 20, 1);
  EXPECT_TRUE(expect(backup()).complete()) << "what was there is not read again";
  const BackupReport report =
      expect(backup({.check = BackupOptions::Check::Everything, .progress = {}}));
  EXPECT_FALSE(report.complete());
  EXPECT_FALSE(report.findings.empty());
}

TEST_F(BackupTest, WritersMayGoOn) {
  Ledger ledger = create();
  append_numbered(ledger, 400);
  expect(ledger.sync());
  std::uint64_t behind = 0;
  WatchedFileSystem watched(world_.disk, [&] {
    append_numbered(ledger, 7);  // also across the ends of segments
    if (++behind % 10 == 0) append_blobs(ledger, 1);
  });
  Environment env = world_.environment();
  env.files = &watched;
  std::uint64_t size = 0;
  for (int round = 0; round < 4; ++round) {
    const BackupReport report = expect(back_up(kLedger, kCopy, {}, env));
    EXPECT_GT(report.head.size, size);
    EXPECT_LT(report.head.size, expect(ledger.last()).value);
    size = report.head.size;
    expect_prefix(kCopy, size);
  }
  expect(ledger.close());
  EXPECT_EQ(expect(backup()).head, head_of(kLedger));
}

TEST_F(BackupTest, WhatIsNotDurableIsNotCopied) {
  Ledger ledger = create();
  append_numbered(ledger, 10);
  expect(ledger.sync());
  append_numbered(ledger, 5);
  // Were the power to fail now, other events would get these seqs.
  const BackupReport part = expect(backup());
  EXPECT_EQ(part.head.size, 10U);
  EXPECT_EQ(part.pending, 5U);
  EXPECT_TRUE(part.complete()) << "nothing that anybody was promised is missing";
  expect_prefix(kCopy, 10);
  expect(ledger.sync());
  const BackupReport all = expect(backup());
  EXPECT_EQ(all.head.size, 15U);
  EXPECT_EQ(all.pending, 0U);
}

TEST_F(BackupTest, WithoutTheNoteOfWritersTheFramesTell) {
  {
    Ledger ledger = create();
    for (int i = 0; i < 40; ++i) append_blobs(ledger, 1);
    for (int i = 0; i < 3000; ++i) {
      expect(ledger.append({.stream = "s", .type = "durable", .data = "1"}));
    }
  }
  EXPECT_EQ(expect(backup()).head.size, 3040U);
  expect(world_.disk.remove(kLedger + "/tail"));
  // Only the last group is not told of; here that is the checkpoint.
  const BackupReport report = expect(back_up(kLedger, "/second", {}, world_.environment()));
  EXPECT_EQ(report.head.size, 3040U);
  EXPECT_EQ(report.pending, 0U);
}

TEST_F(BackupTest, AfterAFailedFlushWhatWasPromisedIsCopied) {
  Ledger ledger = create();
  append_numbered(ledger, 10);
  expect(ledger.sync());
  append_numbered(ledger, 5);
  world_.disk.fail({.kind = Operation::Sync, .path = "/ledger/log", .repeat = Repeat::Forever});
  EXPECT_FALSE(ledger.sync());
  world_.disk.clear_faults();
  EXPECT_EQ(expect(backup()).head.size, 10U);
  expect_prefix(kCopy, 10);
}

// Whatever the power takes from the ledger, it goes on as the backup has it.
TEST_F(BackupTest, ABackupIsOfTheHistoryThatSurvives) {
  constexpr std::uint64_t kSeeds = 150;
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    TestEnvironment world(seed);
    testing::Random random(seed);
    expect(expect(Ledger::create(kLedger, small_options(), world.environment())).close());
    std::uint64_t size = 0;
    for (int life = 0; life < 4; ++life) {
      {
        Ledger ledger = expect(Ledger::open(kLedger, small_options(), world.environment()));
        for (std::uint64_t step = random.below(4); step > 0; --step) {
          append_numbered(ledger, random.below(200));
          if (random.below(3) == 0) append_blobs(ledger, 1);
          if (random.below(3) == 0) expect(ledger.sync());
        }
        const BackupReport report = expect(back_up(kLedger, kCopy, {}, world.environment()));
        EXPECT_GE(report.head.size, size);
        size = report.head.size;
        append_numbered(ledger, random.below(30));
        if (random.below(2) == 0) {
          world.disk.crash(random.below(1u << 30));
        } else {
          world.disk.kill();
        }
      }
      Ledger copy = expect(Ledger::open(kCopy, read_only(), world.environment()));
      const VerifyReport report = expect(copy.verify());
      EXPECT_TRUE(report.ok()) << report.findings.front().message;
      EXPECT_EQ(report.head.size, size);
    }
  }
}

// --- Cut short ----------------------------------------------------------------

class InterruptedBackupTest : public BackupTest {
 protected:
  // Cuts a backup short at every operation, in two ways, and sees what is there then and
  // whether the next one completes it.
  void interrupt_everywhere(std::uint64_t least, std::uint64_t most) {
    world_.disk.put_file("/media/mounted", {});
    const auto whole = world_.disk.clone();
    const std::uint64_t before = whole->operations();
    expect(back_up(kLedger, kCopy, {}, on(*whole)));
    const std::uint64_t operations = whole->operations() - before;
    ASSERT_GT(operations, 50U);
    for (std::uint64_t nth = 1; nth <= operations && !HasFailure(); ++nth) {
      for (const bool power_fails : {false, true}) {
        SCOPED_TRACE(std::to_string(nth) + (power_fails ? ", then power loss" : ""));
        const auto disk = world_.disk.clone(nth);
        disk->fail({.nth = nth, .repeat = Repeat::Forever});
        EXPECT_FALSE(back_up(kLedger, kCopy, {}, on(*disk)));
        disk->clear_faults();
        if (power_fails) {
          disk->crash(nth);
        } else {
          disk->kill();
        }
        check_between(*disk, least, most);
        const BackupReport report = expect(back_up(kLedger, kCopy, {}, on(*disk)));
        EXPECT_EQ(report.head.size, most);
        // What success was said of survives whatever comes.
        disk->crash(nth + 1);
        check_between(*disk, most, most);
      }
    }
  }

  // No ledger (when there was none before), or one that verifies and is a prefix.
  void check_between(FaultyFileSystem& disk, std::uint64_t least, std::uint64_t most) {
    auto copy = Ledger::open(kCopy, read_only(), on(disk));
    if (!copy && least == 0) {
      const bool begun = copy.error().code == Errc::Corruption;  // segments without a LEDGER
      EXPECT_TRUE(begun || copy.error().code == Errc::NotFound) << copy.error().message;
      return;
    }
    ASSERT_TRUE(copy) << copy.error().message;
    const VerifyReport report = expect(copy->verify({.threads = 1}));
    EXPECT_TRUE(report.ok()) << report.findings.front().message;
    EXPECT_EQ(report.findings_total, 0U);
    EXPECT_GE(report.head.size, least);
    EXPECT_LE(report.head.size, most);
  }

  Environment on(FaultyFileSystem& disk) {
    Environment env = world_.environment();
    env.files = &disk;
    return env;
  }
};

TEST_F(InterruptedBackupTest, TheFirstOneIsNoLedgerBeforeItIsComplete) {
  Ledger ledger = create();
  append_numbered(ledger, 300);
  append_blobs(ledger, 2);
  expect(ledger.close());
  interrupt_everywhere(0, 302);
}

TEST_F(InterruptedBackupTest, ALaterOneLeavesTheEarlierOrMore) {
  {
    Ledger ledger = create();
    append_numbered(ledger, 300);
    append_blobs(ledger, 1);
  }
  expect(backup());
  {
    Ledger ledger = open(kLedger);
    append_numbered(ledger, 600);
    append_blobs(ledger, 2);
  }
  interrupt_everywhere(301, 903);
}

TEST_F(InterruptedBackupTest, AnOperationThatFailsOnceIsSaid) {
  world_.disk.put_file("/media/mounted", {});
  Ledger ledger = create();
  append_numbered(ledger, 300);
  append_blobs(ledger, 1);
  expect(ledger.close());
  const auto whole = world_.disk.clone();
  const std::uint64_t before = whole->operations();
  expect(back_up(kLedger, kCopy, {}, on(*whole)));
  const std::uint64_t operations = whole->operations() - before;
  for (std::uint64_t nth = 1; nth <= operations && !HasFailure(); ++nth) {
    SCOPED_TRACE(nth);
    const auto disk = world_.disk.clone(nth);
    disk->fail({.nth = nth});
    // Some are only hints, and their failing costs nothing: then the copy is good.
    const auto report = back_up(kLedger, kCopy, {}, on(*disk));
    if (!report) continue;
    EXPECT_EQ(report->head.size, 301U);
    disk->crash(nth);
    check_between(*disk, 301, 301);
  }
}

TEST_F(InterruptedBackupTest, AFullDiskLeavesTheEarlierOne) {
  write_history();
  expect(backup());
  {
    Ledger ledger = open(kLedger);
    append_numbered(ledger, 700);
    append_blobs(ledger, 2);
  }
  std::uint64_t used = 0;
  for (const std::string& path : world_.disk.files()) used += world_.disk.content(path).size();
  for (const std::uint64_t room : {std::uint64_t{0}, std::uint64_t{3000}, std::uint64_t{70'000}}) {
    SCOPED_TRACE(room);
    const auto disk = world_.disk.clone();
    disk->set_capacity(used + room);
    const auto refused = back_up(kLedger, kCopy, {}, on(*disk));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::NoSpace);
    check_between(*disk, 923, 1625);
    disk->set_capacity(FaultyFileSystem::kUnlimited);
    EXPECT_EQ(expect(back_up(kLedger, kCopy, {}, on(*disk))).head.size, 1625U);
  }
}

// --- Where it may not go --------------------------------------------------------

TEST_F(BackupTest, TheWrongPlaceIsRefusedAndLeftAsItIs) {
  write_history();
  expect_refused(back_up(kLedger, kLedger, {}, world_.environment()), Errc::InvalidArgument,
                 "lies in the ledger");
  expect_refused(back_up(kLedger, kLedger + "/views/copy", {}, world_.environment()),
                 Errc::InvalidArgument, "lies in the ledger");

  world_.disk.put_file("/home/letter.txt", {});
  expect_refused(back_up(kLedger, "/home", {}, world_.environment()), Errc::AlreadyExists,
                 "letter.txt");
  expect(create("/other").close());
  const auto other = world_.disk.content("/other/LEDGER");
  expect_refused(back_up(kLedger, "/other", {}, world_.environment()), Errc::AlreadyExists,
                 "this is the ledger");
  EXPECT_EQ(world_.disk.content("/other/LEDGER"), other);
  // A ledger that has lost its LEDGER is no place either.
  expect(world_.disk.remove("/other/LEDGER"));
  expect_refused(back_up(kLedger, "/other", {}, world_.environment()), Errc::AlreadyExists,
                 "not that of the ledger");
  const auto none = back_up("/nowhere", kCopy, {}, world_.environment());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::NotFound);
  EXPECT_FALSE(expect(world_.disk.exists(kCopy)));
}

TEST_F(BackupTest, AnotherHistoryIsRefused) {
  write_history();
  expect(backup({.key = BackupOptions::Key::Copy, .progress = {}}));
  {
    Ledger copy = open(kCopy);
    append_numbered(copy, 1);
  }
  expect_refused(backup(), Errc::AlreadyExists, "more than the ledger has");
  {
    Ledger ledger = open(kLedger);
    append_numbered(ledger, 50);
  }
  expect_refused(backup(), Errc::AlreadyExists, "another history");
  EXPECT_EQ(head_of(kCopy).size, 924U) << "it was left as it was";
}

TEST_F(BackupTest, ALedgerThatWasPutBackIsBehindItsBackup) {
  write_history();
  expect(restore_ledger(kLedger, "/old", {}, world_.environment()));
  {
    Ledger ledger = open(kLedger);
    append_numbered(ledger, 700);
  }
  expect(backup());
  expect_refused(back_up("/old", kCopy, {}, world_.environment()), Errc::AlreadyExists, "");
  expect_prefix(kCopy, 1623);
}

TEST_F(BackupTest, OneAtATime) {
  write_history();
  expect(backup());
  const auto lock = expect(world_.disk.open(kCopy + "/lock", OpenMode::ReadWrite));
  ASSERT_TRUE(expect(lock->try_lock()));
  expect_refused(backup(), Errc::Busy, "lock");
}

// --- Damage -----------------------------------------------------------------------

TEST_F(BackupTest, DamageSinceTheLastBackupDoesNotReachIt) {
  Ledger ledger = create();
  append_numbered(ledger, 100);
  expect(ledger.close());
  expect(backup());
  world_.disk.flip_bit(kLedger + "/log/00000000000000000001.seg", 9000, 1);
  {
    Ledger again = open(kLedger);
    append_numbered(again, 5);
  }
  expect_refused(backup(), Errc::Corruption, "since the last backup");
  Ledger copy = open(kCopy, read_only());
  EXPECT_TRUE(expect(copy.verify()).ok());
}

TEST_F(BackupTest, ADamagedLedgerIsCopiedAsItStands) {
  write_history();
  world_.disk.flip_bit(kLedger + "/log/00000000000000000001.seg", 9000, 1);
  const BackupReport report = expect(backup());
  EXPECT_EQ(report.lost.size(), 1U);
  EXPECT_FALSE(report.complete());
  Ledger source = open(kLedger, read_only());
  Ledger copy = open(kCopy, read_only());
  EXPECT_EQ(expect(copy.verify()).lost, expect(source.verify()).lost);
  EXPECT_EQ(read_all(copy).size(), read_all(source).size());
  EXPECT_EQ(report.head, head_of(kLedger));
  // One byte costs one event, not the backups to come.
  append_numbered(*std::make_unique<Ledger>(open(kLedger)), 3);
  EXPECT_EQ(expect(backup()).head.size, 926U);
}

TEST_F(BackupTest, DamageInTheUnsealedSegmentIsToldEveryTime) {
  Ledger ledger = create();
  append_numbered(ledger, 100);
  expect(ledger.close());
  world_.disk.flip_bit(kLedger + "/log/00000000000000000001.seg", 9000, 1);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(expect(backup()).lost.size(), 1U);
    Ledger again = open(kLedger);
    append_numbered(again, 3);
  }
}

TEST_F(BackupTest, ABadCopyOfTheUnsealedSegmentIsMadeAnew) {
  write_history();
  expect(backup());
  std::string last;
  for (const std::string& path : world_.disk.files()) {
    if (path.starts_with(kCopy + "/log/")) last = path;
  }
  world_.disk.flip_bit(last, 4200, 1);
  EXPECT_EQ(expect(backup()).files_copied, 1U);
  expect_prefix(kCopy, 923);
}

TEST_F(BackupTest, ABlobThatCannotBeReadIsNamed) {
  write_history();
  for (const std::string& path : world_.disk.files()) {
    if (path.starts_with(kLedger + "/blobs/")) {
      world_.disk.flip_bit(path, 20, 1);
      break;
    }
  }
  const BackupReport report = expect(backup());
  EXPECT_EQ(report.unreadable_blobs.size(), 1U);
  EXPECT_EQ(report.blobs_copied, 2U);
  EXPECT_FALSE(report.complete());
}

// --- Back again ---------------------------------------------------------------------

TEST_F(BackupTest, ARestoredLedgerIsTheSameAndGoesOn) {
  write_history();
  const TreeHead head = head_of(kLedger);
  expect(backup({.key = BackupOptions::Key::Copy, .progress = {}}));
  EXPECT_EQ(world_.disk.content(kCopy + "/keys/checkpoint.key"),
            world_.disk.content(kLedger + "/keys/checkpoint.key"));
  const BackupReport report = expect(restore_ledger(kCopy, "/new/place", {}, world_.environment()));
  EXPECT_EQ(report.head, head);
  EXPECT_TRUE(report.has_key);
  expect_prefix("/new/place", 923);
  Ledger ledger = open("/new/place");
  EXPECT_EQ(expect(ledger.append({.stream = "stream/0", .type = "on"})).seq, Seq{924});
  expect(ledger.close());
  Ledger checked = open("/new/place", read_only());
  EXPECT_TRUE(expect(checked.verify()).ok());
}

TEST_F(BackupTest, WithoutAKeyARestoredLedgerReadsAndVerifies) {
  write_history();
  expect(backup());
  const BackupReport report = expect(
      restore_ledger(kCopy, "/new", {.check = BackupOptions::Check::Everything, .progress = {}},
                     world_.environment()));
  EXPECT_FALSE(report.has_key);
  EXPECT_TRUE(report.complete());
  expect_prefix("/new", 923);
}

TEST_F(BackupTest, AKeyOfAnotherLedgerIsNotCopied) {
  write_history();
  expect(create("/other").close());
  world_.disk.put_file(kLedger + "/keys/checkpoint.key",
                       world_.disk.content("/other/keys/checkpoint.key"));
  expect_refused(backup({.key = BackupOptions::Key::Copy, .progress = {}}), Errc::Corruption,
                 "the signing key of another ledger");
  expect(world_.disk.remove(kLedger + "/keys/checkpoint.key"));
  expect_refused(backup({.key = BackupOptions::Key::Copy, .progress = {}}), Errc::NotFound,
                 "no signing key");
  EXPECT_TRUE(backup());
}

TEST_F(BackupTest, NothingIsRestoredOverALedger) {
  write_history();
  expect(backup());
  expect_refused(restore_ledger(kCopy, kLedger, {}, world_.environment()), Errc::AlreadyExists,
                 "a ledger already");
  world_.disk.put_file("/home/letter.txt", {});
  expect_refused(restore_ledger(kCopy, "/home", {}, world_.environment()), Errc::AlreadyExists,
                 "letter.txt");
  expect(world_.disk.remove(kCopy + "/LEDGER"));
  const auto half = restore_ledger(kCopy, "/new", {}, world_.environment());
  ASSERT_FALSE(half);
  EXPECT_NE(half.error().hint.find("unfinished"), std::string::npos);
}

// A source that nobody repairs any more is taken as far as it reads.
TEST_F(BackupTest, ARestoreTakesEverythingThatCanBeRead) {
  {
    Ledger ledger = create();
    append_numbered(ledger, 10);
    world_.disk.kill();
  }
  expect(world_.disk.remove(kLedger + "/tail"));
  EXPECT_EQ(expect(restore_ledger(kLedger, "/new", {}, world_.environment())).head.size, 10U);
}

}  // namespace
}  // namespace daybook
