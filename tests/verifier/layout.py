# SPDX-License-Identifier: Apache-2.0
"""The shapes of docs/format.md: what bytes mean, without looking at their neighbours.

Numbers in comments are sections of that page. A reader returns None where the page says "not good",
and raises Bad where something good in itself does not have the form the page gives it.
"""

import base64
import datetime
import hashlib
import json
import re
import struct
from typing import NamedTuple

from primitives import crc32c, ed25519_verify

HEADER_SIZE = 4096              # 3.1, and the first page of a seal (6.1)
FRAME_HEADER, RECORD_HEADER = 40, 20
EVENTS, CHECKPOINT, SEAL = 1, 2, 3
MAX_BODY, MAX_RECORDS, MAX_PEAKS = 128 << 20, 65536, 64
MAX_EXTENSIONS = 16     # 7
ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Bad(Exception):
    """Something that was read is not as the page says."""


class Unreadable(Exception):
    """There is nothing to verify, or it is of a format this program does not know."""


def require(condition, message):
    if not condition:
        raise Bad(message)


def align(offset):
    return (offset + 7) & ~7


def zero(data):
    return not data.strip(b"\0")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def ulid(data):
    value = int.from_bytes(data, "big")
    return "".join(ULID_DIGITS[value >> shift & 31] for shift in range(125, -1, -5))


