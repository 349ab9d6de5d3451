// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <algorithm>

#include "base/json.h"

namespace daybook {
namespace {

bool needs_care(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (std::none_of(text.begin(), text.end(), needs_care)) {
    out.push_back('"');
    out.append(text);
    out.push_back('"');
  } else {
    out.append(json_quote(text));
  }
}

}  // namespace daybook
