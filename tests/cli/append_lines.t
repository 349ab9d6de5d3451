== many events from JSONL, each acknowledged
$ daybook init -q && daybook append --jsonl
<<< {"stream":"s/a","type":"one"}
<<< {"stream":"s/b","type":"two","data":{"x" : 1.0},"causes":[1]}
<<<
<<< {"stream":"s/a","type":"three","causes":[2, "s/a#1"]}
made ledger <id> in .daybook
{"line":1,"seq":1,"id":"<id>","version":1}
{"line":2,"seq":2,"id":"<id>","version":1}
{"line":4,"seq":3,"id":"<id>","version":2}
$ daybook show 2 --raw
{"x" : 1.0}
$ daybook why 3 --json | jq -c '[.chain[]."event/seq"]'
[1,2,3]

== the sum, for people and for programs
$ daybook init -q && daybook append
<<< {"stream":"s/a","type":"t","key":"k"}
<<< {"stream":"s/a","type":"t","key":"k"}
<<< {"stream":"s/a","type":"t"}
made ledger <id> in .daybook
appended 2 events, #1 to #2; 1 already there
$ daybook append --json
<<< {"stream":"s/a","type":"t","key":"k"}
<<< {"stream":"s/a","type":"t"}
{"appended":1,"duplicates":1,"refused":0,"first":3,"last":3}
$ daybook append --jsonl
<<< {"stream":"s/a","type":"t","key":"k"}
{"line":1,"seq":1,"id":"<id>","version":1,"duplicate":true}
$ daybook append < /dev/null
appended 0 events

== every member of a line, and null as if it were not there
$ daybook init -q && daybook append --quiet
<<< {"causes":null,"time":"2026-01-01","tier":"metadata_only","key":"k","correlation":"c","subject":"s","actor":"a","source":"so","data":null,"type":"t","stream":"s\u002fx"}
made ledger <id> in .daybook
appended 1 event, #1 to #1
$ daybook export | jq -c 'del(.id, .recorded, .commitment, .time)'
{"seq":1,"stream":"s/x","version":1,"type":"t","source":"so","actor":"a","subject":"s","correlation":"c","key":"k","causes":[],"tier":"metadata_only","data_state":"inline","data_bytes":4,"data":null}

== flags give what a line does not say
$ daybook init -q && daybook append --stream s/x --actor agent:a --tier confidential --correlation run-1 -q
<<< {"type":"a"}
<<< {"type":"b","stream":"s/y","actor":"agent:b","tier":"structured"}
made ledger <id> in .daybook
appended 2 events, #1 to #2
$ daybook export | jq -c '[.stream, .actor, .tier, .correlation]'
["s/x","agent:a","confidential","run-1"]
["s/y","agent:b","structured","run-1"]

== data is kept byte for byte, whatever it is
$ daybook init -q && daybook append -q
<<< {"stream":"s/x","type":"t","data":  {"b":1,"a":[1.0,1e2,"\u00e9/\/"],"b":2}  }
<<< {"stream":"s/x","type":"t","data":12.50 ,"key":"a"}
<<< {"stream":"s/x","type":"t","data":"te\nxt"}
<<< {"stream":"s/x","type":"t","data":[ ]}
<<< {"stream":"s/x","type":"t","data":false}
made ledger <id> in .daybook
appended 5 events, #1 to #5
$ for i in 1 2 3 4 5; do daybook show $i --raw; echo; done
{"b":1,"a":[1.0,1e2,"\u00e9/\/"],"b":2}
12.50
"te\nxt"
[ ]
false

== a bad line stops, and what was before it stays
$ daybook init -q && daybook append
<<< {"stream":"s/x","type":"good"}
<<< {"stream":"s/x","tpye":"bad"}
<<< {"stream":"s/x","type":"never"}
made ledger <id> in .daybook
2> daybook: line 2: unknown member 'tpye'
2>   hint: did you mean 'type'?
2> nothing from line 2 on was appended; to go on with it: tail -n +2
? 2
$ daybook export | jq -r .type
good
$ daybook append --jsonl
<<< {"stream":"s/x","type":"good"}
<<< {"stream":"s/x","type":""}
<<< {"stream":"s/x","type":"never"}
{"line":1,"seq":2,"id":"<id>","version":2}
{"error":{"code":"invalid_argument","message":"line 2: the type is empty","hint":"every event needs a type"},"first_line_not_appended":2}
? 2
$ daybook append --jsonl
<<< {"stream":"s/x","type":"good"}
<<< {"stream":"s/x","type":"bad","causes":[77]}
<<< {"stream":"s/x","type":"never"}
{"line":1,"seq":3,"id":"<id>","version":3}
{"error":{"code":"not_found","message":"line 2: there is no event #77","hint":"the ledger holds #1 to #3"},"first_line_not_appended":2}
? 4
$ daybook export | jq -r .type | sort | uniq -c | tr -s ' '
 3 good

