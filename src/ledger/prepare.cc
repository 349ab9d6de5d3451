// SPDX-License-Identifier: Apache-2.0
#include "ledger/prepare.h"

#include <array>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "base/json.h"
#include "base/parallel.h"
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
struct Place {
  std::size_t index = 0;
  std::size_t count = 1;

  [[nodiscard]] std::string text() const {
    return count == 1 ? std::string() : fmt::format(" of event {} of the batch", index + 1);
  }
};

Result<void> check_names(const NewEvent& event, const Place& place) {
  for (const NameRule& rule : kNameRules) {
    const std::string& text = event.*rule.field;
    if (text.empty() && !rule.required) continue;
    if (text.empty()) {
      return fail(Errc::InvalidArgument, fmt::format("the {}{} is empty", rule.name, place.text()),
                  fmt::format("every event needs a {}", rule.name));
    }
    if (text.size() > rule.max_bytes) {
      return fail(Errc::LimitExceeded,
                  fmt::format("the {}{} is {} bytes long", rule.name, place.text(), text.size()),
                  fmt::format("a {} may have {} bytes", rule.name, rule.max_bytes));
    }
    if (!is_plain_text(text)) {
      return fail(Errc::InvalidArgument,
                  fmt::format("the {}{} is not plain UTF-8 text", rule.name, place.text()),
                  "names may not hold control characters or broken UTF-8");
    }
  }
  return {};
}

Result<void> check_causes(const NewEvent& event, const Place& place) {
  if (event.causes.size() + event.batch_causes.size() > kMaxCauses) {
    return fail(
        Errc::LimitExceeded,
        fmt::format("{} causes{}", event.causes.size() + event.batch_causes.size(), place.text()),
        fmt::format("an event may name {} causes", kMaxCauses));
  }
  for (const std::uint32_t cause : event.batch_causes) {
    if (cause >= place.index) {
      return fail(Errc::InvalidArgument,
                  fmt::format("batch cause {}{} does not come before it", cause, place.text()),
                  "an event can only be caused by an earlier one");
    }
  }
  return {};
}

Result<void> check_data_size(const NewEvent& event, const Place& place) {
  if (event.data.size() > kMaxDataBytes) {
    return fail(Errc::LimitExceeded,
                fmt::format("the data{} is {} bytes long", place.text(), event.data.size()),
                fmt::format("data may have {} bytes; store files as blobs", kMaxDataBytes));
  }
  return {};
}

Result<void> check_data(const NewEvent& event, const Place& place) {
  if (event.data.empty()) return {};
  auto checked = check_json(event.data);
  if (!checked) {
    checked.error().message =
        fmt::format("the data{} is not JSON: {}", place.text(), checked.error().message);
    return checked;
  }
  return {};
}

DataForm form_of(const NewEvent& event, const PrepareContext& context) {
  if (event.data.empty()) return DataForm::None;
  return event.data.size() <= context.inline_bytes ? DataForm::Inline : DataForm::Blob;
}

std::string_view source_of(const NewEvent& event, const PrepareContext& context) {
  return event.source.empty() ? context.default_source : std::string_view(event.source);
}

// One batch on its way through the steps below.
class Preparation {
 public:
  Preparation(std::span<const NewEvent> batch, const PrepareContext& context)
      : batch_(batch), context_(context), now_(context.env.clock->now()) {}

  Result<PreparedBatch> run() {
    DAYBOOK_CHECK(lay_out());
    // Everything is checked before the first blob is stored.
    DAYBOOK_CHECK(each(&Preparation::check_and_fill));
    if (has_blobs_) {
      for (std::size_t i = 0; i < batch_.size(); ++i) DAYBOOK_CHECK(store_and_fill(i));
    }
    return std::move(out_);
  }

