// SPDX-License-Identifier: Apache-2.0
#include "review/health.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/sha256.h"
#include "review/canonical_json.h"

namespace daybook::review {
namespace {

constexpr std::string_view kCompactionStorm = "compaction_storm";
constexpr std::string_view kResumeStorm = "resume_storm";
constexpr std::string_view kStuckLoop = "stuck_loop";
constexpr std::string_view kRunaway = "iteration_runaway";
constexpr std::size_t kMaxKeptArguments = std::size_t{64} << 10;  // longer: only their hash
// Amplifier's sub-agents, when the file does not say who started them.
constexpr std::string_view kSubAgentPrefix = "0000000000000000";
// Tools that ask whether something in the background is done.
constexpr std::array<std::string_view, 9> kPolls = {"write_stdin", "BashOutput",      "TaskOutput",
                                                    "read_bash",   "AgentOutputTool", "read_agent",
                                                    "wait",        "wait_agent",      "sleep"};

std::string clock_range(const Episode& episode) {
  if (!episode.first || !episode.last) return {};
  return fmt::format(" {}-{}", to_string(*episode.first).substr(11, 5),
                     to_string(*episode.last).substr(11, 5));
}

// What a pattern is called: jilog says how often; a name that stays the same when the
// session goes on says from how often on.
std::string describe(std::string_view label, const std::string& count, std::string_view tool) {
  if (label == kCompactionStorm) {
    return fmt::format("compaction storm: {} compactions within {} minutes", count,
                       kCompactionStormMinutes);
  }
  if (label == kResumeStorm) {
    return fmt::format("resume storm: {} resumes within {} minutes", count, kResumeStormMinutes);
  }
  if (label == kStuckLoop) {
    return fmt::format("stuck loop: `{}` called {} times with identical arguments", tool, count);
  }
  return fmt::format("iteration runaway: {} tool calls with no intervening user message", count);
}

std::string count_of(const Episode& episode, std::string_view label, Episodes episodes) {
  if (episodes == Episodes::Greatest) return std::to_string(episode.count);
  const std::size_t least = label == kRunaway     ? kRunawayCalls
                            : label == kStuckLoop ? kStuckLoopCalls
                                                  : kStormEvents;
  return fmt::format("{} or more", least);
}

std::string prove(std::string_view label, const Episode& episode, std::string_view tool) {
  const std::string when = clock_range(episode);
  if (label == kCompactionStorm) return fmt::format("{} compactions{}", episode.count, when);
  if (label == kResumeStorm) return fmt::format("{} resumes{}", episode.count, when);
  if (label == kStuckLoop) {
    return fmt::format("`{}` x{} identical arguments{}", tool, episode.count, when);
  }
  return fmt::format("{} tool calls without a user message{}", episode.count, when);
}

void report(Episode episode, std::string_view label, Episodes episodes, std::string_view subject,
            SignalSink& sink) {
  Sighting sighting = *std::move(episode.shown);
  sighting.signal.text = describe(label, count_of(episode, label, episodes), subject);
  sighting.signal.label = label;
  sighting.signal.evidence = prove(label, episode, subject);
  sighting.signal.reason = sighting.signal.evidence;
  if (label == kStuckLoop) sighting.signal.tool = subject;
  sink.put(std::move(sighting));
}

// One more event in a stretch without gaps.
void extend(Episode& episode, const TranscriptRecord& record, std::size_t complete_at,
            const SignalSink& sink) {
  ++episode.count;
  if (record.time) {
    if (!episode.first || *record.time < *episode.first) episode.first = record.time;
    if (!episode.last || *record.time > *episode.last) episode.last = record.time;
  }
  if (episode.count == complete_at) episode.shown = sink.see(SignalKind::Pattern, record);
}

std::string comparable(std::string_view arguments) {
  if (arguments.size() > kMaxKeptArguments) return to_string(sha256(as_bytes(arguments)));
  return canonical_json(arguments);
}

bool is_sub_agent(const TranscriptRecord& record, const SignalSink& sink) {
  const SessionInfo& session = *record.session;
  return !session.parent.empty() || session.id.starts_with(kSubAgentPrefix) ||
         (!sink.root().empty() && sink.root() != session.id);
}

}  // namespace

void EpisodeReport::close(Episode episode, std::string_view subject, SignalSink& sink) {
  if (!episode.shown) return;
  const bool every = episodes_ == Episodes::Each || label_ == kStuckLoop;
  if (every) return report(std::move(episode), label_, episodes_, subject, sink);
  // Shown by the record that completed the first one, so that it stays the same signal.
  if (greatest_) episode.shown = greatest_->shown;
  if (!greatest_ || greatest_->count < episode.count) greatest_ = std::move(episode);
}

void EpisodeReport::finish(SignalSink& sink) {
  if (greatest_) report(*std::exchange(greatest_, std::nullopt), label_, episodes_, {}, sink);
}

void StormWatch::add(const TranscriptRecord& record, SignalSink& sink) {
  if (!record.time) return;
  // Times may be out of order: the window is kept sorted.
  recent_.insert(std::ranges::upper_bound(recent_, *record.time), *record.time);
  while (recent_.back().micros - recent_.front().micros > window_micros_) recent_.pop_front();
  if (recent_.size() > kMaxStormEvents) recent_.pop_front();
  if (recent_.size() < kStormEvents) {
    report_.close(std::exchange(storm_, {}), {}, sink);
    return;
  }
  if (!storm_.shown) storm_.shown = sink.see(SignalKind::Pattern, record);
  if (recent_.size() > storm_.count) {
    storm_.count = recent_.size();
    storm_.first = recent_.front();
    storm_.last = recent_.back();
  }
}

void StormWatch::finish(SignalSink& sink) {
  report_.close(std::exchange(storm_, {}), {}, sink);
  report_.finish(sink);
}

HealthWatch::HealthWatch(Episodes episodes)
    : compactions_(episodes, kCompactionStorm, kCompactionStormMinutes),
      resumes_(episodes, kResumeStorm, kResumeStormMinutes),
      loops_(episodes, kStuckLoop),
      runaways_(episodes, kRunaway),
      episodes_(episodes) {}

void HealthWatch::call(const TranscriptRecord& record, SignalSink& sink) {
  if (!is_sub_agent(record, sink)) extend(stretch_, record, kRunawayCalls, sink);
  const bool polls =
      episodes_ == Episodes::Each && std::ranges::find(kPolls, record.tool) != kPolls.end();
  std::string arguments = comparable(record.arguments);
  if (polls || record.tool != loop_tool_ || arguments != loop_arguments_) end_loop(sink);
  if (polls) return;
  loop_tool_ = record.tool;
  loop_arguments_ = std::move(arguments);
  extend(loop_, record, kStuckLoopCalls, sink);
}

void HealthWatch::user_message(SignalSink& sink) { end_stretch(sink); }

void HealthWatch::end_loop(SignalSink& sink) {
  loops_.close(std::exchange(loop_, {}), loop_tool_, sink);
  loop_tool_.clear();
  loop_arguments_.clear();
}

void HealthWatch::end_stretch(SignalSink& sink) {
  runaways_.close(std::exchange(stretch_, {}), {}, sink);
}

void HealthWatch::finish(SignalSink& sink) {
  end_loop(sink);
  end_stretch(sink);
  compactions_.finish(sink);
  resumes_.finish(sink);
  runaways_.finish(sink);
}

}  // namespace daybook::review
