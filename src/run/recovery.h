// SPDX-License-Identifier: Apache-2.0
//
// After the death of a supervisor: what its run file tells becomes events.
// record_lost_attempts() in daybook/supervise.h is the door; this is the part
// that knows one run.
#pragma once

#include "daybook/environment.h"
#include "run/record.h"

namespace daybook {

// Declares lost whatever the record leaves open: attempts without an end, then
// the run itself. `now` is when that was found out.
void declare_lost(RunRecord& run, Timestamp now);

}  // namespace daybook
