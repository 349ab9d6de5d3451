// SPDX-License-Identifier: Apache-2.0
//
// daybook events: the audit timeline of a stream, and why one of its facts
// happened.
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/event_ref.h"
#include "cli/flags.h"
#include "cli/partial.h"
#include "cli/timeline.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kMaxTypesShown = 5;
constexpr std::size_t kMaxTypesCounted = 1024;

// What the first reading of a stream finds out.
struct Survey {
  std::uint64_t facts = 0;
  std::uint64_t visible = 0;
  std::uint64_t errors = 0;
  std::array<std::uint64_t, kTallies> tallies{};            // by Tally
  std::map<std::string, std::uint64_t, std::less<>> types;  // of other than session facts
  bool of_session = false;
  std::string head;
  Version head_event;
  Version newest;
  Seq last;
};

std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+=,-#";
  if (word.find_first_not_of(kPlain) == std::string::npos && !word.starts_with('#')) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

class Events final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("STREAM", name_, Need::Required, "the stream, in full or what follows its '/'");
    flags.number("--event", event_, "N", "why did event N of the stream happen");
    flags.number("--limit", limit_, "N", "show only the last N facts");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(stream, find_stream(ledger, name_));
    stream_ = stream;
    if (event_) return explain(context, ledger);
    DAYBOOK_TRY(survey, look_over(ledger));
    return json_ ? print_json(context, ledger, survey) : print_text(context, ledger, survey);
  }

 private:
  // Scripts rely on exit code 1 for an event that is not there.
  Result<ExitCode> explain(Context& context, Ledger& ledger) {
    const auto event = event_at(ledger, stream_, Version{*event_});
    if (!event && event.error().code == Errc::NotFound) {
      context.report(
          {Errc::NotFound, fmt::format("no event {} in {}", *event_, name_), event.error().hint});
      return ExitCode::Failure;
    }
    if (!event) return fail(event.error());
    ChainView view{.json = json_, .shown_name = name_};
    if (limit_) view.limit = *limit_;
    return show_chain(context, ledger, *event, view);
  }

  Result<Survey> look_over(Ledger& ledger) {
    Survey survey;
    DAYBOOK_TRY(cursor, ledger.scan({.stream = stream_}));
    while (true) {
      DAYBOOK_TRY(event, cursor.next());
      if (event == nullptr) return survey;
      count(survey, *event, fact_of(*event));
    }
  }

  void count(Survey& survey, const EventView& event, const Fact& fact) const {
    ++survey.facts;
    if (is_visible(fact)) ++survey.visible;
    if (fact.error) ++survey.errors;
    ++survey.tallies[static_cast<std::size_t>(fact.tally)];
    survey.of_session = survey.of_session || fact.of_session;
    if (!fact.of_session && survey.types.size() < kMaxTypesCounted) {
      ++survey.types[std::string(event.type)];
    }
    const bool moves = event.type == "session/ref-updated" || fact.tally == Tally::Checkpoint;
    if (moves && !fact.head_id.empty()) {
      survey.head = fact.head_id;
      survey.head_event = event.version;
    }
    survey.newest = event.version;
    survey.last = event.seq;
  }

  [[nodiscard]] bool is_visible(const Fact& fact) const { return json_ || !fact.hidden; }

  // Hands the last `limit_` visible facts to `show`, in order.
  template <class Show>
  Result<ExitCode> replay(Context& context, Ledger& ledger, const Survey& survey, Show show) {
    std::uint64_t skip = limit_ && survey.visible > *limit_ ? survey.visible - *limit_ : 0;
    DAYBOOK_TRY(cursor, ledger.scan({.to = survey.last, .stream = stream_}));
    EventNames names(ledger, stream_);
    while (!context.out().closed()) {
      DAYBOOK_TRY(event, cursor.next());
      if (event == nullptr) break;
      names.learn(event->id, event->stream, event->version);
      const Fact fact = fact_of(*event);
      if (!is_visible(fact)) continue;
      if (skip > 0) {
        --skip;
      } else {
        show(*event, fact, names);
      }
    }
    return tell_missing(context, cursor.lost());
  }

  Result<ExitCode> print_json(Context& context, Ledger& ledger, const Survey& survey) {
    Output& out = context.out();
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("stream", stream_).member("facts", survey.facts);
    json.member("errors", survey.errors).key("events").begin_array();
    out.write(text);
    bool first = true;
    auto code = replay(context, ledger, survey,
                       [&](const EventView& event, const Fact& fact, EventNames& names) {
                         std::string row = first ? "" : ",";
                         first = false;
                         append_trace_row(row, event, fact, names);
                         out.write(row);
                       });
    out.line("]}");
    return code;
  }

  Result<ExitCode> print_text(Context& context, Ledger& ledger, const Survey& survey) {
    Output& out = context.out();
    out.line(out.paint(Paint::Bold, fmt::format("audit — {}", name_)));
    out.line("  " + counts_line(survey));
    if (!survey.head.empty()) {
      out.line(
          fmt::format("  current checkpoint {} via event #{}",
                      printable(survey.head.substr(0, survey.head.starts_with("head-") ? 13 : 19)),
                      survey.head_event.value));
    }
    out.line("  event log explains what happened; checkpoints restore state");
    out.line("");
    out.line("timeline");
    if (limit_ && survey.visible > *limit_) {
      out.line(out.paint(Paint::Dim,
                         fmt::format("  … {} before", counted(survey.visible - *limit_, "fact"))));
    }
    DAYBOOK_TRY(code, replay(context, ledger, survey,
                             [&](const EventView& event, const Fact& fact, EventNames& names) {
                               print_fact(out, event, fact, names);
                             }));
    print_next(context, survey);
    return code;
  }

  static std::string counts_line(const Survey& survey) {
    const auto tally = [&](Tally which) { return survey.tallies[static_cast<std::size_t>(which)]; };
    std::string line = counted(survey.facts, "fact");
    const auto add = [&](const std::string& part) { line += " · " + part; };
    if (tally(Tally::ToolCall) > 0) {
      add(counted(tally(Tally::Turn), "turn"));
      add(counted(tally(Tally::ToolCall), "tool call"));
      if (tally(Tally::Compaction) > 0) add(counted(tally(Tally::Compaction), "compaction"));
    } else if (survey.of_session) {
      add(counted(tally(Tally::Turn), "turn"));
      add(counted(tally(Tally::ModelCall), "model call"));
      add(fmt::format("{} {}", tally(Tally::Leaf), tally(Tally::Leaf) == 1 ? "leaf" : "leaves"));
      add(fmt::format("{} {}", tally(Tally::Child),
                      tally(Tally::Child) == 1 ? "child" : "children"));
      add(counted(tally(Tally::Checkpoint), "checkpoint"));
    }
    std::size_t shown = 0;
    for (const auto& [type, count] : survey.types) {
      if (++shown > kMaxTypesShown) {
        add(counted(survey.types.size() - kMaxTypesShown, "more type"));
        break;
      }
      add(fmt::format("{} {}", human_count(count), type));
    }
    if (survey.errors > 0) add(counted(survey.errors, "error"));
    return line;
  }

  // Commands that work as they stand, also from another directory when a
  // ledger was named.
  void print_next(Context& context, const Survey& survey) const {
    const std::string& named = context.global().ledger;
    const std::string program =
        named.empty() ? "daybook" : fmt::format("daybook --ledger {}", quoted(named));
    const std::uint64_t number =
        survey.head_event.value != 0 ? survey.head_event.value : survey.newest.value;
    const std::pair<std::string, std::string_view> commands[] = {
        {fmt::format("show {}", quoted(fmt::format("{}#{}", stream_, number))),
         survey.head.empty() ? "inspect the newest fact" : "inspect current checkpoint"},
        {fmt::format("events {} --event {}", quoted(name_), number), "ask why that fact happened"},
        {fmt::format("stream {}", quoted(name_)), "raw JSONL facts for scripts"},
        {"verify", "check that nothing was changed"},
    };
    std::size_t widest = 0;
    for (const auto& [command, what] : commands) widest = std::max(widest, command.size());
    Output& out = context.out();
    out.line("");
    out.line("next:");
    for (const auto& [command, what] : commands) {
      const std::string text = fmt::format("{} {:{}}", program, command, widest);
      out.line(fmt::format("  {}  {}", text, out.paint(Paint::Dim, fmt::format("# {}", what))));
    }
  }

  std::string name_;
  std::string stream_;
  std::optional<std::uint64_t> event_;
  std::optional<std::uint64_t> limit_;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook events demo", "the timeline of session/demo"},
    {"daybook events demo --limit 40", "its last 40 facts"},
    {"daybook events demo --event 3", "why its third fact happened"},
};

constexpr std::string_view kDetails = "An event N that the stream does not have is exit code 1.";

}  // namespace

const Command events_command = {"events", "show the timeline of a stream", kDetails, kExamples,
                                make_verb<Events>};

}  // namespace daybook::cli