def base64_decode(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Bad(f"bad base64: {error}") from error
    require(base64.b64encode(data).decode() == text, "bad base64: not the canonical form")
    return data


def parse_json(raw, references):
    """The value of a JSON text; the blobs it names (8) go to `references`."""
    def see(members):
        name = members.get("$blob")
        if isinstance(name, str) and re.fullmatch("sha256:[0-9a-f]{64}", name):
            references.append(name[7:])
        return members

    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads(raw.decode(), object_hook=see, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Bad(f"not JSON: {error}") from error


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Identity(NamedTuple):
    ledger: str
    created: int            # microseconds
    origin: str
    key_id: bytes
    key: bytes


def read_identity(raw):
    """2: the file LEDGER."""
    members = parse_json(raw, [])
    require(isinstance(members, dict), "not a JSON object")
    version = members.get("format")
    require(type(version) is int and version >= 1, "format is not 1")
    if version > 1:
        raise Unreadable(f"ledger format {version}; this program knows format 1")
    for name in ("ledger", "created", "hash", "signature", "origin", "key"):
        require(isinstance(members.get(name), str), f"member {name} is missing or not text")
    require(re.fullmatch(f"[0-7][{ULID_DIGITS}]{{25}}", members["ledger"]), "ledger is no ULID")
    require(members["hash"] == "sha-256", "hash is not sha-256")
    require(members["signature"] == "ed25519", "signature is not ed25519")
    shape = r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}([.][0-9]{1,9})?Z"
    require(re.fullmatch(shape, members["created"]), "created is not RFC 3339 in UTC")
    try:
        created = datetime.datetime.fromisoformat(members["created"])
    except ValueError as error:
        raise Bad("created is not RFC 3339") from error
    require(created.utcoffset() == datetime.timedelta(0), "created is not UTC")
    origin, key = members["origin"], members["key"]
    require(key.startswith(origin + "+"), "key does not start with the origin")
    key_id, _, encoded = key[len(origin) + 1:].partition("+")
    public = base64_decode(encoded)
    require(len(public) == 33 and public[0] == 1, "key is not an Ed25519 key in note form")
    computed = sha256(origin.encode(), b"\n", public)[:4]
    require(key_id == computed.hex(), "the key id does not fit the key and the origin")
    return Identity(members["ledger"], (created - EPOCH) // datetime.timedelta(microseconds=1), origin,
                    computed, public[1:])


def split_peaks(data, count):
    require(len(data) == 32 * count, "peaks are cut short")
    return [data[32 * i:32 * i + 32] for i in range(count)]


class Header(NamedTuple):
    ledger: bytes
    origin: str
    key: bytes
    first: int
    made: int
    size: int
    peaks: list


def read_header(buf):
    """3.1"""
    require(len(buf) >= HEADER_SIZE, "the header is cut short")
    magic, crc, version, ledger, first, made, size, count, length, key = struct.unpack_from(
        "<8sII16sQqQII32s", buf)
    require(magic == b"DAYBOOK1", "not a segment")
    require(crc32c(buf[12:HEADER_SIZE]) == crc, "the header's checksum does not hold")
    if version > 1:
        raise Unreadable(f"segment format {version}; this program knows format 1")
    require(version == 1 and count <= MAX_PEAKS, "a header field is out of range")
    if length == 0:
        raise Unreadable("a segment without origin and key, of a development version")
    require(length <= 256, "the origin is too long")
    at = 96 + 32 * count
    require(zero(buf[at + length:HEADER_SIZE]), "the rest of the header is not zero")
    origin = buf[at:at + length]
    require(plain(origin) and not re.search(r"[\s+]", origin.decode()), "the origin is not a key's name")
    return Header(ledger, origin.decode(), key, first, made, size, split_peaks(buf[96:at], count))


class Record(NamedTuple):
    at: int
    end: int                # aligned
    body: bytes             # the envelope, or a control body
    data: bytes
    erased: bool
    rotten: bool            # its data fails its checksum: readable, but not good
    clean: bool             # its padding is zero


def read_record(buf, at, limit):
    """3.3, 3.4: the readable record at `at`, or None."""
    if at + RECORD_HEADER > limit or buf[at:at + 4] != b"DBR1":
        return None
    crc, body_size, data_size, data_crc = struct.unpack_from("<4I", buf, at + 4)
    split = at + RECORD_HEADER + body_size
    end = split + data_size
    if end > limit or crc32c(buf[at + 8:split]) != crc:
        return None
    data = buf[split:end]
    erased = data_size > 0 and zero(data)
    return Record(at, align(end), buf[at + RECORD_HEADER:split], data, erased,
                  data_size > 0 and not erased and crc32c(data) != data_crc, zero(buf[end:align(end)]))


class Frame(NamedTuple):
    at: int
    end: int
    kind: int
    seq: int
    durable: int
    records: list
    clean: bool             # its padding is zero


def read_frame(buf, at):
    """3.2, 3.4: the good frame at `at`, or None. Erased data counts as good here."""
    if at + FRAME_HEADER > len(buf) or buf[at:at + 4] != b"DBF1":
        return None
    crc, kind, zero1, length, count, zero2, seq, durable = struct.unpack_from(
        "<IB3s3I2Q", buf, at + 4)
    end = at + FRAME_HEADER + length
    if crc32c(buf[at + 8:at + FRAME_HEADER]) != crc or kind not in (EVENTS, CHECKPOINT, SEAL):
        return None
    if length % 8 or length > MAX_BODY or end > len(buf):
        return None
    if not 1 <= count <= (MAX_RECORDS if kind == EVENTS else 1) or not zero(zero1) or zero2:
        return None
    records, offset = [], at + FRAME_HEADER
    for i in range(count):
        record = read_record(buf, offset, end)
        if not record or record.rotten:
            return None
        if not _has_seq(record.body, seq + i) if kind == EVENTS else record.data:
            return None
        records.append(record)
        offset = record.end
    clean = all(r.clean for r in records)
    return Frame(at, end, kind, seq, durable, records, clean) if offset == end else None


def _has_seq(envelope, seq):
    """4.1: what envelopes of all versions have in common."""
    return len(envelope) >= ENVELOPE.size and envelope[24:32] == seq.to_bytes(8, "little")


def scan_frames(buf):
    """All good frames of a segment: after anything else, on to the next one (6.3)."""
    at = HEADER_SIZE
    while at >= 0:
        frame = read_frame(buf, at) if at % 8 == 0 else None
        if frame:
            yield frame
        at = frame.end if frame else buf.find(b"DBF1", at + 1)


ENVELOPE = struct.Struct("<4B7H6s2Q2q16s32sQ")      # 112 bytes
NAMES = (("stream", 1, 256), ("type", 1, 128), ("source", 1, 256), ("actor", 0, 256),
         ("subject", 0, 256), ("correlation", 0, 256), ("key", 0, 256))


def plain(name):
    """4.2"""
    try:
        return not any(c < " " or c == "\x7f" for c in name.decode())
    except UnicodeDecodeError:
        return False


class Event(NamedTuple):
    form: int
    seq: int
    version: int
    time: int
    recorded: int
    id: bytes
    commitment: bytes
    size: int
    causes: list
    stream: bytes
    type: bytes
    key: bytes
    names: list


def read_envelope(data):
    """4.1, field by field."""
    require(len(data) >= ENVELOPE.size, "the envelope is too short")
    if data[0] != 1:
        raise Unreadable(f"envelope version {data[0]}; this program knows version 1")
    (_, tier, form, causes, *lengths, zeros, seq, version, time, recorded, event_id,
     commitment, size) = ENVELOPE.unpack_from(data)
    require(tier <= 2 and form <= 2 and causes <= 64, "an envelope field is out of range")
    require(zero(zeros), "a zero field of the envelope is not zero")
    require(form or zero(commitment) and size == 0, "a commitment or a length without data")
    at = ENVELOPE.size + 16 * causes
    require(len(data) == at + sum(lengths), "the envelope does not end with the key")
    cause_ids = [data[i:i + 16] for i in range(ENVELOPE.size, at, 16)]
    names = {}
    for (name, least, most), length in zip(NAMES, lengths):
        require(least <= length <= most, f"the length of {name} is out of range")
        names[name], at = data[at:at + length], at + length
    return Event(form, seq, version, time, recorded, event_id, commitment, size, cause_ids,
                 names["stream"], names["type"], names["key"], list(names.values()))


def is_envelope(data):
    """6.3: whether a record found on its own holds an event of a known version."""
    try:
        return bool(read_envelope(data))
    except (Bad, Unreadable):
        return False


def read_note(text, identity):
    """7: size, root and extension lines of a checkpoint which the ledger's key has signed."""
    body, blank, signatures = text.partition(b"\n\n")
    lines = body.decode(errors="replace").split("\n")
    require(blank and 3 <= len(lines) <= 3 + MAX_EXTENSIONS and all(lines),
            "the note is not origin, size, root, extensions, empty line, signatures")
    require(lines[0] == identity.origin, "the note has another origin")
    require(re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]), "the size in the note is not a number")
    require(signatures.endswith(b"\n"), "the note does not end with a newline")
    signed = False
    for line in signatures.decode(errors="replace")[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^ ]+) ([^ ]+)", line)
        require(match, "a signature line has a wrong form")
        signature = base64_decode(match[2])
        require(len(signature) > 4, "a signature line without a signature")
        if match[1] == identity.origin and signature[:4] == identity.key_id:
            require(ed25519_verify(identity.key, body + b"\n", signature[4:]),
                    "the signature does not hold")
            signed = True
    require(signed, "the note is not signed by the ledger's key")
    return int(lines[1]), base64_decode(lines[2]), tuple(lines[3:])


