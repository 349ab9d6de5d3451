// SPDX-License-Identifier: Apache-2.0
#include "index/json_reader.h"

#include <charconv>
#include <cstring>
#include <limits>

#include <simdjson.h>

#include "base/text.h"
#include "daybook/event.h"

namespace daybook::views {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return end == std::string_view::npos ? std::string_view{} : token.substr(0, end + 1);
}

// Works on a document and on a value alike: both are only scalars by chance.
template <class Value>
std::optional<JsonScalar> scalar_of(Value& value) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
  JsonScalar scalar;
  switch (type) {
    case ondemand::json_type::array:
    case ondemand::json_type::object:
      scalar.kind = JsonScalar::Kind::Container;
      return scalar;
    case ondemand::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
      scalar.kind = JsonScalar::Kind::String;
      scalar.text = text;
      return scalar;
    }
    case ondemand::json_type::number:
      scalar.kind = JsonScalar::Kind::Number;
      break;
    case ondemand::json_type::boolean:
      scalar.kind = JsonScalar::Kind::Bool;
      break;
    case ondemand::json_type::null:
      scalar.kind = JsonScalar::Kind::Null;
      break;
  }
  std::string_view token;
  if (simdjson::simdjson_result<std::string_view>(value.raw_json_token()).get(token) !=
      simdjson::SUCCESS) {
    return std::nullopt;
  }
  scalar.text = trimmed(token);
  if (scalar.kind == JsonScalar::Kind::Number) scalar.number = number_of(scalar.text);
  scalar.boolean = scalar.text == "true";
  return scalar;
}

}  // namespace

// Ledger texts may hold numbers that no integer or double holds: the token is
// read here, with the widest type there is. On x86-64 and with IEEE quadruple
// precision every 64-bit integer and every double is exact in it.
long double number_of(std::string_view token) {
  constexpr std::size_t kMaxPlainDigits = 18;
  std::int64_t plain = 0;
  const char* const end = token.data() + token.size();
  if (token.size() <= kMaxPlainDigits) {
    const auto [stop, error] = std::from_chars(token.data(), end, plain);
    if (error == std::errc() && stop == end) return static_cast<long double>(plain);
  }
  long double number = 0;
  const auto [stop, error] = std::from_chars(token.data(), end, number);
  if (error != std::errc::result_out_of_range) return number;
  // Too large or too small: which of both shows in the sign of the exponent.
  const std::size_t exponent = token.find_first_of("eE");
  const bool below_one = token.starts_with("0") || token.starts_with("-0");
  const bool tiny =
      exponent == std::string_view::npos ? below_one : token.substr(exponent + 1, 1) == "-";
  const long double size = tiny ? 0 : std::numeric_limits<long double>::infinity();
  return token.starts_with('-') ? -size : size;
}

struct JsonReader::Impl {
  ondemand::parser parser;
  std::unique_ptr<char[]> buffer;
  std::size_t capacity = 0;
  std::size_t size = 0;
  bool escapes = false;         // whether there is a backslash: keys may be spelled otherwise
  ondemand::document document;  // reads forward only: `fresh` until a value is asked for
  bool fresh = false;

  void load(std::string_view text) {
    if (text.size() > capacity) {
      capacity = std::max<std::size_t>(text.size(), 4096);
      buffer = std::make_unique<char[]>(capacity + simdjson::SIMDJSON_PADDING);
    }
    std::memcpy(buffer.get(), text.data(), text.size());
    std::memset(buffer.get() + text.size(), 0, simdjson::SIMDJSON_PADDING);
    size = text.size();
    escapes = std::memchr(text.data(), '\\', text.size()) != nullptr;
  }

  bool parse() {
    const auto error = parser
                           .iterate(simdjson::padded_string_view(
                               buffer.get(), size, capacity + simdjson::SIMDJSON_PADDING))
                           .get(document);
    fresh = error == simdjson::SUCCESS;
    return fresh;
  }

  // The first member of that name.
  template <class Container>
  std::optional<ondemand::value> member(Container& container, const std::string& key) {
    ondemand::object object;
    if (container.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
    const bool plain_key = key.find_first_of("\"\\") == std::string::npos;
    if (!escapes) {
      ondemand::value value;
      if (!plain_key || object.find_field(key).get(value) != simdjson::SUCCESS) return std::nullopt;
      return value;
    }
    for (auto result : object) {
      ondemand::field field;
      if (std::move(result).get(field) != simdjson::SUCCESS) return std::nullopt;
      std::string_view name;
      if (field.unescaped_key().get(name) != simdjson::SUCCESS) return std::nullopt;
      if (name == key) return field.value();
    }
    return std::nullopt;
  }

  template <class Container>
  std::optional<ondemand::value> child(Container& container, const JsonStep& step) {
    if (!step.item) return member(container, step.key);
    ondemand::array array;
    if (container.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
    ondemand::value value;
    if (array.at(*step.item).get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
  }
};

JsonReader::JsonReader() : impl_(std::make_unique<Impl>()) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

bool JsonReader::load(std::string_view text) {
  if (impl_->capacity > kMaxKeptBytes) impl_ = std::make_unique<Impl>();
  if (text.empty()) return false;
  impl_->load(text);
  return impl_->parse();
}

std::optional<JsonScalar> JsonReader::at(const JsonPath& path) {
  if (!impl_->fresh && !impl_->parse()) return std::nullopt;
  impl_->fresh = false;
  if (path.empty()) return scalar_of(impl_->document);
  auto value = impl_->child(impl_->document, path.front());
  for (std::size_t step = 1; value && step < path.size(); ++step) {
    value = impl_->child(*value, path[step]);
  }
  if (!value) return std::nullopt;
  return scalar_of(*value);
}

DataNames names_in(JsonReader& reader, std::string_view json) {
  static const JsonPath class_path = {{.key = "event_class", .item = {}}};
  static const JsonPath subsystem_path = {{.key = "subsystem", .item = {}}};
  const bool escaped = json.find("\\u") != std::string_view::npos;
  const bool may_have_class = escaped || json.find("\"event_class\"") != std::string_view::npos;
  const bool may_have_subsystem = escaped || json.find("\"subsystem\"") != std::string_view::npos;
  if ((!may_have_class && !may_have_subsystem) || !reader.load(json)) return {};
  const auto name_at = [&](const JsonPath& path) {
    auto value = reader.at(path);
    const bool fits = value && value->kind == JsonScalar::Kind::String &&
                      value->text.size() <= kMaxNameBytes && is_plain_text(value->text);
    return fits ? std::move(value->text) : std::string();
  };
  DataNames names;
  if (may_have_class) names.event_class = name_at(class_path);
  if (may_have_subsystem) names.subsystem = name_at(subsystem_path);
  return names;
}

}  // namespace daybook::views
