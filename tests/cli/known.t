== what was written is remembered, and compared with
$ daybook init -q && daybook append -q --stream s/x --type t && daybook known
made ledger <id> in .daybook
#1 <id> s/x@1
<id>  1 event signed, seen <time>  <dir>/work/.daybook
$ daybook verify --json | jq -c '[.ok, .signed.events, .signed.unsigned, .known.compared, .known.events, .known.seen_at == .known.place, (.cannot_know | length)]'
[true,1,0,true,1,true,1]
$ daybook append -q --stream s/x --type u && daybook known --json | jq -c '.known[] | [.events, (.note | split("\n")[1])]'
#2 <id> s/x@2
[2,"2"]
$ ls -l ~/.local/state/daybook/ledgers | grep -c '^-rw-------'
2

== a ledger that is new to this user
$ DAYBOOK_REMEMBER=off daybook init -q && DAYBOOK_REMEMBER=off daybook append -q --stream s/x --type t && daybook known
made ledger <id> in .daybook
#1 <id> s/x@1
2> nothing is remembered
$ daybook verify --json | jq -c '[.ok, .known.compared, .cannot_know[0]]'
[true,false,"whether this is the ledger it was: an older copy or another one would look the same"]
$ daybook verify | sed -n 4p
compared with 1 event seen on <time>

== rolled back
$ daybook init -q && daybook append -q --stream s/x --type a && cp -a .daybook earlier && daybook append -q --stream s/x --type b && rm -r .daybook && mv earlier .daybook
made ledger <id> in .daybook
#1 <id> s/x@1
#2 <id> s/x@2
-- a writer goes on, warns, and signs nothing
$ daybook append --stream s/x --type c
#2 <id> s/x@2
2> daybook: warning: THIS IS NOT THE LEDGER THAT WAS SEEN HERE
2>   place: <dir>/work/.daybook
2>   seen:  ledger <id>, 2 events signed by daybook.local/<id>+<*>, on <time>
2>   found: the same ledger with 1 event
2>   Perhaps it was restored from a backup or made anew; perhaps somebody without the
2>   signing key changes the past.
2>   events are appended all the same, and nothing is signed until somebody who knows why
2>   it is another says so: `daybook verify --accept`
$ daybook append -q --stream s/x --type d 2>&1 | grep found
  found: the same ledger, but other events among those that were signed
$ daybook checkpoint 2>&1 | tail -2
daybook: <dir>/work/.daybook: nothing is signed, as it is not the ledger it was
  hint: `daybook verify` says what is different and how to accept it
$ daybook checkpoint > /dev/null 2>&1
? 5
$ daybook status --json | jq -c '[.events, .checkpoint.size]'
[3,1]
$ daybook verify
damage known_checkpoint: the ledger: the log's first 2 events are not those the kept checkpoint signs
checked 3 events in <*>
root <hash> of 3 events
signed up to #1 of 3 by <*>
compared with 2 events seen on <time>
cannot know: whether this is the ledger it was: an older copy or another one would look the same
cannot know: whether the 2 events after #1 were changed: nothing signs them
FAILED: the ledger is not as it was written
2> daybook: warning: THIS IS NOT THE LEDGER THAT WAS SEEN HERE
2> ...
2>   If you know why, `daybook verify --accept` makes this the ledger that is known here.
? 3
-- until somebody who knows why says so
$ daybook verify --accept | tail -1
ok: everything is as it was written
2> from now on this is the ledger that is known at <dir>/work/.daybook
$ daybook append --stream s/x --type e && daybook verify --json | jq -c '[.ok, .signed.events, .known.events]'
#4 <id> s/x@4
[true,4,4]

== another ledger, another key
$ daybook init -q && daybook append -q --stream s/x --type a && rm -r .daybook && DAYBOOK_REMEMBER=off daybook init -q
made ledger <id> in .daybook
#1 <id> s/x@1
made ledger <id> in .daybook
$ daybook verify --json 2> err | jq -c '[.ok, .findings[0].code]'; grep found err
[false,"known_ledger"]
  found: another ledger stands here than was seen on <time>: then it was <id>, now it is <id>
$ daybook append --stream s/x --type a 2>&1 | grep -e found -e '#1'
  found: another ledger
#1 <id> s/x@1
-- who makes one here knows that the other is gone
$ rm -r .daybook && daybook init -q && daybook append -q --stream s/x --type a && daybook verify | tail -1
made ledger <id> in .daybook
#1 <id> s/x@1
ok: everything is as it was written

