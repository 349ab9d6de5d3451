// SPDX-License-Identifier: Apache-2.0
#include "ledger/cursor.h"

#include <algorithm>

#include <fmt/format.h>

#include "ledger/envelope.h"

namespace daybook {
namespace {

std::string relative_name(Seq segment) { return "log/" + segment_name(segment); }

// The newest segment that begins at or before `seq`.
std::size_t segment_at(const std::vector<Seq>& segments, Seq seq) {
  const auto after = std::ranges::upper_bound(segments, seq);
  return after == segments.begin() ? 0 : static_cast<std::size_t>(after - segments.begin()) - 1;
}

// Damage that cost events from..to, merged into the list of a cursor.
void note_lost(std::vector<LostRange>& lost, Seq segment, const FrameScanner& scanner) {
  lost.push_back({relative_name(segment), scanner.offset(), scanner.length(), Seq{}, Seq{}});
}

class ForwardCursor final : public Cursor::Impl {
 public:
  ForwardCursor(Log& log, const ScanOptions& options)
      : log_(log), wanted_(options.from), to_(options.to) {}

  Result<const EventView*> next() override {
    while (wanted_ <= to_) {
      if (record_ < records_) {
        const RecordView& record = scanner_->records()[record_++];
        if (!take(record)) continue;
        wanted_ = event_.seq.next();
        return &event_;
      }
      DAYBOOK_TRY(more, advance());
      if (!more) return nullptr;
    }
    return nullptr;
  }

 private:
  // Whether the record is the next event to yield.
  bool take(const RecordView& record) {
    if (record.envelope.size() < format::kEnvelopeFixedBytes) return false;
    const Seq seq = envelope_seq(record.envelope.data());
    if (seq < wanted_ || seq > to_) return false;
    if (!decode_event(record, event_)) return false;
    if (seq > wanted_ && !lost.empty() && lost.back().first.value == 0) {
      lost.back().first = wanted_;
      lost.back().last = Seq{seq.value - 1};
    }
    return true;
  }

  // Reads the next frame with events; false at the end of the log.
  Result<bool> advance() {
    if (!scanner_) {
      DAYBOOK_TRY(opened, open());
      if (!opened) return false;
    }
    while (true) {
      DAYBOOK_TRY(kind, scanner_->next());
      record_ = 0;
      records_ = 0;
      if (kind == FrameScanner::Kind::End) return at_end();
      if (kind == FrameScanner::Kind::Damage) {
        note_lost(lost, segment_, *scanner_);
        records_ = scanner_->records().size();
        return true;
      }
      const FrameHeader& header = scanner_->frame().header;
      if (header.type == format::FrameType::Seal) return next_segment();
      if (header.type != format::FrameType::Events) continue;
      if (header.seq.value + header.records <= wanted_.value) continue;
      records_ = scanner_->frame().records.size();
      record_ = wanted_ > header.seq ? wanted_.value - header.seq.value : 0;
      return true;
    }
  }

  Result<bool> open() {
    DAYBOOK_CHECK(log_.refresh());
    const std::vector<Seq> segments = log_.segments();
    return open_segment(segments[segment_at(segments, wanted_)]);
  }

  Result<bool> open_segment(Seq segment) {
    DAYBOOK_TRY(from, log_.locate(segment, wanted_));
    DAYBOOK_TRY(file, log_.open_segment(segment));
    segment_ = segment;
    file_ = std::move(file);
    const std::uint64_t start = std::max<std::uint64_t>(from.frame, format::kSegmentHeaderBytes);
    scanner_.emplace(*file_, start, log_.trusted_end(segment));
    return true;
  }

  Result<bool> next_segment() {
    DAYBOOK_CHECK(log_.refresh());
    const std::vector<Seq> segments = log_.segments();
    const auto next = std::ranges::upper_bound(segments, segment_);
    if (next == segments.end()) {
      scanner_.reset();  // sealed, and nothing follows yet
      return false;
    }
    wanted_ = std::max(wanted_, *next);
    return open_segment(*next);
  }

  // Nothing good here: the end of the log, or of a segment sealed meanwhile, or
  // damage that has become certain since the scanner was made.
  Result<bool> at_end() {
    DAYBOOK_CHECK(log_.refresh());
    const std::uint64_t trusted = log_.trusted_end(segment_);
    const std::uint64_t here = scanner_->offset();
    DAYBOOK_TRY(size, file_->size());
    if (trusted == kEverything && here >= size) return next_segment();
    scanner_.emplace(*file_, here, trusted);
    return here < std::min(trusted, size);
  }

