# SPDX-License-Identifier: Apache-2.0
"""A minimal writer of Daybook ledgers for the verifier's tests, from docs/format.md alone.

It makes small ledgers in memory, byte for byte reproducible, and shares nothing with the verifier:
its CRC, its tree and its Ed25519 are the slow definitions of the standards, so that the two check
each other.
"""

import base64
import hashlib
import json
import struct
from functools import lru_cache
from pathlib import Path

LEDGER_ID = bytes.fromhex("0193400000000000000000000000beef")
SEED = bytes(range(32))
START = 1_760_000_000_000_000       # microseconds: 2025-10-09T08:53:20Z


@lru_cache(maxsize=None)
def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def sha256(data):
    return hashlib.sha256(data).digest()


def padded(data):
    return data + bytes(-len(data) % 8)


# Ed25519 signing: RFC 8032 in affine coordinates.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE = (15112221349535400772501151409588531511454012693041857206046113283949847762202,
        46316835694926478169428394003475163141307993866256225615783033603165251855960)


def add(p, q):
    cross = D * p[0] * q[0] * p[1] * q[1]
    x = (p[0] * q[1] + q[0] * p[1]) * pow(1 + cross, -1, P) % P
    y = (p[1] * q[1] + p[0] * q[0]) * pow(1 - cross, -1, P) % P
    return x, y


def times(n, point):
    result = (0, 1)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return (result[1] | (result[0] & 1) << 255).to_bytes(32, "little")


def secret(seed):
    digest = bytearray(hashlib.sha512(seed).digest())
    digest[0] &= 248
    digest[31] = digest[31] & 63 | 64
    return int.from_bytes(digest[:32], "little"), bytes(digest[32:])


@lru_cache(maxsize=None)
def public_key(seed):
    return times(secret(seed)[0], BASE)


@lru_cache(maxsize=None)
def sign(seed, message):
    scalar, prefix = secret(seed)
    nonce = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % ORDER
    r, key = times(nonce, BASE), public_key(seed)
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % ORDER
    return r + ((nonce + k * scalar) % ORDER).to_bytes(32, "little")


def tree_hash(leaves):
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"")
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\1" + tree_hash(leaves[:k]) + tree_hash(leaves[k:]))


def peaks_of(leaves):
    peaks, at = [], 0
    for bit in reversed(range(64)):
        if len(leaves) >> bit & 1:
            peaks.append(tree_hash(leaves[at:at + (1 << bit)]))
            at += 1 << bit
    return peaks


def xxh64(data):
    """The checksum of a zstd frame; only inputs below 32 bytes are needed here."""
    assert len(data) < 32
    mask = 2**64 - 1
    p1, p2, p3, p4, p5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9,
                          0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)

    def rotate(x, n):
        return (x << n | x >> (64 - n)) & mask

    h, at = (p5 + len(data)) & mask, 0
    while at + 8 <= len(data):
        lane = int.from_bytes(data[at:at + 8], "little") * p2 & mask
        h = (rotate(h ^ rotate(lane, 31) * p1 & mask, 27) * p1 + p4) & mask
        at += 8
    if at + 4 <= len(data):
        lane = int.from_bytes(data[at:at + 4], "little")
        h, at = (rotate(h ^ lane * p1 & mask, 23) * p2 + p3) & mask, at + 4
    for byte in data[at:]:
        h = rotate(h ^ byte * p5 & mask, 11) * p1 & mask
    h = (h ^ h >> 33) * p2 & mask
    h = (h ^ h >> 29) * p3 & mask
    return h ^ h >> 32


def zstd(data):
    """One frame with content size and checksum, of one raw block."""
    block = (len(data) << 3 | 1).to_bytes(3, "little") + data
    check = struct.pack("<I", xxh64(data) & 0xFFFFFFFF)
    return b"\x28\xb5\x2f\xfd\x24" + bytes([len(data)]) + block + check


def ulid_text(data):
    digits, value, text = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", int.from_bytes(data, "big"), ""
    for _ in range(26):
        value, text = value >> 5, digits[value & 31] + text
    return text


def make_record(body, data=b""):
    lengths = struct.pack("<3I", len(body), len(data), crc32c(data))
    return padded(b"DBR1" + struct.pack("<I", crc32c(lengths + body)) + lengths + body + data)


def make_frame(kind, records, seq, durable):
    body = b"".join(records)
    head = struct.pack("<B3xIIIQQ", kind, len(body), len(records), 0, seq, durable)
    return b"DBF1" + struct.pack("<I", crc32c(head)) + head + body


