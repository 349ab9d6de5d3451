// SPDX-License-Identifier: Apache-2.0
//
// jilog's rules, faults included, over its own model of a session: messages with a
// role and a content, of which its readers keep some and drop others. The first half
// of this file makes those messages of the records; docs/detectors.md has the table.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/regex.h"
#include "review/health.h"
#include "review/jilog_failure.h"
#include "review/prose.h"
#include "review/rule_set.h"

namespace daybook::review {
namespace {

constexpr std::size_t kMaxCorrectionBytes = 200;
constexpr std::size_t kMinCorrectionBytes = 15;
constexpr std::size_t kContextCharacters = 200;

// ---- jilog's messages -----------------------------------------------------------

enum class JilogRole : unsigned char { User, UserEcho, Assistant, Tool };

// What one record adds to a message.
struct Part {
  JilogRole role = JilogRole::User;
  std::string text;  // of an assistant: only what it says
};

// Which of its readers jilog has for this harness, by what the reader does.
struct JilogReader {
  std::string_view harness;
  bool echoes = false;   // results stay in the user's role, and errors in them are not seen
  bool results = false;  // results become messages of the role "tool"
  bool calls = false;    // a call is (part of) an assistant's message
  bool events = false;   // the reader gives events: health patterns
  bool injected = true;  // what a program put under the user's role is kept
};
constexpr std::array<JilogReader, 7> kReaders = {{
    {.harness = "claude-code", .echoes = true, .calls = true},
    {.harness = "codex"},
    {.harness = "copilot", .calls = true},
    {.harness = "amplifier", .results = true, .events = true},
    {.harness = "pi", .results = true, .calls = true, .events = true},
    {.harness = "nanoclaw", .results = true, .calls = true, .events = true, .injected = false},
    {.harness = "generic", .results = true, .calls = true},
}};

const JilogReader& reader_of(std::string_view harness) {
  const auto known = std::ranges::find(kReaders, harness, &JilogReader::harness);
  return known == kReaders.end() ? kReaders.back() : *known;
}

// Claude Code writes the marker of an interrupt as a list with one text, and jilog
// takes the JSON of a list for the user's words.
std::string marker_json(std::string_view text) {
  std::string json = R"([{"text":)";
  append_json_string(json, text);
  return json.append(R"(,"type":"text"}])");
}

std::optional<Part> user_part(const TranscriptRecord& record, const JilogReader& reader) {
  const bool is_program = record.origin == Origin::Context || record.origin == Origin::Summary;
  if (is_program && !reader.injected) return std::nullopt;
  if (record.origin == Origin::Interrupted && reader.echoes) {
    return Part{JilogRole::User, marker_json(record.text)};
  }
  return Part{JilogRole::User, std::string(record.text)};
}

// Lines of Claude Code that are no messages give records, too.
bool is_message_line(const TranscriptRecord& record, const JilogReader& reader) {
  return !reader.echoes || record.type.empty() || record.type == "user" ||
         record.type == "assistant";
}

std::optional<Part> part_of(const TranscriptRecord& record, const JilogReader& reader) {
  if (!is_message_line(record, reader)) return std::nullopt;
  switch (record.kind) {
    case RecordKind::Message: {
      if (record.role == Role::System) return std::nullopt;
      if (record.role == Role::User) return user_part(record, reader);
      const bool spoken = record.origin == Origin::Said || record.origin == Origin::Notice;
      if (!spoken && !reader.calls) return std::nullopt;
      return Part{JilogRole::Assistant, spoken ? std::string(record.text) : std::string{}};
    }
    case RecordKind::ToolCall:
      if (!reader.calls) return std::nullopt;
      return Part{JilogRole::Assistant, {}};
    case RecordKind::ToolResult:
      if (reader.echoes) return Part{JilogRole::UserEcho, {}};
      if (!reader.results) return std::nullopt;
      return Part{JilogRole::Tool, {}};
    case RecordKind::Interrupt:
      if (reader.harness == "pi") return Part{JilogRole::Assistant, {}};
      if (record.text.empty()) return std::nullopt;
      return Part{JilogRole::User,
                  reader.echoes ? marker_json(record.text) : std::string(record.text)};
    case RecordKind::Compaction:
      if (!reader.echoes || record.text.empty()) return std::nullopt;
      return Part{JilogRole::User, std::string(record.text)};
    case RecordKind::Usage:
      if (reader.harness != "pi") return std::nullopt;
      return Part{JilogRole::Assistant, {}};
    default:
      return std::nullopt;
  }
}

// Records of one line have the ids "<line id>" and "<line id>/<n>".
std::string_view line_id(std::string_view id) {
  const std::size_t slash = id.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == id.size()) return id;
  const auto number = id.substr(slash + 1);
  return std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; })
             ? id.substr(0, slash)
             : id;
}

