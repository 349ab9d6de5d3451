// SPDX-License-Identifier: Apache-2.0
#include "cli/blob_refs.h"

#include <algorithm>

#include <fmt/format.h>

#include "ledger/blob_reference.h"

namespace daybook::cli {

std::vector<ResolvedBlob> resolve_blobs(Ledger& ledger, std::string_view data) {
  std::vector<ResolvedBlob> blobs;
  for_each_blob_reference(data, [&](const Digest& digest) {
    const bool known = std::any_of(blobs.begin(), blobs.end(),
                                   [&](const ResolvedBlob& blob) { return blob.digest == digest; });
    if (known || blobs.size() == kMaxBlobRefs) return;
    ResolvedBlob blob{.digest = digest, .bytes = 0, .error = {}};
    const auto bytes = ledger.get_blob(digest);
    if (bytes) {
      blob.bytes = bytes->size();
    } else {
      blob.error = bytes.error().message;
    }
    blobs.push_back(std::move(blob));
  });
  return blobs;
}

Result<Digest> parse_blob_name(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  std::string_view hex = text;
  if (hex.starts_with(kPrefix)) hex.remove_prefix(kPrefix.size());
  auto digest = parse_digest(hex);
  if (digest) return digest;
  return fail(Errc::InvalidArgument, fmt::format("'{}' names no blob", text),
              "a blob is named sha256: and 64 hexadecimal digits, as `daybook show EVENT` prints");
}

}  // namespace daybook::cli
