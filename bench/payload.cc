// SPDX-License-Identifier: Apache-2.0
#include "bench/payload.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace daybook::bench {
namespace {

constexpr std::uint64_t kSeed = 20'261'120;
constexpr std::array<const char*, 16> kWords = {
    "read",  "write",   "build",  "test",   "patch", "search", "plan",  "review",
    "error", "warning", "passed", "failed", "retry", "header", "index", "commit"};
constexpr std::array<const char*, 6> kTools = {"shell",   "editor", "search",
                                               "browser", "model",  "test"};

}  // namespace

const std::vector<std::string>& stream_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < kStreams; ++i) made.push_back(fmt::format("session/{:04}", i));
    return made;
  }();
  return names;
}

const std::vector<std::string>& type_names() {
  static const std::vector<std::string> names = {
      "turn/started",   "model/called", "model/answered", "call/started", "call/finished",
      "output/written", "file/changed", "test/finished",  "head/created", "turn/finished"};
  return names;
}

void write_payload(std::uint64_t number, std::mt19937_64& random, std::span<char> to) {
  const std::uint64_t bits = random();
  char* at = to.data();
  at = fmt::format_to(at, R"({{"call":{},"tool":"{}","exit_code":{},"duration_ms":{},"digest":")",
                      number, kTools[bits % kTools.size()], (bits >> 8) % 7 == 0 ? 1 : 0,
                      (bits >> 16) % 100'000);
  at = fmt::format_to(at, R"({:016x}","text":")", random());
  const char* end = to.data() + to.size() - 2;
  std::uint64_t words = random();
  for (std::size_t used = 0; at < end; ++used, words >>= 4) {
    if (used % 16 == 15) words = random();
    const std::string_view word = kWords[words & 15];
    const auto room = static_cast<std::size_t>(end - at);
    at = std::copy_n(word.data(), std::min(word.size(), room), at);
    if (at < end) *at++ = ' ';
  }
  *at++ = '"';
  *at = '}';
}

Ring::Ring() : text_(kRingEvents * kPayloadBytes, '\0') {
  std::mt19937_64 random(kSeed);
  for (std::size_t i = 0; i < kRingEvents; ++i) {
    const std::span<char> slot(text_.data() + i * kPayloadBytes, kPayloadBytes);
    write_payload(i, random, slot);
    stream_.push_back(static_cast<std::uint32_t>(random() % kStreams));
    type_.push_back(static_cast<std::uint32_t>(random() % kTypes));
    events_.push_back({.stream = stream_names()[stream_.back()],
                       .type = type_names()[type_.back()],
                       .data = std::string(slot.data(), slot.size())});
  }
}

const Ring& ring() {
  static const Ring made;
  return made;
}

}  // namespace daybook::bench
