// SPDX-License-Identifier: Apache-2.0
//
// What went wrong in jilog and must not here, one test for each fault, from the files of
// the agents to digest and tracker. Faults of one detector, reader or tracker have their
// tests beside the others of it.
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "daybook/import.h"
#include "daybook/review.h"
#include "fake_program.h"
#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;
using testing::FakePrograms;
using testing::small_options;
using testing::TestEnvironment;

constexpr Timestamp kEvening{1'772'395'200'000'000};  // 2026-03-01T20:00:00Z
constexpr std::int64_t kDay = std::int64_t{24} * 3'600 * 1'000'000;

std::string claude_line(const std::string& session, int number, const std::string& rest) {
  return fmt::format(R"({{"sessionId":"{0}","uuid":"{0}-{1}","parentUuid":null,"cwd":"/srv/kiln",)"
                     R"("timestamp":"2026-03-01T09:00:{1:02}.000Z","version":"3.0.1",{2}}})"
                     "\n",
                     session, number, rest);
}
std::string claude_user(const std::string& session, int number, const std::string& content) {
  return claude_line(
      session, number,
      fmt::format(R"("type":"user","message":{{"role":"user","content":{}}})", content));
}
std::string claude_agent(const std::string& session, int number, const std::string& block) {
  return claude_line(session, number,
                     fmt::format(R"("type":"assistant","message":{{"id":"m{}","role":"assistant",)"
                                 R"("model":"model-x","content":[{}]}})",
                                 number, block));
}
std::string claude_says(const std::string& session, int number, const std::string& text) {
  return claude_agent(session, number, fmt::format(R"({{"type":"text","text":"{}"}})", text));
}
// A shell command and how it failed.
std::string claude_failure(const std::string& session, int number, const std::string& command,
                           const std::string& output) {
  const std::string call = fmt::format("{}-call-{}", session, number);
  return claude_agent(session, number,
                      fmt::format(R"({{"type":"tool_use","id":"{}","name":"Bash",)"
                                  R"("input":{{"command":"{}"}}}})",
                                  call, command)) +
         claude_user(session, number + 1,
                     fmt::format(R"([{{"type":"tool_result","tool_use_id":"{}","is_error":true,)"
                                 R"("content":"{}"}}])",
                                 call, output));
}

std::string codex_failure(const std::string& session) {
  const std::string time = R"({"timestamp":"2026-03-01T09:00:00.000Z","type":)";
  return time + R"("session_meta","payload":{"id":")" + session + R"(","cwd":"/srv/kiln"}})" +
         "\n" + time +
         R"("response_item","payload":{"type":"function_call","name":"exec_command",)" +
         R"("arguments":"{\"cmd\":\"bake\"}","call_id":"c1"}})" + "\n" + time +
         R"("response_item","payload":{"type":"function_call_output","call_id":"c1",)" +
         R"("output":"Process exited with code 127\nOutput:\nbash: bake: command not found"}})" +
         "\n";
}

std::string copilot_failure(const std::string& session) {
  const std::string time = R"("timestamp":"2026-03-01T09:00:00.000Z",)";
  return "{" + time + R"("type":"session.start","id":"e1","parentId":null,)" +
         R"("data":{"sessionId":")" + session + R"(","context":{"cwd":"/srv/kiln"}}})" + "\n{" +
         time + R"("type":"tool.execution_start","id":"e2","parentId":"e1",)" +
         R"("data":{"toolCallId":"c1","toolName":"view","arguments":{"path":"a"}}})" + "\n{" +
         time + R"("type":"tool.execution_complete","id":"e3","parentId":"e2",)" +
         R"("data":{"toolCallId":"c1","success":false,"error":{"message":"a does not exist"}}})" +
         "\n";
}

class JilogFaults : public ::testing::Test {
 protected:
  JilogFaults()
      : ledger_(expect(Ledger::create("/ledger", small_options(), world_.environment()))) {
    world_.clock.set(kEvening);
    options_.digest_dir = "/digests";
  }

