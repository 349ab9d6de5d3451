// SPDX-License-Identifier: Apache-2.0
//
// The lookup tables of a sealed segment from hostile bytes, with their
// checksums and their root put right first: whatever the tables say, a question
// gets an answer or an error, never more than the tables can hold.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/crc32c.h"
#include "fuzz/require.h"
#include "ledger/seal.h"

namespace daybook::fuzzing {
namespace {

// Where docs/format.md, section 6.1 puts what has to be right.
constexpr std::size_t kSizeAt = 16;
constexpr std::size_t kRootAt = 24;
constexpr std::size_t kPeakCountAt = 104;
constexpr std::size_t kDirectoryAt = 112;
constexpr std::size_t kSlotBytes = 24;
constexpr std::size_t kPeaksAt = 304;
constexpr std::size_t kPostingsCrcAt = 40;  // in an entry of "streams"

// The bytes of a section, empty when it is out of place.
std::span<std::uint8_t> section(Bytes& body, format::Section which) {
  const std::uint8_t* slot =
      body.data() + kDirectoryAt + (static_cast<std::size_t>(which) - 1) * kSlotBytes;
  const auto offset = load<std::uint64_t>(slot + 8);
  const auto length = load<std::uint64_t>(slot + 16);
  if (offset > body.size() || length > body.size() - offset) return {};
  return std::span(body).subspan(offset, length);
}

void repair_postings(Bytes& body) {
  const auto streams = section(body, format::Section::Streams);
  const auto postings = section(body, format::Section::Postings);
  for (std::size_t at = 0; at + sizeof(StreamEntry) <= streams.size(); at += sizeof(StreamEntry)) {
    const auto entry = load<StreamEntry>(streams.data() + at);
    const std::uint64_t room =
        postings.size() - std::min<std::uint64_t>(postings.size(), entry.postings_offset);
    if (entry.events > room / sizeof(std::uint32_t)) continue;
    const ByteView own = postings.subspan(entry.postings_offset, entry.events * 4);
    store(streams.data() + at + kPostingsCrcAt, crc32c(own));
  }
}

void repair(Bytes& body) {
  std::uint8_t* p = body.data();
  repair_postings(body);
  for (std::size_t i = 0; i < format::kSections; ++i) {
    std::uint8_t* slot = p + kDirectoryAt + i * kSlotBytes;
    store(slot + 4, crc32c(section(body, static_cast<format::Section>(i + 1))));
  }
  const auto size = load<std::uint64_t>(p + kSizeAt);
  std::vector<Digest> peaks(std::min(load<std::uint32_t>(p + kPeakCountAt), format::kMaxPeaks));
  if (!peaks.empty()) std::memcpy(peaks.data(), p + kPeaksAt, peaks.size() * sizeof(Digest));
  if (const auto edge = Peaks::from(size, peaks)) store(p + kRootAt, edge->root());
  store(p, crc32c({p + 4, format::kSealHeaderBytes - 4}));
}

void ask(const Bytes& body) {
  auto seal = SealReader::over(body);
  if (!seal) return;
  static_cast<void>(seal->check());
  static_cast<void>(seal->find_key(0));
  for (const std::string_view stream : {"stream/0", "stream/1", "other"}) {
    const auto entry = seal->find_stream(stream, stream_hash(stream));
    if (!entry || !*entry) continue;
    const auto seqs = seal->postings(**entry);
    require(!seqs || seqs->size() == (*entry)->events, "postings are as many as promised");
    require(!seqs || seqs->size() * 4 <= body.size(), "postings fit into the seal");
  }
  const auto offsets = seal->offsets();
  require(!offsets || offsets->size_bytes() <= body.size(), "offsets fit into the seal");
  const auto types = seal->types();
  require(!types || types->size() <= body.size(), "types fit into the seal");
  if (const auto index = seal->restore()) static_cast<void>(index->locate(Seq{1}));
}

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  Bytes body(data, data + size);
  fuzzing::ask(body);
  if (size < format::kSealHeaderBytes) return 0;
  fuzzing::repair(body);
  fuzzing::ask(body);
  return 0;
}
