# SPDX-License-Identifier: Apache-2.0
"""Scenes of several processes that take turns: one is held in the middle of a system call while others look.

A Hand is a process that uses the library (hand.cc); a gate of the shim holds it where a scene wants it, so
that nothing here depends on luck or on time.
"""

import contextlib
import pathlib
import queue
import shutil
import subprocess
import threading
import time

from judge import export, judge_followed, judge_ledger, Stored, whole
from program import HANG_SECONDS, SEGMENT_BYTES, Box, Fault, Follower, Peer

SMALL = f"segment_bytes={SEGMENT_BYTES} lock_timeout_ms=10000"
UNANSWERED_SECONDS = 0.3  # long enough for a wrong answer to come


class Hang(Exception):
    pass


class Gate:
    """Holds a call that is due; armed, calls begin to count."""

    def __init__(self, box):
        self.path, self.arming = box.directory / "gate", box.directory / "armed"

    def fault(self, action, nth, calls, path):
        return Fault(action, nth, calls, path, self.arming, self.path)

    def arm(self):
        self.arming.touch()

    def reached(self):
        return pathlib.Path(f"{self.path}.reached").exists()

    def open(self):
        pathlib.Path(f"{self.path}.open").touch()


class Hand:
    def __init__(self, box, fault=None):
        self.acks = []  # (seq, id) of all that was acknowledged to it
        self.ended = False
        self.owed = 0  # answers
        self.said = []  # of an answer that is not whole yet
        self.process = box.start([], fault, program=box.tools.hand, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def begin(self, command):
        self.owed += 1
        with contextlib.suppress(OSError):  # it has ended, which the answer tells
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()

    def answer(self, seconds=HANG_SECONDS):
        """The lines of the next answer; the last one is None when the process has ended."""
        while not self.ended:
            try:
                line = self.lines.get(timeout=seconds)
            except queue.Empty:
                raise Hang(f"no answer after {seconds} s") from None
            if line == ".":
                break
            self.said.append(line)
            if line is None:
                self.ended = True
            elif line.startswith("ack "):
                _, seq, event = line.split()
                self.acks.append((int(seq), event))
        self.owed -= 1
        answer, self.said = self.said, []
        return answer or ([None] if self.ended else [])

    def answers(self):
        """All that are still to come."""
        while self.owed > 0:
            self.answer()

    def tell(self, command):
        self.answers()
        self.begin(command)
        return self.answer()

    def events(self):
        return {int(line.split()[1]): line.split()[2] for line in self.tell("events")
                if line and line.startswith("event ")}

    def end(self):
        """Its exit code."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            return self.process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Hang("the process does not end") from None


def is_error(answer):
    return any(line is not None and line.startswith("error ") for line in answer)


def wait_for(happened, seconds=HANG_SECONDS):
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise Hang("what a scene waits for does not come")
        time.sleep(0.002)


def made(box, path=None):
    done = box.run(["init", path or box.ledger])
    if done.code != 0:
        raise RuntimeError(done.told())


def lost_acks(box, hands, ledger=None):
    """Problems: what hands were told and the ledger does not hold."""
    problems = []
    done = box.run(["export", "--ledger", ledger or box.ledger])
    ids = Stored(done.out).ids
    for number, hand in enumerate(hands):
        lost = [seq for seq, event in hand.acks if ids.get(seq) != event]
        if lost:
            problems.append(f"{len(lost)} of {len(hand.acks)} acknowledged events of process {number} are "
                            f"lost, first #{lost[0]}")
    given = [seq for hand in hands for seq, _ in hand.acks]
    if len(given) != len(set(given)):
        problems.append("a seq was given twice")
    return problems


def verified(box, ledger=None):
    done = box.run(["verify", "--ledger", ledger or box.ledger])
    return [] if done.code == 0 else [f"verify: {done.told()}"]


def judged(box, hands, follower=None):
    problems = lost_acks(box, hands)
    found, stored = judge_ledger(box, Stored(""), [])
    problems += found
    if follower:
        problems += judge_followed(follower.finish(stored.last), stored)
    return problems


# ---- One is held while others look ---------------------------------------------------------------

def look_in_between(box, call, path, action, nth):
    """A process is held at the nth call and then fails; another one, open before, looks and appends."""
    made(box)
    gate = Gate(box)
    held = Hand(box, gate.fault(action, nth, call, path))
    other = Hand(box)
    follower = Follower(box)
    for hand, name in ((held, "held"), (other, "other")):
        hand.tell(f"open {box.ledger} {SMALL}")
        hand.tell(f"append {name} 2 100 sync")
    gate.arm()
    held.begin("append held 40 2500 sync")
    wait_for(lambda: gate.reached() or held.lines.qsize() >= 40 or held.process.poll() is not None)
    seen = other.events()
    other.begin("append other 3 100 sync")  # waits for the lock, where it is held
    gate.open()
    held.answers()
    other.answers()
    seen |= other.events()
    for hand in (held, other):
        hand.tell("append later 2 6000 sync")
    seen |= other.events()
    other.tell("close")
    held.tell("close")
    for hand in (held, other):
        hand.end()
    problems = judged(box, [held, other], follower)
    ids = export(box, problems).ids
    gone = [seq for seq, event in seen.items() if ids.get(seq) != event]
    if gone:
        problems.append(f"another process saw {len(gone)} events that are not there, first #{gone[0]}")
    return problems


# ---- Flushes -------------------------------------------------------------------------------------

def failing_flush(box, durability):
    """Every flush of a segment fails: sync and close say so, and nothing is acknowledged as durable."""
    made(box)
    log = box.directory / "flushes"
    hand = Hand(box, Fault("eio-on", 1, "fdatasync", ".seg", log=log))
    hand.tell(f"open {box.ledger} interval_ms=20")
    first = hand.tell(f"append a 1 10 {durability}")
    problems = []
    if durability == "sync":
        problems += [] if is_error(first) else ["acknowledged as durable without a flush"]
    if durability == "interval":
        wait_for(log.exists)
    for command in ("sync", "close"):
        if not is_error(hand.tell(command)):
            problems.append(f"{command} says ok after an append with {durability}, and no flush went well")
    hand.end()
    hand.acks.clear()  # not one of them was promised to outlive this
    return problems + judged(box, [])


def slow_flush(box, command):
    """A flush in the background takes long: sync and close wait for it."""
    made(box)
    gate = Gate(box)
    hand = Hand(box, gate.fault("none", 1, "fdatasync", ".seg"))
    hand.tell(f"open {box.ledger} interval_ms=20")
    gate.arm()
    hand.tell("append a 1 10 interval")
    wait_for(gate.reached)
    hand.begin(command)
    problems = []
    with contextlib.suppress(Hang):
        problems.append(f"{command} answers {hand.answer(UNANSWERED_SECONDS)} before the flush has ended")
    gate.open()
    if hand.owed and is_error(hand.answer()):
        problems.append(f"{command} fails after a slow flush")
    hand.end()
    return problems + judged(box, [hand])


# ---- Forks, threads ------------------------------------------------------------------------------

def fork(box, command):
    """The child of a process with an open ledger: its append is refused or right, and nothing hangs."""
    made(box)
    hand = Hand(box)
    hand.tell(f"open {box.ledger} interval_ms=20 {SMALL}")
    hand.tell("append parent 20 100 interval")
    answer = hand.tell(f"fork {command}")
    problems = [f"fork: {line}" for line in answer if line and line.startswith("child killed")]
    hand.tell("append parent 2 100 sync")
    if is_error(hand.tell("sync")) or is_error(hand.tell("close")):
        problems.append("the parent cannot go on")
    if hand.end() != 0:
        problems.append("the parent died")
    return problems + judged(box, [hand])


def close_race(box, threads, races):
    """Threads append while another closes: an error for those who come late, never a crash."""
    made(box)
    hand = Hand(box)
    acknowledged = 0
    for number in range(races):
        hand.tell(f"open {box.ledger} {SMALL}")
        answer = hand.tell(f"race {threads} {number % 12 * (number % 12)}")
        if answer[-1] is None:
            return [f"the process died, exit {hand.end()}"]
        acknowledged += int(answer[-1].split()[1])
    hand.end()
    problems = judged(box, [])
    there = len(export(box, problems).rows) - 1  # without the judge's own
    if there < acknowledged:
        problems.append(f"{acknowledged} acknowledged, {there} there")
    return problems


# ---- Paths ---------------------------------------------------------------------------------------

def moved(box, replaced):
    """The ledger is moved away under a live writer, and perhaps another one made in its place."""
    made(box)
    hand = Hand(box)
    hand.tell(f"open {box.ledger} {SMALL}")
    hand.tell("append a 5 100 sync")
    away = box.directory / "away"
    box.ledger.rename(away)
    if replaced:
        made(box)
    problems = [] if is_error(hand.tell("append a 60 4000 sync")) else ["the writer goes on"]
    hand.tell("close")
    hand.end()
    problems += lost_acks(box, [hand], away) + verified(box, away)
    return problems + (judged(box, []) if replaced else [])


def removed(box):
    """The directory is removed under a live writer."""
    made(box)
    hand = Hand(box)
    hand.tell(f"open {box.ledger} {SMALL}")
    hand.tell("append a 5 100 sync")
    shutil.rmtree(box.ledger)
    problems = [] if is_error(hand.tell("append a 1 100 sync")) else ["acknowledged into a removed directory"]
    hand.tell("close")
    hand.end()
    return problems


def unlocked(box):
    """The lock file is removed; one process is held inside a write when another comes."""
    made(box)
    gate = Gate(box)
    first = Hand(box, gate.fault("none", 1, "pwrite", ".seg"))
    first.tell(f"open {box.ledger} {SMALL}")
    first.tell("append a 1 100 sync")
    (box.ledger / "lock").unlink()
    gate.arm()
    first.begin("append a 3 1000 sync")
    wait_for(lambda: gate.reached() or not first.lines.empty())
    second = Hand(box)
    second.begin(f"open {box.ledger} {SMALL}")
    second.begin("append b 3 1000 sync")
    with contextlib.suppress(Hang):  # it should wait for the first
        second.answer(UNANSWERED_SECONDS)
        second.answer(UNANSWERED_SECONDS)
    gate.open()
    for hand in (first, second):
        hand.answers()
    for hand in (first, second):
        hand.tell("append c 2 1000 sync")
        hand.tell("close")
        hand.end()
    return judged(box, [first, second])


def status_under_writers(box, looks):
    """While others write and seal, status reports no damage."""
    made(box)
    peers = [Peer(box, number, limit=20 * looks) for number in range(2)]
    for peer in peers:
        peer.start()
    hand = Hand(box)
    alarms = []
    for _ in range(looks):
        alarms += [line for line in hand.tell(f"open {box.ledger} ro") if line != "ok"]
        alarms += [line for line in hand.tell("status") if line != "ok"]
    problems = [problem for peer in peers for problem in peer.finish()]
    hand.end()
    if alarms:
        problems.append(f"{len(alarms)} false alarms in {looks} looks: {alarms[0]}")
    found, stored = judge_ledger(box, Stored(""), [peer.caller for peer in peers])
    return problems + found + whole(stored)


SCENES = {}
for action in ("short-enospc", "short-eio", "enospc", "kill-half"):
    for nth in range(1, 7):
        SCENES[f"group-{action}-{nth}"] = (look_in_between, "pwrite", ".seg", action, nth)
for call in ("fdatasync", "ftruncate", "fchmod", "rename"):
    for nth in range(1, 7 if call == "fdatasync" else 3):
        SCENES[f"seal-{call}-{nth}"] = (look_in_between, call, ".seg", "eio", nth)
for level in ("sync", "interval", "memory"):
    SCENES[f"failing-flush-{level}"] = (failing_flush, level)
for order in ("sync", "close", "drop"):
    SCENES[f"slow-flush-{order}"] = (slow_flush, order)
for number, order in enumerate(("append c 1 10 sync", "append c 1 10 interval", "sync", "close", "drop")):
    SCENES[f"fork-{number}"] = (fork, order)
for number in (2, 3, 4, 6):
    SCENES[f"close-race-{number}"] = (close_race, number, 12)
SCENES |= {"moved": (moved, False), "replaced": (moved, True), "removed": (removed,),
           "unlocked": (unlocked,), "status": (status_under_writers, 150),
           "close-race-long": (close_race, 6, 200), "status-long": (status_under_writers, 3000)}


# ---- Running them --------------------------------------------------------------------------------

def play(tools, directory, name):
    act, *parameters = SCENES[name]
    with Box(tools, directory) as box:
        try:
            return act(box, *parameters)
        except Hang as hang:
            return [f"hang: {hang}"]


def run(options, tools, directory, tally, pool):
    if tools.hand is None:
        raise SystemExit("the scenes need --hand")
    names = [name for name in SCENES if not (options.quick and name.endswith("-long"))]
    for name, problems in zip(names, pool.map(lambda name: play(tools, directory, name), names)):
        tally.add("scenes", name, name, problems, True)
