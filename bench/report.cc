// SPDX-License-Identifier: Apache-2.0
#include "bench/report.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "bench/table.h"

namespace daybook::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 4> kPeers = {kSqlite, kRocksdb, kLmdb, kJq};
constexpr double kNoisyCpu = 0.15;     // of the machine, taken by others
constexpr double kNoisySpread = 1.25;  // highest / lowest ratio within the rounds

std::string value_cell(const Outcome& outcome, const char* name) {
  if (std::ranges::find(outcome.missing, name) != outcome.missing.end()) return "not built in";
  const auto found = outcome.values.find(name);
  return found == outcome.values.end() ? "-" : number(found->second.median);
}

std::string ratio_cell(const Outcome& outcome, const std::string& name) {
  const auto found = outcome.ratios.find(name);
  return found == outcome.ratios.end() ? "-" : fmt::format("{:.2f}", found->second.median);
}

std::string peer_cell(const Outcome& outcome) {
  const std::string ratio = ratio_cell(outcome, outcome.peer);
  return ratio == "-" ? ratio : fmt::format("{} {}", ratio, outcome.peer);
}

bool noisy(const Outcome& outcome) {
  const auto wide = [](const auto& entry) {
    return entry.second.highest > entry.second.lowest * kNoisySpread;
  };
  return outcome.others_cpu > kNoisyCpu ||
         std::any_of(outcome.ratios.begin(), outcome.ratios.end(), wide);
}

std::string works_table(const Report& report) {
  Table table;
  table.column("work", Align::Left);
  table.column("unit", Align::Left);
  for (const char* title : {"raw limit", "SQLite", "RocksDB", "LMDB", "Daybook", "to raw"}) {
    table.column(title, Align::Right);
  }
  for (const char* title : {"to peer", "target", "result"}) table.column(title, Align::Left);
  for (const Outcome& outcome : report.outcomes) {
    std::vector<std::string> cells = {outcome.title + (noisy(outcome) ? " ~" : ""), outcome.unit};
    for (const char* name : {kRaw, kSqlite, kRocksdb, kLmdb, kDaybook}) {
      cells.push_back(value_cell(outcome, name));
    }
    cells.push_back(ratio_cell(outcome, kRaw));
    cells.push_back(peer_cell(outcome));
    if (outcome.judgements.empty()) cells.insert(cells.end(), {"-", "-"});
    for (const Judgement& judgement : outcome.judgements) {
      cells.push_back(describe(judgement.target, outcome.better, outcome.unit));
      cells.push_back(verdict(judgement, outcome.better));
      table.row(std::move(cells));
      cells.assign(9, "");  // a second target stands below the first
    }
    if (outcome.judgements.empty()) table.row(std::move(cells));
  }
  return table.text();
}

std::string latency_table(const Report& report) {
  Table table;
  table.column("latency of one call, microseconds: p50 / p99", Align::Left);
  const std::array<const char*, 5> names = {kRaw, kSqlite, kRocksdb, kLmdb, kDaybook};
  for (const char* title : {"raw limit", "SQLite", "RocksDB", "LMDB", "Daybook"}) {
    table.column(title, Align::Right);
  }
  table.column("Daybook, slowest", Align::Right);
  for (const Outcome& outcome : report.outcomes) {
    if (outcome.latencies.empty()) continue;
    std::vector<std::string> cells = {outcome.title};
    for (const char* name : names) {
      const auto found = outcome.latencies.find(name);
      cells.push_back(found == outcome.latencies.end()
                          ? "-"
                          : number(found->second.p50) + " / " + number(found->second.p99));
    }
    const auto own = outcome.latencies.find(kDaybook);
    cells.push_back(own == outcome.latencies.end() ? "-" : number(own->second.max));
    table.row(std::move(cells));
  }
  return table.empty() ? std::string() : table.text() + '\n';
}

std::string growth_table(const Report& report) {
  Table table;
  table.column("events", Align::Right);
  for (const char* title : {"open", "append 1", "read one", "why", "query"}) {
    table.column(title, Align::Right);
  }
  table.column("index, events/s", Align::Right);
  table.column("log B/event", Align::Right);
  table.column("index B/event", Align::Right);
  const auto cell = [](const Latency& latency) {
    return number(latency.p50) + " / " + number(latency.p99);
  };
  for (const GrowthLine& line : report.growth) {
    table.row({number(static_cast<double>(line.events)), cell(line.open), cell(line.append),
               cell(line.read), cell(line.why), cell(line.query),
               number(line.index_events_per_second), number(line.log_bytes_per_event),
               number(line.index_bytes_per_event)});
  }
  return "how the cost of one call grows, microseconds: p50 / p99\n" + table.text();
}

