# SPDX-License-Identifier: Apache-2.0
"""The engine and the verifier, side by side: on ledgers the engine made, good, killed and spoilt, and on
small spoilt ones of the other writer. Both have to agree on the verdict, on how many events are readable
and correct, on how many are erased, and on the tree."""

import json
import os
import shutil
import struct
import subprocess
import threading
import unittest

import layout
import writer
from support import (EngineCase, daybook, engine_binary, environment_of, feed, flip, generator, overlay,
                     segment, small_ledger, swap, worth_trying, writable)


SAMPLE = 400            # bytes changed in test_any_byte


class EngineTest(EngineCase):
    @classmethod
    def setUpClass(cls):
        if not engine_binary():
            raise unittest.SkipTest("no daybook binary: name it as the argument or in DAYBOOK_BIN")

    def append(self, root, events):
        lines = "".join(json.dumps(event) + "\n" for event in events)
        done = daybook(root, "append", input=lines)
        self.assertEqual(done.returncode, 0, done.stderr)

    def real_ledger(self, root):
        """Streams, causes, keys, tiers, blobs, several segments, one checkpoint for every process."""
        rng, count = generator(), 0
        self.assertEqual(daybook(root, "init", root).returncode, 0)
        for _ in range(5):
            events = []
            for _ in range(rng.randrange(60, 90)):
                events.append(random_event(rng, count))
                count += 1
            self.append(root, events)
        return count

    # On what the engine wrote

    def test_good(self):
        root = self.directory / "real"
        count = self.real_ledger(root)
        ours, theirs = self.compare(root, "as written")
        self.assertEqual([f for f in ours["findings"] if f["severity"] != "note"], [])
        self.assertEqual(ours["events"], count)
        self.assertGreater(ours["segments"], 2)
        self.assertGreater(len(list((root / "blobs").rglob("*.zst"))), 0)
        for name in ("segments", "checkpoints", "lost"):
            self.assertEqual(ours[name], theirs[name])

    def test_killed(self):
        """A writer killed in the middle: both see the same events before anyone repairs."""
        root, rng = self.directory / "real", generator()
        daybook(root, "init", root)
        lines = "".join(json.dumps({"stream": f"s/{n % 5}", "type": "t", "data": n}) + "\n"
                        for n in range(20_000))
        for _ in range(4):
            with subprocess.Popen([engine_binary(), "append", "--jsonl"], stdin=subprocess.PIPE,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env=environment_of(root)) as process:
                feeder = threading.Thread(target=feed, args=(process.stdin, lines))
                feeder.start()
                for _ in range(rng.randrange(1, 300)):
                    process.stdout.readline()
                process.kill()
                feeder.join()
            ours, _ = self.compare(root, "after a kill")
            self.assertTrue(ours["ok"])

    def test_erased(self):
        root = self.directory / "real"
        self.real_ledger(root)
        self.append(root, [{"stream": "daybook", "type": "daybook/erased", "data": {"seq": 7}}])
        for seq, good in ((7, True), (9, False)):
            path, record = self.find_record(root, seq)
            overlay(path, record.at + layout.RECORD_HEADER + len(record.body), bytes(len(record.data)))
            ours, _ = self.compare(root, f"data of event {seq} erased")
            self.assertEqual((ours["ok"], ours["erased"]), (good, 1))

    def find_record(self, root, seq):
        for path in sorted((root / "log").glob("*.seg")):
            for frame in layout.scan_frames(path.read_bytes()):
                for record in frame.records if frame.kind == layout.EVENTS else ():
                    event = layout.read_envelope(record.body)
                    if event.seq == seq and event.form == 1:
                        return path, record
        raise AssertionError(f"no event {seq} with inline data")

    def test_tampered(self):
        """Some eighty ways to spoil a ledger; a seed decides where."""
        root = self.directory / "real"
        self.real_ledger(root)
        for what, change in modifications(root, generator()):
            copy = self.directory / "copy"
            shutil.copytree(root, copy)
            change(copy)
            with self.subTest(what):
                self.compare(copy, what)
            shutil.rmtree(copy)

    # On what the other writer wrote

    def test_other_writer(self):
        """What the page allows, the engine has to accept, although it would write it otherwise."""
        unflushed = writer.Ledger()
        unflushed.batch({}, {"stream": "b"})
        for what, ledger in (("empty", writer.Ledger()), ("every feature", small_ledger()),
                             ("not flushed", unflushed)):
            with self.subTest(what):
                self.assertTrue(self.compare(self.save(ledger, 4096), what)[0]["ok"])
        root = self.save(small_ledger(), 4096)
        self.append(root, [{"stream": "task/a", "type": "appended"}])
        ours, _ = self.compare(root, "continued by the engine")
        self.assertEqual((ours["ok"], ours["events"]), (True, 9))

    def test_small_damage(self):
        """The smallest ledgers that show how a damage is to be read."""
        for what, make, spoil in SMALL_DAMAGES:
            with self.subTest(what):
                ledger = make()
                root = self.save(ledger)
                spoil(root, ledger)
                self.assertFalse(self.compare(root, what)[0]["ok"])

    def test_copies(self):
        """Copies made while somebody wrote: the hint was copied after the log."""
        for what, make, spoil in COPIES:
            with self.subTest(what):
                ledger = make()
                root = self.save(ledger)
                copied(spoil)(root, ledger)
                self.assertTrue(self.compare(root, what)[0]["ok"])

    def test_any_byte(self):
        """Bytes of a small ledger, wherever they are: all of what says most, a sample of the rest."""
        root, rng = self.save(small_ledger(), zeros=64), generator()
        places = [("LEDGER", offset) for offset in range((root / "LEDGER").stat().st_size)]
        for name in ("tail", segment(root).relative_to(root), segment(root, 6).relative_to(root)):
            offsets = worth_trying((root / name).read_bytes())
            places += [(name, offset) for offset in rng.sample(offsets, min(len(offsets), 120))]
        for name, offset in rng.sample(places, SAMPLE):
            mask = rng.randrange(1, 256)
            flip(root / name, offset, mask)
            with self.subTest(name=name, offset=offset, mask=mask):
                self.compare(root, f"{name} at {offset} ^ {mask}")
            flip(root / name, offset, mask)


