// SPDX-License-Identifier: Apache-2.0
//
// daybook status: how the ledger is.
#include <algorithm>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/partial.h"
#include "daybook/index.h"

namespace daybook::cli {
namespace {

constexpr std::uint64_t kRateEvents = 1000;  // the rate is that of the last so many events
constexpr std::size_t kTypesShown = 8;
constexpr std::size_t kFindingsShown = 3;

struct Rate {
  std::uint64_t events = 0;
  double per_second = 0;  // 0: unknown
};

struct Health {
  LedgerStatus ledger;
  std::string key;
  std::vector<TypeCount> types;
  Rate rate;
  std::optional<Index::Status> index;  // nothing: not built yet
  std::string index_error;
  std::optional<Timestamp> checkpoint_time;  // when the newest covered event was recorded
};

class Status final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.flag("--key", key_, "print only the public key that checks proofs of this ledger");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    if (key_) {
      context.out().line(to_string(ledger.verifier_key()));
      return ExitCode::Ok;
    }
    DAYBOOK_TRY(health, examine(context, ledger));
    if (json_) {
      print_json(context, health);
    } else {
      print_text(context, health);
    }
    const bool damaged = !health.ledger.lost.empty() || health.ledger.damage.total > 0;
    return damaged ? ExitCode::Partial : ExitCode::Ok;
  }

 private:
  static Result<Health> examine(Context& context, Ledger& ledger) {
    Health health;
    DAYBOOK_TRY(status, ledger.status());
    DAYBOOK_TRY(types, ledger.type_counts());
    health.ledger = std::move(status);
    health.types = std::move(types);
    health.key = to_string(ledger.verifier_key());
    health.rate = rate_of(ledger, health.ledger.last);
    if (health.ledger.checkpoint && health.ledger.checkpoint->head.size > 0) {
      const auto covered = ledger.read(Seq{health.ledger.checkpoint->head.size});
      if (covered) health.checkpoint_time = covered->recorded;
    }
    examine_index(context, ledger, health);
    return health;
  }

  // Asking for the state must not build an index.
  static void examine_index(Context& context, Ledger& ledger, Health& health) {
    const auto exists = context.env().files->exists(ledger.path() + "/views/index.db");
    if (!exists || !*exists) return;
    auto index = Index::open(ledger);
    auto status = index ? index->status() : Result<Index::Status>(fail(index.error()));
    if (status) {
      health.index = *status;
    } else {
      health.index_error = status.error().message;
    }
  }

  static Rate rate_of(Ledger& ledger, Seq last) {
    Rate rate{.events = std::min(last.value, kRateEvents)};
    if (rate.events < 2) return rate;
    const auto newest = ledger.read(last);
    const auto oldest = ledger.read(Seq{last.value - rate.events + 1});
    if (!newest || !oldest) return rate;
    const std::int64_t micros = newest->recorded.micros - oldest->recorded.micros;
    if (micros > 0) {
      rate.per_second = 1e6 * static_cast<double>(rate.events - 1) / static_cast<double>(micros);
    }
    return rate;
  }

  static std::string ago(Context& context, Timestamp time) {
    return human_duration(context.now().micros - time.micros) + " ago";
  }

  static void print_text(Context& context, const Health& health) {
    Output& out = context.out();
    const LedgerStatus& ledger = health.ledger;
    const auto row = [&](std::string_view name, const std::string& value) {
      out.line(fmt::format("{} {}", out.paint(Paint::Dim, fmt::format("{:11}", name)), value));
    };
    row("ledger", printable(ledger.path));
    row("id", fmt::format("{}, made {}", ledger.ledger_id, to_string(ledger.created)));
    row("events", fmt::format("{} in {}", human_count(ledger.last.value),
                              counted(ledger.segments, "segment")));
    row("size", fmt::format("{} of log, {} on disk", human_bytes(ledger.log_bytes),
                            human_bytes(ledger.disk_bytes)));
    if (ledger.last.value > 0) {
      row("newest",
          fmt::format("#{} at {} ({})", ledger.last.value, to_string(ledger.last_recorded),
                      ago(context, ledger.last_recorded)));
    }
    if (ledger.clock_behind.count() > 0) {
      row("clock",
          out.paint(Paint::Yellow,
                    fmt::format("{} behind the newest event: what is written counts as recorded "
                                "at that event's time until it has caught up",
                                human_duration(ledger.clock_behind.count()))));
    }
    if (health.rate.per_second > 0) {
      row("rate", fmt::format("{:.1f} events a second over the last {}", health.rate.per_second,
                              human_count(health.rate.events)));
    }
    print_types(row, health.types);
    row("index", index_text(health));
    row("checkpoint", checkpoint_text(context, health));
    row("root", to_string(ledger.head.root));
    for (const std::string& repair : ledger.repairs) row("repaired", printable(repair));
    for (const LostRange& lost : ledger.lost) row("damage", out.paint(Paint::Red, describe(lost)));
    print_found(context, ledger);
    if (ledger.lost.empty() && ledger.damage.total == 0) {
      row("damage", "none known; `daybook verify` checks everything");
    }
  }

