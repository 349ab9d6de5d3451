// SPDX-License-Identifier: Apache-2.0
//
// The physical limit: nothing but the bytes, the checksum and the flush.
// Appends go into a file that was filled with zeros and flushed beforehand, so
// a flush writes data alone; the file is used in turns, as rewriting a block
// costs what writing a zeroed one does.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/crc32c.h"
#include "bench/payload.h"
#include "bench/store.h"
#include "bench/system.h"

namespace daybook::bench {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

class RawStore final : public Store {
 public:
  explicit RawStore(std::uint64_t file_events) : file_events_(file_events) {}

  Result<void> open(const std::string& directory) override {
    path_ = directory + "/raw.log";
    DAYBOOK_TRY(fd, make_zero_file(path_, file_events_ * kPayloadBytes));
    fd_ = std::move(fd);
    return {};
  }

  Result<void> append(std::uint64_t first, std::size_t count) override {
    const std::string_view bytes = ring().bytes(first, count);
    if (at_ + count > file_events_) at_ = 0;
    const auto offset = static_cast<off_t>(at_ * kPayloadBytes);
    if (pwrite(fd_.get(), bytes.data(), bytes.size(), offset) !=
        static_cast<ssize_t>(bytes.size())) {
      return system_error("write " + path_);
    }
    if (fdatasync(fd_.get()) != 0) return system_error("fdatasync " + path_);
    at_ += count;
    total_ += count;
    return {};
  }

  Result<std::uint64_t> count() override { return total_; }

  Result<std::uint64_t> scan() override {
    std::vector<std::uint8_t> buffer(kReadBytes);
    const std::uint64_t all = std::min(total_, file_events_);
    std::uint64_t events = 0;
    Sink sink;
    for (std::uint64_t offset = 0; events < all;) {
      const ssize_t got =
          pread(fd_.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
      if (got <= 0) return system_error("read " + path_);
      const std::size_t whole = static_cast<std::size_t>(got) / kPayloadBytes;
      const std::size_t wanted = std::min<std::uint64_t>(whole, all - events);
      for (std::size_t i = 0; i < wanted; ++i) {
        const ByteView event(buffer.data() + i * kPayloadBytes, kPayloadBytes);
        const std::uint32_t sum = crc32c(event);
        sink.take(&sum, sizeof sum);
      }
      events += wanted;
      offset += wanted * kPayloadBytes;
    }
    return events;
  }

 private:
  std::uint64_t file_events_;
  std::string path_;
  Fd fd_;
  std::uint64_t at_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_raw_store(std::uint64_t file_events) {
  return std::make_unique<RawStore>(file_events);
}

}  // namespace daybook::bench