class Checkpoint(NamedTuple):
    size: int
    peaks: list
    note: bytes


def read_checkpoint(body):
    """6.1"""
    require(len(body) >= 16, "the checkpoint is too short")
    count, zeros, size = struct.unpack_from("<IIQ", body)
    require(zeros == 0 and count <= MAX_PEAKS, "a field of the checkpoint is out of range")
    end = 16 + 32 * count
    return Checkpoint(size, split_peaks(body[16:end], count), body[end:])


class Seal(NamedTuple):
    first: int
    size: int
    root: bytes
    summary: tuple          # last id, first and last recorded, smallest and largest time
    peaks: list
    places: list            # (offset, length) of the six sections
    body: bytes


def read_seal(body):
    """6.1"""
    require(len(body) >= HEADER_SIZE, "the seal is too short")
    crc, count, first, size, root, *summary, peaks, zeros = struct.unpack_from(
        "<IIQQ32s16s4q2I", body)
    require(crc32c(body[4:HEADER_SIZE]) == crc, "the seal's checksum does not hold")
    require(count == 6 and peaks <= MAX_PEAKS and zeros == 0, "a field of the seal is out of range")
    end = 304 + 32 * peaks
    require(zero(body[end:HEADER_SIZE]) and zero(body[112 + 24 * count:304]),
            "unused space in the seal is not zero")
    places = []
    for i in range(count):
        kind, section_crc, at, length = struct.unpack_from("<IIQQ", body, 112 + 24 * i)
        require(kind == i + 1 and at + length <= len(body), f"section {i + 1} has a wrong place")
        require(crc32c(body[at:at + length]) == section_crc,
                f"the checksum of section {kind} does not hold")
        places.append((at, length))
    return Seal(first, size, root, tuple(summary), split_peaks(body[304:end], peaks), places, body)


def read_trailer(buf):
    """6.1: the offset of the seal's frame when the file ends in a trailer that points to one, or None."""
    at, = struct.unpack("<Q", buf[-8:]) if buf[-16:-8] == b"DBSEAL01" else (None,)
    if at is None or at % 8 or at + FRAME_HEADER + RECORD_HEADER > len(buf):
        return None
    marker, crc, kind, zero1, length, count, zero2 = struct.unpack_from("<4sIB3s3I", buf, at)
    good = (marker == b"DBF1" and crc32c(buf[at + 8:at + FRAME_HEADER]) == crc and kind == SEAL
            and zero(zero1) and not zero2 and count == 1 and at + FRAME_HEADER + length <= len(buf))
    return at if good else None


class Tail(NamedTuple):
    flags: int
    segment: int
    durable: int
    next: int
    inode: int


def read_tail(raw):
    """6.2: the hint, or None when it is not valid."""
    if len(raw) < 64:
        return None
    magic, crc, *fields = struct.unpack_from("<8s2I4Q", raw)
    return Tail(*fields) if magic == b"DBTAIL01" and crc == crc32c(raw[12:64]) else None


def check_zstd(path, size):
    """8: as much of a blob as can be seen without decompressing it."""
    try:
        with path.open("rb") as file:
            head = file.read(18)
    except OSError as error:
        raise Bad(f"cannot be read: {error.strerror}") from error
    require(head[:4] == b"\x28\xb5\x2f\xfd" and len(head) >= 9, "not a zstd frame")
    single, flags = head[4] >> 5 & 1, head[4]
    at = 6 - single + (0, 1, 2, 4)[flags & 3]
    width = (single, 2, 4, 8)[flags >> 6]
    require(width and flags & 4, "the zstd frame states no content size or no checksum")
    stated = int.from_bytes(head[at:at + width], "little") + (256 if width == 2 else 0)
    require(size in (None, stated), f"holds {stated} bytes, not {size}")
