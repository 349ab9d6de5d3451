// SPDX-License-Identifier: Apache-2.0
//
// The import as a whole: which files are new, workers that take them one by one,
// sub-agents after the sessions that started them, and what is remembered for the
// next time, saved every so often behind a flush of the ledger.
#include "daybook/import.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "transcript/import_file.h"
#include "transcript/import_find.h"
#include "transcript/import_state.h"
#include "transcript/redact.h"

namespace daybook {
namespace transcript {
namespace {

constexpr std::uint32_t kMaxThreads = 8;
constexpr std::uint64_t kSaveMicros = 2'000'000;  // between saves of the positions
constexpr int kMaxRounds = 16;                    // depth to which sub-agents have sub-agents

// Whether a file that was imported leaving out records before `then` holds all
// that an import since `now` is about.
bool covers(std::optional<Timestamp> then, std::optional<Timestamp> now) {
  return !then || (now && *then <= *now);
}

class Import {
 public:
  Import(Ledger& ledger, const ImportOptions& options, const Environment& env, Redactor redactor)
      : ledger_(&ledger),
        options_(&options),
        env_(env),
        redactor_(std::move(redactor)),
        state_(ledger, env) {}

  Result<ImportReport> run() {
    DAYBOOK_CHECK(plan());
    if (!todo_.empty()) last_save_ = env_.clock->monotonic_micros();
    work(FileImport::Orphans::Wait);
    take_orphans();
    if (auto saved = save(); !saved) set_error(std::move(saved).error());
    if (error_) return fail(*error_);
    return report();
  }

 private:
  struct Task {
    TranscriptFile file;
    FilePosition from;
    std::unique_ptr<FileImport> import;
  };
  // What is told of a file that was imported.
  struct Outcome {
    ImportedFile file;
    ImportCounts counts;
  };

  Result<void> plan() {
    DAYBOOK_TRY(found, find_files(*options_, state_, env_));
    report_.files = found.files.size();
    report_.looked = std::move(found.looked);
    report_.missing = std::move(found.missing);
    report_.unreadable = std::move(found.unreadable);
    for (TranscriptFile& file : found.files) {
      count_reader(file.reader);
      const auto known = state_.find(file.path);
      const bool same =
          known && known->reader == file.reader && covers(known->since, options_->since);
      if (same && known->stamp == file.stamp) {
        ++report_.unchanged;
        continue;
      }
      Task task{.file = std::move(file), .from = {}, .import = {}};
      const std::uint64_t size = task.file.stamp.size;
      progress_.bytes_total += same ? size - std::min(size, known->stamp.size) : size;
      if (same) {
        if (auto position = state_.position(task.file.path)) task.from = *std::move(position);
      }
      todo_.push_back(std::move(task));
    }
    progress_.files_total = todo_.size();
    context_ = {.ledger = ledger_,
                .env = env_,
                .redactor = &redactor_,
                .since = options_->since,
                .stop = [this] { return is_over(); },
                .advance = [this](std::uint64_t bytes,
                                  std::uint64_t appended) { advance(bytes, appended); }};
    return {};
  }

  void count_reader(const std::string& reader) {
    const auto known = std::ranges::find(report_.readers, reader, &TypeTally::type);
    if (known == report_.readers.end()) {
      report_.readers.push_back({reader, 1});
    } else {
      ++known->count;
    }
  }

  [[nodiscard]] bool is_over() {
    if (options_->stop && options_->stop()) stopped_ = true;
    return stopped_ || failed_;
  }

  void set_error(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    failed_ = true;
  }

  void advance(std::uint64_t bytes, std::uint64_t appended) {
    const std::lock_guard lock(mutex_);
    progress_.bytes_done = std::min(progress_.bytes_done + bytes, progress_.bytes_total);
    progress_.appended += appended;
    if (options_->progress) options_->progress(progress_);
  }

  // All tasks, each by one of the workers.
  void work(FileImport::Orphans orphans) {
    next_ = 0;
    const auto cores = std::max(std::thread::hardware_concurrency(), 1U);
    const std::uint32_t wanted = options_->threads != 0 ? options_->threads : cores;
    const auto count = std::min<std::size_t>({wanted, kMaxThreads, todo_.size()});
    std::vector<std::thread> workers;
    for (std::size_t i = 1; i < count; ++i) workers.emplace_back([=, this] { take_all(orphans); });
    take_all(orphans);
    for (std::thread& worker : workers) worker.join();
  }

  void take_all(FileImport::Orphans orphans) {
    while (!is_over()) {
      const std::size_t index = next_.fetch_add(1);
      if (index >= todo_.size()) return;
      if (auto done = take(todo_[index], orphans); !done) {
        return set_error(std::move(done).error());
      }
    }
  }

