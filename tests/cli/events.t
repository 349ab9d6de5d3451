== the timeline of an agent session
$ daybook init -q && daybook append -q --stream session/demo
<<< {"type":"session/started"}
<<< {"type":"head/created","data":{"head-id":"head-00000000-1111","kind":"genesis"},"causes":[1]}
<<< {"type":"message/added","data":{"message-id":1,"role":"system"}}
<<< {"type":"turn/started","data":{"turn-id":1},"causes":[2]}
<<< {"type":"message/added","data":{"message-id":2,"turn-id":1,"role":"user","text":"never shown"},"causes":[4]}
<<< {"type":"call/started","data":{"call-id":1,"turn-id":1,"call-type":"root"},"causes":[4,5]}
<<< {"type":"call/put","data":{"call-id":1,"turn-id":1,"call-type":"root","status":"final"},"causes":[6]}
<<< {"type":"message/added","data":{"message-id":3,"turn-id":1,"call-id":1,"role":"assistant"},"causes":[7]}
<<< {"type":"call/started","data":{"call-id":2,"turn-id":1,"call-type":"leaf"},"causes":[8]}
<<< {"type":"call/put","data":{"call-id":2,"turn-id":1,"call-type":"leaf","status":"error"},"causes":[9]}
<<< {"type":"invocation/started","data":{"invocation-id":"inv-7"},"causes":[8]}
<<< {"type":"invocation/completed","data":{"invocation-id":"inv-7","status":"final"},"causes":[11]}
<<< {"type":"eval/added","data":{"eval-id":1,"turn-id":1,"status":"ok"},"causes":[8]}
<<< {"type":"eval/added","data":{"eval-id":2,"turn-id":1,"status":"final"},"causes":[8,13]}
<<< {"type":"turn/put","data":{"turn-id":1,"status":"final"},"causes":[14]}
<<< {"type":"session/final","data":{"turn-id":1},"causes":[14]}
<<< {"type":"snapshot/added","data":{"snapshot-id":1,"turn-id":1},"causes":[14]}
<<< {"type":"head/created","data":{"head-id":"head-abc12345-6789","turn-id":1,"snapshot-id":1},"causes":[2,4,17]}
<<< {"type":"session/ref-updated","data":{"head-id":"head-abc12345-6789"},"causes":[18]}
made ledger <id> in .daybook
appended 19 events, #1 to #19
$ daybook events demo
audit — demo
  19 facts · 1 turn · 1 model call · 1 leaf · 1 child · 1 checkpoint · 1 error
  current checkpoint head-abc12345 via event #19
  event log explains what happened; checkpoints restore state

timeline
  ● #0001  session opened
  ◆ #0002  genesis checkpoint     head-00000000 because #1
  ✎ #0003  system prompt          message 1
  ▶ #0004  turn started           turn 1 because #2
  ✎ #0005  user input             message 2 turn 1 because #4
  → #0006  root model called      call 1 turn 1 because #4,#5
  ← #0007  root answered          call 1 turn 1 because #6
  ✎ #0008  model response         message 3 turn 1 because #7
  → #0009  leaf called            call 2 turn 1 because #8
  ✗ #0010  leaf failed            call 2 turn 1 (error) because #9
  ⑂ #0011  child opened           invocation inv-7 because #8
  ⑂ #0012  child settled          invocation inv-7 because #11
  λ #0013  repl evaluated         eval 1 turn 1 because #8
  λ #0014  FINAL returned         eval 2 turn 1 because #8,#13
  ▣ #0017  snapshot saved         snapshot 1 turn 1 because #14
  ◆ #0018  checkpoint sealed      head-abc12345 turn 1 because #2,#4,#17
  ➜ #0019  session advanced       head-abc12345 because #18

next:
  daybook show session/demo#19    # inspect current checkpoint
  daybook events demo --event 19  # ask why that fact happened
  daybook stream demo             # raw JSONL facts for scripts
  daybook verify                  # check that nothing was changed
-- the last N visible facts; what is hidden does not count
$ daybook events demo --limit 3 | sed -n '6,9p'
timeline
  … 14 facts before
  ▣ #0017  snapshot saved         snapshot 1 turn 1 because #14
  ◆ #0018  checkpoint sealed      head-abc12345 turn 1 because #2,#4,#17
-- what is suggested works
$ daybook events demo | sed -n '/^next:/,$s/^  \(daybook .*\)  # .*/\1/p' > commands && sh -e commands > /dev/null && wc -l < commands | tr -d ' '
4
-- why one fact happened
$ daybook events demo --event 17
why event #17 — demo
  snapshot saved  snapshot 1 turn 1
  seq 17 · <id> · <time>
  10 linked facts

