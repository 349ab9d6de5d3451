// SPDX-License-Identifier: Apache-2.0
//
// Appends many events from JSONL on standard input. Events are under way while
// the next lines are read; acknowledgements come in the order of the lines, each
// once its event is durable, and at the latest when the input pauses: a writer
// may wait for one before it sends its next line.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "cli/append_input.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "daybook/ledger.h"

namespace daybook {
class JsonWriter;
}

namespace daybook::cli {

enum class OnError : std::uint8_t { Stop, Skip };
enum class Acknowledge : std::uint8_t { Summary, JsonSummary, EachLine };

struct LineOptions {
  NewEvent defaults;  // for members that a line does not have
  AppendOptions append;
  OnError on_error = OnError::Stop;
  Acknowledge acknowledge = Acknowledge::Summary;
};

class LineAppender {
 public:
  LineAppender(Context& context, Ledger& ledger, LineOptions options);

  // Until the input ends, a line is bad (OnError::Stop), or SIGINT. What was
  // acknowledged stays in any case, and nothing from the first line on that is not in
  // the ledger: an error is told together with that line's number.
  [[nodiscard]] ExitCode run();

 private:
  struct Pending {
    std::uint64_t line;
    PendingAppend append;
  };

  [[nodiscard]] Result<void> take_input();
  [[nodiscard]] Result<bool> fill();  // false: end of the input
  [[nodiscard]] Result<void> take_lines();
  [[nodiscard]] Result<void> take_line(std::string_view line);
  [[nodiscard]] Result<void> read_line(std::string_view line);  // into input_
  [[nodiscard]] Result<void> submit();
  [[nodiscard]] Result<EventId> resolve(const CauseText& cause);
  [[nodiscard]] Result<EventId> look_up(const CauseText& cause);
  [[nodiscard]] Result<void> settle_front();
  [[nodiscard]] Result<void> settle_ready();
  [[nodiscard]] Result<void> settle_all();
  // The end of a line that failed: an error to stop with, or counted and told.
  [[nodiscard]] Result<void> refuse(std::uint64_t line, Error error);
  void acknowledge(std::uint64_t line, const Receipt& receipt);
  [[nodiscard]] Result<ExitCode> finish();
  [[nodiscard]] ExitCode tell_failure(const Error& error);
  void print_summary();
  // The members that tell the sum, into an open object.
  void append_sum(JsonWriter& json) const;

  Context& context_;
  Ledger& ledger_;
  LineOptions options_;
  Progress progress_;
  LineParser parser_;
  InputEvent input_;
  std::string buffer_;      // what was read, and padding behind it
  std::size_t begin_ = 0;   // first byte not taken yet
  std::size_t end_ = 0;     // end of what was read
  std::size_t looked_ = 0;  // no line break before this
  std::uint64_t line_ = 0;
  std::deque<Pending> pending_;
  std::unordered_set<EventId> known_;  // causes that are in the ledger for sure
  std::uint64_t appended_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t stopped_at_ = 0;  // the first line that is not in the ledger; 0: none yet
  Seq first_;
  Seq last_;
  std::string text_;
};

}  // namespace daybook::cli
