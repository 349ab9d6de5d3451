// SPDX-License-Identifier: Apache-2.0
//
// NanoClaw: `~/nanoclaw/data/v2-sessions/<agent>/.claude-shared/projects/**/*.jsonl`.
// It runs Claude Code and hands it what people write in chats as
// `<message sender="..." time="...">text</message>`, in XML's escapes.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transcript/claude_agent.h"
#include "transcript/claude_line.h"
#include "transcript/flat_message.h"
#include "transcript/nanoclaw_agents.h"
#include "transcript/reader.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
constexpr std::string_view kShared = ".claude-shared";
constexpr std::string_view kOpen = "<message";
constexpr std::string_view kClose = "</message>";
constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
    {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};

std::string_view unescaped(std::string_view text, Emitter& out) {
  if (text.find('&') == std::string_view::npos) return text;
  std::string& plain = out.buffer();
  while (!text.empty()) {
    const std::size_t before = std::min(text.find('&'), text.size());
    plain.append(text.substr(0, before));
    text.remove_prefix(before);
    if (text.empty()) break;
    std::size_t length = 1;
    char character = '&';
    for (const auto& [entity, meaning] : kEntities) {
      if (!text.starts_with(entity)) continue;
      length = entity.size();
      character = meaning;
    }
    plain.push_back(character);
    text.remove_prefix(length);
  }
  return plain;
}

// Where the next "<message ...>" begins; npos: nowhere.
std::size_t find_message(std::string_view text) {
  std::size_t at = text.find(kOpen);
  while (at != std::string_view::npos) {
    const char next = at + kOpen.size() < text.size() ? text[at + kOpen.size()] : '\0';
    if (next == '>' || next == ' ' || next == '\n') return at;
    at = text.find(kOpen, at + 1);
  }
  return at;
}

void emit_context(std::string_view text, Emitter& out) {
  text = trimmed(text);
  if (text.empty() || text == "<messages>" || text == "</messages>") return;
  out.emit(
      {.kind = RecordKind::Message, .role = Role::User, .origin = Origin::Context, .text = text});
}

// Each message is one of its own; what stands around them is the harness's.
void emit_chat_text(std::string_view text, Origin origin, Emitter& out) {
  if (find_message(text) == std::string_view::npos) {
    return emit_claude_user_text(text, origin, out);
  }
  for (std::size_t at = find_message(text); at != std::string_view::npos; at = find_message(text)) {
    const std::size_t body = text.find('>', at);
    const std::size_t end = body == std::string_view::npos ? body : text.find(kClose, body);
    if (end == std::string_view::npos) break;
    emit_context(text.substr(0, at), out);
    emit_claude_user_text(unescaped(text.substr(body + 1, end - body - 1), out), origin, out);
    text.remove_prefix(end + kClose.size());
  }
  emit_context(text, out);
}

class NanoclawReader final : public Reader {
 public:
  std::string_view name() const override { return "nanoclaw"; }

  std::vector<std::string> default_places() const override { return {"nanoclaw/data"}; }

  std::optional<Recognised> recognise(const Candidate& candidate) const override {
    if (!candidate.name().ends_with(kSuffix)) return std::nullopt;
    std::size_t shared = 1;
    while (shared < candidate.path.size() && candidate.name(shared) != kShared) ++shared;
    const std::string_view agent = candidate.name(shared + 1);
    if (agent.empty()) return std::nullopt;
    return Recognised{.session = claude_session(candidate.stem()), .project = std::string(agent)};
  }

  void select(const ReaderSource& source, FoundTranscripts& found,
              const Environment& env) const override {
    std::map<std::string, std::vector<NanoclawAgent>> databases;
    std::erase_if(found.files, [&](const TranscriptFile& file) {
      const auto [agents, fresh] = databases.try_emplace(nanoclaw_database(file.path));
      if (fresh && !agents->first.empty()) {
        auto read = read_nanoclaw_agents(agents->first, env);
        if (read) {
          agents->second = *std::move(read);
        } else {
          found.unreadable.push_back(std::move(read).error());
        }
      }
      return !wants_agent(source, find_agent(agents->second, file.project));
    });
  }

  // Its lines are Claude Code's: only the place tells them apart.
  bool recognises(Json) const override { return false; }

  Result<void> start(const TranscriptFile& file, FileState& state, Environment env) const override {
    start_claude_file(file, state, env);
    state.main.persona = file.project;
    const std::string database = nanoclaw_database(file.path);
    if (database.empty()) return {};
    // That it cannot be read was said when the file was found.
    const auto agents = read_nanoclaw_agents(database, env);
    const NanoclawAgent* agent = agents ? find_agent(*agents, file.project) : nullptr;
    if (agent == nullptr) return {};
    state.main.persona = agent->persona;
    state.main.channel = agent->channel;
    return {};
  }

  void decode(object line, FileState& state, Emitter& out) const override {
    decode_claude_line(line, state, emit_chat_text, out);
  }
};

}  // namespace

const Reader& nanoclaw_reader() {
  static const NanoclawReader reader;
  return reader;
}

}  // namespace daybook::transcript