== the first line that is not in is named, so that one can go on there
$ daybook init -q && daybook append --json
<<< {"stream":"s/x","type":"one"}
<<< {"stream":"s/x","type":"two","key":"k"}
<<<
<<< {"stream":"s/x","type":"three","causes":[9]}
<<< {"stream":"s/x","type":"four"}
made ledger <id> in .daybook
{"appended":2,"duplicates":0,"refused":0,"first":1,"last":2,"error":{"code":"not_found","message":"line 4: there is no event #9","hint":"the ledger holds #1 to #2"},"first_line_not_appended":4}
? 4
$ daybook append
<<< not json
2> daybook: line 1: not a JSON object: <*>
2> nothing was appended
? 2
$ daybook append --quiet
<<< {"stream":"s/x"}
2> daybook: line 1: the type is empty
2>   hint: every event needs a type
? 2
$ daybook append --on-error skip --json 2> /dev/null
<<< bad
<<< {"stream":"s/x","type":"five"}
{"appended":1,"duplicates":0,"refused":1,"first":3,"last":3}
? 6

-- A disk that takes no more, here a limit on the size of a file: what is in, and where to go on.
== a write that fails in the middle leaves no gap, and the next line to append is named
$ daybook init -q && seq 1 6000 | jq -c '{stream:"s/x",type:"t",data:{n:.,x:("y" * 1000)}}' > lines
made ledger <id> in .daybook
$ cat > limited <<'END'
> trap '' XFSZ
> ulimit -f 4096
> exec daybook append "$@"
> END
> sh limited --json < lines > told
? 1
$ jq -c '[.appended + 1 == .first_line_not_appended, .first, .last == .appended, .error.code]' told
[true,1,true,"io"]
$ daybook export | jq .data.n | tail -1 > last && test "$(cat last)" = "$(jq .appended told)" && daybook export | wc -l | cmp - last
$ tail -n +$(jq .first_line_not_appended told) lines | daybook append --quiet > /dev/null
$ daybook export | jq -s -c '[length, ([.[].data.n] == [range(1; 6001)])]'
[6000,true]
$ daybook verify | tail -1
ok: everything is as it was written

== the same, each acknowledged
$ daybook init -q && seq 1 6000 | jq -c '{stream:"s/x",type:"t",data:{n:.,x:("y" * 1000)}}' > lines
made ledger <id> in .daybook
$ sh -c "trap '' XFSZ; ulimit -f 4096; daybook append --jsonl" < lines > told
? 1
$ jq -c 'select(.seq) | [.line, .seq]' told > receipts; daybook export | jq -c '[.data.n, .seq]' | cmp - receipts
$ tail -1 told | jq -c --argjson n "$(wc -l < receipts)" '[.error.code, .first_line_not_appended == $n + 1]'
["io",true]

