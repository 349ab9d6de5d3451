== without a verb, help
$ daybook
daybook: the book of original entry for AI agents
...
usage: daybook <verb> [flags]
...
$ daybook --help | head -1
daybook: the book of original entry for AI agents
$ daybook -q
2> daybook: no verb was given
2>   hint: see `daybook --help`
? 2

== a mistyped verb gets a suggestion
$ daybook evnts demo
2> daybook: there is no verb 'evnts'
2>   hint: did you mean 'events'?
? 2
$ daybook verfy-proof x
2> daybook: there is no verb 'verfy-proof'
2>   hint: did you mean 'verify-proof'?
? 2
$ daybook frobnicate
2> daybook: there is no verb 'frobnicate'
2>   hint: `daybook help` lists them
? 2
$ daybook config shwo
2> daybook: 'config' needs one of: show
2>   hint: did you mean 'show'?
? 2
$ daybook config
2> daybook: 'config' needs one of: show
2>   hint: see `daybook --help`
? 2
$ daybook help qurey
2> daybook: there is no verb 'qurey'
2>   hint: did you mean 'query'?
? 2
$ daybook exprot --json
{"error":{"code":"invalid_argument","message":"there is no verb 'exprot'","hint":"did you mean 'export'?"}}
? 2

== a mistyped flag gets a suggestion
$ daybook query --tpye x
2> daybook: unknown flag '--tpye'
2>   hint: did you mean '--type'?
? 2
$ daybook events --jsn
2> daybook: unknown flag '--jsn'
2>   hint: did you mean '--json'?
? 2
$ daybook append --strem=x --json
{"error":{"code":"invalid_argument","message":"unknown flag '--strem'","hint":"did you mean '--stream'?"}}
? 2
$ daybook status -z
2> daybook: unknown flag '-z'
2>   hint: <*>
? 2

== values that are no values
$ daybook query --limit
2> daybook: --limit needs a value: --limit N
2>   hint: see `daybook query --help`
? 2
$ daybook query --limit many
2> daybook: --limit: 'many' is not a whole number
2>   hint: see `daybook query --help`
? 2
$ daybook query --limit -1
2> daybook: --limit: '-1' is not a whole number
2>   hint: see `daybook query --help`
? 2
$ daybook query --since yesterday
2> daybook: --since: <*>
2>   hint: <*>
? 2
$ daybook query --format jsno
2> daybook: --format: 'jsno' is none of text, json, jsonl, csv, envelope, cloudevents
2>   hint: did you mean 'json'?
? 2
$ daybook prove --consistency 1
2> daybook: --consistency: 2 values are needed
2>   hint: see `daybook prove --help`
? 2
$ daybook status --json=yes
2> daybook: --json takes no value
2>   hint: see `daybook status --help`
? 2
$ daybook status extra
2> daybook: unexpected argument 'extra'
2>   hint: see `daybook status --help`
? 2
$ daybook events
2> daybook: STREAM is required
2>   hint: see `daybook events --help`
? 2

== every verb has help
$ daybook query --help | sed -n '1,3p'
daybook query: find events by time, name, content and text

usage: daybook query [flags]
$ daybook events -h | sed -n 3p
usage: daybook events [flags] STREAM
$ daybook help config show | head -1
daybook config show: show the settings in force
$ test "$(daybook help query)" = "$(daybook query --help)"

== global flags stand before or behind the verb
$ daybook --quiet init one
made ledger <id> in one
$ daybook init two -q
made ledger <id> in two
$ daybook --color=never --ledger one status | head -1
ledger      one

== version
$ daybook --version
daybook <*>
$ daybook version --json | jq -c '[.name, .ledger_format]'
["daybook",1]
