// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of a ledger outside of it, and what that finds: a thief without the
// key can make everything in the directory agree with itself.
#include "daybook/known.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "ledger/unsigned_run.h"
#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::append_numbered;
using testing::expect;
using testing::small_options;
using testing::TestEnvironment;

constexpr const char* kPlace = "/home/me/ledger";

class KnownTest : public ::testing::Test {
 protected:
  Environment on(testing::FaultyFileSystem& disk) {
    return {.files = &disk, .clock = &world_.clock, .entropy = &world_.entropy};
  }
  Ledger create() {
    return expect(Ledger::create("/ledger", small_options(), world_.environment()));
  }
  Ledger open(testing::FaultyFileSystem& disk) {
    return expect(Ledger::open("/ledger", small_options(), on(disk)));
  }
  // Appends, closes and remembers.
  void write(Ledger ledger, std::size_t events) {
    append_numbered(ledger, events);
    expect(ledger.close());
    expect(memory_.remember(ledger, kPlace));
  }
  Standing standing(testing::FaultyFileSystem& disk) {
    Ledger ledger = open(disk);
    return expect(memory_.compare(ledger, kPlace)).standing;
  }
  // The codes of what a check finds that is compared with the memory.
  std::vector<std::string> findings(testing::FaultyFileSystem& disk) {
    Ledger ledger = open(disk);
    const EventId id = expect(parse_event_id(expect(ledger.status()).ledger_id));
    VerifyOptions options;
    options.known = expect(memory_.find(kPlace, id));
    std::vector<std::string> codes;
    for (const Finding& finding : expect(ledger.verify(options)).findings) {
      if (finding.severity == Severity::Damage) codes.push_back(finding.code);
    }
    return codes;
  }

  TestEnvironment world_;
  TestEnvironment elsewhere_{2};  // the memory's disk: no copy of the ledger's takes it along
  KnownLedgers memory_{"/state/daybook/ledgers", elsewhere_.environment()};
};

TEST_F(KnownTest, KnowsALedgerAgainAndHowFarItWasSigned) {
  write(create(), 5);
  const auto known = expect(memory_.all());
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].place, kPlace);
  EXPECT_EQ(known[0].events(), 5U);
  EXPECT_TRUE(verify_checkpoint(known[0].tree->checkpoint.text, known[0].key));
  EXPECT_EQ(standing(world_.disk), Standing::Grown);

  write(open(world_.disk), 300);  // over several segments
  EXPECT_EQ(expect(memory_.all())[0].events(), 305U);
  EXPECT_EQ(findings(world_.disk), std::vector<std::string>{});
}

TEST_F(KnownTest, ComparesWhatGrewSinceWithoutBeingAsked) {
  write(create(), 5);
  {
    Ledger ledger = open(world_.disk);  // somebody who remembers nothing
    append_numbered(ledger, 500);
  }
  EXPECT_EQ(standing(world_.disk), Standing::Grown);
  EXPECT_EQ(findings(world_.disk), std::vector<std::string>{});
}

TEST_F(KnownTest, AnEarlierCopyIsFound) {
  write(create(), 5);
  const auto earlier = world_.disk.clone();
  write(open(world_.disk), 1);
  EXPECT_EQ(standing(*earlier), Standing::RolledBack);
  EXPECT_EQ(findings(*earlier), std::vector<std::string>{"known_checkpoint"});

  // Also once it has grown as long again.
  {
    Ledger ledger = open(*earlier);
    append_numbered(ledger, 2);
  }
  EXPECT_EQ(standing(*earlier), Standing::Rewritten);
  EXPECT_EQ(findings(*earlier), std::vector<std::string>{"known_checkpoint"});
}

TEST_F(KnownTest, AnotherLedgerAndAnotherKeyAreFound) {
  write(create(), 5);
  TestEnvironment other(7);
  {
    Ledger ledger = expect(Ledger::create("/ledger", small_options(), other.environment()));
    append_numbered(ledger, 9);
  }
  EXPECT_EQ(standing(other.disk), Standing::OtherLedger);
  EXPECT_EQ(findings(other.disk), std::vector<std::string>{"known_ledger"});

  // The same ledger with an own key: as if the one that was seen were another.
  KnownLedger known = expect(memory_.all())[0];
  known.key = open(other.disk).verifier_key();
  Ledger ledger = open(world_.disk);
  VerifyOptions options;
  options.known = known;
  const VerifyReport report = expect(ledger.verify(options));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.findings[0].code, "known_key");
}

