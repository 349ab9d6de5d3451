// SPDX-License-Identifier: Apache-2.0
#include "cli/partial.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/context.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kMaxTold = 10;  // ranges told one by one; verify lists all

}  // namespace

std::string describe(const LostRange& lost) {
  std::string text =
      fmt::format("{} at byte {} ({})", lost.file, lost.offset, counted(lost.length, "byte"));
  if (lost.first.value == 0) return text;
  if (lost.first == lost.last) return text + fmt::format(": #{}", lost.first.value);
  return text + fmt::format(": #{} to #{}", lost.first.value, lost.last.value);
}

ExitCode tell_missing(Context& context, const std::vector<LostRange>& lost) {
  if (lost.empty()) return ExitCode::Ok;
  for (std::size_t i = 0; i < lost.size() && i < kMaxTold; ++i) {
    context.warn(fmt::format("cannot be read: {}", describe(lost[i])));
  }
  if (lost.size() > kMaxTold) {
    context.warn(fmt::format("... and {} more", counted(lost.size() - kMaxTold, "place")));
  }
  context.warn("the answer lacks what stood there; `daybook verify` tells all");
  return ExitCode::Partial;
}

ExitCode tell_missing(Context& context, const Completeness& completeness) {
  if (!completeness.rebuilt.empty()) {
    context.warn(fmt::format("{}: made anew from the log, which this answer comes from",
                             completeness.rebuilt));
  }
  const ExitCode code = tell_missing(context, completeness.lost);
  if (completeness.lag == 0) return code;
  context.warn(fmt::format("the answer lacks the newest {}: {}", counted(completeness.lag, "event"),
                           completeness.reason));
  return ExitCode::Partial;
}

void append_lost(JsonWriter& json, const std::vector<LostRange>& lost) {
  json.begin_array();
  for (const LostRange& range : lost) {
    json.begin_object().member("file", range.file).member("offset", range.offset);
    json.member("length", range.length).member("first", range.first.value);
    json.member("last", range.last.value).end_object();
  }
  json.end_array();
}

void append_completeness(JsonWriter& json, const Completeness& completeness) {
  json.member("complete", completeness.complete()).member("lag", completeness.lag);
  json.optional_member("reason", completeness.reason);
  json.optional_member("rebuilt", completeness.rebuilt).key("lost");
  append_lost(json, completeness.lost);
}

}  // namespace daybook::cli
