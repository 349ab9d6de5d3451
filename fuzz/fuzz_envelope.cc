// SPDX-License-Identifier: Apache-2.0
//
// Envelopes in the direction of a writer: the input is the fields of an event,
// within their limits, and what is written gives back exactly these fields.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "fuzz/require.h"
#include "ledger/envelope.h"

namespace daybook::fuzzing {
namespace {

// Takes values off the front of the input; zeros when it is used up.
class Input {
 public:
  explicit Input(ByteView bytes) : rest_(bytes) {}

  template <class T>
  T take() {
    std::uint8_t raw[sizeof(T)] = {};
    const ByteView taken = take_bytes(sizeof(T));
    std::ranges::copy(taken, raw);
    return load<T>(raw);
  }
  std::string take_name(std::size_t least, std::size_t most) {
    const std::size_t wanted = least + take<std::uint16_t>() % (most - least + 1);
    std::string name(as_text(take_bytes(wanted)));
    if (name.size() < least) name.resize(least, 'x');
    return name;
  }

 private:
  ByteView take_bytes(std::size_t count) {
    const ByteView taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  ByteView rest_;
};

struct Fields {
  NewEvent event;
  EnvelopeDraft draft;
  EnvelopePatch patch;
  std::vector<EventId> causes;  // all of them; some are known at the commit only
};

Fields take_fields(Input& input) {
  Fields fields;
  NewEvent& event = fields.event;
  event.tier = static_cast<Tier>(input.take<std::uint8_t>() % 3);
  fields.draft.form = static_cast<format::DataForm>(input.take<std::uint8_t>() % 3);
  fields.causes.resize(input.take<std::uint8_t>() % (kMaxCauses + 1));
  const std::size_t known = input.take<std::uint8_t>() % (fields.causes.size() + 1);
  for (EventId& cause : fields.causes) cause = input.take<EventId>();
  event.causes.assign(fields.causes.begin(),
                      fields.causes.begin() + static_cast<std::ptrdiff_t>(known));
  event.batch_causes.assign(fields.causes.size() - known, 0);
  event.stream = input.take_name(1, kMaxStreamBytes);
  event.type = input.take_name(1, kMaxTypeBytes);
  event.source = input.take_name(1, kMaxNameBytes);
  for (std::string* name : {&event.actor, &event.subject, &event.correlation, &event.key}) {
    *name = input.take_name(0, kMaxNameBytes);
  }
  fields.draft.source = event.source;
  fields.draft.time = Timestamp{input.take<std::int64_t>()};
  if (fields.draft.form != format::DataForm::None) {
    fields.draft.commitment = input.take<Digest>();
    fields.draft.data_bytes = input.take<std::uint64_t>();
  }
  fields.patch.seq = Seq{input.take<std::uint64_t>()};
  fields.patch.version = Version{input.take<std::uint64_t>()};
  fields.patch.recorded = Timestamp{input.take<std::int64_t>()};
  fields.patch.id = input.take<EventId>();
  return fields;
}

Bytes write(const Fields& fields) {
  Bytes bytes(envelope_bytes(fields.event, fields.draft.source, fields.causes.size()), 0xEE);
  encode_envelope(fields.event, fields.draft, bytes.data());
  for (std::size_t i = fields.event.causes.size(); i < fields.causes.size(); ++i) {
    patch_cause(bytes.data(), i, fields.causes[i]);
  }
  patch_envelope(bytes.data(), fields.patch);
  return bytes;
}

void compare(const Fields& fields, const EventView& event) {
  const NewEvent& given = fields.event;
  require(event.tier == given.tier, "the tier returns");
  require(event.stream == given.stream && event.type == given.type &&
              event.source == given.source && event.actor == given.actor &&
              event.subject == given.subject && event.correlation == given.correlation &&
              event.key == given.key,
          "the names return");
  require(std::ranges::equal(event.causes, fields.causes), "the causes return in their order");
  require(event.time == fields.draft.time && event.recorded == fields.patch.recorded,
          "the times return");
  require(event.seq == fields.patch.seq && event.version == fields.patch.version &&
              event.id == fields.patch.id,
          "place and identity return");
  require(
      event.commitment == fields.draft.commitment && event.data_bytes == fields.draft.data_bytes,
      "the commitment returns");
  require((event.data_state == DataState::None) == (fields.draft.form == format::DataForm::None),
          "the data form returns");
}

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  fuzzing::Input input({data, size});
  const fuzzing::Fields fields = fuzzing::take_fields(input);
  const Bytes bytes = fuzzing::write(fields);
  fuzzing::require(bytes.size() <= format::kMaxEnvelopeBytes, "an envelope is within its limit");
  const auto event = decode_envelope(bytes);
  fuzzing::require(event.has_value(), "what is written is read");
  fuzzing::compare(fields, *event);

  Bytes longer = bytes;
  longer.resize(bytes.size() + 8);
  fuzzing::require(envelope_length(longer) == bytes.size(), "an envelope knows its length");
  fuzzing::require(!decode_envelope(longer), "nothing may follow an envelope");
  fuzzing::require(!decode_envelope(ByteView(bytes).first(bytes.size() - 1)),
                   "no byte may be missing");
  return 0;
}
