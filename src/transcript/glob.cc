// SPDX-License-Identifier: Apache-2.0
#include "transcript/glob.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace daybook::transcript {
namespace {

constexpr int kMaxGlobDepth = 16;  // of directories that "**" stands for

bool is_pattern(std::string_view component) {
  return component.find_first_of("*?") != std::string_view::npos;
}

class Expansion {
 public:
  explicit Expansion(FileSystem& files) : files_(&files) {}

  // Everything that `prefix` followed by `rest` stands for.
  void expand(const Place& prefix, std::string_view rest, int depth) {
    if (places_.size() >= kMaxPlaces) return;
    if (rest.empty()) return places_.push_back(prefix);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view component = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (component == "**") return expand_depth(prefix, rest, depth);
    if (!is_pattern(component)) {
      return expand({join(prefix.path, component), prefix.seat}, rest, depth);
    }
    const auto entries = files_->list(prefix.path.empty() ? "." : prefix.path);
    if (!entries) return;
    for (const DirectoryEntry& entry : *entries) {
      if (!entry.is_directory && !rest.empty()) continue;
      if (!matches_component(entry.name, component)) continue;
      const bool names_seat = component == "*" && prefix.seat.empty() && !rest.empty();
      expand({join(prefix.path, entry.name), names_seat ? entry.name : prefix.seat}, rest, depth);
    }
  }

  std::vector<Place> take() { return std::move(places_); }

 private:
  void expand_depth(const Place& prefix, std::string_view rest, int depth) {
    expand(prefix, rest, depth);
    const auto entries = files_->list(prefix.path.empty() ? "." : prefix.path);
    if (!entries || depth >= kMaxGlobDepth) return;
    const std::string again = rest.empty() ? "**" : fmt::format("**/{}", rest);
    for (const DirectoryEntry& entry : *entries) {
      if (entry.is_directory) {
        expand({join(prefix.path, entry.name), prefix.seat}, again, depth + 1);
      }
    }
  }

  static std::string join(const std::string& prefix, std::string_view name) {
    if (prefix.empty()) return std::string(name);
    return prefix.ends_with('/') ? fmt::format("{}{}", prefix, name)
                                 : fmt::format("{}/{}", prefix, name);
  }

  FileSystem* files_;
  std::vector<Place> places_;
};

}  // namespace

bool matches_component(std::string_view name, std::string_view pattern) {
  // The last "*" met and where its text ends so far: on a mismatch it takes one more.
  std::size_t star = std::string_view::npos;
  std::size_t star_end = 0;
  std::size_t at = 0;
  std::size_t n = 0;
  while (n < name.size()) {
    if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[n])) {
      ++at;
      ++n;
    } else if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_end = n;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

std::vector<Place> expand_places(const std::string& pattern, FileSystem& files) {
  if (!is_pattern(pattern)) return {{pattern, {}}};
  Expansion expansion(files);
  std::string_view rest = pattern;
  Place root;
  if (rest.starts_with('/')) {
    root.path = "/";
    rest.remove_prefix(1);
  }
  expansion.expand(root, rest, 0);
  return expansion.take();
}

}  // namespace daybook::transcript
