// SPDX-License-Identifier: Apache-2.0
#include "cli/data_fields.h"

#include <simdjson.h>

namespace daybook::cli {
namespace {

namespace ondemand = simdjson::ondemand;
using Fields = std::vector<std::pair<std::string, std::string>>;

void add_scalar(Fields& fields, std::string_view prefix, std::string_view key,
                ondemand::value value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && std::string_view(" \t\r\n").find(token.back()) != token.npos) {
    token.remove_suffix(1);
  }
  if (token.size() <= kMaxFieldBytes) {
    fields.emplace_back(std::string(prefix) + std::string(key), std::string(token));
  }
}

enum class Nesting : std::uint8_t { Descend, Stay };

// Stops quietly at whatever is not JSON: the log keeps any bytes it was given.
void collect(Fields& fields, std::string_view prefix, ondemand::object object, Nesting nesting) {
  for (auto entry : object) {
    if (entry.error() != simdjson::SUCCESS || fields.size() >= kMaxDataFields) return;
    std::string_view key;
    ondemand::json_type type{};
    ondemand::value value;
    if (entry.unescaped_key().get(key) != simdjson::SUCCESS ||
        entry.value().get(value) != simdjson::SUCCESS ||
        value.type().get(type) != simdjson::SUCCESS) {
      return;
    }
    if (type == ondemand::json_type::object) {
      ondemand::object inner;
      if (nesting == Nesting::Descend && key == "payload" &&
          value.get_object().get(inner) == simdjson::SUCCESS) {
        collect(fields, "payload.", inner, Nesting::Stay);
      }
    } else if (type != ondemand::json_type::array) {
      add_scalar(fields, prefix, key, value);
    }
  }
}

std::string unquoted(std::string_view json) {
  if (!json.starts_with('"')) return std::string(json);
  thread_local ondemand::parser parser;
  const simdjson::padded_string padded(json);
  ondemand::document document;
  std::string_view text;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_string().get(text) != simdjson::SUCCESS) {
    return {};
  }
  return std::string(text);
}

}  // namespace

DataFields DataFields::of(const EventView& event) {
  DataFields result;
  if (event.data_state != DataState::Inline || event.data.size() > kMaxFieldDataBytes) {
    return result;
  }
  thread_local ondemand::parser parser;
  const simdjson::padded_string padded(event.data);
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) == simdjson::SUCCESS &&
      document.get_object().get(object) == simdjson::SUCCESS) {
    collect(result.fields_, "", object, Nesting::Descend);
  }
  return result;
}

std::string_view DataFields::raw(std::string_view name) const {
  for (const auto& [key, json] : fields_) {
    if (key == name) return json;
  }
  return {};
}

std::string DataFields::text(std::string_view name) const {
  const std::string_view json = raw(name);
  return json == "null" ? std::string() : unquoted(json);
}

std::string DataFields::first_text(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    if (std::string found = text(name); !found.empty()) return found;
  }
  return {};
}

std::string summary_of(const DataFields& fields) {
  return fields.first_text({"summary", "payload.summary", "message", "title"});
}

std::string subsystem_of(const EventView& event, const DataFields& fields) {
  std::string named = fields.text("subsystem");
  if (!named.empty()) return named;
  constexpr std::string_view kPrefix = "subsystem:";
  std::string_view subject = event.subject;
  if (subject.starts_with(kPrefix)) subject.remove_prefix(kPrefix.size());
  return std::string(subject);
}

}  // namespace daybook::cli
