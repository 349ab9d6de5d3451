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
#include "cli/progress.h"

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

class Verify final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.texts("--checkpoint", checkpoints_, "FILE",
                "a checkpoint kept elsewhere, which the log must agree with");
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
    DAYBOOK_TRY(report, check(context, ledger, options));
    if (json_) {
      print_json(context.out(), report);
    } else {
      print_text(context.out(), report);
    }
    return report.ok() ? ExitCode::Ok : ExitCode::VerificationFailed;
  }

 private:
  static constexpr std::uint64_t kMaxThreads = 256;

  static Result<VerifyReport> check(Context& context, Ledger& ledger, VerifyOptions& options) {
    Progress progress(context, "verifying");
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
      progress.update(done, total, Progress::Unit::Bytes);
    };
    return ledger.verify(options);
  }

  static void print_text(Output& out, const VerifyReport& report) {
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
    if (report.ok()) {
      out.line(out.paint(Paint::Green, "ok: everything is as it was written"));
      return;
    }
    std::string verdict = "FAILED: the ledger is not as it was written";
    if (report.lost > 0) verdict += fmt::format("; {} lost", counted(report.lost, "event"));
    out.line(out.paint(Paint::Red, verdict));
  }

  static void print_json(Output& out, const VerifyReport& report) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("ok", report.ok()).member("events", report.events);
    json.member("erased", report.erased).member("lost", report.lost);
    json.member("segments", report.segments).member("blobs", report.blobs);
    json.member("checkpoints", report.checkpoints).member("bytes", report.bytes);
    json.key("head").begin_object().member("size", report.head.size);
    json.member("root", to_string(report.head.root)).end_object();
    json.member("findings_total", report.findings_total).key("findings").begin_array();
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
    "Repairs nothing. Exit code 3 when anything is not as it was written.";

}  // namespace

const Command verify_command = {"verify", "check that nothing was changed or lost", kDetails,
                                kExamples, make_verb<Verify>};

}  // namespace daybook::cli
