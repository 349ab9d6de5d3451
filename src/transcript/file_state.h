// SPDX-License-Identifier: Apache-2.0
//
// Everything that a line of a file needs to know of the lines before it. It is the
// only memory of a pass, it is bounded, and it is written into the position that a
// pass returns: so a later pass goes on as if there had been no pause (position.h
// is the one place that writes and reads it).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daybook/transcript.h"
#include "transcript/bounded_map.h"

namespace daybook::transcript {

inline constexpr std::size_t kMaxFileSessions = 256;  // of one file; the oldest is forgotten
inline constexpr std::size_t kMaxAliases = 256;       // ids of lines that gave no record
inline constexpr std::size_t kMaxNotes = 64;          // of one reader

// A session as far as it has been read.
struct SessionState {
  SessionInfo info = {};
  bool announced = false;  // a Session record says what `info` says
  std::string turn = {};   // id of the message that opened the turn
  std::string last = {};   // id of the record before
  std::string model = {};

  // Changes one member of `info`; an empty value changes nothing.
  void set(std::string SessionInfo::* member, std::string_view value) {
    if (value.empty() || info.*member == value) return;
    info.*member = value;
    announced = false;
  }
};

// A tool call that waits for its result.
struct OpenCall {
  std::string tool;
  std::string record;  // id of its ToolCall
};

struct FileState {
  // What every session of the file starts from; its id is the file's own session.
  SessionInfo main;
  // By id, and the one that the line before was about.
  BoundedMap<SessionState> sessions{kMaxFileSessions};
  std::string current;
  // By the harness's id of the call.
  BoundedMap<OpenCall> calls{kMaxOpenCalls};
  // Line id of a line without records -> the record that stands in for it as parent.
  BoundedMap<std::string> aliases{kMaxAliases};
  // Tokens that the harness has reported so far, where it reports totals.
  Usage total;
  // Whatever else one reader has to keep; at most kMaxNotes.
  std::map<std::string, std::string, std::less<>> notes;

  // An empty text when there is no such note.
  [[nodiscard]] std::string_view note(std::string_view name) const {
    const auto found = notes.find(name);
    return found == notes.end() ? std::string_view{} : std::string_view{found->second};
  }
  // An empty value removes the note. Beyond kMaxNotes new ones are not kept.
  void set_note(std::string_view name, std::string_view value);
};

}  // namespace daybook::transcript
