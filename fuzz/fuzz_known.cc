// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of a ledger, from hostile bytes: no crash, and what is accepted is
// one line of a place and peaks that fold to the root of its note.
#include <cstddef>
#include <cstdint>

#include "daybook/known.h"
#include "fuzz/require.h"
#include "ledger/merkle.h"
#include "support/test_environment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  using fuzzing::require;
  testing::TestEnvironment world;
  world.disk.put_file("/known/0.known", {data, size});
  const KnownLedgers memory("/known", world.environment());
  const auto all = memory.all();
  require(all.has_value(), "what cannot be read is left out");
  for (const KnownLedger& known : *all) {
    require(known.place.find('\n') == std::string::npos, "a place is one line");
    if (!known.tree) continue;
    const auto peaks = Peaks::from(known.events(), known.tree->peaks);
    require(peaks && peaks->root() == known.tree->checkpoint.head.root,
            "the peaks fold to the root");
  }
  return 0;
}
