// SPDX-License-Identifier: Apache-2.0
//
// The normal form of agent sessions: what Claude Code, Codex, Copilot, Amplifier,
// pi, NanoClaw and generic JSONL files say, in one shape. A reader knows one
// harness: where its files are, and how a line of them becomes records. Everything
// above (import, review) knows records only. docs/readers.md tells how to add one.
//
//   auto files = find_transcripts({.reader = "claude-code"});
//   for (const auto& file : files->files)
//     read_transcript(file, {}, [](const TranscriptRecord& record) { ...; return true; });
//
// Files are read in one pass and bounded memory, whatever their size. What cannot
// be read is counted and located in the result, never dropped in silence.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/environment.h"
#include "daybook/types.h"

namespace daybook {

inline constexpr std::size_t kMaxTranscriptLineBytes = std::size_t{64} << 20;  // longer: skipped
inline constexpr std::size_t kMaxSkippedListed = 1'000;  // located one by one; all are counted
inline constexpr std::size_t kMaxOpenCalls = 4'096;      // tool calls waiting for their result

enum class RecordKind : std::uint8_t {
  Session,     // what is known of a session: at its first line, and again when it changes
  Message,     // somebody said something: `role`, `origin`, `text`
  ToolCall,    // the agent called a tool: `tool`, `call`, `arguments`
  ToolResult,  // and got this back: `call`, `outcome`, `exit_code`, `text`, `error`
  Compaction,  // the harness replaced the conversation by a summary, here `text` when known
  Resume,      // a stopped session was taken up again
  Interrupt,   // the user stopped the agent
  Usage,       // tokens and cost that the harness reports apart from messages
  Unknown,     // a record of a type the reader does not know: `raw`
};
[[nodiscard]] std::string_view to_string(RecordKind kind);  // "tool_call"

enum class Role : std::uint8_t { User, Assistant, System };
[[nodiscard]] std::string_view to_string(Role role);

// Where the words of a message come from. Only Said is what its role meant to say;
// the rest stands under that role in the file, but a program put it there.
enum class Origin : std::uint8_t {
  Said,         // typed by the user, or addressed to the user by the agent
  Thinking,     // the agent's own reasoning
  Context,      // AGENTS.md, environment, reminders, attachments, hook output, skills
  Command,      // a slash command and what it printed
  Summary,      // of a compaction
  Interrupted,  // the marker that the user stopped the agent
  Notice,       // harness messages: background tasks, API errors, notifications
  Delegated,    // a prompt that the parent agent wrote for this sub-agent
};
[[nodiscard]] std::string_view to_string(Origin origin);

enum class Outcome : std::uint8_t {
  Unknown,  // the harness does not say
  Success,
  Failure,      // the tool says so, or a non-zero exit code
  Refused,      // the user or a permission rule did not let it run
  Interrupted,  // the user stopped it, or the harness did because a call beside it failed
};
[[nodiscard]] std::string_view to_string(Outcome outcome);

// US dollars, exact to 1e-12.
struct Money {
  std::int64_t picodollars = 0;
  friend auto operator<=>(const Money&, const Money&) = default;
};
// "0.0003", "12.50": at least two places, never rounded.
[[nodiscard]] std::string to_string(Money money);
// Reads a JSON number or decimal text. Digits below 1e-12 are dropped. Errors: InvalidArgument.
[[nodiscard]] Result<Money> parse_money(std::string_view text);

// Tokens of one answer of a model. A harness may repeat the usage of one answer
// on many records: those have the same `api_message`, and the last one counts.
struct Usage {
  std::uint64_t input_tokens = 0;  // without those from the cache
  std::uint64_t output_tokens = 0;
  std::uint64_t cache_read_tokens = 0;
  std::uint64_t cache_write_tokens = 0;
  std::optional<Money> cost;  // only when the harness says it
};

// What is known of a session, as of the record that carries it.
struct SessionInfo {
  std::string id = {};           // the harness's own; of a sub-agent: its agent id
  std::string parent = {};       // the session that started this one; empty: none
  std::string parent_call = {};  // the tool call of the parent that did; empty: unknown
  std::string harness = {};      // "claude-code", "codex", ...: the reader's name
  std::string version = {};      // of the harness
  std::string project = {};      // its working directory, or what the harness calls the project
  std::string branch = {};
  std::string agent = {};    // kind of a sub-agent, when known
  std::string persona = {};  // NanoClaw and generic files only
  std::string channel = {};
  friend bool operator==(const SessionInfo&, const SessionInfo&) = default;
};

// One fact from one line. Views are valid until the callback that got them returns.
//
// `id` is stable: the same line gives the same id whenever and in whatever copy of
// the file it is read; "<line id>" for the first record of a line, "<line id>/<n>"
// for further ones, "<line id>/session" for a Session record. The line id is the harness's own
// where it gives one, else the start of the line's SHA-256, with the line's offset when it carries
// no time.
struct TranscriptRecord {
  RecordKind kind = RecordKind::Unknown;
  const SessionInfo* session = nullptr;  // never null
  std::string_view id = {};
  std::string_view parent = {};  // id of the record that led to this one; empty: none
  std::string_view turn = {};    // id of the user's message that opened the turn; empty: before any
  std::optional<Timestamp> time = {};  // as the line says
  std::uint64_t offset = 0;            // of its first byte in the file
  std::uint64_t line = 0;              // from 1

