// SPDX-License-Identifier: Apache-2.0
#include "review/beads.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/fs/file_lock.h"
#include "base/fs/files.h"
#include "base/json_writer.h"
#include "base/sha256.h"
#include "transcript/json_view.h"

namespace daybook::review {
namespace {

constexpr std::string_view kSource = "jilog/review";
constexpr std::uint64_t kLockTimeoutMs = 30'000;
constexpr std::size_t kFirstIdCharacters = 3;
constexpr std::size_t kMaxIdCharacters = 16;
constexpr std::string_view kIdAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
// Words in a reason for closing that mean "no", not "done".
constexpr std::string_view kDecided[] = {"wontfix",   "won't",   "not planned", "not_planned",
                                         "duplicate", "invalid", "superseded",  "obsolete"};

// What matters here of one line.
struct Line {
  std::string_view bytes;  // without its newline
  std::string id;
  std::string title;
  std::string status;
  std::string reason;
  bool ours = false;
};

bool has_label(simdjson::dom::object fields, std::string_view label) {
  const auto labels = transcript::find_array(fields, "labels");
  if (!labels) return false;
  for (const auto value : *labels) {
    if (transcript::as_text(value) == label) return true;
  }
  return false;
}

// Every line, also those that are no issues: those have no id.
std::vector<Line> lines_of(std::string_view text, const std::string& label) {
  std::vector<Line> lines;
  simdjson::dom::parser parser;
  while (!text.empty()) {
    Line line;
    line.bytes = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.bytes.size() + 1));
    simdjson::dom::element value;
    const bool json =
        parser.parse(line.bytes.data(), line.bytes.size()).get(value) == simdjson::SUCCESS;
    if (const auto fields = json ? transcript::as_object(value) : std::nullopt) {
      line.id = transcript::text_at(*fields, "id");
      line.title = transcript::text_at(*fields, "title");
      line.status = transcript::text_at(*fields, "status");
      line.reason = transcript::text_at(*fields, "closed_reason");
      if (line.reason.empty()) line.reason = transcript::text_at(*fields, "close_reason");
      line.ours = transcript::text_at(*fields, "source") == kSource || has_label(*fields, label);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

bool closed_as_done(const Line& line) {
  std::string reason = line.reason;
  std::transform(reason.begin(), reason.end(), reason.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::none_of(std::begin(kDecided), std::end(kDecided), [&](std::string_view word) {
    return reason.find(word) != std::string::npos;
  });
}

// "myproj" of "myproj-a1b".
std::string prefix_of(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    const std::size_t dash = line.id.rfind('-');
    if (dash != std::string::npos && dash > 0) return line.id.substr(0, dash);
  }
  return {};
}

std::string last_component(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.empty() || name == "." || name == ".." ? "issue" : name;
}

// Drawn from the title, so that the same problem gets the same name anywhere;
// longer where that is taken.
std::string new_id(const std::string& prefix, const std::string& title,
                   const std::vector<Line>& lines) {
  std::set<std::string_view> taken;
  for (const Line& line : lines) taken.insert(line.id);
  const Digest hash = sha256(as_bytes(title));
  std::string id = prefix + "-";
  for (std::size_t i = 0; i < kMaxIdCharacters; ++i) {
    id.push_back(kIdAlphabet[hash.bytes.at(i) % kIdAlphabet.size()]);
    if (i + 1 >= kFirstIdCharacters && !taken.contains(id)) break;
  }
  return id;
}

std::string to_line(const std::string& id, const IssueDraft& draft,
                    const std::vector<std::string>& labels) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("id", id).member("title", draft.title);
  json.member("type", draft.type).member("priority", draft.priority).member("status", "open");
  json.key("labels").begin_array();
  for (const std::string& label : labels) json.text(label);
  json.end_array().member("body", draft.body).member("source", kSource);
  json.member("created", to_string(draft.created).substr(0, 19) + "Z").end_object();
  return text;
}

// The same object, open again, with the comment; its other members as they are.
Result<std::string> reopened(const Line& line, const std::string& comment) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(line.bytes.data(), line.bytes.size()).get(value) != simdjson::SUCCESS) {
    return fail(Errc::Corruption, fmt::format("the line of {} is no JSON any more", line.id));
  }
  const auto fields = transcript::as_object(value);
  if (!fields) return fail(Errc::Corruption, fmt::format("the line of {} is no object", line.id));
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  std::string comments;
  for (const auto& [key, member] : *fields) {
    if (key == "status") {
      json.member("status", "open");
    } else if (key == "comments" && transcript::as_array(member)) {
      transcript::append_json(comments, member);
    } else if (!key.starts_with("close")) {  // closed, closed_at, close_reason, ...
      std::string raw;
      transcript::append_json(raw, member);
      json.raw_member(key, raw);
    }
  }
  if (comments.size() > 2) {
    comments.back() = ',';
  } else {
    comments = "[";
  }
  append_json_string(comments, comment);
  json.raw_member("comments", comments + "]").end_object();
  return text;
}

}  // namespace

