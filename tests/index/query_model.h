// SPDX-License-Identifier: Apache-2.0
//
// What a query has to answer, the slow way: every event looked at, every
// filter decided by code that shares nothing with the index. And random events
// and queries to compare on. Not thread-safe.
#pragma once

#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "daybook/index.h"
#include "support/random.h"

namespace daybook::testing {

inline bool model_glob(const std::string& pattern, const std::string& text) {
  return pattern == text || ::fnmatch(pattern.c_str(), text.c_str(), FNM_NOESCAPE) == 0;
}

inline std::string model_class(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c != '-' && c != '_') plain += static_cast<char>(std::tolower(c));
  }
  return plain;
}

// An event and its data, read from the log.
struct ModelEvent {
  ModelEvent(Event read, nlohmann::json parsed)
      : event(std::move(read)), data(std::move(parsed)), words(all_words()) {}

  Event event;
  nlohmann::json data;  // discarded: none
  std::set<std::string> words;

  [[nodiscard]] std::string member(const char* name) const {
    if (!data.is_object() || !data.contains(name) || !data[name].is_string()) return {};
    return data[name];
  }
  [[nodiscard]] std::string event_class() const {
    const std::string named = member("event_class");
    return named.empty() ? event.type : named;
  }
  [[nodiscard]] std::string subsystem() const {
    const std::string named = member("subsystem");
    if (!named.empty()) return named;
    const std::string prefix = "subsystem:";
    return event.subject.starts_with(prefix) ? event.subject.substr(prefix.size()) : event.subject;
  }

  static void add_words(const std::string& text, std::set<std::string>& found) {
    std::string word;
    for (const char c : text + " ") {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
        word += static_cast<char>(std::tolower(c));
      } else if (!word.empty()) {
        found.insert(word);
        word.clear();
      }
    }
  }
  static void add_words(const nlohmann::json& value, std::set<std::string>& found) {
    if (value.is_string()) add_words(value.get<std::string>(), found);
    for (const auto& [key, member] : value.items()) {
      if (value.is_object()) add_words(key, found);
      if (value.is_structured()) add_words(member, found);
    }
  }
  [[nodiscard]] std::set<std::string> all_words() const {
    std::set<std::string> found;
    for (const std::string& text : {event.type, event.stream, event.subject, event.actor}) {
      add_words(text, found);
    }
    if (!data.is_discarded()) add_words(data, found);
    return found;
  }
};

// Queries made by random_query use only these forms of conditions.
inline bool model_condition(const ModelEvent& event, const Condition& condition) {
  if (event.data.is_discarded()) return false;
  std::string pointer = "/";
  for (const char c : condition.path) {
    if (c != ']') pointer += c == '.' || c == '[' ? '/' : c;
  }
  const nlohmann::json::json_pointer at(pointer);
  if (!event.data.contains(at)) return false;
  const nlohmann::json& found = event.data[at];
  if (condition.op == CompareOp::Like) {
    return found.is_string() && model_glob(condition.value, found.get<std::string>());
  }
  nlohmann::json wanted = nlohmann::json::parse(condition.value, nullptr, false);
  if (wanted.is_discarded()) wanted = condition.value;
  const bool same_kind =
      (found.is_number() && wanted.is_number()) || (found.is_string() && wanted.is_string());
  switch (condition.op) {
    case CompareOp::Equal:
      return found == wanted;
    case CompareOp::NotEqual:
      return found != wanted;
    case CompareOp::Less:
      return same_kind && found < wanted;
    case CompareOp::LessEqual:
      return same_kind && found <= wanted;
    case CompareOp::Greater:
      return same_kind && found > wanted;
    default:
      return same_kind && found >= wanted;
  }
}

