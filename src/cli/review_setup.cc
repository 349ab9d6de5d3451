// SPDX-License-Identifier: Apache-2.0
#include "cli/review_setup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "base/text.h"
#include "cli/config_files.h"
#include "cli/local_time.h"
#include "cli/output.h"

namespace daybook::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDryRun = ".dry-run-";
constexpr std::size_t kDryRunDigits = 16;  // behind it
constexpr std::size_t kMaxTold = 10;       // files that cannot be read, told one by one

// A line whose signals no review will see.
bool is_lost(const Skipped& skipped) {
  return skipped.reason == Skipped::Reason::Malformed || skipped.reason == Skipped::Reason::TooLong;
}

// Segments but for the last two, and blobs, are never written again.
void share_or_copy(const fs::path& from, const fs::path& to, std::error_code& error) {
  fs::create_hard_link(from, to, error);
  if (!error) return;
  error.clear();
  fs::copy_file(from, to, error);
}

void copy_log(const fs::path& from, const fs::path& to, std::error_code& error) {
  constexpr std::size_t kMayChange = 2;
  std::vector<fs::path> segments;
  for (const auto& entry : fs::directory_iterator(from, error)) segments.push_back(entry.path());
  std::sort(segments.begin(), segments.end());
  fs::create_directories(to, error);
  for (std::size_t i = 0; i < segments.size() && !error; ++i) {
    const fs::path target = to / segments[i].filename();
    if (i + kMayChange < segments.size()) {
      share_or_copy(segments[i], target, error);
    } else {
      fs::copy_file(segments[i], target, error);
    }
  }
}

void copy_blobs(const fs::path& from, const fs::path& to, std::error_code& error) {
  fs::create_directories(to, error);
  for (auto entry = fs::recursive_directory_iterator(from, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const fs::path target = to / fs::relative(entry->path(), from, error);
    if (entry->is_directory()) {
      fs::create_directories(target, error);
    } else {
      share_or_copy(entry->path(), target, error);
    }
  }
}

// What says how far the log is durable goes first: it may only ever say too little.
Result<void> copy_ledger(const std::string& from, const std::string& to) {
  std::error_code error;
  const fs::path source(from);
  const fs::path target(to);
  for (const char* const name : {"LEDGER", "tail", "keys", "views/import"}) {
    if (error || !fs::exists(source / name)) continue;
    fs::create_directories((target / name).parent_path(), error);
    fs::copy(source / name, target / name, fs::copy_options::recursive, error);
  }
  if (!error) copy_log(source / "log", target / "log", error);
  if (!error && fs::exists(source / "blobs")) copy_blobs(source / "blobs", target / "blobs", error);
  if (!error) return {};
  return fail(Errc::Io, fmt::format("cannot copy {} for a dry run: {}", from, error.message()),
              "a dry run needs room beside the ledger");
}

// What dry runs left behind that were killed. Others may be at work: only old ones go.
void remove_left_behind(const fs::path& place) {
  constexpr auto kOld = std::chrono::hours(24);
  const std::string prefix = place.filename().string() + kDryRun;
  std::error_code error;  // litter that cannot be removed is only litter
  const fs::path parent = place.has_parent_path() ? place.parent_path() : fs::path(".");
  for (auto entry = fs::directory_iterator(parent, error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool ours =
        name.starts_with(prefix) && name.size() == prefix.size() + kDryRunDigits &&
        name.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos;
    if (!ours) continue;
    std::error_code one;
    const auto written = fs::last_write_time(entry->path(), one);
    if (!one && fs::file_time_type::clock::now() - written > kOld)
      fs::remove_all(entry->path(), one);
  }
}

}  // namespace

Result<review::Config> load_config(Context& context, const std::string& file) {
  context.use_config(file);
  DAYBOOK_TRY(config, context.config());
  for (const std::string& warning : config.warnings) context.warn(warning);
  DAYBOOK_CHECK(use_time_zone(config.timezone));
  return config;
}

Result<std::vector<ReaderSource>> choose_sources(const review::Config& config,
                                                 const std::vector<std::string>& readers) {
  std::vector<ReaderSource> sources;
  const auto names = reader_names();
  for (const std::string& reader : readers) {
    if (std::find(names.begin(), names.end(), reader) == names.end()) {
      return fail(Errc::InvalidArgument, fmt::format("there is no reader '{}'", reader),
                  suggestion(reader, {names.begin(), names.end()}, ""));
    }
    const std::size_t before = sources.size();
    for (const ReaderSource& source : config.readers) {
      if (source.reader == reader) sources.push_back(source);
    }
    if (sources.size() == before) sources.push_back({.reader = reader});
  }
  return readers.empty() ? config.readers : sources;
}

Result<Rules> choose_rules(const review::Config& config, const std::string& flag) {
  if (!flag.empty()) return parse_rules(flag);
  return config.rules.value_or(Rules::Daybook);
}

Result<ImportReport> import_new(Context& context, Ledger& ledger, const review::Config& config,
                                std::vector<ReaderSource> sources) {
  ImportOptions options;
  options.sources = std::move(sources);
  options.home = home_directory();
  options.redact = config.redact;
  options.stop = [] { return Context::interrupted(); };
  DAYBOOK_TRY(report, import_transcripts(ledger, options, context.env()));
  std::size_t told = 0;
  for (const ImportedFile& file : report.imported) {
    if (file.error && told++ < kMaxTold) context.warn(file.error->message);
    const auto lost = std::ranges::find_if(file.summary.skipped_list, is_lost);
    if (lost == file.summary.skipped_list.end() || told++ >= kMaxTold) continue;
    context.warn(printable(fmt::format("{}:{}: {}, not read: {}", file.file.path, lost->line,
                                       to_string(lost->reason), lost->why)));
  }
  for (const Error& error : report.unreadable) {
    if (told++ < kMaxTold) context.warn(error.message);
  }
  return report;
}

Result<ScratchLedger> ScratchLedger::make(Context& context) {
  DAYBOOK_TRY(choice, context.ledger_choice());
  DAYBOOK_TRY(options, context.ledger_options(Access::ReadWrite));
  std::array<std::uint8_t, 8> random{};
  context.env().entropy->fill(random);
  const bool there = !choice.path.empty() && fs::exists(fs::path(choice.path) / "LEDGER");
  if (!there && !choice.path.empty()) {
    // One that has lost its LEDGER is not the same as none.
    const auto opened = Ledger::open(choice.path, options, context.env());
    if (!opened && opened.error().code != Errc::NotFound) return fail(opened.error());
  }
  const std::string place = there ? choice.path : (fs::temp_directory_path() / "daybook").string();
  remove_left_behind(place);
  ScratchLedger scratch(place + kDryRun + to_hex(random));
  if (there) {
    DAYBOOK_CHECK(copy_ledger(choice.path, scratch.path_));
    DAYBOOK_TRY(ledger, Ledger::open(scratch.path_, options, context.env()));
    scratch.ledger_.emplace(std::move(ledger));
  } else {
    DAYBOOK_TRY(ledger, Ledger::create(scratch.path_, options, context.env()));
    scratch.ledger_.emplace(std::move(ledger));
  }
  return scratch;
}

ScratchLedger::ScratchLedger(ScratchLedger&& other) noexcept
    : path_(std::exchange(other.path_, {})), ledger_(std::move(other.ledger_)) {
  other.ledger_.reset();
}

ScratchLedger::~ScratchLedger() {
  ledger_.reset();
  if (path_.empty()) return;
  std::error_code error;  // litter that cannot be removed is only litter
  fs::remove_all(path_, error);
}

}  // namespace daybook::cli
