// SPDX-License-Identifier: Apache-2.0
//
// One file for each place, named by the place's hash so that a place is found without
// reading the others. Lines of a name and a value, an empty line, the signed note.
#include "daybook/known.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/fs/file_lock.h"
#include "base/fs/files.h"
#include "base/sha256.h"
#include "base/text.h"
#include "ledger/ledger_impl.h"
#include "ledger/note.h"

namespace daybook {
namespace {

constexpr std::string_view kFirstLine = "daybook known ledger 1";
constexpr std::uint64_t kMaxFileBytes = kMaxNoteBytes + 64 * 1024;
constexpr std::size_t kNameBytes = 16;  // of a place's hash
constexpr std::string_view kSuffix = ".known";
constexpr std::uint64_t kLockTimeoutMs = 200;  // whoever holds it renames one small file

std::optional<std::string_view> take_field(std::string_view& rest, std::string_view name) {
  std::string_view after = rest;
  auto line = take_line(after);
  if (!line || !line->starts_with(name) || line->size() <= name.size()) return std::nullopt;
  if ((*line)[name.size()] != ' ') return std::nullopt;
  rest = after;
  return line->substr(name.size() + 1);
}

std::string encode(const KnownLedger& known) {
  std::string text =
      fmt::format("{}\nplace {}\nledger {}\nkey {}\nseen {}\n", kFirstLine, known.place,
                  to_string(known.ledger_id), to_string(known.key), to_string(known.seen));
  if (!known.tree) return text + "\n";
  for (const Digest& peak : known.tree->peaks) text += fmt::format("peak {}\n", to_string(peak));
  return fmt::format("{}\n{}", text, known.tree->checkpoint.text);
}

// The peaks must fold to the note's root: a file that was cut or mixed up is none. The
// signature is left to verify, which needs it: a writer is not to wait for it.
std::optional<SignedTree> decode_tree(std::string_view rest, std::vector<Digest> peaks) {
  const auto checkpoint = parse_checkpoint(rest);
  if (!checkpoint) return std::nullopt;
  const auto tree = Peaks::from(checkpoint->head.size, peaks);
  if (!tree || tree->root() != checkpoint->head.root) return std::nullopt;
  return SignedTree{*checkpoint, std::move(peaks)};
}

std::optional<KnownLedger> decode(std::string_view text) {
  std::string_view rest = text;
  if (take_line(rest) != kFirstLine) return std::nullopt;
  const auto place = take_field(rest, "place");
  const auto id_text = take_field(rest, "ledger");
  const auto key_text = take_field(rest, "key");
  const auto seen_text = take_field(rest, "seen");
  if (!place || !id_text || !key_text || !seen_text) return std::nullopt;
  const auto id = parse_event_id(*id_text);
  const auto key = parse_verifier_key(*key_text);
  const auto seen = parse_timestamp(*seen_text);
  if (!id || !key || !seen) return std::nullopt;
  KnownLedger known;
  known.place = *place;
  known.ledger_id = *id;
  known.key = *key;
  known.seen = *seen;
  std::vector<Digest> peaks;
  while (const auto peak_text = take_field(rest, "peak")) {
    const auto peak = parse_digest(*peak_text);
    if (!peak || peaks.size() == format::kMaxPeaks) return std::nullopt;
    peaks.push_back(*peak);
  }
  if (take_line(rest) != "") return std::nullopt;
  if (rest.empty()) return peaks.empty() ? std::optional(known) : std::nullopt;
  known.tree = decode_tree(rest, std::move(peaks));
  return known.tree ? std::optional(known) : std::nullopt;
}

bool same_ledger(const KnownLedger& a, const KnownLedger& b) {
  return a.ledger_id == b.ledger_id && to_string(a.key) == to_string(b.key);
}

// Whether the tree of `known` grew into `now` by the events the log holds.
Standing compare_trees(Ledger::Impl& ledger, const KnownLedger& known, const Peaks& now) {
  if (!known.tree) return Standing::Grown;
  const std::uint64_t size = known.events();
  if (size > now.size()) return Standing::RolledBack;
  if (now.size() - size > kMaxCompared) return Standing::Unproven;
  auto peaks = Peaks::from(size, known.tree->peaks);
  if (!peaks) return Standing::Unproven;
  const auto walked =
      ledger.leaves()(size, now.size() - size, [&](const Digest& leaf) { peaks->append(leaf); });
  if (!walked) return Standing::Unproven;  // lost events: verify tells more
  return *peaks == now ? Standing::Grown : Standing::Rewritten;
}

}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::Unknown:
      return "unknown";
    case Standing::Grown:
      return "grown";
    case Standing::Unproven:
      return "unproven";
    case Standing::RolledBack:
      return "rolled_back";
    case Standing::Rewritten:
      return "rewritten";
    case Standing::OtherKey:
      return "other_key";
    case Standing::OtherLedger:
      return "other_ledger";
  }
  return "unknown";
}

KnownLedgers::KnownLedgers(std::string directory, Environment env)
    : directory_(std::move(directory)), env_(env) {}

std::string KnownLedgers::file_of(const std::string& place) const {
  const Digest digest = sha256(as_bytes(place));
  return fmt::format("{}/{}{}", directory_, to_hex(ByteView(digest.bytes).first(kNameBytes)),
                     kSuffix);
}

