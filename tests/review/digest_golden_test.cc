// SPDX-License-Identifier: Apache-2.0
//
// What both sets of rules say about the same day of work: one session of every reader
// under fixtures/, laid out as its agent lays it out, imported and reviewed as a user
// would, and the digests compared byte for byte with those under golden/.
//
// After a change of the rules: DAYBOOK_WRITE_GOLDEN=1 writes the digests anew; read
// the difference before it is kept.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "daybook/import.h"
#include "daybook/review.h"
#include "support/ledgers.h"

namespace daybook {
namespace {

using testing::expect;
using testing::TestEnvironment;

const std::filesystem::path kHere = std::filesystem::path(DAYBOOK_SOURCE_DIR) / "tests/review";
constexpr Timestamp kEvening{1'784'066'400'000'000};  // 2026-07-14T22:00:00Z

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class DigestGolden : public ::testing::TestWithParam<Rules> {
 protected:
  DigestGolden() : ledger_(expect(Ledger::create("/ledger", {}, world_.environment()))) {
    world_.clock.set(kEvening);
    const std::filesystem::path fixtures = kHere / "fixtures";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(fixtures)) {
      if (!entry.is_regular_file()) continue;
      const std::string name = std::filesystem::relative(entry.path(), fixtures).string();
      world_.disk.put_file("/home/" + name, as_bytes(content_of(entry.path())));
    }
  }

  ImportReport import() {
    ImportOptions options;
    options.home = "/home";
    for (const std::string_view reader : reader_names()) {
      options.sources.push_back(
          {.reader = std::string(reader), .paths = {"/home/" + std::string(reader)}});
    }
    return expect(import_transcripts(ledger_, options, world_.environment()));
  }

  TestEnvironment world_;
  Ledger ledger_;
};

TEST_P(DigestGolden, OfADayWithEveryReader) {
  const ImportReport imported = import();
  ASSERT_EQ(imported.readers.size(), reader_names().size()) << "a reader found nothing";
  for (const ImportedFile& file : imported.imported) {
    EXPECT_FALSE(file.error) << file.file.path;
    EXPECT_EQ(file.summary.skipped, 0U) << file.file.path;
  }
  const ReviewOptions options{.rules = GetParam(), .digest_dir = "/digests"};
  const ReviewReport report = expect(review_nightly(ledger_, options, world_.environment()));
  const std::string digest(as_text(world_.disk.content(report.digest_path)));
  const std::filesystem::path golden =
      kHere / "golden" / ("digest-" + std::string(to_string(GetParam())) + ".md");
  if (std::getenv("DAYBOOK_WRITE_GOLDEN") != nullptr) {
    std::ofstream(golden, std::ios::binary) << digest;
  }
  EXPECT_EQ(digest, content_of(golden));
}

INSTANTIATE_TEST_SUITE_P(Rules, DigestGolden, ::testing::Values(Rules::Daybook, Rules::Jilog),
                         [](const auto& rules) { return std::string(to_string(rules.param)); });

}  // namespace
}  // namespace daybook
