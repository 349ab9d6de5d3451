// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails once, at any one operation: whoever reads learns the truth or
// that it could not be read, never that the ledger is damaged.
#include <functional>

#include <gtest/gtest.h>

#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Fault;
using testing::FaultyFileSystem;
using testing::Operation;
using testing::TestEnvironment;

const std::string kPath = "/ledger";

LedgerOptions reading() {
  LedgerOptions options = testing::small_options();
  options.access = Access::ReadOnly;
  return options;
}

std::string text_of(const std::vector<LostRange>& lost) {
  std::string text;
  for (const LostRange& range : lost) text += " lost " + range.file;
  return text;
}

// The answer to a question as text, from a ledger that is opened for it.
using Question = std::function<Result<std::string>(Ledger&)>;

Result<std::string> verified(Ledger& ledger) {
  DAYBOOK_TRY(report, ledger.verify({.threads = 1}));
  std::string text = to_string(report.head.root) + ' ' + std::to_string(report.events) + ' ' +
                     std::to_string(report.blobs);
  for (const Finding& finding : report.findings) {
    text += '\n' + finding.code + ' ' + finding.file + ' ' + finding.message;
  }
  return text;
}

Result<std::string> status_of(Ledger& ledger) {
  DAYBOOK_TRY(status, ledger.status());
  return to_string(status.head.root) + ' ' + std::to_string(status.segments) + ' ' +
         std::to_string(status.damage.total) + text_of(status.lost);
}

Result<std::string> scanned(Ledger& ledger, const ScanOptions& options) {
  DAYBOOK_TRY(cursor, ledger.scan(options));
  std::string text;
  while (true) {
    DAYBOOK_TRY(event, cursor.next());
    if (event == nullptr) return text + text_of(cursor.lost());
    text += std::to_string(event->seq.value) + ' ';
  }
}

Result<std::string> reads(Ledger& ledger) {
  DAYBOOK_TRY(last, ledger.last());
  std::string text;
  for (std::uint64_t seq = 1; seq <= last.value; seq += last.value / 5) {
    DAYBOOK_TRY(event, ledger.read(Seq{seq}));
    DAYBOOK_TRY(found, ledger.find(event.id));
    DAYBOOK_TRY(data, ledger.data(found));
    text += to_string(found.id) + data.substr(0, 20);
  }
  return text;
}

Result<std::string> keys_and_versions(Ledger& ledger) {
  DAYBOOK_TRY(version, ledger.stream_version("stream/1"));
  DAYBOOK_TRY(none, ledger.stream_version("stream/none"));
  DAYBOOK_TRY(event, ledger.find_key("keyed", "key-3"));
  DAYBOOK_TRY(absent, ledger.find_key("keyed", "key-none"));
  DAYBOOK_TRY(counts, ledger.type_counts());
  DAYBOOK_TRY(at, ledger.seq_at(event ? event->recorded : Timestamp{}));
  return std::to_string(version.value) + ' ' + std::to_string(none.value) + ' ' +
         (event ? std::to_string(event->seq.value) : "no") + ' ' + (absent ? "one" : "none") + ' ' +
         std::to_string(counts.size()) + ' ' + std::to_string(at.value);
}

Result<std::string> proofs(Ledger& ledger) {
  DAYBOOK_TRY(proof, ledger.prove(Seq{7}));
  return to_string(proof);
}

Result<std::string> usage_of(Ledger& ledger) {
  DAYBOOK_TRY(usage, ledger.blob_usage());
  return std::to_string(usage.blobs) + ' ' + std::to_string(usage.garbage_blobs);
}

class ReadFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Ledger ledger = expect(Ledger::create(kPath, testing::small_options(), world_.environment()));
    const std::string large(1500, 'x');
    for (int i = 0; i < 8; ++i) {
      const BlobRef blob = expect(ledger.put_blob(as_bytes(large + std::to_string(i))));
      expect(ledger.append({.stream = "keyed",
                            .type = "t",
                            .data = R"({"ref":)" + to_json(blob) + R"(,"x":")" + large + "\"}",
                            .key = "key-" + std::to_string(i)}));
      testing::append_numbered(ledger, 120);
    }
    expect(ledger.prove(Seq{7}));
    expect(ledger.close());
    Ledger again = expect(Ledger::open(kPath, reading(), world_.environment()));
    ASSERT_GT(expect(again.status()).segments, 2U);
  }

  // Asks a copy of the disk, where the n-th operation from the opening on fails.
  Result<std::string> ask(const Question& question, std::uint64_t failing, bool& reached) {
    const auto disk = world_.disk.clone();
    Environment env = world_.environment();
    env.files = disk.get();
    if (failing > 0) disk->fail({.nth = failing});
    const std::uint64_t before = disk->operations();
    auto ledger = Ledger::open(kPath, reading(), env);
    auto answer = ledger ? question(*ledger) : Result<std::string>(fail(ledger.error()));
    reached = disk->operations() - before >= failing;
    return answer;
  }

  void expect_right_or_io(const Question& question) {
    bool reached = true;
    const std::string right = expect(ask(question, 0, reached));
    std::uint64_t failed = 0;
    for (std::uint64_t n = 1; reached; ++n) {
      const auto answer = ask(question, n, reached);
      if (answer) {
        EXPECT_EQ(*answer, right) << "operation " << n;
      } else {
        EXPECT_EQ(answer.error().code, Errc::Io)
            << "operation " << n << ": " << answer.error().message;
        ++failed;
      }
    }
    EXPECT_GT(failed, 5U);
  }

  TestEnvironment world_;
};

TEST_F(ReadFaultTest, Verify) { expect_right_or_io(verified); }
TEST_F(ReadFaultTest, Status) { expect_right_or_io(status_of); }
TEST_F(ReadFaultTest, ReadAndFind) { expect_right_or_io(reads); }
TEST_F(ReadFaultTest, KeysAndVersions) { expect_right_or_io(keys_and_versions); }
TEST_F(ReadFaultTest, Prove) { expect_right_or_io(proofs); }
TEST_F(ReadFaultTest, BlobUsage) { expect_right_or_io(usage_of); }

TEST_F(ReadFaultTest, Scan) {
  for (const Direction direction : {Direction::Forward, Direction::Backward}) {
    for (const std::string stream : {"", "stream/2"}) {
      expect_right_or_io([&](Ledger& ledger) {
        return scanned(ledger, {.direction = direction, .stream = stream});
      });
    }
  }
}

// With a seal, a hint or an index gone bad, reading takes the slow way, which may
// fail as well.
TEST_F(ReadFaultTest, WithADamagedSeal) {
  for (const std::string& path : world_.disk.files()) {
    if (!path.ends_with(".seg")) continue;
    world_.disk.flip_bit(path, world_.disk.content(path).size() - 4, 1);
    break;
  }
  expect_right_or_io(keys_and_versions);
  expect_right_or_io(reads);
}

TEST_F(ReadFaultTest, OpeningToWriteNeverMistakesAFailedReadForATornTail) {
  bool reached = true;
  for (std::uint64_t n = 1; reached; ++n) {
    const auto disk = world_.disk.clone();
    Environment env = world_.environment();
    env.files = disk.get();
    disk->fail({.nth = n});
    const std::uint64_t before = disk->operations();
    {
      auto ledger = Ledger::open(kPath, testing::small_options(), env);
      reached = disk->operations() - before >= n;
      disk->clear_faults();
      if (ledger) {
        EXPECT_TRUE(expect(ledger->status()).repairs.empty()) << "operation " << n;
      } else {
        EXPECT_EQ(ledger.error().code, Errc::Io) << "operation " << n;
      }
    }
    Ledger again = expect(Ledger::open(kPath, reading(), env));
    EXPECT_TRUE(expect(again.verify({.threads = 1})).ok()) << "operation " << n;
  }
}

}  // namespace
}  // namespace daybook
