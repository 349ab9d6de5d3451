// SPDX-License-Identifier: Apache-2.0
//
// What stands in a directory where a ledger is wanted. Decided by names and sizes
// alone, and without changing anything: whoever makes a ledger asks first, and so
// does whoever has found no LEDGER and must not advise to make one.
#pragma once

#include <string>

#include "daybook/environment.h"
#include "ledger/log.h"

namespace daybook {

struct Occupancy {
  enum class Kind : std::uint8_t {
    Vacant,    // no directory, or nothing in it
    Begun,     // what an interrupted creation leaves: no event was ever in it
    Ledger,    // the file LEDGER is there
    Headless,  // segments and no LEDGER: repair_ledger() makes it again
    Remains,   // other parts of a ledger, without its segments
    Foreign,   // something else
  };
  Kind kind = Kind::Vacant;
  bool has_key = false;  // keys/checkpoint.key
  std::string what;      // of Remains and Foreign: the name that tells
};

// Errors: those of the file system.
[[nodiscard]] Result<Occupancy> examine(FileSystem& files, const LedgerPaths& paths);

// Why no ledger may be made there; AlreadyExists. Not for Vacant and Begun.
[[nodiscard]] Error occupied(const Occupancy& occupancy, const LedgerPaths& paths);

// Why no ledger can be opened there, when LEDGER is not to be found.
// NotFound where none was; Corruption where one was, with the way to mend it.
[[nodiscard]] Error no_identity(const Occupancy& occupancy, const LedgerPaths& paths);

}  // namespace daybook
