"""The published rows of one contest, as an audit needs them: counted by reading, and found by commitment.

For the book, which commits them before the seed and opens the rows of drawn cards. The bytes are those of
``docs/spec/cards.md``; in an audit every card of the population has a row, also one that lacks the contest
or has no record. Nothing is read from a file here: the three files arrive parsed or as bytes.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from tallybook.election import Contest
from tallybook.election.cards import FLAGS, Codes, Mark, Pattern
from tallybook.merkle.canonical import encode
from tallybook.merkle.commitments import commitment

FORM = "tallybook/published-cards/v1"
NOT_ON_CARD, NO_RECORD = "not_on_card", "no_record"
OUTSIDE = (NOT_ON_CARD, NO_RECORD)
"""Flags of rows without a reading: the record lacks the contest, or there is no record."""
WRITTEN = re.compile("write_in(:[1-9][0-9]{0,8})?")
WIDTHS = (1, 2, 4)
LENGTH = 32


class UnfitRowsError(ValueError):
    """Published rows that do not hold; the text says what was found and what was expected."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``contest.json`` says."""

    form: str
    contest: Contest
    cards: int
    code_bytes: int
    patterns: tuple[Pattern, ...]
    codes_sha256: str
    commitments_sha256: str


class Rows(msgspec.Struct, frozen=True, eq=False):
    """One contest as published: row i has the reading ``patterns[codes[i]]``, under ``commitments``."""

    contest: Contest
    patterns: tuple[Pattern, ...]
    codes: Codes
    commitments: bytes

    @property
    def cards(self) -> int:
        """How many rows there are."""
        return len(self.codes)


def read_head(document: Any) -> Head:
    """``contest.json`` from its canonical JSON, parsed. Raises UnfitRowsError."""
    try:
        head = msgspec.convert(document, Head)
    except msgspec.ValidationError as why:
        raise _unfit(str(why), "the fields of a published contest") from None
    if head.form != FORM or msgspec.json.encode(head, order="sorted") != encode(document) or head.cards < 1:
        raise _unfit(f"the form {head.form}", f"{FORM}, with every field and at least one row")
    if head.contest.seats < 1 or head.contest.votes_allowed < 1:
        raise _unfit("a contest without seats or votes", "at least one of each")
    if head.code_bytes != next((w for w in WIDTHS if len(head.patterns) <= 256**w), 0):
        raise _unfit(f"codes of {head.code_bytes} bytes", "the width that so many patterns need")
    _check_patterns(head)
    return head


def read_rows(head: Head, files: Mapping[str, bytes]) -> Rows:
    """The rows that a head names. files: fingerprint -> bytes, as filed. Raises UnfitRowsError."""
    rows = rows_again(head, files)
    if int(rows.codes.max()) >= len(head.patterns):
        raise _unfit(f"the code {rows.codes.max()}", f"codes below {len(head.patterns)}")
    if not ascending(rows.commitments):
        raise _unfit("commitments out of order, or one twice", "each once, ascending")
    return rows


def rows_again(head: Head, files: Mapping[str, bytes]) -> Rows:
    """The rows of a head that were read before and held: only their lengths are looked at again."""
    for name, width in ((head.codes_sha256, head.code_bytes), (head.commitments_sha256, LENGTH)):
        if (data := files.get(name)) is None:
            raise _unfit("no exhibit with the codes or the commitments", "both on file")
        if len(data) != width * head.cards:
            raise _unfit(f"{len(data)} bytes", f"{width} for each of {head.cards} rows")
    codes = np.frombuffer(files[head.codes_sha256], dtype=f"<u{head.code_bytes}")
    return Rows(head.contest, head.patterns, codes, files[head.commitments_sha256])


def ascending(commitments: bytes) -> bool:
    """Whether commitments of 32 bytes ascend strictly."""
    rows = np.frombuffer(commitments, dtype=f"S{LENGTH}")
    return bool(np.all(rows[:-1] < rows[1:]))


def counts_of(rows: Rows) -> tuple[int, ...]:
    """How many rows have each pattern."""
    return tuple(np.bincount(rows.codes.astype(np.int64), minlength=len(rows.patterns)).tolist())


def row_of(rows: Rows, card: str, salt: bytes) -> int | None:
    """The place of the pattern of a card's row; None where the salt opens no row."""
    text = encode({"card": card, "contest": rows.contest.id})
    sealed = bytes.fromhex(commitment(salt, text))
    at = bisect_left(range(rows.cards), sealed, key=lambda i: rows.commitments[32 * i : 32 * i + 32])
    if rows.commitments[32 * at : 32 * at + 32] != sealed:
        return None
    return int(rows.codes[at])


def without_reading(pattern: Pattern) -> bool:
    """Whether a row has no reading: the contest is not on the card, or there is no record."""
    return any(flag in OUTSIDE for flag in pattern.flags)


def _check_patterns(head: Head) -> None:
    """Patterns are sorted, each once; marks and flags are such as the contest can have."""
    texts = [msgspec.json.encode(one, order="sorted") for one in head.patterns]
    if any(before >= after for before, after in pairwise(texts)):
        raise _unfit("patterns out of order, or one twice", "each once, sorted by their bytes")
    known = set(head.contest.choice_ids)
    for pattern in head.patterns:
        if wrong := _wrong_mark(pattern.marks, known):
            raise _unfit(f"a mark for {wrong}", "a choice of the contest, or a write-in by number")
        if any(mark.rank < 0 or mark.votes < 0 for mark in pattern.marks):
            raise _unfit("a number below 0", "ranks and votes from 0")
        if pattern.flags != tuple(sorted({*pattern.flags} & {*FLAGS, *OUTSIDE})):
            raise _unfit(f"the flags {', '.join(pattern.flags)}", "flags of the specification, sorted")
        if without_reading(pattern) and (pattern.marks or len(pattern.flags) != 1):
            raise _unfit(f"marks or flags beside {' or '.join(OUTSIDE)}", "neither")


def _wrong_mark(marks: Sequence[Mark], known: set[str]) -> str:
    """The first choice marked that is neither listed nor a numbered write-in."""
    strange = (one.choice for one in marks if one.choice not in known and not WRITTEN.fullmatch(one.choice))
    return next(strange, "")


def _unfit(found: str, expected: str) -> UnfitRowsError:
    return UnfitRowsError(f"found {found}; expected {expected}")
