// SPDX-License-Identifier: Apache-2.0
#include "transcript/file_state.h"

namespace daybook::transcript {

void FileState::set_note(std::string_view name, std::string_view value) {
  const auto found = notes.find(name);
  if (found != notes.end()) {
    if (value.empty()) {
      notes.erase(found);
    } else {
      found->second = value;
    }
  } else if (!value.empty() && notes.size() < kMaxNotes) {
    notes.emplace(name, value);
  }
}

}  // namespace daybook::transcript
