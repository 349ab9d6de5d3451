// SPDX-License-Identifier: Apache-2.0
#include "cli/review_output.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/config_files.h"
#include "review/digest_text.h"

namespace daybook::cli {
namespace {

using Json = nlohmann::json;  // its members are sorted by name

constexpr int kSchemaVersion = 2;  // of jilog's document; members were only added
constexpr std::size_t kMaxLineCharacters = 500;
constexpr int kIndent = 2;

std::size_t count(const ReviewReport& report, SignalKind kind) {
  return static_cast<std::size_t>(
      std::count_if(report.signals.begin(), report.signals.end(),
                    [&](const Signal& signal) { return signal.kind == kind; }));
}

// "/home/ann/x" -> "~/x".
std::string contracted(const std::string& path) {
  const std::string home = home_directory();
  if (home.size() < 2 || !path.starts_with(home + "/")) return path;
  return "~" + path.substr(home.size());
}

std::vector<const Signal*> by_kind(const std::vector<Signal>& signals) {
  std::vector<const Signal*> sorted;
  sorted.reserve(signals.size());
  for (const Signal& signal : signals) sorted.push_back(&signal);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Signal* a, const Signal* b) {
    return std::tie(a->kind, a->session, a->time) < std::tie(b->kind, b->session, b->time);
  });
  return sorted;
}

Json to_json(const Signal& signal, Rules rules) {
  Json json = {{"kind", to_string(signal.kind)},
               {"session", signal.session},
               {"root", signal.root},
               {"record", signal.record},
               {"harness", signal.harness},
               {"project", signal.project},
               {"text", signal.text},
               {"confidence", signal.confidence},
               {"title", issue_title(signal, rules)}};
  json["time"] = signal.time ? Json(to_string(*signal.time)) : Json(nullptr);
  const std::pair<const char*, const std::string*> optional[] = {
      {"persona", &signal.persona}, {"channel", &signal.channel},   {"seat", &signal.seat},
      {"agent", &signal.agent},     {"machine", &signal.machine},   {"label", &signal.label},
      {"tool", &signal.tool},       {"evidence", &signal.evidence}, {"reason", &signal.reason}};
  for (const auto& [name, value] : optional) {
    if (!value->empty()) json[name] = *value;
  }
  return json;
}

Json to_json(const IssueRef& issue) {
  return {{"backend", issue.backend}, {"id", issue.id}, {"title", issue.title}, {"url", issue.url}};
}

Json to_json(const PersonaTally& tally) {
  const std::size_t at = tally.key.find('@');
  const bool channel = at != std::string::npos;
  return {{"persona", tally.key.substr(0, at)},
          {"channel", channel ? Json(tally.key.substr(at + 1)) : Json(nullptr)},
          {"corrections", tally.corrections},
          {"errors", tally.errors},
          {"workarounds", tally.workarounds},
          {"deferrals", tally.deferrals},
          {"patterns", tally.patterns},
          {"sessions", tally.sessions},
          {"input_tokens", tally.input_tokens},
          {"output_tokens", tally.output_tokens},
          {"cost_usd", tally.cost ? Json(to_string(*tally.cost)) : Json(nullptr)}};
}

Json to_json(const std::vector<std::pair<std::string, Money>>& parts) {
  Json json = Json::object();
  for (const auto& [name, money] : parts) json[name] = to_string(money);
  return json;
}

Json to_json(const Spend& spend) {
  return {
      {"total_usd", spend.sessions_with_cost > 0 ? Json(to_string(spend.total)) : Json(nullptr)},
      {"sessions_with_stats", spend.sessions_with_usage},
      {"sessions_with_cost", spend.sessions_with_cost},
      {"input_tokens", spend.input_tokens},
      {"output_tokens", spend.output_tokens},
      {"role_costs_usd", to_json(spend.by_role)},
      {"model_costs_usd", to_json(spend.by_model)}};
}

Json issues_json(const ReviewReport& report) {
  Json issues = Json::array();
  for (const FiledIssue& filed : report.issues) {
    Json issue = to_json(filed.issue);
    issue["action"] = to_string(filed.action);
    if (filed.cost) issue["cost_usd"] = to_string(*filed.cost);
    issues.push_back(std::move(issue));
  }
  return issues;
}

std::size_t count(const ReviewReport& report, IssueAction action) {
  return static_cast<std::size_t>(
      std::count_if(report.issues.begin(), report.issues.end(),
                    [&](const FiledIssue& filed) { return filed.action == action; }));
}

void print_issues(Output& out, const ReviewReport& report) {
  if (const std::size_t filed = count(report, IssueAction::Filed); filed > 0) {
    out.line(fmt::format("Created {} issue(s)", filed));
  }
  if (const std::size_t bumped = count(report, IssueAction::Bumped); bumped > 0) {
    out.line(fmt::format("Seen again: {} open issue(s)", bumped));
  }
  for (const FiledIssue& filed : report.issues) {
    const bool reopened = filed.action == IssueAction::Reopened;
    if (!reopened && filed.action != IssueAction::Left) continue;
    out.line(printable(fmt::format("{} {} {}", reopened ? "Reopened" : "Closed, left so:",
                                   filed.issue.id, filed.issue.title)));
  }
  for (const IssueRef& issue : report.resolved) {
    out.line(printable(fmt::format("Resolved: {} {}", issue.id, issue.title)));
  }
}

}  // namespace

