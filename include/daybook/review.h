// SPDX-License-Identifier: Apache-2.0
//
// The learning loop: what keeps going wrong in the sessions of agents. Detectors
// find signals in records of the normal form; signals become `learning` events in
// the ledger, caused by the message that shows them; the nightly review writes them
// as a digest and files them in an issue tracker; the trend says whether it helps.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/ledger.h"
#include "daybook/transcript.h"

namespace daybook {

enum class SignalKind : std::uint8_t { Correction, Error, Workaround, Deferral, Pattern };
[[nodiscard]] std::string_view to_string(SignalKind kind);  // "correction"
[[nodiscard]] Result<SignalKind> parse_signal_kind(std::string_view text);

// Something worth learning from, and where it was seen.
struct Signal {
  SignalKind kind = SignalKind::Correction;
  std::string session;            // id
  std::string root;               // the session it belongs to in the end: differs for a sub-agent
  std::string record;             // id of the record that shows it
  std::optional<Timestamp> time;  // of that record
  std::string harness;
  std::string project;
  // Where it comes from, when the reader says so.
  std::string persona;
  std::string channel;
  std::string seat;
  std::string agent;
  std::string machine;

  std::string text;   // correction, workaround, deferral: the words; error: the message;
                      // pattern: its description
  std::string label;  // workaround, deferral: what matched; pattern: its kind, such as "stuck_loop"
  std::string tool;   // error
  std::string evidence;  // pattern
  // 0 to 1: how sure the rules are that this is one, and why, in words.
  double confidence = 1;
  std::string reason;
};

// The two sets of rules.
enum class Rules : std::uint8_t {
  Daybook,  // measured on real sessions: docs/detectors.md has the figures
  Jilog,    // the heuristics of jilog, exactly, faults included
};
[[nodiscard]] std::string_view to_string(Rules rules);
[[nodiscard]] Result<Rules> parse_rules(std::string_view text);

inline constexpr double kReportedConfidence = 0.5;  // below: not reported

// Finds the signals of one session, which gets its records in order. Memory is
// bounded, whatever the session's length. Not thread-safe; one for each session.
class Detector {
 public:
  // A sub-agent's runaway is its parent's business: `root` is the id of the
  // session that started it all, the session's own id when it is one itself.
  Detector(Rules rules, std::string root);
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;
  ~Detector();

