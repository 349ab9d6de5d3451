// SPDX-License-Identifier: Apache-2.0
//
// daybook_bench: Daybook, the raw limit and the peers side by side in one run.
// Exit code 0 also when a target is missed: this measures, people judge.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/growth.h"
#include "bench/payload.h"
#include "bench/report.h"
#include "bench/system.h"
#include "bench/works.h"
#include "daybook/environment.h"

namespace daybook::bench {
namespace {

struct Options {
  bool quick = false;
  std::string directory;
  std::string json;
  std::string only;
  std::vector<std::string> contestants;
  std::string program;
  std::string label;
  std::string transcripts;
  std::uint32_t rounds = 0;
  double seconds = 0;
  bool list = false;
};

const Pace kFull{.rounds = 5, .slice_seconds = 1.0};
const Pace kQuick{.rounds = 3, .slice_seconds = 0.3};
constexpr std::uint64_t kQuickTableEvents = 200'000;
constexpr std::uint64_t kQuickTranscriptBytes = 100'000'000;

void declare(CLI::App& app, Options& options) {
  app.add_flag("--quick", options.quick, "Smaller sizes, fewer rounds: under two minutes");
  app.add_option(
      "--dir", options.directory,
      "Measure in this directory (made when missing; a subdirectory is used and removed)");
  app.add_option("--json", options.json, "Write the rows to this file as JSON");
  app.add_option("--only", options.only, "Only the rows whose id contains this text");
  app.add_option("--contestants", options.contestants,
                 "Only these take part: raw, sqlite, rocksdb, lmdb, daybook; for a profiler")
      ->delimiter(',');
  app.add_option("--rounds", options.rounds, "Rounds of each row")->check(CLI::Range(1, 1000));
  app.add_option("--seconds", options.seconds, "Length of one slice")
      ->check(CLI::Range(0.01, 60.0));
  app.add_option("--program", options.program, "The daybook program to start");
  app.add_option("--label", options.label,
                 "What is measured, for the heading: a version, a commit");
  app.add_option("--transcripts", options.transcripts,
                 "A tree of agent sessions: how fast they are read, beside jq");
  app.add_flag("--list", options.list, "List the rows and do nothing");
}

std::string first_program(const std::vector<std::string>& candidates) {
  const auto runs = [](const std::string& path) { return access(path.c_str(), X_OK) == 0; };
  const auto found = std::ranges::find_if(candidates, runs);
  return found == candidates.end() ? std::string() : *found;
}

Setup setup_of(const Options& options) {
  const std::string here = program_directory();
  Setup setup;
  setup.directory =
      (options.directory.empty() ? here : options.directory) + fmt::format("/bench.{}", getpid());
  setup.program = options.program.empty() ? first_program({here + "/daybook", here + "/../daybook"})
                                          : options.program;
  setup.child = here + "/daybook_bench_child";
  setup.raw_start = here + "/daybook_bench_raw";
  setup.transcripts = options.transcripts;
  if (options.quick) setup.table_events = kQuickTableEvents;
  if (options.quick) setup.transcript_bytes = kQuickTranscriptBytes;
  return setup;
}

Pace pace_of(const Options& options) {
  Pace pace = options.quick ? kQuick : kFull;
  pace.contestants = options.contestants;
  if (options.rounds > 0) pace.rounds = options.rounds;
  if (options.seconds > 0) pace.slice_seconds = options.seconds;
  return pace;
}

std::string now_text() { return to_string(Environment::system().clock->now()).substr(0, 19) + "Z"; }

void say(const std::string& text) { std::fputs((text + "\n").c_str(), stderr); }

bool wanted(const Options& options, const std::string& id) {
  return options.only.empty() || id.find(options.only) != std::string::npos;
}

// A row or contestant that fails is said and left out; the others still count.
int measure_all(const Options& options, const Setup& setup, Report& report) {
  int failures = 0;
  const auto drain = [&] { drain_writes(setup.directory); };
  for (const Work& work : all_works(setup)) {
    if (!wanted(options, work.id)) continue;
    say(fmt::format("{} ...", work.id));
    if (auto outcome = measure(work, report.pace, drain)) {
      for (const std::string& failure : outcome->failures) {
        say(fmt::format("{} failed: {}", work.id, failure));
        ++failures;
      }
      report.outcomes.push_back(*std::move(outcome));
    } else {
      say(fmt::format("{} failed: {}", work.id, outcome.error().message));
      ++failures;
    }
  }
  if (!wanted(options, "growth")) return failures;
  std::vector<std::uint64_t> sizes = {10'000, 100'000, 1'000'000};
  if (!options.quick) sizes.push_back(10'000'000);
  auto growth = measure_growth(setup.directory, sizes, say);
  if (!growth) {
    say("growth failed: " + growth.error().message);
    return failures + 1;
  }
  report.growth = *std::move(growth);
  return failures;
}

int run(const Options& options) {
  const Setup setup = setup_of(options);
  if (options.list) {
    for (const Work& work : all_works(setup)) fmt::print("{:<14} {}\n", work.id, work.title);
    fmt::print("{:<14} {}\n", "growth", "how cost grows with the number of events");
    return 0;
  }
  if (auto made = make_fresh_directory(setup.directory); !made) {
    say(made.error().message);
    return 1;
  }
  static_cast<void>(ring());  // made before any clock runs
  const Stopwatch watch;
  Report report{.machine = machine_of(setup.directory),
                .date = now_text(),
                .label = options.label,
                .quick = options.quick,
                .pace = pace_of(options)};
  const int failures = measure_all(options, setup, report);
  remove_tree(setup.directory);
  report.seconds = watch.seconds();
  fmt::print("{}", to_table(report));
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    if (!(file << to_json(report)).flush()) {
      say("cannot write " + options.json);
      return 1;
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace daybook::bench

int main(int argc, char** argv) {
  CLI::App app("Daybook, the raw limit and its peers, side by side", "daybook_bench");
  daybook::bench::Options options;
  daybook::bench::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  return daybook::bench::run(options);
}
