// SPDX-License-Identifier: Apache-2.0
//
// Errors are values. Every function that can fail returns Result<T>; nothing in
// Daybook throws across its API. An Error says what failed, on which object,
// and what the reader can do about it: show `message` and `hint` to people, and
// branch on `code`.
//
//   auto ledger = daybook::Ledger::open("/var/lib/agent");
//   if (!ledger) return fail(ledger.error().message);
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace daybook {

// What kind of failure it is: the part that control flow may depend on.
enum class Errc : std::uint8_t {
  InvalidArgument,   // the input breaks a documented rule; nothing was changed
  NotFound,          // no such ledger, event, stream, blob or file
  AlreadyExists,     // something is already there, and is not replaced
  Conflict,          // a stream is not at the version the caller expected
  Busy,              // another process held the write lock for too long
  Corruption,        // stored bytes are damaged, or a proof does not hold
  Io,                // the operating system refused; the text carries errno
  NoSpace,           // the disk is full; the ledger stays readable and heals
  PermissionDenied,  // not allowed, or the ledger is open or mounted read-only
  Unsupported,       // made by a newer version, or not possible on this system
  LimitExceeded,     // larger than a named limit; the text names the limit
  Unsigned,          // everything is durable; the checkpoint over it could not be signed
  Interrupted,       // stopped by a signal or by its caller
  Internal,          // a defect in Daybook itself: please report it
};

// Stable lower-case name ("invalid_argument", "not_found", ...), as printed in
// `{"error":{"code":...}}`.
[[nodiscard]] std::string_view to_string(Errc code);

struct [[nodiscard]] Error {
  Errc code = Errc::Internal;
  std::string message;  // what failed and on which object; no trailing period
  std::string hint;     // what to do about it; may be empty
};

template <class T>
using Result = std::expected<T, Error>;

// Makes the error branch of a Result: `return fail(Errc::NotFound, "...")`.
[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string message,
                                                 std::string hint = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(hint)});
}

// Hands an existing error on: `return fail(std::move(result).error())`.
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected(std::move(error));
}

}  // namespace daybook

// Evaluates an expression of type Result<T>; returns its error from the
// enclosing function, or carries on. DAYBOOK_TRY(file, open(path)) binds the
// value to `file`; DAYBOOK_CHECK(sync()) is for Result<void>.
#define DAYBOOK_CONCAT_INNER(a, b) a##b
#define DAYBOOK_CONCAT(a, b) DAYBOOK_CONCAT_INNER(a, b)
#define DAYBOOK_TRY(name, expression) \
  DAYBOOK_TRY_INNER(DAYBOOK_CONCAT(daybook_try_, __LINE__), name, expression)
#define DAYBOOK_TRY_INNER(result, name, expression)               \
  auto result = (expression);                                     \
  if (!result) return ::daybook::fail(std::move(result).error()); \
  auto name = *std::move(result)
#define DAYBOOK_CHECK(expression)                               \
  do {                                                          \
    if (auto daybook_check = (expression); !daybook_check)      \
      return ::daybook::fail(std::move(daybook_check).error()); \
  } while (false)
