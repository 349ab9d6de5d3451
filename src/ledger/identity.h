// SPDX-License-Identifier: Apache-2.0
//
// The file LEDGER and the signing key (docs/format.md, 2 and 7).
#pragma once

#include <string>

#include "base/ed25519.h"
#include "daybook/environment.h"
#include "daybook/proof.h"
#include "ledger/segment.h"

namespace daybook {

struct Identity {
  EventId ledger_id;
  Timestamp created;
  std::string origin;
  VerifierKey key;
};

// What LEDGER says, from a segment's header; `created` is right when it is the first segment.
[[nodiscard]] Identity identity_of(const SegmentHeader& header);

// A new identity with a fresh key pair. Touches no disk.
struct NewIdentity {
  Identity identity;
  Ed25519Seed seed;
};
[[nodiscard]] Result<NewIdentity> make_identity(Environment& env, std::string origin = {});

[[nodiscard]] Result<void> write_identity(Environment& env, const std::string& path,
                                          const Identity& identity);
// Errors: NotFound, Unsupported (a newer format), Corruption.
[[nodiscard]] Result<Identity> read_identity(FileSystem& files, const std::string& path);

[[nodiscard]] Result<void> write_seed(Environment& env, const std::string& path,
                                      const Ed25519Seed& seed);
// The signing key, when it may be used: it is the one `key` belongs to, and nobody but
// its owner can read it.
// Errors: NotFound, PermissionDenied, Corruption (not a key, or another ledger's).
[[nodiscard]] Result<Ed25519Seed> read_signing_key(FileSystem& files, const std::string& path,
                                                   const VerifierKey& key);

}  // namespace daybook
