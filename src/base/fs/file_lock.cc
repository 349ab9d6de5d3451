// SPDX-License-Identifier: Apache-2.0
#include "base/fs/file_lock.h"

#include <fmt/format.h>

namespace daybook {

Result<FileLock> FileLock::take(const Environment& env, const std::string& path,
                                std::uint64_t timeout_ms) {
  constexpr std::uint64_t kFirstPauseMicros = 200;
  constexpr std::uint64_t kMaxPauseMicros = 10'000;

  DAYBOOK_TRY(file, env.files->open(path, OpenMode::Create));
  const std::uint64_t deadline = env.clock->monotonic_micros() + timeout_ms * 1000;
  for (std::uint64_t pause = kFirstPauseMicros;; pause = std::min(2 * pause, kMaxPauseMicros)) {
    DAYBOOK_TRY(taken, file->try_lock());
    if (taken) return FileLock(std::move(file));
    if (env.clock->monotonic_micros() >= deadline) {
      return fail(Errc::Busy, fmt::format("{}: another process holds this lock", path),
                  "wait for it to finish, or try again");
    }
    env.clock->sleep_micros(pause);
  }
}

}  // namespace daybook
