// SPDX-License-Identifier: Apache-2.0
#include "index/fields.h"

#include <algorithm>

#include "index/schema.h"

namespace daybook::views {
namespace {

constexpr std::string_view kAddEvent =
    "INSERT INTO events(seq, id, stream, version, type, class, time, recorded, source, actor, "
    "subject, subsystem, correlation, tier, data_state, data_bytes) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

// A batch may name the same cause twice.
constexpr std::string_view kAddCause = "INSERT OR IGNORE INTO causes(cause, effect) VALUES(?1, ?2)";
constexpr std::string_view kAddDangling =
    "INSERT OR IGNORE INTO dangling(cause, effect) VALUES(?1, ?2)";

constexpr std::string_view kAddStream =
    "INSERT INTO streams(stream, events, first_seq, last_seq, first_time, last_time) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(stream) DO UPDATE SET "
    "events = events + excluded.events, last_seq = excluded.last_seq, "
    "last_time = excluded.last_time";

constexpr std::string_view kAddBlock =
    "INSERT INTO blocks(block, min_time, max_time) VALUES(?1, ?2, ?3) "
    "ON CONFLICT(block) DO UPDATE SET min_time = min(min_time, excluded.min_time), "
    "max_time = max(max_time, excluded.max_time)";

std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

Result<std::unique_ptr<EventWriter>> FieldsWriter::open(Database& db, Database* earlier) {
  DAYBOOK_TRY(names, Names::open(db));
  std::vector<IdLookup> lookups;
  for (Database* each : {&db, earlier}) {
    if (each == nullptr) continue;
    DAYBOOK_TRY(lookup, IdLookup::open(*each));
    lookups.push_back(std::move(lookup));
  }
  DAYBOOK_TRY(event, db.prepare(kAddEvent));
  DAYBOOK_TRY(cause, db.prepare(kAddCause));
  DAYBOOK_TRY(dangling, db.prepare(kAddDangling));
  DAYBOOK_TRY(stream, db.prepare(kAddStream));
  DAYBOOK_TRY(block, db.prepare(kAddBlock));
  Statements statements{std::move(event), std::move(cause), std::move(dangling), std::move(stream),
                        std::move(block)};
  return std::make_unique<FieldsWriter>(std::move(names), std::move(lookups),
                                        std::move(statements));
}

Result<EventWriter::Added> FieldsWriter::add(const EventView& event, std::string_view json) {
  DAYBOOK_TRY(stream, add_row(event, json));
  DAYBOOK_CHECK(add_causes(event));
  recent_.add(event.id, event.seq);
  DAYBOOK_CHECK(sum_up(event, stream));
  return Added::Whole;
}

Result<std::int64_t> FieldsWriter::add_row(const EventView& event, std::string_view json) {
  Statement& row = statements_.event;
  const std::string id = to_string(event.id);
  DAYBOOK_TRY(stream, names_.count(NameKind::Stream, event.stream));
  DAYBOOK_TRY(type, names_.count(NameKind::Type, event.type));
  DAYBOOK_TRY(source, names_.count(NameKind::Source, event.source));
  row.bind(1, as_signed(event.seq.value));
  row.bind_kept(2, id);
  row.bind(3, stream);
  row.bind(4, as_signed(event.version.value));
  row.bind(5, type);
  row.bind(7, event.time.micros);
  row.bind(8, event.recorded.micros);
  row.bind(9, source);
  DAYBOOK_CHECK(bind_optional(10, NameKind::Actor, event.actor));
  DAYBOOK_CHECK(bind_optional(11, NameKind::Subject, event.subject));
  DAYBOOK_CHECK(bind_optional(13, NameKind::Correlation, event.correlation));
  DAYBOOK_CHECK(bind_derived(event, json));
  row.bind(14, static_cast<std::int64_t>(event.tier));
  row.bind(15, static_cast<std::int64_t>(event.data_state));
  row.bind(16, as_signed(event.data_bytes));
  DAYBOOK_CHECK(row.run());
  return stream;
}

Result<void> FieldsWriter::bind_derived(const EventView& event, std::string_view json) {
  const DataNames names = names_in(reader_, json);
  DAYBOOK_TRY(
      event_class,
      names_.count(NameKind::Class,
                   names.event_class.empty() ? event.type : std::string_view(names.event_class)));
  statements_.event.bind(6, event_class);
  return bind_optional(12, NameKind::Subsystem,
                       names.subsystem.empty() ? subsystem_of_subject(event.subject)
                                               : std::string_view(names.subsystem));
}

Result<void> FieldsWriter::bind_optional(int parameter, NameKind kind, std::string_view text) {
  if (text.empty()) {
    statements_.event.bind_null(parameter);
    return {};
  }
  DAYBOOK_TRY(name, names_.count(kind, text));
  statements_.event.bind(parameter, name);
  return {};
}

Result<void> FieldsWriter::add_causes(const EventView& event) {
  for (const EventId& cause : event.causes) {
    DAYBOOK_TRY(seq, seq_of(cause));
    Statement& edge = seq ? statements_.cause : statements_.dangling;
    if (seq) {
      edge.bind(1, as_signed(seq->value));
    } else {
      edge.bind(1, std::string_view(to_string(cause)));
    }
    edge.bind(2, as_signed(event.seq.value));
    DAYBOOK_CHECK(edge.run());
  }
  return {};
}

Result<std::optional<Seq>> FieldsWriter::seq_of(const EventId& id) {
  if (const auto recent = recent_.find(id)) return recent;
  KnownCause& known = known_causes_[std::hash<EventId>{}(id) % kKnownCauses];
  if (known.seq.value != 0 && known.id == id) return std::optional(known.seq);
  for (IdLookup& lookup : lookups_) {
    DAYBOOK_TRY(found, lookup.find(id));
    if (!found) continue;
    known = {.id = id, .seq = *found};
    return found;
  }
  return std::nullopt;
}

Result<void> FieldsWriter::sum_up(const EventView& event, std::int64_t stream) {
  StreamSum& sum = streams_[stream];
  if (sum.events++ == 0) {
    sum.first = event.seq;
    sum.first_time = event.time;
  }
  sum.last = event.seq;
  sum.last_time = event.time;
  if (streams_.size() >= kMaxStreamSums) DAYBOOK_CHECK(flush_streams());

  const std::int64_t number = as_signed(event.seq.value) / kBlockEvents;
  if (number != block_.number) {
    DAYBOOK_CHECK(flush_block());
    block_ = {.number = number, .min = event.time, .max = event.time};
  }
  block_.min = std::min(block_.min, event.time);
  block_.max = std::max(block_.max, event.time);
  return {};
}

Result<void> FieldsWriter::flush_block() {
  if (block_.number < 0) return {};
  statements_.block.bind(1, block_.number);
  statements_.block.bind(2, block_.min.micros);
  statements_.block.bind(3, block_.max.micros);
  return statements_.block.run();
}

Result<void> FieldsWriter::flush_streams() {
  Statement& row = statements_.stream;
  for (const auto& [stream, sum] : streams_) {
    row.bind(1, stream);
    row.bind(2, sum.events);
    row.bind(3, as_signed(sum.first.value));
    row.bind(4, as_signed(sum.last.value));
    row.bind(5, sum.first_time.micros);
    row.bind(6, sum.last_time.micros);
    DAYBOOK_CHECK(row.run());
  }
  streams_.clear();
  return {};
}

Result<void> FieldsWriter::flush() {
  DAYBOOK_CHECK(flush_block());
  DAYBOOK_CHECK(flush_streams());
  return names_.flush();
}

std::string_view subsystem_of_subject(std::string_view subject) {
  constexpr std::string_view kPrefix = "subsystem:";
  return subject.starts_with(kPrefix) ? subject.substr(kPrefix.size()) : subject;
}

}  // namespace daybook::views
