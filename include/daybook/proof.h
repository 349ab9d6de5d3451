// SPDX-License-Identifier: Apache-2.0
//
// Proofs that need neither the ledger nor trust in whoever keeps it: signed
// checkpoints (C2SP tlog-checkpoint), inclusion proofs (C2SP tlog-proof) and
// consistency proofs, as texts anyone can store, mail and check offline.
//
// The tree is that of RFC 6962 over all events in seq order; the leaf of an
// event is SHA-256(0x00 || canonical envelope bytes), its index is seq - 1.
// All functions here are pure and safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/event.h"
#include "daybook/types.h"

namespace daybook {

// A tree head: how many events, and the one hash that commits to all of them.
struct TreeHead {
  std::uint64_t size = 0;
  Digest root;
  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

// A log's public key in the note format: "<name>+<hex key id>+<base64 key>".
struct VerifierKey {
  std::string name;
  std::uint32_t id = 0;
  std::array<std::uint8_t, 32> ed25519{};
  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};
[[nodiscard]] Result<VerifierKey> parse_verifier_key(std::string_view text);
[[nodiscard]] std::string to_string(const VerifierKey& key);

// A checkpoint as text: origin, size, root, blank line, signatures.
struct Checkpoint {
  std::string origin;
  TreeHead head;
  std::string text;  // the whole signed note, as it was signed
};

// Reads a checkpoint without checking its signature. Errors: Corruption.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);

// Reads a checkpoint and checks that `key` signed it.
// Errors: Corruption (malformed, or the signature does not hold).
[[nodiscard]] Result<Checkpoint> verify_checkpoint(std::string_view text, const VerifierKey& key);

// A checkpoint with what it takes to go on from its tree: the roots of the perfect
// subtrees the tree consists of, the largest first, which fold to its root.
struct SignedTree {
  Checkpoint checkpoint;
  std::vector<Digest> peaks;
};

// Proof that one event is in the ledger a checkpoint speaks of.
struct InclusionProof {
  Seq seq;
  std::vector<Digest> path;                // RFC 6962 audit path, leaf upwards
  std::vector<std::uint8_t> envelope;      // the event's canonical bytes
  std::optional<std::string> salted_data;  // salt || data, when disclosed
  Checkpoint checkpoint;
};

// "c2sp.org/tlog-proof@v1" text; `extra` holds the envelope and, when
// disclosed, the salt and data (docs/format.md, section 9).
[[nodiscard]] std::string to_string(const InclusionProof& proof);
[[nodiscard]] Result<InclusionProof> parse_inclusion_proof(std::string_view text);

// Checks signature, audit path and, when disclosed, the data's commitment.
// Returns the proven event. Its data is there only when disclosed; otherwise
// data_state is None, and data_bytes and commitment say what was recorded.
// Errors: Corruption, with the check that failed.
[[nodiscard]] Result<Event> verify_inclusion_proof(const InclusionProof& proof,
                                                   const VerifierKey& key);

// Proof that a later ledger still holds everything an earlier one held.
struct ConsistencyProof {
  std::vector<Digest> path;
  Checkpoint older;
  Checkpoint newer;
};
[[nodiscard]] std::string to_string(const ConsistencyProof& proof);
[[nodiscard]] Result<ConsistencyProof> parse_consistency_proof(std::string_view text);
[[nodiscard]] Result<void> verify_consistency_proof(const ConsistencyProof& proof,
                                                    const VerifierKey& key);

}  // namespace daybook
