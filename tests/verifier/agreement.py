# SPDX-License-Identifier: Apache-2.0
"""The engine and the verifier, side by side on ledgers the engine made: good, killed and spoilt."""

import json
import os
import shutil
import struct
import subprocess
import sys
import threading
import unittest

import layout
import writer
from support import HERE, TemporaryTest, feed, flip, generator, overlay, segment, small_ledger, swap, writable


class EngineTest(TemporaryTest):
    """The engine and this verifier, side by side, on ledgers the engine made."""

    @classmethod
    def setUpClass(cls):
        cls.binary = os.environ.get("DAYBOOK_BIN")
        if not cls.binary:
            raise unittest.SkipTest("no daybook binary: name it as the argument or in DAYBOOK_BIN")
        cls.environment = {name: value for name, value in os.environ.items()
                           if not name.startswith("DAYBOOK_")}
        cls.environment.update(DAYBOOK_SEGMENT_BYTES="65536", DAYBOOK_CHECKPOINT_EVENTS="50",
                               DAYBOOK_INLINE_BYTES="2000")

    def daybook(self, root, *arguments, **options):
        return subprocess.run([self.binary, *arguments], env={**self.environment, "DAYBOOK_DIR": str(root)},
                              text=True, capture_output=True, check=False, timeout=60, **options)

    def append(self, root, events):
        lines = "".join(json.dumps(event) + "\n" for event in events)
        done = self.daybook(root, "append", input=lines)
        self.assertEqual(done.returncode, 0, done.stderr)

    def engine(self, root):
        """The engine's report: ok, events, lost, erased, root; or only that it refuses the ledger."""
        done = self.daybook(root, "verify", "--json")
        self.assertIn(done.returncode, (0, 1, 3, 4, 5), done.stderr)
        if not done.stdout:
            self.assertNotEqual(done.returncode, 0)
            return {"ok": False, "refused": done.stderr.strip()}
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if report["ok"] else 3)
        return {**report, "root": report["head"]["root"]}

    def real_ledger(self, root):
        """Streams, causes, keys, tiers, blobs, several segments, one checkpoint for every process."""
        rng = generator()
        self.assertEqual(self.daybook(root, "init", root).returncode, 0)
        count = 0
        for process in range(5):
            events = []
            for _ in range(rng.randrange(60, 90)):
                event = {"stream": f"task/{rng.randrange(7)}", "type": rng.choice(["started", "note", "done"]),
                         "data": {"n": count, "text": "".join(rng.choices("abc é€ ", k=rng.randrange(900)))}}
                if count and rng.random() < 0.4:
                    event["causes"] = sorted({rng.randrange(1, count + 1) for _ in range(3)})
                if rng.random() < 0.3:
                    event["key"] = f"key {count}"
                if rng.random() < 0.05:
                    event["data"]["text"] = "blob %d " % rng.randrange(3) * 500
                if rng.random() < 0.2:
                    event.update(actor="person:ann", subject="subsystem:backup", correlation="c-1",
                                 tier=rng.choice(["metadata_only", "confidential"]))
                if rng.random() < 0.1:
                    del event["data"]
                events.append(event)
                count += 1
            self.append(root, events)
        return count

    def compare(self, root, what):
        """Both reports; they have to agree on everything that both can see."""
        ours = json.loads(subprocess.run([sys.executable, "-B", HERE / "verify.py", root, "--json"],
                                         text=True, capture_output=True, check=False).stdout or
                          '{"ok": false, "refused": true}')
        theirs = self.engine(root)
        keys = ["ok"] + (["events", "lost", "erased", "root"] if "events" in ours and "events" in theirs else [])
        mine, engine = ({key: report[key] for key in keys} for report in (ours, theirs))
        self.assertEqual(mine, engine, f"{what}: verify.py {summary(ours)}; daybook {summary(theirs)}")
        return ours, theirs


    def test_good(self):
        root = self.directory / "real"
        count = self.real_ledger(root)
        ours, theirs = self.compare(root, "as written")
        self.assertEqual([f for f in ours["findings"] if f["severity"] != "note"], [])
        self.assertEqual(ours["events"], count)
        self.assertGreater(ours["segments"], 2)
        self.assertGreater(len(list((root / "blobs").rglob("*.zst"))), 0)
        self.assertEqual((ours["segments"], ours["checkpoints"]), (theirs["segments"], theirs["checkpoints"]))

    def test_ledgers_of_the_other_writer(self):
        """What the page allows, the engine has to accept, although it would write it otherwise."""
        ledgers = {"empty": writer.Ledger(), "every feature": small_ledger()}
        ledgers["not flushed"] = writer.Ledger()
        ledgers["not flushed"].batch({}, {"stream": "b"})
        for what, ledger in ledgers.items():
            with self.subTest(what):
                self.assertTrue(self.compare(self.save(ledger, 4096), what)[0]["ok"])
        self.append(self.save(small_ledger(), 4096), [{"stream": "task/a", "type": "appended"}])
        ours, _ = self.compare(self.directory / "ledger", "continued by the engine")
        self.assertEqual((ours["ok"], ours["events"]), (True, 9))

    def test_erased(self):
        root = self.directory / "real"
        self.real_ledger(root)
        self.append(root, [{"stream": "daybook", "type": "daybook/erased", "data": {"seq": 7}}])
        for seq, good in ((7, True), (9, False)):
            path, record = self.find_record(root, seq)
            raw = bytearray(path.read_bytes())
            split = record.at + layout.RECORD_HEADER + len(record.body)
            raw[split:split + len(record.data)] = bytes(len(record.data))
            writable(path).write_bytes(raw)
            ours, _ = self.compare(root, f"data of event {seq} erased")
            self.assertEqual((ours["ok"], ours["erased"]), (good, 1 if good else 2))

    def find_record(self, root, seq):
        for path in sorted((root / "log").glob("*.seg")):
            for frame in layout.scan_frames(path.read_bytes()):
                for record in frame.records if frame.kind == layout.EVENTS else ():
                    event = layout.read_envelope(record.body)
                    if event.seq >= seq and event.form == 1:
                        return path, record
        raise AssertionError(f"no event {seq} with inline data")

    def test_killed(self):
        """A writer killed in the middle: both see the same events before anyone repairs."""
        root = self.directory / "real"
        self.daybook(root, "init", root)
        lines = "".join(json.dumps({"stream": f"s/{n % 5}", "type": "t", "data": n}) + "\n" for n in range(20_000))
        rng = generator()
        for _ in range(4):
            with subprocess.Popen([self.binary, "append", "--jsonl"], stdin=subprocess.PIPE, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env={**self.environment, "DAYBOOK_DIR": str(root)}) as process:
                feeder = threading.Thread(target=feed, args=(process.stdin, lines))
                feeder.start()
                for _ in range(rng.randrange(1, 300)):
                    process.stdout.readline()
                process.kill()
                feeder.join()
            ours, _ = self.compare(root, "after a kill")
            self.assertTrue(ours["ok"])

    def test_tampered(self):
        """Some sixty ways to damage a ledger, a seed decides where."""
        root, rng = self.directory / "real", generator()
        self.real_ledger(root)
        for what, change in self.modifications(root, rng):
            copy = self.directory / "copy"
            shutil.copytree(root, copy)
            change(copy)
            with self.subTest(what):
                ours, theirs = self.compare(copy, what)
            shutil.rmtree(copy)

    def modifications(self, root, rng):
        segments = sorted((root / "log").glob("*.seg"))
        firsts = [int(path.stem) for path in segments]
        used = {first: len(path.read_bytes().rstrip(b"\0")) for first, path in zip(firsts, segments)}

        def at(name, offset, mask):
            return (f"{name} at {offset} ^ {mask}", lambda copy: flip(copy / name, offset, mask))

        for _ in range(36):
            first = rng.choice(firsts)
            yield at(f"log/{first:020}.seg", rng.randrange(used[first]), rng.randrange(1, 256))
        for first in firsts[:-1]:                       # header, seal and trailer of a sealed one
            raw = segment(root, first).read_bytes()
            sealed, = struct.unpack("<Q", raw[-8:])
            for offset in (rng.randrange(64), rng.randrange(sealed, sealed + 160), len(raw) - rng.randrange(1, 17)):
                yield at(f"log/{first:020}.seg", offset, rng.randrange(1, 256))
        for offset in (used[firsts[-1]] - 1, used[firsts[-1]] + 8):     # the last byte, and one beyond
            yield at(f"log/{firsts[-1]:020}.seg", offset, 1)
        identity = (root / "LEDGER").read_bytes()
        for member in (b"format", b"ledger", b"hash", b"origin", b"key"):
            yield at("LEDGER", identity.index(b'"' + member + b'"') + len(member) + 7, 1)
        for _ in range(3):
            yield at("tail", rng.randrange(64), rng.randrange(1, 256))
        blob = sorted((root / "blobs").rglob("*.zst"))[0].relative_to(root)
        yield at(blob, 0, 1)
        yield f"{blob} removed", lambda copy: (copy / blob).unlink()
        yield "tail removed", lambda copy: (copy / "tail").unlink()
        for first in firsts:
            yield f"segment {first} removed", lambda copy, first=first: segment(copy, first).unlink()
            for size in (rng.randrange(4096), rng.randrange(4096, used[first])):
                yield (f"segment {first} cut to {size}",
                       lambda copy, first=first, size=size: os.truncate(writable(segment(copy, first)), size))
            start = rng.randrange(4096, used[first] - 600)
            yield (f"segment {first}, 600 bytes from {start} zeroed",
                   lambda copy, first=first, start=start: overlay(segment(copy, first), start, bytes(600)))
        one, two = (f"{first:020}.seg" for first in firsts[:2])
        yield "the first two segments swapped", lambda copy: swap(copy / "log" / one, copy / "log" / two)
        yield "bytes behind the log", lambda copy: overlay(segment(copy, firsts[-1]), used[firsts[-1]] + 64, b"junk")


def summary(report):
    if "findings" not in report:
        return str(report)
    return "; ".join(f"{f['severity']} {f['code']} {f['file']} at {f['offset']} {f['first']}..{f['last']}: "
                     f"{f['message']}" for f in report["findings"])