def envelope(seq, version, event_id, fields, commitment, size):
    """4.1, of the members of a Ledger.batch() event."""
    names = [fields.get(name, default).encode() for name, default in (
        ("stream", "task/a"), ("type", "note"), ("source", "host/test"), ("actor", ""),
        ("subject", ""), ("correlation", ""), ("key", ""))]
    causes = fields.get("causes", [])
    time = fields.get("time", START + 1000 * seq)
    return struct.pack(
        "<4B7H6xQQqq16s32sQ", 1, fields.get("tier", 1), fields.get("form", 1), len(causes),
        *map(len, names), seq, version, time, fields.get("recorded", START + 1000 * seq), event_id,
        commitment, size) + b"".join(causes) + b"".join(names)


class Ledger:
    """batch(), checkpoint(), seal(), flush() in any order; then save()."""

    def __init__(self):
        self.origin = "daybook.local/" + ulid_text(LEDGER_ID).lower()
        public = b"\1" + public_key(SEED)
        self.public, self.key_id = public[1:], sha256(self.origin.encode() + b"\n" + public)[:4]
        self.identity = {
            "format": 1, "ledger": ulid_text(LEDGER_ID), "created": "2025-10-09T08:53:20Z",
            "hash": "sha-256", "signature": "ed25519", "origin": self.origin,
            "key": f"{self.origin}+{self.key_id.hex()}+{base64.b64encode(public).decode()}"}
        self.segments, self.blobs, self.leaves = [], {}, []
        self.signed = 0                 # leaves under the newest checkpoint
        self.ids, self.versions, self.newest = [], {}, {}
        self.durable, self.tail = 4096, None
        self.places = {}        # seq -> (segment, offset of its record, E, D)
        self.begin()

    @property
    def next(self):
        return len(self.leaves) + 1

    def begin(self):
        """3.1"""
        peaks = peaks_of(self.leaves)
        body = struct.pack("<I16sQqQII", 1, LEDGER_ID, self.next, START, self.next - 1,
                           len(peaks), len(self.origin))
        body += self.public + b"".join(peaks) + self.origin.encode()
        body += bytes(4096 - 12 - len(body))
        head = b"DAYBOOK1" + struct.pack("<I", crc32c(body)) + body
        self.segments.append((self.next, bytearray(head)))
        self.durable = 4096
        self.offsets, self.streams, self.types, self.keys, self.times = b"", {}, {}, [], []

    def batch(self, *events):
        """Appends events, each a dict of envelope members; `data` is the JSON text."""
        first, log = self.segments[-1]
        at, seq, records = len(log), self.next, []
        offset = at + 40
        for fields in events:
            body, data = self.make_event(fields)
            records.append(make_record(body, data))
            self.places[self.next - 1] = (len(self.segments) - 1, offset, len(body), len(data))
            newest = struct.unpack_from("<QQ", self.offsets[-48:])[1] if self.offsets else -16384
            if offset - newest >= 16384:
                self.offsets += struct.pack("<QQQ", self.next - 1, offset, at) + body[48:72]
            offset += len(records[-1])
        log += make_frame(1, records, seq, self.durable)
        return seq

    def make_event(self, fields):
        seq, stream = self.next, fields.get("stream", "task/a")
        event_id = struct.pack(">Q", 0x0193400000000000 + seq)[:8] + sha256(b"id%d" % seq)[:8]
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        salt, data = sha256(b"salt%d" % seq)[:16], fields.get("data", '{"n":%d}' % seq).encode()
        form = fields.get("form", 1)
        payload = {0: b"", 1: data, 2: sha256(data) + struct.pack("<Q", len(data))}[form]
        if form == 2:
            self.blobs[sha256(data).hex()] = zstd(data)
        commitment = sha256(salt + data) if form else bytes(32)
        body = envelope(seq, fields.get("version", version), fields.get("id", event_id), fields,
                        commitment, len(data) if form else 0)
        first = self.segments[-1][0]
        self.streams.setdefault(stream, []).append((seq - first, version))
        self.types[fields.get("type", "note")] = self.types.get(fields.get("type", "note"), 0) + 1
        if "key" in fields:
            self.keys.append((sha256(f"{stream}\0{fields['key']}".encode())[:8], seq))
        self.times.append(struct.unpack_from("<qq", body, 40))
        self.ids.append(event_id)
        self.leaves.append(sha256(b"\0" + body))
        return body, salt + payload if form else b""

    def checkpoint(self, extension=""):
        """6.1, 7; the extension is a line with its newline"""
        log, peaks, root = self.segments[-1][1], peaks_of(self.leaves), tree_hash(self.leaves)
        text = f"{self.origin}\n{len(self.leaves)}\n{base64.b64encode(root).decode()}\n{extension}".encode()
        signature = base64.b64encode(self.key_id + sign(SEED, text)).decode()
        note = text + f"\n\u2014 {self.origin} {signature}\n".encode()
        body = struct.pack("<IIQ", len(peaks), 0, len(self.leaves)) + b"".join(peaks) + note
        log += make_frame(2, [make_record(body)], self.next, self.durable)
        self.signed = len(self.leaves)

    def sections(self):
        first = self.segments[-1][0]
        names, places, streams, postings = b"", {}, b"", b""
        ordered = sorted((int.from_bytes(sha256(n.encode())[:8], "little"), n) for n in self.streams)
        for name in [*(n for _, n in ordered), *self.types]:
            places[name] = struct.pack("<II", len(names), len(name.encode()))
            names += name.encode()
        for digest, name in ordered:
            events = self.streams[name]
            posting = b"".join(struct.pack("<I", seq) for seq, _ in events)
            streams += struct.pack("<Q", digest) + places[name] + struct.pack(
                "<QQQIIQQ", events[0][1], len(events), len(postings), crc32c(posting), 0,
                self.newest.get(name, 0), events[-1][1])
            postings += posting
            self.newest[name] = first
        keys = sorted((int.from_bytes(digest, "little"), seq) for digest, seq in self.keys)
        return [self.offsets, streams, names,
                postings, b"".join(struct.pack("<QQ", *k) for k in keys),
                b"".join(places[n] + struct.pack("<Q", c) for n, c in self.types.items())]

    def seal(self, signed=True):
        """6.1: ends the segment and begins the next; signed, as 7.1 asks for, unless told not to."""
        if signed and self.signed < len(self.leaves):
            self.checkpoint()
        first, log = self.segments[-1]
        directory, rest = b"", b""
        for kind, section in enumerate(self.sections(), 1):
            directory += struct.pack("<IIQQ", kind, crc32c(section), 4096 + len(rest), len(section))
            rest += padded(section)
        peaks, recorded = peaks_of(self.leaves), [r for _, r in self.times]
        page = struct.pack("<IQQ32s16sqqqqII", 6, first, len(self.leaves), tree_hash(self.leaves),
                           self.ids[-1], recorded[0], recorded[-1], min(t for t, _ in self.times),
                           max(t for t, _ in self.times), len(peaks), 0)
        page += (directory + bytes(192 - len(directory)) + b"".join(peaks)).ljust(4092 - 108, b"\0")
        at = len(log)
        body = struct.pack("<I", crc32c(page)) + page + rest
        log += make_frame(3, [make_record(body)], self.next, self.durable)
        log += b"DBSEAL01" + struct.pack("<Q", at)
        self.begin()

    def flush(self):
        """6.2: what was written until now is durable."""
        first, log = self.segments[-1]
        self.durable = len(log)
        self.tail = (first, self.durable, self.next)

    def erase(self, seq):
        """4.3: the zeros only; the daybook/erased event is the caller's."""
        segment, at, body, data = self.places[seq]
        log = self.segments[segment][1]
        log[at + 20 + body:at + 20 + body + data] = bytes(data)

    def save(self, root, zeros=0):
        root = Path(root)
        (root / "log").mkdir(parents=True)
        (root / "keys").mkdir()
        (root / "keys" / "checkpoint.key").write_text(SEED.hex() + "\n")
        (root / "keys" / "checkpoint.key").chmod(0o600)
        (root / "LEDGER").write_text(json.dumps(self.identity) + "\n")
        (root / "lock").touch()
        for first, log in self.segments:
            space = zeros if first == self.segments[-1][0] else 0
            (root / "log" / f"{first:020}.seg").write_bytes(log + bytes(space))
        for digest, content in self.blobs.items():
            (root / "blobs" / digest[:2]).mkdir(parents=True, exist_ok=True)
            (root / "blobs" / digest[:2] / f"{digest}.zst").write_bytes(content)
        if self.tail:
            write_tail(root / "tail", *self.tail)
        return root


def write_tail(path, segment, durable, following, at_home=True):
    """6.2: a hint, in the file it is of or in a copy of that."""
    path.touch()
    inode = path.stat().st_ino if at_home else path.stat().st_ino + 1
    rest = struct.pack("<IQQQQ16x", 0, segment, durable, following, inode)
    path.write_bytes(b"DBTAIL01" + struct.pack("<I", crc32c(rest)) + rest)
