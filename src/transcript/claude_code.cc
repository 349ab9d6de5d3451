// SPDX-License-Identifier: Apache-2.0
//
// Claude Code: `~/.claude/projects/<project>/<session>.jsonl`, and sub-agents in
// `agent-<id>.jsonl` beside it or in `<session>/subagents/`. One JSON object a line,
// each with the session it is of, its own id and that of the line before.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/claude_agent.h"
#include "transcript/claude_line.h"
#include "transcript/reader.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
class ClaudeCodeReader final : public Reader {
 public:
  std::string_view name() const override { return "claude-code"; }

  std::vector<std::string> default_places() const override {
    return {".claude/projects", ".claude-pool/profiles/*/projects", ".claude-profiles/*/projects"};
  }

  std::optional<Recognised> recognise(const Candidate& candidate) const override {
    if (!candidate.name().ends_with(kSuffix)) return std::nullopt;
    Recognised file{.session = claude_session(candidate.stem())};
    file.project = candidate.name(candidate.name(1) == kClaudeAgentDirectory ? 3 : 1);
    return file;
  }

  bool recognises(Json record) const override {
    const auto fields = as_object(record);
    return fields && is_claude_record(*fields);
  }

  Result<void> start(const TranscriptFile& file, FileState& state, Environment env) const override {
    start_claude_file(file, state, env);
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
