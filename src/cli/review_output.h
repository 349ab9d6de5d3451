// SPDX-License-Identifier: Apache-2.0
//
// What `review nightly` prints: the summary, the dry run and the JSON document.
// docs/review.md describes them. Pure but for writing.
#pragma once

#include <string>

#include "cli/context.h"
#include "daybook/review.h"

namespace daybook::cli {

// One line, as a dry run shows it: "[workaround] 2f1c8d77-... [for now] '...'".
[[nodiscard]] std::string signal_line(const Signal& signal);

void print_summary(Output& out, const ReviewReport& report);
// `digest_path` is where the digest would have gone, `tracker` where issues would.
void print_dry_run(Output& out, const ReviewReport& report, const std::string& digest_path,
                   const std::string& tracker, std::size_t issues);

enum class RunKind : std::uint8_t { Real, Dry };
[[nodiscard]] std::string report_json(const ReviewReport& report, RunKind kind);

}  // namespace daybook::cli
