// SPDX-License-Identifier: Apache-2.0
//
// The two small notes writers leave for each other (docs/format.md, 6.2): in
// `tail`, how far the log is durable; in `lock`, how far it is written. Both are
// hints: they are checked, they only ever say less than the truth, and the log
// is right without them.
#pragma once

#include <optional>

#include "daybook/environment.h"

namespace daybook {

struct Hint {
  bool flush_failed = false;
  Seq segment;            // first seq of the segment the offset is in
  std::uint64_t end = 0;  // durable, or written, up to this offset
  Seq next;               // the seq of the event that comes there
};

// Nothing when the file is empty, torn or not a hint.
[[nodiscard]] std::optional<Hint> read_hint(const File& file);
[[nodiscard]] Result<void> write_hint(File& file, const Hint& hint);

}  // namespace daybook
