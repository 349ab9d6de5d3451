// SPDX-License-Identifier: Apache-2.0
//
// LEDGER made again from the segments: for every ledger of the corpus the same bytes,
// and never from segments that disagree.
#include "daybook/repair.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "ledger/format.h"
#include "ledger/golden.h"
#include "ledger/note.h"
#include "ledger/segment.h"
#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Files;
using testing::small_options;
using testing::TestEnvironment;

constexpr const char* kIdentity = "/ledger/LEDGER";
constexpr const char* kKey = "/ledger/keys/checkpoint.key";

Files contents(const testing::FaultyFileSystem& disk) {
  Files files;
  for (const std::string& path : disk.files()) files[path] = disk.content(path);
  return files;
}

// A ledger of several segments, with checkpoints, keys and blobs, grown by a seed.
Files write_grown_ledger(std::uint64_t seed) {
  TestEnvironment world(seed);
  {
    Ledger ledger = expect(Ledger::create("/ledger", small_options(), world.environment()));
    testing::append_numbered(ledger, 200 + 150 * seed, seed);
    expect(ledger.append({.stream = "s", .type = "t", .data = '"' + std::string(5000, 'x') + '"'}));
    expect(ledger.close());
  }
  return testing::files_of(world.disk);
}

struct Sample {
  std::string name;
  Files files;
};

std::vector<Sample> corpus() {
  std::vector<Sample> samples;
  for (const char* const name : {"ledger-v1", "sealed-v1"}) {
    samples.push_back({name, testing::read_golden(name)});
  }
  for (const std::uint64_t seed : {1U, 3U, 9U}) {
    samples.push_back({"grown " + std::to_string(seed), write_grown_ledger(seed)});
  }
  TestEnvironment empty(5);
  expect(expect(Ledger::create("/ledger", {}, empty.environment())).close());
  samples.push_back({"empty", testing::files_of(empty.disk)});
  return samples;
}

class RepairTest : public ::testing::Test {
 protected:
  Result<RepairReport> repair(bool apply) {
    return repair_ledger("/ledger", {.apply = apply}, world_.environment());
  }

  void expect_refused(Errc code, const std::vector<std::string>& words) {
    const Files before = contents(world_.disk);
    for (const bool apply : {false, true}) {
      const auto report = repair(apply);
      ASSERT_FALSE(report);
      EXPECT_EQ(report.error().code, code) << report.error().message;
      for (const std::string& word : words) {
        EXPECT_TRUE(report.error().message.contains(word)) << report.error().message;
      }
      EXPECT_TRUE(contents(world_.disk) == before);
    }
  }

  std::vector<std::string> segments() const {
    std::vector<std::string> paths;
    for (const std::string& path : world_.disk.files()) {
      if (path.ends_with(".seg")) paths.push_back(path);
    }
    return paths;
  }

  TestEnvironment world_{77};
};

TEST_F(RepairTest, GivesEveryLedgerOfTheCorpusItsIdentityBack) {
  for (const Sample& sample : corpus()) {
    SCOPED_TRACE(sample.name);
    TestEnvironment world(77);
    testing::put_ledger(world.disk, sample.files);
    LedgerOptions read_only = small_options();
    read_only.access = Access::ReadOnly;
    const auto look = [&] {
      Ledger ledger = expect(Ledger::open("/ledger", read_only, world.environment()));
      const VerifyReport report = expect(ledger.verify());
      EXPECT_TRUE(report.ok());
      return std::tuple{expect(ledger.status()).ledger_id, report.events, report.head.root,
                        ledger.verifier_key()};
    };
    const auto before = look();
    expect(world.disk.remove(kIdentity));
    const Files lost = contents(world.disk);

    const RepairReport dry = expect(repair_ledger("/ledger", {}, world.environment()));
    EXPECT_EQ(dry.found, RepairReport::File::Missing);
    EXPECT_FALSE(dry.repaired);
    EXPECT_TRUE(contents(world.disk) == lost) << "a dry run has changed something";

    const RepairReport done =
        expect(repair_ledger("/ledger", {.apply = true}, world.environment()));
    EXPECT_TRUE(done.repaired);
    EXPECT_TRUE(done.warnings.empty()) << done.warnings.front();
    EXPECT_EQ(world.disk.content(kIdentity), sample.files.at("LEDGER"));
    for (const auto& [path, content] : lost) EXPECT_EQ(world.disk.content(path), content) << path;
    EXPECT_TRUE(look() == before);
  }
}

