// SPDX-License-Identifier: Apache-2.0
#include "ledger/prepare.h"

#include <array>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"
#include "ledger/envelope.h"
#include "ledger/frame.h"

namespace daybook {
namespace {

using namespace format;  // NOLINT(google-build-using-namespace): sizes only

struct NameRule {
  std::string_view name;
  const std::string NewEvent::* field;
  std::size_t max_bytes;
  bool required;
};
constexpr std::array<NameRule, 7> kNameRules = {{
    {"stream", &NewEvent::stream, kMaxStreamBytes, true},
    {"type", &NewEvent::type, kMaxTypeBytes, true},
    {"source", &NewEvent::source, kMaxNameBytes, false},
    {"actor", &NewEvent::actor, kMaxNameBytes, false},
    {"subject", &NewEvent::subject, kMaxNameBytes, false},
    {"correlation", &NewEvent::correlation, kMaxNameBytes, false},
    {"key", &NewEvent::key, kMaxNameBytes, false},
}};

// Which event of a batch an error speaks of; a single event needs no number.
std::string where(std::size_t index, std::size_t count) {
  return count == 1 ? std::string() : fmt::format(" of event {} of the batch", index + 1);
}

Result<void> check_names(const NewEvent& event, const std::string& place) {
  for (const NameRule& rule : kNameRules) {
    const std::string& text = event.*rule.field;
    if (text.empty() && !rule.required) continue;
    if (text.empty()) {
      return fail(Errc::InvalidArgument, fmt::format("the {}{} is empty", rule.name, place),
                  fmt::format("every event needs a {}", rule.name));
    }
    if (text.size() > rule.max_bytes) {
      return fail(Errc::LimitExceeded,
                  fmt::format("the {}{} is {} bytes long", rule.name, place, text.size()),
                  fmt::format("a {} may have {} bytes", rule.name, rule.max_bytes));
    }
    if (!is_plain_text(text)) {
      return fail(Errc::InvalidArgument,
                  fmt::format("the {}{} is not plain UTF-8 text", rule.name, place),
                  "names may not hold control characters or broken UTF-8");
    }
  }
  return {};
}

Result<void> check_causes(const NewEvent& event, std::size_t index, const std::string& place) {
  if (event.causes.size() + event.batch_causes.size() > kMaxCauses) {
    return fail(Errc::LimitExceeded,
                fmt::format("{} causes{}", event.causes.size() + event.batch_causes.size(), place),
                fmt::format("an event may name {} causes", kMaxCauses));
  }
  for (const std::uint32_t cause : event.batch_causes) {
    if (cause >= index) {
      return fail(Errc::InvalidArgument,
                  fmt::format("batch cause {}{} does not come before it", cause, place),
                  "an event can only be caused by an earlier one");
    }
  }
  return {};
}

Result<void> check_data(const NewEvent& event, const std::string& place) {
  if (event.data.size() > kMaxDataBytes) {
    return fail(Errc::LimitExceeded,
                fmt::format("the data{} is {} bytes long", place, event.data.size()),
                fmt::format("data may have {} bytes; store files as blobs", kMaxDataBytes));
  }
  if (event.data.empty()) return {};
  auto checked = check_json(event.data);
  if (!checked) {
    checked.error().message =
        fmt::format("the data{} is not JSON: {}", place, checked.error().message);
    return checked;
  }
  return {};
}

// Data as it will stand in the data block.
struct Payload {
  DataForm form = DataForm::None;
  ByteView bytes;                                           // inline data
  std::array<std::uint8_t, kBlobPayloadBytes> reference{};  // of a blob
};

Result<Payload> make_payload(const NewEvent& event, const PrepareContext& context) {
  Payload payload;
  if (event.data.empty()) return payload;
  if (event.data.size() <= context.inline_bytes) {
    payload.form = DataForm::Inline;
    payload.bytes = as_bytes(event.data);
    return payload;
  }
  DAYBOOK_TRY(blob, context.blobs->put(as_bytes(event.data)));
  payload.form = DataForm::Blob;
  store(payload.reference.data(), blob.digest);
  store(payload.reference.data() + sizeof(Digest), blob.bytes);
  return payload;
}

Result<void> append_record(const NewEvent& event, Timestamp now, const PrepareContext& context,
                           PreparedBatch& batch) {
  DAYBOOK_TRY(payload, make_payload(event, context));
  const ByteView content =
      payload.form == DataForm::Blob ? ByteView(payload.reference) : payload.bytes;
  const std::string_view source =
      event.source.empty() ? context.default_source : std::string_view(event.source);

  PreparedEvent prepared;
  const std::size_t causes = event.causes.size() + event.batch_causes.size();
  prepared.record = static_cast<std::uint32_t>(batch.frame.size());
  prepared.envelope_bytes = static_cast<std::uint32_t>(envelope_bytes(event, source, causes));
  prepared.data_bytes =
      payload.form == DataForm::None ? 0 : static_cast<std::uint32_t>(kSaltBytes + content.size());
  prepared.batch_causes = event.batch_causes;
  const std::uint64_t total = record_bytes(prepared.envelope_bytes, prepared.data_bytes);
  if (batch.frame.size() + total > kMaxBatchBytes) {
    return fail(Errc::LimitExceeded, "the batch is too large",
                fmt::format("a batch may have {} bytes; split it", kMaxBatchBytes));
  }
  batch.frame.resize(batch.frame.size() + total);

  EnvelopeDraft draft{.form = payload.form,
                      .time = event.time.value_or(now),
                      .commitment = {},
                      .data_bytes = event.data.size(),
                      .source = source};
  std::uint8_t* envelope = prepared.envelope(batch.frame);
  if (prepared.data_bytes > 0) {
    std::uint8_t* data = envelope + prepared.envelope_bytes;
    context.env.entropy->fill({data, kSaltBytes});
    std::memcpy(data + kSaltBytes, content.data(), content.size());
    draft.commitment = payload.form == DataForm::Inline
                           ? sha256({data, prepared.data_bytes})
                           : sha256({ByteView{data, kSaltBytes}, as_bytes(event.data)});
    prepared.data_crc = crc32c({data, prepared.data_bytes});
  }
  encode_envelope(event, draft, envelope);
  batch.has_keys |= !event.key.empty();
  batch.has_causes |= !event.causes.empty();
  batch.events.push_back(std::move(prepared));
  return {};
}

}  // namespace

std::uint8_t* PreparedEvent::envelope(Bytes& frame) const {
  return frame.data() + record + kRecordHeaderBytes;
}

Result<EventView> PreparedBatch::view(std::size_t index) {
  const PreparedEvent& event = events[index];
  return decode_envelope({event.envelope(frame), event.envelope_bytes});
}

std::uint32_t PreparedBatch::origin_of(std::uint32_t index) const {
  const std::uint32_t repeats = events[index].repeats;
  return repeats == PreparedEvent::kNoRepeat ? index : repeats;
}

void PreparedBatch::drop(std::span<const Receipt> receipts) {
  std::size_t to = kFrameHeaderBytes;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (receipts[i].duplicate) continue;
    const std::size_t bytes = record_bytes(events[i].envelope_bytes, events[i].data_bytes);
    std::memmove(frame.data() + to, frame.data() + events[i].record, bytes);
    events[i].record = static_cast<std::uint32_t>(to);
    to += bytes;
  }
  frame.resize(to);
}

