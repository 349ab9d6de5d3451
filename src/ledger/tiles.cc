// SPDX-License-Identifier: Apache-2.0
#include "ledger/tiles.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/fs/files.h"

namespace daybook {
namespace {

constexpr unsigned kTileHeight = 8;
constexpr std::uint64_t kTileWidth = 256;
constexpr std::size_t kTileBytes = kTileWidth * sizeof(Digest);
// Levels of tiles that the largest tree has.
constexpr unsigned kMaxTileLevels = 8;

// How many full tiles of this level a tree of so many leaves has.
std::uint64_t full_tiles(std::uint64_t leaves, unsigned level) {
  const unsigned shift = kTileHeight * (level + 1);
  return shift < 64 ? leaves >> shift : 0;
}

// Root of the perfect subtree over the hashes, a power of two of them.
Digest fold(std::vector<Digest> row) {
  for (std::size_t count = row.size(); count > 1; count /= 2) {
    for (std::size_t i = 0; i < count / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
  }
  return row.front();
}

Result<std::vector<Digest>> read_leaves(const LeafSource& source, std::uint64_t first,
                                        std::uint64_t count) {
  std::vector<Digest> leaves;
  leaves.reserve(count);
  DAYBOOK_CHECK(source(first, count, [&](const Digest& leaf) { leaves.push_back(leaf); }));
  if (leaves.size() != count) return fail(Errc::Internal, "a leaf source gave too few leaves");
  return leaves;
}

// Nodes by nothing but the leaves: what is left when tiles cannot be believed.
NodeSource nodes_by_leaves(const LeafSource& source) {
  return [&source](unsigned level, std::uint64_t index) -> Result<Digest> {
    Peaks peaks;
    const std::uint64_t count = std::uint64_t{1} << level;
    DAYBOOK_CHECK(source(index << level, count, [&](const Digest& leaf) { peaks.append(leaf); }));
    if (peaks.size() != count) return fail(Errc::Internal, "a leaf source gave too few leaves");
    return peaks.root();
  };
}

}  // namespace

// Writes tiles while leaves come in: one open row for each level of tiles.
class TileStore::Builder {
 public:
  Builder(TileStore& store, std::uint64_t first) : store_(&store), first_(first) {}

  // Fills the open rows above the leaves, as they stand before leaf `first`.
  Result<void> prime(const LeafSource& source) {
    for (unsigned level = 1; level < kMaxTileLevels; ++level) {
      const std::uint64_t position = first_ >> (kTileHeight * level);
      const std::uint64_t offset = position % kTileWidth;
      DAYBOOK_TRY(known, store_->computed_row(first_, source, level, position - offset, offset));
      rows_[level] = std::move(known);
    }
    for (unsigned level = 0; level < kMaxTileLevels; ++level) {
      next_[level] = full_tiles(first_, level);
    }
    return {};
  }

  void take(const Digest& leaf) {
    ++taken_;
    rows_[0].push_back(leaf);
    for (unsigned level = 0; rows_[level].size() == kTileWidth; ++level) close_row(level);
  }

  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  [[nodiscard]] Result<void> outcome() && { return std::move(outcome_); }

 private:
  void close_row(unsigned level) {
    Row& row = rows_[level];
    // After a failed write the rest is not worth writing; leaves still come.
    if (outcome_) outcome_ = store_->write_tile({level, next_[level]}, row);
    ++next_[level];
    rows_[level + 1].push_back(fold(std::exchange(row, {})));
  }

