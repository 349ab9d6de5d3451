// SPDX-License-Identifier: Apache-2.0
//
// Group commit: threads hand in prepared batches; one of them, the leader,
// writes what all have handed in and flushes once for all of them. Asynchronous
// appends are led by a thread of the queue's own.
//
// The first to hand a batch into an empty queue leads the next group. Handing in
// is one compare-and-swap; a follower sleeps until its batch is done and takes
// no lock. Closing is one too: after it nothing gets in, and what got in before
// is finished. Thread-safe.
//
// Order within one caller: when a group fails, what the same thread has handed in
// behind it without waiting would leave a hole. So it fails as well, until the
// thread has been told of the failure.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/writer.h"

namespace daybook {

// A thread that hands in batches, as one queue knows it. Counts the failures of
// its batches, and how many of them it has been told of.
class Caller {
 public:
  // This thread, as the caller of the queue with this number.
  [[nodiscard]] static std::shared_ptr<Caller> here(std::uint64_t queue);

  [[nodiscard]] std::uint64_t told() const { return told_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t failures() const { return failures_.load(std::memory_order_acquire); }
  // It knows of its first `failures` failures now.
  void tell(std::uint64_t failures);
  void note_failure(const Error& why);
  [[nodiscard]] Error failure() const;

 private:
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> told_{0};
  mutable std::mutex mutex_;
  Error why_;  // of the newest failure
};

// A batch in the queue. Shared between its owner and the queue.
struct Submission {
  PreparedBatch batch;
  AppendOptions options;
  Result<std::vector<Receipt>> result;

  [[nodiscard]] bool done() const { return done_.load(std::memory_order_acquire) != 0; }
  // Blocks until it is done. Whoever sees a failure here has been told.
  void wait() const {
    done_.wait(0, std::memory_order_acquire);
    if (failure_ > 0) caller_->tell(failure_);
  }

 private:
  friend class CommitQueue;
  std::atomic<int> done_{0};
  Submission* next_ = nullptr;        // handed in just before this one
  std::shared_ptr<Submission> self_;  // keeps it alive while it is in the queue
  bool asynchronous_ = false;
  std::shared_ptr<Caller> caller_;
  std::uint64_t told_ = 0;     // failures its caller knew of when it handed this in
  std::uint64_t failure_ = 0;  // which of its caller's failures this tells of; 0: none
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

  // Finishes what was handed in and makes all of it durable, waiting for a flush
  // that is under way. Errors: of a flush since the last success; of a batch of
  // the calling thread that failed without its knowing.
  [[nodiscard]] Result<void> drain();
  // The same, and nothing gets in any more. Errors as drain().
  [[nodiscard]] Result<void> close();

 private:
  static constexpr std::uint32_t kMaxInFlight = 65'536;
  using Group = std::vector<std::shared_ptr<Submission>>;

  enum class Pushed : std::uint8_t { Leads, Follows, Refused };
  [[nodiscard]] Pushed push(std::shared_ptr<Submission> submission);
  [[nodiscard]] Submission* closed_mark() { return &closed_; }
  [[nodiscard]] Group take();
  void gather();
  void lead();
  void commit(const Group& group);
  // Completes what comes behind an untold failure of its caller; returns the rest.
  [[nodiscard]] Group without_followers_of_failures(const Group& group);
  [[nodiscard]] Result<LogPlace> write(const Group& group);
  [[nodiscard]] Result<void> settle(const Group& group, const LogPlace& written);
  void complete(const Group& group);
  [[nodiscard]] Result<void> finish_in_flight();
  [[nodiscard]] Result<void> flush_rest();

  void run_background();
  void background_flush(std::unique_lock<std::mutex>& lock);
  void start_background();
  void stop_background();
  void wake_background();

  Writer& writer_;
  Clock& clock_;
  const std::uint32_t interval_ms_;
  const std::uint64_t number_;  // no two queues of a process share one

  Submission closed_;                       // head_ points here once nothing gets in
  std::atomic<Submission*> head_{nullptr};  // newest; owned, through self_; linked by next_
  std::atomic<std::uint32_t> queued_{0};
  std::atomic<std::uint32_t> in_flight_{0};  // asynchronous ones, the difference of:
  std::atomic<std::uint64_t> handed_in_{0};
  std::atomic<std::uint64_t> completed_{0};
  std::mutex lead_mutex_;                 // held by the leader of a group
  std::uint32_t last_group_ = 0;          // guarded by lead_mutex_
  std::uint64_t last_commit_micros_ = 0;  // guarded by lead_mutex_

  std::mutex background_mutex_;  // guards what follows
  std::condition_variable background_wake_;
  std::thread background_;
  bool background_work_ = false;
  bool stopping_ = false;
  std::optional<LogPlace> unflushed_;       // written, not known to be durable
  std::optional<std::uint64_t> flush_due_;  // when to flush that, by the clock
};

}  // namespace daybook
