// SPDX-License-Identifier: Apache-2.0
//
// The low-level functions on purpose: for messages of a few hundred bytes they
// are faster than EVP, which fetches and allocates, and they do not start
// OpenSSL's machinery, which would cost every short-lived process a
// millisecond. They are marked deprecated, not slow or unsafe: hence the define.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <openssl/sha.h>

namespace daybook {

static_assert(sizeof(Digest) == SHA256_DIGEST_LENGTH);

Digest sha256(ByteView bytes) { return sha256({bytes}); }

Digest sha256(std::initializer_list<ByteView> pieces) {
  Digest digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const ByteView piece : pieces) SHA256_Update(&context, piece.data(), piece.size());
  SHA256_Final(digest.bytes.data(), &context);
  return digest;
}

}  // namespace daybook
