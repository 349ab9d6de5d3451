// SPDX-License-Identifier: Apache-2.0
//
// The least a process can do to put one event on stable storage: start, open a
// file that is there and filled with zeros, write 256 bytes, flush, exit. Plain
// C on purpose: nothing else is linked.
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  static char event[256];
  for (char& byte : event) byte = 'x';
  const int fd = open(argv[1], O_RDWR);
  if (fd < 0) return 1;
  if (pwrite(fd, event, sizeof event, 4096) != sizeof event) return 1;
  return fdatasync(fd) == 0 ? 0 : 1;
}
