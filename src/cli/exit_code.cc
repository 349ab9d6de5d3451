// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

namespace daybook::cli {

ExitCode exit_code_of(Errc code) {
  switch (code) {
    case Errc::InvalidArgument:
      return ExitCode::Usage;
    case Errc::NotFound:
      return ExitCode::NotFound;
    case Errc::AlreadyExists:
    case Errc::Conflict:
    case Errc::Busy:
      return ExitCode::BusyOrConflict;
    case Errc::Corruption:
      return ExitCode::VerificationFailed;
    case Errc::Unsigned:
      return ExitCode::Partial;
    case Errc::Interrupted:
      return ExitCode::Interrupted;
    case Errc::Io:
    case Errc::NoSpace:
    case Errc::PermissionDenied:
    case Errc::Unsupported:
    case Errc::LimitExceeded:
    case Errc::Internal:
      return ExitCode::Failure;
  }
  return ExitCode::Failure;
}

}  // namespace daybook::cli
