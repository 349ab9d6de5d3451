// SPDX-License-Identifier: Apache-2.0
//
// Records of a transcript as tests compare them: kept beyond their callback, and as
// an outline that says everything a reader decides: a line for each record, and an
// indented one for each thing known of a session and for the error of a result.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "daybook/transcript.h"

namespace daybook::testing {

// A record that owns its texts.
struct Kept {
  RecordKind kind = RecordKind::Unknown;
  SessionInfo session;
  std::string id, parent, turn;
  std::optional<Timestamp> time;
  std::uint64_t offset = 0, line = 0;
  Role role = Role::User;
  Origin origin = Origin::Said;
  std::string text, tool, call, arguments, error, model, api_message, type, raw;
  Outcome outcome = Outcome::Unknown;
  std::optional<std::int64_t> exit_code;
  std::optional<Usage> usage;
};

inline Kept keep(const TranscriptRecord& record) {
  const auto own = [](std::string_view text) { return std::string(text); };
  return {.kind = record.kind,
          .session = *record.session,
          .id = own(record.id),
          .parent = own(record.parent),
          .turn = own(record.turn),
          .time = record.time,
          .offset = record.offset,
          .line = record.line,
          .role = record.role,
          .origin = record.origin,
          .text = own(record.text),
          .tool = own(record.tool),
          .call = own(record.call),
          .arguments = own(record.arguments),
          .error = own(record.error),
          .model = own(record.model),
          .api_message = own(record.api_message),
          .type = own(record.type),
          .raw = own(record.raw),
          .outcome = record.outcome,
          .exit_code = record.exit_code,
          .usage = record.usage};
}

struct Transcript {
  std::vector<Kept> records;
  TranscriptSummary summary;

  [[nodiscard]] std::vector<Kept> of(RecordKind kind) const {
    std::vector<Kept> found;
    std::ranges::copy_if(records, std::back_inserter(found),
                         [&](const Kept& record) { return record.kind == kind; });
    return found;
  }
};

inline std::string fixture(std::string_view path) {
  return fmt::format("{}/tests/transcript/fixtures/{}", DAYBOOK_SOURCE_DIR, path);
}

inline Transcript read_all(const TranscriptFile& file, const TranscriptOptions& options = {}) {
  Transcript transcript;
  auto summary = read_transcript(file, options, [&](const TranscriptRecord& record) {
    transcript.records.push_back(keep(record));
    return true;
  });
  EXPECT_TRUE(summary) << (summary ? "" : summary.error().message);
  if (summary) transcript.summary = *std::move(summary);
  return transcript;
}

// The files of a reader below fixtures/<path>.
inline std::vector<TranscriptFile> fixture_files(std::string_view reader, std::string_view path) {
  const auto found =
      find_transcripts({.reader = std::string(reader), .paths = {fixture(path)}}, "/nowhere");
  EXPECT_TRUE(found) << (found ? "" : found.error().message);
  return found ? found->files : std::vector<TranscriptFile>{};
}

// The only file of a reader below fixtures/<path>.
inline Transcript read_fixture(std::string_view reader, std::string_view path) {
  const auto files = fixture_files(reader, path);
  EXPECT_EQ(files.size(), 1U) << path;
  return files.size() == 1 ? read_all(files[0]) : Transcript{};
}

inline std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', '|');
  return text;
}

inline std::string outline(const Usage& usage) {
  return fmt::format("[{} {} {} {}{}]", usage.input_tokens, usage.output_tokens,
                     usage.cache_read_tokens, usage.cache_write_tokens,
                     usage.cost ? " $" + to_string(*usage.cost) : "");
}

inline std::string outline(const SessionInfo& session) {
  std::string line = session.id;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) line += fmt::format("\n  {}={}", name, value);
  };
  add("parent", session.parent);
  add("parent_call", session.parent_call);
  add("version", session.version);
  add("project", session.project);
  add("branch", session.branch);
  add("agent", session.agent);
  add("persona", session.persona);
  add("channel", session.channel);
  return line;
}

inline std::string outline(const Kept& record) {
  std::string line(to_string(record.kind));
  switch (record.kind) {
    case RecordKind::Session:
      line += " " + outline(record.session);
      break;
    case RecordKind::Message:
      line = fmt::format("{} {}", to_string(record.role), to_string(record.origin));
      break;
    case RecordKind::ToolCall:
      line += fmt::format(" {} {} {}", record.tool, record.call, record.arguments);
      break;
    case RecordKind::ToolResult:
      line += fmt::format(" {} {} {}", record.tool, record.call, to_string(record.outcome));
      break;
    case RecordKind::Unknown:
      line += " " + record.type;
      break;
    default:
      break;
  }
  if (record.exit_code) line += fmt::format(" exit={}", *record.exit_code);
  if (!record.text.empty()) line += ": " + one_line(record.text);
  if (record.usage) line += " " + outline(*record.usage);
  line = line.substr(0, line.find_last_not_of(' ') + 1);
  if (!record.error.empty() && record.error != record.text) {
    line += "\n  error: " + one_line(record.error);
  }
  return line;
}

inline std::string outline(const Transcript& transcript) {
  std::string lines = "\n";
  for (const auto& record : transcript.records) lines += outline(record) + "\n";
  return lines;
}

// "7 message is no object": where, and why.
inline std::string skipped(const Transcript& transcript) {
  std::string lines = "\n";
  for (const auto& skip : transcript.summary.skipped_list) {
    const bool by_reader = skip.reason == Skipped::Reason::Misshapen;
    lines += fmt::format("{} {}:{}\n", skip.line, to_string(skip.reason),
                         by_reader ? " " + skip.why : "");
  }
  return lines;
}

}  // namespace daybook::testing
