// SPDX-License-Identifier: Apache-2.0
//
// daybook import: brings the sessions of agents into the ledger.
#include "daybook/import.h"

#include <poll.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/config_files.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/progress.h"
#include "cli/review_setup.h"

namespace daybook::cli {
namespace {

constexpr int kFollowMillis = 500;         // between looks at the files
constexpr std::size_t kMaxLinesTold = 20;  // skipped lines; --json has all that are listed

std::string joined(const std::vector<TypeTally>& tallies) {
  std::string text;
  for (const auto& [type, count] : tallies) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(type), human_count(count));
  }
  return text;
}

std::vector<TypeTally> as_tallies(const std::vector<RedactionCount>& counts) {
  std::vector<TypeTally> tallies;
  tallies.reserve(counts.size());
  for (const auto& [name, count] : counts) tallies.push_back({name, count});
  return tallies;
}

std::uint64_t total(const std::vector<TypeTally>& tallies) {
  std::uint64_t sum = 0;
  for (const TypeTally& tally : tallies) sum += tally.count;
  return sum;
}

// Adds what `more` counts, most frequent first.
void add_up(std::vector<TypeTally>& all, const std::vector<TypeTally>& more) {
  for (const TypeTally& tally : more) {
    const auto known = std::ranges::find(all, tally.type, &TypeTally::type);
    if (known == all.end()) {
      all.push_back(tally);
    } else {
      known->count += tally.count;
    }
  }
  std::ranges::stable_sort(all, std::greater<>{}, &TypeTally::count);
}

bool is_lost(Skipped::Reason reason) {
  return reason == Skipped::Reason::Malformed || reason == Skipped::Reason::TooLong;
}

// --- As JSON ----------------------------------------------------------------------

void write_tallies(JsonWriter& json, std::string_view name, const std::vector<TypeTally>& tallies) {
  json.key(name).begin_object();
  for (const auto& [type, count] : tallies) json.member(type, count);
  json.end_object();
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void write_error(JsonWriter& json, const Error& error) {
  json.begin_object().member("code", to_string(error.code)).member("message", error.message);
  json.member("hint", error.hint).end_object();
}

void write_file(JsonWriter& json, const ImportedFile& imported) {
  const TranscriptSummary& summary = imported.summary;
  json.begin_object().member("path", imported.file.path).member("reader", imported.file.reader);
  json.member("appended", imported.appended).member("lines", summary.lines);
  json.member("records", summary.records).member("bytes", summary.bytes);
  json.member("bookkeeping", summary.bookkeeping);
  write_tallies(json, "unknown_types", summary.unknown_types);
  json.member("skipped", summary.skipped).key("skipped_lines").begin_array();
  for (const Skipped& skipped : summary.skipped_list) {
    json.begin_object().member("line", skipped.line).member("offset", skipped.offset);
    json.member("reason", to_string(skipped.reason)).member("why", skipped.why).end_object();
  }
  json.end_array().member("partial_line", summary.partial_line);
  json.member("restarted", summary.restarted);
  if (imported.error) {
    json.key("error");
    write_error(json, *imported.error);
  }
  json.end_object();
}

std::string report_json(const ImportReport& report) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("files", report.files);
  write_tallies(json, "readers", report.readers);
  json.member("unchanged", report.unchanged).member("appended", report.appended);
  write_tallies(json, "types", report.types);
  json.member("known", report.known).member("before", report.before);
  json.member("unknown_causes", report.unknown_causes);
  write_tallies(json, "redacted", as_tallies(report.redacted));
  write_texts(json, "sessions", report.sessions);
  json.key("imported").begin_array();
  for (const ImportedFile& imported : report.imported) write_file(json, imported);
  json.end_array();
  write_texts(json, "looked", report.looked);
  write_texts(json, "missing", report.missing);
  json.key("unreadable").begin_array();
  for (const Error& error : report.unreadable) write_error(json, error);
  json.end_array().member("stopped", report.stopped).end_object();
  return text;
}

// --- The verb ---------------------------------------------------------------------

