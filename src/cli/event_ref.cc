// SPDX-License-Identifier: Apache-2.0
#include "cli/event_ref.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggest.h"
#include "cli/output.h"
#include "daybook/index.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kUlidChars = 26;
constexpr std::uint64_t kMaxSuggested = 10'000;  // streams looked at for a suggestion
constexpr std::uint64_t kMaxShown = 5;           // streams named when several match

std::optional<std::uint64_t> as_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

Result<Event> at_seq(Ledger& ledger, std::uint64_t seq) {
  auto event = seq == 0 ? Result<Event>(fail(Errc::NotFound, "")) : ledger.read(Seq{seq});
  if (event || event.error().code != Errc::NotFound) return event;
  DAYBOOK_TRY(last, ledger.last());
  return fail(Errc::NotFound, fmt::format("there is no event #{}", seq),
              last.value == 0 ? "the ledger is empty"
                              : fmt::format("the ledger holds #1 to #{}", last.value));
}

std::string quoted_glob(std::string_view name) {
  std::string glob;
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[') {
      glob += fmt::format("[{}]", c);
    } else {
      glob.push_back(c);
    }
  }
  return glob;
}

Result<std::string> stream_by_ending(Ledger& ledger, std::string_view name) {
  DAYBOOK_TRY(index, Index::open(ledger));
  DAYBOOK_TRY(found, index.streams("*/" + quoted_glob(name), kMaxShown));
  if (found.size() == 1) return found.front().stream;
  std::vector<std::string> names;
  if (!found.empty()) {
    for (const auto& info : found) names.push_back(info.stream);
    return fail(Errc::InvalidArgument,
                fmt::format("'{}' may mean several streams: {}", name, fmt::join(names, ", ")),
                "give the full name");
  }
  DAYBOOK_TRY(all, index.streams("*", kMaxSuggested));
  std::vector<std::string> newest;
  for (const auto& info : all) {
    if (newest.size() < kMaxShown) newest.push_back(info.stream);
    names.push_back(info.stream);
    const auto slash = info.stream.rfind('/');
    if (slash != std::string::npos) names.push_back(info.stream.substr(slash + 1));
  }
  return fail(Errc::NotFound, fmt::format("there is no stream '{}'", name),
              suggestion(name, names,
                         all.empty() ? "the ledger is empty"
                                     : fmt::format("newest streams: {}", fmt::join(newest, ", "))));
}

}  // namespace

Seq first_after(std::uint64_t after) { return Seq{std::min(after, kLastSeq.value - 1)}.next(); }

Result<std::string> find_stream(Ledger& ledger, std::string_view name) {
  DAYBOOK_TRY(version, ledger.stream_version(name));
  if (version.value > 0) return std::string(name);
  return stream_by_ending(ledger, name);
}

Result<Event> event_at(Ledger& ledger, const std::string& stream, Version version) {
  DAYBOOK_TRY(newest, ledger.stream_version(stream));
  const auto missing = [&] {
    return fail(Errc::NotFound, fmt::format("no event {} in {}", version.value, stream),
                fmt::format("the stream holds {}", counted(newest.value, "event")));
  };
  if (version.value == 0 || version > newest) return missing();
  const bool from_end = version.value > newest.value / 2;
  DAYBOOK_TRY(cursor, ledger.scan({.direction = from_end ? Direction::Backward : Direction::Forward,
                                   .stream = stream}));
  while (true) {
    DAYBOOK_TRY(event, cursor.next());
    if (event == nullptr) return missing();
    if (event->version == version) return to_event(*event);
  }
}

Result<Event> find_event(Ledger& ledger, std::string_view text) {
  const auto hash = text.rfind('#');
  const std::string_view digits = hash == 0 ? text.substr(1) : text;
  if (const auto seq = as_number(digits)) return at_seq(ledger, *seq);
  if (hash != std::string_view::npos && hash > 0) {
    if (const auto version = as_number(text.substr(hash + 1))) {
      DAYBOOK_TRY(stream, find_stream(ledger, text.substr(0, hash)));
      return event_at(ledger, stream, Version{*version});
    }
  }
  if (text.size() == kUlidChars) {
    DAYBOOK_TRY(id, parse_event_id(text));
    auto event = ledger.find(id);
    if (event || event.error().code != Errc::NotFound) return event;
    return fail(Errc::NotFound, fmt::format("there is no event {}", text));
  }
  return fail(Errc::InvalidArgument, fmt::format("'{}' names no event", text),
              fmt::format("name it by {}", kEventRefHelp));
}

}  // namespace daybook::cli
