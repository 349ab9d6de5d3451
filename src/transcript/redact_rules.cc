// SPDX-License-Identifier: Apache-2.0
#include "transcript/redact_rules.h"

#include <algorithm>
#include <array>
#include <string>

namespace daybook::transcript {
namespace {

constexpr std::size_t kMinPasswordChars = 6;

// Names of what is secret, without separators and in small letters.
constexpr std::string_view kSecretNames[] = {
    "password",   "passwd",       "passphrase",  "secretkey",   "secretaccesskey", "apikey",
    "apisecret",  "apitoken",     "accesstoken", "authtoken",   "refreshtoken",    "clientsecret",
    "privatekey", "sessiontoken", "secrettoken", "bearertoken",
};

constexpr BuiltinRule kRules[] = {
    {"private-key", "-----BEGIN",
     R"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)"
     R"((?:[A-Za-z0-9+/=\s\\:,.()-]*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)"
     R"(|(?:(?:\s|\\[nr])+[A-Za-z0-9+/=]{16,})+))",
     Before::Anything},
    {"aws-access-key", "AKIA ASIA", R"(A[KS]IA[A-Z2-7]{16}\b)"},
    {"github-token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
     R"((?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b)"},
    {"gitlab-token", "glpat- gldt- glrt- glptt- glcbt-",
     R"(gl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{20,255})"},
    {"slack-token", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-",
     R"((?:xox[abeoprs]|xapp)-[0-9A-Za-z]+-[0-9A-Za-z-]{10,255})"},
    {"slack-webhook", "hooks.slack.com/services/",
     R"(hooks\.slack\.com/services/(T[0-9A-Z]{6,16}/B[0-9A-Z]{6,16}/[0-9A-Za-z]{16,40}))"},
    {"anthropic-key", "sk-ant-", R"(sk-ant-[A-Za-z0-9_-]{20,255})", Before::NoWord, Check::Mixed},
    {"openai-key", "sk-", R"(sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,255})", Before::NoWord,
     Check::Mixed},
    {"google-api-key", "AIza", R"(AIza[0-9A-Za-z_-]{35}\b)"},
    {"google-oauth", "ya29. GOCSPX-",
     R"((?:ya29\.[0-9A-Za-z_-]{20,500}|GOCSPX-[0-9A-Za-z_-]{28}))"},
    {"stripe-key", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
     R"((?:[sr]k_(?:live|test)_[0-9A-Za-z]{16,255}|whsec_[0-9A-Za-z+/=]{24,255}))"},
    {"npm-token", "npm_", R"(npm_[A-Za-z0-9]{36}\b)"},
    {"pypi-token", "pypi-AgE", R"(pypi-AgE[A-Za-z0-9_-]{50,500})"},
    {"hugging-face-token", "hf_", R"(hf_[A-Za-z]{34}\b)"},
    {"sendgrid-key", "SG.", R"(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b)"},
    {"digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", R"(do[opr]_v1_[a-f0-9]{64}\b)"},
    {"docker-token", "dckr_pat_ dckr_oat_", R"(dckr_[po]at_[A-Za-z0-9_-]{27,64})"},
    {"vault-token", "hvs. hvb.", R"(hv[sb]\.[A-Za-z0-9_-]{24,300})"},
    {"groq-key", "gsk_", R"(gsk_[A-Za-z0-9]{52}\b)"},
    {"xai-key", "xai-", R"(xai-[A-Za-z0-9]{70,90}\b)"},
    {"linear-key", "lin_api_", R"(lin_api_[A-Za-z0-9]{40}\b)"},
    {"supabase-token", "sbp_", R"(sbp_[a-f0-9]{40}\b)"},
    {"azure-key",
     "AccountKey= SharedAccessKey=", R"((?:Account|SharedAccess)Key=([A-Za-z0-9+/]{40,90}={0,2}))"},
    {"age-key", "AGE-SECRET-KEY-1", R"(AGE-SECRET-KEY-1[0-9A-Z]{58}\b)"},
    {"jwt", "eyJ", R"(eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})"},
    {"bearer-token", "bearer", R"((?i)bearer[ \t]+([A-Za-z0-9._~+/-]{16,}=*))", Before::NoWord,
     Check::Password, true},
    {"basic-auth", "authorization",
     R"re((?i)authorization["']?\s*[:=]\s*["']?basic[ \t]+([A-Za-z0-9+/]{12,}=*))re",
     Before::NoWord, Check::None, true},
    {"url-password", "://",
     R"re(://[^\s/:@"'<>`\\]{0,128}:([^\s/:@"'<>`\\]{3,256})@[A-Za-z0-9\[])re", Before::Anything,
     Check::NoExample},
    // The name; then a quoted value, a value right behind "=", or a whole word.
    {"password",
     "password passwd passphrase secret api_key apikey api-key api_token apitoken access_key "
     "accesskey access_token accesstoken auth_token authtoken private_key privatekey _token",
     R"re((?i)(?:password|passwd|passphrase|secret(?:[_-]?(?:access[_-]?)?key|[_-]?token)?|)re"
     R"re(api[_-]?(?:key|token)|access[_-]?(?:key|token)|auth[_-]?token|private[_-]?key|_token))re"
     R"re((?:["'\\]{0,3}[ \t]{0,4}(?::|=>?)[ \t]{0,4}\\?["']([^\s"'\\`]{6,200})|)re"
     R"re(=([^\s"'\\`;&|,(){}<>\[\]]{6,200})|)re"
     R"re([ \t]{0,4}[:=][ \t]{1,4}([^\s"'\\`;,(){}<>\[\]]{8,200})(?:\s|$)))re",
     Before::Anything, Check::Password, true},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }

