// SPDX-License-Identifier: Apache-2.0
//
// What holds for the records of every reader, whatever the file: checked on all
// fixtures of all readers, in one pass and in as many passes as a file has lines.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "support/temp_directory.h"
#include "transcript/outline.h"

namespace daybook::testing {
namespace {

std::vector<TranscriptFile> all_fixture_files() {
  std::vector<TranscriptFile> files;
  for (const auto name : reader_names()) {
    if (!std::filesystem::exists(fixture(name))) continue;
    for (auto& file : fixture_files(name, name)) files.push_back(std::move(file));
  }
  return files;
}

bool is_turn(const Kept& record) {
  return record.kind == RecordKind::Message && record.role == Role::User &&
         (record.origin == Origin::Said || record.origin == Origin::Delegated);
}

// What has been seen of a file, record by record.
class Checker {
 public:
  explicit Checker(const TranscriptSummary& summary)
      : whole_(std::ranges::all_of(summary.skipped_list, [](const Skipped& skipped) {
          return skipped.reason != Skipped::Reason::Malformed &&
                 skipped.reason != Skipped::Reason::TooLong;
        })) {}

  void check(const Kept& record) {
    SCOPED_TRACE(fmt::format("line {}: {}", record.line, outline(record)));
    EXPECT_TRUE(ids_.emplace(record.session.id, record.id).second) << "twice: " << record.id;
    // What led to a record may stand in a line that could not be read.
    EXPECT_TRUE(!whole_ || record.parent.empty() || known_.contains(record.parent));
    EXPECT_GE(record.offset, offset_);
    EXPECT_FALSE(record.raw.empty());
    check_session(record);
    check_turn(record);
    check_call(record);
    offset_ = record.offset;
    known_.insert(record.id);
  }

 private:
  // A Session record comes first, and again whenever something changes.
  void check_session(const Kept& record) {
    if (record.kind == RecordKind::Session) announced_[record.session.id] = record.session;
    const auto found = announced_.find(record.session.id);
    ASSERT_NE(found, announced_.end());
    EXPECT_EQ(found->second, record.session);
  }

  void check_turn(const Kept& record) {
    if (is_turn(record)) turns_.emplace(record.session.id, record.id);
    EXPECT_TRUE(record.turn.empty() || turns_.contains({record.session.id, record.turn}))
        << record.turn;
  }

  void check_call(const Kept& record) {
    if (record.kind == RecordKind::ToolCall && !record.call.empty()) calls_[record.call] = record;
    if (record.kind != RecordKind::ToolResult) return;
    const auto found = calls_.find(record.call);
    if (found == calls_.end()) {
      EXPECT_FALSE(record.tool.empty());
      return;
    }
    EXPECT_EQ(record.tool, found->second.tool);
    EXPECT_EQ(record.parent, found->second.id);
  }

  std::set<std::pair<std::string, std::string>> ids_;
  std::set<std::string> known_;
  std::map<std::string, SessionInfo> announced_;
  std::set<std::pair<std::string, std::string>> turns_;
  std::map<std::string, Kept> calls_;
  std::uint64_t offset_ = 0;
  bool whole_ = true;  // every line was used
};

TEST(NormalForm, HoldsForEveryFixture) {
  const auto files = all_fixture_files();

  EXPECT_GE(files.size(), 10U);
  for (const auto& file : files) {
    SCOPED_TRACE(file.path);
    const Transcript transcript = read_all(file);
    Checker checker(transcript.summary);
    for (const auto& record : transcript.records) checker.check(record);
    EXPECT_EQ(transcript.records.size(), transcript.summary.records);
  }
}

// A file whose lines arrive one by one gives the records of the whole file.
TEST(NormalForm, DoesNotDependOnWhereAPassStopped) {
  for (const auto& file : all_fixture_files()) {
    SCOPED_TRACE(file.path);
    const Transcript whole = read_all(file);
    Transcript parts;
    const TempDirectory directory;  // with everything that is beside the file
    std::filesystem::copy(fixture(file.reader), directory / "all",
                          std::filesystem::copy_options::recursive);
    TranscriptFile growing = file;
    growing.path = directory / "all" + file.path.substr(fixture(file.reader).size());
    std::ofstream(growing.path, std::ios::trunc).close();
    std::ifstream lines(file.path);
    std::string position;
    for (std::string line; std::getline(lines, line);) {
      std::ofstream(growing.path, std::ios::app) << line << '\n';
      Transcript part = read_all(growing, {.position = position});
      EXPECT_FALSE(part.summary.restarted);
      position = part.summary.position;
      std::ranges::move(part.records, std::back_inserter(parts.records));
    }
    EXPECT_EQ(outline(parts), outline(whole));
    ASSERT_EQ(parts.records.size(), whole.records.size());
    for (std::size_t i = 0; i < whole.records.size(); ++i) {
      EXPECT_EQ(parts.records[i].id, whole.records[i].id);
      EXPECT_EQ(parts.records[i].parent, whole.records[i].parent);
      EXPECT_EQ(parts.records[i].turn, whole.records[i].turn);
      EXPECT_EQ(parts.records[i].model, whole.records[i].model);
    }
  }
}

}  // namespace
}  // namespace daybook::testing
