// SPDX-License-Identifier: Apache-2.0
//
// The lookup tables of a sealed segment from hostile bytes, with their
// checksums and their root put right first: whatever the tables say, a question
// gets an answer or an error, never more than the tables can hold.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz/repair.h"
#include "fuzz/require.h"
#include "ledger/seal.h"

namespace daybook::fuzzing {
namespace {

void ask(const Bytes& body) {
  auto seal = SealReader::over(body);
  if (!seal) return;
  static_cast<void>(seal->check());
  static_cast<void>(seal->find_key(0));
  for (const std::string_view stream : {"stream/0", "stream/1", "other"}) {
    const auto entry = seal->find_stream(stream, stream_hash(stream));
    if (!entry || !*entry) continue;
    const auto seqs = seal->postings(**entry);
    require(!seqs || seqs->size() == (*entry)->events, "postings are as many as promised");
    require(!seqs || seqs->size() * 4 <= body.size(), "postings fit into the seal");
  }
  const auto offsets = seal->offsets();
  require(!offsets || offsets->size_bytes() <= body.size(), "offsets fit into the seal");
  const auto types = seal->types();
  require(!types || types->size() <= body.size(), "types fit into the seal");
  if (const auto index = seal->restore()) static_cast<void>(index->locate(Seq{1}));
}

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  Bytes body(data, data + size);
  fuzzing::ask(body);
  if (size < format::kSealHeaderBytes) return 0;
  fuzzing::repair_seal(body);
  fuzzing::ask(body);
  return 0;
}
