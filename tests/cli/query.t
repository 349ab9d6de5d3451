== filters
$ daybook init -q && daybook append -q
<<< {"stream":"task/backup","type":"state_change","time":"2026-01-01T10:00:00Z","subject":"subsystem:backup","actor":"machine:a","data":{"summary":"started","exit_code":0}}
<<< {"stream":"task/backup","type":"state_change","time":"2026-01-02T10:00:00Z","actor":"machine:b","tier":"confidential","data":{"subsystem":"backup-db","summary":"disk full on sda","exit_code":1,"items":[{"name":"build-1"}]}}
<<< {"stream":"session/demo","type":"note_meta","time":"2026-01-03T10:00:00Z","subject":"file:a","correlation":"run-9","data":{"payload":{"subsystem":"notes","summary":"written"},"kind":"task"}}
<<< {"stream":"session/demo","type":"turn/started","time":"2026-01-04T10:00:00Z"}
made ledger <id> in .daybook
appended 4 events, #1 to #4
$ daybook query
  #1      [<time>] state_change   backup                         started
  #2      [<time>] state_change   backup-db                      task/backup
  #3      [<time>] note_meta      file:a                         written
  #4      [<time>] turn/started                                  session/demo
$ daybook query --since 2026-01-02T10:00:00Z --until 2026-01-04 | cut -c1-31
  #2      [<time>]
  #3      [<time>]
$ q() { echo $(daybook query --jsonl "$@" | jq .seq); } && q --type state_change && q --type 'turn/*' --type note_meta && q --class state-change && q --class notemeta && q --stream 'session/*' && q --subject file:a && q --subsystem backup && q --subsystem 'backup*' && q --subsystem notes && q --actor machine:b && q --actor 'machine:*' && q --correlation run-9 && q --tier confidential
1 2
3 4
1 2
3
3 4
3
1
1 2

2
1 2
3
2
$ q() { echo $(daybook query --jsonl "$@" | jq .seq); } && q --where 'exit_code != 0' && q --where 'exit_code < 1' && q --where 'payload.subsystem = notes' && q --where '$.kind = task' && q --where 'items[0].name ~ build*' && q --where 'exit_code >= 0' --where 'summary = started'
2
1
3
3
2
1
$ q() { echo $(daybook query --jsonl "$@" | jq .seq); } && q --search disk && q --search '"disk full"' && q --search 'full disk' && q --search '"full disk"' && q --search written --type note_meta
2
2
2

3
$ q() { echo $(daybook query --jsonl "$@" | jq .seq); } && q --reverse && q --reverse --limit 2 && q --limit 0 && q --type state_change --stream session/demo
4 3 2 1
4 3
1 2 3 4

$ daybook query --limit 1 --type state_change | cut -c1-4
  #1
$ daybook query --limit 2 --type state_change --jsonl | wc -l | tr -d ' '
2
$ daybook query --type nothing
2> no events found
$ daybook query --type nothing --quiet

== output formats
$ daybook init -q && daybook append -q --stream s/x --type t --data '{"a": "x,\"y\""}' && daybook append -q --stream s/x --type u --cause 1
made ledger <id> in .daybook
#1 <id> s/x@1
#2 <id> s/x@2
$ daybook query --json
{"events":[{"seq":1,"id":"<id>","stream":"s/x","version":1,"type":"t","time":"<time>","recorded":"<time>","source":"<host>/daybook","causes":[],"tier":"structured","data_state":"inline","data_bytes":16,"commitment":"<hash>","data":{"a": "x,\"y\""}},{"seq":2,"id":"<id>","stream":"s/x","version":2,"type":"u","time":"<time>","recorded":"<time>","source":"<host>/daybook","causes":["<id>"],"tier":"structured","data_state":"none"}],"more":false,"complete":true,"lag":0,"lost":[]}
$ daybook query --json --type nothing
{"events":[],"more":false,"complete":true,"lag":0,"lost":[]}
$ daybook query --json --limit 1 --quiet | jq -c '[(.events | length), .more]'
[1,true]
$ daybook query --format csv
seq,id,stream,version,type,time,recorded,source,actor,subject,correlation,key,causes,tier,data
1,<id>,s/x,1,t,<time>,<time>,<host>/daybook,,,,,,structured,"{""a"": ""x,\""y\""""}"
2,<id>,s/x,2,u,<time>,<time>,<host>/daybook,,,,,<id>,structured,
$ daybook query --format csv | python3 -c 'import csv, sys; print([row["data"] for row in csv.DictReader(sys.stdin)])'
['{"a": "x,\\"y\\""}', '']
$ test "$(daybook query --format envelope)" = "$(daybook query --jsonl)"
$ daybook query --format cloudevents | jq -c '[.specversion, .type, .data.a]'
["1.0","t","x,\"y\""]
["1.0","u",null]

== conditions that are none
$ daybook init -q && daybook query --where nonsense
made ledger <id> in .daybook
2> daybook: <*>
2> ...
? 2
$ daybook query --where 'a =' --json | jq -r .error.code
invalid_argument
$ daybook query --tier secret
2> daybook: --tier: 'secret' is none of metadata_only, structured, confidential
2> ...
? 2

== the index is derived: deleted, it comes back
$ daybook init -q && daybook append -q --stream s/x --type t && daybook query | wc -l | tr -d ' ' && rm -r .daybook/views && daybook query --type t | wc -l | tr -d ' '
made ledger <id> in .daybook
#1 <id> s/x@1
1
1
$ printf garbage > .daybook/views/index.db && daybook query --type t | wc -l | tr -d ' '
1
2> daybook: warning: <*>views/index.db: <*>: made anew from the log, which this answer comes from
$ daybook append -q --stream s/x --type u && daybook query --stream s/x | wc -l | tr -d ' '
#2 <id> s/x@2
2

== rebuild
$ daybook init -q && daybook append -q --stream s/x --type t --data '{"w":"needle"}' && daybook rebuild
made ledger <id> in .daybook
#1 <id> s/x@1
rebuilt the index up to event #1, <*>
$ daybook rebuild --text --json | jq -c '[.indexed, .text_indexed, .complete, .lost]'
[1,1,true,[]]
$ daybook query --search needle | wc -l | tr -d ' '
1

== a query that matches few events finds all of them
$ daybook init -q && seq 1 3000 | sed 's/.*/{"stream":"s\/x","type":"t","data":{"n":&}}/' | daybook append -q && daybook query --where 'n > 2998' --jsonl | jq -c .data && daybook query --where 'n = 1' --reverse --limit 1 --jsonl | jq -c .data
made ledger <id> in .daybook
appended 3,000 events, #1 to #3000
{"n":2999}
{"n":3000}
{"n":1}
$ daybook query --type t | wc -l | tr -d ' '
100
2> stopped at 100 events; --limit N shows more, --limit 0 all
$ daybook query --type t --json | jq -c '[(.events | length), .more]'
[100,true]
