// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, by OpenSSL. The one place that includes its header for hashing.
// Pure, thread-safe.
#pragma once

#include <initializer_list>

#include "base/bytes.h"
#include "daybook/types.h"

namespace daybook {

// Hash of one piece, or of several as if concatenated.
[[nodiscard]] Digest sha256(ByteView bytes);
[[nodiscard]] Digest sha256(std::initializer_list<ByteView> pieces);

}  // namespace daybook