inline bool model_matches(const ModelEvent& each, const Query& query) {
  const Event& event = each.event;
  const auto any = [](const std::vector<std::string>& patterns, const std::string& text) {
    return patterns.empty() ||
           (!text.empty() && std::any_of(patterns.begin(), patterns.end(),
                                         [&](const auto& glob) { return model_glob(glob, text); }));
  };
  const auto any_class = [&] {
    const std::string key = model_class(each.event_class());
    return query.classes.empty() ||
           std::any_of(query.classes.begin(), query.classes.end(),
                       [&](const auto& glob) { return model_glob(model_class(glob), key); });
  };
  if (query.since && event.time < *query.since) return false;
  if (query.until && event.time >= *query.until) return false;
  if (query.tier && event.tier != *query.tier) return false;
  if (!query.correlation.empty() && event.correlation != query.correlation) return false;
  if (!any(query.types, event.type) || !any(query.streams, event.stream) ||
      !any(query.subjects, event.subject) || !any(query.actors, event.actor) ||
      !any(query.subsystems, each.subsystem()) || !any_class()) {
    return false;
  }
  for (const Condition& condition : query.where) {
    if (!model_condition(each, condition)) return false;
  }
  std::set<std::string> wanted;
  ModelEvent::add_words(query.search, wanted);
  return std::includes(each.words.begin(), each.words.end(), wanted.begin(), wanted.end());
}

struct ModelAnswer {
  std::vector<std::uint64_t> seqs;
  bool more = false;
};

inline ModelAnswer model_answer(const std::vector<ModelEvent>& events, const Query& query) {
  ModelAnswer answer;
  for (const ModelEvent& event : events) {
    if (model_matches(event, query)) answer.seqs.push_back(event.event.seq.value);
  }
  if (query.direction == Direction::Backward) {
    std::reverse(answer.seqs.begin(), answer.seqs.end());
  }
  answer.more = query.limit != 0 && answer.seqs.size() > query.limit;
  if (answer.more) answer.seqs.resize(query.limit);
  return answer;
}

inline std::vector<ModelEvent> read_model(Ledger& ledger) {
  std::vector<ModelEvent> events;
  auto cursor = ledger.scan().value();
  for (;;) {
    const EventView* view = cursor.next().value();
    if (view == nullptr) return events;
    Event event = to_event(*view);
    nlohmann::json data = nlohmann::json::value_t::discarded;
    if (event.data_state != DataState::None)
      data = nlohmann::json::parse(ledger.data(event).value());
    events.emplace_back(std::move(event), std::move(data));
  }
}

// --- Randomness ----------------------------------------------------------------

class RandomHistory {
 public:
  explicit RandomHistory(std::uint64_t seed) : random_(seed) {}

  NewEvent event() {
    NewEvent event;
    event.stream = pick({"session/1", "session/2", "task/backup", "task/build", "run/9", "run/10"});
    event.type = pick({"state_change", "note-meta", "head/created", "StateChange", "tool/call"});
    if (random_.chance(40)) event.actor = pick({"agent:a", "agent:b", "person:eve"});
    if (random_.chance(50)) {
      event.subject = pick({"subsystem:backup", "subsystem:disk", "file:/etc/hosts", "backup"});
    }
    if (random_.chance(40)) event.correlation = pick({"trace-1", "trace-2", "trace-3"});
    event.tier = static_cast<Tier>(random_.below(3));
    event.time = time();
    if (random_.chance(90)) event.data = data();
    return event;
  }

  Query query() {
    Query query;
    if (random_.chance(25)) query.since = time();
    if (random_.chance(25)) query.until = time();
    if (query.since && query.until && *query.until < *query.since) {
      std::swap(query.since, query.until);
    }
    some(query.types, {"state_change", "head/*", "*e*", "tool/call", "none", "[hn]*"});
    some(query.classes, {"state-change", "STATECHANGE", "health", "note_*", "head/created", "no"});
    some(query.streams, {"session/1", "session/*", "task/b*", "run/?", "*", "none/*"});
    some(query.subjects, {"subsystem:*", "backup", "file:/etc/hosts", "nothing"});
    some(query.subsystems, {"backup", "d?sk", "net*", "file:*", "nothing"});
    some(query.actors, {"agent:*", "person:eve", "agent:[b-z]", "nobody"});
    if (random_.chance(15)) query.correlation = pick({"trace-1", "trace-2", "trace-9"});
    if (random_.chance(20)) query.tier = static_cast<Tier>(random_.below(3));
    if (random_.chance(30)) query.where.push_back(condition());
    if (random_.chance(5)) query.where.push_back(condition());
    if (random_.chance(30)) query.search = search();
    query.limit = pick_limit();
    query.direction = random_.chance(50) ? Direction::Forward : Direction::Backward;
    return query;
  }

