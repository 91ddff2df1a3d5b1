"""The published form of cast vote records: one contest alone, shuffled, each row sealed to its card.

For observers, who count the rows again, and for an audit, which opens the rows of the cards drawn and no
others. ``docs/spec/cards.md`` defines the bytes. A row is a reading and a commitment to (card, contest). Rows
stand in the order of their commitments, which to anyone without the secret is a random order, another one in
each contest: nothing tells in what order cards were scanned, nor which rows of two contests are one ballot.
What voters wrote is published as "a write-in": a written text could sign a ballot.
"""

import hmac
import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from tallybook.audit.published import NO_RECORD, NOT_ON_CARD
from tallybook.election import Contest
from tallybook.election.cards import FLAGS, Ballots, Codes, Mark, Pattern, narrowed
from tallybook.keep.cards.parquet import StoreError
from tallybook.merkle.canonical import decode, encode
from tallybook.merkle.commitments import salt_of
from tallybook.merkle.errors import EvidenceError

FORM = "tallybook/published-cards/v1"
DOMAIN = b"tallybook/commit/v1\n"
HEAD, CODES, COMMITMENTS = "contest.json", "codes.bin", "commitments.bin"
WRITE_IN = "write_in"
WRITTEN = re.compile("write_in(:[1-9][0-9]*)?")
WIDTHS = (1, 2, 4)
LENGTH = 32


class Published(msgspec.Struct, frozen=True, eq=False):
    """One contest as published. Row i has the reading ``patterns[codes[i]]`` and the commitment
    ``commitments[32 * i : 32 * i + 32]``; commitments ascend."""

    contest: Contest
    patterns: tuple[Pattern, ...]
    codes: Codes
    commitments: bytes

    @property
    def cards(self) -> int:
        """The rows: cards bearing the contest."""
        return len(self.codes)


def publish(
    contest: Contest, patterns: Sequence[Pattern], codes: Codes, cards: Sequence[str], secret: bytes
) -> Published:
    """A contest of a store in its published form. ``codes`` and ``cards`` (the name by which an audit draws
    each card) have one entry per card of the store; cards without the contest are left out.

    secret: of the salts, at least 32 bytes. Raises StoreError where two cards have one name or none fits.
    """
    borne = np.flatnonzero(codes)
    if len(cards) != len(codes):
        raise StoreError(
            f"{len(cards)} names of cards where there are {len(codes)} cards. Name each card once."
        )
    names = [cards[place] for place in borne.tolist()]
    if len(set(names)) < len(names):
        raise StoreError("Two cards have one name. Nothing was published; name each card once.")
    sealed = _commitments(names, contest.id, secret)
    order = np.argsort(np.frombuffer(sealed, dtype=f"S{LENGTH}"), kind="stable")
    known, places = _public_patterns(patterns, set(contest.choice_ids))
    public = places[codes[borne][order].astype(np.int64) - 1] if len(order) else np.zeros(0, np.int64)
    rows = np.frombuffer(sealed, np.uint8).reshape(-1, LENGTH)[order].tobytes()
    return Published(contest, known, public.astype(f"<u{_width(len(known))}"), rows)


def publish_population(
    contest: Contest,
    patterns: Sequence[Pattern],
    codes: Codes,
    cards: Sequence[str],
    secret: bytes,
    missing: Collection[str] = (),
) -> Published:
    """A contest as an audit of all these cards publishes it: every card has a row (docs/spec/cards.md, 2.6).

    codes: 0 where the record lacks the contest; missing: names of cards without any record.
    """
    lacks, none = len(patterns) + 1, len(patterns) + 2
    gone = np.array([name in missing for name in cards], dtype=np.bool_)
    every = np.where(gone, none, np.where(codes == 0, lacks, codes)).astype(np.int64)
    extra = (Pattern((), (NOT_ON_CARD,)), Pattern((), (NO_RECORD,)))
    used = [one for one, code in zip(extra, (lacks, none), strict=True) if np.any(every == code)]
    every = np.where(every == none, lacks + len(used) - 1, every)
    return publish(contest, (*patterns, *used), narrowed(every), cards, secret)


