// SPDX-License-Identifier: Apache-2.0
//
// What a fuzz target claims: a claim that does not hold ends the process, so
// that the fuzzer, or the replay of the corpus, reports the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace daybook::fuzzing {

inline void require(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", claim);
  std::abort();
}

}  // namespace daybook::fuzzing
