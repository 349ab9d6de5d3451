// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "review/conversation.h"

namespace daybook::review {
namespace {

std::vector<Signal> run(const std::string& command, const std::string& output,
                        std::int64_t exit_code = 1) {
  Conversation talk;
  talk.user("go").shell(command).fails(output, exit_code);
  return reported(talk.signals(Rules::Daybook), SignalKind::Error);
}

TEST(Error, SearchesWithoutAMatchAreExpected) {
  EXPECT_TRUE(run("grep -rn valve src", "").empty());
  EXPECT_TRUE(run("cd src && rg valve | head", "Exit code 1").empty());
  EXPECT_TRUE(run("diff old.txt new.txt", "1c1").empty());
  EXPECT_TRUE(run("cat kiln.txt | grep valve", "Command exited with code 1").empty());
}

TEST(Error, ASearchThatCouldNotRunIsNot) {
  EXPECT_EQ(run("grep -rn valve nowhere", "grep: nowhere: No such file or directory", 2).size(),
            1U);
  EXPECT_EQ(run("rg --valve x", "rg: unrecognized flag --valve", 2).size(), 1U);
}

TEST(Error, ProbesAreExpected) {
  EXPECT_TRUE(run("ls build", "ls: build: No such file or directory", 2).empty());
  EXPECT_TRUE(run("which kilnctl", "kilnctl not found").empty());
  EXPECT_TRUE(run("command -v kilnctl", "").empty());
  EXPECT_TRUE(run("git status", "fatal: not a git repository", 128).empty());
  EXPECT_TRUE(run("test -f kiln.conf", "").empty());
  EXPECT_TRUE(
      run("git rev-parse --verify feature", "fatal: Needed a single revision", 128).empty());
}

TEST(Error, ChecksThatReportFindingsAreExpected) {
  EXPECT_TRUE(run("go test ./...", "--- FAIL: TestValve (0.00s)\\nFAIL").empty());
  EXPECT_TRUE(run("cd app && npm run lint", "3:1 error no-unused-vars\\n2 problems").empty());
  EXPECT_TRUE(run("python -m pytest -q", "1 failed, 3 passed").empty());
  EXPECT_TRUE(run("hatch run pytest -x", "1 failed, 3 passed").empty());
  EXPECT_TRUE(run("sleep 60 && gh pr checks 48", "lint  fail  33s").empty());
  EXPECT_TRUE(run("npx tsc --noEmit", "kiln.ts(3,1): error TS2304: Cannot find name").empty());
}

TEST(Error, AChecksThatCannotRunIsAFault) {
  EXPECT_EQ(run("go test ./valve", "go: go.mod file not found in current directory").size(), 1U);
  EXPECT_EQ(run("npm run lnit", "npm error Missing script: lnit").size(), 1U);
  EXPECT_EQ(run("pytest", "bash: pytest: command not found", 127).size(), 1U);
  EXPECT_EQ(run("pytest specs", "collected 0 items", 5).size(), 1U);
  EXPECT_EQ(run("npx eslint --fxi", "No files matching the pattern were found").size(), 1U);
}

TEST(Error, MistakesAreFaults) {
  EXPECT_EQ(run("cd src/kiln && make", "cd: src/kiln: No such file or directory").size(), 1U);
  EXPECT_EQ(run("kilnctl --hot", "unknown flag: --hot").size(), 1U);
  EXPECT_EQ(run("curl x | jq .a", "jq: error (at <stdin>:1): Cannot index", 5).size(), 1U);
  EXPECT_EQ(run("git push", "Could not resolve host: example.org", 128).size(), 1U);
  EXPECT_EQ(run("sleep 900", "Command timed out after 120 seconds").size(), 1U);
}

TEST(Error, ASearchThatIsWrittenWronglyIsAFault) {
  EXPECT_EQ(run("find . -name kiln -exec ls", "find: -exec: no terminating").size(), 1U);
  EXPECT_EQ(run("grep -rn '[' src", "grep: Invalid regular expression", 2).size(), 1U);
  EXPECT_EQ(run("ls kiln(1).c", "(eval):1: unknown file attribute: 1").size(), 1U);
}

TEST(Error, WhatFoundNothingOrWasStoppedIsExpected) {
  EXPECT_TRUE(run("grep -rn kiln src", "No matches found").empty());
  EXPECT_TRUE(run("pkill -f kilnd", "Exit code 1").empty());
  EXPECT_TRUE(run("kilnd --serve", "", 143).empty());
  EXPECT_TRUE(run("kilnd", "Background command \"kilnd\" failed with exit code 143").empty());
  Conversation talk;
  talk.user("go").call("Search").result(Outcome::Failure, "Found 0 files");
  EXPECT_TRUE(reported(talk.signals(Rules::Daybook), SignalKind::Error).empty());
}

TEST(Error, RunningOutOfTimeIsAFaultWhateverRan) {
  for (const char* command : {"npm test", "make -j2", "find / -name kiln.conf", "ls /kilns"}) {
    EXPECT_EQ(run(command, "Command timed out after 30 seconds", 143).size(), 1U) << command;
  }
  EXPECT_TRUE(run("npm test", "kiln.test.ts: timed out after 5000 ms\\n1 failed").empty());
}

TEST(Error, AProbeThatCouldNotAskIsNoAnswer) {
  EXPECT_EQ(run("curl -sf https://kiln.example", "curl: (6) Could not resolve host", 6).size(), 1U);
  EXPECT_TRUE(run("curl -sf http://localhost:80", "curl: (7) Connection refused", 7).empty());
}

TEST(Error, TheMessageIsWhatTheToolSaid) {
  const auto message = [](std::string text, const std::string& error) {
    Conversation talk("amplifier");
    talk.user("go").shell("bake").envelope(std::move(text), error);
    return reported(talk.signals(Rules::Daybook), SignalKind::Error).at(0).text;
  };
  EXPECT_EQ(message(R"({"success":false,"error":"locked"})", "locked"), "locked");
  EXPECT_EQ(message(R"({"success":false,"error":{"message":"code 2"},"output":)"
                    R"({"returncode":2,"stdout":"","stderr":"no such kiln"}})",
                    "code 2"),
            "code 2\nno such kiln");
  EXPECT_EQ(message("<tool_use_error>no such text</tool_use_error>", "x"), "no such text");
}

TEST(Error, FailuresOfOtherToolsAreFaults) {
  for (const char* text : {"File does not exist.", "String to replace not found in file.",
                           "File has not been read yet. Read it first before writing to it."}) {
    Conversation talk;
    talk.user("go").call("Edit", R"({"file_path":"/a"})").result(Outcome::Failure, text);
    const auto found = reported(talk.signals(Rules::Daybook), SignalKind::Error);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].tool, "Edit");
    EXPECT_EQ(found[0].text, text);
    EXPECT_FALSE(found[0].reason.empty());
  }
}

