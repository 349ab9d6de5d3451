// SPDX-License-Identifier: Apache-2.0
#include "review/tracker_draft.h"

#include <fmt/format.h>

#include "review/digest_text.h"

namespace daybook::review {
namespace {

constexpr std::size_t kMaxQuotedCharacters = 4'000;
constexpr std::size_t kMaxExamples = 20;  // sessions named in a body
constexpr std::int64_t kMinuteMicros = 60'000'000;
constexpr std::int64_t kHourMicros = 60 * kMinuteMicros;
constexpr std::int64_t kDayMicros = 24 * kHourMicros;

// "for now" -> "for-now": fit to be a label.
std::string as_label(std::string_view text) {
  std::string label;
  for (const char c : one_line(text)) label.push_back(c == ' ' || c == ',' ? '-' : c);
  return label;
}

// Every line with "> " before it.
std::string quote(std::string_view text) {
  const std::string kept = cut(text, kMaxQuotedCharacters, " … [truncated]");
  std::string out = "> ";
  for (const char c : std::string_view(kept)) {
    if (c == '\r') continue;
    out.push_back(c);
    if (c == '\n') out += "> ";
  }
  while (out.ends_with("\n> ")) out.resize(out.size() - 3);
  return out + "\n";
}

std::string error_body(const Signal& signal, const DraftContext& context) {
  if (context.p0 == nullptr) {
    return fmt::format("Tool `{}` failed in session {}:\n{}", signal.tool, signal.session,
                       quote(signal.text));
  }
  std::string body = fmt::format(
      "Tool `{}` failed in {} distinct root sessions in the last {}, exceeding the P0 "
      "threshold ({}).\n\nExample sessions:\n",
      signal.tool, context.p0->sessions.size(), context.window, kP0Sessions);
  for (std::size_t i = 0; i < context.p0->sessions.size() && i < kMaxExamples; ++i) {
    body += fmt::format("- {}\n", context.p0->sessions[i]);
  }
  return body + fmt::format("\nFirst observed message:\n{}", quote(signal.text));
}

std::string body_of(const Signal& signal, const DraftContext& context) {
  switch (signal.kind) {
    case SignalKind::Correction:
      return fmt::format(
          "User correction in session {}:\n{}\nReview the assistant turn that immediately preceded "
          "this correction; the surrounding context likely points at a documented preference, a "
          "stale cached path, or a missing skill.\n",
          signal.session, quote(signal.text));
    case SignalKind::Error:
      return error_body(signal, context);
    case SignalKind::Workaround:
    case SignalKind::Deferral:
      return fmt::format("Session: {}\nPattern: `{}`\n\nContext:\n{}", signal.session, signal.label,
                         quote(signal.text));
    case SignalKind::Pattern:
      return fmt::format("Session: {}\nPattern: `{}`\n\nEvidence:\n{}", signal.session,
                         signal.label,
                         quote(signal.evidence.empty() ? signal.text : signal.evidence));
  }
  return {};
}

}  // namespace

IssueDraft draft_issue(const Signal& signal, const std::string& title,
                       const DraftContext& context) {
  IssueDraft draft;
  draft.title = title;
  draft.kind = signal.kind;
  draft.created = context.created;
  draft.body =
      fmt::format("Detected by jilog/review on {}.\n\n{}", context.date, body_of(signal, context));
  switch (signal.kind) {
    case SignalKind::Error:
      draft.type = "bug";
      draft.priority = context.p0 != nullptr ? 1 : 2;
      if (context.p0 != nullptr) draft.labels.emplace_back("p0");
      draft.labels.push_back("tool:" + as_label(signal.tool));
      break;
    case SignalKind::Workaround:
      draft.type = "chore";
      draft.labels = {"tech-debt", "pattern:" + as_label(signal.label)};
      break;
    case SignalKind::Deferral:
      draft.type = "chore";
      draft.labels = {"deferral", "pattern:" + as_label(signal.label)};
      break;
    case SignalKind::Pattern:
      draft.type = "bug";
      draft.priority = 2;
      draft.labels = {"health", "pattern:" + as_label(signal.label)};
      break;
    case SignalKind::Correction:
      draft.type = "task";
      draft.labels = {"correction"};
      break;
  }
  return draft;
}

std::string window_text(Timestamp since, Timestamp until) {
  const std::int64_t micros = until.micros - since.micros;
  if (micros >= 2 * kDayMicros) return fmt::format("{}d", (micros + kDayMicros / 2) / kDayMicros);
  if (micros >= kHourMicros) return fmt::format("{}h", (micros + kHourMicros / 2) / kHourMicros);
  return fmt::format("{}m", (micros + kMinuteMicros / 2) / kMinuteMicros);
}

}  // namespace daybook::review
