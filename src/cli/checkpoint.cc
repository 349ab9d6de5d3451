// SPDX-License-Identifier: Apache-2.0
//
// daybook checkpoint: signs the present state, for keeping elsewhere.
#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

class CheckpointVerb final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.flag("--key", key_, "print the public key that checks it, sign nothing");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(ledger, context.open_ledger(key_ ? Access::ReadOnly : Access::ReadWrite));
    const std::string key = to_string(ledger.verifier_key());
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    if (!key_) {
      DAYBOOK_TRY(checkpoint, ledger.checkpoint());
      DAYBOOK_CHECK(context.close_ledger(ledger));
      if (!json_) {
        context.out().write(checkpoint.text);
        return ExitCode::Ok;
      }
      json.member("origin", checkpoint.origin).member("size", checkpoint.head.size);
      json.member("root", to_string(checkpoint.head.root)).member("note", checkpoint.text);
    }
    json.member("key", key).end_object();
    context.out().line(json_ ? text : key);
    return ExitCode::Ok;
  }

 private:
  bool key_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook checkpoint > checkpoint.txt", "sign the present state, keep it elsewhere"},
    {"daybook checkpoint --key", "the public key that checks it"},
};

constexpr std::string_view kDetails =
    "Prints a C2SP signed note: origin, number of events, root hash, signature. Who\n"
    "keeps it can tell later whether anything before it was changed.";

}  // namespace

const Command checkpoint_command = {"checkpoint", "sign the present state of the ledger", kDetails,
                                    kExamples, make_verb<CheckpointVerb>};

}  // namespace daybook::cli
