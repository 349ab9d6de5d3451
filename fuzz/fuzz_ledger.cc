// SPDX-License-Identifier: Apache-2.0
//
// A whole ledger whose files have been tampered with. The input is a list of
// changes to the files of a small good ledger, six bytes each: which file, what
// to do, where, and a value. Whatever they are, a reader and a writer get events
// as they were written or an error, and nothing that can be read is lost by a
// writer's repair.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "daybook/ledger.h"
#include "fuzz/require.h"
#include "support/test_environment.h"

namespace daybook::fuzzing {
namespace {

using testing::FaultyFileSystem;
using testing::TestEnvironment;

constexpr std::size_t kEvents = 200;
constexpr std::size_t kChangeBytes = 6;
constexpr std::size_t kMaxChanges = 32;

LedgerOptions options(Access access) {
  LedgerOptions small;
  small.access = access;
  small.segment_bytes = 64 * 1024;  // some sealed segments, and one that is not
  small.zero_ahead_bytes = 4096;
  small.inline_bytes = 256;
  small.checkpoint_events = 16;
  return small;
}

using Texts = std::map<std::uint64_t, std::string>;  // data by seq

// The good ledger everything starts from, and what it holds.
struct Original {
  TestEnvironment world;
  Texts texts;

  Original() {
    auto ledger =
        Ledger::create("/ledger", options(Access::ReadWrite), world.environment()).value();
    EventId last;
    for (std::size_t i = 0; i < kEvents; ++i) {
      NewEvent event{.stream = "stream/" + std::to_string(i % 3), .type = "step"};
      event.data = "{\"n\":" + std::to_string(i) + ",\"text\":\"" +
                   std::string(i % 7 == 0 ? 400 : 150, 'x') + "\"}";
      event.key = "key/" + std::to_string(i);
      if (i > 0) event.causes = {last};
      last = ledger.append(event).value().id;
      texts[i + 1] = event.data;
    }
    static_cast<void>(ledger.close());
  }
};

void change(FaultyFileSystem& disk, const std::vector<std::string>& files, ByteView how) {
  const std::string& path = files[how[0] % files.size()];
  const std::uint64_t size = disk.content(path).size();
  if (size == 0) return;
  const std::uint64_t at = (load<std::uint16_t>(how.data() + 2) * std::uint64_t{8} + how[4]) % size;
  switch (how[1] % 4) {
    case 0:
      return disk.flip_bit(path, at, how[5] % 8);
    case 1:
      return disk.overwrite(path, at, how.subspan(5, 1));
    case 2:
      return disk.truncate_file(path, at);
    default: {  // bytes of one place in another: right checksums in the wrong place
      const Bytes content = disk.content(path);
      const std::uint64_t from = how[5] * std::uint64_t{8} % size;
      const std::uint64_t count = std::min<std::uint64_t>(size - std::max(from, at), 512);
      return disk.overwrite(path, at, ByteView(content).subspan(from, count));
    }
  }
}

// What can be read, each event checked against what was written.
Texts read_all(Ledger& ledger, const Texts& truth) {
  Texts texts;
  auto cursor = ledger.scan();
  while (cursor) {
    const auto event = cursor->next();
    if (!event || *event == nullptr) break;
    if ((*event)->data_state != DataState::Inline) continue;
    const auto known = truth.find((*event)->seq.value);
    require(known == truth.end() || known->second == (*event)->data, "an event is as written");
    texts[(*event)->seq.value] = (*event)->data;
  }
  for (const auto& [seq, text] : truth) {
    const auto event = ledger.read(Seq{seq});
    if (!event) continue;
    const auto data = ledger.data(*event);
    require(!data || *data == text, "an event that is read by number is as written");
  }
  return texts;
}

void examine(FaultyFileSystem& disk, Original& original) {
  TestEnvironment world;
  Environment env = world.environment();
  env.files = &disk;
  Texts before;
  if (auto reader = Ledger::open("/ledger", options(Access::ReadOnly), env)) {
    before = read_all(*reader, original.texts);
    static_cast<void>(reader->verify());
    static_cast<void>(reader->status());
  }
  auto writer = Ledger::open("/ledger", options(Access::ReadWrite), env);
  if (!writer) return;
  const Texts after = read_all(*writer, original.texts);
  require(std::ranges::includes(after, before), "opening for writing loses nothing readable");
  const auto receipt = writer->append(NewEvent{.stream = "stream/0", .type = "after"});
  if (!receipt) return;
  const auto event = writer->read(receipt->seq);
  require(event && event->type == "after", "what is appended now reads back");
}

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  static fuzzing::Original original;
  static const std::vector<std::string> files = original.world.disk.files();
  const auto disk = original.world.disk.clone();
  const std::size_t changes = std::min(size / fuzzing::kChangeBytes, fuzzing::kMaxChanges);
  for (std::size_t i = 0; i < changes; ++i) {
    fuzzing::change(*disk, files, {data + i * fuzzing::kChangeBytes, fuzzing::kChangeBytes});
  }
  fuzzing::examine(*disk, original);
  return 0;
}
