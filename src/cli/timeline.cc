// SPDX-License-Identifier: Apache-2.0
#include "cli/timeline.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/event_text.h"
#include "cli/partial.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kMaxKnown = 65'536;  // names remembered
constexpr std::size_t kTitleColumns = 22;
constexpr std::size_t kMaxNumberColumns = 32;  // longer ones stick out

std::string because(const EventView& event, EventNames& names) {
  std::string text;
  for (const EventId& cause : event.causes) {
    text += text.empty() ? "because " : ",";
    text += names.name_of(cause);
  }
  return text;
}

std::string number_of(const EventView& event, const EventNames& names) {
  if (event.stream == names.stream()) return fmt::format("#{:04}", event.version.value);
  return names.name_of(event.stream, event.version);
}

Result<Chain> chain_of(Ledger& ledger, const Event& event, const ChainView& view) {
  const ChainOptions options{.limit = view.limit};
  if (view.towards == Towards::Causes) return causes_of(ledger, event.id, options);
  DAYBOOK_TRY(index, Index::open(ledger));
  return index.effects_of(event.id, options);
}

void print_header(Output& out, const Event& event, const ChainView& view, std::size_t linked,
                  std::size_t shown) {
  const std::string stream = view.shown_name.empty() ? event.stream : view.shown_name;
  const std::string_view question =
      view.towards == Towards::Causes ? "why event" : "effects of event";
  const Fact fact = fact_of(view_of(event));
  out.line(
      out.paint(Paint::Bold, fmt::format("{} #{} — {}", question, event.version.value, stream)));
  out.line(
      fmt::format("  {}{}{}", fact.title, fact.detail.empty() ? "" : "  ", printable(fact.detail)));
  out.line(fmt::format("  seq {} · {} · {}", event.seq.value, to_string(event.id),
                       to_string(event.time)));
  std::string counts = "  " + counted(linked, "linked fact");
  if (shown != linked) counts += fmt::format(" · showing {}", counted(shown, "useful fact"));
  out.line(counts);
  out.line("");
  out.line(view.towards == Towards::Causes ? "chain" : "effects");
}

void print_chain(Output& out, const Event& event, const Chain& chain, const ChainView& view,
                 EventNames& names) {
  std::vector<std::pair<const Event*, Fact>> rows;
  for (const ChainLink& link : chain.links) {
    Fact fact = fact_of(view_of(link.event));
    if (!fact.hidden || link.event.id == event.id) rows.emplace_back(&link.event, std::move(fact));
  }
  print_header(out, event, view, chain.links.size(), rows.size());
  std::size_t columns = 0;
  for (const auto& [row, fact] : rows) {
    columns = std::max(columns, number_of(view_of(*row), names).size());
  }
  columns = std::min(columns, kMaxNumberColumns);
  for (const auto& [row, fact] : rows) print_fact(out, view_of(*row), fact, names, columns);
}

void print_chain_json(Output& out, const Event& event, const Chain& chain, const ChainView& view,
                      EventNames& names) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("event/id", event.version.value);
  json.member("event/stream", event.stream).member("event/seq", event.seq.value);
  json.key(view.towards == Towards::Causes ? "chain" : "effects").begin_array();
  for (const ChainLink& link : chain.links) {
    const EventView row = view_of(link.event);
    std::string row_json;
    append_trace_row(row_json, row, fact_of(row), names);
    json.raw(row_json);
  }
  json.end_array().member("more", chain.more).key("missing").begin_array();
  for (const EventId& id : chain.missing) json.text(to_string(id));
  json.end_array();
  append_completeness(json, chain.completeness);
  json.end_object();
  out.line(text);
}

}  // namespace

void EventNames::learn(const EventId& id, std::string_view stream, Version version) {
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[id] = name_of(stream, version);
}

std::string EventNames::name_of(std::string_view stream, Version version) const {
  return stream == stream_ ? fmt::format("#{}", version.value)
                           : fmt::format("{}#{}", stream, version.value);
}

std::string EventNames::name_of(const EventId& id) {
  if (const auto found = known_.find(id); found != known_.end()) return found->second;
  const auto event = ledger_->find(id);
  if (!event) return to_string(id);
  learn(id, event->stream, event->version);
  return name_of(event->stream, event->version);
}

void print_fact(Output& out, const EventView& event, const Fact& fact, EventNames& names,
                std::size_t number_columns) {
  const std::string number = fmt::format("{:{}}", number_of(event, names), number_columns);
  const std::string causes = because(event, names);
  std::string detail = printable(fact.detail);
  if (out.width() > 0) {
    const std::size_t used = 4 + number.size() + 2 + kTitleColumns + 2 + causes.size();
    detail = cut_to(detail, std::max<std::size_t>(out.width() > used ? out.width() - used : 0, 12));
  }
  std::string line =
      fmt::format("  {} {}  ", out.paint(fact.paint, fact.glyph), out.paint(Paint::Dim, number));
  const bool more = !detail.empty() || !causes.empty();
  line += more ? fmt::format("{:{}}", printable(fact.title), kTitleColumns) : printable(fact.title);
  if (!detail.empty()) line += " " + detail;
  if (!causes.empty()) line += " " + out.paint(Paint::Dim, causes);
  out.line(line);
}

void append_trace_row(std::string& text, const EventView& event, const Fact& fact,
                      EventNames& names) {
  JsonWriter json(text);
  append_row(json, event, fact);
  json.member("trace/summary", fact.title).optional_member("trace/detail", fact.detail);
  json.key("trace/cause-event-ids").begin_array();
  for (const EventId& cause : event.causes) {
    const std::string name = names.name_of(cause);
    name.starts_with('#') ? json.raw(name.substr(1)) : json.text(name);
  }
  json.end_array().end_object();
}

Result<ExitCode> show_chain(Context& context, Ledger& ledger, const Event& event,
                            const ChainView& view) {
  DAYBOOK_TRY(chain, chain_of(ledger, event, view));
  EventNames names(ledger, event.stream);
  for (const ChainLink& link : chain.links) {
    names.learn(link.event.id, link.event.stream, link.event.version);
  }
  if (view.json) {
    print_chain_json(context.out(), event, chain, view, names);
  } else {
    print_chain(context.out(), event, chain, view, names);
  }
  const ExitCode code = tell_missing(context, chain.completeness);
  if (chain.more && !view.json) {
    context.note(fmt::format("cut at {}; --limit shows more", counted(view.limit, "fact")));
  }
  if (chain.missing.empty()) return code;
  context.warn(fmt::format("{} cannot be read; `daybook verify` tells why",
                           counted(chain.missing.size(), "cause")));
  return ExitCode::Partial;
}

}  // namespace daybook::cli
