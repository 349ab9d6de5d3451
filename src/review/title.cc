// SPDX-License-Identifier: Apache-2.0
//
// The titles of issues. They are how a problem is known again next week, in
// whatever tracker: changing a character here files every known problem anew.
#include <fmt/format.h>

#include "daybook/review.h"
#include "review/digest_text.h"

namespace daybook {
namespace {

constexpr std::size_t kBehindSession = 44;  // characters quoted behind a session's long id
constexpr std::size_t kBehindLabel = 67;    // ... and behind a short label
constexpr std::size_t kJilogCharacters = 80;

std::string quoted(std::string_view text, std::size_t characters) {
  return review::repr(review::cut(text, characters, "..."));
}

// jilog's own: unquoted, cut hard, line breaks and all.
std::string jilog_title(const Signal& signal) {
  const std::string text = review::cut(
      signal.kind == SignalKind::Deferral ? signal.label : signal.text, kJilogCharacters, "");
  switch (signal.kind) {
    case SignalKind::Error:
      return fmt::format("[jilog/error] {}: {}", signal.tool, text);
    case SignalKind::Workaround:
      return fmt::format("[jilog/workaround] {}: {}", signal.label, text);
    case SignalKind::Correction:
    case SignalKind::Deferral:
    case SignalKind::Pattern:
      return fmt::format("[jilog/{}] {}: {}", to_string(signal.kind), signal.session, text);
  }
  return {};
}

}  // namespace

std::string issue_title(const Signal& signal, Rules rules) {
  if (rules == Rules::Jilog) return jilog_title(signal);
  const std::string text = review::one_line(signal.text);
  switch (signal.kind) {
    case SignalKind::Error:
      return fmt::format("[jilog/error] {}: {}", signal.tool,
                         review::cut(text, kBehindLabel, "..."));
    case SignalKind::Workaround:
      return fmt::format("[jilog/workaround] {}: {}", signal.label, quoted(text, kBehindLabel));
    case SignalKind::Pattern:
      return fmt::format("[jilog/pattern] {}: {}", signal.session,
                         review::cut(text, kBehindLabel, "..."));
    case SignalKind::Correction:
    case SignalKind::Deferral:
      return fmt::format("[jilog/{}] {}: {}", to_string(signal.kind), signal.session,
                         quoted(text, kBehindSession));
  }
  return {};
}

}  // namespace daybook
