// SPDX-License-Identifier: Apache-2.0
//
// daybook init: makes an empty ledger.
#include <cstdlib>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

class Init final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.argument("DIR", directory_, Need::Optional, "where; default: .daybook in this directory");
    flags.flag("--user", user_, "make the user's own ledger, used where no other is");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(path, target(context));
    DAYBOOK_TRY(options, context.ledger_options(Access::ReadWrite));
    auto ledger = context.create_ledger(path, options);
    if (!ledger) return fail(std::move(ledger).error());
    DAYBOOK_TRY(status, ledger->status());
    if (json_) {
      std::string text;
      JsonWriter json(text);
      json.begin_object().member("path", path).member("ledger_id", status.ledger_id);
      json.member("origin", status.origin);
      json.member("key", to_string(ledger->verifier_key())).end_object();
      context.out().line(text);
    } else {
      context.out().line(fmt::format("made ledger {} in {}", status.ledger_id, path));
      context.note("next: daybook append --stream task/hello --type greeted");
    }
    if (KnownLedgers* const known = context.memory()) {
      // Whoever makes a ledger here knows that another one is gone.
      static_cast<void>(known->forget(absolute(path)));
      static_cast<void>(known->remember(*ledger, absolute(path)));
    }
    DAYBOOK_CHECK(ledger->close());
    return ExitCode::Ok;
  }

 private:
  // An explicit place wins; otherwise a ledger is made here, never in a parent.
  Result<std::string> target(Context& context) const {
    if (user_) {
      const std::string data = xdg_directory("XDG_DATA_HOME", ".local/share");
      if (data.empty()) {
        return fail(Errc::NotFound, "neither $XDG_DATA_HOME nor $HOME is set",
                    "name a directory instead: daybook init DIR");
      }
      return data + "/daybook";
    }
    if (!directory_.empty()) return directory_;
    if (!context.global().ledger.empty() || !context.global().zone.empty()) {
      DAYBOOK_TRY(choice, context.ledger_choice());
      return choice.path;
    }
    const char* environment = std::getenv("DAYBOOK_DIR");
    return std::string(environment != nullptr && *environment != '\0' ? environment : ".daybook");
  }

  std::string directory_;
  bool user_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook init notes", "make a ledger in the directory notes"},
    {"daybook init --user", "make the user's own ledger, for use everywhere"},
};

constexpr std::string_view kDetails =
    "Without DIR the ledger is made at --ledger, --zone or $DAYBOOK_DIR when given, else\n"
    "in .daybook below this directory. It is readable by its owner only. The directory must\n"
    "be new or empty; where a ledger has lost its file LEDGER, use repair.";

}  // namespace

const Command init_command = {"init", "make an empty ledger", kDetails, kExamples, make_verb<Init>};

}  // namespace daybook::cli
