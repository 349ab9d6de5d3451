// SPDX-License-Identifier: Apache-2.0
//
// Seeded crash histories: random work on a disk that fails, fills up, loses
// power or loses its processes at any operation; then the ledger is opened
// again and compared with a model. DAYBOOK_CRASH_SEEDS sets how many,
// DAYBOOK_CRASH_SEED replays one.
#include <map>

#include <gtest/gtest.h>

#include "daybook/ledger.h"
#include "support/histories.h"
#include "support/random.h"
#include "support/test_environment.h"

namespace daybook {
namespace {

using testing::Fault;
using testing::Repeat;
using testing::TestEnvironment;

constexpr std::string_view kRoot = "/ledger";

// An event as the model knows it.
struct Known {
  std::string stream;
  std::string data;
  Version version;
  EventId id;
  bool operator==(const Known&) const = default;
};

// A batch whose append failed in a way that leaves its fate open.
struct Open {
  std::vector<std::string> data;
};

class History {
 public:
  explicit History(std::uint64_t seed) : seed_(seed), random_(seed), world_(seed) {}

  void run() {
    create();
    const std::uint64_t lives = 1 + random_.below(4);
    for (std::uint64_t life = 0; life < lives && !::testing::Test::HasFailure(); ++life) {
      live();
      die();
      check();
    }
  }

 private:
  LedgerOptions options() {
    LedgerOptions options;
    options.segment_bytes = 64 * 1024;
    options.zero_ahead_bytes = 4096;
    options.inline_bytes = 600;
    options.checkpoint_events = 50;
    return options;
  }

  void create() {
    auto made = Ledger::create(std::string(kRoot), options(), world_.environment());
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(made->close());
  }

  // Works until something fails or the life's work is done.
  void live() {
    if (random_.below(4) != 0) arm();
    auto opened = Ledger::open(std::string(kRoot), options(), world_.environment());
    if (!opened) return;
    const std::uint64_t steps = random_.below(60);
    for (std::uint64_t step = 0; step < steps; ++step) {
      const std::uint64_t kind = random_.below(20);
      if (kind == 0) {
        if (!opened->checkpoint()) break;
      } else if (kind == 1) {
        static_cast<void>(opened->close());
        opened = Ledger::open(std::string(kRoot), options(), world_.environment());
        if (!opened) return;
      } else if (!append(*opened)) {
        break;
      }
    }
    if (random_.below(2) == 0) static_cast<void>(opened->close());
    survivor_.emplace(std::move(*opened));
  }

