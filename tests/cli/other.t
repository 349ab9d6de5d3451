== status
$ daybook init -q && daybook status
made ledger <id> in .daybook
ledger      <dir>/work/.daybook
id          <id>, made <time>
events      0 in 1 segment
size        <*> of log, <*> on disk
index       not built yet; the first query builds it
checkpoint  none yet
root        <hash>
damage      none known; `daybook verify` checks everything
$ seq 1 3 | sed 's/.*/{"stream":"s\/x","type":"t&"}/' | daybook append -q && daybook append -q --stream s/x --type t1 && daybook status
appended 3 events, #1 to #3
#4 <id> s/x@4
ledger      <dir>/work/.daybook
id          <id>, made <time>
events      4 in 1 segment
size        <*> of log, <*> on disk
newest      #4 at <time> (<ago>)
rate        <*> events a second over the last 4
types               2  t1
                    1  t2
                    1  t3
index       not built yet; the first query builds it
checkpoint  over 4 events, the last <ago>; 0 events since
root        <hash>
damage      none known; `daybook verify` checks everything
$ test -e .daybook/views/index.db
? 1
$ daybook query --type t1 > /dev/null && daybook status | grep ^index
index       up to date, <*>
$ daybook append -q --stream s/x --type t && daybook status | grep ^index
#5 <id> s/x@5
index       1 event behind, catches up at a query, <*>
$ daybook status --json | jq -c '[.events, .types[0], .index.lag, .checkpoint.size, .checkpoint.events_since, .lost, .repairs]'
[5,{"type":"t1","count":2},1,5,0,[],[]]

== gc
$ daybook init -q && daybook gc
made ledger <id> in .daybook
2> daybook: gc removes nothing: only --dry-run is possible
2>   hint: `daybook gc --dry-run` lists the blobs that no event refers to
? 2
$ daybook gc --dry-run
2> 0 of 0 blobs could be removed, 0 bytes of 0 bytes
$ python3 -c 'print("\"" + "x" * 20000 + "\"", end="")' > d && daybook append -q --stream s/x --type t --data @d && daybook gc -n --json | jq -c '[.blobs, .garbage_blobs, .garbage]'
#1 <id> s/x@1
[1,0,[]]

== export
$ daybook init -q && daybook append -q
<<< {"stream":"s/x","type":"a","time":"2026-01-01T00:00:00Z","data":{"n":1}}
<<< {"stream":"s/y","type":"b","time":"2026-01-02T00:00:00Z"}
<<< {"stream":"s/x","type":"c","time":"2026-01-03T00:00:00Z"}
made ledger <id> in .daybook
appended 3 events, #1 to #3
$ q() { echo $(daybook export "$@" | jq -r .type); } && q && q --stream x && q --since 2026-01-02 && q --until 2026-01-02 && q --after 1 && q --format cloudevents
a b c
a c
b c
a
b c
a b c
$ daybook export --format csv | cut -d, -f1,3,5
seq,stream,type
1,s/x,a
2,s/y,b
3,s/x,c
$ daybook export --stream nobody
2> daybook: there is no stream 'nobody'
2>   hint: <*>
? 4
-- what was exported can be written again, without what only a ledger gives
$ daybook export | jq -c 'del(.seq, .id, .version, .recorded, .commitment, .data_state, .data_bytes)' | daybook --ledger copy init -q && daybook export | jq -c 'del(.seq, .id, .version, .recorded, .commitment, .data_state, .data_bytes)' | daybook --ledger copy append -q && daybook --ledger copy export | jq -c '[.type, .time, .data]'
made ledger <id> in copy
appended 3 events, #1 to #3
["a","<time>",{"n":1}]
["b","<time>",null]
["c","<time>",null]

== completion scripts
$ daybook completion bash > d.bash && bash -n d.bash
$ cat > try.bash <<'END'
> . ./d.bash
> try() { COMP_WORDS=(daybook "$@"); COMP_CWORD=$#; _daybook; echo "${COMPREPLY[@]}"; }
> try ver
> try query --lim
> try query --format c
> try config ''
> try config show --or
> try --ledger x status --k
> try completion ''
> try events --color ''
> END
> bash try.bash
verify verify-proof version
--limit
csv cloudevents
show
--origin
--key
bash zsh fish --ledger --zone --color -q --quiet -h --help
auto always never
$ daybook completion zsh > d.zsh && head -1 d.zsh
#compdef daybook
$ daybook completion fish > d.fish && grep -c "__fish_seen_subcommand_from query' -l format -x -a 'text json jsonl csv envelope cloudevents'" d.fish
1
$ daybook completion tcsh
2> daybook: SHELL: 'tcsh' is none of bash, zsh, fish
2> ...
? 2
-- every verb and every flag is there
$ daybook help | sed -n '/^verbs:/,/^$/s/^  \([a-z-]*\).*/\1/p' | while read verb; do grep -q "$verb" d.bash && grep -q "$verb" d.zsh && grep -q "$verb" d.fish || echo "$verb is missing"; done

== zsh completes (needs zsh)
$ daybook completion zsh > d.zsh && zsh -n d.zsh

== fish completes (needs fish)
$ daybook completion fish > d.fish && fish --no-execute d.fish && fish -c 'source d.fish; complete -C "daybook ver"; complete -C "daybook query --form"; complete -C "daybook config "; complete -C "daybook config show --or"' | cut -f1
verify
verify-proof
version
--format
show
--origin

== the manual page renders (needs groff)
$ daybook man | groff -man -Tascii -P-cbou -ww > page.txt 2> err && test ! -s err && grep -c 'EXIT STATUS' page.txt
1

== the manual page
$ daybook man > daybook.1 && head -1 daybook.1
.TH DAYBOOK 1 "" "daybook <*>" "User Commands"
$ grep -c '^\.SS ' daybook.1 > man-verbs && daybook help | sed -n '/^verbs:/,/^$/p' | grep -c '^  ' | cmp - man-verbs

== colour only for people
$ daybook init -q && daybook append -q --stream session/x --type turn/started && daybook events x | grep -c "$(printf '\033')"
made ledger <id> in .daybook
#1 <id> session/x@1
0
? 1
$ daybook events x --color always | grep -c "$(printf '\033')" > /dev/null
$ DAYBOOK_COLOR=always daybook events x | grep -c "$(printf '\033')" > /dev/null
$ cat > terminal.py <<'END'
> import os, pty, sys
> child, terminal = pty.fork()
> if child == 0:
>     os.execvp(sys.argv[1], sys.argv[1:])
> out = b""
> try:
>     while data := os.read(terminal, 65536):
>         out += data
> except OSError:
>     pass
> code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
> print("colour" if b"\x1b[" in out else "plain", code)
> END
> TERM=xterm python3 terminal.py daybook events x < /dev/null
colour 0
$ TERM=dumb python3 terminal.py daybook events x < /dev/null
plain 0
$ NO_COLOR=1 TERM=xterm python3 terminal.py daybook events x < /dev/null
plain 0
$ TERM=xterm python3 terminal.py daybook events x --color never < /dev/null
plain 0

== standard output that cannot be written to
$ daybook init -q && daybook append -q --stream s/x --type t && daybook export > /dev/full
made ledger <id> in .daybook
#1 <id> s/x@1
2> daybook: cannot write to standard output: No space left on device
? 1

== a ledger that may only be read
$ daybook init -q && daybook append -q --stream s/x --type t && chmod -R a-w .daybook && if [ $(id -u) = 0 ]; then echo '  #1' ; else daybook query | cut -c1-4; fi; chmod -R u+w .daybook
made ledger <id> in .daybook
#1 <id> s/x@1
  #1
