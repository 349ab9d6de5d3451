// SPDX-License-Identifier: Apache-2.0
#include "ledger/verify_causes.h"

#include <algorithm>
#include <span>

#include "ledger/cursor.h"

namespace daybook {
namespace {

// Looking one event up costs about as much as walking over this many.
constexpr std::uint64_t kLookupInSteps = 200;

using Uses = std::span<const CauseUse>;

Result<void> look_up(Ledger::Impl& ledger, Uses wanted, std::vector<CauseUse>& missing) {
  const CauseUse* before = nullptr;
  bool there = false;
  for (const CauseUse& use : wanted) {
    if (before == nullptr || before->cause != use.cause) {
      const auto found = ledger.log->find(use.cause);
      if (!found && found.error().code != Errc::NotFound &&
          found.error().code != Errc::Corruption) {
        return fail(found.error());
      }
      there = found || found.error().code == Errc::Corruption;
    }
    if (!there) missing.push_back(use);
    before = &use;
  }
  return {};
}

// Both the events and what is wanted ascend by id. What the walk does not meet
// is looked up by itself: it may lie in a damaged place, which may end the walk.
Result<void> walk(Ledger::Impl& ledger, Seq first, Uses wanted, std::vector<CauseUse>& missing) {
  const auto cursor = Cursor::Impl::make(*ledger.log, {.from = first});
  std::size_t at = 0;
  std::vector<CauseUse> unmet;
  while (at < wanted.size()) {
    const auto next = cursor->next();
    if (!next && next.error().code != Errc::Corruption) return fail(next.error());
    if (!next || *next == nullptr) break;
    const EventId& id = (*next)->id;
    for (; at < wanted.size() && wanted[at].cause < id; ++at) unmet.push_back(wanted[at]);
    while (at < wanted.size() && wanted[at].cause == id) ++at;
  }
  unmet.insert(unmet.end(), wanted.begin() + static_cast<std::ptrdiff_t>(at), wanted.end());
  return look_up(ledger, unmet, missing);
}

}  // namespace

void CauseLookup::add(const std::vector<CauseUse>& uses) {
  pending_.insert(pending_.end(), uses.begin(), uses.end());
}

Result<std::vector<CauseUse>> CauseLookup::resolve(Ledger::Impl& ledger) {
  std::vector<CauseUse> missing;
  std::ranges::sort(pending_, {}, &CauseUse::cause);
  auto from = pending_.begin();
  for (std::size_t i = 0; i <= segments_.size(); ++i) {
    const auto to =
        i == segments_.size()
            ? pending_.end()
            : std::ranges::lower_bound(from, pending_.end(), segments_[i].id, {}, &CauseUse::cause);
    const Uses wanted(from, to);
    const bool known_segment = i > 0 && i < segments_.size();
    const std::uint64_t events =
        known_segment ? segments_[i].first.value - segments_[i - 1].first.value : 0;
    if (known_segment && wanted.size() * kLookupInSteps > events) {
      DAYBOOK_CHECK(walk(ledger, segments_[i - 1].first, wanted, missing));
    } else {
      DAYBOOK_CHECK(look_up(ledger, wanted, missing));
    }
    from = to;
  }
  pending_.clear();
  return missing;
}

}  // namespace daybook
