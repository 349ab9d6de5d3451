// SPDX-License-Identifier: Apache-2.0
//
// What both sets of rules are made of: they get the records of one session in
// order, and put the signals they find into a SignalSink. The sink knows the order
// of the records, so a rule may wait for what comes next before it decides, and the
// signals still come out in the order of the conversation. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daybook/review.h"

namespace daybook::review {

// Where a signal was seen: what it keeps of its record when the record is gone.
struct Sighting {
  std::uint64_t ordinal = 0;  // of the record in the session
  Signal signal;              // with everything filled in that the record says
};

class SignalSink {
 public:
  explicit SignalSink(std::string root) : root_(std::move(root)) {}

  // Called once for every record, before the rules see it.
  void begin_record() { ++ordinal_; }
  [[nodiscard]] Sighting see(SignalKind kind, const TranscriptRecord& record) const;
  void put(Sighting sighting) { found_.push_back(std::move(sighting)); }
  // Everything found since the last call, in the order of the records.
  [[nodiscard]] std::vector<Signal> take();

  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  std::string root_;
  std::uint64_t ordinal_ = 0;
  std::vector<Sighting> found_;
};

class RuleSet {
 public:
  virtual ~RuleSet() = default;
  virtual void add(const TranscriptRecord& record, SignalSink& sink) = 0;
  // No record follows.
  virtual void finish(SignalSink& sink) = 0;
};

[[nodiscard]] std::unique_ptr<RuleSet> make_daybook_rules();
[[nodiscard]] std::unique_ptr<RuleSet> make_jilog_rules();

}  // namespace daybook::review
