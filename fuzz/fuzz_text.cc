// SPDX-License-Identifier: Apache-2.0
//
// Every text a user can type or a file can hold: JSON, times, ids, hashes,
// conditions. No crash, and what is accepted survives a round trip.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "daybook/event.h"
#include "daybook/index.h"
#include "fuzz/require.h"

namespace daybook::fuzzing {
namespace {

void try_json(std::string_view text) {
  const bool valid = check_json(text).has_value();
  require(!valid || is_utf8(text), "JSON is UTF-8");
  require(check_json(json_quote(text)).has_value(), "any bytes can be quoted as JSON");
  if (valid && text.size() < kMaxJsonDepth) {
    require(check_json("[" + std::string(text) + "]").has_value(), "JSON fits into an array");
  }
}

void try_encodings(std::string_view text) {
  if (const auto bytes = from_base64(text)) require(to_base64(*bytes) == text, "base64 is strict");
  if (const auto bytes = from_hex(text)) require(from_hex(to_hex(*bytes)) == bytes, "hex returns");
  require(from_base64(to_base64(as_bytes(text))).has_value(), "base64 takes any bytes");
  require(!is_plain_text(text) || is_utf8(text), "plain text is UTF-8");
}

void try_values(std::string_view text) {
  if (const auto time = parse_timestamp(text)) {
    require(parse_timestamp(to_string(*time)) == *time, "a time returns");
  }
  if (const auto id = parse_event_id(text)) {
    require(parse_event_id(to_string(*id)) == *id, "an id returns");
  }
  if (const auto digest = parse_digest(text)) {
    require(parse_digest(to_string(*digest)) == *digest, "a hash returns");
  }
  if (const auto tier = parse_tier(text)) require(to_string(*tier) == text, "a tier returns");
  static_cast<void>(parse_duration(text));
  static_cast<void>(parse_when(text, Timestamp{1'800'000'000'000'000}));
  static_cast<void>(parse_condition(text));
}

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  const std::string_view text = as_text({data, size});
  fuzzing::try_json(text);
  fuzzing::try_encodings(text);
  fuzzing::try_values(text);
  return 0;
}
