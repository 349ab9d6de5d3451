// SPDX-License-Identifier: Apache-2.0
//
// The files that an import is about: those of its sources, or of every reader's
// default places, each once. Where no reader is named the file's first lines tell,
// unless an earlier import knows. Thread-compatible.
#pragma once

#include <string>

#include "daybook/import.h"
#include "transcript/import_state.h"

namespace daybook::transcript {

// Errors: InvalidArgument for a source. `files` is sorted by path.
[[nodiscard]] Result<FoundTranscripts> find_files(const ImportOptions& options,
                                                  const ImportState& state, const Environment& env);

}  // namespace daybook::transcript
