// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <utility>

#include "daybook/review.h"

namespace daybook {
namespace {

constexpr std::array<std::pair<SignalKind, std::string_view>, 5> kKinds = {{
    {SignalKind::Correction, "correction"},
    {SignalKind::Error, "error"},
    {SignalKind::Workaround, "workaround"},
    {SignalKind::Deferral, "deferral"},
    {SignalKind::Pattern, "pattern"},
}};
constexpr std::array<std::pair<Rules, std::string_view>, 2> kRules = {{
    {Rules::Daybook, "daybook"},
    {Rules::Jilog, "jilog"},
}};

template <class T, std::size_t N>
std::string_view name_of(const std::array<std::pair<T, std::string_view>, N>& names, T value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "unknown";
}

template <class T, std::size_t N>
Result<T> value_of(const std::array<std::pair<T, std::string_view>, N>& names,
                   std::string_view text, std::string_view what) {
  std::string known;
  for (const auto& [value, name] : names) {
    if (name == text) return value;
    known.append(known.empty() ? "" : ", ").append(name);
  }
  return fail(Errc::InvalidArgument,
              "unknown " + std::string(what) + " '" + std::string(text) + "'", "one of: " + known);
}

}  // namespace

std::string_view to_string(SignalKind kind) { return name_of(kKinds, kind); }
Result<SignalKind> parse_signal_kind(std::string_view text) {
  return value_of(kKinds, text, "kind of signal");
}
std::string_view to_string(Rules rules) { return name_of(kRules, rules); }
Result<Rules> parse_rules(std::string_view text) { return value_of(kRules, text, "set of rules"); }

}  // namespace daybook
