// SPDX-License-Identifier: Apache-2.0
#include "review/config.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "support/ledgers.h"

namespace daybook::review {
namespace {

using daybook::testing::expect;
using daybook::testing::TestEnvironment;

class ReviewConfig : public ::testing::Test {
 protected:
  Result<Config> read(const std::string& text, const std::vector<std::string>& foreign = {}) {
    if (auto made = env_.disk.make_directory("/etc-x"); !made) return fail(made.error());
    auto file = env_.disk.open("/etc-x/c.toml", OpenMode::Create);
    if (!file) return fail(file.error());
    if (auto cut = (*file)->truncate(0); !cut) return fail(cut.error());
    if (auto written = (*file)->write_at(0, as_bytes(text)); !written) {
      return fail(written.error());
    }
    return read_config(env_.disk, "/etc-x/c.toml", "/home/ann", foreign);
  }
  std::string error(const std::string& text) {
    const auto config = read(text);
    return config ? "no error" : config.error().message + " | " + config.error().hint;
  }

  TestEnvironment env_;
};

TEST_F(ReviewConfig, EverythingThatMayStandInIt) {
  const Config config = expect(read(R"(
timezone = "Europe/Berlin"
[[reader]]
type = "codex"
path = "~/x"
[[reader]]
type = "generic"
name = "mine"
paths = ["/a", "/b"]
session_id_from = "file_stem"
[tracker]
type = "github"
repo = "o/r"
labels = ["one", "two"]
[[zone]]
id = "home"
ledger_path = "~/l"
[[zones]]
id = "work"
ledger_path = "w"
spool = false
[redact]
builtin = false
[[redact.rule]]
name = "n"
pattern = "p+"
[review]
rules = "jilog"
digest_dir = "~/d"
create_issues = false
)"));
  ASSERT_EQ(config.readers.size(), 2u);
  EXPECT_EQ(config.readers[0].paths, std::vector<std::string>{"~/x"});
  EXPECT_EQ(config.readers[1].paths, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(config.readers[1].session_id_from, "file_stem");
  EXPECT_EQ(config.tracker.repo, "o/r");
  EXPECT_EQ(config.tracker.labels, (std::vector<std::string>{"one", "two"}));
  ASSERT_EQ(config.zones.size(), 2u);
  EXPECT_EQ(config.zones[0].ledger_path, "/home/ann/l");
  EXPECT_EQ(config.zones[1].ledger_path, "/etc-x/w");
  EXPECT_FALSE(config.zones[1].spool);
  EXPECT_FALSE(config.redact.builtin);
  ASSERT_EQ(config.redact.rules.size(), 1u);
  EXPECT_EQ(config.redact.rules[0].pattern, "p+");
  EXPECT_EQ(config.rules, Rules::Jilog);
  EXPECT_EQ(config.digest_dir, "/home/ann/d");
  EXPECT_EQ(config.create_issues, false);
  EXPECT_EQ(config.timezone, "Europe/Berlin");
}

TEST_F(ReviewConfig, AnUnknownKeyIsAnErrorWithItsLineAndASuggestion) {
  EXPECT_EQ(error("\n[tracker]\ntype = \"github\"\nrepo = \"o/r\"\nlabel = [\"x\"]\n"),
            "/etc-x/c.toml:5: unknown key 'label' in [tracker] | did you mean 'labels'?");
  EXPECT_EQ(error("[[reader]]\ntype = \"pi\"\npahts = [\"x\"]\n"),
            "/etc-x/c.toml:3: unknown key 'pahts' in [[reader]] | did you mean 'paths'?");
  EXPECT_EQ(error("[[zons]]\nid = \"x\"\n"),
            "/etc-x/c.toml:1: unknown setting 'zons' | did you mean 'zone'?");
  EXPECT_EQ(error("[review]\nquality = 1\n"),
            "/etc-x/c.toml:2: unknown key 'quality' in [review] | "
            "what may stand there: rules, digest_dir, create_issues");
}

TEST_F(ReviewConfig, AWrongValueIsAnErrorWithItsLine) {
  EXPECT_EQ(error("timezone = 1\n"), "/etc-x/c.toml:1: 'timezone' is not a text | ");
  EXPECT_NE(error("[tracker]\ntype = \"jira\"\n").find(":2: 'type' 'jira' is no tracker"),
            std::string::npos);
  EXPECT_NE(error("[tracker]\ntype = \"github\"\n").find("'repo' is missing"), std::string::npos);
  EXPECT_NE(error("[[reader]]\ntype = \"vim\"\n").find(":2: 'type' 'vim' is no reader"),
            std::string::npos);
  EXPECT_NE(error("[[zone]]\nid = \"x\"\n").find("'ledger_path' is missing"), std::string::npos);
  EXPECT_NE(error("tracker = 3\n").find("is not a table"), std::string::npos);
  EXPECT_NE(error("[review]\nrules = \"best\"\n").find(":2: 'rules' is 'best'"), std::string::npos);
  EXPECT_NE(error("[tracker\n").find("/etc-x/c.toml:1: "), std::string::npos);
}

TEST_F(ReviewConfig, SettingsOfTheLedgerMayStandBesideIt) {
  const auto config = read("actor = \"ann\"\n[review]\nrules = \"daybook\"\n", {"actor"});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->rules, Rules::Daybook);
}

TEST_F(ReviewConfig, AKeyOfJilogWithoutEffectIsAWarning) {
  const Config config = expect(read("[[reader]]\ntype = \"nanoclaw\"\ndb = \"v2.db\"\n"));
  ASSERT_EQ(config.warnings.size(), 1u);
  EXPECT_EQ(config.warnings[0], "/etc-x/c.toml:3: 'db' of [[reader]] has no effect here");
}

TEST_F(ReviewConfig, AMissingFileSaysNothing) {
  const Config config = expect(read_config(env_.disk, "/nowhere.toml", "/home/ann"));
  EXPECT_TRUE(config.present.empty());
  EXPECT_EQ(config.tracker.type, "none");
}

TEST_F(ReviewConfig, TheNearerFileWinsTableByTable) {
  Config near = expect(read("[tracker]\ntype = \"beads\"\n"));
  Config far = expect(read("timezone = \"UTC\"\n[tracker]\ntype = \"github\"\nrepo = \"o/r\"\n"));
  fill_in(near, std::move(far));
  EXPECT_EQ(near.tracker.type, "beads");
  EXPECT_EQ(near.tracker.path, "/etc-x");
  EXPECT_EQ(near.timezone, "UTC");
}

}  // namespace
}  // namespace daybook::review