TEST_F(KnownTest, GoesForwardOnlyUnlessItIsTold) {
  write(create(), 5);
  const auto earlier = world_.disk.clone();
  write(open(world_.disk), 5);
  Ledger back = open(*earlier);
  const VerifyReport report = expect(back.verify());
  ASSERT_TRUE(report.ok());
  expect(memory_.remember(back, kPlace, report));
  EXPECT_EQ(expect(memory_.all())[0].events(), 10U);
  expect(memory_.accept(back, kPlace, report));
  EXPECT_EQ(expect(memory_.all())[0].events(), 5U);
  EXPECT_EQ(standing(*earlier), Standing::Grown);
}

TEST_F(KnownTest, ACopyAtAnotherPlaceMayBeOlderButNotDifferent) {
  write(create(), 5);
  const auto copy = world_.disk.clone();
  write(open(world_.disk), 5);
  const auto found_at = [&](const char* place) {
    Ledger ledger = open(*copy);
    const EventId id = expect(parse_event_id(expect(ledger.status()).ledger_id));
    VerifyOptions options;
    options.known = expect(memory_.find(place, id));
    EXPECT_TRUE(options.known && options.known->elsewhere);
    return expect(ledger.verify(options));
  };
  const VerifyReport older = found_at("/backup");
  EXPECT_TRUE(older.ok());
  ASSERT_EQ(older.findings.size(), 1U);
  EXPECT_EQ(older.findings[0].code, "known_checkpoint");
  {
    Ledger ledger = open(*copy);
    append_numbered(ledger, 7);
  }
  EXPECT_FALSE(found_at("/backup").ok());
}

TEST_F(KnownTest, ADamagedMemoryIsNoMemory) {
  write(create(), 5);
  const auto entries = expect(elsewhere_.disk.list("/state/daybook/ledgers"));
  const auto file = std::ranges::find_if(
      entries, [](const DirectoryEntry& entry) { return entry.name.ends_with(".known"); });
  ASSERT_NE(file, entries.end());
  const std::string path = "/state/daybook/ledgers/" + file->name;
  const Bytes whole = elsewhere_.disk.content(path);
  Ledger ledger = open(world_.disk);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    elsewhere_.disk.put_file(path, ByteView(whole).first(size));
    const auto seen = memory_.compare(ledger, kPlace);
    // A note that was cut behind its signature still holds.
    if (seen) {
      EXPECT_TRUE(seen->good()) << size;
    } else {
      EXPECT_EQ(seen.error().code, Errc::Corruption);
    }
  }
  elsewhere_.disk.put_file(path, ByteView(whole).first(100));
  append_numbered(ledger, 1);
  expect(ledger.close());
  expect(memory_.remember(ledger, kPlace));
  EXPECT_EQ(expect(memory_.all())[0].events(), 6U);
}

TEST_F(KnownTest, AFailingDiskLosesOnlyTheMemory) {
  Ledger ledger = create();
  append_numbered(ledger, 3);
  expect(ledger.close());
  elsewhere_.disk.set_mount(testing::Mount::ReadOnly);
  EXPECT_FALSE(memory_.remember(ledger, kPlace));
  EXPECT_EQ(standing(world_.disk), Standing::Unknown);
  elsewhere_.disk.set_mount(testing::Mount::Writable);
  for (std::uint64_t nth = 1;; ++nth) {
    elsewhere_.disk.fail({.nth = nth});
    const auto done = memory_.remember(ledger, kPlace);
    elsewhere_.disk.clear_faults();
    EXPECT_TRUE(standing(world_.disk) == Standing::Unknown ||
                standing(world_.disk) == Standing::Grown);
    if (done && nth > 20) break;
  }
  expect(memory_.remember(ledger, kPlace));
  EXPECT_EQ(expect(memory_.all())[0].events(), 3U);
}

TEST_F(KnownTest, AnEmptyLedgerIsKnownToo) {
  Ledger ledger = create();
  expect(ledger.close());
  expect(memory_.remember(ledger, kPlace));
  EXPECT_EQ(standing(world_.disk), Standing::Grown);
  TestEnvironment other(7);
  expect(expect(Ledger::create("/ledger", small_options(), other.environment())).close());
  EXPECT_EQ(standing(other.disk), Standing::OtherLedger);
  expect(memory_.forget(kPlace));
  EXPECT_EQ(standing(other.disk), Standing::Unknown);
  EXPECT_EQ(memory_.forget(kPlace).error().code, Errc::NotFound);
}

