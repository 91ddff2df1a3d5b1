"""Which items a seed draws: the sampler of docs/spec/draw.md, version tallybook/draw/v1.

For anyone who must draw, or check, a sample.  Integers and SHA-256 only: the draw depends on the seed and
on the names of the items, never on the order of rows, on a library's random generator or on the platform.

Three draws.  Uniform without replacement: every item has a ticket, the n smallest win.  Consistent: the
same tickets serve several groups of items at once.  With replacement, uniform or in proportion to whole
weights: draw i is an unbiased integer below the total weight.

The method of tickets is Rivest's consistent sampling (arXiv:1808.10016), with a hash message of our own.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import accumulate, islice

import numpy as np
from numpy.typing import NDArray

from tallybook.stats.errors import require
from tallybook.stats.fast import leading_words

DOMAIN = "tallybook/draw/v1"
SEED_DIGITS = (20, 200)
NAME_BYTES = 4096
TOTAL_LIMIT = 1 << 255
SUSPICIOUS = re.compile(r"[\x01-\x09\x0b-\x1f\x7f\ud800-\udfff]|[\x00\n][\x00\n]")


@dataclass(frozen=True, slots=True, order=True)
class Drawn:
    """One drawn item and the ticket that drew it (64 hexadecimal digits).  Sorts in the order of the draw."""

    ticket: str
    item: str


@dataclass(frozen=True, slots=True)
class ConsistentSample:
    """One sample that serves several groups.

    drawn: the union, in ticket order.
    thresholds: group -> ticket of its last required item ("" when the group asks for none).
    usable: group -> its unbroken prefix: the items that may be used for it, in ticket order.
    """

    drawn: tuple[Drawn, ...]
    thresholds: Mapping[str, str]
    usable: Mapping[str, tuple[str, ...]]


def ticket(seed: str, item: str) -> str:
    """The ticket of one item: 64 hexadecimal digits (spec section 4).  Other items never change it."""
    check_seed(seed)
    check_item(item)
    return hashlib.sha256(ticket_prefix(seed) + item.encode()).hexdigest()


def draw_without_replacement(seed: str, items: Iterable[str], n: int) -> tuple[Drawn, ...]:
    """The n items with the smallest tickets, smallest first (spec section 4).

    Any order of `items` gives the same answer; a larger n only adds at the end.
    Refuses a bad seed, a bad or repeated name, and an n above the number of items.
    """
    check_seed(seed)
    names = tuple(items)
    leading = leading_words(ticket_prefix(seed), names)
    if leading is None or has_repeat(leading):
        names = distinct(names)
    check_size("n", n, len(names))
    if leading is not None and 0 < n < len(names):
        highest = np.partition(leading, n - 1)[n - 1]
        names = tuple(names[i] for i in np.flatnonzero(leading <= highest).tolist())
    return tuple(Drawn(digest.hex(), name) for digest, name in nsmallest(n, digests(seed, names)))


def ticket_order(seed: str, items: Iterable[str]) -> NDArray[np.int64]:
    """The positions of all items in the order of their tickets, for millions of items at once.

    A group's sample is the first n of these positions whose items are in the group.
    """
    check_seed(seed)
    names = tuple(items)
    leading = leading_words(ticket_prefix(seed), names)
    if leading is None or has_repeat(leading):
        names = distinct(names)
        tickets = np.frombuffer(b"".join(digest for digest, _ in digests(seed, names)), dtype=">u8")
        leading = tickets.reshape(-1, 4)[:, 0].astype(np.uint64)
    order = np.argsort(leading, kind="stable")
    if np.any(leading[order][1:] == leading[order][:-1]):  # the first 64 bits leave the order open
        exact = list(digests(seed, names))
        order = np.array(sorted(range(len(names)), key=exact.__getitem__), dtype=np.int64)
    return order


def draw_consistently(
    seed: str, groups: Mapping[str, Iterable[str]], sizes: Mapping[str, int]
) -> ConsistentSample:
    """One sample that holds, for every group g, the sizes[g] smallest tickets of g (spec section 5).

    An item may be in several groups and is then drawn once for all of them.
    Refuses what draw_without_replacement refuses, and groups and sizes with different keys.
    """
    require(groups.keys() == sizes.keys(), "sizes", sorted(sizes), f"one size for each of {sorted(groups)}")
    members = {group: distinct(items) for group, items in groups.items()}
    for group, items in members.items():
        check_size(f"sizes[{group!r}]", sizes[group], len(items))
    known = {name: digest for digest, name in digests(seed, {i for items in members.values() for i in items})}
    required = {g: nsmallest(sizes[g], ((known[i], i) for i in items)) for g, items in members.items()}
    drawn = sorted({one for sample in required.values() for one in sample})
    in_sample = {name for _, name in drawn}
    return ConsistentSample(
        drawn=tuple(Drawn(digest.hex(), name) for digest, name in drawn),
        thresholds={g: sample[-1][0].hex() if sample else "" for g, sample in required.items()},
        usable={g: unbroken_prefix(known, items, in_sample) for g, items in members.items()},
    )


def draw_with_replacement(seed: str, stream: str, items: Iterable[str], n: int) -> tuple[str, ...]:
    """n independent draws, each item equally likely each time, in the order drawn (spec section 7).

    Unlike a ticket, draw i changes when an item is added to or removed from the list.
    """
    return draw_by_weight(seed, stream, dict.fromkeys(distinct(items), 1), n)


def draw_by_weight(seed: str, stream: str, weights: Mapping[str, int], n: int) -> tuple[str, ...]:
    """n independent draws with replacement, item b with probability weights[b] / sum (spec section 7).

    weights: whole numbers >= 0, not all 0, below 2^255 together.  `stream` names this draw: two draws
    that must be independent (two strata, two contests) must have different streams.
    """
    for name, weight in weights.items():
        check_item(name)
        check_count(f"weights[{name!r}]", weight)
    names = sorted(weights)
    upto = list(accumulate(weights[name] for name in names))
    total = upto[-1] if upto else 0
    check_count("n", n)
    return tuple(names[bisect_right(upto, r)] for r in islice(integers_below(seed, stream, total), n))


def integers_below(seed: str, stream: str, total: int) -> Iterator[int]:
    """Independent integers, each uniform on 0..total-1, for draws 1, 2, 3 ... (spec section 6).

    Exactly uniform: a hash in the last incomplete run of `total` is refused and the next attempt made.
    """
    check_seed(seed)
    check_stream(stream)
    allowed = type(total) is int and 1 <= total <= TOTAL_LIMIT
    require(allowed, "total", total, "a whole number from 1 to 2^255")
    return _integers(f"{DOMAIN}\ninteger\n{seed}\n{stream}\n", total)


def check_seed(seed: str) -> None:
    """A seed is 20 to 200 digits 0-9 and nothing else; leading zeros count (spec section 2)."""
    low, high = SEED_DIGITS
    good = isinstance(seed, str) and low <= len(seed) <= high and seed.isascii() and seed.isdigit()
    require(good, "seed", seed, f"{low} to {high} digits 0-9, as rolled, without spaces")


def check_item(item: str) -> None:
    """An item is one or more non-empty parts joined by line feeds, at most 4,096 bytes (spec section 3)."""
    require(isinstance(item, str), "item", item, "text")
    parts = item.split("\n")
    good = all(parts) and not any(is_control(c) for part in parts for c in part) and fits(item)
    allowed = "non-empty parts joined by line feeds, no other control character, 4,096 bytes at most"
    require(good, "item", item, allowed)


def check_stream(stream: str) -> None:
    """A stream's name is an item of one part (spec section 6)."""
    check_item(stream)
    require("\n" not in stream, "stream", stream, "a name without a line feed")


def join_parts(*parts: str) -> str:
    """The name of an item that has several parts, such as a place, a box and a position in it."""
    for part in parts:
        check_stream(part)
    return "\n".join(parts)


def digests(seed: str, names: Iterable[str]) -> Iterator[tuple[bytes, str]]:
    """(ticket as 32 bytes, name) of each name, in the order given; bytes compare as the integers do."""
    check_seed(seed)
    prefix = ticket_prefix(seed)
    sha256 = hashlib.sha256
    return ((sha256(prefix + name.encode()).digest(), name) for name in names)


def ticket_prefix(seed: str) -> bytes:
    """What is hashed before the item's name."""
    return f"{DOMAIN}\nticket\n{seed}\n".encode()


def unbroken_prefix(known: Mapping[str, bytes], items: Sequence[str], in_sample: set[str]) -> tuple[str, ...]:
    """The items of one group in ticket order, up to the first that is not in the sample."""
    wall = min(((known[item], item) for item in items if item not in in_sample), default=None)
    present = sorted((known[item], item) for item in items if item in in_sample)
    return tuple(item for digest, item in present if wall is None or (digest, item) < wall)


def distinct(items: Iterable[str]) -> tuple[str, ...]:
    """The items as a tuple, each checked; the error names the first bad or repeated one."""
    names = tuple(items)
    if not all_plainly_good(names):
        for name in names:
            check_item(name)
    if len(set(names)) < len(names):
        seen: set[str] = set()
        for name in names:
            require(name not in seen, "items", name, "each name once")
            seen.add(name)
    return names


def all_plainly_good(names: Sequence[str]) -> bool:
    """True only if every name passes check_item: one search over all of them, for lists of millions.

    The names stand between NUL characters; a bad character or an empty part is found by its surroundings.
    """
    if not all(type(name) is str for name in names):
        return False
    text = "\0".join(("", *names, ""))
    short = max(map(len, names), default=0) <= NAME_BYTES // 4
    return short and text.count("\0") == len(names) + 1 and not SUSPICIOUS.search(text)


def has_repeat(leading: NDArray[np.uint64]) -> bool:
    """Do two tickets begin with the same 64 bits? Then a name may stand twice."""
    ordered = np.sort(leading)
    return bool((ordered[1:] == ordered[:-1]).any())


def check_size(argument: str, n: int, population: int) -> None:
    check_count(argument, n)
    require(n <= population, argument, n, f"0 to {population}, the number of items")


def check_count(argument: str, n: int) -> None:
    require(type(n) is int and n >= 0, argument, n, "a whole number, 0 or more")


def is_control(c: str) -> bool:
    return c < " " or c == "\x7f"


def fits(item: str) -> bool:
    try:
        return len(item.encode()) <= NAME_BYTES
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8 form
        return False


def _integers(prefix: str, total: int) -> Iterator[int]:
    limit = (1 << 256) - (1 << 256) % total
    draw = 0
    while True:
        draw += 1
        attempt = 0
        while (x := sha256_integer(f"{prefix}{draw}\n{attempt}")) >= limit:
            attempt += 1
        yield x % total


def sha256_integer(text: str) -> int:
    """SHA-256 of the UTF-8 bytes, read as a big-endian integer below 2^256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
