== one event by flags
$ daybook init -q && daybook append --stream task/x --type started
made ledger <id> in .daybook
#1 <id> task/x@1
$ daybook append --stream task/x --type done --data '{"n": 1.10}' --source me/sh --actor person:ann --subject file:a --correlation c-1 --key k --tier confidential --time 2026-01-02T03:04:05+01:00 --cause 1
#2 <id> task/x@2
$ daybook export | tail -1 | sed 's/"causes":.*"tier"/"tier"/'
{"seq":2,"id":"<id>","stream":"task/x","version":2,"type":"done","time":"<time>","recorded":"<time>","source":"me/sh","actor":"person:ann","subject":"file:a","correlation":"c-1","key":"k","tier":"confidential","data_state":"inline","data_bytes":11,"commitment":"<hash>","data":{"n": 1.10}}
$ daybook export | tail -1 | jq -r .time | sed 's/T/ /'
2026-01-02 02:04:05.000000Z
$ daybook show 2 --raw
{"n": 1.10}

== data from an argument, a file and standard input, byte for byte
$ daybook init -q && printf '{ "a" : [1,2] }\n' > d.json && daybook append --stream s/x --type t --data @d.json && daybook append --stream s/x --type t --data - < d.json && daybook append --stream s/x --type t --data '[1,2]'
made ledger <id> in .daybook
#1 <id> s/x@1
#2 <id> s/x@2
#3 <id> s/x@3
$ daybook show 1 --raw | cmp - d.json && daybook show 2 --raw | cmp - d.json && daybook show 3 --raw
[1,2]
$ daybook append --stream s/x --type t --data @missing.json
2> daybook: <*>missing.json<*>
2> ...
? 4

== the receipt as JSON
$ daybook init -q && daybook append --stream s/x --type t --json
made ledger <id> in .daybook
{"seq":1,"id":"<id>","stream":"s/x","version":1,"recorded":"<time>","duplicate":false}

== a key makes a repeat harmless
$ daybook init -q && daybook append --stream s/x --type t --key once && daybook append --stream s/x --type t --key once && daybook append --stream s/y --type t --key once
made ledger <id> in .daybook
#1 <id> s/x@1
#1 <id> s/x@1 (already there)
#2 <id> s/y@1
$ daybook append --stream s/x --type t --key once --json | jq .duplicate
true

== compare and append
$ daybook init -q && daybook append --stream s/x --type t --expect-version 0 && daybook append --stream s/x --type t --expect-version 1
made ledger <id> in .daybook
#1 <id> s/x@1
#2 <id> s/x@2
$ daybook append --stream s/x --type t --expect-version 1
2> daybook: <*>
2> ...
? 5
$ daybook append --stream s/x --type t --expect-version 1 --json | jq -r .error.code
conflict
$ daybook export | wc -l | tr -d ' '
2

== causes by seq, id, and place in a stream
$ daybook init -q && daybook append --stream s/a --type one && daybook append --stream s/b --type two
...
$ id=$(daybook export | head -1 | jq -r .id) && daybook append --stream s/c --type three --cause 2 --cause $id --cause 's/b#1'
#3 <id> s/c@1
$ daybook export --stream s/c | jq '.causes | length'
3
$ daybook append --stream s/c --type bad --cause 9
2> daybook: there is no event #9
2>   hint: the ledger holds #1 to #3
? 4
$ daybook append --stream s/c --type bad --cause 01ARZ3NDEKTSV4RRFFQ69G5FAV --json
{"error":{"code":"not_found","message":"there is no event <id>","hint":""}}
? 4
$ daybook append --stream s/c --type bad --cause nonsense
2> daybook: 'nonsense' names no event
2>   hint: name it by seq (7 or '#7'), id, or STREAM#VERSION
? 2

== durability
$ daybook init -q && daybook append --stream s/x --type t --durability interval && daybook append --stream s/x --type t --durability memory && daybook verify | tail -1
made ledger <id> in .daybook
#1 <id> s/x@1
#2 <id> s/x@2
ok: everything is as it was written
$ daybook append --stream s/x --type t --durability eventually
2> daybook: --durability: 'eventually' is none of sync, interval, memory
2> ...
? 2

== what the ledger refuses
$ daybook init -q && daybook append --stream s/x --type t --data '{broken'
made ledger <id> in .daybook
2> daybook: the data is not JSON: <*>
2> ...
? 2
$ daybook append --stream s/x --type "$(printf 'a\tb')"
2> daybook: the type is not plain UTF-8 text
2>   hint: names may not hold control characters or broken UTF-8
? 2
$ daybook append --stream "$(printf '%300s' | tr ' ' x)" --type t
2> daybook: the stream is 300 bytes long
2>   hint: a stream may have 256 bytes
? 1
$ daybook append --stream s/x --type ''
2> daybook: the type is empty
2>   hint: every event needs a type
? 2
$ daybook status --json | jq .events
0

== flags that do not go together
$ daybook init -q && daybook append --type t
made ledger <id> in .daybook
2> daybook: --type needs --stream
2>   hint: daybook append --stream task/backup --type state_change
? 2
$ daybook append --stream s/x --data '{}'
2> daybook: --data, --key, --time, --cause and --expect-version need --type
2>   hint: without --type, events are read from standard input as JSONL
? 2

== another writer holds the lock
$ daybook init -q && flock .daybook/lock env DAYBOOK_LOCK_TIMEOUT_MS=50 daybook append --stream s/x --type t
made ledger <id> in .daybook
2> daybook: <*>
2> ...
? 5
$ flock .daybook/lock env DAYBOOK_LOCK_TIMEOUT_MS=50 daybook append --stream s/x --type t --json | jq -r .error.code
busy
