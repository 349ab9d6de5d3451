# SPDX-License-Identifier: Apache-2.0
"""What the tests of the verifier share: a directory, a ledger with everything in it, and tools to
spoil files."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import layout
import verify
import writer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import apart  # noqa: E402 (found only now)

SEED = int(os.environ.get("DAYBOOK_SEED", "20261120"))


def generator():
    return random.Random(SEED)


def check(root):
    return verify.Verifier(root).run()


def codes(report, severity="damage"):
    return sorted({f["code"] for f in report["findings"] if f["severity"] == severity})


def segment(root, first=1):
    return Path(root) / "log" / f"{first:020}.seg"


class TemporaryTest(unittest.TestCase):
    def setUp(self):
        shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        directory = tempfile.TemporaryDirectory(prefix="daybook-verifier-", dir=shared)
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def save(self, ledger, zeros=0):
        root = self.directory / "ledger"
        shutil.rmtree(root, ignore_errors=True)
        return ledger.save(root, zeros)


# Where the engine and the verifier have to agree.
COMPARED = ("ok", "events", "lost", "erased", "size", "root")


def verdict(root):
    """What the verifier says, in this process: its checksums are remembered from case to case."""
    try:
        return check(root)
    except (layout.Unreadable, OSError) as error:
        return {"ok": False, "refused": str(error)}


def engine_binary():
    return os.environ.get("DAYBOOK_BIN")


def environment_of(root):
    home = Path(root).parent / "home"
    return {**apart.environment(home), "DAYBOOK_DIR": str(root), "DAYBOOK_SEGMENT_BYTES": "65536",
            "DAYBOOK_REMEMBER": "off", "DAYBOOK_CHECKPOINT_EVENTS": "50",
            "DAYBOOK_INLINE_BYTES": "2000"}


def daybook(root, *arguments, **options):
    return subprocess.run([engine_binary(), *arguments], env=environment_of(root), text=True,
                          capture_output=True, check=False, timeout=60, **options)


def summary(report):
    if "refused" in report:
        return f"refuses it: {report['refused']}"
    return "; ".join(f"{f['severity']} {f['code']} {f['file']} at {f['offset']} "
                     f"({f['first']}..{f['last']}) {f['message']}" for f in report["findings"])


def may_refuse(root, report):
    """3.1: without the header of the last segment, a program that cannot do without may give up."""
    last = max(path.name for path in (root / "log").glob("*.seg")) if "findings" in report else ""
    return any(f["file"] == f"log/{last}" and f["code"] in ("header", "jump")
               for f in report.get("findings", ()))


class EngineCase(TemporaryTest):
    """A test that asks the engine, too."""

    def engine(self, root):
        """What the engine says."""
        done = daybook(root, "verify", "--json")
        report = json.loads(done.stdout)
        if "error" in report:
            self.assertNotEqual(done.returncode, 0)
            return {"ok": False, "refused": report["error"]["message"]}
        self.assertEqual(done.returncode, 0 if report["ok"] else 3)
        return {**report, **report["head"]}

    def compare(self, root, what):
        ours, theirs = verdict(root), self.engine(root)
        if "refused" in theirs and may_refuse(root, ours):
            theirs = ours
        mine, engine = ({"refused": "refused" in report, **{key: report.get(key) for key in COMPARED}}
                        for report in (ours, theirs))
        self.assertEqual(mine, engine,
                         f"{what}\nverify.py: {summary(ours)}\ndaybook: {summary(theirs)}")
        return ours, theirs

    def check(self, root):
        """What the verifier says, once the engine has said the same."""
        return self.compare(root, "")[0] if engine_binary() else check(root)


def small_ledger():
    """Every feature once: five sealed events, three in the open segment."""
    ledger = writer.Ledger()
    ledger.batch({"key": "once"}, {"stream": "task/b", "type": "started", "actor": "agent/1"})
    ledger.batch({"form": 0, "causes": [ledger.ids[0]]})
    ledger.checkpoint()
    ledger.batch({"form": 2, "data": '"in a blob"'})
    ledger.batch({"data": '{"text":"\\u00e9 is an e with an accent"}', "subject": "é", "key": "two"})
    ledger.flush()
    ledger.seal()
    ledger.flush()
    ledger.batch({"causes": ledger.ids[1:3]})
    ledger.batch({"type": "daybook/erased", "stream": "daybook", "data": '{"seq":5}'},
                 {"stream": "task/b"})
    ledger.erase(5)
    ledger.checkpoint()
    ledger.flush()
    return ledger


def worth_trying(data):
    """All offsets; in the wide zero space of headers and seals, which one checksum covers, every
    eighth, unless DAYBOOK_EVERY_BYTE is set."""
    wide = set()
    if not os.environ.get("DAYBOOK_EVERY_BYTE"):
        for run in re.finditer(rb"\0{256,}", data):
            wide.update(offset for offset in range(*run.span()) if offset % 8)
    return [offset for offset in range(len(data)) if offset not in wide]


def writable(path):
    path.chmod(0o600)
    return path


def overlay(path, offset, data):
    raw = bytearray(path.read_bytes())
    raw[offset:offset + len(data)] = data
    writable(path).write_bytes(raw)


def flip(path, offset, mask=0xFF):
    overlay(path, offset, bytes([path.read_bytes()[offset] ^ mask]))


def swap(one, two):
    first, second = one.read_bytes(), two.read_bytes()
    writable(one).write_bytes(second)
    writable(two).write_bytes(first)


def feed(pipe, text):
    try:
        pipe.write(text)
        pipe.close()
    except BrokenPipeError:
        pass                # it was killed, as it was meant to be
