// SPDX-License-Identifier: Apache-2.0
//
// A memory of ledgers outside of them, as ~/.ssh/known_hosts is one of hosts: for each
// place the ledger that stood there, its key and its newest checkpoint. A thief who has
// everything but the signing key can put back an older copy, strip signatures, or make
// another ledger: consistent in itself, and only a memory tells.
//
//   KnownLedgers memory(state_directory + "/daybook/ledgers", env);
//   auto seen = memory.compare(ledger, "/home/me/project/.daybook");
//   ... append, ledger.close() ...
//   if (seen && seen->good()) memory.remember(ledger, "/home/me/project/.daybook");
//
// The program `daybook` does so by itself; the library never does unasked. Files are
// replaced whole, without a flush: after a power cut a memory may be gone, never half.
// Safe from several threads and processes; the larger checkpoint stays.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daybook/environment.h"
#include "daybook/proof.h"
#include "daybook/types.h"

namespace daybook {

class Ledger;
struct VerifyReport;

// What is remembered of one place.
struct KnownLedger {
  std::string place;  // the ledger's absolute path, as it was called
  EventId ledger_id;
  VerifierKey key;
  Timestamp seen;                  // when this was noted
  std::optional<SignedTree> tree;  // nothing: no checkpoint was seen yet
  bool elsewhere = false;          // found by its id: it is remembered of another place

  [[nodiscard]] std::uint64_t events() const { return tree ? tree->checkpoint.head.size : 0; }
};

// How a ledger compares with what is remembered of its place.
enum class Standing : std::uint8_t {
  Unknown,      // nothing is remembered
  Grown,        // the same events, and perhaps more
  Unproven,     // the same ledger, longer: too much was added to compare in passing
  RolledBack,   // fewer events than were seen signed
  Rewritten,    // other events than those that were seen signed
  OtherKey,     // the same ledger with another key or origin
  OtherLedger,  // another ledger stands there
};
[[nodiscard]] std::string_view to_string(Standing standing);

struct KnownComparison {
  Standing standing = Standing::Unknown;
  std::optional<KnownLedger> known;
  std::uint64_t events = 0;  // of the ledger now

  [[nodiscard]] bool good() const { return standing <= Standing::Unproven; }
};

class KnownLedgers {
 public:
  // `directory` is made when something is first remembered.
  KnownLedgers(std::string directory, Environment env);

  // What is remembered of the place; else, marked `elsewhere`, the longest that is of the
  // same ledger at any other. Errors: Corruption (its file cannot be used), Io,
  // PermissionDenied.
  [[nodiscard]] Result<std::optional<KnownLedger>> find(const std::string& place,
                                                        const EventId& ledger_id) const;
  // Everything, by place; what cannot be read is left out. Cost: one read for each place.
  [[nodiscard]] Result<std::vector<KnownLedger>> all() const;

  // Compares an open ledger with what is remembered of its place, for writers: reads one
  // small file and at most kMaxCompared events. Ledger::verify with VerifyOptions::known
  // checks everything. Errors as find.
  [[nodiscard]] Result<KnownComparison> compare(Ledger& ledger, const std::string& place) const;

  // Remembers the newest checkpoint of a ledger that compare() found good, when it covers
  // all events; the one of a report without damage. Only forwards: what is remembered of
  // another ledger, of another key or of more events stays.
  // Errors: InvalidArgument (the place is not one line), Busy, Io, NoSpace, PermissionDenied.
  [[nodiscard]] Result<void> remember(Ledger& ledger, const std::string& place);
  [[nodiscard]] Result<void> remember(Ledger& ledger, const std::string& place,
                                      const VerifyReport& report);
  // The same whatever was remembered: for somebody who knows why it is another.
  [[nodiscard]] Result<void> accept(Ledger& ledger, const std::string& place,
                                    const VerifyReport& report);
  // Errors: NotFound when nothing is remembered of the place.
  [[nodiscard]] Result<void> forget(const std::string& place);

 private:
  enum class Force : std::uint8_t { No, Yes };
  [[nodiscard]] std::string file_of(const std::string& place) const;
  [[nodiscard]] Result<std::optional<KnownLedger>> read(const std::string& file) const;
  [[nodiscard]] Result<void> store(const KnownLedger& known, Force force);

  std::string directory_;
  Environment env_;
};
inline constexpr std::uint64_t kMaxCompared = 16'384;

}  // namespace daybook