  Result<void> take(Task& task, FileImport::Orphans orphans) {
    if (!task.import) {
      task.import = std::make_unique<FileImport>(context_, task.file, std::move(task.from));
    }
    FileImport& import = *task.import;
    while (true) {
      DAYBOOK_TRY(end, import.run(orphans));
      if (end == FileImport::End::WaitsForParent) {
        const std::lock_guard lock(mutex_);
        orphans_.push_back(std::move(task));
        return {};
      }
      const bool whole = end == FileImport::End::Done && !import.file_error();
      finish(import, whole);
      if (auto due = save_when_due(); !due) return due;
      if (end != FileImport::End::More) break;
    }
    const std::lock_guard lock(mutex_);
    ++progress_.files_done;
    done_.push_back({import.outcome(), import.counts()});
    task.import.reset();
    return {};
  }

  void finish(const FileImport& import, bool whole) {
    const TranscriptFile& file = import.file();
    FileProgress progress{.path = file.path,
                          .known = {.reader = file.reader, .stamp = {}, .since = options_->since},
                          .position = import.position()};
    if (whole) progress.known.stamp = file.stamp;
    const std::lock_guard lock(mutex_);
    unsaved_.push_back(std::move(progress));
  }

  // Rounds, because a sub-agent's sub-agents wait for it: as long as one finds its
  // parent the others may find theirs. The rest is taken without.
  void take_orphans() {
    for (int round = 0; !orphans_.empty() && !is_over(); ++round) {
      const std::size_t before = orphans_.size();
      todo_ = std::exchange(orphans_, {});
      work(FileImport::Orphans::Wait);
      if (orphans_.size() < before && round < kMaxRounds) continue;
      todo_ = std::exchange(orphans_, {});
      work(FileImport::Orphans::Take);
    }
  }

  Result<void> save_when_due() {
    {
      const std::lock_guard lock(mutex_);
      const std::uint64_t now = env_.clock->monotonic_micros();
      if (now - last_save_ < kSaveMicros) return {};
      last_save_ = now;
    }
    return save();
  }

  // First the events, then what says that they are there.
  Result<void> save() {
    std::vector<FileProgress> saving;
    {
      const std::lock_guard lock(mutex_);
      saving.swap(unsaved_);
    }
    if (saving.empty()) return {};
    DAYBOOK_CHECK(ledger_->sync());
    const auto remembered = state_.save(saving);
    if (remembered) return {};
    // A cache that cannot be written costs time, not events.
    const std::lock_guard lock(mutex_);
    report_.not_remembered = remembered.error();
    return {};
  }

  ImportReport report() {
    report_.stopped = stopped_;
    std::map<std::string, std::uint64_t, std::less<>> types;
    std::set<std::string, std::less<>> sessions;
    RedactionTally redacted(redactor_.names().size());
    std::ranges::sort(done_, {}, [](const Outcome& done) { return done.file.file.path; });
    for (auto& [file, counts] : done_) {
      report_.imported.push_back(std::move(file));
      report_.appended += counts.appended;
      report_.known += counts.known;
      report_.before += counts.before;
      report_.unknown_causes += counts.unknown_causes;
      for (const auto& [type, count] : counts.types) types[type] += count;
      sessions.insert(counts.sessions.begin(), counts.sessions.end());
      for (std::size_t i = 0; i < redacted.size(); ++i) redacted[i] += counts.redacted[i];
    }
    for (const auto& [type, count] : types) report_.types.push_back({type, count});
    std::ranges::stable_sort(report_.types, std::greater<>{}, &TypeTally::count);
    report_.sessions.assign(sessions.begin(), sessions.end());
    for (std::size_t i = 0; i < redacted.size(); ++i) {
      if (redacted[i] > 0) report_.redacted.push_back({redactor_.names()[i], redacted[i]});
    }
    return std::move(report_);
  }

  Ledger* ledger_;
  const ImportOptions* options_;
  Environment env_;
  Redactor redactor_;
  ImportState state_;
  ImportFileContext context_;

  std::vector<Task> todo_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> failed_{false};

  std::mutex mutex_;  // guards what follows, while workers run
  std::vector<Task> orphans_;
  std::vector<Outcome> done_;
  std::vector<FileProgress> unsaved_;  // written, and may be remembered once durable
  ImportProgress progress_;
  ImportReport report_;
  std::optional<Error> error_;
  std::uint64_t last_save_ = 0;
};

}  // namespace
}  // namespace transcript

Result<ImportReport> import_transcripts(Ledger& ledger, const ImportOptions& options,
                                        Environment env) {
  DAYBOOK_TRY(redactor, transcript::Redactor::make(options.redact));
  return transcript::Import(ledger, options, env, std::move(redactor)).run();
}

}  // namespace daybook
