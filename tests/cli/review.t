== from sessions on disk to a digest, and nothing twice
$ daybook init -q && mkdir -p logs && cat > logs/5a000000-0000-4000-8000-000000000001.jsonl
<<< {"type":"user","uuid":"u1","parentUuid":null,"sessionId":"5a000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:00:00.000Z","cwd":"/srv/mill","version":"2.0.1","message":{"role":"user","content":"Please build the mill"}}
<<< {"type":"assistant","uuid":"a1","parentUuid":"u1","sessionId":"5a000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:01:00.000Z","message":{"id":"m1","role":"assistant","model":"model-x","content":[{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"wheel.c","old_string":"a","new_string":"b"}}]}}
<<< {"type":"user","uuid":"u2","parentUuid":"a1","sessionId":"5a000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:02:00.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"String to replace not found in file."}]}}
<<< {"type":"assistant","uuid":"a2","parentUuid":"u2","sessionId":"5a000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:03:00.000Z","message":{"id":"m2","role":"assistant","model":"model-x","content":[{"type":"text","text":"I hardcoded the wheel for now; the real one comes later."}]}}
made ledger <id> in .daybook
$ printf 'actor = "ann"\n[[reader]]\ntype = "claude-code"\npath = "%s/logs"\n[review]\ndigest_dir = "digests"\n' "$PWD" > daybook.toml
$ daybook review nightly --dry-run --since 2026-01-01 --date 2026-01-02
scanned 1 sessions across 1 readers (claude-code=1)
[error] 5a000000-... Edit: String to replace not found in file.
[workaround] 5a000000-... [<*>] <*>
would write: <dir>/work/digests/learning-digest-2026-01-02.md
$ daybook query --limit 5
2> no events found
$ daybook review nightly --since 2026-01-01 --date 2026-01-02
0 corrections, 1 errors, 1 workarounds, 0 deferrals, 0 patterns, 0 P0 alert(s), 1 session(s) scanned
Digest: <dir>/work/digests/learning-digest-2026-01-02.md
$ cat digests/learning-digest-2026-01-02.md | head -30
---
date: 2026-01-02
signals_captured: 2
p0_count: 0
corrections: 0
errors: 1
workarounds: 1
deferrals: 0
---

# Learning Digest — 2026-01-02

## P0 Alerts

_No P0 alerts._

## Corrections

_No corrections detected._

## Errors

- `5a000000-0000-4000-8000-000000000001` / `Edit`: String to replace not found in file.

## Workarounds

- `5a000000-0000-4000-8000-000000000001` pattern=`for now`: 'I hardcoded the wheel for now; the real one comes later.'

## Deferrals
$ daybook review nightly --date 2026-01-02 --json | jq -c '[.errors, .workarounds, (.signals | length), .digest_path, .schema_version]'
[0,0,0,"<dir>/work/digests/learning-digest-2026-01-02.md",2]
$ grep signals_captured digests/learning-digest-2026-01-02.md
signals_captured: 2
$ daybook query --class learning --json | jq -c '[.events[] | [.stream, .data.tool // .data.label]] | sort'
[["learning/error","Edit"],["learning/workaround","for now"]]
$ daybook issues pending
2026-01-02 [jilog/error] Edit: String to replace not found in file.
2026-01-02 [jilog/workaround] for now: <*>
$ daybook review sessions --since 2026-01-01
claude-code: 1 session
  5a000000-...         2026-01-01    1 turns     1 tools    1 errors    2 signals  /srv/mill
$ daybook review trend --weeks 500 --json | jq -c '[.trend[] | [.kind, .label, (.signals | add)]]'
[["error",null,1],["error","Edit",1],["workaround",null,1],["workaround","for now",1]]
$ daybook review nightly --rules best
2> ...
? 2
$ daybook review nightly --reader codxe
2> daybook: there is no reader 'codxe'
2>   hint: did you mean 'codex'?
? 2
$ daybook review nightly --days 1 --since 2d
2> daybook: --days and --since say the same: give one of them
? 2
$ daybook review nightly --create-issues
2> daybook: --create-issues: no issue tracker is configured
2>   hint: name one in the configuration: [tracker] type = "beads"
? 2

== a dry run leaves no trace, also without a ledger
$ mkdir logs && printf '[[reader]]\ntype = "pi"\npath = "logs"\n' > ~/.jilog.toml && daybook review nightly --dry-run --digest-dir d
scanned 0 sessions across 0 readers
would write: d/learning-digest-<*>.md
$ ls -A
logs
$ daybook review nightly
2> ...
? 4

== days begin where the user lives
$ daybook init -q && mkdir logs && printf '[[reader]]\ntype = "pi"\npath = "%s/logs"\n' "$PWD" > ~/.jilog.toml
made ledger <id> in .daybook
$ JILOG_TZ=Pacific/Kiritimati daybook review nightly --json | jq -r .date > east; JILOG_TZ=Pacific/Niue daybook review nightly --json | jq -r .date > west; test "$(cat east)" != "$(cat west)" && echo differ
differ
$ JILOG_TZ=Europe/Atlantis daybook review nightly
2> daybook: environment JILOG_TZ: there is no time zone 'Europe/Atlantis'
2>   hint: write it as "Europe/Berlin" or "UTC"
? 2

== an unknown key of the configuration is an error with its line
$ daybook init -q && printf '[tracker]\ntype = "beads"\nlable = ["x"]\n' > ~/.jilog.toml && daybook review nightly
made ledger <id> in .daybook
2> daybook: <dir>/home/.jilog.toml:3: unknown key 'lable' in [tracker]
2>   hint: did you mean 'labels'?
? 2
$ rm ~/.jilog.toml && printf '[trakcer]\ntype = "beads"\n' > daybook.toml && daybook review nightly
2> daybook: <dir>/work/daybook.toml:1: <*>
2> ...
? 2
$ daybook review nightly --config nowhere.toml
2> daybook: no configuration at nowhere.toml
? 4

== a dry run that was killed long ago is cleaned up after, one that may be at work is not
$ daybook init -q && mkdir -p .daybook.dry-run-0011223344556677/log .daybook.dry-run-8899aabbccddeeff logs
made ledger <id> in .daybook
$ touch -d '2 days ago' .daybook.dry-run-0011223344556677 && printf '[[reader]]\ntype = "claude-code"\npath = "logs"\n' > daybook.toml
$ daybook review nightly --dry-run --since 2026-01-01 --date 2026-01-02 | tail -1 && ls -d .daybook.*
would write: <dir>/work/.daybook/digests/learning-digest-2026-01-02.md
.daybook.dry-run-8899aabbccddeeff

== damage in the log: the answers say that they are not whole
$ daybook init -q && mkdir -p logs && cat > logs/5b000000-0000-4000-8000-000000000001.jsonl
<<< {"type":"user","uuid":"u1","parentUuid":null,"sessionId":"5b000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:00:00.000Z","cwd":"/srv/mill","version":"2.0.1","message":{"role":"user","content":"Please build the mill"}}
<<< {"type":"assistant","uuid":"a1","parentUuid":"u1","sessionId":"5b000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:01:00.000Z","message":{"id":"m1","role":"assistant","model":"model-x","content":[{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"wheel.c","old_string":"a","new_string":"b"}}]}}
<<< {"type":"user","uuid":"u2","parentUuid":"a1","sessionId":"5b000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:02:00.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"String to replace not found in file."}]}}
made ledger <id> in .daybook
$ printf '[[reader]]\ntype = "claude-code"\npath = "logs"\n' > daybook.toml && daybook review nightly --since 2026-01-01 --date 2026-01-02 | head -1
0 corrections, 1 errors, 0 workarounds, 0 deferrals, 0 patterns, 0 P0 alert(s), 1 session(s) scanned
$ daybook issues pending --json | jq -c '[(.pending | length), .lost]'
[1,[]]
$ cat > damage.py
<<< import glob, sys
<<< path = glob.glob(".daybook/log/*.seg")[0]
<<< data = bytearray(open(path, "rb").read())
<<< data[data.rindex(sys.argv[1].encode())] ^= 1
<<< open(path, "wb").write(data)
$ chmod u+w .daybook/log/*.seg && python3 damage.py 'String to replace' && daybook issues pending
nothing pending
2> daybook: warning: cannot be read: log/<*>
2> daybook: warning: the answer lacks what stood there; `daybook verify` tells all
? 6
$ daybook issues pending --json 2> /dev/null | jq -c '[(.pending | length), (.lost | length)]'
[0,1]
$ daybook review trend > /dev/null 2>&1
? 6
$ daybook review trend --json 2> /dev/null | jq '.lost | length'
1
$ daybook review nightly --date 2026-01-02 --json > /dev/null 2> err; echo $?; head -1 err
6
daybook: warning: the ledger is damaged: log/<*>
$ python3 damage.py 'Please build the mill' && daybook review sessions --since 2026-01-01 --json 2> /dev/null | jq '.lost | length > 0'
true
$ daybook review sessions --since 2026-01-01 > /dev/null 2>&1
? 6
