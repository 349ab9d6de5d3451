# SPDX-License-Identifier: Apache-2.0
"""The commands that write, as data: on which ledger, with what input, and what each owes afterwards.

Every verb of the program stands in WRITES or in READS, so that a new one is not forgotten.
"""

import json
import shutil

from judge import Stored, told_why
from program import Box, Caller

# What a verb of `daybook help` does to a ledger.
WRITES = {"init", "append", "supervise", "import", "query", "review nightly", "checkpoint", "rebuild",
          "backup"}
# And what writes elsewhere or one small file, with means that the others use as well.
READS = {"restore-ledger", "known", "known forget", "repair", "events", "tree", "why", "stream", "show",
         "review sessions", "review trend", "issues list", "issues pending", "zones", "status", "verify",
         "prove", "verify-proof", "export", "gc", "config show", "completion", "man", "version", "help"}

LINES = 24
SESSION = "5a000000-0000-4000-8000-000000000001"
SESSION_LINES = [
    {"type": "user", "uuid": "u1", "parentUuid": None, "timestamp": "2026-01-01T10:00:00.000Z",
     "cwd": "/srv/mill", "version": "2.0.1", "message": {"role": "user", "content": "Please build the mill"}},
    {"type": "assistant", "uuid": "a1", "parentUuid": "u1", "timestamp": "2026-01-01T10:01:00.000Z",
     "message": {"id": "m1", "role": "assistant", "model": "model-x", "content": [
         {"type": "tool_use", "id": "t1", "name": "Edit",
          "input": {"file_path": "wheel.c", "old_string": "a" * 20_000, "new_string": "b"}}]}},
    {"type": "user", "uuid": "u2", "parentUuid": "a1", "timestamp": "2026-01-01T10:02:00.000Z",
     "message": {"role": "user", "content": [
         {"type": "tool_result", "tool_use_id": "t1", "is_error": True,
          "content": "String to replace not found in file."}]}},
    {"type": "assistant", "uuid": "a2", "parentUuid": "u2", "timestamp": "2026-01-01T10:03:00.000Z",
     "message": {"id": "m2", "role": "assistant", "model": "model-x", "content": [
         {"type": "text", "text": "I hardcoded the wheel for now; the real one comes later."}]}},
]
SESSION_EVENTS = 5  # what becomes of these


class Templates:
    """Ledgers to start from, made once by the program itself: each case works on a copy."""

    def __init__(self, tools, directory):
        self.box = Box(tools, directory)
        self.stored = {"none": Stored("")}
        self.make("small", "".join(
            json.dumps({"stream": "old/small", "type": "note", "data": {"i": i}}) + "\n" for i in range(5)))
        # Seven of 8 KiB: the next of this size starts a new segment.
        self.make("brim", "".join(
            json.dumps({"stream": "old/large", "type": "note", "data": {"pad": "x" * 8000}}) + "\n"
            for _ in range(7)))
        write_session(self.box)
        self.run(["import", "--ledger", self.make("imported", ""), *import_paths(self.box)])
        self.remember("imported")

    def make(self, name, lines):
        path = self.box.directory / name
        self.run(["init", path])
        if lines:
            self.run(["append", "--jsonl", "--ledger", path], lines)
        self.remember(name)
        return path

    def run(self, arguments, stdin=""):
        done = self.box.run(arguments, stdin)
        if done.code != 0:
            raise RuntimeError(f"cannot prepare a ledger: {arguments}: {done.told()}")
        return done.out

    def remember(self, name):
        self.stored[name] = Stored(self.run(["export", "--ledger", self.box.directory / name]))

    def copy(self, name, box):
        if name != "none":
            shutil.copytree(self.box.directory / name, box.ledger)
        return self.stored[name]


def write_session(box):
    place = box.directory / "logs"
    place.mkdir(exist_ok=True)
    lines = [json.dumps(line | {"sessionId": SESSION}) + "\n" for line in SESSION_LINES]
    (place / f"{SESSION}.jsonl").write_text("".join(lines))
    (box.directory / "review.toml").write_text(
        f'actor = "ann"\n[[reader]]\ntype = "claude-code"\npath = "{place}"\n'
        f'[review]\ndigest_dir = "{box.directory}/digests"\n[tracker]\ntype = "none"\n')


def import_paths(box):
    return ["--reader", "claude-code", box.directory / "logs"]


