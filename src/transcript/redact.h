// SPDX-License-Identifier: Apache-2.0
//
// Takes secrets out of the texts of a record before it becomes an event.
//
// The built-in rules all begin with a fixed word ("ghp_", "-----BEGIN", "password"),
// so one pass over a text looks for the words only, and a pattern is tried just
// where its word stands: texts without secrets cost about as much as reading them.
// Own rules are RE2 patterns, tried together first.
//
// A Redactor is constant once made and shared by all threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daybook/import.h"

namespace daybook::transcript {

inline constexpr std::size_t kMaxRedactionRules = 1'000;
inline constexpr std::size_t kMaxRedactionNameBytes = 64;

// How often each rule has replaced something: by the rule's number.
using RedactionTally = std::vector<std::uint64_t>;

class Redactor {
 public:
  // Errors: InvalidArgument for a pattern or a name.
  [[nodiscard]] static Result<Redactor> make(const RedactionOptions& options);
  Redactor(Redactor&&) noexcept;
  Redactor& operator=(Redactor&&) noexcept;
  ~Redactor();

  // The rules' names, in the order of their numbers. A tally has this many places.
  [[nodiscard]] const std::vector<std::string>& names() const;

  // The text without its secrets; nothing when there are none in it.
  [[nodiscard]] std::optional<std::string> text(std::string_view text, RedactionTally& tally) const;
  // The same for JSON: every string in it for itself, unescaped, and the value of a
  // member that is called like a password whole. What is JSON stays JSON, and what
  // holds no secret stays byte for byte.
  [[nodiscard]] std::optional<std::string> json(std::string_view json, RedactionTally& tally) const;

 private:
  class Impl;
  explicit Redactor(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

// A record without secrets. `record` points into the original and into this object.
class RedactedRecord {
 public:
  RedactedRecord(const TranscriptRecord& original, const Redactor& redactor, RedactionTally& tally);
  RedactedRecord(const RedactedRecord&) = delete;
  RedactedRecord& operator=(const RedactedRecord&) = delete;

  [[nodiscard]] const TranscriptRecord& record() const { return record_; }

 private:
  TranscriptRecord record_;
  std::optional<std::string> text_;
  std::optional<std::string> error_;
  std::optional<std::string> arguments_;
  std::optional<std::string> raw_;
};

}  // namespace daybook::transcript