  Log& log_;
  Seq wanted_;
  Seq to_;
  Seq segment_;
  std::unique_ptr<File> file_;
  std::optional<FrameScanner> scanner_;
  std::size_t record_ = 0;
  std::size_t records_ = 0;
  EventView event_;
};

class BackwardCursor final : public Cursor::Impl {
 public:
  BackwardCursor(Log& log, const ScanOptions& options)
      : log_(log), from_(options.from), to_(options.to) {}

  Result<const EventView*> next() override {
    if (!started_) DAYBOOK_CHECK(start());
    while (true) {
      if (!pending_.empty()) {
        current_ = std::move(pending_.back());
        pending_.pop_back();
        auto event = view();
        if (!event) return fail(std::move(event).error());
        event_ = *event;
        return &event_;
      }
      DAYBOOK_TRY(more, previous_stretch());
      if (!more) return nullptr;
    }
  }

 private:
  // An event's bytes, kept while its stretch is handed out.
  struct Kept {
    Bytes envelope;
    Bytes data;
    RecordView::Data state = RecordView::Data::Good;
  };

  Result<EventView> view() const {
    RecordView record;
    record.envelope = current_.envelope;
    record.data = current_.data;
    record.data_state = current_.state;
    return decode_event(record);
  }

  Result<void> start() {
    DAYBOOK_CHECK(log_.refresh());
    to_ = std::min(to_, log_.last());
    segments_ = log_.segments();
    started_ = true;
    segment_ = segment_at(segments_, to_) + 1;
    return {};
  }

  // Reads the events between two noted offsets, or turns to the segment before.
  Result<bool> previous_stretch() {
    if (to_ < from_ || to_.value == 0) return false;
    while (stretch_ == 0) {
      if (segment_ == 0) return false;
      --segment_;
      DAYBOOK_TRY(offsets, log_.offsets(segments_[segment_]));
      offsets_ = std::move(offsets);
      DAYBOOK_TRY(file, log_.open_segment(segments_[segment_]));
      file_ = std::move(file);
      stretch_ = offsets_.entries.size();
      // A segment whose events are all lost has nothing to yield.
    }
    --stretch_;
    const std::uint64_t begin = offsets_.entries[stretch_].frame;
    const Seq first = offsets_.entries[stretch_].seq;
    const bool is_last = stretch_ + 1 == offsets_.entries.size();
    const Seq before = is_last ? kLastSeq : offsets_.entries[stretch_ + 1].seq;
    if (first > to_) return true;
    DAYBOOK_CHECK(read_stretch(begin, first, before));
    return true;
  }

  Result<void> read_stretch(std::uint64_t begin, Seq first, Seq before) {
    const Seq segment = segments_[segment_];
    FrameScanner scanner(*file_, begin, log_.trusted_end(segment));
    while (true) {
      DAYBOOK_TRY(kind, scanner.next());
      if (kind == FrameScanner::Kind::End || scanner.offset() >= offsets_.end) break;
      if (kind == FrameScanner::Kind::Frame) {
        const FrameHeader& header = scanner.frame().header;
        if (header.type == format::FrameType::Seal) break;
        if (header.type != format::FrameType::Events) continue;
        if (header.seq >= before || header.seq > to_) break;
      } else {
        note_lost(lost, segment, scanner);
      }
      for (const RecordView& record : scanner.records()) keep(record, first, before);
    }
    return {};
  }

  void keep(const RecordView& record, Seq first, Seq before) {
    if (record.envelope.size() < format::kEnvelopeFixedBytes) return;
    const Seq seq = envelope_seq(record.envelope.data());
    if (seq < first || seq >= before || seq < from_ || seq > to_ || !decode_event(record)) return;
    pending_.push_back({Bytes(record.envelope.begin(), record.envelope.end()),
                        Bytes(record.data.begin(), record.data.end()), record.data_state});
  }

  Log& log_;
  Seq from_;
  Seq to_;
  bool started_ = false;
  std::vector<Seq> segments_;
  std::size_t segment_ = 0;  // index of the one being read, plus one at the start
  Log::Offsets offsets_;
  std::size_t stretch_ = 0;  // stretches of it still to be read
  std::unique_ptr<File> file_;
  std::vector<Kept> pending_;
  Kept current_;
  EventView event_;
};

class StreamCursor final : public Cursor::Impl {
 public:
  StreamCursor(Log& log, const ScanOptions& options) : log_(log), options_(options) {}

