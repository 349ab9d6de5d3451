// SPDX-License-Identifier: Apache-2.0
//
// check_json beside a second parser: both accept the same texts. They may
// differ where the second one has limits that JSON has not (numbers beyond a
// double), or none where Daybook has one (depth).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/json.h"
#include "fuzz/require.h"

namespace daybook::fuzzing {
namespace {

using Json = nlohmann::json;

// Takes every text, measures its depth, and tells why one was refused.
class Handler final : public nlohmann::json_sax<Json> {
 public:
  std::size_t max_depth = 0;
  bool number_too_large = false;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    constexpr int kOutOfRange = 406;
    number_too_large = error.id == kOutOfRange;
    return false;
  }

 private:
  bool open() {
    max_depth = std::max(max_depth, ++depth_);
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }
  std::size_t depth_ = 0;
};

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  using fuzzing::require;
  const std::string_view text = as_text({data, size});
  const bool accepted = check_json(text).has_value();
  // The second parser takes these two for an end and for nothing.
  if (text.contains('\0') || text.starts_with(fuzzing::kByteOrderMark)) {
    require(!accepted, "no JSON text holds a zero byte or starts with a byte order mark");
    return 0;
  }
  fuzzing::Handler handler;
  const bool also_accepted = nlohmann::json::sax_parse(text, &handler);
  if (handler.number_too_large || handler.max_depth >= kMaxJsonDepth) return 0;
  require(accepted == also_accepted, "two parsers agree on what JSON is");
  return 0;
}
