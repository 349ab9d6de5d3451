// SPDX-License-Identifier: Apache-2.0
#include "ledger/commit_queue.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace daybook {
namespace {

// Bytes written in one go; a longer queue is committed in several groups.
constexpr std::size_t kMaxGroupBytes = std::size_t{16} << 20;
// How long a leader waits for those the last group has just woken: a fraction
// of a flush, which all of them then share.
constexpr std::uint64_t kMaxGatherMicros = 150;

std::atomic<std::uint64_t> queues_made{0};

}  // namespace

void Caller::tell(std::uint64_t failures) {
  std::uint64_t told = told_.load(std::memory_order_relaxed);
  while (told < failures &&
         !told_.compare_exchange_weak(told, failures, std::memory_order_release)) {
  }
}

void Caller::note_failure(const Error& why) {
  const std::lock_guard lock(mutex_);
  why_ = why;
  failures_.fetch_add(1, std::memory_order_release);
}

Error Caller::failure() const {
  const std::lock_guard lock(mutex_);
  return why_;
}

// Callers that nobody but this thread knows have nothing under way, and are
// forgotten when there are many, unless they still have to be told something.
std::shared_ptr<Caller> Caller::here(std::uint64_t queue) {
  constexpr std::size_t kMany = 16;
  thread_local std::map<std::uint64_t, std::shared_ptr<Caller>> callers;
  if (callers.size() >= kMany && !callers.contains(queue)) {
    std::erase_if(callers, [](const auto& entry) {
      return entry.second.use_count() == 1 && entry.second->told() == entry.second->failures();
    });
  }
  std::shared_ptr<Caller>& caller = callers[queue];
  if (!caller) caller = std::make_shared<Caller>();
  return caller;
}

CommitQueue::CommitQueue(Writer& writer, Clock& clock, std::uint32_t interval_ms)
    : writer_(writer),
      clock_(clock),
      interval_ms_(interval_ms),
      number_(queues_made.fetch_add(1, std::memory_order_relaxed)) {}

CommitQueue::~CommitQueue() { static_cast<void>(close()); }

// The first into an empty queue leads the next group.
CommitQueue::Pushed CommitQueue::push(std::shared_ptr<Submission> submission) {
  Submission* entry = submission.get();
  entry->caller_ = Caller::here(number_);
  entry->told_ = entry->caller_->told();
  entry->self_ = std::move(submission);
  entry->next_ = head_.load(std::memory_order_relaxed);
  do {
    if (entry->next_ == closed_mark()) {
      entry->result = fail(Errc::InvalidArgument, "the ledger is closed", "open it again");
      entry->next_ = nullptr;
      entry->self_.reset();  // the caller holds it as well
      return Pushed::Refused;
    }
  } while (!head_.compare_exchange_weak(entry->next_, entry, std::memory_order_acq_rel));
  const bool first = entry->next_ == nullptr;
  queued_.fetch_add(1, std::memory_order_relaxed);
  return first ? Pushed::Leads : Pushed::Follows;
}

// Everything handed in so far, oldest first.
CommitQueue::Group CommitQueue::take() {
  Group group;
  Submission* entry = head_.load(std::memory_order_relaxed);
  do {
    if (entry == closed_mark()) return group;
  } while (!head_.compare_exchange_weak(entry, nullptr, std::memory_order_acq_rel));
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
  switch (push(std::move(submission))) {
    case Pushed::Refused:
      return std::move(mine->result);
    case Pushed::Leads:
      lead();
      break;
    case Pushed::Follows:
      break;
  }
  mine->wait();
  return std::move(mine->result);
}

