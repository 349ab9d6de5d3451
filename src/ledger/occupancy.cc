// SPDX-License-Identifier: Apache-2.0
#include "ledger/occupancy.h"

#include <fmt/format.h>

#include "ledger/format.h"

namespace daybook {
namespace {

// Half-written files that replace_file leaves when it is interrupted.
bool is_draft_of(std::string_view name, std::string_view file) {
  return name.starts_with(file) && name.substr(file.size()).starts_with(".tmp-");
}

// Sorts the names of a ledger's directory into what they tell.
class Examiner {
 public:
  Examiner(FileSystem& files, const LedgerPaths& paths) : files_(files), paths_(paths) {}

  Result<Occupancy> run() {
    DAYBOOK_TRY(exists, files_.exists(paths_.root));
    if (!exists) return found_;
    DAYBOOK_TRY(entries, files_.list(paths_.root));
    for (const DirectoryEntry& entry : entries) DAYBOOK_CHECK(see(entry));
    found_.kind = judge();
    return std::move(found_);
  }

 private:
  Result<void> see(const DirectoryEntry& entry) {
    const std::string& name = entry.name;
    if (name == "LEDGER") {
      ledger_ = true;
    } else if (name == "tail") {
      remains_ = name;
    } else if (name == "lock") {
      // A writer has left its note there: it had a ledger.
      if (entry.stamp.size > 0) remains_ = name;
    } else if (name == "log" && entry.is_directory) {
      return see_log();
    } else if (name == "keys" && entry.is_directory) {
      keys_ = true;
      return see_keys();
    } else if (name == "views" && entry.is_directory) {
      views_ = true;
      DAYBOOK_TRY(entries, files_.list(paths_.views));
      if (!entries.empty()) foreign_ = "views/" + entries.front().name;
    } else if (!is_draft_of(name, "LEDGER")) {
      foreign_ = name;
    }
    return {};
  }

  Result<void> see_log() {
    const std::string first = segment_name(kFirstSeq);
    DAYBOOK_TRY(entries, files_.list(paths_.log));
    for (const DirectoryEntry& entry : entries) {
      if (parse_segment_name(entry.name)) {
        ++segments_;
        // Grown beyond its header, it has held something.
        if (entry.name != first || entry.stamp.size != format::kSegmentHeaderBytes) used_ = true;
      } else if (entry.name != first + ".new") {
        foreign_ = "log/" + entry.name;
      }
    }
    return {};
  }

  Result<void> see_keys() {
    DAYBOOK_TRY(entries, files_.list(paths_.keys));
    for (const DirectoryEntry& entry : entries) {
      if (entry.name == "checkpoint.key") {
        found_.has_key = true;
      } else if (!is_draft_of(entry.name, "checkpoint.key")) {
        foreign_ = "keys/" + entry.name;
      }
    }
    return {};
  }

  // A ledger is begun with its first segment: keys and views come later.
  Occupancy::Kind judge() {
    if (ledger_) return Occupancy::Kind::Ledger;
    if (segments_ > 0) {
      const bool untouched = !used_ && remains_.empty() && foreign_.empty();
      return untouched ? Occupancy::Kind::Begun : Occupancy::Kind::Headless;
    }
    if (found_.has_key) remains_ = "keys/checkpoint.key";
    if (!remains_.empty()) {
      found_.what = remains_;
      return Occupancy::Kind::Remains;
    }
    if (keys_) foreign_ = "keys";
    if (views_) foreign_ = "views";
    found_.what = foreign_;
    return foreign_.empty() ? Occupancy::Kind::Vacant : Occupancy::Kind::Foreign;
  }

  FileSystem& files_;
  const LedgerPaths& paths_;
  Occupancy found_;
  bool ledger_ = false;
  bool keys_ = false;
  bool views_ = false;
  bool used_ = false;
  std::size_t segments_ = 0;
  std::string remains_;
  std::string foreign_;
};

std::string repair_hint(const LedgerPaths& paths) {
  return fmt::format("`daybook repair --ledger {}` makes it again from the segments", paths.root);
}

std::string headless(const LedgerPaths& paths) {
  return fmt::format("{}: the segments of a ledger are here, but its file LEDGER is missing",
                     paths.root);
}

std::string remains(const Occupancy& occupancy, const LedgerPaths& paths) {
  return fmt::format("{}: parts of a ledger are here ({}), but neither LEDGER nor its segments",
                     paths.root, occupancy.what);
}

}  // namespace

Result<Occupancy> examine(FileSystem& files, const LedgerPaths& paths) {
  return Examiner(files, paths).run();
}

Error occupied(const Occupancy& occupancy, const LedgerPaths& paths) {
  switch (occupancy.kind) {
    case Occupancy::Kind::Headless:
      return {Errc::AlreadyExists, headless(paths), repair_hint(paths)};
    case Occupancy::Kind::Remains:
      return {Errc::AlreadyExists, remains(occupancy, paths),
              "restore log/ from a backup, or make the ledger in another directory"};
    case Occupancy::Kind::Foreign:
      return {
          Errc::AlreadyExists,
          fmt::format("{}: the directory is not empty: {} is there", paths.root, occupancy.what),
          "a ledger is made in a new or empty directory only: choose another"};
    case Occupancy::Kind::Vacant:
    case Occupancy::Kind::Begun:
    case Occupancy::Kind::Ledger:
      break;
  }
  return {Errc::AlreadyExists, fmt::format("{}: there is a ledger already", paths.root),
          "open it, or choose another directory"};
}

Error no_identity(const Occupancy& occupancy, const LedgerPaths& paths) {
  switch (occupancy.kind) {
    case Occupancy::Kind::Headless:
      return {Errc::Corruption, headless(paths), repair_hint(paths)};
    case Occupancy::Kind::Remains:
      return {Errc::Corruption, remains(occupancy, paths),
              "restore log/ from a backup; then `daybook repair` makes LEDGER again"};
    case Occupancy::Kind::Foreign:
      return {Errc::NotFound, fmt::format("{}: no ledger here", paths.root),
              "the directory holds something else: name the ledger's own"};
    case Occupancy::Kind::Vacant:
    case Occupancy::Kind::Begun:
    case Occupancy::Kind::Ledger:
      break;
  }
  return {Errc::NotFound, fmt::format("{}: no ledger here", paths.root),
          "make one with `daybook init`"};
}

}  // namespace daybook
