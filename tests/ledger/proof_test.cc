// SPDX-License-Identifier: Apache-2.0
//
// Proof texts as somebody without the ledger gets them: they round-trip
// exactly, verify with the public key alone, and no altered byte passes.
#include "daybook/proof.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/text.h"
#include "ledger/envelope.h"
#include "ledger/merkle.h"
#include "ledger/note.h"

namespace daybook {
namespace {

constexpr std::string_view kOrigin = "example.com/proofs";
constexpr std::string_view kSalt = "0123456789abcdef";
constexpr std::uint64_t kEvents = 11;

Ed25519Seed seed() {
  Ed25519Seed result;
  result.fill(7);
  return result;
}

VerifierKey key() { return verifier_key_of(kOrigin, seed()).value(); }

std::string data_of(std::uint64_t seq) { return "{\"n\":" + std::to_string(seq) + "}"; }

std::string salted(std::string_view data) { return std::string(kSalt) + std::string(data); }

// The envelope of event `seq`; event 1 has no data, event 2 has it in a blob.
Bytes envelope_of(std::uint64_t seq) {
  NewEvent event;
  event.stream = "task/backup";
  event.type = "state_change";
  event.subject = "subsystem:backup";
  event.causes = std::vector<EventId>(seq % 3);
  EnvelopeDraft draft;
  draft.source = "laptop/test";
  draft.time = Timestamp{1'000'000};
  if (seq > 1) {
    const std::string data = data_of(seq);
    draft.form = seq == 2 ? format::DataForm::Blob : format::DataForm::Inline;
    draft.commitment = sha256(as_bytes(salted(data)));
    draft.data_bytes = data.size();
  }
  Bytes bytes(envelope_bytes(event, draft.source, event.causes.size()));
  encode_envelope(event, draft, bytes.data());
  EnvelopePatch patch;
  patch.seq = Seq{seq};
  patch.version = Version{seq};
  patch.recorded = Timestamp{2'000'000};
  patch.id.bytes[15] = static_cast<std::uint8_t>(seq);
  patch_envelope(bytes.data(), patch);
  return bytes;
}

std::vector<Digest> leaves() {
  std::vector<Digest> result;
  for (std::uint64_t seq = 1; seq <= kEvents; ++seq) result.push_back(leaf_hash(envelope_of(seq)));
  return result;
}

Digest root_of(std::span<const Digest> some) {
  Peaks peaks;
  for (const Digest& leaf : some) peaks.append(leaf);
  return peaks.root();
}

NodeSource nodes() {
  return [all = leaves()](unsigned level, std::uint64_t index) -> Result<Digest> {
    return root_of(std::span(all).subspan(index << level, static_cast<std::size_t>(1) << level));
  };
}

Checkpoint checkpoint_at(std::uint64_t size) {
  const std::vector<Digest> all = leaves();
  const TreeHead head{size, root_of(std::span(all).first(size))};
  return parse_checkpoint(sign_checkpoint(kOrigin, head, seed()).value()).value();
}

InclusionProof proof_of(std::uint64_t seq, std::uint64_t size = kEvents) {
  InclusionProof proof;
  proof.seq = Seq{seq};
  proof.path = inclusion_path(seq - 1, size, nodes()).value();
  proof.envelope = envelope_of(seq);
  proof.checkpoint = checkpoint_at(size);
  return proof;
}

InclusionProof disclosing_proof_of(std::uint64_t seq) {
  InclusionProof proof = proof_of(seq);
  proof.salted_data = salted(data_of(seq));
  return proof;
}

ConsistencyProof growth(std::uint64_t older, std::uint64_t newer) {
  return {consistency_path(older, newer, nodes()).value(), checkpoint_at(older),
          checkpoint_at(newer)};
}

template <class T>
Errc code_of(const Result<T>& result) {
  return result ? Errc::Internal : result.error().code;
}

std::string replaced(std::string in, std::string_view from, std::string_view to) {
  const std::size_t at = in.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return in.replace(at, from.size(), to);
}

TEST(InclusionProofText, ReadsAsDocumented) {
  const InclusionProof proof = disclosing_proof_of(3);
  Bytes extra = proof.envelope;
  const std::string tail = salted(data_of(3));
  extra.insert(extra.end(), tail.begin(), tail.end());

  std::string expected = "c2sp.org/tlog-proof@v1\nextra " + to_base64(extra) + "\nindex 2\n";
  for (const Digest& hash : proof.path) expected += to_base64(hash.bytes) + "\n";
  expected += "\n" + proof.checkpoint.text;

  EXPECT_EQ(to_string(proof), expected);
}

TEST(InclusionProofText, RoundTripsForEveryEventAndSize) {
  for (std::uint64_t size = 1; size <= kEvents; ++size) {
    for (std::uint64_t seq = 1; seq <= size; ++seq) {
      const InclusionProof proof = proof_of(seq, size);
      const std::string text = to_string(proof);
      const auto parsed = parse_inclusion_proof(text);
      ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
      EXPECT_EQ(to_string(*parsed), text);
      EXPECT_EQ(parsed->seq, proof.seq);
      EXPECT_EQ(parsed->path, proof.path);
      EXPECT_EQ(parsed->envelope, proof.envelope);
      EXPECT_EQ(parsed->salted_data, std::nullopt);
      const auto event = verify_inclusion_proof(*parsed, key());
      ASSERT_TRUE(event.has_value()) << event.error().message;
      EXPECT_EQ(event->seq, Seq{seq});
    }
  }
}

TEST(InclusionProofText, EnvelopeAloneProvesTheEventAndKeepsItsData) {
  const auto event = verify_inclusion_proof(proof_of(3), key());

  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->stream, "task/backup");
  EXPECT_EQ(event->type, "state_change");
  EXPECT_EQ(event->subject, "subsystem:backup");
  EXPECT_EQ(event->data, "");
  EXPECT_EQ(event->data_state, DataState::None);
  EXPECT_EQ(event->data_bytes, data_of(3).size());
  EXPECT_EQ(event->commitment, sha256(as_bytes(salted(data_of(3)))));
}

TEST(InclusionProofText, DisclosedDataIsProvenToo) {
  for (const std::uint64_t seq : {2U, 3U}) {
    const auto parsed = parse_inclusion_proof(to_string(disclosing_proof_of(seq)));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    const auto event = verify_inclusion_proof(*parsed, key());
    ASSERT_TRUE(event.has_value()) << event.error().message;
    EXPECT_EQ(event->data, data_of(seq));
    EXPECT_EQ(event->data_state, DataState::Inline);
  }
}

TEST(InclusionProofText, DataThatWasNotCommittedToFails) {
  InclusionProof other_data = disclosing_proof_of(3);
  other_data.salted_data = salted("{\"n\":4}");
  EXPECT_EQ(code_of(verify_inclusion_proof(other_data, key())), Errc::Corruption);

  InclusionProof other_salt = disclosing_proof_of(3);
  other_salt.salted_data->front() = '1';
  EXPECT_EQ(code_of(verify_inclusion_proof(other_salt, key())), Errc::Corruption);

  InclusionProof no_salt = disclosing_proof_of(3);
  no_salt.salted_data = "x";
  EXPECT_EQ(code_of(verify_inclusion_proof(no_salt, key())), Errc::Corruption);

  InclusionProof no_data = disclosing_proof_of(1);
  const auto verified = verify_inclusion_proof(no_data, key());
  ASSERT_FALSE(verified.has_value());
  EXPECT_NE(verified.error().message.find("has none"), std::string::npos);
}

TEST(InclusionProofText, EveryFlippedBitIsNoticed) {
  const std::string good = to_string(disclosing_proof_of(5));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      const auto parsed = parse_inclusion_proof(bad);
      if (!parsed) continue;
      ASSERT_FALSE(verify_inclusion_proof(*parsed, key()).has_value()) << i << " bit " << bit;
    }
  }
}

