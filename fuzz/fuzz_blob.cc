// SPDX-License-Identifier: Apache-2.0
//
// Compressed blobs from hostile bytes: no crash, never more than the limit, and
// nothing reserved that so few bytes cannot hold.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "blob/compress.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 20;
  const ByteView bytes(data, size);

  const auto content = decompress(bytes, kMaxBytes);
  if (content && content->size() > kMaxBytes) std::abort();
  const auto frame = compress(bytes);
  if (!frame) std::abort();
  const auto again = decompress(*frame, size);
  if (!again || *again != Bytes(bytes.begin(), bytes.end())) std::abort();
  return 0;
}
