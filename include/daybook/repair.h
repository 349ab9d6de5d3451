// SPDX-License-Identifier: Apache-2.0
//
// Makes the file LEDGER again, which says whose ledger a directory holds: without it
// nothing opens. Every segment's header says the same (docs/format.md, 2 and 3.1), so
// one good header is enough. Segments, keys and blobs are read and never written.
//
//   auto found = repair_ledger(".daybook");                      // looks, changes nothing
//   auto done = repair_ledger(".daybook", {.apply = true});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daybook/environment.h"
#include "daybook/proof.h"

namespace daybook {

struct RepairOptions {
  bool apply = false;                      // write LEDGER when it is lost; false: only look
  std::uint32_t lock_timeout_ms = 30'000;  // waiting for a writer, then Busy; with apply
};

struct RepairReport {
  enum class File : std::uint8_t { Good, Missing, Damaged };
  std::string path;
  File found = File::Good;  // LEDGER, before this call
  bool repaired = false;    // this call has written it
  // What the segments say, and LEDGER says now or would say.
  std::string ledger_id;
  std::string origin;
  Timestamp created;
  VerifierKey key;
  std::uint64_t segments = 0;  // whose headers say so
  // What is not as it should be and stays so: a header that cannot be read, a signing
  // key that is missing or another's. One sentence each.
  std::vector<std::string> warnings;
};

// Compares LEDGER with the segments' headers; with `apply`, makes it from them when it
// is missing or cannot be read. The new file replaces the old one at once or not at all.
// Errors: NotFound (no ledger), Corruption (no header can be read; or the headers, or
// LEDGER and the headers, disagree: each side is named, and nothing is decided),
// Unsupported, Busy, PermissionDenied, NoSpace, Io.
[[nodiscard]] Result<RepairReport> repair_ledger(const std::string& path,
                                                 const RepairOptions& options = {},
                                                 Environment env = Environment::system());

}  // namespace daybook
