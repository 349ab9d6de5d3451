# SPDX-License-Identifier: Apache-2.0
"""What must hold of a ledger whatever went wrong before. Problems are sentences; none is what is wanted."""

import json
import signal

AFTERWARDS = "after/fault"


class Stored:
    """The events of a ledger as `export` writes them."""

    def __init__(self, text):
        self.rows = [json.loads(line) for line in text.splitlines()]
        self.ids = {row["seq"]: row["id"] for row in self.rows}

    def of(self, stream):
        return [row for row in self.rows if row["stream"] == stream]

    @property
    def last(self):
        return max(self.ids, default=0)


def export(box, problems):
    done = box.run(["export", "--ledger", box.ledger])
    if done.hung or done.code != 0:
        problems.append(f"the ledger cannot be read: {done.told()}")
    try:
        return Stored(done.out)
    except ValueError:
        problems.append("export printed what is no JSON")
        return Stored("")


def ended_well(done, fault_fired, deadly):
    """Problems of how a command ended, whatever it was to do."""
    if done.hung:
        return ["it hangs"]
    if deadly and fault_fired:
        return [] if done.code == -signal.SIGKILL else [f"killed, and yet {done.told()}"]
    if done.code < 0:
        return [f"died by {signal.Signals(-done.code).name}: {done.told()}"]
    if done.code not in (0, 1, 2, 3, 4, 5, 6, 7):
        return [f"an exit code that means nothing: {done.told()}"]
    if done.code != 0 and not fault_fired:
        return [f"failed without a fault: {done.told()}"]
    return []


def told_why(done, path):
    """An error names what failed: the object or the system's reason."""
    if done.code <= 0:
        return []
    text = done.err + done.out
    if "daybook: " not in text and '"error"' not in text:
        return [f"failed without a word: {done.told()}"]
    name = path.rsplit("/", 1)[-1]
    reasons = ("Input/output error", "No space left", "an earlier write or flush", name)
    if not any(reason and reason in text for reason in reasons):
        return [f"the error does not name what failed ({path or 'the ledger'}): {done.told()}"]
    return []


def kept(stored, callers):
    """Acknowledged events are there, each seq is given once, each caller's order is kept without holes."""
    problems = []
    acked = {}
    for caller in callers:
        lost = [(seq, event) for seq, event in caller.acks if stored.ids.get(seq) != event]
        if lost:
            problems.append(f"{len(lost)} of {len(caller.acks)} acknowledged events of {caller.stream} "
                            f"are lost, first #{lost[0][0]}")
        for seq, event in caller.acks:
            if acked.setdefault(seq, event) != event:
                problems.append(f"#{seq} was given twice")
        order = [seq for seq, _ in caller.acks]
        if order != sorted(set(order)):
            problems.append(f"{caller.stream} was acknowledged out of order")
        there = [row["data"]["i"] for row in stored.of(caller.stream)]
        if there != list(range(len(there))):
            problems.append(f"{caller.stream} has holes or is out of order: {there[:20]}")
        if not len(caller.acks) <= len(there) <= caller.sent:
            problems.append(f"{caller.stream}: sent {caller.sent}, acknowledged {len(caller.acks)}, "
                            f"there {len(there)}")
    return problems


def whole(stored):
    seqs = [row["seq"] for row in stored.rows]
    return [] if seqs == list(range(1, len(seqs) + 1)) else ["the seqs are not 1, 2, 3, ..."]


def grown_from(before, after, what):
    gone = [seq for seq, event in before.ids.items() if after.ids.get(seq) != event]
    return [f"{what}: {len(gone)} events gone, first #{gone[0]}"] if gone else []


def judge_ledger(box, before, callers):
    """Reads the ledger as it was left, appends to it, verifies it. (problems, what is stored now)."""
    problems = []
    left = export(box, problems)
    problems += kept(left, callers) + grown_from(before, left, "events of before the fault")
    after = box.run(["append", "--json", "--ledger", box.ledger, "--stream", AFTERWARDS, "--type", "note"])
    if after.hung or after.code != 0:
        problems.append(f"appending afterwards fails: {after.told()}")
    now = export(box, problems)
    problems += grown_from(left, now, "taken back, although readers have seen it") + whole(now)
    problems += [problem for problem in kept(now, callers) if problem not in problems]
    checked = box.run(["verify", "--ledger", box.ledger])
    if checked.hung or checked.code != 0:
        lines = (checked.out + checked.err).strip().splitlines()
        problems.append(f"verify exits with {checked.code}: {' | '.join(lines[:6])[:400]}")
    return problems, now


def judge_followed(rows, stored):
    """A follower sees exactly what the ledger holds in the end."""
    wanted = [(row["seq"], row["id"]) for row in stored.rows]
    if rows == wanted:
        return []
    extra, missing = len(set(rows) - set(wanted)), len(set(wanted) - set(rows))
    return [f"a follower was shown {extra} events that are not there, not shown {missing} that are, "
            f"{len(rows) - len(set(rows))} twice"]
