# SPDX-License-Identifier: Apache-2.0
"""What docs/format.md takes from elsewhere and Python lacks: CRC-32C and Ed25519 verification."""

import hashlib
import struct


def _crc_tables():
    table = list(range(256))
    for _ in range(8):
        table = [(c >> 1) ^ (0x82F63B78 if c & 1 else 0) for c in table]
    tables = [table]
    for _ in range(3):
        tables.append([table[c & 255] ^ (c >> 8) for c in tables[-1]])
    return tables


CRC0, CRC1, CRC2, CRC3 = _crc_tables()
# The exponents of the Castagnoli polynomial below 32, seen from its highest power.
CRC_SHIFTS = [32 - e for e in (28, 27, 26, 25, 23, 22, 20, 19, 18, 14, 13, 11, 10, 9, 8, 6, 0)]


def crc32c(data):
    """CRC-32C, four bytes a step; a long input is first folded into a short one."""
    crc = 0xFFFFFFFF
    if len(data) >= 2048:
        data, crc = _crc_fold(data), 0
    words = len(data) // 4
    for word in struct.unpack_from(f"<{words}I", data):
        word ^= crc
        crc = CRC3[word & 255] ^ CRC2[word >> 8 & 255] ^ CRC1[word >> 16 & 255] ^ CRC0[word >> 24]
    for byte in data[4 * words:]:
        crc = CRC0[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _crc_fold(data):
    """A short string of the same remainder, with the initial value mixed in.

    Over GF(2), P(x) ** step is P(x ** step) when step is a power of two: as few terms as P, so that
    a division by it is a handful of shifts and XORs of integers as long as the input.
    """
    bits, value = 8 * len(data), int.from_bytes(data, "little") ^ 0xFFFFFFFF
    step = 1 << ((bits // 36).bit_length() - 1)
    while step >= 32:
        while bits >= 36 * step:        # reflected: the lowest bits are the highest powers of x
            low, value = value & ((1 << 4 * step) - 1), value >> 4 * step
            for shift in CRC_SHIFTS:
                value ^= low << (shift - 4) * step
            bits -= 4 * step
        step >>= 1
    return value.to_bytes(bits // 8, "little")


# Ed25519, RFC 8032 section 5.1. Points are in extended coordinates (X, Y, Z, T).
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def _add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _decode(data):
    """The point of 32 bytes, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if y >= P or (x * x - square) % P or not x and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _encode(p):
    inverse = pow(p[2], -1, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = _decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_verify(key, message, signature):
    """Whether [s]B = R + [k]A, as R = [s]B + [k](-A), both products in one pass."""
    point, s = _decode(key), int.from_bytes(signature[32:], "little")
    if not point or s >= L or len(signature) != 64:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    minus_a = (P - point[0], point[1], 1, P - point[3])
    addends = (None, BASE, minus_a, _add(BASE, minus_a))
    r = (0, 1, 1, 0)
    for bit in reversed(range(256)):
        r = _add(r, r)
        addend = addends[(s >> bit & 1) | (k >> bit & 1) << 1]
        if addend:
            r = _add(r, addend)
    return _encode(r) == signature[:32]
