// SPDX-License-Identifier: Apache-2.0
#include "ledger/envelope.h"

#include <array>

#include <fmt/format.h>

namespace daybook {
namespace {

using namespace format;  // NOLINT(google-build-using-namespace): field sizes only

constexpr std::uint8_t kEnvelopeVersion = 1;

// Field offsets of section 4.1.
constexpr std::size_t kTierAt = 1;
constexpr std::size_t kFormAt = 2;
constexpr std::size_t kCausesAt = 3;
constexpr std::size_t kLengthsAt = 4;
constexpr std::size_t kReservedAt = 18;
constexpr std::size_t kSeqAt = 24;
constexpr std::size_t kVersionAt = 32;
constexpr std::size_t kTimeAt = 40;
constexpr std::size_t kRecordedAt = 48;
constexpr std::size_t kIdAt = 56;
constexpr std::size_t kCommitmentAt = 72;
constexpr std::size_t kDataBytesAt = 104;

constexpr std::size_t kNames = 7;
constexpr std::array<std::size_t, kNames> kMaxLengths = {
    kMaxStreamBytes, kMaxTypeBytes, kMaxNameBytes, kMaxNameBytes,
    kMaxNameBytes,   kMaxNameBytes, kMaxNameBytes};

std::array<std::string_view, kNames> names_of(const NewEvent& event, std::string_view source) {
  return {event.stream,  event.type,        source,   event.actor,
          event.subject, event.correlation, event.key};
}

std::size_t name_length(ByteView bytes, std::size_t index) {
  return load<std::uint16_t>(bytes.data() + kLengthsAt + 2 * index);
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Errc::Corruption, fmt::format("malformed envelope: {}", what));
}

DataState state_of(DataForm form) {
  switch (form) {
    case DataForm::None:
      return DataState::None;
    case DataForm::Inline:
      return DataState::Inline;
    case DataForm::Blob:
      break;
  }
  return DataState::Blob;
}

// What section 4.1 demands of the fields before the names.
Result<void> check_fixed_part(ByteView bytes) {
  const std::uint8_t* p = bytes.data();
  if (p[kTierAt] > 2) return malformed("unknown tier");
  if (p[kFormAt] > 2) return malformed("unknown data form");
  if (p[kCausesAt] > kMaxCauses) return malformed("too many causes");
  if (!all_zero(bytes.subspan(kReservedAt, 6))) return malformed("reserved bytes are not zero");
  if (name_length(bytes, 0) == 0 || name_length(bytes, 1) == 0 || name_length(bytes, 2) == 0) {
    return malformed("stream, type or source is empty");
  }
  if (static_cast<DataForm>(p[kFormAt]) == DataForm::None &&
      !all_zero(bytes.subspan(kCommitmentAt, kEnvelopeFixedBytes - kCommitmentAt))) {
    return malformed("a commitment without data");
  }
  return {};
}

}  // namespace

std::size_t envelope_bytes(const NewEvent& event, std::string_view source, std::size_t causes) {
  std::size_t total = kEnvelopeFixedBytes + causes * sizeof(EventId);
  for (const std::string_view name : names_of(event, source)) total += name.size();
  return total;
}

void encode_envelope(const NewEvent& event, const EnvelopeDraft& draft, std::uint8_t* to) {
  const std::size_t causes = event.causes.size() + event.batch_causes.size();
  std::memset(to, 0, kEnvelopeFixedBytes + causes * sizeof(EventId));
  to[0] = kEnvelopeVersion;
  to[kTierAt] = static_cast<std::uint8_t>(event.tier);
  to[kFormAt] = static_cast<std::uint8_t>(draft.form);
  to[kCausesAt] = static_cast<std::uint8_t>(causes);
  store(to + kTimeAt, draft.time.micros);
  store(to + kCommitmentAt, draft.commitment);
  store(to + kDataBytesAt, draft.data_bytes);
  for (std::size_t i = 0; i < event.causes.size(); ++i) patch_cause(to, i, event.causes[i]);

  std::uint8_t* text = to + kEnvelopeFixedBytes + causes * sizeof(EventId);
  std::size_t index = 0;
  for (const std::string_view name : names_of(event, draft.source)) {
    store(to + kLengthsAt + 2 * index++, static_cast<std::uint16_t>(name.size()));
    std::memcpy(text, name.data(), name.size());
    text += name.size();
  }
}

void patch_envelope(std::uint8_t* envelope, const EnvelopePatch& patch) {
  store(envelope + kSeqAt, patch.seq.value);
  store(envelope + kVersionAt, patch.version.value);
  store(envelope + kRecordedAt, patch.recorded.micros);
  store(envelope + kIdAt, patch.id);
}

void patch_cause(std::uint8_t* envelope, std::size_t index, const EventId& cause) {
  store(envelope + kEnvelopeFixedBytes + index * sizeof(EventId), cause);
}

Result<std::size_t> envelope_length(ByteView bytes) {
  if (bytes.size() < kEnvelopeFixedBytes) return malformed("shorter than its fixed part");
  if (bytes[0] != kEnvelopeVersion) {
    return fail(Errc::Unsupported, fmt::format("envelope version {} is not known", bytes[0]),
                "read this ledger with a newer Daybook");
  }
  std::size_t total = kEnvelopeFixedBytes + bytes[kCausesAt] * sizeof(EventId);
  for (std::size_t i = 0; i < kNames; ++i) {
    const std::size_t length = name_length(bytes, i);
    if (length > kMaxLengths[i]) return malformed("a name is longer than its limit");
    total += length;
  }
  if (total > bytes.size()) return malformed("its fields do not fit");
  return total;
}

Result<EventView> decode_envelope(ByteView bytes) {
  EventView event;
  DAYBOOK_CHECK(decode_envelope(bytes, event));
  return event;
}

Result<void> decode_envelope(ByteView bytes, EventView& event) {
  DAYBOOK_TRY(total, envelope_length(bytes));
  if (total != bytes.size()) return malformed("bytes follow its last field");
  DAYBOOK_CHECK(check_fixed_part(bytes));
  const std::uint8_t* p = bytes.data();
  const std::size_t causes = p[kCausesAt];
  event.envelope = bytes;
  event.tier = static_cast<Tier>(p[kTierAt]);
  event.seq = Seq{load<std::uint64_t>(p + kSeqAt)};
  event.version = Version{load<std::uint64_t>(p + kVersionAt)};
  event.time = Timestamp{load<std::int64_t>(p + kTimeAt)};
  event.recorded = Timestamp{load<std::int64_t>(p + kRecordedAt)};
  event.id = load<EventId>(p + kIdAt);
  event.commitment = load<Digest>(p + kCommitmentAt);
  event.data_bytes = load<std::uint64_t>(p + kDataBytesAt);
  event.data_state = state_of(static_cast<DataForm>(p[kFormAt]));
  event.data = {};
  event.blob = {};
  event.salt = {};
  // EventId is an array of bytes, so the view needs no alignment.
  event.causes = {reinterpret_cast<const EventId*>(p + kEnvelopeFixedBytes), causes};

  const char* text =
      reinterpret_cast<const char*>(p) + kEnvelopeFixedBytes + causes * sizeof(EventId);
  const auto take = [&](std::string_view& name, std::size_t index) {
    const std::size_t length = name_length(bytes, index);
    name = {text, length};
    text += length;
  };
  take(event.stream, 0);
  take(event.type, 1);
  take(event.source, 2);
  take(event.actor, 3);
  take(event.subject, 4);
  take(event.correlation, 5);
  take(event.key, 6);
  return {};
}

}  // namespace daybook
