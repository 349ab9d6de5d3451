// SPDX-License-Identifier: Apache-2.0
//
// The input as the frames of a ledger's first segment, as they are or with
// their checksums put right. Reading it in every way ends, and never crashes;
// what verification calls good gives the same answers on every way; a writer
// loses nothing that could be read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daybook/ledger.h"
#include "fuzz/repair.h"
#include "fuzz/require.h"
#include "ledger/hint.h"
#include "ledger/scanner.h"
#include "ledger/segment.h"
#include "support/test_environment.h"

namespace daybook::fuzzing {
namespace {

using testing::FaultyFileSystem;
using testing::TestEnvironment;

// The first eight bytes of an input say what is done with the rest.
struct Setting {
  static constexpr std::size_t kBytes = 8;
  bool repair = false;        // put checksums right
  bool sealed = false;        // end the file with the trailer of its last seal
  bool next_segment = false;  // an empty segment follows the seal
  bool hinted = false;        // `tail` names this segment
  Seq hint_next;
  std::uint64_t hint_end = 0;

  explicit Setting(ByteView input)
      : repair((input[0] & 1) != 0),
        sealed((input[0] & 2) != 0),
        next_segment((input[0] & 4) != 0),
        hinted((input[0] & 8) != 0),
        hint_next{load<std::uint16_t>(input.data() + 2)},
        hint_end(load<std::uint32_t>(input.data() + 4)) {}
};

LedgerOptions options(Access access) {
  LedgerOptions small;
  small.access = access;
  small.segment_bytes = 64 * 1024;
  small.zero_ahead_bytes = 4096;
  return small;
}

// An empty ledger, to put a segment into.
struct Empty {
  TestEnvironment world;
  SegmentHeader header;

