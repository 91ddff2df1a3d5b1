"""Two packages compared, in words: what one says and the other does not.

For the observer who kept last week's package, and for two offices whose books should agree. Entries are
compared byte by byte from the first; what differs after that is told act by act, then statement by statement
(contest, count, place), outcome by outcome. It says what differs and not which of the two is right.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import msgspec

from tallybook.book import Entry
from tallybook.book.nouns import NOT_DONE, REFUSED

MOST_TOLD = 50
ACT_FIELDS = ("act", "office", "contest", "place", "purpose", "on", "received", "detail", "exhibits", "by")


class Book(msgspec.Struct, frozen=True):
    """One package as it is compared: what to call it, its origin, its entries as stored and as values."""

    name: str
    origin: str
    stored: tuple[bytes, ...]
    entries: tuple[Entry, ...]


class Difference(msgspec.Struct, frozen=True):
    """One difference. about: history, act, answer, statement, outcome, finding or exhibit."""

    about: str
    subject: str
    says: str


def differences(a: Book, b: Book) -> tuple[Difference, ...]:
    """Everything in which two packages differ; empty if they hold the same book."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a.stored, b.stored, strict=False)))
    if shared == len(a.stored) == len(b.stored):
        return ()
    return (
        *history(a, b, shared),
        *acts(a, b, shared),
        *statements(a, b),
        *outcomes(a, b),
        *findings(a, b),
        *exhibits(a, b),
    )


def history(a: Book, b: Book, shared: int) -> Iterator[Difference]:
    """How the two histories lie to one another."""
    short, long = sorted((a, b), key=lambda one: len(one.stored))
    if a.origin != b.origin:
        says = f"two books: {a.name} is {a.origin}, {b.name} is {b.origin}."
    elif shared == len(short.stored):
        more = len(long.stored) - shared
        says = (
            f"{long.name} continues {short.name}: the first {shared:,} entries are the same, {more:,} follow."
        )
    else:
        says = (
            f"one origin, two histories: they part at entry {shared}. At most one of them is the book; "
            "keep both, and show them to the witnesses."
        )
    yield Difference("history", a.origin if a.origin == b.origin else "", says)


def acts(a: Book, b: Book, shared: int) -> Iterator[Difference]:
    """Acts that only one has, and acts of one key that differ, or that were answered differently."""
    ours, theirs = by_key(a), by_key(b)
    for key, entry in ours.items():
        other = theirs.get(key)
        if other is None:
            yield Difference("act", key, f"only in {a.name}: {told(entry)}")
        elif a.origin != b.origin or entry.seq >= shared:
            yield from apart(a, b, entry, other)
    for key, entry in theirs.items():
        if key not in ours:
            yield Difference("act", key, f"only in {b.name}: {told(entry)}")


def apart(a: Book, b: Book, one: Entry, other: Entry) -> Iterator[Difference]:
    """In which fields an act, or its answer, differs."""
    ours, theirs = (asked(entry, a.origin == b.origin) for entry in (one, other))
    fields = [name for name in ours if ours[name] != theirs[name]]
    if fields:
        says = (
            f"asked with another {', '.join(fields)}: entry {one.seq} of {a.name}, {other.seq} of {b.name}."
        )
        yield Difference("act", one.key, says)
    if one.entry != other.entry:
        says = f"{answer(one)} in {a.name} (entry {one.seq}), {answer(other)} in {b.name} ({other.seq})."
        yield Difference("answer", one.key, says)


def asked(entry: Entry, is_one_book: bool) -> dict[str, Any]:
    """The fields of an act. Between two books, when and where each received it is no difference."""
    fields = {name: getattr(entry, name) for name in ACT_FIELDS}
    if not is_one_book:
        del fields["received"]
        fields["detail"] = {name: value for name, value in entry.detail.items() if name != "note"}
    return fields


def told(entry: Entry) -> str:
    """An act in a few words."""
    about = ", ".join(filter(None, (entry.contest, entry.place)))
    day = entry.on or entry.received[:10]
    return f"entry {entry.seq}, {day}, {entry.act}{f' ({about})' if about else ''}, {answer(entry)}."


def answer(entry: Entry) -> str:
    """How an act was answered, in words."""
    if entry.entry in NOT_DONE:
        return "refused" if entry.entry == REFUSED else "without legal effect"
    return "granted"


