// SPDX-License-Identifier: Apache-2.0
//
// One pass over a file, whatever its bytes: what is taken, what is skipped and said,
// and where the next pass goes on.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "support/temp_directory.h"
#include "transcript/outline.h"

namespace daybook::testing {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// A line of the simplest form.
std::string said(std::string_view words) {
  return fmt::format(R"({{"role":"user","content":"{}"}})", words);
}

class Read : public ::testing::Test {
 protected:
  void write(std::string_view bytes) {
    std::ofstream out(file_.path, std::ios::binary | std::ios::trunc);
    out << bytes;
  }
  Transcript read(std::string_view bytes, const TranscriptOptions& options = {}) {
    write(bytes);
    return read_all(file_, options);
  }
  static std::string words(const Transcript& transcript) {
    std::string all;
    for (const auto& record : transcript.of(RecordKind::Message)) all += record.text + ";";
    return all;
  }

  TempDirectory directory_;
  TranscriptFile file_{.reader = "claude-code", .path = directory_ / "s.jsonl", .session = "s"};
};

TEST_F(Read, TakesLinesOfAnySystem) {
  const Transcript transcript =
      read("\xEF\xBB\xBF" + said("one") + "\r\n\n  " + said("two") + " \t\n" + said("three"));
  EXPECT_EQ(words(transcript), "one;two;three;");
  EXPECT_EQ(transcript.summary.skipped, 0U);
  EXPECT_EQ(transcript.summary.lines, 4U);
  const auto messages = transcript.of(RecordKind::Message);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].offset, 3U);
  EXPECT_EQ(messages[1].line, 3U);
  EXPECT_EQ(messages[1].raw, said("two"));
}

TEST_F(Read, TakesTheRecordBehindZeroBytes) {
  const std::string zeros(512, '\0');
  const Transcript transcript = read(said("one") + "\n" + zeros + said("two") + "\n" + zeros);
  EXPECT_EQ(words(transcript), "one;two;");
  EXPECT_EQ(transcript.summary.skipped, 0U);
  EXPECT_FALSE(transcript.summary.partial_line);
}

TEST_F(Read, TakesSeveralRecordsOfOneLine) {
  const Transcript transcript = read(said("one") + said("two") + "  " + said("three") + "\n");
  EXPECT_EQ(words(transcript), "one;two;three;");
  EXPECT_EQ(skipped(transcript), "\n1 split:\n");
  EXPECT_EQ(transcript.of(RecordKind::Message)[1].offset, said("one").size());
}

TEST_F(Read, TakesTheRecordBehindOneThatWasCutOff) {
  const std::string torn = R"({"role":"user","content":[{"type":"text","text":"never fini)";
  const Transcript transcript = read(torn + said("whole") + "\n" + said("next") + "\n");
  EXPECT_EQ(words(transcript), "whole;next;");
  EXPECT_EQ(skipped(transcript), "\n1 malformed:\n");
}

TEST_F(Read, DoesNotTakeAPartOfARecordForOne) {
  const Transcript transcript = read(R"({"a":{"role":"user","content":"inner"},"b":"never fini)"
                                     "\n");
  EXPECT_EQ(words(transcript), "");
  EXPECT_EQ(skipped(transcript), "\n1 malformed:\n");
}

TEST_F(Read, RepairsCharacters) {
  const Transcript transcript =
      read(said("a\xFF"
                "b") +
           "\n" + said("c\\ud83cd") + "\n" + said("\\ud83c\\udf5e") + "\n" + said("tab\there") +
           "\n" + said("\xED\xA0\x80") + "\n" + said("\\udc00\\ud800") + "\n");
  EXPECT_EQ(words(transcript),
            "a\uFFFDb;c\uFFFDd;\U0001F35E;tab\there;\uFFFD\uFFFD\uFFFD;\uFFFD\uFFFD;");
  EXPECT_EQ(skipped(transcript),
            "\n1 repaired:\n2 repaired:\n4 repaired:\n5 repaired:\n6 repaired:\n");
}

