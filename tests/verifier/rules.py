# SPDX-License-Identifier: Apache-2.0
"""One rule of docs/format.md broken at a time, with all checksums right. Where the engine is at hand, it
has to say the same."""

import struct

import layout
import primitives
import verify
import writer
from support import EngineCase, check, codes, flip, segment, small_ledger, swap


class RulesTest(EngineCase):
    """One rule broken at a time, with all checksums right."""

    def assert_damage(self, ledger, code, message):
        report = self.check(self.save(ledger))
        self.assertEqual(codes(report), [code], report["findings"])
        self.assertIn(message, " ".join(f["message"] for f in report["findings"]))
        return report

    def test_events(self):
        two = writer.Ledger()
        two.batch({"key": "k"}, {})
        early = two.ids[0]
        for fields, code, message in (
                ({"id": early}, "order", "id does not increase"),
                ({"recorded": 5}, "order", "recorded decreases"),
                ({"version": 4}, "order", "version 4 of its stream follows version 2"),
                ({"version": 2}, "order", "version 2 of its stream follows version 2"),
                ({"causes": [bytes(16)]}, "order", "a cause is not an earlier event"),
                ({"key": "k"}, "order", "its stream has its key already"),
                ({"data": "{oops"}, "data", "not JSON"),
                ({"data": '{"$blob":"sha256:%s","size":3}' % ("0" * 64)}, "data", "cannot be read"),
                ({"stream": ""}, "envelope", "the length of stream"),
                ({"type": "t" * 129}, "envelope", "the length of type"),
                ({"tier": 3}, "envelope", "out of range"),
                ({"causes": [early] * 65}, "envelope", "out of range")):
            with self.subTest(fields=fields):
                ledger = writer.Ledger()
                ledger.batch({"key": "k"}, {})
                ledger.batch(fields)
                self.assert_damage(ledger, code, message)
        ledger = writer.Ledger()
        ledger.batch({"key": "k"}, {"key": "k", "stream": "other"}, {"causes": [ledger.ids[0]] if
                                                                     ledger.ids else []})
        self.assertTrue(self.check(self.save(ledger))["ok"])

    def test_names(self):
        for fields in ({"subject": "a\x01"}, {"key": "a\x7f"}, {"actor": "\n"}):
            with self.subTest(fields=fields):
                ledger = writer.Ledger()
                ledger.batch(fields, {})
                report = self.assert_damage(ledger, "order", "not plain UTF-8")
                self.assertEqual((report["events"], report["size"]), (1, 2))

    def test_data_that_the_envelope_does_not_know(self):
        ledger = writer.Ledger()
        ledger.batch({"form": 0})
        self.replace_record(ledger, 1, data=b"x" * 24)
        report = self.assert_damage(ledger, "data", "a wrong length")
        self.assertEqual((report["events"], report["lost"]), (0, 0))

    def replace_record(self, ledger, seq, envelope=None, data=None):
        """Writes the only frame of the ledger anew, with another record for one event."""
        log = ledger.segments[0][1]
        frame = layout.read_frame(bytes(log), 4096)
        records = [writer.make_record(envelope if envelope and n == seq else r.body,
                                      data if data is not None and n == seq else r.data)
                   for n, r in enumerate(frame.records, 1)]
        log[4096:] = writer.make_frame(1, [bytes(r) for r in records], 1, 4096)

    def test_a_newer_envelope(self):
        """Not damage; and the next event of the stream is not to blame for the gap."""
        for version in (0, 2, 255):
            ledger = writer.Ledger()
            ledger.batch({}, {}, {"causes": [bytes(15) + b"1"]})
            _, at, size, _ = ledger.places[2]
            envelope = bytes([version]) + bytes(ledger.segments[0][1][at + 21:at + 20 + size])
            self.replace_record(ledger, 2, envelope=envelope)
            report = self.check(self.save(ledger))
            self.assertEqual((report["ok"], report["events"], report["lost"], report["size"]),
                             (True, 2, 0, 3))
            self.assertEqual(codes(report, "warning"), ["unsupported"])
            leaves = [ledger.leaves[0], writer.sha256(b"\0" + envelope), ledger.leaves[2]]
            self.assertEqual(report["root"], writer.tree_hash(leaves).hex())

    def test_several_things_wrong_with_one_event(self):
        ledger = writer.Ledger()
        ledger.batch({}, {"causes": [bytes(16), b"x" * 16], "version": 9}, {"version": 10})
        self.assertEqual(self.check(self.save(ledger))["events"], 2)
        ledger.batch({"version": 10, "recorded": 1})
        ledger.seal()
        ledger.batch({"version": 3, "key": "k"}, {"version": 7, "key": "k"})
        self.assertEqual(self.check(self.save(ledger))["events"], 2)

    def test_checkpoint_out_of_place(self):
        """It is not used, whatever it says."""
        ledger = writer.Ledger()
        ledger.batch({}, {})
        ledger.checkpoint()
        log = ledger.segments[0][1]
        at = log.rindex(b"DBF1")
        body = layout.read_frame(bytes(log), at).records[0].body
        for seq in (0, 1, 2, 4, 1004, 1 << 40):
            log[at:] = writer.make_frame(2, [writer.make_record(body)], seq, 4096)
            report = self.check(self.save(ledger))
            self.assertEqual((report["ok"], report["lost"]), (False, max(seq - 3, 0) if seq < 2000 else 0))

    def without_checkpoint(self, late):
        """7.1: an event, and then batches of so many moments that are too late to be unsigned."""
        ledger = writer.Ledger()
        ledger.batch({"recorded": writer.START})
        ledger.batch({"recorded": writer.START + 600_000_000})
        for moment in range(late):
            recorded = writer.START + 600_000_001 + moment
            ledger.batch({"recorded": recorded}, {"recorded": recorded})
        return ledger

    def test_events_without_a_checkpoint(self):
        self.assertTrue(self.check(self.save(self.without_checkpoint(16)))["ok"])
        ledger = self.without_checkpoint(17)
        self.assert_damage(ledger, "unsigned", "no checkpoint")
        ledger.checkpoint()         # signed too late: a thief may have been faster
        report = self.assert_damage(ledger, "unsigned", "no checkpoint")
        self.assertEqual((report["events"], report["findings"][0]["last"]), (36, 36))
        ledger.checkpoint("daybook.dev/accepts-unsigned-not\n")
        self.assert_damage(ledger, "unsigned", "no checkpoint")
        ledger.checkpoint("something/else\ndaybook.dev/accepts-unsigned\n")
        self.assertTrue(self.check(self.save(ledger))["ok"])
        ledger.batch({"recorded": writer.START + 700_000_000})
        for moment in range(17):
            ledger.batch({"recorded": writer.START + 1_300_000_001 + moment})
        self.assert_damage(ledger, "unsigned", "no checkpoint")

    def test_a_seal_without_a_checkpoint(self):
        ledger = writer.Ledger()
        ledger.batch({}, {})
        ledger.checkpoint()
        ledger.batch({})
        ledger.flush()
        ledger.seal(signed=False)
        report = self.assert_damage(ledger, "unsigned", "no checkpoint")
        self.assertEqual((report["findings"][0]["first"], report["events"]), (3, 3))
        ledger.batch({})
        ledger.checkpoint("daybook.dev/accepts-unsigned\n")
        self.assertTrue(self.check(self.save(ledger))["ok"])

    def test_a_frame_that_promises_too_much(self):
        ledger = writer.Ledger()
        ledger.durable = 4104
        ledger.batch({})
        self.assert_damage(ledger, "durable", "claims as durable")

    def test_a_seal_with_reserved_bytes_used(self):
        """They count even after a loss, when the tables are no longer compared."""
        ledger = small_ledger()
        log = ledger.segments[0][1]
        at, = struct.unpack("<Q", log[-8:])
        body = bytearray(layout.read_frame(bytes(log), at).records[0].body)
        body[300] = 1
        struct.pack_into("<I", body, 0, primitives.crc32c(bytes(body[4:4096])))
        frame = writer.make_frame(3, [writer.make_record(bytes(body))], 6, 4096)
        log[at:at + len(frame)] = frame
        log[ledger.places[2][1] + 40] ^= 1
        report = self.check(self.save(ledger))
        self.assertEqual((codes(report), report["lost"]), (["damage", "seal"], 1))

    def test_commitment(self):
        ledger = writer.Ledger()
        ledger.batch({})
        log = ledger.segments[0][1]
        _, at, body, size = ledger.places[1]
        data = log[at + 20 + body:at + 20 + body + size].replace(b'{"n":1}', b'{"n":2}')
        record = writer.make_record(bytes(log[at + 20:at + 20 + body]), bytes(data))
        log[at:at + len(record)] = record
        self.assert_damage(ledger, "data", "the commitment is not the data's")

    def test_erased(self):
        ledger = writer.Ledger()
        ledger.batch({}, {})
        ledger.batch({"type": "daybook/erased", "data": '{"seq":1}'})
        ledger.flush()
        ledger.erase(1)
        self.assertEqual(self.check(self.save(ledger))["erased"], 1)
        ledger.erase(2)
        report = self.assert_damage(ledger, "erased", "without a daybook/erased event")
        self.assertEqual((report["erased"], report["events"]), (1, 3))

    def test_a_hole_beyond_the_boundary_is_no_erasure(self):
        ledger = writer.Ledger()
        ledger.batch({}, {})
        ledger.flush()
        ledger.batch({})
        ledger.erase(3)
        report = self.check(self.save(ledger))
        self.assertEqual((report["ok"], report["events"], report["erased"]), (True, 2, 0))
        self.assertEqual(codes(report, "warning"), ["torn-tail"])

    def test_frames_beyond_a_torn_one_do_not_count(self):
        ledger = writer.Ledger()
        ledger.batch({})
        ledger.flush()
        at = len(ledger.segments[0][1])
        ledger.batch({})
        ledger.batch({})
        root = self.save(ledger)
        flip(segment(root), at)
        report = self.check(root)
        self.assertEqual((report["ok"], report["events"], report["lost"]), (True, 1, 0))
        self.assertEqual(codes(report, "warning"), ["torn-tail"])

    def test_a_later_frame_tells_torn_from_damaged(self):
        ledger = writer.Ledger()
        ledger.batch({})
        at = len(ledger.segments[0][1])
        ledger.batch({})
        ledger.flush()
        ledger.batch({})
        ledger.tail = None
        root = self.save(ledger)
        flip(segment(root), at + 50)
        report = self.check(root)
        self.assertEqual((report["ok"], report["events"], report["lost"]), (False, 2, 1))
        damage, = (f for f in report["findings"] if f["severity"] == "damage")
        self.assertEqual((damage["code"], damage["offset"], damage["first"], damage["last"]),
                         ("damage", at, 2, 2))

    def test_lost_leaves(self):
        """5.4: the lost leaf stands in, until a checkpoint gives the true tree back."""
        ledger = writer.Ledger()
        ledger.batch({}, {}, {})
        ledger.flush()
        truth = list(ledger.leaves)
        root = self.save(ledger)
        flip(segment(root), ledger.places[2][1] + 30)
        truth[1] = writer.sha256(b"\0daybook lost event" + struct.pack("<Q", 2))
        report = self.check(root)
        self.assertEqual((report["events"], report["lost"]), (2, 1))
        self.assertEqual(report["root"], writer.tree_hash(truth).hex())
        ledger.checkpoint()
        ledger.batch({})
        ledger.flush()
        root = self.save(ledger)
        flip(segment(root), ledger.places[2][1] + 30)
        report = self.check(root)
        self.assertEqual((report["events"], report["lost"]), (3, 1))
        self.assertEqual(report["root"], writer.tree_hash(ledger.leaves).hex())
        self.assertEqual(codes(report), ["damage"])

    def test_history_written_anew(self):
        """An event replaced, every checksum made right: only the signed root tells."""
        ledger = writer.Ledger()
        ledger.batch({"data": '{"paid":10}'})
        ledger.checkpoint()
        forged = writer.Ledger()
        forged.batch({"data": '{"paid":99}'})
        ledger.segments[0][1][:len(forged.segments[0][1])] = forged.segments[0][1]
        self.assert_damage(ledger, "checkpoint", "the root is not that of the events")

    def test_checkpoints(self):
        ledger = writer.Ledger()
        ledger.batch({})
        ledger.checkpoint()
        record = bytes(ledger.segments[0][1])
        at = record.rindex(b"DBF1")
        body = layout.read_frame(record, at).records[0].body
        size = struct.unpack_from("<Q", body, 8)[0]
        other = writer.sign(writer.sha256(b"other"), body[48:body.index(b"\n\n") + 1])
        for changed, message in (
                (body[:16] + bytes(32) + body[48:], "another size or root"),
                (body[:8] + struct.pack("<Q", size + 1) + body[16:], "another size or root"),
                (body.replace(b"daybook.local", b"daybook.lokal", 1), "another origin"),
                (body[:-1], "does not end with a newline"),
                (body[:-4] + b"\n", "base64"),
                (body[:body.rindex(b" ") + 1] + writer.base64.b64encode(ledger.key_id + other) + b"\n",
                 "the signature does not hold"),
                (body[:body.rindex(b" ") + 1] + writer.base64.b64encode(b"abcd" + other) + b"\n",
                 "not signed by the ledger's key"),
                (body[:10], "too short")):
            with self.subTest(message=message):
                log = bytearray(record[:at])
                log += writer.make_frame(2, [writer.make_record(changed)], 2, 4096)
                ledger.segments[0] = (1, log)
                self.assert_damage(ledger, "checkpoint", message)
        witness = f"\u2014 witness.example {writer.base64.b64encode(bytes(68)).decode()}\n".encode()
        log = bytearray(record[:at]) + writer.make_frame(2, [writer.make_record(body + witness)], 2, 4096)
        ledger.segments[0] = (1, log)
        self.assertTrue(self.check(self.save(ledger))["ok"], "signatures of others are let pass")

    def test_seals(self):
        """Every byte of a seal that is not padding counts, with the checksums around it made right."""
        ledger = small_ledger()
        log = bytes(ledger.segments[0][1])
        at, = struct.unpack("<Q", log[-8:])
        body = layout.read_frame(bytes(log), at).records[0].body
        seal, offsets = layout.read_seal(body), range(4, len(body))
        used = {o for kind in range(6) for o in range(*seal_section(body, kind))}
        for offset in offsets:
            if offset >= 4096 and offset not in used:
                continue                        # padding between sections
            changed = bytearray(body)
            changed[offset] ^= 0x01
            if offset >= 4096:                  # the section's own checksum, then the page's
                kind = next(k for k in range(6) if offset in range(*seal_section(body, k)))
                start, end = seal_section(body, kind)
                struct.pack_into("<I", changed, 116 + 24 * kind, primitives.crc32c(changed[start:end]))
            struct.pack_into("<I", changed, 0, primitives.crc32c(bytes(changed[4:4096])))
            with self.assertRaises(layout.Bad, msg=f"byte {offset} of the seal"):
                tampered = layout.read_seal(bytes(changed))
                self.recheck(log, at, seal, tampered)

    def recheck(self, log, at, seal, tampered):
        checker = verify.Verifier(".")
        for frame in layout.scan_frames(log[:at]):
            if frame.kind == layout.EVENTS:
                for record in frame.records:
                    checker.tree.append(layout.sha256(b"\0", record.body))
                    checker.tally.add(layout.read_envelope(record.body), record.at, frame.at)
        layout.require(tampered.first == 1, "first")
        checker.settle(tampered.size, tampered.root, tampered.peaks)
        checker.tally.check(tampered, {})

    def test_segments(self):
        def trailer(root):
            flip(segment(root), segment(root).stat().st_size - 1)

        def foreign(root):
            raw = bytearray(segment(root, 6).read_bytes())
            raw[31] ^= 1
            raw[8:12] = struct.pack("<I", writer.crc32c(bytes(raw[12:4096])))
            segment(root, 6).write_bytes(raw)

        def other_peaks(root):
            raw = bytearray(segment(root, 6).read_bytes())
            raw[70] ^= 1
            raw[8:12] = struct.pack("<I", writer.crc32c(bytes(raw[12:4096])))
            segment(root, 6).write_bytes(raw)

        for change, expected, counts in (
                (trailer, ["damage", "seal"], (8, 0)),
                (foreign, ["header"], (8, 0)),
                (other_peaks, ["header"], (8, 0)),
                (lambda root: segment(root).unlink(), ["checkpoint", "gap"], (3, 5)),
                (lambda root: segment(root, 6).unlink(), ["segment", "gap"], (5, 3)),
                (lambda root: swap(segment(root), segment(root, 6)), None, (0, 5))):
            with self.subTest(change=change.__name__):
                root = self.save(small_ledger())
                change(root)
                report = self.check(root)
                self.assertFalse(report["ok"])
                if expected:
                    self.assertLessEqual(set(codes(report)), set(expected), report["findings"])
                self.assertEqual((report["events"], report["lost"]), counts)

    def test_blobs(self):
        for change, message in (
                (lambda path: path.unlink(), "cannot be read"),
                (lambda path: flip(path, 0), "not a zstd frame"),
                (lambda path: flip(path, 5), "not 11"),
                (lambda path: flip(path, 4, 0x04), "no content size or no checksum"),
                (lambda path: path.write_bytes(path.read_bytes()[:5]), "not a zstd frame")):
            with self.subTest(message=message):
                root = self.save(small_ledger())
                change(next((root / "blobs").rglob("*.zst")))
                report = self.check(root)
                self.assertEqual(codes(report), ["data"])
                self.assertIn(message, report["findings"][0]["message"])

    def test_a_forged_number_does_not_run_away(self):
        for path_first in (99_999_999_999_999_999_999, 1 << 40):
            root = self.save(small_ledger())
            segment(root, 6).rename(segment(root, path_first))
            self.assertFalse(self.check(root)["ok"])
        far = writer.make_record(struct.pack("<B23xQ80x", 2, 1 << 60))
        ledger = writer.Ledger()
        ledger.segments[0][1].extend(writer.make_frame(1, [far], 1 << 60, 1 << 63))
        self.assertFalse(self.check(self.save(ledger))["ok"])


def seal_section(body, index):
    at, length = struct.unpack_from("<QQ", body, 112 + 24 * index + 8)
    return at, at + length
