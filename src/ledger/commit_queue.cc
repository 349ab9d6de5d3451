// SPDX-License-Identifier: Apache-2.0
#include "ledger/commit_queue.h"

#include <algorithm>

namespace daybook {
namespace {

// Bytes written in one go; a longer queue is committed in several groups.
constexpr std::size_t kMaxGroupBytes = std::size_t{16} << 20;
// How long a leader waits for those the last group has just woken: a fraction
// of a flush, which all of them then share.
constexpr std::uint64_t kMaxGatherMicros = 150;

}  // namespace

CommitQueue::CommitQueue(Writer& writer, Clock& clock, std::uint32_t interval_ms)
    : writer_(writer), clock_(clock), interval_ms_(interval_ms) {}

CommitQueue::~CommitQueue() {
  static_cast<void>(drain());
  {
    const std::lock_guard lock(background_mutex_);
    stopping_ = true;
  }
  background_wake_.notify_all();
  if (background_.joinable()) background_.join();
}

// True for the first into an empty queue: the next leader.
bool CommitQueue::push(std::shared_ptr<Submission> submission) {
  Submission* entry = submission.get();
  entry->self_ = std::move(submission);
  entry->next_ = head_.load(std::memory_order_relaxed);
  while (!head_.compare_exchange_weak(entry->next_, entry, std::memory_order_acq_rel)) {
  }
  const bool first = entry->next_ == nullptr;
  queued_.fetch_add(1, std::memory_order_relaxed);
  return first;
}

// Everything handed in so far, oldest first.
CommitQueue::Group CommitQueue::take() {
  Group group;
  Submission* entry = head_.exchange(nullptr, std::memory_order_acq_rel);
  while (entry != nullptr) {
    Submission* next = entry->next_;
    group.push_back(std::move(entry->self_));
    entry = next;
  }
  queued_.fetch_sub(static_cast<std::uint32_t>(group.size()), std::memory_order_relaxed);
  std::ranges::reverse(group);
  return group;
}

Result<std::vector<Receipt>> CommitQueue::append(std::shared_ptr<Submission> submission) {
  const std::shared_ptr<Submission> mine = submission;
  if (push(std::move(submission))) {
    lead();
  } else {
    mine->wait();
  }
  return std::move(mine->result);
}

void CommitQueue::submit(std::shared_ptr<Submission> submission) {
  submission->asynchronous_ = true;
  for (std::uint32_t under_way = in_flight_.load(); under_way >= kMaxInFlight;
       under_way = in_flight_.load()) {
    in_flight_.wait(under_way);
  }
  in_flight_.fetch_add(1);
  start_background();
  if (push(std::move(submission))) wake_background();
}

// Threads that the last group has just woken are about to come back: waiting a
// little for them lets one flush serve all.
void CommitQueue::gather() {
  if (last_group_ <= 1) return;
  const std::uint64_t start = clock_.monotonic_micros();
  const std::uint64_t patience = std::min(kMaxGatherMicros, last_commit_micros_);
  while (queued_.load(std::memory_order_relaxed) < last_group_ &&
         clock_.monotonic_micros() - start < patience) {
    std::this_thread::yield();
  }
}

void CommitQueue::lead() {
  const std::lock_guard leading(lead_mutex_);
  // The producer of asynchronous batches goes on meanwhile: it is not waited for.
  if (in_flight_.load(std::memory_order_relaxed) == 0) gather();
  const Group all = take();
  last_group_ = static_cast<std::uint32_t>(all.size());
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from;
    std::size_t bytes = 0;
    while (to < all.size() && (to == from || bytes < kMaxGroupBytes)) {
      bytes += all[to++]->batch.frame.size();
    }
    commit(Group(all.begin() + static_cast<std::ptrdiff_t>(from),
                 all.begin() + static_cast<std::ptrdiff_t>(to)));
    from = to;
  }
  // After the acknowledgements, so that signing delays none of them.
  if (writer_.checkpoint_due()) static_cast<void>(writer_.sign_checkpoint());
}

void CommitQueue::commit(const Group& group) {
  const std::uint64_t start = clock_.monotonic_micros();
  const auto done = [&]() -> Result<void> {
    DAYBOOK_TRY(written, write(group));
    return settle(group, written);
  }();
  last_commit_micros_ = clock_.monotonic_micros() - start;
  std::uint32_t asynchronous = 0;
  for (const auto& submission : group) {
    if (!done && submission->result) submission->result = fail(done.error());
    asynchronous += submission->asynchronous_ ? 1 : 0;
    complete(*submission);
  }
  if (asynchronous == 0) return;
  in_flight_.fetch_sub(asynchronous);
  in_flight_.notify_all();
}

Result<WrittenTo> CommitQueue::write(const Group& group) {
  std::vector<Commit> commits(group.size());
  std::vector<Commit*> pointers;
  for (std::size_t i = 0; i < group.size(); ++i) {
    commits[i].batch = &group[i]->batch;
    commits[i].options = &group[i]->options;
    pointers.push_back(&commits[i]);
  }
  auto written = writer_.commit(pointers);
  for (std::size_t i = 0; i < group.size(); ++i) group[i]->result = std::move(commits[i].result);
  return written;
}

// Waits for as much durability as the group asks for.
Result<void> CommitQueue::settle(const Group& group, const WrittenTo& written) {
  const auto wants = [&](Durability durability) {
    return std::ranges::any_of(group, [&](const auto& submission) {
      return submission->options.durability == durability;
    });
  };
  if (wants(Durability::Sync)) return writer_.make_durable(written);
  {
    const std::lock_guard lock(background_mutex_);
    unflushed_ = written;
  }
  if (wants(Durability::Interval)) {
    start_background();
    background_wake_.notify_one();
  }
  return {};
}

void CommitQueue::complete(Submission& submission) {
  submission.done_.store(1, std::memory_order_release);
  submission.done_.notify_all();
}

void CommitQueue::start_background() {
  const std::lock_guard lock(background_mutex_);
  if (!background_.joinable()) background_ = std::thread([this] { run_background(); });
}

void CommitQueue::wake_background() {
  {
    const std::lock_guard lock(background_mutex_);
    background_work_ = true;
  }
  background_wake_.notify_one();
}

// Leads asynchronous groups and flushes what interval durability has left.
void CommitQueue::run_background() {
  std::unique_lock lock(background_mutex_);
  while (true) {
    const auto pause = std::chrono::milliseconds(interval_ms_);
    const auto has_work = [&] { return background_work_ || stopping_; };
    if (unflushed_) {
      background_wake_.wait_for(lock, pause, has_work);
    } else {
      background_wake_.wait(lock, [&] { return has_work() || unflushed_; });
      if (!has_work()) continue;
    }
    if (background_work_) {
      background_work_ = false;
      lock.unlock();
      lead();
      lock.lock();
    } else if (unflushed_) {
      const WrittenTo written = *unflushed_;
      unflushed_.reset();
      lock.unlock();
      static_cast<void>(writer_.make_durable(written));
      lock.lock();
    } else if (stopping_) {
      return;
    }
  }
}

Result<void> CommitQueue::drain() {
  while (in_flight_.load() > 0) in_flight_.wait(in_flight_.load());
  {
    const std::lock_guard leading(lead_mutex_);
  }
  std::optional<WrittenTo> left;
  {
    const std::lock_guard lock(background_mutex_);
    left = std::exchange(unflushed_, std::nullopt);
  }
  return left ? writer_.make_durable(*left) : Result<void>{};
}

}  // namespace daybook
