// SPDX-License-Identifier: Apache-2.0
//
// Health patterns of a session: compaction storm, resume storm, stuck loop,
// iteration runaway, all by the times of the records. A pattern is shown by the
// record that completed it (the third compaction, the fourth identical call), so
// that it stays the same signal when the session goes on. Memory is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "review/rule_set.h"

namespace daybook::review {

inline constexpr std::size_t kStormEvents = 3;
inline constexpr std::int64_t kCompactionStormMinutes = 10;
inline constexpr std::int64_t kResumeStormMinutes = 30;
inline constexpr std::size_t kStuckLoopCalls = 4;
inline constexpr std::size_t kRunawayCalls = 150;
inline constexpr std::size_t kMaxStormEvents = 1'024;  // held at once; further ones are counted

// Of several storms or runaways of one session: each, or the greatest only. Of stuck
// loops always each.
enum class Episodes : std::uint8_t { Each, Greatest };

// One stretch of a pattern, from its first event to its last.
struct Episode {
  std::size_t count = 0;
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  std::optional<Sighting> shown;  // once it is complete
};

// Collects the episodes of one pattern and reports them as signals.
class EpisodeReport {
 public:
  EpisodeReport(Episodes episodes, std::string_view label) : episodes_(episodes), label_(label) {}
  // An episode that is complete has ended. `subject`: the tool of a stuck loop.
  void close(Episode episode, std::string_view subject, SignalSink& sink);
  void finish(SignalSink& sink);

 private:
  Episodes episodes_;
  std::string_view label_;
  std::optional<Episode> greatest_;
};

// At least kStormEvents within a number of minutes.
class StormWatch {
 public:
  StormWatch(Episodes episodes, std::string_view label, std::int64_t minutes)
      : report_(episodes, label), window_micros_(minutes * 60'000'000) {}
  void add(const TranscriptRecord& record, SignalSink& sink);
  void finish(SignalSink& sink);

 private:
  EpisodeReport report_;
  std::int64_t window_micros_;
  std::deque<Timestamp> recent_;
  Episode storm_;  // the densest moment of the storm that is on; count 0: none is
};

class HealthWatch {
 public:
  explicit HealthWatch(Episodes episodes);
  void compaction(const TranscriptRecord& record, SignalSink& sink) {
    compactions_.add(record, sink);
  }
  void resume(const TranscriptRecord& record, SignalSink& sink) { resumes_.add(record, sink); }
  // Waiting for something that runs is no loop, however often it is asked.
  void call(const TranscriptRecord& record, SignalSink& sink);
  void user_message(SignalSink& sink);
  void finish(SignalSink& sink);

 private:
  void end_loop(SignalSink& sink);
  void end_stretch(SignalSink& sink);

  StormWatch compactions_;
  StormWatch resumes_;
  EpisodeReport loops_;
  EpisodeReport runaways_;
  Episodes episodes_;
  std::string loop_tool_;
  std::string loop_arguments_;
  Episode loop_;
  Episode stretch_;
};

}  // namespace daybook::review
