// SPDX-License-Identifier: Apache-2.0
//
// A disk in memory that can do to a program whatever a real one does: fail any
// operation, fill up, forget what was not flushed, tear writes, keep later
// writes without earlier ones, lie after a failed flush, rot.
//
//   FaultyFileSystem disk;                      // at first a perfect disk
//   disk.fail({.kind = Operation::Sync});       // the next flush fails
//   disk.set_capacity(10'000);                  // then writes fail with NoSpace
//   disk.crash(seed);                           // power loss, then power again
//   disk.flip_bit("/ledger/LEDGER", 17, 3);     // rot
//
// Crash anywhere: arm {.nth = n, .repeat = Repeat::Forever}, run until an
// error comes out, then clear_faults() and crash(seed). What a crash may leave
// behind is described in disk_model.h.
//
// Processes: a process is whoever opened a handle. kill() ends them all; what
// they wrote stays. Handles from before a kill() or crash() only return Io.
//
// Paths: "/a/b" and "a/b" are the same file, "/" and "." the root, which is
// there from the start. There is no "..".
//
// The same calls and seeds give the same results. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "daybook/environment.h"

namespace daybook::testing {

// What can be counted, traced and made to fail. Every call of the FileSystem
// and File doors is one operation; unlock() is none, it cannot fail.
enum class Operation : std::uint8_t {
  OpenRead,   // open with OpenMode::Read
  OpenWrite,  // open of an existing file with any other mode
  Create,     // open that makes the file
  Read,
  Write,
  Sync,
  Truncate,
  Size,
  Identify,
  Lock,
  MakeDirectory,
  List,
  Rename,
  Remove,
  Exists,
  SyncDirectory,
  SetReadOnly,
  Follow,
  CopyMode,
  OwnerOnly,
};
[[nodiscard]] std::string_view to_string(Operation operation);

enum class Repeat : std::uint8_t { Once, Forever };

// Which operation fails, and how. A failing write may have written a part.
struct Fault {
  std::optional<Operation> kind = {};  // none: operations of every kind are counted
  std::string path = {};               // only paths that contain this
  std::uint64_t nth = 1;               // 1: the next one that matches
  Repeat repeat = Repeat::Once;        // Forever: this and all after it
  Errc code = Errc::Io;
};

// What a failed flush does to what it should have flushed.
enum class FailedSync : std::uint8_t {
  KeepsPages,  // a later flush makes them durable
  LosesPages,  // as on Linux: some are on the disk, the others never will be, although reads
               // still see them and later flushes succeed
};

enum class Mount : std::uint8_t { Writable, ReadOnly };

class FaultyFileSystem final : public FileSystem {
 public:
  static constexpr std::uint64_t kUnlimited = UINT64_MAX;

  // The seed decides what failing writes and flushes leave behind.
  explicit FaultyFileSystem(std::uint64_t seed = 1);
  ~FaultyFileSystem() override;

  // --- Faults -------------------------------------------------------------
  void fail(const Fault& fault);  // several may be armed; the first match wins
  void clear_faults();
  void on_failed_sync(FailedSync behaviour);  // default: LosesPages
  // A disk that takes its time: from hold_flushes on, every flush waits until
  // let_flushes_go. await_held_flush returns once one does.
  void hold_flushes();
  void await_held_flush();
  void let_flushes_go();
  // Most bytes that all files together may have. A write that does not fit
  // writes what fits, then fails with NoSpace; more capacity heals.
  void set_capacity(std::uint64_t bytes);
  void set_mount(Mount mount);  // ReadOnly: every change fails with PermissionDenied

  // Runs before each operation, between the operations of whoever works: what
  // another process would see if it looked just then. What it does itself never
  // fails, is not counted and not traced. Nothing may be under way meanwhile.
  void set_onlooker(std::function<void()> onlooker);

  // --- Endings ------------------------------------------------------------
  void kill();                     // all processes die; the system lives on
  void crash(std::uint64_t seed);  // power loss; armed faults stay armed
  // A second disk with the same content and the same unflushed changes, no
  // handles, no faults: to crash one moment in many ways.
  [[nodiscard]] std::unique_ptr<FaultyFileSystem> clone(std::uint64_t seed = 1) const;

  // --- What happened ------------------------------------------------------
  [[nodiscard]] std::uint64_t operations() const;
  [[nodiscard]] std::uint64_t operations(Operation kind) const;
  // One line for each operation since start_trace():
  // "write /log/1.seg 4096+128", "rename /a -> /b", "sync /a: io".
  void start_trace();
  [[nodiscard]] std::vector<std::string> trace() const;

  // --- By hand, past all faults; std::invalid_argument when there is no such
  // --- file. Changes are durable at once.
  [[nodiscard]] Bytes content(const std::string& path) const;
  [[nodiscard]] Bytes durable_content(const std::string& path) const;
  void flip_bit(const std::string& path, std::uint64_t offset, unsigned bit);
  void overwrite(const std::string& path, std::uint64_t offset, ByteView bytes);
  void truncate_file(const std::string& path, std::uint64_t size);
  // Gives others than its owner access to a file, or takes it away.
  void set_owner_only(const std::string& path, bool owner_only);
  // Makes or replaces a file, with missing directories.
  void put_file(const std::string& path, ByteView bytes);
  // Paths of all files, sorted, each starting with '/'.
  [[nodiscard]] std::vector<std::string> files() const;

  // --- FileSystem ---------------------------------------------------------
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<void> make_directory(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<FileId> id_of(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<void> set_read_only(const std::string& path, bool read_only) override;
  // There are no links, no devices and no modes.
  Result<PathTarget> follow(const std::string& path) override;
  Result<void> copy_mode(const std::string& from, const std::string& to) override;

 private:
  struct State;  // shared with the open files, which may outlive the disk
  class OpenFile;

  std::shared_ptr<State> state_;
};

}  // namespace daybook::testing
