// SPDX-License-Identifier: Apache-2.0
#include "review/tracker_json.h"

#include <fmt/format.h>

namespace daybook::review {

std::unexpected<Error> TrackerJson::drifted(std::string_view what) const {
  return fail(Errc::Unsupported, fmt::format("`{}` answered in another shape: {}", program_, what),
              "its version is newer or older than those known here; nothing was filed");
}

Result<simdjson::dom::element> TrackerJson::member(std::string_view text, std::string_view key) {
  simdjson::dom::element value;
  if (const auto error = parser_.parse(text.data(), text.size()).get(value)) {
    return drifted(fmt::format("no JSON ({})", simdjson::error_message(error)));
  }
  if (key.empty()) return value;
  const auto fields = transcript::as_object(value);
  const auto found = fields ? transcript::find(*fields, key) : std::nullopt;
  if (!found) return drifted(fmt::format("no member \"{}\"", key));
  return *found;
}

Result<simdjson::dom::array> TrackerJson::array(std::string_view text, std::string_view key) {
  DAYBOOK_TRY(value, member(text, key));
  const auto found = transcript::as_array(value);
  if (!found) return drifted("no list where one should be");
  return *found;
}

Result<simdjson::dom::object> TrackerJson::object(std::string_view text, std::string_view key) {
  DAYBOOK_TRY(value, member(text, key));
  return object(value);
}

Result<simdjson::dom::object> TrackerJson::object(simdjson::dom::element value) const {
  const auto found = transcript::as_object(value);
  if (!found) return drifted("no object where one should be");
  return *found;
}

Result<std::string> TrackerJson::text(simdjson::dom::object from, std::string_view key) const {
  const auto found = transcript::find(from, key);
  const auto value = found ? transcript::as_text(*found) : std::nullopt;
  if (!value) return drifted(fmt::format("no text \"{}\"", key));
  return std::string(*value);
}

}  // namespace daybook::review
