// SPDX-License-Identifier: Apache-2.0
//
// Amplifier: a directory for each session, `<project>/sessions/<session>/` or
// `<place>/<session>/`, with up to three files that tell the same story:
// - `events.jsonl`: every event as it happened, {"event","ts","data"}. It alone knows
//   times, usage, compactions, resumes, interrupts and whether a tool succeeded.
// - `context-intelligence/events.jsonl`: the same events, as another hook writes them.
// - `transcript.jsonl`: the messages of the conversation, rewritten after every turn.
// A session is read from the first of these that it has, and from that one alone: so
// every fact is there once, and in the order in which it happened. The words are in
// the events too: prompts, and answers either whole (llm:response with "raw") or block
// by block (content_block:end); a note keeps those two from being told twice.
//
// A sub-agent's session is called "<parent's span>-<span>_<agent>"; who its parent is
// stands in the events or in metadata.json.
#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "transcript/flat_message.h"
#include "transcript/json_view.h"
#include "transcript/reader.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kEvents = "events.jsonl";
constexpr std::string_view kTranscript = "transcript.jsonl";
constexpr std::string_view kSecondHook = "context-intelligence";
constexpr std::uint64_t kMaxMetadataBytes = 1 << 20;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kMaxUnnamedCalls = 64;  // of one tool, waiting for their result

// Notes of the reader.
constexpr std::string_view kToldElsewhere = "told elsewhere";  // a better file is beside it
constexpr std::string_view kWords = "words";          // the answer's words came with llm:response
constexpr std::string_view kUsage = "usage";          // and so did its usage
constexpr std::string_view kCompacted = "compacted";  // since the last request
constexpr std::string_view kCallCount = "calls";      // calls that had to be given an id
constexpr std::string_view kOpenPrefix = "open:";     // by tool: those without a result

struct Event {
  object line;
  object data;
  FileState& state;
  Emitter& out;

  [[nodiscard]] std::string_view tool() const {
    for (const std::string_view member : {"tool_name", "tool", "name"}) {
      if (const auto name = text_at(data, member); !name.empty()) return name;
    }
    return {};
  }
  // The logging hook lifts "error" out of the data.
  [[nodiscard]] std::optional<element> error() const {
    auto found = find(line, "error");
    if (!found || found->is_null()) found = find(data, "error");
    return found && !found->is_null() ? found : std::nullopt;
  }
};

std::uint64_t first_number(object from, std::initializer_list<std::string_view> members) {
  for (const auto member : members) {
    if (const auto number = unsigned_at(from, member)) return *number;
  }
  return 0;
}

std::optional<Usage> usage_of(object data) {
  const auto said = find_object(data, "usage");
  if (!said) return std::nullopt;
  return Usage{
      .input_tokens = first_number(*said, {"input_tokens", "input"}),
      .output_tokens = first_number(*said, {"output_tokens", "output"}),
      .cache_read_tokens = first_number(*said, {"cache_read_tokens", "cache_read_input_tokens"}),
      .cache_write_tokens =
          first_number(*said, {"cache_write_tokens", "cache_creation_input_tokens"}),
      .cost = money_at(*said, "cost_usd")};
}

void emit_notice(std::string_view text, Emitter& out) {
  if (text.empty()) return;
  out.emit(
      {.kind = RecordKind::Message, .role = Role::System, .origin = Origin::Notice, .text = text});
}

// --- calls without an id -------------------------------------------------------
//
// Older versions give a call no id. It is given one, "call-<n>", and found again by
// the tool's name and its input; a result without input closes the oldest.

std::string fingerprint(std::string_view input) {
  return fmt::format("{:08x}", crc32c(as_bytes(input)));
}

std::string open_unnamed_call(std::string_view tool, std::string_view input, FileState& state) {
  std::uint64_t count = 0;
  const std::string_view counted = state.note(kCallCount);
  std::from_chars(counted.data(), counted.data() + counted.size(), count);
  ++count;
  state.set_note(kCallCount, fmt::format_int(count).c_str());
  const std::string id = fmt::format("call-{}", count);
  const std::string name = fmt::format("{}{}", kOpenPrefix, tool);
  std::string open(state.note(name));
  if (static_cast<std::size_t>(std::ranges::count(open, '\n')) >= kMaxUnnamedCalls) {
    open.erase(0, open.find('\n') + 1);
  }
  open.append(fingerprint(input)).append(" ").append(id).append("\n");
  state.set_note(name, open);
  return id;
}

