// SPDX-License-Identifier: Apache-2.0
//
// Programs whose standard streams are closed, each a child process of the test.
#include "base/fs/descriptor.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/fs/posix.h"
#include "support/temp_directory.h"

namespace daybook {
namespace {

using testing::TempDirectory;

constexpr int kStreams[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};

// Whether `check` holds in a child that has none of the streams in the bit set `closed`.
template <class Check>
bool holds_without(unsigned closed, Check check) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int stream : kStreams) {
      if ((closed & (1U << stream)) != 0) ::close(stream);
    }
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool is_open(int descriptor) { return ::fcntl(descriptor, F_GETFD) != -1; }

TEST(Descriptors, NoFileTakesTheNumberOfAClosedStandardStream) {
  const TempDirectory directory;
  for (unsigned closed = 1; closed < 8; ++closed) {
    const std::string name = directory / ("file" + std::to_string(closed));
    EXPECT_TRUE(holds_without(closed, [&] {
      PosixFileSystem files;
      const auto made = files.open(name, OpenMode::CreateNew);
      const auto read = files.open(name, OpenMode::Read);
      bool fine = made && read && files.list(directory.path()) &&
                  files.sync_directory(directory.path()) && (*made)->write_at(0, as_bytes("x"));
      for (const int stream : kStreams) {
        fine = fine && is_open(stream) == ((closed & (1U << stream)) == 0);
      }
      return fine;
    })) << closed;
  }
}

TEST(Descriptors, AboveStandardIsClosedOnExecAndLeavesOthersAlone) {
  EXPECT_EQ(above_standard(-1), -1);
  EXPECT_EQ(above_standard(7), 7);
  EXPECT_TRUE(holds_without(0b101, [] {
    const int moved = above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return moved >= kFirstFreeDescriptor && ::fcntl(moved, F_GETFD) == FD_CLOEXEC &&
           !is_open(STDIN_FILENO);
  }));
}

TEST(Descriptors, HeldStreamsAreTakenAndFailAsClosedOnesDo) {
  for (unsigned closed = 1; closed < 8; ++closed) {
    EXPECT_TRUE(holds_without(closed, [&] {
      hold_standard_streams();
      char byte = 'x';
      bool fine = ::open("/dev/null", O_RDONLY | O_CLOEXEC) >= kFirstFreeDescriptor;
      for (const int stream : kStreams) {
        if ((closed & (1U << stream)) == 0) continue;
        errno = 0;
        const ssize_t count =
            stream == STDIN_FILENO ? ::read(stream, &byte, 1) : ::write(stream, &byte, 1);
        fine = fine && count == -1 && errno == EBADF;
      }
      return fine;
    })) << closed;
  }
}

}  // namespace
}  // namespace daybook