TEST_F(RepairTest, LeavesAGoodOneAlone) {
  testing::put_ledger(world_.disk, testing::read_golden("sealed-v1"));
  const Files before = contents(world_.disk);
  const RepairReport report = expect(repair(/*apply=*/true));
  EXPECT_EQ(report.found, RepairReport::File::Good);
  EXPECT_FALSE(report.repaired);
  EXPECT_EQ(report.segments, segments().size());
  EXPECT_TRUE(contents(world_.disk) == before);
}

TEST_F(RepairTest, ReplacesOneThatCannotBeRead) {
  const Files golden = testing::read_golden("sealed-v1");
  for (const std::string_view text :
       {"", "{}", "no JSON at all", R"({"format":1,"ledger":"01M7VZW20RJ6ZFGWBHRFG8AJEB"})"}) {
    testing::put_ledger(world_.disk, golden);
    world_.disk.put_file(kIdentity, as_bytes(text));
    const auto opened = Ledger::open("/ledger", {}, world_.environment());
    EXPECT_EQ(opened.error().code, Errc::Corruption);
    EXPECT_TRUE(opened.error().hint.contains("daybook repair")) << opened.error().hint;
    EXPECT_EQ(expect(repair(/*apply=*/false)).found, RepairReport::File::Damaged) << text;
    EXPECT_TRUE(expect(repair(/*apply=*/true)).repaired) << text;
    EXPECT_EQ(world_.disk.content(kIdentity), golden.at("LEDGER")) << text;
  }
}

TEST_F(RepairTest, RefusesANewerFormat) {
  testing::put_ledger(world_.disk, testing::read_golden("ledger-v1"));
  world_.disk.put_file(kIdentity, as_bytes(R"({"format":2})"));
  expect_refused(Errc::Unsupported, {"LEDGER"});
}

TEST_F(RepairTest, NamesBothSidesWhenASegmentOfAnotherLedgerWasPutIn) {
  testing::put_ledger(world_.disk, write_grown_ledger(3));
  ASSERT_GE(segments().size(), 2U);
  const Files other = testing::read_golden("sealed-v1");
  const std::string foreign = segments().back();
  world_.disk.put_file(foreign, other.at("log/00000000000000000001.seg"));
  const std::string foreign_name = foreign.substr(std::string("/ledger/").size());
  const std::string first_name = segments().front().substr(std::string("/ledger/").size());
  expect_refused(Errc::Corruption, {foreign_name, first_name, "not of one ledger"});
  expect(world_.disk.remove(kIdentity));
  expect_refused(Errc::Corruption, {foreign_name, first_name, "not of one ledger"});
}

TEST_F(RepairTest, RefusesToChooseBetweenLedgerAndSegments) {
  testing::put_ledger(world_.disk, testing::read_golden("ledger-v1"));
  const Files other = testing::read_golden("sealed-v1");
  world_.disk.put_file(kIdentity, other.at("LEDGER"));
  expect_refused(Errc::Corruption, {"LEDGER is of"});
}

// Somebody without the signing key writes the own one into LEDGER: the headers tell.
TEST_F(RepairTest, AnotherKeyOrTimeInLedgerIsFoundAndNotTaken) {
  const Files golden = testing::read_golden("sealed-v1");
  const std::string text(as_text(golden.at("LEDGER")));
  const VerifierKey own = [&] {
    testing::put_ledger(world_.disk, golden);
    Ledger ledger = expect(Ledger::open("/ledger", {}, world_.environment()));
    return expect(verifier_key_of(ledger.verifier_key().name, Ed25519Seed{42}));
  }();
  std::string forged_key = text;
  forged_key.replace(text.find("\"key\": \"") + 8, to_string(own).size(), to_string(own));
  std::string forged_time = text;
  forged_time[text.find("\"created\": \"") + 15] ^= 1;
  for (const std::string& forged : {forged_key, forged_time}) {
    world_.disk.put_file(kIdentity, as_bytes(forged));
    Ledger ledger =
        expect(Ledger::open("/ledger", {.access = Access::ReadOnly}, world_.environment()));
    const VerifyReport report = expect(ledger.verify());
    ASSERT_FALSE(report.ok()) << forged;
    EXPECT_EQ(report.findings.front().code, "segment_header") << report.findings.front().message;
    expect_refused(Errc::Corruption, {"LEDGER is of"});
  }
}

