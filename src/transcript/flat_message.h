// SPDX-License-Identifier: Apache-2.0
//
// Messages as model APIs shape them: {"role":"user","content":...}, where content is
// a text or a list of blocks, with calls and results of tools. Generic files and
// Amplifier's transcripts are made of them; other harnesses use the same pieces.
// What a reader makes of them is told by what it is given: nothing here keeps state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transcript/emitter.h"
#include "transcript/json_view.h"

namespace daybook::transcript {

inline constexpr std::size_t kMaxSlashCommandBytes = 64;

[[nodiscard]] std::string_view trimmed(std::string_view text);

// The text of a content: a text, or the texts of its text blocks, line by line.
[[nodiscard]] std::string_view joined_text(element content, Emitter& out);

// A member as JSON text; empty when there is none. `arguments` that are JSON in a
// string already are taken as they are.
[[nodiscard]] std::string_view json_at(object from, std::string_view key, Emitter& out);
[[nodiscard]] std::string_view arguments_at(object from, std::string_view key, Emitter& out);

// "/compact": a word with a slash in front and nothing else.
[[nodiscard]] bool is_slash_command(std::string_view text);

// What a tool's result says about itself.
struct Verdict {
  Outcome outcome = Outcome::Unknown;
  std::optional<std::int64_t> exit_code = {};
  std::string_view error = {};
};

// How a harness marks a failure in a result that is plain text.
enum class PlainResults : std::uint8_t {
  Silent,         // not at all
  ErrorPrefixed,  // "Error: ..."; everything else succeeded
};

// Of an envelope {"success","output","error"}, of a text that is one in JSON, or of
// plain text.
[[nodiscard]] Verdict judge_result(element result, PlainResults plain, Emitter& out);

// The words of an "error" member: a text, the first of a list, a message in an object.
[[nodiscard]] std::string_view error_text(element error, Emitter& out);

// The records of one answer of a model: what they share is filled in, and the usage
// stands on the first of them.
class Answer {
 public:
  Answer(Emitter& out, const TranscriptRecord& shared) : out_(&out), shared_(shared) {}

  void say(Origin origin, std::string_view text);
  void call(std::string_view tool, std::string_view call, std::string_view arguments);
  // Sends the usage by itself when no record was there to carry it.
  void finish();

 private:
  void emit(TranscriptRecord record);

  Emitter* out_;
  TranscriptRecord shared_;  // model, api_message, usage
};

// What a harness means by the messages of its files.
struct FlatRules {
  PlainResults plain = PlainResults::Silent;
  Origin said = Origin::Said;  // of the user's words: Delegated in a sub-agent's session
};

// One message with its role. `shared` goes to the records of an assistant's answer.
// A role that is not known gives an Unknown record.
void emit_flat_message(object message, const TranscriptRecord& shared, const FlatRules& rules,
                       Emitter& out);

// A text of a user's message: `said`, unless it looks like a slash command or like
// something that the harness put there.
void emit_user_text(std::string_view text, Origin said, Emitter& out);

}  // namespace daybook::transcript
