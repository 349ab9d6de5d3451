// SPDX-License-Identifier: Apache-2.0
//
// ./dev score: both sets of rules over real transcripts, against the labels in
// tests/review/labels or another directory; a table for each file there. With
// --unlabelled it lists what a person still has to label; with --mistakes where
// daybook's rules and the labels differ, without any text.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "daybook/review.h"
#include "daybook/transcript.h"
#include "review/score.h"

namespace {

using daybook::RecordKind;
using daybook::Signal;
using daybook::TranscriptRecord;
using daybook::review::LabelClass;
using daybook::review::Labels;
using daybook::review::RuleSignals;

// A record that a person has to judge.
struct Candidate {
  std::string session;
  std::string record;
  std::string what;
  std::string place;
};

struct Session {
  daybook::Detector jilog;
  daybook::Detector daybook;
};

struct Findings {
  std::map<std::string, Session> open;
  RuleSignals signals;
  std::vector<Candidate> candidates;
};

void append(std::vector<Signal>& to, std::vector<Signal> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

std::string question_of(const TranscriptRecord& record) {
  using enum daybook::Outcome;
  const bool said = record.origin == daybook::Origin::Said;
  if (record.kind == RecordKind::Message && said && record.role == daybook::Role::User) {
    return "user turn";
  }
  const bool failed =
      record.outcome == Failure || record.outcome == Refused || record.outcome == Interrupted;
  return record.kind == RecordKind::ToolResult && failed ? "failed call" : "";
}

void add(Findings& findings, const TranscriptRecord& record, const std::string& path) {
  const std::string& id = record.session->id;
  const auto session =
      findings.open
          .try_emplace(id, Session{.jilog = daybook::Detector(daybook::Rules::Jilog, id),
                                   .daybook = daybook::Detector(daybook::Rules::Daybook, id)})
          .first;
  session->second.jilog.add(record);
  session->second.daybook.add(record);
  if (const std::string what = question_of(record); !what.empty()) {
    findings.candidates.push_back(
        {id, std::string(record.id), what, path + ":" + std::to_string(record.line)});
  }
}

void read_file(Findings& findings, const std::string& path) {
  const auto reader = daybook::recognise_transcript(path);
  if (!reader || reader->empty()) {
    std::cerr << "not a transcript: " << path << "\n";
    return;
  }
  const auto found = daybook::find_transcripts({.reader = *reader, .paths = {path}}, "");
  if (!found) return;
  for (const daybook::TranscriptFile& file : found->files) {
    const auto summary = daybook::read_transcript(file, {}, [&](const TranscriptRecord& record) {
      add(findings, record, path);
      return true;
    });
    if (!summary) std::cerr << path << ": " << summary.error().message << "\n";
  }
}

Findings read_all(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && entry.path().extension() == ".jsonl") {
      paths.push_back(entry.path().string());
    }
  }
  std::ranges::sort(paths);
  Findings findings;
  for (const std::string& path : paths) read_file(findings, path);
  for (auto& [id, session] : findings.open) {
    session.jilog.finish();
    session.daybook.finish();
    append(findings.signals.jilog, session.jilog.take());
    append(findings.signals.daybook, session.daybook.take());
  }
  return findings;
}

// The labels of one file, under its name.
struct LabelFile {
  std::string title;
  Labels labels;
};

daybook::Result<std::vector<LabelFile>> read_labels(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".tsv") paths.push_back(entry.path());
  }
  if (paths.empty()) {
    return daybook::fail(daybook::Errc::NotFound, "no *.tsv with labels in " + directory.string());
  }
  std::ranges::sort(paths);
  std::vector<LabelFile> files;
  for (const auto& path : paths) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    DAYBOOK_TRY(labels, daybook::review::parse_labels(text, path.string()));
    files.push_back({path.stem().string(), std::move(labels)});
  }
  return files;
}

bool is_labelled(const std::vector<LabelFile>& files, const Candidate& candidate) {
  return std::ranges::any_of(files, [&](const LabelFile& file) {
    return file.labels.classes.contains({.session = candidate.session, .record = candidate.record});
  });
}

