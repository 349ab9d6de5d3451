// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>

#include "index/questions.h"

namespace daybook::views {
namespace {

using StreamInfo = Index::StreamInfo;

Result<void> add_streams(Database& db, std::string_view glob, std::int64_t limit,
                         std::map<std::string, StreamInfo>& streams) {
  DAYBOOK_TRY(rows, db.prepare("SELECT n.text, s.events, s.first_seq, s.last_seq, s.first_time, "
                               "s.last_time FROM streams AS s JOIN names AS n ON n.id = s.stream "
                               "WHERE n.text = ?1 OR n.text GLOB ?2 "
                               "ORDER BY s.last_seq DESC LIMIT ?3"));
  rows.bind(1, glob);
  rows.bind(2, std::string_view(to_sql_glob(glob)));
  rows.bind(3, limit);
  for (;;) {
    DAYBOOK_TRY(more, rows.step());
    if (!more) return {};
    StreamInfo& info = streams[std::string(rows.text(0))];
    // Parts come in ascending order: the first one knows how it began.
    if (info.events == 0) {
      info.stream = rows.text(0);
      info.first = Seq{static_cast<std::uint64_t>(rows.integer(2))};
      info.first_time = Timestamp{rows.integer(4)};
    }
    info.events += static_cast<std::uint64_t>(rows.integer(1));
    info.last = Seq{static_cast<std::uint64_t>(rows.integer(3))};
    info.last_time = Timestamp{rows.integer(5)};
  }
}

}  // namespace

Result<std::vector<StreamInfo>> list_streams(Views& views, std::string_view glob,
                                             std::uint64_t limit) {
  std::map<std::string, StreamInfo> streams;
  const auto ask = [&](const Ready& ready) -> Result<void> {
    streams.clear();
    // Of two parts each may hold half of a stream: only one alone can cut.
    constexpr auto kAll = std::numeric_limits<std::int64_t>::max();
    const bool may_cut = limit != 0 && limit < kAll && ready.parts.size() == 1;
    for (const Part& part : ready.parts) {
      DAYBOOK_CHECK(add_streams(*part.fields, glob,
                                may_cut ? static_cast<std::int64_t>(limit) : kAll, streams));
    }
    return {};
  };
  DAYBOOK_CHECK(with_views(views, Index::Depth::Fields, ask));
  std::vector<StreamInfo> list;
  list.reserve(streams.size());
  for (auto& [name, info] : streams) list.push_back(std::move(info));
  std::sort(list.begin(), list.end(),
            [](const StreamInfo& a, const StreamInfo& b) { return a.last > b.last; });
  if (limit != 0 && list.size() > limit) list.resize(limit);
  return list;
}

}  // namespace daybook::views