def random_event(rng, count):
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
    return event


def modifications(root, rng):
    """(what, function that does it to a copy)"""
    firsts = sorted(int(path.stem) for path in (root / "log").glob("*.seg"))
    used = {first: len(segment(root, first).read_bytes().rstrip(b"\0")) for first in firsts}
    last = firsts[-1]

    def one_byte(name, offset, mask):
        return f"{name} at {offset} ^ {mask}", lambda copy: flip(copy / name, offset, mask)

    for _ in range(36):
        first = rng.choice(firsts)
        yield one_byte(f"log/{first:020}.seg", rng.randrange(used[first]), rng.randrange(1, 256))
    for first in firsts[:-1]:                           # header, seal and trailer of a sealed one
        raw = segment(root, first).read_bytes()
        seal, = struct.unpack("<Q", raw[-8:])
        for low, high in ((0, 64), (seal, seal + 160), (len(raw) - 16, len(raw))):
            yield one_byte(f"log/{first:020}.seg", rng.randrange(low, high), rng.randrange(1, 256))
    for offset in (used[last] - 1, used[last] + 8):     # the last byte, and one beyond
        yield one_byte(f"log/{last:020}.seg", offset, 1)
    identity = (root / "LEDGER").read_bytes()
    for member in (b"format", b"ledger", b"hash", b"origin", b"key"):
        yield one_byte("LEDGER", identity.index(b'"%s"' % member) + len(member) + 7, 1)
    for _ in range(3):
        yield one_byte("tail", rng.randrange(64), rng.randrange(1, 256))
    yield "tail removed", lambda copy: (copy / "tail").unlink()
    blob = sorted((root / "blobs").rglob("*.zst"))[0].relative_to(root)
    yield one_byte(blob, 0, 1)
    yield f"{blob} removed", lambda copy: (copy / blob).unlink()
    for first in firsts:
        yield f"segment {first} removed", lambda copy, first=first: segment(copy, first).unlink()
        for size in (rng.randrange(4096), rng.randrange(4096, used[first])):
            yield (f"segment {first} cut to {size}", lambda copy, first=first, size=size:
                   os.truncate(writable(segment(copy, first)), size))
        start = rng.randrange(4096, used[first] - 600)
        yield (f"segment {first}, 600 bytes from {start} zeroed", lambda copy, first=first, start=start:
               overlay(segment(copy, first), start, bytes(600)))
    yield ("the first two segments swapped",
           lambda copy: swap(segment(copy, firsts[0]), segment(copy, firsts[1])))
    yield ("bytes behind the log",
           lambda copy: overlay(segment(copy, last), used[last] + 64, b"junk"))


