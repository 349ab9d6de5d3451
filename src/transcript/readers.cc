// SPDX-License-Identifier: Apache-2.0
//
// The one list of readers. A new one is added here and in reader.h.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "transcript/reader.h"

namespace daybook {
namespace transcript {

std::span<const Reader* const> all_readers() {
  static const std::array<const Reader*, 7> readers{
      &amplifier_reader(), &claude_code_reader(), &codex_reader(), &copilot_reader(),
      &generic_reader(),   &nanoclaw_reader(),    &pi_reader(),
  };
  return readers;
}

const Reader* find_reader(std::string_view name) {
  const auto readers = all_readers();
  const auto found = std::ranges::find(readers, name, &Reader::name);
  return found == readers.end() ? nullptr : *found;
}

Error no_such_reader(std::string_view name) {
  return {.code = Errc::InvalidArgument,
          .message = fmt::format("there is no reader '{}'", name),
          .hint = fmt::format("readers are {}", fmt::join(reader_names(), ", "))};
}

}  // namespace transcript

std::vector<std::string_view> reader_names() {
  std::vector<std::string_view> names;
  for (const auto* reader : transcript::all_readers()) names.push_back(reader->name());
  return names;
}

}  // namespace daybook
