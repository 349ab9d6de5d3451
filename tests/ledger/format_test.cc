// SPDX-License-Identifier: Apache-2.0
//
// The bytes on disk are a promise: ledgers written by every version so far are
// read, ledgers written now have the same bytes as ever, and the page that
// describes them quotes what is really there.
#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/text.h"
#include "ledger/control.h"
#include "ledger/envelope.h"
#include "ledger/frame.h"
#include "ledger/frames.h"
#include "ledger/golden.h"
#include "ledger/hint.h"
#include "ledger/merkle.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Files;
using testing::TestEnvironment;

constexpr std::string_view kTinySegment = "log/00000000000000000001.seg";

std::string printable(ByteView bytes, std::size_t offset) {
  const std::size_t count =
      std::min<std::size_t>(16, bytes.size() - std::min(offset, bytes.size()));
  return count == 0 ? "(the end)" : to_hex(bytes.subspan(offset, count));
}

void expect_same_bytes(const std::string& golden, const std::string& name, const Bytes& before,
                       const Bytes& now) {
  if (before == now) return;
  const auto [old_at, new_at] = std::ranges::mismatch(before, now);
  const auto offset = static_cast<std::size_t>(old_at - before.begin());
  ADD_FAILURE()
      << "the format has changed: tests/golden/" << golden << "/" << name << " had "
      << before.size() << " bytes and now has " << now.size() << "; they differ from offset "
      << offset << " on:\n  before " << printable(before, offset) << "\n  now    "
      << printable(now, offset)
      << "\nLedgers with the old bytes are in use. A change on purpose needs a new format "
         "version that still reads the old one, a golden directory of its own, and "
         "docs/format.md brought up to date. DAYBOOK_WRITE_GOLDEN=1 in the environment "
         "of this test writes the directory again, for a format nobody uses yet.";
}

// Everything but blobs: those are bytes of the zstd library, which may pack
// them differently; what they hold is checked by reading.
void expect_same_ledger(const std::string& golden, const Files& now) {
  if (testing::asked_to_write_golden()) testing::write_golden(golden, now);
  const Files before = testing::read_golden(golden);
  ASSERT_FALSE(before.empty()) << "tests/golden/" << golden
                               << " is missing: it belongs to the source";
  for (const auto& [name, content] : now) {
    ASSERT_TRUE(before.contains(name))
        << "a ledger now has a file " << name << " which tests/golden/" << golden << " has not";
    if (!name.starts_with("blobs/")) expect_same_bytes(golden, name, before.at(name), content);
  }
  for (const auto& [name, content] : before) {
    EXPECT_TRUE(now.contains(name)) << "a ledger no longer has the file " << name;
  }
}

TEST(Golden, TheTinyLedgerIsWrittenAsEver) {
  expect_same_ledger("ledger-v1", testing::write_tiny_ledger());
}

TEST(Golden, TheSealedLedgerIsWrittenAsEver) {
  expect_same_ledger("sealed-v1", testing::write_sealed_ledger());
}

std::vector<std::string> golden_ledgers() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::source_path("tests/golden"), error)) {
    if (std::filesystem::exists(entry.path() / "LEDGER")) {
      names.push_back(entry.path().filename().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

// Whatever version wrote it: it is read, found whole, and continued.
class GoldenLedgerTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { testing::put_ledger(world_.disk, testing::read_golden(GetParam())); }

  LedgerOptions read_only() const {
    LedgerOptions options = testing::small_options();
    options.access = Access::ReadOnly;
    return options;
  }

  TestEnvironment world_{77};
};

TEST_P(GoldenLedgerTest, IsReadAndFoundWhole) {
  Ledger ledger = expect(Ledger::open("/ledger", read_only(), world_.environment()));
  const std::vector<Event> events = testing::read_all(ledger);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(expect(ledger.last()), events.back().seq);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].seq.value, i + 1);
    EXPECT_EQ(expect(ledger.read(events[i].seq)).id, events[i].id);
    EXPECT_EQ(expect(ledger.find(events[i].id)).seq, events[i].seq);
    if (events[i].data_bytes > 0) {
      EXPECT_EQ(expect(ledger.data(events[i])).size(), events[i].data_bytes);
    }
  }
  const VerifyReport report = expect(ledger.verify());
  EXPECT_TRUE(report.findings.empty()) << report.findings.front().message;
  EXPECT_EQ(report.events, events.size());
  EXPECT_GE(report.checkpoints, 1U);
}

