// SPDX-License-Identifier: Apache-2.0
#include "transcript/redact.h"

#include <re2/set.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_map>

#include <fmt/format.h>

#include "base/json.h"
#include "base/regex.h"
#include "transcript/redact_json.h"
#include "transcript/redact_rules.h"

namespace daybook::transcript {
namespace {

constexpr std::size_t kMaxSecretBytes = 64 * 1024;  // how far a pattern looks from its word
constexpr int kMaxGroups = 4;
constexpr std::int64_t kMaxPatternMemory = 16 << 20;

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::uint32_t three_bytes(const char* at) {
  std::uint32_t value = 0;
  for (int i = 0; i < 3; ++i) value = value << 8 | static_cast<std::uint8_t>(small(at[i]));
  return value;
}

constexpr std::uint32_t hashed(std::uint32_t three) { return three * 0x9E3779B1U >> 16; }

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// A word begins at `at`: behind no letter, or behind the "\n" of a text that is
// written with escapes.
bool word_begins(std::string_view text, std::size_t at) {
  if (at == 0 || !is_word_char(text[at - 1])) return true;
  const bool letter = std::string_view("nrt").find(text[at - 1]) != std::string_view::npos;
  return letter && at >= 2 && text[at - 2] == '\\';
}

// What a pattern found, as places in the text.
struct Range {
  std::size_t from = 0;
  std::size_t to = 0;
};

// The first group that took part, else all of the match.
std::optional<Range> find_in(const RE2& pattern, std::string_view text, std::size_t from,
                             std::size_t to, RE2::Anchor anchor) {
  std::array<re2::StringPiece, kMaxGroups> groups;
  const int count = std::min(pattern.NumberOfCapturingGroups() + 1, kMaxGroups);
  if (!pattern.Match(piece(text), from, to, anchor, groups.data(), count)) return std::nullopt;
  int which = 0;
  for (int i = count - 1; i > 0; --i) {
    if (groups[static_cast<std::size_t>(i)].data() != nullptr) which = i;
  }
  const re2::StringPiece& found = groups[static_cast<std::size_t>(which)];
  const auto at = static_cast<std::size_t>(found.data() - text.data());
  return Range{at, at + found.size()};
}

// Builds the text without what was found, piece by piece from the left.
class Rewriting {
 public:
  explicit Rewriting(std::string_view text) : text_(text) {}
  void replace(Range range, std::string_view rule) {
    out_.append(text_.substr(copied_, range.from - copied_));
    out_ += fmt::format("[redacted:{}]", rule);
    copied_ = range.to;
    changed_ = true;
  }
  std::optional<std::string> finish() {
    if (!changed_) return std::nullopt;
    out_.append(text_.substr(copied_));
    return std::move(out_);
  }

 private:
  std::string_view text_;
  std::string out_;
  std::size_t copied_ = 0;
  bool changed_ = false;
};

std::vector<std::string_view> split(std::string_view words) {
  std::vector<std::string_view> all;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end > 0) all.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return all;
}

bool is_rule_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxRedactionNameBytes &&
         std::ranges::all_of(name, is_word_char);
}

}  // namespace

class Redactor::Impl {
 public:
  Result<void> init(const RedactionOptions& options) {
    if (options.builtin) DAYBOOK_CHECK(add_builtin());
    if (options.rules.size() > kMaxRedactionRules) {
      return fail(Errc::InvalidArgument, fmt::format("{} redaction rules, more than {}",
                                                     options.rules.size(), kMaxRedactionRules));
    }
    for (const RedactionRule& rule : options.rules) DAYBOOK_CHECK(add_own(rule));
    if (!own_.empty() && !own_set_->Compile()) {
      return fail(Errc::LimitExceeded, "the redaction patterns together are too large",
                  "use fewer or simpler ones");
    }
    return {};
  }

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  [[nodiscard]] std::optional<std::string> text(std::string_view text,
                                                RedactionTally& tally) const {
    std::optional<std::string> own = without_own(text, tally);
    const std::optional<std::string> both =
        without_builtin(own ? std::string_view(*own) : text, tally);
    return both ? both : own;
  }

