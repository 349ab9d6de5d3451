// SPDX-License-Identifier: Apache-2.0
#include "transcript/import_file.h"

#include <algorithm>
#include <utility>

#include "transcript/record_event.h"

namespace daybook::transcript {
namespace {

// Errors that one event is to blame for, not the ledger.
bool is_about_the_event(Errc code) {
  return code == Errc::InvalidArgument || code == Errc::LimitExceeded;
}

}  // namespace

void add_summary(TranscriptSummary& all, TranscriptSummary pass) {
  all.lines += pass.lines;
  all.records += pass.records;
  all.bytes += pass.bytes;
  all.bookkeeping += pass.bookkeeping;
  all.unknown += pass.unknown;
  for (TypeTally& tally : pass.unknown_types) {
    const auto known = std::ranges::find(all.unknown_types, tally.type, &TypeTally::type);
    if (known == all.unknown_types.end()) {
      all.unknown_types.push_back(std::move(tally));
    } else {
      known->count += tally.count;
    }
  }
  all.skipped += pass.skipped;
  for (Skipped& skipped : pass.skipped_list) {
    if (all.skipped_list.size() < kMaxSkippedListed) all.skipped_list.push_back(std::move(skipped));
  }
  all.partial_line = pass.partial_line;
  all.restarted = all.restarted || pass.restarted;
  all.position = std::move(pass.position);
}

FileImport::FileImport(const ImportFileContext& context, const TranscriptFile& file,
                       FilePosition from)
    : context_(&context),
      file_(file),
      from_(std::move(from)),
      causes_(*context.ledger),
      tally_(context.redactor->names().size()) {
  counts_.redacted.resize(tally_.size());
}

Result<FileImport::End> FileImport::run(Orphans orphans) {
  orphans_ = orphans;
  end_ = End::Done;
  met_records_ = false;
  met_offset_ = 0;
  line_ = 0;
  auto summary = read_transcript(
      file_, {.position = from_.position},
      [this](const TranscriptRecord& record) { return visit(record); }, context_->env);
  if (!ledger_error_ && !file_error_) {
    if (auto flushed = flush(); !flushed) ledger_error_ = std::move(flushed).error();
  }
  if (ledger_error_) return fail(*ledger_error_);
  if (!summary) {
    if (!file_error_) file_error_ = std::move(summary).error();
    return End::Done;
  }
  if (end_ == End::WaitsForParent || file_error_) return end_;
  add_summary(summary_, *std::move(summary));
  from_.position = summary_.position;
  return end_;
}

FilePosition FileImport::position() const {
  FilePosition position = from_;
  sessions_.for_each([&](const std::string&, const Session& session) {
    if (session.held) position.position.clear();
  });
  return position;
}

bool FileImport::visit(const TranscriptRecord& record) {
  if (!met_records_) first_offset_ = told_offset_ = record.offset;
  met_records_ = true;
  met_offset_ = std::max(met_offset_, record.offset);
  if (record.line != line_) {
    if (context_->stop && context_->stop()) end_ = End::Stopped;
    if (end_ == End::Done && record.offset - first_offset_ >= kPassBytes) end_ = End::More;
    if (end_ != End::Done) return false;
    line_ = record.line;
  }
  auto taken = take(record);
  if (taken) return *taken && !file_error_;
  ledger_error_ = std::move(taken).error();
  return false;
}

Result<bool> FileImport::take(const TranscriptRecord& record) {
  if (record.time) from_.time = record.time;
  Session& session = session_of(*record.session);
  if (record.kind == RecordKind::Session) {
    if (orphans_ == Orphans::Wait && counts_.appended + counts_.known + batch_.size() == 0) {
      DAYBOOK_TRY(waits, waits_for_parent(*record.session));
      if (waits) {
        end_ = End::WaitsForParent;
        return false;
      }
    }
    DAYBOOK_CHECK(take_session(record, session));
    return true;
  }
  const Timestamp time = from_.time.value_or(file_.stamp.modified);
  if (context_->since && time < *context_->since) {
    ++counts_.before;
    causes_.leave_out(session.stream, record_key(record.id));
    return true;
  }
  if (session.held) {
    NewEvent start = *std::exchange(session.held, std::nullopt);
    const SessionInfo info = *std::exchange(session.held_info, std::nullopt);
    DAYBOOK_CHECK(start_or_change(session, std::move(start), info));
  }
  NewEvent event = make_event(record);
  DAYBOOK_CHECK(add_causes(event, record, session));
  DAYBOOK_CHECK(add(std::move(event), record.session->id,
                    record.kind == RecordKind::ToolCall ? record.call : std::string_view{}));
  return true;
}

NewEvent FileImport::make_event(const TranscriptRecord& record) {
  std::ranges::fill(tally_, 0);
  const RedactedRecord redacted(record, *context_->redactor, tally_);
  NewEvent event = to_event(redacted.record());
  if (!event.time) event.time = from_.time.value_or(file_.stamp.modified);
  for (std::size_t rule = 0; rule < tally_.size(); ++rule) {
    if (tally_[rule] > 0) batch_redactions_.push_back({batch_.size(), rule, tally_[rule]});
  }
  return event;
}

// --- Sessions -------------------------------------------------------------------

FileImport::Session& FileImport::session_of(const SessionInfo& info) {
  if (Session* known = sessions_.find(info.id)) return *known;
  Session session;
  session.stream = session_stream(info.id);
  return sessions_.put(info.id, std::move(session));
}

Result<void> FileImport::take_session(const TranscriptRecord& record, Session& session) {
  NewEvent event = to_event(record);
  if (!event.time) event.time = from_.time.value_or(file_.stamp.modified);
  if (!context_->since) return start_or_change(session, std::move(event), *record.session);
  session.held = std::move(event);
  session.held_info = *record.session;
  return {};
}

Result<void> FileImport::look_up(Session& session) {
  if (session.looked_up) return {};
  DAYBOOK_TRY(started, context_->ledger->find_key(session.stream, kSessionStartedKey));
  session.looked_up = true;
  if (!started) return {};
  const auto record = to_record(*context_->ledger, *started);
  // One that cannot be read is a start nevertheless, of a state that is like no other.
  session.started_state = record ? session_state_key(*record->record.session) : "unknown";
  return {};
}

Result<void> FileImport::start_or_change(Session& session, NewEvent event,
                                         const SessionInfo& info) {
  DAYBOOK_CHECK(look_up(session));
  const std::string state = session_state_key(info);
  if (session.started_state == state) {
    ++counts_.known;
    return {};
  }
  if (session.started_state.empty()) {
    session.started_state = state;
    DAYBOOK_CHECK(add_starter(event, info));
  } else {
    make_change(event, info);
    DAYBOOK_TRY(started, causes_.find(session.stream, kSessionStartedKey));
    if (started) add_cause(event, *started);
  }
  return add(std::move(event), info.id, {});
}

Result<bool> FileImport::waits_for_parent(const SessionInfo& info) {
  if (info.parent.empty()) return false;
  const std::string parent = session_stream(info.parent);
  if (info.parent_call.empty()) {
    DAYBOOK_TRY(started, causes_.find(parent, kSessionStartedKey));
    return !started;
  }
  DAYBOOK_TRY(call, causes_.find_call(parent, info.parent_call));
  return !call;
}

// What started a sub-agent: the call in its parent, else its parent's start.
Result<void> FileImport::add_starter(NewEvent& event, const SessionInfo& info) {
  if (info.parent.empty()) return {};
  const std::string parent = session_stream(info.parent);
  std::optional<Cause> starter;
  if (!info.parent_call.empty()) {
    DAYBOOK_TRY(call, causes_.find_call(parent, info.parent_call));
    starter = call;
  }
  if (!starter) {
    DAYBOOK_TRY(started, causes_.find(parent, kSessionStartedKey));
    starter = started;
  }
  if (starter) {
    add_cause(event, *starter);
  } else {
    ++counts_.unknown_causes;
  }
  return {};
}

// --- Causes ---------------------------------------------------------------------

// False when the record names a parent that is nowhere.
Result<bool> FileImport::add_parent(NewEvent& event, const TranscriptRecord& record,
                                    const Session& session) {
  if (record.parent.empty()) return true;
  const std::string key = record_key(record.parent);
  DAYBOOK_TRY(parent, causes_.find(session.stream, key));
  if (!parent && !record.session->parent.empty()) {
    DAYBOOK_TRY(elsewhere, causes_.find(session_stream(record.session->parent), key));
    parent = elsewhere;
  }
  if (parent) add_cause(event, *parent);
  return parent.has_value();
}

Result<void> FileImport::add_causes(NewEvent& event, const TranscriptRecord& record,
                                    Session& session) {
  DAYBOOK_TRY(known, add_parent(event, record, session));
  if (!known) ++counts_.unknown_causes;
  const bool reply = record.kind == RecordKind::Message && record.role == Role::Assistant;
  if (reply && !record.turn.empty() && record.turn != record.parent) {
    DAYBOOK_TRY(turn, causes_.find(session.stream, record_key(record.turn)));
    if (turn) add_cause(event, *turn);
  }
  if (!event.causes.empty() || !event.batch_causes.empty()) return {};
  DAYBOOK_TRY(started, causes_.find(session.stream, kSessionStartedKey));
  if (started) add_cause(event, *started);
  return {};
}

// --- Appending ------------------------------------------------------------------

Result<void> FileImport::add(NewEvent event, std::string_view session_id, std::string_view call) {
  causes_.add(event, static_cast<std::uint32_t>(batch_.size()), call);
  batch_bytes_ += event.data.size();
  batch_.push_back(std::move(event));
  batch_sessions_.emplace_back(session_id);
  if (batch_.size() < kBatchEvents && batch_bytes_ < kBatchBytes) return {};
  return flush();
}

Result<void> FileImport::flush() {
  if (batch_.empty()) return {};
  // Not flushed to the disk one by one: the position is saved after a flush of all.
  auto receipts = context_->ledger->append(batch_, {.durability = Durability::Memory});
  if (!receipts) {
    if (!is_about_the_event(receipts.error().code)) return fail(std::move(receipts).error());
    file_error_ = std::move(receipts).error();
    return {};
  }
  causes_.settle(batch_, *receipts);
  std::uint64_t appended = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if ((*receipts)[i].duplicate) {
      ++counts_.known;
      continue;
    }
    ++appended;
    ++counts_.types[batch_[i].type];
    counts_.sessions.insert(std::move(batch_sessions_[i]));
  }
  for (const Redaction& redaction : batch_redactions_) {
    if (!(*receipts)[redaction.event].duplicate)
      counts_.redacted[redaction.rule] += redaction.count;
  }
  counts_.appended += appended;
  batch_.clear();
  batch_sessions_.clear();
  batch_redactions_.clear();
  batch_bytes_ = 0;
  if (context_->advance) {
    context_->advance(met_offset_ - told_offset_, appended);
    told_offset_ = met_offset_;
  }
  return {};
}

}  // namespace daybook::transcript
