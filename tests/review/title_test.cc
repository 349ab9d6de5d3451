// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daybook/review.h"

namespace daybook {
namespace {

Signal signal(SignalKind kind, std::string text) {
  Signal made;
  made.kind = kind;
  made.session = "s-1";
  made.text = std::move(text);
  made.label = "for now";
  made.tool = "shell";
  return made;
}

TEST(Title, OfEveryKind) {
  EXPECT_EQ(issue_title(signal(SignalKind::Correction, "no, the other one")),
            "[jilog/correction] s-1: 'no, the other one'");
  EXPECT_EQ(issue_title(signal(SignalKind::Error, "gave up\nafter 9 s")),
            "[jilog/error] shell: gave up after 9 s");
  EXPECT_EQ(issue_title(signal(SignalKind::Workaround, "it's 4 for now")),
            "[jilog/workaround] for now: 'it\\'s 4 for now'");
  EXPECT_EQ(issue_title(signal(SignalKind::Deferral, "I'll see to it later")),
            "[jilog/deferral] s-1: 'I\\'ll see to it later'");
  EXPECT_EQ(issue_title(signal(SignalKind::Pattern, "stuck loop: x")),
            "[jilog/pattern] s-1: stuck loop: x");
}

TEST(Title, LongTextsAreCutBehindACharacter) {
  const std::string text(80, 'x');
  EXPECT_EQ(issue_title(signal(SignalKind::Correction, text)),
            "[jilog/correction] s-1: '" + text.substr(0, 44) + "...'");
  EXPECT_EQ(issue_title(signal(SignalKind::Workaround, text)),
            "[jilog/workaround] for now: '" + text.substr(0, 67) + "...'");
  EXPECT_EQ(issue_title(signal(SignalKind::Error, text)),
            "[jilog/error] shell: " + text.substr(0, 67) + "...");
  EXPECT_EQ(issue_title(signal(SignalKind::Correction, text.substr(0, 44))),
            "[jilog/correction] s-1: '" + text.substr(0, 44) + "'");
}

TEST(Title, OfTheJilogRulesIsUnquotedAndCutHard) {
  const std::string text(90, 'x');
  EXPECT_EQ(issue_title(signal(SignalKind::Correction, text), Rules::Jilog),
            "[jilog/correction] s-1: " + text.substr(0, 80));
  EXPECT_EQ(issue_title(signal(SignalKind::Error, "a\nb"), Rules::Jilog),
            "[jilog/error] shell: a\nb");
  EXPECT_EQ(issue_title(signal(SignalKind::Deferral, "words"), Rules::Jilog),
            "[jilog/deferral] s-1: for now");
}

}  // namespace
}  // namespace daybook