TEST_P(GoldenLedgerTest, IsContinued) {
  std::uint64_t last = 0;
  {
    Ledger ledger = expect(Ledger::open("/ledger", testing::small_options(), world_.environment()));
    EXPECT_TRUE(expect(ledger.status()).repairs.empty());
    last = expect(ledger.last()).value;
    EXPECT_EQ(expect(ledger.append({.stream = "later", .type = "t"})).seq.value, last + 1);
    expect(ledger.close());
  }
  Ledger ledger = expect(Ledger::open("/ledger", read_only(), world_.environment()));
  const VerifyReport report = expect(ledger.verify());
  EXPECT_TRUE(report.findings.empty()) << report.findings.front().message;
  EXPECT_EQ(report.events, last + 1);
}

INSTANTIATE_TEST_SUITE_P(Every, GoldenLedgerTest, ::testing::ValuesIn(golden_ledgers()),
                         [](const auto& name) { return testing::as_test_name(name.param); });

TEST(Golden, LedgersOfEveryShapeAreKept) { EXPECT_GE(golden_ledgers().size(), 2U); }

TEST(Golden, TheTinyLedgerHoldsWhatItAlwaysHeld) {
  TestEnvironment world(77);
  testing::put_ledger(world.disk, testing::read_golden("ledger-v1"));
  Ledger ledger = expect(Ledger::open("/ledger", {}, world.environment()));
  const std::vector<Event> events = testing::read_all(ledger);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].stream, "run/1");
  EXPECT_EQ(events[0].type, "started");
  EXPECT_EQ(events[0].source, "example");
  EXPECT_EQ(events[0].data, R"({"n":1})");
  EXPECT_EQ(events[0].time, testing::FakeClock::kStart);
  EXPECT_EQ(to_string(events[0].recorded), "2026-11-20T08:06:24.000000Z");
  EXPECT_TRUE(events[0].causes.empty());
  EXPECT_EQ(events[1].type, "ended");
  EXPECT_EQ(events[1].version, Version{2});
  EXPECT_EQ(events[1].data_state, DataState::None);
  EXPECT_EQ(events[1].causes, std::vector{events[0].id});
}

TEST(Golden, TheSealedLedgerHoldsWhatItAlwaysHeld) {
  TestEnvironment world(77);
  testing::put_ledger(world.disk, testing::read_golden("sealed-v1"));
  Ledger ledger = expect(Ledger::open("/ledger", testing::small_options(), world.environment()));
  const std::vector<Event> events = testing::read_all(ledger);
  ASSERT_EQ(events.size(), testing::kSealedLedgerEvents);
  EXPECT_GE(expect(ledger.status()).segments, 2U);
  EXPECT_EQ(events[4].actor, "agent:Zoë");
  EXPECT_EQ(events[4].tier, Tier::Structured);
  EXPECT_EQ(events[4].causes, (std::vector{events[2].id, events[0].id}));
  EXPECT_EQ(events[5].data_state, DataState::Blob);
  EXPECT_EQ(expect(ledger.data(events[5])), '"' + std::string(13'000, 'f') + '"');
  EXPECT_EQ(events[12].data, '"' + std::string(10'000, 'm') + '"');
  EXPECT_EQ(expect(ledger.stream_version("stream/1")), Version{5});
  // A key is found through the seal of an older segment, too.
  const Receipt again =
      expect(ledger.append({.stream = "stream/1", .type = "type/1", .key = "key/1"}));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, Seq{2});
}

// --- docs/format.md, section 10 -----------------------------------------------

// A line of the dump: eight hex digits of offset, two spaces, bytes, and after
// two more spaces what they are.
struct QuotedBytes {
  std::uint64_t offset = 0;
  Bytes bytes;
  std::string line;
};

struct WorkedExample {
  std::string text;
  std::vector<QuotedBytes> quotes;
};

WorkedExample read_worked_example() {
  const Bytes page = testing::read_source_file(testing::source_path("docs/format.md"));
  WorkedExample example;
  const std::string_view text = as_text(page);
  const std::size_t start = text.find("\n## 10. A worked example\n");
  if (start == std::string_view::npos) return example;
  const std::size_t end = text.find("\n## ", start + 1);
  example.text = text.substr(start, end - start);

  const std::regex quote("^([0-9a-f]{8})  ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  .*)?$");
  std::istringstream lines(example.text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, quote)) continue;
    std::string digits = match[2];
    std::erase(digits, ' ');
    example.quotes.push_back({std::stoull(match[1], nullptr, 16), *from_hex(digits), line});
  }
  return example;
}

class FormatPageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(files_.contains(std::string(kTinySegment)));
    segment_ = files_.at(std::string(kTinySegment));
    ASSERT_TRUE(frame_.decode(ByteView(segment_).subspan(format::kSegmentHeaderBytes)));
    ASSERT_EQ(frame_.records.size(), 2U);
    ASSERT_FALSE(example_.text.empty()) << "docs/format.md has no section 10, a worked example";
  }

  const Files files_ = testing::read_golden("ledger-v1");
  Bytes segment_;
  FrameView frame_;
  const WorkedExample example_ = read_worked_example();
};