TEST_F(KnownTest, APlaceIsOneLine) {
  Ledger ledger = create();
  EXPECT_EQ(memory_.remember(ledger, "two\nlines").error().code, Errc::InvalidArgument);
  EXPECT_EQ(memory_.remember(ledger, "").error().code, Errc::InvalidArgument);
}

// --- Withheld signatures -----------------------------------------------------

TEST_F(KnownTest, AWriterThatWithholdsSignaturesStillAppends) {
  write(create(), 5);
  {
    Ledger ledger = open(world_.disk);
    ledger.withhold_signatures();
    append_numbered(ledger, 3);
    EXPECT_EQ(ledger.checkpoint().error().code, Errc::Conflict);
    EXPECT_EQ(ledger.prove_consistency(2, 8).error().code, Errc::Conflict);
    expect(ledger.close());
  }
  Ledger ledger = open(world_.disk);
  const VerifyReport report = expect(ledger.verify());
  EXPECT_TRUE(report.ok()) << "a short run may be unsigned";
  EXPECT_EQ(report.head.size, 8U);
  ASSERT_TRUE(report.signed_tree);
  EXPECT_EQ(report.signed_tree->checkpoint.head.size, 5U);
}

TEST_F(KnownTest, SegmentsSealedWithoutACheckpointAreDamageUntilAccepted) {
  {
    Ledger ledger = create();
    ledger.withhold_signatures();
    append_numbered(ledger, 600);
    expect(ledger.close());
    EXPECT_GT(expect(ledger.status()).segments, 1U);
  }
  Ledger ledger = open(world_.disk);
  const auto unsigned_runs = [&] {
    const VerifyReport report = expect(ledger.verify());
    EXPECT_EQ(report.events, 600U);
    for (const Finding& finding : report.findings) EXPECT_EQ(finding.code, "unsigned");
    return report;
  };
  const VerifyReport before = unsigned_runs();
  EXPECT_FALSE(before.ok());
  EXPECT_FALSE(before.signed_tree);
  expect(ledger.checkpoint());
  EXPECT_FALSE(unsigned_runs().ok()) << "the next checkpoint signs a thief's changes, too";
  expect(ledger.checkpoint(Ledger::Accept::Unsigned));
  const VerifyReport after = unsigned_runs();
  EXPECT_TRUE(after.ok());
  EXPECT_EQ(after.findings.size(), before.findings.size()) << "told all the same";
  EXPECT_EQ(after.signed_tree->checkpoint.head.size, 600U);
}

TEST_F(KnownTest, WhatAKilledWriterLeftUnsignedIsSignedAfterTheNextAppend) {
  {
    Ledger ledger = create();
    expect(ledger.append({.stream = "s", .type = "t"}));
    world_.disk.kill();
  }
  Ledger ledger = open(world_.disk);
  expect(ledger.append({.stream = "s", .type = "t"}));
  const auto status = expect(ledger.status());
  ASSERT_TRUE(status.checkpoint);
  EXPECT_EQ(status.checkpoint->head.size, 2U);
  expect(ledger.append({.stream = "s", .type = "t"}));
  EXPECT_EQ(expect(ledger.status()).checkpoint->head.size, 2U);
}

TEST(UnsignedRun, MayBeLongButNotLongerAndMayHaveFewLateMoments) {
  UnsignedRun run;
  for (std::uint64_t seq = 1; seq <= format::kMaxUnsignedEvents; ++seq) {
    run.add(Seq{seq}, Timestamp{0});
  }
  EXPECT_FALSE(run.too_long());
  run.add(Seq{format::kMaxUnsignedEvents + 1}, Timestamp{0});
  EXPECT_TRUE(run.too_long());

  UnsignedRun late;
  late.add(Seq{1}, Timestamp{INT64_MIN});
  for (std::int64_t moment = 0; moment < format::kMaxLateMoments; ++moment) {
    late.add(Seq{2}, Timestamp{INT64_MAX - 100 + moment});
    late.add(Seq{3}, Timestamp{INT64_MAX - 100 + moment});
  }
  EXPECT_FALSE(late.too_long());
  late.add(Seq{4}, Timestamp{INT64_MAX});
  EXPECT_TRUE(late.too_long());
}

}  // namespace
}  // namespace daybook
