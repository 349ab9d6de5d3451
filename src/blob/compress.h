// SPDX-License-Identifier: Apache-2.0
//
// One zstd frame with a content size and a checksum: how a blob stands on disk
// (docs/format.md, section 8). Lets nothing of the library escape. Pure,
// thread-safe.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "daybook/error.h"

namespace daybook {

// Errors: Internal (out of memory).
[[nodiscard]] Result<Bytes> compress(ByteView bytes);

// Reads exactly one frame that fills `frame`. Reserves no more than what the
// frame states, and believes that only up to `max_bytes` and up to what so
// many bytes can possibly hold. Errors: Corruption.
[[nodiscard]] Result<Bytes> decompress(ByteView frame, std::uint64_t max_bytes);

// The largest frame that compress() makes of so many bytes.
[[nodiscard]] std::uint64_t max_compressed_bytes(std::uint64_t bytes);

}  // namespace daybook
