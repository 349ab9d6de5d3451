// SPDX-License-Identifier: Apache-2.0
//
// Work on many independent things, spread over two processors when it is worth
// a thread: starting one costs about as much as hashing a hundred events.
#pragma once

#include <cstddef>
#include <functional>

namespace daybook {

// Below this many items the caller's thread does them all.
inline constexpr std::size_t kWorthAThread = 256;

// Calls work(from, to) for ranges that together are [0, count), perhaps at the
// same time in two threads, and returns when all is done. `work` does not throw.
void in_parallel(std::size_t count, const std::function<void(std::size_t, std::size_t)>& work);

}  // namespace daybook
