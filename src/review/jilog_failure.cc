// SPDX-License-Identifier: Apache-2.0
#include "review/jilog_failure.h"

#include <algorithm>
#include <array>

#include "base/regex.h"
#include "review/canonical_json.h"
#include "review/prose.h"

namespace daybook::review {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::optional<element> member(object from, std::string_view key) {
  element value;
  if (from.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<object> object_member(object from, std::string_view key) {
  object fields;
  if (from.at_key(key).get(fields) != simdjson::SUCCESS) return std::nullopt;
  return fields;
}

std::optional<std::string_view> text_member(object from, std::string_view key) {
  std::string_view text;
  if (from.at_key(key).get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::string verbatim(element value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : canonical_json(value);
}

std::string message_of(element envelope, object fields) {
  const auto error = member(fields, "error");
  if (!error || error->is_null()) return canonical_json(envelope);
  array list;
  if (error->get(list) != simdjson::SUCCESS) return verbatim(*error);
  element first;
  return list.at(0).get(first) == simdjson::SUCCESS ? verbatim(first) : canonical_json(envelope);
}

bool is_denial_code(std::optional<std::string_view> code) {
  return code && code->ends_with("_denied");
}

// The tool `mode` was denied.
bool is_denied_mode(object fields) {
  if (const auto output = object_member(fields, "output")) {
    if (text_member(*output, "status") == "denied" || member(*output, "denied_mode")) return true;
  }
  if (const auto error = object_member(fields, "error")) {
    if (is_denial_code(text_member(*error, "code"))) return true;
  }
  return is_denial_code(text_member(fields, "code"));
}

template <std::size_t N>
bool has_only(object fields, const std::array<std::string_view, N>& known) {
  return std::ranges::all_of(fields, [&](const auto& field) {
    return std::ranges::find(known, field.key) != known.end();
  });
}

bool is_blank(std::string_view text) { return trimmed(text).empty(); }

// What bash's envelope says, when it has no member that jilog does not know.
struct BashEnvelope {
  std::string error;
  std::string_view output;  // an output that is a text
  bool blank = true;        // stdout and stderr
  std::optional<std::int64_t> returncode;
};

bool read_error(object fields, BashEnvelope& envelope) {
  const auto error = member(fields, "error");
  const auto message = member(fields, "message");
  const bool has_message = message && !message->is_null();
  if (!error || error->is_null()) {
    const auto text = text_member(fields, "message");
    if (text) envelope.error = *text;
    return text.has_value() || !has_message;
  }
  if (has_message) return false;
  if (const auto text = text_member(fields, "error")) {
    envelope.error = *text;
    return true;
  }
  const auto parts = object_member(fields, "error");
  if (!parts || !has_only<1>(*parts, {"message"})) return false;
  envelope.error = text_member(*parts, "message").value_or("");
  return true;
}

bool read_output(object fields, BashEnvelope& envelope) {
  const auto output = member(fields, "output");
  if (!output || output->is_null()) return true;
  if (output->get(envelope.output) == simdjson::SUCCESS) return true;
  const auto parts = object_member(fields, "output");
  if (!parts || !has_only<3>(*parts, {"returncode", "stdout", "stderr"})) return false;
  for (const std::string_view stream : {"stdout", "stderr"}) {
    const auto value = member(*parts, stream);
    if (!value || value->is_null()) continue;
    const auto text = text_member(*parts, stream);
    if (!text) return false;
    envelope.blank = envelope.blank && is_blank(*text);
  }
  if (const auto code = member(*parts, "returncode")) {
    std::int64_t number = 0;
    if (code->get(number) != simdjson::SUCCESS) return false;
    envelope.returncode = number;
  }
  return true;
}

bool is_timeout(std::string_view text) {
  static const RE2 pattern(R"((?i)^command timed out after \d+ seconds?\.?$)");
  return matches(trimmed(text), pattern);
}

// bash ran out of time, or ended with a code and not a word.
bool is_bare_failure(const BashEnvelope& envelope) {
  if (is_timeout(envelope.error)) {
    return envelope.blank && (is_blank(envelope.output) || is_timeout(envelope.output));
  }
  return is_blank(envelope.error) && is_blank(envelope.output) && envelope.blank &&
         envelope.returncode.value_or(0) != 0;
}

bool is_noise(std::string_view tool, object fields) {
  if (tool == "mode") return is_denied_mode(fields);
  if (tool != "bash" || !has_only<4>(fields, {"success", "error", "output", "message"})) {
    return false;
  }
  BashEnvelope envelope;
  return read_error(fields, envelope) && read_output(fields, envelope) && is_bare_failure(envelope);
}

// Readers whose failures have no envelope in the file: jilog makes one of it,
// {"success":false,"error":text}.
bool makes_envelope(std::string_view harness) { return harness == "pi" || harness == "nanoclaw"; }

}  // namespace

std::optional<std::string> jilog_error(const TranscriptRecord& result) {
  if (makes_envelope(result.session->harness)) {
    const bool failed = result.outcome == Outcome::Failure || result.outcome == Outcome::Refused ||
                        result.outcome == Outcome::Interrupted;
    const bool noise = result.tool == "bash" && is_timeout(result.text);
    if (!failed || noise) return std::nullopt;
    return std::string(result.text);
  }
  const auto envelope = parse_json(result.text);
  object fields;
  if (!envelope || envelope->get(fields) != simdjson::SUCCESS) return std::nullopt;
  const auto success = member(fields, "success");
  bool succeeded = true;
  if (!success || success->get(succeeded) != simdjson::SUCCESS || succeeded) return std::nullopt;
  if (is_noise(result.tool, fields)) return std::nullopt;
  return message_of(*envelope, fields);
}

}  // namespace daybook::review
