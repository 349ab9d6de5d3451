// SPDX-License-Identifier: Apache-2.0
//
// daybook export: whole events, data included, for other programs.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/event_ref.h"
#include "cli/event_sink.h"
#include "cli/flags.h"
#include "cli/partial.h"
#include "cli/progress.h"

namespace daybook::cli {
namespace {

class Export final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.choice("--format", format_, {"jsonl", "csv", "cloudevents"}, "default: jsonl");
    flags.flag("--jsonl", jsonl_, "the same as --format jsonl");
    flags.text("--stream", stream_, "STREAM", "only this stream");
    flags.when("--since", since_, "only events that happened at this time or later");
    flags.when("--until", until_, "only events that happened before this time");
    flags.number("--after", after_, "SEQ", "only events after this seq");
    flags.flag("--refs", refs_, "leave large data in the blob store, print references to it");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(last, ledger.last());
    ScanOptions scan;
    scan.from = first_after(after_);
    scan.to = last;
    if (!stream_.empty()) {
      DAYBOOK_TRY(stream, find_stream(ledger, stream_));
      scan.stream = stream;
    }
    EventSink sink(context.out(), ledger, event_format(),
                   refs_ ? BlobData::Reference : BlobData::Resolve);
    DAYBOOK_TRY(cursor, ledger.scan(scan));
    context.catch_interrupt();
    DAYBOOK_CHECK(write_all(context, cursor, sink, last));
    const ExitCode code = tell_missing(context, cursor.lost());
    if (Context::interrupted()) return ExitCode::Interrupted;
    if (sink.unreadable() == 0) return code;
    context.warn(fmt::format("the data of {} cannot be read; `daybook verify` tells why",
                             counted(sink.unreadable(), "event")));
    return ExitCode::Partial;
  }

 private:
  [[nodiscard]] EventFormat event_format() const {
    if (format_ == "csv") return EventFormat::Csv;
    return format_ == "cloudevents" ? EventFormat::CloudEvents : EventFormat::Envelope;
  }

  Result<void> write_all(Context& context, Cursor& cursor, EventSink& sink, Seq last) {
    Progress progress(context, "exporting");
    while (!Context::interrupted() && !context.out().closed()) {
      DAYBOOK_TRY(event, cursor.next());
      if (event == nullptr) return {};
      if (since_ && event->time < *since_) continue;
      if (until_ && event->time >= *until_) continue;
      sink.write(*event);
      progress.update(event->seq.value, last.value, Progress::Unit::Events);
    }
    return {};
  }

  std::string format_ = "jsonl";
  bool jsonl_ = false;
  bool refs_ = false;
  std::string stream_;
  std::optional<Timestamp> since_;
  std::optional<Timestamp> until_;
  std::uint64_t after_ = 0;
};

constexpr Example kExamples[] = {
    {"daybook export > ledger.jsonl", "every event with its whole envelope and data"},
    {"daybook export --format csv --since 7d", "the last week for a spreadsheet"},
};

constexpr std::string_view kDetails =
    "Data above the inline limit is read from the blob store, so that an export is\n"
    "complete by itself. Order is that of seq.";

}  // namespace

const Command export_command = {"export", "write whole events as JSONL, CSV or CloudEvents",
                                kDetails, kExamples, make_verb<Export>};

}  // namespace daybook::cli
