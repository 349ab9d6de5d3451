== a command that works
$ daybook init -q && daybook supervise --task hello -- echo hi
made ledger <id> in .daybook
hi
$ daybook query --class state_change --subsystem hello
  #1      [<time>] state_change   hello                          hello started: echo hi
  #2      [<time>] state_change   hello                          attempt 1 of 1 started
  #3      [<time>] state_change   hello                          attempt 1 printed 3 bytes and 0 bytes of errors
  #4      [<time>] state_change   hello                          attempt 1 of 1 succeeded after <*> s
  #5      [<time>] state_change   hello                          hello succeeded after 1 attempt and <*> s
$ daybook query --jsonl --class state_change --subsystem hello | jq -c '[.stream, .subject, .tier, .data.kind, (.causes | length)]'
["task/hello","subsystem:hello","structured","task.started",0]
["task/hello","subsystem:hello","structured","attempt.started",1]
["task/hello","subsystem:hello","structured","output",1]
["task/hello","subsystem:hello","structured","attempt.finished",1]
["task/hello","subsystem:hello","structured","task.finished",1]
$ daybook query --jsonl | jq -r .correlation | sort -u | wc -l | tr -d ' '
1
$ ls -A .daybook/views/supervise
$ daybook verify | tail -1
ok: everything is as it was written

== exit codes are the command's own
$ daybook init -q
made ledger <id> in .daybook
$ daybook supervise --task t -- sh -c 'exit 3'
? 3
$ daybook supervise --task t -- sh -c 'exit 255'
? 255
$ daybook supervise --task t -- sh -c 'kill -KILL $$'
? 137
$ daybook supervise --task t -- sh -c 'kill -TERM $$'
? 143
$ daybook supervise --task t -- no-such-command
? 127
$ daybook supervise --task t -- /
? 126
$ daybook supervise --task t --timeout 50ms -- sleep 600
? 143
$ daybook query --jsonl --where 'kind = attempt.finished' | jq -c '.data | [.exit_code, .signal_name, .timed_out, .outcome]'
[3,null,false,"failed"]
[255,null,false,"failed"]
[137,"SIGKILL",false,"failed"]
[143,"SIGTERM",false,"failed"]
[127,null,false,"failed"]
[126,null,false,"failed"]
[143,"SIGTERM",true,"timed_out"]
$ daybook query --jsonl --where 'kind = attempt.finished' | jq -r '.data.error | values'
cannot run no-such-command: command not found
cannot run /: Permission denied

== input and output are the command's own
$ daybook init -q
made ledger <id> in .daybook
$ daybook supervise --task t -- tr a-z A-Z
<<< one
<<< two
ONE
TWO
$ daybook supervise --task t -- sh -c 'echo out; echo problem >&2; exit 1'
out
2> problem
? 1
$ daybook supervise --task t -- head -c 1000000 /dev/zero | wc -c | tr -d ' '
1000000
$ daybook supervise --task t -- yes | head -1
y
-- the command met the closed pipe, as it would have without a supervisor
$ daybook query --jsonl --where 'kind = attempt.finished' --reverse --limit 1 -q | jq -r .data.signal_name
SIGPIPE
-- with nothing to write to, what is printed is still recorded, and nowhere else
$ daybook supervise --task t -- echo kept >&- && daybook query --jsonl --where 'kind = output' --reverse --limit 1 -q | jq -r .data.stdout_tail
kept

$ daybook verify | tail -1
ok: everything is as it was written
-- a flag of the command is not ours
$ daybook supervise --task t -- echo --json --help -x
--json --help -x

== retries
$ daybook init -q && daybook supervise --task flaky --retries 5 --backoff 1ms..10ms -- sh -c 'echo x >> tries; [ $(wc -l < tries) = 3 ]'
made ledger <id> in .daybook
$ daybook query --jsonl | jq -c '[.version, .data.kind, .data.attempt, .data.outcome]'
[1,"task.started",null,null]
[2,"attempt.started",1,null]
[3,"attempt.finished",1,"failed"]
[4,"attempt.started",2,null]
[5,"attempt.finished",2,"failed"]
[6,"attempt.started",3,null]
[7,"attempt.finished",3,"succeeded"]
[8,"task.finished",null,"succeeded"]
-- each attempt because of how the one before it ended
$ daybook why task/flaky#8 | grep -c because
7
$ rm tries; daybook supervise --task flaky --retries 1 --backoff 1ms -- sh -c 'echo x >> tries; exit $(wc -l < tries)'
? 2

== again and again
$ daybook init -q && daybook supervise --task beat --interval 5ms --runs 3 -- true
made ledger <id> in .daybook
$ daybook query --jsonl --where 'kind = task.started' | jq -c '[.data.round, .data.interval_ms]'
[1,5]
[2,5]
[3,5]
$ daybook query --jsonl | jq -r .correlation | sort -u | wc -l | tr -d ' '
3

