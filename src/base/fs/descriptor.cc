// SPDX-License-Identifier: Apache-2.0
#include "base/fs/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace daybook {

int above_standard(int descriptor) {
  if (descriptor < 0 || descriptor >= kFirstFreeDescriptor) return descriptor;
  const int higher = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return higher;
}

void hold_standard_streams() {
  for (int number = 0; number < kFirstFreeDescriptor; ++number) {
    if (::fcntl(number, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is given out, and all below this one are taken. Opened the wrong way
    // round, so that using it fails.
    const int way = number == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", way) < 0) static_cast<void>(::open("/", O_RDONLY | O_DIRECTORY));
  }
}

}  // namespace daybook
