// SPDX-License-Identifier: Apache-2.0
#include "ledger/segment_state.h"

#include <array>

#include "ledger/control.h"
#include "ledger/envelope.h"
#include "ledger/seal.h"
#include "ledger/sealed_segment.h"

namespace daybook {

Result<void> SegmentState::follow(const File& file) {
  if (sealed) return {};
  DAYBOOK_TRY(more, grows(file));
  if (!more && end >= durable) return {};
  FrameScanner scanner(file, end, durable);
  return scan(scanner);
}

// Whether a frame seems to stand behind the end. Looks at the newest frame too:
// most are small enough for both to be read at once.
Result<bool> SegmentState::grows(const File& file) const {
  constexpr std::size_t kTogether = 4096;
  constexpr std::size_t kNext = sizeof format::kFrameMarker;
  std::array<std::uint8_t, kTogether + kNext> buffer{};
  const bool together = last_frame != 0 && end - last_frame <= kTogether;
  const std::uint64_t from = together ? last_frame : end;
  const std::size_t behind = end - from;
  DAYBOOK_TRY(got, file.read_at(from, std::span(buffer).first(behind + kNext)));
  std::array<std::uint8_t, kMarkBytes> mark{};
  if (together) {
    std::copy_n(buffer.begin(), std::min(got, mark.size()), mark.begin());
  } else if (last_frame != 0) {
    DAYBOOK_CHECK(file.read_at(last_frame, mark));
  }
  if (last_frame != 0 && mark != mark_) {
    return fail(Errc::Corruption,
                name_ + " is not as this process left it: it was cut off or replaced",
                "open the ledger again, and run `daybook verify`");
  }
  return got == behind + kNext && !all_zero(ByteView(buffer).subspan(behind, kNext));
}

Result<void> SegmentState::scan(FrameScanner& scanner) {
  while (!sealed) {
    DAYBOOK_TRY(kind, scanner.next());
    if (kind == FrameScanner::Kind::End) break;
    if (kind == FrameScanner::Kind::Damage) {
      take_damage(scanner);
    } else {
      take_frame(scanner);
    }
    end = scanner.offset() + scanner.length();
    durable = std::max(durable, scanner.trusted_end());
  }
  return {};
}

Result<void> SegmentState::recover(const File& file, const std::optional<Hint>& hint) {
  torn_bytes = 0;
  hint_ahead.reset();
  // A whole seal was only written when everything before it was flushed.
  DAYBOOK_TRY(whole_seal, has_seal(file, name_));
  if (whole_seal) {
    DAYBOOK_TRY(size, file.size());
    durable = std::max(durable, size - format::kSealTrailerBytes);
  }
  FrameScanner scanner(file, end, durable);
  DAYBOOK_CHECK(recover_to(scanner, file));
  DAYBOOK_TRY(written, sealed ? end : end_of_bytes(file, end));
  if (hint && hint->to.segment == index.first_seq() && hint->to.end > end && !sealed) {
    // Bytes that were promised and are no frame are damage, wherever the hint was
    // written. Where there are none at all, it depends on that.
    DAYBOOK_TRY(size, file.size());
    const bool believable = hint->to.end <= size + format::kMaxFrameBody;
    if (believable && (written > end || hint->at_home)) {
      scanner.trust(hint->to.end);
      durable = std::max(durable, hint->to.end);
      DAYBOOK_CHECK(recover_to(scanner, file));
      DAYBOOK_TRY(rest, sealed ? end : end_of_bytes(file, end));
      written = rest;
    } else if (!hint->at_home) {
      hint_ahead = hint->to;
    }
  }
  if (hint) heed(*hint);
  torn_bytes = written > end ? written - end : 0;
  return {};
}

// Reads on until what stands behind the end was promised to nobody.
Result<void> SegmentState::recover_to(FrameScanner& scanner, const File& file) {
  while (true) {
    DAYBOOK_CHECK(scan(scanner));
    if (sealed) return {};
    DAYBOOK_TRY(promised, promised_behind(file));
    if (promised <= end) return {};
    // Others may write meanwhile: what was not there a moment ago is no damage.
    scanner.forget();
    scanner.trust(promised);
    durable = std::max(durable, promised);
  }
}

// How far the good frames behind the end say that the log was durable.
Result<std::uint64_t> SegmentState::promised_behind(const File& file) const {
  DAYBOOK_TRY(size, file.size());
  std::uint64_t promised = 0;
  DAYBOOK_TRY(next, find_frame(file, end + 8, size));
  while (next) {
    FrameScanner ahead(file, *next, kEverything);
    DAYBOOK_TRY(kind, ahead.next());
    if (kind != FrameScanner::Kind::Frame) break;
    promised = std::max(promised, ahead.frame().header.durable);
    DAYBOOK_TRY(following, find_frame(file, *next + ahead.length(), size));
    next = following;
  }
  return promised;
}

// The hint knows what was promised at the end, where no frame can tell any more.
void SegmentState::heed(const Hint& hint) {
  if (hint.to.segment > index.first_seq()) {
    if (hint.at_home) return lose_missing_segments(hint.to);
    if (hint.to.next > index.last_seq().next()) hint_ahead = hint.to;
    return;
  }
  if (hint.to.segment != index.first_seq() || hint_ahead) return;
  if (hint.to.end > end && hint.to.end <= durable && !sealed) {
    lost.push_back({name_, end, hint.to.end - end, Seq{}, Seq{}});
    end = hint.to.end;
  }
  if (hint.to.end == end && may_follow(hint.to.next)) lose_up_to(Seq{hint.to.next.value - 1});
}

// The hint names a segment that is not there: its events are lost, and their
// seqs must not be given to others.
void SegmentState::lose_missing_segments(const LogPlace& known) {
  if (!may_follow(known.next)) return;
  lost.push_back({"log/" + segment_name(known.segment), 0, known.end, Seq{}, Seq{}});
  lose_up_to(Seq{known.next.value - 1});
}

void SegmentState::take_frame(const FrameScanner& scanner) {
  const FrameView& frame = scanner.frame();
  stand_on(scanner.offset(), frame.bytes);
  if (frame.header.type != format::FrameType::Events) {
    // A control frame knows how many events come before it.
    const Seq before{frame.header.seq.value - 1};
    if (may_follow(frame.header.seq)) lose_up_to(before);
  }
  switch (frame.header.type) {
    case format::FrameType::Checkpoint:
      take_checkpoint(frame.records.front());
      return;
    case format::FrameType::Seal:
      take_seal(frame.records.front());
      return;
    case format::FrameType::Events:
      break;
  }
  if (!may_follow(frame.header.seq)) {
    take_damage(scanner);
    return;
  }
  std::uint64_t seq = frame.header.seq.value;
  for (const RecordView& record : frame.records) {
    take_event(record, scanner.offset(), scanner.offset(), Seq{seq++});
  }
}

void SegmentState::take_event(const RecordView& record, std::uint64_t base, std::uint64_t frame,
                              Seq seq) {
  if (seq <= index.last_seq()) return;  // a second copy found in damage
  lose_up_to(Seq{seq.value - 1});
  peaks.append(leaf_hash(record.envelope));
  const auto event = decode_event(record);
  if (event) {
    index.add(*event, base + record.offset, frame);
  } else {
    unreadable_.push_back(seq);
    index.skip_to(seq);
  }
}

std::uint64_t SegmentState::unreadable_after(Seq seq) const {
  const auto after = std::ranges::upper_bound(unreadable_, seq);
  return static_cast<std::uint64_t>(unreadable_.end() - after);
}

// A forged seq must not make us count to it.
bool SegmentState::may_follow(Seq seq) const {
  return seq > index.last_seq() && seq.value - index.last_seq().value - 1 <= format::kMaxSeqJump;
}

void SegmentState::lose_up_to(Seq last) {
  for (std::uint64_t seq = index.last_seq().value + 1; seq <= last.value; ++seq) {
    peaks.append(lost_leaf_hash(Seq{seq}));
    tree_unsure_ = true;
    unreadable_.push_back(Seq{seq});
  }
  if (!lost.empty() && last > index.last_seq()) {
    if (lost.back().first.value == 0) lost.back().first = index.last_seq().next();
    lost.back().last = last;
  }
  index.skip_to(last);
}

void SegmentState::take_checkpoint(const RecordView& record) {
  auto decoded = decode_checkpoint_record(record.envelope);
  if (!decoded) return;
  if (tree_unsure_ && decoded->peaks.size() == peaks.size()) {
    peaks = decoded->peaks;
    tree_unsure_ = false;
  }
  checkpoint_size = decoded->peaks.size();
  checkpoint = std::move(decoded->note);
}

void SegmentState::take_seal(const RecordView& record) {
  sealed = true;
  const auto header = decode_seal_header(record.envelope, record.envelope.size());
  if (header && tree_unsure_ && header->peaks.size() == peaks.size()) {
    peaks = header->peaks;
    tree_unsure_ = false;
  }
}

void SegmentState::take_damage(const FrameScanner& scanner) {
  lost.push_back({name_, scanner.offset(), scanner.length(), Seq{}, Seq{}});
  for (const RecordView& record : scanner.records()) {
    if (record.envelope.size() < format::kEnvelopeFixedBytes) continue;
    const Seq seq = envelope_seq(record.envelope.data());
    // A control record is not an event, and a seq from before is a stale copy.
    if (!may_follow(seq) || !decode_event(record)) continue;
    take_event(record, scanner.offset(), scanner.offset(), seq);
  }
}

}  // namespace daybook
