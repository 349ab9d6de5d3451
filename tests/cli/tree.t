== a session as its turns, calls and sub-agents
$ daybook init -q > /dev/null && mkdir some && cat > some/aa11.jsonl
<<< {"type":"user","sessionId":"aa11","uuid":"u1","parentUuid":null,"timestamp":"2026-03-01T09:00:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Grind the rye"}}
<<< {"type":"assistant","sessionId":"aa11","uuid":"u2","parentUuid":"u1","timestamp":"2026-03-01T09:00:02Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"id":"m1","role":"assistant","model":"mill-1","content":[{"type":"text","text":"I will."},{"type":"tool_use","id":"c1","name":"Bash","input":{"command":"mill rye"}},{"type":"tool_use","id":"c2","name":"Task","input":{"description":"sift"}}]}}
<<< {"type":"user","sessionId":"aa11","uuid":"u3","parentUuid":"u2","timestamp":"2026-03-01T09:00:04.500Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"Exit code 3\nthe stone is worn","is_error":true}]}}
<<< {"type":"user","sessionId":"aa11","uuid":"u4","parentUuid":"u3","timestamp":"2026-03-01T09:01:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Use the other one, key=AKIAQWERTYUIOPASDFGH"}}
$ cat > some/agent-b22.jsonl
<<< {"type":"user","isSidechain":true,"agentId":"b22","sessionId":"aa11","uuid":"k1","parentUuid":null,"timestamp":"2026-03-01T09:00:03Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Sift the flour"}}
$ daybook import some --json | jq .appended
9
$ daybook tree aa11
session aa11  claude-code · /srv/mill · main
  2026-03-01  2 turns · 2 tool calls · 1 failed · 1 sub-agent · 60 seconds
  ▶ #0002  09:00:00  Grind the rye
    ✗ #0004  09:00:02  Bash           mill rye                                          failed, exit 3, 2.5 s
    … #0005  09:00:02  Task           sift                                              no result
  ▶ #0007  09:01:00  Use the other one, key=[redacted:aws-access-key]
  ⑂ sub-agent b22  claude-code · /srv/mill · main
    2026-03-01  1 turn
    ▶ #0002  09:00:03  Sift the flour
-- by its beginning, or the stream's name
$ daybook tree aa | head -1
session aa11  claude-code · /srv/mill · main
$ daybook tree session/b22 --json | jq -c '[.session, .parent, .counts.turns]'
["b22","aa11",1]
$ daybook tree aa11 --json | jq -c '.turns[0].items[] | [.tool, .returned, .outcome, .exit_code, .duration_us]'
["Bash",true,"failure",3,2500000]
["Task",false,"unknown",null,null]
$ daybook tree zz
2> daybook: there is no stream 'zz'
2>   hint: <*>
? 4
