// SPDX-License-Identifier: Apache-2.0
#include "cli/key_choice.h"

#include "cli/input.h"

namespace daybook::cli {

Result<VerifierKey> choose_key(Context& context, const std::string& given) {
  if (given.empty()) {
    const auto ledger = context.open_ledger(Access::ReadOnly);
    if (ledger) return ledger->verifier_key();
    if (ledger.error().code != Errc::NotFound) return fail(ledger.error());
    return fail(Errc::InvalidArgument, "no key to check with: none was given, no ledger was found",
                "--key KEY or --key @FILE; whoever keeps the ledger prints it with "
                "`daybook status --key`");
  }
  DAYBOOK_TRY(text, read_value(context.env(), given));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return parse_verifier_key(text);
}

}  // namespace daybook::cli
