// SPDX-License-Identifier: Apache-2.0
//
// daybook checkpoint: signs the present state, for keeping elsewhere.
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/fs/files.h"
#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "review/process.h"

namespace daybook::cli {
namespace {

constexpr std::uint64_t kCommandTimeoutMs = 120'000;

class CheckpointVerb final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.texts("--to", files_, "FILE", "keep it there, in place of an older one; repeatable");
    flags.texts("--to-command", commands_, "COMMAND",
                "hand it to this shell command on standard input; repeatable");
    flags.flag("--accept-unsigned", accept_unsigned_,
               "say that earlier events without a checkpoint are known and fine");
    flags.flag("--key", key_, "print the public key that checks it, sign nothing");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    const bool keeps = !files_.empty() || !commands_.empty();
    if (key_ && (keeps || accept_unsigned_)) {
      return fail(Errc::InvalidArgument, "--key signs nothing, so there is nothing to keep");
    }
    DAYBOOK_TRY(ledger, context.open_ledger(key_ ? Access::ReadOnly : Access::ReadWrite));
    const std::string key = to_string(ledger.verifier_key());
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    ExitCode code = ExitCode::Ok;
    if (!key_) {
      DAYBOOK_TRY(checkpoint, ledger.checkpoint(accept_unsigned_ ? Ledger::Accept::Unsigned
                                                                 : Ledger::Accept::Nothing));
      DAYBOOK_CHECK(context.close_ledger(ledger, ExitCode::Ok));
      code = keep(context, checkpoint, json);
      if (!json_) {
        if (!keeps) context.out().write(checkpoint.text);
        return code;
      }
      json.member("origin", checkpoint.origin).member("size", checkpoint.head.size);
      json.member("root", to_string(checkpoint.head.root)).member("note", checkpoint.text);
    }
    json.member("key", key).end_object();
    context.out().line(json_ ? text : key);
    return code;
  }

 private:
  // It is signed and in the log by now: one place that fails costs the others nothing.
  ExitCode keep(Context& context, const Checkpoint& checkpoint, JsonWriter& json) const {
    ExitCode code = ExitCode::Ok;
    json.key("kept").begin_array();
    const auto told = [&](const std::string& where, const Result<void>& kept) {
      json.begin_object().member("to", where).member("ok", kept.has_value());
      if (!kept) json.member("error", kept.error().message);
      json.end_object();
      if (kept) {
        context.note(fmt::format("kept the checkpoint of {}: {}",
                                 counted(checkpoint.head.size, "event"), printable(where)));
      } else {
        context.warn(fmt::format("signed, but not kept: {}", printable(kept.error().message)));
        code = ExitCode::Partial;
      }
    };
    for (const std::string& file : files_) {
      told(file, write_output_file(context.env(), file, as_bytes(checkpoint.text)));
    }
    for (const std::string& command : commands_)
      told(command, hand_to(context, checkpoint, command));
    json.end_array();
    return code;
  }

  static Result<void> hand_to(Context& context, const Checkpoint& checkpoint,
                              const std::string& command) {
    auto result = review::run_program({"/bin/sh", "-c", command}, kCommandTimeoutMs, context.env(),
                                      checkpoint.text);
    if (!result && result.error().code == Errc::LimitExceeded) {
      return fail(Errc::Io, fmt::format("`{}` printed too much or took longer than {} s", command,
                                        kCommandTimeoutMs / 1000));
    }
    if (!result) return fail(std::move(result).error());
    if (result->exit_code == 0) return {};
    std::string said = result->errors.substr(0, result->errors.find('\n'));
    if (!said.empty()) said = ": " + said;
    return fail(Errc::Io, fmt::format("`{}` ended with {}{}", command, result->exit_code, said));
  }

  std::vector<std::string> files_;
  std::vector<std::string> commands_;
  bool accept_unsigned_ = false;
  bool key_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook checkpoint > checkpoint.txt", "sign the present state, keep it elsewhere"},
    {"daybook checkpoint --to ../kept.txt", "the same; the file always has the newest"},
    {"daybook checkpoint --to-command 'cat >> ../all.txt'",
     "hand it to a program, such as one that mails it"},
    {"daybook checkpoint --key", "the public key that checks it"},
};

constexpr std::string_view kDetails =
    "Prints a C2SP signed note: origin, number of events, root hash, signature. Who\n"
    "keeps it where a thief cannot reach can tell later, with `daybook verify --checkpoint`,\n"
    "whether anything before it was changed. A place that cannot keep it is told of and\n"
    "costs exit code 6: the checkpoint is in the log all the same.";

}  // namespace

const Command checkpoint_command = {"checkpoint", "sign the present state of the ledger", kDetails,
                                    kExamples, make_verb<CheckpointVerb>};

}  // namespace daybook::cli
