// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include "daybook/review.h"

namespace daybook {
namespace {

// Amplifier's sub-agents, as jilog knows them: "0000000000000000-<hex>_<role>".
constexpr std::string_view kJilogSubAgent = "0000000000000000";

// The session that an error counts for; empty: for none.
std::string_view counted_session(const Signal& signal, Rules rules) {
  if (signal.kind != SignalKind::Error) return {};
  if (rules == Rules::Jilog) {
    return signal.session.starts_with(kJilogSubAgent) ? std::string_view{} : signal.session;
  }
  if (signal.confidence < kReportedConfidence) return {};
  return signal.root.empty() ? signal.session : signal.root;
}

}  // namespace

std::vector<P0Alert> find_p0(const std::vector<Signal>& signals, Rules rules) {
  std::map<std::string_view, std::set<std::string_view>> sessions_of_tool;
  for (const Signal& signal : signals) {
    if (const auto session = counted_session(signal, rules); !session.empty()) {
      sessions_of_tool[signal.tool].insert(session);
    }
  }
  std::vector<P0Alert> alerts;
  for (const auto& [tool, sessions] : sessions_of_tool) {
    if (sessions.size() < kP0Sessions) continue;
    alerts.push_back({std::string(tool), {sessions.begin(), sessions.end()}});
  }
  return alerts;
}

}  // namespace daybook
