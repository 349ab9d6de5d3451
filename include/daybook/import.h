// SPDX-License-Identifier: Apache-2.0
//
// Brings agent sessions into the ledger: one event for each record of the normal
// form (transcript.h), in the stream "session/<id>", with its causes.
//
//   session/started    {harness, version, project, branch, parent, ...}   <- the parent's tool call
//   session/changed    the same, when it becomes different
//   message/user       {text, origin, ...}                <- the record it answers
//   message/assistant  {text, origin, model, usage, ...}  <- the record it answers, its turn
//   message/system     {text, origin}
//   tool/called        {tool, call, arguments}            <- the message that called it
//   tool/returned      {tool, call, outcome, exit_code, text, error}  <- its tool/called
//   session/compacted  {text}
//   session/resumed, session/interrupted, session/usage
//   session/record     {type, record}: of an unknown type, verbatim
//
// Every event has the record's id as key: importing again appends nothing, however
// the sessions are split over files, runs and processes. Two types are about a whole
// session instead: session/started is there once (kSessionStartedKey), and
// session/changed once for each state. What an import remembers of a file (where to
// go on) stands in views/import/ and may be deleted: the next import then reads the
// file again and appends only what is new. docs/import.md has every member.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/ledger.h"
#include "daybook/transcript.h"

namespace daybook {

// What takes secrets out of texts before they reach the ledger.
struct RedactionRule {
  std::string name;     // "github-token": becomes "[redacted:github-token]"
  std::string pattern;  // RE2 syntax; what its first group matches is replaced, else all
};
struct RedactionOptions {
  bool builtin = true;  // keys and tokens of common services, private keys, passwords in URLs
  std::vector<RedactionRule> rules = {};
};
struct RedactionCount {
  std::string name;
  std::uint64_t count = 0;
};

struct ImportProgress {
  std::uint64_t files_done = 0;
  std::uint64_t files_total = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;  // of what is new
  std::uint64_t appended = 0;
};

struct ImportOptions {
  // Empty: the default places of every reader. A source without a reader has paths
  // only, and the reader of each file there is told by its first lines.
  std::vector<ReaderSource> sources = {};
  std::string home = {};                // stands for "~"
  std::optional<Timestamp> since = {};  // leaves out records before, by their own time
  RedactionOptions redact = {};
  std::uint32_t threads = 0;                                 // 0: one for each core, at most 8
  std::function<void(const ImportProgress&)> progress = {};  // called by one thread at a time
  // Asked before every line, by several threads at once: true ends the import early.
  std::function<bool()> stop = {};
};

// What became of one file that was not up to date.
struct ImportedFile {
  TranscriptFile file;
  TranscriptSummary summary;
  std::uint64_t appended = 0;
  std::optional<Error> error;  // what ended this file early; the others went on
};

struct ImportReport {
  std::uint64_t files = 0;         // found
  std::vector<TypeTally> readers;  // of these, by reader
  std::uint64_t unchanged = 0;     // known by their stamp: not opened
  std::vector<ImportedFile> imported;
  std::vector<std::string> sessions;  // ids that got events, sorted
  std::vector<std::string> looked;    // places
  std::vector<std::string> missing;
  std::vector<Error> unreadable;
  std::uint64_t appended = 0;
  std::vector<TypeTally> types;      // of the events appended, most frequent first
  std::uint64_t known = 0;           // records that the ledger had already
  std::uint64_t before = 0;          // left out by `since`
  std::uint64_t unknown_causes = 0;  // a record named as cause is nowhere
  std::vector<RedactionCount> redacted;
  bool stopped = false;  // by `stop`
  // Why the next import may have to read more than what is new.
  std::optional<Error> not_remembered;
};

// Imports what is new. Interruptible at any moment without loss or repeats; several
// may run at once. Errors: the ledger's, and InvalidArgument for a source or a
// redaction pattern; a file that cannot be read is in the report.
[[nodiscard]] Result<ImportReport> import_transcripts(Ledger& ledger, const ImportOptions& options,
                                                      Environment env = Environment::system());

// What imports remember in views/import: a Notice for each file that is damaged,
// which is then taken for nothing, so that its transcript is read again.
[[nodiscard]] Result<std::vector<Finding>> check_import_state(
    const Ledger& ledger, Environment env = Environment::system());

// Names in the ledger. An id that is no plain text, or too long for a name, becomes
// its readable beginning, "~" and the first 16 digits of its SHA-256.
[[nodiscard]] std::string session_stream(std::string_view session_id);  // "session/<id>"
[[nodiscard]] std::string record_key(std::string_view record_id);
inline constexpr std::string_view kSessionStartedKey = "session/started";

// A record as an event, without causes, and back: what import writes and review
// reads. Everything comes back but `offset` and `line`, which differ from copy to
// copy; `raw`, but for Unknown; and, but for Session, what is told of the session
// beside id, parent and harness.
[[nodiscard]] NewEvent to_event(const TranscriptRecord& record);

// A record that owns its texts. The views of `record` stay valid when it is moved.
struct StoredRecord {
  struct Texts {
    SessionInfo session;
    std::string memory;  // never grows once views point into it
  };
  TranscriptRecord record;
  std::unique_ptr<const Texts> texts;
};
// Errors: InvalidArgument when the event is not one of an import; NotFound and
// Corruption as Ledger::data().
[[nodiscard]] Result<StoredRecord> to_record(Ledger& ledger, const Event& event);
// The same where the data is at hand.
[[nodiscard]] Result<StoredRecord> to_record(const EventView& event, std::string_view data);

}  // namespace daybook
