// SPDX-License-Identifier: Apache-2.0
#include "ledger/segment_reading.h"

#include <algorithm>

#include "ledger/format.h"
#include "ledger/segment_state.h"

namespace daybook {
namespace {

// The first bytes of a file, as if there were no more.
class FilePrefix final : public File {
 public:
  FilePrefix(const File& file, std::uint64_t bytes) : file_(file), bytes_(bytes) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> buffer) const override {
    if (offset >= bytes_) return 0;
    return file_.read_at(offset,
                         buffer.first(std::min<std::uint64_t>(buffer.size(), bytes_ - offset)));
  }
  Result<std::uint64_t> size() const override {
    DAYBOOK_TRY(size, file_.size());
    return std::min(size, bytes_);
  }
  Result<FileId> id() const override { return file_.id(); }
  Result<bool> owner_only() const override { return file_.owner_only(); }

  Result<void> write_at(std::uint64_t, std::span<const std::uint8_t>) override { return refuse(); }
  Result<void> sync() override { return refuse(); }
  Result<void> truncate(std::uint64_t) override { return refuse(); }
  Result<bool> try_lock() override { return fail(refuse().error()); }
  void unlock() override {}

 private:
  static Result<void> refuse() { return fail(Errc::Internal, "a part of a file is only read"); }

  const File& file_;
  std::uint64_t bytes_;
};

}  // namespace

Result<SegmentReading> read_segment(const File& file, std::uint64_t bytes,
                                    const SegmentHeader& header) {
  const FilePrefix prefix(file, bytes);
  SegmentState state(header, "log/" + segment_name(header.first_seq));
  state.durable = bytes;
  DAYBOOK_CHECK(state.follow(prefix));
  return SegmentReading{state.end, state.peaks, state.sealed, std::move(state.lost)};
}

Result<SegmentHeader> header_or_rebuilt(const File& file, const std::string& path,
                                        const EventId& ledger_id, Seq first, const Peaks& before) {
  Bytes bytes(format::kSegmentHeaderBytes);
  DAYBOOK_TRY(got, file.read_at(0, bytes));
  bytes.resize(got);
  auto header = decode_segment_header(bytes, path);
  if (header && header->first_seq == first && header->ledger_id == ledger_id) return header;
  if (!header && header.error().code == Errc::Unsupported) return header;
  SegmentHeader rebuilt;
  rebuilt.ledger_id = ledger_id;
  rebuilt.first_seq = first;
  rebuilt.peaks = before;
  return rebuilt;
}

}  // namespace daybook
