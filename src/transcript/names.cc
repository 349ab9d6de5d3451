// SPDX-License-Identifier: Apache-2.0
//
// The names of the normal form's enumerators, as they are printed and stored.
#include "daybook/transcript.h"

namespace daybook {

std::string_view to_string(RecordKind kind) {
  switch (kind) {
    case RecordKind::Session:
      return "session";
    case RecordKind::Message:
      return "message";
    case RecordKind::ToolCall:
      return "tool_call";
    case RecordKind::ToolResult:
      return "tool_result";
    case RecordKind::Compaction:
      return "compaction";
    case RecordKind::Resume:
      return "resume";
    case RecordKind::Interrupt:
      return "interrupt";
    case RecordKind::Usage:
      return "usage";
    case RecordKind::Unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::User:
      return "user";
    case Role::Assistant:
      return "assistant";
    case Role::System:
      return "system";
  }
  return "system";
}

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::Said:
      return "said";
    case Origin::Thinking:
      return "thinking";
    case Origin::Context:
      return "context";
    case Origin::Command:
      return "command";
    case Origin::Summary:
      return "summary";
    case Origin::Interrupted:
      return "interrupted";
    case Origin::Notice:
      return "notice";
    case Origin::Delegated:
      return "delegated";
  }
  return "context";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::Unknown:
      return "unknown";
    case Outcome::Success:
      return "success";
    case Outcome::Failure:
      return "failure";
    case Outcome::Refused:
      return "refused";
    case Outcome::Interrupted:
      return "interrupted";
  }
  return "unknown";
}

std::string_view to_string(Skipped::Reason reason) {
  switch (reason) {
    case Skipped::Reason::Malformed:
      return "malformed";
    case Skipped::Reason::TooLong:
      return "too_long";
    case Skipped::Reason::Repaired:
      return "repaired";
    case Skipped::Reason::Split:
      return "split";
    case Skipped::Reason::Misshapen:
      return "misshapen";
  }
  return "malformed";
}

}  // namespace daybook
