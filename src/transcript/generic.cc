// SPDX-License-Identifier: Apache-2.0
//
// Generic JSONL: one flat message a line, {"role","content","name","ts"}, from any
// program that cares to write it. A line {"_jilog":{"persona","channel"}} in front
// says who is speaking where. Only the path can say which session it is.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/flat_message.h"
#include "transcript/json_view.h"
#include "transcript/reader.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kHeader = "_jilog";

std::optional<Timestamp> time_of(object line) {
  const auto time = time_at(line, "ts");
  return time ? time : time_at(line, "timestamp");
}

class Generic final : public Reader {
 public:
  std::string_view name() const override { return "generic"; }

  std::vector<std::string> default_places() const override { return {}; }

  std::optional<Recognised> recognise(const Candidate& candidate) const override {
    if (!candidate.name().ends_with(".jsonl")) return std::nullopt;
    const bool by_stem =
        candidate.source != nullptr && candidate.source->session_id_from == "file_stem";
    const std::string_view id = by_stem ? candidate.stem() : candidate.name(1);
    return Recognised{.session = std::string(id), .project = {}, .seat = {}};
  }

  bool recognises(Json record) const override {
    const auto line = as_object(record);
    if (!line) return false;
    if (find_object(*line, kHeader)) return true;
    return !text_at(*line, "role").empty() && find(*line, "content") && !find(*line, "type");
  }

  void decode(object line, FileState& /*state*/, Emitter& out) const override {
    if (const auto header = find_object(line, kHeader)) return decode_header(*header, out);
    const std::string_view role = text_at(line, "role");
    out.line({.time = time_of(line), .type = role});
    emit_flat_message(line, {.model = text_at(line, "model")}, {}, out);
  }

 private:
  static void decode_header(object header, Emitter& out) {
    SessionState& session = out.line({.type = kHeader});
    session.set(&SessionInfo::persona, text_at(header, "persona"));
    session.set(&SessionInfo::channel, text_at(header, "channel"));
    out.announce();
  }
};

}  // namespace

const Reader& generic_reader() {
  static const Generic reader;
  return reader;
}

}  // namespace daybook::transcript