== a supervisor that is killed
-- the next one, of any task, records the attempt as lost, with what it had printed
$ daybook init -q && mkfifo ready && { daybook supervise --task job -- sh -c 'echo working; echo $$ > ready; sleep 600' > printed & }
> read command < ready; while ! grep -q working printed; do :; done; kill -9 $!; wait $! 2>/dev/null; kill -9 -$command
> daybook query --jsonl | jq -c .data.kind
made ledger <id> in .daybook
"task.started"
"attempt.started"
$ daybook supervise --task other --json -- true 2>&1 | jq -c '[.exit_code, .recorded, .lost_before]'
[0,true,1]
$ daybook query --jsonl --subsystem job | jq -c '[.data.kind, .data.outcome, .data.stdout_tail]'
["task.started",null,null]
["attempt.started",null,null]
["output",null,"working\n"]
["attempt.lost","lost",null]
["task.lost","lost",null]
$ daybook supervise --task other --json -- true 2>&1 | jq -c .lost_before
0
$ daybook verify | tail -1
ok: everything is as it was written

== two of the same task
-- the one that runs is not taken for lost by the one that comes
$ daybook init -q && mkfifo ready go && { daybook supervise --task job -- sh -c 'echo > ready; read x < go; exit 4' & }
> read x < ready; daybook supervise --task job -- sh -c 'exit 5'; echo "second: $?"
> echo > go; wait $!; echo "first: $?"
made ledger <id> in .daybook
second: 5
first: 4
$ daybook query --jsonl | jq -r .data.kind | sort | uniq -c | sed 's/^ *//'
2 attempt.finished
2 attempt.started
2 task.finished
2 task.started

== signals
$ daybook init -q && mkfifo ready
made ledger <id> in .daybook
$ { daybook supervise --task t --retries 9 -- sh -c 'trap "echo bye; exit 9" TERM; echo > ready; while :; do :; done' & }
> read x < ready; kill -TERM $!; wait $!; echo "exit code $?"
bye
exit code 9
$ daybook query --jsonl --where 'kind = task.finished' | jq -c '.data | [.exit_code, .attempts, .stopped_by]'
[9,1,"SIGTERM"]
-- between two runs a signal ends the waiting
$ { daybook supervise --task t --interval 24h -- sh -c 'echo > ready' & }
> read x < ready; until daybook query --jsonl --where 'kind = task.finished' | grep -q 'run.*succeeded\|succeeded'; do :; done; kill -HUP $!; wait $!; echo "exit code $?"
exit code 0
-- what was ignored stays ignored, as nohup wants it
$ (trap '' HUP; daybook supervise --task t -- sh -c 'kill -HUP $PPID; kill -HUP $$; echo still here')
still here

== as cron would
$ daybook init -q && env -i "$(command -v daybook)" supervise --ledger .daybook --task cron -- sh -c 'echo "PATH is ${PATH:-empty}" | cut -c1-7' < /dev/null
made ledger <id> in .daybook
PATH is
$ daybook query --subsystem cron | wc -l | tr -d ' '
5

== the report
$ daybook init -q && daybook supervise --task t --report report.json -- sh -c 'echo hi; exit 6'
made ledger <id> in .daybook
hi
? 6
$ jq -c '[.task, .stream, .exit_code, .attempts, .runs, .recorded, .lost_before, .last.exit_code, .last.stdout_bytes, .last.timed_out]' report.json
["t","task/t",6,1,1,true,0,6,3,false]
$ [ "$(jq -r .run report.json)" = "$(daybook query --jsonl --limit 1 -q | jq -r .correlation)" ]
$ daybook supervise --task t --report /no/such/place/report.json -- sh -c 'exit 6' 2>&1 | cut -c1-17
daybook: warning:

== trouble before the start: nothing is run
$ daybook supervise --task t -- touch ran
2> daybook: no ledger here: <*>
2>   hint: `daybook init` makes one in this directory; --ledger DIR names another
? 4
$ daybook init -q && daybook supervise --task 'two
> lines' -- touch ran
made ledger <id> in .daybook
2> daybook: the task's name is empty or no plain text
2>   hint: give the task a short name, like "nightly-backup"
? 2
$ ls ran
2> ls: cannot access 'ran': No such file or directory
? 2

== usage
$ daybook supervise -- true
2> daybook: --task is missing
2>   hint: name the task: daybook supervise --task backup -- ./backup.sh
? 2
$ daybook supervise --task t
2> daybook: there is no command to run
2>   hint: put it behind --: daybook supervise --task backup -- ./backup.sh
? 2
$ daybook supervise --task t --backoff 5m..1s -- true
2> daybook: '5m..1s' is no range of pauses
2>   hint: write the first and the longest pause, like 1s..5m, or one pause, like 10s
? 2
$ daybook supervise --task t --runs 3 -- true
2> daybook: --runs needs --interval
2>   hint: say how often to run: --interval 10m
? 2
$ daybook init -q && daybook supervise --task t --timeout 0s -- true
made ledger <id> in .daybook
2> daybook: the timeout must be more than nothing and at most 366 days
? 2
$ daybook supervise --task t --retires 3 -- true
2> daybook: unknown flag '--retires'
2>   hint: did you mean '--retries'?
? 2
