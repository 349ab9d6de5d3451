// SPDX-License-Identifier: Apache-2.0
//
// Seeded histories of several processes on one ledger, on a disk that fails: one
// writes a group of frames, another looks in between any two of its operations,
// a third goes on afterwards. What anybody has seen or been promised must be what
// the ledger holds in the end. DAYBOOK_CRASH_SEEDS sets how many histories,
// DAYBOOK_CRASH_SEED replays one.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "ledger/identity.h"
#include "ledger/writer.h"
#include "support/histories.h"
#include "support/ledgers.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::expect;
using testing::Fault;
using testing::Operation;
using testing::Repeat;
using testing::TestEnvironment;

const std::string kRoot = "/ledger";

// One process: the engine without its queue, so that a group is what the test says.
class Process {
 public:
  static std::unique_ptr<Process> start(Environment env, const LedgerOptions& options) {
    const LedgerPaths paths(kRoot);
    auto identity = read_identity(*env.files, paths.identity);
    if (!identity) return nullptr;
    auto log = Log::open(env, paths, identity->ledger_id);
    if (!log) return nullptr;
    std::unique_ptr<Process> process(new Process(env, options));
    process->log_ = std::move(*log);
    std::vector<std::string> repairs;
    auto writer = Writer::open(env, paths, *identity, options, *process->log_, repairs);
    if (!writer) return nullptr;
    process->writer_ = std::move(*writer);
    return process;
  }

  // Each inner vector is a batch, and with that a frame.
  std::vector<Result<std::vector<Receipt>>> append(
      const std::vector<std::vector<NewEvent>>& batches, Durability durability) {
    std::vector<PreparedBatch> prepared;
    for (const auto& batch : batches) {
      prepared.push_back(expect(prepare(batch, {env_, &blobs_, "test", options_.inline_bytes})));
    }
    const AppendOptions append_options{.durability = durability};
    std::vector<Commit> commits(batches.size());
    std::vector<Commit*> group;
    for (std::size_t i = 0; i < batches.size(); ++i) {
      commits[i].batch = &prepared[i];
      commits[i].options = &append_options;
      group.push_back(&commits[i]);
    }
    const auto done = [&]() -> Result<void> {
      DAYBOOK_TRY(written, writer_->commit(group));
      return durability == Durability::Sync ? writer_->make_durable(written) : Result<void>{};
    }();
    std::vector<Result<std::vector<Receipt>>> results;
    for (Commit& commit : commits) {
      results.push_back(done ? std::move(commit.result)
                             : Result<std::vector<Receipt>>(fail(done.error())));
    }
    return results;
  }

  bool checkpoint() {
    const auto made = writer_->sign_checkpoint();
    return made && writer_->make_durable(made->written);
  }

 private:
  Process(Environment env, const LedgerOptions& options)
      : env_(env), options_(options), blobs_(env, kRoot + "/blobs") {}

  Environment env_;
  LedgerOptions options_;
  BlobStore blobs_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Writer> writer_;
};

class History {
 public:
  explicit History(std::uint64_t seed) : seed_(seed), random_(seed), world_(seed) {}

  void run() {
    expect(expect(Ledger::create(kRoot, options(), world_.environment())).close());
    for (std::uint64_t life = 1 + random_.below(3); life > 0 && !failed(); --life) {
      live();
      check();
    }
  }

 private:
  static bool failed() { return ::testing::Test::HasFailure(); }

  static LedgerOptions options() {
    LedgerOptions options = testing::small_options();
    options.lock_timeout_ms = 50;
    return options;
  }

  void live() {
    looker_.emplace(expect(
        Ledger::open(kRoot, {.access = Access::ReadOnly, .segment_bytes = options().segment_bytes},
                     world_.environment())));
    const bool faults = random_.below(5) != 0;
    if (faults) arm();
    watch();
    std::vector<std::unique_ptr<Process>> processes(1 + random_.below(3));
    for (std::uint64_t step = random_.below(25); step > 0 && !failed(); --step) {
      auto& process = processes[random_.below(processes.size())];
      // One that has failed for good starts again, as its user would.
      if (!process || random_.below(12) == 0) {
        process.reset();
        process = Process::start(world_.environment(), options());
        if (!process) continue;
      }
      if (!faults && random_.below(10) == 0) {
        displace(*process);
        process.reset();
      } else if (random_.below(12) == 0) {
        if (!process->checkpoint()) process.reset();
      } else if (!append(*process) && random_.below(2) == 0) {
        process.reset();
      }
    }
    world_.disk.set_onlooker(nullptr);
    world_.disk.clear_faults();
    look();
    die();
  }

