// SPDX-License-Identifier: Apache-2.0
//
// daybook verify: checks everything, and says what is not as it was written.
#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/input.h"
#include "cli/memory.h"
#include "cli/progress.h"
#include "daybook/import.h"
#include "daybook/index.h"

namespace daybook::cli {
namespace {

std::string seqs_of(const Finding& finding) {
  if (finding.first.value == 0) return "";
  if (finding.first == finding.last) return fmt::format(" (event #{})", finding.first.value);
  return fmt::format(" (events #{} to #{})", finding.first.value, finding.last.value);
}

std::string place_of(const Finding& finding) {
  if (finding.file.empty()) return "the ledger";
  if (finding.length == 0) return finding.file;
  return fmt::format("{} at byte {}, {}", finding.file, finding.offset,
                     counted(finding.length, "byte"));
}

// What was remembered of the ledger, and what became of comparing.
struct Memory {
  KnownLedgers* ledgers = nullptr;  // nothing: switched off, or no home
  std::string place;
  std::optional<KnownLedger> known;  // compared with
  std::string trouble;               // why nothing could be compared, when something failed
};

std::uint64_t signed_events(const VerifyReport& report) {
  return report.signed_tree ? report.signed_tree->checkpoint.head.size : 0;
}

bool is_of_memory(const Finding& finding) {
  return finding.code.starts_with("known_") && finding.severity == Severity::Damage;
}

class Verify final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.texts("--checkpoint", checkpoints_, "FILE",
                "a checkpoint kept elsewhere, which the log must agree with");
    flags.flag("--accept", accept_,
               "this is the ledger now, whatever was seen here before: remember it so");
    flags.flag("--no-blobs", no_blobs_, "leave the blob store out");
    flags.number("--threads", threads_, "N", "default: as many as there are cores");
    flags.flag("--json", json_, "the whole report as one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    VerifyOptions options;
    options.threads = static_cast<unsigned>(std::min<std::uint64_t>(threads_, kMaxThreads));
    options.blobs = !no_blobs_;
    for (const std::string& path : checkpoints_) {
      DAYBOOK_TRY(text, read_input(context.env(), path));
      DAYBOOK_TRY(checkpoint, parse_checkpoint(text));
      options.checkpoints.push_back(std::move(checkpoint));
    }
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(memory, recall(context, ledger));
    if (!accept_) options.known = memory.known;
    DAYBOOK_TRY(report, check(context, ledger, options));
    if (std::ranges::any_of(report.findings, is_of_memory)) options.known.reset();
    const std::uint64_t seen = seen_before(options, report.head.size);
    if (json_) {
      print_json(context.out(), ledger, report, memory, seen);
    } else {
      print_text(context.out(), ledger, report, memory, seen);
    }
    tell_alarm(context, report, memory);
    DAYBOOK_CHECK(remember(context, ledger, report, memory));
    return report.ok() ? ExitCode::Ok : ExitCode::VerificationFailed;
  }

 private:
  static constexpr std::uint64_t kMaxThreads = 256;

  Result<Memory> recall(Context& context, Ledger& ledger) const {
    Memory memory;
    memory.ledgers = context.memory();
    memory.place = absolute(ledger.path());
    if (memory.ledgers == nullptr) {
      if (!accept_) return memory;
      return fail(Errc::InvalidArgument, "--accept has nowhere to remember this ledger",
                  "the setting `remember` is off, or there is no home directory");
    }
    DAYBOOK_TRY(status, ledger.status());
    DAYBOOK_TRY(id, parse_event_id(status.ledger_id));
    auto known = memory.ledgers->find(memory.place, id);
    if (known) {
      memory.known = *std::move(known);
    } else {
      memory.trouble = known.error().message;
    }
    return memory;
  }

  // How many of the `size` events a checkpoint from outside covers. One of more events
  // says nothing about the fewer that are here.
  static std::uint64_t seen_before(const VerifyOptions& options, std::uint64_t size) {
    std::uint64_t events = 0;
    const auto take = [&](std::uint64_t covered) {
      if (covered <= size) events = std::max(events, covered);
    };
    if (options.known) take(options.known->events());
    for (const Checkpoint& kept : options.checkpoints) take(kept.head.size);
    return events;
  }

