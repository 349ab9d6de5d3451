// SPDX-License-Identifier: Apache-2.0
//
// What a full check of a ledger finds. Nothing here repairs anything: a report
// says what is damaged, where, and which events it costs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daybook/known.h"
#include "daybook/proof.h"
#include "daybook/types.h"

namespace daybook {

// How much a finding matters. Damage makes `verify` fail (exit code 3); a
// Notice is a fact worth knowing, such as a torn tail that nobody was promised.
enum class Severity : std::uint8_t { Notice, Damage };

// One place where the ledger is not as it was written.
struct Finding {
  Severity severity = Severity::Damage;
  std::string code;          // stable: "record_checksum", "commitment", "tree_root", ...
  std::string file;          // relative to the ledger directory
  std::uint64_t offset = 0;  // of the first bad byte range in that file
  std::uint64_t length = 0;  // how many bytes are affected
  Seq first;                 // first event affected; 0 when none
  Seq last;                  // last event affected; 0 when none
  std::string message;       // one sentence for people
};

struct VerifyReport {
  std::uint64_t events = 0;  // readable and correct
  std::uint64_t erased = 0;  // of these, with data erased and commitment intact
  std::uint64_t lost = 0;    // events that the log should hold and cannot give
  std::uint64_t segments = 0;
  std::uint64_t blobs = 0;        // blobs checked
  std::uint64_t checkpoints = 0;  // signatures checked
  std::uint64_t bytes = 0;        // log and blob bytes read
  TreeHead head;                  // recomputed from the log
  // The newest checkpoint in the log that holds: what comes after it is unsigned, and
  // whoever can write to the directory can change it unseen.
  std::optional<SignedTree> signed_tree;
  std::vector<Finding> findings;  // in log order; at most kMaxFindings are kept
  std::uint64_t findings_total = 0;

  [[nodiscard]] bool ok() const;  // no finding of severity Damage
};
inline constexpr std::size_t kMaxFindings = 10'000;

struct VerifyOptions {
  unsigned threads = 0;                      // 0: as many as there are cores
  bool blobs = true;                         // read and hash every referenced blob
  std::vector<Checkpoint> checkpoints = {};  // kept elsewhere: the log must agree with each
  std::optional<KnownLedger> known = {};     // what is remembered of it (daybook/known.h)
  std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)> progress = {};
};

}  // namespace daybook
