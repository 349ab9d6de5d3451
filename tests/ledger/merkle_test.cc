// SPDX-License-Identifier: Apache-2.0
//
// The Merkle tree against published roots and proofs, and against the plainest
// possible reading of RFC 6962 for every small tree and every leaf.
#include "ledger/merkle.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/sha256.h"
#include "base/text.h"

namespace daybook {
namespace {

constexpr std::uint64_t kBruteForceSize = 70;

Digest digest(std::string_view hex) { return parse_digest(hex).value(); }

std::vector<Digest> digests(std::initializer_list<std::string_view> hex) {
  std::vector<Digest> result;
  for (const std::string_view one : hex) result.push_back(digest(one));
  return result;
}

// The leaves of the published vectors.
std::vector<Digest> vector_leaves() {
  std::vector<Digest> leaves;
  for (const std::string_view hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                     "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(leaf_hash(from_hex(hex).value()));
  }
  return leaves;
}

constexpr std::string_view kVectorRoots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<Digest> made_leaves(std::uint64_t count) {
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < count; ++i) {
    leaves.push_back(leaf_hash(as_bytes("leaf " + std::to_string(i))));
  }
  return leaves;
}

// RFC 6962, section 2.1, read aloud: MTH, PATH and SUBPROOF by recursion.
using Leaves = std::span<const Digest>;

std::size_t split(std::size_t n) {
  std::size_t k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

Digest naive_root(Leaves d) {
  if (d.empty()) return sha256(ByteView{});
  if (d.size() == 1) return d[0];
  const std::size_t k = split(d.size());
  return node_hash(naive_root(d.first(k)), naive_root(d.subspan(k)));
}

std::vector<Digest> naive_path(std::size_t m, Leaves d) {
  if (d.size() == 1) return {};
  const std::size_t k = split(d.size());
  std::vector<Digest> path = m < k ? naive_path(m, d.first(k)) : naive_path(m - k, d.subspan(k));
  path.push_back(m < k ? naive_root(d.subspan(k)) : naive_root(d.first(k)));
  return path;
}

std::vector<Digest> naive_subproof(std::size_t m, Leaves d, bool whole) {
  if (m == d.size()) return whole ? std::vector<Digest>{} : std::vector{naive_root(d)};
  const std::size_t k = split(d.size());
  std::vector<Digest> path =
      m <= k ? naive_subproof(m, d.first(k), whole) : naive_subproof(m - k, d.subspan(k), false);
  path.push_back(m <= k ? naive_root(d.subspan(k)) : naive_root(d.first(k)));
  return path;
}

// Nodes over leaves in memory. Refuses, as a stored tree would, a node that
// reaches beyond the last leaf.
NodeSource nodes_of(const std::vector<Digest>& leaves) {
  return [&leaves](unsigned level, std::uint64_t index) -> Result<Digest> {
    const std::uint64_t begin = index << level;
    const std::uint64_t count = std::uint64_t{1} << level;
    if (begin + count > leaves.size()) return fail(Errc::Internal, "asked beyond the tree");
    return naive_root(Leaves(leaves).subspan(begin, count));
  };
}

TreeHead head_of(const std::vector<Digest>& leaves, std::uint64_t size) {
  return {size, naive_root(Leaves(leaves).first(size))};
}

Errc code_of(const Result<void>& result) { return result ? Errc::Internal : result.error().code; }

TEST(Merkle, RootsOfThePublishedVectors) {
  const std::vector<Digest> leaves = vector_leaves();
  Peaks peaks;
  EXPECT_EQ(to_string(peaks.root()), kVectorRoots[0]);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    peaks.append(leaves[i]);
    EXPECT_EQ(to_string(peaks.root()), kVectorRoots[i + 1]) << "size " << i + 1;
    EXPECT_EQ(tree_root(i + 1, nodes_of(leaves)).value(), peaks.root());
  }
}

TEST(Merkle, ProofsOfThePublishedVectors) {
  const std::vector<Digest> leaves = vector_leaves();
  const NodeSource nodes = nodes_of(leaves);
  EXPECT_EQ(inclusion_path(5, 8, nodes).value(),
            digests({"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                     "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(inclusion_path(1, 5, nodes).value(),
            digests({"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                     "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                     "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
  EXPECT_EQ(consistency_path(6, 8, nodes).value(),
            digests({"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                     "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(consistency_path(2, 5, nodes).value(),
            digests({"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                     "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

TEST(Merkle, LostLeafIsTheDocumentedHash) {
  // 0x00, the text, and the seq in eight bytes, the lowest first.
  const Bytes input = from_hex("00646179626f6f6b206c6f7374206576656e740201000000000000").value();

  EXPECT_EQ(lost_leaf_hash(Seq{0x0102}), sha256(input));
  EXPECT_NE(lost_leaf_hash(Seq{1}), lost_leaf_hash(Seq{2}));
}

TEST(Merkle, PeaksFoldToTheNaiveRootForEverySmallTree) {
  const std::vector<Digest> leaves = made_leaves(kBruteForceSize);
  Peaks peaks;
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    peaks.append(leaves[size - 1]);
    ASSERT_EQ(peaks.size(), size);
    ASSERT_EQ(peaks.head(), head_of(leaves, size));
    ASSERT_EQ(tree_root(size, nodes_of(leaves)).value(), peaks.root());
  }
}

TEST(Merkle, PeaksSurviveTheirStoredForm) {
  const std::vector<Digest> leaves = made_leaves(kBruteForceSize);
  Peaks peaks;
  for (const Digest& leaf : leaves) {
    Peaks copy = Peaks::from(peaks.size(), peaks.hashes()).value();
    ASSERT_EQ(copy, peaks);
    copy.append(leaf);
    ASSERT_NE(copy, peaks);
    peaks.append(leaf);
    ASSERT_EQ(copy, peaks);
  }
}

TEST(Merkle, PeaksOfAnotherSizeDiffer) {
  const Digest hash = leaf_hash(as_bytes("x"));

  EXPECT_NE(Peaks::from(1, {&hash, 1}).value(), Peaks::from(2, {&hash, 1}).value());
}

TEST(Merkle, PeaksRefuseAWrongCount) {
  const std::vector<Digest> hashes = made_leaves(64);
  const Leaves some = hashes;
  EXPECT_TRUE(Peaks::from(0, {}).has_value());
  EXPECT_TRUE(Peaks::from(7, some.first(3)).has_value());
  EXPECT_EQ(Peaks::from(7, some.first(2)).error().code, Errc::Corruption);
  EXPECT_EQ(Peaks::from(8, some.first(3)).error().code, Errc::Corruption);
  EXPECT_EQ(Peaks::from(0, some.first(1)).error().code, Errc::Corruption);
  EXPECT_TRUE(Peaks::from(kMaxTreeSize, some.first(63)).has_value());
  EXPECT_EQ(Peaks::from(UINT64_MAX, some).error().code, Errc::Corruption);
}

TEST(Merkle, InclusionOfEveryLeafOfEverySmallTree) {
  const std::vector<Digest> leaves = made_leaves(kBruteForceSize);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const TreeHead head = head_of(leaves, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto path = inclusion_path(index, size, nodes_of(leaves));
      ASSERT_TRUE(path.has_value()) << path.error().message;
      ASSERT_EQ(*path, naive_path(index, Leaves(leaves).first(size)));
      ASSERT_TRUE(check_inclusion(leaves[index], index, head, *path).has_value());
    }
  }
}

TEST(Merkle, ConsistencyOfEveryPairOfSmallTrees) {
  const std::vector<Digest> leaves = made_leaves(kBruteForceSize);
  for (std::uint64_t newer = 0; newer <= leaves.size(); ++newer) {
    for (std::uint64_t older = 0; older <= newer; ++older) {
      const auto path = consistency_path(older, newer, nodes_of(leaves));
      ASSERT_TRUE(path.has_value()) << path.error().message;
      if (older > 0) {
        ASSERT_EQ(*path, naive_subproof(older, Leaves(leaves).first(newer), true));
      } else {
        ASSERT_TRUE(path->empty());
      }
      ASSERT_TRUE(
          check_consistency(head_of(leaves, older), head_of(leaves, newer), *path).has_value())
          << older << " -> " << newer;
    }
  }
}

TEST(Merkle, ProofsThatCannotExistAreRefused) {
  const std::vector<Digest> leaves = made_leaves(4);
  const NodeSource nodes = nodes_of(leaves);
  EXPECT_EQ(inclusion_path(4, 4, nodes).error().code, Errc::InvalidArgument);
  EXPECT_EQ(inclusion_path(0, 0, nodes).error().code, Errc::InvalidArgument);
  EXPECT_EQ(consistency_path(4, 3, nodes).error().code, Errc::InvalidArgument);
  EXPECT_EQ(consistency_path(1, UINT64_MAX, nodes).error().code, Errc::InvalidArgument);
}

TEST(Merkle, SourceErrorsAreHandedOn) {
  const NodeSource broken = [](unsigned, std::uint64_t) -> Result<Digest> {
    return fail(Errc::Io, "no disk");
  };
  EXPECT_EQ(inclusion_path(3, 9, broken).error().code, Errc::Io);
  EXPECT_EQ(consistency_path(3, 9, broken).error().code, Errc::Io);
  EXPECT_EQ(tree_root(3, broken).error().code, Errc::Io);
}

TEST(Merkle, EveryMutationOfAnInclusionProofFails) {
  const std::vector<Digest> leaves = made_leaves(kBruteForceSize);
  for (const std::uint64_t size : {1U, 2U, 3U, 7U, 8U, 33U, 64U, 70U}) {
    const TreeHead head = head_of(leaves, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::vector<Digest> path = inclusion_path(index, size, nodes_of(leaves)).value();
      const Digest& leaf = leaves[index];
      for (std::size_t i = 0; i < path.size(); ++i) {
        std::vector<Digest> flipped = path;
        flipped[i].bytes[index % 32] ^= 1;
        ASSERT_EQ(code_of(check_inclusion(leaf, index, head, flipped)), Errc::Corruption);
        std::vector<Digest> shorter = path;
        shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
        ASSERT_EQ(code_of(check_inclusion(leaf, index, head, shorter)), Errc::Corruption);
      }
      std::vector<Digest> longer = path;
      longer.push_back(leaf);
      ASSERT_EQ(code_of(check_inclusion(leaf, index, head, longer)), Errc::Corruption);
      for (std::uint64_t other = 0; other <= size; ++other) {
        if (other == index) continue;
        ASSERT_EQ(code_of(check_inclusion(leaf, other, head, path)), Errc::Corruption);
      }
      TreeHead wrong = head;
      wrong.root.bytes[0] ^= 1;
      ASSERT_EQ(code_of(check_inclusion(leaf, index, wrong, path)), Errc::Corruption);
    }
  }
}

TEST(Merkle, EveryMutationOfAConsistencyProofFails) {
  const std::vector<Digest> leaves = made_leaves(40);
  for (std::uint64_t newer = 1; newer <= leaves.size(); ++newer) {
    for (std::uint64_t older = 1; older <= newer; ++older) {
      const TreeHead from = head_of(leaves, older);
      const TreeHead to = head_of(leaves, newer);
      const std::vector<Digest> path = consistency_path(older, newer, nodes_of(leaves)).value();
      for (std::size_t i = 0; i < path.size(); ++i) {
        std::vector<Digest> flipped = path;
        flipped[i].bytes[older % 32] ^= 0x80;
        ASSERT_EQ(code_of(check_consistency(from, to, flipped)), Errc::Corruption);
        std::vector<Digest> shorter = path;
        shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
        ASSERT_EQ(code_of(check_consistency(from, to, shorter)), Errc::Corruption);
      }
      std::vector<Digest> longer = path;
      longer.push_back(to.root);
      ASSERT_EQ(code_of(check_consistency(from, to, longer)), Errc::Corruption);
      TreeHead wrong = from;
      wrong.root.bytes[31] ^= 1;
      ASSERT_EQ(code_of(check_consistency(wrong, to, path)), Errc::Corruption);
      wrong = to;
      wrong.root.bytes[31] ^= 1;
      ASSERT_EQ(code_of(check_consistency(from, wrong, path)), Errc::Corruption);
    }
  }
}

TEST(Merkle, ConsistencyEdges) {
  const std::vector<Digest> leaves = made_leaves(5);
  const TreeHead empty{0, empty_tree_root()};
  const TreeHead five = head_of(leaves, 5);
  const TreeHead four = head_of(leaves, 4);
  EXPECT_TRUE(check_consistency(empty, empty, {}).has_value());
  EXPECT_TRUE(check_consistency(empty, five, {}).has_value());
  EXPECT_TRUE(check_consistency(five, five, {}).has_value());
  EXPECT_EQ(code_of(check_consistency(five, four, {})), Errc::Corruption);
  EXPECT_EQ(code_of(check_consistency(empty, five, {leaves.data(), 1})), Errc::Corruption);
  EXPECT_EQ(code_of(check_consistency(five, five, {leaves.data(), 1})), Errc::Corruption);
  EXPECT_EQ(code_of(check_consistency({0, five.root}, five, {})), Errc::Corruption);
  EXPECT_EQ(code_of(check_consistency({5, four.root}, five, {})), Errc::Corruption);
  EXPECT_EQ(code_of(check_consistency(four, {UINT64_MAX, five.root}, leaves)), Errc::Corruption);
  EXPECT_EQ(code_of(check_inclusion(leaves[0], 0, empty, {})), Errc::Corruption);
}

TEST(Merkle, AnAbsurdTreeSizeEndsTheCheckAtTheProofsEnd) {
  const std::vector<Digest> path(kMaxInclusionHashes, empty_tree_root());
  EXPECT_EQ(code_of(check_inclusion(path[0], 0, {kMaxTreeSize, path[0]}, path)), Errc::Corruption);
  EXPECT_EQ(code_of(check_inclusion(path[0], kMaxTreeSize - 1, {kMaxTreeSize, path[0]}, {})),
            Errc::Corruption);
}

RC_GTEST_PROP(MerkleProperty, LargerTreesProveAndExtend, ()) {
  const auto newer = *rc::gen::inRange<std::uint64_t>(1, 3000);
  const auto older = *rc::gen::inRange<std::uint64_t>(0, newer + 1);
  const auto index = *rc::gen::inRange<std::uint64_t>(0, newer);
  const std::vector<Digest> leaves = made_leaves(newer);
  Peaks peaks;
  Peaks old_peaks;
  for (std::uint64_t i = 0; i < newer; ++i) {
    if (i == older) old_peaks = peaks;
    peaks.append(leaves[i]);
  }
  if (older == newer) old_peaks = peaks;
  const NodeSource nodes = nodes_of(leaves);

  const std::vector<Digest> path = inclusion_path(index, newer, nodes).value();
  const std::vector<Digest> growth = consistency_path(older, newer, nodes).value();

  RC_ASSERT(check_inclusion(leaves[index], index, peaks.head(), path).has_value());
  RC_ASSERT(check_consistency(old_peaks.head(), peaks.head(), growth).has_value());
  RC_ASSERT(!check_inclusion(node_hash(leaves[index], leaves[index]), index, peaks.head(), path)
                 .has_value());
}

}  // namespace
}  // namespace daybook
