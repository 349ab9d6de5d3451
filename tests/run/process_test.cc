// SPDX-License-Identifier: Apache-2.0
//
// Facts about processes that the record relies on.
#include "run/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/text.h"

namespace daybook {
namespace {

TEST(ProcessStart, TellsProcessesApart) {
  const std::uint64_t own = process_start(own_pid());

  EXPECT_NE(own, 0u);
  EXPECT_EQ(process_start(own_pid()), own);
  EXPECT_NE(process_start(1), own);
  EXPECT_EQ(process_start(0x7FFFFFFF), 0u);
}

TEST(SignalName, NamesWhatHasAName) {
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(1000), "signal 1000");
}

TEST(HostName, CanBeAName) {
  EXPECT_NE(host_name(), "");
  EXPECT_TRUE(is_plain_text(host_name()));
}

TEST(MakePipe, StaysAboveTheStandardStreamsAndIsNotInherited) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(0);
    ::close(1);
    const auto pipe = make_pipe();
    const bool fine = pipe && pipe->read.get() > 2 && pipe->write.get() > 2 &&
                      ::fcntl(pipe->read.get(), F_GETFD) == FD_CLOEXEC &&
                      ::fcntl(pipe->write.get(), F_GETFD) == FD_CLOEXEC;
    ::_exit(fine ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace daybook
