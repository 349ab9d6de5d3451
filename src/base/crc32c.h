// SPDX-License-Identifier: Apache-2.0
//
// CRC-32C (Castagnoli), the checksum of the log. Uses the SSE4.2 instruction
// when the processor has it, tables otherwise; both give the same value.
// Pure, thread-safe.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace daybook {

// Checksum of `bytes`; pass the result of an earlier call to continue it.
[[nodiscard]] std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0);

// The same by tables alone: what processors without the instruction run, and
// what tests compare the fast way with.
[[nodiscard]] std::uint32_t crc32c_portable(ByteView bytes, std::uint32_t seed = 0);

}  // namespace daybook
