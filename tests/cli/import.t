== importing what is on the machine
$ daybook init -q > /dev/null && mkdir -p ~/.claude/projects/-srv-mill && cat > ~/.claude/projects/-srv-mill/aa11.jsonl
<<< {"type":"user","sessionId":"aa11","uuid":"u1","parentUuid":null,"timestamp":"2026-03-01T09:00:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Grind the rye"}}
<<< {"type":"assistant","sessionId":"aa11","uuid":"u2","parentUuid":"u1","timestamp":"2026-03-01T09:00:02Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"id":"m1","role":"assistant","model":"mill-1","content":[{"type":"text","text":"I will."},{"type":"tool_use","id":"c1","name":"Bash","input":{"command":"mill rye"}},{"type":"tool_use","id":"c2","name":"Task","input":{"description":"sift"}}]}}
<<< {"type":"user","sessionId":"aa11","uuid":"u3","parentUuid":"u2","timestamp":"2026-03-01T09:00:04.500Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"Exit code 3\nthe stone is worn","is_error":true}]}}
$ daybook import
found 1 session file: claude-code 1
imported 6 events of 1 session from 1 file (<*>) in <*> s
  tool/called                  2
  message/assistant            1
  message/user                 1
  session/started              1
  tool/returned                1
-- importing again appends nothing
$ daybook import
found 1 session file: claude-code 1
nothing new
-- what is new is appended, without its secrets, and what cannot be read is told
$ cat >> ~/.claude/projects/-srv-mill/aa11.jsonl
<<< {"type":"user","sessionId":"aa11","uuid":"u4","parentUuid":"u3","timestamp":"2026-03-01T09:01:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Use the other one, key=AKIAQWERTYUIOPASDFGH"}}
<<< {"half of
$ daybook import
found 1 session file: claude-code 1
imported 1 event of 1 session from 1 file (<*>) in <*> s
  message/user                 1
redacted 1 secret: aws-access-key 1
2> daybook: warning: <dir>/home/.claude/projects/-srv-mill/aa11.jsonl:5: malformed, not read: <*>
? 6
$ daybook query --search AKIAQWERTYUIOPASDFGH --limit 5
2> no events found
$ daybook verify | tail -1
ok: everything is as it was written
-- and the timeline reads like one
$ daybook events aa11 | head -12
audit — aa11
  7 facts · 2 turns · 2 tool calls · 1 error
  event log explains what happened; checkpoints restore state

timeline
  ● #0001  session opened
  ▶ #0002  user input             because #1
  ✎ #0003  model response         because #2
  → #0004  tool called            Bash because #3
  → #0005  tool called            Task because #3
  ✗ #0006  tool failed            Bash<*> because #4
  ▶ #0007  user input             because #6
$ daybook why aa11#6
why event #6 — session/aa11
  tool failed  Bash<*>
...
  ● #0001  session opened
  ▶ #0002  user input             because #1
  ✎ #0003  model response         because #2
  → #0004  tool called            Bash because #3
  ✗ #0006  tool failed            Bash<*> because #4

== with no sessions anywhere
$ daybook init -q > /dev/null && daybook import | head -1
found no session files

== a directory or a file, whoever wrote it
$ daybook init -q > /dev/null && mkdir -p some/where && cat > some/where/aa11.jsonl
<<< {"type":"user","sessionId":"aa11","uuid":"u1","parentUuid":null,"timestamp":"2026-03-01T09:00:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Grind the rye"}}
$ echo '{"just":"notes"}' > some/notes.jsonl
$ daybook import some --json | jq -c '[.files, .readers, .appended, .sessions]'
[1,{"claude-code":1},2,["aa11"]]
$ daybook import some/where/aa11.jsonl
found 1 session file: claude-code 1
nothing new
$ daybook import nowhere
2> daybook: there is no nowhere
? 4
$ daybook import some/notes.jsonl
2> daybook: some/notes.jsonl: no session of any known agent
2>   hint: with --reader NAME it is read as that agent's
? 4
$ daybook import some/notes.jsonl some/where/aa11.jsonl
found 1 session file: claude-code 1
nothing new
2> daybook: warning: some/notes.jsonl: no session of any known agent
? 6
$ mkdir empty && daybook import empty
found no session files
  empty  has none
$ daybook import --reader nobody some
2> daybook: --reader: 'nobody' is none of amplifier, claude-code, codex, copilot, generic, nanoclaw, pi
2>   hint: <*>
? 2

== only what happened since
$ daybook init -q > /dev/null && mkdir some && cat > some/aa11.jsonl
<<< {"type":"user","sessionId":"aa11","uuid":"u1","parentUuid":null,"timestamp":"2026-03-01T09:00:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Grind the rye"}}
<<< {"type":"user","sessionId":"aa11","uuid":"u4","parentUuid":"u3","timestamp":"2026-03-01T09:01:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Use the other one, key=AKIAQWERTYUIOPASDFGH"}}
$ daybook import some --since 2026-03-01T09:00:30Z
found 1 session file: claude-code 1
imported 2 events of 1 session from 1 file (<*>) in <*> s
  message/user                 1
  session/started              1
