// SPDX-License-Identifier: Apache-2.0
#include "run/recorder.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "run/capture.h"
#include "run/spool.h"

namespace daybook {

Result<void> Recorder::record(RunRecord& run, const RunFile& file) {
  DAYBOOK_TRY(steps, plan(run, file));
  if (steps.empty()) return {};
  std::vector<NewEvent> batch;
  batch.reserve(steps.size());
  for (Step& step : steps) {
    if (step.cause != nullptr && step.cause->has_value()) {
      step.event.causes.push_back(**step.cause);
    } else if (step.cause != nullptr) {
      const auto earlier = std::ranges::find(steps, step.cause, &Step::id);
      step.event.batch_causes.push_back(static_cast<std::uint32_t>(earlier - steps.begin()));
    }
    batch.push_back(std::move(step.event));
  }
  DAYBOOK_TRY(receipts, ledger_->append(batch));
  for (std::size_t i = 0; i < steps.size(); ++i) *steps[i].id = receipts[i].id;
  return {};
}

Result<std::uint64_t> Recorder::complete(RunRecord& run, const RunFile& file) {
  DAYBOOK_TRY(steps, plan(run, file));
  std::uint64_t lost = 0;
  for (Step& step : steps) {
    if (step.cause != nullptr) step.event.causes.push_back(step.cause->value());
    DAYBOOK_TRY(receipt, ledger_->append(step.event));
    *step.id = receipt.id;
    const auto attempt = std::ranges::find(run.attempts, step.id,
                                           [](AttemptRecord& record) { return &record.end_event; });
    const bool is_loss = attempt != run.attempts.end() && attempt->fate == Fate::Lost;
    if (is_loss && !receipt.duplicate) ++lost;
  }
  return lost;
}

// Everything without an event. The order is that of the causes.
Result<std::vector<Recorder::Step>> Recorder::plan(RunRecord& run, const RunFile& file) {
  std::vector<Step> steps;
  if (!run.started_event) {
    steps.push_back({.event = task_started_event(run), .id = &run.started_event});
  }
  std::optional<EventId>* before = &run.started_event;
  for (AttemptRecord& attempt : run.attempts) {
    if (!attempt.started_event) {
      steps.push_back({.event = attempt_started_event(run, attempt),
                       .id = &attempt.started_event,
                       .cause = before});
    }
    before = &attempt.started_event;
    if (attempt.fate == Fate::Unknown) continue;
    before = &attempt.end_event;
    if (attempt.end_event) continue;
    DAYBOOK_TRY(output, make_output(run, attempt, file));
    if (output) {
      steps.push_back({.event = *std::move(output),
                       .id = &attempt.output_event,
                       .cause = &attempt.started_event});
    }
    steps.push_back({.event = attempt_end_event(run, attempt),
                     .id = &attempt.end_event,
                     .cause = &attempt.started_event});
  }
  if (run.fate != Fate::Unknown && !run.end_event) {
    steps.push_back({.event = task_end_event(run), .id = &run.end_event, .cause = before});
  }
  return steps;
}

Result<std::optional<NewEvent>> Recorder::make_output(const RunRecord& run,
                                                      const AttemptRecord& attempt,
                                                      const RunFile& file) {
  const std::uint32_t number = attempt.result.number;
  DAYBOOK_TRY(out, keep({.path = file.spool_path(number, "out"),
                         .total = attempt.result.stdout_bytes,
                         .tail = &attempt.stdout_tail,
                         .error = &attempt.stdout_error}));
  DAYBOOK_TRY(err, keep({.path = file.spool_path(number, "err"),
                         .total = attempt.result.stderr_bytes,
                         .tail = &attempt.stderr_tail,
                         .error = &attempt.stderr_error}));
  if (out.total == 0 && err.total == 0) return std::nullopt;
  return output_event(run, attempt, out, err);
}

// Puts what the spool has into the blob store. A spool that cannot be read
// costs its output, never the event.
Result<KeptOutput> Recorder::keep(const Stream& stream) {
  KeptOutput kept;
  kept.total = stream.total;
  kept.error = *stream.error;
  auto content = Spool::read(*files_, stream.path);
  if (content) {
    kept.total = std::max(kept.total, content->total);
    kept.gap_at = content->gap_at;
    if (!content->bytes.empty()) {
      DAYBOOK_TRY(blob, ledger_->put_blob(content->bytes));
      kept.blob = blob;
      kept.dropped = kept.total - blob.bytes;
    }
  } else if (content.error().code != Errc::NotFound && kept.error.empty()) {
    kept.error = content.error().message;
  }
  if (!kept.blob) kept.dropped = kept.total;
  const bool in_memory = !stream.tail->empty();
  const std::string_view spooled = content ? as_text(content->bytes) : std::string_view();
  kept.tail = text_tail(in_memory ? std::string_view(*stream.tail) : spooled, tail_bytes_);
  return kept;
}

}  // namespace daybook
