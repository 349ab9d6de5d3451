// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "index/sqlite.h"
#include "support/ledgers.h"
#include "support/temp_directory.h"
#include "transcript/outline.h"

namespace daybook::testing {
namespace {

TEST(Nanoclaw, UnwrapsMessagesOfChats) {
  const Transcript transcript =
      read_fixture("nanoclaw",
                   "nanoclaw/v2-sessions/ag-mill/.claude-shared/projects/-workspace/"
                   "44440000-aaaa-4bbb-8ccc-000000000001.jsonl");

  EXPECT_EQ(outline(transcript), R"(
session 44440000-aaaa-4bbb-8ccc-000000000001
  version=3.0.1
  project=/srv/bakery
  branch=main
  persona=ag-mill
user context: <context timezone="UTC" />|<messages>
user said: Is 3 < 4 & so on?
user said: Yes
assistant said: It is. [1 2 3 4]
user said: plain words
)");
  EXPECT_EQ(transcript.summary.skipped, 0U);
}

// Agents a-mill ("Miller", folder "mill", in two kinds of chats), a-pond ("Frog",
// folder "pond", in none) and a-lost, whom the database does not know.
class NanoclawAgents : public ::testing::Test {
 protected:
  NanoclawAgents() {
    for (const std::string_view agent : {"a-mill", "a-pond", "a-lost"}) {
      write(fmt::format("data/v2-sessions/{}/.claude-shared/projects/-w/{}.jsonl", agent, agent),
            fmt::format(R"({{"sessionId":"{0}","uuid":"{0}-1","parentUuid":null,"type":"user",)"
                        R"("message":{{"role":"user","content":"Good morning"}}}})"
                        "\n",
                        agent));
    }
    write("data/outbox.jsonl", "{}\n");
  }

  void write(const std::string& path, std::string_view content) {
    const std::filesystem::path file = home_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }

  void make_database() {
    write("data/v2.db", "");
    auto database =
        expect(views::Database::open(home_ / "data/v2.db", views::Database::Mode::ReadWrite));
    const auto made = database.run(R"(
      CREATE TABLE agent_groups (id TEXT PRIMARY KEY, name TEXT, folder TEXT);
      CREATE TABLE messaging_groups (id TEXT PRIMARY KEY, channel_type TEXT);
      CREATE TABLE messaging_group_agents (messaging_group_id TEXT, agent_group_id TEXT);
      INSERT INTO agent_groups VALUES ('a-pond', 'Frog', 'pond'), ('a-mill', 'Miller', 'mill');
      INSERT INTO messaging_groups VALUES ('g1', 'pigeon'), ('g2', 'horn'), ('g3', 'horn');
      INSERT INTO messaging_group_agents
        VALUES ('g1', 'a-mill'), ('g2', 'a-mill'), ('g3', 'a-mill');
    )");
    ASSERT_TRUE(made) << made.error().message;
  }

  FoundTranscripts find(std::vector<std::string> include = {},
                        std::vector<std::string> exclude = {}) {
    return expect(find_transcripts({.reader = "nanoclaw",
                                    .paths = {"~/data"},
                                    .include = std::move(include),
                                    .exclude = std::move(exclude)},
                                   home_.path()));
  }
  static std::string agents(const FoundTranscripts& found) {
    std::string all;
    for (const auto& file : found.files) all += file.project + " ";
    return all;
  }

  TempDirectory home_;
};

TEST_F(NanoclawAgents, HaveAPersonaAndTheirChannels) {
  make_database();
  const FoundTranscripts found = find();
  ASSERT_EQ(agents(found), "a-lost a-mill a-pond ");
  EXPECT_TRUE(found.unreadable.empty());
  std::string sessions = "\n";
  for (const auto& file : found.files) {
    sessions += outline(read_all(file).records[0].session) + "\n";
  }
  EXPECT_EQ(sessions, R"(
a-lost
  project=a-lost
  persona=a-lost
a-mill
  project=a-mill
  persona=Miller
  channel=horn,pigeon
a-pond
  project=a-pond
  persona=Frog
)");
}

TEST_F(NanoclawAgents, AreChosenByIdPersonaOrFolder) {
  make_database();
  EXPECT_EQ(agents(find({"a-mill"})), "a-mill ");
  EXPECT_EQ(agents(find({"Frog"})), "a-pond ");
  EXPECT_EQ(agents(find({"pond", "Miller"})), "a-mill a-pond ");
  EXPECT_EQ(agents(find({}, {"mill"})), "a-pond ");
  EXPECT_EQ(agents(find({"a-mill", "a-pond"}, {"Frog"})), "a-mill ");
  EXPECT_EQ(agents(find({"owl"})), "");
}

// An agent that the database does not know could be the one that is left out.
TEST_F(NanoclawAgents, WhoAreNotKnownAreLeftOutByAChoice) {
  make_database();
  EXPECT_EQ(agents(find({"a-lost"})), "");
  EXPECT_EQ(agents(find({}, {"Frog"})), "a-mill ");
}

TEST_F(NanoclawAgents, WithoutADatabaseAreReadAndItIsSaid) {
  const FoundTranscripts found = find();
  EXPECT_EQ(agents(found), "a-lost a-mill a-pond ");
  ASSERT_EQ(found.unreadable.size(), 1U);
  EXPECT_EQ(found.unreadable[0].code, Errc::NotFound);
  EXPECT_EQ(found.unreadable[0].message, home_ / "data/v2.db: there is no such database");
  EXPECT_EQ(read_all(found.files[1]).records[0].session.persona, "a-mill");
  EXPECT_EQ(agents(find({"a-mill"})), "");
}

TEST_F(NanoclawAgents, WithADamagedDatabaseAreReadAndItIsSaid) {
  write("data/v2.db", "this is no database at all, but a text that is long enough for one page");
  const FoundTranscripts found = find();
  EXPECT_EQ(agents(found), "a-lost a-mill a-pond ");
  ASSERT_EQ(found.unreadable.size(), 1U);
  EXPECT_EQ(found.unreadable[0].code, Errc::Corruption) << found.unreadable[0].message;
  EXPECT_EQ(found.unreadable[0].hint, "personas and channels of these sessions are not known");
}

}  // namespace
}  // namespace daybook::testing
