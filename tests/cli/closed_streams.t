-- With a standard stream closed the next file opened would take its number, and what is printed
-- would land in it. Each verb that writes runs with every one of them closed.
== without standard output the answer is an error, and what was appended is in
$ daybook init -q >&-
2> daybook: cannot write to standard output: Bad file descriptor
? 1
$ daybook append --stream s/x --type one >&-
2> daybook: cannot write to standard output: Bad file descriptor
? 1
$ daybook append --stream s/x --type two --json >&-
2> daybook: cannot write to standard output: Bad file descriptor
? 1
$ daybook append >&-
<<< {"stream":"s/x","type":"three"}
2> daybook: cannot write to standard output: Bad file descriptor
? 1
$ daybook query >&-
2> daybook: cannot write to standard output: Bad file descriptor
? 1
$ daybook export >&-
2> daybook: cannot write to standard output: Bad file descriptor
? 1
$ daybook help >&-
2> daybook: cannot write to standard output: Bad file descriptor
? 1
$ daybook export | jq -r .type
one
two
three
$ daybook verify | tail -1
ok: everything is as it was written

== without standard error messages are lost, and nothing else
$ daybook init -q 2>&- && daybook append --stream s/x --type one 2>&-
made ledger <id> in .daybook
#1 <id> s/x@1
$ daybook append --stream s/x --type two --cause 9 2>&-
? 4
$ daybook append --jsonl --on-error skip 2>&-
<<< bad
<<< {"stream":"s/x","type":"two"}
{"line":1,"error":{<*>}}
{"line":2,"seq":2,"id":"<id>","version":2}
? 6
$ daybook supervise --task t -- sh -c 'echo told >&2' 2>&-
$ daybook query --jsonl --where 'kind = output' --limit 1 -q 2>&- | jq -r .data.stderr_tail
told

$ daybook checkpoint 2>&- | wc -l | tr -d ' '
5
$ daybook verify 2>&- | tail -1
ok: everything is as it was written

== without standard input there is nothing to append, and that is an error
$ daybook init -q <&- && daybook append -q <&-
made ledger <id> in .daybook
2> daybook: <*>standard input<*>Bad file descriptor
? 1
$ daybook append --stream s/x --type one <&-
#1 <id> s/x@1
$ daybook append --stream s/x --type two --data - <&-
2> daybook: <*>standard input<*>Bad file descriptor
? 1

== without any of them
$ daybook init -q && daybook append --stream s/x --type one <&- >&- 2>&-
made ledger <id> in .daybook
? 1
$ daybook supervise --task t -- sh -c 'echo out; echo err >&2' <&- >&- 2>&-
$ daybook prove 1 -o proof <&- 2>&- && daybook rebuild <&- 2>&- >&-
? 1
$ daybook query --jsonl --where 'kind = output' --limit 1 -q | jq -c '.data | [.stdout_tail, .stderr_tail]'
["out\n","err\n"]
$ daybook verify | tail -1
ok: everything is as it was written
$ grep -c 'Bad file\|daybook:\|#1 ' -r .daybook/log .daybook/LEDGER .daybook/views | grep -v ':0$'
? 1
