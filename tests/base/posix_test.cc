// SPDX-License-Identifier: Apache-2.0
//
// What only the real disk can show: modes, links, error codes of the system.
#include "base/fs/posix.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "support/temp_directory.h"

namespace daybook {
namespace {

class Posix : public ::testing::Test {
 protected:
  [[nodiscard]] unsigned mode_of(const std::string& name) const {
    struct stat status{};
    EXPECT_EQ(::stat((directory_ / name).c_str(), &status), 0);
    return status.st_mode & 07777U;
  }

  testing::TempDirectory directory_;
  PosixFileSystem files_;
};

TEST_F(Posix, WhatItMakesBelongsToTheOwnerAlone) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(files_.open(directory_ / "file", OpenMode::Create));
  ASSERT_TRUE(files_.open(directory_ / "new", OpenMode::CreateNew));
  ASSERT_TRUE(files_.make_directory(directory_ / "directory"));
  ::umask(before);

  EXPECT_EQ(mode_of("file"), 0600U);
  EXPECT_EQ(mode_of("new"), 0600U);
  EXPECT_EQ(mode_of("directory"), 0700U);
}

TEST_F(Posix, ReadOnlyIs0400) {
  ASSERT_TRUE(files_.open(directory_ / "file", OpenMode::Create));
  ASSERT_TRUE(files_.set_read_only(directory_ / "file", true));
  EXPECT_EQ(mode_of("file"), 0400U);
  ASSERT_TRUE(files_.set_read_only(directory_ / "file", false));
  EXPECT_EQ(mode_of("file"), 0600U);
}

// Not "it exists": whether it is a directory could not be seen.
TEST_F(Posix, ADirectoryThatCannotBeExaminedIsNotMade) {
  ASSERT_EQ(::symlink("loop", (directory_ / "loop").c_str()), 0);
  const auto made = files_.make_directory(directory_ / "loop");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::PermissionDenied);
  EXPECT_NE(made.error().message.find("cannot examine"), std::string::npos);
}

TEST_F(Posix, FilesAreNotOpenedThroughLinks) {
  ASSERT_TRUE(files_.open(directory_ / "target", OpenMode::Create));
  ASSERT_EQ(::symlink((directory_ / "target").c_str(), (directory_ / "link").c_str()), 0);

  for (const OpenMode mode : {OpenMode::Read, OpenMode::ReadWrite, OpenMode::Create}) {
    const auto file = files_.open(directory_ / "link", mode);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, Errc::PermissionDenied);
    EXPECT_NE(file.error().hint.find("link"), std::string::npos);
  }
  EXPECT_FALSE(files_.set_read_only(directory_ / "link", true));
  EXPECT_TRUE(*files_.exists(directory_ / "link"));
}

TEST_F(Posix, ADirectoryMayBeALink) {
  ASSERT_TRUE(files_.make_directory(directory_ / "real"));
  ASSERT_EQ(::symlink("real", (directory_ / "link").c_str()), 0);
  ASSERT_TRUE(files_.open(directory_ / "link/file", OpenMode::Create));

  EXPECT_TRUE(files_.make_directory(directory_ / "link"));
  EXPECT_TRUE(files_.sync_directory(directory_ / "link"));
  EXPECT_EQ(files_.list(directory_ / "link")->size(), 1U);
}

TEST_F(Posix, AFullDiskIsNoSpace) {
  const auto full = files_.open("/dev/full", OpenMode::ReadWrite);
  if (!full) GTEST_SKIP() << "this system has no /dev/full";
  const auto written = (*full)->write_at(0, as_bytes("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::NoSpace);
  EXPECT_EQ(written.error().message.rfind("cannot write /dev/full: ", 0), 0U)
      << written.error().message;
  EXPECT_FALSE(written.error().hint.empty());
}

TEST_F(Posix, OtherErrorsAreIoWithTheSystemsReason) {
  const auto file = files_.open(directory_.path(), OpenMode::ReadWrite);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Errc::Io);
  EXPECT_NE(file.error().message.find("directory"), std::string::npos) << file.error().message;
}

TEST_F(Posix, FilesAreClosedInOtherPrograms) {
  const auto file = files_.open(directory_ / "file", OpenMode::Create);
  ASSERT_TRUE(file);
  struct stat ours{};
  ASSERT_EQ(::stat((directory_ / "file").c_str(), &ours), 0);

  int found = 0;
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) continue;
    if (status.st_ino != ours.st_ino || status.st_dev != ours.st_dev) continue;
    EXPECT_EQ(::fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    ++found;
  }
  EXPECT_EQ(found, 1);
}

TEST_F(Posix, ALockDiesWithItsProcess) {
  ASSERT_TRUE(files_.open(directory_ / "lock", OpenMode::Create));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto file = files_.open(directory_ / "lock", OpenMode::ReadWrite);
    const bool held = file && (*file)->try_lock().value_or(false);
    ::raise(held ? SIGKILL : SIGTERM);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);

  const auto file = files_.open(directory_ / "lock", OpenMode::ReadWrite);
  EXPECT_TRUE(*(*file)->try_lock());
}

TEST_F(Posix, LargeFilesBeyond32Bits) {
  const auto file = files_.open(directory_ / "file", OpenMode::Create);
  ASSERT_TRUE(file);
  constexpr std::uint64_t kFar = std::uint64_t{5} << 30;
  ASSERT_TRUE((*file)->write_at(kFar, as_bytes("far")));  // a hole: takes no space
  EXPECT_EQ(*(*file)->size(), kFar + 3);
  Bytes buffer(10);
  EXPECT_EQ(*(*file)->read_at(kFar, buffer), 3U);
  EXPECT_EQ(as_text(ByteView(buffer).first(3)), "far");
}

}  // namespace
}  // namespace daybook
