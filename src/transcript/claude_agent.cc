// SPDX-License-Identifier: Apache-2.0
#include "transcript/claude_agent.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/fs/files.h"
#include "transcript/claude_line.h"
#include "transcript/json_view.h"
#include "transcript/line_parser.h"
#include "transcript/line_source.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
constexpr std::string_view kAgentPrefix = "agent-";
constexpr std::size_t kMaxMetaBytes = std::size_t{64} << 10;
// Of a parent's file: a call further back is not looked for.
constexpr std::uint64_t kMaxSearchedBytes = std::uint64_t{256} << 20;

// Empty members are unknown.
struct Agent {
  std::string kind = {};
  std::string parent = {};  // the sub-agent that started this one; empty: the session did
  std::string call = {};
};

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Agent read_meta(const std::string& path, const Environment& env) {
  const std::string meta = path.substr(0, path.size() - kSuffix.size()) + ".meta.json";
  const auto bytes = read_file(*env.files, meta, kMaxMetaBytes);
  if (!bytes) return {};
  simdjson::dom::parser parser;
  object fields;
  const std::string_view text = daybook::as_text(*bytes);
  if (parser.parse(text.data(), text.size()).get_object().get(fields) != simdjson::SUCCESS) {
    return {};
  }
  return {.kind = std::string(text_at(fields, "agentType")),
          .parent = std::string(text_at(fields, "parentAgentId")),
          .call = std::string(text_at(fields, "toolUseId"))};
}

// The call whose result this line is.
std::string_view call_answered(object line) {
  const auto message = find_object(line, "message");
  const auto blocks = message ? find_array(*message, "content") : std::nullopt;
  if (!blocks) return {};
  for (const element item : *blocks) {
    const auto block = as_object(item);
    if (block && text_at(*block, "type") == "tool_result") return text_at(*block, "tool_use_id");
  }
  return {};
}

// The call that a line of the parent's file says to have started the agent.
std::string_view call_of(object line, std::string_view id) {
  const auto progress = find_object(line, "data");
  if (progress && text_at(*progress, "agentId") == id) return text_at(line, "parentToolUseID");
  const auto result = find_object(line, "toolUseResult");
  if (result && text_at(*result, "agentId") == id) return call_answered(line);
  return {};
}

// The first that `take` finds in a line with these words.
template <typename Take>
std::string search_lines(const std::string& path, std::string_view words, const Environment& env,
                         Take take) {
  const auto file = env.files->open(path, OpenMode::Read);
  if (!file) return {};
  LineSource source(**file, 0);
  LineParser parser;
  SourceLine line;
  while (source.bytes_read() < kMaxSearchedBytes) {
    const auto more = source.next(line);
    if (!more || !*more) break;
    if (line.text.find(words) == std::string_view::npos) continue;
    LinePart part;
    if (!parser.parse_whole(strip_line(line.text), part)) continue;
    if (const std::string_view found = take(part.object); !found.empty()) {
      return std::string(found);
    }
  }
  return {};
}

// The file of the session that the agent worked for; empty: not known.
std::string session_path(const std::string& path, const Environment& env) {
  const std::string directory = parent_of(path);
  if (name_of(directory) == kClaudeAgentDirectory) {
    return parent_of(directory) + std::string(kSuffix);
  }
  // Older versions put both into one directory.
  const std::string session = search_lines(path, "\"sessionId\"", env,
                                           [](object line) { return text_at(line, "sessionId"); });
  if (session.empty() || session.find('/') != std::string::npos) return {};
  return fmt::format("{}/{}{}", directory, session, kSuffix);
}

Agent find_agent(const std::string& path, std::string_view id, const Environment& env) {
  Agent agent = read_meta(path, env);
  if (!agent.call.empty() || id.empty()) return agent;
  const std::string session = session_path(path, env);
  if (session.empty()) return agent;
  agent.call = search_lines(session, id, env, [&](object line) { return call_of(line, id); });
  return agent;
}

}  // namespace

std::string claude_session(std::string_view stem) {
  if (stem.starts_with(kAgentPrefix)) stem.remove_prefix(kAgentPrefix.size());
  return std::string(stem);
}

void start_claude_file(const TranscriptFile& file, FileState& state, const Environment& env) {
  const std::string_view name = name_of(file.path);
  if (!name.starts_with(kAgentPrefix) || !name.ends_with(kSuffix)) return;
  Agent agent = find_agent(file.path, state.main.id, env);
  state.main.agent = std::move(agent.kind);
  state.main.parent = std::move(agent.parent);
  state.main.parent_call = std::move(agent.call);
  state.set_note(kClaudeAgentNote, "1");
}

}  // namespace daybook::transcript