std::string close_unnamed_call(std::string_view tool, std::string_view input, FileState& state) {
  const std::string name = fmt::format("{}{}", kOpenPrefix, tool);
  std::string open(state.note(name));
  if (open.empty()) return {};
  const std::size_t match = input.empty() ? 0 : open.find(fingerprint(input) + " ");
  const std::size_t begin = match == std::string::npos ? 0 : match;
  const std::size_t space = open.find(' ', begin);
  const std::size_t end = open.find('\n', begin);
  std::string id = open.substr(space + 1, end - space - 1);
  open.erase(begin, end - begin + 1);
  state.set_note(name, open);
  return id;
}

void forget_unnamed_calls(FileState& state) {
  std::erase_if(state.notes, [](const auto& note) { return note.first.starts_with(kOpenPrefix); });
}

std::string_view id_of_result(const Event& event, std::string_view tool) {
  if (const auto id = text_at(event.data, "tool_call_id"); !id.empty()) return id;
  std::string& id = event.out.buffer();
  const std::string_view input = json_at(event.data, "tool_input", event.out);
  id = close_unnamed_call(tool, input, event.state);
  return id;
}

// --- events --------------------------------------------------------------------

void on_session(const Event& event) {
  std::string_view parent = text_at(event.data, "parent_id");
  if (parent.empty()) parent = text_at(event.data, "parent");
  SessionState& session = event.out.session();
  if (parent != session.info.id) session.set(&SessionInfo::parent, parent);
  event.out.announce();
}

// A session that was forked off another one by the user has a parent, too; only a
// sub-agent's has an agent.
Origin said_in(const SessionState& session) {
  return session.info.agent.empty() ? Origin::Said : Origin::Delegated;
}

void on_prompt(const Event& event) {
  forget_unnamed_calls(event.state);
  const auto prompt = find(event.data, "prompt");
  if (!prompt) return event.out.misshapen("prompt:submit without a prompt");
  const std::string_view text = joined_text(*prompt, event.out);
  if (!trimmed(text).empty()) emit_user_text(text, said_in(event.out.session()), event.out);
}

void on_request(const Event& event) {
  for (const auto note : {kWords, kUsage, kCompacted}) event.state.set_note(note, {});
}

// Calls are told by tool:pre.
void say_block(object block, Answer& answer) {
  const std::string_view type = text_at(block, "type");
  if (type == "text") answer.say(Origin::Said, text_at(block, "text"));
  if (type == "thinking") answer.say(Origin::Thinking, text_at(block, "thinking"));
}

void on_response(const Event& event) {
  const auto raw = find_object(event.data, "raw");
  TranscriptRecord shared;
  shared.model = text_at(event.data, "model");
  if (shared.model.empty() && raw) shared.model = text_at(*raw, "model");
  if (!shared.model.empty()) event.out.session().model = shared.model;
  if (raw) shared.api_message = text_at(*raw, "id");
  shared.usage = usage_of(event.data);
  event.state.set_note(kUsage, shared.usage ? "llm:response" : "");
  event.state.set_note(kWords, {});
  Answer answer(event.out, shared);
  if (const auto blocks = raw ? find_array(*raw, "content") : std::nullopt) {
    event.state.set_note(kWords, "llm:response");
    for (const element item : *blocks) {
      if (const auto block = as_object(item)) say_block(*block, answer);
    }
  }
  answer.finish();
  if (const auto error = event.error()) emit_notice(error_text(*error, event.out), event.out);
}

void on_block(const Event& event) {
  if (!event.state.note(kWords).empty()) return;
  const auto block = find_object(event.data, "block");
  if (!block) return;
  TranscriptRecord shared;
  const bool is_last = unsigned_at(event.data, "block_index").value_or(0) + 1 ==
                       unsigned_at(event.data, "total_blocks").value_or(1);
  if (is_last && event.state.note(kUsage).empty()) shared.usage = usage_of(event.data);
  Answer answer(event.out, shared);
  say_block(*block, answer);
  answer.finish();
}

void on_call(const Event& event) {
  TranscriptRecord record;
  record.kind = RecordKind::ToolCall;
  record.tool = event.tool();
  record.call = text_at(event.data, "tool_call_id");
  record.arguments = json_at(event.data, "tool_input", event.out);
  if (record.call.empty()) {
    std::string& id = event.out.buffer();
    id = open_unnamed_call(record.tool, record.arguments, event.state);
    record.call = id;
  }
  event.out.emit(record);
}

