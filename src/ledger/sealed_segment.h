// SPDX-License-Identifier: Apache-2.0
//
// A sealed segment, searched through its seal. When the seal is damaged its
// tables are made again from the segment's events, in memory; then the entries'
// previous_segment is kUnknownSegment. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daybook/environment.h"
#include "daybook/ledger.h"
#include "ledger/seal.h"

namespace daybook {

// How to go on reading a segment at or before an event.
struct Location {
  std::uint64_t record = 0;  // file offset of a record at or before it
  std::uint64_t frame = 0;   // file offset of that record's frame
};

inline constexpr Seq kUnknownSegment = kLastSeq;

class SealedSegment {
 public:
  // `path` is the file, `name` the same relative to the ledger directory.
  // Errors: Corruption when it is not sealed at all, NotFound, Io.
  [[nodiscard]] static Result<std::shared_ptr<SealedSegment>> open(FileSystem& files,
                                                                   const std::string& path,
                                                                   const std::string& name);

  [[nodiscard]] const SealHeader& header() const { return reader_->header(); }
  [[nodiscard]] const File& file() const { return *file_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  // Damage found when the seal had to be made again; empty otherwise.
  [[nodiscard]] const std::vector<LostRange>& lost() const { return lost_; }
  [[nodiscard]] bool rebuilt() const { return rebuilt_; }

  [[nodiscard]] Result<Location> locate(Seq seq);
  [[nodiscard]] Result<Location> locate(const EventId& id);
  [[nodiscard]] Result<std::optional<StreamEntry>> find_stream(std::string_view stream,
                                                               std::uint64_t hash);
  [[nodiscard]] Result<SegmentStreams> streams();
  [[nodiscard]] Result<std::vector<std::uint32_t>> postings(const StreamEntry& entry);
  [[nodiscard]] Result<std::vector<Seq>> find_key(std::uint64_t hash);
  [[nodiscard]] Result<std::vector<std::pair<std::string, std::uint64_t>>> types();
  [[nodiscard]] Result<std::vector<OffsetEntry>> offsets();

 private:
  SealedSegment(std::unique_ptr<File> file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}
  [[nodiscard]] Result<SealReader> open_seal(const std::string& path) const;
  [[nodiscard]] Result<SealReader> rebuild_seal(const std::string& path);
  template <class Ask>
  auto ask(Ask question) -> decltype(question(std::declval<SealReader&>()));

  std::unique_ptr<File> file_;
  std::string name_;
  std::mutex mutex_;
  std::optional<SealReader> reader_;
  std::vector<LostRange> lost_;
  bool rebuilt_ = false;
};

// The body of the seal that ends the segment in `file`, by its trailer.
// Errors: Corruption.
struct SealPlace {
  std::uint64_t frame = 0;  // file offset of the seal's frame
  std::uint64_t body = 0;   // file offset of the record's body
  std::uint64_t length = 0;
};
[[nodiscard]] Result<SealPlace> find_seal(const File& file, const std::string& path);
// Whether there is one. Errors: those of the file system.
[[nodiscard]] Result<bool> has_seal(const File& file, const std::string& path);

}  // namespace daybook