TEST(Error, RefusalsAndInterruptsAreTheUsersBusiness) {
  for (const Outcome outcome : {Outcome::Refused, Outcome::Interrupted}) {
    Conversation talk;
    talk.user("go").shell("rm -r kiln").result(outcome, "No such file or directory");
    EXPECT_TRUE(talk.signals(Rules::Daybook).empty());
  }
  EXPECT_TRUE(run("rm -r kiln", "The user doesn't want to proceed with this tool use.").empty());
  EXPECT_TRUE(run("bake", "Tool use rejected with user message: use the other oven").empty());
  EXPECT_TRUE(run("ls", "Cancelled: parallel tool call Bash(cd x) errored").empty());
}

TEST(Error, EveryHarnessGivesErrors) {
  for (const char* harness :
       {"claude-code", "codex", "copilot", "amplifier", "pi", "nanoclaw", "generic"}) {
    Conversation talk(harness);
    talk.user("go").call("shell", R"({"command":["bash","-lc","cd nowhere"]})");
    talk.fails(
        "Chunk ID: 1a2b\nWall time: 0.1 seconds\nProcess exited with code 1\nOutput:\n"
        "bash: cd: nowhere: No such file or directory");
    const auto found = reported(talk.signals(Rules::Daybook), SignalKind::Error);
    ASSERT_EQ(found.size(), 1U) << harness;
    EXPECT_EQ(found[0].text, "bash: cd: nowhere: No such file or directory");
  }
}

TEST(Error, WaitingForABackgroundCommandIsJudgedByTheCommand) {
  Conversation talk("codex");
  talk.user("go").call("exec_command", R"({"cmd":"go test ./..."})");
  talk.result(Outcome::Unknown, "Process running with session ID 4711\nOutput:\n");
  talk.call("write_stdin", R"({"session_id":4711,"chars":""})");
  talk.fails("Process exited with code 1\nOutput:\n--- FAIL: TestValve (0.00s)\nFAIL");
  EXPECT_TRUE(reported(talk.signals(Rules::Daybook), SignalKind::Error).empty());
}

}  // namespace
}  // namespace daybook::review