class Verb:
    """One command line that writes. `asked` events are its own to append, under a caller's name."""

    name = ""
    template = "small"
    code = 0  # of success
    durable = True  # once it has said that it is done
    alone = False  # whether other processes make no sense beside it

    def prepare(self, box):
        """Puts files into place."""

    def arguments(self, box):
        raise NotImplementedError

    def stdin(self):
        return ""

    def callers(self):
        return []

    def settle(self, _done):
        """Takes in what was printed."""

    def owes(self, _box, _done, _fault):
        """Problems of what this command alone had to do, once it has ended."""
        return []

    def why(self, _box, done, path):
        """Problems of how a failure was told."""
        return told_why(done, path)


class Init(Verb):
    name, template, alone = "init", "none", True

    def arguments(self, box):
        return ["init", box.ledger]

    def owes(self, box, done, _fault):
        if done.code == 0:
            return []
        again = box.run(["init", box.ledger])
        if again.code in (0, 5):
            return []
        return [f"init cannot be done again after it failed: {again.told()}"]


class Append(Verb):
    """One event."""

    def __init__(self, name, template, pad):
        self.name, self.template, self.pad = name, template, pad
        self.caller = Caller("mine")

    def arguments(self, box):
        self.caller = Caller("mine")
        data = json.loads(self.caller.line("y" * self.pad))["data"]
        (box.directory / "data").write_text(json.dumps(data))
        return ["append", "--json", "--ledger", box.ledger, "--stream", "mine", "--type", "note",
                "--data", f"@{box.directory}/data"]

    def callers(self):
        return [self.caller]

    def settle(self, done):
        self.caller.take(done.out)

    def owes(self, _box, done, _fault):
        missing = self.caller.sent - len(self.caller.acks)
        return [f"exit 0, and {missing} not acknowledged"] if done.code == 0 and missing else []


class AppendLines(Append):
    """Many, each acknowledged for itself."""

    def __init__(self, durability):
        super().__init__(f"lines-{durability}", "brim", 0)
        self.durability = durability
        self.durable = durability == "sync"

    def arguments(self, box):
        self.caller = Caller("mine")
        return ["append", "--jsonl", "--durability", self.durability, "--ledger", box.ledger]

    def stdin(self):
        return "".join(self.caller.line("z" * (i * 397 % 9000)) for i in range(LINES))


class Import(Verb):
    name, template = "import", "small"

    def prepare(self, box):
        write_session(box)

    def arguments(self, box):
        return ["import", "--json", "--ledger", box.ledger, *import_paths(box)]

    def owes(self, box, done, _fault):
        again = box.run(self.arguments(box))
        if again.code != 0:
            return [f"importing again fails: {again.told()}"]
        added = json.loads(again.out).get("appended", json.loads(again.out).get("events"))
        problems = []
        if done.code == 0 and added:
            problems.append(f"exit 0, and {added} events were still to be imported")
        stream = f"session/{SESSION}"
        rows = box.run(["export", "--ledger", box.ledger, "--stream", stream]).out.splitlines()
        if len(rows) != SESSION_EVENTS:
            problems.append(f"{len(rows)} events of the session are there, not {SESSION_EVENTS}")
        return problems


class Supervise(Verb):
    name, template, code, durable = "supervise", "small", 7, False

    def arguments(self, box):
        return ["supervise", "--ledger", box.ledger, "--task", "job", "--", "sh", "-c",
                f"echo out; echo ran >> {box.directory}/ran; exit 7"]

    def runs(self, box):
        mark = box.directory / "ran"
        return len(mark.read_text().splitlines()) if mark.exists() else 0

    def owes(self, box, done, fault):
        problems = []
        if done.code >= 0:
            runs = self.runs(box)
            if runs > 1:
                problems.append(f"the command ran {runs} times")
            if runs == 1 and done.code != 7:
                problems.append(f"the command's exit code 7 became {done.told()}")
            if runs == 0 and done.code in (0, 7):
                problems.append(f"the command did not run, and yet {done.told()}")
        other = box.run(["supervise", "--ledger", box.ledger, "--task", "other", "--", "true"])
        if other.code != 0:
            return [*problems, f"supervising afterwards fails: {other.told()}"]
        out = box.run(["export", "--ledger", box.ledger, "--stream", "task/job"]).out
        kinds = [json.loads(line)["data"]["kind"] for line in out.splitlines()]
        for begun, ends in (("task.started", ("task.finished", "task.lost")),
                            ("attempt.started", ("attempt.finished", "attempt.lost"))):
            count = sum(kinds.count(end) for end in ends)
            if kinds.count(begun) != count or count > 1:
                problems.append(f"what became of the command is not recorded once: {kinds}")
        # Where nothing more can be written, the supervisor cannot even keep it for later.
        if done.code == 7 and "task.finished" not in kinds and not fault.endswith("-on"):
            problems.append(f"the command ended, which is not recorded: {kinds}")
        return problems

    def why(self, box, done, path):
        """The exit code of a command that ran is its own."""
        return [] if self.runs(box) else told_why(done, path)


