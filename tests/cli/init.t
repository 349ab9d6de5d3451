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
$ env -u HOME -u XDG_DATA_HOME daybook init --user
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

== init merges with nothing
$ mkdir notes && echo mine > notes/todo && daybook init notes
2> daybook: notes: the directory is not empty: todo is there
2>   hint: a ledger is made in a new or empty directory only: choose another
? 5
$ ls -A notes
todo
$ mkdir -p k/keys && echo secret > k/keys/checkpoint.key && daybook init k
2> daybook: k: parts of a ledger are here (keys/checkpoint.key), but neither LEDGER nor its segments
2>   hint: restore log/ from a backup, or make the ledger in another directory
? 5
$ cat k/keys/checkpoint.key && ls -A k
secret
keys
$ mkdir b && mkdir b/blobs && daybook init b
2> daybook: b: the directory is not empty: blobs is there
2>   hint: <*>
? 5
$ mkdir empty && daybook init -q empty
made ledger <id> in empty

== init refuses the root and the home directory
$ daybook init /
2> daybook: '/' cannot be a ledger's directory
2>   hint: <*>
? 2
$ export HOME=$PWD/nobody && mkdir nobody && daybook init nobody
2> daybook: nobody is the home directory
2>   hint: <*>
? 2
$ rmdir nobody && cd .. && HOME=$PWD/home daybook init home/
2> daybook: home/ is the home directory
2>   hint: <*>
? 2

== a ledger without its log
$ daybook init -q && daybook append -q --stream s/x --type t && rm -r .daybook/log && daybook query
made ledger <id> in .daybook
#1 <id> s/x@1
2> daybook: <dir>/work/.daybook/log: the ledger has no segments
2>   hint: restore the log directory from a backup
? 3
$ cp .daybook/keys/checkpoint.key kept && rm .daybook/LEDGER && daybook query
2> daybook: <dir>/work/.daybook: parts of a ledger are here (<*>), but neither LEDGER nor its segments
2>   hint: restore log/ from a backup; then `daybook repair` makes LEDGER again
? 3
$ daybook init
2> daybook: .daybook: parts of a ledger are here (<*>), but neither LEDGER nor its segments
2> ...
? 5
$ cmp kept .daybook/keys/checkpoint.key