TEST_F(RepairTest, OneGoodHeaderIsEnough) {
  const Files grown = write_grown_ledger(9);
  testing::put_ledger(world_.disk, grown);
  const std::vector<std::string> all = segments();
  ASSERT_GE(all.size(), 3U);
  expect(world_.disk.remove(kIdentity));
  for (const std::string& path : all) {
    if (path != all[1]) world_.disk.flip_bit(path, 20, 1);
  }
  const RepairReport report = expect(repair(/*apply=*/true));
  EXPECT_TRUE(report.repaired);
  EXPECT_EQ(report.segments, 1U);
  // One for each bad header, one for the time of creation.
  EXPECT_EQ(report.warnings.size(), all.size());
  EXPECT_EQ(report.created.micros % 1000, 0);

  for (const std::string& path : all) {
    if (path != all[1]) world_.disk.flip_bit(path, 20, 1);
  }
  expect(world_.disk.remove(kIdentity));
  const RepairReport whole = expect(repair(/*apply=*/true));
  EXPECT_EQ(whole.created.micros / 1000, report.created.micros / 1000);
  EXPECT_EQ(world_.disk.content(kIdentity), grown.at("LEDGER"));

  expect(world_.disk.remove(kIdentity));
  for (const std::string& path : all) world_.disk.flip_bit(path, 20, 1);
  expect_refused(Errc::Corruption, {"no segment has a header"});
}

TEST_F(RepairTest, SaysWhenTheSigningKeyDoesNotFit) {
  const Files golden = testing::read_golden("ledger-v1");
  testing::put_ledger(world_.disk, golden);
  const auto only_warning = [&] {
    const RepairReport report = expect(repair(/*apply=*/true));
    EXPECT_EQ(report.warnings.size(), 1U);
    return report.warnings.empty() ? std::string() : report.warnings.front();
  };
  expect(world_.disk.remove(kIdentity));
  world_.disk.put_file(kKey, testing::read_golden("sealed-v1").at("keys/checkpoint.key"));
  EXPECT_TRUE(only_warning().contains("of another ledger"));
  EXPECT_EQ(world_.disk.content(kIdentity), golden.at("LEDGER"));
  world_.disk.put_file(kKey, as_bytes("nonsense"));
  EXPECT_TRUE(only_warning().contains("not a signing key"));
  world_.disk.put_file(kKey, golden.at("keys/checkpoint.key"));
  world_.disk.set_owner_only(kKey, false);
  EXPECT_TRUE(only_warning().contains("others"));
  expect(world_.disk.remove(kKey));
  EXPECT_TRUE(only_warning().contains("missing"));
}

TEST_F(RepairTest, WhereNoLedgerIsNothingIsMade) {
  expect_refused(Errc::NotFound, {"no ledger here"});
  world_.disk.put_file("/ledger/notes.txt", as_bytes("mine"));
  expect_refused(Errc::NotFound, {"no ledger here"});
  world_.disk.put_file(kKey, as_bytes("a key"));
  expect_refused(Errc::Corruption, {"parts of a ledger"});
}

// A repair that dies has written the whole file or none.
TEST_F(RepairTest, IsWholeOrNotThereAfterAnyInterruption) {
  const Files golden = testing::read_golden("sealed-v1");
  bool done = false;
  for (std::uint64_t nth = 1; !done; ++nth) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      TestEnvironment world(seed);
      testing::put_ledger(world.disk, golden);
      expect(world.disk.remove(kIdentity));
      expect(world.disk.sync_directory("/ledger"));
      world.disk.fail({.nth = nth, .repeat = testing::Repeat::Forever});
      done = repair_ledger("/ledger", {.apply = true}, world.environment()).has_value();
      world.disk.clear_faults();
      world.disk.crash(seed);
      if (expect(world.disk.exists(kIdentity))) {
        EXPECT_EQ(world.disk.content(kIdentity), golden.at("LEDGER")) << "operation " << nth;
      } else {
        ASSERT_FALSE(done) << "what was reported is durable";
        expect(repair_ledger("/ledger", {.apply = true}, world.environment()));
      }
      EXPECT_TRUE(Ledger::open("/ledger", {}, world.environment()));
    }
  }
}

}  // namespace
}  // namespace daybook
