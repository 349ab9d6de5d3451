// SPDX-License-Identifier: Apache-2.0
#include "bench/process.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/system.h"

namespace daybook::bench {
namespace {

Result<ChildRun> run_well(const std::vector<std::string>& command, ChildOutput output) {
  DAYBOOK_TRY(run, run_child(command, output));
  if (run.exit_code == 0) return run;
  return fail(Errc::Internal,
              fmt::format("exit code {}: {}", run.exit_code, fmt::join(command, " ")));
}

class ProcessTimer final : public Contestant {
 public:
  explicit ProcessTimer(Command command) : make_(std::move(command)) {}

  Result<void> prepare() override {
    DAYBOOK_TRY(command, make_());
    command_ = std::move(command);
    return {};
  }

  Result<Slice> run(double seconds) override {
    Slice slice;
    const Stopwatch watch;
    do {
      DAYBOOK_TRY(child, run_well(command_, ChildOutput::Discard));
      slice.micros.push_back(static_cast<float>(child.seconds * 1e6));
    } while (watch.seconds() < seconds);
    slice.value = latency_of(slice.micros)->p50 / 1000;
    return slice;
  }

 private:
  Command make_;
  std::vector<std::string> command_;
};

class ProcessMemory final : public Contestant {
 public:
  explicit ProcessMemory(Command command) : make_(std::move(command)) {}

  Result<void> prepare() override {
    DAYBOOK_TRY(command, make_());
    command_ = std::move(command);
    return {};
  }

  Result<Slice> run(double /*seconds*/) override {
    DAYBOOK_TRY(child, run_well(command_, ChildOutput::Keep));
    const double kibibytes = std::strtod(child.out.c_str(), nullptr);
    if (kibibytes <= 0) return fail(Errc::Internal, "no peak of memory in: " + child.out);
    return Slice{kibibytes / 1024, {}};
  }

 private:
  Command make_;
  std::vector<std::string> command_;
};

}  // namespace

std::unique_ptr<Contestant> make_process_timer(Command command) {
  return std::make_unique<ProcessTimer>(std::move(command));
}
std::unique_ptr<Contestant> make_process_memory(Command command) {
  return std::make_unique<ProcessMemory>(std::move(command));
}

}  // namespace daybook::bench