  void arm() {
    const std::uint64_t kind = random_.below(4);
    if (kind == 0) {
      world_.disk.set_capacity(used_bytes() + random_.below(60'000));
      return;
    }
    Fault fault;
    fault.nth = 1 + random_.below(kind == 1 ? 40 : 600);
    fault.repeat = random_.below(2) == 0 ? Repeat::Once : Repeat::Forever;
    if (kind == 1) fault.kind = testing::Operation::Sync;
    if (random_.below(4) == 0) fault.code = Errc::NoSpace;
    world_.disk.fail(fault);
  }

  std::uint64_t used_bytes() {
    std::uint64_t bytes = 0;
    for (const std::string& path : world_.disk.files()) bytes += world_.disk.content(path).size();
    return bytes;
  }

  bool append(Ledger& ledger) {
    std::vector<NewEvent> batch(1 + random_.below(random_.below(8) == 0 ? 40 : 3));
    Open names;
    for (NewEvent& event : batch) {
      event.stream = "stream/" + std::to_string(random_.below(6));
      event.type = "step";
      const std::size_t padding = random_.below(random_.below(10) == 0 ? 2500 : 120);
      event.data = "\"" + std::to_string(next_name_++) + std::string(padding, '.') + "\"";
      names.data.push_back(event.data);
      if (!known_.empty() && random_.below(3) == 0) {
        event.causes.push_back(known_[random_.below(known_.size())].id);
      }
    }
    AppendOptions append_options;
    const bool promised = random_.below(4) != 0;
    append_options.durability = promised ? Durability::Sync : Durability::Memory;
    const auto receipts = ledger.append(batch, append_options);
    if (!receipts) {
      open_.push_back(std::move(names));
      return false;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      known_.push_back({batch[i].stream, batch[i].data, (*receipts)[i].version, (*receipts)[i].id});
      EXPECT_EQ((*receipts)[i].seq.value, known_.size()) << "seed " << seed_;
    }
    if (promised) promised_ = known_.size();
    return true;
  }

  // The end of a life: power loss, or only the processes.
  void die() {
    if (random_.below(2) == 0) {
      world_.disk.clear_faults();
      world_.disk.crash(random_.below(1u << 30));
    } else {
      world_.disk.kill();
      // What the system has stays, but for what failing operations lost.
    }
    world_.disk.clear_faults();
    world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
    survivor_.reset();
  }

  void check() {
    auto ledger = Ledger::open(std::string(kRoot), options(), world_.environment());
    ASSERT_TRUE(ledger) << "seed " << seed_ << ": " << ledger.error().message;
    std::vector<Known> found;
    auto cursor = ledger->scan();
    ASSERT_TRUE(cursor);
    while (true) {
      auto event = cursor->next();
      ASSERT_TRUE(event) << "seed " << seed_ << ": " << event.error().message;
      if (*event == nullptr) break;
      ASSERT_EQ((*event)->seq.value, found.size() + 1) << "seed " << seed_;
      auto data = ledger->data(to_event(**event));
      ASSERT_TRUE(data) << "seed " << seed_ << ": " << data.error().message;
      found.push_back({std::string((*event)->stream), *data, (*event)->version, (*event)->id});
    }
    EXPECT_TRUE(cursor->lost().empty()) << "seed " << seed_;
    compare(found);
    auto report = ledger->verify();
    ASSERT_TRUE(report) << "seed " << seed_ << ": " << report.error().message;
    EXPECT_TRUE(report->ok()) << "seed " << seed_ << ": "
                              << (report->findings.empty() ? "" : report->findings[0].message);
    EXPECT_EQ(report->events, found.size()) << "seed " << seed_;
    known_ = std::move(found);
    promised_ = known_.size();
    open_.clear();
    ASSERT_TRUE(ledger->close()) << "seed " << seed_;
  }

  // What was promised is there, in order; beyond it only whole batches.
  void compare(const std::vector<Known>& found) {
    ASSERT_GE(found.size(), promised_) << "seed " << seed_ << ": acknowledged events are missing";
    const std::size_t common = std::min(found.size(), known_.size());
    for (std::size_t i = 0; i < common; ++i) {
      ASSERT_TRUE(found[i] == known_[i]) << "seed " << seed_ << ": event " << i + 1 << " changed";
    }
    std::map<std::string, std::uint64_t> versions;
    for (const Known& event : found) {
      ASSERT_EQ(event.version.value, ++versions[event.stream]) << "seed " << seed_;
    }
    // Behind what the model knows may stand whole batches of open fate.
    std::size_t at = common;
    for (const Open& batch : open_) {
      if (at == found.size() || found[at].data != batch.data.front()) continue;
      ASSERT_LE(at + batch.data.size(), found.size()) << "seed " << seed_ << ": half a batch";
      for (const std::string& data : batch.data) {
        ASSERT_EQ(found[at++].data, data) << "seed " << seed_;
      }
    }
    EXPECT_EQ(at, found.size()) << "seed " << seed_ << ": events nobody appended";
  }

  std::uint64_t seed_;
  testing::Random random_;
  TestEnvironment world_;
  std::optional<Ledger> survivor_;  // a ledger object that outlives its disk
  std::vector<Known> known_;        // acknowledged, in order
  std::size_t promised_ = 0;        // of these, on stable storage
  std::vector<Open> open_;
  std::uint64_t next_name_ = 0;
};

TEST(Crash, HistoriesKeepEveryPromise) { testing::run_histories<History>(); }

}  // namespace
}  // namespace daybook
