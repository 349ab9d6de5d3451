// SPDX-License-Identifier: Apache-2.0
//
// Signed notes, checkpoints and verifier keys from hostile bytes: no crash, and
// what is accepted has exactly one spelling.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ledger/note.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  static const VerifierKey key =
      parse_verifier_key(
          "example.com/replaylog+be6dbb92+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
          .value();
  const std::string_view text = as_text({data, size});

  if (const auto note = parse_note(text)) {
    require(!note->signatures.empty());
    require(text.starts_with(note->text));
  }
  if (const auto checkpoint = parse_checkpoint(text)) {
    require(checkpoint->text == text);
    const std::string first_lines =
        checkpoint->origin + "\n" + std::to_string(checkpoint->head.size) + "\n";
    require(text.starts_with(first_lines));
  }
  if (const auto verified = verify_checkpoint(text, key)) {
    require(verified->origin == key.name);
    require(parse_checkpoint(text).has_value());
  }
  if (const auto parsed = parse_verifier_key(text)) require(to_string(*parsed) == text);
  return 0;
}