  void add(const TranscriptRecord& record);
  // Signals found since the last call, in the order of their records. A correction
  // may need the records behind it: `finish` says that there are none.
  [[nodiscard]] std::vector<Signal> take();
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The same tool failed in several sessions of one window.
struct P0Alert {
  std::string tool;
  std::vector<std::string> sessions;  // roots, sorted, each once
};
inline constexpr std::size_t kP0Sessions = 3;
[[nodiscard]] std::vector<P0Alert> find_p0(const std::vector<Signal>& signals, Rules rules);

// What the sessions of one window used.
struct Spend {
  Money total;
  std::uint64_t sessions_with_usage = 0;
  std::uint64_t sessions_with_cost = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::vector<std::pair<std::string, Money>> by_role;   // "(root)" and kinds of sub-agents, sorted
  std::vector<std::pair<std::string, Money>> by_model;  // sorted
};

// One persona's share, of readers that know personas.
struct PersonaTally {
  std::string key;  // "persona@channel"
  std::uint64_t corrections = 0;
  std::uint64_t errors = 0;
  std::uint64_t workarounds = 0;
  std::uint64_t deferrals = 0;
  std::uint64_t patterns = 0;
  std::uint64_t sessions = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::optional<Money> cost;
};

// An issue in a tracker.
struct IssueRef {
  std::string backend;  // "github"
  std::string id;       // "#12", "myproj-a1b"
  std::string title;
  std::string url;
};

// A signal as the digest shows it.
struct DigestEntry {
  Signal signal;
  std::optional<IssueRef> issue;
  std::optional<Money> recurred_cost;  // the issue was open before: what its sessions cost
};

// Everything a digest says.
struct DigestContent {
  std::string date;                  // "2026-11-20"
  std::vector<DigestEntry> entries;  // in the order of the report; each section picks its own
  std::vector<P0Alert> p0;
  std::vector<PersonaTally> personas;  // empty: no such section
  std::optional<Spend> spend;
  Rules rules = Rules::Daybook;  // Jilog: the layout of jilog, byte for byte
};

// The digest as Markdown, byte for byte as docs/digest.md lays down.
[[nodiscard]] std::string render_digest(const DigestContent& content);

// The title of a signal's issue, which is also what tells whether it is filed already.
[[nodiscard]] std::string issue_title(const Signal& signal, Rules rules = Rules::Daybook);

// Where issues go: the [tracker] of the configuration.
struct TrackerOptions {
  std::string type = "none";             // "beads", "github", "kata", "none"
  std::string repo = {};                 // github: "owner/name"
  std::string project = {};              // kata
  std::string path = {};                 // beads: the directory that holds .beads
  std::string prefix = {};               // beads: of new ids; empty: as in the file
  std::vector<std::string> labels = {};  // put on every issue; empty: "jilog"
  std::uint32_t timeout_seconds = 60;    // for each command of the tracker
};

// What a review did about one title.
enum class IssueAction : std::uint8_t {
  Filed,
  Bumped,    // it was open already
  Reopened,  // it had been closed as done
  Left,      // it had been closed for another reason, and stays so
};
[[nodiscard]] std::string_view to_string(IssueAction action);  // "filed"

struct FiledIssue {
  IssueRef issue;
  IssueAction action = IssueAction::Filed;
  std::optional<Money> cost;  // of the sessions that showed it this time
};

struct ReviewOptions {
  Rules rules = Rules::Daybook;
  // Signals of messages within [since, until). Without `since`: whatever is new and
  // not older than 24 hours before the first review ever.
  std::optional<Timestamp> since = {};
  std::optional<Timestamp> until = {};
  std::string date = {};  // of the digest; empty: today
  // The calendar day of a moment, as "2026-11-20"; empty: in UTC.
  std::function<std::string(Timestamp)> day_of = {};
  std::vector<std::string> harnesses = {};  // only sessions of these; empty: all
  std::string digest_dir = {};              // empty: no file is written
  TrackerOptions tracker = {};
  bool create_issues = false;
};

struct HarnessCount {
  std::string harness;
  std::uint64_t sessions = 0;
};

// What one review did.
struct ReviewReport {
  std::string date;
  Timestamp since;  // the window of P0 alerts and of the spend
  Timestamp until;
  std::vector<Signal> signals;         // reported by this review and no other
  DigestContent digest;                // of the date, with what earlier reviews found
  std::string digest_path;             // empty: not written
  std::vector<HarnessCount> sessions;  // read, by harness, sorted
  std::uint64_t sessions_scanned = 0;
  std::vector<FiledIssue> issues;
  std::vector<IssueRef> resolved;  // closed, and not seen again
  std::uint64_t pending = 0;       // signals of these rules that no issue tells of
  std::vector<Error> tracker_failures;
  std::vector<LostRange> lost;  // damage met in the log
};

// Reviews the sessions of a ledger. Every signal becomes an event of type `learning`
// in the stream "learning/<kind>", caused by the message that shows it; its key makes
// sure that it is reported once, however runs, files and days are split. The run is
// told by a `review` event in "review/nightly".
// A tracker that fails is in the report: its signals stay pending, the next review
// files them. Errors: InvalidArgument, the ledger's, and those of writing the digest.
[[nodiscard]] Result<ReviewReport> review_nightly(Ledger& ledger, const ReviewOptions& options,
                                                  Environment env = Environment::system());

// Signals that no issue tells of yet, oldest first.
struct PendingLearning {
  Signal signal;
  Rules rules = Rules::Daybook;
  std::string date;
  std::string title;
  EventId event;
};
struct PendingReport {
  std::vector<PendingLearning> learnings;
  std::vector<LostRange> lost;  // damage met in the log
};
[[nodiscard]] Result<PendingReport> pending_learnings(Ledger& ledger);

// The issues of a tracker that carry its label, open ones first.
struct TrackedIssue {
  IssueRef issue;
  bool open = true;
  bool done = false;  // closed because the work is done
};
[[nodiscard]] Result<std::vector<TrackedIssue>> list_issues(
    const TrackerOptions& options, Environment env = Environment::system());

// What a review finds in one session.
struct SessionReview {
  std::string session;
  std::string harness;
  std::string project;
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  std::uint64_t turns = 0;  // messages that the user meant to say
  std::uint64_t tool_calls = 0;
  std::uint64_t failures = 0;  // tool results that say so
  std::vector<Signal> signals;
};
struct SessionsReport {
  std::vector<SessionReview> sessions;  // by harness and time
  std::vector<LostRange> lost;
};
[[nodiscard]] Result<SessionsReport> review_sessions(Ledger& ledger, const ReviewOptions& options,
                                                     Environment env = Environment::system());

// Signals of one kind and label, or tool, week by week.
struct TrendRow {
  SignalKind kind = SignalKind::Correction;
  std::string label;                 // empty: all of the kind
  std::vector<std::uint64_t> weeks;  // as TrendReport::weeks
};
struct TrendReport {
  std::vector<std::string> weeks;       // the Monday of each, oldest first
  std::vector<std::uint64_t> sessions;  // that had signals
  std::vector<TrendRow> rows;           // by kind; its labels behind it, most frequent first
  std::vector<LostRange> lost;
};
struct TrendOptions {
  Rules rules = Rules::Daybook;
  std::uint32_t weeks = 8;
  std::function<std::string(Timestamp)> day_of = {};  // as in ReviewOptions
};
[[nodiscard]] Result<TrendReport> review_trend(Ledger& ledger, const TrendOptions& options,
                                               Environment env = Environment::system());

}  // namespace daybook