void on_result(const Event& event) {
  TranscriptRecord record;
  record.kind = RecordKind::ToolResult;
  record.tool = event.tool();
  record.call = id_of_result(event, record.tool);
  auto result = find(event.data, "result");
  if (!result) result = find(event.data, "tool_response");
  if (!result) return event.out.misshapen("tool:post without a result");
  record.text = result->is_object() ? json_at(event.data, "result", event.out)
                                    : joined_text(*result, event.out);
  const Verdict verdict = judge_result(*result, PlainResults::ErrorPrefixed, event.out);
  record.outcome = verdict.outcome;
  record.exit_code = verdict.exit_code;
  record.error = verdict.error;
  event.out.emit(record);
}

void emit_failed(const Event& event, Outcome outcome, std::string_view why) {
  TranscriptRecord record;
  record.kind = RecordKind::ToolResult;
  record.tool = event.tool();
  record.call = id_of_result(event, record.tool);
  record.outcome = outcome;
  record.text = why;
  record.error = why;
  event.out.emit(record);
}

void on_tool_error(const Event& event) {
  const auto error = event.error();
  emit_failed(event, Outcome::Failure, error ? error_text(*error, event.out) : "");
}

void on_denied(const Event& event) {
  if (event.tool().empty()) return;
  emit_failed(event, Outcome::Refused, text_at(event.data, "reason"));
}

void on_compaction(const Event& event) {
  event.state.set_note(kCompacted, "context:compaction");
  event.out.emit({.kind = RecordKind::Compaction, .text = text_at(event.data, "summary")});
}

// What older versions have in place of context:compaction.
void on_post_compact(const Event& event) {
  if (event.state.note(kCompacted).empty()) on_compaction(event);
}

void on_resume(const Event& event) {
  on_session(event);
  event.out.emit({.kind = RecordKind::Resume});
}

void on_cancel(const Event& event) {
  event.out.emit({.kind = RecordKind::Interrupt, .text = text_at(event.data, "level")});
}

void on_provider_error(const Event& event) {
  if (const auto error = event.error()) emit_notice(error_text(*error, event.out), event.out);
}

void on_notification(const Event& event) { emit_notice(text_at(event.data, "message"), event.out); }

struct Handler {
  std::string_view event;
  void (*handle)(const Event&);
};
constexpr std::array kHandlers = {
    Handler{"approval:denied", on_denied},
    Handler{"cancel:requested", on_cancel},
    Handler{"content_block:end", on_block},
    Handler{"context:compaction", on_compaction},
    Handler{"context:post_compact", on_post_compact},
    Handler{"llm:request", on_request},
    Handler{"llm:response", on_response},
    Handler{"prompt:submit", on_prompt},
    Handler{"provider:error", on_provider_error},
    Handler{"provider:request", on_request},
    Handler{"session:fork", on_session},
    Handler{"session:resume", on_resume},
    Handler{"session:start", on_session},
    Handler{"tool:error", on_tool_error},
    Handler{"tool:post", on_result},
    Handler{"tool:pre", on_call},
    Handler{"user:notification", on_notification},
};
// Events that say nothing which another one does not say.
constexpr std::array<std::string_view, 28> kBookkeeping = {
    "approval:granted",      "approval:required",  "artifact:read",
    "artifact:write",        "cancel:completed",   "content_block:delta",
    "content_block:start",   "context:include",    "context:pre_compact",
    "execution:end",         "execution:start",    "llm:request:debug",
    "llm:request:raw",       "llm:response:debug", "llm:response:raw",
    "orchestrator:complete", "plan:end",           "plan:start",
    "policy:violation",      "prompt:complete",    "provider:response",
    "provider:retry",        "session:end",        "session:fork:debug",
    "session:start:debug",   "session:start:raw",  "thinking:delta",
    "thinking:final"};

void decode_event(object line, std::string_view name, FileState& state, Emitter& out) {
  const Event event{
      .line = line, .data = find_object(line, "data").value_or(line), .state = state, .out = out};
  for (const auto& handler : kHandlers) {
    if (handler.event == name) return handler.handle(event);
  }
  if (std::ranges::find(kBookkeeping, name) == kBookkeeping.end()) out.unknown();
}

// --- files ---------------------------------------------------------------------

