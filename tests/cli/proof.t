== prove one event, check it without the ledger
$ daybook init -q && daybook append -q --stream s/x --type a && daybook append -q --stream s/x --type b --data '{"secret": 1.0}' && daybook append -q --stream s/x --type c
made ledger <id> in .daybook
#1 <id> s/x@1
#2 <id> s/x@2
#3 <id> s/x@3
$ daybook prove 2 | head -1
c2sp.org/tlog-proof@v1
$ daybook prove 2 -o two.proof && daybook prove s/x#2 --with-data -o data.proof -q && daybook status --key > key && mv .daybook gone
2> wrote two.proof
$ daybook verify-proof two.proof --key @key
the proof holds
  event      #2 <id> b
  stream     s/x #2
  recorded   <time>
  data       not disclosed
  signed by  daybook.local/<id>
  tree       3 events, root <hash>
$ daybook verify-proof data.proof --key "$(cat key)" --event-json | jq -c .data
{"secret":1}
$ daybook verify-proof data.proof --key @key --event-json | grep -o '"secret": 1.0'
"secret": 1.0
$ daybook verify-proof two.proof --key @key --event-json | jq -c '[.seq, .type, .data]'
[2,"b",null]
$ daybook verify-proof - --key @key --json < two.proof | jq -c '[.ok, .kind, .event.seq, .checkpoint.size]'
[true,"inclusion",2,3]
-- without a key there is nothing to check with
$ daybook verify-proof two.proof
2> daybook: no key to check with: none was given, no ledger was found
2>   hint: --key KEY or --key @FILE; whoever keeps the ledger prints it with `daybook status --key`
? 2
$ daybook --ledger gone verify-proof two.proof | head -1
the proof holds
-- what does not hold
$ sed 's/^index 1/index 2/' two.proof > wrong.proof && daybook verify-proof wrong.proof --key @key
2> daybook: <*>
2> ...
? 3
$ daybook verify-proof wrong.proof --key @key --json | jq -r .error.code
corruption
$ daybook init -q other && daybook --ledger other verify-proof two.proof
made ledger <id> in other
2> daybook: <*>
2> ...
? 3
$ daybook verify-proof two.proof --key nonsense > /dev/null 2>&1; test $? -ne 0
$ echo nonsense | daybook verify-proof - --key @key
2> daybook: <*>
2> ...
? 3
$ daybook verify-proof missing --key @key
2> daybook: <*>missing<*>
2> ...
? 4

== prove that history was only added to
$ daybook init -q && seq 1 9 | sed 's/.*/{"stream":"s\/x","type":"t"}/' | daybook append -q && daybook prove --consistency 4 9 > grown.proof && head -1 grown.proof && daybook verify-proof grown.proof
made ledger <id> in .daybook
appended 9 events, #1 to #9
daybook.dev/consistency-proof@v1
the proof holds
  the first 4 events are unchanged among 9
  signed by  daybook.local/<id>
  tree       9 events, root <hash>
$ daybook verify-proof grown.proof --json | jq -c '[.ok, .kind, .older.size, .newer.size]'
[true,"consistency",4,9]
$ daybook prove --consistency 4 9 --json | jq -c '[.kind, .older, .newer, (.proof | length > 100)]'
["consistency",4,9,true]
$ daybook verify-proof grown.proof --event-json
2> daybook: --event-json needs an inclusion proof
? 2
$ daybook prove --consistency 9 4
2> daybook: <*>
2> ...
? 2
$ daybook prove --consistency 4 10
2> daybook: <*>
2> ...
? 2

== checkpoints
$ daybook init -q && daybook append -q --stream s/x --type t && daybook checkpoint --json | jq -c '[.size, (.origin as $o | .note | startswith($o)), .key != null]'
made ledger <id> in .daybook
#1 <id> s/x@1
[1,true,true]
$ daybook checkpoint | daybook verify-proof -
the signature holds
  signed by  daybook.local/<id>
  tree       1 event, root <hash>
$ daybook checkpoint | daybook verify-proof - --json | jq -c '[.ok, .kind, .checkpoint.size]'
[true,"checkpoint",1]
$ daybook checkpoint | sed 's/^1$/2/' | daybook verify-proof -
2> daybook: <*>
2> ...
? 3
$ test "$(daybook checkpoint --key)" = "$(daybook status --key)"
$ daybook checkpoint --key --json | jq -c keys
["key"]

== what prove needs
$ daybook init -q && daybook prove
made ledger <id> in .daybook
2> daybook: prove needs either EVENT or --consistency A B
2>   hint: `daybook prove 7` proves event 7
? 2
$ daybook prove 1
2> daybook: there is no event #1
2>   hint: the ledger is empty
? 4
$ daybook prove --consistency 1 2 --with-data --json | jq -r .error.message
--with-data goes with EVENT only
