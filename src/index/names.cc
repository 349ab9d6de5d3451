// SPDX-License-Identifier: Apache-2.0
#include "index/names.h"

namespace daybook::views {

std::string_view to_string(NameKind kind) {
  switch (kind) {
    case NameKind::Stream:
      return "stream";
    case NameKind::Type:
      return "type";
    case NameKind::Class:
      return "class";
    case NameKind::Source:
      return "source";
    case NameKind::Actor:
      return "actor";
    case NameKind::Subject:
      return "subject";
    case NameKind::Subsystem:
      return "subsystem";
    case NameKind::Correlation:
      return "correlation";
  }
  return "";
}

Result<Names> Names::open(Database& db) {
  DAYBOOK_TRY(find, db.prepare("SELECT id FROM names WHERE kind = ?1 AND text = ?2"));
  DAYBOOK_TRY(add, db.prepare("INSERT INTO names(id, kind, text) VALUES(?1, ?2, ?3)"));
  DAYBOOK_TRY(raise, db.prepare("UPDATE names SET events = events + ?2 WHERE id = ?1"));
  DAYBOOK_TRY(last, db.number("SELECT max(id) FROM names"));
  Names names(std::move(find), std::move(add), std::move(raise));
  names.last_id_ = last.value_or(0);
  return names;
}

Result<std::int64_t> Names::count(NameKind kind, std::string_view text) {
  Kind& of_kind = kinds_[static_cast<std::size_t>(kind)];
  if (of_kind.latest == nullptr || of_kind.latest->first != text) {
    auto found = of_kind.names.find(text);
    if (found == of_kind.names.end()) {
      if (cached_ >= kMaxCachedNames) DAYBOOK_CHECK(flush());
      DAYBOOK_TRY(id, look_up(kind, text));
      found = of_kind.names.emplace(text, Entry{.id = id}).first;
      ++cached_;
    }
    of_kind.latest = &*found;
  }
  Entry& entry = of_kind.latest->second;
  ++entry.uncounted;
  return entry.id;
}

Result<std::int64_t> Names::look_up(NameKind kind, std::string_view text) {
  find_.bind(1, to_string(kind));
  find_.bind(2, text);
  const auto known = find_.step();
  const std::int64_t found = known && *known ? find_.integer(0) : 0;
  find_.reset();
  if (!known) return fail(known.error());
  if (*known) return found;
  add_.bind(1, ++last_id_);
  add_.bind(2, to_string(kind));
  add_.bind(3, text);
  DAYBOOK_CHECK(add_.run());
  return last_id_;
}

Result<void> Names::flush() {
  const bool full = cached_ >= kMaxCachedNames;
  for (Kind& kind : kinds_) {
    for (auto& [text, entry] : kind.names) {
      if (entry.uncounted == 0) continue;
      raise_.bind(1, entry.id);
      raise_.bind(2, entry.uncounted);
      DAYBOOK_CHECK(raise_.run());
      entry.uncounted = 0;
    }
    if (full) {
      kind.names.clear();
      kind.latest = nullptr;
    }
  }
  if (full) cached_ = 0;
  return {};
}

}  // namespace daybook::views
