// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a transcript, by every reader: nothing ends the process, every record
// points into the file, and a pass that was cut anywhere and resumed gives the same
// records as one pass. The first byte chooses the reader, the next two the cut. The
// last line gets its newline: without one, when a record is taken depends on the cut.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/bytes.h"
#include "daybook/transcript.h"
#include "fuzz/require.h"
#include "support/test_environment.h"

namespace daybook::fuzzing {
namespace {

constexpr std::size_t kChoiceBytes = 3;
const std::string kPath = "/s.jsonl";

class Reading {
 public:
  Reading(std::string_view reader, std::string_view bytes) : bytes_(bytes) {
    file_ = {.reader = std::string(reader), .path = kPath, .session = "s"};
    auto opened = world_.environment().files->open(kPath, OpenMode::Create);
    require(opened.has_value(), "the file can be made");
    disk_ = *std::move(opened);
  }

  // Reads on with so many bytes in the file; adds to the records seen.
  void read(std::size_t size, std::string& seen) {
    require(disk_->truncate(0).has_value(), "the file can be cut");
    require(disk_->write_at(0, as_bytes(bytes_.substr(0, size))).has_value(), "and written");
    const auto summary = read_transcript(
        file_, {.position = position_},
        [&](const TranscriptRecord& record) {
          require(record.offset + record.raw.size() <= size, "a record lies within the file");
          require(bytes_.substr(record.offset, record.raw.size()) == record.raw,
                  "raw is what stands at the offset");
          seen += fmt::format("{} {} {} {} {} {} {} {}\n", to_string(record.kind), record.id,
                              record.parent, record.turn, record.line, record.tool, record.text,
                              record.arguments);
          return true;
        },
        world_.environment());
    require(summary.has_value(), "any file can be read");
    require(!summary->restarted, "a file that grew is the same file");
    position_ = summary->position;
  }

 private:
  testing::TestEnvironment world_;
  std::string_view bytes_;
  TranscriptFile file_;
  std::unique_ptr<File> disk_;
  std::string position_;
};

}  // namespace
}  // namespace daybook::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  if (size < fuzzing::kChoiceBytes) return 0;
  const auto readers = reader_names();
  const std::string_view reader = readers[data[0] % readers.size()];
  const std::size_t cut = std::size_t{data[1]} << 8U | data[2];
  std::string bytes(as_text(ByteView(data, size).subspan(fuzzing::kChoiceBytes)));
  bytes.push_back('\n');
  std::string whole;
  fuzzing::Reading(reader, bytes).read(bytes.size(), whole);
  std::string parts;
  fuzzing::Reading resumed(reader, bytes);
  resumed.read(cut % (bytes.size() + 1), parts);
  resumed.read(bytes.size(), parts);
  fuzzing::require(whole == parts, "a resumed pass gives the records of one pass");
  return 0;
}
