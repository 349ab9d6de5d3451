// SPDX-License-Identifier: Apache-2.0
#include "review/nightly_learnings.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "transcript/json_view.h"
#include "transcript/record_event.h"

namespace daybook::review {
namespace {

constexpr std::array kKinds = {SignalKind::Correction, SignalKind::Error, SignalKind::Workaround,
                               SignalKind::Deferral, SignalKind::Pattern};
constexpr std::string_view kStuckLoop = "stuck_loop";
constexpr std::array<std::string_view, 3> kBackends = {"beads", "github", "kata"};
constexpr std::array kActions = {IssueAction::Filed, IssueAction::Bumped, IssueAction::Reopened,
                                 IssueAction::Left};

constexpr std::pair<std::string_view, std::string Signal::*> kTexts[] = {
    {"session", &Signal::session}, {"root", &Signal::root},         {"record", &Signal::record},
    {"harness", &Signal::harness}, {"project", &Signal::project},   {"persona", &Signal::persona},
    {"channel", &Signal::channel}, {"seat", &Signal::seat},         {"agent", &Signal::agent},
    {"machine", &Signal::machine}, {"text", &Signal::text},         {"label", &Signal::label},
    {"tool", &Signal::tool},       {"evidence", &Signal::evidence}, {"reason", &Signal::reason}};

// A name without what a name may not hold, and not too long.
std::string name_of(std::string_view text) {
  std::string name(text);
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return transcript::fit_name(name, kMaxNameBytes);
}

Signal read_signal(simdjson::dom::object fields) {
  Signal signal;
  for (const auto& [name, member] : kTexts) signal.*member = transcript::text_at(fields, name);
  signal.time = transcript::time_at(fields, "time");
  if (const auto value = transcript::find(fields, "confidence")) {
    double confidence = 0;
    if (value->get_double().get(confidence) == simdjson::SUCCESS) signal.confidence = confidence;
  }
  return signal;
}

// Calls `visit` with every event of a stream and its data, parsed.
using FieldsVisitor = std::function<void(const Event&, simdjson::dom::object)>;
Result<void> each_event(Ledger& ledger, const std::string& stream, std::vector<LostRange>& lost,
                        const FieldsVisitor& visit) {
  DAYBOOK_TRY(cursor, ledger.scan({.stream = stream}));
  simdjson::dom::parser parser;
  while (true) {
    DAYBOOK_TRY(view, cursor.next());
    if (view == nullptr) break;
    const Event event = to_event(*view);
    const auto data = ledger.data(event);
    simdjson::dom::element value;
    if (!data || parser.parse(*data).get(value) != simdjson::SUCCESS) continue;
    if (const auto fields = transcript::as_object(value)) visit(event, *fields);
  }
  lost.insert(lost.end(), cursor.lost().begin(), cursor.lost().end());
  return {};
}

std::string issue_key(const IssueRef& issue) {
  return fmt::format("{}/{}", issue.backend, issue.id);
}

void write_issue(JsonWriter& json, const IssueRef& issue) {
  json.member("backend", issue.backend).member("id", issue.id);
  json.member("title", issue.title).member("url", issue.url);
}

void take_issue(IssueBook& book, const Event& event, simdjson::dom::object fields) {
  IssueRef issue{.backend = std::string(transcript::text_at(fields, "backend")),
                 .id = std::string(transcript::text_at(fields, "id")),
                 .title = std::string(transcript::text_at(fields, "title")),
                 .url = std::string(transcript::text_at(fields, "url"))};
  const bool resolved = event.type == "issue/resolved";
  book.by_issue[issue_key(issue)] = {.issue = issue, .last = event.id, .resolved = resolved};
  if (resolved || event.causes.empty()) return;
  IssueRecord record{.filed = {.issue = std::move(issue), .action = {}, .cost = {}},
                     .event = event.id};
  for (const IssueAction action : kActions) {
    if (event.type.ends_with(to_string(action))) record.filed.action = action;
  }
  record.filed.cost = transcript::money_at(fields, "cost_usd");
  book.by_learning[event.causes.front()] = std::move(record);
}

}  // namespace

std::string learning_stream(SignalKind kind) { return fmt::format("learning/{}", to_string(kind)); }

std::string learning_key(const Signal& signal, Rules rules) {
  // jilog tells of the greatest storm of a session only, and that may become another.
  const bool once =
      rules == Rules::Jilog && signal.kind == SignalKind::Pattern && signal.label != kStuckLoop;
  std::string key =
      fmt::format("{}/{}/{}", to_string(rules), to_string(signal.kind), signal.session);
  if (!once) key += "/" + signal.record;
  if (!signal.label.empty()) key += "/" + signal.label;
  return name_of(key);
}

void write_signal(JsonWriter& json, const Signal& signal) {
  json.member("kind", to_string(signal.kind));
  if (signal.time) json.member("time", to_string(*signal.time));
  for (const auto& [name, member] : kTexts) json.optional_member(name, signal.*member);
  json.key("confidence").real(signal.confidence);
}

NewEvent learning_event(const Signal& signal, Rules rules, const std::string& date,
                        std::optional<EventId> cause) {
  NewEvent event;
  event.stream = learning_stream(signal.kind);
  event.type = kLearningType;
  event.subject = name_of("session:" + signal.session);
  event.key = learning_key(signal, rules);
  event.time = signal.time;
  event.tier = Tier::Confidential;  // it quotes what was said
  if (cause) event.causes.push_back(*cause);
  JsonWriter json(event.data);
  json.begin_object().member("date", date).member("rules", to_string(rules));
  write_signal(json, signal);
  json.end_object();
  return event;
}

Result<void> each_learning(Ledger& ledger, SignalKind kind, std::vector<LostRange>& lost,
                           const std::function<void(Learning)>& visit) {
  return each_event(ledger, learning_stream(kind), lost,
                    [&](const Event& event, simdjson::dom::object fields) {
                      const auto rules = parse_rules(transcript::text_at(fields, "rules"));
                      if (event.type != kLearningType || !rules) return;
                      Learning learning;
                      learning.signal = read_signal(fields);
                      learning.signal.kind = kind;
                      learning.rules = *rules;
                      learning.date = transcript::text_at(fields, "date");
                      learning.event = event.id;
                      learning.seq = event.seq;
                      visit(std::move(learning));
                    });
}

Result<void> each_learning(Ledger& ledger, std::vector<LostRange>& lost,
                           const std::function<void(Learning)>& visit) {
  for (const SignalKind kind : kKinds) DAYBOOK_CHECK(each_learning(ledger, kind, lost, visit));
  return {};
}

Result<void> add_known_damage(Ledger& ledger, std::vector<LostRange>& lost) {
  DAYBOOK_TRY(status, ledger.status());
  lost.insert(lost.end(), status.lost.begin(), status.lost.end());
  const auto place = [](const LostRange& range) { return std::tie(range.file, range.offset); };
  std::ranges::sort(lost, {}, place);
  const auto repeated = std::ranges::unique(lost, {}, place);
  lost.erase(repeated.begin(), repeated.end());
  return {};
}

Result<IssueBook> read_issues(Ledger& ledger, std::vector<LostRange>& lost) {
  IssueBook book;
  for (const std::string_view backend : kBackends) {
    DAYBOOK_CHECK(each_event(ledger, fmt::format("issue/{}", backend), lost,
                             [&](const Event& event, simdjson::dom::object fields) {
                               take_issue(book, event, fields);
                             }));
  }
  return book;
}

NewEvent issue_event(const FiledIssue& filed, const Learning& learning) {
  NewEvent event;
  event.stream = fmt::format("issue/{}", filed.issue.backend);
  event.type = fmt::format("issue/{}", to_string(filed.action));
  event.subject = name_of("issue:" + filed.issue.id);
  event.key = to_string(learning.event);
  event.causes = {learning.event};
  event.tier = Tier::Confidential;
  JsonWriter json(event.data);
  json.begin_object();
  write_issue(json, filed.issue);
  if (filed.cost) json.member("cost_usd", to_string(*filed.cost));
  json.end_object();
  return event;
}

NewEvent resolved_event(const IssueBook::Known& known) {
  NewEvent event;
  event.stream = fmt::format("issue/{}", known.issue.backend);
  event.type = "issue/resolved";
  event.subject = name_of("issue:" + known.issue.id);
  event.key = "resolved/" + to_string(known.last);
  event.causes = {known.last};
  event.tier = Tier::Confidential;
  JsonWriter json(event.data);
  json.begin_object();
  write_issue(json, known.issue);
  json.end_object();
  return event;
}

}  // namespace daybook::review
