// SPDX-License-Identifier: Apache-2.0
#include "ledger/known_damage.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/fs/files.h"
#include "base/json_writer.h"

namespace daybook {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kHeader = "daybook-damage 1 ";  // and the checksum of what follows
constexpr std::string_view kBlobCode = "blob";
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxSummedBytes = std::uint64_t{64} << 10;

std::string header_of(std::string_view body) {
  return fmt::format("{}{:08x}\n", kHeader, crc32c(as_bytes(body)));
}

// The bytes about a finding: as long as they are what they were, so is the
// damage. A finding names the record, and what is wrong may stand in its end.
struct Summed {
  std::uint64_t bytes = 0;
  std::uint32_t sum = 0;
};

// Nothing when the file has gone.
Result<std::optional<Bytes>> read_at_most(FileSystem& files, const std::string& path,
                                          std::uint64_t offset, std::uint64_t count) {
  const auto file = files.open(path, OpenMode::Read);
  if (!file && file.error().code == Errc::NotFound) return std::nullopt;
  if (!file) return fail(file.error());
  Bytes bytes(std::min(count, kMaxSummedBytes));
  DAYBOOK_TRY(got, (*file)->read_at(offset, bytes));
  bytes.resize(got);
  return std::optional(std::move(bytes));
}

// Without the zeros at the end, where the next events may come.
Result<Summed> sum_up(FileSystem& files, const std::string& path, std::uint64_t offset) {
  DAYBOOK_TRY(bytes, read_at_most(files, path, offset, kMaxSummedBytes));
  if (!bytes) return Summed{};
  while (!bytes->empty() && bytes->back() == 0) bytes->pop_back();
  return Summed{bytes->size(), crc32c(*bytes)};
}

Result<bool> is_unchanged(FileSystem& files, const std::string& path, std::uint64_t offset,
                          const Summed& summed) {
  DAYBOOK_TRY(bytes, read_at_most(files, path, offset, summed.bytes));
  return bytes && bytes->size() == summed.bytes && crc32c(*bytes) == summed.sum;
}

// Findings about a file of the log; those about a checkpoint that somebody has
// kept belong to that checkpoint.
bool is_in_segment(const Finding& finding) { return finding.file.ends_with(".seg"); }
bool is_memorable(const Finding& finding) {
  return finding.severity == Severity::Damage && !finding.file.empty();
}

void write_finding(JsonWriter& json, const Finding& finding, const Summed& summed) {
  json.begin_object().member("code", finding.code).member("file", finding.file);
  json.member("offset", finding.offset).member("length", finding.length);
  json.member("first", finding.first.value).member("last", finding.last.value);
  json.member("message", finding.message).member("summed", summed.bytes);
  json.member("sum", std::uint64_t{summed.sum}).end_object();
}

std::string_view text_of(dom::element value, std::string_view key) {
  std::string_view text;
  return value[key].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

std::uint64_t number_of(dom::element value, std::string_view key) {
  std::uint64_t number = 0;
  return value[key].get(number) == simdjson::SUCCESS ? number : 0;
}

Finding read_finding(dom::element entry) {
  return {.severity = Severity::Damage,
          .code = std::string(text_of(entry, "code")),
          .file = std::string(text_of(entry, "file")),
          .offset = number_of(entry, "offset"),
          .length = number_of(entry, "length"),
          .first = Seq{number_of(entry, "first")},
          .last = Seq{number_of(entry, "last")},
          .message = std::string(text_of(entry, "message"))};
}

// The body; nothing when there is no such file or it is damaged.
Result<std::optional<std::string>> read_body(FileSystem& files, const std::string& path) {
  DAYBOOK_TRY(exists, files.exists(path));
  if (!exists) return std::nullopt;
  const auto bytes = read_file(files, path, kMaxFileBytes);
  if (!bytes) {
    const Errc code = bytes.error().code;
    if (code == Errc::NotFound || code == Errc::LimitExceeded) return std::nullopt;
    return fail(bytes.error());
  }
  const std::string_view text = as_text(*bytes);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view body = text.substr(end + 1);
  if (text.substr(0, end + 1) != header_of(body)) return std::nullopt;
  return std::string(body);
}

Result<void> write_damage(Environment& env, const LedgerPaths& paths, const EventId& ledger_id,
                          const KnownDamage& damage) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("ledger", to_string(ledger_id));
  json.member("verified", damage.verified.micros).member("total", damage.total);
  json.key("findings").begin_array();
  for (const Finding& finding : damage.findings) {
    Summed summed;
    if (is_in_segment(finding)) {
      DAYBOOK_TRY(sum, sum_up(*env.files, paths.root + "/" + finding.file, finding.offset));
      summed = sum;
    }
    write_finding(json, finding, summed);
  }
  json.end_array().end_object();
  DAYBOOK_CHECK(env.files->make_directory(paths.views));
  return replace_file(env, paths.damage, as_bytes(header_of(body) + body));
}

void add(KnownDamage& damage, const Finding& finding) {
  ++damage.total;
  if (damage.findings.size() < kMaxKnownDamage) damage.findings.push_back(finding);
}

}  // namespace

void remember_damage(Environment& env, const LedgerPaths& paths, const EventId& ledger_id,
                     const VerifyReport& report, bool with_blobs) {
  KnownDamage damage{.verified = env.clock->now(), .findings = {}, .total = 0};
  for (const Finding& finding : report.findings) {
    if (is_memorable(finding)) add(damage, finding);
  }
  if (!with_blobs) {
    if (const auto earlier = recall_damage(env, paths, ledger_id)) {
      for (const Finding& finding : earlier->findings) {
        if (finding.code == kBlobCode) add(damage, finding);
      }
    }
  }
  // Best effort: who cannot write here has the report itself.
  if (damage.total > 0) {
    static_cast<void>(write_damage(env, paths, ledger_id, damage));
  } else if (env.files->exists(paths.damage).value_or(false)) {
    static_cast<void>(env.files->remove(paths.damage));
  }
}

Result<KnownDamage> recall_damage(Environment& env, const LedgerPaths& paths,
                                  const EventId& ledger_id) {
  KnownDamage damage;
  DAYBOOK_TRY(body, read_body(*env.files, paths.damage));
  dom::parser parser;
  dom::element document;
  dom::array entries;
  if (!body || parser.parse(*body).get(document) != simdjson::SUCCESS ||
      text_of(document, "ledger") != to_string(ledger_id) ||
      document["findings"].get(entries) != simdjson::SUCCESS) {
    return damage;
  }
  std::uint64_t gone = 0;
  for (const dom::element entry : entries) {
    Finding finding = read_finding(entry);
    if (is_in_segment(finding)) {
      const Summed summed{number_of(entry, "summed"),
                          static_cast<std::uint32_t>(number_of(entry, "sum"))};
      DAYBOOK_TRY(unchanged, is_unchanged(*env.files, paths.root + "/" + finding.file,
                                          finding.offset, summed));
      if (!unchanged) {
        ++gone;
        continue;
      }
    }
    damage.findings.push_back(std::move(finding));
  }
  damage.verified = Timestamp{static_cast<std::int64_t>(number_of(document, "verified"))};
  damage.total = damage.findings.empty() ? 0 : number_of(document, "total") - gone;
  return damage;
}

}  // namespace daybook
