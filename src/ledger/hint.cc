// SPDX-License-Identifier: Apache-2.0
#include "ledger/hint.h"

#include <array>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "ledger/format.h"

namespace daybook {
namespace {

using HintBytes = std::array<std::uint8_t, format::kTailBytes>;
constexpr std::size_t kCheckedFrom = 12;
constexpr std::uint32_t kFlushFailed = 1;

}  // namespace

std::optional<Hint> read_hint(const File& file) {
  HintBytes bytes{};
  const auto got = file.read_at(0, bytes);
  if (!got || *got < bytes.size()) return std::nullopt;
  const std::uint8_t* p = bytes.data();
  if (load<std::uint64_t>(p) != format::kTailMagic) return std::nullopt;
  if (load<std::uint32_t>(p + 8) != crc32c(ByteView(bytes).subspan(kCheckedFrom))) {
    return std::nullopt;
  }
  Hint hint;
  hint.flush_failed = (load<std::uint32_t>(p + 12) & kFlushFailed) != 0;
  hint.segment = Seq{load<std::uint64_t>(p + 16)};
  hint.end = load<std::uint64_t>(p + 24);
  hint.next = Seq{load<std::uint64_t>(p + 32)};
  return hint;
}

Result<void> write_hint(File& file, const Hint& hint) {
  HintBytes bytes{};
  std::uint8_t* p = bytes.data();
  store(p, format::kTailMagic);
  store(p + 12, hint.flush_failed ? kFlushFailed : 0U);
  store(p + 16, hint.segment.value);
  store(p + 24, hint.end);
  store(p + 32, hint.next.value);
  store(p + 8, crc32c(ByteView(bytes).subspan(kCheckedFrom)));
  return file.write_at(0, bytes);
}

}  // namespace daybook
