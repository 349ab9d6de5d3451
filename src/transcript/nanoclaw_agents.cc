// SPDX-License-Identifier: Apache-2.0
#include "transcript/nanoclaw_agents.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "index/sqlite.h"

namespace daybook::transcript {
namespace {

constexpr std::string_view kSessions = "/v2-sessions/";
constexpr std::string_view kDatabase = "/v2.db";
constexpr std::string_view kHint = "personas and channels of these sessions are not known";
constexpr std::string_view kAgents =
    "SELECT DISTINCT a.id, a.name, a.folder, g.channel_type FROM agent_groups AS a "
    "LEFT JOIN messaging_group_agents AS m ON m.agent_group_id = a.id "
    "LEFT JOIN messaging_groups AS g ON g.id = m.messaging_group_id "
    "ORDER BY a.id, g.channel_type";

// While NanoClaw runs it may hold the database; a copy may stand where no lock can be taken.
Result<views::Database> open(const std::string& path) {
  auto shared = views::Database::open(path, views::Database::Mode::ReadOnly);
  if (!shared) return shared;
  if (shared->number("SELECT count(*) FROM sqlite_schema")) return shared;
  return views::Database::open(path, views::Database::Mode::Immutable);
}

void add_row(std::vector<NanoclawAgent>& agents, const views::Statement& row) {
  const std::string_view id = row.text(0);
  if (agents.empty() || agents.back().id != id) {
    agents.push_back({.id = std::string(id),
                      .persona = std::string(row.text(1)),
                      .folder = std::string(row.text(2))});
  }
  std::string& channel = agents.back().channel;
  const std::string_view kind = row.text(3);
  if (kind.empty()) return;
  if (!channel.empty()) channel += ',';
  channel += kind;
}

Result<std::vector<NanoclawAgent>> query_agents(const std::string& path) {
  DAYBOOK_TRY(database, open(path));
  DAYBOOK_TRY(rows, database.prepare(kAgents));
  std::vector<NanoclawAgent> agents;
  for (std::size_t count = 0; count < kMaxNanoclawRows; ++count) {
    DAYBOOK_TRY(more, rows.step());
    if (!more) break;
    add_row(agents, rows);
  }
  return agents;
}

bool is_named(const std::vector<std::string>& names, const NanoclawAgent& agent) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return name == agent.id || name == agent.persona || name == agent.folder;
  });
}

}  // namespace

std::string nanoclaw_database(std::string_view path) {
  const std::size_t at = path.rfind(kSessions);
  return at == std::string_view::npos ? std::string()
                                      : fmt::format("{}{}", path.substr(0, at), kDatabase);
}

Result<std::vector<NanoclawAgent>> read_nanoclaw_agents(const std::string& database,
                                                        const Environment& env) {
  DAYBOOK_TRY(exists, env.files->exists(database));
  if (!exists) {
    return fail(Errc::NotFound, fmt::format("{}: there is no such database", database),
                std::string(kHint));
  }
  auto agents = query_agents(database);
  if (!agents) return fail(agents.error().code, agents.error().message, std::string(kHint));
  return agents;
}

const NanoclawAgent* find_agent(const std::vector<NanoclawAgent>& agents, std::string_view id) {
  const auto found = std::ranges::lower_bound(agents, id, {}, &NanoclawAgent::id);
  return found == agents.end() || found->id != id ? nullptr : &*found;
}

bool wants_agent(const ReaderSource& source, const NanoclawAgent* agent) {
  if (source.include.empty() && source.exclude.empty()) return true;
  if (agent == nullptr || is_named(source.exclude, *agent)) return false;
  return source.include.empty() || is_named(source.include, *agent);
}

}  // namespace daybook::transcript
