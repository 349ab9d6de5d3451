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

from layout import (CHECKPOINT, EVENTS, HEADER_SIZE, Bad, Unreadable, check_zstd, parse_json,
                    read_checkpoint, read_envelope, read_header, read_identity, read_note,
                    read_record, read_seal, read_tail, require, scan_frames, sha256, ulid, zero)
from primitives import crc32c

MAX_GAP = 1 << 24       # where more events are missing, the rest of the log is not checked
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


def check_tiling(spans, size, what):
    """Things back to back: no gap, no overlap, nothing left; equal ones may share one place."""
    at = 0
    for start, length in sorted(set(spans)):
        require(start == at, f"the {what} do not stand back to back")
        at += length
    require(at == size, f"the {what} do not fill their section")


class Tally:
    """What the seal of a segment has to say (6.1), gathered from the segment's events."""

    def __init__(self, first):
        self.first = first
        self.whole = True       # every event of the segment was read
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

    def check(self, seal, earlier):
        """Recomputes the seal; `earlier`: the newest segment of each stream, None when unsure."""
        require(self.recorded, "a seal over no events")
        require(seal.summary == (self.last_id, self.recorded[0], self.recorded[-1],
                                 min(self.times), max(self.times)),
                "the seal's last id, recorded or times are wrong")
        require(seal.sections.keys() >= set(range(1, 7)), "a section is missing")
        offsets, streams, names, postings, keys, types = (seal.sections[k] for k in range(1, 7))
        require(offsets == b"".join(struct.pack("<3Qq16s", *entry) for entry in self.offsets),
                "section offsets is wrong")
        require(keys == b"".join(struct.pack("<QQ", *k) for k in sorted(self.keys)),
                "section keys is wrong")
        spans = self.check_types(types, names)
        spans += self.check_streams(streams, names, postings, earlier)
        check_tiling(spans, len(names), "names")

    def check_types(self, types, names):
        require(len(types) == 16 * len(self.types), "section types has a wrong length")
        spans = []
        for i, (name, count) in enumerate(self.types.items()):
            at, length, stated = struct.unpack_from("<IIQ", types, 16 * i)
            require(names[at:at + length] == name and stated == count, "section types is wrong")
            spans.append((at, length))
        return spans

    def check_streams(self, streams, names, postings, earlier):
        require(len(streams) == 64 * len(self.streams), "section streams has a wrong length")
        spans, posting_spans = [], []
        for i, name in enumerate(sorted(self.streams, key=lambda n: (hash64(n), n))):
            entry = streams[64 * i:64 * i + 64]
            at, posting, newest = struct.unpack_from("<8xI20xQ8xQ8x", entry)  # the free choices
            version, last_version, seqs = self.streams[name]
            packed = struct.pack(f"<{len(seqs)}I", *seqs)
            if earlier is not None:
                newest = earlier.get(name, 0)
            right = struct.pack("<QIIQQQIIQQ", hash64(name), at, len(name), version, len(seqs),
                                posting, crc32c(packed), 0, newest, last_version)
            require(entry == right and names[at:at + len(name)] == name,
                    "section streams is wrong")
            require(postings[posting:posting + len(packed)] == packed, "section postings is wrong")
            spans.append((at, len(name)))
            posting_spans.append((posting, len(packed)))
        check_tiling(posting_spans, len(postings), "postings")
        return spans


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
        self.doubt = False      # lost leaves since the tree was last confirmed (5.4)
        self.hole = None        # the damage just passed: missing events are put down to it
        self.tally = Tally(1)
        self.last_id, self.last_recorded = b"", -2**63
        self.ids, self.keys = set(), set()
        self.streams = {}       # name -> version of its last event, events lost until then
        self.newest = {}        # stream -> first seq of the newest segment that has it
        self.erased, self.erasers, self.blobs = {}, set(), {}

    def find(self, severity, code, offset, message, seq=0):
        finding = Finding(severity, code, self.file, offset, seq, seq, message)
        self.findings.append(finding)
        return finding

    def run(self):
        try:
            self.identity = read_identity((self.root / "LEDGER").read_bytes())
        except Bad as bad:
            self.find(DAMAGE, "ledger", 0, str(bad))
        firsts = sorted(int(path.name[:20]) for path in (self.root / "log").iterdir()
                        if re.fullmatch("[0-9]{20}[.]seg", path.name))
        tail = self.check_tail(firsts[-1] if firsts else 0)
        try:
            for first, following in zip(firsts, firsts[1:] + [None]):
                self.check_segment(first, following, tail)
            if tail:
                self.file = "tail"
                self.skip_to(tail.next, 32)                 # 6.3, last paragraph
        except Bad as bad:
            self.find(DAMAGE, "gap", 0, f"{bad}; the rest is not checked", self.next)
            self.erased = {}
        for seq, (self.file, offset) in self.erased.items():
            if str(seq) not in self.erasers and not self.lost:      # 4.3
                self.find(DAMAGE, "erased", offset, "erased without a daybook/erased event", seq)
        if self.blobs or self.unchecked:
            self.file = "blobs"
            self.find(NOTE, "not-checked", 0, f"not checked, for want of zstd: the content of "
                      f"{len(self.blobs)} blobs, the commitments of {self.unchecked} events")
        return {"ok": not any(f.severity == DAMAGE for f in self.findings), "events": self.events,
                "lost": self.lost, "erased": sum(str(seq) in self.erasers for seq in self.erased),
                "root": fold(self.tree.peaks).hex(), "size": self.tree.size,
                "checkpoints": self.checkpoints, "segments": self.segments,
                "findings": [dataclasses.asdict(f) for f in self.findings]}

    def check_tail(self, newest):
        """6.2: the hint, when it is valid; one for a segment that is gone tells what is missing."""
        self.file = "tail"
        try:
            tail = read_tail((self.root / "tail").read_bytes())
        except FileNotFoundError:
            return None
        if not tail:
            self.find(NOTE, "tail", 0, "not valid, ignored")
            return None
        if tail.flags & 1:
            self.find(NOTE, "tail", 12, "a flush has failed")
        if tail.segment > newest:       # it only ever says less than the truth
            self.find(DAMAGE, "segment", 16, "names a segment that is missing", tail.segment)
        return tail if tail.segment >= newest else None

    # Segments (3, 6)

    def check_segment(self, first, following, tail):
        self.file, self.segments = f"log/{first:020}.seg", self.segments + 1
        if first < self.next:
            self.find(DAMAGE, "segment", 0, f"begins before event {self.next}", first)
        self.skip_to(first, 0)
        self.tally = Tally(first)
        buf = (self.root / self.file).read_bytes()
        self.check_header(buf, first)
        frames = list(scan_frames(buf))
        boundary = len(buf)                                 # 6.2
        if following is None:
            hints = [tail.durable] if tail and tail.segment == first else []
            boundary = max(hints + [HEADER_SIZE] + [f.durable for f in frames])
        at = self.check_frames(buf, frames, boundary, following)
        if at < boundary:                                   # 6.3 rule 2, first case
            self.damage(buf, at, boundary, None)
            at = boundary
        if not zero(buf[at:]):                              # second case
            self.torn(buf, at)
        for stream in self.tally.streams:
            self.newest[stream] = first

    def check_header(self, buf, first):
        try:
            header = read_header(buf)
            require(not self.identity or ulid(header.ledger) == self.identity.ledger,
                    "the segment is of another ledger")
            require(header.first == first and header.size == first - 1,
                    "the header does not fit the file's name")
            require(len(header.peaks) == header.size.bit_count(), "a wrong number of peaks")
            require(self.doubt or header.peaks == self.tree.peaks,
                    "the peaks in the header are not those of the events before it")
        except Bad as bad:
            self.find(DAMAGE, "header", 0, str(bad), first)

    def check_frames(self, buf, frames, boundary, following):
        """6.3: from frame to frame; returns where the unreadable rest begins."""
        at, sealed = HEADER_SIZE, False
        for frame in frames:
            if frame.at > at >= boundary:
                return at
            if frame.at > at:
                self.damage(buf, at, frame.at, frame.seq)
            if frame.at >= boundary and any(r.erased for r in frame.records):
                return frame.at                             # 3.4, last paragraph
            if sealed:
                self.find(DAMAGE, "seal", frame.at, "a frame after the seal", frame.seq)
            self.check_frame(frame)
            at, sealed = frame.end, frame.kind not in (EVENTS, CHECKPOINT)
        if sealed and buf[at:] == b"DBSEAL01" + struct.pack("<Q", frames[-1].at):
            at = len(buf)
        elif following is not None:
            self.find(DAMAGE, "seal", at, "the segment does not end with a seal and its trailer")
        return at

    def torn(self, buf, at):
        size = len(buf.rstrip(b"\0")) - at
        self.find(WARNING, "torn-tail", at, f"{size} bytes that were never acknowledged", self.next)

    def damage(self, buf, start, end, following):
        """6.3: bytes start..end are no good frames. Good records among them are still events."""
        self.tally.whole = False
        self.hole = self.find(DAMAGE, "damage", start, f"{end - start} bytes are not good frames")
        at = start
        while 0 <= at < end:
            record = read_record(buf, at, min(end, len(buf))) if at % 8 == 0 else None
            try:
                seq = read_envelope(record.body).seq if record else 0
            except Bad:         # a control record
                seq = 0
            if seq >= self.next and (following is None or seq < following):
                self.skip_to(seq, at)
                self.check_event(record, 0)
            at = record.end if seq else buf.find(b"DBR1", at + 1, end)

    def skip_to(self, seq, offset):
        """5.4: the events before `seq` that were not read are lost; each has the lost leaf."""
        if seq <= self.next:
            return
        if not self.hole:
            self.hole = self.find(DAMAGE, "gap", offset, "events are missing")
        self.hole.first, self.hole.last = self.hole.first or self.next, seq - 1
        require(seq - self.next <= MAX_GAP, f"{seq - self.next} events missing in a row")
        for lost in range(self.next, seq):
            self.tree.append(sha256(b"\0daybook lost event", struct.pack("<Q", lost)))
        self.lost += seq - self.next
        self.next, self.doubt, self.tally.whole = seq, True, False

    def check_frame(self, frame):
        if not frame.clean:
            self.find(DAMAGE, "padding", frame.at, "bytes that should be zero are not", frame.seq)
        if frame.durable > frame.at:
            self.find(DAMAGE, "durable", frame.at, "claims as durable what follows it", frame.seq)
        if frame.seq < self.next:
            self.tally.whole = False
            wrong = f"seq {frame.seq} after {self.next - 1}"
            self.find(DAMAGE, "order", frame.at, wrong, frame.seq)
            return
        self.skip_to(frame.seq, frame.at)
        self.hole = None
        if frame.kind == EVENTS:
            for record in frame.records:
                self.check_event(record, frame.at)
            return
        code, check = (("checkpoint", self.check_checkpoint) if frame.kind == CHECKPOINT else
                       ("seal", self.check_seal))
        try:
            require(not frame.records[0].data, "a control record with data")
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

    def check_checkpoint(self, body):
        self.checkpoints += 1
        size, peaks, note = read_checkpoint(body)
        root = fold(peaks)
        if self.identity:
            require(read_note(note, self.identity) == (size, root),
                    "the note has another size or root than the peaks")
        self.settle(size, root, peaks)

    def check_seal(self, body):
        seal = read_seal(body)
        require(seal.first == self.tally.first, "the seal is of another segment")
        self.settle(seal.size, seal.root, seal.peaks)
        if self.tally.whole:
            self.tally.check(seal, None if self.lost else self.newest)

    # Events (4)

    def check_event(self, record, frame_at):
        seq, self.next, findings = self.next, self.next + 1, len(self.findings)
        self.tree.append(sha256(b"\0", record.body))        # 5.1
        if record.body[:1] > b"\1":
            self.tally.whole = False
            self.find(WARNING, "unsupported", record.at, "an envelope of a newer version", seq)
            return
        try:
            event = read_envelope(record.body)
        except Bad as bad:
            self.tally.whole = False
            self.find(DAMAGE, "envelope", record.at, str(bad), seq)
            return
        self.tally.add(event, record.at, frame_at)
        for wrong in self.order(event):
            self.find(DAMAGE, "order", record.at, wrong, seq)
        try:
            self.check_data(event, record)
        except Bad as bad:
            self.find(DAMAGE, "data", record.at, str(bad), seq)
        self.events += findings == len(self.findings)

    def order(self, event):
        """4.2: what is wrong. What lost events may explain is not held against those left."""
        version, lost_before = self.streams.get(event.stream, (0, 0))
        if event.id <= self.last_id:
            yield "the id does not increase"
        if event.recorded < self.last_recorded:
            yield "recorded decreases"
        if not version < event.version <= version + 1 + self.lost - lost_before:
            yield f"version {event.version} of its stream follows version {version}"
        if not self.lost and not self.ids.issuperset(event.causes):
            yield "a cause is not an earlier event"
        if event.key and (event.stream, event.key) in self.keys:
            yield "its stream has its key already"
        self.last_id, self.last_recorded = event.id, event.recorded
        self.streams[event.stream] = (event.version, self.lost)
        self.ids.add(event.id)
        self.keys.add((event.stream, event.key))

    def check_data(self, event, record):
        """4.3"""
        expected = (0, 16 + event.size, 16 + 40)[event.form]
        require(len(record.data) == expected, "the data block has a wrong length")
        payload = record.data[16:]
        if record.erased:
            self.erased[event.seq] = (self.file, record.at)
        elif event.form == 1:
            require(sha256(record.data) == event.commitment, "the commitment is not the data's")
            references = []
            data = parse_json(payload, references)
            if event.type == b"daybook/erased" and isinstance(data, dict):
                self.erasers.add(str(data.get("seq")))
            for digest, size in references:
                self.check_blob(digest, size)
        elif event.form == 2:
            self.unchecked += 1
            size, = struct.unpack_from("<Q", payload, 32)
            require(size == event.size, "the blob's length is not the event's")
            self.check_blob(payload[:32].hex(), size)

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