TEST(InclusionProofText, EveryTruncationIsNoticed) {
  const std::string good = to_string(disclosing_proof_of(5));
  for (std::size_t length = 0; length < good.size(); ++length) {
    ASSERT_FALSE(parse_inclusion_proof(good.substr(0, length)).has_value()) << length;
  }
}

TEST(InclusionProofText, AnEventCannotStandAtAnotherPlace) {
  InclusionProof proof = proof_of(3);
  proof.seq = Seq{4};
  const auto moved = verify_inclusion_proof(proof, key());
  ASSERT_FALSE(moved.has_value());
  EXPECT_NE(moved.error().message.find("event 3"), std::string::npos);

  InclusionProof swapped = proof_of(4);
  swapped.envelope = envelope_of(3);
  EXPECT_EQ(code_of(verify_inclusion_proof(swapped, key())), Errc::Corruption);

  InclusionProof zero = proof_of(3);
  zero.seq = Seq{0};
  store(zero.envelope.data() + 24, std::uint64_t{0});
  EXPECT_EQ(code_of(verify_inclusion_proof(zero, key())), Errc::Corruption);
}

TEST(InclusionProofText, FieldsChangedAfterReadingAreNoticed) {
  InclusionProof size = proof_of(3);
  ++size.checkpoint.head.size;
  EXPECT_EQ(code_of(verify_inclusion_proof(size, key())), Errc::Corruption);

  InclusionProof origin = proof_of(3);
  origin.checkpoint.origin = "example.com/else";
  EXPECT_EQ(code_of(verify_inclusion_proof(origin, key())), Errc::Corruption);
}

