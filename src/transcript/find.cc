// SPDX-License-Identifier: Apache-2.0
//
#include "transcript/find.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "transcript/glob.h"

namespace daybook {
namespace transcript {
namespace {

constexpr std::size_t kMaxDepth = 16;  // of directories below a place

std::vector<std::string_view> components_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

// One walk below some places, on behalf of every reader.
class Search {
 public:
  Search(std::span<const Reader* const> readers, const ReaderSource& source, FileSystem& files)
      : readers_(readers), source_(&source), files_(&files), found_(readers.size()) {}

  void look_in(const std::string& pattern) {
    const std::vector<Place> places = expand_places(pattern, *files_);
    if (places.empty()) found_[0].missing.push_back(pattern);
    for (const Place& place : places) look_at(place);
  }

  std::vector<FoundTranscripts> take() {
    for (FoundTranscripts& found : found_) {
      std::ranges::sort(found.files, {}, &TranscriptFile::path);
      const auto repeated = std::ranges::unique(found.files, {}, &TranscriptFile::path);
      found.files.erase(repeated.begin(), repeated.end());
    }
    return std::move(found_);
  }

 private:
  void look_at(const Place& place) {
    const auto entries = files_->list(place.path);
    if (entries) {
      found_[0].looked.push_back(place.path);
      return walk(place, place.path, *entries, 1);
    }
    if (entries.error().code == Errc::PermissionDenied) {
      found_[0].looked.push_back(place.path);
      found_[0].unreadable.push_back(entries.error());
      return;
    }
    look_at_file(place);
  }

  // A file that was named itself is taken whatever its name.
  void look_at_file(const Place& place) {
    const std::size_t slash = place.path.rfind('/');
    const std::string directory =
        slash == std::string::npos ? "." : place.path.substr(0, slash + 1);
    const auto siblings = files_->list(directory);
    const std::string_view name =
        std::string_view(place.path).substr(slash == std::string::npos ? 0 : slash + 1);
    if (siblings) {
      const auto entry = std::ranges::find(*siblings, name, &DirectoryEntry::name);
      if (entry != siblings->end() && !entry->is_directory) {
        found_[0].looked.push_back(place.path);
        for (std::size_t i = 0; i < readers_.size(); ++i) {
          if (!take_file(i, place, place.path, *siblings, *entry, 1))
            take_unnamed(i, place, *entry);
        }
        return;
      }
    }
    found_[0].missing.push_back(place.path);
  }

  void walk(const Place& place, const std::string& directory,
            const std::vector<DirectoryEntry>& entries, std::size_t depth) {
    for (const DirectoryEntry& entry : entries) {
      const std::string path = fmt::format("{}/{}", directory, entry.name);
      if (!entry.is_directory) {
        for (std::size_t i = 0; i < readers_.size(); ++i) {
          take_file(i, place, path, entries, entry, depth);
        }
      } else if (depth < kMaxDepth) {
        const auto inner = files_->list(path);
        if (inner) {
          walk(place, path, *inner, depth + 1);
        } else {
          found_[0].unreadable.push_back(inner.error());
        }
      }
    }
  }

  // For the reader at `index`. False: not a file of his.
  bool take_file(std::size_t index, const Place& place, const std::string& path,
                 const std::vector<DirectoryEntry>& siblings, const DirectoryEntry& entry,
                 std::size_t below) {
    const std::vector<std::string_view> parts = components_of(path);
    auto known = readers_[index]->recognise({.path = parts,
                                             .below = below,
                                             .siblings = siblings,
                                             .seat = place.seat,
                                             .source = source_});
    if (!known) return false;
    if (known->seat.empty()) known->seat = place.seat;
    found_[index].files.push_back({.reader = std::string(readers_[index]->name()),
                                   .path = path,
                                   .session = std::move(known->session),
                                   .project = std::move(known->project),
                                   .harness = source_->name,
                                   .seat = std::move(known->seat),
                                   .stamp = entry.stamp});
    return true;
  }

  void take_unnamed(std::size_t index, const Place& place, const DirectoryEntry& entry) {
    const std::string_view name = entry.name;
    found_[index].files.push_back({.reader = std::string(readers_[index]->name()),
                                   .path = place.path,
                                   .session = std::string(name.substr(0, name.rfind('.'))),
                                   .harness = source_->name,
                                   .seat = place.seat,
                                   .stamp = entry.stamp});
  }

  std::span<const Reader* const> readers_;
  const ReaderSource* source_;
  FileSystem* files_;
  std::vector<FoundTranscripts> found_;  // one for each reader
};

std::string with_home(std::string_view path, const std::string& home) {
  if (path == "~") return home;
  if (path.starts_with("~/")) return fmt::format("{}{}", home, path.substr(1));
  std::string plain(path);
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  return plain;
}

Result<void> check_options(const ReaderSource& source) {
  const std::string& from = source.session_id_from;
  if (from.empty() || from == "parent_dir" || from == "file_stem") return {};
  return fail(Errc::InvalidArgument, fmt::format("session_id_from cannot be '{}'", from),
              "it is \"parent_dir\" or \"file_stem\"");
}

}  // namespace

Result<std::vector<FoundTranscripts>> find_for_each(std::span<const Reader* const> readers,
                                                    const ReaderSource& source,
                                                    const std::string& home,
                                                    const Environment& env) {
  DAYBOOK_CHECK(check_options(source));
  Search search(readers, source, *env.files);
  for (const std::string& pattern : source.paths) search.look_in(with_home(pattern, home));
  std::vector<FoundTranscripts> found = search.take();
  for (std::size_t i = 0; i < readers.size(); ++i) readers[i]->select(source, found[i], env);
  return found;
}

}  // namespace transcript

Result<std::vector<std::string>> default_places(std::string_view reader, const std::string& home) {
  const auto* known = transcript::find_reader(reader);
  if (known == nullptr) return fail(transcript::no_such_reader(reader));
  std::vector<std::string> places = known->default_places();
  for (std::string& place : places) place = fmt::format("{}/{}", home, place);
  return places;
}

Result<FoundTranscripts> find_transcripts(const ReaderSource& source, const std::string& home,
                                          Environment env) {
  const auto* reader = transcript::find_reader(source.reader);
  if (reader == nullptr) return fail(transcript::no_such_reader(source.reader));
  ReaderSource complete = source;
  if (complete.paths.empty()) {
    DAYBOOK_TRY(places, default_places(source.reader, home));
    complete.paths = std::move(places);
  }
  DAYBOOK_TRY(found, transcript::find_for_each({&reader, 1}, complete, home, env));
  return std::move(found.front());
}

}  // namespace daybook
