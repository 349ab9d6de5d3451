// SPDX-License-Identifier: Apache-2.0
//
// How a reader hands on what a line says. The emitter knows the line and the
// sessions of the file, and completes every record: session, id, parent, turn,
// time, place in the file, the tool of a result. A reader fills in the rest.
//
//   out.line({.id = uuid, .time = time, .type = type});
//   out.emit({.kind = RecordKind::Message, .role = Role::User, .text = text});
//
// One emitter serves one pass over one file, on one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/transcript.h"
#include "transcript/file_state.h"

namespace daybook::transcript {

// What a line says of itself.
struct LineFacts {
  std::string_view session = {};  // id; empty: of the line before, at first the file's own
  std::string_view id = {};       // the harness's id of the line; empty: made of its bytes
  // Id of the line before in the conversation, empty: there is none. Without it,
  // the record before in this session stands there.
  std::optional<std::string_view> parent = {};
  std::optional<Timestamp> time = {};
  std::string_view type = {};  // the harness's name for this type of record
};

// The bytes of one record and where they are.
struct LinePlace {
  std::string_view raw;
  std::uint64_t offset = 0;
  std::uint64_t line = 0;
};

class Emitter {
 public:
  Emitter(FileState& state, TranscriptSummary& summary, const RecordVisitor& visit)
      : state_(&state), summary_(&summary), visit_(&visit) {}

  // Says what the line is about; the reader's first call for a line. The session
  // that it returns may be changed (SessionState::set) before anything is emitted:
  // a Session record then goes out before the next record.
  SessionState& line(const LineFacts& facts);
  // The session of this line.
  [[nodiscard]] SessionState& session() { return *session_; }

  // Completes a record and hands it on. What the reader has set stays, but for the
  // members that are the emitter's: session, id, turn, time, offset, line, type, raw.
  // - The first record of a line has the line's id, further ones "<id>/1", "<id>/2"...,
  //   a Session record "<id>/session", whatever else the line gives.
  // - parent: of the first record the line's; of further ones the first record; of a
  //   ToolResult its ToolCall, whose tool it gets, too.
  // - A user's message that is Said or Delegated opens a turn.
  // - model: of an assistant's message or call the session's, when there is none.
  void emit(TranscriptRecord record);

  // Sends a Session record out now when something has changed.
  void announce();

  // A line that gives no record is bookkeeping, and counted as such: nothing to say.
  // A record of a type that the reader does not know: kept verbatim, tallied.
  // `type` is empty: the line's.
  void unknown(std::string_view type = {});
  // A known type that is not as it should be: kept as Unknown and listed.
  void misshapen(std::string_view why);

  // Room for a text that has to be put together; empty. The text is valid until
  // the next line, also when buffer() was called again.
  [[nodiscard]] std::string& buffer();

  // --- for the file loop ---
  void begin(const LinePlace& place);
  // Closes the line: one without records hands its parent on to its children.
  void end();
  // The visitor wants no more.
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  std::string_view line_id();
  std::string_view resolve(std::string_view parent);
  void complete(TranscriptRecord& record);
  void remember(const TranscriptRecord& record);
  void send(TranscriptRecord& record);

  FileState* state_;
  TranscriptSummary* summary_;
  const RecordVisitor* visit_;
  bool stopped_ = false;

  // Of the line at hand.
  LinePlace place_;
  SessionState* session_ = nullptr;
  std::string type_;
  std::string id_;           // empty until known
  bool named_ = false;       // the harness gave that id
  std::string suffixed_id_;  // "<id>/1" of the record at hand
  std::string session_id_;   // "<id>/session"
  std::string parent_;       // of the line, resolved
  std::optional<Timestamp> time_;
  std::uint64_t emitted_ = 0;    // records, Session records apart
  std::uint64_t announced_ = 0;  // Session records
  std::deque<std::string> buffers_;
  std::size_t buffers_used_ = 0;
};

}  // namespace daybook::transcript
