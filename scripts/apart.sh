# SPDX-License-Identifier: Apache-2.0
#
# Sourced by scripts that run daybook, so that nothing shows of the user who runs them: no configuration, no
# tracker, no session, no ledger. tests/support/apart.py does the same for the tests in Python,
# tests/main.cc for those in C++; tests/apart_test.py proves it of all three.

# live_apart DIRECTORY: this shell, and what it starts, has an empty home in DIRECTORY, and of the environment
# only what building, terminals and sanitizers need.
live_apart() {
  local name
  for name in $(compgen -e); do
    case $name in
      PATH | TMPDIR | TERM | COLUMNS | LD_* | CCACHE_* | CMAKE_* | *SAN_OPTIONS | LLVM_PROFILE_FILE) ;;
      *) unset "$name" ;;
    esac
  done
  export HOME=$1/home TZ=UTC LC_ALL=C.UTF-8
  export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
  export XDG_STATE_HOME=$HOME/.local/state XDG_CACHE_HOME=$HOME/.cache
  mkdir -p "$HOME"
}

# apart COMMAND...: one command that lives apart.
apart() {
  local place status=0
  place=$(mktemp -d)
  (live_apart "$place" && exec "$@") || status=$?
  rm -rf "$place"
  return "$status"
}
