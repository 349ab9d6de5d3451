# SPDX-License-Identifier: Apache-2.0
"""A disk that is really full: a tmpfs of a few megabytes, filled and emptied while four processes append.

It is mounted in a mount namespace of its own, so nothing of it is seen outside or left behind. Where that
is not allowed, the reason is printed and nothing is tested.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

from judge import Stored, judge_ledger
from processes import SMALL, Hand, is_error, lost_acks
from program import HANG_SECONDS, Box, Caller, Tools

DISK = "9m"
WRITERS = 2
HOLDERS = 2
LINES = 900  # by each writer: together much less than the disk
GIVE_UP_SECONDS = 60
NO_SPACE = ("No space left", "an earlier write or flush")


def namespace():
    """(the command that gives a namespace in which one may mount, why there is none)."""
    said = "there is no `unshare`"
    for command in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        with tempfile.TemporaryDirectory() as place:
            try:
                tried = subprocess.run([*command, "mount", "-t", "tmpfs", "-o", "size=64k", "none", place],
                                       capture_output=True, text=True, check=False)
            except FileNotFoundError:
                return None, said
        if tried.returncode == 0:
            return command, ""
        said = tried.stderr.strip().replace("\n", " ")
    return None, said


def run(options, tools, tally):
    command, reason = namespace()
    if command is None:
        print(f"not run, as a file system cannot be mounted here: {reason}")
        tally.skip("disk")
        return
    for seed in range(options.seed, options.seed + options.disks):
        tally.add("disk", "full", f"disk:{seed}", play(command, tools, seed), True)


def play(command, tools, seed):
    with tempfile.TemporaryDirectory(prefix="daybook-disk-") as place:
        inside = [*command, "sh", "-c", f'mount -t tmpfs -o size={DISK} none "$0" && exec "$@"', place,
                  sys.executable, __file__, place, str(tools.daybook), str(tools.hand or ""), str(seed)]
        done = subprocess.run(inside, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return [f"the disk's test itself failed: {done.stderr[-1000:]}"]


def replay(tools, seed):
    command, reason = namespace()
    return play(command, tools, seed) if command else [f"a file system cannot be mounted here: {reason}"]


class Counts:
    def __init__(self):
        self.failures = 0
        self.acknowledged = 0
        self.working = WRITERS


class Writer(threading.Thread):
    """One process after the other, each with a stream of its own, until all lines are in."""

    def __init__(self, box, number, counts):
        super().__init__(daemon=True)
        self.box, self.number, self.counts = box, number, counts
        self.random = random.Random(number)
        self.callers, self.problems = [], []

    def run(self):
        deadline = time.monotonic() + GIVE_UP_SECONDS
        left = LINES
        while left > 0 and time.monotonic() < deadline:
            left -= self.one_process(left, deadline)
        if left > 0:
            self.problems.append(f"{left} lines of writer {self.number} did not get in, and there was space")
        self.counts.working -= 1

    def one_process(self, left, deadline):
        """How many lines were acknowledged."""
        caller = Caller(f"writer{self.number}/{len(self.callers)}")
        self.callers.append(caller)
        errors = self.box.directory / f"writer{self.number}.err"
        with open(errors, "wb") as err:
            process = self.box.start(["append", "--jsonl", "--ledger", self.box.ledger], stderr=err,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        said = ""
        try:
            while len(caller.acks) < left and not said and time.monotonic() < deadline:
                said = self.one_burst(process, caller)
            process.stdin.close()
        except OSError:
            pass
        try:
            code = process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
            self.problems.append("a writer hangs")
        said += caller.take(process.stdout.read().decode(errors="replace"))
        process.stdout.close()
        if code != 0:
            self.counts.failures += 1
            said += errors.read_text(errors="replace")
            if not any(text in said for text in NO_SPACE):
                self.problems.append(f"failed without a word about the space: exit {code}: {said[:300]}")
        return len(caller.acks)

    def one_burst(self, process, caller):
        """Many lines at once, so that they become groups; the error they ended with."""
        lines = [caller.line("w" * self.random.randrange(1500)) for _ in range(self.random.randrange(1, 30))]
        process.stdin.write("".join(lines).encode())
        process.stdin.flush()
        for _ in lines:
            answer = process.stdout.readline().decode()
            if said := caller.take(answer) or ("" if answer else "it has ended"):
                return said
            self.counts.acknowledged += 1
        return ""


class Holder(threading.Thread):
    """A process that keeps the ledger open through it all, as a service does: its appends work again."""

    def __init__(self, hand, number, counts):
        super().__init__(daemon=True)
        self.hand, self.stream, self.counts = hand, f"holder/{number}", counts
        self.problems = []

    def run(self):
        while self.counts.working > 0 and len(self.hand.acks) < LINES:
            answer = self.hand.tell(f"append {self.stream} 6 1200 sync")
            if answer[-1] is None:
                self.problems.append("a process that keeps the ledger open has died")
                return
            self.counts.failures += is_error(answer)

    def end(self):
        """There is space again: problems of going on."""
        if is_error(answer := self.hand.tell(f"append {self.stream} 1 10 sync")):
            self.problems.append(f"space is back, but not for a process that kept the ledger open: {answer}")
        self.hand.tell("close")
        return self.problems


def fill_and_empty(place, counts, seed):
    """Fills what is left to the last byte, waits until somebody has felt it, gives back a random part."""
    choice = random.Random(seed)
    ballast = os.open(place / "ballast", os.O_RDWR | os.O_CREAT, 0o600)
    while counts.working > 0:
        size = os.fstat(ballast).st_size
        for block in (65_536, 1024):
            try:
                while True:
                    size += os.pwrite(ballast, b"b" * block, size)
            except OSError:
                pass
        wait_for_change(counts, "failures", 0.05)
        os.ftruncate(ballast, max(0, size - choice.randrange(400_000)))
        wait_for_change(counts, "acknowledged", 0.02)
        if choice.random() < 0.2:
            os.ftruncate(ballast, 0)
            wait_for_change(counts, "acknowledged", 0.02)
    os.close(ballast)
    (place / "ballast").unlink()


def wait_for_change(counts, name, seconds):
    before, deadline = getattr(counts, name), time.monotonic() + seconds
    while getattr(counts, name) == before and time.monotonic() < deadline:
        time.sleep(0.001)


def on_the_disk(place, daybook, hand_program, seed):
    with Box(Tools(daybook, "", hand_program)) as box:
        box.ledger = place / "ledger"
        if (done := box.run(["init", box.ledger])).code != 0:
            return [f"init on an empty disk: {done.told()}"]
        counts = Counts()
        writers = [Writer(box, number, counts) for number in range(WRITERS)]
        holders = [Holder(Hand(box), number, counts) for number in range(HOLDERS if hand_program else 0)]
        for holder in holders:
            holder.hand.tell(f"open {box.ledger} {SMALL}")
        for thread in writers + holders:
            thread.start()
        fill_and_empty(place, counts, seed)
        for thread in writers + holders:
            thread.join(HANG_SECONDS)
        problems = [problem for writer in writers for problem in writer.problems]
        if counts.failures == 0:
            problems.append("nobody has noticed that the disk was full: this has tested nothing")
        for holder in holders:
            problems += holder.end()
        problems += lost_acks(box, [holder.hand for holder in holders])
        found, _ = judge_ledger(box, Stored(""), [caller for writer in writers for caller in writer.callers])
        return problems + found


def main():
    place, daybook, hand, seed = sys.argv[1:]
    print(json.dumps(on_the_disk(pathlib.Path(place), daybook, hand, int(seed))))


if __name__ == "__main__":
    main()
