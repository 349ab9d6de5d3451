// SPDX-License-Identifier: Apache-2.0
#include "cli/local_time.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>

#include "base/clock.h"

namespace daybook::cli {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::size_t kDateCharacters = 10;
constexpr const char* kZoneFiles = "/usr/share/zoneinfo";

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// The C library takes any name it does not know for UTC: nobody would notice.
bool zone_exists(const std::string& name) {
  if (name == "UTC") return true;
  if (name.empty() || name.front() == '/' || name.find("..") != std::string::npos) return false;
  const std::string elsewhere = variable("TZDIR");
  const std::filesystem::path file =
      std::filesystem::path(elsewhere.empty() ? kZoneFiles : elsewhere) / name;
  std::error_code error;
  return std::filesystem::is_regular_file(file, error);
}

}  // namespace

Result<void> use_time_zone(const std::string& configured) {
  const std::string first = variable("JILOG_TZ");
  const std::string& name = first.empty() ? configured : first;
  if (!name.empty()) {
    if (!zone_exists(name)) {
      return fail(Errc::InvalidArgument,
                  fmt::format("{}: there is no time zone '{}'",
                              first.empty() ? "timezone" : "environment JILOG_TZ", name),
                  "write it as \"Europe/Berlin\" or \"UTC\"");
    }
    ::setenv("TZ", name.c_str(), 1);
  }
  ::tzset();
  return {};
}

std::string local_day(Timestamp time) {
  std::time_t seconds = time.micros / kMicrosPerSecond;
  if (time.micros % kMicrosPerSecond < 0) --seconds;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

Result<Timestamp> parse_local_when(std::string_view text, Timestamp now) {
  DAYBOOK_TRY(time, parse_when(text, now));
  const bool date = text.size() == kDateCharacters && text[4] == '-' && text[7] == '-';
  if (!date) return time;
  std::time_t seconds = time.micros / kMicrosPerSecond;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  parts.tm_isdst = -1;  // whatever holds on that day
  seconds = std::mktime(&parts);
  return Timestamp{seconds * kMicrosPerSecond};
}

}  // namespace daybook::cli
