// SPDX-License-Identifier: Apache-2.0
//
// What a harness has to say for itself: where its files are, and how one line of
// them becomes records. One harness is one file behind this interface, listed in
// readers.cc; everything else (the file loop, recovery, places, going on where the
// last pass stopped) is common. docs/readers.md tells how to add one.
//
// Readers are constant objects without state, shared by all threads: what a line
// needs to know of earlier ones stands in FileState.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "daybook/environment.h"
#include "daybook/transcript.h"
#include "transcript/emitter.h"
#include "transcript/file_state.h"

namespace daybook::transcript {

using Json = simdjson::dom::element;

// A file that a reader may know by its name.
struct Candidate {
  // Components of the whole path, the file's name last. Match from the end: how
  // much of the beginning belongs to the place depends on what the user gave.
  std::span<const std::string_view> path;
  // How many of them, the name included, stand below the place that was searched.
  std::size_t below = 0;
  std::span<const DirectoryEntry> siblings;  // the directory that it is in, itself included
  std::string_view seat;                     // what "*" stood for in the place; empty: none
  const ReaderSource* source = nullptr;

  // The component `up` levels above the file's name (0: the name); empty: none.
  [[nodiscard]] std::string_view name(std::size_t up = 0) const {
    return up < path.size() ? path[path.size() - 1 - up] : std::string_view{};
  }
  [[nodiscard]] std::string_view stem() const {
    return name().substr(0, std::min(name().rfind('.'), name().size()));
  }
  [[nodiscard]] bool has_sibling(std::string_view sibling) const {
    for (const auto& entry : siblings) {
      if (entry.name == sibling && !entry.is_directory) return true;
    }
    return false;
  }
};

// What the path of a transcript says. Empty members are left as they are.
struct Recognised {
  std::string session = {};  // id; of a sub-agent's file: its agent id
  std::string project = {};
  std::string seat = {};
};

class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;  // "claude-code"

  // Places below the home directory, without a slash in front. A component may
  // be "*": every directory there, whose name becomes the seat.
  [[nodiscard]] virtual std::vector<std::string> default_places() const = 0;

  // What the path says when the file is a transcript of this harness; else none.
  [[nodiscard]] virtual std::optional<Recognised> recognise(const Candidate& candidate) const = 0;

  // Called with all files of a source: takes away those that the source leaves out,
  // and says what it could not read to decide that.
  virtual void select(const ReaderSource& source, FoundTranscripts& found,
                      const Environment& env) const {
    (void)source, (void)found, (void)env;
  }

  // Whether a file whose first records look like this is of this harness. It gets
  // the first few, one by one; the first "yes" of any reader wins.
  [[nodiscard]] virtual bool recognises(Json record) const = 0;

  // Called before the first line of a file, not when a pass goes on: fills in what
  // the path and the files beside it say. FileState::main is filled in already with
  // harness, session id and project of `file`.
  [[nodiscard]] virtual Result<void> start(const TranscriptFile& file, FileState& state,
                                           Environment env) const {
    (void)file, (void)state, (void)env;
    return {};
  }

  // One line, an object. Calls out.line(...) first, then emits records or says
  // out.unknown() or out.misshapen(); a known line without records needs neither.
  virtual void decode(simdjson::dom::object line, FileState& state, Emitter& out) const = 0;
};

// All readers, sorted by name.
[[nodiscard]] std::span<const Reader* const> all_readers();
// Null when there is none of this name.
[[nodiscard]] const Reader* find_reader(std::string_view name);
[[nodiscard]] Error no_such_reader(std::string_view name);

// One for each harness, in the file of its name.
[[nodiscard]] const Reader& amplifier_reader();
[[nodiscard]] const Reader& claude_code_reader();
[[nodiscard]] const Reader& codex_reader();
[[nodiscard]] const Reader& copilot_reader();
[[nodiscard]] const Reader& generic_reader();
[[nodiscard]] const Reader& nanoclaw_reader();
[[nodiscard]] const Reader& pi_reader();

}  // namespace daybook::transcript
