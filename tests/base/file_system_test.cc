// SPDX-License-Identifier: Apache-2.0
//
// What every FileSystem must do, on the real disk and on the one in memory:
// tests on the second are only worth something when the two agree.
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/fs/posix.h"
#include "support/faulty_file_system.h"
#include "support/temp_directory.h"

namespace daybook {
namespace {

struct RealDisk {
  PosixFileSystem files;
  testing::TempDirectory directory;
  std::string root = directory.path();
  // Root may write what nobody may write.
  bool obeys_modes = ::geteuid() != 0;
  void set_owner_only(const std::string& path, bool owner_only) const {
    EXPECT_EQ(::chmod(path.c_str(), owner_only ? 0600 : 0640), 0);
  }
};

struct MemoryDisk {
  testing::FaultyFileSystem files;
  std::string root = "/somewhere";
  bool obeys_modes = true;
  MemoryDisk() { EXPECT_TRUE(files.make_directory(root)); }
  void set_owner_only(const std::string& path, bool owner_only) {
    files.set_owner_only(path, owner_only);
  }
};

template <class Disk>
class FileSystemContract : public ::testing::Test {
 protected:
  std::string at(const std::string& name) { return disk_.root + "/" + name; }

  std::unique_ptr<File> make(const std::string& name, std::string_view text = {}) {
    auto file = disk_.files.open(at(name), OpenMode::CreateNew);
    EXPECT_TRUE(file) << file.error().message;
    EXPECT_TRUE((*file)->write_at(0, as_bytes(text)));
    return *std::move(file);
  }

  std::string text_of(const std::string& name) {
    auto file = disk_.files.open(at(name), OpenMode::Read);
    if (!file) return "(" + file.error().message + ")";
    Bytes bytes(1000);
    const auto count = (*file)->read_at(0, bytes);
    EXPECT_TRUE(count);
    return std::string(as_text(ByteView(bytes).first(*count)));
  }

  Errc open_error(const std::string& name, OpenMode mode) {
    const auto file = disk_.files.open(at(name), mode);
    EXPECT_FALSE(file);
    return file ? Errc::Internal : file.error().code;
  }

