// SPDX-License-Identifier: Apache-2.0
//
// What redaction takes, and what it must leave alone. The secrets are made up on the
// spot, so that nobody's scanner takes this file for a leak.
#include "transcript/redact.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/ledgers.h"
#include "support/random.h"

namespace daybook::transcript {
namespace {

using testing::expect;
using testing::Random;

// `count` letters and digits, capitals among them.
std::string noise(std::size_t count, std::uint64_t seed = 1) {
  constexpr std::string_view kChars =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  Random random(seed);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += kChars[random.below(kChars.size())];
  return text;
}

std::string capitals(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('A' + i * 7 % 26);
  return text;
}

std::string hex(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "0123456789abcdef"[i * 11 % 16];
  return text;
}

class RedactTest : public ::testing::Test {
 protected:
  void use(const RedactionOptions& options) {
    redactor_ = std::make_unique<Redactor>(expect(Redactor::make(options)));
    tally_.assign(redactor_->names().size(), 0);
  }
  void SetUp() override { use({}); }

  std::string text(const std::string& text) { return redactor_->text(text, tally_).value_or(text); }
  std::string json(const std::string& json) { return redactor_->json(json, tally_).value_or(json); }
  std::uint64_t count(std::string_view name) {
    for (std::size_t i = 0; i < tally_.size(); ++i) {
      if (redactor_->names()[i] == name) return tally_[i];
    }
    return 0;
  }

