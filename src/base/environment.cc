// SPDX-License-Identifier: Apache-2.0
#include "daybook/environment.h"

#include "base/clock.h"
#include "base/fs/posix.h"

namespace daybook {

Environment Environment::system() {
  // Never destroyed: a ledger in static storage closes after main has returned.
  static auto* const files = new PosixFileSystem;
  static auto* const clock = new SystemClock;
  static auto* const entropy = new SystemEntropy;
  return {.files = files, .clock = clock, .entropy = entropy};
}

}  // namespace daybook
