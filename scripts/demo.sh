#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Real work on this machine, recorded, explained, crashed, damaged and proven: in a directory of its own that
# is gone afterwards, and without the configuration of whoever runs it.
# usage: DAYBOOK=path/to/daybook scripts/demo.sh     (./dev demo builds it first)
set -euo pipefail
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
. "$here/apart.sh"

daybook=$(realpath "${DAYBOOK:?usage: DAYBOOK=path/to/daybook scripts/demo.sh}")
build=$(dirname "$daybook")
sessions=$here/demo-sessions
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
live_apart "$place"
export DAYBOOK_DIR=$place/ledger NO_COLOR=1
PATH=$build:$PATH
cd "$place"

step() { printf '\n== %s\n' "$1"; }
run() {
  printf '$ %s\n' "$*"
  "$@"
}
# Runs what is expected to fail and says how it did.
run_failing() {
  printf '$ %s\n' "$*"
  local code=0
  "$@" || code=$?
  printf '(exit code %d)\n' "$code"
}

step "1. A ledger, and real commands that it watches"
run daybook init
run daybook supervise --task build -- cmake --build "$build"
run_failing daybook supervise --task broken-build --retries 1 --backoff 100ms..200ms -- \
  cmake --build "$build" --target no-such-target
run daybook query --class state_change --subsystem 'broken-*'

step "2. A small agent session, each event with its cause"
say() { # say TYPE DATA [CAUSE]: appends to the session and prints the event's seq
  daybook append --stream session/demo --source demo/agent --type "$1" --data "$2" ${3:+--cause "$3"} --json |
    sed -n 's/.*"seq": *\([0-9]*\).*/\1/p' | head -n 1
}
turn=$(say turn/started '{"turn-id":1,"summary":"the build is broken, please look"}')
call=$(say call/started '{"call-id":1,"turn-id":1,"tool":"bash","command":"cmake --build ."}' "$turn")
answer=$(say call/put '{"call-id":1,"turn-id":1,"status":"failed","exit_code":1}' "$call")
reply=$(say message/added '{"message-id":1,"turn-id":1,"role":"assistant"}' "$answer")
head=$(say head/created '{"head-id":"head-1","turn-id":1,"status":"final"}' "$reply")
run daybook events demo

step "3. Why did it do that?"
run daybook why "$head"

step "4. A writer is killed in the middle of a burst"
lines() {
  awk 'BEGIN { for (i = 1; i <= 2000000; i++)
    printf "{\"stream\":\"burst\",\"type\":\"tick\",\"data\":{\"n\":%d}}\n", i }'
}
: >acknowledged.jsonl  # there before anybody looks at it
daybook append --jsonl < <(lines 2>/dev/null) >>acknowledged.jsonl 2>/dev/null &
writer=$!
while [ "$(wc -l <acknowledged.jsonl)" -lt 5000 ]; do :; done
{ kill -9 "$writer" && wait "$writer"; } 2>/dev/null || true
# The last line may be cut: it was not acknowledged.
told=$(grep -c '}$' acknowledged.jsonl)
kept=$(daybook stream burst | wc -l)
echo "acknowledged before the kill: $told events; in the ledger afterwards: $kept"
[ "$kept" -ge "$told" ] || { echo "acknowledged events are missing"; exit 1; }
run daybook append --stream burst --type recovered
run daybook verify

step "5. Somebody changes one byte"
cp -r "$DAYBOOK_DIR" tampered
segment=$(ls tampered/log/*.seg | head -n 1)
offset=$(LC_ALL=C grep -abo 'the build is broken' "$segment" | head -n 1 | cut -d: -f1)
chmod u+w "$segment"
printf 'T' | dd of="$segment" bs=1 seek="$offset" conv=notrunc status=none
run_failing daybook verify --ledger tampered

step "6. One event, proven to somebody who has no ledger"
run daybook checkpoint --key >log.key
run daybook prove "$answer" --with-data -o answer.tlog-proof
mkdir elsewhere
cp log.key answer.tlog-proof elsewhere
cd elsewhere
DAYBOOK_DIR=none run daybook verify-proof answer.tlog-proof --key "$(cat log.key | tail -n 1)"

step "7. Sessions that agents left on disk: imported, explained, reviewed"
cd ..
run daybook import "$sessions"
run daybook tree 6f2d1c00
run daybook review nightly --since 2026-11-19 --date 2026-11-19 --digest-dir digests
run cat digests/learning-digest-2026-11-19.md
correction=$(daybook query --type learning --where 'kind = correction' --limit 1 --json |
  sed -n 's/.*"seq": *\([0-9]*\).*/\1/p' | head -n 1)
run daybook why "$correction"
echo "Those on this machine are imported by: daybook import"

step "8. How the ledger is"
run daybook status
