== where a setting came from: default, user file, project file, environment, flag
$ daybook init -q && mkdir -p ~/.config/daybook
made ledger <id> in .daybook
$ daybook config show --origin | grep actor
actor = <*># default
$ echo 'actor = "user"' > ~/.config/daybook/config.toml && daybook config show --origin | grep actor
actor = user<*># <dir>/home/.config/daybook/config.toml:1
$ printf '# project\nactor = "project"\n' > daybook.toml && daybook config show --origin | grep actor
actor = project<*># <dir>/work/daybook.toml:2
$ DAYBOOK_ACTOR=env daybook config show --origin | grep actor
actor = env<*># environment DAYBOOK_ACTOR
$ daybook config show --origin --color never | grep color
color = never<*># flag --color
$ mkdir sub && cd sub && daybook config show | grep actor
actor = project
$ daybook append --stream s/x --type a && DAYBOOK_ACTOR=env daybook append --stream s/x --type b && daybook append --stream s/x --type c --actor flag && daybook export | jq -r .actor
#1 <id> s/x@1
#2 <id> s/x@2
#3 <id> s/x@3
project
env
flag
$ XDG_CONFIG_HOME=$PWD/nothing daybook --ledger elsewhere config show --origin | grep -E '^(ledger|actor)'
ledger = elsewhere<*># flag --ledger
actor = project<*># <dir>/work/daybook.toml:2

== settings as JSON
$ daybook init -q && daybook config show --json | jq -c '.settings[] | select(.key == "inline_bytes")'
made ledger <id> in .daybook
{"key":"inline_bytes","value":16384,"origin":"default","help":"larger data goes to the blob store"}

== the source of events
$ daybook init -q && echo 'source = "cron/nightly"' > daybook.toml && daybook append --stream s/x --type t && daybook export | jq -r .source
made ledger <id> in .daybook
#1 <id> s/x@1
cron/nightly

== an unknown key is an error with its line
$ daybook init -q && printf '\n\nactr = "x"\n' > daybook.toml && daybook query
made ledger <id> in .daybook
2> daybook: <dir>/work/daybook.toml:3: unknown setting 'actr'
2>   hint: did you mean 'actor'?
? 2
$ printf '[actor]\nname = "x"\n' > daybook.toml && daybook query --json
{"error":{"code":"invalid_argument","message":"<dir>/work/daybook.toml:1: 'actor' is neither a text nor a whole number","hint":"<*>"}}
? 2
$ printf 'actor = \n' > daybook.toml && daybook query
2> daybook: <dir>/work/daybook.toml:1: <*>
2> ...
? 2
$ rm daybook.toml && DAYBOOK_DURABILITY=never daybook query
2> daybook: environment DAYBOOK_DURABILITY: durability is 'never', which is none of sync|interval|memory
2>   hint: `daybook config show` lists the settings
? 2
$ DAYBOOK_INTERVAL_MS=soon daybook query
2> daybook: environment DAYBOOK_INTERVAL_MS: interval_ms is 'soon', which is not a whole number from 1 to 60000
2>   hint: `daybook config show` lists the settings
? 2
$ DAYBOOK_ACTR=x daybook config show > /dev/null
2> daybook: warning: DAYBOOK_ACTR is set in the environment, but there is no such setting

== help needs no settings
$ printf 'actr = 1\n' > ~/.daybook.toml && mkdir -p ~/.config/daybook && cp ~/.daybook.toml ~/.config/daybook/config.toml && daybook --version && daybook help > /dev/null
daybook <*>
