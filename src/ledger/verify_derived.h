// SPDX-License-Identifier: Apache-2.0
//
// What verification says of the ledger room's derived files: the tiles and
// views/active. They are checked when they are used, and a bad one costs time
// alone, so a finding about them is a Notice.
#pragma once

#include <optional>
#include <vector>

#include "ledger/ledger_impl.h"

namespace daybook {

class DerivedCheck {
 public:
  explicit DerivedCheck(Ledger::Impl& ledger) : ledger_(&ledger), tiles_(ledger.tiles) {}

  // The leaves in order. Errors: those of the file system.
  [[nodiscard]] Result<void> take(const Digest& leaf);
  // The next leaf is lost: behind it no tile can be judged.
  void lose() { wanted_ = false; }
  [[nodiscard]] Result<std::vector<Finding>> finish();

 private:
  Ledger::Impl* ledger_;
  TileStore::Check tiles_;
  std::optional<bool> wanted_;  // whether there are tiles, and no leaf was lost
};

}  // namespace daybook
