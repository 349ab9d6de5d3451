// SPDX-License-Identifier: Apache-2.0
//
// Daybook's own rules: what a signal is, is judged by correction.h, fault.h,
// admission.h and health.h; here they are fed from the records of a session.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/regex.h"
#include "review/admission.h"
#include "review/correction.h"
#include "review/fault.h"
#include "review/health.h"
#include "review/prose.h"
#include "review/rule_set.h"
#include "transcript/bounded_map.h"

namespace daybook::review {
namespace {

constexpr double kNotedConfidence = 0.25;  // below: not even a signal
constexpr std::size_t kMaxErrorCharacters = 2'000;
constexpr std::size_t kMaxCommands = 512;       // calls waiting for their result
constexpr std::size_t kMaxShells = 64;          // commands running in the background
constexpr std::size_t kMaxCommandKept = 4'096;  // bytes of one command

// A turn of the user that may be a correction: the agent's answer is still to come.
struct OpenTurn {
  Sighting sighting;
  std::string text;
  std::string words;
  TurnContext context;
};

// The number of a shell that a result or a call names.
std::string shell_id(std::string_view text) {
  static const RE2 pattern(R"re((?:session ID |"(?:session_id|shellId|bash_id)":\s*"?)(\w+))re");
  std::string id;
  RE2::PartialMatch(piece(text), pattern, &id);
  return id;
}

class DaybookRules final : public RuleSet {
 public:
  void add(const TranscriptRecord& record, SignalSink& sink) override {
    switch (record.kind) {
      case RecordKind::Message:
        return on_message(record, sink);
      case RecordKind::ToolCall:
        return on_call(record, sink);
      case RecordKind::ToolResult:
        return on_result(record, sink);
      case RecordKind::Interrupt:
        return on_interrupt();
      case RecordKind::Compaction:
        return health_.compaction(record, sink);
      case RecordKind::Resume:
        return health_.resume(record, sink);
      default:
        return;
    }
  }

  void finish(SignalSink& sink) override {
    close_turn({}, sink);
    health_.finish(sink);
  }

 private:
  void on_message(const TranscriptRecord& record, SignalSink& sink) {
    if (record.origin == Origin::Interrupted) return on_interrupt();
    if (record.origin == Origin::Command && record.role == Role::User) {
      health_.user_message(sink);
      active_ = false;
    }
    if (record.origin != Origin::Said) return;
    if (record.role == Role::User) on_user(record, sink);
    if (record.role == Role::Assistant) on_agent(record, sink);
  }

  void on_user(const TranscriptRecord& record, SignalSink& sink) {
    close_turn({}, sink);
    health_.user_message(sink);
    if (context_.agent_before) {
      open_.emplace(OpenTurn{.sighting = sink.see(SignalKind::Correction, record),
                             .text = std::string(record.text.substr(0, kMaxProseBytes)),
                             .words = own_words(record.text),
                             .context = context_});
    }
    context_ = {.agent_before = context_.agent_before};
    active_ = false;
  }

  void on_agent(const TranscriptRecord& record, SignalSink& sink) {
    close_turn(record.text, sink);
    context_.agent_before = active_ = true;
    context_.interrupted = false;
    context_.asked = ends_with_question(record.text);
    context_.claimed = claims_success(record.text);
    for (Admission& admission : find_admissions(record.text)) {
      Sighting sighting = sink.see(admission.kind, record);
      sighting.signal.text = std::move(admission.sentence);
      sighting.signal.label = std::move(admission.label);
      sighting.signal.confidence = admission.confidence;
      sighting.signal.reason = std::move(admission.reason);
      sink.put(std::move(sighting));
    }
  }

  void on_call(const TranscriptRecord& record, SignalSink& sink) {
    context_ = {.agent_before = true};
    active_ = true;
    health_.call(record, sink);
    std::string command = command_of(record.arguments);
    if (command.empty()) command = running_command(shell_id(record.arguments));
    if (command.empty()) return;
    command.resize(std::min(command.size(), kMaxCommandKept));
    if (!record.call.empty()) commands_.put(record.call, std::move(command));
  }

  void on_result(const TranscriptRecord& record, SignalSink& sink) {
    const std::string* known = commands_.find(record.call);
    const std::string command = known == nullptr ? std::string{} : *known;
    commands_.erase(record.call);
    if (record.outcome == Outcome::Refused || record.outcome == Outcome::Interrupted) {
      return on_interrupt();
    }
    if (!command.empty() && record.outcome != Outcome::Failure) keep_running(record, command);
    if (record.outcome != Outcome::Failure) return;
    FaultJudgement judgement = judge_failure(record, command);
    if (judgement.kind == FaultKind::Refused) return on_interrupt();
    if (judgement.confidence < kNotedConfidence) return;
    Sighting sighting = sink.see(SignalKind::Error, record);
    sighting.signal.tool = record.tool.empty() ? "unknown" : record.tool;
    sighting.signal.text = first_characters(failure_text(record), kMaxErrorCharacters);
    sighting.signal.confidence = judgement.confidence;
    sighting.signal.reason = std::move(judgement.reason);
    sink.put(std::move(sighting));
  }

  // A command may go on in a shell of its own. Some readers leave out which: its
  // outcome is not known then, and the next call that names a new shell means it.
  void keep_running(const TranscriptRecord& result, const std::string& command) {
    const std::string shell = shell_id(result.text.substr(0, kMaxContextCharacters));
    if (!shell.empty()) {
      shells_.put(shell, command);
    } else if (result.outcome == Outcome::Unknown) {
      unnamed_ = command;
    }
  }

  std::string running_command(const std::string& shell) {
    if (shell.empty()) return {};
    if (const std::string* known = shells_.find(shell)) return *known;
    if (unnamed_.empty()) return {};
    return shells_.put(shell, std::exchange(unnamed_, {}));
  }

  // Stopping an agent that has not begun yet is only a slip of the keyboard.
  void on_interrupt() { context_.interrupted = context_.interrupted || active_; }

  // The user's last turn is judged once the agent has answered, or cannot any more.
  void close_turn(std::string_view reply, SignalSink& sink) {
    if (!open_) return;
    OpenTurn turn = *std::exchange(open_, std::nullopt);
    Judgement judgement = judge_turn(turn.words, turn.context, reply);
    if (judgement.confidence < kNotedConfidence) return;
    Signal& signal = turn.sighting.signal;
    const std::string_view said = trimmed(turn.text);
    const bool is_short = first_characters(said, kMaxContextCharacters).size() == said.size();
    signal.text = is_short ? std::string(said)
                           : sentence_around(turn.text, turn.words, judgement.place.begin,
                                             judgement.place.end);
    signal.confidence = judgement.confidence;
    signal.reason = std::move(judgement.reason);
    sink.put(std::move(turn.sighting));
  }

  TurnContext context_;
  bool active_ = false;  // the agent has done something since the user's last turn
  std::optional<OpenTurn> open_;
  transcript::BoundedMap<std::string> commands_{kMaxCommands};  // by call
  transcript::BoundedMap<std::string> shells_{kMaxShells};      // by shell
  std::string unnamed_;  // the last command that runs in a shell not named yet
  HealthWatch health_{Episodes::Each};
};

}  // namespace

std::unique_ptr<RuleSet> make_daybook_rules() { return std::make_unique<DaybookRules>(); }

}  // namespace daybook::review
