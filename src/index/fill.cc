// SPDX-License-Identifier: Apache-2.0
#include "index/fill.h"

#include <fmt/format.h>

#include "index/data_reader.h"
#include "index/fields.h"
#include "index/log_walk.h"
#include "index/text.h"

namespace daybook::views {
namespace {

// Where the data of an event stands that could not be read.
LostRange lost_data(const EventView& event) {
  LostRange range{.file = {}, .first = event.seq, .last = event.seq};
  if (event.data_state == DataState::Blob) {
    const std::string digest = to_string(event.blob);
    range.file = fmt::format("blobs/{}/{}.zst", digest.substr(0, 2), digest);
  }
  return range;
}

class Filling {
 public:
  Filling(Ledger& ledger, EventWriter& writer, ViewState state)
      : data_(ledger), writer_(&writer), state_(std::move(state)) {}

  Result<void> add(const EventView& event) {
    DAYBOOK_TRY(json, data_.text_of(event));
    if (!json) {
      ++state_.unread_events;
      add_lost(lost_, lost_data(event));
    }
    DAYBOOK_TRY(added, writer_->add(event, json.value_or(std::string_view())));
    if (added == EventWriter::Added::Cut) ++state_.cut_events;
    state_.anchor = event.seq;
    id_ = event.id;
    commitment_ = event.commitment;
    return {};
  }

  ViewState finish(Seq reached) {
    state_.indexed = std::max(state_.indexed, reached);
    if (id_ != EventId{}) {
      state_.anchor_id = to_string(id_);
      state_.anchor_commitment = to_string(commitment_);
    }
    return std::move(state_);
  }

  [[nodiscard]] const std::vector<LostRange>& lost() const { return lost_; }

 private:
  DataReader data_;
  EventWriter* writer_;
  ViewState state_;
  EventId id_;
  Digest commitment_;
  std::vector<LostRange> lost_;
};

}  // namespace

Result<ViewState> fill(Ledger& ledger, Database& db, ViewState state, const FillRequest& request,
                       Ticker& ticker) {
  DAYBOOK_TRY(writer, request.view == View::Fields ? FieldsWriter::open(db, request.earlier)
                                                   : TextWriter::open(db));
  DAYBOOK_TRY(walk, LogWalk::open(ledger, state.indexed.next(), request.to, Direction::Forward));
  Filling filling(ledger, *writer, std::move(state));
  for (;;) {
    DAYBOOK_TRY(event, walk.next());
    if (event == nullptr) break;
    DAYBOOK_CHECK(filling.add(*event));
    ticker.tick();
  }
  DAYBOOK_CHECK(writer->flush());
  // Both views walk the same log: one list of what it lost is enough.
  if (request.view == View::Fields) {
    DAYBOOK_CHECK(write_lost(db, walk.lost()));
    DAYBOOK_CHECK(write_lost(db, filling.lost()));
  }
  ViewState filled = filling.finish(walk.reached());
  DAYBOOK_CHECK(write_state(db, request.view, filled));
  return filled;
}

}  // namespace daybook::views
