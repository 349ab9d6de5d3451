// SPDX-License-Identifier: Apache-2.0
//
// One pass over one file: lines to objects, objects to records.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "daybook/transcript.h"
#include "transcript/line_parser.h"
#include "transcript/line_source.h"
#include "transcript/position.h"
#include "transcript/reader.h"
#include "transcript/tally.h"

namespace daybook {
namespace transcript {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Pass {
 public:
  Pass(const Reader& reader, const TranscriptOptions& options, Cursor& cursor,
       TranscriptSummary& summary, const RecordVisitor& visit)
      : reader_(&reader),
        options_(&options),
        cursor_(&cursor),
        summary_(&summary),
        out_(cursor.state, summary, visit) {}

  // Takes lines until the file ends, `end` is reached, or the visitor has enough.
  [[nodiscard]] Result<void> run(const File& file, std::uint64_t end = UINT64_MAX) {
    LineSource source(file, cursor_->offset);
    SourceLine line;
    while (cursor_->offset < end) {
      DAYBOOK_TRY(more, source.next(line));
      if (!more || !take(line)) break;
    }
    summary_->bytes += source.bytes_read();
    return {};
  }

  // The cursor then stands before the line that was the last.
  [[nodiscard]] bool stopped() const { return out_.stopped(); }

 private:
  // False when the pass ends before or within this line.
  bool take(const SourceLine& line) {
    number_ = cursor_->line_open ? cursor_->line : cursor_->line + 1;
    std::string_view text = line.text;
    if (line.offset == 0 && text.starts_with(kByteOrderMark)) {
      text.remove_prefix(kByteOrderMark.size());
    }
    text = strip_line(text);
    if (line.ending == SourceLine::Ending::Unfinished) {
      if (!take_unfinished(line, text)) return false;
    } else if (line.ending == SourceLine::Ending::TooLong) {
      skip(Skipped::Reason::TooLong, line.offset,
           fmt::format("{} bytes; at most {} are read", line.bytes, kMaxTranscriptLineBytes));
    } else if (!text.empty()) {
      take_whole(line, text);
    }
    if (out_.stopped()) return false;
    if (!cursor_->line_open) ++summary_->lines;
    cursor_->line = number_;
    cursor_->line_open = line.ending == SourceLine::Ending::Unfinished;
    cursor_->offset = line.offset + line.bytes;
    return true;
  }

  bool take_unfinished(const SourceLine& line, std::string_view text) {
    LinePart part;
    const bool whole =
        options_->take_unfinished_line && !text.empty() && parser_.parse_whole(text, part);
    summary_->partial_line = !whole && (!text.empty() || line.bytes > kMaxTranscriptLineBytes);
    if (whole) decode(line, part);
    return whole;
  }

  void take_whole(const SourceLine& line, std::string_view text) {
    LinePart whole;
    if (parser_.parse_whole(text, whole)) return decode(line, whole);
    int records = 0;
    parser_.recover(text, [&](const LinePart& part) {
      if (out_.stopped()) return;
      if (part.problem.empty()) {
        if (++records == 2) {
          skip(Skipped::Reason::Split, line.offset, "several records on one line; all are used");
        }
        decode(line, part);
      } else {
        skip(Skipped::Reason::Malformed, place_of(line, part), std::string(part.problem));
      }
    });
  }

  void decode(const SourceLine& line, const LinePart& part) {
    const std::uint64_t offset = place_of(line, part);
    if (part.repaired) {
      skip(Skipped::Reason::Repaired, offset, "characters that are none, replaced by U+FFFD");
    }
    out_.begin({.raw = part.bytes, .offset = offset, .line = number_});
    reader_->decode(part.object, cursor_->state, out_);
    out_.end();
  }

  static std::uint64_t place_of(const SourceLine& line, const LinePart& part) {
    return line.offset + static_cast<std::uint64_t>(part.bytes.data() - line.text.data());
  }

  void skip(Skipped::Reason reason, std::uint64_t offset, std::string why) {
    note_skipped(*summary_,
                 {.reason = reason, .line = number_, .offset = offset, .why = std::move(why)});
  }

  const Reader* reader_;
  const TranscriptOptions* options_;
  Cursor* cursor_;
  TranscriptSummary* summary_;
  Emitter out_;
  LineParser parser_;
  std::uint64_t number_ = 0;  // of the line at hand
};

Result<Cursor> first_cursor(const Reader& reader, const TranscriptFile& file, Environment env) {
  Cursor cursor;
  cursor.state.main = {.id = file.session,
                       .harness = file.harness.empty() ? std::string(reader.name()) : file.harness,
                       .project = file.project};
  DAYBOOK_CHECK(reader.start(file, cursor.state, env));
  return cursor;
}

// Where the pass starts: where the last one stopped, or at the beginning.
struct Beginning {
  Cursor cursor;
  bool restarted = false;
};
Result<Beginning> find_beginning(const Reader& reader, const TranscriptFile& file,
                                 const TranscriptOptions& options, const File& content,
                                 Environment env) {
  if (!options.position.empty()) {
    DAYBOOK_TRY(known, load_position(options.position, reader.name(), content));
    if (known) return Beginning{.cursor = *std::move(known)};
  }
  DAYBOOK_TRY(cursor, first_cursor(reader, file, env));
  return Beginning{.cursor = std::move(cursor), .restarted = !options.position.empty()};
}

}  // namespace
}  // namespace transcript

Result<TranscriptSummary> read_transcript(const TranscriptFile& file,
                                          const TranscriptOptions& options,
                                          const RecordVisitor& visit, Environment env) {
  using namespace transcript;
  const Reader* reader = find_reader(file.reader);
  if (reader == nullptr) return fail(no_such_reader(file.reader));
  DAYBOOK_TRY(content, env.files->open(file.path, OpenMode::Read));
  DAYBOOK_TRY(beginning, find_beginning(*reader, file, options, *content, env));
  TranscriptSummary summary;
  summary.restarted = beginning.restarted;
  Pass pass(*reader, options, beginning.cursor, summary, visit);
  DAYBOOK_CHECK(pass.run(*content));
  if (pass.stopped()) {
    // What the last line changed must be forgotten: the state before it is found by
    // going there once more, which keeps the common case free of copies.
    const std::uint64_t end = beginning.cursor.offset;
    DAYBOOK_TRY(again, find_beginning(*reader, file, options, *content, env));
    TranscriptSummary ignored;
    const RecordVisitor nobody = [](const TranscriptRecord&) { return true; };
    Pass replay(*reader, options, again.cursor, ignored, nobody);
    DAYBOOK_CHECK(replay.run(*content, end));
    beginning.cursor = std::move(again.cursor);
  }
  DAYBOOK_TRY(position, save_position(beginning.cursor, reader->name(), *content));
  summary.position = std::move(position);
  return summary;
}

}  // namespace daybook