std::string notes_text(const Report& report) {
  std::string text =
      "to raw, to peer: Daybook's figure divided by the other's, the median of the ratios "
      "within each round.\n";
  for (const Outcome& outcome : report.outcomes) {
    for (const std::string& note : outcome.notes) text += note + '\n';
    for (const std::string& failure : outcome.failures) {
      text += fmt::format("FAILED, {}: {}\n", outcome.id, failure);
    }
    if (!noisy(outcome)) continue;
    const auto raw = outcome.ratios.find(kRaw);
    text += fmt::format("~ {}: noisy; other processes took {:.0f} % of the machine", outcome.title,
                        outcome.others_cpu * 100);
    if (raw != outcome.ratios.end()) {
      text += fmt::format(", ratio to raw between {:.2f} and {:.2f}", raw->second.lowest,
                          raw->second.highest);
    }
    text += '\n';
  }
  return text;
}

Json spread_json(const Spread& spread) {
  return {{"median", spread.median}, {"lowest", spread.lowest}, {"highest", spread.highest}};
}

Json latency_json(const Latency& latency) {
  return {{"p50_us", latency.p50}, {"p99_us", latency.p99}, {"max_us", latency.max}};
}

Json value_json(const Outcome& outcome, const std::string& name) {
  const auto found = outcome.values.find(name);
  return found == outcome.values.end() ? Json(nullptr) : Json(found->second.median);
}

Json row_json(const Outcome& outcome) {
  Json row = {{"id", outcome.id},
              {"work", outcome.title},
              {"unit", outcome.unit},
              {"better", outcome.better == Better::Higher ? "higher" : "lower"},
              {"daybook", value_json(outcome, kDaybook)},
              {"limit", value_json(outcome, kRaw)},
              {"peers", Json::object()},
              {"ratios", Json::object()},
              {"latency", Json::object()},
              {"targets", Json::array()},
              {"rounds", outcome.rounds},
              {"others_cpu", outcome.others_cpu},
              {"noisy", noisy(outcome)},
              {"not_built_in", outcome.missing},
              {"failures", outcome.failures},
              {"notes", outcome.notes}};
  for (const char* name : kPeers) row["peers"][name] = value_json(outcome, name);
  for (const auto& [name, spread] : outcome.ratios) row["ratios"][name] = spread_json(spread);
  for (const auto& [name, latency] : outcome.latencies) {
    row["latency"][name] = latency_json(latency);
  }
  bool all_met = true;
  for (const Judgement& judgement : outcome.judgements) {
    all_met = all_met && judgement.met;
    row["targets"].push_back({{"against", judgement.target.against},
                              {"bound", judgement.target.bound},
                              {"actual", judgement.actual},
                              {"met", judgement.met}});
  }
  row["met"] = outcome.judgements.empty() ? Json(nullptr) : Json(all_met);
  return row;
}

Json growth_json(const GrowthLine& line) {
  return {{"events", line.events},
          {"open", latency_json(line.open)},
          {"append", latency_json(line.append)},
          {"read", latency_json(line.read)},
          {"why", latency_json(line.why)},
          {"query", latency_json(line.query)},
          {"index_events_per_second", line.index_events_per_second},
          {"log_bytes_per_event", line.log_bytes_per_event},
          {"index_bytes_per_event", line.index_bytes_per_event}};
}

}  // namespace

std::string describe(const Target& target, Better better, const std::string& unit) {
  const char* sign = better == Better::Higher ? ">=" : "<=";
  if (target.against.empty()) return fmt::format("{} {} {}", sign, number(target.bound), unit);
  return fmt::format("{} {:g} x {}", sign, target.bound, target.against);
}

std::string verdict(const Judgement& judgement, Better better) {
  const double bound = judgement.target.bound;
  const double margin = bound != 0 ? std::fabs(judgement.actual / bound - 1) * 100 : 0;
  if (!judgement.met) return fmt::format("MISSED by {:.0f} %", margin);
  return fmt::format("met, {:.0f} % {}", margin, better == Better::Higher ? "above" : "below");
}

std::string to_table(const Report& report) {
  std::string text =
      fmt::format("{}{}\n{}\n256-byte JSON events; {} rounds of {:g} s each{}; {:.0f} s in all\n\n",
                  report.date, report.label.empty() ? "" : ", " + report.label,
                  to_string(report.machine), report.pace.rounds, report.pace.slice_seconds,
                  report.quick ? " (quick)" : "", report.seconds);
  if (!report.outcomes.empty()) text += works_table(report) + '\n' + latency_table(report);
  if (!report.growth.empty()) text += growth_table(report) + '\n';
  return text + notes_text(report);
}

std::string to_json(const Report& report) {
  Json json = {{"date", report.date},
               {"label", report.label},
               {"quick", report.quick},
               {"seconds", report.seconds},
               {"pace", {{"rounds", report.pace.rounds}, {"slice_s", report.pace.slice_seconds}}},
               {"machine",
                {{"cpu", report.machine.cpu},
                 {"cores", report.machine.cores},
                 {"memory", report.machine.memory},
                 {"file_system", report.machine.file_system},
                 {"kernel", report.machine.kernel},
                 {"load", report.machine.load},
                 {"priority", report.machine.priority}}},
               {"rows", Json::array()},
               {"growth", Json::array()}};
  for (const Outcome& outcome : report.outcomes) json["rows"].push_back(row_json(outcome));
  for (const GrowthLine& line : report.growth) json["growth"].push_back(growth_json(line));
  return json.dump(2) + '\n';
}

}  // namespace daybook::bench
