// SPDX-License-Identifier: Apache-2.0
//
// The event: one envelope for everything that is ever recorded. NewEvent is
// what a writer hands in, Event is what a reader gets back. Names follow
// CloudEvents where it has one; docs/format.md gives the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/types.h"

namespace daybook {

// Limits of one event and one batch, in bytes unless said otherwise. Beyond
// them an append fails with LimitExceeded and nothing is written.
inline constexpr std::size_t kMaxStreamBytes = 256;
inline constexpr std::size_t kMaxTypeBytes = 128;
inline constexpr std::size_t kMaxNameBytes = 256;  // source, actor, subject, correlation, key
inline constexpr std::size_t kMaxCauses = 64;      // per event
inline constexpr std::size_t kMaxDataBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMaxInlineBytes = std::size_t{1} << 20;  // highest inline limit
inline constexpr std::size_t kMaxBatchEvents = 65'536;
inline constexpr std::size_t kMaxBatchBytes = std::size_t{64} << 20;

// How sensitive the data is. Persisted: do not renumber.
enum class Tier : std::uint8_t { MetadataOnly = 0, Structured = 1, Confidential = 2 };

[[nodiscard]] std::string_view to_string(Tier tier);  // "metadata_only", ...
[[nodiscard]] Result<Tier> parse_tier(std::string_view text);

// An event to append. `stream` and `type` are required; every text must be
// valid UTF-8 without control characters. The ledger adds seq, version, id,
// recorded and commitment.
// The empty defaults let designated initialisers leave members out.
struct NewEvent {
  std::string stream = {};       // the ordered sub-log: "session/<id>", "run/<id>", "task/<name>"
  std::string type = {};         // what happened: "head/created", "state_change"
  std::string data = {};         // JSON text, kept byte for byte; empty means no data
  std::string source = {};       // who wrote it: "laptop/claude-code"; empty: the ledger's default
  std::string actor = {};        // on whose behalf: "person:...", "agent:..."; optional
  std::string subject = {};      // what it is about: "subsystem:backup"; optional
  std::string correlation = {};  // the larger work it belongs to; optional
  std::string key = {};          // idempotency key within the stream; optional
  Tier tier = Tier::Structured;
  std::optional<Timestamp> time = {};  // when it happened; default: the moment of the append

  // The events that made this one happen, by id, in any stream. Each must be
  // in the ledger. An event earlier in the same batch has no id yet: name it
  // by its index in the batch instead.
  std::vector<EventId> causes = {};
  std::vector<std::uint32_t> batch_causes = {};
};

// Where an event's data is.
enum class DataState : std::uint8_t {
  None,     // the event has no data
  Inline,   // in the log; `data` is the JSON text
  Blob,     // in the blob store; `data` is empty, `blob` names the content
  Erased,   // removed on request; the commitment and all proofs still hold
  Damaged,  // the stored bytes fail their checksum; the envelope is intact
};

// An event as stored. Times, names and causes are exactly what was recorded;
// `data` is byte for byte what the writer handed in.
struct Event {
  Seq seq;
  Version version;
  EventId id;
  Timestamp time;      // when it happened, by its producer; may be in any order
  Timestamp recorded;  // when the ledger committed it; never decreases along seq
  Tier tier = Tier::Structured;
  std::string stream;
  std::string type;
  std::string source;
  std::string actor;        // empty: none
  std::string subject;      // empty: none
  std::string correlation;  // empty: none
  std::string key;          // empty: none
  std::vector<EventId> causes;
  Digest commitment;             // SHA-256(salt || data)
  std::uint64_t data_bytes = 0;  // length of the original data
  DataState data_state = DataState::None;
  std::string data;  // JSON text when data_state is Inline, else empty
  Digest blob;       // SHA-256 of the data when data_state is Blob
};

// The same, without copying: every view points into the cursor that yielded
// it and is valid until that cursor moves.
struct EventView {
  Seq seq;
  Version version;
  EventId id;
  Timestamp time;
  Timestamp recorded;
  Tier tier = Tier::Structured;
  std::string_view stream;
  std::string_view type;
  std::string_view source;
  std::string_view actor;
  std::string_view subject;
  std::string_view correlation;
  std::string_view key;
  std::span<const EventId> causes;
  Digest commitment;
  std::uint64_t data_bytes = 0;
  DataState data_state = DataState::None;
  std::string_view data;
  Digest blob;
  std::span<const std::uint8_t> envelope;  // canonical bytes: what the Merkle leaf hashes
  std::span<const std::uint8_t> salt;      // 16 bytes, empty when erased or without data
};

[[nodiscard]] Event to_event(const EventView& view);

}  // namespace daybook
