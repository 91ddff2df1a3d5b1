"""Published rows as an audit reads them: counted, found by their salts, refused where they do not hold."""

from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
import pytest

from tallybook.audit.published import (
    UnfitRowsError,
    counts_of,
    read_head,
    read_rows,
    row_of,
    without_reading,
)
from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.keep.cards.published import files_of, publish_population, read_published, salt_for
from tallybook.merkle.canonical import decode

SECRET = sha256(b"the secret of the example").digest()
MAYOR = Contest("mayor", "Mayor", "", (Choice("ash", "Ash"), Choice("birch", "Birch")))
ASH, BIRCH = Pattern((Mark("ash"),)), Pattern((Mark("birch"),))
CARDS = ("A/1", "A/2", "A/3", "B/1", "B/2")


def files() -> dict[str, bytes]:
    """Ash, Birch, Birch, a card without the contest, a card without a record."""
    codes = np.array([1, 2, 2, 0, 0], np.uint8)
    return files_of(publish_population(MAYOR, (ASH, BIRCH), codes, CARDS, SECRET, ("B/2",)))


def named(made: dict[str, bytes]) -> dict[str, bytes]:
    """The files by fingerprint."""
    return {sha256(data).hexdigest(): data for data in made.values()}


def head(made: dict[str, bytes]) -> Any:
    return read_head(decode(made["contest.json"]))


def test_every_card_of_the_population_has_a_row_and_its_salt_finds_it():
    made = files()
    rows = read_rows(head(made), named(made))
    told = dict(zip(rows.patterns, counts_of(rows), strict=True))
    lacks, none = Pattern((), ("not_on_card",)), Pattern((), ("no_record",))
    assert told == {ASH: 1, BIRCH: 2, lacks: 1, none: 1}
    assert [one for one in told if without_reading(one)] == [none, lacks]
    wanted = dict(zip(CARDS, (ASH, BIRCH, BIRCH, lacks, none), strict=True))
    for card, pattern in wanted.items():
        place = row_of(rows, card, salt_for(card, "mayor", SECRET))
        assert place is not None and rows.patterns[place] == pattern
    assert row_of(rows, "A/1", salt_for("A/2", "mayor", SECRET)) is None
    assert row_of(rows, "A/1", salt_for("A/1", "sheriff", SECRET)) is None


def test_the_store_reads_the_same_files():
    made = files()
    assert read_published(made).patterns == head(made).patterns


@pytest.mark.parametrize(
    "bend",
    [
        {"form": "tallybook/published-cards/v2"},
        {"cards": 0},
        {"code_bytes": 2},
        {"patterns": (BIRCH, ASH)},
        {"patterns": (Pattern((Mark("cedar"),)),)},
        {"patterns": (Pattern((Mark("ash", -1),)),)},
        {"patterns": (Pattern((Mark("ash"),), ("not_on_card",)),)},
        {"patterns": (Pattern((), ("blank", "no_record")),)},
        {"patterns": (Pattern((), ("odd",)),)},
        {"contest": msgspec.structs.replace(MAYOR, seats=0)},
    ],
)
def test_a_head_that_does_not_hold_is_refused(bend: dict[str, Any]):
    made = head(files())
    document = msgspec.json.decode(msgspec.json.encode(msgspec.structs.replace(made, **bend)))
    with pytest.raises(UnfitRowsError):
        read_head(document)


def test_rows_that_do_not_fit_their_head_are_refused():
    made = files()
    good, by_name = head(made), named(made)
    with pytest.raises(UnfitRowsError, match="no exhibit"):
        read_rows(good, {})
    for name, data in (
        (good.codes_sha256, b"\x00" * 4),
        (good.codes_sha256, b"\x09" * 5),
        (good.commitments_sha256, made["commitments.bin"][32:] + made["commitments.bin"][:32]),
        (good.commitments_sha256, made["commitments.bin"][:32] * 5),
    ):
        with pytest.raises(UnfitRowsError):
            read_rows(good, {**by_name, name: data})
