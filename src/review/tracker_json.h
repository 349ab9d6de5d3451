// SPDX-License-Identifier: Apache-2.0
//
// Reads what a tracker's program printed, strictly: a shape nobody knows is an error
// that says so, because an answer taken for empty would file everything again.
// Views are valid until the next text. Not thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "daybook/error.h"
#include "transcript/json_view.h"

namespace daybook::review {

class TrackerJson {
 public:
  // `program` is for messages: "gh issue list".
  explicit TrackerJson(std::string program) : program_(std::move(program)) {}

  // The whole answer, or its member `key` when that is not empty.
  [[nodiscard]] Result<simdjson::dom::array> array(std::string_view text, std::string_view key);
  [[nodiscard]] Result<simdjson::dom::object> object(std::string_view text, std::string_view key);

  [[nodiscard]] Result<simdjson::dom::object> object(simdjson::dom::element value) const;
  // A text member that has to be there.
  [[nodiscard]] Result<std::string> text(simdjson::dom::object from, std::string_view key) const;

 private:
  Result<simdjson::dom::element> member(std::string_view text, std::string_view key);
  [[nodiscard]] std::unexpected<Error> drifted(std::string_view what) const;

  std::string program_;
  simdjson::dom::parser parser_;
};

}  // namespace daybook::review
