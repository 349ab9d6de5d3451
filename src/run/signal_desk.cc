// SPDX-License-Identifier: Apache-2.0
#include "run/signal_desk.h"

namespace daybook {

void SignalDesk::deliver(const Process* child) {
  if (!relay_) return;
  while (const auto signal = relay_->next()) {
    if (stopped_by_ == 0 && asks_to_stop(signal->number)) stopped_by_ = signal->number;
    // In a shared group the terminal has told the command already.
    const bool told = signal->from_terminal && group_ == ProcessGroup::Shared;
    if (child != nullptr && !told) child->signal(signal->number);
    if (signal->number == SIGTSTP) stop_self();
  }
}

}  // namespace daybook
