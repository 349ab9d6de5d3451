// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/clock.h"
#include "base/suggest.h"
#include "daybook/environment.h"

namespace daybook::cli {
namespace {

constexpr const char* kOwnGroup = "flags";
constexpr const char* kGlobalGroup = "global flags";

using Values = std::vector<std::string>;
using Setter = std::function<Result<void>(const Values&)>;

Result<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(Errc::InvalidArgument, fmt::format("'{}' is not a whole number", text));
  }
  return value;
}

Result<void> check_choice(const std::string& value, const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
  return fail(Errc::InvalidArgument,
              fmt::format("'{}' is none of {}", value, fmt::join(choices, ", ")),
              suggestion(value, choices, ""));
}

}  // namespace

class Flags::Impl {
 public:
  CLI::App app;
  const char* group = kOwnGroup;
  std::optional<Error> error;  // the first value that was refused
  std::vector<std::string>* rest = nullptr;
  std::string rest_name;
  std::string rest_help;

  Impl() {
    app.set_help_flag();
    app.allow_extras();
  }

  CLI::Option* add(const std::string& name, const std::string& help, Setter set) {
    // CLI11 calls back for positionals that were not given: ignore those.
    auto* option = app.add_option(
        name,
        [this, name, set = std::move(set)](const CLI::results_t& values) {
          if (values.empty()) return true;
          if (auto done = set(values); !done && !error) {
            error = done.error();
            error->message =
                fmt::format("{}: {}", name.substr(name.rfind(',') + 1), error->message);
          }
          return true;
        },
        help);
    return option->group(group)->take_last()->allow_extra_args(false);
  }

  // Refuses what no flag or argument took.
  static Result<void> check_extra(const std::vector<std::string>& extra, bool command_may_follow,
                                  const std::vector<OptionInfo>& known) {
    if (extra.empty()) return {};
    const std::string word = extra.front().substr(0, extra.front().find('='));
    if (!word.starts_with('-')) {
      if (command_may_follow) return {};
      return fail(Errc::InvalidArgument, fmt::format("unexpected argument '{}'", word));
    }
    std::vector<std::string> names;
    for (const OptionInfo& option : known) {
      if (!option.argument) names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return fail(Errc::InvalidArgument, fmt::format("unknown flag '{}'", word),
                suggestion(word, names, ""));
  }
};

Flags::Flags() : impl_(std::make_unique<Impl>()) {}
Flags::~Flags() = default;

Flags& Flags::flag(const std::string& name, bool& target, const std::string& help) {
  impl_->app.add_flag(name, target, help)->group(impl_->group)->disable_flag_override();
  return *this;
}

Flags& Flags::text(const std::string& name, std::string& target, const std::string& value,
                   const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              target = values.back();
              return {};
            })
      ->type_name(value);
  return *this;
}

Flags& Flags::text(const std::string& name, std::optional<std::string>& target,
                   const std::string& value, const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              target = values.back();
              return {};
            })
      ->type_name(value);
  return *this;
}

Flags& Flags::texts(const std::string& name, std::vector<std::string>& target,
                    const std::string& value, const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              target = values;
              return {};
            })
      ->type_name(value)
      ->take_all();
  return *this;
}

Flags& Flags::choice(const std::string& name, std::string& target,
                     const std::vector<std::string>& choices, const std::string& help) {
  impl_
      ->add(name, help,
            [&target, choices](const Values& values) -> Result<void> {
              target = values.back();
              return check_choice(target, choices);
            })
      ->type_name(fmt::format("{}", fmt::join(choices, "|")));
  return *this;
}

Flags& Flags::number(const std::string& name, std::uint64_t& target, const std::string& value,
                     const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              DAYBOOK_TRY(number, parse_number(values.back()));
              target = number;
              return {};
            })
      ->type_name(value);
  return *this;
}

Flags& Flags::number(const std::string& name, std::optional<std::uint64_t>& target,
                     const std::string& value, const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              DAYBOOK_TRY(number, parse_number(values.back()));
              target = number;
              return {};
            })
      ->type_name(value);
  return *this;
}

Flags& Flags::numbers(const std::string& name, std::vector<std::uint64_t>& target,
                      std::size_t count, const std::string& value, const std::string& help) {
  impl_
      ->add(name, help,
            [&target, count](const Values& values) -> Result<void> {
              if (values.size() != count) {
                return fail(Errc::InvalidArgument, fmt::format("{} values are needed", count));
              }
              target.clear();
              for (const std::string& text : values) {
                DAYBOOK_TRY(number, parse_number(text));
                target.push_back(number);
              }
              return {};
            })
      ->type_name(value)
      ->expected(static_cast<int>(count))
      ->allow_extra_args(false);
  return *this;
}

