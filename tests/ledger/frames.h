// SPDX-License-Identifier: Apache-2.0
//
// Frames and files made by hand, for tests that need bytes no writer would
// write. Test code; not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "base/sha256.h"
#include "ledger/envelope.h"
#include "ledger/frame.h"
#include "support/ledgers.h"

namespace daybook::testing {

// The id that frame_of gives to the event `seq`.
inline EventId id_of(std::uint64_t seq) {
  EventId id;
  for (std::size_t i = 0; i < sizeof seq; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(seq >> (8 * i));
  }
  return id;
}

// Appends the record of one event; an empty text is an event without data. The
// salt is a one and zeros.
inline void append_event(Bytes& frame, std::uint64_t seq, const std::string& text) {
  const NewEvent event{.stream = "stream", .type = "type"};
  EnvelopeDraft draft;
  draft.time = Timestamp{static_cast<std::int64_t>(seq)};
  draft.source = "test";
  Bytes data;
  if (!text.empty()) {
    data.resize(format::kSaltBytes);
    data[0] = 1;
    data.insert(data.end(), text.begin(), text.end());
    draft.form = format::DataForm::Inline;
    draft.commitment = sha256(data);
    draft.data_bytes = text.size();
  }
  const std::size_t envelope = envelope_bytes(event, draft.source, 0);
  const std::size_t at = frame.size();
  frame.resize(at + record_bytes(envelope, data.size()));
  std::uint8_t* const record = frame.data() + at;
  encode_envelope(event, draft, record + format::kRecordHeaderBytes);
  patch_envelope(record + format::kRecordHeaderBytes,
                 {Seq{seq}, Version{seq}, Timestamp{static_cast<std::int64_t>(seq)}, id_of(seq)});
  std::ranges::copy(data, record + format::kRecordHeaderBytes + envelope);
  seal_record(record, static_cast<std::uint32_t>(envelope), static_cast<std::uint32_t>(data.size()),
              crc32c(data));
}

// An events frame: one event for each text, from `first` on.
inline Bytes frame_of(std::uint64_t first, const std::vector<std::string>& texts,
                      std::uint64_t durable = 0) {
  Bytes frame(format::kFrameHeaderBytes);
  std::uint64_t seq = first;
  for (const std::string& text : texts) append_event(frame, seq++, text);
  encode_frame_header(
      {.type = format::FrameType::Events,
       .body_bytes = static_cast<std::uint32_t>(frame.size() - format::kFrameHeaderBytes),
       .records = static_cast<std::uint32_t>(texts.size()),
       .seq = Seq{first},
       .durable = durable},
      frame.data());
  return frame;
}

// A file in memory with these bytes.
class MemoryFile {
 public:
  explicit MemoryFile(ByteView bytes) {
    disk_.put_file("/file", bytes);
    file_ = expect(disk_.open("/file", OpenMode::ReadWrite));
  }
  [[nodiscard]] File& operator*() const { return *file_; }

 private:
  FaultyFileSystem disk_;
  std::unique_ptr<File> file_;
};

inline Bytes concat(std::initializer_list<ByteView> parts) {
  Bytes whole;
  for (const ByteView part : parts) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

}  // namespace daybook::testing