  Result<const EventView*> next() override {
    while (true) {
      if (at_ < seqs_.size()) {
        const bool forward = options_.direction == Direction::Forward;
        const Seq seq = forward ? seqs_[at_] : seqs_[seqs_.size() - 1 - at_];
        ++at_;
        DAYBOOK_TRY(event, read(seq));
        if (event != nullptr) return event;
        continue;
      }
      DAYBOOK_TRY(more, advance());
      if (!more) return nullptr;
    }
  }

 private:
  Result<const EventView*> read(Seq seq) {
    last_seq_ = std::max(last_seq_, seq);
    DAYBOOK_TRY(from, log_.locate(segment_, seq));
    auto event = reader_->read(seq, from);
    if (!event && event.error().code == Errc::Corruption) {
      lost.push_back({relative_name(segment_), from.record, 0, seq, seq});
      return nullptr;
    }
    if (!event) return fail(std::move(event).error());
    event_ = *event;
    return &event_;
  }

  // The next segment with events of the stream, in the cursor's direction.
  Result<bool> advance() {
    DAYBOOK_CHECK(log_.refresh());
    if (options_.direction == Direction::Backward) {
      DAYBOOK_TRY(segment, started_ ? Result<Seq>(previous_)
                                    : log_.segment_of_stream(options_.stream, options_.to));
      started_ = true;
      if (segment.value == 0) return false;
      return load(segment);
    }
    if (!started_ || chain_.empty()) DAYBOOK_CHECK(plan());
    started_ = true;
    if (chain_.empty()) return false;
    const Seq segment = chain_.back();
    chain_.pop_back();
    return load(segment);
  }

  // The segments still to read, newest first, so that the oldest is at the back.
  Result<void> plan() {
    DAYBOOK_TRY(newest, log_.segment_of_stream(options_.stream, kLastSeq));
    for (Seq segment = newest; segment.value != 0;) {
      DAYBOOK_TRY(part, log_.stream_seqs(segment, options_.stream));
      const Seq wanted = std::max(options_.from, last_seq_.next());
      if (!part.seqs.empty() && part.seqs.back() >= wanted && part.seqs.front() <= options_.to) {
        chain_.push_back(segment);
      }
      if (!part.seqs.empty() && part.seqs.front() <= wanted) break;
      segment = part.previous_segment;
    }
    return {};
  }

  Result<bool> load(Seq segment) {
    DAYBOOK_TRY(part, log_.stream_seqs(segment, options_.stream));
    DAYBOOK_TRY(file, log_.open_segment(segment));
    reader_.reset();
    file_ = std::move(file);
    reader_.emplace(*file_, relative_name(segment));
    segment_ = segment;
    previous_ = part.previous_segment;
    const bool forward = options_.direction == Direction::Forward;
    const Seq from = forward ? std::max(options_.from, last_seq_.next()) : options_.from;
    seqs_ = std::move(part.seqs);
    std::erase_if(seqs_, [&](Seq seq) { return seq < from || seq > options_.to; });
    at_ = 0;
    if (!forward && segment < options_.from) previous_ = Seq{};
    return true;
  }

  Log& log_;
  ScanOptions options_;
  bool started_ = false;
  std::vector<Seq> chain_;
  Seq segment_;
  Seq previous_;
  Seq last_seq_;
  std::unique_ptr<File> file_;
  std::optional<RecordReader> reader_;
  std::vector<Seq> seqs_;
  std::size_t at_ = 0;
  EventView event_;
};

}  // namespace

std::unique_ptr<Cursor::Impl> Cursor::Impl::make(Log& log, const ScanOptions& options) {
  if (!options.stream.empty()) return std::make_unique<StreamCursor>(log, options);
  if (options.direction == Direction::Backward) {
    return std::make_unique<BackwardCursor>(log, options);
  }
  return std::make_unique<ForwardCursor>(log, options);
}

Cursor::Cursor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cursor::Cursor(Cursor&&) noexcept = default;
Cursor& Cursor::operator=(Cursor&&) noexcept = default;
Cursor::~Cursor() = default;

Result<const EventView*> Cursor::next() {
  if (fork_count() != impl_->forks) return not_for_children("a cursor");
  return impl_->next();
}
const std::vector<LostRange>& Cursor::lost() const { return impl_->lost; }

}  // namespace daybook
