// SPDX-License-Identifier: Apache-2.0
#include "cli/backup_output.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/context.h"
#include "cli/partial.h"

namespace daybook::cli {
namespace {

void print_json(Output& out, const BackupReport& report) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("path", report.path).member("ledger_id", report.ledger_id);
  json.member("size", report.head.size).member("root", to_string(report.head.root));
  json.member("pending", report.pending).member("segments", report.segments);
  json.member("files_copied", report.files_copied).member("blobs_copied", report.blobs_copied);
  json.member("bytes_copied", report.bytes_copied).member("key", report.has_key);
  json.member("complete", report.complete()).key("lost");
  append_lost(json, report.lost);
  json.key("unreadable_blobs").begin_array();
  for (const std::string& digest : report.unreadable_blobs) json.text(digest);
  json.end_array().key("findings").begin_array();
  for (const Finding& finding : report.findings) {
    json.begin_object().member("code", finding.code).member("file", finding.file);
    json.member("first", finding.first.value).member("last", finding.last.value);
    json.member("message", finding.message).end_object();
  }
  json.end_array().end_object();
  out.line(text);
}

void print_text(Output& out, const BackupReport& report, std::string_view verb) {
  out.line(report.files_copied == 0
               ? fmt::format("{}: holds {} already", printable(report.path),
                             counted(report.head.size, "event"))
               : fmt::format("{}: {} {}; copied {}, {}", printable(report.path), verb,
                             counted(report.head.size, "event"),
                             counted(report.files_copied, "file"),
                             human_bytes(report.bytes_copied)));
  out.line(fmt::format("root {} of {}", to_string(report.head.root),
                       counted(report.head.size, "event")));
}

}  // namespace

ExitCode print_backup(Context& context, const BackupReport& report, bool json,
                      std::string_view verb) {
  if (json) {
    print_json(context.out(), report);
  } else {
    print_text(context.out(), report, verb);
  }
  if (report.pending > 0) {
    context.note(fmt::format("left for the next run: {}, not known to be durable yet",
                             counted(report.pending, "newer event")));
  }
  ExitCode code = tell_missing(context, report.lost);
  for (const std::string& digest : report.unreadable_blobs) {
    context.warn(fmt::format("the blob sha256:{} cannot be read and was left out", digest));
    code = ExitCode::Partial;
  }
  if (report.findings.empty()) return code;
  for (const Finding& finding : report.findings) {
    context.warn(fmt::format("{}: {}: {}", finding.code, finding.file, printable(finding.message)));
  }
  return ExitCode::VerificationFailed;
}

}  // namespace daybook::cli