  TileStore* store_;
  std::uint64_t first_;
  std::uint64_t taken_ = 0;
  Result<void> outcome_;
  std::array<Row, kMaxTileLevels + 1> rows_;
  std::array<std::uint64_t, kMaxTileLevels> next_{};
};

TileStore::TileStore(FileSystem& files, std::string directory)
    : files_(&files), directory_(std::move(directory)) {}

Result<void> TileStore::extend(std::uint64_t leaves, const LeafSource& source) {
  const std::lock_guard lock(mutex_);
  return extend_locked(leaves, source);
}

Result<void> TileStore::extend_locked(std::uint64_t leaves, const LeafSource& source) {
  if (full_tiles(leaves, 0) <= full_tiles(extended_to_, 0)) return {};
  DAYBOOK_TRY(first, first_missing_leaf(leaves));
  const std::uint64_t end = full_tiles(leaves, 0) * kTileWidth;
  if (first < end) DAYBOOK_CHECK(build(first, end, source));
  extended_to_ = end;
  return {};
}

// Where to go on so that every missing tile gets written: at the first missing
// tile of leaves, or at the last leaves of a tile that is missing above them.
// Tiles are written in order, so the first missing one of a level is found by
// bisection. A hole below it is filled when a proof comes across it.
Result<std::uint64_t> TileStore::first_missing_leaf(std::uint64_t leaves) {
  std::uint64_t first = full_tiles(leaves, 0) * kTileWidth;
  for (unsigned level = 0; full_tiles(leaves, level) > 0; ++level) {
    std::uint64_t present = 0;
    std::uint64_t missing = full_tiles(leaves, level);
    while (present < missing) {
      const std::uint64_t middle = present + (missing - present) / 2;
      DAYBOOK_TRY(there, files_->exists(path_of({level, middle})));
      (there ? present : missing) = there ? middle + 1 : middle;
    }
    if (missing == full_tiles(leaves, level)) continue;
    const std::uint64_t end = (missing + 1) << (kTileHeight * (level + 1));
    first = std::min(first, end - kTileWidth);
  }
  return first;
}

Result<void> TileStore::build(std::uint64_t first, std::uint64_t end, const LeafSource& source) {
  // Where nothing can be written this fails before all leaves are read.
  DAYBOOK_CHECK(make_directories(*files_, directory_));
  DAYBOOK_CHECK(files_->make_directory(directory_ + "/0"));
  Builder builder(*this, first);
  DAYBOOK_CHECK(builder.prime(source));
  DAYBOOK_CHECK(source(first, end - first, [&](const Digest& leaf) { builder.take(leaf); }));
  if (builder.taken() != end - first) {
    return fail(Errc::Internal, "a leaf source gave too few leaves");
  }
  return std::move(builder).outcome();
}

template <class Make>
auto TileStore::proven(std::uint64_t leaves, const LeafSource& source, const Make& make)
    -> decltype(make(NodeSource())) {
  const std::lock_guard lock(mutex_);
  // Without new tiles the proof is slower, not impossible.
  static_cast<void>(extend_locked(leaves, source));
  auto by_tiles = make(nodes_of(leaves, source));
  if (by_tiles || by_tiles.error().code != Errc::Corruption) return by_tiles;
  auto by_leaves = make(nodes_by_leaves(source));
  if (by_leaves) {
    static_cast<void>(build(0, full_tiles(leaves, 0) * kTileWidth, source));
  }
  return by_leaves;
}

Result<std::vector<Digest>> TileStore::prove_inclusion(const Digest& leaf, std::uint64_t index,
                                                       const TreeHead& head,
                                                       const LeafSource& source) {
  using Path = Result<std::vector<Digest>>;
  return proven(head.size, source, [&](const NodeSource& nodes) -> Path {
    DAYBOOK_TRY(path, inclusion_path(index, head.size, nodes));
    DAYBOOK_CHECK(check_inclusion(leaf, index, head, path));
    return path;
  });
}

Result<TileStore::Growth> TileStore::prove_consistency(std::uint64_t older, const TreeHead& newer,
                                                       const LeafSource& source) {
  return proven(newer.size, source, [&](const NodeSource& nodes) -> Result<Growth> {
    DAYBOOK_TRY(path, consistency_path(older, newer.size, nodes));
    DAYBOOK_TRY(root, tree_root(older, nodes));
    const TreeHead head{older, root};
    DAYBOOK_CHECK(check_consistency(head, newer, path));
    return Growth{head, std::move(path)};
  });
}

NodeSource TileStore::nodes_of(std::uint64_t leaves, const LeafSource& source) {
  return [this, leaves, &source](unsigned level, std::uint64_t index) -> Result<Digest> {
    const unsigned tile_level = level / kTileHeight;
    const unsigned height = level % kTileHeight;
    const std::uint64_t first = index << height;
    DAYBOOK_TRY(hashes, row(leaves, source, {tile_level, first / kTileWidth}, first % kTileWidth,
                            std::uint64_t{1} << height));
    return fold(std::move(hashes));
  };
}

// Some hashes of one tile: of the stored one, or computed. A tile that should
// be stored and is not is computed whole, and stored.
Result<TileStore::Row> TileStore::row(std::uint64_t leaves, const LeafSource& source, TileId tile,
                                      std::uint64_t offset, std::uint64_t count) {
  const std::uint64_t first = tile.index * kTileWidth;
  if (tile.index >= full_tiles(leaves, tile.level)) {
    return computed_row(leaves, source, tile.level, first + offset, count);
  }
  auto whole = read_tile(tile);
  if (!whole) {
    whole = computed_row(leaves, source, tile.level, first, kTileWidth);
    if (!whole) return whole;
    static_cast<void>(write_tile(tile, *whole));
  }
  const auto begin = whole->begin() + static_cast<std::ptrdiff_t>(offset);
  return Row(begin, begin + static_cast<std::ptrdiff_t>(count));
}

// Hashes of one level of tiles, from the tiles of the level below or the
// leaves. Goes as deep as tiles have levels.
Result<TileStore::Row> TileStore::computed_row(std::uint64_t leaves, const LeafSource& source,
                                               unsigned level, std::uint64_t first,
                                               std::uint64_t count) {
  if (level == 0) return read_leaves(source, first, count);
  Row hashes;
  for (std::uint64_t i = first; i < first + count; ++i) {
    DAYBOOK_TRY(below, row(leaves, source, {level - 1, i}, 0, kTileWidth));
    hashes.push_back(fold(std::move(below)));
  }
  return hashes;
}

// "1234067" of level 0 stands in 0/x001/x234/067.
std::string TileStore::path_of(TileId tile) const {
  std::string name = fmt::format("{:03}", tile.index % 1000);
  for (std::uint64_t rest = tile.index / 1000; rest > 0; rest /= 1000) {
    name = fmt::format("x{:03}/{}", rest % 1000, name);
  }
  return fmt::format("{}/{}/{}", directory_, tile.level, name);
}

Result<TileStore::Row> TileStore::read_tile(TileId tile) {
  const std::string path = path_of(tile);
  DAYBOOK_TRY(bytes, read_file(*files_, path, kTileBytes));
  if (bytes.size() != kTileBytes) return fail(Errc::Corruption, path + " is not a whole tile");
  Row hashes(kTileWidth);
  for (std::size_t i = 0; i < kTileWidth; ++i) {
    hashes[i] = load<Digest>(bytes.data() + i * sizeof(Digest));
  }
  return hashes;
}

TileStore::Check::Check(TileStore& store)
    : store_(&store), rows_(kMaxTileLevels + 1), next_(kMaxTileLevels + 1) {}

Result<void> TileStore::Check::take(const Digest& leaf) {
  rows_[0].push_back(leaf);
  for (unsigned level = 0; level < kMaxTileLevels && rows_[level].size() == kTileWidth; ++level) {
    Row& row = rows_[level];
    DAYBOOK_CHECK(compare({level, next_[level]++}, row));
    rows_[level + 1].push_back(fold(std::exchange(row, {})));
  }
  return {};
}

Result<void> TileStore::Check::compare(TileId tile, const Row& hashes) {
  const auto stored = store_->read_tile(tile);
  if (stored && *stored == hashes) return {};
  if (!stored && stored.error().code == Errc::NotFound) return {};
  const bool is_wrong = stored || stored.error().code == Errc::Corruption ||
                        stored.error().code == Errc::LimitExceeded;
  if (!is_wrong) return fail(stored.error());
  wrong_.push_back(store_->path_of(tile));
  return {};
}

// Renamed into place, so that no reader meets half a tile. Two processes that
// write the same tile write the same bytes: it does not matter whose file is
// renamed first, and that the other one's is then gone.
Result<void> TileStore::write_tile(TileId tile, const Row& hashes) {
  const std::string path = path_of(tile);
  if (std::string parent = parent_of(path); parent != made_directory_) {
    DAYBOOK_CHECK(make_directories(*files_, parent));
    made_directory_ = std::move(parent);
  }
  Bytes bytes(kTileBytes);
  for (std::size_t i = 0; i < kTileWidth; ++i) {
    store(bytes.data() + i * sizeof(Digest), hashes[i]);
  }
  const std::string temporary = path + ".tmp";
  auto opened = files_->open(temporary, OpenMode::Create);
  if (!opened) {
    made_directory_.clear();  // it may have been deleted since
    return fail(std::move(opened).error());
  }
  const std::unique_ptr<File> file = *std::move(opened);
  DAYBOOK_CHECK(file->write_at(0, bytes));
  auto renamed = files_->rename(temporary, path);
  if (renamed || renamed.error().code != Errc::NotFound) return renamed;
  DAYBOOK_TRY(there, files_->exists(path));
  return there ? Result<void>{} : renamed;
}

}  // namespace daybook
