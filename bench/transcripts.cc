// SPDX-License-Identifier: Apache-2.0
#include "bench/transcripts.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bench/store.h"
#include "bench/system.h"
#include "daybook/transcript.h"

namespace daybook::bench {

namespace stdfs = std::filesystem;

class TranscriptTree {
 public:
  TranscriptTree(std::string source, std::string directory, std::uint64_t bytes)
      : source_(std::move(source)), directory_(std::move(directory)), wanted_(bytes) {}

  Result<void> make() {
    if (!files_.empty()) return {};
    DAYBOOK_CHECK(find_originals());
    DAYBOOK_CHECK(make_fresh_directory(directory_));
    for (std::size_t copy = 0; bytes_ < wanted_; ++copy) DAYBOOK_CHECK(add_copy(copy));
    return {};
  }

  [[nodiscard]] const std::vector<TranscriptFile>& files() const { return files_; }
  [[nodiscard]] double megabytes() const { return static_cast<double>(bytes_) / 1e6; }

 private:
  Result<void> find_originals() {
    std::error_code error;
    for (const auto& entry : stdfs::recursive_directory_iterator(source_, error)) {
      if (!entry.is_regular_file()) continue;
      DAYBOOK_TRY(reader, recognise_transcript(entry.path().string()));
      if (reader.empty()) continue;
      originals_.push_back({.reader = reader, .path = entry.path().string()});
    }
    std::ranges::sort(originals_, {}, &TranscriptFile::path);
    if (!originals_.empty()) return {};
    return fail(Errc::NotFound, "no transcripts below " + source_);
  }

  Result<void> add_copy(std::size_t copy) {
    for (const TranscriptFile& original : originals_) {
      const stdfs::path relative = stdfs::relative(original.path, source_);
      const stdfs::path path = stdfs::path(directory_) / fmt::format("{:04}", copy) / relative;
      std::error_code error;
      stdfs::create_directories(path.parent_path(), error);
      stdfs::copy_file(original.path, path, stdfs::copy_options::overwrite_existing, error);
      if (error) return fail(Errc::Io, "cannot copy to " + path.string() + ": " + error.message());
      bytes_ += stdfs::file_size(path);
      files_.push_back(
          {.reader = original.reader, .path = path.string(), .session = path.stem().string()});
    }
    return {};
  }

  std::string source_;
  std::string directory_;
  std::uint64_t wanted_;
  std::vector<TranscriptFile> originals_;
  std::vector<TranscriptFile> files_;
  std::uint64_t bytes_ = 0;
};

namespace {

class TranscriptReader final : public Contestant {
 public:
  explicit TranscriptReader(std::shared_ptr<TranscriptTree> tree) : tree_(std::move(tree)) {}

  Result<void> prepare() override { return tree_->make(); }

  Result<Slice> run(double seconds) override {
    const Stopwatch watch;
    std::uint64_t passes = 0;
    do {
      DAYBOOK_CHECK(read_all());
      ++passes;
    } while (watch.seconds() < seconds);
    return Slice{tree_->megabytes() * static_cast<double>(passes) / watch.seconds(), {}};
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {fmt::format("transcripts: {} files of {:.0f} MB in all, {} records, {} lines skipped",
                        tree_->files().size(), tree_->megabytes(), records_, skipped_)};
  }

 private:
  Result<void> read_all() {
    next_ = 0;
    records_ = 0;
    skipped_ = 0;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
      threads.emplace_back([this] { read_some(); });
    }
    threads.clear();
    return failure_ ? Result<void>(fail(*failure_)) : Result<void>{};
  }

  void read_some() {
    Sink sink;
    const auto& files = tree_->files();
    for (std::size_t i = next_++; i < files.size(); i = next_++) {
      const auto summary = read_transcript(files[i], {}, [&](const TranscriptRecord& record) {
        sink.take(record.text.data(), record.text.size());
        sink.take(record.arguments.data(), record.arguments.size());
        return true;
      });
      if (!summary) {
        const std::lock_guard lock(mutex_);
        failure_ = summary.error();
        return;
      }
      records_ += summary->records;
      skipped_ += summary->skipped;
    }
  }

  std::shared_ptr<TranscriptTree> tree_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> skipped_{0};
  std::mutex mutex_;
  std::optional<Error> failure_;
};

class Jq final : public Contestant {
 public:
  explicit Jq(std::shared_ptr<TranscriptTree> tree) : tree_(std::move(tree)) {}

  Result<void> prepare() override { return tree_->make(); }

  // One pass, however long it takes. jq stops at the first line that is not one
  // JSON value after the other, so its exit code says nothing here.
  Result<Slice> run(double /*seconds*/) override {
    std::vector<std::string> command = {"/bin/sh", "-c",
                                        "for f; do jq -c . \"$f\"; done 2>/dev/null", "sh"};
    for (const TranscriptFile& file : tree_->files()) command.push_back(file.path);
    DAYBOOK_TRY(child, run_child(command, ChildOutput::Discard));
    speed_ = tree_->megabytes() / child.seconds;
    return Slice{speed_, {}};
  }

  [[nodiscard]] std::vector<std::string> notes() const override {
    return {fmt::format("transcripts: jq -c . reads {:.1f} MB/s", speed_)};
  }

 private:
  std::shared_ptr<TranscriptTree> tree_;
  double speed_ = 0;
};

}  // namespace

std::shared_ptr<TranscriptTree> make_transcript_tree(std::string source, std::string directory,
                                                     std::uint64_t bytes) {
  return std::make_shared<TranscriptTree>(std::move(source), std::move(directory), bytes);
}
std::unique_ptr<Contestant> make_transcript_reader(std::shared_ptr<TranscriptTree> tree) {
  return std::make_unique<TranscriptReader>(std::move(tree));
}
std::unique_ptr<Contestant> make_jq(std::shared_ptr<TranscriptTree> tree) {
  return std::make_unique<Jq>(std::move(tree));
}

}  // namespace daybook::bench