class Import final : public Verb {
 public:
  void add(Flags& flags) override {
    std::vector<std::string> readers;
    for (const std::string_view name : reader_names()) readers.emplace_back(name);
    flags.choice("--reader", reader_, readers, "only sessions of this agent");
    flags.when("--since", options_.since, "leave out what happened before: a date, 7d, 24h");
    flags.text("--config", config_file_, "FILE", "this configuration instead of the usual ones");
    flags.flag("--follow", follow_, "go on as sessions are written, until interrupted");
    flags.flag("--json", json_, "one JSON document; with --follow one line for each change");
    flags.arguments("PATH", paths_, Need::Optional,
                    "a session file, or a directory to search (default: where agents keep them)");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_CHECK(complete_options(context));
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadWrite));
    context.catch_interrupt();
    DAYBOOK_TRY(code, import_once(context, ledger));
    while (follow_ && !wait_interrupted() && !context.out().closed()) {
      DAYBOOK_TRY(next, import_once(context, ledger));
      if (code == ExitCode::Ok) code = next;
    }
    return context.close_ledger(ledger, Context::interrupted() ? ExitCode::Interrupted : code);
  }

 private:
  Result<void> complete_options(Context& context) {
    DAYBOOK_TRY(config, load_config(context, config_file_));
    options_.home = home_directory();
    options_.redact = std::move(config.redact);
    options_.stop = [] { return Context::interrupted(); };
    for (const std::string& path : paths_) {
      DAYBOOK_TRY(there, context.env().files->exists(path));
      if (!there) return fail(Errc::NotFound, fmt::format("there is no {}", path));
    }
    if (!paths_.empty()) {
      options_.sources.push_back({.reader = reader_, .paths = paths_});
      return {};
    }
    std::vector<std::string> readers;
    if (!reader_.empty()) readers.push_back(reader_);
    DAYBOOK_TRY(sources, choose_sources(config, readers));
    options_.sources = std::move(sources);
    return {};
  }

  static bool wait_interrupted() {
    pollfd interrupt{.fd = Context::interrupt_descriptor(), .events = POLLIN, .revents = 0};
    (void)::poll(&interrupt, 1, kFollowMillis);
    return Context::interrupted();
  }

  Result<ExitCode> import_once(Context& context, Ledger& ledger) {
    const std::uint64_t start = context.env().clock->monotonic_micros();
    std::optional<Progress> progress(std::in_place, context, "importing");
    options_.progress = [&](const ImportProgress& at) {
      progress->update(at.bytes_done, at.bytes_total, Progress::Unit::Bytes);
    };
    DAYBOOK_TRY(report, import_transcripts(ledger, options_, context.env()));
    progress.reset();
    const std::uint64_t micros = context.env().clock->monotonic_micros() - start;
    if (!follow_ && names_no_session(report)) {
      for (std::size_t i = 1; i < report.unreadable.size(); ++i) {
        context.warn(printable(report.unreadable[i].message));
      }
      return fail(report.unreadable.front());
    }
    const ExitCode code = is_partial(report) ? ExitCode::Partial : ExitCode::Ok;
    const bool again = std::exchange(again_, true);
    if (again && report.imported.empty()) return code;
    if (json_) {
      context.out().line(report_json(report));
    } else if (again) {
      tell_change(context.out(), report);
    } else {
      tell_all(context.out(), report, micros);
    }
    DAYBOOK_CHECK(context.out().flush());
    if (!json_) warn(context, report);
    return code;
  }

  // Only files were named, and none of them is a session.
  [[nodiscard]] bool names_no_session(const ImportReport& report) const {
    return report.files == 0 && !paths_.empty() && report.unreadable.size() == paths_.size() &&
           std::ranges::all_of(report.unreadable,
                               [](const Error& error) { return error.code == Errc::NotFound; });
  }

  static bool is_partial(const ImportReport& report) {
    return !report.unreadable.empty() ||
           std::ranges::any_of(report.imported, [](const ImportedFile& imported) {
             return imported.error ||
                    std::ranges::any_of(imported.summary.skipped_list, is_lost, &Skipped::reason);
           });
  }

  void tell_found(Output& out, const ImportReport& report) const {
    if (report.files > 0) {
      out.line(fmt::format("found {}: {}", counted(report.files, "session file"),
                           joined(report.readers)));
      return;
    }
    out.line("found no session files");
    for (const std::string& place : report.looked) {
      out.line(fmt::format("  {}  has none", printable(place)));
    }
    for (const std::string& place : report.missing) {
      out.line(fmt::format("  {}  is not there", printable(place)));
    }
  }

  void tell_all(Output& out, const ImportReport& report, std::uint64_t micros) const {
    tell_found(out, report);
    if (report.files == 0) return;
    if (report.imported.empty()) {
      out.line("nothing new");
      return;
    }
    std::uint64_t bytes = 0;
    for (const ImportedFile& imported : report.imported) bytes += imported.summary.bytes;
    out.line(fmt::format(
        "imported {} of {} from {} ({}) in {:.1f} s", counted(report.appended, "event"),
        counted(report.sessions.size(), "session"), counted(report.imported.size(), "file"),
        human_bytes(bytes), static_cast<double>(micros) / 1e6));
    for (const auto& [type, count] : report.types) {
      out.line(fmt::format("  {:20} {:>9}", type, human_count(count)));
    }
    tell_rest(out, report);
    if (report.stopped) out.line("stopped before the end; import again to go on");
  }

  static void tell_rest(Output& out, const ImportReport& report) {
    const auto add = [&](std::uint64_t count, std::string_view noun, std::string_view what) {
      if (count > 0) out.line(fmt::format("{} {}", counted(count, noun), what));
    };
    add(report.unchanged, "file", "with nothing new");
    add(report.known, "record", "in the ledger already");
    add(report.before, "record", "from before --since left out");
    add(report.unknown_causes, "record", "with a cause that is nowhere");
    const std::vector<TypeTally> redacted = as_tallies(report.redacted);
    if (!redacted.empty()) {
      out.line(
          fmt::format("redacted {}: {}", counted(total(redacted), "secret"), joined(redacted)));
    }
    std::vector<TypeTally> unknown;
    for (const ImportedFile& imported : report.imported) {
      add_up(unknown, imported.summary.unknown_types);
    }
    if (!unknown.empty()) {
      out.line(fmt::format("kept {} of unknown type: {}", counted(total(unknown), "record"),
                           joined(unknown)));
    }
    std::uint64_t mended = 0;
    for (const ImportedFile& imported : report.imported) {
      mended += static_cast<std::uint64_t>(
          std::ranges::count_if(imported.summary.skipped_list,
                                [](const Skipped& skipped) { return !is_lost(skipped.reason); }));
    }
    add(mended, "line", "damaged or odd, and used nevertheless (--json lists them)");
  }

  static void tell_change(Output& out, const ImportReport& report) {
    if (report.appended == 0) return;
    std::string names;
    for (const std::string& session : report.sessions) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", printable(session));
    }
    out.line(fmt::format("{} of {}", counted(report.appended, "event"), names));
  }

  static void warn(Context& context, const ImportReport& report) {
    for (const Error& error : report.unreadable) context.warn(printable(error.message));
    std::size_t told = 0;
    std::size_t lost = 0;
    for (const auto& [file, summary, appended, error] : report.imported) {
      if (error) context.warn(printable(fmt::format("{}: {}", file.path, error->message)));
      for (const Skipped& skipped : summary.skipped_list) {
        if (!is_lost(skipped.reason) || ++lost > kMaxLinesTold) continue;
        ++told;
        context.warn(printable(fmt::format("{}:{}: {}, not read: {}", file.path, skipped.line,
                                           to_string(skipped.reason), skipped.why)));
      }
    }
    if (lost > told) context.warn(fmt::format("{} more lines were not read", lost - told));
    if (report.not_remembered) {
      context.warn(fmt::format("{}: the next import reads these files again",
                               printable(report.not_remembered->message)));
    }
  }

  std::string reader_;
  std::string config_file_;
  std::vector<std::string> paths_;
  bool follow_ = false;
  bool json_ = false;
  bool again_ = false;
  ImportOptions options_;
};

constexpr Example kExamples[] = {
    {"daybook import", "every session that is on this machine"},
    {"daybook import --reader claude-code --since 7d", "one agent's, of the last week"},
    {"daybook import .", "the session files below this directory, whoever wrote them"},
};

constexpr std::string_view kDetails =
    "Every session becomes a stream session/ID with an event for each message, tool call,\n"
    "tool result and compaction, each with its causes. Importing again appends only what\n"
    "is new, wherever the last import stopped; several may run at once.\n"
    "\n"
    "Keys, tokens and passwords are replaced by [redacted:RULE] on the way in; [redact] in\n"
    "the settings adds rules or switches the built-in ones off.\n"
    "\n"
    "Lines and files that could not be read are told on standard error, with exit code 6.";

}  // namespace

const Command import_command = {"import", "bring the sessions of agents into the ledger", kDetails,
                                kExamples, make_verb<Import>};

}  // namespace daybook::cli
