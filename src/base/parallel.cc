// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.h"

#include <system_error>
#include <thread>

namespace daybook {

void in_parallel(std::size_t count, const std::function<void(std::size_t, std::size_t)>& work) {
  static const unsigned processors = std::thread::hardware_concurrency();
  if (count < kWorthAThread || processors < 2) return work(0, count);
  const std::size_t middle = count / 2;
  std::jthread other;
  try {
    other = std::jthread([&] { work(middle, count); });
  } catch (const std::system_error&) {  // no more threads to be had
    return work(0, count);
  }
  work(0, middle);
}

}  // namespace daybook