  void tell_alarm(Context& context, const VerifyReport& report, const Memory& memory) const {
    const auto is_unsigned = [](const Finding& finding) {
      return finding.code == "unsigned" && finding.severity == Severity::Damage;
    };
    if (std::ranges::any_of(report.findings, is_unsigned)) {
      context.warn(
          "events stood without a checkpoint where one must be: perhaps the signing key was\n"
          "  missing, perhaps somebody without it took the checkpoints away. If you know why,\n"
          "  `daybook checkpoint --accept-unsigned` says so in the signed text.");
    }
    const auto finding = std::ranges::find_if(report.findings, is_of_memory);
    if (accept_ || finding == report.findings.end()) return;
    context.warn(
        alarm(*memory.known, finding->message) +
        "\n  If you know why, `daybook verify --accept` makes this the ledger that is known here.");
  }

  // Only what holds is remembered.
  Result<void> remember(Context& context, Ledger& ledger, const VerifyReport& report,
                        const Memory& memory) const {
    if (memory.ledgers == nullptr || (!report.ok() && !accept_)) return {};
    if (!accept_) {
      static_cast<void>(memory.ledgers->remember(ledger, memory.place, report));
      return {};
    }
    if (!report.ok()) {
      context.warn("not accepted: apart from what was seen before, the ledger is damaged");
      return {};
    }
    DAYBOOK_CHECK(memory.ledgers->accept(ledger, memory.place, report));
    context.note(fmt::format("from now on this is the ledger that is known at {}", memory.place));
    return {};
  }

  static Result<VerifyReport> check(Context& context, Ledger& ledger, VerifyOptions& options) {
    Progress progress(context, "verifying");
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
      progress.update(done, total, Progress::Unit::Bytes);
    };
    auto report = ledger.verify(options);
    if (report) add_derived(context, ledger, *report);
    return report;
  }

  // What is made from the log by the rooms above it: nothing is lost with it, and
  // the verdict on the log does not hang on whether it can be read.
  static void add_derived(Context& context, Ledger& ledger, VerifyReport& report) {
    const auto add = [&](const Result<std::vector<Finding>>& findings) {
      if (!findings) {
        context.warn("a derived file was not checked: " + findings.error().message);
        return;
      }
      report.findings_total += findings->size();
      report.findings.insert(report.findings.end(), findings->begin(), findings->end());
    };
    auto index = Index::open(ledger);
    add(index ? index->check() : Result<std::vector<Finding>>(fail(index.error())));
    add(check_import_state(ledger, context.env()));
  }

  static void print_text(Output& out, const Ledger& ledger, const VerifyReport& report,
                         const Memory& memory, std::uint64_t seen) {
    for (const Finding& finding : report.findings) {
      const bool damage = finding.severity == Severity::Damage;
      out.line(fmt::format(
          "{} {}: {}: {}{}",
          out.paint(damage ? Paint::Red : Paint::Yellow, damage ? "damage" : "notice"),
          finding.code, place_of(finding), printable(finding.message), seqs_of(finding)));
    }
    if (report.findings_total > report.findings.size()) {
      out.line(fmt::format("... and {} more",
                           counted(report.findings_total - report.findings.size(), "finding")));
    }
    out.line(fmt::format("checked {} in {}, {}, {}, {}", counted(report.events, "event"),
                         counted(report.segments, "segment"), counted(report.blobs, "blob"),
                         counted(report.checkpoints, "checkpoint"), human_bytes(report.bytes)));
    if (report.erased > 0) {
      out.line(fmt::format("{} erased, commitment intact", counted(report.erased, "event")));
    }
    out.line(fmt::format("root {} of {}", to_string(report.head.root),
                         counted(report.head.size, "event")));
    print_trust(out, ledger, report, memory, seen);
    if (report.ok()) {
      out.line(out.paint(Paint::Green, "ok: everything is as it was written"));
      return;
    }
    std::string verdict = "FAILED: the ledger is not as it was written";
    if (report.lost > 0) verdict += fmt::format("; {} lost", counted(report.lost, "event"));
    out.line(out.paint(Paint::Red, verdict));
  }

  // How far the ledger can be trusted, and what this check cannot tell.
  static void print_trust(Output& out, const Ledger& ledger, const VerifyReport& report,
                          const Memory& memory, std::uint64_t seen) {
    const VerifierKey key = ledger.verifier_key();
    const std::uint64_t covered = signed_events(report);
    if (covered == 0) {
      out.line("signed: nothing yet");
    } else {
      out.line(fmt::format("signed up to #{} of {} by {}+{:08x}", covered, report.head.size,
                           printable(key.name), key.id));
    }
    out.line(memory_text(memory));
    for (const std::string& sentence : cannot_know(report, seen)) {
      out.line(fmt::format("cannot know: {}", sentence));
    }
  }

