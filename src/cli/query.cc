// SPDX-License-Identifier: Apache-2.0
//
// daybook query: events by time, names, content and text, through the index.
#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/data_fields.h"
#include "cli/event_sink.h"
#include "cli/flags.h"
#include "cli/partial.h"
#include "cli/progress.h"
#include "daybook/index.h"

namespace daybook::cli {
namespace {

constexpr std::string_view kFirstDay = "1970-01-01T";

class QueryVerb final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.when("--since", query_.since,
               "happened at this time or later: RFC 3339, a date, 7d, 90s");
    flags.when("--until", query_.until, "happened before this time");
    flags.texts("--type", query_.types, "TYPE", "event type, or a glob");
    flags.texts("--class", query_.classes, "CLASS", "event class: state_change, state-change, ...");
    flags.texts("--stream", query_.streams, "STREAM", "stream, or a glob: 'task/*'");
    flags.texts("--subject", query_.subjects, "SUBJECT", "what it is about, or a glob");
    flags.texts("--subsystem", query_.subsystems, "GLOB", "subsystem in the data or the subject");
    flags.texts("--actor", query_.actors, "ACTOR", "on whose behalf, or a glob");
    flags.text("--correlation", query_.correlation, "ID", "the larger work it belongs to");
    flags.choice("--tier", tier_, {"metadata_only", "structured", "confidential"},
                 "how sensitive the data is");
    flags.texts("--where", where_, "CONDITION", "a field of the data: 'path op value'");
    flags.text("--search", query_.search, "TEXT", "words or \"phrases\" in types, names and data");
    flags.number("--limit", limit_, "N", "most events to show (default 100, 0: all)");
    flags.flag("--reverse", reverse_, "newest first");
    flags.choice("--format", format_, {"text", "json", "jsonl", "csv", "envelope", "cloudevents"},
                 "default: text; envelope is jsonl by another name");
    flags.flag("--json", json_, "one JSON document");
    flags.flag("--jsonl", jsonl_, "one JSON object a line");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_CHECK(finish_query());
    if (json_) format_ = "json";
    if (jsonl_) format_ = "jsonl";
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    Progress progress(context, "indexing");
    DAYBOOK_TRY(index, Index::open(ledger, [&](IndexProgress at) {
                  progress.update(at.done, at.total, Progress::Unit::Events);
                }));
    if (format_ == "json") return print_json(context, index);
    if (format_ == "text") return print_text(context, index);
    return print_lines(context, ledger, index);
  }

 private:
  Result<void> finish_query() {
    for (const std::string& text : where_) {
      DAYBOOK_TRY(condition, parse_condition(text));
      query_.where.push_back(std::move(condition));
    }
    if (!tier_.empty()) {
      DAYBOOK_TRY(tier, parse_tier(tier_));
      query_.tier = tier;
    }
    if (limit_) query_.limit = *limit_;
    if (reverse_) query_.direction = Direction::Backward;
    return {};
  }

  // Stops at the limit without looking for what may come behind it: that could
  // cost a reading of the whole log.
  template <class Show>
  Result<Completeness> each(Context& context, Index& index, Show show) {
    auto completeness = index.query(query_, [&](const Event& event) {
      ++shown_;
      show(event);
      return !context.out().closed();
    });
    at_limit_ = query_.limit > 0 && shown_ == query_.limit;
    return completeness;
  }

  ExitCode tell(Context& context, const Completeness& completeness) {
    // Who chose a limit knows of it.
    if (at_limit_ && !limit_ && format_ != "json") {
      context.note(fmt::format("stopped at {}; --limit N shows more, --limit 0 all",
                               counted(shown_, "event")));
    }
    return tell_missing(context, completeness);
  }

  Result<ExitCode> print_text(Context& context, Index& index) {
    DAYBOOK_TRY(completeness,
                each(context, index, [&](const Event& event) { print_row(context.out(), event); }));
    if (shown_ == 0) context.note("no events found");
    return tell(context, completeness);
  }

  static void print_row(Output& out, const Event& event) {
    const EventView view = view_of(event);
    const DataFields fields = DataFields::of(view);
    std::string time = to_string(event.time).substr(0, kFirstDay.size() + 8);
    time[kFirstDay.size() - 1] = ' ';
    const std::string head =
        fmt::format("[{}] {:14} {:30} ", time, event.type, printable(subsystem_of(view, fields)));
    std::string summary;
    if (event.tier != Tier::Confidential) summary = printable(summary_of(fields));
    if (summary.empty()) summary = event.stream;
    const std::string number = fmt::format("{:7}", fmt::format("#{}", event.seq.value));
    if (out.width() > 0) {
      const std::size_t used = 4 + number.size() + head.size();
      summary = cut_to(summary, out.width() > used + 12 ? out.width() - used : 12);
    }
    out.line(fmt::format("  {} {}{}", out.paint(Paint::Dim, number), head, summary));
  }

  Result<ExitCode> print_json(Context& context, Index& index) {
    // Nothing is written before the first answer: an error must stand alone.
    Output& out = context.out();
    std::string separator = "{\"events\":[";
    DAYBOOK_TRY(completeness, each(context, index, [&](const Event& event) {
                  std::string text = std::exchange(separator, ",");
                  append_envelope(text, view_of(event));
                  out.write(text);
                }));
    std::string members;
    JsonWriter json(members);
    json.begin_object().member("more", at_limit_);
    append_completeness(json, completeness);
    json.end_object();
    if (shown_ == 0) out.write(separator);
    out.line("]," + members.substr(1));
    return tell(context, completeness);
  }

  Result<ExitCode> print_lines(Context& context, Ledger& ledger, Index& index) {
    EventFormat format = EventFormat::Envelope;
    if (format_ == "csv") format = EventFormat::Csv;
    if (format_ == "cloudevents") format = EventFormat::CloudEvents;
    EventSink sink(context.out(), ledger, format, BlobData::Reference);
    DAYBOOK_TRY(completeness,
                each(context, index, [&](const Event& event) { sink.write(view_of(event)); }));
    return tell(context, completeness);
  }

  Query query_;
  std::optional<std::uint64_t> limit_;
  std::vector<std::string> where_;
  std::string tier_;
  bool reverse_ = false;
  std::string format_ = "text";
  bool json_ = false;
  bool jsonl_ = false;
  std::uint64_t shown_ = 0;
  bool at_limit_ = false;  // so there may be more
};

constexpr Example kExamples[] = {
    {"daybook query --since 24h --class state_change", "what changed since yesterday"},
    {"daybook query --subsystem 'backup*' --reverse --limit 20", "the newest about backups"},
    {"daybook query --where 'exit_code != 0' --jsonl", "what failed, for programs"},
    {"daybook query --search 'disk full'", "full text"},
};

constexpr std::string_view kDetails =
    "All given filters must match; a filter given several times matches any of its\n"
    "values. Conditions are 'path op value' with = != < <= > >= and ~ (glob):\n"
    "'payload.exit_code != 0', 'items[0].name ~ build*'. The index catches up by\n"
    "itself; when it cannot, the answer says what it lacks and the exit code is 6.";

}  // namespace

const Command query_command = {"query", "find events by time, name, content and text", kDetails,
                               kExamples, make_verb<QueryVerb>};

}  // namespace daybook::cli
