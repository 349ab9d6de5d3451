// SPDX-License-Identifier: Apache-2.0
//
// Programs that stand in for `gh` and `kata`: small shell scripts, put first in PATH,
// that write down their arguments and keep their state in files.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/temp_directory.h"

namespace daybook::testing {

class FakePrograms {
 public:
  FakePrograms() : path_(value_of_path()) {
    std::filesystem::create_directories(directory_ / "bin");
    ::setenv("PATH", ((directory_ / "bin") + ":" + path_).c_str(), 1);
    ::setenv("FAKE_STATE", directory_.path().c_str(), 1);
  }
  FakePrograms(const FakePrograms&) = delete;
  FakePrograms& operator=(const FakePrograms&) = delete;
  ~FakePrograms() { ::setenv("PATH", path_.c_str(), 1); }

  // Every program writes its arguments, one line a call, "|" between them.
  void install(const std::string& name, const std::string& script) const {
    const std::string file = (directory_ / "bin/") + name;
    std::ofstream(file) << "#!/bin/sh\ncd \"$FAKE_STATE\" || exit 9\n"
                        << "{ printf '" << name << "'; for a in \"$@\"; do printf '|%s' "
                        << "\"$(printf '%s' \"$a\" | tr '\\n' '~')\"; done; echo; } >> calls\n"
                        << script;
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }

  [[nodiscard]] std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    std::ifstream file(directory_ / "calls");
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  // How many calls begin like this.
  [[nodiscard]] std::size_t count(const std::string& start) const {
    std::size_t found = 0;
    for (const std::string& line : calls()) found += line.starts_with(start) ? 1 : 0;
    return found;
  }

  [[nodiscard]] std::string file(const std::string& name) const { return directory_ / name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(directory_ / name).rdbuf();
    return text.str();
  }

 private:
  static std::string value_of_path() {
    const char* const path = ::getenv("PATH");
    return path == nullptr ? "/usr/bin:/bin" : path;
  }

  TempDirectory directory_;
  std::string path_;
};

// Keeps an issue N as a line "N<tab>STATE<tab>REASON<tab>TITLE" in the file issues, labels in
// labels; a file "broken" makes it fail with that text.
inline constexpr const char* kFakeGh = R"SH(
if [ -f broken ]; then cat broken >&2; exit 1; fi
touch issues labels
escape() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }
case "$1 $2" in
"issue list")
  tab=$(printf '\t'); separator=''; printf '['
  while IFS="$tab" read -r number state reason title; do
    [ "$reason" = none ] && reason=''
    printf '%s{"number":%s,"title":"%s",' "$separator" "$number" "$(escape "$title")"
    printf '"url":"https://example.org/o/r/issues/%s",' "$number"
    printf '"state":"%s","stateReason":"%s"}' "$state" "$reason"
    separator=','
  done < issues
  printf ']\n' ;;
"label list")
  separator=''; printf '['
  while read -r name; do printf '%s{"name":"%s"}' "$separator" "$name"; separator=','; done < labels
  printf ']\n' ;;
"label create") echo "$3" >> labels ;;
"issue create")
  title=''; shift 2
  while [ $# -gt 0 ]; do
    case "$1" in
    --title) title=$2 ;;
    --label) grep -qx "$2" labels || { echo "could not add label: '$2' not found" >&2; exit 1; } ;;
    esac
    shift
  done
  number=$(( $(wc -l < issues) + 1 ))
  printf '%s\tOPEN\tnone\t%s\n' "$number" "$title" >> issues
  echo "https://example.org/o/r/issues/$number" ;;
"issue reopen")
  sed "s/^$3\t[A-Z]*\t[A-Z_a-z]*\t/$3\tOPEN\tREOPENED\t/" issues > issues.new
  mv issues.new issues ;;
*) echo "unknown command" >&2; exit 2 ;;
esac
)SH";

}  // namespace daybook::testing
