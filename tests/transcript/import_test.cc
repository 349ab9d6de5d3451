// SPDX-License-Identifier: Apache-2.0
//
// Importing: causes, what a second run costs, and that the same sessions give the same
// events however they are cut into files, runs and restarts, and whatever the disk does.
#include "daybook/import.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "support/ledgers.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Fault;
using testing::Operation;
using testing::Random;
using testing::read_all;
using testing::Repeat;
using testing::small_options;
using testing::TestEnvironment;

const std::string kRoot = "/home/.claude/projects/-srv-mill";

// One line of a session file. Times go up by a second for each line.
std::string line_of(const std::string& session, int number, const std::string& parent,
                    const std::string& rest) {
  return fmt::format(R"({{"sessionId":"{0}","uuid":"{0}-{1}","parentUuid":{2},)"
                     R"("timestamp":"2026-03-01T09:{3:02}:{4:02}.000Z","cwd":"/srv/mill",)"
                     R"("version":"3.0.1","gitBranch":"main",{5}}})"
                     "\n",
                     session, number, parent.empty() ? "null" : "\"" + parent + "\"",
                     number / 60 % 60, number % 60, rest);
}

std::string user(const std::string& session, int number, const std::string& parent,
                 const std::string& text) {
  return line_of(session, number, parent,
                 fmt::format(R"("type":"user","message":{{"role":"user","content":"{}"}})", text));
}

std::string call(const std::string& session, int number, const std::string& parent,
                 const std::string& id, const std::string& command) {
  return line_of(
      session, number, parent,
      fmt::format(
          R"("type":"assistant","message":{{"id":"m{0}","role":"assistant","model":"mill-1",)"
          R"("content":[{{"type":"text","text":"I will grind."}},)"
          R"({{"type":"tool_use","id":"{1}","name":"Bash","input":{{"command":"{2}"}}}}]}})",
          number, id, command));
}

std::string result(const std::string& session, int number, const std::string& parent,
                   const std::string& id, bool failed) {
  return line_of(
      session, number, parent,
      fmt::format(R"("type":"user","message":{{"role":"user","content":[{{"type":"tool_result",)"
                  R"("tool_use_id":"{}","content":"{}","is_error":{}}}]}})",
                  id, failed ? "Exit code 2" : "flour", failed));
}

