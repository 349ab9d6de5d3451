// SPDX-License-Identifier: Apache-2.0
#include "cli/event_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "daybook/ledger.h"

namespace daybook::cli {
namespace {

// What stands for the data: the data itself, a reference to its blob, or nothing.
std::string data_json(const EventView& event, std::optional<std::string_view> data) {
  if (data) return std::string(*data);
  if (event.data_state == DataState::Inline) return std::string(event.data);
  if (event.data_state == DataState::Blob) return to_json(BlobRef{event.blob, event.data_bytes});
  return {};
}

// Line breaks in valid JSON stand between tokens only; a space means the same.
std::string on_one_line(std::string json) {
  std::replace_if(json.begin(), json.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return json;
}

void write_envelope(std::string& out, const EventView& event, const std::string& data) {
  JsonWriter json(out);
  json.begin_object().member("seq", event.seq.value).member("id", to_string(event.id));
  json.member("stream", event.stream).member("version", event.version.value);
  json.member("type", event.type).member("time", to_string(event.time));
  json.member("recorded", to_string(event.recorded)).member("source", event.source);
  json.optional_member("actor", event.actor).optional_member("subject", event.subject);
  json.optional_member("correlation", event.correlation).optional_member("key", event.key);
  json.key("causes").begin_array();
  for (const EventId& cause : event.causes) json.text(to_string(cause));
  json.end_array();
  json.member("tier", to_string(event.tier)).member("data_state", to_string(event.data_state));
  if (event.data_state != DataState::None) {
    json.member("data_bytes", event.data_bytes).member("commitment", to_string(event.commitment));
  }
  if (!data.empty()) json.raw_member("data", data);
  json.end_object();
}

std::string causes_text(const EventView& event) {
  std::string text;
  for (const EventId& cause : event.causes) {
    if (!text.empty()) text.push_back(' ');
    text += to_string(cause);
  }
  return text;
}

// Attribute names of CloudEvents are lower-case letters and digits; numbers
// beyond 32 bits are texts there.
void write_cloudevent(std::string& out, const EventView& event, const std::string& data) {
  JsonWriter json(out);
  json.begin_object().member("specversion", "1.0").member("id", to_string(event.id));
  json.member("source", event.source).member("type", event.type);
  json.optional_member("subject", event.subject).member("time", to_string(event.time));
  json.member("stream", event.stream).member("version", fmt::format("{}", event.version.value));
  json.member("sequence", fmt::format("{}", event.seq.value));
  json.member("recorded", to_string(event.recorded));
  json.optional_member("actor", event.actor).optional_member("correlation", event.correlation);
  json.optional_member("key", event.key).optional_member("causes", causes_text(event));
  json.member("tier", to_string(event.tier));
  if (!data.empty()) {
    json.member("commitment", to_string(event.commitment));
    json.member("datacontenttype", "application/json").raw_member("data", data);
  }
  json.end_object();
}

void append_csv_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(field);
    return;
  }
  out.push_back('"');
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

void write_csv(std::string& out, const EventView& event, const std::string& data) {
  const std::string texts[] = {to_string(event.time),
                               to_string(event.recorded),
                               std::string(event.source),
                               std::string(event.actor),
                               std::string(event.subject),
                               std::string(event.correlation),
                               std::string(event.key),
                               causes_text(event),
                               std::string(to_string(event.tier)),
                               data};
  out += fmt::format("{},{},", event.seq.value, to_string(event.id));
  append_csv_field(out, event.stream);
  out += fmt::format(",{},", event.version.value);
  append_csv_field(out, event.type);
  for (const std::string& text : texts) {
    out.push_back(',');
    append_csv_field(out, text);
  }
}

}  // namespace

EventView view_of(const Event& event) {
  EventView view;
  view.seq = event.seq;
  view.version = event.version;
  view.id = event.id;
  view.time = event.time;
  view.recorded = event.recorded;
  view.tier = event.tier;
  view.stream = event.stream;
  view.type = event.type;
  view.source = event.source;
  view.actor = event.actor;
  view.subject = event.subject;
  view.correlation = event.correlation;
  view.key = event.key;
  view.causes = event.causes;
  view.commitment = event.commitment;
  view.data_bytes = event.data_bytes;
  view.data_state = event.data_state;
  view.data = event.data;
  view.blob = event.blob;
  return view;
}

void append_event(std::string& out, EventFormat format, const EventView& event,
                  std::optional<std::string_view> data) {
  const std::string text = on_one_line(data_json(event, data));
  switch (format) {
    case EventFormat::Envelope:
      return write_envelope(out, event, text);
    case EventFormat::CloudEvents:
      return write_cloudevent(out, event, text);
    case EventFormat::Csv:
      return write_csv(out, event, text);
  }
}

void append_envelope(std::string& out, const EventView& event,
                     std::optional<std::string_view> data) {
  write_envelope(out, event, data_json(event, data));
}

std::string_view csv_header() {
  return "seq,id,stream,version,type,time,recorded,source,actor,subject,correlation,key,causes,"
         "tier,data";
}

std::string_view to_string(DataState state) {
  switch (state) {
    case DataState::None:
      return "none";
    case DataState::Inline:
      return "inline";
    case DataState::Blob:
      return "blob";
    case DataState::Erased:
      return "erased";
    case DataState::Damaged:
      return "damaged";
  }
  return "unknown";
}

}  // namespace daybook::cli
