// SPDX-License-Identifier: Apache-2.0
//
// daybook append: one event by flags, or many from JSONL on standard input.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/append_lines.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/event_ref.h"
#include "cli/flags.h"
#include "cli/input.h"

namespace daybook::cli {
namespace {

class Append final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.text("--stream", event_.stream, "STREAM", "the ordered sub-log: task/backup");
    flags.text("--type", type_, "TYPE", "what happened: state_change");
    flags.text("--data", data_, "JSON|@FILE|-", "the payload, kept byte for byte");
    flags.text("--source", event_.source, "SOURCE", "who writes it; default: this host");
    flags.text("--actor", event_.actor, "ACTOR", "on whose behalf: person:ann");
    flags.text("--subject", event_.subject, "SUBJECT", "what it is about: subsystem:backup");
    flags.text("--correlation", event_.correlation, "ID", "the larger work it belongs to");
    flags.text("--key", event_.key, "KEY", "a repeat with this key appends nothing");
    flags.choice("--tier", tier_, {"metadata_only", "structured", "confidential"},
                 "how sensitive the data is (default structured)");
    flags.when("--time", event_.time, "when it happened; default: now");
    flags.texts("--cause", causes_, "EVENT",
                std::string("what made it happen: ") + std::string(kEventRefHelp));
    flags.number("--expect-version", expected_, "N", "only if the stream is at this version");
    flags.choice("--durability", durability_, {"sync", "interval", "memory"},
                 "when it is acknowledged (default sync: on stable storage)");
    flags.choice("--on-error", on_error_, {"stop", "skip"}, "what to do with a bad line");
    flags.flag("--json", json_, "one JSON document");
    flags.flag("--jsonl", jsonl_, "one acknowledgement a line");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_CHECK(check_combination());
    DAYBOOK_TRY(options, append_options(context));
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadWrite));
    auto code =
        type_ ? append_one(context, ledger, options) : append_many(context, ledger, options);
    const auto closed = context.close_ledger(ledger, code ? *code : ExitCode::Failure);
    const bool told = code && *code != ExitCode::Ok && *code != ExitCode::Partial &&
                      *code != ExitCode::Interrupted;
    // What was acknowledged before its flush may not be on the disk: that is no success.
    if (code && !told) return closed;
    return code;
  }

 private:
  [[nodiscard]] Result<void> check_combination() const {
    if (type_) {
      if (!event_.stream.empty()) return {};
      return fail(Errc::InvalidArgument, "--type needs --stream",
                  "daybook append --stream task/backup --type state_change");
    }
    const bool single =
        data_ || !event_.key.empty() || event_.time || !causes_.empty() || expected_;
    if (single) {
      return fail(Errc::InvalidArgument,
                  "--data, --key, --time, --cause and --expect-version need --type",
                  "without --type, events are read from standard input as JSONL");
    }
    if (input_is_terminal()) {
      return fail(Errc::InvalidArgument, "--type is missing, and standard input is a terminal",
                  "give --stream and --type, or pipe JSONL: daybook append < events.jsonl");
    }
    return {};
  }

  Result<AppendOptions> append_options(Context& context) {
    if (!event_.source.empty()) context.override_setting("source", event_.source, "--source");
    if (!event_.actor.empty()) context.override_setting("actor", event_.actor, "--actor");
    if (!durability_.empty()) context.override_setting("durability", durability_, "--durability");
    DAYBOOK_TRY(settings, context.settings());
    event_.actor = settings.actor;
    if (!tier_.empty()) {
      DAYBOOK_TRY(tier, parse_tier(tier_));
      event_.tier = tier;
    }
    AppendOptions options{.durability = settings.durability, .expected = {}};
    if (expected_) options.expected.push_back({event_.stream, Version{*expected_}});
    return options;
  }

  Result<ExitCode> append_one(Context& context, Ledger& ledger, const AppendOptions& options) {
    event_.type = *type_;
    if (data_) {
      DAYBOOK_TRY(data, read_value(context.env(), *data_));
      event_.data = std::move(data);
    }
    for (const std::string& text : causes_) {
      DAYBOOK_TRY(cause, find_event(ledger, text));
      event_.causes.push_back(cause.id);
    }
    DAYBOOK_TRY(receipt, ledger.append(event_, options));
    print(context.out(), receipt);
    return ExitCode::Ok;
  }

  void print(Output& out, const Receipt& receipt) const {
    if (!json_ && !jsonl_) {
      out.line(fmt::format("#{} {} {}@{}{}", receipt.seq.value, to_string(receipt.id),
                           event_.stream, receipt.version.value,
                           receipt.duplicate ? " (already there)" : ""));
      return;
    }
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("seq", receipt.seq.value).member("id", to_string(receipt.id));
    json.member("stream", event_.stream).member("version", receipt.version.value);
    json.member("recorded", to_string(receipt.recorded));
    json.member("duplicate", receipt.duplicate).end_object();
    out.line(text);
  }

  ExitCode append_many(Context& context, Ledger& ledger, const AppendOptions& options) {
    LineOptions lines{.defaults = event_,
                      .append = options,
                      .on_error = on_error_ == "skip" ? OnError::Skip : OnError::Stop,
                      .acknowledge = Acknowledge::Summary};
    if (json_) lines.acknowledge = Acknowledge::JsonSummary;
    if (jsonl_) lines.acknowledge = Acknowledge::EachLine;
    return LineAppender(context, ledger, std::move(lines)).run();
  }

  NewEvent event_;
  std::optional<std::string> type_;
  std::optional<std::string> data_;
  std::string tier_;
  std::vector<std::string> causes_;
  std::optional<std::uint64_t> expected_;
  std::string durability_;
  std::string on_error_ = "stop";
  bool json_ = false;
  bool jsonl_ = false;
};

constexpr Example kExamples[] = {
    {"daybook append --stream task/backup --type state_change --data '{\"summary\":\"done\"}'",
     "one event"},
    {"daybook append --stream task/backup --type retried --cause 7", "one that event 7 caused"},
    {"daybook append --jsonl < events.jsonl", "many, each acknowledged when it is durable"},
};

constexpr std::string_view kDetails =
    "Without --type, events are read from standard input, one JSON object a line,\n"
    "with the members stream, type, data, source, actor, subject, correlation, key,\n"
    "tier, time and causes (ids or seqs). Flags give what a line does not say. A bad\n"
    "line stops the command; what was acknowledged before stays. With --on-error\n"
    "skip it is reported and left out, and the exit code is 6.";

}  // namespace

const Command append_command = {"append", "write events to the ledger", kDetails, kExamples,
                                make_verb<Append>};

}  // namespace daybook::cli
