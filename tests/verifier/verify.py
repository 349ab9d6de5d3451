#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second, independent verifier of Daybook ledgers.

    verify.py LEDGER_DIR [--json]      exit 0: good, 3: damage, 1: cannot read

Written from docs/format.md alone, with the standard library alone, to be read beside that page: the
numbers in comments are its sections. It shares no line with the engine, so where both agree it is
the page that says what they do. It never writes. The one thing it cannot do is decompress zstd;
what depends on that is reported as not checked.

primitives.py has the algorithms, layout.py the shapes; the rules that hold between them are here.
"""

import argparse
import dataclasses
import json
import re
import struct
import sys
from pathlib import Path

from layout import (CHECKPOINT, EVENTS, HEADER_SIZE, SEAL, Bad, Unreadable, check_zstd, parse_json,
                    is_envelope, plain, read_checkpoint, read_envelope, read_header, read_identity,
                    read_note, read_record, read_seal, read_tail, read_trailer, require, scan_frames,
                    sha256, ulid, zero)
from primitives import crc32c

MAX_JUMP = 1 << 24      # 6.3: a seq that leaves out more is not believed
MAX_AHEAD = 128 << 20   # 6.2: nor is a tail this far beyond the end of its file
MAX_UNSIGNED = 1_000_000            # 7.1: events without a checkpoint,
MAX_WAIT, MAX_LATE = 600_000_000, 16    # and moments later than that many microseconds
ACCEPTS = "daybook.dev/accepts-unsigned"
DAMAGE, WARNING, NOTE = "damage", "warning", "note"


class Tree:
    """5.2: the right edge of the tree."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def append(self, leaf):
        size = self.size
        while size & 1:     # each low one bit is a peak as large as what was merged so far
            leaf, size = sha256(b"\1", self.peaks.pop(), leaf), size >> 1
        self.peaks.append(leaf)
        self.size += 1


def fold(peaks):
    """5.2: the root of the tree with these peaks."""
    root = peaks[-1] if peaks else sha256()
    for peak in reversed(peaks[:-1]):
        root = sha256(b"\1", peak, root)
    return root


def hash64(data):
    return int.from_bytes(sha256(data)[:8], "little")


class Tally:
    """What the seal of a segment has to say (6.1), gathered from the segment's events."""

    def __init__(self, first):
        self.first = first
        self.offsets, self.keys, self.types, self.streams = [], [], {}, {}
        self.recorded, self.times, self.last_id = [], [], bytes(16)

    def add(self, event, at, frame_at):
        if not self.offsets or at >= self.offsets[-1][1] + 16384:
            self.offsets.append((event.seq, at, frame_at, event.recorded, event.id))
        if event.key:
            self.keys.append((hash64(event.stream + b"\0" + event.key), event.seq))
        self.types[event.type] = self.types.get(event.type, 0) + 1
        first_version, _, seqs = self.streams.get(event.stream, (event.version, 0, []))
        seqs.append(event.seq - self.first)
        self.streams[event.stream] = (first_version, event.version, seqs)
        self.recorded.append(event.recorded)
        self.times.append(event.time)
        self.last_id = event.id

    def tables(self, earlier):
        """The six sections; `earlier`: the newest earlier segment of each stream."""
        offsets = b"".join(struct.pack("<3Qq16s", *entry) for entry in self.offsets)
        keys = b"".join(struct.pack("<QQ", *key) for key in sorted(self.keys))
        streams, names, postings, types = b"", b"", b"", b""
        for name in sorted(self.streams, key=lambda n: (hash64(n), n)):
            version, last_version, seqs = self.streams[name]
            posting = struct.pack(f"<{len(seqs)}I", *seqs)
            streams += struct.pack("<QIIQQQIIQQ", hash64(name), len(names), len(name), version,
                                   len(seqs), len(postings), crc32c(posting), 0,
                                   earlier.get(name, 0), last_version)
            names, postings = names + name, postings + posting
        for name, count in self.types.items():
            types += struct.pack("<IIQ", len(names), len(name), count)
            names += name
        return [offsets, streams, names, postings, keys, types]

    def check(self, seal, earlier):
        """Makes the seal again, byte for byte but for its checksums and peaks, which are known good."""
        require(self.recorded, "a seal over no events")
        require(seal.summary == (self.last_id, self.recorded[0], self.recorded[-1],
                                 min(self.times), max(self.times)),
                "the seal's last id, recorded or times are wrong")
        at = HEADER_SIZE
        for kind, section in enumerate(self.tables(earlier), 1):
            require(seal.places[kind - 1] == (at, len(section)), f"section {kind} has a wrong place")
            padded = section + bytes(-len(section) % 8)
            require(seal.body[at:at + len(padded)] == padded, f"section {kind} is wrong")
            at += len(padded)
        require(at == len(seal.body), "something follows the last section of the seal")


