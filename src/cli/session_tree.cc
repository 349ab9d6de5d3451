// SPDX-License-Identifier: Apache-2.0
#include "cli/session_tree.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include "cli/event_ref.h"
#include "daybook/index.h"

namespace daybook::cli {
namespace {

constexpr std::string_view kSessionPrefix = "session/";
constexpr std::uint64_t kMaxNamed = 5;        // sessions named when several match
constexpr std::uint64_t kMaxAgents = 10'000;  // of one session
constexpr std::size_t kMaxTextBytes = 2'000;  // of a turn, for its line
constexpr std::size_t kMaxBriefBytes = 500;

// What a call is about stands in one of these, most telling first.
constexpr std::string_view kTelling[] = {"command", "cmd",   "file_path",   "path",
                                         "pattern", "query", "url",         "description",
                                         "prompt",  "input", "instructions"};

// A text, or the last one of a list: {"command":["sh","-c","make"]}.
std::string_view text_in(simdjson::dom::element value) {
  std::string_view text;
  simdjson::dom::array items;
  if (value.get(text) == simdjson::SUCCESS) return text;
  if (value.get(items) != simdjson::SUCCESS) return {};
  for (const simdjson::dom::element item : items) (void)(item.get(text) == simdjson::SUCCESS);
  return text;
}

std::string brief_of(std::string_view arguments) {
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(simdjson::padded_string(arguments)).get(members) != simdjson::SUCCESS) {
    return std::string(arguments.substr(0, kMaxBriefBytes));
  }
  simdjson::dom::element value;
  for (const std::string_view name : kTelling) {
    if (members[name].get(value) != simdjson::SUCCESS) continue;
    if (const std::string_view text = text_in(value); !text.empty()) {
      return std::string(text.substr(0, kMaxBriefBytes));
    }
  }
  for (const auto [name, member] : members) {
    if (const std::string_view text = text_in(member); !text.empty()) {
      return std::string(text.substr(0, kMaxBriefBytes));
    }
  }
  return {};
}

// A path below the project without the project's.
std::string below(std::string_view project, std::string text) {
  const bool inside = !project.empty() && text.starts_with(project) &&
                      text.size() > project.size() + 1 && text[project.size()] == '/';
  if (inside) text.erase(0, project.size() + 1);
  return text;
}

std::string glob_of(std::string_view text) {
  std::string glob;
  for (const char c : text) {
    const bool special = c == '*' || c == '?' || c == '[';
    glob += special ? fmt::format("[{}]", c) : std::string(1, c);
  }
  return glob;
}

bool opens_turn(const TranscriptRecord& record) {
  return record.kind == RecordKind::Message && record.role == Role::User &&
         (record.origin == Origin::Said || record.origin == Origin::Delegated);
}

class TreeBuilder {
 public:
  TreeBuilder(Ledger& ledger, Index& index) : ledger_(&ledger), index_(&index) {}

  Result<SessionTree> build(const std::string& stream, std::size_t depth) {
    SessionTree tree;
    tree.stream = stream;
    tree.info.id = stream.substr(std::min(kSessionPrefix.size(), stream.size()));
    Places places;
    DAYBOOK_TRY(cursor, ledger_->scan({.stream = stream}));
    while (true) {
      DAYBOOK_TRY(event, cursor.next());
      if (event == nullptr) break;
      if (items_ >= kMaxTreeItems) {
        tree.cut = true;
        break;
      }
      DAYBOOK_CHECK(take(tree, places, *event));
    }
    DAYBOOK_CHECK(add_agents(tree, places, depth));
    return tree;
  }

 private:
  // Where things are in the tree that is being built.
  struct Place {
    std::size_t turn = 0;
    std::size_t item = 0;
  };
  struct Places {
    std::unordered_map<std::string, std::size_t> turns;  // by record id
    std::unordered_map<std::string, Place> calls;        // by the harness's id
    bool any_time = false;
  };

  Result<void> take(SessionTree& tree, Places& places, const EventView& event) {
    auto stored = to_record(*ledger_, to_event(event));
    if (!stored) {
      // Other events of the stream are none of the session's.
      if (stored.error().code == Errc::InvalidArgument) return {};
      ++tree.unread;
      return {};
    }
    const TranscriptRecord& record = stored->record;
    if (!places.any_time) tree.first = tree.last = event.time;
    places.any_time = true;
    tree.first = std::min(tree.first, event.time);
    tree.last = std::max(tree.last, event.time);
    if (record.kind == RecordKind::Session) tree.info = *record.session;
    if (opens_turn(record)) {
      ++items_;
      ++tree.counts.turns;
      places.turns.insert_or_assign(std::string(record.id), tree.turns.size());
      tree.turns.push_back({.event = event.version,
                            .time = record.time,
                            .text = std::string(record.text.substr(0, kMaxTextBytes)),
                            .items = {}});
    }
    add_item(tree, places, record, event.version);
    return {};
  }