def files_of(published: Published) -> dict[str, bytes]:
    """The three files of a published contest, by name."""
    width = _width(len(published.patterns))
    codes = published.codes.astype(f"<u{width}").tobytes()
    sums = (sha256(codes).hexdigest(), sha256(published.commitments).hexdigest())
    head = _Head(FORM, published.contest, published.cards, width, published.patterns, *sums)
    return {HEAD: encode(decode(_json(head))), CODES: codes, COMMITMENTS: published.commitments}


def read_published(files: Mapping[str, bytes]) -> Published:
    """A published contest from its files. Raises StoreError naming the first rule that they break."""
    missing = [name for name in (HEAD, CODES, COMMITMENTS) if name not in files]
    if missing:
        raise StoreError(f"{missing[0]} is missing. Fetch the folder of the contest again.")
    head = _decoded(files[HEAD])
    width, cards = head.code_bytes, head.cards
    if width != _width(len(head.patterns)):
        raise _wrong(HEAD, f"codes of {width} bytes", f"{_width(len(head.patterns))} for so many patterns")
    for name, size, stated in (
        (CODES, width, head.codes_sha256),
        (COMMITMENTS, LENGTH, head.commitments_sha256),
    ):
        if len(files[name]) != size * cards:
            raise _wrong(name, f"{len(files[name])} bytes", f"{size} for each of {cards} cards")
        if sha256(files[name]).hexdigest() != stated:
            raise _wrong(name, "other bytes than were published", f"the SHA-256 {stated}")
    codes = np.frombuffer(files[CODES], dtype=f"<u{width}")
    if cards and int(codes.max()) >= len(head.patterns):
        raise _wrong(CODES, f"the code {codes.max()}", f"codes below {len(head.patterns)}")
    _check_values(head)
    published = Published(head.contest, head.patterns, codes, files[COMMITMENTS])
    _check_order(published)
    return published


def ballots_of(published: Published) -> Ballots:
    """The rows grouped by reading, for every counting rule."""
    counts = np.bincount(published.codes.astype(np.int64), minlength=len(published.patterns))
    borne = np.flatnonzero(counts).tolist()
    return Ballots(
        published.contest,
        tuple(published.patterns[place] for place in borne),
        tuple(counts[borne].tolist()),
    )


def salt_for(card: str, contest_id: str, secret: bytes) -> bytes:
    """The salt that opens the row of a card that was drawn."""
    return salt_of(secret, sealed_text(card, contest_id).decode())


def opened(published: Published, card: str, salt: bytes) -> Pattern | None:
    """The reading that was published for a card; None where the salt opens no row for it."""
    sealed = sha256(DOMAIN + salt + sealed_text(card, published.contest.id)).digest()
    rows = _Rows(published.commitments)
    place = bisect_left(rows, sealed)
    if len(salt) != LENGTH or place == len(rows) or rows[place] != sealed:
        return None
    return published.patterns[int(published.codes[place])]


def sealed_text(card: str, contest_id: str) -> bytes:
    """What a row's commitment is to."""
    return encode({"card": card, "contest": contest_id})


