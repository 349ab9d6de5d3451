// SPDX-License-Identifier: Apache-2.0
//
// Which member of an event's data holds which part of a record: the one table that
// both directions, to_event and to_record, go by. docs/import.md describes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daybook/transcript.h"

namespace daybook::transcript {

inline constexpr std::string_view kSessionPrefix = "session/";

using TextMember = std::pair<std::string_view, std::string_view TranscriptRecord::*>;
inline constexpr std::array<TextMember, 9> kTextMembers = {{
    {"tool", &TranscriptRecord::tool},
    {"call", &TranscriptRecord::call},
    {"text", &TranscriptRecord::text},
    {"error", &TranscriptRecord::error},
    {"model", &TranscriptRecord::model},
    {"api_message", &TranscriptRecord::api_message},
    {"type", &TranscriptRecord::type},
    {"turn", &TranscriptRecord::turn},
    {"parent", &TranscriptRecord::parent},
}};

// JSON that stands as it is, or as a text under another name when it is broken.
struct JsonMember {
  std::string_view name;
  std::string_view as_text;
  std::string_view TranscriptRecord::* member;
};
inline constexpr JsonMember kArgumentsMember = {"arguments", "arguments_text",
                                                &TranscriptRecord::arguments};
inline constexpr JsonMember kRawMember = {"record", "record_text", &TranscriptRecord::raw};

using SessionMember = std::pair<std::string_view, std::string SessionInfo::*>;
inline constexpr std::array<SessionMember, 9> kSessionMembers = {{
    {"harness", &SessionInfo::harness},
    {"version", &SessionInfo::version},
    {"project", &SessionInfo::project},
    {"branch", &SessionInfo::branch},
    {"parent_session", &SessionInfo::parent},
    {"parent_call", &SessionInfo::parent_call},
    {"agent", &SessionInfo::agent},
    {"persona", &SessionInfo::persona},
    {"channel", &SessionInfo::channel},
}};

using UsageMember = std::pair<std::string_view, std::uint64_t Usage::*>;
inline constexpr std::array<UsageMember, 4> kUsageMembers = {{
    {"input_tokens", &Usage::input_tokens},
    {"output_tokens", &Usage::output_tokens},
    {"cache_read_tokens", &Usage::cache_read_tokens},
    {"cache_write_tokens", &Usage::cache_write_tokens},
}};

// The event type of a record, and back. "session/changed" is a Session, too.
[[nodiscard]] std::string_view type_of(RecordKind kind, Role role);
struct KindAndRole {
  RecordKind kind = RecordKind::Unknown;
  Role role = Role::User;
};
[[nodiscard]] std::optional<KindAndRole> kind_of(std::string_view type);

}  // namespace daybook::transcript