// A session of several turns, line by line.
std::vector<std::string> session_lines(const std::string& id, int turns, std::uint64_t seed = 1) {
  Random random(seed);
  std::vector<std::string> lines;
  std::string parent;
  int number = 0;
  const auto add = [&](std::string line) {
    lines.push_back(std::move(line));
    parent = fmt::format("{}-{}", id, number);
  };
  for (int turn = 0; turn < turns; ++turn) {
    add(user(id, ++number, parent, fmt::format("Grind sack {} of wheat", turn)));
    for (std::uint64_t calls = random.between(1, 4); calls > 0; --calls) {
      const std::string call_id = fmt::format("{}-call-{}", id, ++number);
      add(call(id, number, parent, call_id, fmt::format("grind {}", number)));
      ++number;
      add(result(id, number, parent, call_id, random.chance(30)));
    }
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

struct Seen {
  std::string stream, type, key;
  auto operator<=>(const Seen&) const = default;
};

class ImportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ledger_ = std::make_unique<Ledger>(
        expect(Ledger::create("/ledger", small_options(), world_.environment())));
  }

  void put(const std::string& path, const std::string& text) {
    world_.disk.put_file(path, as_bytes(text));
  }
  ImportOptions options() {
    ImportOptions options;
    options.sources = {{.reader = "claude-code", .paths = {"/home/.claude/projects"}}};
    options.home = "/home";
    return options;
  }
  Result<ImportReport> try_import(const ImportOptions& options) {
    return import_transcripts(*ledger_, options, world_.environment());
  }
  ImportReport import() { return expect(try_import(options())); }
  ImportReport import(const ImportOptions& options) { return expect(try_import(options)); }
  void reopen() {
    ledger_.reset();
    ledger_ = std::make_unique<Ledger>(
        expect(Ledger::open("/ledger", small_options(), world_.environment())));
  }

  std::vector<Event> events() { return read_all(*ledger_); }
  Event event(const std::string& session, const std::string& key) {
    return expect(ledger_->find_key("session/" + session, key)).value();
  }
  std::vector<std::string> causes_of(const Event& event) {
    std::vector<std::string> keys;
    for (const EventId& id : event.causes) {
      const Event cause = expect(ledger_->find(id));
      keys.push_back(cause.stream + " " + cause.key);
    }
    std::ranges::sort(keys);
    return keys;
  }
  // What is in the ledger, with the test that nothing is there twice.
  std::set<Seen> all_seen() {
    std::set<Seen> seen;
    for (const Event& event : events()) {
      EXPECT_TRUE(seen.insert({event.stream, event.type, event.key}).second)
          << event.stream << " " << event.key << " is there twice";
    }
    return seen;
  }

  TestEnvironment world_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(ImportTest, EveryRecordBecomesAnEventWithItsCauses) {
  put(kRoot + "/s1.jsonl",
      user("s1", 1, "", "Grind the rye") + call("s1", 2, "s1-1", "c1", "mill") +
          result("s1", 3, "s1-2", "c1", true) + user("s1", 4, "s1-3", "Try the other stone"));

  const ImportReport report = import();

  EXPECT_EQ(report.files, 1U);
  EXPECT_EQ(report.sessions, std::vector<std::string>{"s1"});
  EXPECT_EQ(report.appended, 6U);
  EXPECT_EQ(report.unknown_causes, 0U);
  const Event started = event("s1", std::string(kSessionStartedKey));
  EXPECT_EQ(started.type, "session/started");
  EXPECT_EQ(started.version, Version{1});
  EXPECT_EQ(event("s1", "s1-1").type, "message/user");
  EXPECT_EQ(causes_of(event("s1", "s1-1")), std::vector<std::string>{"session/s1 session/started"});
  EXPECT_EQ(event("s1", "s1-2").type, "message/assistant");
  EXPECT_EQ(causes_of(event("s1", "s1-2")), std::vector<std::string>{"session/s1 s1-1"});
  EXPECT_EQ(event("s1", "s1-2/1").type, "tool/called");
  EXPECT_EQ(causes_of(event("s1", "s1-2/1")), std::vector<std::string>{"session/s1 s1-2"});
  const Event returned = event("s1", "s1-3");
  EXPECT_EQ(returned.type, "tool/returned");
  EXPECT_EQ(causes_of(returned), std::vector<std::string>{"session/s1 s1-2/1"});
  EXPECT_EQ(to_string(returned.time), "2026-03-01T09:00:03.000000Z");
  EXPECT_EQ(returned.source, "claude-code");
  const StoredRecord record = expect(to_record(*ledger_, returned));
  EXPECT_EQ(record.record.outcome, Outcome::Failure);
  EXPECT_EQ(record.record.tool, "Bash");
}

TEST_F(ImportTest, ASecondRunWithNothingNewOpensNoTranscript) {
  for (int i = 0; i < 40; ++i) {
    put(fmt::format("{}/n{}.jsonl", kRoot, i), joined(session_lines(fmt::format("n{}", i), 2)));
  }
  import();
  const auto before = all_seen();
  reopen();
  world_.disk.start_trace();

  const ImportReport report = import();

  EXPECT_EQ(report.files, 40U);
  EXPECT_EQ(report.unchanged, 40U);
  EXPECT_EQ(report.appended, 0U);
  EXPECT_TRUE(report.imported.empty());
  EXPECT_EQ(all_seen(), before);
  for (const std::string& operation : world_.disk.trace()) {
    const bool looks = operation.starts_with("list ") || operation.starts_with("exists ");
    EXPECT_TRUE(looks || operation.find("/home/") == std::string::npos) << operation;
  }
}

TEST_F(ImportTest, GoesOnWhereItStoppedWhenAFileHasGrown) {
  const std::vector<std::string> lines = session_lines("s", 6);
  const std::string path = kRoot + "/s.jsonl";
  std::string text;
  for (const std::string& line : lines) {
    text += line;
    put(path, text);
    const ImportReport report = import();
    ASSERT_EQ(report.imported.size(), 1U);
    EXPECT_EQ(report.imported[0].summary.bytes, line.size()) << "only what is new was read";
    EXPECT_EQ(report.known, 0U);
    EXPECT_EQ(report.unknown_causes, 0U);
  }
  const auto piecewise = all_seen();
  std::map<std::string, std::vector<std::string>> causes;
  for (const Event& event : events()) causes[event.key] = causes_of(event);

  TestEnvironment other;
  other.disk.put_file(path, as_bytes(text));
  Ledger whole = expect(Ledger::create("/ledger", small_options(), other.environment()));
  expect(import_transcripts(whole, options(), other.environment()));
  ledger_ = std::make_unique<Ledger>(std::move(whole));
  EXPECT_EQ(all_seen(), piecewise);
  for (const Event& event : events()) EXPECT_EQ(causes_of(event), causes[event.key]) << event.key;
  ledger_.reset();
}

TEST_F(ImportTest, ALineStillBeingWrittenIsTakenWhenItIsWhole) {
  const std::vector<std::string> lines = session_lines("s", 2);
  const std::string text = joined(lines);
  const std::string path = kRoot + "/s.jsonl";
  put(path, text.substr(0, text.size() - 30));
  EXPECT_TRUE(import().imported.at(0).summary.partial_line);
  const std::size_t before = all_seen().size();

  put(path, text);
  const ImportReport report = import();

  EXPECT_EQ(report.known, 0U);
  EXPECT_GT(all_seen().size(), before);
  EXPECT_EQ(event("s", fmt::format("s-{}", lines.size())).type, "tool/returned");
}

TEST_F(ImportTest, ReadsAgainWhatItHasForgottenAndAppendsNothingTwice) {
  put(kRoot + "/s.jsonl", joined(session_lines("s", 8)));
  import();
  const auto before = all_seen();
  for (const std::string& path : world_.disk.files()) {
    if (path.find("/views/import/") != std::string::npos) expect(world_.disk.remove(path));
  }

  const ImportReport report = import();

  EXPECT_EQ(report.appended, 0U);
  EXPECT_EQ(report.known, before.size());
  EXPECT_EQ(all_seen(), before);
}

TEST_F(ImportTest, DamagedMemoryIsAsGoodAsNone) {
  put(kRoot + "/s.jsonl", joined(session_lines("s", 8)));
  import();
  const auto before = all_seen();
  Random random(3);
  for (const std::string& path : world_.disk.files()) {
    const std::size_t size = world_.disk.content(path).size();
    if (path.find("/views/import/") == std::string::npos || size == 0) continue;
    Bytes bytes = world_.disk.content(path);
    bytes[random.below(size)] ^= 8;
    put(path, std::string(as_text(bytes)));
  }
  put(kRoot + "/s.jsonl", joined(session_lines("s", 9)));

  EXPECT_EQ(import().known, before.size());
  EXPECT_GT(all_seen().size(), before.size());
}

TEST_F(ImportTest, ALedgerThatWasRestoredGetsWhatItLacks) {
  const auto backup = world_.disk.clone();
  put(kRoot + "/s.jsonl", joined(session_lines("s", 3)));
  import();
  const auto wanted = all_seen();
  ledger_.reset();
  // The log of before, the views of after.
  for (const std::string& path : world_.disk.files()) {
    if (path.starts_with("/ledger/log/") || path == "/ledger/tail" || path == "/ledger/lock") {
      const Bytes old = backup->content(path);
      put(path, std::string(as_text(old)));
    }
    if (path == "/ledger/views/active") expect(world_.disk.remove(path));
  }
  reopen();
  ASSERT_TRUE(events().empty());

  EXPECT_EQ(import().unchanged, 0U);
  EXPECT_EQ(all_seen(), wanted);
}

TEST_F(ImportTest, SinceLeavesOutWhatWasBeforeAndGetsItLater) {
  put(kRoot + "/s.jsonl",
      user("s", 1, "", "old") + user("s", 90, "s-1", "new") + user("s", 91, "s-90", "newer"));
  put(kRoot + "/t.jsonl", user("t", 1, "", "all of it is old"));
  ImportOptions since = options();
  since.since = expect(parse_timestamp("2026-03-01T09:01:00Z"));

  const ImportReport first = import(since);

  EXPECT_EQ(first.before, 2U);
  EXPECT_EQ(first.sessions, std::vector<std::string>{"s"});
  EXPECT_EQ(first.appended, 3U) << "a start, and what came since";
  EXPECT_EQ(first.unknown_causes, 0U) << "what was left out is not unknown";
  EXPECT_EQ(import(since).unchanged, 2U);

  // Grown, it has a start also when its first records were left out.
  put(kRoot + "/t.jsonl", user("t", 1, "", "all of it is old") + user("t", 99, "t-1", "not all"));
  import(since);
  EXPECT_EQ(event("t", std::string(kSessionStartedKey)).version, Version{1});

  const ImportReport rest = import();
  EXPECT_EQ(rest.appended, 2U);
  EXPECT_EQ(event("s", "s-1").type, "message/user");
  EXPECT_EQ(import().unchanged, 2U);
}

TEST_F(ImportTest, ASubAgentIsCausedByTheCallThatStartedIt) {
  // The sub-agent's file comes first by name, and is imported first.
  put(kRoot + "/agent-a1.jsonl", line_of("zz", 50, "",
                                         R"("isSidechain":true,"agentId":"a1","type":"user",)"
                                         R"("message":{"role":"user","content":"Sift"})"));
  put(kRoot + "/zz.jsonl", joined(session_lines("zz", 3)));
  ImportOptions one = options();
  one.threads = 1;

  const ImportReport report = import(one);

  EXPECT_EQ(report.unknown_causes, 0U);
  const Event started = event("a1", std::string(kSessionStartedKey));
  EXPECT_EQ(started.correlation, "zz");
  EXPECT_EQ(causes_of(started), std::vector<std::string>{"session/zz session/started"});
}

TEST_F(ImportTest, ASubAgentWhoseParentIsNowhereIsImportedAllTheSame) {
  put(kRoot + "/agent-a1.jsonl", line_of("zz", 50, "",
                                         R"("isSidechain":true,"agentId":"a1","type":"user",)"
                                         R"("message":{"role":"user","content":"Sift"})"));

  const ImportReport report = import();

  EXPECT_EQ(report.appended, 2U);
  EXPECT_EQ(report.unknown_causes, 1U);
  EXPECT_EQ(import().unchanged, 1U);
}

TEST_F(ImportTest, SecretsDoNotReachTheLedger) {
  const std::string token = "npm_" + std::string(36, 'q');
  put(kRoot + "/s.jsonl",
      user("s", 1, "", "use " + token) + call("s", 2, "s-1", "c", "login --token " + token) +
          line_of("s", 3, "s-2", R"("type":"novelty","note":")" + token + "\""));

  const ImportReport report = import();

  ASSERT_EQ(report.redacted.size(), 1U);
  EXPECT_EQ(report.redacted[0].name, "npm-token");
  EXPECT_EQ(report.redacted[0].count, 3U);
  for (const Event& event : events()) {
    EXPECT_EQ(expect(ledger_->data(event)).find(token), std::string::npos) << event.type;
  }
  const StoredRecord called = expect(to_record(*ledger_, event("s", "s-2/1")));
  EXPECT_EQ(called.record.arguments, R"({"command":"login --token [redacted:npm-token]"})");
  EXPECT_TRUE(import().redacted.empty()) << "counted once";
}

