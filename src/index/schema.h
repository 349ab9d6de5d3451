// SPDX-License-Identifier: Apache-2.0
//
// What stands in views/index.db and views/text.db. Both are made to be read
// with sqlite3 or duckdb as well; the view `event` has every name spelled out.
// Only to be read: what another program writes has no checksum (page_checks.h),
// and the next question drops it.
//
//   sqlite3 -readonly .daybook/views/index.db "SELECT * FROM event WHERE type LIKE 'head/%' LIMIT
//   5"
//
// views/index.db
//   names      every text that events are filtered by, once per kind. kind: stream, type,
//              class, source, actor, subject, subsystem, correlation. events: how many have it.
//   events     one row per event; name columns hold ids of `names`. Times are microseconds since
//              1970 UTC. class: data.event_class when it is a string, else the type. subsystem:
//              data.subsystem when it is a string, else the subject without "subsystem:".
//              tier: 0 metadata_only, 1 structured, 2 confidential. data_state: 0 none, 1 inline,
//              2 blob, 3 erased, 4 damaged. The data itself stays in the log.
//   causes     (cause, effect), both seqs: the event `effect` names the event `cause`.
//   dangling   (cause, effect): an effect that names an id which the index does not know,
//              because the log lost that event.
//   streams    one row per stream: how many events, its first and last seq and their times.
//   blocks     smallest and largest time in each run of kBlockEvents seqs: where to look for a
//              time. block = seq / kBlockEvents.
//   lost       what the log could not give when the index was filled; 0 in a seq: unknown.
//
// views/text.db
//   text       full text (FTS5, contentless): rowid is the seq; columns type, stream, subject,
//              actor, and data: the keys and strings of the JSON data, one after the other.
//
// Both have
//   state      how far the view goes and which log it was made from. `anchor` is the last event
//              that was read: when the log holds another one there, the view is worthless.
//
// user_version is kSchemaVersion, application_id kApplicationId. A file with
// other numbers is built anew, never migrated: it is derived.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::views {

inline constexpr std::int64_t kApplicationId = 0x44424958;  // "DBIX"
inline constexpr std::int64_t kSchemaVersion = 2;
inline constexpr std::int64_t kBlockEvents = 4096;

// The two derived databases.
enum class View : std::uint8_t { Fields, Text };

[[nodiscard]] std::string_view file_name(View view);   // "index.db", "text.db"
[[nodiscard]] std::string_view state_name(View view);  // its row in `state`

// Tables, without what only pays once they are filled. The two schemas may
// stand in one database.
[[nodiscard]] std::string tables_of(View view);
// The secondary indexes: made after a bulk load, kept up afterwards.
[[nodiscard]] std::string indexes_of(View view);
// The numbers that say whose file it is.
[[nodiscard]] std::string marks_of_schema();

}  // namespace daybook::views