TEST(InclusionProofText, AnotherKeyIsRefused) {
  Ed25519Seed other = seed();
  other[0] ^= 1;

  EXPECT_EQ(code_of(verify_inclusion_proof(proof_of(3), verifier_key_of(kOrigin, other).value())),
            Errc::Corruption);
}

TEST(InclusionProofText, MalformedTextsAreRefused) {
  const std::string good = to_string(proof_of(3));
  const std::string extra = to_base64(proof_of(3).envelope);
  const std::string first_hash = to_base64(proof_of(3).path.front().bytes) + "\n";
  std::string hashes;
  for (std::size_t i = 0; i <= kMaxInclusionHashes; ++i) hashes += first_hash;
  Bytes long_names(4000, 0xFF);
  long_names[0] = 1;
  for (const std::string& bad : {
           std::string(),
           replaced(good, "@v1", "@v2"),
           replaced(good, "extra " + extra + "\n", ""),
           replaced(good, "extra " + extra, "extra "),
           replaced(good, "extra " + extra, "extra AAAA"),
           replaced(good, "extra ", "extra  "),
           replaced(good, "extra ", "Extra "),
           replaced(good, "index 2", "index 02"),
           replaced(good, "index 2", "index -2"),
           replaced(good, "index 2", "index 9223372036854775808"),
           replaced(good, "index 2\n", ""),
           replaced(good, "index 2\n", "index 2\nindex 2\n"),
           replaced(good, first_hash, first_hash.substr(1)),
           replaced(good, first_hash, first_hash + "\n"),
           replaced(good, first_hash, hashes),
           replaced(good, "\n\n" + std::string(kOrigin), "\n" + std::string(kOrigin)),
           replaced(good, extra, to_base64(long_names)),
           good + "\n",
           good + good,
       }) {
    EXPECT_EQ(code_of(parse_inclusion_proof(bad)), Errc::Corruption) << bad;
  }
}

TEST(InclusionProofText, AnEnvelopeOfANewerVersionSaysSo) {
  InclusionProof proof = proof_of(3);
  proof.envelope[0] = 2;

  EXPECT_EQ(code_of(parse_inclusion_proof(to_string(proof))), Errc::Unsupported);
}

