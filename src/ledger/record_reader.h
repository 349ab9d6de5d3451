// SPDX-License-Identifier: Apache-2.0
//
// Reads single events out of a segment from a place at or before them, hopping
// over the records between without reading their content. Not thread-safe.
#pragma once

#include <compare>
#include <functional>

#include "ledger/scanner.h"
#include "ledger/sealed_segment.h"

namespace daybook {

class RecordReader {
 public:
  // Reads `file`, which must outlive the reader; `name` is for messages.
  RecordReader(const File& file, std::string name)
      : file_(&file), window_(file), name_(std::move(name)) {}

  // The event, valid until the next call. Errors: Corruption when it was there
  // and cannot be read; NotFound.
  [[nodiscard]] Result<EventView> read(Seq seq, const Location& from);
  [[nodiscard]] Result<EventView> find(const EventId& id, const Location& from);
  void forget() { window_.forget(); }

 private:
  // How the event with this envelope's fixed part lies to the wanted one.
  using Compare = std::function<std::strong_ordering(const std::uint8_t* envelope)>;
  enum class Hop : std::uint8_t { Onward, Here, Passed, Lost };

  [[nodiscard]] Result<std::optional<EventView>> walk(const Location& from, const Compare& compare);
  [[nodiscard]] Result<Hop> hop(std::uint64_t& at, const Compare& compare);
  [[nodiscard]] Result<std::optional<EventView>> search(std::uint64_t from, const Compare& compare);

  const File* file_;
  FileWindow window_;
  std::string name_;
  Bytes salvaged_;
};

}  // namespace daybook
