// SPDX-License-Identifier: Apache-2.0
//
// Taking a ledger elsewhere and back. A backup is itself a ledger: the same
// files in another directory, with the same ids, seqs, times, blobs and root,
// so every reader and `verify` work on it.
//
//   auto report = back_up(".daybook", "/media/disk/daybook").value();
//   // report.head.root is the ledger's root at report.head.size
//
// A backup may be made while others append: it holds a prefix of the history,
// up to what was durable when it began. Made again it copies only what is new:
// sealed segments and blobs once, the unsealed segment, one at most, whole.
//
// Power loss or a kill at any moment leaves the destination as the earlier
// backup or as a longer prefix, never as something in between; a first one
// is no ledger before it is complete. Whoever calls again goes on from there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "daybook/environment.h"
#include "daybook/ledger.h"

namespace daybook {

struct BackupOptions {
  // What is read back and checked before success is reported. The tree of what was
  // copied always is, and with it the root.
  enum class Check : std::uint8_t {
    Copied,      // what this call has copied
    Everything,  // the whole destination, as Ledger::verify does
  };
  Check check = Check::Copied;

  // Whether the signing key is copied as well. Who has it can sign another history, so
  // a backup does without: the copy can be read and verified, not signed further.
  enum class Key : std::uint8_t { LeaveOut, Copy };
  Key key = Key::LeaveOut;

  std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)> progress = {};
};

struct BackupReport {
  std::string path;  // the destination
  std::string ledger_id;
  TreeHead head;              // of the destination: the root of the ledger at that size
  std::uint64_t pending = 0;  // newer events, not known to be durable yet

  std::uint64_t segments = 0;      // in the destination
  std::uint64_t files_copied = 0;  // by this call; 0: everything was there
  std::uint64_t blobs_copied = 0;  // of these
  std::uint64_t bytes_copied = 0;
  bool has_key = false;  // the destination has a signing key

  // Damage of the ledger itself, which is copied as it stands, and blobs that cannot be
  // read and were not in the destination, by their digests in hex.
  std::vector<LostRange> lost;
  std::vector<std::string> unreadable_blobs;
  std::vector<Finding> findings;  // of Check::Everything, damage only

  [[nodiscard]] bool complete() const {
    return lost.empty() && unreadable_blobs.empty() && findings.empty();
  }
};

// Brings the backup in `destination` up to the ledger in `ledger`; makes it when the
// directory is missing or empty. Paths are best absolute.
// Errors: NotFound (no ledger); InvalidArgument (the destination lies in the ledger);
// AlreadyExists (the destination is something else, another ledger, or no prefix of this
// one); Corruption (the ledger is damaged where the backup is good, which is kept; or the
// copy does not read back); Busy (another backup is running); NoSpace, PermissionDenied, Io.
[[nodiscard]] Result<BackupReport> back_up(const std::string& ledger,
                                           const std::string& destination,
                                           const BackupOptions& options = {},
                                           Environment env = Environment::system());

// Makes a ledger in `destination`, missing or empty, from the backup or any other ledger
// in `source`. It is there when it is complete, and not before. The signing key comes
// along when the source has it; see BackupReport::has_key. `options.key` says nothing here.
// Errors: as back_up; AlreadyExists also for a ledger that is there.
[[nodiscard]] Result<BackupReport> restore_ledger(const std::string& source,
                                                  const std::string& destination,
                                                  const BackupOptions& options = {},
                                                  Environment env = Environment::system());

}  // namespace daybook