== kinds of bad lines
$ daybook init -q && daybook append --on-error skip --json
<<< not json
<<< [1]
<<< {"stream":"s/x","type":"t"} {"stream":"s/x","type":"t"}
<<< {"stream":"s/x","type":"t"
<<< {"stream":"s/x","type":"t","type":"u"}
<<< {"stream":1,"type":"t"}
<<< {"stream":"s/x","type":"t","seq":4}
<<< {"stream":"s/x","type":"t","tier":"secret"}
<<< {"stream":"s/x","type":"t","time":"soon"}
<<< {"stream":"s/x","type":"t","causes":"1"}
<<< {"stream":"s/x","type":"t","causes":[0]}
<<< {"stream":"s/x","type":"t","causes":[{}]}
<<< {"stream":"s/x","type":"t","data":{"a":tru}}
<<< {"stream":"s/x","type":"t","data":}
<<< {"type":"t"}
<<< {"stream":"s/x","type":"fine"}
made ledger <id> in .daybook
{"appended":1,"duplicates":0,"refused":15,"first":1,"last":1}
2> daybook: warning: line 1: not a JSON object: <*>
2> daybook: warning: line 2: not a JSON object: <*>
2> daybook: warning: line 3: more than one JSON value in the line
2> daybook: warning: line 4: not a JSON object: <*>
2> daybook: warning: line 5: 'type' is there twice
2> daybook: warning: line 6: 'stream' is not a text
2> daybook: warning: line 7: 'seq' is given by the ledger
2> daybook: warning: line 8: <*>
2> daybook: warning: line 9: <*>
2> daybook: warning: line 10: 'causes' is not a list of ids and seqs
2> daybook: warning: line 11: 'causes' is not a list of ids and seqs
2> daybook: warning: line 12: 'causes' is not a list of ids and seqs
2> daybook: warning: line 13: <*>
2> daybook: warning: line 14: <*>
2> daybook: warning: line 15: the stream is empty
2> daybook: warning: 15 lines refused
? 6

== skipped lines have an error in the acknowledgements
$ daybook init -q && daybook append --jsonl --on-error skip
<<< {"stream":"s/x","type":"a"}
<<< {"stream":"s/x","typ":"b"}
<<< {"stream":"s/x","type":"c"}
made ledger <id> in .daybook
{"line":1,"seq":1,"id":"<id>","version":1}
{"line":2,"error":{"code":"invalid_argument","message":"line 2: unknown member 'typ'","hint":"did you mean 'type'?"}}
{"line":3,"seq":2,"id":"<id>","version":2}
2> daybook: warning: line 2: unknown member 'typ'
2> daybook: warning: 1 line refused
? 6

== the last line needs no line break, lines may end as on other systems
$ daybook init -q && printf '{"stream":"s/x","type":"a"}\r\n{"stream":"s/x","type":"b"}' | daybook append
made ledger <id> in .daybook
appended 2 events, #1 to #2

== a writer may wait for each acknowledgement, and name the event as a cause
$ daybook init -q && python3 -c '
> import json, subprocess
> p = subprocess.Popen(["daybook", "append", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
> last = []
> for i in range(3):
>     p.stdin.write(json.dumps({"stream": "s/x", "type": "t%d" % i, "causes": last}) + "\n")
>     p.stdin.flush()
>     last = [json.loads(p.stdout.readline())["id"]]
> p.stdin.close()
> print(p.wait())'
made ledger <id> in .daybook
0
$ daybook why 3 --json | jq -c '[.chain[]."event/type"]'
["t0","t1","t2"]

== an event may name one that is still under way
$ daybook init -q && seq 1 300 | jq -c '{stream:"s/x",type:"t",causes:(if . > 1 then [. - 1] else [] end)}' | daybook append -q && daybook why 300 --json | jq '.chain | length'
made ledger <id> in .daybook
appended 300 events, #1 to #300
300

== many lines, in order, with gaps nowhere
$ daybook init -q && seq 1 20000 | sed 's/.*/{"stream":"s\/&","type":"t","data":{"n":&}}/' | daybook append --jsonl | jq -c 'select(.line != .seq)' | wc -l | tr -d ' '
made ledger <id> in .daybook
0
$ daybook status --json | jq .events
20000
$ daybook verify | tail -1
ok: everything is as it was written

== long lines, and data above the inline limit
$ daybook init -q && python3 -c 'print("{\"stream\":\"s/x\",\"type\":\"t\",\"data\":\"" + "x" * 3000000 + "\"}")' | daybook append
made ledger <id> in .daybook
appended 1 event, #1 to #1
$ daybook show 1 --raw | wc -c | tr -d ' '
3000002
$ daybook export | jq '.data | length'
3000000
$ daybook export --refs | jq -c '[.data_state, .data.size]'
["blob",3000002]

== the reader of the acknowledgements goes away
$ daybook init -q && (seq 1 50000 | sed 's/.*/{"stream":"s\/x","type":"t"}/' | daybook append --jsonl; echo "exit $?" >&2) | head -1
made ledger <id> in .daybook
{"line":1,"seq":1,"id":"<id>","version":1}
2> daybook: standard output was closed; <*> events were appended
2> nothing from line <*> on was appended; to go on with it: tail -n +<*>
2> exit 1

== progress, on a terminal only
$ daybook init -q && cat > progress.py <<'END'
> import os, pty, subprocess, sys, time
> terminal, child_end = pty.openpty()
> p = subprocess.Popen(["daybook", "append", "--jsonl"] + sys.argv[1:], stdin=subprocess.PIPE,
>                      stdout=subprocess.PIPE, stderr=child_end)
> for i in range(2):
>     p.stdin.write(b'{"stream":"s/x","type":"t"}\n')
>     p.stdin.flush()
>     p.stdout.readline()
>     time.sleep(0.7)
> p.stdin.close()
> p.wait()
> os.close(child_end)
> shown = b""
> try:
>     while data := os.read(terminal, 65536):
>         shown += data
> except OSError:
>     pass
> print(b"appended 2" in shown, shown == b"" or shown.endswith(b"\r\x1b[K"))
> END
> python3 progress.py && python3 progress.py --quiet
made ledger <id> in .daybook
True True
False True

== ^C ends it after what is under way
$ daybook init -q && python3 -c '
> import signal, subprocess
> p = subprocess.Popen(["daybook", "append", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
> p.stdin.write("{\"stream\":\"s/x\",\"type\":\"t\"}\n")
> p.stdin.flush()
> p.stdout.readline()
> p.send_signal(signal.SIGINT)
> print(p.wait(timeout=20))'
made ledger <id> in .daybook
130
