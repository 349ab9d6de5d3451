// SPDX-License-Identifier: Apache-2.0
//
// Where a pass over a file stands, and the text that the next pass starts from. The
// text holds a hash over the beginning of the file and one over the last bytes read,
// which tell whether the file is still the one it was: a file that only grew is.
// Pure, but for reading those bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/environment.h"
#include "transcript/file_state.h"

namespace daybook::transcript {

struct Cursor {
  std::uint64_t offset = 0;  // of the first byte not taken
  std::uint64_t line = 0;    // lines taken
  bool line_open = false;    // the last of them had no newline yet
  FileState state = {};
};

// `file` is the file that the cursor stands in. Errors: Io.
[[nodiscard]] Result<std::string> save_position(const Cursor& cursor, std::string_view reader,
                                                const File& file);

// None when the text is of another reader, damaged, or the file is not the one it was.
// Errors: Io.
[[nodiscard]] Result<std::optional<Cursor>> load_position(std::string_view text,
                                                          std::string_view reader,
                                                          const File& file);

}  // namespace daybook::transcript
