// SPDX-License-Identifier: Apache-2.0
//
// The index: a SQLite projection of the ledger under views/, derived and
// deletable. It answers questions whose cost must follow the answer, not the
// history: filters, full text, causes in both directions.
//
// Every question first catches the index up with the log. When that cannot be
// done (a read-only disk, damage), the answer still comes and `lag` says how
// many events it does not know. An Index is used by one thread at a time;
// several processes may use the same one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/ledger.h"

namespace daybook {

// Comparison of a JSON field: `where` conditions are "path op value", e.g.
// "payload.exit_code != 0", "$.kind = task", "items[0].name ~ build*". Values
// of different kinds are unequal and have no order; `~` is a shell glob; a path
// that leads nowhere meets no condition, not even `!=`.
enum class CompareOp : std::uint8_t {
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Like
};
struct Condition {
  std::string path = {};  // dotted, with [n] for arrays; a leading "$." is allowed
  CompareOp op = CompareOp::Equal;
  std::string value = {};  // JSON scalar, or a bare word taken as a string
};
// Errors: InvalidArgument, with what was expected and where.
[[nodiscard]] Result<Condition> parse_condition(std::string_view text);

// All given parts must match. Lists match when any of their members does.
// Names and subsystems are shell globs (`*`, `?`, `[...]`) when they contain one.
struct Query {
  std::optional<Timestamp> since = {};  // by `time`, inclusive
  std::optional<Timestamp> until = {};  // by `time`, exclusive
  std::vector<std::string> types = {};
  std::vector<std::string> classes = {};  // event class: the type, jilog spelling allowed
  std::vector<std::string> streams = {};
  std::vector<std::string> subjects = {};
  std::vector<std::string> subsystems = {};  // data.subsystem, else subject without "subsystem:"
  std::vector<std::string> actors = {};
  std::string correlation = {};
  std::optional<Tier> tier = {};
  std::vector<Condition> where = {};
  std::string search = {};    // full text over type, names and data: FTS5 words and "phrases"
  std::uint64_t limit = 100;  // 0: no limit
  Direction direction = Direction::Forward;  // by seq
};

// What an answer may lack, and why.
struct Completeness {
  std::uint64_t lag = 0;        // events in the log that the answer does not know
  std::string reason;           // why it lags; without a lag: what was slow or is not searched
  std::vector<LostRange> lost;  // damaged ranges met in the log
  std::string rebuilt;          // which view was bad, and how; the answer needed none of it
  [[nodiscard]] bool complete() const { return lag == 0 && lost.empty(); }
};

struct QueryResult {
  std::vector<Event> events;
  bool more = false;  // the limit cut the answer
  Completeness completeness;
};

// One event of a causal chain and how far it is from the event asked about.
struct ChainLink {
  Event event;
  std::uint32_t depth = 0;  // 0: the event itself
};
struct Chain {
  std::vector<ChainLink> links;  // causes before effects
  std::vector<EventId> missing;  // causes named but not readable
  bool more = false;             // cut at ChainOptions::limit
  Completeness completeness;
};
struct ChainOptions {
  std::uint64_t limit = 10'000;  // most links to return
};

// All causes of an event, and theirs, across streams, each once, every cause
// before its effects, the event last. Reads only the log. Cost: O(ancestors).
[[nodiscard]] Result<Chain> causes_of(Ledger& ledger, const EventId& id,
                                      const ChainOptions& options = {});

struct IndexProgress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

class Index {
 public:
  // Opens views/index.db of this ledger, made when missing, rebuilt when it is
  // damaged, of another version, or of another history than the log: by the
  // first question, and by any later one that meets damage: every page has a
  // checksum and none is believed without it. Where nothing may be
  // written, or another process is writing, the events that the file lacks are
  // read from the log: complete as well, only slower.
  // The ledger must outlive the index.
  using Progress = std::function<void(IndexProgress)>;
  [[nodiscard]] static Result<Index> open(Ledger& ledger, Progress progress = {});

  Index(Index&&) noexcept;
  Index& operator=(Index&&) noexcept;
  ~Index();

  // Brings the index up to the log's end. Full text is indexed only when
  // `text` is asked for (a search does): it costs several times the rest.
  enum class Depth : std::uint8_t { Fields, FieldsAndText };
  [[nodiscard]] Result<Completeness> catch_up(Depth depth = Depth::Fields);

  // Builds a new index beside the old one from the log alone, checking every
  // checksum on the way, and swaps it in.
  [[nodiscard]] Result<Completeness> rebuild(Depth depth = Depth::Fields);

  // Filters decide first, the limit cuts last: a filter that matches few
  // events finds all of them.
  [[nodiscard]] Result<QueryResult> query(const Query& query);
  // The same, handed to `visit` one by one; stops when it returns false.
  [[nodiscard]] Result<Completeness> query(const Query& query,
                                           const std::function<bool(const Event&)>& visit);

  // All effects of an event, and theirs, across streams; the event first.
  [[nodiscard]] Result<Chain> effects_of(const EventId& id, const ChainOptions& options = {});
  // Direct effects only.
  [[nodiscard]] Result<std::vector<Seq>> direct_effects(Seq seq);

  struct StreamInfo {
    std::string stream;
    std::uint64_t events = 0;
    Seq first;
    Seq last;
    Timestamp first_time;
    Timestamp last_time;
  };
  // Streams whose name matches the glob, most recent first.
  [[nodiscard]] Result<std::vector<StreamInfo>> streams(std::string_view glob = "*",
                                                        std::uint64_t limit = 0);

  struct Status {
    Seq indexed;
    Seq text_indexed;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] Result<Status> status();

  // Reads all of views/index.db and text.db. A Notice for each that is damaged or
  // of another log: the question that meets it makes it again. Changes nothing.
  [[nodiscard]] Result<std::vector<Finding>> check();

 private:
  class Impl;
  explicit Index(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook
