"""Ed25519 verification in plain integers: RFC 8032, pure, without cofactor (package specification, 6.4).

For the reader who wants to see every step of "the signature verifies". Points are kept in the extended
coordinates (X, Y, Z, T) of RFC 8032, section 5.1.4, with x = X/Z, y = Y/Z, xy = T/Z. Nothing here is
secret, so nothing needs to run in constant time.
"""

import hashlib
from functools import lru_cache

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]
Table = tuple[tuple[Point, ...], ...]

NEUTRAL: Point = (0, 1, 1, 0)
WINDOW = 5  # bits of the scalar of the public key read at a time
BASE_WINDOW = 8  # the same for the base point, whose table is made once
PARTS, BITS = 4, 64  # scalars are read as four parts of 64 bits side by side


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is the key's (32 bytes) over the message; RFC 8032, section 5.1.7."""
    if len(public) != 32 or len(signature) != 64:
        return False
    return holds(public, hashlib.sha512(signature[:32] + public + message).digest(), signature)


@lru_cache(maxsize=8192)
def holds(public: bytes, digest: bytes, signature: bytes) -> bool:
    """The same for the message of that digest. A signature that stands many times is verified once."""
    s, k = int.from_bytes(signature[32:], "little"), int.from_bytes(digest, "little") % L
    table = table_of_key(public)
    if s >= L or table is None:
        return False
    return encoded(two_products(s, k, table)) == signature[:32]


def decoded(raw: bytes) -> Point | None:
    """The point of 32 bytes (RFC 8032, section 5.1.3), or None where they name no point of the curve."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (v * x * x - u) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def encoded(point: Point) -> bytes:
    """The 32 bytes of a point (RFC 8032, section 5.1.2)."""
    x, y, z, _ = point
    inverse = pow(z, P - 2, P)
    return ((y * inverse % P) | ((x * inverse % P & 1) << 255)).to_bytes(32, "little")


def add(a: Point, b: Point) -> Point:
    """The sum of two points (RFC 8032, section 5.1.4)."""
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    g, h = 2 * t1 * t2 % P * D, 2 * z1 * z2
    e, f, g, h = (f - e) % P, (h - g) % P, (h + g) % P, (f + e) % P
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def double(a: Point) -> Point:
    """Twice a point (RFC 8032, section 5.1.4)."""
    x, y, z, _ = a
    xx, yy = x * x, y * y
    h = xx + yy
    e = (h - (x + y) * (x + y)) % P
    g = (xx - yy) % P
    f = (2 * z * z + g) % P
    h %= P
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def two_products(s: int, k: int, minus_a: Table) -> Point:
    """[s]B + [k](-A), all parts of both in one run of doublings over signed windows."""
    steps: list[list[Point]] = [[] for _ in range(BITS + 1)]
    for scalar, table, width in ((s, table_of_base(), BASE_WINDOW), (k, minus_a, WINDOW)):
        for part in range(PARTS):
            bits = scalar >> (BITS * part) & (2**BITS - 1)
            for i, digit in enumerate(signed_digits(bits, width)):
                if digit:
                    steps[i].append(multiple(table[part], digit))
    result = NEUTRAL
    for points in reversed(steps):
        result = double(result)
        for point in points:
            result = add(result, point)
    return result


def multiple(odd: tuple[Point, ...], digit: int) -> Point:
    """`digit` (odd, maybe negative) times the point of which `odd` holds odd multiples."""
    x, y, z, t = odd[abs(digit) >> 1]
    return (x, y, z, t) if digit > 0 else (P - x, y, z, P - t)


def signed_digits(number: int, width: int) -> list[int]:
    """The non-adjacent form of that width, lowest digit first: each digit is 0 or odd and small."""
    digits, full, half = [], 1 << width, 1 << (width - 1)
    while number:
        digit = 0
        if number & 1:
            digit = number & (full - 1)
            if digit >= half:
                digit -= full
            number -= digit
        digits.append(digit)
        number >>= 1
    return digits


def table_of(point: Point, width: int) -> Table:
    """For each part of a scalar 1, 3, 5, ... times 2^64 to that part times the point."""
    parts = []
    for _ in range(PARTS):
        twice, odd = double(point), [point]
        for _ in range((1 << (width - 2)) - 1):
            odd.append(add(odd[-1], twice))
        parts.append(tuple(odd))
        for _ in range(BITS):
            point = double(point)
    return tuple(parts)


@lru_cache(maxsize=1)
def table_of_base() -> Table:
    """The table of the base point, whose y is 4/5 and whose x is even."""
    base = decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    assert base is not None
    return table_of(base, BASE_WINDOW)


@lru_cache(maxsize=2048)
def table_of_key(public: bytes) -> Table | None:
    """The table of -A for the key A, or None where the key is no point."""
    point = decoded(public)
    if point is None:
        return None
    x, y, z, t = point
    return table_of((P - x if x else 0, y, z, P - t if t else 0), WINDOW)
