// SPDX-License-Identifier: Apache-2.0
//
// daybook known, daybook known forget: what this user remembers of ledgers.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

Result<KnownLedgers*> memory_of(Context& context) {
  DAYBOOK_TRY(settings, context.settings());  // what is wrong with them is told
  if (KnownLedgers* const known = context.memory()) return known;
  return fail(Errc::NotFound, "no memory of ledgers is kept",
              settings.remember ? "there is no home directory, and $XDG_STATE_HOME is not set"
                                : "the setting `remember` is off");
}

class Known final : public Verb {
 public:
  void add(Flags& flags) override { flags.flag("--json", json_, "one JSON document"); }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(memory, memory_of(context));
    DAYBOOK_TRY(everything, memory->all());
    if (json_) {
      print_json(context.out(), everything);
      return ExitCode::Ok;
    }
    for (const KnownLedger& known : everything) {
      context.out().line(fmt::format("{}  {} signed, seen {}  {}", to_string(known.ledger_id),
                                     counted(known.events(), "event"), to_string(known.seen),
                                     printable(known.place)));
    }
    if (everything.empty()) context.note("nothing is remembered");
    return ExitCode::Ok;
  }

 private:
  static void print_json(Output& out, const std::vector<KnownLedger>& everything) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("known").begin_array();
    for (const KnownLedger& known : everything) {
      json.begin_object().member("place", known.place);
      json.member("ledger_id", to_string(known.ledger_id)).member("key", to_string(known.key));
      json.member("events", known.events()).member("seen", to_string(known.seen));
      if (known.tree) json.member("note", known.tree->checkpoint.text);
      json.end_object();
    }
    json.end_array().end_object();
    out.line(text);
  }

  bool json_ = false;
};

class KnownForget final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.flag("--gone", gone_, "forget the places where no ledger is any more");
    flags.arguments("PLACE", places_, Need::Optional, "the directory of a ledger");
  }

  Result<ExitCode> run(Context& context) override {
    if (places_.empty() != gone_) {
      return fail(Errc::InvalidArgument, "known forget needs places, or else --gone");
    }
    DAYBOOK_TRY(memory, memory_of(context));
    if (gone_) DAYBOOK_CHECK(find_gone(context, *memory));
    for (const std::string& place : places_) {
      DAYBOOK_CHECK(memory->forget(absolute(place)));
      context.note(fmt::format("forgot {}", absolute(place)));
    }
    return ExitCode::Ok;
  }

 private:
  Result<void> find_gone(Context& context, const KnownLedgers& memory) {
    DAYBOOK_TRY(everything, memory.all());
    for (KnownLedger& known : everything) {
      DAYBOOK_TRY(there, context.env().files->exists(known.place + "/LEDGER"));
      if (!there) places_.push_back(std::move(known.place));
    }
    return {};
  }

  bool gone_ = false;
  std::vector<std::string> places_;
};

constexpr Example kKnownExamples[] = {
    {"daybook known", "the ledgers that were written or verified, and how far they were signed"},
    {"daybook known --json", "the same, with the signed checkpoints"},
};

constexpr std::string_view kKnownDetails =
    "The newest checkpoint and the key of every ledger this user has written or verified, by\n"
    "place, in $XDG_STATE_HOME/daybook/ledgers, else ~/.local/state/daybook/ledgers. verify\n"
    "compares with it, as ssh does with known_hosts. The setting `remember` turns it off.";

constexpr Example kForgetExamples[] = {
    {"daybook known forget .daybook", "forget what was seen at one place"},
    {"daybook known forget --gone", "forget places that no longer have a ledger"},
};

}  // namespace

const Command known_command = {"known", "list the ledgers this user has seen", kKnownDetails,
                               kKnownExamples, make_verb<Known>};
const Command known_forget_command = {"known forget", "forget a ledger that was seen", "",
                                      kForgetExamples, make_verb<KnownForget>};

}  // namespace daybook::cli
