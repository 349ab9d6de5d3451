// SPDX-License-Identifier: Apache-2.0
#include "ledger/merkle.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>
#include <utility>

#include "base/sha256.h"

namespace daybook {
namespace {

constexpr std::uint8_t kLeafPrefix = 0x00;
constexpr std::uint8_t kNodePrefix = 0x01;
constexpr std::string_view kLostLeafText = "daybook lost event";

// The largest power of two that is smaller than n; n is at least 2.
std::uint64_t split_of(std::uint64_t n) { return std::bit_floor(n - 1); }

// Root over the leaves [begin, end), where `begin` is a multiple of every
// power of two the range's length holds: a right edge, or the whole tree.
Result<Digest> range_root(std::uint64_t begin, std::uint64_t end, const NodeSource& source) {
  std::array<Digest, 64> row;
  std::size_t count = 0;
  while (begin < end) {
    const auto level = static_cast<unsigned>(std::bit_width(end - begin) - 1);
    DAYBOOK_TRY(node, source(level, begin >> level));
    row[count++] = node;
    begin += std::uint64_t{1} << level;
  }
  Digest root = row[count - 1];
  for (std::size_t i = count - 1; i-- > 0;) root = node_hash(row[i], root);
  return root;
}

Result<void> check_sizes(const TreeHead& head) {
  if (head.size > kMaxTreeSize) {
    return fail(Errc::Corruption,
                "tree size " + std::to_string(head.size) + " is larger than any tree can be");
  }
  if (head.size == 0 && head.root != empty_tree_root()) {
    return fail(Errc::Corruption, "the root of an empty tree is not the empty hash");
  }
  return {};
}

std::unexpected<Error> wrong_length(std::string_view what, std::size_t count) {
  return fail(Errc::Corruption, std::string(what) + " has the wrong number of hashes (" +
                                    std::to_string(count) + ") for these tree sizes");
}

}  // namespace

Digest leaf_hash(ByteView envelope) { return sha256({ByteView(&kLeafPrefix, 1), envelope}); }

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<std::uint8_t, 65> bytes;
  bytes[0] = kNodePrefix;
  std::ranges::copy(left.bytes, bytes.begin() + 1);
  std::ranges::copy(right.bytes, bytes.begin() + 33);
  return sha256(ByteView(bytes));
}

Digest lost_leaf_hash(Seq seq) {
  std::array<std::uint8_t, 8> number;
  store(number.data(), seq.value);
  return sha256({ByteView(&kLeafPrefix, 1), as_bytes(kLostLeafText), ByteView(number)});
}

Digest empty_tree_root() {
  static const Digest root = sha256(ByteView{});
  return root;
}

Result<Peaks> Peaks::from(std::uint64_t size, std::span<const Digest> peaks) {
  if (size > kMaxTreeSize || peaks.size() != static_cast<std::size_t>(std::popcount(size))) {
    return fail(Errc::Corruption, "a tree of " + std::to_string(size) + " leaves does not have " +
                                      std::to_string(peaks.size()) + " peaks");
  }
  Peaks result;
  result.size_ = size;
  result.count_ = peaks.size();
  std::ranges::copy(peaks, result.peaks_.begin());
  return result;
}

void Peaks::append(const Digest& leaf) {
  Digest carry = leaf;
  // Each trailing one bit of the size is a perfect subtree as large as the one
  // being carried: the two become one.
  for (std::uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
    carry = node_hash(peaks_[--count_], carry);
  }
  peaks_[count_++] = carry;
  ++size_;
}

Digest Peaks::root() const {
  if (count_ == 0) return empty_tree_root();
  Digest root = peaks_[count_ - 1];
  for (std::size_t i = count_ - 1; i-- > 0;) root = node_hash(peaks_[i], root);
  return root;
}

bool operator==(const Peaks& a, const Peaks& b) {
  return a.size_ == b.size_ && std::ranges::equal(a.hashes(), b.hashes());
}

Result<Digest> tree_root(std::uint64_t size, const NodeSource& source) {
  if (size == 0) return empty_tree_root();
  return range_root(0, size, source);
}