  void claude(const std::string& session, const std::string& lines) {
    world_.disk.put_file("/home/claude/-srv-kiln/" + session + ".jsonl", as_bytes(lines));
  }
  ImportReport import() {
    ImportOptions options;
    options.home = "/home";
    for (const char* const reader : {"claude", "codex", "copilot"}) {
      const std::string path = std::string("/home/") + reader;
      const bool short_name = std::string_view(reader) == "claude";
      options.sources.push_back({.reader = short_name ? "claude-code" : reader, .paths = {path}});
    }
    return expect(import_transcripts(ledger_, options, world_.environment()));
  }
  ReviewReport review() {
    import();
    return expect(review_nightly(ledger_, options_, world_.environment()));
  }
  std::string digest(const ReviewReport& report) {
    return std::string(as_text(world_.disk.content(report.digest_path)));
  }

  TestEnvironment world_;
  Ledger ledger_;
  ReviewOptions options_;
};

TEST_F(JilogFaults, ClaudeCodeCodexAndCopilotHadNeitherErrorsNorAlerts) {
  for (const int n : {1, 2, 3}) {
    const auto id = [n](char first) {
      return fmt::format("{}0000000-0000-4000-8000-00000000000{}", first, n);
    };
    claude(id('a'), claude_failure(id('a'), 1, "bake", "bash: bake: command not found"));
    world_.disk.put_file("/home/codex/rollout-2026-03-01T09-00-00-" + id('b') + ".jsonl",
                         as_bytes(codex_failure(id('b'))));
    world_.disk.put_file("/home/copilot/" + id('c') + "/events.jsonl",
                         as_bytes(copilot_failure(id('c'))));
  }
  const ReviewReport report = review();
  EXPECT_EQ(report.signals.size(), 9U);
  ASSERT_EQ(report.digest.p0.size(), 3U);
  EXPECT_EQ(report.digest.p0[0].tool, "Bash");
  EXPECT_EQ(report.digest.p0[1].tool, "exec_command");
  EXPECT_EQ(report.digest.p0[2].tool, "view");
}

TEST_F(JilogFaults, ACommandThatTimesOutCouldNotBecomeAnAlert) {
  for (const char* const id : {"s1", "s2", "s3"}) {
    claude(id, claude_failure(id, 1, "npm test", "Command timed out after 30 seconds"));
  }
  const ReviewReport report = review();
  ASSERT_EQ(report.digest.p0.size(), 1U);
  EXPECT_EQ(report.digest.p0[0].sessions.size(), 3U);
}

TEST_F(JilogFaults, WhatTheUserSaidInBlocksBecameJsonText) {
  claude("s1", claude_user("s1", 1, R"("Paint the kiln")") + claude_says("s1", 2, "Painted red.") +
                   claude_user("s1", 3, R"([{"type":"text","text":"no, I said blue, not red"}])") +
                   claude_says("s1", 4, "Sorry, blue it is."));
  const ReviewReport report = review();
  ASSERT_EQ(report.signals.size(), 1U);
  EXPECT_EQ(report.signals[0].text, "no, I said blue, not red");
}

TEST_F(JilogFaults, ATurnOfTwoHundredCharactersWasTooLongInBytes) {
  std::string words = "no, not like that: ";
  for (int i = 0; i < 120; ++i) words += "ü";
  claude("s1", claude_user("s1", 1, R"("Paint the kiln")") + claude_says("s1", 2, "Painted red.") +
                   claude_user("s1", 3, "\"" + words + "\"") + claude_says("s1", 4, "Sorry."));
  const ReviewReport report = review();
  ASSERT_EQ(report.signals.size(), 1U);
  EXPECT_EQ(report.signals[0].text, words);
}

