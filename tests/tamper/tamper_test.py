#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does to real ledgers what a thief without the signing key can do, and checks what finds it.

    tamper_test.py BINARY [NAME ...]     each attack of attacks.tsv, or those named
    tamper_test.py --table               the table of SECURITY.md, made from attacks.tsv

Every attack gets a ledger that the program wrote, and three judges: plain `verify`, `verify` with the
memory of the user who wrote it, and `verify --checkpoint` with a note kept elsewhere. The table in
SECURITY.md has to be the one that attacks.tsv makes. Standard library only.
"""

import csv
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "verifier"), str(ROOT / "tests" / "support")]
import apart  # noqa: E402
import layout  # noqa: E402: the verifier's reader and the test's writer of the format
import verify  # noqa: E402
import writer  # noqa: E402

EVENTS_A, EVENTS_B = 300, 600       # before and after the earlier copy is made; several segments
JUDGES = ("plain", "memory", "kept")
HEADINGS = ("attack", "plain `verify`", "this user's memory", "a checkpoint kept elsewhere")


def attacks():
    lines = [line for line in (HERE / "attacks.tsv").read_text().splitlines()
             if line and not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE,
                               fieldnames=("name", *JUDGES, "attack")))


def table():
    rows = [f"| {' | '.join(HEADINGS)} |", "|---|---|---|---|"]
    for row in attacks():
        rows.append(f"| {row['attack']} | " + " | ".join(
            "found" if row[judge] == "found" else "**not found**" for judge in JUDGES) + " |")
    return "\n".join(rows)


# ---- A ledger and those who use it ------------------------------------------------------------------

class Scene:
    """A ledger with its honest writer, the writer's memory and a kept checkpoint."""

    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
        self.root, self.kept = directory / "ledger", directory / "kept.txt"
        self.earlier = directory / "earlier"
        (directory / "home").mkdir()

    def environment(self, memory):
        return {**apart.environment(self.directory / "home"), "DAYBOOK_SEGMENT_BYTES": "65536",
                "DAYBOOK_INLINE_BYTES": "300", "DAYBOOK_REMEMBER": "on" if memory else "off"}

    def run(self, *arguments, stdin="", memory=True, codes=(0,), root=None):
        done = subprocess.run([self.binary, "--ledger", str(root or self.root), *arguments],
                              input=stdin, text=True, capture_output=True, timeout=120, check=False,
                              cwd=self.directory, env=self.environment(memory))
        if done.returncode not in codes:
            raise AssertionError(f"daybook {' '.join(arguments)} ended with {done.returncode}:\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def append(self, first, last, **options):
        lines = []
        for n in range(first, last + 1):
            text = "x" * (400 if n % 50 == 1 else 60)   # some go to the blob store
            lines.append(f'{{"stream":"s/{n % 3}","type":"t","data":{{"n":"{n:06}","text":"{text}"}}}}')
        self.run("append", "-q", stdin="\n".join(lines) + "\n", **options)

    def prepare(self, events):
        self.run("init", str(self.root))
        self.append(1, events)
        shutil.copytree(self.root, self.earlier)
        self.keep()

    def keep(self):
        """Everything up to now is remembered, and its checkpoint kept."""
        self.run("checkpoint", "--to", str(self.kept), "-q")
        self.run("verify")

    def judge(self):
        """Who finds something."""
        done = {"plain": self.run("verify", memory=False, codes=(0, 3)),
                "memory": self.run("verify", codes=(0, 3)),
                "kept": self.run("verify", "--checkpoint", str(self.kept), memory=False, codes=(0, 3))}
        return {name: "found" if result.returncode == 3 else "unseen"
                for name, result in done.items()}

    def segments(self):
        return sorted((self.root / "log").glob("*.seg"))

    def forget_derived(self):
        """What the program makes again by itself, and would show that something was changed."""
        shutil.rmtree(self.root / "views", ignore_errors=True)
        (self.root / "tail").unlink(missing_ok=True)


# ---- A thief's tools --------------------------------------------------------------------------------

def overwrite(path, data):
    path.chmod(0o600)
    path.write_bytes(data)


def with_data(record, change):
    """The record with other data, its commitment and checksums right."""
    data = record.data[:16] + change(record.data[16:])
    assert data != record.data and len(data) == len(record.data)
    body = bytearray(record.body)
    body[72:104] = layout.sha256(data)
    return bytes(body), data


class Forger:
    """Writes a whole log anew without the key: any event may be another one, and checkpoints may go.
    Offsets, tree, tables and checksums fit together afterwards."""

    def __init__(self, scene, seq=None, strip=True, keys=None):
        self.scene, self.seq, self.strip, self.keys = scene, seq, strip, keys
        self.tree, self.earlier = verify.Tree(), {}

    def run(self):
        for path in self.scene.segments():
            overwrite(path, self.segment(path.read_bytes(), int(path.name[:20])))
        self.scene.forget_derived()

    def run_into_one(self):
        """The same with all events in one segment: without seals, none lacks its checkpoint."""
        first, *others = self.scene.segments()
        log, tally = bytearray(first.read_bytes()[:layout.HEADER_SIZE]), verify.Tally(1)
        for path in (first, *others):
            for frame in layout.scan_frames(path.read_bytes()):
                if frame.kind == layout.EVENTS:
                    self.events(log, frame, tally)
        overwrite(first, bytes(log))
        for path in others:
            path.unlink()
        self.scene.forget_derived()

    def segment(self, old, first):
        head = bytearray(old[:4096])
        for mine, theirs in zip(self.tree.peaks, layout.read_header(old).peaks):
            at = head.index(theirs)
            head[at:at + 32] = mine
        if self.keys and self.keys[0] in head:
            at = head.index(self.keys[0])
            head[at:at + 32] = self.keys[1]
        head[8:12] = struct.pack("<I", verify.crc32c(bytes(head[12:])))
        log, tally = head, verify.Tally(first)
        for frame in layout.scan_frames(old):
            if frame.kind == layout.EVENTS:
                self.events(log, frame, tally)
            elif frame.kind == layout.SEAL:
                self.seal(log, frame, tally)
            elif not self.strip:
                log += writer.make_frame(2, [writer.make_record(frame.records[0].body)], frame.seq,
                                         4096)
        for stream in tally.streams:
            self.earlier[stream] = first
        return bytes(log)

    def events(self, log, frame, tally):
        at, records = len(log), []
        offset = at + layout.FRAME_HEADER
        for record in frame.records:
            body, data = record.body, record.data
            event = layout.read_envelope(body)
            if event.seq == self.seq:
                body, data = with_data(record, lambda text: text.replace(b"x", b"y"))
            tally.add(event, offset, at)
            self.tree.append(layout.sha256(b"\0", body))
            records.append(writer.make_record(body, data))
            offset += len(records[-1])
        log += writer.make_frame(1, records, frame.seq, 4096)

    def seal(self, log, frame, tally):
        old = layout.read_seal(frame.records[0].body)
        page, at, rest = bytearray(old.body[:4096]), 4096, b""
        for kind, section in enumerate(tally.tables(self.earlier), 1):
            struct.pack_into("<IIQQ", page, 112 + 24 * (kind - 1), kind, verify.crc32c(section), at,
                             len(section))
            rest += section + bytes(-len(section) % 8)
            at = 4096 + len(rest)
        page[24:56] = verify.fold(self.tree.peaks)
        page[304:304 + 32 * len(self.tree.peaks)] = b"".join(self.tree.peaks)
        page[:4] = struct.pack("<I", verify.crc32c(bytes(page[4:])))
        place = len(log)
        log += writer.make_frame(3, [writer.make_record(bytes(page) + rest)], frame.seq, 4096)
        log += b"DBSEAL01" + struct.pack("<Q", place)


def leave_unsigned(scene):
    """An honest writer appends two events and is killed before it signs them."""
    process = subprocess.Popen(
        [scene.binary, "--ledger", str(scene.root), "append", "--jsonl"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, env=scene.environment(True), cwd=scene.directory)
    for _ in range(2):
        process.stdin.write('{"stream":"s/0","type":"t","data":{"text":"' + "x" * 60 + '"}}\n')
        process.stdin.flush()
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()


def replace_key(scene, resign):
    """A key pair of the thief's own, in the place of the ledger's."""
    identity = scene.root / "LEDGER"
    text = identity.read_text()
    own = scene.directory / "own"
    scene.run("init", str(own), memory=False)
    key = re.search(r'"key": "([^"]+)"', text)[1]
    mine = scene.run("status", "--key", memory=False, root=own).stdout.strip()
    name = key.split("+")[0]
    public = layout.base64_decode(mine.split("+", 2)[2])[1:]
    key_id = layout.sha256(name.encode() + b"\n\1" + public)[:4].hex()
    identity.write_text(text.replace(key, f"{name}+{key_id}+{mine.split('+', 2)[2]}"))
    if resign:
        old = layout.base64_decode(key.split("+", 2)[2])[1:]
        Forger(scene, seq=5, keys=(old, public)).run()
        shutil.copy(own / "keys" / "checkpoint.key", scene.root / "keys" / "checkpoint.key")
        scene.run("checkpoint", memory=False)
    shutil.rmtree(own)


def blob_paths(scene):
    paths = sorted(path for path in (scene.root / "blobs").rglob("*.zst"))
    assert len(paths) >= 2
    return paths


# ---- The attacks ------------------------------------------------------------------------------------

def short(attack):
    """An attack on a ledger of one segment."""
    attack.events = 20
    return attack


def edit(scene):
    Forger(scene, seq=5, strip=False).run()


@short
def edit_unsigned(scene):
    leave_unsigned(scene)
    Forger(scene, seq=21, strip=False).run()


@short
def cut_unsigned(scene):
    leave_unsigned(scene)
    path, = scene.segments()
    data = path.read_bytes()
    last = [f for f in layout.scan_frames(data) if f.kind == layout.CHECKPOINT][-1]
    overwrite(path, data[:last.end])
    scene.forget_derived()


@short
def strip_short(scene):
    Forger(scene, seq=5).run()


@short
def strip_short_signed(scene):
    strip_short(scene)
    scene.append(21, 22, memory=False)


def strip_sealed(scene):
    Forger(scene, seq=5).run()


def strip_relaid(scene):
    Forger(scene, seq=5).run_into_one()


def strip_sealed_signed(scene):
    strip_sealed(scene)
    scene.append(1, 2, memory=False)


@short
def key_alone(scene):
    replace_key(scene, resign=False)


@short
def key_resigned(scene):
    replace_key(scene, resign=True)


@short
def key_file(scene):
    (scene.root / "keys" / "checkpoint.key").write_text("11" * 32 + "\n")
    scene.append(21, 22, memory=False, codes=(6,))    # appended, and refused to be signed with that key


def last_segment(scene):
    scene.segments()[-1].unlink()
    scene.forget_derived()


def earlier_copy(scene):
    shutil.rmtree(scene.root)
    shutil.copytree(scene.earlier, scene.root)


def fork_segment(scene):
    scene.append(EVENTS_A + 1, EVENTS_B + 40, memory=False, root=scene.earlier)
    shutil.rmtree(scene.root / "log")
    shutil.copytree(scene.earlier / "log", scene.root / "log")
    shutil.copytree(scene.earlier / "blobs", scene.root / "blobs", dirs_exist_ok=True)
    scene.forget_derived()


def new_ledger(scene):
    shutil.rmtree(scene.root)
    scene.run("init", str(scene.root), memory=False)
    scene.append(1, EVENTS_B + 40, memory=False)


def seal_table(scene):
    path = scene.segments()[0]
    data = path.read_bytes()
    *_, frame = layout.scan_frames(data)
    body = bytearray(frame.records[0].body)
    _, _, at, length = struct.unpack_from("<IIQQ", body, 112 + 24)      # the streams
    body[at + 56] ^= 1                                                  # the last version of one
    struct.pack_into("<I", body, 112 + 24 + 4, verify.crc32c(bytes(body[at:at + length])))
    struct.pack_into("<I", body, 0, verify.crc32c(bytes(body[4:4096])))
    fresh = writer.make_frame(3, [writer.make_record(bytes(body))], frame.seq, frame.durable)
    overwrite(path, data[:frame.at] + fresh + data[frame.end:])
    shutil.rmtree(scene.root / "views")


def blob_changed(scene):
    one, two, *_ = blob_paths(scene)
    overwrite(one, two.read_bytes())


def blob_removed(scene):
    blob_paths(scene)[0].unlink()


# ---- Running them -----------------------------------------------------------------------------------

def perform(binary, row):
    attack = globals()[row["name"].replace("-", "_")]
    with tempfile.TemporaryDirectory(prefix="daybook-tamper-") as directory:
        scene = Scene(binary, pathlib.Path(directory).resolve())
        events = getattr(attack, "events", None)
        scene.prepare(events or EVENTS_A)
        if not events:
            scene.append(EVENTS_A + 1, EVENTS_B)
            scene.keep()
            assert len(scene.segments()) >= 3, "too few segments to attack"
        before = scene.judge()
        if set(before.values()) != {"unseen"}:
            return f"damage before the attack: {before}"
        attack(scene)
        found = scene.judge()
        expected = {judge: row[judge] for judge in JUDGES}
        return "" if found == expected else f"expected {expected}, got {found}"


def main():
    if sys.argv[1:] == ["--table"]:
        print(table())
        return 0
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary, wanted, failed = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:], 0
    rows = [row for row in attacks() if not wanted or row["name"] in wanted]
    for row in rows:
        problem = perform(binary, row)
        if problem:
            failed += 1
            print(f"FAIL {row['name']}: {problem}", flush=True)
    if table() not in (ROOT / "SECURITY.md").read_text():
        failed += 1
        print("FAIL SECURITY.md: its table is not that of attacks.tsv: run tamper_test.py --table")
    print(f"{len(rows)} attacks, {failed} failed")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
