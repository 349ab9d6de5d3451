// SPDX-License-Identifier: Apache-2.0
//
// daybook verify-proof: checks a proof or checkpoint text offline.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/event_text.h"
#include "cli/flags.h"
#include "cli/input.h"
#include "cli/key_choice.h"

namespace daybook::cli {
namespace {

constexpr std::string_view kInclusionHeader = "c2sp.org/tlog-proof";
constexpr std::string_view kConsistencyHeader = "daybook.dev/consistency-proof";

void append_checkpoint(JsonWriter& json, const Checkpoint& checkpoint) {
  json.begin_object().member("origin", checkpoint.origin).member("size", checkpoint.head.size);
  json.member("root", to_string(checkpoint.head.root)).end_object();
}

class VerifyProof final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("FILE", file_, Need::Required,
                   "an inclusion proof, a consistency proof or a checkpoint; - for standard input");
    flags.text("--key", key_, "KEY|@FILE", "the ledger's public key; else that of the ledger here");
    flags.flag("--event-json", event_json_, "print only the proven event, as JSON");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(text, read_input(context.env(), file_));
    DAYBOOK_TRY(key, choose_key(context, key_));
    const bool inclusion = text.starts_with(kInclusionHeader);
    if (event_json_ && !inclusion) {
      return fail(Errc::InvalidArgument, "--event-json needs an inclusion proof");
    }
    if (inclusion) return check_inclusion(context, text, key);
    if (text.starts_with(kConsistencyHeader)) return check_consistency(context, text, key);
    return check_checkpoint(context, text, key);
  }

 private:
  Result<ExitCode> check_inclusion(Context& context, const std::string& text,
                                   const VerifierKey& key) {
    DAYBOOK_TRY(proof, parse_inclusion_proof(text));
    DAYBOOK_TRY(event, verify_inclusion_proof(proof, key));
    Output& out = context.out();
    std::string event_json;
    append_envelope(event_json, view_of(event));
    if (event_json_) {
      out.line(event_json);
    } else if (json_) {
      std::string line;
      JsonWriter json(line);
      json.begin_object().member("ok", true).member("kind", "inclusion");
      json.raw_member("event", event_json).key("checkpoint");
      append_checkpoint(json, proof.checkpoint);
      json.end_object();
      out.line(line);
    } else {
      out.line(out.paint(Paint::Green, "the proof holds"));
      out.line(
          fmt::format("  event      #{} {} {}", event.seq.value, to_string(event.id), event.type));
      out.line(fmt::format("  stream     {} #{}", event.stream, event.version.value));
      out.line(fmt::format("  recorded   {}", to_string(event.recorded)));
      out.line(fmt::format("  data       {}",
                           proof.salted_data ? "disclosed, as committed" : "not disclosed"));
      print_signer(out, proof.checkpoint);
    }
    return ExitCode::Ok;
  }

  Result<ExitCode> check_consistency(Context& context, const std::string& text,
                                     const VerifierKey& key) {
    DAYBOOK_TRY(proof, parse_consistency_proof(text));
    DAYBOOK_CHECK(verify_consistency_proof(proof, key));
    Output& out = context.out();
    if (json_) {
      std::string line;
      JsonWriter json(line);
      json.begin_object().member("ok", true).member("kind", "consistency").key("older");
      append_checkpoint(json, proof.older);
      json.key("newer");
      append_checkpoint(json, proof.newer);
      json.end_object();
      out.line(line);
    } else {
      out.line(out.paint(Paint::Green, "the proof holds"));
      out.line(fmt::format("  the first {} are unchanged among {}",
                           counted(proof.older.head.size, "event"),
                           human_count(proof.newer.head.size)));
      print_signer(out, proof.newer);
    }
    return ExitCode::Ok;
  }

  Result<ExitCode> check_checkpoint(Context& context, const std::string& text,
                                    const VerifierKey& key) {
    DAYBOOK_TRY(checkpoint, verify_checkpoint(text, key));
    Output& out = context.out();
    if (json_) {
      std::string line;
      JsonWriter json(line);
      json.begin_object().member("ok", true).member("kind", "checkpoint").key("checkpoint");
      append_checkpoint(json, checkpoint);
      json.end_object();
      out.line(line);
    } else {
      out.line(out.paint(Paint::Green, "the signature holds"));
      print_signer(out, checkpoint);
    }
    return ExitCode::Ok;
  }

  static void print_signer(Output& out, const Checkpoint& checkpoint) {
    out.line(fmt::format("  signed by  {}", printable(checkpoint.origin)));
    out.line(fmt::format("  tree       {}, root {}", counted(checkpoint.head.size, "event"),
                         to_string(checkpoint.head.root)));
  }

  std::string file_;
  std::string key_;
  bool event_json_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook prove 7 -o event7.proof && daybook verify-proof event7.proof",
     "check with the key of the ledger here"},
    {"daybook checkpoint --key > ledger.key && daybook checkpoint | daybook verify-proof - --key "
     "@ledger.key",
     "check a checkpoint with a key from elsewhere"},
};

constexpr std::string_view kDetails =
    "Needs no ledger when --key is given. Exit code 3 when the text is no proof or\n"
    "does not hold.";

}  // namespace

const Command verify_proof_command = {"verify-proof", "check a proof or a checkpoint offline",
                                      kDetails, kExamples, make_verb<VerifyProof>};

}  // namespace daybook::cli