  std::unique_ptr<Redactor> redactor_;
  RedactionTally tally_;
};

TEST_F(RedactTest, TakesKeysAndTokensOfServices) {
  const std::pair<std::string, std::string> kSecrets[] = {
      {"aws-access-key", "AKIA" + capitals(16)},
      {"github-token", "ghp_" + noise(36)},
      {"github-token", "github_pat_" + noise(22) + "_" + noise(59)},
      {"gitlab-token", "glpat-" + noise(20)},
      {"slack-token", "xoxb-" + std::string("123456789012-") + noise(24)},
      {"anthropic-key", "sk-ant-" + std::string("api03-") + noise(80)},
      {"openai-key", "sk-proj-" + noise(48) + "7aB"},
      {"openai-key", "sk-" + noise(48) + "7aB"},
      {"google-api-key", "AIza" + noise(35)},
      {"google-oauth", "ya29." + noise(60)},
      {"stripe-key", "sk_live_" + noise(24)},
      {"npm-token", "npm_" + noise(36)},
      {"pypi-token", "pypi-AgE" + noise(80)},
      {"sendgrid-key", "SG." + noise(22) + "." + noise(43)},
      {"digitalocean-token", "dop_v1_" + hex(64)},
      {"vault-token", "hvs." + noise(30)},
      {"groq-key", "gsk_" + noise(52)},
      {"jwt", "eyJ" + noise(20) + ".eyJ" + noise(40) + "." + noise(43)},
  };
  for (const auto& [name, secret] : kSecrets) {
    const std::string marker = "[redacted:" + name + "]";
    EXPECT_EQ(text(secret), marker) << secret;
    EXPECT_EQ(text("use " + secret + ", then go"), "use " + marker + ", then go");
    EXPECT_EQ(text("a\\n" + secret + "\\n"), "a\\n" + marker + "\\n") << "between escapes";
  }
  EXPECT_EQ(count("github-token"), 6U);
}

TEST_F(RedactTest, TakesPrivateKeysWhole) {
  const std::string body = noise(64) + "\n" + noise(64) + "\n" + noise(20) + "==\n";
  for (const std::string kind : {"RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", ""}) {
    const std::string head = "-----BEGIN " + kind + "PRIVATE KEY-----";
    const std::string block = head + "\n" + body + "-----END " + kind + "PRIVATE KEY-----";
    EXPECT_EQ(text("key:\n" + block + "\nend"), "key:\n[redacted:private-key]\nend");
    EXPECT_EQ(text("cat: " + head + "\n" + body), "cat: [redacted:private-key]\n")
        << "cut off before its end";
  }
  const std::string plain = "-----BEGIN PUBLIC KEY-----\n" + body + "-----END PUBLIC KEY-----";
  EXPECT_EQ(text(plain), plain);
}

TEST_F(RedactTest, TakesCredentialsOfHeadersUrlsAndAssignments) {
  EXPECT_EQ(text("Authorization: Bearer " + hex(32) + "\n"),
            "Authorization: Bearer [redacted:bearer-token]\n");
  EXPECT_EQ(text("authorization: Basic " + noise(24) + "=="),
            "authorization: Basic [redacted:basic-auth]");
  EXPECT_EQ(text("postgres://app:correcthorse@db.internal:5432/app"),
            "postgres://app:[redacted:url-password]@db.internal:5432/app");
  EXPECT_EQ(text("DB_PASSWORD=hunter2horse make"), "DB_PASSWORD=[redacted:password] make");
  EXPECT_EQ(text("password: \"hunter2horse\""), "password: \"[redacted:password]\"");
  EXPECT_EQ(text("--api-key=" + hex(24)), "--api-key=[redacted:password]");
  EXPECT_EQ(text("aws_secret_access_key = " + noise(40)),
            "aws_secret_access_key = [redacted:password]");
  EXPECT_EQ(text(R"({\"client_secret\": \"q7T2mZ9w\"})"),
            R"({\"client_secret\": \"[redacted:password]\"})")
      << "JSON inside a text";
  EXPECT_EQ(text("export NPM_TOKEN=abc123def456"), "export NPM_TOKEN=[redacted:password]");
}

TEST_F(RedactTest, LeavesOrdinaryTextAlone) {
  const std::string kPlain[] = {
      "",
      "ab",
      "Reset your password, then read the secret of the task-list in the risk-register.",
      "commit " + hex(40) + " sha256:" + hex(64),
      "3f2b8c1d-9e4a-4b7c-8d2e-1f0a9b8c7d6e",
      "password: string; secret: true, api_key: null",
      "const password = process.env.DB_PASSWORD_2;",
      "password = getPassword(user1)",
      "token_count=12345678 max_tokens: 4096",
      "PASSWORD=$DB_PASS1 PASSWORD=${DB_PASS1} password=<your-password-1>",
      "https://user@example.org:8080/a:b@c and https://example.org/x:y@z",
      "postgres://user:password@localhost/test",
      "the bearer of bad news; Bearer realm=\"x\"",
      ".sk-folding-cube-animation-delay-something { color: red }",
      "AKIA is the beginning of a key; so are ghp_ and eyJ and sk-ant-.",
      "git@github.com:owner/repository.git",
      "data:image/png;base64," + noise(200),
      "npm_config_registry=https://registry.example.org",
      "if (password == other) return secret;",
  };
  for (const std::string& plain : kPlain) {
    EXPECT_FALSE(redactor_->text(plain, tally_)) << plain << "\n" << text(plain);
  }
  for (const std::uint64_t taken : tally_) EXPECT_EQ(taken, 0U);
}

TEST_F(RedactTest, JsonStaysJsonAndTheRestOfItByteForByte) {
  const std::string token = "ghp_" + noise(36);
  EXPECT_EQ(json(R"({ "command" : "curl -H \"X: )" + token + R"(\"\n", "n":1.10 })"),
            R"({ "command" : "curl -H \"X: [redacted:github-token]\"\n", "n":1.10 })");
  EXPECT_EQ(
      json(R"({"clientSecret":"q7T2mZ9w","password":{"a":"q7T2mZ9w"},"note":"q7T2mZ9w"})"),
      R"({"clientSecret":"[redacted:password]","password":{"a":"q7T2mZ9w"},"note":"q7T2mZ9w"})");
  EXPECT_EQ(json("[\"" + token + "\",\"x\"]"), "[\"[redacted:github-token]\",\"x\"]");
  EXPECT_EQ(json("{\"" + token + "\":1}"), "{\"[redacted:github-token]\":1}");
  EXPECT_EQ(json("{\"a\":\"\\u0067hp_" + noise(36) + "\"}"), "{\"a\":\"[redacted:github-token]\"}")
      << "hidden behind an escape";