1 record from before --since left out
1 record with a cause that is nowhere
redacted 1 secret: aws-access-key 1
$ daybook import some --json | jq -c '[.appended, .known]'
[1,2]

== rules of one's own
$ daybook init -q > /dev/null && mkdir some && cat > some/aa11.jsonl
<<< {"type":"user","sessionId":"aa11","uuid":"u1","parentUuid":null,"timestamp":"2026-03-01T09:00:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Grind the rye"}}
$ cat > daybook.toml
<<< [[redact.rule]]
<<< name = "grain"
<<< pattern = "rye|wheat"
$ daybook import some | tail -1
redacted 1 secret: grain 1
$ daybook show aa11#2 --json | jq -r .event.data.text
Grind the [redacted:grain]

== following along
$ daybook init -q > /dev/null && mkdir some && cat > some/aa11.jsonl
<<< {"type":"user","sessionId":"aa11","uuid":"u1","parentUuid":null,"timestamp":"2026-03-01T09:00:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Grind the rye"}}
$ cat > more.jsonl
<<< {"type":"assistant","sessionId":"aa11","uuid":"u2","parentUuid":"u1","timestamp":"2026-03-01T09:00:02Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"id":"m1","role":"assistant","model":"mill-1","content":[{"type":"text","text":"I will."},{"type":"tool_use","id":"c1","name":"Bash","input":{"command":"mill rye"}},{"type":"tool_use","id":"c2","name":"Task","input":{"description":"sift"}}]}}
$ python3 -c '
> import signal, subprocess
> p = subprocess.Popen(["daybook", "import", "--follow", "--json", "some"], stdout=subprocess.PIPE)
> lines = [p.stdout.readline()]
> open("some/aa11.jsonl", "ab").write(open("more.jsonl", "rb").read())
> lines.append(p.stdout.readline())
> p.send_signal(signal.SIGINT)
> open("out.jsonl", "wb").write(b"".join(lines) + p.stdout.read())
> print(p.wait())'
130
$ jq -c '[.appended, .types]' out.jsonl
[2,{"message/user":1,"session/started":1}]
[3,{"tool/called":2,"message/assistant":1}]

== several at once
$ daybook init -q > /dev/null && mkdir some && cat > some/aa11.jsonl
<<< {"type":"user","sessionId":"aa11","uuid":"u1","parentUuid":null,"timestamp":"2026-03-01T09:00:00Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":"Grind the rye"}}
<<< {"type":"assistant","sessionId":"aa11","uuid":"u2","parentUuid":"u1","timestamp":"2026-03-01T09:00:02Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"id":"m1","role":"assistant","model":"mill-1","content":[{"type":"text","text":"I will."},{"type":"tool_use","id":"c1","name":"Bash","input":{"command":"mill rye"}},{"type":"tool_use","id":"c2","name":"Task","input":{"description":"sift"}}]}}
<<< {"type":"user","sessionId":"aa11","uuid":"u3","parentUuid":"u2","timestamp":"2026-03-01T09:00:04.500Z","cwd":"/srv/mill","version":"3.0.1","gitBranch":"main","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"Exit code 3\nthe stone is worn","is_error":true}]}}
$ for i in 1 2 3 4; do daybook import some --json > $i.json & done; wait; jq -s 'map(.appended) | add' *.json
6
$ daybook stream aa11 | wc -l | tr -d ' '
6