TEST_F(JilogFaults, MarkersAndCommandsOfClaudeCodePassedForCorrections) {
  std::string lines = claude_user("s1", 1, R"("Paint the kiln")");
  int number = 2;
  for (const char* const text :
       {"[Request interrupted by user]", "<command-name>/wrong-stop</command-name>",
        "<local-command-stdout>no, that is wrong</local-command-stdout>"}) {
    lines += claude_says("s1", number, "Working.");
    lines += claude_user("s1", number + 1, fmt::format("\"{}\"", text));
    number += 2;
  }
  claude("s1", lines + claude_says("s1", number, "Done."));
  EXPECT_TRUE(review().signals.empty());
  options_.rules = Rules::Jilog;
  EXPECT_FALSE(review().signals.empty()) << "there was something to fall for";
}

TEST_F(JilogFaults, AFileTouchedTodayBroughtBackItsOldMessages) {
  world_.clock.set({kEvening.micros + 9 * kDay});
  claude("s1", claude_failure("s1", 1, "bake", "bash: bake: command not found"));
  EXPECT_TRUE(review().signals.empty());
}

TEST_F(JilogFaults, ASessionThatWentOnWasNeverLookedAtAgain) {
  const std::string first = claude_failure("s1", 1, "bake", "bash: bake: command not found");
  claude("s1", first);
  EXPECT_EQ(review().signals.size(), 1U);
  claude("s1", first + claude_failure("s1", 3, "cool", "bash: cool: command not found"));
  const ReviewReport report = review();
  ASSERT_EQ(report.signals.size(), 1U);
  EXPECT_EQ(report.signals[0].text, "bash: cool: command not found");
  EXPECT_NE(digest(report).find("bash: bake: command not found"), std::string::npos)
      << "the digest of the day was overwritten";
}

