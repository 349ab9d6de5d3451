// SPDX-License-Identifier: Apache-2.0
#include "ledger/verify_derived.h"

#include "ledger/snapshot.h"

namespace daybook {
namespace {

Finding notice(std::string file, std::string message) {
  return {.severity = Severity::Notice,
          .code = "derived",
          .file = std::move(file),
          .first = {},
          .last = {},
          .message = std::move(message)};
}

}  // namespace

Result<void> DerivedCheck::take(const Digest& leaf) {
  if (!wanted_) {
    DAYBOOK_TRY(there, ledger_->env.files->exists(ledger_->paths.tiles));
    wanted_ = there;
  }
  return *wanted_ ? tiles_.take(leaf) : Result<void>{};
}

Result<std::vector<Finding>> DerivedCheck::finish() {
  std::vector<Finding> findings;
  const std::string& root = ledger_->paths.root;
  for (const std::string& path : tiles_.wrong()) {
    findings.push_back(notice(path.substr(root.size() + 1),
                              "the tile is not what the log says; it is derived from it, and the "
                              "proof that meets it makes it anew"));
  }
  DAYBOOK_TRY(sound, is_sound_snapshot(*ledger_->env.files, ledger_->paths.snapshot,
                                       ledger_->identity.ledger_id));
  if (!sound) {
    findings.push_back(notice("views/active",
                              "it fails its checksums; it is derived from the log, which is read "
                              "in its place"));
  }
  return findings;
}

}  // namespace daybook
