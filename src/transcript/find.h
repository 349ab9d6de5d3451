// SPDX-License-Identifier: Apache-2.0
//
// Finding files for several readers in one walk: a directory is listed once.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "transcript/reader.h"

namespace daybook::transcript {

// As find_transcripts() for each of `readers`, with `source` as its source, in this
// order; places and what could not be read are told with the first.
// Errors: InvalidArgument for an option.
[[nodiscard]] Result<std::vector<FoundTranscripts>> find_for_each(
    std::span<const Reader* const> readers, const ReaderSource& source, const std::string& home,
    const Environment& env);

}  // namespace daybook::transcript
