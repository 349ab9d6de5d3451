// SPDX-License-Identifier: Apache-2.0
//
// What damage leaves open. An event whose envelope cannot be read keeps its place
// in the log, but nobody knows its stream, version and key any more. Sealed
// segments have that in their tables, as far as it could be read when they were
// sealed. For the rest the log does not guess: no version is given twice, and
// what cannot be answered is refused until somebody accepts the loss, by an event
// in the stream kLossStream.
#include <algorithm>

#include <fmt/format.h>

#include "ledger/log.h"

namespace daybook {
namespace {

std::unexpected<Error> hidden_by_damage(std::string_view question) {
  return fail(Errc::Corruption,
              fmt::format("{}: events that may tell are damaged and cannot be read", question),
              "see `daybook verify`; put the segment back from a backup, or go on without them: "
              "`daybook repair --accept-loss`");
}

}  // namespace

Result<Log::StreamEnd> Log::stream_end_locked(std::string_view stream) {
  const Seq first = active_->index.first_seq();
  const StreamPart* part = active_->index.find(stream);
  if (part != nullptr && !part->seqs.empty()) {
    return StreamEnd{part->last, active_->unreadable_after(Seq{first.value + part->seqs.back()})};
  }
  DAYBOOK_TRY(holding, sealed_holding(stream, stream_hash(stream), kLastSeq));
  std::span<const Seq> since = sealed_segments();
  if (holding) since = {std::ranges::lower_bound(since, holding->first), since.end()};
  DAYBOOK_TRY(sealed_away, streams_.unreadable(since));
  return StreamEnd{holding ? holding->entry.last : Version{},
                   sealed_away + active_->unreadable_after(Seq{})};
}

Result<void> Log::check_version_known_locked(std::string_view stream, std::uint64_t hidden) {
  if (hidden == 0) return {};
  DAYBOOK_TRY(accepted, loss_accepted());
  if (accepted) return {};
  return hidden_by_damage(fmt::format("the version of stream {} is not certain", stream));
}

Result<void> Log::check_keys_known_locked(std::string_view stream) {
  const StreamPart* part = active_->index.find(stream);
  const bool begins_here = part != nullptr && part->first == Version{1};
  const Seq begin =
      begins_here ? Seq{active_->index.first_seq().value + part->seqs.front()} : Seq{};
  std::uint64_t unreadable = active_->unreadable_after(begin);
  if (!begins_here) {
    DAYBOOK_TRY(sealed_away, streams_.unreadable(sealed_segments()));
    unreadable += sealed_away;
  }
  if (unreadable == 0) return {};
  DAYBOOK_TRY(accepted, loss_accepted());
  if (accepted) return {};
  return hidden_by_damage(
      fmt::format("whether stream {} has an event with this key is not certain", stream));
}

Result<std::uint64_t> Log::unreadable() {
  const std::shared_lock lock(mutex_);
  DAYBOOK_TRY(sealed_away, streams_.unreadable(sealed_segments()));
  return sealed_away + active_->unreadable_after(Seq{});
}

// Whether all events that cannot be read were known as lost when somebody said so.
Result<bool> Log::loss_accepted() {
  const StreamPart* part = active_->index.find(kLossStream);
  if (part != nullptr && !part->seqs.empty()) {
    const Seq said{active_->index.first_seq().value + part->seqs.back()};
    return active_->unreadable_after(said) == 0;
  }
  if (active_->unreadable_after(Seq{}) > 0) return false;
  DAYBOOK_TRY(holding, sealed_holding(kLossStream, stream_hash(kLossStream), kLastSeq));
  if (!holding) return false;
  const std::span<const Seq> sealed = sealed_segments();
  DAYBOOK_TRY(
      since, streams_.unreadable({std::ranges::upper_bound(sealed, holding->first), sealed.end()}));
  return since == 0;
}

}  // namespace daybook
