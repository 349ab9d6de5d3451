// SPDX-License-Identifier: Apache-2.0
#include "transcript/import_find.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "transcript/find.h"

namespace daybook::transcript {
namespace {

Error no_session(const std::string& path) {
  return {Errc::NotFound, fmt::format("{}: no session of any known agent", path),
          "with --reader NAME it is read as that agent's"};
}

class Finder {
 public:
  Finder(const ImportOptions& options, const ImportState& state, const Environment& env)
      : options_(&options), state_(&state), env_(env) {}

  Result<FoundTranscripts> find() {
    if (options_->sources.empty()) {
      for (const std::string_view reader : reader_names()) {
        DAYBOOK_CHECK(add({.reader = std::string(reader)}));
      }
    }
    for (const ReaderSource& source : options_->sources) {
      DAYBOOK_CHECK(source.reader.empty() ? add_by_content(source) : add(source));
    }
    for (auto& [path, file] : files_) all_.files.push_back(std::move(file));
    return std::move(all_);
  }

 private:
  Result<void> add(const ReaderSource& source) {
    DAYBOOK_TRY(found, find_transcripts(source, options_->home, env_));
    for (TranscriptFile& file : found.files) {
      std::string path = file.path;
      files_.try_emplace(std::move(path), std::move(file));
    }
    note_places(std::move(found));
    return {};
  }

  void note_places(FoundTranscripts found) {
    const auto add_new = [](std::vector<std::string>& all, std::vector<std::string> more) {
      for (std::string& place : more) {
        if (std::ranges::find(all, place) == all.end()) all.push_back(std::move(place));
      }
    };
    add_new(all_.looked, std::move(found.looked));
    add_new(all_.missing, std::move(found.missing));
    for (Error& error : found.unreadable) {
      const bool known = std::ranges::any_of(
          all_.unreadable, [&](const Error& other) { return other.message == error.message; });
      if (!known) all_.unreadable.push_back(std::move(error));
    }
  }

  // Several readers may take a file for theirs by its name; its content decides.
  Result<void> add_by_content(const ReaderSource& source) {
    DAYBOOK_TRY(found, find_for_each(all_readers(), source, options_->home, env_));
    std::map<std::string, std::vector<TranscriptFile>> claims;
    for (FoundTranscripts& of_reader : found) {
      for (TranscriptFile& file : of_reader.files) claims[file.path].push_back(std::move(file));
      note_places(std::move(of_reader));
    }
    for (auto& [path, candidates] : claims) {
      if (files_.contains(path)) continue;
      const bool named = std::ranges::find(source.paths, path) != source.paths.end();
      if (auto file = decide(path, candidates, named)) files_.emplace(path, *std::move(file));
    }
    return {};
  }

  std::optional<TranscriptFile> decide(const std::string& path,
                                       std::vector<TranscriptFile>& candidates, bool named) {
    const auto known = state_->find(path);
    std::string reader = known ? known->reader : std::string();
    if (reader.empty()) {
      auto recognised = recognise_transcript(path, env_);
      if (!recognised) {
        all_.unreadable.push_back(std::move(recognised).error());
        return std::nullopt;
      }
      reader = *std::move(recognised);
    }
    // No transcript, or one whose first lines are not there yet.
    if (reader.empty()) {
      if (named) all_.unreadable.push_back(no_session(path));  // who named it wants to know
      return std::nullopt;
    }
    for (TranscriptFile& candidate : candidates) {
      if (candidate.reader == reader) return std::move(candidate);
    }
    TranscriptFile file = std::move(candidates.front());
    file.reader = reader;
    return file;
  }

  const ImportOptions* options_;
  const ImportState* state_;
  Environment env_;
  std::map<std::string, TranscriptFile> files_;
  FoundTranscripts all_;
};

}  // namespace

Result<FoundTranscripts> find_files(const ImportOptions& options, const ImportState& state,
                                    const Environment& env) {
  return Finder(options, state, env).find();
}

}  // namespace daybook::transcript