class _Rows(Sequence[bytes]):
    """Commitments as a sequence, to search in."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data) // LENGTH

    def __getitem__(self, place: Any) -> Any:
        return self._data[place * LENGTH : (place + 1) * LENGTH]


class _Head(msgspec.Struct, frozen=True):
    """What ``contest.json`` says."""

    form: str
    contest: Contest
    cards: int
    code_bytes: int
    patterns: tuple[Pattern, ...]
    codes_sha256: str
    commitments_sha256: str


def _commitments(cards: Sequence[str], contest_id: str, secret: bytes) -> bytes:
    """The commitments of all rows, end to end. A million take about two seconds."""
    salt_of(secret, "")  # refuses a secret that is too short
    try:
        texts = [sealed_text(card, contest_id) for card in cards]
    except EvidenceError as why:
        raise StoreError(f"The name of a card cannot be published: {why}") from None
    return b"".join(sha256(DOMAIN + hmac.digest(secret, text, "sha256") + text).digest() for text in texts)


def _public_patterns(
    patterns: Sequence[Pattern], listed: set[str]
) -> tuple[tuple[Pattern, ...], np.ndarray[Any, Any]]:
    """The patterns as published, sorted by their JSON, and the place of each given one among them.

    The store numbers patterns in the order in which cards were scanned; that order ends here.
    """
    public = [_without_names(pattern, listed) for pattern in patterns]
    known = sorted(set(public), key=_json)
    index = {pattern: place for place, pattern in enumerate(known)}
    return tuple(known), np.array([index[pattern] for pattern in public], dtype=np.int64)


def _without_names(pattern: Pattern, listed: set[str]) -> Pattern:
    """The pattern with "write_in:1", "write_in:2" for the names written, in the order of the card.

    Two names stay two, since they may be an overvote. A choice that the contest lists is no secret.
    """
    told = (mark.choice for mark in pattern.marks)
    names = dict.fromkeys(one for one in told if one.startswith(f"{WRITE_IN}:") and one not in listed)
    called = {name: f"{WRITE_IN}:{number}" for number, name in enumerate(names, 1)}
    marks = tuple(Mark(called.get(m.choice, m.choice), m.rank, m.votes) for m in pattern.marks)
    return Pattern(marks, pattern.flags)


def _width(patterns: int) -> int:
    """The bytes of a code: the fewest of 1, 2 and 4 that hold every place in the table."""
    return next(width for width in WIDTHS if patterns <= 256**width)


def _json(value: msgspec.Struct) -> bytes:
    """The canonical bytes of a value, without the checks that ``encode`` makes on what strangers sent."""
    return msgspec.json.encode(value, order="sorted")


def _decoded(data: bytes) -> _Head:
    """The head, where its bytes are just what it would be written as."""
    try:
        head = msgspec.convert(decode(data), _Head)
    except (EvidenceError, msgspec.ValidationError) as why:
        raise _wrong(HEAD, str(why), "a published contest in canonical JSON") from None
    if head.form != FORM:
        raise _wrong(HEAD, f"the form {head.form}", FORM)
    if _json(head) != data or head.cards < 0:
        raise _wrong(
            HEAD, "fields that are missing, unknown or out of range", "the fields of the specification"
        )
    return head


def _check_values(head: _Head) -> None:
    """Numbers are in range, and every mark and flag is one that the contest can have."""
    marks = [mark for pattern in head.patterns for mark in pattern.marks]
    least = [(head.contest.seats, 1), (head.contest.votes_allowed, 1)]
    least += [(mark.rank, 0) for mark in marks] + [(mark.votes, 0) for mark in marks]
    for number, minimum in least:
        if number < minimum:
            raise _wrong(HEAD, f"the number {number}", f"{minimum} or more")
    known = set(head.contest.choice_ids)
    for mark in marks:
        if mark.choice not in known and not WRITTEN.fullmatch(mark.choice):
            raise _wrong(
                HEAD, f"a mark for {mark.choice!r}", "a choice of the contest, or a write-in by number"
            )
    for pattern in head.patterns:
        if not set(pattern.flags) <= {*FLAGS, NOT_ON_CARD, NO_RECORD} or pattern.flags != tuple(
            sorted(set(pattern.flags))
        ):
            raise _wrong(HEAD, f"the flags {', '.join(pattern.flags)}", f"some of {', '.join(FLAGS)}, sorted")


def _check_order(published: Published) -> None:
    """Commitments ascend, each once; patterns are sorted, each once."""
    rows = np.frombuffer(published.commitments, dtype=f"S{LENGTH}")
    if not np.all(rows[:-1] < rows[1:]):
        raise _wrong(COMMITMENTS, "commitments out of order, or one twice", "each once, ascending")
    texts = [_json(pattern) for pattern in published.patterns]
    if any(before >= after for before, after in pairwise(texts)):
        raise _wrong(HEAD, "patterns out of order, or one twice", "each once, sorted by their bytes")


def _wrong(file: str, found: str, expected: str) -> StoreError:
    return StoreError(f"{file}: found {found}; expected {expected}. Fetch the folder of the contest again.")
