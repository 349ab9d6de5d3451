// SPDX-License-Identifier: Apache-2.0
//
// Finding the files of a source below its places.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "daybook/transcript.h"
#include "transcript/glob.h"
#include "transcript/reader.h"

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

class Search {
 public:
  Search(const Reader& reader, const ReaderSource& source, FileSystem& files)
      : reader_(&reader), source_(&source), files_(&files) {}

  void look_in(const std::string& pattern) {
    const std::vector<Place> places = expand_places(pattern, *files_);
    if (places.empty()) found_.missing.push_back(pattern);
    for (const Place& place : places) look_at(place);
  }

  FoundTranscripts take() {
    std::ranges::sort(found_.files, {}, &TranscriptFile::path);
    const auto repeated = std::ranges::unique(found_.files, {}, &TranscriptFile::path);
    found_.files.erase(repeated.begin(), repeated.end());
    return std::move(found_);
  }

 private:
  void look_at(const Place& place) {
    const auto entries = files_->list(place.path);
    if (entries) {
      found_.looked.push_back(place.path);
      return walk(place, place.path, *entries, 1);
    }
    if (entries.error().code == Errc::PermissionDenied) {
      found_.looked.push_back(place.path);
      found_.unreadable.push_back(entries.error());
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
        found_.looked.push_back(place.path);
        if (!take_file(place, place.path, *siblings, *entry, 1)) {
          take_unnamed(place, *entry);
        }
        return;
      }
    }
    found_.missing.push_back(place.path);
  }

  void walk(const Place& place, const std::string& directory,
            const std::vector<DirectoryEntry>& entries, std::size_t depth) {
    for (const DirectoryEntry& entry : entries) {
      const std::string path = fmt::format("{}/{}", directory, entry.name);
      if (!entry.is_directory) {
        take_file(place, path, entries, entry, depth);
      } else if (depth < kMaxDepth) {
        const auto inner = files_->list(path);
        if (inner) {
          walk(place, path, *inner, depth + 1);
        } else {
          found_.unreadable.push_back(inner.error());
        }
      }
    }
  }

  bool take_file(const Place& place, const std::string& path,
                 const std::vector<DirectoryEntry>& siblings, const DirectoryEntry& entry,
                 std::size_t below) {
    const std::vector<std::string_view> parts = components_of(path);
    auto known = reader_->recognise({.path = parts,
                                     .below = below,
                                     .siblings = siblings,
                                     .seat = place.seat,
                                     .source = source_});
    if (!known) return false;
    if (known->seat.empty()) known->seat = place.seat;
    found_.files.push_back({.reader = std::string(reader_->name()),
                            .path = path,
                            .session = std::move(known->session),
                            .project = std::move(known->project),
                            .harness = source_->name,
                            .seat = std::move(known->seat),
                            .stamp = entry.stamp});
    return true;
  }

  void take_unnamed(const Place& place, const DirectoryEntry& entry) {
    const std::string_view name = entry.name;
    found_.files.push_back({.reader = std::string(reader_->name()),
                            .path = place.path,
                            .session = std::string(name.substr(0, name.rfind('.'))),
                            .harness = source_->name,
                            .seat = place.seat,
                            .stamp = entry.stamp});
  }

  const Reader* reader_;
  const ReaderSource* source_;
  FileSystem* files_;
  FoundTranscripts found_;
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
  DAYBOOK_CHECK(transcript::check_options(source));
  std::vector<std::string> patterns = source.paths;
  if (patterns.empty()) {
    DAYBOOK_TRY(places, default_places(source.reader, home));
    patterns = std::move(places);
  }
  transcript::Search search(*reader, source, *env.files);
  for (const std::string& pattern : patterns) {
    search.look_in(transcript::with_home(pattern, home));
  }
  FoundTranscripts found = search.take();
  reader->select(source, found, env);
  return found;
}

}  // namespace daybook
