== everything is as it was written
$ daybook init -q && daybook append -q --stream s/x --type t --data '{"a":1}' && daybook verify
made ledger <id> in .daybook
#1 <id> s/x@1
checked 1 event in 1 segment, 0 blobs, 2 checkpoints, <*>
root <hash> of 1 event
signed up to #1 of 1 by daybook.local/<id>+<*>
compared with 1 event seen on <time>
cannot know: whether there were events after #1 that somebody has cut off
ok: everything is as it was written
$ daybook verify --json | jq -c '[.ok, .events, .lost, .head.size, .findings]'
[true,1,0,1,[]]
$ daybook verify --threads 1 --no-blobs --quiet | tail -1
ok: everything is as it was written

== one byte changed costs one event, and is found
$ daybook init -q && seq 1 9 | sed 's/.*/{"stream":"s\/x","type":"t","data":{"mark":"MARK&"}}/' | daybook append -q
made ledger <id> in .daybook
appended 9 events, #1 to #9
$ chmod u+w .daybook/log/*.seg && python3 -c '
> import glob
> path = glob.glob(".daybook/log/*.seg")[0]
> data = bytearray(open(path, "rb").read())
> data[data.index(b"MARK5")] ^= 1
> open(path, "wb").write(data)' && daybook verify
damage <*>: log/<*>.seg at byte <*>: <*> (event #5)
...
? 3
$ daybook verify --json | jq -c '[.ok, .findings_total > 0, .findings[0].first, .findings[0].last, .findings[0].severity]'
[false,true,5,5,"damage"]
$ daybook verify --json > /dev/null
? 3
-- the others stay readable, and every view says what it lacks
$ daybook export 2> err | jq -r .data.mark | tr '\n' ' '; head -1 err
MARK1 MARK2 MARK3 MARK4 <*>MARK6 MARK7 MARK8 MARK9 <*>
$ daybook export > /dev/null 2>&1
? 6
$ daybook query > /dev/null 2> err; echo $?; grep -c . err > /dev/null
6
$ daybook status --json | jq '.lost | length > 0'
true
-- who writes to it is told
$ daybook append --quiet --stream s/x --type t
#10 <id> s/x@10
2> daybook: warning: the ledger is damaged: log/<*>.seg at byte <*>; `daybook verify` tells all

== a torn tail is repaired by the next writer, which says so
$ daybook init -q && daybook append -q --stream s/x --type t --data '"LAST"'
made ledger <id> in .daybook
#1 <id> s/x@1
$ python3 -c '
> import glob
> path = glob.glob(".daybook/log/*.seg")[0]
> data = bytearray(open(path, "rb").read())
> end = (len(data.rstrip(bytes(1))) + 15) // 8 * 8
> data[end:end + 40] = b"half a frame, as a crash may leave it..."
> open(path, "wb").write(data)' && daybook append --stream s/x --type t
#2 <id> s/x@2
2> daybook: warning: repaired: <*>
$ daybook append --stream s/x --type t && daybook verify | tail -1
#3 <id> s/x@3
ok: everything is as it was written

== what verify found is not forgotten
$ daybook init -q && seq 1 9 | sed 's/.*/{"stream":"s\/x","type":"t","data":{"mark":"MARK&"}}/' | daybook append -q && daybook status | tail -1
made ledger <id> in .daybook
appended 9 events, #1 to #9
damage      none known; `daybook verify` checks everything
$ cp -r .daybook good && chmod u+w .daybook/log/*.seg && python3 -c '
> import glob
> path = glob.glob(".daybook/log/*.seg")[0]
> data = bytearray(open(path, "rb").read())
> data[data.index(b"MARK5")] ^= 1
> open(path, "r+b").write(data)' && daybook verify --quiet > /dev/null
? 3
$ daybook status | grep ^damage | tail -1
damage      1 place found by the `daybook verify` of <time> (<ago>); it shows all
$ daybook status > /dev/null
? 6
$ daybook status --json | jq -c '[.damage.total > 0, .damage.findings[0].first]'
[true,5]
-- and forgotten when what it names is put right
$ cat good/log/*.seg > .daybook/log/00000000000000000001.seg && daybook status | tail -1
damage      none known; `daybook verify` checks everything

== a derived file that rots is named, made anew, and never believed
$ daybook init -q && seq 1 400 | sed 's/.*/{"stream":"s\/x","type":"t","subject":"j&"}/' | daybook append -q && daybook query --type t --limit 0 --jsonl > right && wc -l < right
made ledger <id> in .daybook
appended 400 events, #1 to #400
400
$ python3 -c '
> data = bytearray(open(".daybook/views/index.db", "rb").read())
> for page in range(1, len(data) // 4096): data[page * 4096 + 4000] ^= 8
> open(".daybook/views/index.db", "r+b").write(data)' && daybook verify
notice derived: views/index.db<*>; it is derived from the log, and made anew when a question meets this
checked 400 events in 1 segment, 0 blobs, <*>
root <hash> of 400 events
signed up to #400 of 400 by <*>
compared with <*>
cannot know: <*>
ok: everything is as it was written
$ daybook query --type t --limit 0 --jsonl | cmp - right
2> daybook: <*>views/index.db<*>: made anew from the log, which this answer comes from
$ daybook verify && daybook query --type t --limit 0 --jsonl | cmp - right
checked 400 events in 1 segment, 0 blobs, <*>
root <hash> of 400 events
signed up to #400 of 400 by <*>
compared with <*>
cannot know: <*>
ok: everything is as it was written

== a checkpoint kept elsewhere
$ daybook init -q && daybook append -q --stream s/x --type t && daybook checkpoint > kept.txt && cat kept.txt
made ledger <id> in .daybook
#1 <id> s/x@1
daybook.local/<id>
1
<*>

— daybook.local/<id> <*>
$ daybook append -q --stream s/x --type u && daybook verify --checkpoint kept.txt | tail -1
#2 <id> s/x@2
ok: everything is as it was written
-- a ledger that was made anew with the same key does not agree with it
$ cp -r .daybook other && sed 's/^1$/2/' kept.txt > forged.txt && daybook verify --checkpoint forged.txt | tail -1
<*>FAILED<*>
? 0
$ daybook verify --checkpoint forged.txt > /dev/null
? 3
$ daybook verify --checkpoint missing.txt
2> daybook: <*>missing.txt<*>
2> ...
? 4
$ echo nonsense > bad.txt && daybook verify --checkpoint bad.txt
2> daybook: <*>
2> ...
? 3

== a ledger whose identity is broken
$ daybook init -q && echo '{}' > .daybook/LEDGER && daybook verify
made ledger <id> in .daybook
2> daybook: <*>
2> ...
? 3
$ python3 -c 'print("{\"format\":999}")' > .daybook/LEDGER && daybook verify --json | jq -r .error.code
unsupported
