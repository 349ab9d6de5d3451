// SPDX-License-Identifier: Apache-2.0
//
// The two small notes writers leave for each other (docs/format.md, 6.2): in
// `tail`, how far the log is durable; in `lock`, how far it is written. Both are
// hints: they are checked, and the log is right without them. A copy of a ledger
// that was made while somebody wrote may hold hints that run ahead of its log; so
// a hint names the file it was written into, and only there it is evidence that
// more of the log was there once.
#pragma once

#include <optional>

#include "daybook/environment.h"

namespace daybook {

// A place in the log.
struct LogPlace {
  Seq segment;            // first seq of the segment the offset is in
  std::uint64_t end = 0;  // offset in it
  Seq next;               // the seq of the event that comes there
  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

struct Hint {
  bool flush_failed = false;
  LogPlace to;           // durable, or written, up to there
  bool at_home = false;  // it stands in the file it was written into
  friend bool operator==(const Hint&, const Hint&) = default;
};

// Nothing when the file is empty, torn or not a hint. Errors: Io.
[[nodiscard]] Result<std::optional<Hint>> read_hint(const File& file);
// Writes all but `at_home`, which follows from the file.
[[nodiscard]] Result<void> write_hint(File& file, const Hint& hint);

}  // namespace daybook