def two_batches():
    ledger = writer.Ledger()
    ledger.batch({})
    ledger.batch({})
    ledger.flush()
    return ledger


def batch_and_checkpoint():
    ledger = writer.Ledger()
    ledger.batch({}, {})
    ledger.checkpoint()
    ledger.flush()
    return ledger


def four_segments():
    """Events 1+2, 3+4, 5+6, and 7, which event 3 has caused."""
    ledger = writer.Ledger()
    for _ in range(3):
        ledger.batch({}, {"stream": "b"})
        ledger.flush()
        ledger.checkpoint()
        ledger.seal()
    ledger.batch({"causes": [ledger.ids[2]]})
    ledger.flush()
    return ledger


def spoil_event(seq):
    """One byte of the envelope of an event."""
    def spoil(root, ledger):
        index, at, _, _ = ledger.places[seq]
        flip(segment(root, ledger.segments[index][0]), at + 60)
    return spoil


def cut_at_event(seq):
    """Ends the last segment where the frame of this event begins."""
    return lambda root, ledger: os.truncate(segment(root), ledger.places[seq][1] - layout.FRAME_HEADER)


def remove(first):
    return lambda root, _: segment(root, first).unlink()


def cut_and_promise(extra):
    """The log cut off, and a tail that promises `extra` bytes beyond its end."""
    def spoil(root, ledger):
        os.truncate(segment(root), 4096)
        writer.write_tail(root / "tail", 1, 4096 + extra, 3)
    return spoil


def copied(spoil):
    """The same in a copy of the ledger: its hints stand in files of their own."""
    def spoil_copy(root, ledger):
        spoil(root, ledger)
        writer.write_tail(root / "tail", *ledger.tail, at_home=False)
    return spoil_copy


def both(*spoils):
    def spoil(root, ledger):
        for each in spoils:
            each(root, ledger)
    return spoil


def spoil_data(seq):
    """One byte of the data block of an event: it stays readable."""
    def spoil(root, ledger):
        index, at, body, data = ledger.places[seq]
        flip(segment(root, ledger.segments[index][0]), at + 20 + body + data - 1)
    return spoil


def spoil_trailer(first):
    return lambda root, _: flip(segment(root, first), segment(root, first).stat().st_size - 12)


def spoil_seal(first):
    """One byte in the middle of the seal's body."""
    return lambda root, _: flip(segment(root, first), segment(root, first).stat().st_size - 2000)


def rename(first, to):
    return lambda root, _: segment(root, first).rename(segment(root, to))


def of_another(first, at):
    """A header that says, under a right checksum, that the segment is of another ledger."""
    def spoil(root, ledger):
        raw = bytearray(segment(root, first).read_bytes())
        raw[at] ^= 1
        raw[8:12] = struct.pack("<I", writer.crc32c(bytes(raw[12:4096])))
        segment(root, first).write_bytes(raw)
    return spoil


def ends_sealed():
    ledger = four_segments()
    ledger.seal()
    ledger.segments.pop()
    return ledger


