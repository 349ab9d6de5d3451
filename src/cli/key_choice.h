// SPDX-License-Identifier: Apache-2.0
//
// Which public key a proof is checked with.
#pragma once

#include <string>

#include "cli/context.h"
#include "daybook/proof.h"

namespace daybook::cli {

// `given` is a verifier key, or "@file" with one; when empty, the key of the
// ledger that is found as usual. Errors: InvalidArgument, with how to get a key.
[[nodiscard]] Result<VerifierKey> choose_key(Context& context, const std::string& given);

}  // namespace daybook::cli
