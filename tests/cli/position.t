== a position that the ledger does not have is said
$ daybook init -q && printf '%s\n' '{"stream":"a/1","type":"n"}' '{"stream":"a/1","type":"n"}' | daybook append -q
made ledger <id> in .daybook
appended 2 events, #1 to #2
$ daybook stream --all --after 9
2> daybook: <*>.daybook: the ledger ends at #2, it has no #9
2>   hint: a position from before the ledger was put back? Go on after #2, or read again from the start
? 4
$ daybook stream a/1 --after 9 --jsonl | jq -r .error.code
not_found
$ daybook export --after 3
2> daybook: <*>: the ledger ends at #2, it has no #3
2> ...
? 4
$ daybook export --after 18446744073709551615
2> daybook: <*>: the ledger ends at #2, <*>
2> ...
? 4
-- the last event is a position, and so is the beginning
$ daybook stream --all --after 2 && daybook export --after 2 && daybook stream --all --after 0 | wc -l | tr -d ' '
2
$ daybook prove 9
2> daybook: <*>no event #9<*>
2> ...
? 4
$ daybook show 9
2> daybook: there is no event #9
2>   hint: the ledger holds #1 to #2
? 4

== a follower is told, and gets what comes
$ daybook init -q && daybook append -q --stream a/1 --type old && python3 -c '
> import json, signal, subprocess
> p = subprocess.Popen(["daybook", "stream", "--all", "--after", "9", "--follow"],
>                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
> print(p.stderr.readline().strip())
> subprocess.run(["daybook", "append", "--stream", "a/1", "--type", "new"], stdout=subprocess.DEVNULL, check=True)
> print(json.loads(p.stdout.readline())["event/type"])
> p.send_signal(signal.SIGINT)
> print(p.wait(timeout=20))'
made ledger <id> in .daybook
#1 <id> a/1@1
daybook: warning: the ledger ends at #1, it has no #9: following from its end
new
130

== a clock that is behind the newest event is said
$ daybook init -q && daybook append -q --stream a/1 --type t && cat > ahead.py <<'END'
> import glob, struct
> def crc32c(data):
>     crc = 0xFFFFFFFF
>     for byte in data:
>         crc ^= byte
>         for _ in range(8):
>             crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
>     return crc ^ 0xFFFFFFFF
> path = glob.glob(".daybook/log/*.seg")[0]
> log = bytearray(open(path, "rb").read())
> record = log.index(b"DBR1")
> length = struct.unpack_from("<I", log, record + 8)[0]
> recorded = struct.unpack_from("<q", log, record + 20 + 48)[0]
> struct.pack_into("<q", log, record + 20 + 48, recorded + 400 * 86400 * 10**6)
> struct.pack_into("<I", log, record + 4, crc32c(log[record + 8:record + 20 + length]))
> open(path, "wb").write(log)
> END
> python3 ahead.py; rm -f .daybook/views/active; DAYBOOK_REMEMBER=off daybook append --stream a/1 --type u
made ledger <id> in .daybook
#1 <id> a/1@1
#2 <id> a/1@2
2> daybook: warning: the clock is <*> days behind the newest event: until it has caught up, all that is written counts as recorded at that event's time
$ daybook status | grep ^clock
clock       <*> days behind the newest event: what is written counts as recorded at that event's time until it has caught up
$ daybook status --json | jq '.clock_behind_seconds > 34000000'
true
-- reading needs no clock
$ daybook stream --all | wc -l | tr -d ' '
2
