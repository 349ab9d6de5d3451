// SPDX-License-Identifier: Apache-2.0
//
// Files written for others: on the real disk what becomes of modes, links, devices and
// pipes; on the one that fails that the old content or the new is there.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/fs/files.h"
#include "support/temp_directory.h"
#include "support/test_environment.h"

namespace daybook {
namespace {

using testing::Operation;
using testing::TestEnvironment;

constexpr uid_t kNobody = 65534;

class OutputFile : public ::testing::Test {
 protected:
  OutputFile() : before_(::umask(022)) {}
  ~OutputFile() override { ::umask(before_); }

  [[nodiscard]] Result<void> write(const std::string& path, std::string_view text) {
    return write_output_file(env_, path, as_bytes(text));
  }
  void put(const std::string& path, const std::string& text, mode_t mode) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ASSERT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ASSERT_EQ(::fchmod(file, mode), 0);
    ::close(file);
  }
  std::string read(const std::string& path) {
    const auto bytes = read_file(*env_.files, path, 1 << 20);
    return bytes ? std::string(as_text(*bytes)) : bytes.error().message;
  }
  [[nodiscard]] static unsigned mode_of(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory_.path()),
                      std::filesystem::directory_iterator()));
  }

  testing::TempDirectory directory_;
  Environment env_ = Environment::system();
  std::string file_ = directory_ / "file";

 private:
  mode_t before_;
};

TEST_F(OutputFile, ANewOneHasTheModeOfTheUmask) {
  ASSERT_TRUE(write(file_, "new"));
  EXPECT_EQ(mode_of(file_), 0644U);
  ::umask(027);
  ASSERT_TRUE(write(directory_ / "other", "new"));
  EXPECT_EQ(mode_of(directory_ / "other"), 0640U);
  EXPECT_EQ(read(file_), "new");
}

TEST_F(OutputFile, OneThatWasThereKeepsItsMode) {
  for (const mode_t mode : {0664U, 0600U, 0640U, 0755U}) {
    put(file_, "a longer old text", mode);
    ASSERT_TRUE(write(file_, "new"));
    EXPECT_EQ(mode_of(file_), mode);
    EXPECT_EQ(read(file_), "new");
  }
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFile, LinksAreFollowedAndStayLinks) {
  put(directory_ / "target", "old", 0664);
  std::filesystem::create_directory(directory_ / "sub");
  std::filesystem::create_symlink("../target", directory_ / "sub/link");
  std::filesystem::create_symlink(directory_ / "sub/link", file_);

  ASSERT_TRUE(write(file_, "new"));

  EXPECT_TRUE(std::filesystem::is_symlink(file_));
  EXPECT_TRUE(std::filesystem::is_symlink(directory_ / "sub/link"));
  EXPECT_EQ(read(directory_ / "target"), "new");
  EXPECT_EQ(mode_of(directory_ / "target"), 0664U);
}

TEST_F(OutputFile, WhatADanglingLinkNamesIsMade) {
  std::filesystem::create_symlink("missing", file_);
  ASSERT_TRUE(write(file_, "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(file_));
  EXPECT_EQ(read(directory_ / "missing"), "new");
  EXPECT_EQ(mode_of(directory_ / "missing"), 0644U);
}

TEST_F(OutputFile, LinksInACircleAreAnError) {
  std::filesystem::create_symlink("file", directory_ / "other");
  std::filesystem::create_symlink("other", file_);
  const auto written = write(file_, "new");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::PermissionDenied);
}

TEST_F(OutputFile, DevicesAreWrittenWhereTheyAre) {
  ASSERT_TRUE(write("/dev/null", "new"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));

  const auto full = write("/dev/full", "new");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::NoSpace);
}

TEST_F(OutputFile, APipeGivesItsReaderAllBytesInOrder) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  const std::string text(300'000, 'x');
  std::string got;
  std::thread reader([&] {
    const int pipe = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    std::array<char, 4096> buffer{};
    ssize_t count = 0;
    while ((count = ::read(pipe, buffer.data(), buffer.size())) > 0) {
      got.append(buffer.data(), static_cast<std::size_t>(count));
    }
    ::close(pipe);
  });
  EXPECT_TRUE(write(file_, text));
  reader.join();
  EXPECT_EQ(got, text);
  EXPECT_TRUE(std::filesystem::is_fifo(file_));
}

