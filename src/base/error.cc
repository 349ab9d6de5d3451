// SPDX-License-Identifier: Apache-2.0
#include "daybook/error.h"

namespace daybook {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::InvalidArgument:
      return "invalid_argument";
    case Errc::NotFound:
      return "not_found";
    case Errc::AlreadyExists:
      return "already_exists";
    case Errc::Conflict:
      return "conflict";
    case Errc::Busy:
      return "busy";
    case Errc::Corruption:
      return "corruption";
    case Errc::Io:
      return "io";
    case Errc::NoSpace:
      return "no_space";
    case Errc::PermissionDenied:
      return "permission_denied";
    case Errc::Unsupported:
      return "unsupported";
    case Errc::LimitExceeded:
      return "limit_exceeded";
    case Errc::Unsigned:
      return "unsigned";
    case Errc::Interrupted:
      return "interrupted";
    case Errc::Internal:
      break;
  }
  return "internal";
}

}  // namespace daybook
