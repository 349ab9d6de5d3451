// SPDX-License-Identifier: Apache-2.0
#include "cli/append_lines.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/event_ref.h"
#include "cli/input.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxLineBytes = kMaxInputBytes;
constexpr std::size_t kMaxPending = 4096;    // events under way
constexpr std::size_t kMaxKnown = 1u << 16;  // causes remembered
constexpr std::size_t kUlidChars = 26;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

LineAppender::LineAppender(Context& context, Ledger& ledger, LineOptions options)
    : context_(context),
      ledger_(ledger),
      options_(std::move(options)),
      progress_(context, "appended") {}

ExitCode LineAppender::run() {
  context_.catch_interrupt();
  auto done = take_input();
  // Whatever happened, what is under way is waited for and acknowledged.
  auto settled = settle_all();
  if (done) done = std::move(settled);
  if (stopped_at_ == 0) stopped_at_ = line_ + 1;
  if (!done) return tell_failure(done.error());
  const auto code = finish();
  return code ? *code : tell_failure(code.error());
}

Result<void> LineAppender::take_input() {
  while (!Context::interrupted() && !context_.out().closed()) {
    const auto more = fill();
    if (!more && more.error().code == Errc::Interrupted) return {};
    if (!more) return fail(more.error());
    DAYBOOK_CHECK(take_lines());
    if (*more) continue;
    return begin_ < end_ ? take_line({buffer_.data() + begin_, end_ - begin_}) : Result<void>();
  }
  return {};
}

// Before the input can make us wait, everything under way is acknowledged.
Result<bool> LineAppender::fill() {
  if (!input_is_ready()) DAYBOOK_CHECK(settle_all());
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    looked_ -= begin_;
    begin_ = 0;
  }
  if (end_ > kMaxLineBytes) {
    return fail(Errc::LimitExceeded,
                fmt::format("line {} is longer than {} bytes", line_ + 1, kMaxLineBytes));
  }
  const std::size_t wanted = end_ + kPieceBytes + LineParser::padding();
  if (buffer_.size() < wanted) buffer_.resize(std::max(wanted, 2 * buffer_.size()));
  DAYBOOK_TRY(count, read_standard_input({buffer_.data() + end_, kPieceBytes}));
  end_ += count;
  return count > 0;
}

