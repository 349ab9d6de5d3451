// SPDX-License-Identifier: Apache-2.0
//
// Contestants that are processes: how long one takes from before its start to
// after its end, or how much memory it says it took.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/harness.h"

namespace daybook::bench {

// The command to run, asked for once, after everything else was prepared.
using Command = std::function<Result<std::vector<std::string>>()>;

// Milliseconds of the median run.
[[nodiscard]] std::unique_ptr<Contestant> make_process_timer(Command command);
// MiB: the number of KiB that the process prints.
[[nodiscard]] std::unique_ptr<Contestant> make_process_memory(Command command);

}  // namespace daybook::bench
