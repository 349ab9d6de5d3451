// SPDX-License-Identifier: Apache-2.0
//
// The time zone in which days begin: JILOG_TZ, else the configured one, else TZ, else
// the system's. Summer time is the C library's business. One for each process.
#pragma once

#include <string>
#include <string_view>

#include "daybook/error.h"
#include "daybook/types.h"

namespace daybook::cli {

// Chooses the zone for the whole process. Errors: InvalidArgument (no such zone).
[[nodiscard]] Result<void> use_time_zone(const std::string& configured);

// "2026-11-20", in the chosen zone.
[[nodiscard]] std::string local_day(Timestamp time);

// A moment as people type it, as parse_when(); a bare date begins when it does here.
[[nodiscard]] Result<Timestamp> parse_local_when(std::string_view text, Timestamp now);

}  // namespace daybook::cli
