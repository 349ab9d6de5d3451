// SPDX-License-Identifier: Apache-2.0
//
// daybook zones: the zones of the configuration, and how their ledgers are.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

struct Zone {
  review::ZoneConfig config;
  bool current = false;                // the one that other verbs use here
  std::optional<LedgerStatus> status;  // empty: no ledger there yet, or an error
  std::optional<Error> error;
};

class Zones final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.text("--config", config_file_, "FILE", "this configuration alone");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    context.use_config(config_file_);
    DAYBOOK_TRY(choice, context.ledger_choice());
    DAYBOOK_TRY(config, context.config());
    for (const std::string& warning : config.warnings) context.warn(warning);
    std::vector<Zone> zones;
    for (review::ZoneConfig& entry : config.zones) {
      DAYBOOK_TRY(zone, look_at(context, std::move(entry)));
      zone.current = absolute(zone.config.ledger_path) == absolute(choice.path);
      zones.push_back(std::move(zone));
    }
    if (json_) {
      print_json(context.out(), zones);
    } else {
      print_text(context, zones);
    }
    const bool failed =
        std::ranges::any_of(zones, [](const Zone& zone) { return zone.error.has_value(); });
    return failed ? ExitCode::Partial : ExitCode::Ok;
  }

 private:
  // A ledger that cannot be opened is told of; the other zones are shown all the same.
  static Result<Zone> look_at(Context& context, review::ZoneConfig config) {
    Zone zone;
    zone.config = std::move(config);
    DAYBOOK_TRY(options, context.ledger_options(Access::ReadOnly));
    auto ledger = Ledger::open(zone.config.ledger_path, options, context.env());
    auto status = ledger ? ledger->status() : Result<LedgerStatus>(fail(ledger.error()));
    if (status) {
      zone.status = *std::move(status);
    } else if (status.error().code != Errc::NotFound) {
      zone.error = status.error();
    }
    return zone;
  }

  static std::string state_of(Context& context, const Zone& zone) {
    if (zone.error) return "cannot be opened: " + zone.error->message;
    if (!zone.status) return "no ledger yet";
    std::string text = counted(zone.status->last.value, "event");
    if (zone.status->last.value == 0) return text;
    const std::int64_t age = context.now().micros - zone.status->last_recorded.micros;
    return fmt::format("{}, the newest {} ago", text, human_duration(age));
  }

  static void print_text(Context& context, const std::vector<Zone>& zones) {
    Output& out = context.out();
    for (const Zone& zone : zones) {
      out.line(printable(fmt::format("{} {:12} {}  ({})", zone.current ? '*' : ' ', zone.config.id,
                                     zone.config.ledger_path, state_of(context, zone))));
    }
    if (zones.empty()) out.line("no zones: a configuration names them, each with a [[zone]]");
  }

  static void print_json(Output& out, const std::vector<Zone>& zones) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("zones").begin_array();
    for (const Zone& zone : zones) {
      json.begin_object().member("id", zone.config.id).member("ledger", zone.config.ledger_path);
      json.member("place", zone.config.place).member("current", zone.current);
      json.member("exists", zone.status.has_value() || zone.error.has_value());
      if (zone.status) {
        json.member("events", zone.status->last.value);
        if (zone.status->last.value > 0) {
          json.member("last_recorded", to_string(zone.status->last_recorded));
        }
      }
      if (zone.error) json.member("error", zone.error->message);
      json.end_object();
    }
    json.end_array().end_object();
    out.line(text);
  }

  std::string config_file_;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook zones", "the ledgers that have a name"},
    {"daybook zones --json", "the same, for programs"},
};

constexpr std::string_view kDetails =
    "A zone is a ledger with a name: a [[zone]] with id and ledger_path in the\n"
    "configuration. --zone ID chooses one with every verb. The first is used where no\n"
    "flag, no environment and no .daybook says otherwise, and is made when a verb first\n"
    "writes to it. The star marks the one in use here.";

}  // namespace

const Command zones_command = {"zones", "list the zones and how their ledgers are", kDetails,
                               kExamples, make_verb<Zones>};

}  // namespace daybook::cli
