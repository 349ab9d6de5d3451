// SPDX-License-Identifier: Apache-2.0
//
// Claude Code: `~/.claude/projects/<project>/<session>.jsonl`, and sub-agents in
// `agent-<id>.jsonl` beside it or in `<session>/subagents/`. One JSON object a line,
// each with the session it is of, its own id and that of the line before.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/bytes.h"
#include "transcript/claude_line.h"
#include "transcript/reader.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
constexpr std::string_view kAgentPrefix = "agent-";
constexpr std::string_view kSubagents = "subagents";
constexpr std::size_t kMaxMetaBytes = std::size_t{64} << 10;

// The kind of a sub-agent, from the file beside its own.
std::string agent_kind(const TranscriptFile& file, Environment env) {
  const std::string path = file.path.substr(0, file.path.size() - kSuffix.size()) + ".meta.json";
  const auto meta = env.files->open(path, OpenMode::Read);
  if (!meta) return {};
  Bytes bytes(kMaxMetaBytes);
  const auto count = (*meta)->read_at(0, bytes);
  if (!count) return {};
  simdjson::dom::parser parser;
  object fields;
  const std::string_view text = daybook::as_text(ByteView(bytes).first(*count));
  if (parser.parse(text.data(), text.size()).get_object().get(fields) != simdjson::SUCCESS) {
    return {};
  }
  return std::string(text_at(fields, "agentType"));
}

class ClaudeCodeReader final : public Reader {
 public:
  std::string_view name() const override { return "claude-code"; }

  std::vector<std::string> default_places() const override {
    return {".claude/projects", ".claude-pool/profiles/*/projects", ".claude-profiles/*/projects"};
  }

  std::optional<Recognised> recognise(const Candidate& candidate) const override {
    if (!candidate.name().ends_with(kSuffix)) return std::nullopt;
    Recognised file{.session = std::string(candidate.stem())};
    const bool agent = file.session.starts_with(kAgentPrefix);
    if (agent) file.session.erase(0, kAgentPrefix.size());
    file.project = candidate.name(candidate.name(1) == kSubagents ? 3 : 1);
    return file;
  }

  bool recognises(Json record) const override {
    const auto fields = as_object(record);
    return fields && is_claude_record(*fields);
  }

  Result<void> start(const TranscriptFile& file, FileState& state, Environment env) const override {
    const std::string_view name = std::string_view(file.path).substr(file.path.rfind('/') + 1);
    if (name.starts_with(kAgentPrefix) && name.ends_with(kSuffix)) {
      state.main.agent = agent_kind(file, env);
      state.set_note(kClaudeAgentNote, "1");
    }
    return {};
  }

  void decode(object line, FileState& state, Emitter& out) const override {
    decode_claude_line(line, state, emit_claude_user_text, out);
  }
};

}  // namespace

const Reader& claude_code_reader() {
  static const ClaudeCodeReader reader;
  return reader;
}

}  // namespace daybook::transcript
