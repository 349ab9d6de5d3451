// SPDX-License-Identifier: Apache-2.0
//
// Inclusion and consistency proofs from hostile bytes: no crash, what is
// accepted is printed again byte for byte, and checking it ends in an answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"
#include "daybook/proof.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  static const VerifierKey key =
      parse_verifier_key("example.com/proofs+efb2371c+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")
          .value();
  const std::string_view text = as_text({data, size});

  if (const auto proof = parse_inclusion_proof(text)) {
    require(to_string(*proof) == text);
    if (const auto event = verify_inclusion_proof(*proof, key)) {
      require(event->seq == proof->seq);
      require(event->data.empty() || event->data.size() == event->data_bytes);
    }
  }
  if (const auto proof = parse_consistency_proof(text)) {
    require(to_string(*proof) == text);
    if (verify_consistency_proof(*proof, key)) {
      require(proof->older.head.size <= proof->newer.head.size);
    }
  }
  return 0;
}
