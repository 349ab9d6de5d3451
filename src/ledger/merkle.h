// SPDX-License-Identifier: Apache-2.0
//
// The Merkle tree of RFC 6962 over all events: its hashes, its growing right
// edge, and the two proofs, made from any source of inner nodes and checked
// without one. docs/format.md, section 5.
//
// Everything here is a value or a pure function: safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "daybook/proof.h"
#include "daybook/types.h"

namespace daybook {

// The largest tree that is spoken of: what the C2SP formats allow.
inline constexpr std::uint64_t kMaxTreeSize = INT64_MAX;
// A proof holds at most one hash a level for an inclusion, two for a consistency.
inline constexpr std::size_t kMaxInclusionHashes = 63;
inline constexpr std::size_t kMaxConsistencyHashes = 64;

[[nodiscard]] Digest leaf_hash(ByteView envelope);
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);
// Stands in for the leaf of an event that cannot be read (format.md 5.4).
[[nodiscard]] Digest lost_leaf_hash(Seq seq);
[[nodiscard]] Digest empty_tree_root();

// The right edge of a tree: the roots of the perfect subtrees it consists of,
// the largest first. All that is needed to append leaves and to know the root.
// Never allocates; copying costs two kilobytes.
class Peaks {
 public:
  Peaks() = default;

  // Errors: Corruption when the number of peaks is not that of the one bits in
  // `size`, or `size` is beyond kMaxTreeSize.
  [[nodiscard]] static Result<Peaks> from(std::uint64_t size, std::span<const Digest> peaks);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::span<const Digest> hashes() const { return {peaks_.data(), count_}; }

  // Costs one node hash on average, log2(size) at worst.
  void append(const Digest& leaf);

  // Folds the peaks: at most 62 node hashes.
  [[nodiscard]] Digest root() const;
  [[nodiscard]] TreeHead head() const { return TreeHead{size_, root()}; }

  friend bool operator==(const Peaks& a, const Peaks& b);

 private:
  std::uint64_t size_ = 0;
  std::size_t count_ = 0;
  std::array<Digest, 64> peaks_{};
};

// Gives the root of the perfect subtree over the leaves
// [index << level, (index + 1) << level), all of which exist.
using NodeSource = std::function<Result<Digest>(unsigned level, std::uint64_t index)>;

// Root over the leaves [0, size), folded from the nodes of `source`.
[[nodiscard]] Result<Digest> tree_root(std::uint64_t size, const NodeSource& source);

// Audit path of leaf `index` in the tree of `size` leaves, leaf upwards.
// Asks the source O(log size) times. Errors: InvalidArgument when there is no
// such leaf; the source's.
[[nodiscard]] Result<std::vector<Digest>> inclusion_path(std::uint64_t index, std::uint64_t size,
                                                         const NodeSource& source);

// Proof that the tree of `newer` leaves extends that of `older`. Empty when the
// older tree is empty or the two are equal. Errors: InvalidArgument when
// older > newer; the source's.
[[nodiscard]] Result<std::vector<Digest>> consistency_path(std::uint64_t older, std::uint64_t newer,
                                                           const NodeSource& source);

// Checks that `leaf` is leaf `index` of the tree `head`. Errors: Corruption.
[[nodiscard]] Result<void> check_inclusion(const Digest& leaf, std::uint64_t index,
                                           const TreeHead& head, std::span<const Digest> path);

// Checks that the tree `newer` extends the tree `older`. Errors: Corruption.
[[nodiscard]] Result<void> check_consistency(const TreeHead& older, const TreeHead& newer,
                                             std::span<const Digest> path);

}  // namespace daybook
