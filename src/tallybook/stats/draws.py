"""Which items a seed draws: the sampler of docs/spec/draw.md, version tallybook/draw/v1.

For anyone who must draw, or check, a sample.  Integers and SHA-256 only: the draw depends on the seed and
on the names of the items, never on the order of rows, on a library's random generator or on the platform.

Three draws.  Uniform without replacement: every item has a ticket, the n smallest win.  Consistent: the
same tickets serve several groups of items at once.  With replacement, uniform or in proportion to whole
weights: draw i is an unbiased integer below the total weight.

The method of tickets is Rivest's consistent sampling (arXiv:1808.10016), with a hash message of our own.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import accumulate, islice

from tallybook.stats.errors import NumberError

DOMAIN = "tallybook/draw/v1"
SEED_DIGITS = (20, 200)
NAME_BYTES = 4096
TOTAL_LIMIT = 1 << 255


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
    Raises NumberError for a bad seed, a bad or repeated name, or n outside 0..number of items.
    """
    check_seed(seed)
    names = distinct(items)
    check_size(n, len(names))
    prefix = ticket_prefix(seed)
    hashed = ((hashlib.sha256(prefix + name.encode()).digest(), name) for name in names)
    return tuple(Drawn(digest.hex(), name) for digest, name in nsmallest(n, hashed))


def draw_consistently(
    seed: str, groups: Mapping[str, Iterable[str]], sizes: Mapping[str, int]
) -> ConsistentSample:
    """One sample that holds, for every group g, the sizes[g] smallest tickets of g (spec section 5).

    An item may be in several groups and is then drawn once for all of them.
    Raises NumberError as draw_without_replacement does, and when groups and sizes have different keys.
    """
    if groups.keys() != sizes.keys():
        raise NumberError("sizes", sorted(sizes), f"one size for each of {sorted(groups)}")
    members = {group: tuple(items) for group, items in groups.items()}
    required = {g: draw_without_replacement(seed, items, sizes[g]) for g, items in members.items()}
    drawn = tuple(sorted({one for sample in required.values() for one in sample}))
    in_sample = {one.item for one in drawn}
    return ConsistentSample(
        drawn=drawn,
        thresholds={g: sample[-1].ticket if sample else "" for g, sample in required.items()},
        usable={g: unbroken_prefix(seed, items, in_sample) for g, items in members.items()},
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
        if type(weight) is not int or weight < 0:
            raise NumberError(f"weights[{name!r}]", weight, "a whole number, 0 or more")
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
    if type(total) is not int or not 1 <= total <= TOTAL_LIMIT:
        raise NumberError("total", total, "a whole number from 1 to 2^255")
    return _integers(f"{DOMAIN}\ninteger\n{seed}\n{stream}\n", total)


def check_seed(seed: str) -> None:
    """A seed is 20 to 200 digits 0-9 and nothing else; leading zeros count (spec section 2)."""
    low, high = SEED_DIGITS
    if not (low <= len(seed) <= high and seed.isascii() and seed.isdigit()):
        raise NumberError("seed", seed, f"{low} to {high} digits 0-9, as rolled, without spaces")


def check_item(item: str) -> None:
    """An item is one or more non-empty parts joined by line feeds, at most 4,096 bytes (spec section 3)."""
    parts = item.split("\n")
    if not all(parts) or any(is_control(c) for part in parts for c in part) or not fits(item):
        raise NumberError(
            "item",
            item,
            "non-empty parts joined by line feeds, no other control character, 4,096 bytes at most",
        )


def check_stream(stream: str) -> None:
    """A stream's name is an item of one part (spec section 6)."""
    check_item(stream)
    if "\n" in stream:
        raise NumberError("stream", stream, "a name without a line feed")


def join_parts(*parts: str) -> str:
    """The name of an item that has several parts, such as a place, a box and a position in it."""
    for part in parts:
        check_stream(part)
    return "\n".join(parts)


def ticket_prefix(seed: str) -> bytes:
    """What is hashed before the item's name."""
    return f"{DOMAIN}\nticket\n{seed}\n".encode()


def unbroken_prefix(seed: str, items: Sequence[str], in_sample: set[str]) -> tuple[str, ...]:
    """The items of one group in ticket order, up to the first that is not in the sample."""
    missing = [item for item in items if item not in in_sample]
    present = [item for item in items if item in in_sample]
    wall = draw_without_replacement(seed, missing, 1)[0] if missing else None
    ordered = draw_without_replacement(seed, present, len(present))
    return tuple(one.item for one in ordered if wall is None or one < wall)


def distinct(items: Iterable[str]) -> tuple[str, ...]:
    """The items as a tuple, each checked; NumberError names the first that occurs twice."""
    seen: set[str] = set()
    for item in items:
        check_item(item)
        if item in seen:
            raise NumberError("items", item, "each name once")
        seen.add(item)
    return tuple(seen)


def check_size(n: int, population: int) -> None:
    check_count("n", n)
    if n > population:
        raise NumberError("n", n, f"0 to {population}, the number of items")


def check_count(argument: str, n: int) -> None:
    if type(n) is not int or n < 0:
        raise NumberError(argument, n, "a whole number, 0 or more")


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
