== a sub-agent stands below the call that started it, whatever says which
$ daybook init -q > /dev/null && mkdir -p p/bb22/subagents && cat > p/bb22.jsonl
<<< {"type":"user","sessionId":"bb22","uuid":"v1","parentUuid":null,"timestamp":"2026-03-01T09:00:00Z","cwd":"/srv/mill","version":"3.0.1","message":{"role":"user","content":"Bake for ten"}}
<<< {"type":"assistant","sessionId":"bb22","uuid":"v2","parentUuid":"v1","timestamp":"2026-03-01T09:00:01Z","cwd":"/srv/mill","version":"3.0.1","message":{"id":"m1","role":"assistant","model":"mill-1","content":[{"type":"tool_use","id":"d1","name":"Agent","input":{"description":"knead"}},{"type":"tool_use","id":"d2","name":"Agent","input":{"description":"sift"}}]}}
<<< {"type":"user","sessionId":"bb22","uuid":"v3","parentUuid":"v2","timestamp":"2026-03-01T09:05:00Z","cwd":"/srv/mill","version":"3.0.1","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"d2","content":"sifted"}]},"toolUseResult":{"status":"completed","agentId":"s2"}}
-- its own description names the call
$ echo '{"agentType":"kneader","toolUseId":"d1"}' > p/bb22/subagents/agent-s1.meta.json; cat > p/bb22/subagents/agent-s1.jsonl
<<< {"type":"user","isSidechain":true,"agentId":"s1","sessionId":"bb22","uuid":"w1","parentUuid":null,"timestamp":"2026-03-01T09:00:02Z","cwd":"/srv/mill","version":"3.0.1","message":{"role":"user","content":"Knead"}}
<<< {"type":"assistant","isSidechain":true,"agentId":"s1","sessionId":"bb22","uuid":"w2","parentUuid":"w1","timestamp":"2026-03-01T09:00:03Z","cwd":"/srv/mill","version":"3.0.1","message":{"id":"m2","role":"assistant","model":"mill-1","content":[{"type":"tool_use","id":"e1","name":"Agent","input":{"description":"yeast"}}]}}
-- or the result of the call names the sub-agent
$ cat > p/bb22/subagents/agent-s2.jsonl
<<< {"type":"user","isSidechain":true,"agentId":"s2","sessionId":"bb22","uuid":"x1","parentUuid":null,"timestamp":"2026-03-01T09:00:02Z","cwd":"/srv/mill","version":"3.0.1","message":{"role":"user","content":"Sift"}}
-- and a sub-agent may have sub-agents
$ echo '{"toolUseId":"e1","parentAgentId":"s1"}' > p/bb22/subagents/agent-a3.meta.json; cat > p/bb22/subagents/agent-a3.jsonl
<<< {"type":"user","isSidechain":true,"agentId":"a3","sessionId":"bb22","uuid":"y1","parentUuid":null,"timestamp":"2026-03-01T09:00:04Z","cwd":"/srv/mill","version":"3.0.1","message":{"role":"user","content":"Fetch yeast"}}
$ daybook import p --json | jq -c '[.appended, .unknown_causes]'
[12,0]
$ daybook tree bb22 --json | jq -c '.turns[0].items[] | [.call, [.sub_agents[].session]]'
["d1",["s1"]]
["d2",["s2"]]
$ daybook tree s1 --json | jq -c '.turns[0].items[] | [.call, [.sub_agents[].session]]'
["e1",["a3"]]
-- it is the cause of the sub-agent's start
$ for s in s1 s2 a3; do daybook why $s#1 --json | jq -c '[.chain[-1] | ."event/type", ."trace/cause-event-ids"]'; done
["session/started",["session/bb22#3"]]
["session/started",["session/bb22#4"]]
["session/started",["session/s1#3"]]
