// SPDX-License-Identifier: Apache-2.0
//
// A ledger whose signing key is lost, unreadable or open to others: appends go on and
// are acknowledged, what was signed before still proves, and the next checkpoint that
// can be signed covers everything.
#include <gtest/gtest.h>

#include "ledger/golden.h"
#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Operation;
using testing::small_options;
using testing::TestEnvironment;

constexpr const char* kKey = "/ledger/keys/checkpoint.key";

class UnsignedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    expect(expect(Ledger::create("/ledger", small_options(), world_.environment())).close());
    key_ = world_.disk.content(kKey);
  }

  Ledger open(LedgerOptions options = small_options()) {
    return expect(Ledger::open("/ledger", options, world_.environment()));
  }

  void lose_key() {
    expect(world_.disk.remove(kKey));
    expect(world_.disk.sync_directory("/ledger/keys"));  // no power cut brings it back
  }
  void restore_key() { world_.disk.put_file(kKey, key_); }

  // Appends and closes; everything is acknowledged, the signature is not.
  void append_unsigned(std::size_t count) {
    Ledger ledger = open();
    testing::append_numbered(ledger, count);
    const auto closed = ledger.close();
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, Errc::Unsigned) << closed.error().message;
    EXPECT_TRUE(closed.error().message.contains(kKey)) << closed.error().message;
    EXPECT_FALSE(closed.error().hint.empty());
  }

  void append_signed(std::size_t count) {
    Ledger ledger = open();
    testing::append_numbered(ledger, count);
    expect(ledger.close());
  }

  VerifyReport verify() {
    const VerifyReport report = expect(open().verify());
    EXPECT_TRUE(report.ok()) << report.findings.front().message;
    return report;
  }

  // Sealed without a checkpoint: red, whatever was signed later, until somebody says so.
  void expect_unsigned_runs(std::uint64_t events) {
    const VerifyReport report = expect(open().verify());
    EXPECT_EQ(report.events, events);
    EXPECT_FALSE(report.ok());
    for (const Finding& finding : report.findings) EXPECT_EQ(finding.code, "unsigned");
  }

  TestEnvironment world_;
  Bytes key_;
};

TEST_F(UnsignedTest, WithoutItsKeyALedgerTakesEventsAndKeepsThem) {
  append_signed(3);
  lose_key();
  append_unsigned(4);
  world_.disk.crash(1);
  EXPECT_EQ(verify().events, 7U);
  EXPECT_EQ(verify().checkpoints, 1U);
  restore_key();
  append_signed(1);
  EXPECT_EQ(verify().checkpoints, 2U);
  EXPECT_EQ(expect(open().status()).checkpoint->head.size, 8U);
}

TEST_F(UnsignedTest, KeysThatMayNotBeUsedAreRefusedWithTheMend) {
  const auto refusal = [&] {
    append_unsigned(1);
    Ledger ledger = open();
    const auto checkpoint = ledger.checkpoint();
    EXPECT_FALSE(checkpoint);
    return checkpoint ? Error{} : checkpoint.error();
  };
  world_.disk.set_owner_only(kKey, false);
  EXPECT_EQ(refusal().code, Errc::PermissionDenied);
  EXPECT_TRUE(refusal().hint.contains(std::string("chmod 600 ") + kKey)) << refusal().hint;
  world_.disk.set_owner_only(kKey, true);

  world_.disk.put_file(kKey, testing::read_golden("sealed-v1").at("keys/checkpoint.key"));
  EXPECT_EQ(refusal().code, Errc::Corruption);
  EXPECT_TRUE(refusal().message.contains("another ledger")) << refusal().message;

  world_.disk.put_file(kKey, as_bytes("0123"));
  EXPECT_EQ(refusal().code, Errc::Corruption);
  lose_key();
  EXPECT_EQ(refusal().code, Errc::NotFound);
  world_.disk.fail({.kind = Operation::OpenRead, .path = kKey, .repeat = testing::Repeat::Forever});
  EXPECT_EQ(refusal().code, Errc::Io);
  world_.disk.clear_faults();

  restore_key();
  append_signed(1);
  EXPECT_EQ(verify().checkpoints, 1U);
}

