// SPDX-License-Identifier: Apache-2.0
//
// Everything known about one segment by reading its frames in order: its index,
// the tree at its end, its newest checkpoint, and what was lost in damage. The
// active segment's state grows with every commit; a sealed segment's is only
// built when its seal is damaged.
//
// Not thread-safe; the Log guards the active one.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daybook/ledger.h"
#include "ledger/hint.h"
#include "ledger/scanner.h"
#include "ledger/segment.h"
#include "ledger/segment_index.h"

namespace daybook {

class SegmentState {
 public:
  // At the start of a segment. `name` is its path relative to the ledger.
  SegmentState(const SegmentHeader& header, std::string name)
      : index(header.first_seq), peaks(header.peaks), name_(std::move(name)) {}

  // Reads on from `end` until the end of what is good, as far as the live log
  // goes: costs one short read, or two, when there is nothing new. Errors:
  // Corruption when the newest frame is not where it was: what follows it then
  // is another history.
  [[nodiscard]] Result<void> follow(const File& file);

  // The same with a look behind the end, which tells a torn tail from damage
  // (docs/format.md, 6.3). `hint` is that of the file `tail`.
  [[nodiscard]] Result<void> recover(const File& file, const std::optional<Hint>& hint);

  // Takes in frames that this process has just written at `end`; the last one
  // stands at `frame` and has these bytes.
  void advance(std::uint64_t new_end, std::uint64_t frame, ByteView bytes) {
    end = new_end;
    stand_on(frame, bytes);
  }
  // Notes which frame is the newest, so that it is known again.
  void stand_on(std::uint64_t frame, ByteView bytes) {
    last_frame = frame;
    std::copy_n(bytes.begin(), mark_.size(), mark_.begin());
  }

  SegmentIndex index;
  Peaks peaks;  // of the tree up to index.last_seq()
  std::uint64_t end = format::kSegmentHeaderBytes;
  std::uint64_t durable = format::kSegmentHeaderBytes;  // known to be on stable storage
  std::uint64_t last_frame = 0;                         // offset of the newest frame
  bool sealed = false;                                  // the newest frame is the seal
  std::string checkpoint;                               // newest signed note, if any
  std::uint64_t checkpoint_size = 0;                    // its tree size
  std::vector<LostRange> lost;
  // Events after `seq` that hold a place here and cannot be read, so that nobody
  // knows their streams and keys.
  [[nodiscard]] std::uint64_t unreadable_after(Seq seq) const;
  // Written bytes behind the end that nobody was promised; recover() only.
  std::uint64_t torn_bytes = 0;
  // Where `tail` says the log was durable, when the log ends before that and the
  // hint is no evidence: the ledger was copied or restored. recover() only.
  std::optional<LogPlace> hint_ahead;

 private:
  // The two headers at the start of a frame: the second one's checksum covers the
  // id of an event or a signature, so no two frames share them.
  static constexpr std::size_t kMarkBytes = format::kFrameHeaderBytes + format::kRecordHeaderBytes;

  [[nodiscard]] Result<bool> grows(const File& file) const;
  [[nodiscard]] Result<void> scan(FrameScanner& scanner);
  [[nodiscard]] Result<void> recover_to(FrameScanner& scanner, const File& file);
  [[nodiscard]] Result<std::uint64_t> promised_behind(const File& file) const;
  void heed(const Hint& hint);
  void lose_missing_segments(const LogPlace& known);
  void take_frame(const FrameScanner& scanner);
  void take_event(const RecordView& record, std::uint64_t base, std::uint64_t frame, Seq seq);
  void take_checkpoint(const RecordView& record);
  void take_seal(const RecordView& record);
  void take_damage(const FrameScanner& scanner);
  void lose_up_to(Seq last);
  [[nodiscard]] bool may_follow(Seq seq) const;

  std::string name_;
  std::array<std::uint8_t, kMarkBytes> mark_{};  // of the frame at last_frame
  std::vector<Seq> unreadable_;                  // ascending
  bool tree_unsure_ = false;                     // a lost leaf since the last adopted peaks
};

}  // namespace daybook
