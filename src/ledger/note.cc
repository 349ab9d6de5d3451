// SPDX-License-Identifier: Apache-2.0
#include "ledger/note.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/sha256.h"
#include "base/text.h"
#include "ledger/merkle.h"

namespace daybook {
namespace {

constexpr std::string_view kSignaturePrefix = "\u2014 ";  // an em dash and a space
constexpr std::uint8_t kEd25519Type = 0x01;               // C2SP signature type
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kMaxVerifierKeyBytes = kMaxOriginBytes + 128;

// The UTF-8 of every character with the Unicode property White_Space, besides
// the ASCII control characters, which a note holds none of.
constexpr std::array<std::string_view, 20> kSpaces = {
    " ",      "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002",
    "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
    "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

std::uint32_t load_key_id(ByteView bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

void store_key_id(std::uint32_t id, Bytes& to) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(id >> shift));
}

// A name from outside, for a message to people: nothing a terminal would obey.
std::string shown(std::string_view name) {
  std::string text(name.substr(0, kMaxOriginBytes));
  std::ranges::replace_if(text, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return text;
}

std::unexpected<Error> bad_note(std::string_view what) {
  return fail(Errc::Corruption, fmt::format("malformed signed note: {}", what));
}

std::unexpected<Error> bad_checkpoint(std::string_view what) {
  return fail(Errc::Corruption, fmt::format("malformed checkpoint: {}", what));
}

std::unexpected<Error> bad_key(std::string_view what) {
  return fail(Errc::InvalidArgument, fmt::format("not a verifier key: {}", what),
              "a verifier key reads <name>+<8 hex digits>+<base64>");
}

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxOriginBytes || !is_plain_text(name)) return false;
  if (name.find('+') != std::string_view::npos) return false;
  return std::ranges::none_of(
      kSpaces, [&](std::string_view space) { return name.find(space) != std::string_view::npos; });
}

Result<NoteSignature> parse_signature_line(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix)) return bad_note("a signature line does not begin so");
  line.remove_prefix(kSignaturePrefix.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return bad_note("a signature line has no signature");
  const std::string_view name = line.substr(0, space);
  const std::string_view encoded = line.substr(space + 1);
  if (!is_key_name(name)) return bad_note("a signature line does not name its key");
  if (encoded.size() > kMaxSignatureBytes) return bad_note("a signature is too long");
  const std::optional<Bytes> bytes = from_base64(encoded);
  if (!bytes || bytes->size() <= kKeyIdBytes) return bad_note("a signature is not valid base64");
  return NoteSignature{std::string(name), load_key_id(*bytes),
                       Bytes(bytes->begin() + kKeyIdBytes, bytes->end())};
}

Result<Checkpoint> read_body(const SignedNote& note, std::string_view whole) {
  std::string_view rest = note.text;
  const auto origin = take_line(rest);
  const auto size_text = take_line(rest);
  const auto root_text = take_line(rest);
  if (!origin || !size_text || !root_text) return bad_checkpoint("it needs three lines");
  if (origin->empty() || origin->size() > kMaxOriginBytes) {
    return bad_checkpoint("its origin is empty or too long");
  }
  const auto size = parse_decimal(*size_text);
  if (!size) return bad_checkpoint("its tree size is not a plain decimal number");
  const auto root = parse_base64_digest(*root_text);
  if (!root) return bad_checkpoint("its root is not a base64 SHA-256 hash");
  for (std::size_t lines = 0; !rest.empty(); ++lines) {
    const auto line = take_line(rest);
    if (!line || line->empty()) return bad_checkpoint("it holds an empty line");
    if (lines == kMaxExtensionLines) return bad_checkpoint("it has too many extension lines");
  }
  return Checkpoint{std::string(*origin), TreeHead{*size, *root}, std::string(whole)};
}

std::string checkpoint_body(std::string_view origin, const TreeHead& head) {
  return fmt::format("{}\n{}\n{}\n", origin, head.size, to_base64(head.root.bytes));
}

Result<void> check_signature(const NoteSignature& signature, std::string_view text,
                             const VerifierKey& key) {
  Ed25519Signature bytes;
  const bool fits = signature.bytes.size() == bytes.size();
  if (fits) std::ranges::copy(signature.bytes, bytes.begin());
  if (!fits || !ed25519_verify(key.ed25519, as_bytes(text), bytes)) {
    return fail(Errc::Corruption,
                fmt::format("the signature of {} on this checkpoint does not hold", key.name),
                "the checkpoint was altered after it was signed");
  }
  return {};
}

// Everyone may add signature lines, so those of other keys say nothing; those
// that claim to be of this key must all hold.
Result<void> check_signatures(const SignedNote& note, const VerifierKey& key) {
  bool signed_by_key = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != key.name || signature.key_id != key.id) continue;
    DAYBOOK_CHECK(check_signature(signature, note.text, key));
    signed_by_key = true;
  }
  if (signed_by_key) return {};
  return fail(Errc::Corruption,
              fmt::format("this checkpoint is not signed by {}+{:08x}", key.name, key.id),
              "check that this is the key of the ledger the checkpoint comes from");
}

}  // namespace

std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if ((text.front() == '0' && text.size() > 1) || value > kMaxTreeSize) return std::nullopt;
  return value;
}

std::optional<Digest> parse_base64_digest(std::string_view text) {
  constexpr std::size_t kDigestCharacters = 44;
  if (text.size() != kDigestCharacters) return std::nullopt;
  const std::optional<Bytes> bytes = from_base64(text);
  if (!bytes || bytes->size() != sizeof(Digest)) return std::nullopt;
  return load<Digest>(bytes->data());
}

