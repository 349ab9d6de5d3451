// SPDX-License-Identifier: Apache-2.0
#include "blob/compress.h"

#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <zstd.h>

namespace daybook {
namespace {

constexpr int kLevel = 3;
// The densest a frame can be: a block of four bytes that repeats one byte over
// the whole of the largest block.
constexpr std::uint64_t kMinBlockBytes = 4;

std::unexpected<Error> bad_frame(std::string_view what) {
  return fail(Errc::Corruption, fmt::format("not a compressed blob: {}", what));
}

// The stated content size, when the frame is one whole zstd frame that can
// hold as much and not more than `max_bytes`.
Result<std::size_t> checked_size(ByteView frame, std::uint64_t max_bytes) {
  if (frame.size() < sizeof(std::uint32_t) ||
      load<std::uint32_t>(frame.data()) != ZSTD_MAGICNUMBER) {
    return bad_frame("it does not begin as a zstd frame");
  }
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return bad_frame("its content size is missing");
  }
  const std::uint64_t possible = (frame.size() / kMinBlockBytes) * ZSTD_BLOCKSIZE_MAX;
  if (size > max_bytes || size > possible) {
    return bad_frame(fmt::format("it claims to hold {} bytes", size));
  }
  const std::size_t length = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  if (ZSTD_isError(length) != 0 || length != frame.size()) {
    return bad_frame("it is cut short, or bytes follow it");
  }
  return static_cast<std::size_t>(size);
}

}  // namespace

Result<Bytes> compress(ByteView bytes) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  if (!context) return fail(Errc::Internal, "no memory to compress a blob");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  Bytes frame(ZSTD_compressBound(bytes.size()));
  const std::size_t length =
      ZSTD_compress2(context.get(), frame.data(), frame.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(length) != 0) {
    return fail(Errc::Internal,
                fmt::format("cannot compress a blob: {}", ZSTD_getErrorName(length)));
  }
  frame.resize(length);
  return frame;
}

Result<Bytes> decompress(ByteView frame, std::uint64_t max_bytes) {
  DAYBOOK_TRY(size, checked_size(frame, max_bytes));
  Bytes bytes(size);
  const std::size_t length = ZSTD_decompress(bytes.data(), size, frame.data(), frame.size());
  if (ZSTD_isError(length) != 0) return bad_frame(ZSTD_getErrorName(length));
  if (length != size) return bad_frame("it holds less than it states");
  return bytes;
}

std::uint64_t max_compressed_bytes(std::uint64_t bytes) { return ZSTD_compressBound(bytes); }

}  // namespace daybook
