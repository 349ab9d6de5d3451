// SPDX-License-Identifier: Apache-2.0
//
// daybook rebuild: makes the index anew from the log.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/partial.h"
#include "cli/progress.h"
#include "daybook/index.h"

namespace daybook::cli {
namespace {

class Rebuild final : public Verb {
 public:
  void add(Flags& flags) override {
    flags.flag("--text", text_, "full text too; else it is indexed at the first search");
    flags.flag("--json", json_, "one JSON document");
  }

  Result<ExitCode> run(Context& context) override {
    DAYBOOK_TRY(ledger, context.open_ledger(Access::ReadOnly));
    Progress progress(context, "indexing");
    DAYBOOK_TRY(index, Index::open(ledger, [&](IndexProgress at) {
                  progress.update(at.done, at.total, Progress::Unit::Events);
                }));
    DAYBOOK_TRY(completeness,
                index.rebuild(text_ ? Index::Depth::FieldsAndText : Index::Depth::Fields));
    DAYBOOK_TRY(status, index.status());
    if (json_) {
      std::string line;
      JsonWriter json(line);
      json.begin_object().member("indexed", status.indexed.value);
      json.member("text_indexed", status.text_indexed.value).member("bytes", status.bytes);
      append_completeness(json, completeness);
      json.end_object();
      context.out().line(line);
    } else {
      context.out().line(fmt::format("rebuilt the index up to event #{}, {}{}",
                                     status.indexed.value, human_bytes(status.bytes),
                                     text_ ? ", with full text" : ""));
    }
    return tell_missing(context, completeness);
  }

 private:
  bool text_ = false;
  bool json_ = false;
};

constexpr Example kExamples[] = {
    {"daybook rebuild", "make the index anew from the log"},
    {"daybook rebuild --text", "with full text, so that the next search is quick"},
};

constexpr std::string_view kDetails =
    "The new index is built beside the old one and swapped in; queries go on\n"
    "meanwhile. Every checksum is checked on the way.";

}  // namespace

const Command rebuild_command = {"rebuild", "rebuild the index from the log", kDetails, kExamples,
                                 make_verb<Rebuild>};

}  // namespace daybook::cli