class Unsigned:
    """7.1: the events since the last checkpoint of a segment."""

    def __init__(self):
        self.first = self.last = self.count = self.begun = 0
        self.late = set()

    def add(self, event):
        if not self.count:
            self.first, self.begun = event.seq, event.recorded
        self.count, self.last = self.count + 1, event.seq
        if event.recorded - self.begun > MAX_WAIT:
            self.late.add(event.recorded)

    def too_long(self):
        return self.count > MAX_UNSIGNED or len(self.late) > MAX_LATE


@dataclasses.dataclass
class Finding:
    severity: str
    code: str
    file: str
    offset: int
    first: int              # events concerned; 0 when none or unknown
    last: int
    message: str


class Verifier:
    def __init__(self, root):
        self.root = Path(root)
        self.file, self.findings, self.identity = "LEDGER", [], None
        self.tree, self.next = Tree(), 1
        self.events = 0         # readable and correct
        self.lost = self.checkpoints = self.segments = self.unchecked = 0
        self.unread = 0         # events whose envelopes cannot be read, of a newer version perhaps
        self.doubt = False      # lost leaves since the tree was last confirmed (5.4)
        self.hole = None        # the damage just passed: missing events are put down to it
        self.tally, self.unsigned = Tally(1), Unsigned()
        self.runs, self.accepted = [], 0    # 7.1: runs that are too long; those accepted
        self.last_id, self.last_recorded = b"", -2**63
        self.ids, self.keys = set(), set()
        self.following = None   # first seq of the next segment
        self.wrong = set()      # events that were read and are not correct
        self.deferred = []      # findings that lost events would explain (4.3)
        self.streams = {}       # name -> version of its last event
        self.newest = {}        # stream -> first seq of the newest segment that has it
        self.erased, self.erasers, self.blobs = {}, set(), {}

    def find(self, severity, code, offset, message, seq=0):
        finding = Finding(severity, code, self.file, offset, seq, seq, message)
        self.findings.append(finding)
        return finding

    def run(self):
        try:
            self.identity = read_identity((self.root / "LEDGER").read_bytes())
        except Bad as bad:                                  # 2
            raise Unreadable(f"LEDGER: {bad}") from bad
        names = (path.name for path in (self.root / "log").iterdir())
        firsts = sorted(int(name[:20]) for name in names if re.fullmatch("[0-9]{20}[.]seg", name))
        firsts = [first for first in firsts if 0 < first < 1 << 64]
        if not firsts:                                      # 3
            raise Unreadable("there are no segments")
        tail = self.check_tail(firsts[-1])
        for first, self.following in zip(firsts, firsts[1:] + [None]):
            self.segments += 1
            self.file = f"log/{first:020}.seg"
            if not self.skip_to(first, 0):
                break
            self.check_segment(first, tail)
        if tail and tail.segment > firsts[-1]:
            self.file = "tail"
            self.skip_to(tail.next, 32)                     # 6.2
        self.judge_references()
        for run in self.runs:                               # 7.1
            run.severity = NOTE if run.last <= self.accepted else DAMAGE
        self.findings += self.runs
        self.events -= len(self.wrong)
        if self.blobs or self.unchecked:
            self.file = "blobs"
            self.find(NOTE, "not-checked", 0, f"not checked, for want of zstd: the content of "
                      f"{len(self.blobs)} blobs, the commitments of {self.unchecked} events")
        return {"ok": not any(f.severity == DAMAGE for f in self.findings), "events": self.events,
                "lost": self.lost, "erased": len(self.erased.keys() & self.erasers),
                "root": fold(self.tree.peaks).hex(), "size": self.tree.size,
                "checkpoints": self.checkpoints, "segments": self.segments,
                "findings": [dataclasses.asdict(f) for f in self.findings]}

    def judge_references(self):
        """4.3: versions, causes and erasures, when all events are there to be referred to."""
        if self.lost or self.unread:
            return
        self.findings += self.deferred
        self.wrong.update(finding.first for finding in self.deferred)
        for seq, (self.file, offset) in self.erased.items():
            if seq not in self.erasers:
                self.find(DAMAGE, "erased", offset, "erased without a daybook/erased event", seq)

    def check_tail(self, newest):
        """6.2: the hint, when it is valid; one for a segment that is gone tells what is missing."""
        self.file = "tail"
        try:
            tail = read_tail((self.root / "tail").read_bytes())
            self.at_home = tail and tail.inode == (self.root / "tail").stat().st_ino
        except FileNotFoundError:
            return None
        if not tail:
            self.find(NOTE, "tail", 0, "not valid, ignored")
            return None
        if tail.flags & 1:
            self.find(NOTE, "tail", 12, "a flush has failed")
        if tail.segment > newest and not self.at_home:
            return self.ahead()
        if tail.segment > newest:       # it only ever says less than the truth
            self.find(DAMAGE, "segment", 16, "names a segment that is missing", tail.segment)
        elif tail.segment == newest:
            size = (self.root / f"log/{newest:020}.seg").stat().st_size
            if tail.durable > size + MAX_AHEAD and not self.at_home:
                return self.ahead()
            if tail.durable > size + MAX_AHEAD:
                self.find(DAMAGE, "tail", 24, "promises what lies far beyond the end of the segment")
                return None
        return tail if tail.segment >= newest else None

    def ahead(self):
        """6.2: a hint that came with a copy, and the log ends before the place it names."""
        self.file = "tail"
        self.find(NOTE, "ahead", 24, "names a place behind the end of the log, as in a copy")

    # Segments (3, 6)

    def check_segment(self, first, tail):
        self.hole, self.tally, self.unsigned = None, Tally(first), Unsigned()
        buf = (self.root / self.file).read_bytes()
        self.check_header(buf, first)
        frames = list(scan_frames(buf))
        boundary = len(buf)
        if self.following is None:                          # 6.2
            hints = [len(buf) - 16] if read_trailer(buf) else []
            boundary = max(hints + [HEADER_SIZE] + [f.durable for f in frames])
            end = self.log_end(frames, boundary)
            if tail and tail.segment == first and tail.durable > end:
                if self.at_home or not zero(buf[end:]):
                    boundary = max(boundary, tail.durable)
                else:
                    tail = self.ahead()
                    self.file = f"log/{first:020}.seg"
        at, sealed = self.check_frames(buf, frames, boundary)
        self.end_run(sealed)
        if sealed:
            self.check_trailer(buf, at, frames)
        else:
            if at < boundary:                               # 6.3 rule 2, first case
                self.damage(buf, at, boundary)
                at = boundary
            if not zero(buf[at:]):                          # second case
                self.torn(buf, at)
            if self.following is not None:
                self.find(DAMAGE, "seal", at, "the segment does not end with a seal")
        if tail and tail.segment == first and tail.durable >= at:
            self.skip_to(tail.next, at)                     # 6.3, last paragraph
        for stream in self.tally.streams:
            self.newest[stream] = first

    def check_trailer(self, buf, at, frames):
        """6.1: at the end of a sealed segment; of the last one it may still have to be written."""
        seal = next(f.at for f in frames if f.end == at)
        if buf[at:] != b"DBSEAL01" + struct.pack("<Q", seal):
            unfinished = self.following is None and not read_trailer(buf)
            self.find(NOTE if unfinished else DAMAGE, "seal", at,
                      "the segment does not end with the trailer of its seal")

    def check_header(self, buf, first):
        try:
            header = read_header(buf)
            require(not self.identity or ulid(header.ledger) == self.identity.ledger,
                    "the segment is of another ledger")
            require(not self.identity
                    or (header.origin, header.key) == (self.identity.origin, self.identity.key),
                    "origin or key are not those in LEDGER")
            require(not self.identity or first > 1 or header.made == self.identity.created,
                    "the first segment was not made when LEDGER says")
            require(header.first == first and header.size == first - 1,
                    "the header does not fit the file's name")
            require(len(header.peaks) == header.size.bit_count(), "a wrong number of peaks")
            require(self.doubt or header.peaks == self.tree.peaks,
                    "the peaks in the header are not those of the events before it")
            self.tree.peaks, self.doubt = list(header.peaks), False     # 5.4
        except Bad as bad:
            self.find(DAMAGE, "header", 0, str(bad), first)

    def log_end(self, frames, boundary):
        """6.3: where the log would end if nothing behind the boundary had been promised."""
        at = HEADER_SIZE
        for frame in frames:
            if frame.at > at >= boundary:
                break
            if frame.at >= boundary and any(r.erased for r in frame.records):
                break
            at = frame.end
            if frame.kind == SEAL:
                break
        return max(at, boundary)

    def check_frames(self, buf, frames, boundary):
        """6.3: from frame to frame; returns where the readable part ends, and whether in a seal."""
        at = HEADER_SIZE
        for frame in frames:
            if frame.at > at >= boundary:
                break
            if frame.at > at:
                self.damage(buf, at, frame.at)
                at = frame.at
            if frame.at >= boundary and any(r.erased for r in frame.records):
                break                                       # 3.4, last paragraph
            self.check_frame(frame)
            at = frame.end
            if frame.kind == SEAL:
                return at, True
        return at, False

    def torn(self, buf, at):
        size = len(buf.rstrip(b"\0")) - at
        self.find(WARNING, "torn-tail", at, f"{size} bytes that were never acknowledged", self.next)

    def damage(self, buf, start, end):
        """6.3: bytes start..end are no good frames. Readable records among them are still events."""
        self.unsigned = Unsigned()      # a checkpoint may have stood here
        self.hole = self.find(DAMAGE, "damage", start, f"{end - start} bytes are not good frames")
        at = start
        while 0 <= at < end:
            record = read_record(buf, at, min(end, len(buf))) if at % 8 == 0 else None
            if record and is_envelope(record.body):
                self.take(record, start)
            at = record.end if record else buf.find(b"DBR1", at + 1, end)

    def skip_to(self, seq, offset):
        """5.4: the events before `seq` that were not read are lost; each has the lost leaf. False
        when that is not to be believed (6.3)."""
        if seq <= self.next:
            return True
        if seq - self.next > MAX_JUMP:
            self.find(DAMAGE, "jump", offset, f"event {seq} cannot follow {self.next - 1}", seq)
            return False
        if not self.hole:
            self.hole = self.find(DAMAGE, "gap", offset, "events are missing")
        self.hole.first, self.hole.last = self.hole.first or self.next, seq - 1
        for lost in range(self.next, seq):
            self.tree.append(sha256(b"\0daybook lost event", struct.pack("<Q", lost)))
        self.lost += seq - self.next
        self.next, self.doubt = seq, True
        return True

    def take(self, record, frame_at):
        """The next event; one that does not belong here is ignored (3)."""
        seq, = struct.unpack_from("<Q", record.body, 24)
        if seq < self.next or self.following is not None and seq >= self.following:
            self.find(DAMAGE, "order", record.at, f"event {seq} does not belong here", seq)
        elif self.skip_to(seq, record.at):
            self.check_event(record, frame_at)

    def check_frame(self, frame):
        if not frame.clean:
            self.find(DAMAGE, "padding", frame.at, "padding that is not zero")
        if frame.durable > frame.at:
            self.find(DAMAGE, "durable", frame.at, "claims as durable what follows it")
        if frame.kind == EVENTS:
            for record in frame.records:
                self.take(record, frame.at)
                self.hole = None
            return
        if self.following is None or frame.seq <= self.following:
            self.skip_to(frame.seq, frame.at)
        if frame.seq != self.next:
            self.find(DAMAGE, "order", frame.at, f"belongs before event {frame.seq}, not {self.next}")
            return
        self.hole = None
        code, check = (("checkpoint", self.check_checkpoint) if frame.kind == CHECKPOINT else
                       ("seal", self.check_seal))
        try:
            check(frame.records[0].body)
        except Bad as bad:
            self.find(DAMAGE, code, frame.at, str(bad), frame.seq)

    # Control records (6.1)

    def settle(self, size, root, peaks):
        """Compares the tree with a recorded one, or adopts that one after lost leaves (5.4)."""
        require(size == self.tree.size, f"its size is {size} after event {self.tree.size}")
        require(len(peaks) == size.bit_count(), "a wrong number of peaks")
        require(fold(peaks) == root, "the peaks do not fold to the root")
        require(self.doubt or peaks == self.tree.peaks, "the root is not that of the events")
        self.tree.peaks, self.doubt = list(peaks), False

    def end_run(self, sealed):
        """7.1: at a checkpoint, at a seal, which has to have one before it, and at the end."""
        run, self.unsigned = self.unsigned, Unsigned()
        if run.too_long() or sealed and run.count:
            self.runs.append(Finding(DAMAGE, "unsigned", self.file, 0, run.first, run.last,
                                     "no checkpoint where one has to be"))

    def check_checkpoint(self, body):
        self.checkpoints += 1
        self.end_run(False)
        size, peaks, note = read_checkpoint(body)
        root = fold(peaks)
        if self.identity:
            *head, extensions = read_note(note, self.identity)
            require(head == [size, root], "the note has another size or root than the peaks")
        self.settle(size, root, peaks)
        if self.identity and ACCEPTS in extensions:
            self.accepted = size

    def check_seal(self, body):
        seal = read_seal(body)
        require(seal.first == self.tally.first, "the seal is of another segment")
        self.settle(seal.size, seal.root, seal.peaks)
        if not self.lost and not self.unread:
            self.tally.check(seal, self.newest)

    # Events (4)

    def check_event(self, record, frame_at):
        seq, self.next, findings = self.next, self.next + 1, len(self.findings)
        self.tree.append(sha256(b"\0", record.body))        # 5.1
        try:
            event = read_envelope(record.body)
        except Unreadable as newer:
            self.unread += 1
            self.find(WARNING, "unsupported", record.at, str(newer), seq)
            return
        except Bad as bad:
            self.unread += 1
            self.find(DAMAGE, "envelope", record.at, str(bad), seq)
            return
        self.events += 1
        self.tally.add(event, record.at, frame_at)
        self.unsigned.add(event)
        for wrong in self.order(event, record.at):
            self.find(DAMAGE, "order", record.at, wrong, seq)
        try:
            erases = self.check_data(event, record)
        except Bad as bad:
            self.find(DAMAGE, "data", record.at, str(bad), seq)
        if findings < len(self.findings):
            self.wrong.add(seq)
        elif erases is not None:
            self.erasers.add(erases)

    def defer(self, offset, message, seq):
        self.deferred.append(Finding(DAMAGE, "order", self.file, offset, seq, seq, message))

    def order(self, event, offset):
        """4.2: what is wrong. What lost events may explain is told only when none is lost."""
        version = self.streams.get(event.stream, 0)
        if not all(plain(name) for name in event.names):
            yield "a name is not plain UTF-8"
        if event.id <= self.last_id:
            yield "the id does not increase"
        if event.recorded < self.last_recorded:
            yield "recorded decreases"
        follows = f"version {event.version} of its stream follows version {version}"
        if event.version <= version:
            yield follows
        elif event.version > version + 1:
            self.defer(offset, follows, event.seq)
        if not self.ids.issuperset(event.causes):
            self.defer(offset, "a cause is not an earlier event", event.seq)
        if event.key and (event.stream, event.key) in self.keys:
            yield "its stream has its key already"
        self.last_id, self.last_recorded = event.id, event.recorded
        self.streams[event.stream] = event.version
        self.ids.add(event.id)
        self.keys.add((event.stream, event.key))

    def check_data(self, event, record):
        """4.3; returns the seq of the event whose data this one says was erased."""
        expected = (0, 16 + event.size, 16 + 40)[event.form]
        require(len(record.data) == expected, "the data block has a wrong length")
        require(not record.rotten, "the checksum of the data does not hold")
        payload = record.data[16:]
        if record.erased:
            self.erased[event.seq] = (self.file, record.at)
        elif event.form == 1:
            require(sha256(record.data) == event.commitment, "the commitment is not the data's")
            references = []
            data = parse_json(payload, references)
            for digest in references:
                self.check_blob(digest, None)
            seq = data.get("seq") if isinstance(data, dict) else None
            return seq if event.type == b"daybook/erased" and type(seq) is int else None
        elif event.form == 2:
            self.unchecked += 1
            size, = struct.unpack_from("<Q", payload, 32)
            require(size == event.size, "the blob's length is not the event's")
            self.check_blob(payload[:32].hex(), size)
        return None

    def check_blob(self, digest, size):
        """8: each blob is looked at once."""
        if (digest, size) not in self.blobs:
            self.blobs[digest, size] = None
            try:
                check_zstd(self.root / "blobs" / digest[:2] / f"{digest}.zst", size)
            except Bad as bad:
                self.blobs[digest, size] = bad
        require(not self.blobs[digest, size], f"blob {digest} {self.blobs[digest, size]}")


def main():
    parser = argparse.ArgumentParser(description="Checks a Daybook ledger.")
    parser.add_argument("ledger", metavar="LEDGER_DIR")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    options = parser.parse_args()
    sys.setrecursionlimit(4000)             # JSON may be nested deeper than Python's default,
    sys.set_int_max_str_digits(0)           # and its numbers may be longer
    try:
        report = Verifier(options.ledger).run()
    except (Unreadable, OSError) as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(report))
        return 0 if report["ok"] else 3
    for f in report["findings"]:
        events = f", events {f['first']}..{f['last']}" if f["first"] else ""
        place = f"{f['file']} at {f['offset']}{events}"
        print(f"{f['severity']} [{f['code']}]: {place}: {f['message']}")
    counts = ", ".join(f"{report[name]} {name}"
                       for name in ("events", "lost", "erased", "segments", "checkpoints"))
    print(f"{'good' if report['ok'] else 'DAMAGED'}: {counts}, root {report['root']}")
    return 0 if report["ok"] else 3


if __name__ == "__main__":
    sys.exit(main())
