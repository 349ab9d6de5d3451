// SPDX-License-Identifier: Apache-2.0
//
// daybook stream: events as JSONL for scripts, now and as they come.
#include <chrono>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/event_ref.h"
#include "cli/event_text.h"
#include "cli/fact.h"
#include "cli/flags.h"
#include "cli/partial.h"

namespace daybook::cli {
namespace {

constexpr std::chrono::milliseconds kWaitSlice{200};  // between looks at ^C and the reader

class Stream final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("STREAM", name_, Need::Optional, "the stream, in full or what follows its '/'");
    flags.flag("--all", all_, "the events of all streams");
    flags.choice("--format", format_, {"rows", "envelope", "cloudevents"},
                 "compact rows (default), whole envelopes or CloudEvents");
    flags.number("--after", after_, "SEQ", "only events after this seq");
    flags.number("--limit", limit_, "N", "stop after N events");
    flags.flag("--follow", follow_, "wait for new events until interrupted");
    flags.flag("--jsonl", jsonl_, "what is printed anyway; errors too are JSON then");
  }

  Result<ExitCode> run(Context& context) override {
    if (name_.empty() != all_) {
      return fail(Errc::InvalidArgument, "stream needs either STREAM or --all",
                  "`daybook stream --all` prints every stream");
    }
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_CHECK(find_position(context, ledger));
    ScanOptions scan;
    scan.from = first_after(after_);
    if (!all_) {
      DAYBOOK_TRY(stream, find_stream(ledger, name_));
      scan.stream = stream;
    }
    DAYBOOK_TRY(cursor, ledger.scan(scan));
    context.catch_interrupt();
    DAYBOOK_CHECK(print_all(context, ledger, cursor));
    const ExitCode code = tell_missing(context, cursor.lost());
    return Context::interrupted() ? ExitCode::Interrupted : code;
  }

 private:
  // A follower whose position the ledger does not have is told, and gets what comes from now on;
  // for others scan() is the one to refuse it.
  Result<void> find_position(Context& context, Ledger& ledger) {
    if (!follow_) return {};
    DAYBOOK_TRY(last, ledger.last());
    if (after_ <= last.value) return {};
    context.warn(fmt::format("the ledger ends at #{}, it has no #{}: following from its end",
                             last.value, after_));
    after_ = last.value;
    return {};
  }

  Result<void> print_all(Context& context, Ledger& ledger, Cursor& cursor) {
    Output& out = context.out();
    Seq last{after_};
    while (!Context::interrupted() && !out.closed() && (limit_ == 0 || printed_ < limit_)) {
      DAYBOOK_TRY(event, cursor.next());
      if (event != nullptr) {
        last = event->seq;
        print(out, *event);
      } else if (!follow_) {
        return {};
      } else {
        DAYBOOK_CHECK(out.flush());
        if (out.reader_gone()) return {};
        DAYBOOK_CHECK(wait_past(ledger, last));
      }
    }
    return {};
  }

  // Events of other streams also end the wait; step over them.
  static Result<void> wait_past(Ledger& ledger, Seq& last) {
    DAYBOOK_TRY(more, ledger.wait(last, kWaitSlice));
    if (!more) return {};
    DAYBOOK_TRY(newest, ledger.last());
    last = newest;
    return {};
  }

  void print(Output& out, const EventView& event) {
    line_.clear();
    if (format_ == "envelope") {
      append_event(line_, EventFormat::Envelope, event);
    } else if (format_ == "cloudevents") {
      append_event(line_, EventFormat::CloudEvents, event);
    } else {
      JsonWriter json(line_);
      append_row(json, event, fact_of(event));
      json.end_object();
    }
    out.line(line_);
    ++printed_;
  }

  std::string name_;
  bool all_ = false;
  std::string format_ = "rows";
  std::uint64_t after_ = 0;
  std::uint64_t limit_ = 0;
  bool follow_ = false;
  bool jsonl_ = false;
  std::uint64_t printed_ = 0;
  std::string line_;
};

constexpr Example kExamples[] = {
    {"daybook stream demo | jq 'select(.[\"event/type\"] == \"head/created\")'",
     "the checkpoints of session/demo"},
    {"daybook stream --all --after 5", "everything since event 5"},
    {"daybook stream demo --format cloudevents", "for programs that read CloudEvents"},
};

constexpr std::string_view kDetails =
    "One JSON object a line. Rows name an event and what it is about; they never\n"
    "hold payload text. With --follow every line is written at once.";

}  // namespace

const Command stream_command = {"stream", "print events as JSONL, now or as they come", kDetails,
                                kExamples, make_verb<Stream>};

}  // namespace daybook::cli
