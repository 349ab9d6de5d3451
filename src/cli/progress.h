// SPDX-License-Identifier: Apache-2.0
//
// One line of progress on standard error, rewritten in place: only on a
// terminal, only for work that lasts, and gone when the work is done.
// update() may be called from several threads.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "daybook/environment.h"

namespace daybook::cli {

class Context;

class Progress {
 public:
  // `what` names the work: "verifying".
  Progress(Context& context, std::string_view what);
  ~Progress();  // wipes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  enum class Unit : std::uint8_t { Events, Bytes };
  // `total` 0: unknown.
  void update(std::uint64_t done, std::uint64_t total, Unit unit);

 private:
  bool enabled_;
  std::string_view what_;
  Clock* clock_;
  std::mutex mutex_;
  std::uint64_t started_;
  std::uint64_t shown_ = 0;  // when the line was last written; 0: never
};

}  // namespace daybook::cli