void list_unlabelled(const Findings& findings, const std::vector<LabelFile>& files) {
  std::vector<Candidate> candidates = findings.candidates;
  for (const auto* signals : {&findings.signals.jilog, &findings.signals.daybook}) {
    for (const Signal& signal : *signals) {
      if (signal.kind == daybook::SignalKind::Workaround ||
          signal.kind == daybook::SignalKind::Deferral) {
        candidates.push_back({signal.session, signal.record, "phrase " + signal.label, ""});
      }
    }
  }
  for (const Candidate& candidate : candidates) {
    if (is_labelled(files, candidate)) continue;
    std::cout << candidate.session << '\t' << candidate.record << '\t' << candidate.what << '\t'
              << candidate.place << '\n';
  }
}

// A signal that no label agrees with.
void list_false_alarms(const Labels& labels, const std::vector<Signal>& signals) {
  for (const Signal& signal : signals) {
    if (!labels.contains_session(signal.session)) continue;
    if (signal.confidence < daybook::kReportedConfidence) continue;
    const auto wanted = signal.kind == daybook::SignalKind::Error
                            ? daybook::Result<LabelClass>(LabelClass::ErrorLearn)
                            : daybook::review::parse_label_class(to_string(signal.kind));
    const auto found = labels.classes.find({signal.session, signal.record});
    const bool right = found != labels.classes.end() && wanted && found->second.contains(*wanted);
    if (right || !wanted) continue;
    std::cout << "false\t" << to_string(signal.kind) << '\t' << signal.session << '\t'
              << signal.record << '\t' << signal.confidence << '\t' << signal.reason << '\n';
  }
}

// A label that no signal agrees with.
void list_misses(const Labels& labels, const std::vector<Signal>& signals) {
  std::map<daybook::review::RecordKey, const Signal*> seen;
  for (const Signal& signal : signals)
    seen.emplace(daybook::review::RecordKey{signal.session, signal.record}, &signal);
  for (const auto& [key, classes] : labels.classes) {
    const auto signal = seen.find(key);
    const bool reported =
        signal != seen.end() && signal->second->confidence >= daybook::kReportedConfidence;
    const bool wanted =
        classes.contains(LabelClass::Correction) || classes.contains(LabelClass::ErrorLearn) ||
        classes.contains(LabelClass::Workaround) || classes.contains(LabelClass::Deferral);
    if (reported || !wanted) continue;
    std::cout << "missed\t" << key.session << '\t' << key.record;
    if (signal != seen.end()) {
      std::cout << '\t' << signal->second->confidence << '\t' << signal->second->reason;
    }
    std::cout << '\n';
  }
}

int run(const std::string& sessions, const std::string& labels, const std::string& option) {
  const auto files = read_labels(labels);
  if (!files) {
    std::cerr << "daybook-score: " << files.error().message << "\n";
    return 1;
  }
  const Findings findings = read_all(sessions);
  if (option == "--unlabelled") {
    list_unlabelled(findings, *files);
    return 0;
  }
  for (const LabelFile& file : *files) {
    if (option == "--mistakes") {
      list_false_alarms(file.labels, findings.signals.daybook);
      list_misses(file.labels, findings.signals.daybook);
    } else {
      std::cout << daybook::review::score_table(file.title, file.labels, findings.signals) << '\n'
                << daybook::review::confidence_table(file.labels, findings.signals.daybook) << '\n';
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> directories;
  std::string option;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    (word.starts_with("--") ? option = word : directories.emplace_back(word));
  }
  if (directories.size() == 1) {
    directories.emplace_back(std::string(DAYBOOK_SOURCE_DIR) + "/tests/review/labels");
  }
  const bool known = option.empty() || option == "--unlabelled" || option == "--mistakes";
  const bool exist = std::ranges::all_of(
      directories, [](const std::string& path) { return std::filesystem::is_directory(path); });
  if (directories.size() != 2 || !known || !exist) {
    std::cerr << "usage: daybook-score TRANSCRIPTS-DIR [LABELS-DIR] [--unlabelled|--mistakes]\n";
    return 2;
  }
  return run(directories[0], directories[1], option);
}
