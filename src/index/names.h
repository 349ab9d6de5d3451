// SPDX-License-Identifier: Apache-2.0
//
// Names as numbers: every distinct text of a kind gets one id, and `names`
// counts the events that have it. A bounded cache stands in front of the
// table: the same few names come again and again.
//
// Counts are collected here and written by flush(), inside the transaction of
// the events they count. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "index/sqlite.h"

namespace daybook::views {

enum class NameKind : std::uint8_t {
  Stream,
  Type,
  Class,
  Source,
  Actor,
  Subject,
  Subsystem,
  Correlation,
};
inline constexpr std::size_t kNameKinds = 8;

// As in names.kind; also the column of `events`.
[[nodiscard]] std::string_view to_string(NameKind kind);

class Names {
 public:
  // `next_new_id` continues behind the ids in the table.
  [[nodiscard]] static Result<Names> open(Database& db);

  // The id of a name, made when new; counts one event for it.
  [[nodiscard]] Result<std::int64_t> count(NameKind kind, std::string_view text);
  // Writes the counts.
  [[nodiscard]] Result<void> flush();

 private:
  static constexpr std::size_t kMaxCachedNames = 100'000;  // over all kinds

  struct Entry {
    std::int64_t id = 0;
    std::int64_t uncounted = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Map = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;
  struct Kind {
    Map names;
    Map::value_type* latest = nullptr;  // most events repeat the one before
  };

  Names(Statement find, Statement add, Statement raise)
      : find_(std::move(find)), add_(std::move(add)), raise_(std::move(raise)) {}
  [[nodiscard]] Result<std::int64_t> look_up(NameKind kind, std::string_view text);

  std::array<Kind, kNameKinds> kinds_;
  std::size_t cached_ = 0;
  std::int64_t last_id_ = 0;
  Statement find_;
  Statement add_;
  Statement raise_;
};

}  // namespace daybook::views