TEST(ConsistencyProofText, ReadsAsDocumented) {
  const ConsistencyProof proof = growth(6, 11);

  std::string expected = "daybook.dev/consistency-proof@v1\n";
  for (const Digest& hash : proof.path) expected += to_base64(hash.bytes) + "\n";
  expected += "\n" + proof.older.text + "\n" + proof.newer.text;

  EXPECT_EQ(to_string(proof), expected);
}

TEST(ConsistencyProofText, RoundTripsForEveryPairOfSizes) {
  for (std::uint64_t newer = 0; newer <= kEvents; ++newer) {
    for (std::uint64_t older = 0; older <= newer; ++older) {
      const std::string text = to_string(growth(older, newer));
      const auto parsed = parse_consistency_proof(text);
      ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
      EXPECT_EQ(to_string(*parsed), text);
      const auto verified = verify_consistency_proof(*parsed, key());
      EXPECT_TRUE(verified.has_value()) << verified.error().message;
    }
  }
}

TEST(ConsistencyProofText, WitnessLinesMayStandInBothCheckpoints) {
  ConsistencyProof proof = growth(6, 11);
  for (Checkpoint* checkpoint : {&proof.older, &proof.newer}) {
    checkpoint->text += "— witness.example/w1 IDJKvgAAAABpVbkAESgAiw==\n";
  }

  const auto parsed = parse_consistency_proof(to_string(proof));

  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->older.text, proof.older.text);
  EXPECT_EQ(parsed->newer.text, proof.newer.text);
  EXPECT_TRUE(verify_consistency_proof(*parsed, key()).has_value());
}

TEST(ConsistencyProofText, EveryFlippedBitIsNoticed) {
  const std::string good = to_string(growth(5, 11));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      const auto parsed = parse_consistency_proof(bad);
      if (!parsed) continue;
      ASSERT_FALSE(verify_consistency_proof(*parsed, key()).has_value()) << i << " bit " << bit;
    }
  }
}

TEST(ConsistencyProofText, EveryTruncationIsNoticed) {
  const std::string good = to_string(growth(5, 11));
  for (std::size_t length = 0; length < good.size(); ++length) {
    ASSERT_FALSE(parse_consistency_proof(good.substr(0, length)).has_value()) << length;
  }
}

TEST(ConsistencyProofText, AShrunkenOrRewrittenLedgerFails) {
  ConsistencyProof shrunk = growth(5, 11);
  std::swap(shrunk.older, shrunk.newer);
  EXPECT_EQ(code_of(verify_consistency_proof(shrunk, key())), Errc::Corruption);

  ConsistencyProof rewritten = growth(5, 11);
  TreeHead other = rewritten.older.head;
  other.root.bytes[0] ^= 1;
  rewritten.older = parse_checkpoint(sign_checkpoint(kOrigin, other, seed()).value()).value();
  EXPECT_EQ(code_of(verify_consistency_proof(rewritten, key())), Errc::Corruption);
}

TEST(ConsistencyProofText, MalformedTextsAreRefused) {
  const std::string good = to_string(growth(5, 11));
  const std::string hash = to_base64(growth(5, 11).path.front().bytes) + "\n";
  std::string hashes;
  for (std::size_t i = 0; i <= kMaxConsistencyHashes; ++i) hashes += hash;
  for (const std::string& bad : {
           std::string(),
           replaced(good, "@v1", "@v2"),
           replaced(good, hash, hash.substr(1)),
           replaced(good, hash, hashes),
           replaced(good, hash, hash + "\n"),
           good + "\n",
           good + "\n" + checkpoint_at(11).text,
           good.substr(0, good.size() - checkpoint_at(11).text.size()),
       }) {
    EXPECT_EQ(code_of(parse_consistency_proof(bad)), Errc::Corruption) << bad;
  }
}

}  // namespace
}  // namespace daybook
