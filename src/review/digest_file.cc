// SPDX-License-Identifier: Apache-2.0
#include "review/digest_file.h"

#include <fmt/format.h>

#include "base/fs/file_lock.h"
#include "base/fs/files.h"
#include "base/sha256.h"

namespace daybook::review {
namespace {

constexpr int kMostNames = 100;
constexpr std::uint64_t kLockTimeoutMs = 30'000;
constexpr std::uint64_t kMaxDigestBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{1} << 20;

std::string name_of(const std::string& directory, const std::string& date, int number) {
  const std::string suffix = number == 1 ? "" : fmt::format(".{}", number);
  return fmt::format("{}/learning-digest-{}{}.md", directory, date, suffix);
}

// The digests of one date that these rules wrote from this ledger: a line with the
// SHA-256 of each.
class Memory {
 public:
  Memory(const Ledger& ledger, Environment& env, const std::string& date, Rules rules)
      : env_(&env),
        directory_(ledger.path() + "/views/digests"),
        path_(fmt::format("{}/{}-{}", directory_, to_string(rules), date)) {}

  Result<void> load() {
    DAYBOOK_TRY(there, env_->files->exists(path_));
    if (!there) return {};
    DAYBOOK_TRY(bytes, read_file(*env_->files, path_, kMaxMemoryBytes));
    lines_ = as_text(bytes);
    return {};
  }

  [[nodiscard]] bool has(std::string_view content) const {
    return lines_.find(line_of(content)) != std::string::npos;
  }

  // Before the digest itself is written: whatever then stands there is known.
  Result<void> add(std::string_view content) {
    if (has(content)) return {};
    lines_ += line_of(content);
    DAYBOOK_CHECK(make_directories(*env_->files, directory_));
    return replace_file(*env_, path_, as_bytes(lines_));
  }

 private:
  static std::string line_of(std::string_view content) {
    return to_string(sha256(as_bytes(content))) + "\n";
  }

  Environment* env_;
  std::string directory_;
  std::string path_;
  std::string lines_;
};

}  // namespace

Result<std::string> write_digest_file(const Ledger& ledger, Environment& env,
                                      const std::string& directory, const std::string& date,
                                      Rules rules, std::string_view content) {
  DAYBOOK_CHECK(make_directories(*env.files, directory));
  DAYBOOK_TRY(lock, FileLock::take(env, directory + "/.lock", kLockTimeoutMs));
  Memory memory(ledger, env, date, rules);
  DAYBOOK_CHECK(memory.load());
  const auto known = memory;
  DAYBOOK_CHECK(memory.add(content));
  for (int number = 1; number <= kMostNames; ++number) {
    std::string path = name_of(directory, date, number);
    DAYBOOK_TRY(target, env.files->follow(path));
    if (target.kind != PathKind::Missing) {
      DAYBOOK_TRY(bytes, read_file(*env.files, target.path, kMaxDigestBytes));
      if (as_text(bytes) == content) return path;
      if (!known.has(as_text(bytes))) continue;
    }
    DAYBOOK_CHECK(write_output_file(env, path, as_bytes(content)));
    return path;
  }
  return fail(
      Errc::AlreadyExists,
      fmt::format("{} digests of {} in {} are not this ledger's", kMostNames, date, directory),
      "choose another directory: --digest-dir DIR");
}

}  // namespace daybook::review
