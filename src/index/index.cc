// SPDX-License-Identifier: Apache-2.0
#include "daybook/index.h"

#include "index/questions.h"

namespace daybook {

class Index::Impl {
 public:
  Impl(Ledger& ledger, std::string ledger_id, Progress progress)
      : views(ledger, std::move(ledger_id), std::move(progress)) {}

  views::Views views;
};

Index::Index(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;
Index::~Index() = default;

// The file is opened, judged and made by the first question.
Result<Index> Index::open(Ledger& ledger, Progress progress) {
  DAYBOOK_TRY(status, ledger.status());
  return Index(std::make_unique<Impl>(ledger, std::move(status.ledger_id), std::move(progress)));
}

Result<Completeness> Index::catch_up(Depth depth) {
  return views::with_views(impl_->views, depth,
                           [](const views::Ready&) -> Result<void> { return {}; });
}

Result<Completeness> Index::rebuild(Depth depth) {
  DAYBOOK_CHECK(impl_->views.rebuild(depth));
  return catch_up(depth);
}

Result<QueryResult> Index::query(const Query& query) {
  QueryResult result;
  DAYBOOK_TRY(outcome,
              views::run_query(impl_->views, query, views::Beyond::Look, [&](const Event& event) {
                result.events.push_back(event);
                return true;
              }));
  result.more = outcome.more;
  result.completeness = std::move(outcome.completeness);
  return result;
}

Result<Completeness> Index::query(const Query& query,
                                  const std::function<bool(const Event&)>& visit) {
  DAYBOOK_TRY(outcome, views::run_query(impl_->views, query, views::Beyond::Ignore, visit));
  return std::move(outcome.completeness);
}

Result<Chain> Index::effects_of(const EventId& id, const ChainOptions& options) {
  return views::effects_of(impl_->views, id, options);
}

Result<std::vector<Seq>> Index::direct_effects(Seq seq) {
  return views::direct_effects(impl_->views, seq);
}

Result<std::vector<Index::StreamInfo>> Index::streams(std::string_view glob, std::uint64_t limit) {
  return views::list_streams(impl_->views, glob, limit);
}

Result<Index::Status> Index::status() { return impl_->views.status(); }

Result<std::vector<Finding>> Index::check() { return impl_->views.check(); }

}  // namespace daybook
