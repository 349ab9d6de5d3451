// SPDX-License-Identifier: Apache-2.0
//
// The digest of a date as a file. A later review of the same ledger and rules
// replaces it by one that has more; what anybody else has written or changed there is
// left alone: another ledger or other rules may share the directory, and people edit
// digests. Their digest of the date stays, this one goes to a name of its own.
#pragma once

#include <string>
#include <string_view>

#include "daybook/ledger.h"
#include "daybook/review.h"

namespace daybook::review {

// Writes `content` to "<directory>/learning-digest-<date>.md", or the first of
// "<...>.2.md", "<...>.3.md", ... that is free or this ledger's, and tells which.
// What it wrote is remembered in views/digests; when that is gone, its digests of the
// day count as somebody else's. Errors: those of the disk; Busy
// when another review holds the directory; AlreadyExists when no name is left.
[[nodiscard]] Result<std::string> write_digest_file(const Ledger& ledger, Environment& env,
                                                    const std::string& directory,
                                                    const std::string& date, Rules rules,
                                                    std::string_view content);

}  // namespace daybook::review
