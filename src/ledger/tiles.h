// SPDX-License-Identifier: Apache-2.0
//
// Inner nodes of the tree, kept as tiles of 256 hashes so that a proof reads a
// few files instead of the log. docs/format.md, section 5.3.
//
// Tiles are derived and never trusted: every proof is checked against the tree
// head before it is handed out. When it does not hold, it is made again from
// the leaves alone, and the tiles are rebuilt. Missing tiles are made on the
// way; where nothing can be written, proofs cost more and are still right.
//
// Thread-safe; several processes may share the directory.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "daybook/environment.h"
#include "daybook/proof.h"
#include "daybook/types.h"
#include "ledger/merkle.h"

namespace daybook {

// Hands the leaf hashes of [first, first + count) to `take`, in order. Must not
// call back into the store.
using LeafTaker = std::function<void(const Digest& leaf)>;
using LeafSource =
    std::function<Result<void>(std::uint64_t first, std::uint64_t count, const LeafTaker& take)>;

class TileStore {
 public:
  // `directory` is made when the first tile is written.
  TileStore(FileSystem& files, std::string directory);

  // Writes the full tiles of a tree of so many leaves that are not there yet.
  // Reads each leaf they need once, in order. Nothing is flushed. Costs about
  // one node hash a leaf and one file for 256; next to nothing when up to date.
  // Errors: the source's; PermissionDenied, NoSpace, Io.
  [[nodiscard]] Result<void> extend(std::uint64_t leaves, const LeafSource& source);

  // Audit path of leaf `index`, whose hash is `leaf`, in the tree `head`.
  // Errors: InvalidArgument (no such leaf); Corruption when the leaves do not
  // lead to that head; the source's.
  [[nodiscard]] Result<std::vector<Digest>> prove_inclusion(const Digest& leaf, std::uint64_t index,
                                                            const TreeHead& head,
                                                            const LeafSource& source);

  // That the tree `newer` extends its own first `older` leaves, and the head of
  // these. Errors as prove_inclusion.
  struct Growth {
    TreeHead older;
    std::vector<Digest> path;
  };
  [[nodiscard]] Result<Growth> prove_consistency(std::uint64_t older, const TreeHead& newer,
                                                 const LeafSource& source);

  using Row = std::vector<Digest>;  // up to 256 hashes of one level

  // A tile: its level in the pyramid of tiles, and its index there.
  struct TileId {
    unsigned level = 0;
    std::uint64_t index = 0;
  };

  // Compares the stored tiles with the log's leaves, which take() gets in order.
  class Check {
   public:
    explicit Check(TileStore& store);
    // Errors: those of the file system, except that a tile is not there.
    [[nodiscard]] Result<void> take(const Digest& leaf);
    // Paths of the tiles that are not what the leaves say.
    [[nodiscard]] const std::vector<std::string>& wrong() const { return wrong_; }

   private:
    [[nodiscard]] Result<void> compare(TileId tile, const Row& hashes);

    TileStore* store_;
    std::vector<Row> rows_;  // the open row of each level
    std::vector<std::uint64_t> next_;
    std::vector<std::string> wrong_;
  };

 private:
  class Builder;

  template <class Make>
  [[nodiscard]] auto proven(std::uint64_t leaves, const LeafSource& source, const Make& make)
      -> decltype(make(NodeSource()));
  [[nodiscard]] NodeSource nodes_of(std::uint64_t leaves, const LeafSource& source);
  [[nodiscard]] Result<Row> row(std::uint64_t leaves, const LeafSource& source, TileId tile,
                                std::uint64_t offset, std::uint64_t count);
  [[nodiscard]] Result<Row> computed_row(std::uint64_t leaves, const LeafSource& source,
                                         unsigned level, std::uint64_t first, std::uint64_t count);

  [[nodiscard]] Result<void> extend_locked(std::uint64_t leaves, const LeafSource& source);
  [[nodiscard]] Result<void> build(std::uint64_t first, std::uint64_t end,
                                   const LeafSource& source);
  [[nodiscard]] Result<std::uint64_t> first_missing_leaf(std::uint64_t leaves);
  [[nodiscard]] std::string path_of(TileId tile) const;
  [[nodiscard]] Result<Row> read_tile(TileId tile);
  [[nodiscard]] Result<void> write_tile(TileId tile, const Row& hashes);

  FileSystem* files_;
  std::string directory_;
  std::mutex mutex_;
  std::uint64_t extended_to_ = 0;  // leaves whose tiles this object has seen to
  std::string made_directory_;     // of the tile written last
};

}  // namespace daybook
