// SPDX-License-Identifier: Apache-2.0
//
// From the arguments of main to an exit code: finds the verb, lets it declare
// its flags, parses, runs it, and tells what went wrong. Builds only the verb
// that was asked for, so that a start costs well under a millisecond here.
#pragma once

#include <string>
#include <vector>

namespace daybook::cli {

// `args` without the program's name.
[[nodiscard]] int dispatch(const std::vector<std::string>& args);

}  // namespace daybook::cli
