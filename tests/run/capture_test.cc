// SPDX-License-Identifier: Apache-2.0
//
// What is kept of an output: all of it on disk, its tail in memory, and the
// tail as text that is valid whatever was printed.
#include "run/capture.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "support/faulty_file_system.h"
#include "support/random.h"

namespace daybook {
namespace {

using testing::FaultyFileSystem;
using testing::Random;

TEST(Capture, TailIsTheEndOfEverythingGiven) {
  Random random(7);
  for (int round = 0; round < 100; ++round) {
    const std::size_t tail_bytes = random.below(40);
    Capture capture(std::nullopt, tail_bytes);
    std::string all;
    for (std::uint64_t piece = random.below(12); piece > 0; --piece) {
      const std::string text(random.below(60), static_cast<char>('a' + random.below(26)));
      capture.add(as_bytes(text));
      all += text;
    }

    ASSERT_EQ(capture.tail(), all.substr(all.size() - std::min(all.size(), tail_bytes)));
    ASSERT_EQ(capture.total(), all.size());
  }
}

TEST(Capture, GoesOnWithoutItsSpool) {
  FaultyFileSystem disk;
  Capture capture(Spool::create(disk, "/spool", 1000).value(), 100);
  capture.add(as_bytes("on disk "));
  disk.fail({.kind = testing::Operation::Write, .code = Errc::NoSpace});

  capture.add(as_bytes("not on disk "));
  capture.add(as_bytes("nor this"));

  EXPECT_EQ(capture.tail(), "on disk not on disk nor this");
  EXPECT_EQ(capture.total(), 28u);
  EXPECT_NE(capture.failure(), "");
}

TEST(TextTail, BeginsAtACharacter) {
  EXPECT_EQ(text_tail("naïve", 3), "ve");  // the cut falls into the ï
  EXPECT_EQ(text_tail("naïve", 4), "ïve");
  EXPECT_EQ(text_tail("naïve", 100), "naïve");
  EXPECT_EQ(text_tail("", 10), "");
  EXPECT_EQ(text_tail("abc", 0), "");
}

TEST(TextTail, ReplacesWhatIsNoText) {
  EXPECT_EQ(text_tail("a\xFF"
                      "b",
                      10),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(text_tail("\xE2\x82", 10), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(text_tail("\xED\xA0\x80", 10).find("\xED"), std::string::npos);  // a surrogate
  EXPECT_EQ(text_tail("\xC0\x80", 10).find("\xC0"), std::string::npos);      // overlong
}

TEST(TextTail, IsValidWhateverWasPrinted) {
  Random random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random.below(40), '\0');
    for (char& c : bytes) {
      // Bytes that matter to UTF-8 come up often.
      constexpr std::string_view kInteresting = "\x7F\x80\xBF\xC0\xC2\xE0\xED\xEF\xF0\xF4\xF5 a";
      c = random.chance(70) ? kInteresting[random.below(kInteresting.size())]
                            : static_cast<char>(random.below(256));
    }
    const std::size_t most = random.below(40);
    const std::string tail = text_tail(bytes, most);
    ASSERT_TRUE(is_utf8(tail)) << "round " << round;
    ASSERT_LE(tail.size(), most) << "round " << round;
  }
}

TEST(TextTail, ControlCharactersThatAreNoTextDoNotBlowItUp) {
  EXPECT_EQ(text_tail(std::string_view("a\0\x01"
                                       "b",
                                       4),
                      10),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(text_tail(std::string(100, '\0'), 7), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(text_tail("\x1b[1mbold\r\n", 100), "\x1b[1mbold\r\n");
}

TEST(TextTail, KeepsValidTextAsItIs) {
  const std::string text = "plain, größer, €, 😀, \t\n";
  EXPECT_EQ(text_tail(text, 1000), text);
}

TEST(LastLine, IsTheLastThatSaysSomething) {
  EXPECT_EQ(last_line("first\nsecond\n\n  \n", 100), "second");
  EXPECT_EQ(last_line("progress 1%\rprogress 2%", 100), "progress 2%");
  EXPECT_EQ(last_line("only", 100), "only");
  EXPECT_EQ(last_line("", 100), "");
  EXPECT_EQ(last_line(" \n\t\n", 100), "");
}

TEST(LastLine, CannotDriveATerminal) {
  EXPECT_EQ(last_line("\x1b[31mred\x1b[0m", 100), "[31mred [0m");
}

TEST(LastLine, IsCutAtACharacter) {
  const std::string line = last_line("größengrößengrößen", 10);

  EXPECT_LE(line.size(), 10u);
  EXPECT_TRUE(is_utf8(line));
  EXPECT_TRUE(line.ends_with("...")) << line;
}

}  // namespace
}  // namespace daybook