TEST_F(ImportTest, WhatIsOddIsKeptAndLocated) {
  put(kRoot + "/s.jsonl", user("s", 1, "", "Grind") + "{\"broken\n" +
                              line_of("s", 2, "s-1", R"("type":"novelty","n":1)") +
                              user("s", 3, "s-2", std::string(5'000, 'x')));

  const ImportReport report = import();

  ASSERT_EQ(report.imported.size(), 1U);
  ASSERT_EQ(report.imported[0].summary.skipped_list.size(), 1U);
  EXPECT_EQ(report.imported[0].summary.skipped_list[0].line, 2U);
  const Event unknown = event("s", "s-2");
  EXPECT_EQ(unknown.type, "session/record");
  EXPECT_NE(unknown.data.find(R"("type":"novelty","n":1)"), std::string::npos) << unknown.data;
  EXPECT_EQ(event("s", "s-3").data_state, DataState::Blob) << "large content stands apart";
}

TEST_F(ImportTest, FindsFilesByTheirContent) {
  put("/somewhere/else/a.jsonl", joined(session_lines("a", 1)));
  put("/somewhere/notes.jsonl", "{\"nothing\":\"known\"}\n");
  ImportOptions by_content = options();
  by_content.sources = {{.reader = "", .paths = {"/somewhere"}}};

  const ImportReport report = import(by_content);

  ASSERT_EQ(report.imported.size(), 1U);
  EXPECT_EQ(report.imported[0].file.reader, "claude-code");
  EXPECT_GT(report.appended, 0U);

  by_content.sources[0].paths = {"/somewhere/else/a.jsonl"};
  EXPECT_EQ(import(by_content).unchanged, 1U);
}

TEST_F(ImportTest, StopsWhenItIsTold) {
  for (int i = 0; i < 10; ++i) {
    put(fmt::format("{}/n{}.jsonl", kRoot, i), joined(session_lines(fmt::format("n{}", i), 20)));
  }
  const auto asked = std::make_shared<std::atomic<int>>(0);
  ImportOptions stopping = options();
  stopping.stop = [asked] { return ++*asked > 100; };

  const ImportReport report = import(stopping);

  EXPECT_TRUE(report.stopped);
  const std::size_t before = all_seen().size();
  EXPECT_LE(report.appended, 250U);
  const std::uint64_t rest = import().appended;
  EXPECT_EQ(rest + before, all_seen().size());
  EXPECT_EQ(import().unchanged, 10U);
}

TEST_F(ImportTest, AFileThatCannotBeReadLeavesTheOthersAlone) {
  put(kRoot + "/a.jsonl", joined(session_lines("a", 1)));
  put(kRoot + "/b.jsonl", joined(session_lines("b", 1)));
  world_.disk.fail({.kind = Operation::Read, .path = "a.jsonl", .repeat = Repeat::Forever});

  const ImportReport report = import();

  ASSERT_EQ(report.imported.size(), 2U);
  EXPECT_TRUE(report.imported[0].error);
  EXPECT_FALSE(report.imported[1].error);
  EXPECT_EQ(report.sessions, std::vector<std::string>{"b"});
  world_.disk.clear_faults();
  EXPECT_EQ(import().sessions, std::vector<std::string>{"a"}) << "and is tried again";
}

TEST_F(ImportTest, MemoryThatCannotBeWrittenIsToldAndCostsNoEvent) {
  put(kRoot + "/a.jsonl", joined(session_lines("a", 2)));
  world_.disk.fail(
      {.kind = Operation::Rename, .path = "/views/import/", .repeat = Repeat::Forever});

  EXPECT_TRUE(import().not_remembered);
  const auto before = all_seen();
  world_.disk.clear_faults();
  EXPECT_EQ(import().known, before.size());
  EXPECT_EQ(all_seen(), before);
}

TEST_F(ImportTest, AFullDiskEndsTheImportAndTheNextOneCompletesIt) {
  for (int i = 0; i < 6; ++i) {
    put(fmt::format("{}/n{}.jsonl", kRoot, i), joined(session_lines(fmt::format("n{}", i), 10)));
  }
  std::uint64_t used = 0;
  for (const std::string& path : world_.disk.files()) used += world_.disk.content(path).size();
  world_.disk.set_capacity(used + 20'000);
  const auto refused = try_import(options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::NoSpace);

  world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
  import();
  EXPECT_EQ(import().unchanged, 6U);

  TestEnvironment other;
  for (int i = 0; i < 6; ++i) {
    other.disk.put_file(fmt::format("{}/n{}.jsonl", kRoot, i),
                        as_bytes(joined(session_lines(fmt::format("n{}", i), 10))));
  }
  const auto got = all_seen();
  ledger_ = std::make_unique<Ledger>(
      expect(Ledger::create("/ledger", small_options(), other.environment())));
  expect(import_transcripts(*ledger_, options(), other.environment()));
  EXPECT_EQ(all_seen(), got);
  ledger_.reset();
}

// Power loss at any operation of an import: the next one completes it. What is
// remembered is never ahead of what is in the ledger.
TEST_F(ImportTest, ACrashAnywhereLosesAndRepeatsNothing) {
  put(kRoot + "/a.jsonl", joined(session_lines("a", 12)));
  put(kRoot + "/b.jsonl", joined(session_lines("b", 12, 2)));
  ImportOptions one = options();
  one.threads = 1;
  const auto blank = world_.disk.clone();
  import(one);
  const auto wanted = all_seen();
  ledger_.reset();

  for (std::uint64_t nth = 1; nth <= 120; nth += 3) {
    SCOPED_TRACE(nth);
    TestEnvironment world(nth);
    for (const std::string& path : blank->files()) world.disk.put_file(path, blank->content(path));
    {
      auto ledger = expect(Ledger::open("/ledger", small_options(), world.environment()));
      world.disk.fail({.nth = nth, .repeat = Repeat::Forever});
      static_cast<void>(import_transcripts(ledger, one, world.environment()));
    }
    world.disk.clear_faults();
    world.disk.crash(nth);

    ledger_ = std::make_unique<Ledger>(
        expect(Ledger::open("/ledger", small_options(), world.environment())));
    expect(import_transcripts(*ledger_, one, world.environment()));
    EXPECT_EQ(all_seen(), wanted);
    ledger_.reset();
  }
}

// However the same sessions are cut into files, and the import into runs.
TEST_F(ImportTest, TheSameSessionsGiveTheSameEventsHoweverTheyAreCut) {
  std::map<std::string, std::vector<std::string>> sessions;
  for (int i = 0; i < 3; ++i) {
    const std::string id = fmt::format("s{}", i);
    sessions[id] = session_lines(id, 5, static_cast<std::uint64_t>(i) + 1);
    put(fmt::format("{}/{}.jsonl", kRoot, id), joined(sessions[id]));
  }
  import();
  const auto wanted = all_seen();
  ledger_.reset();

  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    TestEnvironment world(seed);
    ledger_ = std::make_unique<Ledger>(
        expect(Ledger::create("/ledger", small_options(), world.environment())));
    // Of each session some lines at a time, in one file or in several.
    std::map<std::string, std::size_t> done;
    std::map<std::string, std::string> files;
    while (true) {
      for (const auto& [id, lines] : sessions) {
        const std::size_t more = std::min<std::size_t>(random.below(9), lines.size() - done[id]);
        std::string& text = files[fmt::format("{}/{}.{}.jsonl", kRoot, id, done[id] / 15)];
        for (std::size_t i = 0; i < more; ++i) text += lines[done[id]++];
      }
      for (const auto& [path, text] : files) {
        if (!text.empty()) world.disk.put_file(path, as_bytes(text));
      }
      if (random.chance(80)) {
        ImportOptions some = options();
        some.threads = static_cast<std::uint32_t>(random.between(1, 3));
        const std::uint64_t patience = random.below(60);
        const auto asked = std::make_shared<std::atomic<std::uint64_t>>(0);
        if (random.chance(40)) some.stop = [=] { return ++*asked > patience; };
        expect(import_transcripts(*ledger_, some, world.environment()));
      }
      if (random.chance(20)) {
        ledger_.reset();
        ledger_ = std::make_unique<Ledger>(
            expect(Ledger::open("/ledger", small_options(), world.environment())));
      }
      if (std::ranges::all_of(sessions, [&](const auto& session) {
            return done[session.first] == session.second.size();
          })) {
        break;
      }
    }
    expect(import_transcripts(*ledger_, options(), world.environment()));
    EXPECT_EQ(all_seen(), wanted);
    ledger_.reset();
  }
}

TEST_F(ImportTest, SeveralAtOnceAppendEverythingOnce) {
  for (int i = 0; i < 12; ++i) {
    put(fmt::format("{}/n{}.jsonl", kRoot, i), joined(session_lines(fmt::format("n{}", i), 6)));
  }
  world_.clock.stand_still();
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> appended{0};
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      Ledger mine = expect(Ledger::open("/ledger", small_options(), world_.environment()));
      appended += expect(import_transcripts(mine, options(), world_.environment())).appended;
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(all_seen().size(), appended);
  EXPECT_EQ(import().appended, 0U);
}

TEST_F(ImportTest, WrongOptionsAreRefused) {
  ImportOptions wrong = options();
  wrong.redact.rules = {{"r", "("}};
  EXPECT_EQ(try_import(wrong).error().code, Errc::InvalidArgument);
  wrong = options();
  wrong.sources = {{.reader = "no-such-agent"}};
  EXPECT_EQ(try_import(wrong).error().code, Errc::InvalidArgument);
}

}  // namespace
}  // namespace daybook
