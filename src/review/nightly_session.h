// SPDX-License-Identifier: Apache-2.0
//
// One session of the ledger, read from its beginning: its signals, its numbers and
// what it used within a window. Memory is bounded by the number of the model's
// answers, not by their length. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daybook/import.h"
#include "daybook/ledger.h"
#include "daybook/review.h"

namespace daybook::review {

struct Window {
  Timestamp since;  // inclusive
  Timestamp until;  // exclusive
  [[nodiscard]] bool holds(Timestamp time) const { return time >= since && time < until; }
};

inline constexpr std::string_view kSessionStreams = "session/";
[[nodiscard]] std::string session_stream(std::string_view session);

struct ModelUsage {
  std::string model;
  Usage usage;
};

struct SessionFindings {
  SessionInfo info;
  SessionReview review;
  std::vector<ModelUsage> usage;  // of the answers within the window, each once
  bool in_window = false;         // something was said or done within it
  std::vector<LostRange> lost;
};

// Finds the session that started it all. A parent that was never imported is a root.
class RootFinder {
 public:
  explicit RootFinder(Ledger& ledger) : ledger_(&ledger) {}
  [[nodiscard]] Result<std::string> root_of(const std::string& session);

 private:
  Result<std::string> parent_of_session(const std::string& session);

  Ledger* ledger_;
  std::map<std::string, std::string> parents_;
};

// `stream` is "session/<id>". Errors: the ledger's; an event that cannot be read is
// left out, and is in `lost`.
[[nodiscard]] Result<SessionFindings> read_session(Ledger& ledger, const std::string& stream,
                                                   Rules rules, const Window& window,
                                                   RootFinder& roots);

// The event that a record of a session became.
[[nodiscard]] Result<std::optional<Event>> event_of_record(Ledger& ledger,
                                                           const std::string& stream,
                                                           std::string_view record);

}  // namespace daybook::review
