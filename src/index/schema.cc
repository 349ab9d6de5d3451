// SPDX-License-Identifier: Apache-2.0
#include "index/schema.h"

#include <fmt/format.h>

namespace daybook::views {
namespace {

constexpr std::string_view kStateTable = R"sql(
CREATE TABLE IF NOT EXISTS state(
  view TEXT PRIMARY KEY,             -- 'fields' or 'text'
  ledger TEXT NOT NULL,              -- id of the ledger
  indexed INTEGER NOT NULL,          -- every event up to this seq is here or in `lost`
  anchor INTEGER NOT NULL,           -- seq of the last event that was read, 0 for none
  anchor_id TEXT NOT NULL,           -- its id, ...
  anchor_commitment TEXT NOT NULL,   -- ... and the hash of its data
  cut_events INTEGER NOT NULL,       -- events whose text is not searchable to its end
  unread_events INTEGER NOT NULL     -- events whose data could not be read
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::string_view kFieldsTables = R"sql(
CREATE TABLE names(
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  events INTEGER NOT NULL DEFAULT 0,
  UNIQUE(kind, text)
) STRICT;
CREATE TABLE events(
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  stream INTEGER NOT NULL,
  version INTEGER NOT NULL,
  type INTEGER NOT NULL,
  class INTEGER NOT NULL,
  time INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  source INTEGER NOT NULL,
  actor INTEGER,
  subject INTEGER,
  subsystem INTEGER,
  correlation INTEGER,
  tier INTEGER NOT NULL,
  data_state INTEGER NOT NULL,
  data_bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE causes(
  cause INTEGER NOT NULL,
  effect INTEGER NOT NULL,
  PRIMARY KEY(cause, effect)
) STRICT, WITHOUT ROWID;
CREATE TABLE dangling(
  cause TEXT NOT NULL,
  effect INTEGER NOT NULL,
  PRIMARY KEY(cause, effect)
) STRICT, WITHOUT ROWID;
CREATE TABLE streams(
  stream INTEGER PRIMARY KEY,
  events INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  first_time INTEGER NOT NULL,
  last_time INTEGER NOT NULL
) STRICT;
CREATE TABLE blocks(
  block INTEGER PRIMARY KEY,
  min_time INTEGER NOT NULL,
  max_time INTEGER NOT NULL
) STRICT;
CREATE TABLE lost(
  file TEXT NOT NULL,
  start INTEGER NOT NULL,
  length INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY(file, start, first_seq)
) STRICT, WITHOUT ROWID;
CREATE VIEW event AS
SELECT e.seq, e.id, s.text AS stream, e.version, t.text AS type, k.text AS class,
       strftime('%Y-%m-%dT%H:%M:%S', e.time / 1000000, 'unixepoch') ||
         printf('.%06dZ', e.time % 1000000) AS time,
       strftime('%Y-%m-%dT%H:%M:%S', e.recorded / 1000000, 'unixepoch') ||
         printf('.%06dZ', e.recorded % 1000000) AS recorded,
       o.text AS source, a.text AS actor, j.text AS subject, y.text AS subsystem,
       c.text AS correlation, e.tier, e.data_state, e.data_bytes
FROM events AS e
JOIN names AS s ON s.id = e.stream
JOIN names AS t ON t.id = e.type
JOIN names AS k ON k.id = e.class
JOIN names AS o ON o.id = e.source
LEFT JOIN names AS a ON a.id = e.actor
LEFT JOIN names AS j ON j.id = e.subject
LEFT JOIN names AS y ON y.id = e.subsystem
LEFT JOIN names AS c ON c.id = e.correlation;
)sql";

// An index entry ends with the rowid: each of these lists its seqs in order.
constexpr std::string_view kFieldsIndexes = R"sql(
CREATE INDEX events_stream ON events(stream);
CREATE INDEX events_type ON events(type);
CREATE INDEX events_class ON events(class);
CREATE INDEX events_actor ON events(actor) WHERE actor IS NOT NULL;
CREATE INDEX events_subject ON events(subject) WHERE subject IS NOT NULL;
CREATE INDEX events_subsystem ON events(subsystem) WHERE subsystem IS NOT NULL;
CREATE INDEX events_correlation ON events(correlation) WHERE correlation IS NOT NULL;
CREATE INDEX streams_last ON streams(last_seq);
)sql";

// Contentless: the log has the text. Answers are ordered by seq, not by rank:
// the sizes that ranking needs are left out.
constexpr std::string_view kTextTables = R"sql(
CREATE VIRTUAL TABLE text USING fts5(
  type, stream, subject, actor, data,
  content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
);
)sql";

}  // namespace

std::string_view file_name(View view) { return view == View::Fields ? "index.db" : "text.db"; }

std::string_view state_name(View view) { return view == View::Fields ? "fields" : "text"; }

std::string tables_of(View view) {
  return std::string(kStateTable).append(view == View::Fields ? kFieldsTables : kTextTables);
}

std::string indexes_of(View view) {
  return std::string(view == View::Fields ? kFieldsIndexes : std::string_view{});
}

std::string marks_of_schema() {
  return fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplicationId,
                     kSchemaVersion);
}

}  // namespace daybook::views