Result<void> LineAppender::take_lines() {
  while (!Context::interrupted()) {
    const void* found = std::memchr(buffer_.data() + looked_, '\n', end_ - looked_);
    if (found == nullptr) {
      looked_ = end_;
      return {};
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
    const std::string_view line(buffer_.data() + begin_, at - begin_);
    begin_ = looked_ = at + 1;
    DAYBOOK_CHECK(take_line(line));
  }
  return {};
}

Result<void> LineAppender::take_line(std::string_view line) {
  ++line_;
  if (is_blank(line)) return {};
  if (auto read = read_line(line); !read) {
    DAYBOOK_CHECK(settle_all());  // lines are answered in their order
    return refuse(line_, std::move(read).error());
  }
  return submit();
}

Result<void> LineAppender::read_line(std::string_view line) {
  DAYBOOK_CHECK(parser_.parse(line, options_.defaults, input_));
  for (const CauseText& cause : input_.causes) {
    DAYBOOK_TRY(id, resolve(cause));
    input_.event.causes.push_back(id);
  }
  return {};
}

Result<void> LineAppender::submit() {
  pending_.push_back({line_, ledger_.append_async({&input_.event, 1}, options_.append)});
  // What the ledger refuses at sight must stop us before the next line.
  if (pending_.back().append.done()) return settle_all();
  if (pending_.size() >= kMaxPending) DAYBOOK_CHECK(settle_front());
  return settle_ready();
}

Result<EventId> LineAppender::resolve(const CauseText& cause) {
  auto id = look_up(cause);
  if (id || id.error().code != Errc::NotFound || pending_.empty()) return id;
  DAYBOOK_CHECK(settle_all());  // it may be one of those under way
  return look_up(cause);
}

// A cause that is not there must be found out before later lines are under way.
Result<EventId> LineAppender::look_up(const CauseText& cause) {
  if (cause.text.size() == kUlidChars) {
    const auto id = parse_event_id(cause.text);
    if (id && known_.contains(*id)) return *id;
  }
  DAYBOOK_TRY(event,
              find_event(ledger_, cause.text.empty() ? fmt::format("{}", cause.seq) : cause.text));
  if (known_.size() >= kMaxKnown) known_.clear();
  known_.insert(event.id);
  return event.id;
}

Result<void> LineAppender::settle_front() {
  Pending front = std::move(pending_.front());
  pending_.pop_front();
  auto receipts = front.append.wait();
  if (!receipts) return refuse(front.line, std::move(receipts).error());
  acknowledge(front.line, receipts->front());
  return {};
}

Result<void> LineAppender::settle_ready() {
  while (!pending_.empty() && pending_.front().append.done()) DAYBOOK_CHECK(settle_front());
  return {};
}

// Goes on after an error: later events may be in the log, so they are told too.
Result<void> LineAppender::settle_all() {
  Result<void> first_error;
  while (!pending_.empty()) {
    auto settled = settle_front();
    if (!settled && first_error) first_error = std::move(settled);
  }
  DAYBOOK_CHECK(first_error);
  return context_.out().flush();
}

Result<void> LineAppender::refuse(std::uint64_t line, Error error) {
  if (stopped_at_ != 0) return fail(std::move(error));  // an earlier line is what stops
  error.message = fmt::format("line {}: {}", line, error.message);
  const bool of_this_line = error.code == Errc::InvalidArgument ||
                            error.code == Errc::LimitExceeded || error.code == Errc::NotFound;
  if (options_.on_error == OnError::Stop || !of_this_line) {
    stopped_at_ = line;
    return fail(std::move(error));
  }
  ++refused_;
  if (options_.acknowledge == Acknowledge::EachLine) {
    text_.clear();
    JsonWriter json(text_);
    json.begin_object().member("line", line).key("error").begin_object();
    json.member("code", to_string(error.code)).member("message", error.message);
    json.member("hint", error.hint).end_object().end_object();
    context_.out().line(text_);
  }
  context_.warn(printable(error.message));
  return {};
}

void LineAppender::acknowledge(std::uint64_t line, const Receipt& receipt) {
  ++(receipt.duplicate ? duplicates_ : appended_);
  if (!receipt.duplicate) {
    if (first_.value == 0) first_ = receipt.seq;
    last_ = receipt.seq;
  }
  progress_.update(line, 0, Progress::Unit::Events);
  if (options_.acknowledge != Acknowledge::EachLine) return;
  text_.clear();
  JsonWriter json(text_);
  json.begin_object().member("line", line).member("seq", receipt.seq.value);
  json.member("id", to_string(receipt.id)).member("version", receipt.version.value);
  if (receipt.duplicate) json.member("duplicate", true);
  json.end_object();
  context_.out().line(text_);
}

Result<ExitCode> LineAppender::finish() {
  print_summary();
  if (context_.out().closed()) {
    return fail(Errc::Io, fmt::format("standard output was closed; {} were appended",
                                      counted(appended_, "event")));
  }
  if (Context::interrupted()) return ExitCode::Interrupted;
  if (refused_ == 0) return ExitCode::Ok;
  context_.warn(fmt::format("{} refused", counted(refused_, "line")));
  return ExitCode::Partial;
}

// Which lines are in is exact: all before `stopped_at_`, but for those that were skipped.
ExitCode LineAppender::tell_failure(const Error& error) {
  const bool nobody_reads = context_.out().closed() || context_.out().failed();
  if (options_.acknowledge == Acknowledge::Summary || nobody_reads) {
    context_.report(error);
    context_.note(stopped_at_ == 1
                      ? std::string("nothing was appended")
                      : fmt::format("nothing from line {0} on was appended; to go on with it: "
                                    "tail -n +{0}",
                                    stopped_at_));
    return exit_code_of(error.code);
  }
  text_.clear();
  JsonWriter json(text_);
  json.begin_object();
  if (options_.acknowledge == Acknowledge::JsonSummary) append_sum(json);
  json.key("error").begin_object().member("code", to_string(error.code));
  json.member("message", error.message).member("hint", error.hint).end_object();
  json.member("first_line_not_appended", stopped_at_).end_object();
  context_.out().line(text_);
  return exit_code_of(error.code);
}

void LineAppender::append_sum(JsonWriter& json) const {
  json.member("appended", appended_).member("duplicates", duplicates_);
  json.member("refused", refused_).member("first", first_.value).member("last", last_.value);
}

void LineAppender::print_summary() {
  if (options_.acknowledge == Acknowledge::EachLine) return;
  text_.clear();
  if (options_.acknowledge == Acknowledge::JsonSummary) {
    JsonWriter json(text_);
    json.begin_object();
    append_sum(json);
    if (Context::interrupted()) json.member("first_line_not_appended", stopped_at_);
    json.end_object();
  } else {
    text_ = "appended " + counted(appended_, "event");
    if (appended_ > 0) text_ += fmt::format(", #{} to #{}", first_.value, last_.value);
    if (duplicates_ > 0) text_ += fmt::format("; {} already there", human_count(duplicates_));
  }
  context_.out().line(text_);
}

}  // namespace daybook::cli