// ---- its heuristics over texts --------------------------------------------------

struct Phrase {
  const char* label;
  const char* pattern;
};
constexpr std::array<const char*, 8> kWorkarounds = {"for now",
                                                     "temporary",
                                                     "workaround",
                                                     "hardcoded",
                                                     "TO"
                                                     "DO",
                                                     "FIX"
                                                     "ME",
                                                     "quick fix",
                                                     "hack"};
constexpr std::array<Phrase, 9> kDeferrals = {{
    {"come back later", R"(\bI'?ll come back to (this|that|it))"},
    {"deferring", R"(\bdeferr?ing (this|that|it|until))"},
    {"defer", R"(\bdefer (this|that|it)(?: (to|until|for))?)"},
    {"punt", R"(\bpunt(ing)? on (this|that|it))"},
    {"leave for later", R"(\bleav(e|ing) (this|that|it) for (later|now|next))"},
    {"skipping for now", R"(\bskipping for now)"},
    {"park for now", R"(\bpark(ing)? (this|that|it) for now)"},
    {"next session", R"(\bnext session)"},
    {"circle back", R"(\bcircle back (to|on))"},
}};
// What a turn must hold to be a correction where people chat: sessions with a persona.
constexpr const char* kChatCorrection =
    R"((?i)^no[,.! ]|\bdon'?t\b|\bdo not\b|\bplease stop\b)"
    R"(|\bstop (doing|replying|posting|answering|sending|using|adding)\b)"
    R"(|\bwrong\b|\bincorrect\b|\bnot (that|what|like that|right|the right)\b)"
    R"(|\bshould(n'?t| not| never)\b|\bthat'?s not\b)";

struct CompiledPhrase {
  std::string_view label;
  std::unique_ptr<RE2> pattern;
};

const std::vector<CompiledPhrase>& workarounds() {
  static const std::vector<CompiledPhrase> compiled = [] {
    std::vector<CompiledPhrase> all;
    all.reserve(kWorkarounds.size());
    for (const char* phrase : kWorkarounds) {
      all.push_back({phrase, std::make_unique<RE2>("(?i)" + std::string(phrase))});
    }
    return all;
  }();
  return compiled;
}

const std::vector<CompiledPhrase>& deferrals() {
  static const std::vector<CompiledPhrase> compiled = [] {
    std::vector<CompiledPhrase> all;
    all.reserve(kDeferrals.size());
    for (const Phrase& phrase : kDeferrals) {
      all.push_back({phrase.label, std::make_unique<RE2>("(?i)" + std::string(phrase.pattern))});
    }
    return all;
  }();
  return compiled;
}

std::string_view first_label(const std::vector<CompiledPhrase>& phrases, std::string_view text) {
  const auto found = std::ranges::find_if(
      phrases, [&](const CompiledPhrase& phrase) { return matches(text, *phrase.pattern); });
  return found == phrases.end() ? std::string_view{} : found->label;
}

bool is_correction(std::string_view text, std::string_view persona) {
  static const RE2 chat(kChatCorrection);
  if (text.size() > kMaxCorrectionBytes || trimmed(text).size() < kMinCorrectionBytes) return false;
  return persona.empty() || matches(trimmed(text), chat);
}

