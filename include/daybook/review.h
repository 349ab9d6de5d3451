// SPDX-License-Identifier: Apache-2.0
//
// The learning loop: what keeps going wrong in the sessions of agents. Detectors
// find signals in records of the normal form; signals become `learning` events in
// the ledger, caused by the message that shows them; the nightly review writes them
// as a digest and files them in an issue tracker; the trend says whether it helps.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
};

// The digest as Markdown, byte for byte as docs/digest.md lays down.
[[nodiscard]] std::string render_digest(const DigestContent& content);

// The title of a signal's issue, which is also what tells whether it is filed already.
[[nodiscard]] std::string issue_title(const Signal& signal);

}  // namespace daybook
