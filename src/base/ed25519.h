// SPDX-License-Identifier: Apache-2.0
//
// Ed25519 (RFC 8032) by OpenSSL. Thread-safe. Starting OpenSSL costs about a
// millisecond, so nothing here is touched before a signature is needed.
#pragma once

#include <array>

#include "base/bytes.h"
#include "daybook/error.h"

namespace daybook {

using Ed25519Seed = std::array<std::uint8_t, 32>;
using Ed25519PublicKey = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

[[nodiscard]] Result<Ed25519PublicKey> ed25519_public_key(const Ed25519Seed& seed);
[[nodiscard]] Result<Ed25519Signature> ed25519_sign(const Ed25519Seed& seed, ByteView message);
[[nodiscard]] bool ed25519_verify(const Ed25519PublicKey& key, ByteView message,
                                  const Ed25519Signature& signature);

}  // namespace daybook
