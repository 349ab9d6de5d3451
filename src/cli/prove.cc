// SPDX-License-Identifier: Apache-2.0
//
// daybook prove: proof texts that anyone can check without the ledger.
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/fs/files.h"
#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/event_ref.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

class Prove final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("EVENT", event_, Need::Optional, std::string(kEventRefHelp));
    flags.flag("--with-data", with_data_, "put the data into the proof");
    flags.numbers("--consistency", sizes_, 2, "A B",
                  "prove that the ledger of B events extends that of A events");
    flags.text("-o,--output", output_, "FILE", "write the proof there");
    flags.flag("--json", json_, "the proof text inside one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    if (event_.empty() == sizes_.empty()) {
      return fail(Errc::InvalidArgument, "prove needs either EVENT or --consistency A B",
                  "`daybook prove 7` proves event 7");
    }
    if (with_data_ && event_.empty()) {
      return fail(Errc::InvalidArgument, "--with-data goes with EVENT only");
    }
    DAYBOOK_TRY(ledger, open(context));
    std::string report;
    DAYBOOK_TRY(proof, sizes_.empty() ? inclusion(ledger, report) : consistency(ledger, report));
    // The proof is made; whether later events could be signed is only worth a warning.
    DAYBOOK_CHECK(context.close_ledger(ledger, ExitCode::Ok));
    if (!output_.empty()) {
      DAYBOOK_CHECK(write_output_file(context.env(), output_, as_bytes(proof)));
      context.note(fmt::format("wrote {}", output_));
    }
    if (json_) {
      context.out().line(report);
    } else if (output_.empty()) {
      context.out().write(proof);
    }
    return ExitCode::Ok;
  }

 private:
  // A checkpoint may have to be signed; where that is not possible, those in
  // the log may do.
  static Result<Ledger> open(Context& context) {
    auto ledger = context.open_ledger(Access::ReadWrite);
    if (ledger || ledger.error().code != Errc::PermissionDenied) return ledger;
    return context.open_ledger(Access::ReadOnly);
  }

  Result<std::string> inclusion(Ledger& ledger, std::string& report) const {
    DAYBOOK_TRY(event, find_event(ledger, event_));
    const auto disclose = with_data_ ? Ledger::Disclose::WithData : Ledger::Disclose::EnvelopeOnly;
    DAYBOOK_TRY(proof, ledger.prove(event.seq, disclose));
    std::string text = to_string(proof);
    JsonWriter json(report);
    json.begin_object().member("kind", "inclusion").member("seq", event.seq.value);
    json.member("id", to_string(event.id)).member("origin", proof.checkpoint.origin);
    json.member("size", proof.checkpoint.head.size);
    json.member("root", to_string(proof.checkpoint.head.root)).member("proof", text).end_object();
    return text;
  }

  Result<std::string> consistency(Ledger& ledger, std::string& report) const {
    DAYBOOK_TRY(proof, ledger.prove_consistency(sizes_[0], sizes_[1]));
    std::string text = to_string(proof);
    JsonWriter json(report);
    json.begin_object().member("kind", "consistency").member("origin", proof.newer.origin);
    json.member("older", sizes_[0]).member("newer", sizes_[1]).member("proof", text).end_object();
    return text;
  }

  std::string event_;
  bool with_data_ = false;
  std::vector<std::uint64_t> sizes_;
  std::string output_;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook prove 7 -o event7.proof", "prove that event 7 is in the ledger"},
    {"daybook prove 7 --with-data | daybook verify-proof -", "prove its data too, and check it"},
    {"daybook prove --consistency 5 9", "prove that nothing of the first 5 events was changed"},
};

constexpr std::string_view kDetails =
    "Inclusion proofs are C2SP tlog-proof texts under a signed checkpoint. Without\n"
    "--with-data a proof shows the envelope (names, times, causes) and only a\n"
    "commitment to the data.";

}  // namespace

const Command prove_command = {"prove", "write a proof that holds without the ledger", kDetails,
                               kExamples, make_verb<Prove>};

}  // namespace daybook::cli
