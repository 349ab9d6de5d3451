// SPDX-License-Identifier: Apache-2.0
//
// C2SP signed notes and the checkpoints written as such: a text, an empty line,
// and signature lines of the log's key and of any witnesses. docs/format.md,
// section 7. Reading is strict: one text has one spelling, and lengths and
// counts are bounded before anything is believed.
//
// The public functions on checkpoints and verifier keys (daybook/proof.h) are
// implemented here too. All pure, safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ed25519.h"
#include "daybook/proof.h"

namespace daybook {

inline constexpr std::size_t kMaxOriginBytes = 256;  // also of a key's name
// Room for sixteen witnesses with post-quantum signatures, as C2SP asks for.
inline constexpr std::size_t kMaxNoteBytes = std::size_t{256} << 10;
inline constexpr std::size_t kMaxNoteSignatures = 64;
inline constexpr std::size_t kMaxSignatureBytes = 8192;  // one, of whatever algorithm
inline constexpr std::size_t kMaxExtensionLines = 16;    // of a checkpoint, after the root

// One signature line: who signed, with which key, and the bytes. Those of
// algorithms we do not know are kept as they are.
struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes bytes;
};

struct SignedNote {
  std::string text;  // what is signed: every line with its newline
  std::vector<NoteSignature> signatures;
};

// True when `name` may be an origin and a key's name: 1..256 bytes of UTF-8
// without control characters, Unicode spaces or a plus sign.
// Errors: InvalidArgument.
[[nodiscard]] Result<void> check_origin(std::string_view name);

// The first four bytes of SHA-256(name || 0x0A || 0x01 || key).
[[nodiscard]] std::uint32_t key_id_of(std::string_view name, const Ed25519PublicKey& key);

// The public half of a signing key. Errors: InvalidArgument (the name), Internal.
[[nodiscard]] Result<VerifierKey> verifier_key_of(std::string_view origin, const Ed25519Seed& seed);

// Splits a signed note without checking signatures. Errors: Corruption.
[[nodiscard]] Result<SignedNote> parse_note(std::string_view note);

// An extension line of a checkpoint (docs/format.md, 7.1): whoever holds the key knows
// of the events before it that stood without a checkpoint for too long.
inline constexpr std::string_view kAcceptsUnsigned = "daybook.dev/accepts-unsigned";
[[nodiscard]] bool accepts_unsigned(const Checkpoint& checkpoint);

// The signed note over a tree head: the checkpoint's whole text. `extension` is a line
// without its newline; empty: none.
// Errors: InvalidArgument (the origin), Internal.
[[nodiscard]] Result<std::string> sign_checkpoint(std::string_view origin, const TreeHead& head,
                                                  const Ed25519Seed& seed,
                                                  std::string_view extension = {});

// What note and proof texts are made of. Each has one spelling only.

// Cuts the first line off `rest` and returns it without its newline; nullopt
// when `rest` holds no newline.
[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& rest);
// Decimal digits without leading zeros, at most kMaxTreeSize.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);
// The 44 characters of base64 that a hash takes.
[[nodiscard]] std::optional<Digest> parse_base64_digest(std::string_view text);

}  // namespace daybook