bool has(std::string_view text, bool (*of_kind)(char)) {
  return std::ranges::any_of(text, of_kind);
}

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) {
    if (is_capital(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

// "process.env.KEY2", "config.s3.secret": an expression, whatever digits it has.
bool is_dotted_name(std::string_view text) {
  bool dots = false;
  bool at_start = true;
  for (const char c : text) {
    if (c == '.') {
      if (at_start) return false;
      dots = at_start = true;
    } else if (is_small(c) || is_capital(c) || c == '_' || (!at_start && is_digit(c))) {
      at_start = false;
    } else {
      return false;
    }
  }
  return dots && !at_start;
}

// What people write where a password would stand.
bool is_placeholder(std::string_view text) {
  constexpr std::string_view kWhole[] = {"pass", "pwd", "secret", "token", "user", "test", "foo"};
  constexpr std::string_view kWords[] = {
      "password", "passwd", "example", "placeholder", "changeme", "your",  "redacted",
      "xxxx",     "****",   "....",    "secret123",   "test123",  "dummy", "undefined"};
  if (std::string_view("$<{[%*").find(text.front()) != std::string_view::npos) return true;
  if (text.find("${") != std::string_view::npos || text.find("$(") != std::string_view::npos) {
    return true;
  }
  const std::string small = in_small_letters(text);
  if (std::ranges::find(kWhole, std::string_view(small)) != std::end(kWhole)) return true;
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return small.find(word) != std::string::npos; });
}

// A word of a text or of a program has no digits, or nothing else.
bool is_password(std::string_view text) {
  if (text.size() < kMinPasswordChars || is_placeholder(text) || is_dotted_name(text)) {
    return false;
  }
  return has(text, is_digit) && (has(text, is_small) || has(text, is_capital));
}

}  // namespace

std::span<const BuiltinRule> builtin_rules() { return kRules; }

bool passes(Check check, std::string_view found) {
  switch (check) {
    case Check::None:
      return true;
    case Check::Mixed:
      return has(found, is_digit) && has(found, is_capital) && has(found, is_small);
    case Check::NoExample:
      return !found.empty() && !is_placeholder(found);
    case Check::Password:
      return !found.empty() && is_password(found);
  }
  return true;
}

bool is_secret_name(std::string_view name) {
  std::string plain = in_small_letters(name);
  std::erase_if(plain, [](char c) { return c == '_' || c == '-'; });
  return std::ranges::any_of(kSecretNames,
                             [&](std::string_view secret) { return plain.ends_with(secret); });
}

}  // namespace daybook::transcript
