// SPDX-License-Identifier: Apache-2.0
//
// Records become events and come back as they were: all kinds, all members, names
// that the ledger would not take, and JSON that is none.
#include "transcript/record_event.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "daybook/import.h"
#include "support/ledgers.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Random;
using testing::TestEnvironment;

EventView view_of(const NewEvent& event) {
  EventView view;
  view.time = event.time.value_or(Timestamp{1});
  view.stream = event.stream;
  view.type = event.type;
  view.source = event.source;
  view.correlation = event.correlation;
  view.key = event.key;
  view.data_state = DataState::Inline;
  view.data = event.data;
  return view;
}

void expect_same(const TranscriptRecord& got, const TranscriptRecord& wanted) {
  EXPECT_EQ(to_string(got.kind), to_string(wanted.kind));
  EXPECT_EQ(got.session->id, wanted.session->id);
  EXPECT_EQ(got.session->parent, wanted.session->parent);
  EXPECT_EQ(got.session->harness, wanted.session->harness);
  if (wanted.kind == RecordKind::Session) {
    EXPECT_EQ(*got.session, *wanted.session);
  }
  EXPECT_EQ(got.id, wanted.id);
  EXPECT_EQ(got.parent, wanted.parent);
  EXPECT_EQ(got.turn, wanted.turn);
  EXPECT_EQ(got.time, wanted.time);
  EXPECT_EQ(to_string(got.role), to_string(wanted.role));
  EXPECT_EQ(to_string(got.origin), to_string(wanted.origin));
  EXPECT_EQ(got.text, wanted.text);
  EXPECT_EQ(got.tool, wanted.tool);
  EXPECT_EQ(got.call, wanted.call);
  EXPECT_EQ(got.arguments, wanted.arguments);
  EXPECT_EQ(to_string(got.outcome), to_string(wanted.outcome));
  EXPECT_EQ(got.exit_code, wanted.exit_code);
  EXPECT_EQ(got.error, wanted.error);
  EXPECT_EQ(got.model, wanted.model);
  EXPECT_EQ(got.api_message, wanted.api_message);
  ASSERT_EQ(got.usage.has_value(), wanted.usage.has_value());
  if (wanted.usage) {
    EXPECT_EQ(got.usage->input_tokens, wanted.usage->input_tokens);
    EXPECT_EQ(got.usage->output_tokens, wanted.usage->output_tokens);
    EXPECT_EQ(got.usage->cache_read_tokens, wanted.usage->cache_read_tokens);
    EXPECT_EQ(got.usage->cache_write_tokens, wanted.usage->cache_write_tokens);
    EXPECT_EQ(got.usage->cost, wanted.usage->cost);
  }
  EXPECT_EQ(got.type, wanted.type);
  if (wanted.kind == RecordKind::Unknown) {
    EXPECT_EQ(got.raw, wanted.raw);
  }
}

// Texts of every kind that a file may hold.
std::string some_text(Random& random) {
  static const std::string kTexts[] = {
      "",
      "plain",
      "two\nlines\t\"quoted\" \\ back",
      "caf\xC3\xA9 \xE2\x80\x94 \xF0\x9F\x8C\xB1",
      std::string("nul \0 and \x1F", 11),
      "{\"looks\":\"like json\"}",
      std::string(3000, 'x'),
      "ends in a backslash\\",
  };
  return kTexts[random.below(std::size(kTexts))];
}

std::string some_name(Random& random) {
  static const std::string kNames[] = {
      "7f1c", "a/b c", std::string(400, 'n'), "line\nbreak", "", "~0", "caf\xC3\xA9", "session/x",
  };
  return kNames[random.below(std::size(kNames))];
}

std::string some_json(Random& random) {
  static const std::string kJson[] = {
      "",       "{}",         R"({"path":"a.txt","n":1.10,"deep":[{"x":[]}]})",
      "[1, 2]", "\"text\"",   "null",
      " {}",    "{broken",    "1,\"b\":2",
      "-0.0e5", "{\"a\":1} ", std::string(511, '[') + std::string(511, ']'),
  };
  return kJson[random.below(std::size(kJson))];
}