  static std::string memory_text(const Memory& memory) {
    if (memory.ledgers == nullptr) return "compared with nothing: no memory is kept here";
    if (!memory.trouble.empty()) {
      return fmt::format("compared with nothing: {}", printable(memory.trouble));
    }
    if (!memory.known) return "compared with nothing: it was not seen here before";
    const std::string where =
        memory.known->elsewhere ? fmt::format(" at {}", printable(memory.known->place)) : "";
    return fmt::format("compared with {} seen{} on {}", counted(memory.known->events(), "event"),
                       where, to_string(memory.known->seen));
  }

  // `seen`: so many events a checkpoint from outside covers. SECURITY.md has the table.
  static std::vector<std::string> cannot_know(const VerifyReport& report, std::uint64_t seen) {
    std::vector<std::string> sentences;
    const std::uint64_t covered = std::max(signed_events(report), seen);
    if (seen == 0) {
      sentences.emplace_back(
          "whether this is the ledger it was: an older copy or another one would look the same");
    } else {
      sentences.push_back(
          fmt::format("whether there were events after #{} that somebody has cut off", seen));
    }
    if (covered < report.head.size) {
      sentences.push_back(fmt::format("whether the {} after #{} were changed: nothing signs them",
                                      counted(report.head.size - covered, "event"), covered));
    }
    return sentences;
  }

  static void append_memory(JsonWriter& json, const Memory& memory) {
    const bool compared = memory.known.has_value();
    json.key("known").begin_object().member("compared", compared);
    json.member("place", memory.place);
    if (compared) {
      json.member("events", memory.known->events()).member("seen", to_string(memory.known->seen));
      json.member("seen_at", memory.known->place).member("key", to_string(memory.known->key));
    }
    json.optional_member("trouble", memory.trouble).end_object();
  }

  static void print_json(Output& out, const Ledger& ledger, const VerifyReport& report,
                         const Memory& memory, std::uint64_t seen) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("ok", report.ok()).member("events", report.events);
    json.member("erased", report.erased).member("lost", report.lost);
    json.member("segments", report.segments).member("blobs", report.blobs);
    json.member("checkpoints", report.checkpoints).member("bytes", report.bytes);
    json.key("head").begin_object().member("size", report.head.size);
    json.member("root", to_string(report.head.root)).end_object();
    json.key("signed").begin_object().member("events", signed_events(report));
    json.member("unsigned", report.head.size - signed_events(report));
    json.member("key", to_string(ledger.verifier_key())).end_object();
    append_memory(json, memory);
    json.key("cannot_know").begin_array();
    for (const std::string& sentence : cannot_know(report, seen)) json.text(sentence);
    json.end_array().member("findings_total", report.findings_total).key("findings").begin_array();
    for (const Finding& finding : report.findings) {
      json.begin_object();
      json.member("severity", finding.severity == Severity::Damage ? "damage" : "notice");
      json.member("code", finding.code).member("file", finding.file);
      json.member("offset", finding.offset).member("length", finding.length);
      json.member("first", finding.first.value).member("last", finding.last.value);
      json.member("message", finding.message).end_object();
    }
    json.end_array().end_object();
    out.line(text);
  }

  std::vector<std::string> checkpoints_;
  bool no_blobs_ = false;
  bool accept_ = false;
  std::uint64_t threads_ = 0;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook verify", "check every event, the tree, the signatures and the blobs"},
    {"daybook verify --json", "the same, as a report for programs"},
    {"daybook checkpoint > kept.txt && daybook verify --checkpoint kept.txt",
     "check against a checkpoint that was kept elsewhere"},
};

constexpr std::string_view kDetails =
    "Repairs nothing. Exit code 3 when anything is not as it was written, or when it is not\n"
    "the ledger this user has seen here before: the newest checkpoint of each ledger that was\n"
    "written or verified is kept in $XDG_STATE_HOME/daybook/ledgers (`daybook known`).";

}  // namespace

const Command verify_command = {"verify", "check that nothing was changed or lost", kDetails,
                                kExamples, make_verb<Verify>};

}  // namespace daybook::cli
