// SPDX-License-Identifier: Apache-2.0
//
// NanoClaw's own database of its agents, `v2.db` beside `v2-sessions`: the name and
// folder of each, and the kinds of chats that it is in. Only read, by SQLite itself.
// Nothing here keeps state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daybook/transcript.h"

namespace daybook::transcript {

inline constexpr std::size_t kMaxNanoclawRows = 100'000;  // agents times their chats

struct NanoclawAgent {
  std::string id = {};  // what its directory is called
  std::string persona = {};
  std::string folder = {};
  std::string channel = {};  // "slack"; of several kinds all, sorted: "slack,telegram"
};

// The database that a session file belongs to; empty: the path is not NanoClaw's.
[[nodiscard]] std::string nanoclaw_database(std::string_view path);

// Sorted by id. Errors: NotFound, and those of SQLite.
[[nodiscard]] Result<std::vector<NanoclawAgent>> read_nanoclaw_agents(const std::string& database,
                                                                      const Environment& env);

// Null when there is none of this id.
[[nodiscard]] const NanoclawAgent* find_agent(const std::vector<NanoclawAgent>& agents,
                                              std::string_view id);

// Whether a source wants the sessions of an agent: `include` and `exclude` name it by
// id, persona or folder, and exclude wins. Null is an agent that the database does not
// know: it could be one of those left out, so only a source without both takes it.
[[nodiscard]] bool wants_agent(const ReaderSource& source, const NanoclawAgent* agent);

}  // namespace daybook::transcript
