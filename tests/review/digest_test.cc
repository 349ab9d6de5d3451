// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daybook/review.h"

namespace daybook {
namespace {

constexpr const char* kAnna = "11aa22bb-0001-4001-8001-00000000000a";
constexpr const char* kBert = "33cc44dd-0002-4002-8002-00000000000b";
constexpr const char* kCora = "55ee66ff-0003-4003-8003-00000000000c";

Signal signal(SignalKind kind, std::string session, std::string text) {
  Signal made;
  made.kind = kind;
  made.session = std::move(session);
  made.text = std::move(text);
  return made;
}

Signal failure(std::string session, std::string tool, std::string text) {
  Signal made = signal(SignalKind::Error, std::move(session), std::move(text));
  made.tool = std::move(tool);
  return made;
}

Signal labelled(SignalKind kind, std::string session, std::string label, std::string text) {
  Signal made = signal(kind, std::move(session), std::move(text));
  made.label = std::move(label);
  return made;
}

DigestContent example() {
  DigestContent content;
  content.date = "2026-03-04";
  content.entries = {
      {signal(SignalKind::Correction, kAnna, "no, it's the blue one"), {}, {}},
      {signal(SignalKind::Correction, kBert, "stop — read\nthe notes"), {}, {}},
      {failure(kAnna, "shell", "gave up after 9 seconds"), {}, {}},
      {labelled(SignalKind::Workaround, kCora, "for now", "Fixed to 4 for now."), {}, {}}};
  content.p0 = {{"shell", {kAnna, kBert, kCora}}};
  return content;
}

TEST(Digest, GoldenOfTheDaybookRules) {
  EXPECT_EQ(render_digest(example()),
            R"(---
date: 2026-03-04
signals_captured: 4
p0_count: 1
corrections: 2
errors: 1
workarounds: 1
deferrals: 0
---

# Learning Digest — 2026-03-04

## P0 Alerts

- **P0 ALERT**: `shell` failed in 3 distinct sessions: 11aa22bb-..., 33cc44dd-..., 55ee66ff-...

## Corrections

- `11aa22bb-0001-4001-8001-00000000000a` — 'no, it\'s the blue one'
- `33cc44dd-0002-4002-8002-00000000000b` — 'stop — read\nthe notes'

## Errors

- `11aa22bb-0001-4001-8001-00000000000a` / `shell`: gave up after 9 seconds

## Workarounds

- `55ee66ff-0003-4003-8003-00000000000c` pattern=`for now`: 'Fixed to 4 for now.'

## Deferrals

_No deferrals detected._

)");
}

TEST(Digest, GoldenOfTheJilogRules) {
  DigestContent content;
  content.date = "2026-03-04";
  content.rules = Rules::Jilog;
  content.p0 = {{"shell", {kAnna, kBert}}};
  content.entries = {
      {failure(kAnna, "shell", "line one\nline two"), {}, {}},
      {labelled(SignalKind::Deferral, kBert, "punt", "Let us punt on it."), IssueRef{}, {}}};
  content.entries[1].issue = IssueRef{.backend = "kata", .id = "#x", .title = {}, .url = {}};
  EXPECT_EQ(render_digest(content),
            R"(---
date: 2026-03-04
signals_captured: 2
p0_count: 1
corrections: 0
errors: 1
workarounds: 0
deferrals: 1
patterns: 0
---

# Learning Digest — 2026-03-04

## P0 Alerts

- **P0 ALERT**: `shell` failed in 2 distinct sessions: )"
            R"(11aa22bb-0001-4001-8001-00000000000a, 33cc44dd-0002-4002-8002-00000000000b

## Corrections

_No corrections detected._

## Errors

- `11aa22bb-0001-4001-8001-00000000000a` / `shell`: line one
line two

## Workarounds

_No workarounds detected._

## Deferrals

- `33cc44dd-0002-4002-8002-00000000000b` pattern=`punt`

## Patterns

_No patterns detected._

)");
}

TEST(Digest, NothingAtAllIsSaidInEverySection) {
  DigestContent content;
  content.date = "2026-03-04";
  const std::string text = render_digest(content);
  for (const char* const line :
       {"_No P0 alerts._\n", "_No corrections detected._\n", "_No errors detected._\n",
        "_No workarounds detected._\n", "_No deferrals detected._\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_EQ(text.find("atterns"), std::string::npos);
  EXPECT_EQ(text.find("## Personas"), std::string::npos);
  EXPECT_EQ(text.find("## Spend"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n\n"));
}

TEST(Digest, PatternsPersonasAndSpendHaveSectionsWhenThereIsSomethingToSay) {
  DigestContent content;
  content.date = "2026-03-04";
  Signal loop = labelled(SignalKind::Pattern, kAnna, "stuck_loop", "stuck loop");
  loop.evidence = "`shell` x5 identical 10:00-10:02";
  content.entries = {{loop, {}, {}}};
  PersonaTally busy;
  busy.key = "desk@mail";
  busy.corrections = 2;
  busy.sessions = 3;
  busy.input_tokens = 70;
  busy.output_tokens = 5;
  busy.cost = Money{500'000'000'000};
  PersonaTally idle;
  idle.key = "night";
  idle.sessions = 1;
  content.personas = {busy, idle};
  Spend spend;
  spend.total = Money{1'250'000'000'000};
  spend.sessions_with_cost = 1;
  spend.sessions_with_usage = 2;
  spend.input_tokens = 900;
  spend.output_tokens = 80;
  spend.by_role = {{"(root)", Money{1'250'000'000'000}}};
  spend.by_model = {{"model-x", Money{1'250'000'000'000}}};
  content.spend = spend;
  const std::string text = render_digest(content);
  EXPECT_NE(text.find("deferrals: 0\npatterns: 1\n---\n"), std::string::npos);
  const std::size_t end = text.find("## Patterns");
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(text.substr(end),
            R"(## Patterns

- `11aa22bb-0001-4001-8001-00000000000a` kind=`stuck_loop`: `shell` x5 identical 10:00-10:02

## Personas

- `desk@mail`: 2 corrections, 0 errors, 0 workarounds, 0 deferrals, 0 patterns )"
            R"((3 session(s)) — 70 in / 5 out tokens, $0.50
- `night`: no signals (1 session(s))

## Spend

- **Total**: $1.25 across 1 of 2 session(s) with usage data
- **Tokens**: 900 in / 80 out

### Spend by role

- `(root)`: $1.25

### Spend by model

- `model-x`: $1.25

)");
}

TEST(Digest, AnIssueAndItsRecurrenceAreNotedBehindTheSignal) {
  DigestContent content;
  content.date = "2026-03-04";
  DigestEntry entry{failure(kAnna, "shell", "no room"), {}, Money{12'500'000'000'000}};
  entry.issue = IssueRef{.backend = "github", .id = "#12", .title = {}, .url = {}};
  content.entries = {entry};
  EXPECT_NE(render_digest(content).find("`shell`: no room (→ github#12) (recurred in sessions "
                                        "totaling $12.50)\n"),
            std::string::npos);
}

TEST(Digest, WhereASignalComesFromStandsBeforeIt) {
  Signal made = signal(SignalKind::Correction, kAnna, "not that one please");
  made.persona = "de`sk";
  made.channel = "mail\nbox";
  made.seat = "a";
  made.agent = "b";
  made.machine = "c";
  DigestContent content;
  content.entries = {{made, {}, {}}};
  EXPECT_NE(render_digest(content).find("- `de'sk@mail box` `seat:a` `agent:b` `machine:c` `"),
            std::string::npos);
}

TEST(Digest, NoMessageBreaksALine) {
  DigestContent content;
  content.entries = {
      {failure(kAnna, "sh`ell", "first\n## Corrections\r\n\x1b[31m- second"), {}, {}}};
  const std::string text = render_digest(content);
  EXPECT_NE(text.find("/ `sh'ell`: first ## Corrections [31m- second\n"), std::string::npos);
  EXPECT_EQ(text.find("\n## Corrections\r"), std::string::npos);
}

TEST(Digest, ALongMessageIsCutAtCharacters) {
  std::string umlauts;
  for (int i = 0; i < 501; ++i) umlauts += "ü";
  DigestContent content;
  content.entries = {{failure(kAnna, "shell", umlauts), {}, {}}};
  const std::string kept = umlauts.substr(0, 1000);
  EXPECT_NE(render_digest(content).find("`shell`: " + kept + " … [truncated]\n"),
            std::string::npos);
  content.entries[0].signal.text.resize(1000);
  EXPECT_NE(render_digest(content).find("`shell`: " + kept + "\n"), std::string::npos);
}

}  // namespace
}  // namespace daybook