  void add_item(SessionTree& tree, Places& places, const TranscriptRecord& record,
                Version version) {
    TreeItem item;
    item.event = version;
    item.time = record.time;
    switch (record.kind) {
      case RecordKind::ToolCall:
        ++tree.counts.calls;
        item.tool = record.tool;
        item.call = record.call;
        item.brief = below(tree.info.project, brief_of(record.arguments));
        break;
      case RecordKind::ToolResult:
        return add_result(tree, places, record);
      case RecordKind::Compaction:
        ++tree.counts.compactions;
        item.kind = TreeItem::Kind::Compaction;
        break;
      case RecordKind::Interrupt:
        item.kind = TreeItem::Kind::Interrupt;
        break;
      case RecordKind::Resume:
        item.kind = TreeItem::Kind::Resume;
        break;
      default:
        return;
    }
    ++items_;
    if (tree.turns.empty()) tree.turns.emplace_back();
    const auto turn = places.turns.find(std::string(record.turn));
    const std::size_t at = turn != places.turns.end() ? turn->second : tree.turns.size() - 1;
    if (!item.call.empty()) {
      places.calls.insert_or_assign(item.call, Place{at, tree.turns[at].items.size()});
    }
    tree.turns[at].items.push_back(std::move(item));
  }

  static void add_result(SessionTree& tree, const Places& places, const TranscriptRecord& record) {
    if (record.outcome == Outcome::Failure) ++tree.counts.failed;
    const auto place = places.calls.find(std::string(record.call));
    if (place == places.calls.end()) return;
    TreeItem& call = tree.turns[place->second.turn].items[place->second.item];
    call.returned = true;
    call.outcome = record.outcome;
    call.exit_code = record.exit_code;
    if (call.time && record.time && *record.time >= *call.time) {
      call.duration_us = record.time->micros - call.time->micros;
    }
  }

  Result<void> add_agents(SessionTree& tree, const Places& places, std::size_t depth) {
    const Query query{
        .types = {"session/started"}, .correlation = tree.info.id, .limit = kMaxAgents};
    DAYBOOK_TRY(found, index_->query(query));
    for (const Event& event : found.events) {
      if (event.stream == tree.stream) continue;
      ++tree.counts.agents;
      if (depth + 1 >= kMaxTreeDepth) {
        tree.cut = true;
        continue;
      }
      DAYBOOK_TRY(agent, build(event.stream, depth + 1));
      tree.unread += agent.unread;
      const auto place = places.calls.find(agent.info.parent_call);
      if (place == places.calls.end()) {
        tree.agents.push_back(std::move(agent));
      } else {
        tree.turns[place->second.turn].items[place->second.item].agents.push_back(std::move(agent));
      }
    }
    return {};
  }

  Ledger* ledger_;
  Index* index_;
  std::size_t items_ = 0;
};

}  // namespace

std::string_view to_string(TreeItem::Kind kind) {
  switch (kind) {
    case TreeItem::Kind::Call:
      return "call";
    case TreeItem::Kind::Compaction:
      return "compaction";
    case TreeItem::Kind::Interrupt:
      return "interrupt";
    case TreeItem::Kind::Resume:
      return "resume";
  }
  return "unknown";
}

Result<std::string> find_session(Ledger& ledger, std::string_view name) {
  for (const std::string& stream : {session_stream(name), std::string(name)}) {
    DAYBOOK_TRY(version, ledger.stream_version(stream));
    if (version.value > 0) return stream;
  }
  if (name.starts_with(kSessionPrefix)) name.remove_prefix(kSessionPrefix.size());
  DAYBOOK_TRY(index, Index::open(ledger));
  DAYBOOK_TRY(found, index.streams(fmt::format("{}{}*", kSessionPrefix, glob_of(name)), kMaxNamed));
  if (found.size() == 1) return found.front().stream;
  // Says what there is instead.
  if (found.empty()) return find_stream(ledger, name);
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const auto& info : found) names.push_back(info.stream);
  return fail(Errc::InvalidArgument,
              fmt::format("'{}' may mean several sessions: {}", name, fmt::join(names, ", ")),
              "give more of the id");
}

Result<SessionTree> session_tree(Ledger& ledger, const std::string& stream) {
  DAYBOOK_TRY(index, Index::open(ledger));
  return TreeBuilder(ledger, index).build(stream, 0);
}

}  // namespace daybook::cli