  Disk disk_;
};

using Disks = ::testing::Types<RealDisk, MemoryDisk>;
TYPED_TEST_SUITE(FileSystemContract, Disks);

TYPED_TEST(FileSystemContract, ReadsWhatWasWrittenAtAnyOffset) {
  auto file = this->make("a", "hello");
  ASSERT_TRUE(file->write_at(8, as_bytes("world")));

  EXPECT_EQ(this->text_of("a"), std::string("hello\0\0\0world", 13));
  EXPECT_EQ(*file->size(), 13U);
  Bytes buffer(4);
  EXPECT_EQ(*file->read_at(11, buffer), 2U);
  EXPECT_EQ(as_text(ByteView(buffer).first(2)), "ld");
  EXPECT_EQ(*file->read_at(13, buffer), 0U);
  EXPECT_EQ(*file->read_at(1'000'000, buffer), 0U);
}

TYPED_TEST(FileSystemContract, WritingNothingChangesNothing) {
  auto file = this->make("a", "x");
  ASSERT_TRUE(file->write_at(100, {}));
  EXPECT_EQ(*file->size(), 1U);
}

TYPED_TEST(FileSystemContract, TruncateCutsAndGrowsWithZeros) {
  auto file = this->make("a", "hello");
  ASSERT_TRUE(file->truncate(2));
  ASSERT_TRUE(file->truncate(4));
  EXPECT_EQ(this->text_of("a"), std::string("he\0\0", 4));
  EXPECT_TRUE(file->sync());
}

TYPED_TEST(FileSystemContract, ModesDecideWhetherAFileMustExist) {
  EXPECT_EQ(this->open_error("a", OpenMode::Read), Errc::NotFound);
  EXPECT_EQ(this->open_error("a", OpenMode::ReadWrite), Errc::NotFound);
  EXPECT_EQ(this->open_error("missing/a", OpenMode::Create), Errc::NotFound);
  this->make("a", "kept");
  EXPECT_EQ(this->open_error("a", OpenMode::CreateNew), Errc::AlreadyExists);

  EXPECT_TRUE(this->disk_.files.open(this->at("a"), OpenMode::Create));
  EXPECT_TRUE(this->disk_.files.open(this->at("b"), OpenMode::Create));
  EXPECT_TRUE(this->disk_.files.open(this->at("a"), OpenMode::ReadWrite));
  EXPECT_EQ(this->text_of("a"), "kept");
  EXPECT_EQ(this->text_of("b"), "");
}

TYPED_TEST(FileSystemContract, AFileOpenForReadingIsNotWritten) {
  this->make("a", "kept");
  auto file = this->disk_.files.open(this->at("a"), OpenMode::Read);
  ASSERT_TRUE(file);

  EXPECT_FALSE((*file)->write_at(0, as_bytes("x")));
  EXPECT_FALSE((*file)->truncate(0));
  EXPECT_EQ(this->text_of("a"), "kept");
}

TYPED_TEST(FileSystemContract, ErrorsNameThePath) {
  const auto file = this->disk_.files.open(this->at("nowhere"), OpenMode::Read);
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find(this->at("nowhere")), std::string::npos)
      << file.error().message;
}

TYPED_TEST(FileSystemContract, ListsSortedByNameWithSizes) {
  this->make("b", "123");
  this->make("a", "");
  ASSERT_TRUE(this->disk_.files.make_directory(this->at("c")));

  const auto entries = this->disk_.files.list(this->disk_.root);

  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_EQ((*entries)[1].name, "b");
  EXPECT_EQ((*entries)[1].stamp.size, 3U);
  EXPECT_FALSE((*entries)[1].is_directory);
  EXPECT_EQ((*entries)[2].name, "c");
  EXPECT_TRUE((*entries)[2].is_directory);
}

TYPED_TEST(FileSystemContract, StampsTellFilesApart) {
  this->make("a", "123");
  this->make("b", "123");
  const auto before = this->disk_.files.list(this->disk_.root);
  ASSERT_TRUE(before);
  ASSERT_EQ(before->size(), 2U);
  EXPECT_NE((*before)[0].stamp.inode, (*before)[1].stamp.inode);

  this->make("c", "12345");
  ASSERT_TRUE(this->disk_.files.rename(this->at("c"), this->at("b")));
  const auto after = this->disk_.files.list(this->disk_.root);

  ASSERT_TRUE(after);
  ASSERT_EQ(after->size(), 2U);
  EXPECT_EQ((*after)[0].stamp, (*before)[0].stamp);
  EXPECT_NE((*after)[1].stamp, (*before)[1].stamp);
}

TYPED_TEST(FileSystemContract, ListOfNoDirectoryFails) {
  this->make("a");
  EXPECT_EQ(this->disk_.files.list(this->at("b")).error().code, Errc::NotFound);
  EXPECT_EQ(this->disk_.files.list(this->at("a")).error().code, Errc::Io);
}

TYPED_TEST(FileSystemContract, MakeDirectoryIsFineWhenItExists) {
  this->make("file");
  EXPECT_TRUE(this->disk_.files.make_directory(this->at("d")));
  EXPECT_TRUE(this->disk_.files.make_directory(this->at("d")));
  EXPECT_EQ(this->disk_.files.make_directory(this->at("file")).error().code, Errc::AlreadyExists);
  EXPECT_EQ(this->disk_.files.make_directory(this->at("x/y")).error().code, Errc::NotFound);
}

TYPED_TEST(FileSystemContract, RenameReplacesAndOpenFilesStayOpen) {
  auto old_file = this->make("old", "old");
  this->make("new", "new");

  ASSERT_TRUE(this->disk_.files.rename(this->at("new"), this->at("old")));

  EXPECT_EQ(this->text_of("old"), "new");
  EXPECT_FALSE(*this->disk_.files.exists(this->at("new")));
  Bytes buffer(3);
  ASSERT_TRUE(old_file->read_at(0, buffer));
  EXPECT_EQ(as_text(buffer), "old");
  EXPECT_EQ(this->disk_.files.rename(this->at("none"), this->at("x")).error().code, Errc::NotFound);
}

TYPED_TEST(FileSystemContract, RemoveTakesFilesAndEmptyDirectories) {
  this->make("a");
  ASSERT_TRUE(this->disk_.files.make_directory(this->at("d")));
  this->make("d/b");

  EXPECT_FALSE(this->disk_.files.remove(this->at("d")));
  EXPECT_TRUE(this->disk_.files.remove(this->at("d/b")));
  EXPECT_TRUE(this->disk_.files.remove(this->at("d")));
  EXPECT_TRUE(this->disk_.files.remove(this->at("a")));
  EXPECT_EQ(this->disk_.files.remove(this->at("a")).error().code, Errc::NotFound);
  EXPECT_FALSE(*this->disk_.files.exists(this->at("d")));
}

TYPED_TEST(FileSystemContract, ExistsTellsFilesDirectoriesAndNothing) {
  this->make("a");
  EXPECT_TRUE(*this->disk_.files.exists(this->at("a")));
  EXPECT_TRUE(*this->disk_.files.exists(this->disk_.root));
  EXPECT_FALSE(*this->disk_.files.exists(this->at("b")));
  EXPECT_FALSE(*this->disk_.files.exists(this->at("no/such/path")));
  EXPECT_FALSE(*this->disk_.files.exists(this->at("a/b")));
}

TYPED_TEST(FileSystemContract, TheLockIsExclusiveAmongOpenFiles) {
  auto first = this->make("lock");
  auto second = this->disk_.files.open(this->at("lock"), OpenMode::ReadWrite);
  ASSERT_TRUE(second);

  EXPECT_TRUE(*first->try_lock());
  EXPECT_TRUE(*first->try_lock());  // its own
  EXPECT_FALSE(*(*second)->try_lock());
  (*second)->unlock();  // not its own: nothing happens
  EXPECT_FALSE(*(*second)->try_lock());
  first->unlock();
  EXPECT_TRUE(*(*second)->try_lock());
  EXPECT_FALSE(*first->try_lock());
}

TYPED_TEST(FileSystemContract, ClosingFreesTheLock) {
  auto first = this->make("lock");
  auto second = this->disk_.files.open(this->at("lock"), OpenMode::Read);
  ASSERT_TRUE(second);
  ASSERT_TRUE(*first->try_lock());

  first.reset();

  EXPECT_TRUE(*(*second)->try_lock());
}

TYPED_TEST(FileSystemContract, ReadOnlyFilesAreReadNotWritten) {
  if (!this->disk_.obeys_modes) GTEST_SKIP() << "root may write read-only files";
  this->make("a", "kept");
  ASSERT_TRUE(this->disk_.files.set_read_only(this->at("a"), true));

  EXPECT_EQ(this->open_error("a", OpenMode::ReadWrite), Errc::PermissionDenied);
  EXPECT_EQ(this->text_of("a"), "kept");
  ASSERT_TRUE(this->disk_.files.set_read_only(this->at("a"), false));
  EXPECT_TRUE(this->disk_.files.open(this->at("a"), OpenMode::ReadWrite));
}

TYPED_TEST(FileSystemContract, NewFilesAreTheirOwnersAlone) {
  auto file = this->make("a", "secret");
  EXPECT_TRUE(*file->owner_only());
  for (const bool owner_only : {false, true}) {
    this->disk_.set_owner_only(this->at("a"), owner_only);
    EXPECT_EQ(*file->owner_only(), owner_only);
    EXPECT_EQ(*this->disk_.files.open(this->at("a"), OpenMode::Read).value()->owner_only(),
              owner_only);
  }
  ASSERT_TRUE(this->disk_.files.set_read_only(this->at("a"), true));
  EXPECT_TRUE(*file->owner_only());
}

TYPED_TEST(FileSystemContract, SyncDirectoryNeedsADirectory) {
  EXPECT_TRUE(this->disk_.files.sync_directory(this->disk_.root));
  EXPECT_EQ(this->disk_.files.sync_directory(this->at("none")).error().code, Errc::NotFound);
}

}  // namespace
}  // namespace daybook