chain
  ● #0001  session opened
  ◆ #0002  genesis checkpoint     head-00000000 because #1
  ▶ #0004  turn started           turn 1 because #2
  ✎ #0005  user input             message 2 turn 1 because #4
  → #0006  root model called      call 1 turn 1 because #4,#5
  ← #0007  root answered          call 1 turn 1 because #6
  ✎ #0008  model response         message 3 turn 1 because #7
  λ #0013  repl evaluated         eval 1 turn 1 because #8
  λ #0014  FINAL returned         eval 2 turn 1 because #8,#13
  ▣ #0017  snapshot saved         snapshot 1 turn 1 because #14
$ daybook events demo --json | jq -c '.events[17] | del(.["event/at"], .["event/ulid"])'
{"event/id":18,"event/type":"head/created","event/session":"demo","event/row-kind":"head","event/row-id":"head-abc12345-6789","event/turn-id":1,"event/snapshot-id":1,"event/head-id":"head-abc12345-6789","event/seq":18,"event/stream":"session/demo","event/causes":["<id>","<id>","<id>"],"trace/summary":"checkpoint sealed","trace/detail":"head-abc12345 turn 1","trace/cause-event-ids":[2,4,17]}
$ daybook events demo --json | jq -c '[.stream, .facts, .errors, (.events | length)]'
["session/demo",19,1,19]
$ daybook events demo --json --limit 2 | jq -c '[.events[]."event/id"]'
[18,19]
$ daybook events demo --event 6 --json | jq -c '[."event/id", ."event/stream", [.chain[]."event/id"], .complete]'
[6,"session/demo",[1,2,4,5,6],true]

== an event that is not there is exit code 1
$ daybook init -q && daybook append -q --stream session/demo --type session/started
...
$ daybook events demo --event 2
2> daybook: no event 2 in demo
2>   hint: the stream holds 1 event
? 1
$ daybook events demo --event 0 --json
{"error":{"code":"not_found","message":"no event 0 in demo","hint":"the stream holds 1 event"}}
? 1

== a stream of anything else is called by its types
$ daybook init -q && daybook append -q --stream "task/nightly run's"
<<< {"type":"state_change","data":{"summary":"started\u001b[31m\nnow"},"subject":"subsystem:backup"}
<<< {"type":"state_change","data":{"payload":{"summary":"disk full","status":"failed"}},"causes":[1]}
<<< {"type":"checked","subject":"file:a.txt"}
<<< {"type":"secret","tier":"confidential","data":{"summary":"nobody reads this here"}}
made ledger <id> in .daybook
appended 4 events, #1 to #4
$ daybook events "nightly run's"
audit — nightly run's
  4 facts · 1 checked · 1 secret · 2 state_change · 1 error
  event log explains what happened; checkpoints restore state

timeline
  · #0001  state_change           started�[31m now
  ✗ #0002  state_change           disk full because #1
  · #0003  checked                file:a.txt
  · #0004  secret

next:
  daybook show 'task/nightly run'\''s#4'       # inspect the newest fact
  daybook events 'nightly run'\''s' --event 4  # ask why that fact happened
  daybook stream 'nightly run'\''s'            # raw JSONL facts for scripts
  daybook verify                               # check that nothing was changed

== how a stream is named
$ daybook init -q && daybook append -q
<<< {"stream":"session/demo","type":"t"}
<<< {"stream":"run/demo","type":"t"}
<<< {"stream":"run/only","type":"t"}
<<< {"stream":"plain","type":"t"}
made ledger <id> in .daybook
appended 4 events, #1 to #4
$ daybook events only | head -1 && daybook events plain | head -1 && daybook events session/demo | head -1
audit — only
audit — plain
audit — session/demo
$ daybook events demo
2> daybook: 'demo' may mean several streams: <*>, <*>
2>   hint: give the full name
? 2
$ daybook events onyl
2> daybook: there is no stream 'onyl'
2>   hint: did you mean 'only'?
? 4
$ daybook events 'on*' --json
{"error":{"code":"not_found","message":"there is no stream 'on*'","hint":"<*>"}}
? 4
$ daybook --ledger "$PWD/.daybook" events only | tail -4 | head -1
  daybook --ledger <dir>/work/.daybook show run/only#1        # inspect the newest fact

== an empty ledger
$ daybook init -q && daybook events demo
made ledger <id> in .daybook
2> daybook: there is no stream 'demo'
2>   hint: the ledger is empty
? 4
