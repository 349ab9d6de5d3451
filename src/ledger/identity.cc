// SPDX-License-Identifier: Apache-2.0
#include "ledger/identity.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/fs/files.h"
#include "base/text.h"
#include "base/ulid.h"
#include "ledger/format.h"
#include "ledger/note.h"

namespace daybook {
namespace {

constexpr std::uint64_t kMaxIdentityBytes = 64 * 1024;

std::unexpected<Error> damaged(const std::string& path, std::string_view what) {
  return fail(Errc::Corruption, fmt::format("{}: {}", path, what),
              fmt::format("`daybook repair --ledger {}` makes it again from the segments",
                          parent_of(path)));
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Result<Identity> from_json(const nlohmann::json& json, const std::string& path) {
  const auto text = [&](const char* name) -> std::string {
    const auto member = json.find(name);
    return member != json.end() && member->is_string() ? member->get<std::string>() : "";
  };
  const auto format = json.find("format");
  if (format == json.end() || !format->is_number_unsigned()) {
    return damaged(path, "no format number");
  }
  if (format->get<std::uint64_t>() > format::kVersion) {
    return fail(Errc::Unsupported,
                fmt::format("{}: ledger format {} is newer than this program", path,
                            format->get<std::uint64_t>()),
                "use a newer Daybook");
  }
  if (text("hash").empty() || text("signature").empty()) {
    return damaged(path, "no hash or signature algorithm");
  }
  if (text("hash") != "sha-256" || text("signature") != "ed25519") {
    return fail(Errc::Unsupported, fmt::format("{}: unknown hash or signature algorithm", path),
                "use a newer Daybook");
  }
  Identity identity;
  const auto id = parse_event_id(text("ledger"));
  const auto created = parse_timestamp(text("created"));
  const auto key = parse_verifier_key(text("key"));
  // The id has one spelling here: that of the header of every segment.
  if (!id || to_string(*id) != text("ledger")) return damaged(path, "no ledger id");
  const std::string time = text("created");
  const bool utc = time.size() > 10 && time[10] == 'T' && time.back() == 'Z';
  if (!created || !utc) return damaged(path, "no creation time in UTC");
  if (!key || key->name != text("origin")) return damaged(path, "no key for its origin");
  identity.ledger_id = *id;
  identity.created = *created;
  identity.origin = text("origin");
  identity.key = *key;
  return identity;
}

}  // namespace

Identity identity_of(const SegmentHeader& header) {
  return {.ledger_id = header.ledger_id,
          .created = header.created,
          .origin = header.key.name,
          .key = header.key};
}

Result<NewIdentity> make_identity(Environment& env, std::string origin) {
  NewIdentity made;
  made.identity.created = env.clock->now();
  made.identity.ledger_id = UlidGenerator(*env.entropy).next(made.identity.created);
  if (origin.empty()) origin = "daybook.local/" + lower(to_string(made.identity.ledger_id));
  DAYBOOK_CHECK(check_origin(origin));
  env.entropy->fill(made.seed);
  DAYBOOK_TRY(key, verifier_key_of(origin, made.seed));
  made.identity.key = key;
  made.identity.origin = std::move(origin);
  return made;
}

Result<void> write_identity(Environment& env, const std::string& path, const Identity& identity) {
  const nlohmann::ordered_json json = {
      {"format", format::kVersion},
      {"ledger", to_string(identity.ledger_id)},
      {"created", to_string(identity.created)},
      {"hash", "sha-256"},
      {"signature", "ed25519"},
      {"origin", identity.origin},
      {"key", to_string(identity.key)},
  };
  return replace_file(env, path, as_bytes(json.dump(2) + "\n"));
}

Result<Identity> read_identity(FileSystem& files, const std::string& path) {
  auto bytes = read_file(files, path, kMaxIdentityBytes);
  if (!bytes && bytes.error().code == Errc::LimitExceeded) return damaged(path, "far too long");
  if (!bytes) return fail(std::move(bytes).error());
  const auto json = nlohmann::json::parse(as_text(*bytes), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return damaged(path, "not a JSON object");
  return from_json(json, path);
}

Result<void> write_seed(Environment& env, const std::string& path, const Ed25519Seed& seed) {
  return replace_file(env, path, as_bytes(to_hex(seed) + "\n"));
}

Result<Ed25519Seed> read_signing_key(FileSystem& files, const std::string& path,
                                     const VerifierKey& key) {
  constexpr std::size_t kHexDigits = 64;
  constexpr std::size_t kMaxBytes = 4096;
  const char* const restore = "restore the file from a backup; without it nothing can be signed";
  auto file = files.open(path, OpenMode::Read);
  if (!file && file.error().code == Errc::NotFound) {
    return fail(Errc::NotFound, fmt::format("{}: the signing key is missing", path), restore);
  }
  if (!file) return fail(std::move(file).error());
  DAYBOOK_TRY(owner_only, (*file)->owner_only());
  if (!owner_only) {
    return fail(Errc::PermissionDenied,
                fmt::format("{}: others than its owner have access to the signing key", path),
                fmt::format("`chmod 600 {}`; whoever has read it can sign for this ledger", path));
  }
  Bytes bytes(kMaxBytes);
  DAYBOOK_TRY(count, (*file)->read_at(0, bytes));
  const std::string_view text = as_text(bytes).substr(0, std::min(count, kHexDigits));
  const auto seed = from_hex(text);
  if (!seed || seed->size() != sizeof(Ed25519Seed)) {
    return fail(Errc::Corruption, fmt::format("{}: not a signing key", path), restore);
  }
  Ed25519Seed out;
  std::ranges::copy(*seed, out.begin());
  DAYBOOK_TRY(public_key, ed25519_public_key(out));
  if (public_key != key.ed25519) {
    return fail(Errc::Corruption,
                fmt::format("{}: the signing key of another ledger, not of {}", path, key.name),
                restore);
  }
  return out;
}

}  // namespace daybook
