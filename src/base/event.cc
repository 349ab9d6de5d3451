// SPDX-License-Identifier: Apache-2.0
#include "daybook/event.h"

#include <fmt/format.h>

namespace daybook {

std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::MetadataOnly:
      return "metadata_only";
    case Tier::Structured:
      return "structured";
    case Tier::Confidential:
      return "confidential";
  }
  return "unknown";  // an undecoded byte: decoders refuse it before it gets here
}

Result<Tier> parse_tier(std::string_view text) {
  for (const Tier tier : {Tier::MetadataOnly, Tier::Structured, Tier::Confidential}) {
    if (text == to_string(tier)) return tier;
  }
  return fail(Errc::InvalidArgument, fmt::format("unknown tier \"{}\"", text),
              "use metadata_only, structured or confidential");
}

Event to_event(const EventView& view) {
  Event event;
  event.seq = view.seq;
  event.version = view.version;
  event.id = view.id;
  event.time = view.time;
  event.recorded = view.recorded;
  event.tier = view.tier;
  event.stream = view.stream;
  event.type = view.type;
  event.source = view.source;
  event.actor = view.actor;
  event.subject = view.subject;
  event.correlation = view.correlation;
  event.key = view.key;
  event.causes.assign(view.causes.begin(), view.causes.end());
  event.commitment = view.commitment;
  event.data_bytes = view.data_bytes;
  event.data_state = view.data_state;
  event.data = view.data;
  event.blob = view.blob;
  return event;
}

}  // namespace daybook
