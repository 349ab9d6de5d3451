// SPDX-License-Identifier: Apache-2.0
#include "daybook/environment.h"

#include "base/clock.h"
#include "base/fs/posix.h"

namespace daybook {

Environment Environment::system() {
  static PosixFileSystem files;
  static SystemClock clock;
  static SystemEntropy entropy;
  return {.files = &files, .clock = &clock, .entropy = &entropy};
}

}  // namespace daybook
