== without its signing key a ledger takes events, acknowledges them, warns
$ daybook init -q && daybook append -q --stream s/x --type a && mv .daybook/keys/checkpoint.key kept
made ledger <id> in .daybook
#1 <id> s/x@1
$ daybook append --stream s/x --type b
#2 <id> s/x@2
2> daybook: warning: all events are on stable storage, but no checkpoint signs the last of them: <dir>/work/.daybook/keys/checkpoint.key: the signing key is missing
2>   hint: restore the file from a backup; without it nothing can be signed
? 6
$ daybook append --stream s/x --type c --json 2> err | jq -c '[.seq, .error]'; grep -c 'daybook: warning' err
[3,null]
1
$ seq 1 3 | sed 's/.*/{"stream":"s\/x","type":"t"}/' | daybook append 2> err; echo $?
appended 3 events, #4 to #6
6
$ daybook verify --quiet | tail -1
ok: everything is as it was written
-- what was signed before still proves
$ daybook prove 1 -o one.proof 2> /dev/null && daybook verify-proof one.proof | head -1
<*>
$ daybook prove 1 2> err | head -1; cat err
c2sp.org/tlog-proof@v1
daybook: warning: all events are on stable storage, but no checkpoint signs the last of them: <*>
  hint: <*>
$ daybook prove 2
2> daybook: no checkpoint covers event #2 yet, and none can be made: <*>checkpoint.key: the signing key is missing
2>   hint: <*>
? 4
$ daybook checkpoint
2> daybook: <*>checkpoint.key: the signing key is missing
2>   hint: <*>
? 4
-- with the key again everything is signed
$ mv kept .daybook/keys/checkpoint.key && daybook append -q --stream s/x --type d && daybook status --json | jq .checkpoint.size
#7 <id> s/x@7
7
$ daybook prove 2 | daybook verify-proof - | head -1
<*>

== a key that others can read is not used
$ daybook init -q && chmod 640 .daybook/keys/checkpoint.key && daybook append --stream s/x --type a
made ledger <id> in .daybook
#1 <id> s/x@1
2> daybook: warning: <*>checkpoint.key: others than its owner have access to the signing key
2>   hint: `chmod 600 <dir>/work/.daybook/keys/checkpoint.key`; whoever has read it can sign for this ledger
? 6
$ daybook checkpoint
2> daybook: <*>checkpoint.key: others than its owner have access to the signing key
2>   hint: `chmod 600 <*>
? 1
$ chmod 600 .daybook/keys/checkpoint.key && daybook checkpoint | sed -n 2p
1
