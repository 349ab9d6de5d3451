== an event with everything
$ daybook init -q && daybook append -q --stream s/x --type a && daybook append -q --stream s/x --type t --actor person:ann --subject file:a --correlation c --key k --cause 1 --data '{"n":1.10,"list":[1,{"a":[]}],"text":"a\u001bb: [c]","none":{}}'
made ledger <id> in .daybook
#1 <id> s/x@1
#2 <id> s/x@2
$ daybook checkpoint > /dev/null && daybook show 2
event #2 — t
  id          <id>
  stream      s/x #2
  time        <time>
  recorded    <time>
  source      <host>/daybook
  actor       person:ann
  subject     file:a
  correlation c
  key         k
  tier        structured
  because     <id>
  data        63 bytes
  commitment  <hash>
  leaf        <hash>
  proof       verified under the checkpoint of 2 events

{
  "n": 1.10,
  "list": [
    1,
    {
      "a": []
    }
  ],
  "text": "a\u001bb: [c]",
  "none": {}
}
$ daybook show 2 --json
{"event":{"seq":2,<*>"data":{"n":1.10,"list":[1,{"a":[]}],"text":"a\u001bb: [c]","none":{}}},"proof":{"covered":true,"verified":true,"checkpoint_size":2,"leaf":"<hash>"},"blobs":[]}
$ daybook show 2 --raw
{"n":1.10,"list":[1,{"a":[]}],"text":"a\u001bb: [c]","none":{}}
$ daybook show 1 --raw
$ daybook show 1 | grep -E '^  data'
  data        none

== an event that no checkpoint covers yet
$ daybook init -q && python3 -c '
> import subprocess
> p = subprocess.Popen(["daybook", "append", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
> p.stdin.write("{\"stream\":\"s/x\",\"type\":\"t\"}\n")
> p.stdin.flush()
> p.stdout.readline()
> print(subprocess.run("daybook show 1 | tail -1; daybook show 1 --json | jq -c .proof.covered", shell=True, text=True, capture_output=True).stdout, end="")
> p.kill()
> p.wait()'
made ledger <id> in .daybook
  proof       no checkpoint covers it yet; `daybook checkpoint` signs one
false

== large data comes from the blob store
$ daybook init -q && python3 -c 'print("[" + ",".join(str(i) for i in range(9000)) + "]")' > big.json && daybook append -q --stream s/x --type t --data @big.json
made ledger <id> in .daybook
#1 <id> s/x@1
$ daybook show 1 --raw | cmp - big.json && daybook show s/x#1 | grep -E '^  data'
  data        43,892 bytes, blob sha256:<hash>
$ daybook show 1 --json | jq -c '[.event.data_state, (.event.data | length)]'
["blob",9000]
-- a blob that is gone is said
$ rm -r .daybook/blobs/* && daybook show 1 | grep -E '^  data'
  data        43,892 bytes, blob sha256:<hash>
2> daybook: warning: <*>
$ daybook show 1 > /dev/null 2>&1
? 6
$ daybook show 1 --raw
2> daybook: <*>
2> ...
? 4
$ daybook show 1 --json --quiet 2> /dev/null | jq -c '[.event.data["$blob"][0:7], (.data_error | length > 0)]'
["sha256:",true]
$ daybook export > out.jsonl
2> daybook: warning: the data of 1 event cannot be read; `daybook verify` tells why
? 6
$ wc -l < out.jsonl | tr -d ' '
1

== blobs that the data refers to
$ daybook init -q && daybook supervise --task t -- sh -c 'seq 1 3000' | tail -1
made ledger <id> in .daybook
3000
$ daybook query --stream task/t --jsonl | jq 'select(.data.stdout["$blob"]) | .seq' | head -1 > n && daybook show $(cat n) --json | jq -c '.blobs[0] | [.blob[0:7], .bytes]'
["sha256:",13893]
$ daybook show $(cat n) --json | jq -r '.blobs[0].blob' > blob && daybook show --blob $(cat blob) | tail -1 && daybook show --blob $(sed 's/sha256://' blob) | sha256sum | sed 's/ .*//; s/^/sha256:/' | diff - blob
3000
$ rm -r .daybook/blobs/* && daybook show $(cat n) | grep -E '^  blob'
  blob        sha256:<hash>, <*>
2> daybook: warning: <*>
$ daybook show --blob $(cat blob)
2> daybook: <*>
2> ...
? 4
$ daybook show --blob nonsense
2> daybook: 'nonsense' names no blob
2>   hint: a blob is named sha256: and 64 hexadecimal digits, as `daybook show EVENT` prints
? 2
$ daybook show
2> daybook: show needs either EVENT or --blob SHA256
2>   hint: `daybook show 7` shows event 7
? 2

== an event that is not there
$ daybook init -q && daybook show 1
made ledger <id> in .daybook
2> daybook: there is no event #1
2>   hint: the ledger is empty
? 4
