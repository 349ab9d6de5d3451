// SPDX-License-Identifier: Apache-2.0
//
// A vocabulary for tests of supervise(): a world with a ledger in it, what its
// streams say, and the promise that every start has exactly one end.
// Not thread-safe but for what TestEnvironment is.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daybook/ledger.h"
#include "daybook/supervise.h"
#include "support/test_environment.h"

namespace daybook::testing {

// One event with its data taken apart.
struct ToldEvent {
  Event event;
  nlohmann::json data;
  [[nodiscard]] std::string kind() const { return data.value("kind", ""); }
};

inline std::vector<ToldEvent> told(Ledger& ledger, const std::string& task) {
  std::vector<ToldEvent> all;
  auto cursor = ledger.scan({.stream = "task/" + task});
  EXPECT_TRUE(cursor.has_value());
  if (!cursor) return all;
  while (true) {
    auto next = cursor->next();
    EXPECT_TRUE(next.has_value());
    if (!next || *next == nullptr) return all;
    ToldEvent one{.event = to_event(**next), .data = {}};
    const auto text = ledger.data(one.event);
    EXPECT_TRUE(text.has_value());
    if (text) one.data = nlohmann::json::parse(*text);
    all.push_back(std::move(one));
  }
}

inline std::vector<std::string> kinds(const std::vector<ToldEvent>& events) {
  std::vector<std::string> names;
  for (const ToldEvent& one : events) names.push_back(one.kind());
  return names;
}

inline ToldEvent only(const std::vector<ToldEvent>& events, const std::string& kind) {
  const ToldEvent* found = nullptr;
  for (const ToldEvent& one : events) {
    if (one.kind() != kind) continue;
    EXPECT_EQ(found, nullptr) << "more than one " << kind;
    found = &one;
  }
  EXPECT_NE(found, nullptr) << "no " << kind;
  return found == nullptr ? ToldEvent{} : *found;
}

// The promise: every attempt that started has exactly one end, caused by its
// start; every run that started has exactly one end; every cause is one of the run's own.
inline void expect_every_start_has_one_end(const std::vector<ToldEvent>& events) {
  std::map<EventId, const ToldEvent*> by_id;
  std::map<EventId, int> attempt_ends;
  std::map<std::string, int> runs;
  std::map<std::string, int> run_ends;
  for (const ToldEvent& one : events) {
    const std::string kind = one.kind();
    by_id[one.event.id] = &one;
    for (const EventId& cause : one.event.causes) {
      ASSERT_TRUE(by_id.contains(cause)) << kind;
      EXPECT_EQ(by_id[cause]->event.correlation, one.event.correlation) << kind;
    }
    if (kind == "task.started") {
      EXPECT_TRUE(one.event.causes.empty());
      ++runs[one.event.correlation];
    } else {
      ASSERT_EQ(one.event.causes.size(), 1u) << kind;
    }
    if (kind == "task.finished" || kind == "task.lost") ++run_ends[one.event.correlation];
    if (kind == "attempt.started") attempt_ends.try_emplace(one.event.id, 0);
    if (kind == "attempt.finished" || kind == "attempt.lost") ++attempt_ends[one.event.causes[0]];
  }
  for (const auto& [id, ends] : attempt_ends) EXPECT_EQ(ends, 1) << to_string(id);
  EXPECT_EQ(runs, run_ends);
  for (const auto& [run, starts] : runs) EXPECT_EQ(starts, 1) << run;
}

// A clock that does something when somebody sleeps by it.
class HookClock final : public Clock {
 public:
  Timestamp now() override { return inner.now(); }
  std::uint64_t monotonic_micros() override { return inner.monotonic_micros(); }
  void sleep_micros(std::uint64_t micros) override {
    if (on_sleep) on_sleep();
    inner.sleep_micros(micros);
  }

  FakeClock inner;
  std::function<void()> on_sleep;
};

}  // namespace daybook::testing