== a copy at another place may be older
$ daybook init -q && daybook append -q --stream s/x --type a && cp -a .daybook copy && daybook append -q --stream s/x --type b
made ledger <id> in .daybook
#1 <id> s/x@1
#2 <id> s/x@2
$ daybook --ledger copy verify
notice known_checkpoint: the ledger: the log ends at #1, the kept checkpoint signs up to #2 (seen at <dir>/work/.daybook)
...
compared with 2 events seen at <dir>/work/.daybook on <time>
cannot know: whether this is the ledger it was: an older copy or another one would look the same
ok: everything is as it was written

== damage is not accepted
$ daybook init -q && daybook append -q --stream s/x --type a --data '{"mark":"MARK"}' && python3 -c '
> import glob
> path = glob.glob(".daybook/log/*.seg")[0]
> data = bytearray(open(path, "rb").read())
> data[data.index(b"MARK")] ^= 1
> open(path, "wb").write(data)' && daybook verify --accept -q | tail -1
made ledger <id> in .daybook
#1 <id> s/x@1
FAILED: the ledger is not as it was written
2> daybook: warning: not accepted: apart from what was seen before, the ledger is damaged

== nowhere to remember
$ daybook init -q && env -u XDG_STATE_HOME HOME=/nowhere/at/all daybook append -q --stream s/x --type a && env -u XDG_STATE_HOME HOME=/nowhere/at/all daybook verify | sed -n 4p
made ledger <id> in .daybook
#1 <id> s/x@1
compared with nothing: no memory is kept here
$ env -u HOME -u XDG_STATE_HOME daybook verify | sed -n 4p
compared with nothing: no memory is kept here
$ env -u HOME -u XDG_STATE_HOME daybook known
2> daybook: no memory of ledgers is kept
2>   hint: there is no home directory, and $XDG_STATE_HOME is not set
? 4
$ touch file && XDG_STATE_HOME=$PWD/file daybook append -q --stream s/x --type b && XDG_STATE_HOME=$PWD/file daybook verify | tail -1
#2 <id> s/x@2
ok: everything is as it was written
$ env -u HOME -u XDG_STATE_HOME daybook verify --accept
2> daybook: --accept has nowhere to remember this ledger
2>   hint: the setting `remember` is off, or there is no home directory
? 2
-- nor can a damaged memory stop anybody
$ for f in ~/.local/state/daybook/ledgers/*.known; do echo nonsense > $f; done; daybook verify | sed -n 4p
compared with nothing: <*>.known: what was remembered there cannot be read
$ daybook verify | sed -n 4p
compared with 2 events seen on <time>

== forgetting
$ daybook init -q a && daybook init -q b && daybook known | wc -l
made ledger <id> in a
made ledger <id> in b
2
$ rm -r a && daybook known forget --gone && daybook known
<id>  0 events signed, seen <time>  <dir>/work/b
2> forgot <dir>/work/a
$ daybook known forget b -q && daybook known -q
$ daybook known forget b
2> daybook: nothing is remembered of <dir>/work/b
2>   hint: `daybook known` lists the places
? 4
$ daybook known forget
2> daybook: known forget needs places, or else --gone
? 2

== keeping a checkpoint elsewhere
$ daybook init -q && daybook append -q --stream s/x --type a && daybook checkpoint --to kept.txt --to-command 'cat > piped.txt' && cmp kept.txt piped.txt && sed -n 2p kept.txt
made ledger <id> in .daybook
#1 <id> s/x@1
1
2> kept the checkpoint of 1 event: kept.txt
2> kept the checkpoint of 1 event: cat > piped.txt
$ daybook append -q --stream s/x --type b && daybook checkpoint -q --to kept.txt && sed -n 2p kept.txt && daybook verify --checkpoint kept.txt | tail -1
#2 <id> s/x@2
2
ok: everything is as it was written
$ daybook checkpoint --to missing/kept.txt --to-command 'echo no room >&2; exit 7' --to also.txt
2> daybook: warning: signed, but not kept: <*>missing<*>
2> kept the checkpoint of 2 events: also.txt
2> daybook: warning: signed, but not kept: `echo no room >&2; exit 7` ended with 7: no room
? 6
$ ln -s kept.txt link.txt && daybook checkpoint -q --to link.txt --to /dev/stdout | sed -n 2p && test -h link.txt
2
$ daybook checkpoint --to also.txt --to-command false --json 2> /dev/null | jq -c '[.size, [.kept[] | [.to, .ok]]]'
[2,[["also.txt",true],["false",false]]]
$ daybook checkpoint --key --to kept.txt
2> daybook: --key signs nothing, so there is nothing to keep
? 2
$ daybook checkpoint --accept-unsigned | sed -n 4p
daybook.dev/accepts-unsigned
$ daybook verify | tail -1
ok: everything is as it was written
