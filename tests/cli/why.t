== causes and effects across streams
$ daybook init -q && daybook append -q
<<< {"stream":"session/a","type":"turn/started","data":{"turn-id":7}}
<<< {"stream":"run/b","type":"EFFECT_REQUESTED","causes":[1]}
<<< {"stream":"task/c","type":"state_change","data":{"summary":"retried"},"causes":[2]}
<<< {"stream":"session/a","type":"turn/put","data":{"turn-id":7,"status":"failed"},"causes":[3,1]}
<<< {"stream":"task/c","type":"unrelated"}
made ledger <id> in .daybook
appended 5 events, #1 to #5
$ daybook why 4
why event #2 — session/a
  turn failed  turn 7 (failed)
  seq 4 · <id> · <time>
  4 linked facts

chain
  ▶ #0001     turn started           turn 7
  · run/b#1   EFFECT_REQUESTED       because #1
  · task/c#1  state_change           retried because run/b#1
  ✗ #0002     turn failed            turn 7 (failed) because task/c#1,#1
$ daybook why 1 --effects
effects of event #1 — session/a
  turn started  turn 7
  seq 1 · <id> · <time>
  4 linked facts

effects
  ▶ #0001     turn started           turn 7
  · run/b#1   EFFECT_REQUESTED       because #1
  · task/c#1  state_change           retried because run/b#1
  ✗ #0002     turn failed            turn 7 (failed) because task/c#1,#1
-- the same from every name of the event
$ for name in '#4' a#2 session/a#2 $(daybook export | sed -n 4p | jq -r .id); do daybook why $name --json | jq -c '[.chain[]."event/seq"]'; done
[1,2,3,4]
[1,2,3,4]
[1,2,3,4]
[1,2,3,4]
$ daybook why 4 --json | jq -c '.chain[3]["trace/cause-event-ids"]'
["task/c#1",1]
$ daybook why 1 --effects --json | jq -c '[."event/id", ."event/seq", [.effects[]."event/seq"], .more, .missing]'
[1,1,[1,2,3,4],false,[]]
$ daybook why 5 --json | jq -c '[.chain[]."event/seq"]'
[5]
$ daybook why 4 --limit 2 --json | jq -c '[(.chain | length), .more]'
[2,true]
$ daybook why 4 --limit 2 > /dev/null
2> cut at 2 facts; --limit shows more

== an event that is not there
$ daybook init -q && daybook append --stream s/x --type t -q
...
$ daybook why 2
2> daybook: there is no event #2
2>   hint: the ledger holds #1 to #1
? 4
$ daybook why s/x#9
2> daybook: no event 9 in s/x
2>   hint: the stream holds 1 event
? 4
$ daybook why 01ARZ3NDEKTSV4RRFFQ69G5FAV
2> daybook: there is no event <id>
? 4
$ daybook why what --json
{"error":{"code":"invalid_argument","message":"'what' names no event","hint":"name it by seq (7 or '#7'), id, or STREAM#VERSION"}}
? 2
$ daybook init -q empty && daybook --ledger empty why 1
made ledger <id> in empty
2> daybook: there is no event #1
2>   hint: the ledger is empty
? 4
