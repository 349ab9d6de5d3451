// SPDX-License-Identifier: Apache-2.0
//
// daybook tree: an imported session as its turns and what was done in each.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/session_tree.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kToolColumns = 14;
constexpr std::size_t kBriefColumns = 48;
constexpr std::size_t kClockBegin = 11;  // of "2026-11-20T08:06:23..."
constexpr std::size_t kClockChars = 8;

std::string clock_of(std::optional<Timestamp> time) {
  return time ? to_string(*time).substr(kClockBegin, kClockChars) : std::string(kClockChars, ' ');
}

std::string duration_of(std::int64_t micros) {
  return micros < 10'000'000 ? fmt::format("{:.1f} s", static_cast<double>(micros) / 1e6)
                             : human_duration(micros);
}

struct Look {
  std::string_view glyph;
  Paint paint;
  std::string_view word;
};

Look look_of(const TreeItem& item) {
  switch (item.kind) {
    case TreeItem::Kind::Compaction:
      return {"▣", Paint::Yellow, "compacted"};
    case TreeItem::Kind::Interrupt:
      return {"■", Paint::Red, "interrupted by the user"};
    case TreeItem::Kind::Resume:
      return {"↺", Paint::Cyan, "taken up again"};
    case TreeItem::Kind::Call:
      break;
  }
  if (!item.returned) return {"…", Paint::Dim, "no result"};
  switch (item.outcome) {
    case Outcome::Success:
      return {"✓", Paint::Green, ""};
    case Outcome::Failure:
      return {"✗", Paint::Red, "failed"};
    case Outcome::Refused:
      return {"⊘", Paint::Yellow, "refused"};
    case Outcome::Interrupted:
      return {"■", Paint::Yellow, "interrupted"};
    case Outcome::Unknown:
      break;
  }
  return {"·", Paint::Plain, ""};
}

class TextTree {
 public:
  explicit TextTree(Output& out) : out_(&out) {}

  void print(const SessionTree& tree, std::size_t depth) {
    const std::string indent(depth * 2, ' ');
    const std::string head = fmt::format("{}{} {}", indent, depth == 0 ? "session" : "⑂ sub-agent",
                                         printable(tree.info.id));
    std::string about;
    for (const std::string& part :
         {tree.info.harness, tree.info.agent, tree.info.project, tree.info.branch}) {
      if (!part.empty()) about += (about.empty() ? "" : " · ") + printable(part);
    }
    out_->line(out_->paint(Paint::Bold, head) + (about.empty() ? "" : "  " + about));
    out_->line(indent + "  " + counts_of(tree));
    for (const TreeTurn& turn : tree.turns) print(turn, depth + 1);
    for (const SessionTree& agent : tree.agents) print(agent, depth + 1);
    if (tree.cut) out_->line(indent + "  … more; `daybook events` shows all of it");
  }

 private:
  static std::string counts_of(const SessionTree& tree) {
    std::string line = fmt::format("{}  {}", to_string(tree.first).substr(0, 10),
                                   counted(tree.counts.turns, "turn"));
    const auto add = [&](std::uint64_t count, const std::string& text) {
      if (count > 0) line += " · " + text;
    };
    add(tree.counts.calls, counted(tree.counts.calls, "tool call"));
    add(tree.counts.failed, fmt::format("{} failed", human_count(tree.counts.failed)));
    add(tree.counts.agents, counted(tree.counts.agents, "sub-agent"));
    add(tree.counts.compactions, counted(tree.counts.compactions, "compaction"));
    if (tree.last > tree.first)
      line += " · " + human_duration(tree.last.micros - tree.first.micros);
    return line;
  }

  void print(const TreeTurn& turn, std::size_t depth) {
    const std::string indent(depth * 2, ' ');
    if (turn.event.value != 0) {
      const std::string text = fmt::format(
          "{}{} {}  {}  ", indent, out_->paint(Paint::Bold, "▶"),
          out_->paint(Paint::Dim, fmt::format("#{:04}", turn.event.value)), clock_of(turn.time));
      const std::size_t used = indent.size() + 19 + 2;
      out_->line(text + cut_to(printable(turn.text), columns_after(used)));
    }
    for (const TreeItem& item : turn.items) print(item, depth + 1);
  }

