// SPDX-License-Identifier: Apache-2.0
//
// Carries one output stream of the command to where it would have gone without
// a supervisor, and hands every byte to a Capture on the way. Holds one buffer:
// a slow reader slows the command down, as it would have without us. Never
// blocks; the loop polls both ends. When the reader has gone away the command's
// end is closed, so that it meets the broken pipe itself.
#pragma once

#include <poll.h>

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "run/capture.h"
#include "run/process.h"

namespace daybook {

class Pump {
 public:
  // `sink` is not closed; -1: the bytes go nowhere else.
  Pump(UniqueFd source, int sink, Capture& capture);

  // Descriptors to poll; fd -1 where nothing is to be waited for.
  [[nodiscard]] pollfd wait_source() const;
  [[nodiscard]] pollfd wait_sink() const;
  // Moves what can be moved, given what poll() said.
  void move(const pollfd& source, const pollfd& sink);

  // The command has ended: what it printed itself is in the pipe by now; what
  // comes later is from processes it left behind.
  void source_ended();
  // Everything the command itself printed has been read.
  [[nodiscard]] bool drained() const { return !source_.open() || owed_ == 0; }
  [[nodiscard]] bool passed_on() const { return pending_.empty(); }
  [[nodiscard]] bool source_open() const { return source_.open(); }
  // Stops reading; what is buffered still goes out.
  void close_source() { source_.reset(); }
  // Stops passing on.
  void abandon_sink();
  // Why passing on failed, once; empty: it did not, or the reader went away.
  [[nodiscard]] std::string take_failure() { return std::exchange(failure_, {}); }

 private:
  void read_some();
  void write_some();

  UniqueFd source_;
  int sink_;
  std::size_t write_bytes_;  // most that a write takes without blocking
  Capture* capture_;
  Bytes buffer_;
  ByteView pending_;            // part of buffer_ that is still to go out
  std::uint64_t owed_ = ~0ULL;  // bytes still to read from a command that has ended
  std::string failure_;
};

}  // namespace daybook
