// SPDX-License-Identifier: Apache-2.0
#include "daybook/repair.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/fs/file_lock.h"
#include "base/fs/files.h"
#include "base/ulid.h"
#include "ledger/format.h"
#include "ledger/identity.h"
#include "ledger/occupancy.h"

namespace daybook {
namespace {

// The segments whose headers name one ledger.
struct Claim {
  Identity identity;
  std::vector<std::string> segments;
  bool has_first = false;  // so `created` is known
};

bool same_ledger(const Identity& a, const Identity& b) {
  return a.ledger_id == b.ledger_id && a.key == b.key;
}

std::string in_words(const Identity& identity) {
  return fmt::format("ledger {}, made {}, with the key {}", to_string(identity.ledger_id),
                     to_string(identity.created), to_string(identity.key));
}

class Repair {
 public:
  Repair(const std::string& path, Environment& env) : env_(env), paths_(path) {}

  Result<RepairReport> run(bool apply) {
    report_.path = paths_.root;
    DAYBOOK_CHECK(look_around());
    DAYBOOK_CHECK(read_headers());
    DAYBOOK_TRY(identity, agreed());
    DAYBOOK_TRY(present, read_present());
    if (present) {
      DAYBOOK_CHECK(compare(*present, identity));
      identity = *present;
    } else if (apply) {
      DAYBOOK_CHECK(write_identity(env_, paths_.identity, identity));
      report_.repaired = true;
    }
    if (!present && !claims_.front().has_first) {
      report_.warnings.emplace_back(
          "the header of the first segment cannot be read: the time of creation is taken from "
          "the ledger id, to the millisecond");
    }
    check_key(identity);
    report_.ledger_id = to_string(identity.ledger_id);
    report_.origin = identity.origin;
    report_.created = identity.created;
    report_.key = identity.key;
    report_.segments = claims_.front().segments.size();
    return std::move(report_);
  }

 private:
  Result<void> look_around() {
    DAYBOOK_TRY(occupancy, examine(*env_.files, paths_));
    switch (occupancy.kind) {
      case Occupancy::Kind::Begun:
      case Occupancy::Kind::Headless:
      case Occupancy::Kind::Ledger:
        return {};
      case Occupancy::Kind::Vacant:
      case Occupancy::Kind::Remains:
      case Occupancy::Kind::Foreign:
        break;
    }
    return fail(no_identity(occupancy, paths_));
  }

  Result<void> read_headers() {
    auto entries = env_.files->list(paths_.log);
    if (!entries && entries.error().code != Errc::NotFound) return fail(std::move(entries).error());
    for (const DirectoryEntry& entry : entries.value_or(std::vector<DirectoryEntry>{})) {
      if (!parse_segment_name(entry.name)) continue;
      auto header = read_header(paths_.log + "/" + entry.name);
      if (header) {
        take(*header, "log/" + entry.name);
      } else if (header.error().code == Errc::Corruption) {
        report_.warnings.push_back(std::move(header).error().message);
      } else {
        return fail(std::move(header).error());
      }
    }
    return {};
  }

  Result<SegmentHeader> read_header(const std::string& path) {
    DAYBOOK_TRY(file, env_.files->open(path, OpenMode::Read));
    Bytes bytes(format::kSegmentHeaderBytes);
    DAYBOOK_TRY(count, file->read_at(0, bytes));
    return decode_segment_header(ByteView(bytes).first(count), path);
  }

  void take(const SegmentHeader& header, std::string name) {
    Identity identity = identity_of(header);
    const bool first = header.first_seq == kFirstSeq;
    if (!first) identity.created = time_of(header.ledger_id);
    auto claim = std::ranges::find_if(
        claims_, [&](const Claim& known) { return same_ledger(known.identity, identity); });
    if (claim == claims_.end()) {
      claim = claims_.insert(claims_.end(), Claim{.identity = identity, .segments = {}});
    }
    if (first) {
      claim->identity.created = identity.created;
      claim->has_first = true;
    }
    claim->segments.push_back(std::move(name));
  }

  // What all good headers say.
  Result<Identity> agreed() {
    if (claims_.empty()) {
      return fail(Errc::Corruption,
                  fmt::format("{}: no segment has a header that can be read", paths_.log),
                  "restore log/ from a backup");
    }
    if (claims_.size() == 1) return claims_.front().identity;
    std::string message = fmt::format("{}: the segments are not of one ledger", paths_.root);
    for (const Claim& claim : claims_) {
      message +=
          fmt::format("; {} of {}", fmt::join(claim.segments, ", "), in_words(claim.identity));
    }
    return fail(Errc::Corruption, std::move(message),
                "move those that do not belong here out of log/, then repair again");
  }

  // Nothing when LEDGER is lost; a file that cannot be read at all may be a good one.
  Result<std::optional<Identity>> read_present() {
    auto present = read_identity(*env_.files, paths_.identity);
    if (present) return *std::move(present);
    switch (present.error().code) {
      case Errc::NotFound:
        report_.found = RepairReport::File::Missing;
        return std::nullopt;
      case Errc::Corruption:
        report_.found = RepairReport::File::Damaged;
        return std::nullopt;
      default:
        return fail(std::move(present).error());
    }
  }

  Result<void> compare(const Identity& present, const Identity& said) const {
    const bool same_time = !claims_.front().has_first || present.created == said.created;
    if (same_ledger(present, said) && same_time) return {};
    return fail(Errc::Corruption,
                fmt::format("{}: LEDGER is of {}, all {} readable segments are of {}", paths_.root,
                            in_words(present), claims_.front().segments.size(), in_words(said)),
                "one of the two was put in: compare with a checkpoint kept elsewhere; when the "
                "segments are right, move LEDGER away and repair again");
  }

  void check_key(const Identity& identity) {
    const auto seed = read_signing_key(*env_.files, paths_.key, identity.key);
    if (seed) return;
    report_.warnings.push_back(seed.error().message +
                               ": the ledger can be read and appended to, not signed");
  }

  Environment& env_;
  LedgerPaths paths_;
  RepairReport report_;
  std::vector<Claim> claims_;
};

}  // namespace

Result<RepairReport> repair_ledger(const std::string& path, const RepairOptions& options,
                                   Environment env) {
  DAYBOOK_TRY(looked, Repair(path, env).run(/*apply=*/false));
  if (!options.apply || looked.found == RepairReport::File::Good) return looked;
  DAYBOOK_TRY(lock, FileLock::take(env, LedgerPaths(path).lock, options.lock_timeout_ms));
  return Repair(path, env).run(/*apply=*/true);
}

}  // namespace daybook
