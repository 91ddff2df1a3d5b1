"""The draws of Arlo, replayed: tickets with decimal fractions, and batches drawn by their error bound.

For whoever checks a published audit that used them.  Our own draws are in `draws` and stay the default.
Tickets follow Rivest, "Consistent Sampling with Replacement" (arXiv:1808.10016): the ticket of an item is
a decimal fraction; each time the item is drawn it gets the next ticket, uniform between the last and 1.
The batch draw takes doubles from numpy's generator (see `pcg64`) and the batches in the order of the file.
"""

import heapq
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from hashlib import sha256
from itertools import accumulate, count, islice

from tallybook.stats.errors import require, require_whole
from tallybook.stats.pcg64 import uniforms

DIGITS = 18


@dataclass(frozen=True, slots=True)
class ArloDrawn:
    """ticket: as printed; key: the item; generation: the how-manieth time it is drawn."""

    ticket: str
    key: Hashable
    generation: int


def draw_by_ticket(
    seed: str, keys: Iterable[Hashable], n: int, already: int = 0, digits: int = DIGITS
) -> tuple[ArloDrawn, ...]:
    """Draws already + 1 to already + n with replacement, in ticket order.

    A ballot's key is (batch, position); in an audit of several jurisdictions the batch is itself
    (jurisdiction, tabulator or None, batch name).  `digits`: how many are printed after leading nines.
    """
    _checked(seed, n, already, digits)
    drawn = islice(_with_replacement(seed, keys), already, already + n)
    return tuple(ArloDrawn(trim(ticket, digits), key, generation) for ticket, key, generation in drawn)


def draw_by_ticket_without_replacement(
    seed: str, keys: Iterable[Hashable], n: int, digits: int = DIGITS
) -> tuple[ArloDrawn, ...]:
    """The n keys with the smallest first tickets."""
    _checked(seed, n, 0, digits)
    drawn = heapq.nsmallest(n, ((first_ticket(seed, key_text(key)), i, key) for i, key in enumerate(keys)))
    return tuple(ArloDrawn(trim(ticket, digits), key, 1) for ticket, _, key in drawn)


def draw_by_bound(
    seed: str, bounds: Mapping[Hashable, Decimal], n: int, already: int = 0, digits: int = DIGITS
) -> tuple[ArloDrawn, ...]:
    """Draws already + 1 to already + n of the batch draw, in the order drawn.

    bounds: batch -> its largest possible error u, in the order of the file, as Decimal (28 digits).
    When already + n reaches the number of batches, what is left follows in sorted order, all of it.
    """
    _checked(seed, n, already, digits)
    for u in bounds.values():
        good = isinstance(u, Decimal) and u.is_finite() and u >= 0
        require(good, "bounds", u, "a Decimal of at least 0")
    total = _sum(bounds.values())
    if total == 0:
        return ()
    with localcontext(Context(prec=28)):
        shares = [float(u / total) for u in bounds.values()]
    keys = list(bounds)
    if already + n < len(keys):
        sequence = [keys[i] for i in weighted_indices(seed, shares, already + n)]
    else:
        before = [keys[i] for i in weighted_indices(seed, shares, already)]
        sequence = [*before, *sorted(bounds.keys() - set(before), key=sort_key)]
    return tuple(_with_tickets(seed, sequence, digits))[already:]


def weighted_indices(seed: str, shares: Sequence[float], n: int) -> tuple[int, ...]:
    """n positions drawn with replacement by share, as numpy's Generator.choice draws them.

    Doubles decide here, because they did in the audit: sums in order, each divided by the last.
    """
    sums = list(accumulate(shares))
    upto = [s / sums[-1] for s in sums]
    return tuple(bisect_right(upto, r) for r in islice(uniforms(int(hexadecimal(seed), 16)), n))


def first_ticket(seed: str, text: str) -> str:
    """The first ticket of the item whose text is given, in full length."""
    return "0." + fraction_digits(hexadecimal(seed) + text)


def next_ticket(ticket: str) -> str:
    """The ticket after `ticket`: the first of a hashed series that is larger, compared as text.

    The leading nines are kept, so few attempts are needed however close to 1 the ticket is.
    """
    kept = ticket[: 2 + leading_nines(ticket)]
    for attempt in count(1):
        candidate = kept + fraction_digits(f"{ticket}:{attempt}")
        if candidate > ticket + "0":
            return candidate
    raise AssertionError("a larger ticket always exists")


def trim(ticket: str, digits: int = DIGITS) -> str:
    """The printed form: the leading nines and `digits` digits more, cut, not rounded."""
    return ticket[: 2 + leading_nines(ticket) + digits]


def key_text(key: Hashable) -> str:
    """The text that is hashed for a key: Python's str() of it.  Only plain types, so that it is stable."""
    require(is_plain(key), "key", key, "text, whole numbers, None, or tuples of these")
    return str(key)


def is_plain(key: object) -> bool:
    return type(key) in (str, int, type(None)) or (type(key) is tuple and all(is_plain(part) for part in key))


def fraction_digits(text: str) -> str:
    """The decimal digits of the hash, at least 64 of them, last digit first."""
    return str(int(hexadecimal(text), 16)).zfill(64)[::-1]


def hexadecimal(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def leading_nines(ticket: str) -> int:
    return len(ticket) - 2 - len(ticket[2:].lstrip("9"))


def _checked(seed: str, n: int, already: int, digits: int) -> None:
    require(isinstance(seed, str), "seed", seed, "text")
    require_whole("n", n)
    require_whole("already", already)
    require_whole("digits", digits)


def _with_replacement(seed: str, keys: Iterable[Hashable]) -> Iterator[tuple[str, Hashable, int]]:
    waiting = [(first_ticket(seed, key_text(key)), i, key, 1) for i, key in enumerate(keys)]
    heapq.heapify(waiting)
    while waiting:
        ticket, i, key, generation = waiting[0]
        yield ticket, key, generation
        heapq.heapreplace(waiting, (next_ticket(ticket), i, key, generation + 1))


def _with_tickets(seed: str, sequence: Iterable[Hashable], digits: int) -> Iterator[ArloDrawn]:
    """Tickets for an order already drawn; the next ticket is made from the printed one."""
    last: dict[Hashable, ArloDrawn] = {}
    for key in sequence:
        known = last.get(key)
        ticket = next_ticket(known.ticket) if known else first_ticket(seed, key_text(key))
        last[key] = ArloDrawn(trim(ticket, digits), key, known.generation + 1 if known else 1)
        yield last[key]


def _sum(bounds: Iterable[Decimal]) -> Decimal:
    with localcontext(Context(prec=28)):
        return sum(bounds, Decimal(0))


def sort_key(key: Hashable) -> tuple[str, ...]:
    """Keys sort as tuples of texts do, part by part."""
    return tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)
