// SPDX-License-Identifier: Apache-2.0
#include "cli/context.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "base/fs/files.h"
#include "base/json_writer.h"
#include "base/suggest.h"
#include "cli/config_files.h"
#include "cli/exit_code.h"
#include "cli/memory.h"
#include "cli/partial.h"

namespace daybook::cli {
namespace {

constexpr std::size_t kMaxHostBytes = 200;
constexpr int kMaxParents = 256;  // directories to climb in search of a ledger

volatile std::sig_atomic_t g_interrupted = 0;
volatile std::sig_atomic_t g_cooperative = 0;
// Whoever waits polls the read end: a flag alone could be set just before the wait.
int g_interrupt_pipe[2] = {-1, -1};

extern "C" void on_interrupt(int) {
  if (g_cooperative == 0 || g_interrupted != 0) _exit(static_cast<int>(ExitCode::Interrupted));
  g_interrupted = 1;
  const int error = errno;
  (void)!::write(g_interrupt_pipe[1], "", 1);
  errno = error;
}

void install_signals() {
  struct sigaction before = {};
  ::sigaction(SIGINT, nullptr, &before);
  if (before.sa_handler != SIG_IGN) {  // a background job stays one
    struct sigaction action = {};
    action.sa_handler = on_interrupt;  // without SA_RESTART: a blocked read returns
    ::sigaction(SIGINT, &action, nullptr);
  }
  // A closed pipe shows as EPIPE, so that a verb can finish what it began.
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
}

LedgerChoice chosen(std::string path, std::string origin) {
  std::string project = parent_of(absolute(path));
  project += project == "/" ? "daybook.toml" : "/daybook.toml";
  return {.path = std::move(path),
          .origin = std::move(origin),
          .project_file = std::move(project),
          .zone = {}};
}

// The nearest .daybook in the working directory or above; empty when none is.
Result<std::string> nearest_ledger(FileSystem& files) {
  std::string directory = absolute(".");
  for (int i = 0; i < kMaxParents; ++i) {
    std::string candidate = (directory == "/" ? "" : directory) + "/.daybook";
    DAYBOOK_TRY(found, files.exists(candidate));
    if (found) return candidate;
    if (directory == "/" || directory == ".") break;
    directory = parent_of(directory);
  }
  return std::string();
}

// Who writes events when nobody says so: host and program.
std::string this_program() {
  char host[kMaxHostBytes + 1] = {};
  if (::gethostname(host, kMaxHostBytes) != 0 || host[0] == '\0') return "daybook";
  return fmt::format("{}/daybook", printable(host));
}

Error no_zone(const std::string& id, const review::Config& config) {
  std::vector<std::string> names;
  names.reserve(config.zones.size());
  for (const review::ZoneConfig& zone : config.zones) names.push_back(zone.id);
  return {Errc::NotFound, fmt::format("there is no zone '{}'", id),
          suggestion(id, names, "`daybook zones` lists them")};
}

Error no_ledger(const LedgerChoice& choice) {
  const char* hint = "`daybook init` makes one in this directory; --ledger DIR names another";
  if (!choice.zone.empty()) {
    return {
        Errc::NotFound, fmt::format("no ledger yet at {} ({})", choice.path, choice.origin),
        fmt::format("the first verb that writes makes it, as does `daybook init {}`", choice.path)};
  }
  if (choice.origin != "user") {
    return {Errc::NotFound, fmt::format("no ledger at {} ({})", choice.path, choice.origin),
            fmt::format("`daybook init {}` makes one there", choice.path)};
  }
  return {Errc::NotFound,
          fmt::format("no ledger here: no .daybook in this directory or above, none at {}",
                      choice.path.empty() ? "$XDG_DATA_HOME/daybook" : choice.path),
          hint};
}

}  // namespace

std::string absolute(const std::string& path) {
  std::error_code error;
  const auto full = std::filesystem::absolute(path, error);
  std::string text = (error ? std::filesystem::path(path) : full).lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

Context::Context(GlobalFlags global, ErrorForm error_form)
    : global_(std::move(global)), error_form_(error_form), env_(Environment::system()) {
  install_signals();
  if (!global_.color.empty()) override_setting("color", global_.color, "--color");
  const char* environment = std::getenv("DAYBOOK_COLOR");
  out_.set_color(!global_.color.empty() ? global_.color : environment ? environment : "auto");
}

void Context::note(std::string_view text) {
  if (global_.quiet) return;
  (void)out_.flush();  // so that data and notes come in order
  write_error_text(fmt::format("{}\n", text));
}

void Context::warn(std::string_view text) {
  (void)out_.flush();
  write_error_text(fmt::format("daybook: warning: {}\n", text));
}

void Context::report(const Error& error) {
  if (error_form_ == ErrorForm::Text || out_.closed() || out_.failed()) {
    (void)out_.flush();
    std::string text = fmt::format("daybook: {}\n", printable(error.message));
    if (!error.hint.empty()) text += fmt::format("  hint: {}\n", printable(error.hint));
    write_error_text(text);
    return;
  }
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().key("error").begin_object();
  writer.member("code", to_string(error.code)).member("message", error.message);
  writer.member("hint", error.hint).end_object().end_object();
  if (error_form_ == ErrorForm::Document) out_.take_back();  // half an answer is none
  out_.line(json);
}

Result<LedgerChoice> Context::ledger_choice() {
  if (!choice_) {
    DAYBOOK_TRY(choice, choose_ledger());
    choice_ = std::move(choice);
  }
  return *choice_;
}

// The ledger that a flag, the environment or the working directory names; no path
// when none does.
Result<LedgerChoice> Context::ledger_here() {
  if (!global_.ledger.empty()) return chosen(global_.ledger, "flag --ledger");
  const char* environment = std::getenv("DAYBOOK_DIR");
  if (environment != nullptr && *environment != '\0') {
    return chosen(environment, "environment DAYBOOK_DIR");
  }
  DAYBOOK_TRY(nearest, nearest_ledger(*env_.files));
  return nearest.empty() ? LedgerChoice{} : chosen(nearest, "nearest");
}

// A flag wins over the environment, that over the project, that over the user.
Result<LedgerChoice> Context::choose_ledger() {
  if (!global_.ledger.empty() && !global_.zone.empty()) {
    return fail(Errc::InvalidArgument, "--ledger and --zone both name a ledger: give one of them");
  }
  DAYBOOK_TRY(here, ledger_here());
  if (!global_.ledger.empty()) return here;
  const bool by_zone = !global_.zone.empty();
  if (by_zone || !config_file_.empty() || here.path.empty()) {
    DAYBOOK_TRY(config, this->config());
    const auto* const zone = by_zone                ? review::find_zone(config, global_.zone)
                             : config.zones.empty() ? nullptr
                                                    : &config.zones.front();
    if (zone != nullptr) {
      return LedgerChoice{.path = zone->ledger_path,
                          .origin = fmt::format("zone {} of {}", zone->id, zone->place),
                          .project_file = here.project_file,
                          .zone = zone->id};
    }
    if (by_zone) return fail(no_zone(global_.zone, config));
  }
  if (!here.path.empty()) return here;
  // The user's own ledger belongs to no project.
  const std::string data = xdg_directory("XDG_DATA_HOME", ".local/share");
  return LedgerChoice{.path = data.empty() ? "" : data + "/daybook",
                      .origin = "user",
                      .project_file = {},
                      .zone = {}};
}

Result<review::Config> Context::config() {
  if (!config_) {
    DAYBOOK_TRY(here, ledger_here());
    DAYBOOK_TRY(config, read_config_files(*env_.files, config_file_, here.project_file));
    config_ = std::move(config);
  }
  return *config_;
}

Result<Settings> Context::settings() {
  if (settings_) return *settings_;
  DAYBOOK_TRY(choice, ledger_choice());
  const std::string config = xdg_directory("XDG_CONFIG_HOME", ".config");
  const SettingFiles files{choice.project_file,
                           config.empty() ? "" : config + "/daybook/config.toml"};
  DAYBOOK_TRY(settings, load_settings(env_, files, overrides_));
  out_.set_color(settings.color);
  settings_ = std::move(settings);
  return *settings_;
}

Result<LedgerOptions> Context::ledger_options(Access access) {
  DAYBOOK_TRY(settings, this->settings());
  LedgerOptions options = std::move(settings.ledger);
  if (options.source.empty()) options.source = this_program();
  options.access = access;
  return options;
}

Result<Ledger> Context::open_ledger(Access access) {
  auto ledger = open_chosen(access);
  if (ledger && access == Access::ReadWrite) {
    tell_health(*ledger);
    compare_with_memory(*ledger);
  }
  return ledger;
}

// Nothing here stops a writer: what it has to say must not be lost as well.
void Context::tell_health(Ledger& ledger) {
  const auto status = ledger.status();
  if (!status) return warn(printable(status.error().message));
  for (const std::string& repair : status->repairs) warn("repaired: " + printable(repair));
  // What is written now gets the newest event's time, which nobody would expect.
  if (status->clock_behind.count() > 0) {
    warn(
        fmt::format("the clock is {} behind the newest event: until it has caught up, all that is "
                    "written counts as recorded at that event's time",
                    human_duration(status->clock_behind.count())));
  }
  if (status->lost.empty()) {
    const KnownDamage& damage = status->damage;
    if (damage.total == 0) return;
    return warn(fmt::format("the ledger is damaged: `daybook verify` found {} at {}",
                            counted(damage.total, "place"), to_string(damage.verified)));
  }
  const std::size_t others = status->lost.size() - 1;
  warn(fmt::format("the ledger is damaged: {}{}; `daybook verify` tells all",
                   describe(status->lost.front()),
                   others == 0 ? "" : fmt::format(" and {} more", counted(others, "place"))));
}

// To refuse would cost what the writer has to say; to sign would make a forgery genuine.
void Context::compare_with_memory(Ledger& ledger) {
  KnownLedgers* const known = memory();
  if (known == nullptr) return;
  const auto seen = known->compare(ledger, absolute(ledger.path()));
  may_remember_ = !seen || (seen->good() && seen->standing != Standing::Unproven);
  if (!seen || seen->good()) return;
  ledger.withhold_signatures();
  warn(alarm(*seen) +
       "\n  events are appended all the same, and nothing is signed until somebody who knows why\n"
       "  it is another says so: `daybook verify --accept`");
}

KnownLedgers* Context::memory() {
  if (!memory_) {
    const auto settings = this->settings();
    memory_ = settings && settings->remember ? open_memory(env_) : std::nullopt;
  }
  return *memory_ ? &**memory_ : nullptr;
}

Result<Ledger> Context::open_chosen(Access access) {
  DAYBOOK_TRY(choice, ledger_choice());
  DAYBOOK_TRY(options, ledger_options(access));
  if (choice.path.empty()) return fail(no_ledger(choice));
  auto ledger = Ledger::open(choice.path, options, env_);
  const bool missing = !ledger && ledger.error().code == Errc::NotFound;
  if (missing && !choice.zone.empty() && access == Access::ReadWrite) {
    return make_zone(choice, options);
  }
  if (missing) {
    Error error = no_ledger(choice);
    const std::string inside = choice.path + "/.daybook";
    if (env_.files->exists(inside).value_or(false)) {
      error.hint = fmt::format("there is one inside: --ledger {}", inside);
    } else if (const auto names = env_.files->list(choice.path); names && !names->empty()) {
      error.hint = ledger.error().hint;  // no ledger is made among other things
    }
    return fail(std::move(error));
  }
  return ledger;
}

Result<Ledger> Context::create_ledger(const std::string& path, const LedgerOptions& options) {
  const std::string home = home_directory();
  if (!home.empty() && absolute(path) == absolute(home)) {
    return fail(Errc::InvalidArgument, fmt::format("{} is the home directory", path),
                "give the ledger a directory of its own");
  }
  return Ledger::create(path, options, env_);
}

Result<ExitCode> Context::close_ledger(Ledger& ledger, ExitCode code) {
  const auto closed = ledger.close();
  if (closed) {
    KnownLedgers* const known = memory();
    // What cannot be remembered costs a warning another day, not this day's work.
    if (known != nullptr && may_remember_) {
      static_cast<void>(known->remember(ledger, absolute(ledger.path())));
    }
    return code;
  }
  if (closed.error().code != Errc::Unsigned) return fail(closed.error());
  warn(printable(closed.error().message));
  if (!closed.error().hint.empty()) {
    write_error_text(fmt::format("  hint: {}\n", printable(closed.error().hint)));
  }
  return code == ExitCode::Ok ? ExitCode::Partial : code;
}

// Another process may be making it, too: then that one is used.
Result<Ledger> Context::make_zone(const LedgerChoice& choice, const LedgerOptions& options) {
  auto made = create_ledger(choice.path, options);
  if (made) {
    note(fmt::format("made a ledger at {} ({})", choice.path, choice.origin));
    if (KnownLedgers* const known = memory()) {
      static_cast<void>(known->forget(absolute(choice.path)));
    }
  } else if (made.error().code == Errc::AlreadyExists) {
    auto opened = Ledger::open(choice.path, options, env_);
    if (opened || opened.error().code != Errc::NotFound) return opened;
  }
  return made;
}

void Context::override_setting(std::string_view key, std::string_view value,
                               std::string_view flag) {
  overrides_.push_back({std::string(key), std::string(value), fmt::format("flag {}", flag)});
}

void Context::catch_interrupt() {
  if (g_interrupt_pipe[0] < 0) (void)!::pipe2(g_interrupt_pipe, O_CLOEXEC | O_NONBLOCK);
  g_cooperative = 1;
}

int Context::interrupt_descriptor() { return g_interrupt_pipe[0]; }

bool Context::interrupted() { return g_interrupted != 0; }

}  // namespace daybook::cli
