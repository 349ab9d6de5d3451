// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gtest/gtest.h>

#include "support/temp_directory.h"
#include "transcript/glob.h"
#include "transcript/outline.h"

namespace daybook::testing {
namespace {

class Find : public ::testing::Test {
 protected:
  void make(const std::string& path, std::string_view content = "{}\n") {
    const std::filesystem::path file = home_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }
  FoundTranscripts find(const ReaderSource& source) {
    auto found = find_transcripts(source, home_.path());
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *std::move(found) : FoundTranscripts{};
  }
  // Path below the home directory, session, project, seat.
  std::string outline(const FoundTranscripts& found) {
    std::string lines = "\n";
    for (const auto& file : found.files) {
      lines += fmt::format("{} {} {} {}", file.path.substr(home_.path().size() + 1), file.session,
                           file.project, file.seat);
      lines.erase(lines.find_last_not_of(' ') + 1);
      lines += "\n";
    }
    return lines;
  }

  TempDirectory home_;
};

TEST_F(Find, LooksInTheDefaultPlaces) {
  make(".claude/projects/-srv-mill/s1.jsonl");
  make(".claude/projects/-srv-mill/notes.txt");
  make(".claude/projects/-srv-mill/s1/subagents/agent-a1.jsonl");
  make(".claude-pool/profiles/night/projects/-srv-mill/s2.jsonl");
  const FoundTranscripts found = find({.reader = "claude-code"});
  EXPECT_EQ(outline(found), R"(
.claude-pool/profiles/night/projects/-srv-mill/s2.jsonl s2 -srv-mill night
.claude/projects/-srv-mill/s1.jsonl s1 -srv-mill
.claude/projects/-srv-mill/s1/subagents/agent-a1.jsonl a1 -srv-mill
)");
  EXPECT_EQ(found.looked.size(), 2U);
  EXPECT_EQ(found.missing, std::vector{home_ / ".claude-profiles/*/projects"});
  EXPECT_EQ(found.files[1].stamp.size, 3U);
}

TEST_F(Find, KnowsCodexFilesByTheirNames) {
  const std::string id = "33330000-0000-7000-8000-00000000000a";
  make(".codex/sessions/2026/03/02/rollout-2026-03-02T10-00-00-" + id + ".jsonl");
  make(".codex/sessions/2026/03/02/other.jsonl");
  const FoundTranscripts found = find({.reader = "codex"});
  ASSERT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.files[0].session, id);
}

TEST_F(Find, TakesFilesAndPatterns) {
  make("logs/mill/a/one.jsonl");
  make("logs/mill/b/two.jsonl");
  make("logs/mill/b/two.txt");
  make("logs/lake/deep/er/three.jsonl");
  EXPECT_EQ(find({.reader = "claude-code", .paths = {"~/logs/mill/*/*.jsonl"}}).files.size(), 2U);
  EXPECT_EQ(find({.reader = "claude-code", .paths = {"~/logs/**/*.jsonl"}}).files.size(), 3U);
  // Named itself, a file is taken whatever its name; twice named, once.
  const std::string file = home_ / "logs/mill/b/two.txt";
  const FoundTranscripts found = find({.reader = "codex", .paths = {file, file}});
  ASSERT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.files[0].session, "two");
}

TEST_F(Find, DoesNotFollowLinksToDirectories) {
  make("real/p/s.jsonl");
  std::filesystem::create_directory(home_ / "place");
  std::filesystem::create_directory_symlink(home_ / "real", home_ / "place/link");
  std::filesystem::create_directory_symlink(home_ / "place", home_ / "place/loop");
  EXPECT_TRUE(find({.reader = "claude-code", .paths = {home_ / "place"}}).files.empty());
  // But a place may be a link: whoever named it wants it.
  const FoundTranscripts found = find({.reader = "claude-code", .paths = {home_ / "place/link"}});
  EXPECT_EQ(found.files.size(), 1U);
}

TEST_F(Find, SaysWhatIsMissing) {
  const FoundTranscripts found = find({.reader = "pi", .paths = {"~/nothing"}});
  EXPECT_EQ(found.missing, std::vector{home_ / "nothing"});
  EXPECT_TRUE(found.looked.empty());
}

TEST_F(Find, RefusesWhatItDoesNotKnow) {
  const auto reader = find_transcripts({.reader = "abacus"}, home_.path());
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, Errc::InvalidArgument);
  const auto option =
      find_transcripts({.reader = "generic", .session_id_from = "the stars"}, home_.path());
  ASSERT_FALSE(option);
  EXPECT_EQ(option.error().code, Errc::InvalidArgument);
}

TEST(Recognise, TellsWhoseFileItIs) {
  for (const std::string_view reader : {"claude-code", "codex", "copilot", "pi"}) {
    for (const auto& file : fixture_files(reader, reader)) {
      if (file.path.find("/odd") != std::string::npos) continue;
      const auto name = recognise_transcript(file.path);
      ASSERT_TRUE(name);
      EXPECT_EQ(*name, reader) << file.path;
    }
  }
}

TEST(Recognise, KnowsNothingOfOtherFiles) {
  const TempDirectory directory;
  std::ofstream(directory / "f", std::ios::binary) << "{\"a\":1}\nhello\n\xFF\n";
  const auto name = recognise_transcript(directory / "f");
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, "");
}

TEST(Glob, MatchesComponents) {
  using transcript::matches_component;
  EXPECT_TRUE(matches_component("a.jsonl", "*.jsonl"));
  EXPECT_TRUE(matches_component("abcabd", "a*abd"));
  EXPECT_TRUE(matches_component("", "*"));
  EXPECT_TRUE(matches_component("ab", "?b"));
  EXPECT_FALSE(matches_component("b", "?b"));
  EXPECT_FALSE(matches_component("a.jsonl2", "*.jsonl"));
}

}  // namespace
}  // namespace daybook::testing
