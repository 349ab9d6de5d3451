// SPDX-License-Identifier: Apache-2.0
#include "transcript/emitter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/sha256.h"
#include "base/text.h"
#include "transcript/tally.h"

namespace daybook::transcript {
namespace {

// Of the hash that stands in for an id: 96 bits keep lines apart.
constexpr std::size_t kHashIdBytes = 12;

constexpr std::string_view kUnknownTool = "unknown";  // of a result without a call

bool opens_turn(const TranscriptRecord& record) {
  return record.kind == RecordKind::Message && record.role == Role::User &&
         (record.origin == Origin::Said || record.origin == Origin::Delegated);
}

bool is_of_model(const TranscriptRecord& record) {
  return record.kind == RecordKind::ToolCall || record.kind == RecordKind::Usage ||
         (record.kind == RecordKind::Message && record.role == Role::Assistant);
}

SessionState& session_of(FileState& state, std::string_view id) {
  if (id.empty()) id = state.current.empty() ? state.main.id : state.current;
  if (SessionState* known = state.sessions.find(id)) return *known;
  SessionState fresh{.info = state.main};
  fresh.info.id = id;
  return state.sessions.put(id, std::move(fresh));
}

}  // namespace

void Emitter::begin(const LinePlace& place) {
  place_ = place;
  id_.clear();
  parent_.clear();
  type_.clear();
  named_ = false;
  time_.reset();
  emitted_ = 0;
  announced_ = 0;
  buffers_used_ = 0;
}

SessionState& Emitter::line(const LineFacts& facts) {
  const bool same = session_ != nullptr &&
                    (facts.session.empty() ? state_->current : facts.session) == session_->info.id;
  if (!same) {
    session_ = &session_of(*state_, facts.session);
    state_->current = session_->info.id;
  }
  id_.assign(facts.id);
  named_ = !facts.id.empty();
  type_.assign(facts.type);
  time_ = facts.time;
  parent_.assign(facts.parent ? resolve(*facts.parent) : std::string_view{session_->last});
  return *session_;
}

std::string_view Emitter::resolve(std::string_view parent) {
  const std::string* alias = parent.empty() ? nullptr : state_->aliases.find(parent);
  return alias == nullptr ? parent : std::string_view{*alias};
}

std::string_view Emitter::line_id() {
  if (id_.empty()) {
    const ByteView bytes = as_bytes(place_.raw);
    id_ = to_hex(ByteView(sha256(bytes).bytes).first(kHashIdBytes));
    if (!time_) fmt::format_to(std::back_inserter(id_), "@{}", place_.offset);
  }
  return id_;
}

void Emitter::emit(TranscriptRecord record) {
  announce();
  complete(record);
  send(record);
  remember(record);
}

void Emitter::complete(TranscriptRecord& record) {
  record.id = line_id();
  if (emitted_ > 0) {
    suffixed_id_.clear();
    fmt::format_to(std::back_inserter(suffixed_id_), "{}/{}", id_, emitted_);
    record.id = suffixed_id_;
  }
  const OpenCall* call = nullptr;
  if (record.kind == RecordKind::ToolResult) {
    call = record.call.empty() ? nullptr : state_->calls.find(record.call);
    if (record.tool.empty()) record.tool = call == nullptr ? kUnknownTool : call->tool;
  }
  if (record.parent.empty()) {
    record.parent = call != nullptr ? std::string_view{call->record}
                    : emitted_ == 0 ? std::string_view{parent_}
                                    : std::string_view{id_};
  }
  if (opens_turn(record) && !(emitted_ > 0 && session_->turn == id_)) session_->turn = record.id;
  record.turn = session_->turn;
  if (record.model.empty() && is_of_model(record)) record.model = session_->model;
  ++emitted_;
}

void Emitter::remember(const TranscriptRecord& record) {
  session_->last = record.id;
  if (record.call.empty()) return;
  if (record.kind == RecordKind::ToolCall) {
    state_->calls.put(record.call, {std::string(record.tool), std::string(record.id)});
  } else if (record.kind == RecordKind::ToolResult) {
    state_->calls.erase(record.call);
  }
}

void Emitter::announce() {
  if (session_->announced) return;
  session_->announced = true;
  ++announced_;
  session_id_.clear();
  fmt::format_to(std::back_inserter(session_id_), "{}/session", line_id());
  TranscriptRecord record;
  record.kind = RecordKind::Session;
  record.id = session_id_;
  record.turn = session_->turn;
  record.model = session_->model;
  send(record);
}

void Emitter::send(TranscriptRecord& record) {
  if (stopped_) return;
  record.session = &session_->info;
  record.time = time_;
  record.offset = place_.offset;
  record.line = place_.line;
  record.type = type_;
  record.raw = place_.raw;
  ++summary_->records;
  if (!(*visit_)(record)) stopped_ = true;
}

void Emitter::unknown(std::string_view type) {
  if (!type.empty()) type_.assign(type);
  tally_unknown(*summary_, type_);
  emit({.kind = RecordKind::Unknown});
}

void Emitter::misshapen(std::string_view why) {
  note_skipped(*summary_, {.reason = Skipped::Reason::Misshapen,
                           .line = place_.line,
                           .offset = place_.offset,
                           .why = std::string(why)});
  emit({.kind = RecordKind::Unknown});
}

std::string& Emitter::buffer() {
  if (buffers_used_ == buffers_.size()) buffers_.emplace_back();
  std::string& buffer = buffers_[buffers_used_++];
  buffer.clear();
  return buffer;
}

void Emitter::end() {
  if (emitted_ > 0) return;
  if (named_) state_->aliases.put(id_, parent_);
  if (announced_ == 0) ++summary_->bookkeeping;
}

}  // namespace daybook::transcript