TEST_F(JilogFaults, TwoReviewsAtOnceHidSessionsFromEachOther) {
  for (int i = 0; i < 8; ++i) {
    const std::string id = fmt::format("s{}", i);
    claude(id, claude_failure(id, 1, "bake", "bash: bake: command not found"));
  }
  import();
  world_.clock.stand_still();
  std::vector<ReviewReport> reports(3);
  std::vector<std::thread> threads;
  for (ReviewReport& report : reports) {
    threads.emplace_back([&] {
      Ledger mine = expect(Ledger::open("/ledger", small_options(), world_.environment()));
      report = expect(review_nightly(mine, options_, world_.environment()));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t reported = 0;
  for (const ReviewReport& report : reports) reported += report.signals.size();
  EXPECT_EQ(reported, 8U);
  EXPECT_NE(digest(review()).find("\nerrors: 8\n"), std::string::npos);
}

TEST_F(JilogFaults, TwoJobsOfADayOverwroteEachOthersDigest) {
  claude("s1", claude_failure("s1", 1, "bake", "bash: bake: command not found"));
  const std::string other = "b0000000-0000-4000-8000-000000000001";
  world_.disk.put_file("/home/codex/rollout-2026-03-01T09-00-00-" + other + ".jsonl",
                       as_bytes(codex_failure(other)));
  options_.harnesses = {"codex"};
  EXPECT_EQ(review().signals.size(), 1U);
  options_.harnesses = {"claude-code"};
  const ReviewReport report = review();
  EXPECT_EQ(report.signals.size(), 1U);
  EXPECT_NE(digest(report).find("`s1` / `Bash`"), std::string::npos);
  EXPECT_NE(digest(report).find("`" + other + "` / `exec_command`"), std::string::npos);
}

TEST_F(JilogFaults, SubAgentsOfOneSessionCountedAsSessionsOfTheirOwn) {
  claude("s1", claude_user("s1", 1, R"("Bake three loaves")"));
  for (const char* const agent : {"a1", "a2", "a3"}) {
    std::string lines = claude_failure("s1", 1, "bake", "bash: bake: command not found");
    // Lines of a sub-agent bear the session of the one that sent it out.
    for (std::size_t at = lines.find(R"("cwd")"); at != std::string::npos;) {
      const std::string mark = fmt::format(R"("isSidechain":true,"agentId":"{}",)", agent);
      lines.insert(at, mark);
      at = lines.find(R"("cwd")", at + mark.size() + 1);
    }
    for (std::size_t at = lines.find("s1-"); at != std::string::npos; at = lines.find("s1-", at)) {
      lines.replace(at, 3, std::string(agent) + "-");
    }
    claude(fmt::format("s1/subagents/agent-{}", agent), lines);
  }
  const ReviewReport report = review();
  ASSERT_EQ(report.signals.size(), 3U);
  for (const Signal& signal : report.signals) EXPECT_EQ(signal.root, "s1");
  EXPECT_TRUE(report.digest.p0.empty());
}

TEST_F(JilogFaults, SecretsOfTheUserWentToDigestAndTracker) {
  const std::string token = "ghp_" + std::string(36, 'k');
  claude("s1", claude_user("s1", 1, R"("Paint the kiln")") + claude_says("s1", 2, "Painted red.") +
                   claude_user("s1", 3, "\"no, use the other token " + token + " instead\"") +
                   claude_says("s1", 4, "Sorry."));
  const ReviewReport report = review();
  ASSERT_EQ(report.signals.size(), 1U);
  EXPECT_NE(digest(report).find("no, use the other token [redacted"), std::string::npos);
  EXPECT_EQ(digest(report).find(token), std::string::npos);
  EXPECT_EQ(issue_title(report.signals[0]).find(token), std::string::npos);
}

TEST_F(JilogFaults, TranscriptsWereReadThreeTimes) {
  std::string lines;
  for (int i = 0; i < 400; ++i) lines += claude_says("s1", i % 60, std::string(2'000, 'x'));
  claude("s1", lines);
  world_.disk.start_trace();
  review();
  std::size_t read = 0;  // "read /home/... OFFSET+SIZE", which may ask for more than there is
  for (const std::string& operation : world_.disk.trace()) {
    const std::size_t plus = operation.rfind('+');
    if (!operation.starts_with("read /home/") || plus == std::string::npos) continue;
    const std::size_t offset = std::stoul(operation.substr(operation.rfind(' ')));
    const std::size_t size = std::stoul(operation.substr(plus + 1));
    read += std::min(size, lines.size() - std::min(offset, lines.size()));
  }
  EXPECT_GE(read, lines.size());
  EXPECT_LT(read, lines.size() * 3 / 2);
}

// What it is told is kept in files; an answer in a shape of next year's is "odd".
constexpr const char* kFakeKata = R"SH(
case "$4" in
list) if [ "$6" = open ] && [ -f created ]; then
    printf '{"issues":[{"short_id":"k1","title":"%s","status":"open"}]}' "$(cat created)"
  else echo '{"issues":[]}'; fi ;;
create) printf '%s' "$5" > created; if [ -f odd ]; then echo '{"made":"k1"}'
  else echo '{"issue":{"short_id":"k1"}}'; fi ;;
*) echo '{}' ;;
esac
)SH";

TEST_F(JilogFaults, AnIssueThatWasMadeButNotUnderstoodWasMadeAgain) {
  const FakePrograms programs;
  programs.install("kata", kFakeKata);
  programs.write("odd", "");
  options_.tracker = {.type = "kata", .project = "kiln"};
  options_.create_issues = true;
  claude("s1", claude_failure("s1", 1, "bake", "bash: bake: command not found"));
  import();
  const auto failed = expect(review_nightly(ledger_, options_, world_.environment()));
  EXPECT_EQ(failed.tracker_failures.size(), 1U) << "loud, not silent";
  EXPECT_EQ(failed.pending, 1U);
  const auto next = expect(review_nightly(ledger_, options_, world_.environment()));
  ASSERT_EQ(next.issues.size(), 1U);
  EXPECT_EQ(next.issues[0].issue.id, "#k1");
  EXPECT_EQ(next.pending, 0U);
  EXPECT_EQ(programs.count("kata|--project|kiln|--json|create"), 1U);
}

}  // namespace
}  // namespace daybook
