// SPDX-License-Identifier: Apache-2.0
//
// Telling whose file it is from its first lines.
#include <string>

#include "daybook/transcript.h"
#include "transcript/line_parser.h"
#include "transcript/line_source.h"
#include "transcript/reader.h"

namespace daybook {
namespace {

constexpr int kMaxLinesLookedAt = 64;

}  // namespace

Result<std::string> recognise_transcript(const std::string& path, Environment env) {
  using namespace transcript;
  DAYBOOK_TRY(file, env.files->open(path, OpenMode::Read));
  LineSource source(*file, 0);
  LineParser parser;
  SourceLine line;
  for (int i = 0; i < kMaxLinesLookedAt; ++i) {
    DAYBOOK_TRY(more, source.next(line));
    if (!more) break;
    LinePart part;
    if (!parser.parse_whole(strip_line(line.text), part)) continue;
    for (const Reader* reader : all_readers()) {
      if (reader->recognises(part.root)) return std::string(reader->name());
    }
  }
  return std::string{};
}

}  // namespace daybook
