# SPDX-License-Identifier: Apache-2.0
"""The program under test, its surroundings, and what the shim makes of it.

A Box is a fresh directory with a home of its own, in which nothing of this machine shows. A Fault tells
the shim what goes wrong (shim.cc describes its parts). A Peer is another process that appends all the
while, one line at a time, and never sees a fault.
"""

import contextlib
import json
import os
import re
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

HANG_SECONDS = 30
LOCK_TIMEOUT_MS = 10_000  # well below that: a lock that is never given back is an error, not a hang
SEGMENT_BYTES = 65_536  # the least there is, so that segments are sealed all the time
PEER_PAD = "p" * 3000
PEER_LIMIT = 400
FLUSH_FAILED = re.compile("an earlier failure ended this ledger object: cannot flush"
                          "|a flush of another process failed")


class Fault:
    """What the shim is told. `calls`, `path` and `arm` narrow what counts; `gate` holds the call there."""

    def __init__(self, action="none", nth=0, calls="", path="", arm="", gate="", log=""):
        self.action, self.nth, self.calls, self.path = action, nth, calls, path
        self.arm, self.gate, self.log = arm, gate, log

    def environment(self, shim, root):
        wanted = {"LD_PRELOAD": shim, "FAULT_ROOT": root, "FAULT_ACTION": self.action,
                  "FAULT_N": self.nth, "FAULT_CALLS": self.calls, "FAULT_PATH": self.path,
                  "FAULT_ARM": self.arm, "FAULT_GATE": self.gate, "FAULT_LOG": self.log}
        return {name: str(value) for name, value in wanted.items()}


class Done:
    """How a command ended. A hang has no exit code of its own: it was killed for it."""

    def __init__(self, code, out, err, hung=False):
        self.code, self.out, self.err, self.hung = code, out, err, hung

    def told(self):
        text = (self.err or self.out).strip().replace("\n", " | ")
        return f"exit {self.code}: {text[:300]}"


class Box:
    def __init__(self, tools, parent=None):
        self.tools = tools
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="daybook-faults-", dir=parent)).resolve()
        self.ledger = self.directory / "ledger"
        self.log = self.directory / "calls"
        self.started = []
        (self.directory / "home").mkdir()
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.directory / "home"),
            "TZ": "UTC", "LC_ALL": "C.UTF-8", "TERM": "dumb",
            "DAYBOOK_SEGMENT_BYTES": str(SEGMENT_BYTES),
            "DAYBOOK_LOCK_TIMEOUT_MS": str(LOCK_TIMEOUT_MS),
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end_all()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, arguments, fault=None, program=None, **streams):
        environment = dict(self.environment)
        if fault:
            environment |= fault.environment(self.tools.shim, self.ledger)
        process = subprocess.Popen([program or self.tools.daybook, *map(str, arguments)], env=environment,
                                   cwd=self.directory, **streams)
        self.started.append(process)
        return process

    def end_all(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()

    def run(self, arguments, stdin="", fault=None):
        """One command to its end; its output goes through files, so that nothing of it can be lost."""
        with contextlib.ExitStack() as files:
            given, out, err = (files.enter_context(tempfile.TemporaryFile(dir=self.directory))
                               for _ in range(3))
            given.write(stdin.encode())
            given.seek(0)
            process = self.start(arguments, fault, stdin=given, stdout=out, stderr=err)
            hung = False
            try:
                process.wait(HANG_SECONDS)
            except subprocess.TimeoutExpired:
                hung = True
                process.kill()
                process.wait()
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode(errors="replace"))
        return Done(process.returncode, *texts, hung)

    def calls(self):
        """(name, path below the ledger, whether it went wrong) of each call that counted."""
        if not self.log.exists():
            return []
        rows = []
        for line in self.log.read_text(errors="replace").splitlines():
            _, name, path = line.split(" ", 2)
            fired = path.endswith(" fired")
            rows.append((name, path.removesuffix(" fired").removeprefix(str(self.ledger)), fired))
        return rows


class Tools:
    """The programs: the one under test, the shim, and the hand that uses the library (may be None)."""

    def __init__(self, daybook, shim, hand=None):
        self.daybook, self.shim, self.hand = daybook, shim, hand


class Caller:
    """Who appended {"i":0}, {"i":1}, ... to a stream of its own, and what it was told."""

    def __init__(self, stream):
        self.stream = stream
        self.sent = 0
        self.acks = []  # (seq, id), of i = 0, 1, ...

    def line(self, pad=""):
        text = json.dumps({"stream": self.stream, "type": "note", "data": {"i": self.sent, "pad": pad}})
        self.sent += 1
        return text + "\n"

    def take(self, text):
        """The acknowledgements in what a command printed; the error, if it ends with one."""
        for line in text.splitlines():
            with contextlib.suppress(ValueError):  # the last line of a killed process may be half
                row = json.loads(line)
                if "error" in row:
                    return row["error"]["message"]
                if "seq" in row and "id" in row:
                    self.acks.append((row["seq"], row["id"]))
        return ""


class Peer(threading.Thread):
    """Appends one line after the other until it is stopped."""

    def __init__(self, box, number, limit=PEER_LIMIT):
        super().__init__(daemon=True)
        self.limit = limit
        self.caller = Caller(f"peer/{number}")
        self.error = ""  # of the last line
        self.at_work = threading.Event()
        self.asked_to_stop = threading.Event()
        self.errors = box.directory / f"peer{number}.err"
        with open(self.errors, "wb") as errors:
            self.process = box.start(["append", "--jsonl", "--ledger", box.ledger],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)

    def run(self):
        with contextlib.suppress(OSError):
            while not self.asked_to_stop.is_set() and self.caller.sent < self.limit:
                self.process.stdin.write(self.caller.line(PEER_PAD).encode())
                self.process.stdin.flush()
                answer = self.process.stdout.readline().decode()
                if not answer:
                    break
                self.error = self.caller.take(answer)
                self.at_work.set()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.error += self.caller.take(self.process.stdout.read().decode(errors="replace"))
        self.at_work.set()

    def finish(self, may_fail=False):
        """Problems. A flush that failed may have lost what others wrote, too: then they may be told so."""
        self.asked_to_stop.set()
        self.join(HANG_SECONDS)
        try:
            code = self.process.wait(0.1 if self.is_alive() else HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return ["another process hangs"]
        finally:
            self.join()
            self.process.stdout.close()
        said = (self.error + self.errors.read_text(errors="replace")).strip().replace("\n", " | ")
        if code == 0 or (may_fail and code == 1 and FLUSH_FAILED.search(said)):
            return []
        return [f"another process, without a fault, failed: exit {code}: {said[:300]}"]


class Follower:
    """`stream --all --follow` in a process of its own; what it showed, in order."""

    def __init__(self, box):
        self.shown = box.directory / "followed"
        with open(self.shown, "wb") as out:
            self.process = box.start(["stream", "--all", "--follow", "--ledger", box.ledger],
                                     stdout=out, stderr=subprocess.DEVNULL)

    def rows(self):
        lines = self.shown.read_text(errors="replace").split("\n")[:-1]
        return [(row["event/seq"], row["event/ulid"]) for row in map(json.loads, lines)]

    def finish(self, last_seq):
        """What it showed, once it has shown the ledger's last event or has had long enough for it."""
        deadline = time.monotonic() + HANG_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            rows = self.rows()
            if rows and rows[-1][0] >= last_seq:
                break
            time.sleep(0.005)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.rows()
