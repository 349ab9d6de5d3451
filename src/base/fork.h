// SPDX-License-Identifier: Apache-2.0
//
// What fork() leaves in the child: the memory of the parent, without its other
// threads, and its open files, locks included. What depends on either notes the
// number of forks when it is made, and is of no use once that has changed.
#pragma once

#include <cstdint>
#include <string>

#include "daybook/error.h"

namespace daybook {

// How many forks lie between this process and the one that first asked. Costs a
// load. Only a raw clone() system call goes unnoticed. Thread-safe.
[[nodiscard]] std::uint64_t fork_count();

// The error of whatever a child asks of `what`, which its parent opened.
[[nodiscard]] std::unexpected<Error> not_for_children(const std::string& what);

// Something of the process that a child may not have. Registered from construction
// to destruction; `drop(subject)` runs in the child, before fork() returns there,
// and may only do what a signal handler may.
class ForkGuard {
 public:
  ForkGuard(void (*drop)(void*), void* subject);
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  ~ForkGuard();

 private:
  friend class ForkRegistry;
  void (*drop_)(void*);
  void* subject_;
  ForkGuard* next_ = nullptr;
  ForkGuard* previous_ = nullptr;
};

}  // namespace daybook
