// SPDX-License-Identifier: Apache-2.0
//
// Fills text.db, and turns what people type into a full-text expression.
//
// Indexed are the type, stream, subject and actor of an event and the keys and
// strings of its data, up to kMaxTextBytes; events cut there are counted. The
// strings follow each other, so a phrase may match across two neighbours.
// Not thread-safe; a writer lives no longer than its transaction.
#pragma once

#include <memory>
#include <string>

#include "index/sqlite.h"
#include "index/writer.h"

namespace daybook::views {

inline constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;  // of data, per event
inline constexpr std::size_t kMaxSearchBytes = 4096;

class TextWriter final : public EventWriter {
 public:
  [[nodiscard]] static Result<std::unique_ptr<EventWriter>> open(Database& db);
  // What open() puts together.
  explicit TextWriter(Statement add) : add_(std::move(add)) {}

  [[nodiscard]] Result<Added> add(const EventView& event, std::string_view json) override;
  [[nodiscard]] Result<void> flush() override { return {}; }

 private:
  Statement add_;
  std::string text_;
};

// Appends the keys and strings of a JSON text to `text`, one a line, escapes
// resolved; stops at kMaxTextBytes. True when all of it fitted.
bool append_strings(std::string_view json, std::string& text);

// The FTS5 expression for a search. Tried in this order, the first that FTS5
// accepts is taken: the text as it is; the same with every word quoted that is
// no plain word, operator or phrase; everything quoted, word by word.
// Errors: InvalidArgument (no words, not UTF-8), LimitExceeded.
[[nodiscard]] Result<std::string> search_expression(Database& text_db, std::string_view search);

}  // namespace daybook::views