void CommitQueue::submit(std::shared_ptr<Submission> submission) {
  const std::shared_ptr<Submission> mine = submission;
  mine->asynchronous_ = true;
  for (std::uint32_t under_way = in_flight_.load(); under_way >= kMaxInFlight;
       under_way = in_flight_.load()) {
    in_flight_.wait(under_way);
  }
  in_flight_.fetch_add(1);
  handed_in_.fetch_add(1);
  switch (push(std::move(submission))) {
    case Pushed::Refused:
      complete({mine});
      break;
    case Pushed::Leads:
      start_background();
      wake_background();
      break;
    case Pushed::Follows:
      break;
  }
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

void CommitQueue::commit(const Group& handed_in) {
  const Group group = without_followers_of_failures(handed_in);
  if (group.empty()) return;
  const std::uint64_t start = clock_.monotonic_micros();
  const auto done = [&]() -> Result<void> {
    DAYBOOK_TRY(written, write(group));
    return settle(group, written);
  }();
  last_commit_micros_ = clock_.monotonic_micros() - start;
  if (!done) {
    for (const auto& submission : group) {
      if (!submission->result) continue;  // refused for itself
      submission->result = fail(done.error());
      // One failure for all that a caller has in the group.
      Caller& caller = *submission->caller_;
      if (caller.failures() == submission->told_) caller.note_failure(done.error());
      submission->failure_ = caller.failures();
    }
  }
  complete(group);
}

CommitQueue::Group CommitQueue::without_followers_of_failures(const Group& group) {
  Group rest;
  Group refused;
  for (const auto& submission : group) {
    if (submission->caller_->failures() == submission->told_) {
      rest.push_back(submission);
      continue;
    }
    Error why = submission->caller_->failure();
    why.message = "not tried, since what was appended before it failed: " + why.message;
    submission->result = fail(std::move(why));
    submission->failure_ = submission->caller_->failures();
    refused.push_back(submission);
  }
  complete(refused);
  return rest;
}

Result<LogPlace> CommitQueue::write(const Group& group) {
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
Result<void> CommitQueue::settle(const Group& group, const LogPlace& written) {
  const auto wants = [&](Durability durability) {
    return std::ranges::any_of(group, [&](const auto& submission) {
      return submission->options.durability == durability;
    });
  };
  if (wants(Durability::Sync)) return writer_.make_durable(written);
  {
    const std::lock_guard lock(background_mutex_);
    unflushed_ = written;
    if (!wants(Durability::Interval)) return {};
    if (!flush_due_) flush_due_ = clock_.monotonic_micros() + std::uint64_t{interval_ms_} * 1000;
  }
  start_background();
  background_wake_.notify_one();
  return {};
}

void CommitQueue::complete(const Group& group) {
  std::uint32_t asynchronous = 0;
  for (const auto& submission : group) {
    asynchronous += submission->asynchronous_ ? 1 : 0;
    submission->done_.store(1, std::memory_order_release);
    submission->done_.notify_all();
  }
  if (asynchronous == 0) return;
  in_flight_.fetch_sub(asynchronous);
  in_flight_.notify_all();
  completed_.fetch_add(asynchronous);
  completed_.notify_all();
}

// --- The background ------------------------------------------------------------

void CommitQueue::start_background() {
  const std::lock_guard lock(background_mutex_);
  // Somebody else may have led our batch already, and a close have come after it.
  if (stopping_ || background_.joinable()) return;
  background_ = std::thread([this] { run_background(); });
}

void CommitQueue::wake_background() {
  {
    const std::lock_guard lock(background_mutex_);
    background_work_ = true;
  }
  background_wake_.notify_one();
}

void CommitQueue::stop_background() {
  {
    const std::lock_guard lock(background_mutex_);
    stopping_ = true;
  }
  background_wake_.notify_all();
  if (background_.joinable()) background_.join();
}

// Leads asynchronous groups and flushes what interval durability has left, which
// no amount of other work may put off.
void CommitQueue::run_background() {
  std::unique_lock lock(background_mutex_);
  while (!stopping_) {
    const auto has_work = [&] { return background_work_ || stopping_; };
    const std::uint64_t now = clock_.monotonic_micros();
    bool due = flush_due_ && now >= *flush_due_;
    if (!due && !has_work() && flush_due_) {
      const std::chrono::microseconds pause(*flush_due_ - now);
      due = !background_wake_.wait_for(lock, pause, has_work);
    } else if (!due && !has_work()) {
      background_wake_.wait(lock, [&] { return has_work() || flush_due_; });
    }
    if (due) background_flush(lock);
    if (!std::exchange(background_work_, false)) continue;
    lock.unlock();
    lead();
    lock.lock();
  }
}

// What fails here is told by whatever comes next: an append, a sync or a close.
void CommitQueue::background_flush(std::unique_lock<std::mutex>& lock) {
  flush_due_.reset();
  const std::optional<LogPlace> written = unflushed_;
  if (!written) return;
  lock.unlock();
  const auto flushed = writer_.make_durable(*written);
  lock.lock();
  if (flushed && unflushed_ && unflushed_->next == written->next) unflushed_.reset();
  if (!flushed && writer_.check_able() && !flush_due_) {
    flush_due_ = clock_.monotonic_micros() + std::uint64_t{interval_ms_} * 1000;
  }
}

// --- Ends ------------------------------------------------------------------------

Result<void> CommitQueue::finish_in_flight() {
  // What is handed in from now on is not waited for.
  const std::uint64_t handed_in = handed_in_.load();
  for (std::uint64_t done = completed_.load(); done < handed_in; done = completed_.load()) {
    completed_.wait(done);
  }
  const std::lock_guard leading(lead_mutex_);  // a group under way is finished
  const auto caller = Caller::here(number_);
  if (caller->told() == caller->failures()) return {};
  caller->tell(caller->failures());
  return fail(caller->failure());
}

Result<void> CommitQueue::flush_rest() {
  std::optional<LogPlace> left;
  {
    const std::lock_guard lock(background_mutex_);
    left = unflushed_;
  }
  if (!left) return writer_.check_able();
  DAYBOOK_CHECK(writer_.make_durable(*left));
  const std::lock_guard lock(background_mutex_);
  if (unflushed_ && unflushed_->next == left->next) unflushed_.reset();
  return {};
}

Result<void> CommitQueue::drain() {
  auto finished = finish_in_flight();
  DAYBOOK_CHECK(flush_rest());
  return finished;
}

Result<void> CommitQueue::close() {
  auto drained = drain();
  for (Submission* none = nullptr; !head_.compare_exchange_strong(none, closed_mark());
       none = nullptr) {
    if (none == closed_mark()) return {};  // closed before
    std::this_thread::yield();             // its leader is about to take it
    static_cast<void>(finish_in_flight());
  }
  {
    const std::lock_guard leading(lead_mutex_);
  }
  stop_background();
  auto flushed = flush_rest();
  return drained ? flushed : drained;
}

}  // namespace daybook