  Empty() {
    static_cast<void>(
        Ledger::create("/ledger", options(Access::ReadWrite), world.environment()).value().close());
    header = decode_segment_header(world.disk.content(path(kFirstSeq)), "segment").value();
  }
  static std::string path(Seq first) { return "/ledger/log/" + segment_name(first); }
};

// The offset of the last seal frame in the file, 0 for none.
std::uint64_t last_seal(ByteView file) {
  for (std::size_t at = file.size() & ~std::size_t{7}; at >= format::kSegmentHeaderBytes + 8;) {
    at -= 8;
    const auto header = decode_frame_header(file.subspan(at));
    if (header && header->type == format::FrameType::Seal) return at;
  }
  return 0;
}

void put_segments(const Setting& setting, ByteView frames, const Empty& empty,
                  FaultyFileSystem& disk) {
  Bytes file = encode_segment_header(empty.header);
  file.insert(file.end(), frames.begin(), frames.end());
  if (setting.repair) repair_frames(MutableBytes(file).subspan(format::kSegmentHeaderBytes));
  const std::uint64_t seal = setting.sealed ? last_seal(file) : 0;
  if (seal != 0) {
    const auto body = ByteView(file).subspan(seal + format::kFrameHeaderBytes);
    SegmentHeader next = empty.header;
    if (const auto record = decode_record(body, 0)) {
      const auto header = decode_seal_header(record->envelope, record->envelope.size());
      if (header) next.peaks = header->peaks;
    }
    next.first_seq = Seq{next.peaks.size() + 1};
    if (setting.next_segment && next.first_seq > kFirstSeq) {
      disk.put_file(Empty::path(next.first_seq), encode_segment_header(next));
    }
    file.resize(align8(file.size()) + format::kSealTrailerBytes);
    store(file.data() + file.size() - format::kSealTrailerBytes, format::kSealMagic);
    store(file.data() + file.size() - 8, seal);
  }
  disk.put_file(Empty::path(kFirstSeq), file);
  if (!setting.hinted) return;
  const auto tail = disk.open("/ledger/tail", OpenMode::Create).value();
  static_cast<void>(write_hint(*tail, {.to = {kFirstSeq, setting.hint_end, setting.hint_next}}));
}

// The steps of a scan follow each other and come to an end.
void scan(FaultyFileSystem& disk, std::uint64_t trusted_end) {
  const auto file = disk.open(Empty::path(kFirstSeq), OpenMode::Read).value();
  FrameScanner scanner(*file, format::kSegmentHeaderBytes, trusted_end);
  std::uint64_t end = format::kSegmentHeaderBytes;
  while (true) {
    const auto kind = scanner.next();
    require(kind.has_value(), "a good disk gives no errors");
    require(scanner.offset() == end, "each step begins where the one before ended");
    if (*kind == FrameScanner::Kind::End) return;
    require(scanner.length() > 0, "each step moves on");
    end += scanner.length();
    for (const RecordView& record : scanner.records()) {
      require(record.offset + record.envelope.size() + record.data.size() <= scanner.length(),
              "a record lies within its step");
      static_cast<void>(decode_event(record));
    }
  }
}

// What a cursor yields. More events than the log has bytes would be a loop.
std::vector<Event> read(Ledger& ledger, const ScanOptions& how, std::size_t log_bytes) {
  std::vector<Event> events;
  auto cursor = ledger.scan(how);
  while (cursor) {
    const auto event = cursor->next();
    if (!event || *event == nullptr) break;
    events.push_back(to_event(**event));
    require(events.size() <= log_bytes, "reading ends");
  }
  return events;
}

struct Answers {
  std::vector<Event> forward;
  std::vector<Event> backward;
  std::map<std::string, std::vector<Event>> streams;
  std::map<std::string, std::vector<Event>> streams_backward;
  bool good = false;  // verification found nothing at all
};

bool same(const Event& a, const Event& b) {
  return a.seq == b.seq && a.id == b.id && a.data == b.data && a.stream == b.stream &&
         a.version == b.version && a.data_state == b.data_state;
}

Answers ask(Ledger& ledger, std::size_t log_bytes) {
  constexpr std::size_t kMaxStreams = 4;
  Answers answers;
  answers.forward = read(ledger, {}, log_bytes);
  answers.backward = read(ledger, {.direction = Direction::Backward}, log_bytes);
  std::set<std::string> streams = {"stream/0"};
  for (const Event& event : answers.forward) {
    if (streams.size() < kMaxStreams) streams.insert(event.stream);
    static_cast<void>(ledger.data(event));
    static_cast<void>(ledger.find(event.id));
    static_cast<void>(ledger.read(event.seq));
  }
  for (const std::string& stream : streams) {
    answers.streams[stream] = read(ledger, {.stream = stream}, log_bytes);
    answers.streams_backward[stream] =
        read(ledger, {.direction = Direction::Backward, .stream = stream}, log_bytes);
    static_cast<void>(ledger.stream_version(stream));
  }
  static_cast<void>(ledger.seq_at(testing::FakeClock::kStart));
  static_cast<void>(ledger.type_counts());
  static_cast<void>(ledger.status());
  static_cast<void>(ledger.blob_usage());
  const auto report = ledger.verify({.threads = 1});
  answers.good = report && report->findings.empty();
  if (answers.good) require(report->events == answers.forward.size(), "good events are read");
  return answers;
}

void compare(const std::vector<Event>& forward, std::vector<Event> backward, const char* claim) {
  std::ranges::reverse(backward);
  require(std::ranges::equal(forward, backward, same), claim);
}

// Of a ledger that is good all answers agree.
void check(Ledger& ledger, const Answers& answers) {
  if (!answers.good) return;
  compare(answers.forward, answers.backward, "a log is the same from both ends");
  for (const Event& event : answers.forward) {
    const auto by_seq = ledger.read(event.seq);
    require(by_seq && same(*by_seq, event), "an event is found by its seq");
    const auto by_id = ledger.find(event.id);
    require(by_id && same(*by_id, event), "an event is found by its id");
  }
  for (const auto& [stream, events] : answers.streams) {
    std::vector<Event> expected;
    std::ranges::copy_if(answers.forward, std::back_inserter(expected),
                         [&](const Event& event) { return event.stream == stream; });
    require(std::ranges::equal(events, expected, same), "a stream has its events");
    compare(events, answers.streams_backward.at(stream), "a stream is the same from both ends");
    const auto version = ledger.stream_version(stream);
    require(version && version->value == events.size(), "a stream knows its version");
  }
}

void examine(FaultyFileSystem& disk, std::size_t log_bytes) {
  TestEnvironment world;
  Environment env = world.environment();
  env.files = &disk;
  Answers before;
  if (auto reader = Ledger::open("/ledger", options(Access::ReadOnly), env)) {
    before = ask(*reader, log_bytes);
    check(*reader, before);
  }
  auto writer = Ledger::open("/ledger", options(Access::ReadWrite), env);
  require(writer || !before.good, "a good ledger can be written to");
  if (!writer) return;
  const auto receipt = writer->append(NewEvent{.stream = "stream/0", .type = "after"});
  require(receipt || !before.good, "a good ledger takes an event");
  if (!receipt) return;
  const auto event = writer->read(receipt->seq);
  require(event && event->type == "after", "what is appended now reads back");
  static_cast<void>(writer->close());

  auto again = Ledger::open("/ledger", options(Access::ReadOnly), env);
  require(again.has_value(), "what was written to can be read");
  const Answers after = ask(*again, log_bytes + 4096);
  require(after.good || !before.good, "a good ledger stays good");
  require(std::ranges::includes(after.forward, before.forward, {}, &Event::seq, &Event::seq),
          "opening for writing loses nothing readable");
}

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  if (size < fuzzing::Setting::kBytes) return 0;
  static const fuzzing::Empty empty;
  const fuzzing::Setting setting({data, size});
  const auto disk = empty.world.disk.clone();
  fuzzing::put_segments(setting, ByteView(data, size).subspan(fuzzing::Setting::kBytes), empty,
                        *disk);
  const std::size_t bytes = disk->content(fuzzing::Empty::path(kFirstSeq)).size();
  for (const std::uint64_t trusted_end : {std::uint64_t{0}, setting.hint_end, kEverything}) {
    fuzzing::scan(*disk, trusted_end);
  }
  fuzzing::examine(*disk, bytes);
  return 0;
}