def by_key(book: Book) -> dict[str, Entry]:
    return {one.key: one for one in book.entries if one.key}


# What the books say ---------------------------------------------------------------------------------

Spot = tuple[str, str, str]
"""(contest, count, place): "" for the whole."""


def statements(a: Book, b: Book) -> Iterator[Difference]:
    """The latest votes of every contest, count and place that differ, or that only one has."""
    for spot, ours, theirs in pairs(latest(a), latest(b)):
        subject = ", ".join(filter(None, spot))
        if ours is None or theirs is None:
            book, votes = (a, ours) if theirs is None else (b, theirs)
            yield Difference("statement", subject, f"only in {book.name}: {numbers(votes or {})}.")
        elif ours != theirs:
            moved = {k: theirs.get(k, 0) - ours.get(k, 0) for k in {**ours, **theirs}}
            said = ", ".join(f"{k} {n:+,}" for k, n in moved.items() if n)
            says = f"{a.name} {numbers(ours)}; {b.name} {numbers(theirs)} ({said})."
            yield Difference("statement", subject, says)


def latest(book: Book) -> dict[Spot, dict[str, int]]:
    """The latest votes by contest, count and place."""
    found: dict[Spot, dict[str, int]] = {}
    for one in done(book):
        count = one.result.get("count")
        votes = one.result.get("votes") or one.detail.get("returns", {}).get("votes")
        if count and votes:
            found[one.contest, count, one.place] = votes
    return found


def outcomes(a: Book, b: Book) -> Iterator[Difference]:
    for contest, ours, theirs in pairs(results(a), results(b)):
        if ours != theirs:
            says = f"{a.name}: {ours or 'no outcome'}; {b.name}: {theirs or 'no outcome'}."
            yield Difference("outcome", contest, says)


def results(book: Book) -> dict[str, str]:
    """The latest outcome of each contest, in words."""
    found = {}
    for one in done(book):
        outcome = one.result.get("outcome")
        if outcome and one.contest:
            names = ", ".join(outcome.get("winners") or outcome.get("choices") or ())
            found[one.contest] = f"{outcome['kind'].replace('_', ' ')}{f' ({names})' if names else ''}"
    return found


def findings(a: Book, b: Book) -> Iterator[Difference]:
    """Findings that are open in one, with their words."""
    ours, theirs = open_findings(a), open_findings(b)
    for key in {**ours, **theirs}:
        if (key in ours) != (key in theirs):
            book, words = (a, ours[key]) if key in ours else (b, theirs[key])
            yield Difference("finding", key, f"open only in {book.name}: {words}")


def open_findings(book: Book) -> dict[str, str]:
    """Key -> words of the findings that nobody has closed."""
    found: dict[int, Entry] = {}
    for one in done(book):
        if one.entry == "finding_reported":
            found[one.seq] = one
        elif one.entry == "finding_closed":
            found.pop(one.detail["finding"], None)
    return {one.key: str(one.detail.get("text", "")) for one in found.values()}


def exhibits(a: Book, b: Book) -> Iterator[Difference]:
    ours, theirs = filed(a), filed(b)
    for book, some in ((a, ours.keys() - theirs.keys()), (b, theirs.keys() - ours.keys())):
        names = {**ours, **theirs}
        for fingerprint in sorted(some, key=lambda one: (names[one], one))[:MOST_TOLD]:
            says = f"only in {book.name}: {names[fingerprint]} ({fingerprint[:16]}…)."
            yield Difference("exhibit", fingerprint, says)


def filed(book: Book) -> dict[str, str]:
    """Fingerprint or commitment -> name of every exhibit."""
    return {
        one.get("sha256") or one["commitment"]: one["name"]
        for entry in book.entries
        for one in entry.exhibits
    }


def done(book: Book) -> Iterable[Entry]:
    """Entries of acts that were granted, and consequences."""
    return (one for one in book.entries if one.entry not in NOT_DONE)


def pairs(ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> Iterator[tuple[Any, Any, Any]]:
    return ((key, ours.get(key), theirs.get(key)) for key in {**ours, **theirs})


def numbers(votes: Mapping[str, int]) -> str:
    """The votes in a few words, the largest first."""
    most: Sequence[tuple[str, int]] = sorted(votes.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{name} {n:,}" for name, n in most[:4]) + (" …" if len(most) > 4 else "")
