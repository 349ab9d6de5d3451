// SPDX-License-Identifier: Apache-2.0
//
// Group commit: threads hand in prepared batches; one of them, the leader,
// writes what all have handed in and flushes once for all of them. Asynchronous
// appends are led by a thread of the queue's own.
//
// The first to hand a batch into an empty queue leads the next group. Handing in
// is one compare-and-swap; a follower sleeps until its batch is done and takes
// no lock. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/writer.h"

namespace daybook {

// A batch in the queue. Shared between its owner and the queue.
struct Submission {
  PreparedBatch batch;
  AppendOptions options;
  Result<std::vector<Receipt>> result;

  [[nodiscard]] bool done() const { return done_.load(std::memory_order_acquire) != 0; }
  void wait() const { done_.wait(0, std::memory_order_acquire); }

 private:
  friend class CommitQueue;
  std::atomic<int> done_{0};
  Submission* next_ = nullptr;        // handed in just before this one
  std::shared_ptr<Submission> self_;  // keeps it alive while it is in the queue
  bool asynchronous_ = false;
};

class CommitQueue {
 public:
  CommitQueue(Writer& writer, Clock& clock, std::uint32_t interval_ms);
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;
  ~CommitQueue();  // finishes what was handed in

  // Blocks until the batch is as durable as asked for.
  [[nodiscard]] Result<std::vector<Receipt>> append(std::shared_ptr<Submission> submission);
  // Returns at once, unless kMaxInFlight batches are under way.
  void submit(std::shared_ptr<Submission> submission);

  // Finishes what was handed in and makes all of it durable.
  [[nodiscard]] Result<void> drain();

 private:
  static constexpr std::uint32_t kMaxInFlight = 65'536;
  using Group = std::vector<std::shared_ptr<Submission>>;

  [[nodiscard]] bool push(std::shared_ptr<Submission> submission);
  [[nodiscard]] Group take();
  void gather();
  void lead();
  void commit(const Group& group);
  [[nodiscard]] Result<WrittenTo> write(const Group& group);
  [[nodiscard]] Result<void> settle(const Group& group, const WrittenTo& written);
  static void complete(Submission& submission);
  void run_background();
  void start_background();
  void wake_background();

  Writer& writer_;
  Clock& clock_;
  const std::uint32_t interval_ms_;

  std::atomic<Submission*> head_{nullptr};  // newest; owned, through self_; linked by next_
  std::atomic<std::uint32_t> queued_{0};
  std::atomic<std::uint32_t> in_flight_{0};  // asynchronous ones
  std::mutex lead_mutex_;                    // held by the leader of a group
  std::uint32_t last_group_ = 0;             // guarded by lead_mutex_
  std::uint64_t last_commit_micros_ = 0;     // guarded by lead_mutex_

  std::mutex background_mutex_;
  std::condition_variable background_wake_;
  std::thread background_;
  bool background_work_ = false;
  bool stopping_ = false;
  std::optional<WrittenTo> unflushed_;  // interval durability, guarded by background_mutex_
};

}  // namespace daybook