  // What the last verify found, which may be far more than can be shown here.
  static void print_found(Context& context, const LedgerStatus& ledger) {
    Output& out = context.out();
    const KnownDamage& damage = ledger.damage;
    const auto row = [&](const std::string& value) {
      out.line(fmt::format("{} {}", out.paint(Paint::Dim, fmt::format("{:11}", "damage")),
                           out.paint(Paint::Red, value)));
    };
    for (std::size_t i = 0; i < damage.findings.size() && i < kFindingsShown; ++i) {
      const Finding& finding = damage.findings[i];
      row(fmt::format("{}: {}: {}", finding.code, finding.file, printable(finding.message)));
    }
    if (damage.total == 0) return;
    row(fmt::format("{} found by the `daybook verify` of {} ({}); it shows all",
                    counted(damage.total, "place"), to_string(damage.verified),
                    ago(context, damage.verified)));
  }

  template <class Row>
  static void print_types(Row row, const std::vector<TypeCount>& types) {
    for (std::size_t i = 0; i < types.size() && i < kTypesShown; ++i) {
      row(i == 0 ? "types" : "",
          fmt::format("{:>9}  {}", human_count(types[i].count), types[i].type));
    }
    if (types.size() > kTypesShown) {
      row("", fmt::format("{:>9}  in {}", "...", counted(types.size() - kTypesShown, "more type")));
    }
  }

  static std::string index_text(const Health& health) {
    if (!health.index_error.empty()) return "unusable: " + printable(health.index_error);
    if (!health.index) return "not built yet; the first query builds it";
    const std::uint64_t lag = health.ledger.last.value - health.index->indexed.value;
    return fmt::format(
        "{}, {}",
        lag == 0 ? "up to date" : counted(lag, "event") + " behind, catches up at a query",
        human_bytes(health.index->bytes));
  }

  static std::string checkpoint_text(Context& context, const Health& health) {
    if (!health.ledger.checkpoint) return "none yet";
    const std::uint64_t size = health.ledger.checkpoint->head.size;
    std::string text = fmt::format("over {}", counted(size, "event"));
    if (health.checkpoint_time)
      text += fmt::format(", the last {}", ago(context, *health.checkpoint_time));
    return text + fmt::format("; {} since", counted(health.ledger.last.value - size, "event"));
  }

  static void print_json(Context& context, const Health& health) {
    const LedgerStatus& ledger = health.ledger;
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("path", ledger.path).member("ledger_id", ledger.ledger_id);
    json.member("origin", ledger.origin).member("key", health.key);
    json.member("created", to_string(ledger.created)).member("events", ledger.last.value);
    if (ledger.last.value > 0) json.member("last_recorded", to_string(ledger.last_recorded));
    if (ledger.clock_behind.count() > 0) {
      json.key("clock_behind_seconds").real(static_cast<double>(ledger.clock_behind.count()) / 1e6);
    }
    json.member("segments", ledger.segments).member("log_bytes", ledger.log_bytes);
    json.member("disk_bytes", ledger.disk_bytes).member("root", to_string(ledger.head.root));
    json.key("rate").begin_object().member("events", health.rate.events).key("per_second");
    json.real(health.rate.per_second).end_object();
    append_types(json, health.types);
    append_index(json, health);
    append_checkpoint(context, json, health);
    json.key("repairs").begin_array();
    for (const std::string& repair : ledger.repairs) json.text(repair);
    json.end_array().key("lost");
    append_lost(json, ledger.lost);
    append_found(json, ledger.damage);
    json.end_object();
    context.out().line(text);
  }

  static void append_found(JsonWriter& json, const KnownDamage& damage) {
    if (damage.total == 0) return;
    json.key("damage").begin_object().member("verified", to_string(damage.verified));
    json.member("total", damage.total).key("findings").begin_array();
    for (const Finding& finding : damage.findings) {
      json.begin_object().member("code", finding.code).member("file", finding.file);
      json.member("offset", finding.offset).member("length", finding.length);
      json.member("first", finding.first.value).member("last", finding.last.value);
      json.member("message", finding.message).end_object();
    }
    json.end_array().end_object();
  }

  static void append_types(JsonWriter& json, const std::vector<TypeCount>& types) {
    json.key("types").begin_array();
    for (const TypeCount& type : types) {
      json.begin_object().member("type", type.type).member("count", type.count).end_object();
    }
    json.end_array();
  }

  static void append_index(JsonWriter& json, const Health& health) {
    json.key("index").begin_object().member("built", health.index.has_value());
    if (health.index) {
      json.member("indexed", health.index->indexed.value);
      json.member("text_indexed", health.index->text_indexed.value);
      json.member("bytes", health.index->bytes);
    }
    const std::uint64_t indexed = health.index ? health.index->indexed.value : 0;
    json.member("lag", health.ledger.last.value - indexed);
    json.optional_member("error", health.index_error).end_object();
  }

  static void append_checkpoint(Context& context, JsonWriter& json, const Health& health) {
    if (!health.ledger.checkpoint) return;
    const Checkpoint& checkpoint = *health.ledger.checkpoint;
    json.key("checkpoint").begin_object().member("size", checkpoint.head.size);
    json.member("root", to_string(checkpoint.head.root));
    json.member("events_since", health.ledger.last.value - checkpoint.head.size);
    if (health.checkpoint_time) {
      const std::int64_t age = context.now().micros - health.checkpoint_time->micros;
      json.member("covers_until", to_string(*health.checkpoint_time));
      json.key("age_seconds").real(static_cast<double>(age) / 1e6);
    }
    json.end_object();
  }

  bool key_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook status", "sizes, counts, rate, index, checkpoint, damage"},
    {"daybook status --json", "the same for programs"},
    {"daybook status --key", "the public key for `daybook verify-proof --key`"},
};

}  // namespace

const Command status_command = {"status", "show how the ledger is", "", kExamples,
                                make_verb<Status>};

}  // namespace daybook::cli
