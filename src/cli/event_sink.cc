// SPDX-License-Identifier: Apache-2.0
#include "cli/event_sink.h"

namespace daybook::cli {

EventSink::EventSink(Output& out, Ledger& ledger, EventFormat format, BlobData blobs)
    : out_(&out), ledger_(&ledger), format_(format), blobs_(blobs) {
  if (format_ == EventFormat::Csv) out_->line(csv_header());
}

void EventSink::write(const EventView& event) {
  line_.clear();
  if (event.data_state == DataState::Damaged) ++unreadable_;
  if (event.data_state == DataState::Blob && blobs_ == BlobData::Resolve) {
    const auto data = ledger_->data(to_event(event));
    if (!data) ++unreadable_;
    append_event(line_, format_, event,
                 data ? std::optional<std::string_view>(*data) : std::nullopt);
  } else {
    append_event(line_, format_, event);
  }
  line_.push_back('\n');
  out_->write(line_);
  ++written_;
}

}  // namespace daybook::cli