Result<void> check_origin(std::string_view name) {
  if (is_key_name(name)) return {};
  return fail(Errc::InvalidArgument, fmt::format("'{}' cannot be an origin", shown(name)),
              fmt::format("use 1 to {} bytes of text without spaces, control characters and '+', "
                          "such as example.com/ledger",
                          kMaxOriginBytes));
}

std::uint32_t key_id_of(std::string_view name, const Ed25519PublicKey& key) {
  constexpr std::array<std::uint8_t, 2> kBetween = {0x0A, kEd25519Type};
  return load_key_id(sha256({as_bytes(name), kBetween, key}).bytes);
}

Result<VerifierKey> verifier_key_of(std::string_view origin, const Ed25519Seed& seed) {
  DAYBOOK_CHECK(check_origin(origin));
  DAYBOOK_TRY(key, ed25519_public_key(seed));
  return VerifierKey{std::string(origin), key_id_of(origin, key), key};
}

Result<SignedNote> parse_note(std::string_view note) {
  if (note.size() > kMaxNoteBytes) {
    return bad_note(fmt::format("it is longer than {} bytes", kMaxNoteBytes));
  }
  if (!is_utf8(note)) return bad_note("it is not UTF-8");
  if (std::ranges::any_of(note, [](char c) { return c >= 0 && c < 0x20 && c != '\n'; })) {
    return bad_note("it holds a control character");
  }
  const std::size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return bad_note("no empty line before the signatures");
  SignedNote result;
  result.text = note.substr(0, split + 1);
  std::string_view rest = note.substr(split + 2);
  if (rest.empty()) return bad_note("it has no signature");
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (!line) return bad_note("its last line has no newline");
    if (result.signatures.size() == kMaxNoteSignatures) return bad_note("too many signatures");
    DAYBOOK_TRY(signature, parse_signature_line(*line));
    result.signatures.push_back(std::move(signature));
  }
  return result;
}

bool accepts_unsigned(const Checkpoint& checkpoint) {
  const std::string_view text = checkpoint.text;
  const std::string_view body = text.substr(0, text.find("\n\n") + 1);
  return body.find(fmt::format("\n{}\n", kAcceptsUnsigned)) != std::string_view::npos;
}

Result<std::string> sign_checkpoint(std::string_view origin, const TreeHead& head,
                                    const Ed25519Seed& seed, std::string_view extension) {
  if (head.size > kMaxTreeSize) {
    return fail(Errc::InvalidArgument, fmt::format("no tree has {} leaves", head.size));
  }
  DAYBOOK_TRY(key, verifier_key_of(origin, seed));
  std::string body = checkpoint_body(origin, head);
  if (!extension.empty()) body += fmt::format("{}\n", extension);
  DAYBOOK_TRY(signature, ed25519_sign(seed, as_bytes(body)));
  Bytes bytes;
  store_key_id(key.id, bytes);
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return fmt::format("{}\n{}{} {}\n", body, kSignaturePrefix, origin, to_base64(bytes));
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
  if (text.size() > kMaxVerifierKeyBytes) return bad_key("it is too long");
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return bad_key("two plus signs are missing");
  const std::string_view name = text.substr(0, first);
  const std::string_view id_text = text.substr(first + 1, second - first - 1);
  if (!is_key_name(name)) return bad_key("its name is empty, too long or holds spaces");
  const std::optional<Bytes> id = from_hex(id_text);
  if (!id || id->size() != kKeyIdBytes || to_hex(*id) != id_text) {
    return bad_key("its id is not 8 lower-case hexadecimal digits");
  }
  const std::optional<Bytes> key = from_base64(text.substr(second + 1));
  if (!key || key->empty()) return bad_key("its key is not valid base64");
  if (key->front() != kEd25519Type) {
    return fail(Errc::Unsupported,
                fmt::format("verifier key of signature type {} is not supported", key->front()),
                "use the Ed25519 key (type 1) of the ledger");
  }
  VerifierKey result{std::string(name), load_key_id(*id), {}};
  if (key->size() != 1 + result.ed25519.size()) return bad_key("its key has the wrong length");
  std::copy(key->begin() + 1, key->end(), result.ed25519.begin());
  if (result.id != key_id_of(name, result.ed25519)) {
    return bad_key("its id is not that of its name and key");
  }
  return result;
}

std::string to_string(const VerifierKey& key) {
  Bytes bytes = {kEd25519Type};
  bytes.insert(bytes.end(), key.ed25519.begin(), key.ed25519.end());
  return fmt::format("{}+{:08x}+{}", key.name, key.id, to_base64(bytes));
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  DAYBOOK_TRY(note, parse_note(text));
  return read_body(note, text);
}

Result<Checkpoint> verify_checkpoint(std::string_view text, const VerifierKey& key) {
  DAYBOOK_TRY(note, parse_note(text));
  DAYBOOK_TRY(checkpoint, read_body(note, text));
  if (checkpoint.origin != key.name) {
    return fail(Errc::Corruption,
                fmt::format("this checkpoint is of the log '{}', not of '{}'",
                            shown(checkpoint.origin), key.name),
                "check that this is the key of the ledger the checkpoint comes from");
  }
  DAYBOOK_CHECK(check_signatures(note, key));
  return checkpoint;
}

}  // namespace daybook
