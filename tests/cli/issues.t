== beads: filed once, listed, closed, back again
$ daybook init -q && mkdir logs && cat > logs/5b000000-0000-4000-8000-000000000001.jsonl
<<< {"type":"assistant","uuid":"a1","parentUuid":null,"sessionId":"5b000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:01:00.000Z","cwd":"/srv/mill","version":"2.0.1","message":{"id":"m1","role":"assistant","model":"model-x","content":[{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"wheel.c","old_string":"a","new_string":"b"}}]}}
<<< {"type":"user","uuid":"u1","parentUuid":"a1","sessionId":"5b000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:02:00.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"String to replace not found in file."}]}}
made ledger <id> in .daybook
$ printf '[[reader]]\ntype = "claude-code"\npath = "%s/logs"\n[tracker]\ntype = "beads"\nprefix = "mill"\n' "$PWD" > daybook.toml
$ daybook review nightly --since 2026-01-01 --date 2026-01-02
0 corrections, 1 errors, 0 workarounds, 0 deferrals, 0 patterns, 0 P0 alert(s), 1 session(s) scanned
Digest: <dir>/work/.daybook/digests/learning-digest-2026-01-02.md
Created 1 issue(s)
$ jq -c 'del(.created, .id)' .beads/issues.jsonl
{"title":"[jilog/error] Edit: String to replace not found in file.","type":"bug","priority":2,"status":"open","labels":["jilog","tool:Edit"],"body":"Detected by jilog/review on 2026-01-02.\n\nTool `Edit` failed in session 5b000000-0000-4000-8000-000000000001:\n> String to replace not found in file.\n","source":"jilog/review"}
$ daybook issues list
open   mill-<*> [jilog/error] Edit: String to replace not found in file.
$ daybook issues pending
nothing pending
$ grep -c '(→ beads#mill-' .daybook/digests/learning-digest-2026-01-02.md
1
$ daybook review nightly --json | jq -c '[.created_issues, .issues]'
[[],[]]
$ sed -i 's/"status":"open"/"status":"closed"/' .beads/issues.jsonl && chmod 664 .beads/issues.jsonl && daybook review nightly | tail -1
Resolved: mill-<*> [jilog/error] Edit: String to replace not found in file.
$ sed 's/5b000000-0000-4000-8000-000000000001/5b000000-0000-4000-8000-000000000002/g; s/"\([aut]\)1"/"\12"/g' logs/5b000000-0000-4000-8000-000000000001.jsonl > logs/5b000000-0000-4000-8000-000000000002.jsonl && daybook review nightly --date 2026-01-03 | tail -1
Reopened mill-<*> [jilog/error] Edit: String to replace not found in file.
$ jq -c '[.status, .comments]' .beads/issues.jsonl
["open",["Recurred on 2026-01-03 — closure may have been premature."]]

== a tracker that is not there: partly done, and nothing lost
$ daybook init -q && mkdir logs bin && cat > logs/5b000000-0000-4000-8000-000000000001.jsonl
<<< {"type":"assistant","uuid":"a1","parentUuid":null,"sessionId":"5b000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:01:00.000Z","cwd":"/srv/mill","version":"2.0.1","message":{"id":"m1","role":"assistant","model":"model-x","content":[{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"wheel.c","old_string":"a","new_string":"b"}}]}}
<<< {"type":"user","uuid":"u1","parentUuid":"a1","sessionId":"5b000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:02:00.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"String to replace not found in file."}]}}
made ledger <id> in .daybook
$ printf '#!/bin/sh\necho "not logged in" >&2\nexit 4\n' > bin/gh && chmod +x bin/gh && printf '[[reader]]\ntype = "claude-code"\npath = "%s/logs"\n[tracker]\ntype = "github"\nrepo = "o/r"\n' "$PWD" > daybook.toml
$ PATH=$PWD/bin:$PATH daybook review nightly --since 2026-01-01 --date 2026-01-02
0 corrections, 1 errors, 0 workarounds, 0 deferrals, 0 patterns, 0 P0 alert(s), 1 session(s) scanned
Digest: <dir>/work/.daybook/digests/learning-digest-2026-01-02.md
Tracker failures: 1 (1 signal(s) pending, retried next run)
2> daybook: warning: tracker github: `gh issue list` ended with 4: not logged in
? 6
$ PATH=$PWD/bin:$PATH daybook review nightly --json 2> warnings | jq -c '[.tracker_failures, .pending]'; cat warnings
[1,1]
daybook: warning: tracker github: `gh issue list` ended with 4: not logged in
$ daybook issues pending
2026-01-02 [jilog/error] Edit: String to replace not found in file.
$ PATH=$PWD/bin:$PATH daybook issues list
2> daybook: `gh issue list` ended with 4: not logged in
2>   hint: <*>
? 1
$ sed -i 's/type = "github"/type = "none"/; /repo/d' daybook.toml && daybook issues list
no issues
2> no issue tracker is configured: digests are all there is