struct Sample {
  SessionInfo session;
  std::vector<std::string> texts;
  TranscriptRecord record;

  explicit Sample(std::uint64_t seed) {
    Random random(seed);
    texts.reserve(32);
    const auto keep = [&](std::string text) -> std::string_view {
      texts.push_back(std::move(text));
      return texts.back();
    };
    session.id = some_name(random);
    session.harness = random.chance(90) ? "codex" : "odd\nharness";
    session.version = some_text(random);
    session.project = some_text(random);
    session.branch = some_text(random);
    if (random.chance(40)) session.parent = some_name(random);
    if (random.chance(40)) session.parent_call = some_name(random);
    session.agent = some_text(random);
    session.persona = some_text(random);
    session.channel = some_text(random);
    record.session = &session;
    record.kind = static_cast<RecordKind>(random.below(9));
    record.id = keep(some_name(random));
    record.parent = keep(some_name(random));
    record.turn = keep(some_name(random));
    if (random.chance(80)) {
      record.time = Timestamp{static_cast<std::int64_t>(random.below(2'000'000'000'000'000))};
    }
    record.role = static_cast<Role>(random.below(3));
    record.origin = static_cast<Origin>(random.below(8));
    record.text = keep(some_text(random));
    record.tool = keep(some_name(random));
    record.call = keep(some_name(random));
    record.arguments = keep(some_json(random));
    record.outcome = static_cast<Outcome>(random.below(5));
    if (random.chance(50)) record.exit_code = static_cast<std::int64_t>(random.next());
    record.error = keep(some_text(random));
    record.model = keep(some_text(random));
    record.api_message = keep(some_name(random));
    if (random.chance(50)) {
      record.usage = Usage{random.next(), random.next(), random.below(10), 0, {}};
      if (random.chance(50)) {
        record.usage->cost = Money{static_cast<std::int64_t>(random.below(5'000'000'000'000))};
      }
    }
    record.type = keep(some_text(random));
    record.raw = keep(some_json(random));
  }
};

TEST(RecordEvent, EveryRecordComesBackAsItWas) {
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    SCOPED_TRACE(seed);
    const Sample sample(seed);

    const NewEvent event = to_event(sample.record);
    const StoredRecord stored = expect(to_record(view_of(event), event.data));

    expect_same(stored.record, sample.record);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(RecordEvent, TheLedgerTakesEveryEvent) {
  TestEnvironment world;
  Ledger ledger = expect(Ledger::create("/ledger", testing::small_options(), world.environment()));
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    const Sample sample(seed);
    NewEvent event = to_event(sample.record);
    event.key += std::to_string(seed).substr(0, kMaxNameBytes - event.key.size());
    const Receipt receipt = expect(ledger.append(event, {.durability = Durability::Memory}));

    const StoredRecord stored = expect(to_record(ledger, expect(ledger.read(receipt.seq))));

    EXPECT_EQ(stored.record.text, sample.record.text) << "also out of a blob";
    EXPECT_EQ(stored.record.session->id, sample.record.session->id);
  }
}

TEST(RecordEvent, StaysValidWhenItIsMoved) {
  const Sample sample(5);
  const NewEvent event = to_event(sample.record);
  std::vector<StoredRecord> all;
  for (int i = 0; i < 20; ++i) all.push_back(expect(to_record(view_of(event), event.data)));
  for (const StoredRecord& stored : all) expect_same(stored.record, sample.record);
}

TEST(RecordEvent, TypesAndNamesAreAsDocumented) {
  SessionInfo session{.id = "s-1", .parent = "root", .harness = "pi"};
  TranscriptRecord record;
  record.session = &session;
  record.kind = RecordKind::ToolResult;
  record.id = "r-1";
  record.tool = "bash";
  record.call = "c-1";
  record.outcome = Outcome::Failure;
  record.exit_code = 2;
  record.text = "no such file";
  record.time = Timestamp{5};

  const NewEvent event = to_event(record);

  EXPECT_EQ(event.stream, "session/s-1");
  EXPECT_EQ(event.type, "tool/returned");
  EXPECT_EQ(event.key, "r-1");
  EXPECT_EQ(event.source, "pi");
  EXPECT_EQ(event.subject, "tool:bash");
  EXPECT_EQ(event.correlation, "root");
  EXPECT_EQ(event.time, Timestamp{5});
  EXPECT_EQ(
      event.data,
      R"({"outcome":"failure","exit_code":2,"tool":"bash","call":"c-1","text":"no such file"})");
}

TEST(RecordEvent, ASessionHasOneStartAndAnEventForEachOtherState) {
  SessionInfo session{.id = "s", .harness = "pi", .branch = "main"};
  TranscriptRecord record;
  record.session = &session;
  record.kind = RecordKind::Session;
  record.id = "first";
  NewEvent start = to_event(record);
  EXPECT_EQ(start.type, "session/started");
  EXPECT_EQ(start.key, kSessionStartedKey);

  session.branch = "topic";
  NewEvent change = to_event(record);
  transcript::make_change(change, session);
  EXPECT_EQ(change.type, "session/changed");
  EXPECT_NE(change.key, start.key);
  const StoredRecord stored = expect(to_record(view_of(change), change.data));
  EXPECT_EQ(stored.record.kind, RecordKind::Session);
  EXPECT_EQ(stored.record.session->branch, "topic");
  EXPECT_EQ(stored.record.id, "first");

  NewEvent again = to_event(record);
  transcript::make_change(again, session);
  EXPECT_EQ(again.key, change.key);
  session.branch = "main";
  transcript::make_change(again, session);
  EXPECT_NE(again.key, change.key);
}

TEST(RecordEvent, NamesFromOutsideAreFitForTheLedger) {
  EXPECT_EQ(session_stream("2f-9"), "session/2f-9");
  EXPECT_EQ(record_key("2f-9/1"), "2f-9/1");
  for (const std::string& odd : {std::string(), std::string("a\nb"), std::string(5'000, 'z'),
                                 std::string("\xFF\xFE"), std::string(249, 'q')}) {
    const std::string stream = session_stream(odd);
    EXPECT_LE(stream.size(), kMaxStreamBytes);
    EXPECT_TRUE(is_plain_text(stream)) << stream;
    EXPECT_LE(record_key(odd).size(), kMaxNameBytes);
    EXPECT_TRUE(is_plain_text(record_key(odd)));
  }
  EXPECT_NE(session_stream(std::string(5'000, 'z')), session_stream(std::string(5'001, 'z')));
  EXPECT_TRUE(session_stream("a\nb").starts_with("session/a_b~"));
}

TEST(RecordEvent, OtherEventsAreRefused) {
  NewEvent event{.stream = "task/x", .type = "message/user", .data = "{}"};
  EXPECT_EQ(to_record(view_of(event), event.data).error().code, Errc::InvalidArgument);
  event = {.stream = "session/x", .type = "turn/started", .data = "{}"};
  EXPECT_EQ(to_record(view_of(event), event.data).error().code, Errc::InvalidArgument);
  event = {.stream = "session/x", .type = "message/user", .data = "[]"};
  EXPECT_EQ(to_record(view_of(event), event.data).error().code, Errc::InvalidArgument);
  event = {.stream = "session/x", .type = "session/started", .data = R"({"by":"hand"})"};
  EXPECT_EQ(to_record(view_of(event), event.data).error().code, Errc::InvalidArgument);
  event = {.stream = "session/x", .type = "message/user", .data = R"({"origin":"nowhere"})"};
  EXPECT_EQ(to_record(view_of(event), event.data).error().code, Errc::InvalidArgument);
  event.data = R"({"origin":"said","text":"hi","of a later version":[1]})";
  EXPECT_EQ(expect(to_record(view_of(event), event.data)).record.text, "hi");
}

}  // namespace
}  // namespace daybook
