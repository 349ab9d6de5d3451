== a backup is the same ledger elsewhere
$ daybook init -q && seq 1 40 | sed 's/.*/{"stream":"s\/x","type":"t","data":{"n":&}}/' | daybook append -q && python3 -c 'print("{\"stream\":\"s/x\",\"type\":\"large\",\"data\":\"" + "y" * 40000 + "\"}")' | daybook append -q
made ledger <id> in .daybook
appended 40 events, #1 to #40
appended 1 event, #41 to #41
$ daybook backup copies/today
<dir>/work/copies/today: backed up 41 events; copied 3 files, <*>
root <hash> of 41 events
$ daybook backup copies/today
<dir>/work/copies/today: holds 41 events already
root <hash> of 41 events
-- root, ids and times are those of the ledger, and the copy verifies
$ test "$(daybook status --json | jq -r .root)" = "$(daybook status --json --ledger copies/today | jq -r .root)" && daybook export > a && daybook export --ledger copies/today > b && cmp a b && daybook verify --ledger copies/today | tail -1
ok: everything is as it was written
$ find copies/today \( -type d -not -perm 0700 -o -type f -not -perm 0600 \) | wc -l | tr -d ' '
0
$ ls copies/today/keys
-- again: only what is new
$ daybook append -q --stream s/x --type more && daybook backup copies/today --json | jq -c '[.size, .files_copied, .blobs_copied, .pending, .key, .complete, .lost, .unreadable_blobs, .findings]'
#42 <id> s/x@42
[42,1,0,0,false,true,[],[],[]]
$ daybook backup copies/today --verify | head -1
<*>: holds 42 events already
-- and back
$ daybook restore-ledger copies/today back
<dir>/work/back: restored 42 events; copied 3 files, <*>
root <hash> of 42 events
2> daybook: warning: the backup has no signing key: put the old one back as keys/checkpoint.key, else the ledger can be read and verified but not signed
$ cp .daybook/keys/checkpoint.key back/keys/ && daybook append --ledger back --stream s/x --type on && daybook verify --ledger back | tail -1
#43 <id> s/x@43
ok: everything is as it was written
$ daybook query --ledger back --type on --json | jq '.events | length'
1

== the key comes along when it is asked for
$ daybook init -q && daybook append -q --stream s/x --type t && daybook backup -q copy --with-key --json | jq .key && stat -c %a copy/keys/checkpoint.key
made ledger <id> in .daybook
#1 <id> s/x@1
true
600
$ daybook restore-ledger copy back --verify --json | jq -c '[.size, .key, .complete]'
[1,true,true]
$ daybook append --ledger back --stream s/x --type u && daybook checkpoint --ledger back | head -2 | tail -1
#2 <id> s/x@2
2

== where a backup may not go
$ daybook init -q && daybook append -q --stream s/x --type t && daybook backup .daybook/copy
made ledger <id> in .daybook
#1 <id> s/x@1
2> daybook: <dir>/work/.daybook/copy lies in the ledger <dir>/work/.daybook itself
2>   hint: name a directory elsewhere, best on another disk
? 2
$ ln -s .daybook link && daybook backup link
2> daybook: <dir>/work/link lies in the ledger <*>
2> ...
? 2
$ mkdir mine && touch mine/letter && daybook backup mine
2> daybook: <dir>/work/mine: there is something else, letter
2>   hint: name a missing or an empty directory
? 5
$ daybook init -q other && daybook backup other
made ledger <id> in other
2> daybook: <dir>/work/other: this is the ledger <id>, not <id>
2>   hint: what is there was left as it is; back up to another directory
? 5
$ daybook restore-ledger other .daybook
2> daybook: <dir>/work/.daybook: there is a ledger already
2>   hint: restore into a missing or an empty directory
? 5
$ daybook restore-ledger nowhere back
2> daybook: <dir>/work/nowhere: no ledger here
2> ...
? 4
$ daybook backup
2> daybook: <*>
2> ...
? 2

== another history is refused, and left as it is
$ daybook init -q && daybook append -q --stream s/x --type t && daybook backup -q copy --with-key && daybook append -q --ledger copy --stream s/x --type stray
made ledger <id> in .daybook
#1 <id> s/x@1
<*>
<*>
#2 <id> s/x@2
$ daybook append -q --stream s/x --type u && daybook append -q --stream s/x --type v && daybook backup copy
#2 <id> s/x@2
#3 <id> s/x@3
2> daybook: <dir>/work/copy/log/00000000000000000001.seg: events of another history
2>   hint: what is there was left as it is; back up to another directory
? 5
$ daybook verify --ledger copy | tail -1
ok: everything is as it was written

== while others write
$ daybook init -q
made ledger <id> in .daybook
$ (seq 1 3000 | sed 's/.*/{"stream":"s\/x","type":"t"}/' | daybook append -q > done) & for i in 1 2 3 4 5; do daybook backup -q copy > made && daybook verify -q --ledger copy > verified || echo failed; done; wait; daybook backup -q copy | tail -1; tail -1 verified
root <hash> of 3,000 events
ok: everything is as it was written

== damage is told, and does not reach an earlier backup
$ daybook init -q && seq 1 9 | sed 's/.*/{"stream":"s\/x","type":"t","data":{"mark":"MARK&"}}/' | daybook append -q && daybook backup -q copy > /dev/null
made ledger <id> in .daybook
appended 9 events, #1 to #9
$ python3 -c '
> import glob
> path = glob.glob(".daybook/log/*.seg")[0]
> data = bytearray(open(path, "rb").read())
> data[data.index(b"MARK5")] ^= 1
> open(path, "wb").write(data)' && daybook append -q --stream s/x --type t && daybook backup copy
#10 <id> s/x@10
2> daybook: warning: the ledger is damaged: log/<*>; `daybook verify` tells all
2> daybook: log/00000000000000000001.seg has been damaged since the last backup, at byte <*>
2>   hint: the backup is good there and was left as it was; `daybook restore-ledger` takes the ledger back from it
? 3
$ daybook verify --ledger copy | tail -1
ok: everything is as it was written
$ daybook backup fresh | tail -1
root <hash> of 10 events
2> daybook: warning: cannot be read: log/<*>.seg at byte <*>
2> daybook: warning: the answer lacks what stood there; `daybook verify` tells all
$ daybook backup fresh > /dev/null 2>&1
? 6
