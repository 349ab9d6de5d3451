#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the independent verifier: on ledgers it can know all about, made by writer.py, and on
ledgers made by the engine, where both have to say the same.

    test_verifier.py [DAYBOOK] [unittest options]

DAYBOOK (or DAYBOOK_BIN) is the daybook binary; without it the second half is skipped and says so.
"""

import functools
import json
import os
import re
import struct
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
import layout
import primitives
import verify
import writer
from agreement import EngineTest  # noqa: F401: run from here
from rules import RulesTest  # noqa: F401: run from here
from support import (HERE, TemporaryTest, check, codes, flip, generator, segment, small_ledger,
                     worth_trying)

# Thousands of variants of one ledger share nearly all of their frames and signatures.
for module, name in ((layout, "crc32c"), (verify, "crc32c"), (layout, "ed25519_verify"),
                     (verify, "read_envelope"), (verify, "read_note")):
    setattr(module, name, functools.lru_cache(maxsize=1 << 14)(getattr(module, name)))

# What a changed byte does not change for a reader, by file; the rest has to be reported.
WITHOUT_MEANING = {
    "lock": "its content means nothing",
    "keys/checkpoint.key": "the signing key is no part of what is verified",
    "LEDGER": "white space, and the letter between date and time",
    "blobs": "what zstd has compressed; the standard library cannot look inside",
}


class PrimitivesTest(unittest.TestCase):
    def test_crc32c(self):
        self.assertEqual(primitives.crc32c(b"123456789"), 0xE3069283)
        noise = generator().randbytes(20_000)
        for size in (0, 1, 7, 300, 2047, 2048, 2049, 2055, 4096, 20_000):
            with self.subTest(size=size):
                self.assertEqual(primitives.crc32c(noise[:size]), writer.crc32c(noise[:size]))

    def test_ed25519_vectors(self):
        """RFC 8032 section 7.1, tests 1 to 3."""
        for seed, key, message, signature in (
                ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                 "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
                ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
                ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                 "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")):
            seed, key, message, signature = map(bytes.fromhex, (seed, key, message, signature))
            self.assertEqual(writer.public_key(seed), key)
            self.assertEqual(writer.sign(seed, message), signature)
            self.assertTrue(primitives.ed25519_verify(key, message, signature))
            self.assertFalse(primitives.ed25519_verify(key, message + b"x", signature))
            s = int.from_bytes(signature[32:], "little") + primitives.L
            self.assertFalse(primitives.ed25519_verify(
                key, message, signature[:32] + s.to_bytes(32, "little")), "S has to be below L")
            for bit in generator().sample(range(512), 20):
                flipped = bytearray(signature)
                flipped[bit // 8] ^= 1 << bit % 8
                self.assertFalse(primitives.ed25519_verify(key, message, bytes(flipped)))

    def test_tree(self):
        """The growing right edge against the recursive definition."""
        tree, leaves = verify.Tree(), []
        for n in range(70):
            self.assertEqual(verify.fold(tree.peaks), writer.tree_hash(leaves))
            self.assertEqual(tree.peaks, writer.peaks_of(leaves))
            leaves.append(writer.sha256(b"%d" % n))
            tree.append(leaves[-1])

    def test_ulid(self):
        self.assertEqual(layout.ulid(bytes(16)), "0" * 26)
        self.assertEqual(layout.ulid(b"\xff" * 16), "7" + "Z" * 25)

    def test_json(self):
        for good in ('0', '"a"', '{"a":[1,2.5e3,null,true]}', ' [ ] ', '"\\ud800"',
                     "[" * 500 + "]" * 500):
            layout.parse_json(good.encode(), [])
        for bad in (b"", b"{", b"01", b"NaN", b"[1,]", b'"\x01"', b'"\xff"', b"\xef\xbb\xbf1", b"1 2",
                    b"'a'"):
            with self.subTest(text=bad), self.assertRaises(layout.Bad):
                layout.parse_json(bad, [])


class GoodLedgerTest(TemporaryTest):
    def assert_good(self, ledger, zeros=0):
        report = check(self.save(ledger, zeros))
        self.assertEqual([f for f in report["findings"] if f["severity"] != "note"], [])
        self.assertEqual((report["ok"], report["events"], report["size"], report["lost"]),
                         (True, len(ledger.leaves), len(ledger.leaves), 0))
        self.assertEqual(report["root"], writer.tree_hash(ledger.leaves).hex())
        return report

    def test_empty(self):
        self.assert_good(writer.Ledger())

    def test_empty_with_a_checkpoint(self):
        ledger = writer.Ledger()
        ledger.checkpoint()
        self.assertEqual(self.assert_good(ledger, 8192)["checkpoints"], 1)

    def test_every_feature(self):
        for zeros in (0, 4096):
            report = self.assert_good(small_ledger(), zeros)
            self.assertEqual((report["segments"], report["checkpoints"], report["erased"]), (2, 3, 1))
            self.assertEqual(codes(report, "note"), ["not-checked"])

    def test_without_the_tail(self):
        ledger = small_ledger()
        ledger.tail = None
        self.assert_good(ledger)

    def test_many_segments(self):
        """Streams that pause, entries of the offsets section, batches of many events."""
        ledger, rng = writer.Ledger(), generator()
        for index in range(6):
            for _ in range(rng.randrange(1, 6)):
                ledger.batch(*({"stream": f"s/{rng.randrange(5)}", "type": f"t{rng.randrange(4)}",
                                "data": '"%s"' % ("x" * rng.randrange(6000))}
                               for _ in range(rng.randrange(1, 9))))
                ledger.flush()
            if index % 2:
                ledger.checkpoint()
            ledger.seal()
        self.assertEqual(self.assert_good(ledger)["segments"], 7)

    def test_the_last_segment_is_sealed(self):
        ledger = small_ledger()
        ledger.seal()
        ledger.segments.pop()
        self.assert_good(ledger)


class CommandTest(TemporaryTest):
    def run_verifier(self, *arguments):
        return subprocess.run([sys.executable, "-B", HERE / "verify.py", *arguments], text=True,
                              capture_output=True, check=False)

    def test_exit_codes_and_output(self):
        root = self.save(small_ledger())
        done = self.run_verifier(root)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("good: 8 events, 0 lost, 1 erased, 2 segments, 3 checkpoints", done.stdout)
        self.assertIn("not checked", done.stdout)
        report = json.loads(self.run_verifier(root, "--json").stdout)
        self.assertEqual(report, check(root))
        self.assertEqual(set(report), {"ok", "events", "lost", "erased", "root", "size", "checkpoints",
                                       "segments", "findings"})
        flip(segment(root), 5000)
        done = self.run_verifier(root)
        self.assertEqual(done.returncode, 3)
        self.assertIn("damage [damage]: log/00000000000000000001.seg at", done.stdout)
        self.assertEqual(json.loads(self.run_verifier(root, "--json").stdout)["ok"], False)

    def test_cannot_read(self):
        done = self.run_verifier(self.directory / "nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nowhere", done.stderr)

    def test_a_newer_format_is_refused(self):
        ledger = small_ledger()
        ledger.identity["format"] = 2
        self.assertEqual(self.run_verifier(self.save(ledger)).returncode, 1)
        root = self.save(small_ledger())
        raw = bytearray(segment(root).read_bytes())
        raw[12] = 2
        raw[8:12] = struct.pack("<I", writer.crc32c(bytes(raw[12:4096])))
        segment(root).write_bytes(raw)
        self.assertEqual(self.run_verifier(root).returncode, 1)


class EveryByteTest(TemporaryTest):
    def test_flip(self):
        """Every byte of every file: no crash, no lost neighbour, nothing unreported but the listed."""
        root, rng = self.save(small_ledger(), zeros=64), generator()
        silent, expected = {}, writer.tree_hash(small_ledger().leaves).hex()
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            good = path.read_bytes()
            name = str(path.relative_to(root))
            for offset in worth_trying(good):
                raw = bytearray(good)
                raw[offset] ^= rng.randrange(1, 256)
                path.write_bytes(raw)
                try:
                    report = check(root)
                except layout.Unreadable:       # `format` of LEDGER: refused, not damaged
                    self.assertEqual(name, "LEDGER")
                    continue
                where = f"{name} at {offset}, {good[offset]} -> {raw[offset]}"
                self.assertEqual(report["size"], 8, where)
                self.assertGreaterEqual(report["events"], 7, where)
                if report["lost"] == 0 or name.endswith("01.seg"):  # a seal has the lost leaf's root
                    self.assertEqual(report["root"], expected, where)
                findings = [f for f in report["findings"] if f["code"] != "not-checked"]
                if not findings:
                    silent.setdefault(name.split("/")[0] if "blobs" in name else name, []).append(offset)
                elif name.startswith("log/"):
                    self.check_severity(good, offset, findings, where)
            path.write_bytes(good)
        self.assertLessEqual(silent.keys(), WITHOUT_MEANING.keys())
        between = {m.start() for m in re.finditer(rb"\s|(?<=\d)T(?=\d\d:)", (root / "LEDGER").read_bytes())}
        self.assertLessEqual(set(silent.get("LEDGER", ())), between)
        self.assertGreaterEqual(min(silent["blobs"]), 6, "the start of a zstd frame is looked at")

    def check_severity(self, good, offset, findings, where):
        """Only what was never acknowledged, and padding, may be less than damage."""
        if any(f["severity"] == "damage" for f in findings):
            return
        reported = {f["code"] for f in findings}
        end = len(good.rstrip(b"\0")) + 7 & ~7
        self.assertLessEqual(reported, {"padding", "torn-tail"}, where)
        if reported == {"padding"}:
            self.assertEqual(good[offset], 0, where)
        else:
            self.assertGreaterEqual(offset, end, where)

    def test_truncate(self):
        """Cut a segment at every byte: what was acknowledged and is gone is damage, and counted."""
        for first, total in ((1, 8), (6, 8)):
            root = self.save(small_ledger(), zeros=64)
            path = segment(root, first)
            good = path.read_bytes()
            end = len(good.rstrip(b"\0")) + 7 & ~7
            for size in worth_trying(good):
                path.write_bytes(good[:size])
                report = check(root)
                self.assertEqual(report["events"] + report["lost"], total, size)
                self.assertEqual(report["ok"], first == 6 and size >= end, size)
            path.write_bytes(good)

    def test_truncate_without_the_tail(self):
        """Without the hint, the last frame to say how much is durable is all there is to go by."""
        ledger = writer.Ledger()
        ends, marks = [4096], [4096]
        for n in range(5):
            marks.append(max(marks[-1], ledger.durable))
            ledger.batch({}, {"stream": "b"})
            ends.append(len(ledger.segments[-1][1]))
            if n % 2:
                ledger.flush()
        ledger.tail = None
        root = self.save(ledger)
        good = segment(root).read_bytes()
        for size in range(4096, len(good)):
            segment(root).write_bytes(good[:size])
            report = check(root)
            frames = sum(end <= size for end in ends) - 1
            torn = good[ends[frames]:size].strip(b"\0") != b""
            if report["ok"]:
                self.assertEqual(report["events"], 2 * frames, size)
                self.assertEqual(codes(report, "warning"), ["torn-tail"] if torn else [], size)
            else:
                self.assertLess(size, marks[frames + 1], size)


if __name__ == "__main__":
    if len(sys.argv) > 1 and os.access(sys.argv[1], os.X_OK):
        os.environ["DAYBOOK_BIN"] = sys.argv.pop(1)
    unittest.main(verbosity=1)
