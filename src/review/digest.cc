// SPDX-License-Identifier: Apache-2.0
//
// The digest, byte for byte as docs/digest.md lays down: other programs search
// these files by line, so no text that was said may break a line.
#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "daybook/review.h"
#include "review/digest_text.h"

namespace daybook {
namespace {

constexpr std::size_t kMaxMessageCharacters = 500;
constexpr std::string_view kTruncated = " … [truncated]";
constexpr std::array kKinds = {SignalKind::Correction, SignalKind::Error, SignalKind::Workaround,
                               SignalKind::Deferral, SignalKind::Pattern};

struct Section {
  std::string_view title;
  std::string_view member;  // in the front matter, and in the placeholder
};

Section section_of(SignalKind kind) {
  switch (kind) {
    case SignalKind::Correction:
      return {"Corrections", "corrections"};
    case SignalKind::Error:
      return {"Errors", "errors"};
    case SignalKind::Workaround:
      return {"Workarounds", "workarounds"};
    case SignalKind::Deferral:
      return {"Deferrals", "deferrals"};
    case SignalKind::Pattern:
      return {"Patterns", "patterns"};
  }
  return {};
}

// Between backticks: a backtick would end it, a control character break the line.
std::string in_code(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '`') c = '\'';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

std::string dimensions(const Signal& signal) {
  std::string out;
  if (!signal.persona.empty()) {
    const std::string key =
        signal.channel.empty() ? signal.persona : signal.persona + "@" + signal.channel;
    out += fmt::format("`{}` ", in_code(key));
  }
  if (!signal.seat.empty()) out += fmt::format("`seat:{}` ", in_code(signal.seat));
  if (!signal.agent.empty()) out += fmt::format("`agent:{}` ", in_code(signal.agent));
  if (!signal.machine.empty()) out += fmt::format("`machine:{}` ", in_code(signal.machine));
  return out;
}

std::string annotation(const DigestEntry& entry) {
  std::string out;
  if (!entry.issue) return out;
  std::string_view id = entry.issue->id;
  if (id.starts_with('#')) id.remove_prefix(1);
  out = fmt::format(" (→ {}#{})", entry.issue->backend, id);
  if (entry.recurred_cost) {
    out += fmt::format(" (recurred in sessions totaling ${})", to_string(*entry.recurred_cost));
  }
  return out;
}

class Renderer {
 public:
  explicit Renderer(const DigestContent& content) : content_(content) {}

  std::string render() {
    front_matter();
    line("# Learning Digest — {}\n", content_.date);
    alerts();
    for (const SignalKind kind : kKinds) {
      if (shown(kind)) signals(kind);
    }
    personas();
    spend();
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_.push_back('\n');
  }

  [[nodiscard]] std::size_t count(SignalKind kind) const {
    return static_cast<std::size_t>(
        std::count_if(content_.entries.begin(), content_.entries.end(),
                      [&](const DigestEntry& entry) { return entry.signal.kind == kind; }));
  }
  // Patterns have a place of their own only when there are some, except in jilog.
  [[nodiscard]] bool shown(SignalKind kind) const {
    return kind != SignalKind::Pattern || content_.rules == Rules::Jilog || count(kind) > 0;
  }

  void front_matter() {
    line("---\ndate: {}", content_.date);
    line("signals_captured: {}", content_.entries.size());
    line("p0_count: {}", content_.p0.size());
    for (const SignalKind kind : kKinds) {
      if (shown(kind)) line("{}: {}", section_of(kind).member, count(kind));
    }
    line("---\n");
  }

  void alerts() {
    line("## P0 Alerts\n");
    if (content_.p0.empty()) line("_No P0 alerts._");
    for (const P0Alert& alert : content_.p0) {
      std::vector<std::string> sessions;
      sessions.reserve(alert.sessions.size());
      for (const std::string& session : alert.sessions) {
        sessions.push_back(content_.rules == Rules::Jilog ? session
                                                          : review::short_session(session));
      }
      line("- **P0 ALERT**: `{}` failed in {} distinct sessions: {}", in_code(alert.tool),
           sessions.size(), fmt::join(sessions, ", "));
    }
    line("");
  }

