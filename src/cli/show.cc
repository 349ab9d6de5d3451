// SPDX-License-Identifier: Apache-2.0
//
// daybook show: one event, whole: envelope, data, and whether it can be proven.
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "cli/blob_refs.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/event_ref.h"
#include "cli/event_text.h"
#include "cli/flags.h"
#include "cli/pretty_json.h"
#include "ledger/merkle.h"

namespace daybook::cli {
namespace {

// What is known about the proof of the event.
struct ProofState {
  bool covered = false;  // by a checkpoint in the log
  bool holds = false;
  std::uint64_t checkpoint_size = 0;
  std::string leaf;  // hash of the event in the tree
  std::string reason;
};

// All there is to show.
struct Shown {
  Event event;
  Result<std::string> data;
  std::vector<ResolvedBlob> blobs;
  ProofState proof;
};

class Show final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("EVENT", event_, Need::Optional, std::string(kEventRefHelp));
    flags.flag("--raw", raw_, "only the data, byte for byte");
    flags.text("--blob", blob_, "SHA256", "only the bytes of this blob, in the place of an event");
    flags.flag("--json", json_, "one JSON document, the data as it was written");
  }

  Result<ExitCode> run(Context& context) override {
    if (event_.empty() == blob_.empty()) {
      return fail(Errc::InvalidArgument, "show needs either EVENT or --blob SHA256",
                  "`daybook show 7` shows event 7");
    }
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    if (!blob_.empty()) return write_blob(context, ledger);
    DAYBOOK_TRY(event, find_event(ledger, event_));
    Result<std::string> data = std::string();
    if (event.data_state != DataState::None) data = ledger.data(event);
    if (raw_) {
      if (!data) return fail(data.error());
      context.out().write(*data);
      return ExitCode::Ok;
    }
    DAYBOOK_TRY(proof, proof_state(ledger, event));
    const Shown shown{.event = std::move(event),
                      .data = data,
                      .blobs = resolve_blobs(ledger, data.value_or("")),
                      .proof = std::move(proof)};
    if (json_) {
      print_json(context.out(), shown);
    } else {
      print_text(context.out(), shown);
    }
    return tell_missing(context, shown);
  }

 private:
  Result<ExitCode> write_blob(Context& context, Ledger& ledger) const {
    DAYBOOK_TRY(digest, parse_blob_name(blob_));
    DAYBOOK_TRY(bytes, ledger.get_blob(digest));
    context.out().write(as_text(bytes));
    return ExitCode::Ok;
  }

  // Erased data is as it should be; any other that cannot be read is not.
  static ExitCode tell_missing(Context& context, const Shown& shown) {
    ExitCode code = ExitCode::Ok;
    const auto missing = [&](const std::string& what) {
      context.warn(what);
      code = ExitCode::Partial;
    };
    if (!shown.data && shown.event.data_state != DataState::Erased) {
      missing(shown.data.error().message);
    }
    for (const ResolvedBlob& blob : shown.blobs) {
      if (!blob.error.empty()) missing(blob.error);
    }
    if (shown.proof.covered && !shown.proof.holds) return ExitCode::VerificationFailed;
    return code;
  }

  static Result<ProofState> proof_state(Ledger& ledger, const Event& event) {
    ProofState state;
    DAYBOOK_TRY(cursor, ledger.scan({.from = event.seq, .to = event.seq, .stream = {}}));
    DAYBOOK_TRY(view, cursor.next());
    if (view != nullptr) state.leaf = to_string(leaf_hash(view->envelope));
    DAYBOOK_TRY(status, ledger.status());
    state.covered = status.checkpoint && status.checkpoint->head.size >= event.seq.value;
    if (!state.covered) {
      state.reason = "no checkpoint covers it yet; `daybook checkpoint` signs one";
      return state;
    }
    state.checkpoint_size = status.checkpoint->head.size;
    const auto proof = ledger.prove(event.seq);
    if (!proof) {
      state.reason = proof.error().message;
      return state;
    }
    state.checkpoint_size = proof->checkpoint.head.size;
    const auto proven = verify_inclusion_proof(*proof, ledger.verifier_key());
    state.holds = proven.has_value() && proven->id == event.id;
    if (!proven) state.reason = proven.error().message;
    return state;
  }

