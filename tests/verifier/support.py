# SPDX-License-Identifier: Apache-2.0
"""What the tests of the verifier share: a directory, a ledger with everything in it, and tools to
spoil files."""

import os
import random
import shutil
import tempfile
import unittest
from pathlib import Path

import verify
import writer

HERE = Path(__file__).resolve().parent
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