// ---- the rules ------------------------------------------------------------------

// A message whose line is not over yet, or that waits for the next one.
struct JilogMessage {
  std::string line;
  JilogRole role = JilogRole::User;
  std::string text;
  Sighting sighting;
};

class JilogRules final : public RuleSet {
 public:
  void add(const TranscriptRecord& record, SignalSink& sink) override {
    const JilogReader& reader = reader_of(record.session->harness);
    if (reader.events) watch_health(record, sink);
    if (record.kind == RecordKind::ToolResult && reader.results) report_error(record, sink);
    auto part = part_of(record, reader);
    if (!part) return;
    if (current_ && current_->line == line_id(record.id) && current_->role == part->role) {
      if (!current_->text.empty() && !part->text.empty()) current_->text.push_back('\n');
      current_->text.append(part->text);
      return;
    }
    close_message(sink);
    begin_message(record, *std::move(part), sink);
  }

  void finish(SignalSink& sink) override {
    close_message(sink);
    health_.finish(sink);
  }

 private:
  void begin_message(const TranscriptRecord& record, Part part, SignalSink& sink) {
    if (candidate_ && part.role == JilogRole::Assistant) sink.put(*std::move(candidate_));
    candidate_.reset();
    current_ = JilogMessage{.line = std::string(line_id(record.id)),
                            .role = part.role,
                            .text = std::move(part.text),
                            .sighting = sink.see(SignalKind::Correction, record)};
  }

  void close_message(SignalSink& sink) {
    if (!current_) return;
    JilogMessage message = *std::exchange(current_, std::nullopt);
    if (message.role == JilogRole::Assistant) {
      report_phrase(message, SignalKind::Workaround, sink);
      report_phrase(message, SignalKind::Deferral, sink);
    }
    const bool between = message.role == JilogRole::User && previous_ == JilogRole::Assistant;
    previous_ = message.role;
    if (!between || !is_correction(message.text, message.sighting.signal.persona)) return;
    message.sighting.signal.text = std::move(message.text);
    message.sighting.signal.reason = "a short turn between two of the agent's";
    candidate_ = std::move(message.sighting);
  }

  static void report_phrase(const JilogMessage& message, SignalKind kind, SignalSink& sink) {
    const bool is_workaround = kind == SignalKind::Workaround;
    const auto label = first_label(is_workaround ? workarounds() : deferrals(), message.text);
    if (label.empty()) return;
    Sighting sighting = message.sighting;
    sighting.signal.kind = kind;
    sighting.signal.label = label;
    sighting.signal.text =
        is_workaround ? first_characters(message.text, kContextCharacters) : label;
    sighting.signal.reason = "the message holds the phrase";
    sink.put(std::move(sighting));
  }

  static void report_error(const TranscriptRecord& record, SignalSink& sink) {
    auto message = jilog_error(record);
    if (!message) return;
    Sighting sighting = sink.see(SignalKind::Error, record);
    sighting.signal.tool = record.tool.empty() ? "unknown" : record.tool;
    sighting.signal.text = *std::move(message);
    sighting.signal.reason = "the result says success: false";
    sink.put(std::move(sighting));
  }

  void watch_health(const TranscriptRecord& record, SignalSink& sink) {
    const bool is_user = record.kind == RecordKind::Message && record.role == Role::User;
    if (is_user) health_.user_message(sink);
    if (record.kind == RecordKind::ToolCall) health_.call(record, sink);
    if (record.kind == RecordKind::Compaction) health_.compaction(record, sink);
    if (record.kind == RecordKind::Resume) health_.resume(record, sink);
  }

  std::optional<JilogMessage> current_;
  std::optional<JilogRole> previous_;
  std::optional<Sighting> candidate_;  // a correction, when an assistant's message follows
  HealthWatch health_{Episodes::Greatest};
};

}  // namespace

std::unique_ptr<RuleSet> make_jilog_rules() { return std::make_unique<JilogRules>(); }

}  // namespace daybook::review