COPIES = (
    ("a copy of all of it", two_batches, lambda root, ledger: None),
    ("a copy without the last frame", two_batches, cut_at_event(2)),
    ("a copy without any frame", two_batches, cut_at_event(1)),
    ("a copy without the last segment", four_segments, remove(7)),
    ("a copy without the last two segments", four_segments, both(remove(7), remove(5))),
)

SMALL_DAMAGES = (
    ("an acknowledged frame cut off", two_batches, cut_at_event(2)),
    ("an acknowledged frame cut off in a copy, its header left", two_batches,
     copied(lambda root, ledger: os.truncate(segment(root), ledger.places[2][1]))),
    ("the last event of a copy spoilt", two_batches, copied(spoil_event(2))),
    ("an acknowledged frame cut off, its header left", two_batches,
     lambda root, ledger: os.truncate(segment(root), ledger.places[2][1])),
    ("all acknowledged frames cut off", two_batches, cut_at_event(1)),
    ("the last segment cut within its header", two_batches,
     lambda root, _: os.truncate(segment(root), 100)),
    ("the last event lost", two_batches, spoil_event(2)),
    ("the event before a checkpoint lost", batch_and_checkpoint, spoil_event(2)),
    ("an event lost that has effects in a later segment", four_segments, spoil_event(3)),
    ("data spoilt", two_batches, spoil_data(1)),
    ("data of the last event spoilt", two_batches, spoil_data(2)),
    ("data spoilt in a sealed segment", four_segments, spoil_data(3)),
    ("data of two events of one frame spoilt", four_segments, both(spoil_data(3), spoil_data(4))),
    ("an event spoilt, and data in the same frame", four_segments, both(spoil_event(3), spoil_data(4))),
    ("the event before a seal lost", four_segments, spoil_event(6)),
    ("a tail far beyond the end", two_batches, cut_and_promise(200 << 20)),
    ("a tail beyond the end", two_batches, cut_and_promise(8000)),
    ("a trailer spoilt", four_segments, spoil_trailer(3)),
    ("a seal spoilt", four_segments, spoil_seal(3)),
    ("the seal of the last segment spoilt", ends_sealed, spoil_seal(7)),
    ("the last segment removed, the seal before it spoilt", four_segments,
     both(remove(7), spoil_seal(5))),
    ("the last segment removed, the trailer before it spoilt", four_segments,
     both(remove(7), spoil_trailer(5))),
    ("the last two segments removed", four_segments, both(remove(7), remove(5))),
    ("all but the last segment removed", four_segments, both(remove(1), both(remove(3), remove(5)))),
    ("all but the last segment removed, whose header is spoilt", four_segments,
     both(both(remove(1), remove(3)), both(remove(5), lambda root, _: flip(segment(root, 7), 40)))),
    ("the headers of the first and the last segment spoilt", four_segments,
     both(lambda root, _: flip(segment(root, 1), 40), lambda root, _: flip(segment(root, 7), 40))),
    ("a segment under the name of a later one", four_segments, rename(7, 9)),
    ("a segment under a name far away", four_segments, rename(7, 1 << 40)),
    ("a segment in the middle under a name far away", four_segments, rename(3, 1 << 40)),
    ("a segment under the name of an event before it", four_segments, rename(5, 4)),
    ("a header with another id", four_segments, of_another(3, 16)),
    ("a header with another time of creation", four_segments, of_another(1, 40)),
    ("a header with another key", four_segments, of_another(3, 64)),
    ("a header with another origin", four_segments, of_another(1, 96)),
    ("no segments", two_batches, remove(1)),
    ("the first segment removed", four_segments, remove(1)),
    ("a segment removed from the middle", four_segments, remove(3)),
    ("the last segment removed", four_segments, remove(7)),
    ("two sealed segments swapped", four_segments,
     lambda root, _: swap(segment(root, 1), segment(root, 3))),
    ("the last two segments swapped", four_segments,
     lambda root, _: swap(segment(root, 5), segment(root, 7))),
)
