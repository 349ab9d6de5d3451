// SPDX-License-Identifier: Apache-2.0
//
// Reading agent sessions: a tree of transcripts, copied until it has the size
// asked for, read whole by Daybook's readers and by `jq -c .`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/harness.h"

namespace daybook::bench {

// The copies, made once and shared by the contestants of a row.
class TranscriptTree;
[[nodiscard]] std::shared_ptr<TranscriptTree> make_transcript_tree(std::string source,
                                                                   std::string directory,
                                                                   std::uint64_t bytes);

// MB of transcripts a second, from the page cache to records, on all processors.
[[nodiscard]] std::unique_ptr<Contestant> make_transcript_reader(
    std::shared_ptr<TranscriptTree> tree);
// The same by one `jq -c .` over all files.
[[nodiscard]] std::unique_ptr<Contestant> make_jq(std::shared_ptr<TranscriptTree> tree);

}  // namespace daybook::bench
