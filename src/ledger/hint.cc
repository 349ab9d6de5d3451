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

Result<std::optional<Hint>> read_hint(const File& file) {
  HintBytes bytes{};
  DAYBOOK_TRY(got, file.read_at(0, bytes));
  if (got < bytes.size()) return std::nullopt;
  const std::uint8_t* p = bytes.data();
  if (load<std::uint64_t>(p) != format::kTailMagic) return std::nullopt;
  if (load<std::uint32_t>(p + 8) != crc32c(ByteView(bytes).subspan(kCheckedFrom))) {
    return std::nullopt;
  }
  Hint hint;
  hint.flush_failed = (load<std::uint32_t>(p + 12) & kFlushFailed) != 0;
  hint.to.segment = Seq{load<std::uint64_t>(p + 16)};
  hint.to.end = load<std::uint64_t>(p + 24);
  hint.to.next = Seq{load<std::uint64_t>(p + 32)};
  DAYBOOK_TRY(id, file.id());
  hint.at_home = load<std::uint64_t>(p + 40) == id.inode;
  return hint;
}

Result<void> write_hint(File& file, const Hint& hint) {
  DAYBOOK_TRY(id, file.id());
  HintBytes bytes{};
  std::uint8_t* p = bytes.data();
  store(p, format::kTailMagic);
  store(p + 12, hint.flush_failed ? kFlushFailed : 0U);
  store(p + 16, hint.to.segment.value);
  store(p + 24, hint.to.end);
  store(p + 32, hint.to.next.value);
  store(p + 40, id.inode);
  store(p + 8, crc32c(ByteView(bytes).subspan(kCheckedFrom)));
  return file.write_at(0, bytes);
}

}  // namespace daybook