Result<std::vector<Digest>> inclusion_path(std::uint64_t index, std::uint64_t size,
                                           const NodeSource& source) {
  if (index >= size || size > kMaxTreeSize) {
    return fail(Errc::InvalidArgument, "a tree of " + std::to_string(size) +
                                           " leaves has no leaf " + std::to_string(index));
  }
  std::vector<Digest> path;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {  // from the root down; one level a turn
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = index < middle;
    DAYBOOK_TRY(sibling,
                left ? range_root(middle, end, source) : range_root(begin, middle, source));
    path.push_back(sibling);
    (left ? end : begin) = middle;
  }
  std::ranges::reverse(path);
  return path;
}

Result<std::vector<Digest>> consistency_path(std::uint64_t older, std::uint64_t newer,
                                             const NodeSource& source) {
  if (older > newer || newer > kMaxTreeSize) {
    return fail(Errc::InvalidArgument, "a tree of " + std::to_string(newer) +
                                           " leaves cannot extend one of " + std::to_string(older));
  }
  std::vector<Digest> path;
  if (older == 0 || older == newer) return path;
  std::uint64_t begin = 0;
  std::uint64_t end = newer;
  while (end != older) {  // from the root down, towards the older tree's edge
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = older <= middle;
    DAYBOOK_TRY(sibling,
                left ? range_root(middle, end, source) : range_root(begin, middle, source));
    path.push_back(sibling);
    (left ? end : begin) = middle;
  }
  // When the older tree is itself one perfect subtree, whoever checks knows
  // its root already.
  if (begin != 0) {
    DAYBOOK_TRY(edge, range_root(begin, end, source));
    path.push_back(edge);
  }
  std::ranges::reverse(path);
  return path;
}

// RFC 9162, section 2.1.3.2.
Result<void> check_inclusion(const Digest& leaf, std::uint64_t index, const TreeHead& head,
                             std::span<const Digest> path) {
  DAYBOOK_CHECK(check_sizes(head));
  if (index >= head.size) {
    return fail(Errc::Corruption, "a tree of " + std::to_string(head.size) +
                                      " events cannot hold event " + std::to_string(index + 1));
  }
  std::uint64_t node = index;
  std::uint64_t last = head.size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : path) {
    if (last == 0) return wrong_length("the inclusion proof", path.size());
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return wrong_length("the inclusion proof", path.size());
  if (hash != head.root) {
    return fail(Errc::Corruption,
                "the inclusion proof does not lead to the tree's root: the event, its position or "
                "the proof is not what was recorded");
  }
  return {};
}

namespace {

// RFC 9162, section 2.1.4.2, for 0 < older.size < newer.size and a path that
// begins with the root of the older tree's last perfect subtree.
Result<void> fold_consistency(const TreeHead& older, const TreeHead& newer, const Digest& first,
                              std::span<const Digest> rest, std::size_t given) {
  std::uint64_t node = older.size - 1;
  std::uint64_t last = newer.size - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  Digest old_hash = first;
  Digest new_hash = first;
  for (const Digest& sibling : rest) {
    if (last == 0) return wrong_length("the consistency proof", given);
    if ((node & 1) != 0 || node == last) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return wrong_length("the consistency proof", given);
  if (old_hash != older.root) {
    return fail(Errc::Corruption, "the consistency proof does not lead to the older root");
  }
  if (new_hash != newer.root) {
    return fail(Errc::Corruption,
                "the consistency proof does not lead to the newer root: the newer tree does not "
                "hold everything the older one held, or the proof is not for these two");
  }
  return {};
}

}  // namespace

Result<void> check_consistency(const TreeHead& older, const TreeHead& newer,
                               std::span<const Digest> path) {
  DAYBOOK_CHECK(check_sizes(older));
  DAYBOOK_CHECK(check_sizes(newer));
  if (older.size > newer.size) {
    return fail(Errc::Corruption, "the newer tree (" + std::to_string(newer.size) +
                                      " events) is smaller than the older one (" +
                                      std::to_string(older.size) + ")");
  }
  if (older.size == newer.size && older.root != newer.root) {
    return fail(Errc::Corruption,
                "two different roots for the same " + std::to_string(older.size) + " events");
  }
  if (older.size == 0 || older.size == newer.size) {
    if (!path.empty()) return wrong_length("the consistency proof", path.size());
    return {};
  }
  // A perfect older tree is the first node of the proof itself and left out of it.
  if (std::has_single_bit(older.size)) {
    return fold_consistency(older, newer, older.root, path, path.size());
  }
  if (path.empty()) return wrong_length("the consistency proof", path.size());
  return fold_consistency(older, newer, path.front(), path.subspan(1), path.size());
}

}  // namespace daybook
