== the nearest .daybook upwards is the ledger
$ daybook init -q && mkdir -p a/b && cd a/b && daybook append --stream s/x --type t
made ledger <id> in .daybook
#1 <id> s/x@1
$ cd a && daybook config show --origin | head -1
ledger = <dir>/work/.daybook<*># nearest

== --ledger before DAYBOOK_DIR before the nearest before the user's own
$ daybook init -q && daybook init -q flag && daybook init -q env && daybook init -q --user
...
$ daybook append --stream nearest/x --type t && (cd / && daybook append --stream user/x --type t)
#1 <id> nearest/x@1
#1 <id> user/x@1
$ DAYBOOK_DIR=env daybook append --stream env/x --type t
#1 <id> env/x@1
$ DAYBOOK_DIR=env daybook --ledger flag append --stream flag/x --type t
#1 <id> flag/x@1
$ DAYBOOK_DIR=env daybook append --stream flag/x --type t --ledger flag
#2 <id> flag/x@2
$ daybook --ledger=flag export | jq -r .stream
flag/x
flag/x
$ DAYBOOK_DIR=env daybook export | jq -r .stream
env/x
$ DAYBOOK_DIR= daybook export | jq -r .stream
nearest/x
$ cd / && daybook export | jq -r .stream
user/x

== no ledger anywhere
$ daybook query
2> daybook: no ledger here: no .daybook in this directory or above, none at <dir>/home/.local/share/daybook
2>   hint: `daybook init` makes one in this directory; --ledger DIR names another
? 4
$ daybook --ledger nowhere query
2> daybook: no ledger at nowhere (flag --ledger)
2>   hint: `daybook init nowhere` makes one there
? 4
$ mkdir project && cd project && daybook init -q && cd .. && daybook --ledger project query
made ledger <id> in .daybook
2> daybook: no ledger at project (flag --ledger)
2>   hint: there is one inside: --ledger project/.daybook
? 4
$ DAYBOOK_DIR=nowhere daybook status --json
{"error":{"code":"not_found","message":"no ledger at nowhere (environment DAYBOOK_DIR)","hint":"`daybook init nowhere` makes one there"}}
? 4
