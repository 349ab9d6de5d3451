// SPDX-License-Identifier: Apache-2.0
#include "daybook/proof.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/sha256.h"
#include "base/text.h"
#include "ledger/envelope.h"
#include "ledger/format.h"
#include "ledger/merkle.h"
#include "ledger/note.h"

namespace daybook {
namespace {

constexpr std::string_view kInclusionHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kConsistencyHeader = "daybook.dev/consistency-proof@v1";
constexpr std::string_view kExtraPrefix = "extra ";
constexpr std::string_view kIndexPrefix = "index ";
constexpr std::string_view kEmptyLine = "\n\n";

// An envelope and its disclosed data, as base64.
constexpr std::size_t kMaxExtraBytes =
    format::kMaxEnvelopeBytes + format::kSaltBytes + kMaxDataBytes;
constexpr std::size_t kMaxExtraCharacters = (kMaxExtraBytes + 2) / 3 * 4;

std::unexpected<Error> bad_inclusion(std::string_view what) {
  return fail(Errc::Corruption, fmt::format("malformed inclusion proof: {}", what));
}

std::unexpected<Error> bad_consistency(std::string_view what) {
  return fail(Errc::Corruption, fmt::format("malformed consistency proof: {}", what));
}

std::string hash_lines(const std::vector<Digest>& path) {
  std::string text;
  for (const Digest& hash : path) text += to_base64(hash.bytes) + "\n";
  return text;
}

// Takes hash lines up to and including the empty line that ends them; nullopt
// when a line is no hash, there are too many or the empty line is missing.
std::optional<std::vector<Digest>> take_hash_lines(std::string_view& rest, std::size_t most) {
  std::vector<Digest> path;
  while (const auto line = take_line(rest)) {
    if (line->empty()) return path;
    const auto hash = parse_base64_digest(*line);
    if (!hash || path.size() == most) return std::nullopt;
    path.push_back(*hash);
  }
  return std::nullopt;
}

// `extra` is the envelope, then perhaps the salt and the data.
Result<void> read_extra(std::string_view encoded, InclusionProof& proof) {
  if (encoded.size() > kMaxExtraCharacters) return bad_inclusion("its extra line is too long");
  const std::optional<Bytes> bytes = from_base64(encoded);
  if (!bytes) return bad_inclusion("its extra line is not valid base64");
  DAYBOOK_TRY(length, envelope_length(*bytes));
  const ByteView salted = ByteView(*bytes).subspan(length);
  proof.envelope.assign(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(length));
  if (salted.empty()) return {};
  if (salted.size() < format::kSaltBytes) return bad_inclusion("its salt is cut short");
  proof.salted_data = as_text(salted);
  return {};
}

// The fields of a checkpoint are public and could have been changed since it
// was read: only what its text says is signed.
Result<Checkpoint> verify_unchanged(const Checkpoint& checkpoint, const VerifierKey& key) {
  DAYBOOK_TRY(verified, verify_checkpoint(checkpoint.text, key));
  if (verified.head != checkpoint.head || verified.origin != checkpoint.origin) {
    return fail(Errc::Corruption, "the checkpoint's fields are not those of its signed text");
  }
  return verified;
}

Result<void> disclose(std::string_view salted, Event& event) {
  if (event.data_state == DataState::None) {
    return fail(Errc::Corruption, "the proof discloses data for an event that has none");
  }
  if (salted.size() < format::kSaltBytes ||
      salted.size() - format::kSaltBytes != event.data_bytes ||
      sha256(as_bytes(salted)) != event.commitment) {
    return fail(Errc::Corruption, "the disclosed data is not what the event committed to");
  }
  event.data = salted.substr(format::kSaltBytes);
  event.data_state = DataState::Inline;
  return {};
}

}  // namespace

std::string to_string(const InclusionProof& proof) {
  Bytes extra = proof.envelope;
  if (proof.salted_data) {
    const ByteView salted = as_bytes(*proof.salted_data);
    extra.insert(extra.end(), salted.begin(), salted.end());
  }
  std::string text = fmt::format("{}\n{}{}\n{}{}\n", kInclusionHeader, kExtraPrefix,
                                 to_base64(extra), kIndexPrefix, proof.seq.value - 1);
  text += hash_lines(proof.path);
  text += "\n";
  text += proof.checkpoint.text;
  return text;
}

Result<InclusionProof> parse_inclusion_proof(std::string_view text) {
  std::string_view rest = text;
  if (take_line(rest) != kInclusionHeader) {
    return fail(Errc::Corruption,
                fmt::format("not an inclusion proof: its first line is not {}", kInclusionHeader));
  }
  const auto extra = take_line(rest);
  if (!extra || !extra->starts_with(kExtraPrefix)) {
    return bad_inclusion("it holds no event: its second line is not extra <base64>");
  }
  const auto index_line = take_line(rest);
  if (!index_line || !index_line->starts_with(kIndexPrefix)) {
    return bad_inclusion("its third line is not index <number>");
  }
  const auto index = parse_decimal(index_line->substr(kIndexPrefix.size()));
  if (!index) return bad_inclusion("its index is not a plain decimal number");
  auto path = take_hash_lines(rest, kMaxInclusionHashes);
  if (!path) return bad_inclusion("its hashes are not base64 lines followed by an empty line");
  DAYBOOK_TRY(checkpoint, parse_checkpoint(rest));

  InclusionProof proof;
  proof.seq = Seq{*index + 1};
  proof.path = *std::move(path);
  proof.checkpoint = std::move(checkpoint);
  DAYBOOK_CHECK(read_extra(extra->substr(kExtraPrefix.size()), proof));
  return proof;
}

Result<Event> verify_inclusion_proof(const InclusionProof& proof, const VerifierKey& key) {
  DAYBOOK_TRY(checkpoint, verify_unchanged(proof.checkpoint, key));
  DAYBOOK_TRY(view, decode_envelope(proof.envelope));
  if (view.seq != proof.seq || view.seq.value == 0) {
    return fail(Errc::Corruption, fmt::format("the proof is for event {}, its envelope is event {}",
                                              proof.seq.value, view.seq.value));
  }
  DAYBOOK_CHECK(
      check_inclusion(leaf_hash(proof.envelope), proof.seq.value - 1, checkpoint.head, proof.path));
  Event event = to_event(view);
  if (proof.salted_data) {
    DAYBOOK_CHECK(disclose(*proof.salted_data, event));
  } else {
    event.data_state = DataState::None;
  }
  return event;
}

std::string to_string(const ConsistencyProof& proof) {
  return fmt::format("{}\n{}\n{}\n{}", kConsistencyHeader, hash_lines(proof.path), proof.older.text,
                     proof.newer.text);
}

Result<ConsistencyProof> parse_consistency_proof(std::string_view text) {
  std::string_view rest = text;
  if (take_line(rest) != kConsistencyHeader) {
    return fail(Errc::Corruption, fmt::format("not a consistency proof: its first line is not {}",
                                              kConsistencyHeader));
  }
  auto path = take_hash_lines(rest, kMaxConsistencyHashes);
  if (!path) return bad_consistency("its hashes are not base64 lines followed by an empty line");
  // A checkpoint holds one empty line; the next one ends it.
  const std::size_t inner = rest.find(kEmptyLine);
  const std::size_t end =
      inner == std::string_view::npos ? inner : rest.find(kEmptyLine, inner + kEmptyLine.size());
  if (end == std::string_view::npos) return bad_consistency("it does not hold two checkpoints");
  ConsistencyProof proof;
  proof.path = *std::move(path);
  DAYBOOK_TRY(older, parse_checkpoint(rest.substr(0, end + 1)));
  DAYBOOK_TRY(newer, parse_checkpoint(rest.substr(end + kEmptyLine.size())));
  proof.older = std::move(older);
  proof.newer = std::move(newer);
  return proof;
}

Result<void> verify_consistency_proof(const ConsistencyProof& proof, const VerifierKey& key) {
  DAYBOOK_TRY(older, verify_unchanged(proof.older, key));
  DAYBOOK_TRY(newer, verify_unchanged(proof.newer, key));
  return check_consistency(older.head, newer.head, proof.path);
}

}  // namespace daybook
