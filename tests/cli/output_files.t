-- Files that are written for others: their modes are the user's business, and what is no
-- plain file stays what it is.
== a new file has the mode of the umask, one that is there keeps its own
$ daybook init -q && daybook append --stream s/x --type t -q && umask 022 && daybook prove 1 -o new && stat -c %a new
made ledger <id> in .daybook
#1 <id> s/x@1
644
2> wrote new
$ umask 077 && daybook prove 1 -q -o narrow && stat -c %a narrow && echo old > old && chmod 664 old && daybook prove 1 -q -o old && stat -c %a old
600
664
$ umask 022 && daybook supervise --task t --report report.json -- true && stat -c %a report.json && jq -r .task report.json
644
t

== a link stays one, and what it names is written
$ daybook init -q && daybook append --stream s/x --type t -q && ln -s real link && daybook prove 1 -q -o link && test -L link && head -c 8 real
made ledger <id> in .daybook
#1 <id> s/x@1
c2sp.org
$ echo > report.json && ln -s report.json report && daybook supervise --task t --report report -- true && test -L report && jq -r .task report.json
t

== devices, pipes and standard output
$ daybook init -q && daybook append --stream s/x --type t -q && daybook prove 1 -q -o /dev/null && test -c /dev/null
made ledger <id> in .daybook
#1 <id> s/x@1
$ daybook prove 1 -o /dev/full
2> daybook: cannot write /dev/full: No space left on device
2>   hint: <*>
? 1
$ mkfifo pipe && (daybook prove 1 -q -o pipe &) && head -c 8 pipe && test -p pipe
c2sp.org
$ daybook prove 1 -q -o /dev/stdout | head -c 8
c2sp.org
$ echo before > file && daybook prove 1 -q -o /dev/stdout >> file && head -2 file | cut -c 1-8
before
c2sp.org
$ daybook prove 1 -o .
2> daybook: cannot write .: it is a directory
2>   hint: name a file in it
? 2

== the report of a command is not worth its exit code
$ daybook init -q && daybook supervise --task t --report /dev/full -- sh -c 'exit 7'
made ledger <id> in .daybook
2> daybook: warning: cannot write /dev/full: No space left on device
? 7
