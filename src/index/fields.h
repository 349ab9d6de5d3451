// SPDX-License-Identifier: Apache-2.0
//
// Fills index.db: one row an event, its names as ids, its causes as edges, and
// the running sums per stream and per block of seqs.
//
// Fast by doing little: no secondary index is touched by a bulk load, sums are
// kept in memory and written by flush(), names and recent ids come from caches.
// Not thread-safe; lives no longer than its transaction.
#pragma once

#include <memory>
#include <unordered_map>

#include "index/id_lookup.h"
#include "index/json_reader.h"
#include "index/names.h"
#include "index/writer.h"

namespace daybook::views {

class FieldsWriter final : public EventWriter {
 public:
  struct Statements {
    Statement event;
    Statement cause;
    Statement dangling;
    Statement stream;
    Statement block;
  };

  // `earlier`, when given, is a database with the events before those of `db`.
  [[nodiscard]] static Result<std::unique_ptr<EventWriter>> open(Database& db, Database* earlier);
  // What open() puts together.
  FieldsWriter(Names names, std::vector<IdLookup> lookups, Statements statements)
      : names_(std::move(names)),
        lookups_(std::move(lookups)),
        statements_(std::move(statements)),
        known_causes_(kKnownCauses) {}

  [[nodiscard]] Result<Added> add(const EventView& event, std::string_view json) override;
  [[nodiscard]] Result<void> flush() override;

 private:
  static constexpr std::size_t kMaxStreamSums = 50'000;
  static constexpr std::size_t kKnownCauses = 4096;

  struct StreamSum {
    std::int64_t events = 0;
    Seq first;
    Seq last;
    Timestamp first_time;
    Timestamp last_time;
  };
  struct Block {
    std::int64_t number = -1;
    Timestamp min;
    Timestamp max;
  };
  struct KnownCause {
    EventId id;
    Seq seq;
  };
  [[nodiscard]] Result<std::int64_t> add_row(const EventView& event, std::string_view json);
  [[nodiscard]] Result<void> bind_derived(const EventView& event, std::string_view json);
  [[nodiscard]] Result<void> bind_optional(int parameter, NameKind kind, std::string_view text);
  [[nodiscard]] Result<void> add_causes(const EventView& event);
  [[nodiscard]] Result<std::optional<Seq>> seq_of(const EventId& id);
  [[nodiscard]] Result<void> sum_up(const EventView& event, std::int64_t stream);
  [[nodiscard]] Result<void> flush_block();
  [[nodiscard]] Result<void> flush_streams();

  Names names_;
  std::vector<IdLookup> lookups_;  // this database first
  Statements statements_;
  JsonReader reader_;
  RecentIds recent_;
  std::vector<KnownCause> known_causes_;  // by hash: old causes named again and again
  std::unordered_map<std::int64_t, StreamSum> streams_;
  Block block_;
};

// An event's subsystem when its data names none.
[[nodiscard]] std::string_view subsystem_of_subject(std::string_view subject);

}  // namespace daybook::views
