// SPDX-License-Identifier: Apache-2.0
#include "review/score.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace daybook::review {
namespace {

constexpr std::array<std::pair<LabelClass, std::string_view>, 7> kClasses = {{
    {LabelClass::Correction, "correction"},
    {LabelClass::ErrorLearn, "error-learn"},
    {LabelClass::ErrorExpected, "error-expected"},
    {LabelClass::Refused, "refused"},
    {LabelClass::Workaround, "workaround"},
    {LabelClass::Deferral, "deferral"},
    {LabelClass::None, "none"},
}};
constexpr std::array<double, 5> kConfidences = {0.3, 0.4, 0.5, 0.6, 0.7};
constexpr std::string_view kColumns = "prec.  rec. hits false miss";
constexpr std::array<SignalKind, 4> kScored = {SignalKind::Correction, SignalKind::Error,
                                               SignalKind::Workaround, SignalKind::Deferral};

// The class that a signal of this kind claims; patterns have no labels.
std::optional<LabelClass> class_of(SignalKind kind) {
  switch (kind) {
    case SignalKind::Correction:
      return LabelClass::Correction;
    case SignalKind::Error:
      return LabelClass::ErrorLearn;
    case SignalKind::Workaround:
      return LabelClass::Workaround;
    case SignalKind::Deferral:
      return LabelClass::Deferral;
    case SignalKind::Pattern:
      return std::nullopt;
  }
  return std::nullopt;
}

double ratio(std::size_t part, std::size_t rest) {
  return part == 0 ? 0 : static_cast<double>(part) / static_cast<double>(part + rest);
}

// Cuts the text before `mark` off, or all of it.
std::string_view cut(std::string_view& text, char mark) {
  const std::size_t end = std::min(text.find(mark), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::string describe(const Score& score) {
  return fmt::format("{:>5.2f} {:>5.2f} {:>4} {:>4} {:>4}", score.precision(), score.recall(),
                     score.hits, score.false_alarms, score.misses);
}

}  // namespace

Result<LabelClass> parse_label_class(std::string_view text) {
  for (const auto& [value, name] : kClasses) {
    if (name == text) return value;
  }
  return fail(
      Errc::InvalidArgument, fmt::format("unknown class of label '{}'", text),
      "one of: correction, error-learn, error-expected, refused, workaround, deferral, none");
}

bool Labels::contains_session(std::string_view session) const {
  const auto from = classes.lower_bound({.session = std::string(session), .record = {}});
  return from != classes.end() && from->first.session == session;
}

Result<Labels> parse_labels(std::string_view text, std::string_view name) {
  Labels labels;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = cut(text, '\n');
    if (line.empty() || line.starts_with('#')) continue;
    const std::string_view session = cut(line, '\t');
    const std::string_view record = cut(line, '\t');
    const auto label = parse_label_class(line);
    if (session.empty() || record.empty() || !label) {
      return fail(
          Errc::InvalidArgument, fmt::format("{}:{}: not a label", name, number),
          label ? "write session, record and class, with tabs between" : label.error().hint);
    }
    labels.classes[{std::string(session), std::string(record)}].insert(*label);
  }
  return labels;
}

double Score::precision() const { return ratio(hits, false_alarms); }
double Score::recall() const { return ratio(hits, misses); }

Score score(const Labels& labels, const std::vector<Signal>& signals, SignalKind kind,
            double confidence) {
  Score result;
  const auto wanted = class_of(kind);
  if (!wanted) return result;
  std::set<RecordKey> reported;
  for (const Signal& signal : signals) {
    if (signal.kind != kind || signal.confidence < confidence) continue;
    if (labels.contains_session(signal.session)) reported.insert({signal.session, signal.record});
  }
  for (const RecordKey& key : reported) {
    const auto found = labels.classes.find(key);
    const bool right = found != labels.classes.end() && found->second.contains(*wanted);
    ++(right ? result.hits : result.false_alarms);
  }
  for (const auto& [key, classes] : labels.classes) {
    if (classes.contains(*wanted) && !reported.contains(key)) ++result.misses;
  }
  return result;
}

std::string score_table(std::string_view title, const Labels& labels, const RuleSignals& signals) {
  std::string table = fmt::format("{:<22} jilog{:>25}daybook\n{:<22} {:<28}  {}\n", title, "", "",
                                  kColumns, kColumns);
  for (const SignalKind kind : kScored) {
    table += fmt::format("  {:<20} {:<28}  {}\n", to_string(kind),
                         describe(score(labels, signals.jilog, kind, kReportedConfidence)),
                         describe(score(labels, signals.daybook, kind, kReportedConfidence)));
  }
  return table;
}

std::string confidence_table(const Labels& labels, const std::vector<Signal>& signals) {
  std::string table = fmt::format("corrections reported from  {}\n", kColumns);
  for (const double confidence : kConfidences) {
    table += fmt::format("  {:>20.2f}   {}\n", confidence,
                         describe(score(labels, signals, SignalKind::Correction, confidence)));
  }
  return table;
}

}  // namespace daybook::review
