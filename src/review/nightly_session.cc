// SPDX-License-Identifier: Apache-2.0
#include "review/nightly_session.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "transcript/record_event.h"

namespace daybook::review {
namespace {

constexpr int kMaxAncestors = 64;
constexpr std::string_view kNoModel = "unknown";

// An event as a record; nothing when it is none, or cannot be read.
std::optional<StoredRecord> record_of(Ledger& ledger, const EventView& view) {
  if (view.data_state == DataState::Inline) {
    auto record = to_record(view, view.data);
    if (record) return *std::move(record);
  } else if (view.data_state == DataState::Blob) {
    auto record = to_record(ledger, to_event(view));
    if (record) return *std::move(record);
  }
  return std::nullopt;
}

class SessionReader {
 public:
  SessionReader(SessionFindings& findings, Detector detector, const Window& window)
      : findings_(&findings), detector_(std::move(detector)), window_(window) {}

  void add(StoredRecord& stored, const EventView& event) {
    TranscriptRecord& record = stored.record;
    if (record.kind == RecordKind::Session) {
      findings_->info = *record.session;
    } else if (!findings_->info.id.empty()) {
      record.session = &findings_->info;
    }
    count(record, event.time);
    detector_.add(record);
    take();
  }

  void finish() {
    detector_.finish();
    take();
    for (auto& [key, usage] : usage_) findings_->usage.push_back(std::move(usage));
  }

 private:
  void take() {
    for (Signal& signal : detector_.take()) {
      if (signal.confidence < kReportedConfidence) continue;
      findings_->review.signals.push_back(std::move(signal));
    }
  }

  void count(const TranscriptRecord& record, Timestamp event_time) {
    SessionReview& review = findings_->review;
    const Timestamp time = record.time.value_or(event_time);
    if (!review.first || time < *review.first) review.first = time;
    if (!review.last || time > *review.last) review.last = time;
    const bool here = window_.holds(time);
    findings_->in_window = findings_->in_window || here;
    switch (record.kind) {
      case RecordKind::Message:
        if (record.role == Role::User && record.origin == Origin::Said) ++review.turns;
        break;
      case RecordKind::ToolCall:
        ++review.tool_calls;
        break;
      case RecordKind::ToolResult:
        if (record.outcome == Outcome::Failure) ++review.failures;
        break;
      default:
        break;
    }
    if (!record.usage || !here) return;
    // The usage of one answer stands on many records: the last one counts.
    const std::string_view key = record.api_message.empty() ? record.id : record.api_message;
    ModelUsage& usage = usage_[std::string(key)];
    usage.usage = *record.usage;
    if (!record.model.empty()) usage.model = record.model;
    if (usage.model.empty()) usage.model = kNoModel;
  }

  SessionFindings* findings_;
  Detector detector_;
  Window window_;
  std::map<std::string, ModelUsage> usage_;
};

}  // namespace

std::string session_stream(std::string_view session) {
  return fmt::format("{}{}", kSessionStreams,
                     transcript::fit_name(session, kMaxStreamBytes - kSessionStreams.size()));
}

Result<std::string> RootFinder::parent_of_session(const std::string& session) {
  const auto known = parents_.find(session);
  if (known != parents_.end()) return known->second;
  std::string& parent = parents_[session];
  DAYBOOK_TRY(cursor, ledger_->scan({.stream = session_stream(session)}));
  DAYBOOK_TRY(view, cursor.next());
  if (view != nullptr) {
    if (const auto record = record_of(*ledger_, *view)) parent = record->record.session->parent;
  }
  return parent;
}

Result<std::string> RootFinder::root_of(const std::string& session) {
  std::string root = session;
  for (int i = 0; i < kMaxAncestors; ++i) {
    DAYBOOK_TRY(parent, parent_of_session(root));
    if (parent.empty() || parent == root) break;
    root = std::move(parent);
  }
  return root;
}

Result<SessionFindings> read_session(Ledger& ledger, const std::string& stream, Rules rules,
                                     const Window& window, RootFinder& roots) {
  SessionFindings findings;
  DAYBOOK_TRY(cursor, ledger.scan({.stream = stream}));
  std::optional<SessionReader> reader;
  while (true) {
    DAYBOOK_TRY(view, cursor.next());
    if (view == nullptr) break;
    auto stored = record_of(ledger, *view);
    if (!stored) continue;
    if (!reader) {
      findings.info = *stored->record.session;
      DAYBOOK_TRY(root, roots.root_of(findings.info.id));
      reader.emplace(findings, Detector(rules, std::move(root)), window);
    }
    reader->add(*stored, *view);
  }
  if (reader) reader->finish();
  findings.review.session = findings.info.id;
  findings.review.harness = findings.info.harness;
  findings.review.project = findings.info.project;
  findings.lost.insert(findings.lost.end(), cursor.lost().begin(), cursor.lost().end());
  return findings;
}

Result<std::optional<Event>> event_of_record(Ledger& ledger, const std::string& stream,
                                             std::string_view record) {
  if (record.empty()) return std::nullopt;
  return ledger.find_key(stream, transcript::fit_name(record, kMaxNameBytes));
}

}  // namespace daybook::review
