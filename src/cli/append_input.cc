// SPDX-License-Identifier: Apache-2.0
#include "cli/append_input.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/suggest.h"

namespace daybook::cli {
namespace {

namespace ondemand = simdjson::ondemand;

// The members a line may have. The order is that of kMemberNames.
enum class Member : std::uint8_t {
  Stream,
  Type,
  Data,
  Source,
  Actor,
  Subject,
  Correlation,
  Key,
  Tier,
  Time,
  Causes
};
constexpr std::string_view kMemberNames[] = {
    "stream",      "type", "data", "source", "actor",  "subject",
    "correlation", "key",  "tier", "time",   "causes",
};
// Members of a stored envelope that only the ledger can give.
constexpr std::string_view kLedgersOwn[] = {
    "seq", "id", "version", "recorded", "commitment", "data_state", "data_bytes",
};

std::unexpected<Error> bad(std::string message, std::string hint = {}) {
  return fail(Errc::InvalidArgument, std::move(message), std::move(hint));
}

std::unexpected<Error> not_json(simdjson::error_code error) {
  return bad(fmt::format("not a JSON object: {}", simdjson::error_message(error)));
}

std::unexpected<Error> unknown_member(std::string_view name) {
  if (std::find(std::begin(kLedgersOwn), std::end(kLedgersOwn), name) != std::end(kLedgersOwn)) {
    return bad(fmt::format("'{}' is given by the ledger", name), "leave it out");
  }
  const std::vector<std::string> names(std::begin(kMemberNames), std::end(kMemberNames));
  return bad(fmt::format("unknown member '{}'", name),
             suggestion(name, names, "own fields go into data"));
}

std::string_view trimmed(std::string_view json) {
  while (!json.empty() && std::string_view(" \t\r\n").find(json.back()) != json.npos) {
    json.remove_suffix(1);
  }
  return json;
}

// The value as it stands in the line. Whether it is valid JSON inside is
// checked once, by the ledger.
Result<std::string_view> raw_text(ondemand::value value) {
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return not_json(error);
  std::string_view text;
  simdjson::error_code error = simdjson::SUCCESS;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    error = value.get_object().get(object);
    if (!error) error = object.raw_json().get(text);
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    error = value.get_array().get(array);
    if (!error) error = array.raw_json().get(text);
  } else {
    text = value.raw_json_token();
  }
  if (error) return not_json(error);
  return trimmed(text);
}

Result<std::string_view> text_of(ondemand::value value, Member member) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return bad(fmt::format("'{}' is not a text", kMemberNames[static_cast<std::size_t>(member)]));
  }
  return text;
}

Result<void> read_causes(ondemand::value value, std::vector<CauseText>& causes) {
  constexpr const char* kExpected = "'causes' is not a list of ids and seqs";
  ondemand::array array;
  if (value.get_array().get(array)) return bad(kExpected);
  for (auto entry : array) {
    ondemand::value item;
    ondemand::json_type type{};
    if (entry.get(item) || item.type().get(type)) return bad(kExpected);
    CauseText cause;
    std::string_view text;
    if (type == ondemand::json_type::number) {
      if (item.get_uint64().get(cause.seq) || cause.seq == 0) return bad(kExpected);
    } else {
      if (item.get_string().get(text) || text.empty()) return bad(kExpected);
      cause.text = text;
    }
    if (causes.size() == kMaxCauses) {
      return fail(Errc::LimitExceeded, fmt::format("more than {} causes", kMaxCauses));
    }
    causes.push_back(std::move(cause));
  }
  return {};
}

Result<void> read_member(Member member, ondemand::value value, InputEvent& input) {
  NewEvent& event = input.event;
  if (member == Member::Data) {
    DAYBOOK_TRY(text, raw_text(value));
    event.data = text;
    return {};
  }
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return not_json(error);
  if (type == ondemand::json_type::null) return {};  // as if it were not there
  if (member == Member::Causes) return read_causes(value, input.causes);
  DAYBOOK_TRY(text, text_of(value, member));
  switch (member) {
    case Member::Stream:
      event.stream = text;
      break;
    case Member::Type:
      event.type = text;
      break;
    case Member::Source:
      event.source = text;
      break;
    case Member::Actor:
      event.actor = text;
      break;
    case Member::Subject:
      event.subject = text;
      break;
    case Member::Correlation:
      event.correlation = text;
      break;
    case Member::Key:
      event.key = text;
      break;
    case Member::Tier: {
      DAYBOOK_TRY(tier, parse_tier(text));
      event.tier = tier;
      break;
    }
    case Member::Time: {
      DAYBOOK_TRY(time, parse_timestamp(text));
      event.time = time;
      break;
    }
    case Member::Data:
    case Member::Causes:
      break;
  }
  return {};
}

}  // namespace

struct LineParser::Impl {
  ondemand::parser parser;
};

LineParser::LineParser() : impl_(std::make_unique<Impl>()) {}
LineParser::~LineParser() = default;

std::size_t LineParser::padding() { return simdjson::SIMDJSON_PADDING; }

Result<void> LineParser::parse(std::string_view line, const NewEvent& defaults, InputEvent& input) {
  input.event = defaults;
  input.causes.clear();
  const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + padding());
  ondemand::document document;
  ondemand::object object;
  if (const auto error = impl_->parser.iterate(padded).get(document)) return not_json(error);
  if (const auto error = document.get_object().get(object)) return not_json(error);
  std::uint32_t seen = 0;
  for (auto entry : object) {
    ondemand::field field;
    std::string_view name;
    if (const auto error = std::move(entry).get(field)) return not_json(error);
    if (const auto error = field.unescaped_key().get(name)) return not_json(error);
    const auto* known = std::find(std::begin(kMemberNames), std::end(kMemberNames), name);
    if (known == std::end(kMemberNames)) return unknown_member(name);
    const auto index = static_cast<std::uint32_t>(known - std::begin(kMemberNames));
    if ((seen & (1u << index)) != 0) return bad(fmt::format("'{}' is there twice", name));
    seen |= 1u << index;
    DAYBOOK_CHECK(read_member(static_cast<Member>(index), field.value(), input));
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return bad("more than one JSON value in the line");
  }
  return {};
}

}  // namespace daybook::cli
