// SPDX-License-Identifier: Apache-2.0
#include "ledger/scanner.h"

#include <algorithm>

namespace daybook {
namespace {

constexpr std::size_t kSearchChunk = 1u << 20;

}  // namespace

Result<ByteView> FileWindow::at(std::uint64_t offset, std::size_t wanted) {
  const bool inside = offset >= start_ && offset + wanted <= start_ + size_;
  if (!inside) {
    const std::size_t size = std::max(wanted, kReadAhead);
    if (buffer_.size() < size) buffer_.resize(size);
    size_ = 0;
    DAYBOOK_TRY(got, file_->read_at(offset, {buffer_.data(), size}));
    start_ = offset;
    size_ = got;
  }
  const std::size_t skip = offset - start_;
  return ByteView(buffer_).subspan(skip, std::min(wanted, size_ - skip));
}

Result<bool> FrameScanner::read_frame(std::uint64_t offset) {
  DAYBOOK_TRY(start, window_.at(offset, format::kFrameHeaderBytes));
  const auto header = decode_frame_header(start);
  if (!header) return false;
  DAYBOOK_TRY(bytes, window_.at(offset, header->total_bytes()));
  return frame_.decode(bytes);
}

Result<FrameScanner::Kind> FrameScanner::next() {
  offset_ = position_;
  DAYBOOK_TRY(good, read_frame(offset_));
  // A hole of zeros is erased data only where the data once was durable.
  if (good && (frame_.erased == 0 || offset_ < trusted_end_)) {
    position_ = offset_ + frame_.bytes.size();
    if (trusted_end_ != kEverything) trust(frame_.header.durable);
    return Kind::Frame;
  }
  if (offset_ >= trusted_end_) return Kind::End;
  DAYBOOK_TRY(file_bytes, file_->size());
  // The whole of a sealed segment is trusted, but only as far as it exists.
  if (offset_ >= file_bytes) return Kind::End;
  return skip_damage(file_bytes);
}

Result<FrameScanner::Kind> FrameScanner::skip_damage(std::uint64_t file_bytes) {
  DAYBOOK_TRY(found, find_frame(*file_, offset_ + 8, file_bytes));
  const std::uint64_t promised = std::min(trusted_end_, file_bytes);
  position_ = found ? *found : align8(std::max(promised, offset_ + 8));
  DAYBOOK_CHECK(salvage(offset_, std::min(position_, file_bytes)));
  return Kind::Damage;
}

Result<void> FrameScanner::salvage(std::uint64_t from, std::uint64_t to) {
  frame_.records.clear();
  salvaged_.resize(to - from);
  DAYBOOK_TRY(got, file_->read_at(from, salvaged_));
  salvaged_.resize(got);
  const ByteView bytes = salvaged_;
  for (std::uint64_t at = 0; at + format::kRecordHeaderBytes <= bytes.size();) {
    const auto record = decode_record(bytes, at);
    if (!record) {
      at += 8;
      continue;
    }
    frame_.records.push_back(*record);
    at += record_bytes(record->envelope.size(), record->data.size());
  }
  return {};
}

Result<std::optional<std::uint64_t>> find_frame(const File& file, std::uint64_t from,
                                                std::uint64_t to) {
  Bytes chunk(kSearchChunk);
  FileWindow window(file);
  FrameView frame;
  for (std::uint64_t start = from; start < to;) {
    DAYBOOK_TRY(got, file.read_at(start, chunk));
    if (got < format::kFrameHeaderBytes) break;
    for (std::size_t at = 0; at + 8 <= got; at += 8) {
      if (load<std::uint32_t>(chunk.data() + at) != format::kFrameMarker) continue;
      if (start + at >= to) return std::nullopt;
      DAYBOOK_TRY(header_bytes, window.at(start + at, format::kFrameHeaderBytes));
      const auto header = decode_frame_header(header_bytes);
      if (!header) continue;
      DAYBOOK_TRY(bytes, window.at(start + at, header->total_bytes()));
      if (frame.decode(bytes)) return start + at;
    }
    start += got & ~std::size_t{7};
  }
  return std::nullopt;
}

Result<std::uint64_t> end_of_bytes(const File& file, std::uint64_t from) {
  DAYBOOK_TRY(size, file.size());
  Bytes chunk(kSearchChunk);
  std::uint64_t end = from;
  for (std::uint64_t start = from; start < size;) {
    DAYBOOK_TRY(got, file.read_at(start, chunk));
    if (got == 0) break;
    const ByteView bytes = ByteView(chunk).first(got);
    if (!all_zero(bytes)) {
      std::size_t last = got;
      while (bytes[last - 1] == 0) --last;
      end = align8(start + last);
    }
    start += got;
  }
  return end;
}

}  // namespace daybook
