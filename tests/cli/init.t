== init makes .daybook here, once
$ daybook init
made ledger <id> in .daybook
2> next: daybook append --stream task/hello --type greeted
$ ls -A
.daybook
$ stat -c %a .daybook
700
$ daybook init
2> daybook: <*>
2> ...
? 5

== init in a named directory, with missing parents
$ daybook init a/b/c --quiet
made ledger <id> in a/b/c
$ test -f a/b/c/LEDGER

== init at the place that --ledger or DAYBOOK_DIR names
$ daybook --ledger one init --quiet
made ledger <id> in one
$ DAYBOOK_DIR=two daybook init --quiet
made ledger <id> in two

== init --user makes the user's own
$ daybook init --user --quiet
made ledger <id> in <dir>/home/.local/share/daybook
$ XDG_DATA_HOME=$PWD/data daybook init --user --quiet
made ledger <id> in <dir>/work/data/daybook
$ env -u HOME daybook init --user
2> daybook: neither $XDG_DATA_HOME nor $HOME is set
2>   hint: name a directory instead: daybook init DIR
? 4

== init as JSON
$ daybook init --json
{"path":".daybook","ledger_id":"<id>","origin":"daybook.local/<id>","key":"daybook.local/<id>+<*>"}
$ daybook init --json
{"error":{"code":"already_exists","message":"<*>","hint":"<*>"}}
? 5

== init where a directory cannot be made
$ touch file && daybook init file/ledger
2> daybook: <*>
? 5
