== compact rows, without payload text
$ daybook init -q && daybook append -q
<<< {"stream":"session/demo","type":"session/started"}
<<< {"stream":"session/demo","type":"message/added","data":{"message-id":4,"turn-id":2,"call-id":9,"role":"user","text":"payload text"},"causes":[1]}
<<< {"stream":"session/demo","type":"head/created","data":{"head-id":"head-1","turn-id":2,"snapshot-id":3,"status":"sealed"},"causes":[2]}
<<< {"stream":"task/x","type":"state_change","data":{"status":"ok","payload-ref":"sha256:00"}}
<<< {"stream":"session/demo","type":"session/restored","data":{"source-session-id":"old","source-head-id":"head-0"}}
<<< {"stream":"session/demo","type":"custom","data":{"eval-id":5,"row-kind":"mine","row-id":"r1"}}
<<< {"stream":"session/demo","type":"other","data":{"call-id":5,"nested":{"turn-id":1},"list":["x"]}}
made ledger <id> in .daybook
appended 7 events, #1 to #7
$ daybook stream demo
{"event/id":1,"event/type":"session/started","event/session":"demo","event/at":"<time>","event/row-kind":"session","event/row-id":"demo","event/seq":1,"event/ulid":"<id>","event/stream":"session/demo","event/causes":[]}
{"event/id":2,"event/type":"message/added","event/session":"demo","event/at":"<time>","event/row-kind":"message","event/row-id":"4","event/turn-id":2,"event/message-id":4,"event/call-id":9,"event/seq":2,"event/ulid":"<id>","event/stream":"session/demo","event/causes":["<id>"]}
{"event/id":3,"event/type":"head/created","event/session":"demo","event/at":"<time>","event/row-kind":"head","event/row-id":"head-1","event/turn-id":2,"event/snapshot-id":3,"event/head-id":"head-1","event/status":"sealed","event/seq":3,"event/ulid":"<id>","event/stream":"session/demo","event/causes":["<id>"]}
{"event/id":4,"event/type":"session/restored","event/session":"demo","event/at":"<time>","event/row-kind":"restore","event/row-id":"head-0","event/source-session-id":"old","event/source-head-id":"head-0","event/seq":5,"event/ulid":"<id>","event/stream":"session/demo","event/causes":[]}
{"event/id":5,"event/type":"custom","event/session":"demo","event/at":"<time>","event/row-kind":"mine","event/row-id":"r1","event/eval-id":5,"event/seq":6,"event/ulid":"<id>","event/stream":"session/demo","event/causes":[]}
{"event/id":6,"event/type":"other","event/session":"demo","event/at":"<time>","event/row-kind":"annotation","event/row-id":"5","event/call-id":5,"event/seq":7,"event/ulid":"<id>","event/stream":"session/demo","event/causes":[]}
-- the guide's own line
$ daybook stream demo | jq -c 'select(.["event/type"] == "head/created") | .["event/id"]'
3
$ daybook stream --all | jq -c '[.["event/seq"], .["event/status"], .["event/payload-ref"]]' | sed -n 4p
[4,"ok","sha256:00"]
$ daybook stream --all --after 5 | jq '.["event/seq"]'
6
7
$ daybook stream demo --limit 2 | wc -l | tr -d ' '
2
$ daybook stream demo --after 7

== whole events
$ daybook init -q && daybook append -q --stream s/x --type t --data "$(printf '{\n  "a": 1\n}')" --key k --actor a --subject su --correlation c
...
$ daybook append -q --stream s/x --type u --cause 1
#2 <id> s/x@2
$ daybook stream x --format envelope
{"seq":1,"id":"<id>","stream":"s/x","version":1,"type":"t","time":"<time>","recorded":"<time>","source":"<host>/daybook","actor":"a","subject":"su","correlation":"c","key":"k","causes":[],"tier":"structured","data_state":"inline","data_bytes":12,"commitment":"<hash>","data":{   "a": 1 }}
{"seq":2,"id":"<id>","stream":"s/x","version":2,"type":"u","time":"<time>","recorded":"<time>","source":"<host>/daybook","causes":["<id>"],"tier":"structured","data_state":"none"}
$ daybook stream x --format cloudevents
{"specversion":"1.0","id":"<id>","source":"<host>/daybook","type":"t","subject":"su","time":"<time>","stream":"s/x","version":"1","sequence":"1","recorded":"<time>","actor":"a","correlation":"c","key":"k","tier":"structured","commitment":"<hash>","datacontenttype":"application/json","data":{   "a": 1 }}
{"specversion":"1.0","id":"<id>","source":"<host>/daybook","type":"u","time":"<time>","stream":"s/x","version":"2","sequence":"2","recorded":"<time>","causes":"<id>","tier":"structured"}

== follow sees what others append, and ends with 130
$ daybook init -q && daybook append -q --stream s/x --type before && python3 -c '
> import json, signal, subprocess
> p = subprocess.Popen(["daybook", "stream", "x", "--follow"], stdout=subprocess.PIPE, text=True)
> print(json.loads(p.stdout.readline())["event/type"])
> for stream in ("s/other", "s/x"):
>     subprocess.run(["daybook", "append", "--stream", stream, "--type", "during"], stdout=subprocess.DEVNULL, check=True)
> row = json.loads(p.stdout.readline())
> print(row["event/type"], row["event/stream"], row["event/seq"])
> p.send_signal(signal.SIGINT)
> print(p.wait(timeout=20))'
made ledger <id> in .daybook
#1 <id> s/x@1
before
during s/x 3
130

== follow ends when it has enough, and when its reader goes away
$ daybook init -q && daybook append -q --stream s/x --type a && daybook stream --all --follow --limit 1 | jq -r '.["event/type"]'
made ledger <id> in .daybook
#1 <id> s/x@1
a
$ daybook stream --all --follow | head -1 | jq -r '.["event/type"]'
a

== a pipe that closes is no error
$ daybook init -q && seq 1 5000 | sed 's/.*/{"stream":"s\/x","type":"t"}/' | daybook append -q
made ledger <id> in .daybook
appended 5,000 events, #1 to #5000
$ (daybook stream x; echo "exit $?" >&2) | head -1 | jq -r '.["event/type"]'
t
2> exit 0

== what stream needs
$ daybook init -q && daybook stream
made ledger <id> in .daybook
2> daybook: stream needs either STREAM or --all
2>   hint: `daybook stream --all` prints every stream
? 2
$ daybook stream demo --all --jsonl
{"error":{"code":"invalid_argument","message":"stream needs either STREAM or --all","hint":"`daybook stream --all` prints every stream"}}
? 2
$ daybook stream nobody
2> daybook: there is no stream 'nobody'
2>   hint: the ledger is empty
? 4