BeadsTracker::BeadsTracker(TrackerOptions options, Environment env)
    : options_(std::move(options)), env_(env) {
  if (options_.path.empty()) options_.path = ".";
  while (options_.path.size() > 1 && options_.path.back() == '/') options_.path.pop_back();
  if (options_.labels.empty()) options_.labels = {"jilog"};
}

Result<std::string> BeadsTracker::read() const {
  DAYBOOK_TRY(target, env_.files->follow(file()));
  if (target.kind == PathKind::Missing) return std::string();
  DAYBOOK_TRY(bytes, read_file(*env_.files, target.path, kMaxBeadsFileBytes));
  return std::string(as_text(bytes));
}

Result<void> BeadsTracker::update(const std::function<Result<void>(std::string&)>& change) {
  DAYBOOK_CHECK(make_directories(*env_.files, directory()));
  DAYBOOK_TRY(lock, FileLock::take(env_, directory() + "/.lock", kLockTimeoutMs));
  DAYBOOK_TRY(text, read());
  if (!text.empty() && text.back() != '\n') text.push_back('\n');
  DAYBOOK_CHECK(change(text));
  return write_output_file(env_, file(), as_bytes(text));
}

Result<std::vector<TrackedIssue>> BeadsTracker::list() {
  DAYBOOK_TRY(text, read());
  std::vector<TrackedIssue> issues;
  for (Line& line : lines_of(text, options_.labels.front())) {
    if (line.id.empty() || !line.ours) continue;
    TrackedIssue issue;
    issue.open = line.status != "closed" && line.status != "done";
    issue.done = !issue.open && closed_as_done(line);
    issue.issue = {.backend = "beads", .id = line.id, .title = line.title, .url = {}};
    issues.push_back(std::move(issue));
  }
  return issues;
}

Result<IssueRef> BeadsTracker::create(const IssueDraft& draft) {
  std::vector<std::string> labels = options_.labels;
  labels.insert(labels.end(), draft.labels.begin(), draft.labels.end());
  IssueRef made{.backend = "beads", .id = {}, .title = draft.title, .url = {}};
  DAYBOOK_CHECK(update([&](std::string& text) -> Result<void> {
    const std::vector<Line> lines = lines_of(text, options_.labels.front());
    // Another review may have filed it since this one looked.
    for (const Line& line : lines) {
      const bool same = line.ours && comparable(line.title) == comparable(draft.title);
      if (same && line.status != "closed") made.id = line.id;
    }
    if (!made.id.empty()) return {};
    std::string prefix = options_.prefix.empty() ? prefix_of(lines) : options_.prefix;
    if (prefix.empty()) prefix = last_component(options_.path);
    made.id = new_id(prefix, draft.title, lines);
    text += to_line(made.id, draft, labels) + "\n";
    return {};
  }));
  return made;
}

Result<void> BeadsTracker::reopen(const IssueRef& issue, const std::string& comment) {
  return update([&](std::string& text) -> Result<void> {
    std::string changed;
    bool found = false;
    for (const Line& line : lines_of(text, options_.labels.front())) {
      if (line.id == issue.id && !found) {
        found = true;
        DAYBOOK_TRY(open, reopened(line, comment));
        changed += open + "\n";
      } else {
        changed.append(line.bytes).push_back('\n');
      }
    }
    if (!found) return fail(Errc::NotFound, fmt::format("{} has no issue {}", file(), issue.id));
    text = std::move(changed);
    return {};
  });
}

}  // namespace daybook::review