// Segments are sealed without a checkpoint; the first that can be signed covers them all.
TEST_F(UnsignedTest, SegmentsFillAndSealWithoutTheKey) {
  append_signed(5);
  const std::string signed_before = expect(open().status()).checkpoint->text;
  lose_key();
  append_unsigned(700);
  append_unsigned(700);
  {
    const LedgerStatus status = expect(open().status());
    EXPECT_GE(status.segments, 3U);
    ASSERT_TRUE(status.checkpoint);
    EXPECT_EQ(status.checkpoint->text, signed_before) << "the newest there is";
  }
  expect_unsigned_runs(1405);
  restore_key();
  append_signed(1);
  EXPECT_EQ(expect(open().status()).checkpoint->head.size, 1406U);
  expect_unsigned_runs(1406);
  expect(open().checkpoint(Ledger::Accept::Unsigned));
  EXPECT_EQ(verify().events, 1406U);
}

TEST_F(UnsignedTest, NoCheckpointAtAllIsNoError) {
  lose_key();
  append_unsigned(1400);
  const LedgerStatus status = expect(open().status());
  EXPECT_GE(status.segments, 3U);
  EXPECT_FALSE(status.checkpoint);
}

TEST_F(UnsignedTest, ProofsUseTheCheckpointThatExists) {
  append_signed(5);
  lose_key();
  append_unsigned(1400);
  Ledger ledger = open();
  const InclusionProof proof = expect(ledger.prove(Seq{4}));
  EXPECT_EQ(proof.checkpoint.head.size, 5U);
  EXPECT_TRUE(verify_inclusion_proof(proof, ledger.verifier_key()));

  const auto later = ledger.prove(Seq{6});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, Errc::NotFound);
  EXPECT_TRUE(later.error().message.contains("no checkpoint covers event #6"));
  EXPECT_TRUE(later.error().message.contains(kKey)) << later.error().message;
  EXPECT_FALSE(later.error().hint.empty());
}

TEST_F(UnsignedTest, ConsistencyIsProvenBetweenCheckpointsThatExist) {
  append_signed(5);
  append_signed(900);
  append_signed(10);
  lose_key();
  append_unsigned(3);
  Ledger ledger = open();
  for (const auto& [older, newer] :
       {std::pair{5U, 905U}, std::pair{5U, 915U}, std::pair{905U, 915U}, std::pair{905U, 905U}}) {
    const ConsistencyProof proof = expect(ledger.prove_consistency(older, newer));
    EXPECT_EQ(proof.older.head.size, older);
    EXPECT_EQ(proof.newer.head.size, newer);
    EXPECT_TRUE(verify_consistency_proof(proof, ledger.verifier_key()));
  }
  for (const auto& [older, newer] :
       {std::pair{5U, 904U}, std::pair{4U, 905U}, std::pair{5U, 918U}}) {
    EXPECT_EQ(ledger.prove_consistency(older, newer).error().code, Errc::NotFound)
        << older << " " << newer;
  }
}

// A writer that lives long does not look for its key at every append, and finds it again.
TEST_F(UnsignedTest, TheKeyIsLookedForNowAndThen) {
  lose_key();
  LedgerOptions options = small_options();
  options.checkpoint_events = 1;
  options.checkpoint_seconds = 60;
  Ledger ledger = open(options);
  const std::uint64_t before = world_.disk.operations(Operation::OpenRead);
  for (int i = 0; i < 50; ++i) {
    expect(ledger.append({.stream = "s", .type = "t"}));
    world_.clock.advance(1'000);
  }
  EXPECT_LE(world_.disk.operations(Operation::OpenRead) - before, 3U);
  EXPECT_FALSE(expect(ledger.status()).checkpoint);
  restore_key();
  world_.clock.advance(61'000'000);
  expect(ledger.append({.stream = "s", .type = "t"}));
  ASSERT_TRUE(expect(ledger.status()).checkpoint);
  EXPECT_EQ(expect(ledger.status()).checkpoint->head.size, 51U);
  expect(ledger.close());
}

// Room for the event and none for the checkpoint: the event is acknowledged all the same.
TEST_F(UnsignedTest, AFullDiskAtTheEndTakesNoEventBack) {
  Ledger ledger = open();
  std::uint64_t events = 0;
  std::uint64_t used = 0;
  for (const std::string& path : world_.disk.files()) used += world_.disk.content(path).size();
  world_.disk.set_capacity(used + 1500);
  while (ledger.append({.stream = "s", .type = "t"})) ++events;
  ASSERT_GT(events, 0U);
  const auto closed = ledger.close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, Errc::Unsigned) << closed.error().message;
  world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
  EXPECT_EQ(verify().events, events);
}

}  // namespace
}  // namespace daybook