 private:
  std::string pick(const std::vector<std::string>& from) {
    return from[random_.below(from.size())];
  }
  // Mostly in order, some far off.
  Timestamp time() {
    constexpr std::int64_t kStart = 1'795'000'000'000'000;
    if (random_.chance(10)) return Timestamp{kStart + static_cast<std::int64_t>(random_.below(99))};
    step_ += random_.below(1'000);
    return Timestamp{kStart + static_cast<std::int64_t>(step_ % 500'000)};
  }
  std::string data() {
    std::string members =
        fmt::format(R"("kind":"{}","exit":{})", pick({"task", "test", "build"}), random_.below(4));
    if (random_.chance(30)) {
      members += fmt::format(R"(,"event_class":"{}")", pick({"health", "state_change", "note_x"}));
    }
    if (random_.chance(30)) {
      members += fmt::format(R"(,"subsystem":"{}")", pick({"backup", "disk", "network"}));
    }
    if (random_.chance(50)) {
      members += fmt::format(R"(,"in":{{"list":[{},"{}"]}})", random_.below(9), pick(kWords));
    }
    if (random_.chance(50)) {
      members += fmt::format(R"(,"message":"{} {} {}")", pick(kWords), pick(kWords), pick(kWords));
    }
    // Beyond the inline limit of the tests: a blob.
    if (random_.chance(5)) members += ",\"pad\":\"" + std::string(400, 'p') + "\"";
    return "{" + members + "}";
  }
  Condition condition() {
    static const std::vector<CompareOp> ops = {CompareOp::Equal,   CompareOp::NotEqual,
                                               CompareOp::Less,    CompareOp::LessEqual,
                                               CompareOp::Greater, CompareOp::GreaterEqual};
    const CompareOp op = ops[random_.below(ops.size())];
    switch (random_.below(4)) {
      case 0:
        return {.path = "exit", .op = op, .value = std::to_string(random_.below(4))};
      case 1:
        return {.path = "kind", .op = op, .value = pick({"task", "\"test\"", "zzz"})};
      case 2:
        return {.path = "in.list[0]", .op = op, .value = std::to_string(random_.below(9))};
      default:
        return {.path = "message", .op = CompareOp::Like, .value = "*" + pick(kWords) + "*"};
    }
  }
  std::string search() {
    std::string text = pick(kWords);
    if (random_.chance(40)) text += " " + pick(kWords);
    if (random_.chance(20)) text += " " + pick({"backup", "session", "created", "list"});
    return text;
  }
  void some(std::vector<std::string>& list, const std::vector<std::string>& from) {
    if (!random_.chance(15)) return;
    list.push_back(pick(from));
    if (random_.chance(40)) list.push_back(pick(from));
  }
  std::uint64_t pick_limit() {
    static const std::vector<std::uint64_t> limits = {0, 0, 1, 2, 3, 10, 100, 1'000};
    return limits[random_.below(limits.size())];
  }

  inline static const std::vector<std::string> kWords = {"alpha", "Bravo", "charlie", "delta",
                                                         "echo",  "error", "retry",   "done"};
  Random random_;
  std::uint64_t step_ = 0;
};

// A query as text, for the message of a failed test.
inline std::string describe(const Query& query) {
  std::string text;
  const auto add = [&](const char* name, const std::vector<std::string>& values) {
    if (!values.empty()) text += fmt::format("{}=[{}] ", name, fmt::join(values, ", "));
  };
  if (query.since) text += fmt::format("since={} ", query.since->micros);
  if (query.until) text += fmt::format("until={} ", query.until->micros);
  add("types", query.types);
  add("classes", query.classes);
  add("streams", query.streams);
  add("subjects", query.subjects);
  add("subsystems", query.subsystems);
  add("actors", query.actors);
  if (!query.correlation.empty()) text += "correlation=" + query.correlation + " ";
  if (query.tier) text += fmt::format("tier={} ", static_cast<int>(*query.tier));
  for (const Condition& each : query.where) {
    text += fmt::format("where={} {} {} ", each.path, static_cast<int>(each.op), each.value);
  }
  if (!query.search.empty()) text += "search=" + query.search + " ";
  return text + fmt::format("limit={} {}", query.limit,
                            query.direction == Direction::Forward ? "forward" : "backward");
}

}  // namespace daybook::testing