 private:
  // Gives every event its place in the frame, once its sizes are known to be fine.
  Result<void> lay_out() {
    out_.events.reserve(batch_.size());
    std::uint64_t end = kFrameHeaderBytes;
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      const NewEvent& event = batch_[i];
      const Place place{i, batch_.size()};
      DAYBOOK_CHECK(check_names(event, place));
      DAYBOOK_CHECK(check_causes(event, place));
      DAYBOOK_CHECK(check_data_size(event, place));
      PreparedEvent prepared = measure(event);
      prepared.record = static_cast<std::uint32_t>(end);
      end += record_bytes(prepared.envelope_bytes, prepared.data_bytes);
      if (end > kMaxBatchBytes) {
        return fail(Errc::LimitExceeded, "the batch is too large",
                    fmt::format("a batch may have {} bytes; split it", kMaxBatchBytes));
      }
      out_.events.push_back(std::move(prepared));
    }
    out_.frame.resize(end);
    return {};
  }

  PreparedEvent measure(const NewEvent& event) {
    PreparedEvent prepared;
    const DataForm form = form_of(event, context_);
    const std::size_t causes = event.causes.size() + event.batch_causes.size();
    prepared.envelope_bytes =
        static_cast<std::uint32_t>(envelope_bytes(event, source_of(event, context_), causes));
    const std::size_t content = form == DataForm::Blob ? kBlobPayloadBytes : event.data.size();
    prepared.data_bytes =
        form == DataForm::None ? 0 : static_cast<std::uint32_t>(kSaltBytes + content);
    prepared.batch_causes = event.batch_causes;
    has_blobs_ |= form == DataForm::Blob;
    out_.has_keys |= !event.key.empty();
    out_.has_causes |= !event.causes.empty();
    return prepared;
  }

  // A step for every event; the error is that of the first event that has one.
  Result<void> each(Result<void> (Preparation::*step)(std::size_t)) {
    std::mutex mutex;
    std::optional<std::pair<std::size_t, Error>> first;
    in_parallel(batch_.size(), [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) {
        auto done = (this->*step)(i);
        if (done) continue;
        const std::lock_guard lock(mutex);
        if (!first || i < first->first) first = {i, std::move(done).error()};
        return;
      }
    });
    return first ? Result<void>(fail(std::move(first->second))) : Result<void>{};
  }

  Result<void> check_and_fill(std::size_t index) {
    const NewEvent& event = batch_[index];
    DAYBOOK_CHECK(check_data(event, {index, batch_.size()}));
    const DataForm form = form_of(event, context_);
    if (form != DataForm::Blob) fill(index, form, as_bytes(event.data));
    return {};
  }

  Result<void> store_and_fill(std::size_t index) {
    const NewEvent& event = batch_[index];
    if (form_of(event, context_) != DataForm::Blob) return {};
    DAYBOOK_TRY(blob, context_.blobs->put(as_bytes(event.data)));
    std::array<std::uint8_t, kBlobPayloadBytes> reference{};
    store(reference.data(), blob.digest);
    store(reference.data() + sizeof(Digest), blob.bytes);
    fill(index, DataForm::Blob, reference);
    return {};
  }

  // Writes the envelope and the data block, `content` behind a salt, into the frame.
  void fill(std::size_t index, DataForm form, ByteView content) {
    const NewEvent& event = batch_[index];
    PreparedEvent& prepared = out_.events[index];
    EnvelopeDraft draft{.form = form,
                        .time = event.time.value_or(now_),
                        .commitment = {},
                        .data_bytes = event.data.size(),
                        .source = source_of(event, context_)};
    std::uint8_t* envelope = prepared.envelope(out_.frame);
    if (prepared.data_bytes > 0) {
      std::uint8_t* data = envelope + prepared.envelope_bytes;
      context_.env.entropy->fill({data, kSaltBytes});
      std::memcpy(data + kSaltBytes, content.data(), content.size());
      draft.commitment = form == DataForm::Inline
                             ? sha256({data, prepared.data_bytes})
                             : sha256({ByteView{data, kSaltBytes}, as_bytes(event.data)});
      prepared.data_crc = crc32c({data, prepared.data_bytes});
    }
    encode_envelope(event, draft, envelope);
  }

  std::span<const NewEvent> batch_;
  const PrepareContext& context_;
  Timestamp now_;
  PreparedBatch out_;
  bool has_blobs_ = false;
};

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
  return Preparation(batch, context).run();
}

}  // namespace daybook
