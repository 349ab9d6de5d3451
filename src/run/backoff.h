// SPDX-License-Identifier: Apache-2.0
//
// How long to wait before the next attempt. Pure but for the randomness asked for.
#pragma once

#include <cstdint>

#include "daybook/environment.h"
#include "daybook/supervise.h"

namespace daybook {

// The pause after `failed` attempts (from 1), in microseconds.
[[nodiscard]] std::uint64_t backoff_micros(const Backoff& backoff, std::uint32_t failed,
                                           Entropy& entropy);

}  // namespace daybook