  void print(const TreeItem& item, std::size_t depth) {
    const Look look = look_of(item);
    std::string line = fmt::format(
        "{}{} {}  {}  ", std::string(depth * 2, ' '), out_->paint(look.paint, look.glyph),
        out_->paint(Paint::Dim, fmt::format("#{:04}", item.event.value)), clock_of(item.time));
    if (item.kind != TreeItem::Kind::Call) {
      out_->line(line + std::string(look.word));
      return;
    }
    std::string result(look.word);
    if (item.exit_code && *item.exit_code != 0) {
      result += fmt::format("{}exit {}", result.empty() ? "" : ", ", *item.exit_code);
    }
    if (item.duration_us) {
      result += fmt::format("{}{}", result.empty() ? "" : ", ", duration_of(*item.duration_us));
    }
    const std::string brief = cut_to(printable(item.brief), kBriefColumns);
    line += fmt::format("{:{}} {:{}}", cut_to(printable(item.tool), kToolColumns), kToolColumns,
                        brief, kBriefColumns);
    if (!result.empty()) line += "  " + out_->paint(look.paint, result);
    while (line.ends_with(' ')) line.pop_back();
    out_->line(line);
    for (const SessionTree& agent : item.agents) print(agent, depth + 1);
  }

  [[nodiscard]] std::size_t columns_after(std::size_t used) const {
    constexpr std::size_t kWithoutTerminal = 100;
    const std::size_t width = out_->width() > 0 ? out_->width() : kWithoutTerminal;
    return width > used + 12 ? width - used : 12;
  }

  Output* out_;
};

// --- As JSON ----------------------------------------------------------------------

void write_tree(JsonWriter& json, const SessionTree& tree);

void write_item(JsonWriter& json, const TreeItem& item) {
  json.begin_object().member("kind", to_string(item.kind)).member("event", item.event.value);
  if (item.time) json.member("time", to_string(*item.time));
  if (item.kind == TreeItem::Kind::Call) {
    json.member("tool", item.tool).optional_member("call", item.call);
    json.optional_member("brief", item.brief).member("returned", item.returned);
    json.member("outcome", to_string(item.outcome));
    if (item.exit_code) json.member("exit_code", *item.exit_code);
    if (item.duration_us) json.member("duration_us", *item.duration_us);
    if (!item.agents.empty()) {
      json.key("sub_agents").begin_array();
      for (const SessionTree& agent : item.agents) write_tree(json, agent);
      json.end_array();
    }
  }
  json.end_object();
}

void write_tree(JsonWriter& json, const SessionTree& tree) {
  json.begin_object().member("session", tree.info.id).member("stream", tree.stream);
  json.member("harness", tree.info.harness).optional_member("version", tree.info.version);
  json.optional_member("project", tree.info.project).optional_member("branch", tree.info.branch);
  json.optional_member("parent", tree.info.parent).optional_member("agent", tree.info.agent);
  json.member("first", to_string(tree.first)).member("last", to_string(tree.last));
  json.key("counts").begin_object().member("turns", tree.counts.turns);
  json.member("calls", tree.counts.calls).member("failed", tree.counts.failed);
  json.member("compactions", tree.counts.compactions);
  json.member("sub_agents", tree.counts.agents).end_object().key("turns").begin_array();
  for (const TreeTurn& turn : tree.turns) {
    json.begin_object();
    if (turn.event.value != 0) json.member("event", turn.event.value);
    if (turn.time) json.member("time", to_string(*turn.time));
    json.optional_member("text", turn.text).key("items").begin_array();
    for (const TreeItem& item : turn.items) write_item(json, item);
    json.end_array().end_object();
  }
  json.end_array().key("sub_agents").begin_array();
  for (const SessionTree& agent : tree.agents) write_tree(json, agent);
  json.end_array().member("more", tree.cut).end_object();
}

class Tree final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("SESSION", name_, Need::Required,
                   "the session's id, its beginning, or the name of its stream");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(stream, find_session(ledger, name_));
    DAYBOOK_TRY(tree, session_tree(ledger, stream));
    if (json_) {
      std::string text;
      JsonWriter json(text);
      write_tree(json, tree);
      context.out().line(text);
    } else {
      TextTree(context.out()).print(tree, 0);
    }
    if (tree.unread == 0) return ExitCode::Ok;
    context.warn(fmt::format("{} could not be read; `daybook verify` tells why",
                             counted(tree.unread, "event")));
    return ExitCode::Partial;
  }

 private:
  std::string name_;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook tree demo", "the turns and tool calls of session/demo"},
    {"daybook tree demo --json", "the same for programs"},
};

constexpr std::string_view kDetails =
    "One line for each turn of the user and each tool call, with how it ended and how long\n"
    "it took; sub-agents stand below the call that started them. Numbers are those of\n"
    "`daybook events`, and of `daybook show session/ID#N`.";

}  // namespace

const Command tree_command = {"tree", "show a session's turns, tool calls and sub-agents", kDetails,
                              kExamples, make_verb<Tree>};

}  // namespace daybook::cli
