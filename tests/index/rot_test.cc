// SPDX-License-Identifier: Apache-2.0
//
// Views that rot, are cut or swapped: every answer is what it would have been,
// and check() names the file before.
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "index/index_fixture.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::IndexTest;
using testing::must;
using Bytes = std::string;

constexpr std::size_t kPage = 4096;

class RotTest : public IndexTest {
 protected:
  void append_linked(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string n = std::to_string(ids_.size());
      NewEvent event{.stream = "s/" + std::to_string(ids_.size() % 7),
                     .type = "type-" + std::to_string(ids_.size() % 5),
                     .data = R"({"word":"w)" + std::to_string(ids_.size() % 11) + "\"}",
                     .subject = "subject-" + n};
      if (!ids_.empty()) event.causes = {ids_[ids_.size() / 2]};
      ids_.push_back(append(event).id);
    }
  }

  // What the tests ask, as one text.
  std::string ask(Index& index) {
    std::string answers;
    const auto add = [&](const std::vector<std::uint64_t>& found) {
      for (const std::uint64_t seq : found) answers += std::to_string(seq) + ' ';
      answers += '\n';
    };
    const auto add_query = [&](const Query& query) {
      const QueryResult result = must(index.query(query));
      EXPECT_TRUE(result.completeness.complete());
      rebuilt_ += result.completeness.rebuilt;
      add(seqs(result));
    };
    add_query({.types = {"type-3"}, .limit = 0});
    add_query({.streams = {"s/*"}, .limit = 0, .direction = Direction::Backward});
    add_query({.streams = {"s/4"}, .limit = 0});
    for (std::size_t i = 0; i < ids_.size(); i += 40) {
      add_query({.subjects = {"subject-" + std::to_string(i)}, .limit = 0});
    }
    add_query({.since = Timestamp{0}, .classes = {"type-1", "type-2"}, .limit = 0});
    add_query({.search = "w7", .limit = 0});
    add(seqs(must(index.effects_of(ids_[1]))));
    for (const Index::StreamInfo& info : must(index.streams("*", 0))) {
      answers += info.stream + ' ' + std::to_string(info.events) + ' ' +
                 std::to_string(info.first.value) + ' ' + std::to_string(info.last.value) + '\n';
    }
    return answers;
  }
  std::string ask() {
    Index index = open_index();
    return ask(index);
  }

  [[nodiscard]] Bytes contents(const std::string& name) const {
    std::ifstream file(view_path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(const std::string& name, const Bytes& bytes) const {
    std::ofstream(view_path(name), std::ios::binary | std::ios::trunc) << bytes;
  }
  // The files as they were, and nothing else of SQLite's.
  void restore(const std::map<std::string, Bytes>& files) const {
    for (const std::string name : {"index.db", "text.db"}) {
      for (const std::string suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(view_path(name + suffix));
      }
    }
    for (const auto& [name, bytes] : files) put(name, bytes);
  }
  std::map<std::string, Bytes> save(const std::vector<std::string>& names) const {
    std::map<std::string, Bytes> files;
    for (const std::string& name : names) files[name] = contents(name);
    return files;
  }
  // Whether check() names the file.
  bool is_named(const std::string& name) {
    Index index = open_index();
    for (const Finding& finding : must(index.check())) {
      EXPECT_EQ(finding.severity, Severity::Notice);
      if (finding.file == "views/" + name) return true;
    }
    return false;
  }
  static void flip(Bytes& bytes, std::size_t at, unsigned bit) {
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
  }

  std::vector<EventId> ids_;
  std::string rebuilt_;  // what the answers said of it
};

TEST_F(RotTest, NoFlippedBitOfAViewReachesAnAnswer) {
  append_linked(300);
  const std::string right = ask();
  const auto whole = save({"index.db", "text.db"});
  EXPECT_FALSE(is_named("index.db"));
  EXPECT_FALSE(is_named("text.db"));
  testing::Random random(7);
  for (const auto& [name, bytes] : whole) {
    ASSERT_EQ(bytes.size() % kPage, 0U);
    for (std::size_t page = 0; page < bytes.size(); page += kPage) {
      for (const std::size_t within : {random.below(100), random.below(kPage), kPage - 3}) {
        auto rotten = whole;
        flip(rotten[name], page + within, static_cast<unsigned>(random.below(8)));
        restore(rotten);
        EXPECT_TRUE(is_named(name)) << name << " at " << page + within;
        EXPECT_EQ(ask(), right) << name << " at " << page + within;
      }
    }
  }
  EXPECT_NE(rebuilt_.find("checksum"), std::string::npos);
}

TEST_F(RotTest, NoFlippedBitOfAWriteAheadLogReachesAnAnswer) {
  append_linked(200);
  ask();
  std::map<std::string, Bytes> whole;
  std::string right;
  {
    Index index = open_index();
    for (int i = 0; i < 4; ++i) {
      append_linked(20);
      right = ask(index);
    }
    // As a crash leaves them.
    whole = save({"index.db", "index.db-wal", "text.db", "text.db-wal"});
  }
  ASSERT_FALSE(whole["index.db-wal"].empty());
  restore(whole);
  rebuilt_.clear();
  EXPECT_EQ(ask(), right);
  EXPECT_EQ(rebuilt_, "") << "a whole log is used";
  testing::Random random(8);
  constexpr std::size_t kFrame = kPage + 24;
  for (const std::string name : {"index.db-wal", "text.db-wal"}) {
    const std::size_t size = whole[name].size();
    for (std::size_t frame = 32; frame < size; frame += kFrame) {
      // In the log's header, the frame's header up to its salts, behind, its page.
      const std::array places = {random.below(32), frame + random.below(8),
                                 frame + 8 + random.below(16), frame + 24 + random.below(kPage)};
      const std::size_t at = places.at(frame / kFrame % places.size());
      auto rotten = whole;
      flip(rotten[name], at, static_cast<unsigned>(random.below(8)));
      restore(rotten);
      EXPECT_EQ(ask(), right) << name << " at " << at;
    }
  }
}

TEST_F(RotTest, AWriteAheadLogThatRotsWhileItIsOpenIsSeen) {
  append_linked(200);
  ask();
  Index keeps_it_open = open_index();
  append_linked(50);
  const std::string right = ask(keeps_it_open);
  Bytes log = contents("index.db-wal");
  ASSERT_GT(log.size(), 10 * kPage);
  testing::Random random(9);
  std::fstream file(view_path("index.db-wal"), std::ios::in | std::ios::out | std::ios::binary);
  for (std::size_t at = 100; at < log.size(); at += 1 + random.below(kPage)) {
    flip(log, at, static_cast<unsigned>(random.below(8)));
  }
  file << log << std::flush;
  EXPECT_EQ(ask(), right);
  EXPECT_NE(rebuilt_, "");
  EXPECT_EQ(ask(keeps_it_open), right) << "whoever had the old file open goes on";
}

TEST_F(RotTest, ACutEmptyOrForeignFileIsMadeAnew) {
  append_linked(100);
  ask();
  const auto older = save({"index.db", "text.db"});
  append_linked(100);
  const std::string right = ask();
  const auto whole = save({"index.db", "text.db"});
  for (const auto& [name, bytes] : whole) {
    testing::Random random(10);
    Bytes garbage = bytes;
    for (char& c : garbage) c = static_cast<char>(random.below(256));
    Bytes swapped = bytes;  // whole pages in each other's place
    std::swap_ranges(swapped.begin() + kPage, swapped.begin() + 2 * kPage,
                     swapped.begin() + 2 * kPage);
    Bytes zeroed = bytes;
    std::fill_n(zeroed.begin() + kPage, kPage, '\0');
    for (const Bytes& bad : {Bytes(), bytes.substr(0, kPage), bytes.substr(0, bytes.size() - kPage),
                             bytes.substr(0, bytes.size() - 100), garbage, swapped, zeroed}) {
      auto files = whole;
      files[name] = bad;
      restore(files);
      EXPECT_TRUE(is_named(name)) << name << ' ' << bad.size();
      EXPECT_EQ(ask(), right) << name << ' ' << bad.size();
    }
  }
  restore(older);
  EXPECT_FALSE(is_named("index.db")) << "it only lags";
  EXPECT_EQ(ask(), right);
}

TEST_F(RotTest, AnotherLedgersIndexIsMadeAnew) {
  append_linked(150);
  const std::string right = ask();
  const auto other = directory_ / "other";
  {
    Ledger ledger = must(Ledger::create(other, options(), environment()));
    for (int i = 0; i < 150; ++i) must(ledger.append(NewEvent{.stream = "s/1", .type = "type-3"}));
    Index index = must(Index::open(ledger));
    must(index.catch_up());
  }
  std::filesystem::copy_file(other + "/views/index.db", view_path("index.db"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(is_named("index.db"));
  EXPECT_EQ(ask(), right);
}

}  // namespace
}  // namespace daybook
