// SPDX-License-Identifier: Apache-2.0
//
// An imported session as a tree: turns, in each what was done, below a tool call the
// sub-agents that it started. Memory is bounded by kMaxTreeItems. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/import.h"

namespace daybook::cli {

inline constexpr std::size_t kMaxTreeItems = 200'000;  // turns and items, sub-agents included
inline constexpr std::size_t kMaxTreeDepth = 16;

struct SessionTree;

struct TreeItem {
  enum class Kind : std::uint8_t { Call, Compaction, Interrupt, Resume };
  Kind kind = Kind::Call;
  Version event;  // in the session's stream
  std::optional<Timestamp> time;

  // Call.
  std::string tool;
  std::string call;
  std::string brief;  // what the arguments are about, in one line
  bool returned = false;
  Outcome outcome = Outcome::Unknown;
  std::optional<std::int64_t> exit_code;
  std::optional<std::int64_t> duration_us;
  std::vector<SessionTree> agents;
};
[[nodiscard]] std::string_view to_string(TreeItem::Kind kind);

struct TreeTurn {
  Version event;  // of the user's message; 0: what was done before the first
  std::optional<Timestamp> time;
  std::string text;
  std::vector<TreeItem> items;
};

struct TreeCounts {
  std::uint64_t turns = 0;
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;
  std::uint64_t compactions = 0;
  std::uint64_t agents = 0;  // direct ones
};

struct SessionTree {
  std::string stream;
  SessionInfo info;  // as last known
  Timestamp first;
  Timestamp last;
  TreeCounts counts;
  std::vector<TreeTurn> turns;
  std::vector<SessionTree> agents;  // those whose call is not known
  std::uint64_t unread = 0;         // events that could not be read, here and below
  bool cut = false;                 // at kMaxTreeItems or kMaxTreeDepth
};

// The stream of a session: by its id, by a beginning of it that only one has, or by
// the stream's name. Errors: NotFound, InvalidArgument when there are several.
[[nodiscard]] Result<std::string> find_session(Ledger& ledger, std::string_view name);

[[nodiscard]] Result<SessionTree> session_tree(Ledger& ledger, const std::string& stream);

}  // namespace daybook::cli
