// SPDX-License-Identifier: Apache-2.0
#include "review/nightly_spend.h"

namespace daybook::review {
namespace {

constexpr std::string_view kRootRole = "(root)";
constexpr std::string_view kUnnamedRole = "(sub-agent)";

std::string persona_key(const std::string& persona, const std::string& channel) {
  return channel.empty() ? persona : persona + "@" + channel;
}

std::string role_of(const SessionInfo& info) {
  if (info.parent.empty()) return std::string(kRootRole);
  return info.agent.empty() ? std::string(kUnnamedRole) : info.agent;
}

struct Totals {
  std::uint64_t input = 0;
  std::uint64_t output = 0;
  std::optional<Money> cost;
};

Totals totals_of(const std::vector<ModelUsage>& usage) {
  Totals totals;
  for (const ModelUsage& entry : usage) {
    totals.input +=
        entry.usage.input_tokens + entry.usage.cache_read_tokens + entry.usage.cache_write_tokens;
    totals.output += entry.usage.output_tokens;
    if (!entry.usage.cost) continue;
    if (!totals.cost) totals.cost.emplace();
    totals.cost->picodollars += entry.usage.cost->picodollars;
  }
  return totals;
}

std::vector<std::pair<std::string, Money>> sorted(const std::map<std::string, Money>& parts) {
  return {parts.begin(), parts.end()};
}

void count(PersonaTally& tally, SignalKind kind) {
  switch (kind) {
    case SignalKind::Correction:
      ++tally.corrections;
      break;
    case SignalKind::Error:
      ++tally.errors;
      break;
    case SignalKind::Workaround:
      ++tally.workarounds;
      break;
    case SignalKind::Deferral:
      ++tally.deferrals;
      break;
    case SignalKind::Pattern:
      ++tally.patterns;
      break;
  }
}

}  // namespace

void SpendTally::add(const SessionFindings& findings) {
  const Totals totals = totals_of(findings.usage);
  const SessionInfo& info = findings.info;
  if (!info.persona.empty() && findings.in_window) {
    PersonaTally& tally = personas_[persona_key(info.persona, info.channel)];
    ++tally.sessions;
    tally.input_tokens += totals.input;
    tally.output_tokens += totals.output;
    if (totals.cost) {
      if (!tally.cost) tally.cost.emplace();
      tally.cost->picodollars += totals.cost->picodollars;
    }
  }
  if (findings.usage.empty()) return;
  ++spend_.sessions_with_usage;
  spend_.input_tokens += totals.input;
  spend_.output_tokens += totals.output;
  if (!totals.cost) return;
  ++spend_.sessions_with_cost;
  spend_.total.picodollars += totals.cost->picodollars;
  by_role_[role_of(info)].picodollars += totals.cost->picodollars;
  by_session_[info.id] = *totals.cost;
  for (const ModelUsage& entry : findings.usage) {
    if (entry.usage.cost) by_model_[entry.model].picodollars += entry.usage.cost->picodollars;
  }
}

std::optional<Spend> SpendTally::spend() const {
  if (spend_.sessions_with_usage == 0) return std::nullopt;
  Spend spend = spend_;
  spend.by_role = sorted(by_role_);
  spend.by_model = sorted(by_model_);
  return spend;
}

std::vector<PersonaTally> SpendTally::personas(const std::vector<DigestEntry>& entries) const {
  std::map<std::string, PersonaTally> counted = personas_;
  for (const DigestEntry& entry : entries) {
    const Signal& signal = entry.signal;
    if (signal.persona.empty()) continue;
    count(counted[persona_key(signal.persona, signal.channel)], signal.kind);
  }
  std::vector<PersonaTally> tallies;
  for (auto& [key, tally] : counted) {
    tally.key = key;
    tallies.push_back(std::move(tally));
  }
  return tallies;
}

std::optional<Money> SpendTally::cost_of(const std::string& session) const {
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return std::nullopt;
  return found->second;
}

}  // namespace daybook::review