class Checkpoint(Verb):
    name, template = "checkpoint", "small"

    def arguments(self, box):
        return ["checkpoint", "--ledger", box.ledger]

    def owes(self, box, done, _fault):
        if "\n— " not in done.out:
            return ["exit 0, and no checkpoint"] if done.code == 0 else []
        note = box.directory / "note"
        note.write_text(done.out)
        checked = box.run(["verify", "--ledger", box.ledger, "--checkpoint", note])
        return [] if checked.code == 0 else [f"a checkpoint it gave out does not hold: {checked.told()}"]


class Indexed(Verb):
    """What writes the index: afterwards a query shows what the log holds."""

    durable = False  # what is derived may be lost

    def __init__(self, name, arguments):
        self.name, self.rest = name, arguments

    def arguments(self, box):
        return [*self.rest, "--ledger", box.ledger]

    def owes(self, box, done, _fault):
        problems = []
        if done.code == 0 and self.rest[0] == "query":
            rows = [line for line in done.out.splitlines() if '"old/small"' in line]
            if len(rows) != 5:
                problems.append(f"exit 0, and {len(rows)} of 5 rows")
        asked = box.run(["query", "--jsonl", "--ledger", box.ledger, "--limit", "100000"])
        held = box.run(["export", "--ledger", box.ledger])
        if asked.code != 0:
            return [*problems, f"a query afterwards fails: {asked.told()}"]
        seqs = sorted(json.loads(line)["seq"] for line in asked.out.splitlines())
        wanted = sorted(json.loads(line)["seq"] for line in held.out.splitlines())
        if seqs != wanted:
            problems.append(f"a query shows {len(seqs)} events, the log holds {len(wanted)}")
        return problems


class Review(Verb):
    name, template = "review", "imported"

    def prepare(self, box):
        write_session(box)

    def arguments(self, box):
        return ["review", "nightly", "--ledger", box.ledger, "--config", box.directory / "review.toml",
                "--since", "2026-01-01", "--date", "2026-01-02", "--json"]

    def owes(self, box, done, _fault):
        again = box.run(self.arguments(box))
        if again.code != 0:
            return [f"reviewing again fails: {again.told()}"]
        held = Stored(box.run(["export", "--ledger", box.ledger]).out)
        learnt = [row["type"] for row in held.rows if row["type"].startswith("learning")]
        problems = [] if len(learnt) == 2 else [f"{len(learnt)} learnings are there, not 2"]
        if done.code == 0 and not list((box.directory / "digests").glob("*.md")):
            problems.append("exit 0, and no digest")
        return problems


class Backup(Verb):
    """Whatever went wrong, the next run completes the copy, and it is a good ledger."""

    name, template, durable = "backup", "small", False

    def arguments(self, box):
        return ["backup", box.directory / "copy", "--ledger", box.ledger]

    def owes(self, box, _done, _fault):
        for arguments in (self.arguments(box), ["verify", "--ledger", box.directory / "copy"]):
            after = box.run(arguments)
            if after.code != 0:
                return [f"{arguments[0]} afterwards fails: {after.told()}"]
        return []


VERBS = [
    Init(),
    Append("append", "small", 40),
    Append("append-rolling", "brim", 8000),
    Append("append-blob", "small", 40_000),
    AppendLines("sync"), AppendLines("interval"), AppendLines("memory"),
    Import(),
    Supervise(),
    Checkpoint(),
    Indexed("rebuild", ["rebuild", "--json"]),
    Indexed("query", ["query", "--jsonl", "--limit", "1000"]),
    Review(),
    Backup(),
]


def unclassified(tools):
    """Verbs of the program that nobody has said of whether they write."""
    with Box(tools) as box:
        listing = box.run(["help"]).out
    table = listing.split("\nverbs:\n")[1].split("\n\n")[0]
    names = {line.split("  ")[1] for line in table.splitlines() if line.startswith("  ")}
    return sorted(names - WRITES - READS)
