// SPDX-License-Identifier: Apache-2.0
//
// Places with wildcards: "*" and "?" within a component of a path, "**" for any
// number of directories.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daybook/environment.h"

namespace daybook::transcript {

inline constexpr std::size_t kMaxPlaces = 100'000;  // that one pattern stands for

struct Place {
  std::string path;
  std::string seat;  // what the first component that is a bare "*" stood for
};

// True when `name` matches a component such as "*.jsonl".
[[nodiscard]] bool matches_component(std::string_view name, std::string_view pattern);

// What the pattern stands for on disk. A pattern without wildcards stands for
// itself, whether that exists or not.
[[nodiscard]] std::vector<Place> expand_places(const std::string& pattern, FileSystem& files);

}  // namespace daybook::transcript
