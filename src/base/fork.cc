// SPDX-License-Identifier: Apache-2.0
#include "base/fork.h"

#include <pthread.h>

#include <atomic>
#include <mutex>

namespace daybook {

// A list through the guards themselves, so that the child allocates
// nothing. The mutex is held across the fork: the child finds the list whole.
class ForkRegistry {
 public:
  // Never destroyed: guards may outlive static destruction.
  static ForkRegistry& instance() {
    static auto* const registry = new ForkRegistry;
    return *registry;
  }

  void add(ForkGuard& guard) {
    const std::lock_guard lock(mutex_);
    guard.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &guard;
    first_ = &guard;
  }

  void remove(ForkGuard& guard) {
    const std::lock_guard lock(mutex_);
    if (guard.next_ != nullptr) guard.next_->previous_ = guard.previous_;
    (guard.previous_ != nullptr ? guard.previous_->next_ : first_) = guard.next_;
  }

  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  ForkRegistry() {
    ::pthread_atfork([] { instance().mutex_.lock(); }, [] { instance().mutex_.unlock(); },
                     [] { instance().in_child(); });
  }

  void in_child() {
    count_.fetch_add(1, std::memory_order_relaxed);
    for (ForkGuard* guard = first_; guard != nullptr; guard = guard->next_) {
      guard->drop_(guard->subject_);
    }
    mutex_.unlock();
  }

  std::mutex mutex_;
  ForkGuard* first_ = nullptr;
  std::atomic<std::uint64_t> count_{0};
};

std::uint64_t fork_count() { return ForkRegistry::instance().count(); }

std::unexpected<Error> not_for_children(const std::string& what) {
  return fail(Errc::InvalidArgument, what + " was opened before this process was forked",
              "open the ledger again in the child");
}

ForkGuard::ForkGuard(void (*drop)(void*), void* subject) : drop_(drop), subject_(subject) {
  ForkRegistry::instance().add(*this);
}
ForkGuard::~ForkGuard() { ForkRegistry::instance().remove(*this); }

}  // namespace daybook
