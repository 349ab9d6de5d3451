== JSON has the signals themselves, and warnings stay out of it
$ daybook init -q && mkdir logs && cat > logs/5c000000-0000-4000-8000-000000000001.jsonl
<<< {"type":"assistant","uuid":"a1","parentUuid":null,"sessionId":"5c000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:01:00.000Z","cwd":"/srv/kiln","version":"2.0.1","message":{"id":"m1","role":"assistant","model":"model-x","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"npm test"}}]}}
<<< {"type":"user","uuid":"u1","parentUuid":"a1","sessionId":"5c000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:02:00.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"Command timed out after 30 seconds: \"npm test\""}]}}
<<< {"type":"assistant","uuid":
<<< {"type":"assistant","uuid":"a2","parentUuid":"u1","sessionId":"5c000000-0000-4000-8000-000000000001","timestamp":"2026-01-01T10:03:00.000Z","message":{"id":"m2","role":"assistant","model":"model-x","content":[{"type":"text","text":"It is slow. I'll come back to this once the cache works."}]}}
made ledger <id> in .daybook
$ printf '[[reader]]\ntype = "claude-code"\npath = "%s/logs"\n' "$PWD" > daybook.toml
$ daybook review nightly --since 2026-01-01 --date 2026-01-02 --json 2> warnings | jq -c '.signals[] | [.kind, .tool // .label, .text]'
["error","Bash","Command timed out after 30 seconds: \"npm test\""]
["deferral","come back later","I'll come back to this once the cache works."]
-- a line that cannot be read is told with its place
$ sed 's/, not read: .*/, not read/' warnings
daybook: warning: <dir>/work/logs/5c000000-0000-4000-8000-000000000001.jsonl:3: malformed, not read

== the documented and the built spelling of JSON both work
$ daybook init -q && daybook append -q --stream task/x --type health
made ledger <id> in .daybook
#1 <id> task/x@1
$ daybook query --class health --json | jq '.events | length'
1
$ daybook query --class health --format json | jq '.events | length'
1
