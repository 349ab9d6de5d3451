// SPDX-License-Identifier: Apache-2.0
//
// Where `query` and `export` send events: one place that knows how each format
// begins, separates and ends, and that reads data out of the blob store when
// whole events are wanted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/event_text.h"
#include "cli/output.h"
#include "daybook/ledger.h"

namespace daybook::cli {

enum class BlobData : std::uint8_t { Reference, Resolve };

class EventSink {
 public:
  EventSink(Output& out, Ledger& ledger, EventFormat format, BlobData blobs);

  // One event, one line. Data that cannot be read is counted, not fatal.
  void write(const EventView& event);

  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  Output* out_;
  Ledger* ledger_;
  EventFormat format_;
  BlobData blobs_;
  std::string line_;
  std::uint64_t written_ = 0;
  std::uint64_t unreadable_ = 0;  // events whose blob is missing or damaged
};

}  // namespace daybook::cli