  void signals(SignalKind kind) {
    const Section section = section_of(kind);
    line("## {}\n", section.title);
    if (count(kind) == 0) line("_No {} detected._", section.member);
    for (const DigestEntry& entry : content_.entries) {
      if (entry.signal.kind == kind) bullet(entry);
    }
    line("");
  }

  void bullet(const DigestEntry& entry) {
    const Signal& signal = entry.signal;
    const std::string start = fmt::format("- {}`{}`", dimensions(signal), in_code(signal.session));
    const std::string end = annotation(entry);
    switch (signal.kind) {
      case SignalKind::Correction:
        return line("{} — {}{}", start, review::repr(signal.text), end);
      case SignalKind::Error:
        return line("{} / `{}`: {}{}", start, in_code(signal.tool), message(signal), end);
      case SignalKind::Workaround:
        return line("{} pattern=`{}`: {}{}", start, in_code(signal.label),
                    review::repr(signal.text), end);
      case SignalKind::Deferral:
        if (content_.rules == Rules::Jilog) {
          return line("{} pattern=`{}`", start, in_code(signal.label));
        }
        return line("{} pattern=`{}`: {}{}", start, in_code(signal.label),
                    review::repr(signal.text), end);
      case SignalKind::Pattern:
        return line("{} kind=`{}`: {}{}", start, in_code(signal.label), signal.evidence, end);
    }
  }

  [[nodiscard]] std::string message(const Signal& signal) const {
    if (content_.rules == Rules::Jilog) {
      return review::cut(signal.text, kMaxMessageCharacters, kTruncated);
    }
    return review::cut(review::one_line(signal.text), kMaxMessageCharacters, kTruncated);
  }

  void personas() {
    if (content_.personas.empty()) return;
    line("## Personas\n");
    for (const PersonaTally& tally : content_.personas) {
      const std::uint64_t total =
          tally.corrections + tally.errors + tally.workarounds + tally.deferrals + tally.patterns;
      std::string text = "no signals";
      if (total > 0) {
        text = fmt::format("{} corrections, {} errors, {} workarounds, {} deferrals, {} patterns",
                           tally.corrections, tally.errors, tally.workarounds, tally.deferrals,
                           tally.patterns);
      }
      text += fmt::format(" ({} session(s))", tally.sessions);
      if (tally.input_tokens + tally.output_tokens > 0) {
        text += fmt::format(" — {} in / {} out tokens", tally.input_tokens, tally.output_tokens);
        if (tally.cost) text += fmt::format(", ${}", to_string(*tally.cost));
      }
      line("- `{}`: {}", in_code(tally.key), text);
    }
    line("");
  }

  void spend() {
    if (!content_.spend) return;
    const Spend& spend = *content_.spend;
    line("## Spend\n");
    if (spend.sessions_with_cost > 0) {
      line("- **Total**: ${} across {} of {} session(s) with usage data", to_string(spend.total),
           spend.sessions_with_cost, spend.sessions_with_usage);
    } else {
      line("- **Total**: no cost data ({} session(s) with usage; unpriced models)",
           spend.sessions_with_usage);
    }
    line("- **Tokens**: {} in / {} out\n", spend.input_tokens, spend.output_tokens);
    shares("Spend by role", spend.by_role);
    shares("Spend by model", spend.by_model);
  }

  void shares(std::string_view title, const std::vector<std::pair<std::string, Money>>& parts) {
    if (parts.empty()) return;
    line("### {}\n", title);
    for (const auto& [name, money] : parts) line("- `{}`: ${}", in_code(name), to_string(money));
    line("");
  }

  const DigestContent& content_;
  std::string out_;
};

}  // namespace

std::string render_digest(const DigestContent& content) { return Renderer(content).render(); }

}  // namespace daybook
