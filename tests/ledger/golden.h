// SPDX-License-Identifier: Apache-2.0
//
// The ledgers below tests/golden: written once in a world whose clock and
// randomness replay, checked in, and written again by every build to see that
// nothing about the bytes has changed. docs/format.md quotes one of them.
// Test code; not thread-safe.
#pragma once

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "ledger/format.h"
#include "support/ledgers.h"

namespace daybook::testing {

inline std::filesystem::path source_path(const std::string& relative) {
  return std::filesystem::path(DAYBOOK_SOURCE_DIR) / relative;
}

inline Bytes read_source_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Files by their path within the ledger's directory.
using Files = std::map<std::string, Bytes>;

inline Files read_golden(const std::string& name) {
  namespace fs = std::filesystem;
  const fs::path root = source_path("tests/golden/" + name);
  Files files;
  if (!fs::exists(root)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    files[fs::relative(entry.path(), root).generic_string()] = read_source_file(entry.path());
  }
  return files;
}

inline void write_golden(const std::string& name, const Files& files) {
  namespace fs = std::filesystem;
  const fs::path root = source_path("tests/golden/" + name);
  fs::remove_all(root);
  for (const auto& [path, content] : files) {
    fs::create_directories((root / path).parent_path());
    std::ofstream file(root / path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(content.data()),
               static_cast<std::streamsize>(content.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + (root / path).string());
  }
}

// A name as a parametrised test may have it.
inline std::string as_test_name(std::string name) {
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

// Writing golden files again is never a side effect: somebody has to ask.
inline bool asked_to_write_golden() {
  const char* asked = std::getenv("DAYBOOK_WRITE_GOLDEN");
  return asked != nullptr && std::string_view(asked) == "1";
}

// What a ledger at /ledger consists of by docs/format.md: not what may be
// deleted, nor the notes of writers, nor the zeros that follow a log.
inline Files files_of(const FaultyFileSystem& disk) {
  const std::string root = "/ledger/";
  Files files;
  for (const std::string& path : disk.files()) {
    const std::string name = path.substr(root.size());
    if (name.starts_with("views/") || name == "lock") continue;
    Bytes content = disk.content(path);
    if (name.starts_with("log/")) {
      while (content.size() > format::kSegmentHeaderBytes && content.back() == 0) {
        content.pop_back();
      }
      content.resize(align8(content.size()));
    }
    files[name] = std::move(content);
  }
  return files;
}

inline void put_ledger(FaultyFileSystem& disk, const Files& files) {
  for (const auto& [name, content] : files) disk.put_file("/ledger/" + name, content);
}

// --- The ledgers ------------------------------------------------------------

// Two events in one batch, the second caused by the first, and the checkpoint
// that closing signs: the worked example of docs/format.md, section 10.
inline Files write_tiny_ledger() {
  TestEnvironment world;
  LedgerOptions options;
  options.source = "example";
  Ledger ledger = expect(Ledger::create("/ledger", options, world.environment()));
  world.clock.advance(1'000'000);
  NewEvent started{.stream = "run/1", .type = "started", .data = R"({"n":1})"};
  started.time = FakeClock::kStart;
  NewEvent ended{.stream = "run/1", .type = "ended"};
  ended.batch_causes = {0};
  static_cast<void>(expect(ledger.append(std::vector{started, ended})));
  world.clock.advance(1'000'000);
  expect(ledger.close());
  return files_of(world.disk);
}

inline constexpr std::size_t kSealedLedgerEvents = 14;

// A sealed segment with all its tables, a second one that continues it, keys,
// every tier, causes across segments, and data in the log and as a blob.
inline Files write_sealed_ledger() {
  TestEnvironment world(2);
  LedgerOptions options = small_options();
  options.inline_bytes = 12 * 1024;
  Ledger ledger = expect(Ledger::create("/ledger", options, world.environment()));
  std::vector<EventId> ids;
  for (std::size_t i = 0; i < kSealedLedgerEvents; ++i) {
    world.clock.advance(1'000);
    NewEvent event{.stream = "stream/" + std::to_string(i % 3),
                   .type = "type/" + std::to_string(i % 4)};
    // Two of them are larger than what stays in the log.
    const std::size_t bytes = i % 6 == 5 ? 13'000 : i % 2 == 0 ? 10'000 : 0;
    if (bytes > 0) event.data = '"' + std::string(bytes, static_cast<char>('a' + i)) + '"';
    event.tier = static_cast<Tier>(i % 3);
    if (i % 2 == 1) event.key = "key/" + std::to_string(i);
    if (i % 5 == 4) event.causes = {ids[i / 2], ids.front()};
    if (i % 4 == 0) event.actor = "agent:Zoë";
    ids.push_back(expect(ledger.append(event)).id);
  }
  expect(ledger.close());
  return files_of(world.disk);
}

}  // namespace daybook::testing
