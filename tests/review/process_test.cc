// SPDX-License-Identifier: Apache-2.0
#include "review/process.h"

#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "fake_program.h"
#include "support/ledgers.h"

namespace daybook::review {
namespace {

using daybook::testing::expect;
using daybook::testing::FakePrograms;

constexpr std::uint64_t kLong = 60'000;

TEST(RunProgram, ReturnsOutputErrorsAndExitCode) {
  const FakePrograms programs;
  programs.install("tool", "printf out; printf err >&2; exit 7\n");
  const auto result = expect(run_program({"tool", "a b", "$x;`y`"}, kLong, Environment::system()));
  EXPECT_EQ(result.output, "out");
  EXPECT_EQ(result.errors, "err");
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(programs.calls(), std::vector<std::string>{"tool|a b|$x;`y`"});
}

TEST(RunProgram, StandardInputIsEmptyAndASignalIsACode) {
  const FakePrograms programs;
  programs.install("tool", "cat; kill -9 $$\n");
  EXPECT_EQ(expect(run_program({"tool"}, kLong, Environment::system())).exit_code, 137);
}

TEST(RunProgram, GetsItsInputAndNeedNotReadIt) {
  const FakePrograms programs;
  programs.install("tool", "cat\n");
  programs.install("deaf", "exit 0\n");
  const std::string input(300'000, 'i');  // more than a pipe holds
  const Environment env = Environment::system();
  EXPECT_EQ(expect(run_program({"tool"}, kLong, env, input)).output, input);
  EXPECT_EQ(expect(run_program({"deaf"}, kLong, env, input)).exit_code, 0);
}

TEST(RunProgram, MuchOutputOnBothStreamsDoesNotBlock) {
  const FakePrograms programs;
  programs.install("tool", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2\n");
  const auto result = expect(run_program({"tool"}, kLong, Environment::system()));
  EXPECT_EQ(result.output.size(), 3'000'000u);
  EXPECT_EQ(result.errors.size(), kMaxProgramErrors);
}

TEST(RunProgram, WhatTakesTooLongIsEndedWithWhatItStarted) {
  const FakePrograms programs;
  programs.install("tool", "sleep 600 & echo $! > child; wait\n");
  const auto result = run_program({"tool"}, 300, Environment::system());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::LimitExceeded);
  EXPECT_EQ(result.error().message, "tool took longer than 0.3 s and was ended");
  const std::string state = "/proc/" + std::to_string(std::stol(programs.read("child"))) + "/stat";
  // It was told to go; when it has gone is the system's business. It would stay ten minutes.
  std::string stat;
  do {
    std::this_thread::yield();
    stat.clear();
    std::getline(std::ifstream(state), stat);
  } while (!stat.empty() && stat.find(") Z ") == std::string::npos);
}

TEST(RunProgram, MoreOutputThanAllowedIsAnError) {
  const FakePrograms programs;
  programs.install("tool", "head -c 80000000 /dev/zero\n");
  const auto result = run_program({"tool"}, kLong, Environment::system());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "tool printed more than 64 MiB");
}

}  // namespace
}  // namespace daybook::review