// "0123456789abcdef-0123456789abcdef_role": the role; empty: no sub-agent's id.
std::string_view role_of(std::string_view session) {
  const auto is_span = [](std::string_view text) {
    return text.size() == kSpanDigits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  const std::size_t dash = session.find('-');
  if (dash == std::string_view::npos || !is_span(session.substr(0, dash))) return {};
  const std::string_view rest = session.substr(dash + 1);
  const std::size_t underscore = rest.find('_');
  if (underscore == std::string_view::npos) return {};
  const std::string_view span = rest.substr(0, underscore);
  const bool is_hex = span.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_hex && !span.empty() ? rest.substr(underscore + 1) : std::string_view{};
}

// The whole of a small file, or nothing.
std::string small_file(const std::string& path, Environment env) {
  const auto file = env.files->open(path, OpenMode::Read);
  if (!file) return {};
  const auto size = (*file)->size();
  if (!size || *size > kMaxMetadataBytes) return {};
  std::string content(*size, '\0');
  const auto read = (*file)->read_at(
      0, std::span(reinterpret_cast<std::uint8_t*>(content.data()), content.size()));
  return read && *read == content.size() ? content : std::string{};
}

// metadata.json of the session.
void read_metadata(const std::string& directory, FileState& state, Environment env) {
  const std::string content = small_file(directory + "/metadata.json", env);
  simdjson::dom::parser parser;
  element value;
  if (parser.parse(content).get(value) != simdjson::SUCCESS) return;
  const auto metadata = as_object(value);
  if (!metadata) return;
  const auto take = [&](std::string SessionInfo::* member, std::string_view name) {
    if (const auto text = text_at(*metadata, name); !text.empty()) state.main.*member = text;
  };
  take(&SessionInfo::project, "working_dir");
  take(&SessionInfo::agent, "agent_name");
  if (text_at(*metadata, "parent_id") != state.main.id) take(&SessionInfo::parent, "parent_id");
}

std::string parent_directory(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? "." : path.substr(0, slash));
}

// Whether a file that is preferred to this one tells the same session.
bool is_told_elsewhere(const std::string& path, const std::string& session, Environment env) {
  const auto exists = [&](const std::string& name) {
    return env.files->exists(session + "/" + name).value_or(false);
  };
  const std::string events(kEvents);
  const std::string second = std::string(kSecondHook) + "/" + events;
  if (path == session + "/" + events) return false;
  return exists(events) || (path != session + "/" + second && exists(second));
}

class Amplifier final : public Reader {
 public:
  std::string_view name() const override { return "amplifier"; }

  std::vector<std::string> default_places() const override { return {".amplifier/projects"}; }

  std::optional<Recognised> recognise(const Candidate& candidate) const override {
    if (candidate.name() != kEvents && candidate.name() != kTranscript) return std::nullopt;
    if (candidate.name() == kTranscript && candidate.has_sibling(kEvents)) return std::nullopt;
    const std::size_t up = candidate.name(1) == kSecondHook ? 2 : 1;
    const bool in_project = candidate.name(up + 1) == "sessions";
    return Recognised{.session = std::string(candidate.name(up)),
                      .project = std::string(in_project ? candidate.name(up + 2) : ""),
                      .seat = {}};
  }

  bool recognises(Json record) const override {
    const auto line = as_object(record);
    if (!line) return false;
    return text_at(*line, "event").find(':') != std::string_view::npos &&
           (find(*line, "ts") || find(*line, "timestamp"));
  }

  Result<void> start(const TranscriptFile& file, FileState& state, Environment env) const override {
    std::string directory = parent_directory(file.path);
    if (directory.ends_with(fmt::format("/{}", kSecondHook))) {
      directory = parent_directory(directory);
    }
    if (is_told_elsewhere(file.path, directory, env)) state.set_note(kToldElsewhere, "yes");
    state.main.agent = role_of(state.main.id);
    read_metadata(directory, state, env);
    return {};
  }

  void decode(object line, FileState& state, Emitter& out) const override {
    auto time = time_at(line, "ts");
    if (!time) time = time_at(line, "timestamp");
    const std::string_view name = text_at(line, "event");
    out.line({.time = time, .type = name.empty() ? text_at(line, "role") : name});
    if (!state.note(kToldElsewhere).empty()) return;
    if (!name.empty()) return decode_event(line, name, state, out);
    emit_flat_message(line, {.model = text_at(line, "model")},
                      {.plain = PlainResults::ErrorPrefixed, .said = said_in(out.session())}, out);
  }
};

}  // namespace

const Reader& amplifier_reader() {
  static const Amplifier reader;
  return reader;
}

}  // namespace daybook::transcript
