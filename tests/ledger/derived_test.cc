// SPDX-License-Identifier: Apache-2.0
//
// Derived files of the ledger that rot: the answers stay right, and verify names
// the file. And views/damage: what a verify found is not forgotten.
#include <gtest/gtest.h>

#include "daybook/proof.h"
#include "support/ledgers.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Mount;
using testing::TestEnvironment;

const std::string kPath = "/ledger";
const std::string kFirstSegment = "/ledger/log/00000000000000000001.seg";

class DerivedTest : public ::testing::Test {
 protected:
  // Several segments, full tiles, and a snapshot of the active segment.
  void SetUp() override {
    LedgerOptions options = testing::small_options();
    options.segment_bytes = std::uint64_t{4} << 20;
    Ledger ledger = expect(Ledger::create(kPath, options, world_.environment()));
    const NewEvent event{.stream = "s", .type = "t", .data = "\"" + std::string(900, 'x') + "\""};
    const std::vector<NewEvent> batch(100, event);
    for (int i = 0; i < 70; ++i) {
      expect(ledger.append(batch, {.durability = Durability::Memory}));
    }
    expect(ledger.checkpoint());  // so that the proof needs all tiles
    expect(ledger.prove(Seq{3}));
    expect(ledger.close());
  }

  Ledger open(Environment env) {
    LedgerOptions options;
    options.access = Access::ReadOnly;
    return expect(Ledger::open(kPath, options, env));
  }
  Ledger open() { return open(world_.environment()); }

  std::vector<std::string> files(const std::string& part) {
    std::vector<std::string> found;
    for (const std::string& path : world_.disk.files()) {
      if (path.find(part) != std::string::npos) found.push_back(path);
    }
    return found;
  }

  static std::string prove(Ledger& ledger, Seq seq) {
    const InclusionProof proof = expect(ledger.prove(seq));
    EXPECT_TRUE(verify_inclusion_proof(proof, ledger.verifier_key()));
    const std::string growth = to_string(expect(ledger.prove_consistency(seq.value, 6'500)));
    return to_string(proof) + growth;
  }

  TestEnvironment world_;
};

TEST_F(DerivedTest, AFlippedBitInATileNeverReachesAProof) {
  Ledger whole = open();
  testing::Random random(3);
  const auto tiles = files("/views/tile/");
  ASSERT_GT(tiles.size(), 20U);
  for (const std::string& path : tiles) {
    const auto disk = world_.disk.clone();
    Environment env = world_.environment();
    env.files = disk.get();
    disk->flip_bit(path, random.below(disk->content(path).size()),
                   static_cast<unsigned>(random.below(8)));
    Ledger ledger = open(env);
    const VerifyReport report = expect(ledger.verify({.threads = 1}));
    EXPECT_TRUE(report.ok());
    ASSERT_EQ(report.findings.size(), 1U) << path;
    EXPECT_EQ("/ledger/" + report.findings[0].file, path);
    EXPECT_EQ(report.findings[0].severity, Severity::Notice);
    for (const std::uint64_t seq :
         {std::uint64_t{1}, random.between(1, 6'500), std::uint64_t{6'400}}) {
      EXPECT_EQ(prove(ledger, Seq{seq}), prove(whole, Seq{seq})) << path;
    }
  }
}

TEST_F(DerivedTest, ABadTileIsMadeAnewByTheProofThatMeetsIt) {
  const std::string tile = files("/views/tile/0/").front();
  const Bytes right = world_.disk.content(tile);
  world_.disk.flip_bit(tile, 5 * 32, 2);
  Ledger ledger = open();
  prove(ledger, Seq{7});
  EXPECT_EQ(world_.disk.content(tile), right);
  EXPECT_TRUE(expect(ledger.verify({.threads = 1})).findings.empty());
}

TEST_F(DerivedTest, AFlippedBitInTheSnapshotIsNamedAndCostsTimeAlone) {
  const std::string path = "/ledger/views/active";
  const std::string right = to_string(expect(open().status()).head.root);
  const std::size_t size = world_.disk.content(path).size();
  testing::Random random(4);
  for (int i = 0; i < 60; ++i) {
    const std::size_t at = i < 30 ? random.below(400) : random.below(size);
    const auto disk = world_.disk.clone();
    Environment env = world_.environment();
    env.files = disk.get();
    disk->flip_bit(path, at, static_cast<unsigned>(random.below(8)));
    Ledger ledger = open(env);
    EXPECT_EQ(to_string(expect(ledger.status()).head.root), right);
    EXPECT_EQ(expect(ledger.stream_version("s")), Version{7'000});
    EXPECT_TRUE(expect(ledger.find(expect(ledger.read(Seq{6'999})).id)).seq == Seq{6'999});
  }
  world_.disk.flip_bit(path, 200, 1);
  const VerifyReport report = expect(open().verify({.threads = 1}));
  EXPECT_TRUE(report.ok());
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].file, "views/active");
}

TEST_F(DerivedTest, StatusTellsWhatVerifyFound) {
  EXPECT_EQ(expect(open().status()).damage.total, 0U);
  world_.disk.flip_bit(kFirstSegment, 5'000, 1);
  EXPECT_EQ(expect(open().status()).damage.total, 0U) << "nobody has looked";
  EXPECT_FALSE(expect(open().verify({.threads = 1})).ok());
  const KnownDamage known = expect(open().status()).damage;
  ASSERT_EQ(known.total, 1U);
  EXPECT_EQ("/ledger/" + known.findings[0].file, kFirstSegment);
  EXPECT_EQ(known.verified, world_.clock.now());

  world_.disk.flip_bit(kFirstSegment, 5'000, 1);  // put right again
  EXPECT_EQ(expect(open().status()).damage.total, 0U) << "the bytes are others now";
  EXPECT_TRUE(expect(open().verify({.threads = 1})).ok());
  EXPECT_TRUE(files("/views/damage").empty());
}

TEST_F(DerivedTest, WhatIsKnownIsOfThisLedgerAndChecked) {
  world_.disk.flip_bit(kFirstSegment, 5'000, 1);
  expect(open().verify({.threads = 1}));
  const Bytes known = world_.disk.content("/ledger/views/damage");
  for (std::size_t at = 0; at < known.size(); ++at) {
    const auto disk = world_.disk.clone();
    Environment env = world_.environment();
    env.files = disk.get();
    disk->flip_bit("/ledger/views/damage", at, at % 8);
    EXPECT_EQ(expect(open(env).status()).damage.total, 0U) << at;
  }
  Ledger other = expect(Ledger::create("/other", {}, world_.environment()));
  world_.disk.put_file("/other/views/damage", known);
  EXPECT_EQ(expect(other.status()).damage.total, 0U);
}

TEST_F(DerivedTest, WhereNothingMayBeWrittenVerifyRemembersNothing) {
  world_.disk.flip_bit(kFirstSegment, 5'000, 1);
  world_.disk.set_mount(Mount::ReadOnly);
  EXPECT_FALSE(expect(open().verify({.threads = 1})).ok());
  EXPECT_EQ(expect(open().status()).damage.total, 0U);
}

}  // namespace
}  // namespace daybook
