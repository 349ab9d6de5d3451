// SPDX-License-Identifier: Apache-2.0
//
// Sessions written by hand, for the tests of the detectors: each call adds one
// record, a minute after the one before. Records get the ids "r1", "r2", ...
//
//   Conversation talk("pi");
//   talk.user("Add a parser").agent("Done.").user("No, in the other file").agent("Sorry.");
//   const auto found = talk.signals(Rules::Daybook);
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/review.h"

namespace daybook::review {

class Conversation {
 public:
  explicit Conversation(std::string harness = "claude-code", std::string id = "s1") {
    session_.id = std::move(id);
    session_.harness = std::move(harness);
    session_.project = "/srv/kiln";
  }

  // The records point into it.
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  Conversation(Conversation&&) = default;
  Conversation& operator=(Conversation&&) = default;
  ~Conversation() = default;

  SessionInfo& session() { return session_; }

  Conversation& user(std::string text, Origin origin = Origin::Said) {
    return add({.kind = RecordKind::Message, .origin = origin, .text = keep(std::move(text))});
  }
  Conversation& agent(std::string text, Origin origin = Origin::Said) {
    return add({.kind = RecordKind::Message,
                .role = Role::Assistant,
                .origin = origin,
                .text = keep(std::move(text))});
  }
  Conversation& call(std::string tool, std::string arguments = "{}") {
    tool_ = keep(std::move(tool));
    call_ = keep("c" + std::to_string(records_.size()));
    return add({.kind = RecordKind::ToolCall,
                .tool = tool_,
                .call = call_,
                .arguments = keep(std::move(arguments))});
  }
  Conversation& shell(const std::string& command) {
    return call("Bash", R"({"command":")" + command + R"("})");
  }
  Conversation& result(Outcome outcome, std::string text = {}) {
    const std::string_view kept = keep(std::move(text));
    return add({.kind = RecordKind::ToolResult,
                .text = kept,
                .tool = tool_,
                .call = call_,
                .outcome = outcome,
                .error = outcome == Outcome::Success ? std::string_view{} : kept});
  }
  Conversation& works() { return result(Outcome::Success, "ok"); }
  Conversation& fails(std::string text, std::int64_t exit_code = 1) {
    result(Outcome::Failure, std::move(text));
    records_.back().exit_code = exit_code;
    return *this;
  }
  // A failure in a harness's own wrapping, and what its reader took for the reason.
  Conversation& envelope(std::string text, std::string error) {
    result(Outcome::Failure, std::move(text));
    records_.back().error = keep(std::move(error));
    return *this;
  }
  Conversation& event(RecordKind kind, std::string text = {}) {
    return add({.kind = kind, .text = keep(std::move(text))});
  }
  // The next record comes so many minutes after the last one.
  Conversation& wait(std::int64_t minutes) {
    minute_ += minutes - 1;
    return *this;
  }
  // The last record stands on the line of the one before.
  Conversation& same_line() {
    records_.back().id = keep(std::string(records_[records_.size() - 2].id) + "/1");
    return *this;
  }

  [[nodiscard]] const std::deque<TranscriptRecord>& records() const { return records_; }

  [[nodiscard]] std::vector<Signal> signals(Rules rules, std::string root = {}) const {
    Detector detector(rules, root.empty() ? session_.id : std::move(root));
    for (TranscriptRecord record : records_) {
      record.session = &session_;
      detector.add(record);
    }
    detector.finish();
    return detector.take();
  }

 private:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  Conversation& add(TranscriptRecord record) {
    record.id = keep("r" + std::to_string(records_.size() + 1));
    record.time = Timestamp{1'767'225'600'000'000 + minute_++ * 60'000'000};  // 2026-01-01
    records_.push_back(record);
    return *this;
  }

  SessionInfo session_;
  std::deque<std::string> texts_;
  std::deque<TranscriptRecord> records_;
  std::int64_t minute_ = 0;
  std::string_view tool_;
  std::string_view call_;
};

// Signals of one kind that are sure enough to be reported.
inline std::vector<Signal> reported(const std::vector<Signal>& signals, SignalKind kind) {
  std::vector<Signal> some;
  for (const Signal& signal : signals) {
    if (signal.kind == kind && signal.confidence >= kReportedConfidence) some.push_back(signal);
  }
  return some;
}

}  // namespace daybook::review