Result<std::optional<KnownLedger>> KnownLedgers::read(const std::string& file) const {
  const auto bytes = read_file(*env_.files, file, kMaxFileBytes);
  if (!bytes && bytes.error().code == Errc::NotFound) return std::optional<KnownLedger>();
  if (!bytes) return fail(bytes.error());
  auto known = decode(as_text(*bytes));
  if (!known) {
    return fail(Errc::Corruption, fmt::format("{}: what was remembered there cannot be read", file),
                "remove the file: the next check remembers the ledger anew");
  }
  return known;
}

Result<std::optional<KnownLedger>> KnownLedgers::find(const std::string& place,
                                                      const EventId& ledger_id) const {
  DAYBOOK_TRY(here, read(file_of(place)));
  if (here) return here;
  DAYBOOK_TRY(everything, all());
  std::optional<KnownLedger> longest;
  for (KnownLedger& known : everything) {
    if (known.ledger_id != ledger_id) continue;
    if (longest && longest->events() >= known.events()) continue;
    longest = std::move(known);
    longest->elsewhere = true;
  }
  return longest;
}

Result<std::vector<KnownLedger>> KnownLedgers::all() const {
  std::vector<KnownLedger> everything;
  const auto entries = env_.files->list(directory_);
  if (!entries && entries.error().code == Errc::NotFound) return everything;
  if (!entries) return fail(entries.error());
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.name.ends_with(kSuffix)) continue;
    auto known = read(fmt::format("{}/{}", directory_, entry.name));
    if (known && *known) everything.push_back(**std::move(known));
  }
  std::ranges::sort(everything, {}, &KnownLedger::place);
  return everything;
}

Result<KnownComparison> KnownLedgers::compare(Ledger& ledger, const std::string& place) const {
  Ledger::Impl& impl = *ledger.impl_;
  KnownComparison comparison;
  Peaks now;
  {
    const std::shared_lock lock(impl.log->mutex());
    now = impl.log->active().peaks;
  }
  comparison.events = now.size();
  // Only the place: to look through all of them would cost every append too much.
  DAYBOOK_TRY(known, read(file_of(place)));
  if (!known) return comparison;
  if (known->ledger_id != impl.identity.ledger_id) {
    comparison.standing = Standing::OtherLedger;
  } else if (to_string(known->key) != to_string(impl.identity.key)) {
    comparison.standing = Standing::OtherKey;
  } else {
    comparison.standing = compare_trees(impl, *known, now);
  }
  comparison.known = std::move(known);
  return comparison;
}

Result<void> KnownLedgers::remember(Ledger& ledger, const std::string& place) {
  Ledger::Impl& impl = *ledger.impl_;
  KnownLedger known{.place = place,
                    .ledger_id = impl.identity.ledger_id,
                    .key = impl.identity.key,
                    .seen = env_.clock->now(),
                    .tree = {}};
  std::string note;
  {
    const std::shared_lock lock(impl.log->mutex());
    const SegmentState& active = impl.log->active();
    if (active.checkpoint_size == active.peaks.size() && !active.checkpoint.empty()) {
      const auto hashes = active.peaks.hashes();
      known.tree = SignedTree{.checkpoint = {}, .peaks = {hashes.begin(), hashes.end()}};
      note = active.checkpoint;
    }
  }
  if (known.tree) {
    DAYBOOK_TRY(checkpoint, parse_checkpoint(note));
    known.tree->checkpoint = std::move(checkpoint);
  }
  return store(known, Force::No);
}

Result<void> KnownLedgers::remember(Ledger& ledger, const std::string& place,
                                    const VerifyReport& report) {
  if (!report.ok()) return {};
  const Ledger::Impl& impl = *ledger.impl_;
  return store({.place = place,
                .ledger_id = impl.identity.ledger_id,
                .key = impl.identity.key,
                .seen = env_.clock->now(),
                .tree = report.signed_tree},
               Force::No);
}

Result<void> KnownLedgers::accept(Ledger& ledger, const std::string& place,
                                  const VerifyReport& report) {
  const Ledger::Impl& impl = *ledger.impl_;
  return store({.place = place,
                .ledger_id = impl.identity.ledger_id,
                .key = impl.identity.key,
                .seen = env_.clock->now(),
                .tree = report.signed_tree},
               Force::Yes);
}

Result<void> KnownLedgers::forget(const std::string& place) {
  const std::string file = file_of(place);
  DAYBOOK_TRY(there, env_.files->exists(file));
  if (!there) {
    return fail(Errc::NotFound, fmt::format("nothing is remembered of {}", place),
                "`daybook known` lists the places");
  }
  return env_.files->remove(file);
}

Result<void> KnownLedgers::store(const KnownLedger& known, Force force) {
  if (!is_plain_text(known.place) || known.place.empty()) {
    return fail(Errc::InvalidArgument,
                "the place of a ledger to remember is not one line of UTF-8");
  }
  DAYBOOK_TRY(made, env_.files->exists(directory_));
  if (!made) DAYBOOK_CHECK(make_directories(*env_.files, directory_));
  DAYBOOK_TRY(lock, FileLock::take(env_, directory_ + "/lock", kLockTimeoutMs));
  const std::string file = file_of(known.place);
  const auto before = read(file);  // one that cannot be read is replaced
  if (force == Force::No && before && *before) {
    if (!same_ledger(**before, known) || (*before)->events() >= known.events()) return {};
  }
  const std::string fresh = file + ".new";
  {
    DAYBOOK_TRY(out, env_.files->open(fresh, OpenMode::Create));
    const std::string text = encode(known);
    DAYBOOK_CHECK(out->truncate(0));
    DAYBOOK_CHECK(out->write_at(0, as_bytes(text)));
  }
  return env_.files->rename(fresh, file);
}

}  // namespace daybook
