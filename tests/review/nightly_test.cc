// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/fs/files.h"
#include "conversation.h"
#include "daybook/import.h"
#include "fake_program.h"
#include "support/ledgers.h"
#include "support/random.h"

namespace daybook::review {
namespace {

using daybook::testing::expect;
using daybook::testing::Operation;
using daybook::testing::Random;
using daybook::testing::TestEnvironment;

// Conversations begin at midnight of 2026-01-01 and go on a minute a record.
constexpr Timestamp kMidnight{1'767'225'600'000'000};
constexpr std::int64_t kHour = std::int64_t{3'600} * 1'000'000;

Timestamp at_hour(std::int64_t hours) { return {kMidnight.micros + hours * kHour}; }

// The identity of a signal, and what it says. A loop that goes on after it was reported
// is the same loop, although it has become longer.
std::string name_of(const Signal& signal) {
  const std::string text = signal.kind == SignalKind::Pattern ? "" : signal.text;
  return std::string(to_string(signal.kind)) + " " + signal.session + " " + signal.record + " " +
         signal.label + ": " + text;
}

// Records [from, to) of a conversation, as an import would append them.
void append(Ledger& ledger, const Conversation& talk, std::size_t from, std::size_t to) {
  std::vector<NewEvent> batch;
  for (std::size_t i = from; i < to && i < talk.records().size(); ++i) {
    TranscriptRecord record = talk.records()[i];
    record.session = &const_cast<Conversation&>(talk).session();
    batch.push_back(to_event(record));
  }
  if (!batch.empty()) expect(ledger.append(batch));
}
void append(Ledger& ledger, const Conversation& talk) {
  append(ledger, talk, 0, talk.records().size());
}

class NightlyTest : public ::testing::Test {
 protected:
  NightlyTest() : ledger_(expect(Ledger::create("/ledger", {}, env_.environment()))) {
    env_.clock.set(at_hour(12));
    options_.digest_dir = "/digests";
  }
  ReviewReport review() { return expect(review_nightly(ledger_, options_, env_.environment())); }
  std::string digest(const std::string& date) {
    return std::string(as_text(env_.disk.content("/digests/learning-digest-" + date + ".md")));
  }
  std::vector<Event> events(const std::string& stream) {
    return daybook::testing::read_all(ledger_, {.stream = stream});
  }

  TestEnvironment env_;
  Ledger ledger_;
  ReviewOptions options_;
};

Conversation failing(const std::string& id, const std::string& tool = "Bash") {
  Conversation talk("claude-code", id);
  talk.user("Please build the mill").call(tool).fails("error: the wheel is missing");
  talk.agent("I hardcoded the retry count for now; the real value comes later.");
  return talk;
}

TEST_F(NightlyTest, ASignalBecomesALearningThatIsCausedByItsMessage) {
  append(ledger_, failing("s1"));
  const ReviewReport report = review();
  ASSERT_EQ(report.signals.size(), 2u);
  EXPECT_EQ(report.sessions_scanned, 1u);
  EXPECT_EQ(report.date, "2026-01-01");
  const auto learnings = events("learning/error");
  ASSERT_EQ(learnings.size(), 1u);
  EXPECT_EQ(learnings[0].type, "learning");
  EXPECT_EQ(learnings[0].subject, "session:s1");
  ASSERT_EQ(learnings[0].causes.size(), 1u);
  const Event cause = expect(ledger_.find(learnings[0].causes[0]));
  EXPECT_EQ(cause.type, "tool/returned");
  EXPECT_EQ(cause.stream, "session/s1");
  const auto reviews = events("review/nightly");
  ASSERT_EQ(reviews.size(), 1u);
  EXPECT_EQ(reviews[0].type, "review");
  EXPECT_NE(digest("2026-01-01").find("- `s1` / `Bash`: error: the wheel is missing\n"),
            std::string::npos);
}

TEST_F(NightlyTest, NothingIsReportedTwiceAndTheDigestOfTheDayStays) {
  append(ledger_, failing("s1"));
  review();
  const std::string first = digest("2026-01-01");
  const ReviewReport second = review();
  EXPECT_TRUE(second.signals.empty());
  EXPECT_EQ(second.digest.entries.size(), 2u);
  EXPECT_EQ(digest("2026-01-01"), first);
  EXPECT_EQ(events("learning/error").size(), 1u);
}

TEST_F(NightlyTest, ASecondRunOnTheSameDayAddsToTheDigest) {
  append(ledger_, failing("s2"));
  review();
  append(ledger_, failing("s1"));
  review();
  const std::string text = digest("2026-01-01");
  EXPECT_NE(text.find("errors: 2\nworkarounds: 2\n"), std::string::npos) << text;
  EXPECT_LT(text.find("`s1` / "), text.find("`s2` / "));
}

TEST_F(NightlyTest, ADigestThatSomebodyChangedIsLeftAlone) {
  append(ledger_, failing("s1"));
  const std::string first = review().digest_path;
  const std::string edited = digest("2026-01-01") + "Talk about the wheel on Monday.\n";
  env_.disk.put_file(first, as_bytes(edited));
  append(ledger_, failing("s2"));
  const std::string second = review().digest_path;
  EXPECT_EQ(second, "/digests/learning-digest-2026-01-01.2.md");
  EXPECT_EQ(digest("2026-01-01"), edited);
  EXPECT_NE(digest("2026-01-01.2").find("errors: 2\n"), std::string::npos);
  append(ledger_, failing("s3"));
  EXPECT_EQ(review().digest_path, second) << "this one is ours";
  EXPECT_NE(digest("2026-01-01.2").find("errors: 3\n"), std::string::npos);
}

TEST_F(NightlyTest, ADirectoryThatIsSpelledOtherwiseIsTheSame) {
  append(ledger_, failing("s1"));
  review();
  append(ledger_, failing("s2"));
  options_.digest_dir = "/./digests";
  EXPECT_EQ(review().digest_path, "/./digests/learning-digest-2026-01-01.md");
  EXPECT_NE(digest("2026-01-01").find("errors: 2\n"), std::string::npos);
}

TEST_F(NightlyTest, RulesAndLedgersThatShareADirectoryKeepTheirDigestsApart) {
  append(ledger_, failing("s1"));
  review();
  const std::string ours = digest("2026-01-01");
  options_.rules = Rules::Jilog;
  EXPECT_EQ(review().digest_path, "/digests/learning-digest-2026-01-01.2.md");
  Ledger other = expect(Ledger::create("/other", {}, env_.environment()));
  append(other, failing("t1"));
  options_.rules = Rules::Daybook;
  EXPECT_EQ(expect(review_nightly(other, options_, env_.environment())).digest_path,
            "/digests/learning-digest-2026-01-01.3.md");
  EXPECT_EQ(digest("2026-01-01"), ours);
  EXPECT_EQ(review().digest_path, "/digests/learning-digest-2026-01-01.md");
}

TEST_F(NightlyTest, AReviewThatEndedBeforeItsDigestWasWrittenWritesItNextTime) {
  append(ledger_, failing("s1"));
  review();
  append(ledger_, failing("s2"));
  env_.disk.fail({.kind = Operation::Rename, .path = "/digests/learning-digest"});
  EXPECT_FALSE(review_nightly(ledger_, options_, env_.environment()));
  EXPECT_EQ(review().digest_path, "/digests/learning-digest-2026-01-01.md");
  EXPECT_NE(digest("2026-01-01").find("errors: 2\n"), std::string::npos);
}

TEST_F(NightlyTest, ASessionThatGoesOnTomorrowYieldsTomorrowsSignalsOnly) {
  Conversation talk = failing("s1");
  append(ledger_, talk);
  EXPECT_EQ(review().signals.size(), 2u);
  const std::size_t known = talk.records().size();
  talk.wait(24 * 60).call("Bash").fails("error: the belt is torn");
  append(ledger_, talk, known, talk.records().size());
  env_.clock.set(at_hour(30));
  const ReviewReport report = review();
  ASSERT_EQ(report.signals.size(), 1u);
  EXPECT_EQ(report.signals[0].text, "error: the belt is torn");
  EXPECT_EQ(report.date, "2026-01-02");
  EXPECT_NE(digest("2026-01-02").find("signals_captured: 1\n"), std::string::npos);
}

TEST_F(NightlyTest, OldMessagesAreNotNewsWheneverTheirFileWasTouched) {
  env_.clock.set(at_hour(24 * 9));
  append(ledger_, failing("s1"));
  const ReviewReport report = review();
  EXPECT_TRUE(report.signals.empty());
  options_.since = kMidnight;
  EXPECT_EQ(review().signals.size(), 2u) << "asked for, they are";
}

TEST_F(NightlyTest, WhatAWindowLeavesOutIsReportedLater) {
  Conversation talk("claude-code", "s1");
  talk.call("Bash").fails("error: early").wait(300).call("Bash").fails("error: late");
  append(ledger_, talk);
  options_.since = at_hour(-12);
  options_.until = at_hour(2);
  ReviewReport report = review();
  ASSERT_EQ(report.signals.size(), 1u);
  EXPECT_EQ(report.signals[0].text, "error: early");
  options_.since = at_hour(11);
  options_.until.reset();
  EXPECT_TRUE(review().signals.empty());
  options_.since.reset();
  report = review();
  ASSERT_EQ(report.signals.size(), 1u);
  EXPECT_EQ(report.signals[0].text, "error: late");
}

TEST_F(NightlyTest, AMissedNightLosesNothing) {
  review();
  append(ledger_, failing("s1"));
  env_.clock.set(at_hour(24 * 20));
  EXPECT_EQ(review().signals.size(), 2u);
}

TEST_F(NightlyTest, AReviewOfOneReaderLeavesTheOthersForLater) {
  Conversation other("codex", "s2");
  other.call("exec").fails("error: no such wheel");
  append(ledger_, failing("s1"));
  append(ledger_, other);
  options_.harnesses = {"codex"};
  EXPECT_EQ(review().signals.size(), 1u);
  options_.harnesses.clear();
  EXPECT_EQ(review().signals.size(), 2u);
  EXPECT_TRUE(review().signals.empty());
}

TEST_F(NightlyTest, EachSetOfRulesHasItsOwnHistory) {
  append(ledger_, failing("s1"));
  EXPECT_EQ(review().signals.size(), 2u);
  options_.rules = Rules::Jilog;
  options_.digest_dir.clear();
  const ReviewReport jilog = review();
  ASSERT_EQ(jilog.signals.size(), 1u) << "jilog sees no errors of this reader";
  EXPECT_EQ(jilog.signals[0].label, "for now");
  EXPECT_TRUE(review().signals.empty());
}

TEST_F(NightlyTest, AnAlertCountsTheWholeWindowAndEarlierRuns) {
  for (const char* const id : {"s1", "s2"}) append(ledger_, failing(id));
  EXPECT_TRUE(review().digest.p0.empty());
  append(ledger_, failing("s3"));
  const ReviewReport report = review();
  ASSERT_EQ(report.digest.p0.size(), 1u);
  EXPECT_EQ(report.digest.p0[0].sessions, (std::vector<std::string>{"s1", "s2", "s3"}));
}

TEST_F(NightlyTest, SubAgentsCountUnderTheirRoot) {
  append(ledger_, failing("root"));
  for (const char* const id : {"a1", "a2"}) {
    Conversation talk = failing(id);
    talk.session().parent = id == std::string("a1") ? "root" : "a1";
    append(ledger_, talk);
  }
  const ReviewReport report = review();
  EXPECT_TRUE(report.digest.p0.empty());
  for (const Signal& signal : report.signals) EXPECT_EQ(signal.root, "root");
}

TEST_F(NightlyTest, UsageCountsOnceForEachAnswer) {
  Conversation talk("pi", "s1");
  talk.user("Build the mill").agent("One").agent("Two");
  std::vector<NewEvent> batch;
  for (TranscriptRecord record : talk.records()) {
    record.session = &talk.session();
    if (record.role == Role::Assistant) {
      record.api_message = "m1";
      record.model = "model-x";
      record.usage =
          Usage{.input_tokens = 10, .output_tokens = 2, .cost = Money{2'500'000'000'000}};
    }
    batch.push_back(to_event(record));
  }
  expect(ledger_.append(batch));
  const ReviewReport report = review();
  ASSERT_TRUE(report.digest.spend);
  EXPECT_EQ(to_string(report.digest.spend->total), "2.50");
  EXPECT_EQ(report.digest.spend->input_tokens, 10u);
  EXPECT_EQ(review().digest.spend->input_tokens, 10u) << "a second run says the same";
}

TEST_F(NightlyTest, ADiskThatIsFullWhileReportingLosesNothing) {
  append(ledger_, failing("s1"));
  env_.disk.fail({.kind = daybook::testing::Operation::Create,
                  .path = "learning-digest",
                  .code = Errc::NoSpace});
  EXPECT_FALSE(review_nightly(ledger_, options_, env_.environment()));
  env_.disk.clear_faults();
  const ReviewReport report = review();
  EXPECT_EQ(report.digest.entries.size(), 2u);
  EXPECT_NE(digest("2026-01-01").find("signals_captured: 2\n"), std::string::npos);
  EXPECT_EQ(events("learning/error").size(), 1u);
}

TEST(Nightly, WhicheverOperationFailsTheNextReviewMakesUpForIt) {
  const auto prepare = [](TestEnvironment& env) {
    env.clock.set(at_hour(12));
    Ledger ledger = expect(Ledger::create("/l", {}, env.environment()));
    for (const char* const id : {"s1", "s2"}) append(ledger, failing(id));
    expect(ledger.close());
  };
  ReviewOptions options;
  options.digest_dir = "/digests";
  const auto review = [&](TestEnvironment& env) {
    auto ledger = Ledger::open("/l", {}, env.environment());
    return ledger && review_nightly(*ledger, options, env.environment()).has_value();
  };
  TestEnvironment clean;
  prepare(clean);
  const std::uint64_t before = clean.disk.operations();
  ASSERT_TRUE(review(clean));
  const std::uint64_t operations = clean.disk.operations() - before;
  ASSERT_GT(operations, 20u);
  for (std::uint64_t nth = 1; nth <= operations; ++nth) {
    TestEnvironment env(nth);
    prepare(env);
    env.disk.fail({.nth = nth, .code = nth % 2 == 0 ? Errc::Io : Errc::NoSpace});
    static_cast<void>(review(env));
    env.disk.clear_faults();
    env.disk.crash(nth);
    ASSERT_TRUE(review(env)) << nth;
    Ledger ledger = expect(Ledger::open("/l", {}, env.environment()));
    for (const char* const stream : {"learning/error", "learning/workaround"}) {
      EXPECT_EQ(daybook::testing::read_all(ledger, {.stream = stream}).size(), 2u) << nth;
    }
    const auto digest = env.disk.content("/digests/learning-digest-2026-01-01.md");
    EXPECT_NE(as_text(digest).find("signals_captured: 4\n"), std::string::npos) << nth;
  }
}

TEST_F(NightlyTest, TheDigestOfADayCoversAllReviewsOfThatDay) {
  env_.clock.set(at_hour(24 * 9));
  append(ledger_, failing("s1"));
  options_.since = kMidnight;
  const Timestamp since = review().since;
  options_.since.reset();
  EXPECT_EQ(review().since, since);
  env_.clock.set(at_hour(24 * 10));
  EXPECT_GT(review().since, since) << "another day, another digest";
}

TEST_F(NightlyTest, ADateThatIsNoneIsRefused) {
  options_.date = "../../x";
  const auto report = review_nightly(ledger_, options_, env_.environment());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::InvalidArgument);
}

// ---- However the same sessions are split --------------------------------------------

std::vector<Conversation> some_sessions(Random& random) {
  std::vector<Conversation> sessions;
  sessions.reserve(4);  // records hold views into their conversation, which must not be copied
  for (int i = 0; i < 4; ++i) {
    Conversation talk(i % 2 == 0 ? "claude-code" : "pi", "s" + std::to_string(i));
    for (int turn = 0; turn < 12; ++turn) {
      switch (random.below(6)) {
        case 0:
          talk.user("No, that is wrong: use the other file, as I said before");
          break;
        case 1:
          talk.call("Bash").fails("error: wheel " + std::to_string(turn) + " is missing");
          break;
        case 2:
          talk.agent("I hardcoded it for now; the real value comes later.");
          break;
        case 3:
          talk.agent("Let me come back to this later, in the next session.");
          break;
        case 4:
          talk.event(RecordKind::Compaction);
          break;
        default:
          talk.user("Please add a second wheel to the mill").agent("Done, it has two wheels.");
      }
      if (random.below(5) == 0) talk.wait(static_cast<std::int64_t>(random.below(600)) + 1);
    }
    sessions.push_back(std::move(talk));
  }
  return sessions;
}

class SplitTest : public ::testing::TestWithParam<Rules> {};

TEST_P(SplitTest, TheUnionOfSignalsIsTheSame) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    Random random(seed);
    const auto sessions = some_sessions(random);
    ReviewOptions options;
    options.rules = GetParam();
    options.since = kMidnight;

    TestEnvironment whole_env;
    Ledger whole = expect(Ledger::create("/l", {}, whole_env.environment()));
    for (const Conversation& talk : sessions) append(whole, talk);
    whole_env.clock.set(at_hour(240));
    std::set<std::string> expected;
    for (const Signal& signal :
         expect(review_nightly(whole, options, whole_env.environment())).signals) {
      expected.insert(name_of(signal));
    }

    TestEnvironment env;
    Ledger ledger = expect(Ledger::create("/l", {}, env.environment()));
    std::vector<std::size_t> done(sessions.size(), 0);
    std::multiset<std::string> found;
    bool left = true;
    for (int day = 0; left; ++day) {
      left = false;
      for (std::size_t i = 0; i < sessions.size(); ++i) {
        const std::size_t to = done[i] + random.below(9);
        append(ledger, sessions[i], done[i], to);
        done[i] = std::min(to, sessions[i].records().size());
        left = left || done[i] < sessions[i].records().size();
      }
      env.clock.set(at_hour(240 + day * 7));
      for (const Signal& signal :
           expect(review_nightly(ledger, options, env.environment())).signals) {
        found.insert(name_of(signal));
      }
      options.since.reset();
    }
    for (const std::string& name : expected) EXPECT_EQ(found.count(name), 1u) << seed << name;
    for (const std::string& name : found) EXPECT_EQ(expected.count(name), 1u) << seed << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, SplitTest, ::testing::Values(Rules::Daybook, Rules::Jilog),
                         [](const auto& parameter) {
                           return std::string(to_string(parameter.param));
                         });

}  // namespace
}  // namespace daybook::review