TEST_F(FormatPageTest, EveryQuotedByteStandsWhereThePageSaysItDoes) {
  EXPECT_GE(example_.quotes.size(), 40U);
  std::uint64_t end = 0;
  for (const QuotedBytes& quote : example_.quotes) {
    ASSERT_LE(quote.offset + quote.bytes.size(), segment_.size()) << quote.line;
    EXPECT_GE(quote.offset, end) << "out of order: " << quote.line;
    end = quote.offset + quote.bytes.size();
    const ByteView there = ByteView(segment_).subspan(quote.offset, quote.bytes.size());
    EXPECT_TRUE(std::ranges::equal(there, quote.bytes))
        << quote.line << "\n  the golden segment has " << to_hex(there);
  }
}

TEST_F(FormatPageTest, TheFirstFrameIsQuotedWhole) {
  std::uint64_t at = format::kSegmentHeaderBytes;
  for (const QuotedBytes& quote : example_.quotes) {
    if (quote.offset == at) at += quote.bytes.size();
  }
  EXPECT_GE(at, format::kSegmentHeaderBytes + frame_.bytes.size());
}

// Every hash on the page is one that can be worked out from the segment, and
// all that matter are there.
TEST_F(FormatPageTest, TheHashesOnThePageAreThoseOfTheSegment) {
  const EventView event = expect(decode_event(frame_.records.front()));
  const Digest first = leaf_hash(frame_.records[0].envelope);
  const Digest second = leaf_hash(frame_.records[1].envelope);
  const Digest root = node_hash(first, second);
  ASSERT_EQ(sha256({event.salt, as_bytes(event.data)}), event.commitment);
  const std::set<std::string> known = {to_string(event.commitment), to_string(first),
                                       to_string(second), to_string(root)};

  std::set<std::string> found;
  const std::regex hash("\\b[0-9a-f]{64}\\b");
  for (std::sregex_iterator it(example_.text.begin(), example_.text.end(), hash), end; it != end;
       ++it) {
    found.insert(it->str());
  }
  EXPECT_EQ(found, known);
}

TEST_F(FormatPageTest, TheCheckpointOnThePageIsTheOneInTheSegment) {
  FrameView frame;
  ASSERT_TRUE(
      frame.decode(ByteView(segment_).subspan(format::kSegmentHeaderBytes + frame_.bytes.size())));
  ASSERT_EQ(frame.header.type, format::FrameType::Checkpoint);
  const CheckpointRecord record = expect(decode_checkpoint_record(frame.records[0].envelope));
  EXPECT_EQ(record.peaks.size(), 2U);
  EXPECT_TRUE(example_.text.contains(record.note)) << "the page should quote\n" << record.note;
}

TEST_F(FormatPageTest, TheTailOnThePageIsTheOneBesideTheSegment) {
  const auto hint = expect(read_hint(*testing::MemoryFile(files_.at("tail"))));
  ASSERT_TRUE(hint);
  const std::string line = "`tail` says: segment " + std::to_string(hint->to.segment.value) +
                           ", durable up to " + std::to_string(hint->to.end) + ", next seq " +
                           std::to_string(hint->to.next.value) + ".";
  EXPECT_TRUE(example_.text.contains(line)) << "the page should say\n" << line;
  EXPECT_EQ(hint->to.end, segment_.size());
}

}  // namespace
}  // namespace daybook
