// SPDX-License-Identifier: Apache-2.0
//
// daybook why: what made an event happen, or what it made happen.
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/event_ref.h"
#include "cli/flags.h"
#include "cli/timeline.h"

namespace daybook::cli {
namespace {

class Why final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("EVENT", event_, Need::Required, std::string(kEventRefHelp));
    flags.flag("--effects", effects_, "what the event caused, instead of what caused it");
    flags.number("--limit", view_.limit, "N", "most facts to follow (default 10000)");
    flags.flag("--json", view_.json, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    view_.towards = effects_ ? Towards::Effects : Towards::Causes;
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    DAYBOOK_TRY(event, find_event(ledger, event_));
    return show_chain(context, ledger, event, view_);
  }

 private:
  std::string event_;
  bool effects_ = false;
  ChainView view_;
};

constexpr Example kExamples[] = {
    {"daybook why 7", "what led to event 7, across streams"},
    {"daybook why 'session/demo#3' --effects", "what the third event of a stream caused"},
};

}  // namespace

const Command why_command = {"why", "explain an event by its causes, or its effects", "", kExamples,
                             make_verb<Why>};

}  // namespace daybook::cli