std::string signal_line(const Signal& signal) {
  std::string start =
      fmt::format("[{}] {}", to_string(signal.kind), review::short_session(signal.session));
  const std::string text = review::cut(review::one_line(signal.text), kMaxLineCharacters, "...");
  switch (signal.kind) {
    case SignalKind::Correction:
      return fmt::format("{} {}", start, review::repr(text));
    case SignalKind::Error:
      return fmt::format("{} {}: {}", start, signal.tool, text);
    case SignalKind::Workaround:
    case SignalKind::Deferral:
      return fmt::format("{} [{}] {}", start, signal.label, review::repr(text));
    case SignalKind::Pattern:
      return fmt::format("{} {}: {}", start, signal.label,
                         signal.evidence.empty() ? text : review::one_line(signal.evidence));
  }
  return start;
}

void print_summary(Output& out, const ReviewReport& report) {
  out.line(fmt::format(
      "{} corrections, {} errors, {} workarounds, {} deferrals, {} patterns, {} P0 alert(s), {} "
      "session(s) scanned",
      count(report, SignalKind::Correction), count(report, SignalKind::Error),
      count(report, SignalKind::Workaround), count(report, SignalKind::Deferral),
      count(report, SignalKind::Pattern), report.digest.p0.size(), report.sessions_scanned));
  const auto& spend = report.digest.spend;
  if (spend && spend->sessions_with_cost > 0) {
    out.line(fmt::format("Spend: ${} across {} of {} session(s) with usage data",
                         to_string(spend->total), spend->sessions_with_cost,
                         spend->sessions_with_usage));
  }
  if (!report.digest_path.empty()) out.line(fmt::format("Digest: {}", report.digest_path));
  print_issues(out, report);
  if (!report.tracker_failures.empty()) {
    out.line(fmt::format("Tracker failures: {} ({} signal(s) pending, retried next run)",
                         report.tracker_failures.size(), report.pending));
  }
}

void print_dry_run(Output& out, const ReviewReport& report, const std::string& digest_path,
                   const std::string& tracker, std::size_t issues) {
  std::vector<std::string> readers;
  readers.reserve(report.sessions.size());
  for (const HarnessCount& entry : report.sessions) {
    readers.push_back(fmt::format("{}={}", entry.harness, entry.sessions));
  }
  std::string line =
      fmt::format("scanned {} sessions across {} readers", report.sessions_scanned, readers.size());
  if (!readers.empty()) line += fmt::format(" ({})", fmt::join(readers, ", "));
  out.line(line);
  for (const Signal* signal : by_kind(report.signals)) out.line(printable(signal_line(*signal)));
  for (const P0Alert& alert : report.digest.p0) {
    out.line(printable(fmt::format("[p0] {} failed in {} distinct sessions (threshold={})",
                                   alert.tool, alert.sessions.size(), kP0Sessions)));
  }
  out.line(fmt::format("would write: {}", contracted(digest_path)));
  if (tracker == "none") return;
  out.line(
      fmt::format("would create: {} issues in tracker={} (dry-run, skipped)", issues, tracker));
}

std::string report_json(const ReviewReport& report, RunKind kind) {
  Json json = {{"schema_version", kSchemaVersion},
               {"corrections", count(report, SignalKind::Correction)},
               {"errors", count(report, SignalKind::Error)},
               {"workarounds", count(report, SignalKind::Workaround)},
               {"deferrals", count(report, SignalKind::Deferral)},
               {"patterns", count(report, SignalKind::Pattern)},
               {"sessions_scanned", report.sessions_scanned},
               {"tracker_failures", report.tracker_failures.size()},
               {"date", report.date},
               {"rules", to_string(report.digest.rules)},
               {"since", to_string(report.since)},
               {"until", to_string(report.until)},
               {"pending", report.pending},
               {"issues", issues_json(report)}};
  json["digest_path"] = kind == RunKind::Real && !report.digest_path.empty()
                            ? Json(report.digest_path)
                            : Json(nullptr);
  json["spend"] = report.digest.spend ? to_json(*report.digest.spend) : Json(nullptr);
  json["p0_alerts"] = Json::object();
  for (const P0Alert& alert : report.digest.p0) json["p0_alerts"][alert.tool] = alert.sessions;
  json["personas"] = Json::object();
  for (const PersonaTally& tally : report.digest.personas) {
    json["personas"][tally.key] = to_json(tally);
  }
  json["created_issues"] = Json::array();
  for (const FiledIssue& filed : report.issues) {
    if (filed.action == IssueAction::Filed) json["created_issues"].push_back(to_json(filed.issue));
  }
  json["resolved_issues"] = Json::array();
  for (const IssueRef& issue : report.resolved) json["resolved_issues"].push_back(to_json(issue));
  json["signals"] = Json::array();
  for (const Signal* signal : by_kind(report.signals)) {
    json["signals"].push_back(to_json(*signal, report.digest.rules));
  }
  json["tracker_errors"] = Json::array();
  for (const Error& error : report.tracker_failures) {
    json["tracker_errors"].push_back(error.message);
  }
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace daybook::cli