void PreparedBatch::resolve_repeats(std::span<Receipt> receipts) const {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].repeats == PreparedEvent::kNoRepeat) continue;
    receipts[i] = receipts[events[i].repeats];
    receipts[i].duplicate = true;
  }
}

Result<PreparedBatch> prepare(std::span<const NewEvent> batch, const PrepareContext& context) {
  if (batch.empty()) {
    return fail(Errc::InvalidArgument, "the batch is empty", "append at least one event");
  }
  if (batch.size() > kMaxBatchEvents) {
    return fail(Errc::LimitExceeded, fmt::format("{} events in one batch", batch.size()),
                fmt::format("a batch may have {} events; split it", kMaxBatchEvents));
  }
  // Everything is checked before the first blob is stored.
  std::size_t bytes = kFrameHeaderBytes;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::string place = where(i, batch.size());
    DAYBOOK_CHECK(check_names(batch[i], place));
    DAYBOOK_CHECK(check_causes(batch[i], i, place));
    DAYBOOK_CHECK(check_data(batch[i], place));
    bytes += kEnvelopeFixedBytes + 160 +
             std::min<std::size_t>(batch[i].data.size(), context.inline_bytes);
  }
  PreparedBatch prepared;
  prepared.frame.reserve(std::min(bytes, kMaxBatchBytes));
  prepared.frame.resize(kFrameHeaderBytes);
  prepared.events.reserve(batch.size());
  const Timestamp now = context.env.clock->now();
  for (const NewEvent& event : batch) DAYBOOK_CHECK(append_record(event, now, context, prepared));
  return prepared;
}

}  // namespace daybook
