// SPDX-License-Identifier: Apache-2.0
//
// Finds the blobs a JSON text refers to: members "$blob" with a value
// "sha256:<hex>" (docs/format.md, 8). A search in the text, not a parse: it may
// find one too many inside a string, which keeps a blob, and never one too few.
#pragma once

#include <string_view>

#include "daybook/types.h"

namespace daybook {

template <class Visit>
void for_each_blob_reference(std::string_view json, Visit visit) {
  constexpr std::string_view kMember = "\"$blob\"";
  constexpr std::string_view kPrefix = "\"sha256:";
  constexpr std::size_t kHexDigits = 64;
  for (std::size_t at = json.find(kMember); at != std::string_view::npos;
       at = json.find(kMember, at + 1)) {
    std::size_t value = at + kMember.size();
    while (value < json.size() && std::string_view(" \t\r\n:").contains(json[value])) ++value;
    if (json.substr(value, kPrefix.size()) != kPrefix) continue;
    if (const auto digest = parse_digest(json.substr(value + kPrefix.size(), kHexDigits))) {
      visit(*digest);
    }
  }
}

}  // namespace daybook