TEST_F(Read, SaysWhatIsMalformedAndWhere) {
  const std::string deep = R"({"a":)" + std::string(5'000, '[') + std::string(5'000, ']') + "}";
  const Transcript transcript = read("junk\n" + said("one") + "\n[1]\n42\n" + deep + "\n" +
                                     R"({"n":1e999})"
                                     "\n" +
                                     said("two") + "\n");
  EXPECT_EQ(words(transcript), "one;two;");
  EXPECT_EQ(skipped(transcript),
            "\n1 malformed:\n3 malformed:\n4 malformed:\n5 malformed:\n6 malformed:\n");
  EXPECT_EQ(transcript.summary.skipped_list[1].offset, 5 + said("one").size() + 1);
  EXPECT_EQ(transcript.summary.skipped_list[3].why, "nested too deeply");
}

TEST_F(Read, SkipsALineThatIsTooLong) {
  const std::string huge(kMaxTranscriptLineBytes + 1, 'x');
  const Transcript transcript = read(said("one") + "\n" + said(huge) + "\n" + said("two") + "\n");
  EXPECT_EQ(words(transcript), "one;two;");
  EXPECT_EQ(skipped(transcript), "\n2 too_long:\n");
  EXPECT_EQ(transcript.of(RecordKind::Message)[1].line, 3U);
}

TEST_F(Read, TakesALineOfManyChunks) {
  const std::string large(3'000'000, 'x');
  const Transcript transcript = read(said("one") + "\n" + said(large) + "\n" + said("two"));
  EXPECT_EQ(words(transcript), "one;" + large + ";two;");
}

TEST_F(Read, CountsSkippedLinesBeyondTheList) {
  std::string lines;
  for (std::size_t i = 0; i < kMaxSkippedListed + 5; ++i) lines += "junk\n";
  const Transcript transcript = read(lines);
  EXPECT_EQ(transcript.summary.skipped, kMaxSkippedListed + 5);
  EXPECT_EQ(transcript.summary.skipped_list.size(), kMaxSkippedListed);
}

TEST_F(Read, LeavesAnUnfinishedLineForLater) {
  const std::string begun = said("one") + "\n" + said("two").substr(0, 20);
  const Transcript first = read(begun);
  EXPECT_EQ(words(first), "one;");
  EXPECT_TRUE(first.summary.partial_line);
  const Transcript second =
      read(said("one") + "\n" + said("two") + "\n", {.position = first.summary.position});
  EXPECT_EQ(words(second), "two;");
  EXPECT_FALSE(second.summary.restarted);
  EXPECT_EQ(second.of(RecordKind::Message)[0].line, 2U);
}

TEST_F(Read, TakesAWholeLastLineWithoutNewlineOnlyWhenAsked) {
  const std::string bytes = said("one") + "\n" + said("two");
  const Transcript waiting = read(bytes, {.take_unfinished_line = false});
  EXPECT_EQ(words(waiting), "one;");
  EXPECT_TRUE(waiting.summary.partial_line);
  const Transcript taking = read(bytes);
  EXPECT_EQ(words(taking), "one;two;");
  EXPECT_FALSE(taking.summary.partial_line);
  // Its newline is not a line of its own.
  const Transcript next =
      read(bytes + "\n" + said("three") + "\n", {.position = taking.summary.position});
  EXPECT_EQ(words(next), "three;");
  EXPECT_EQ(next.summary.lines, 1U);
  EXPECT_EQ(next.of(RecordKind::Message)[0].line, 3U);
}

TEST_F(Read, ReadsNothingOfAFileThatDidNotGrow) {
  const std::string bytes = said("one") + "\n";
  const Transcript first = read(bytes);
  const Transcript second = read(bytes, {.position = first.summary.position});
  EXPECT_TRUE(second.records.empty());
  EXPECT_EQ(second.summary.bytes, 0U);
  EXPECT_EQ(second.summary.position, first.summary.position);
}

TEST_F(Read, StartsAgainWhenTheFileIsAnother) {
  const std::string position = read(said("one") + "\n" + said("two") + "\n").summary.position;
  const Transcript cut = read(said("one") + "\n", {.position = position});
  EXPECT_TRUE(cut.summary.restarted);
  EXPECT_EQ(words(cut), "one;");
  const Transcript replaced =
      read(said("red") + "\n" + said("two") + "\n" + said("six"), {.position = position});
  EXPECT_TRUE(replaced.summary.restarted);
  EXPECT_EQ(words(replaced), "red;two;six;");
  const Transcript edited =
      read(said("one") + "\n" + said("owt") + "\n" + said("six"), {.position = position});
  EXPECT_TRUE(edited.summary.restarted);
}

TEST_F(Read, StartsAgainWhenThePositionIsNoneOfIts) {
  write(said("one") + "\n");
  for (const std::string position : {"?", "{}", R"({"version":1,"reader":"pi"})",
                                     R"({"version":1,"reader":"claude-code","offset":9e9})"}) {
    const Transcript transcript = read_all(file_, {.position = position});
    EXPECT_TRUE(transcript.summary.restarted) << position;
    EXPECT_EQ(words(transcript), "one;");
  }
}

TEST_F(Read, StopsBeforeTheLineInWhichTheVisitorHadEnough) {
  const std::string bytes = content_of(fixture(
      "codex/2026/03/02/rollout-2026-03-02T10-00-00-33330000-0000-7000-8000-000000000001.jsonl"));
  file_ = {.reader = "codex", .path = directory_ / "r.jsonl", .session = "r"};
  const Transcript all = read(bytes);
  for (std::size_t stop = 0; stop < all.records.size(); ++stop) {
    std::size_t seen = 0;
    const auto summary =
        read_transcript(file_, {}, [&](const TranscriptRecord&) { return seen++ < stop; });
    ASSERT_TRUE(summary);
    const Transcript rest = read_all(file_, {.position = summary->position});
    // Everything from the line on that the visitor stopped in.
    const std::uint64_t line = all.records[stop].line;
    const auto first = std::ranges::find(all.records, line, &Kept::line);
    const auto expected = static_cast<std::size_t>(all.records.end() - first);
    ASSERT_EQ(rest.records.size(), expected) << "stopped at " << stop;
    for (std::size_t i = 0; i < expected; ++i) {
      EXPECT_EQ(outline(rest.records[i]), outline(first[static_cast<std::ptrdiff_t>(i)]));
    }
  }
}

std::string in_full(const Kept& record) {
  return fmt::format("{} {} {} {} {}@{} {}\n", record.id, record.parent, record.turn, record.model,
                     record.line, record.offset, outline(record));
}

// However a file grows, the records are the same.
void expect_same_records_from_any_cut(const TranscriptFile& original, std::size_t step) {
  const TempDirectory directory;
  TranscriptFile file = original;
  file.path = directory / original.path.substr(original.path.rfind('/') + 1);
  const std::string bytes = content_of(original.path);
  const auto write = [&](std::size_t size) {
    std::ofstream(file.path, std::ios::binary) << std::string_view(bytes).substr(0, size);
  };
  write(bytes.size());
  std::string whole;
  for (const auto& record : read_all(file).records) whole += in_full(record);
  for (std::size_t cut = 0; cut <= bytes.size(); cut += step) {
    write(cut);
    const Transcript before = read_all(file);
    write(bytes.size());
    const Transcript after = read_all(file, {.position = before.summary.position});
    std::string both;
    for (const auto& record : before.records) both += in_full(record);
    for (const auto& record : after.records) both += in_full(record);
    ASSERT_EQ(both, whole) << original.path << " cut at " << cut;
    ASSERT_FALSE(after.summary.restarted);
  }
}

TEST(ReadAgain, GivesTheSameRecordsWhereverTheFileWasCut) {
  for (const auto reader : reader_names()) {
    for (const auto& file : fixture_files(reader, reader)) {
      const std::size_t size = std::filesystem::file_size(file.path);
      expect_same_records_from_any_cut(file, size < 4'000 ? 1 : 13);
    }
  }
}

TEST(ReadErrors, NamesTheReadersThereAre) {
  const auto summary = read_transcript({.reader = "abacus", .path = "/nowhere"}, {},
                                       [](const TranscriptRecord&) { return true; });
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, Errc::InvalidArgument);
  EXPECT_NE(summary.error().hint.find("claude-code"), std::string::npos);
}

TEST(ReadErrors, SaysThatThereIsNoFile) {
  const auto summary = read_transcript({.reader = "codex", .path = "/nowhere/at/all"}, {},
                                       [](const TranscriptRecord&) { return true; });
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, Errc::NotFound);
}

}  // namespace
}  // namespace daybook::testing
