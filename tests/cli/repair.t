== a lost LEDGER is made again, byte for byte
$ daybook init -q && daybook append -q --stream s/x --type t --data '{"a":1}' && cp .daybook/LEDGER kept && rm .daybook/LEDGER
made ledger <id> in .daybook
#1 <id> s/x@1
$ daybook append --stream s/x --type t
2> daybook: <dir>/work/.daybook: the segments of a ledger are here, but its file LEDGER is missing
2>   hint: `daybook repair --ledger <dir>/work/.daybook` makes it again from the segments
? 3
-- init does not touch it
$ daybook init
2> daybook: .daybook: the segments of a ledger are here, but its file LEDGER is missing
2>   hint: `daybook repair --ledger .daybook` makes it again from the segments
? 5
-- the dry run
$ daybook repair
LEDGER is missing; it can be made again from 1 segment:
  ledger   <id>
  created  <time>
  key      daybook.local/<id>+<*>
2> nothing was changed: `daybook repair --apply` writes the file
$ test -e .daybook/LEDGER
? 1
$ daybook repair --json | jq -c '[.found, .repaired, .segments, .warnings]'
["missing",false,1,[]]
$ daybook repair --apply
LEDGER is missing; made again from 1 segment:
  ledger   <id>
  created  <time>
  key      daybook.local/<id>+<*>
2> next: daybook verify
$ cmp kept .daybook/LEDGER && stat -c %a .daybook/LEDGER && daybook verify | tail -1
600
ok: everything is as it was written
$ daybook repair --apply --json | jq -c '[.found, .repaired]'
["good",false]
$ daybook append --stream s/x --type t
#2 <id> s/x@2

== a damaged LEDGER
$ daybook init -q && cp .daybook/LEDGER kept && echo '{}' > .daybook/LEDGER && daybook query
made ledger <id> in .daybook
2> daybook: <*>LEDGER: no format number
2>   hint: `daybook repair --ledger <dir>/work/.daybook` makes it again from the segments
? 3
$ daybook repair --apply -q | head -1
LEDGER is damaged; made again from 1 segment:
$ cmp kept .daybook/LEDGER

== a segment of another ledger
$ daybook init -q && daybook init -q other && cp other/log/*1.seg .daybook/log/00000000000000000009.seg && rm .daybook/LEDGER
made ledger <id> in .daybook
made ledger <id> in other
$ daybook repair --apply
2> daybook: <dir>/work/.daybook: the segments are not of one ledger; log/00000000000000000001.seg of ledger <id>, made <time>, with the key <*>; log/00000000000000000009.seg of ledger <id>, made <time>, with the key <*>
2>   hint: move those that do not belong here out of log/, then repair again
? 3
$ daybook repair --json | jq -r .error.code
corruption
$ test -e .daybook/LEDGER
? 1

== the key of another ledger
$ daybook init -q && daybook init -q other && cp other/keys/checkpoint.key .daybook/keys/checkpoint.key && daybook repair
made ledger <id> in .daybook
made ledger <id> in other
LEDGER is good: it says what 1 segment say
  ledger   <id>
  created  <time>
  key      daybook.local/<id>+<*>
2> daybook: warning: <*>checkpoint.key: the signing key of another ledger, not of daybook.local/<id>: the ledger can be read and appended to, not signed
? 6

== where no ledger is
$ mkdir d && touch d/file && daybook --ledger d repair
2> daybook: d: no ledger here
2>   hint: <*>
? 4
$ daybook --ledger d status
2> daybook: no ledger at d (flag --ledger)
2>   hint: the directory holds something else: name the ledger's own
? 4
$ ls d
file

== events that cannot be read are accepted as lost
$ daybook init -q && daybook append -q --stream a --type t --key k1 && daybook append -q --stream b --type t --key k2
made ledger <id> in .daybook
#1 <id> a@1
#2 <id> b@1
$ daybook repair --accept-loss
2> daybook: <dir>/work/.daybook: no event is known to be unreadable
2>   hint: see `daybook verify`
? 2
$ python3 -c 'import glob; p = glob.glob(".daybook/log/*.seg")[0]; d = bytearray(open(p, "rb").read()); d[d.index(b"DBR1") + 80] ^= 1; open(p, "wb").write(d)'
$ daybook append --stream a --type t --key k1
2> ...
2> daybook: whether stream a has an event with this key is not certain: events that may tell are damaged and cannot be read
2>   hint: see `daybook verify`; put the segment back from a backup, or go on without them: `daybook repair --accept-loss`
? 3
$ daybook repair --accept-loss --apply
2> daybook: --apply and --accept-loss are two things
2>   hint: make LEDGER again first, then accept what `daybook verify` shows as lost
? 2
$ daybook repair --accept-loss 2>/dev/null
event #3 in the stream daybook/losses says that they are lost
-- the version that the lost event had is not given again
$ daybook append --stream a --type t --key k1 2>/dev/null
#4 <id> a@2