  // Message, and the text of ToolResult and Compaction.
  Role role = Role::User;
  Origin origin = Origin::Said;
  std::string_view text = {};

  // ToolCall, ToolResult.
  std::string_view tool = {};  // "Bash"; of a result: the name from its call, "unknown" without one
  std::string_view call = {};  // the harness's id of the call
  std::string_view arguments = {};  // JSON text
  Outcome outcome = Outcome::Unknown;
  std::optional<std::int64_t> exit_code = {};
  std::string_view error = {};  // why it failed, in the tool's words

  // Who answered and what it cost.
  std::string_view model = {};
  std::string_view api_message = {};  // id of the model's answer this is part of
  std::optional<Usage> usage = {};

  std::string_view type = {};  // the harness's name for this type of record
  std::string_view raw = {};   // the record's bytes in the file
};

// A file found by a reader, and what its path says.
struct TranscriptFile {
  std::string reader = {};
  std::string path = {};
  std::string session = {};  // id the name suggests
  std::string project = {};  // name the directory suggests
  std::string harness = {};  // what the source calls its sessions; empty: the reader's name
  std::string seat = {};     // profile the file was found under; empty: none
  FileStamp stamp = {};
};

// A line, or part of one, that could not be used as it stands.
struct Skipped {
  enum class Reason : std::uint8_t {
    Malformed,  // not JSON
    TooLong,    // over kMaxTranscriptLineBytes
    Repaired,   // lone surrogates or invalid UTF-8 replaced by U+FFFD: used nevertheless
    Split,      // several records on one line: all used
    Misshapen,  // JSON, but not as this type of record should be: kept as Unknown
  };
  Reason reason = Reason::Malformed;
  std::uint64_t line = 0;
  std::uint64_t offset = 0;
  std::string why = {};
};
[[nodiscard]] std::string_view to_string(Skipped::Reason reason);

struct TypeTally {
  std::string type;
  std::uint64_t count = 0;
};

// What one pass over a file met. Counts cover this pass only.
struct TranscriptSummary {
  std::uint64_t lines = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;        // read in this pass
  std::uint64_t bookkeeping = 0;  // known records that say nothing about the conversation
  std::uint64_t unknown = 0;      // records of unknown type
  std::vector<TypeTally> unknown_types;
  std::uint64_t skipped = 0;
  std::vector<Skipped> skipped_list;  // the first kMaxSkippedListed
  bool partial_line = false;          // bytes after the last newline were left for later
  bool restarted = false;             // the file was replaced or cut: read from its beginning
  std::string position;  // where to go on: TranscriptOptions::position of the next pass
};

struct TranscriptOptions {
  // From an earlier pass over this file: goes on behind the last whole line. A file
  // that was replaced or cut meanwhile is read from its beginning.
  std::string position = {};
  // The last line has no newline: take it when it is whole JSON. Off while a file
  // is still being written to.
  bool take_unfinished_line = true;
};

// Calls `visit` for every record, in file order; stops early when it returns false:
// `position` then stands before the line that it stopped in.
// One thread; several files may be read by several threads.
// Errors: NotFound, PermissionDenied, Io; InvalidArgument (no such reader).
using RecordVisitor = std::function<bool(const TranscriptRecord&)>;
[[nodiscard]] Result<TranscriptSummary> read_transcript(const TranscriptFile& file,
                                                        const TranscriptOptions& options,
                                                        const RecordVisitor& visit,
                                                        Environment env = Environment::system());

// One source of sessions: a [[reader]] of the configuration.
struct ReaderSource {
  std::string reader;                     // "claude-code", ...; see reader_names()
  std::vector<std::string> paths = {};    // roots, or single files; empty: the default places
  std::string name = {};                  // generic: what to call it
  std::string session_id_from = {};       // generic: "parent_dir" (default) or "file_stem"
  std::vector<std::string> include = {};  // nanoclaw: agents by id, persona or folder
  std::vector<std::string> exclude = {};
};

// "amplifier", "claude-code", "codex", "copilot", "generic", "nanoclaw", "pi".
[[nodiscard]] std::vector<std::string_view> reader_names();
// The default places of a reader below `home`.
[[nodiscard]] Result<std::vector<std::string>> default_places(std::string_view reader,
                                                              const std::string& home);

struct FoundTranscripts {
  std::vector<TranscriptFile> files;  // sorted by path
  std::vector<std::string> looked;    // places that exist
  std::vector<std::string> missing;   // places that do not
  std::vector<Error> unreadable;      // directories that could not be listed
};

// The files of a source, found below its paths. `home` stands for "~". Links to
// directories are not followed. Errors: InvalidArgument (no such reader or option).
[[nodiscard]] Result<FoundTranscripts> find_transcripts(const ReaderSource& source,
                                                        const std::string& home,
                                                        Environment env = Environment::system());

// The reader whose file this is, by its first lines; empty when none knows it.
[[nodiscard]] Result<std::string> recognise_transcript(const std::string& path,
                                                       Environment env = Environment::system());

}  // namespace daybook