Flags& Flags::when(const std::string& name, std::optional<Timestamp>& target,
                   const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              DAYBOOK_TRY(time, parse_when(values.back(), Environment::system().clock->now()));
              target = time;
              return {};
            })
      ->type_name("WHEN");
  return *this;
}

Flags& Flags::duration(const std::string& name, std::optional<std::chrono::microseconds>& target,
                       const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              DAYBOOK_TRY(duration, parse_duration(values.back()));
              target = duration;
              return {};
            })
      ->type_name("DURATION");
  return *this;
}

Flags& Flags::argument(const std::string& name, std::string& target, Need need,
                       const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              target = values.back();
              return {};
            })
      ->required(need == Need::Required);
  return *this;
}

Flags& Flags::arguments(const std::string& name, std::vector<std::string>& target, Need need,
                        const std::string& help) {
  impl_
      ->add(name, help,
            [&target](const Values& values) -> Result<void> {
              target = values;
              return {};
            })
      ->required(need == Need::Required)
      ->take_all()
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(true);
  return *this;
}

Flags& Flags::choice_argument(const std::string& name, std::string& target,
                              const std::vector<std::string>& choices, const std::string& help) {
  impl_
      ->add(name, help,
            [&target, choices](const Values& values) -> Result<void> {
              target = values.back();
              return check_choice(target, choices);
            })
      ->type_name(fmt::format("{}", fmt::join(choices, "|")))
      ->required();
  return *this;
}

Flags& Flags::rest(const std::string& name, std::vector<std::string>& target,
                   const std::string& help) {
  impl_->app.prefix_command();
  impl_->rest = &target;
  impl_->rest_name = name;
  impl_->rest_help = help;
  return *this;
}

Flags& Flags::begin_global() {
  impl_->group = kGlobalGroup;
  return *this;
}

namespace {

// CLI11 says "--limit: 1 required N missing"; say it like the rest of Daybook.
Error in_our_words(const CLI::ParseError& thrown, const CLI::App& app) {
  const std::string text = thrown.what();
  constexpr std::string_view kOverride = " was given a disallowed flag override";
  if (text.ends_with(kOverride)) {
    return {Errc::InvalidArgument,
            fmt::format("--{} takes no value", text.substr(0, text.size() - kOverride.size())), ""};
  }
  const std::string name = text.substr(0, text.find_first_of(": "));
  const CLI::Option* option = app.get_option_no_throw(name);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&thrown) != nullptr && option != nullptr) {
    const int count = option->get_items_expected_min();
    return {Errc::InvalidArgument,
            count == 1 ? fmt::format("{} needs a value: {} {}", name, name, option->get_type_name())
                       : fmt::format("{} needs {} values", name, count),
            ""};
  }
  return {Errc::InvalidArgument, text, ""};
}

}  // namespace

Result<void> Flags::parse(const std::vector<std::string>& args) {
  std::vector<std::string> own = args;
  std::vector<std::string> tail;
  bool split = false;
  if (impl_->rest != nullptr) {
    const auto dashes = std::find(own.begin(), own.end(), "--");
    split = dashes != own.end();
    if (split) tail.assign(dashes + 1, own.end());
    own.erase(dashes, own.end());
  }
  std::reverse(own.begin(), own.end());  // CLI11 takes them from the back
  std::optional<Error> refused;
  try {
    impl_->app.parse(own);
  } catch (const CLI::ParseError& thrown) {
    refused = in_our_words(thrown, impl_->app);
  }
  // A mistyped flag explains more than what follows from it.
  const std::vector<std::string> extra = impl_->app.remaining();
  const bool take_extra = impl_->rest != nullptr && !split;
  DAYBOOK_CHECK(impl_->check_extra(extra, take_extra, describe()));
  if (refused) return fail(*refused);
  if (impl_->error) return fail(*impl_->error);
  if (impl_->rest != nullptr) *impl_->rest = take_extra ? extra : tail;
  return {};
}

std::vector<OptionInfo> Flags::describe() const {
  std::vector<OptionInfo> all;
  for (const CLI::Option* option : impl_->app.get_options()) {
    OptionInfo info;
    for (const std::string& name : option->get_snames()) info.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) info.names.push_back("--" + name);
    info.argument = option->get_positional();
    if (info.argument) info.names = {option->get_single_name()};
    if (option->get_items_expected_max() > 0) info.value = option->get_type_name();
    if (info.value.find('|') != std::string::npos)
      info.choices = CLI::detail::split(info.value, '|');
    info.help = option->get_description();
    info.required = option->get_required();
    info.repeatable = option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    info.global = option->get_group() == kGlobalGroup;
    all.push_back(std::move(info));
  }
  if (impl_->rest != nullptr) {
    all.push_back({.names = {impl_->rest_name},
                   .value = "",
                   .choices = {},
                   .help = impl_->rest_help,
                   .argument = true,
                   .required = true,
                   .repeatable = true,
                   .global = false});
  }
  return all;
}

}  // namespace daybook::cli