  // Takes the ledger, or what its writers lock, away under a process, which then must
  // not write: neither there nor to what stands in its place.
  void displace(Process& process) {
    const Environment env = world_.environment();
    const std::string away = "/away";
    world_.disk.set_onlooker(nullptr);
    if (random_.below(3) == 0) {
      static_cast<void>(env.files->remove(kRoot + "/lock"));  // perhaps it is gone already
      EXPECT_FALSE(append(process)) << "seed " << seed_;
    } else {
      expect(env.files->rename(kRoot, away));
      const bool replaced = random_.below(2) == 0;
      if (replaced) expect(expect(Ledger::create(kRoot, options(), env)).close());
      EXPECT_FALSE(append(process)) << "seed " << seed_;
      EXPECT_FALSE(looker_->last()) << "seed " << seed_;
      if (replaced) {
        EXPECT_EQ(expect(expect(Ledger::open(kRoot, options(), env)).last()), Seq{});
        expect(env.files->rename(kRoot, "/foreign" + std::to_string(next_)));
      }
      expect(env.files->rename(away, kRoot));
      expect(env.files->sync_directory("/"));
    }
    watch();
  }

  void watch() {
    world_.disk.set_onlooker([this] {
      if (random_.below(8) == 0) look();
    });
  }

  void arm() {
    if (random_.below(5) == 0) {
      std::uint64_t used = 0;
      for (const std::string& path : world_.disk.files()) used += world_.disk.content(path).size();
      world_.disk.set_capacity(used + random_.below(60'000));
      return;
    }
    constexpr Operation kKinds[] = {Operation::Write,  Operation::Sync,   Operation::Truncate,
                                    Operation::Create, Operation::Rename, Operation::SyncDirectory};
    Fault fault;
    if (random_.below(3) != 0) {
      fault.kind = kKinds[random_.below(std::size(kKinds))];
      fault.path = "log/";
    }
    fault.nth = 1 + random_.below(fault.kind ? 30 : 400);
    fault.repeat = random_.below(4) == 0 ? Repeat::Forever : Repeat::Once;
    if (random_.below(3) == 0) fault.code = Errc::NoSpace;
    world_.disk.fail(fault);
  }

  bool append(Process& process) {
    std::vector<std::vector<NewEvent>> batches(1 + random_.below(random_.below(3) == 0 ? 30 : 3));
    for (auto& batch : batches) {
      batch.resize(1 + random_.below(3));
      for (NewEvent& event : batch) {
        event.stream = "stream/" + std::to_string(random_.below(5));
        event.type = "step";
        // Sizes that repeat, so that frames of one group fit over those of another.
        const std::size_t padding = random_.below(3) * 400;
        event.data = "\"" + std::to_string(100'000 + next_++) + std::string(padding, '.') + "\"";
      }
    }
    const auto durability = random_.below(3) == 0 ? Durability::Memory : Durability::Sync;
    const auto results = process.append(batches, durability);
    bool all = true;
    for (std::size_t i = 0; i < results.size(); ++i) {
      all = all && results[i].has_value();
      std::vector<std::string> data;
      for (const NewEvent& event : batches[i]) data.push_back(event.data);
      attempted_.push_back(data);
      if (!results[i]) continue;
      for (std::size_t j = 0; j < data.size(); ++j) {
        const Receipt& receipt = (*results[i])[j];
        const auto [known, fresh] = written_.emplace(
            receipt.seq, Promise{receipt.id, data[j], durability == Durability::Sync});
        EXPECT_TRUE(fresh) << "seed " << seed_ << ": #" << receipt.seq.value << " is given twice";
      }
    }
    return all;
  }

  // What another process sees now: never less or other than before.
  void look() {
    const auto last = looker_->last();
    ASSERT_TRUE(last) << "seed " << seed_ << ": " << last.error().message;
    ASSERT_GE(*last, seen_last_) << "seed " << seed_ << ": the end went back";
    for (Seq seq = seen_last_.next(); seq <= *last; seq = seq.next()) {
      const auto event = looker_->read(seq);
      ASSERT_TRUE(event) << "seed " << seed_ << ": " << event.error().message;
      seen_.emplace(seq, event->id);
    }
    seen_last_ = *last;
    for (const std::string stream : {"stream/0", "stream/3"}) {
      const auto version = looker_->stream_version(stream);
      ASSERT_TRUE(version) << "seed " << seed_ << ": " << version.error().message;
      ASSERT_GE(*version, versions_[stream]) << "seed " << seed_ << ": " << stream;
      versions_[stream] = *version;
    }
    if (random_.below(8) == 0) {
      // Whoever opens it now must not take others' work for damage.
      auto fresh = Ledger::open(kRoot, {.access = Access::ReadOnly}, world_.environment());
      ASSERT_TRUE(fresh) << "seed " << seed_ << ": " << fresh.error().message;
      const auto status = fresh->status();
      ASSERT_TRUE(status) << "seed " << seed_ << ": " << status.error().message;
      ASSERT_TRUE(status->lost.empty()) << "seed " << seed_ << ": damage that is none";
      ASSERT_GE(status->last, seen_last_) << "seed " << seed_;
    }
  }

  void die() {
    const bool power_loss = random_.below(2) == 0;
    world_.disk.clear_faults();
    if (power_loss) {
      world_.disk.crash(random_.below(1U << 30));
    } else {
      world_.disk.kill();
    }
    world_.disk.set_capacity(testing::FaultyFileSystem::kUnlimited);
    looker_.reset();
    versions_.clear();
    if (!power_loss) return;
    // What was not promised may be gone, and its numbers be given again.
    std::erase_if(written_, [](const auto& entry) { return !entry.second.durable; });
    seen_.clear();
    seen_last_ = Seq{};
  }

  void check() {
    Ledger ledger = expect(Ledger::open(kRoot, options(), world_.environment()));
    std::map<std::string, std::uint64_t> versions;
    std::vector<std::string> unknown;
    std::map<Seq, EventId> stored;
    for (const Event& event : testing::read_all(ledger)) {
      ASSERT_EQ(event.seq.value, stored.size() + 1) << "seed " << seed_;
      ASSERT_EQ(event.version.value, ++versions[event.stream]) << "seed " << seed_;
      stored.emplace(event.seq, event.id);
      const auto promised = written_.find(event.seq);
      if (promised == written_.end()) {
        if (!settled_.contains(event.seq)) unknown.push_back(event.data);
        continue;
      }
      ASSERT_EQ(promised->second.id, event.id) << "seed " << seed_ << ": #" << event.seq.value;
      ASSERT_EQ(promised->second.data, event.data) << "seed " << seed_;
    }
    for (const auto& [seq, promise] : written_) {
      ASSERT_TRUE(stored.contains(seq)) << "seed " << seed_ << ": #" << seq.value << " is lost";
    }
    for (const auto& [seq, id] : seen_) {
      ASSERT_EQ(stored[seq], id) << "seed " << seed_ << ": #" << seq.value << " was seen";
    }
    for (const auto& [seq, id] : stored) {
      settled_.insert(seq);
      if (auto promise = written_.find(seq); promise != written_.end()) {
        promise->second.durable = true;
      }
    }
    check_unpromised(unknown);
    const VerifyReport report = expect(ledger.verify());
    ASSERT_TRUE(report.ok()) << "seed " << seed_ << ": " << report.findings.front().message;
    expect(ledger.close());
  }

  // What was not promised, or not told, is there in whole batches.
  void check_unpromised(const std::vector<std::string>& unknown) {
    std::set<std::string> left(unknown.begin(), unknown.end());
    ASSERT_EQ(left.size(), unknown.size()) << "seed " << seed_ << ": an event stands twice";
    for (const auto& batch : attempted_) {
      std::size_t there = 0;
      for (const std::string& data : batch) there += left.erase(data);
      ASSERT_TRUE(there == 0 || there == batch.size()) << "seed " << seed_ << ": half a batch";
    }
    ASSERT_TRUE(left.empty()) << "seed " << seed_ << ": an event that nobody appended";
  }

  struct Promise {
    EventId id;
    std::string data;
    bool durable = false;
  };

  std::uint64_t seed_;
  testing::Random random_;
  TestEnvironment world_;
  std::optional<Ledger> looker_;
  std::map<Seq, Promise> written_;                   // acknowledged
  std::vector<std::vector<std::string>> attempted_;  // the data of every batch
  std::set<Seq> settled_;                            // there at the end of an earlier life
  std::map<Seq, EventId> seen_;
  Seq seen_last_;
  std::map<std::string, Version> versions_;
  std::uint64_t next_ = 0;
};

TEST(SeveralProcesses, SeeOneLedgerWhateverFails) { testing::run_histories<History>(); }

}  // namespace
}  // namespace daybook
