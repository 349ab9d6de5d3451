// SPDX-License-Identifier: Apache-2.0
#include "bench/harness.h"

#include <algorithm>
#include <utility>

#include "bench/system.h"

namespace daybook::bench {
namespace {

constexpr double kWarmUpShare = 0.25;

// A contestant and what became of it. One that fails is said and left out; the
// others go on.
struct Runner {
  Entry entry;
  std::vector<double> values;
  std::vector<float> micros;
  std::string failure;

  [[nodiscard]] bool well() const { return failure.empty(); }
  bool check(const char* step, const Result<void>& result) {
    if (result) return true;
    failure = entry.name + ", " + step + ": " + result.error().message;
    return false;
  }
};
using Runners = std::vector<Runner>;
enum class Keep : std::uint8_t { Result, Nothing };

Result<void> slice(Runner& runner, double seconds, Keep keep) {
  DAYBOOK_TRY(slice, runner.entry.contestant->run(seconds));
  if (keep == Keep::Nothing) return {};
  runner.values.push_back(slice.value);
  runner.micros.insert(runner.micros.end(), slice.micros.begin(), slice.micros.end());
  return {};
}

void take_turn(Runner& runner, double seconds, Keep keep, const std::function<void()>& drain) {
  if (!runner.well()) return;
  drain();
  if (runner.check("run", slice(runner, seconds, keep))) {
    runner.check("settle", runner.entry.contestant->settle());
  }
}

void warm_up(Runners& runners, const Work& work, const Pace& pace,
             const std::function<void()>& drain) {
  for (Runner& runner : runners) runner.check("prepare", runner.entry.contestant->prepare());
  if (work.warm_up == WarmUp::None) return;
  for (Runner& runner : runners) {
    take_turn(runner, pace.slice_seconds * kWarmUpShare, Keep::Nothing, drain);
  }
}

// One slice for everybody; who goes first changes with the round.
void one_round(Runners& runners, std::uint32_t round, double seconds,
               const std::function<void()>& drain) {
  for (std::size_t i = 0; i < runners.size(); ++i) {
    take_turn(runners[(i + round) % runners.size()], seconds, Keep::Result, drain);
  }
}

std::vector<double> ratios_of(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    if (theirs[i] > 0) ratios.push_back(ours[i] / theirs[i]);
  }
  return ratios;
}

std::vector<Judgement> judge(const Work& work, const Outcome& outcome) {
  std::vector<Judgement> judgements;
  for (const Target& target : work.targets) {
    const auto& table = target.against.empty() ? outcome.values : outcome.ratios;
    const auto found = table.find(target.against.empty() ? kDaybook : target.against);
    if (found == table.end()) continue;
    const double actual = found->second.median;
    const bool met =
        work.better == Better::Higher ? actual >= target.bound : actual <= target.bound;
    judgements.push_back({target, actual, met});
  }
  return judgements;
}

void summarise(const Work& work, Runners& runners, Outcome& outcome) {
  const auto daybook = std::ranges::find_if(
      runners, [](const Runner& runner) { return runner.entry.name == kDaybook && runner.well(); });
  for (Runner& runner : runners) {
    const std::string& name = runner.entry.name;
    if (!runner.well()) {
      outcome.failures.push_back(runner.failure);
      continue;
    }
    outcome.values[name] = spread_of(runner.values);
    if (auto latency = latency_of(std::move(runner.micros))) outcome.latencies[name] = *latency;
    if (daybook != runners.end() && name != kDaybook) {
      outcome.ratios[name] = spread_of(ratios_of(daybook->values, runner.values));
    }
    for (auto& note : runner.entry.contestant->notes()) outcome.notes.push_back(std::move(note));
  }
  outcome.judgements = judge(work, outcome);
}

}  // namespace

std::optional<Latency> latency_of(std::vector<float> micros) {
  if (micros.empty()) return std::nullopt;
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double share) {
    return static_cast<double>(
        micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))]);
  };
  return Latency{at(0.50), at(0.99), static_cast<double>(micros.back())};
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Spread spread_of(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {median(values), *low, *high};
}

Result<Outcome> measure(const Work& work, const Pace& pace, const std::function<void()>& drain) {
  Outcome outcome{.id = work.id,
                  .title = work.title,
                  .unit = work.unit,
                  .peer = work.peer,
                  .better = work.better};
  DAYBOOK_TRY(entries, work.make());
  Runners runners;
  for (Entry& entry : entries) {
    if (!pace.contestants.empty() && !std::ranges::count(pace.contestants, entry.name)) continue;
    if (entry.contestant) {
      runners.push_back({.entry = std::move(entry), .values = {}, .micros = {}, .failure = {}});
    } else {
      outcome.missing.push_back(entry.name);
    }
  }
  warm_up(runners, work, pace, drain);

  const CpuWatch watch;
  outcome.rounds = std::min(pace.rounds, work.rounds_max);
  for (std::uint32_t round = 0; round < outcome.rounds; ++round) {
    one_round(runners, round, pace.slice_seconds, drain);
  }
  outcome.others_cpu = watch.others();

  for (Runner& runner : runners) {
    if (runner.well()) runner.check("finish", runner.entry.contestant->finish());
  }
  summarise(work, runners, outcome);
  return outcome;
}

}  // namespace daybook::bench