  static void print_json(Output& out, const Shown& all) {
    const auto& [event, data, blobs, proof] = all;
    std::string text = "{\"event\":";
    std::optional<std::string_view> shown;
    if (data && !data->empty()) shown = *data;
    append_envelope(text, view_of(event), shown);
    std::string members;
    JsonWriter json(members);
    json.begin_object().key("proof").begin_object().member("covered", proof.covered);
    json.member("verified", proof.holds);
    if (proof.covered) json.member("checkpoint_size", proof.checkpoint_size);
    json.optional_member("leaf", proof.leaf).optional_member("reason", proof.reason);
    json.end_object().key("blobs").begin_array();
    for (const ResolvedBlob& blob : blobs) {
      json.begin_object().member("blob", "sha256:" + to_string(blob.digest));
      if (blob.error.empty()) json.member("bytes", blob.bytes);
      json.optional_member("error", blob.error).end_object();
    }
    json.end_array();
    if (!data) json.member("data_error", data.error().message);
    json.end_object();
    out.line(text + "," + members.substr(1));
  }

  static void print_text(Output& out, const Shown& all) {
    const auto& [event, data, blobs, proof] = all;
    const auto row = [&](std::string_view name, std::string_view value) {
      if (value.empty()) return;
      out.line(fmt::format("  {}{}", out.paint(Paint::Dim, fmt::format("{:12}", name)),
                           printable(value)));
    };
    out.line(out.paint(Paint::Bold, fmt::format("event #{} — {}", event.seq.value, event.type)));
    row("id", to_string(event.id));
    row("stream", fmt::format("{} #{}", event.stream, event.version.value));
    row("time", to_string(event.time));
    row("recorded", to_string(event.recorded));
    row("source", event.source);
    row("actor", event.actor);
    row("subject", event.subject);
    row("correlation", event.correlation);
    row("key", event.key);
    row("tier", to_string(event.tier));
    for (const EventId& cause : event.causes) row("because", to_string(cause));
    row("data", data_line(event));
    if (event.data_state != DataState::None) row("commitment", to_string(event.commitment));
    for (const ResolvedBlob& blob : blobs) {
      row("blob", fmt::format("sha256:{}, {}", to_string(blob.digest),
                              blob.error.empty() ? counted(blob.bytes, "byte") : blob.error));
    }
    row("leaf", proof.leaf);
    row("proof", proof_line(proof));
    if (data && !data->empty()) out.line("\n" + pretty_json(*data, out));
  }

  static std::string data_line(const Event& event) {
    std::string size = counted(event.data_bytes, "byte");
    switch (event.data_state) {
      case DataState::None:
        return "none";
      case DataState::Inline:
        return size;
      case DataState::Blob:
        return fmt::format("{}, blob sha256:{}", size, to_string(event.blob));
      case DataState::Erased:
        return fmt::format("{}, erased; the commitment and all proofs still hold", size);
      case DataState::Damaged:
        return fmt::format("{}, damaged; the envelope is intact", size);
    }
    return size;
  }

  static std::string proof_line(const ProofState& proof) {
    if (proof.holds) {
      return fmt::format("verified under the checkpoint of {}",
                         counted(proof.checkpoint_size, "event"));
    }
    return proof.covered ? fmt::format("DOES NOT HOLD: {}", proof.reason) : proof.reason;
  }

  std::string event_;
  std::string blob_;
  bool raw_ = false;
  bool json_ = false;
};

constexpr std::string_view kDetails =
    "Data in the blob store is read from there, blobs that the data refers to are read\n"
    "and verified, and the event's proof under the newest checkpoint is checked.";

constexpr Example kExamples[] = {
    {"daybook show 7", "everything about event 7"},
    {"daybook show 'session/demo#3' --json", "the third event of a stream, for programs"},
    {"daybook show 7 --raw", "only its data, byte for byte"},
};

}  // namespace

const Command show_command = {"show", "show one event with its data and proof state", kDetails,
                              kExamples, make_verb<Show>};

}  // namespace daybook::cli
