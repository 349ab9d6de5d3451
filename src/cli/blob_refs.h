// SPDX-License-Identifier: Apache-2.0
//
// The blobs that an event's data refers to, read and verified.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/ledger.h"

namespace daybook::cli {

inline constexpr std::size_t kMaxBlobRefs = 64;  // resolved for one event

struct ResolvedBlob {
  Digest digest;
  std::uint64_t bytes = 0;
  std::string error;  // why it cannot be read; empty: it is there and intact
};

// Those of `data`, each once, in the order of their first mention.
[[nodiscard]] std::vector<ResolvedBlob> resolve_blobs(Ledger& ledger, std::string_view data);

// "sha256:<hex>" or the bare hex. Errors: InvalidArgument.
[[nodiscard]] Result<Digest> parse_blob_name(std::string_view text);

}  // namespace daybook::cli