  const std::string key =
      "-----BEGIN PRIVATE KEY-----\\n" + noise(64) + "\\n-----END PRIVATE KEY-----\\n";
  EXPECT_EQ(json("{\"pem\":\"" + key + "\"}"), "{\"pem\":\"[redacted:private-key]\\n\"}");
  EXPECT_EQ(json("not json, but " + token), "not json, but [redacted:github-token]");
  const std::string lone = "{\"a\":\"\\ud800 " + token + "\"}";
  EXPECT_EQ(json(lone).find(token), std::string::npos);
}

TEST_F(RedactTest, ManySecretsAreAllTakenAndCounted) {
  std::string many;
  std::string wanted;
  for (std::uint64_t i = 0; i < 100; ++i) {
    many += "npm_" + noise(36, i) + " ";
    wanted += "[redacted:npm-token] ";
  }
  EXPECT_EQ(text(many), wanted);
  EXPECT_EQ(count("npm-token"), 100U);
}

TEST_F(RedactTest, RedactingAgainChangesNothing) {
  const std::string once = text("password=hunter2horse https://a:b0bb0b@c npm_" + noise(36));
  EXPECT_NE(once.find("[redacted:url-password]"), std::string::npos);
  EXPECT_FALSE(redactor_->text(once, tally_));
}

TEST_F(RedactTest, OwnRulesTakeTheirGroupOrAll) {
  use({.rules = {
           {"ticket", "ACME-[0-9]+"}, {"customer", "customer=([a-z]+)"}, {"empty", "[$]{0}"}}});
  EXPECT_EQ(text("ACME-12 customer=jo for ACME-3"),
            "[redacted:ticket] customer=[redacted:customer] for [redacted:ticket]");
  EXPECT_EQ(json(R"({"a":"ACME-9"})"), R"({"a":"[redacted:ticket]"})");
  EXPECT_EQ(count("ticket"), 3U);
  EXPECT_EQ(count("customer"), 1U);
  EXPECT_EQ(text("npm_" + noise(36)), "[redacted:npm-token]");
}

TEST_F(RedactTest, BuiltInRulesCanBeSwitchedOff) {
  use({.builtin = false, .rules = {}});
  EXPECT_EQ(text("npm_" + noise(36)), "npm_" + noise(36));
  EXPECT_TRUE(redactor_->names().empty());
}

TEST_F(RedactTest, WrongRulesAreRefused) {
  const auto broken = Redactor::make({.rules = {{"open", "(a"}}});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Errc::InvalidArgument);
  EXPECT_NE(broken.error().message.find("open"), std::string::npos);
  EXPECT_FALSE(Redactor::make({.rules = {{"two words", "a"}}}));
  EXPECT_FALSE(Redactor::make({.rules = {{"", "a"}}}));
}

// Whatever the bytes: no crash, and JSON stays JSON.
TEST_F(RedactTest, AnyBytesAreTaken) {
  const std::string parts[] = {"ghp_",   noise(36), "password", "=",
                               ":",      "\"",      "\\",       "://",
                               "a:b@c",  "eyJ",     ".",        " ",
                               "\n",     "\xFF",    "Bearer ",  "-----BEGIN RSA PRIVATE KEY-----",
                               noise(40)};
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    Random random(seed);
    std::string bytes;
    for (std::uint64_t i = random.below(12); i > 0; --i)
      bytes += parts[random.below(std::size(parts))];
    text(bytes);
    EXPECT_TRUE(check_json(json("{\"a\":" + json_quote(bytes) + "}"))) << seed;
  }
}

}  // namespace
}  // namespace daybook::transcript