  [[nodiscard]] std::optional<std::string> json(std::string_view json,
                                                RedactionTally& tally) const {
    // An escape could hide a word.
    const bool may_hold = !own_.empty() || json.find("\\u") != std::string_view::npos ||
                          next_word(json, 0).has_value();
    if (!may_hold) return std::nullopt;
    if (!check_json(json)) return text(json, tally);
    return rewrite_strings(json, [&](std::string_view value, std::string_view name) {
      if (password_rule_ && is_secret_name(name) && passes(Check::Password, value)) {
        ++tally[*password_rule_];
        return std::optional(fmt::format("[redacted:{}]", names_[*password_rule_]));
      }
      return text(value, tally);
    });
  }

 private:
  struct Pattern {
    std::size_t number = 0;  // of the rule
    std::unique_ptr<RE2> pattern;
    const BuiltinRule* rule = nullptr;
  };
  struct Word {
    std::string_view text;
    const Pattern* pattern = nullptr;

    [[nodiscard]] bool stands_at(std::string_view in, std::size_t at) const {
      const std::string_view here = in.substr(at, text.size());
      if (!pattern->rule->any_case) return here == text;
      return std::ranges::equal(here, text, {}, small);
    }
  };

  Result<void> add_builtin() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(RE2::Options::EncodingLatin1);  // bytes: a text may be cut anywhere
    builtin_.reserve(builtin_rules().size());
    for (const BuiltinRule& rule : builtin_rules()) {
      builtin_.push_back(
          {names_.size(), std::make_unique<RE2>(piece(rule.pattern), options), &rule});
      if (!builtin_.back().pattern->ok()) {
        return fail(Errc::Internal, fmt::format("the redaction rule {}: {}", rule.name,
                                                builtin_.back().pattern->error()));
      }
      if (rule.name == "password") password_rule_ = names_.size();
      names_.emplace_back(rule.name);
      for (const std::string_view word : split(rule.words)) {
        const std::uint32_t three = three_bytes(word.data());
        words_[three].push_back({word, &builtin_.back()});
        begins_.set(hashed(three));
      }
    }
    return {};
  }

  Result<void> add_own(const RedactionRule& rule) {
    if (!is_rule_name(rule.name)) {
      return fail(Errc::InvalidArgument,
                  fmt::format("'{}' is no name for a redaction rule", rule.name),
                  "a name has letters, digits, '-' and '_', up to 64 of them");
    }
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaxPatternMemory);
    Pattern made{names_.size(), std::make_unique<RE2>(rule.pattern, options)};
    if (!made.pattern->ok()) {
      return fail(
          Errc::InvalidArgument,
          fmt::format("the redaction rule {} is no pattern: {}", rule.name, made.pattern->error()),
          "patterns are in RE2 syntax: https://github.com/google/re2/wiki/Syntax");
    }
    if (!own_set_) own_set_ = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
    std::string error;
    if (own_set_->Add(rule.pattern, &error) < 0) {
      return fail(Errc::InvalidArgument,
                  fmt::format("the redaction rule {}: {}", rule.name, error));
    }
    names_.push_back(rule.name);
    own_.push_back(std::move(made));
    return {};
  }

  struct Hit {
    std::size_t at = 0;
    const std::vector<Word>* words = nullptr;
  };
  // The next place where a rule's word may stand, whatever stands in front of it.
  [[nodiscard]] std::optional<Hit> next_word(std::string_view text, std::size_t from) const {
    if (text.size() < 3 || words_.empty()) return std::nullopt;
    std::uint32_t three = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
      three = (three << 8 | static_cast<std::uint8_t>(small(text[i]))) & 0xFFFFFF;
      if (i < from + 2 || !begins_.test(hashed(three))) continue;
      const auto found = words_.find(three);
      if (found == words_.end()) continue;
      const std::size_t at = i - 2;
      for (const Word& word : found->second) {
        if (word.stands_at(text, at)) return Hit{at, &found->second};
      }
    }
    return std::nullopt;
  }

  // What the rules make of the words that stand there.
  [[nodiscard]] std::optional<std::pair<Range, const Pattern*>> match_at(std::string_view text,
                                                                         const Hit& hit) const {
    const std::size_t end = std::min(text.size(), hit.at + kMaxSecretBytes);
    for (const Word& word : *hit.words) {
      const BuiltinRule& rule = *word.pattern->rule;
      if (!word.stands_at(text, hit.at)) continue;
      if (rule.before == Before::NoWord && !word_begins(text, hit.at)) continue;
      const auto range = find_in(*word.pattern->pattern, text, hit.at, end, RE2::ANCHOR_START);
      if (range && passes(rule.check, text.substr(range->from, range->to - range->from))) {
        return std::pair{*range, word.pattern};
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::string> without_builtin(std::string_view text,
                                                           RedactionTally& tally) const {
    Rewriting rewriting(text);
    for (auto hit = next_word(text, 0); hit;) {
      std::size_t next = hit->at + 1;
      if (const auto found = match_at(text, *hit)) {
        rewriting.replace(found->first, names_[found->second->number]);
        ++tally[found->second->number];
        next = std::max(next, found->first.to);
      }
      hit = next_word(text, next);
    }
    return rewriting.finish();
  }

  [[nodiscard]] std::optional<std::string> without_own(std::string_view text,
                                                       RedactionTally& tally) const {
    std::vector<int> matching;
    if (own_.empty() || !own_set_->Match(piece(text), &matching)) return std::nullopt;
    std::ranges::sort(matching);
    std::optional<std::string> result;
    for (const int index : matching) {
      const Pattern& own = own_[static_cast<std::size_t>(index)];
      const std::string_view here = result ? std::string_view(*result) : text;
      Rewriting rewriting(here);
      for (std::size_t from = 0; from <= here.size();) {
        const auto range = find_in(*own.pattern, here, from, here.size(), RE2::UNANCHORED);
        if (!range) break;
        if (range->to > range->from) {
          rewriting.replace(*range, names_[own.number]);
          ++tally[own.number];
        }
        from = std::max(range->to, from + 1);
      }
      if (auto changed = rewriting.finish()) result = std::move(changed);
    }
    return result;
  }

  std::vector<std::string> names_;
  std::vector<Pattern> builtin_;
  std::optional<std::size_t> password_rule_;
  std::unordered_map<std::uint32_t, std::vector<Word>> words_;  // by their first three bytes
  std::bitset<65'536> begins_;                                  // what words_ holds, hashed
  std::vector<Pattern> own_;
  std::unique_ptr<RE2::Set> own_set_;
};

Redactor::Redactor(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Redactor::Redactor(Redactor&&) noexcept = default;
Redactor& Redactor::operator=(Redactor&&) noexcept = default;
Redactor::~Redactor() = default;

Result<Redactor> Redactor::make(const RedactionOptions& options) {
  auto impl = std::make_unique<Impl>();
  DAYBOOK_CHECK(impl->init(options));
  return Redactor(std::move(impl));
}

const std::vector<std::string>& Redactor::names() const { return impl_->names(); }

std::optional<std::string> Redactor::text(std::string_view text, RedactionTally& tally) const {
  return impl_->text(text, tally);
}

std::optional<std::string> Redactor::json(std::string_view json, RedactionTally& tally) const {
  return impl_->json(json, tally);
}

RedactedRecord::RedactedRecord(const TranscriptRecord& original, const Redactor& redactor,
                               RedactionTally& tally)
    : record_(original),
      text_(redactor.text(original.text, tally)),
      error_(redactor.text(original.error, tally)),
      arguments_(redactor.json(original.arguments, tally)) {
  // Only the verbatim record of an unknown type is kept.
  if (original.kind == RecordKind::Unknown) raw_ = redactor.json(original.raw, tally);
  if (text_) record_.text = *text_;
  if (error_) record_.error = *error_;
  if (arguments_) record_.arguments = *arguments_;
  if (raw_) record_.raw = *raw_;
}

}  // namespace daybook::transcript
