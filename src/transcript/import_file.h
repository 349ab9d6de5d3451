// SPDX-License-Identifier: Apache-2.0
//
// The import of one file: reads it from where the last import stopped, makes an
// event with its causes of each record, and appends them in batches. What is
// appended is written but not flushed; the caller flushes before it saves the
// position. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/import.h"
#include "transcript/import_causes.h"
#include "transcript/import_state.h"
#include "transcript/redact.h"

namespace daybook::transcript {

inline constexpr std::size_t kBatchEvents = 512;
inline constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
// A position is saved after so many bytes of one file, for when the import is ended.
inline constexpr std::uint64_t kPassBytes = std::uint64_t{64} << 20;

// What all files of an import have in common.
struct ImportFileContext {
  Ledger* ledger = nullptr;
  Environment env;
  const Redactor* redactor = nullptr;
  std::optional<Timestamp> since = {};
  std::function<bool()> stop;  // may be called at any time
  std::function<void(std::uint64_t bytes, std::uint64_t appended)> advance;  // since the last call
};

// What became of the records of a file.
struct ImportCounts {
  std::uint64_t appended = 0;
  std::uint64_t known = 0;
  std::uint64_t before = 0;
  std::uint64_t unknown_causes = 0;
  std::map<std::string, std::uint64_t, std::less<>> types;
  std::set<std::string, std::less<>> sessions;  // ids
  RedactionTally redacted;
};

class FileImport {
 public:
  FileImport(const ImportFileContext& context, const TranscriptFile& file, FilePosition from);

  enum class End : std::uint8_t {
    Done,            // read to its end
    More,            // kPassBytes are appended; call again
    Stopped,         // by ImportFileContext::stop
    WaitsForParent,  // nothing was appended: the call that started it is not there yet
  };
  enum class Orphans : std::uint8_t { Wait, Take };
  // One pass. Errors: the file's are in file_error(); those returned are the
  // ledger's and concern every file.
  [[nodiscard]] Result<End> run(Orphans orphans);

  [[nodiscard]] const std::optional<Error>& file_error() const { return file_error_; }
  [[nodiscard]] const TranscriptFile& file() const { return file_; }
  [[nodiscard]] ImportedFile outcome() const {
    return {file_, summary_, counts_.appended, file_error_};
  }
  [[nodiscard]] const ImportCounts& counts() const { return counts_; }
  // Where to go on. The beginning as long as a session's start is held back: should a
  // record follow that is not left out, it is to have one.
  [[nodiscard]] FilePosition position() const;

 private:
  // What is known of a session that has records here.
  struct Session {
    std::string stream;
    std::string started_state;  // session_state_key() of its session/started; empty: none yet
    bool looked_up = false;
    std::optional<NewEvent> held;  // its start, until a record follows that is not left out
    std::optional<SessionInfo> held_info;
  };
  struct Redaction {
    std::size_t event = 0;  // index in the batch
    std::size_t rule = 0;
    std::uint64_t count = 0;
  };

  bool visit(const TranscriptRecord& record);
  [[nodiscard]] Result<bool> take(const TranscriptRecord& record);
  [[nodiscard]] Result<void> take_session(const TranscriptRecord& record, Session& session);
  [[nodiscard]] Result<void> start_or_change(Session& session, NewEvent event,
                                             const SessionInfo& info);
  [[nodiscard]] Result<bool> waits_for_parent(const SessionInfo& info);
  [[nodiscard]] Result<void> add_causes(NewEvent& event, const TranscriptRecord& record,
                                        Session& session);
  [[nodiscard]] Result<bool> add_parent(NewEvent& event, const TranscriptRecord& record,
                                        const Session& session);
  [[nodiscard]] Result<void> add_starter(NewEvent& event, const SessionInfo& info);
  [[nodiscard]] Result<void> look_up(Session& session);
  [[nodiscard]] NewEvent make_event(const TranscriptRecord& record);
  [[nodiscard]] Result<void> add(NewEvent event, std::string_view session_id,
                                 std::string_view call);
  [[nodiscard]] Result<void> flush();
  Session& session_of(const SessionInfo& info);

  const ImportFileContext* context_;
  TranscriptFile file_;
  FilePosition from_;
  TranscriptSummary summary_;
  ImportCounts counts_;
  std::optional<Error> file_error_;

  // Of the pass at hand.
  Orphans orphans_ = Orphans::Take;
  End end_ = End::Done;
  std::optional<Error> ledger_error_;
  std::uint64_t line_ = 0;
  std::uint64_t first_offset_ = 0;
  std::uint64_t told_offset_ = 0;  // up to where `advance` knows
  std::uint64_t met_offset_ = 0;
  bool met_records_ = false;

  CauseFinder causes_;
  BoundedMap<Session> sessions_{kMaxSessions};
  std::vector<NewEvent> batch_;
  std::vector<std::string> batch_sessions_;  // ids, by index in the batch
  std::vector<Redaction> batch_redactions_;
  std::size_t batch_bytes_ = 0;
  RedactionTally tally_;

  static constexpr std::size_t kMaxSessions = 1'024;  // of one file
};

// Adds the counts of one pass to those of the passes before.
void add_summary(TranscriptSummary& all, TranscriptSummary pass);

}  // namespace daybook::transcript
