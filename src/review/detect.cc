// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "daybook/review.h"
#include "review/rule_set.h"

namespace daybook {
namespace review {

Sighting SignalSink::see(SignalKind kind, const TranscriptRecord& record) const {
  const SessionInfo& session = *record.session;
  Sighting sighting{.ordinal = ordinal_, .signal = {}};
  Signal& signal = sighting.signal;
  signal.kind = kind;
  signal.session = session.id;
  signal.root = root_.empty() ? session.id : root_;
  signal.record = record.id;
  signal.time = record.time;
  signal.harness = session.harness;
  signal.project = session.project;
  signal.persona = session.persona;
  signal.channel = session.channel;
  signal.agent = session.agent;
  return sighting;
}

std::vector<Signal> SignalSink::take() {
  std::ranges::stable_sort(found_, {}, &Sighting::ordinal);
  std::vector<Signal> signals;
  signals.reserve(found_.size());
  for (Sighting& sighting : found_) signals.push_back(std::move(sighting.signal));
  found_.clear();
  return signals;
}

}  // namespace review

class Detector::Impl {
 public:
  Impl(Rules rules, std::string root)
      : sink_(std::move(root)),
        rules_(rules == Rules::Jilog ? review::make_jilog_rules() : review::make_daybook_rules()) {}

  void add(const TranscriptRecord& record) {
    sink_.begin_record();
    rules_->add(record, sink_);
  }
  std::vector<Signal> take() { return sink_.take(); }
  void finish() { rules_->finish(sink_); }

 private:
  review::SignalSink sink_;
  std::unique_ptr<review::RuleSet> rules_;
};

Detector::Detector(Rules rules, std::string root)
    : impl_(std::make_unique<Impl>(rules, std::move(root))) {}
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;
Detector::~Detector() = default;

void Detector::add(const TranscriptRecord& record) { impl_->add(record); }
std::vector<Signal> Detector::take() { return impl_->take(); }
void Detector::finish() { impl_->finish(); }

}  // namespace daybook
