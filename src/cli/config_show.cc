// SPDX-License-Identifier: Apache-2.0
//
// daybook config show: the settings in force, and which source won.
#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"

namespace daybook::cli {
namespace {

class ConfigShow final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.flag("--origin", origin_, "say for each value where it came from");
    flags.flag("--json", json_, "one JSON document, with the origins");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(choice, context.ledger_choice());
    DAYBOOK_TRY(settings, context.settings());
    std::vector<SettingValue> values = std::move(settings.values);
    values.insert(values.begin(), {.key = "ledger",
                                   .value = choice.path,
                                   .origin = choice.origin,
                                   .help = "the ledger that is meant",
                                   .is_number = false});
    if (json_) {
      print_json(context.out(), values);
    } else {
      print_text(context.out(), values);
    }
    for (const std::string& name : unknown_environment()) {
      context.warn(fmt::format("{} is set in the environment, but there is no such setting", name));
    }
    return ExitCode::Ok;
  }

 private:
  void print_text(Output& out, const std::vector<SettingValue>& values) const {
    std::size_t widest = 0;
    for (const SettingValue& entry : values) {
      widest = std::max(widest, entry.key.size() + entry.value.size());
    }
    for (const SettingValue& entry : values) {
      std::string line = fmt::format("{} = {}", entry.key, entry.value);
      if (origin_) line = fmt::format("{:{}}  # {}", line, widest + 3, entry.origin);
      out.line(printable(line));
    }
  }

  static void print_json(Output& out, const std::vector<SettingValue>& values) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("settings").begin_array();
    for (const SettingValue& entry : values) {
      json.begin_object().member("key", entry.key);
      entry.is_number ? json.raw_member("value", entry.value) : json.member("value", entry.value);
      json.member("origin", entry.origin).member("help", entry.help).end_object();
    }
    json.end_array().end_object();
    out.line(text);
  }

  bool origin_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook config show", "the settings in force here"},
    {"daybook config show --origin", "and where each came from"},
};

constexpr std::string_view kDetails =
    "A flag wins over the environment (DAYBOOK_<KEY>), that over the project file\n"
    "(daybook.toml beside the ledger directory), that over the user file\n"
    "($XDG_CONFIG_HOME/daybook/config.toml).";

}  // namespace

const Command config_show_command = {"config show", "show the settings in force", kDetails,
                                     kExamples, make_verb<ConfigShow>};

}  // namespace daybook::cli
