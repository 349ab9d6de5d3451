== the seed's configuration: the zone is the ledger, made by the first verb that writes
$ printf '[[zones]]\nid = "ops"\nledger_path = "~/.jilog/ledgers/ops"\n[[zone]]\nid = "home"\nledger_path = "~/ledgers/home"\n' > ~/.jilog.toml
$ daybook zones
* ops          <dir>/home/.jilog/ledgers/ops  (no ledger yet)
  home         <dir>/home/ledgers/home  (no ledger yet)
$ daybook query --since 7d
2> daybook: no ledger yet at <dir>/home/.jilog/ledgers/ops (zone ops of <dir>/home/.jilog.toml:2)
2>   hint: the first verb that writes makes it, as does `daybook init <dir>/home/.jilog/ledgers/ops`
? 4
$ daybook supervise --task heartbeat -- true
2> made a ledger at <dir>/home/.jilog/ledgers/ops (zone ops of <dir>/home/.jilog.toml:2)
$ daybook query --since 7d --json | jq -r '.events[0].subject'
subsystem:heartbeat
$ daybook config show --origin | head -1
ledger = <dir>/home/.jilog/ledgers/ops<*># zone ops of <dir>/home/.jilog.toml:2

== --zone chooses, before or after the verb; the nearest .daybook comes before the first zone
$ printf '[[zone]]\nid = "ops"\nledger_path = "~/ops"\n[[zone]]\nid = "home"\nledger_path = "~/h"\n' > ~/.jilog.toml
$ daybook --zone home append --stream s/x --type t
#1 <id> s/x@1
2> made a ledger at <dir>/home/h (zone home of <dir>/home/.jilog.toml:5)
$ daybook append --stream s/x --type t --zone=home
#2 <id> s/x@2
$ daybook init --zone ops
made ledger <id> in <dir>/home/ops
2> next: daybook append --stream task/hello --type greeted
$ daybook init && daybook append --stream here/x --type t
made ledger <id> in .daybook
#1 <id> here/x@1
2> next: daybook append --stream task/hello --type greeted
$ daybook export | jq -r .stream
here/x
$ daybook zones --json | jq -c '.zones[] | [.id, .current, .exists, .events]'
["ops",false,true,0]
["home",false,true,2]
$ daybook --zone home zones
  ops          <dir>/home/ops  (0 events)
* home         <dir>/home/h  (2 events, the newest <*>)
$ DAYBOOK_DIR=$HOME/h daybook export | jq -r .stream | sort -u
s/x

== what is wrong with a zone is said
$ printf '[[zone]]\nid = "ops"\nledger_path = "~/ops"\n' > ~/.jilog.toml
$ daybook --zone opps status
2> daybook: there is no zone 'opps'
2>   hint: did you mean 'ops'?
? 4
$ daybook --zone ops --ledger x status
2> daybook: --ledger and --zone both name a ledger: give one of them
? 2
$ mkdir ~/ops && echo rubbish > ~/ops/LEDGER && daybook zones
* ops          <dir>/home/ops  (cannot be opened: <*>)
? 6
$ printf '[[zone]]\nid = "a"\nledger_path = "~/a"\n[[zones]]\nid = "a"\nledger_path = "~/b"\n' > ~/.jilog.toml
$ daybook zones
2> daybook: <dir>/home/.jilog.toml:5: 'id' 'a' is taken
2>   hint: <dir>/home/.jilog.toml:2 has it
? 2
$ printf '[[zone]]\nid = "a"\nledger_pat = "~/a"\n' > ~/.jilog.toml && daybook query
2> daybook: <dir>/home/.jilog.toml:<*>
2>   hint: <*>
? 2

== --config FILE alone names the zones, and where the digest goes
$ printf '[[zone]]\nid = "w"\nledger_path = "w"\n[[reader]]\ntype = "claude-code"\npath = "none"\n' > c.toml && daybook init -q
made ledger <id> in .daybook
$ daybook review nightly --config c.toml --date 2026-01-02
0 corrections, 0 errors, 0 workarounds, 0 deferrals, 0 patterns, 0 P0 alert(s), 0 session(s) scanned
Digest: w/digests/learning-digest-2026-01-02.md
2> made a ledger at w (zone w of c.toml:2)
$ daybook zones --config c.toml
* w            w  (1 event, the newest <*>)
$ daybook zones
no zones: a configuration names them, each with a [[zone]]

== the project's configuration counts for its zones, too, and the star for any spelling
$ daybook init -q && printf '[[zone]]\nid = "ops"\nledger_path = "ops"\n[review]\ndigest_dir = "elsewhere"\n' > daybook.toml
made ledger <id> in .daybook
$ daybook --zone ops review nightly --date 2026-01-02 | tail -1
Digest: <dir>/work/elsewhere/learning-digest-2026-01-02.md
2> made a ledger at <dir>/work/ops (zone ops of <dir>/work/daybook.toml:2)
$ daybook --ledger ./ops zones
* ops          <dir>/work/ops  (1 event, the newest <*>)

== a zone is not made among other things, nor over a ledger that has lost its LEDGER
$ printf '[[zone]]\nid = "ops"\nledger_path = "~/ops"\n' > ~/.jilog.toml && mkdir ~/ops && echo mine > ~/ops/todo
$ daybook append --stream s/x --type t
2> daybook: <dir>/home/ops: the directory is not empty: todo is there
2>   hint: <*>
? 5
$ ls -A ~/ops && rm ~/ops/todo && daybook append -q --stream s/x --type t
todo
#1 <id> s/x@1
$ rm ~/ops/LEDGER && daybook append --stream s/x --type t
2> daybook: <dir>/home/ops: the segments of a ledger are here, but its file LEDGER is missing
2>   hint: `daybook repair --ledger <dir>/home/ops` makes it again from the segments
? 3
$ daybook --zone ops repair --apply -q | head -1 && daybook append -q --stream s/x --type t
LEDGER is missing; made again from 1 segment:
#2 <id> s/x@2
