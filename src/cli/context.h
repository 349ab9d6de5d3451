// SPDX-License-Identifier: Apache-2.0
//
// What a verb may lean on while it runs: the environment, the settings, the
// ledger that was meant, the output, and whether it is time to stop.
// Owned by the dispatcher; used by one thread.
//
// While it lives SIGPIPE is ignored and SIGINT caught: a verb that starts another
// program gives both their defaults back in the child before exec.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "daybook/environment.h"
#include "daybook/known.h"
#include "daybook/ledger.h"
#include "review/config.h"

namespace daybook::cli {

// The flags every verb has.
struct GlobalFlags {
  std::string ledger;  // --ledger; empty: not given
  std::string zone;    // --zone
  std::string color;   // --color
  bool quiet = false;  // --quiet
  bool help = false;   // -h, --help
};

// Which ledger is meant, and why this one.
struct LedgerChoice {
  std::string path;
  std::string origin;        // "flag --ledger", "environment DAYBOOK_DIR", "nearest", "user",
                             // "zone ops of ~/.jilog.toml:7"
  std::string project_file;  // where a project file may stand; empty: nowhere
  std::string zone;          // the id, when a zone of the configuration was chosen
};

// The path from the root, without "." and "..", and without a slash at the end.
[[nodiscard]] std::string absolute(const std::string& path);

class Context {
 public:
  Context(GlobalFlags global, ErrorForm error_form);

  [[nodiscard]] Environment& env() { return env_; }
  [[nodiscard]] Output& out() { return out_; }
  [[nodiscard]] const GlobalFlags& global() const { return global_; }

  // One line on standard error; silent with --quiet.
  void note(std::string_view text);
  // The same with "daybook: warning: " in front, also with --quiet.
  void warn(std::string_view text);
  // Prints an error in the form the caller asked for: for verbs that carry on
  // or choose their own exit code. A returned Error is printed by itself.
  void report(const Error& error);

  // Which ledger is meant; looks at the disk once. Does not fail when it is missing.
  // Errors: InvalidArgument for a configuration that cannot be read; NotFound for a
  // zone that it does not have.
  [[nodiscard]] Result<LedgerChoice> ledger_choice();
  // What cli/config_files.h reads; once. The project is that of --ledger, $DAYBOOK_DIR
  // or the nearest .daybook, also where a zone is the ledger.
  [[nodiscard]] Result<review::Config> config();
  // --config FILE; call it before anything asks for the ledger. Empty: not given.
  void use_config(std::string file) { config_file_ = std::move(file); }
  // The settings in force; reads the files once. Errors: InvalidArgument, with file and line.
  [[nodiscard]] Result<Settings> settings();
  [[nodiscard]] Result<LedgerOptions> ledger_options(Access access);
  // The ledger that is meant. That of a zone is made when it is to be written and not
  // there: who names it in the configuration wants it. Opened to be written it tells, as
  // warnings, what the open has repaired and what is damaged in it.
  [[nodiscard]] Result<Ledger> open_ledger(Access access);
  // Makes one, and never in the home directory itself.
  [[nodiscard]] Result<Ledger> create_ledger(const std::string& path, const LedgerOptions& options);
  // Closes what was written to, and remembers what was signed. What is durable is
  // acknowledged: a checkpoint that could not be signed is a warning, and turns Ok into
  // Partial.
  [[nodiscard]] Result<ExitCode> close_ledger(Ledger& ledger, ExitCode code);
  // The memory of ledgers; nothing when it is off or there is no state directory.
  [[nodiscard]] KnownLedgers* memory();

  // A flag that overrides a setting: "source", "durability", ...
  void override_setting(std::string_view key, std::string_view value, std::string_view flag);

  [[nodiscard]] Timestamp now() { return env_.clock->now(); }

  // Without this call SIGINT ends the process at once with 130 (everything here
  // survives that). After it, the first SIGINT only makes interrupted() true, so
  // that a verb can finish what it began and return ExitCode::Interrupted.
  void catch_interrupt();
  [[nodiscard]] static bool interrupted();
  // Readable once interrupted() is true, for waiting on it; -1 before catch_interrupt().
  [[nodiscard]] static int interrupt_descriptor();

 private:
  [[nodiscard]] Result<Ledger> open_chosen(Access access);
  void tell_health(Ledger& ledger);
  [[nodiscard]] Result<LedgerChoice> choose_ledger();
  [[nodiscard]] Result<LedgerChoice> ledger_here();
  void compare_with_memory(Ledger& ledger);
  [[nodiscard]] Result<Ledger> make_zone(const LedgerChoice& choice, const LedgerOptions& options);

  GlobalFlags global_;
  ErrorForm error_form_;
  Environment env_;
  Output out_;
  std::string config_file_;
  std::optional<LedgerChoice> choice_;
  std::optional<review::Config> config_;
  std::optional<Settings> settings_;
  std::vector<SettingOverride> overrides_;
  std::optional<std::optional<KnownLedgers>> memory_;  // once it was looked for
  bool may_remember_ = false;                          // the ledger is what is remembered, or more
};

}  // namespace daybook::cli