TEST_F(OutputFile, ADescriptorsNameAppendsToWhatItLeadsTo) {
  put(file_, "before ", 0600);
  const int open = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  ASSERT_TRUE(write("/proc/self/fd/" + std::to_string(open), "after"));
  ::close(open);
  EXPECT_EQ(read(file_), "before after");
}

TEST_F(OutputFile, ADirectoryIsRefused) {
  const auto written = write(directory_.path(), "new");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::InvalidArgument);
  EXPECT_EQ(files(), 0U);
}

// As somebody who may do less than the superuser, who may do everything.
template <class Check>
bool holds_as_nobody(Check check) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(2);
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(OutputFile, AWritableFileInADirectoryThatAdmitsNoneIsOverwritten) {
  put(file_, "a longer old text", 0666);
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0555), 0);
  EXPECT_TRUE(holds_as_nobody([&] { return write(file_, "new").has_value(); }));
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  EXPECT_EQ(read(file_), "new");
  EXPECT_EQ(mode_of(file_), 0666U);
}

TEST_F(OutputFile, AnothersFileInADirectoryWhereNobodyReplacesIt) {
  put(file_, "a longer old text", 0666);
  ASSERT_EQ(::chmod(directory_.path().c_str(), 01777), 0);  // as /tmp
  EXPECT_TRUE(holds_as_nobody([&] { return write(file_, "new").has_value(); }));
  EXPECT_EQ(read(file_), "new");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFile, AnothersFileKeepsItsModeAndAReadOnlyOneItsContent) {
  put(file_, "old", 0666);
  put(directory_ / "read-only", "old", 0444);
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
  EXPECT_TRUE(holds_as_nobody([&] {
    const auto refused = write(directory_ / "read-only", "new");
    return write(file_, "new") && !refused && refused.error().code == Errc::PermissionDenied;
  }));
  EXPECT_EQ(read(file_), "new");
  EXPECT_EQ(mode_of(file_), 0666U);
  EXPECT_EQ(read(directory_ / "read-only"), "old");
}

// With a crash or an error at any operation the file is the old one or the new one, and
// new once that was promised; without a crash nothing else stays behind.
TEST(OutputFileFaults, HoldUnderEveryFaultAndCrash) {
  for (const Errc code : {Errc::Io, Errc::NoSpace}) {
    for (std::uint64_t n = 1; n < 14; ++n) {
      for (std::uint64_t seed = 0; seed < 50; ++seed) {
        TestEnvironment world(seed);
        auto env = world.environment();
        ASSERT_TRUE(write_output_file(env, "/f", as_bytes("old")));
        world.disk.fail({.nth = n, .repeat = testing::Repeat::Forever, .code = code});
        const bool promised = write_output_file(env, "/f", as_bytes("new")).has_value();
        world.disk.clear_faults();
        world.disk.crash(seed);

        const std::string text(as_text(world.disk.content("/f")));
        EXPECT_TRUE(text == "new" || (text == "old" && !promised)) << n << " " << seed << text;
      }
    }
  }
}

TEST(OutputFileFaults, AFailureLeavesTheOldFileAndNoTemporaryOne) {
  for (const Operation kind :
       {Operation::Follow, Operation::OpenWrite, Operation::Create, Operation::CopyMode,
        Operation::Write, Operation::Sync, Operation::Rename}) {
    TestEnvironment world;
    auto env = world.environment();
    world.disk.put_file("/f", as_bytes("old"));
    world.disk.fail({.kind = kind, .code = Errc::NoSpace});

    const auto result = write_output_file(env, "/f", as_bytes("new"));

    ASSERT_FALSE(result) << to_string(kind);
    EXPECT_EQ(result.error().code, Errc::NoSpace);
    EXPECT_EQ(as_text(world.disk.content("/f")), "old");
    EXPECT_EQ(world.disk.files(), std::vector<std::string>{"/f"}) << to_string(kind);
  }
}

}  // namespace
}  // namespace daybook
