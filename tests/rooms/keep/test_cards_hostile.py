"""Whatever comes as a published contest is read or refused with StoreError; nothing else ever."""

import random

import numpy as np
import pytest

from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern, narrowed
from tallybook.keep.cards.parquet import StoreError
from tallybook.keep.cards.published import files_of, publish, read_published

SECRET = bytes(range(32))
CONTEST = Contest("mayor", "Mayor", "city", (Choice("a", "Ann"), Choice("b", "Bo")))
PATTERNS = (Pattern((Mark("a"),)), Pattern((Mark("b"),)), Pattern((), ("blank",)))
BITS = [
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"-1",
    b"1e9",
    b"null",
    b"\x00",
    b"\xff",
    b"9" * 40,
    b"true",
]


def whole() -> dict[str, bytes]:
    codes = narrowed(np.arange(40) % 4)
    return files_of(publish(CONTEST, PATTERNS, codes, [f"1/{n}" for n in range(40)], SECRET))


def spoiled(roll: random.Random) -> dict[str, bytes]:
    """One file cut, flipped, doubled or with a bit of JSON put in."""
    files = whole()
    name = roll.choice(sorted(files))
    data, at = files[name], roll.randrange(len(files[name]) + 1)
    files[name] = roll.choice(
        [
            data[:at],
            data[:at] + roll.choice(BITS) + data[at:],
            data[:at] + roll.choice(BITS) + data[at + roll.randrange(1, 9) :],
            data[:at] + data,
            data + data[at:],
            roll.randbytes(at),
        ]
    )
    return files


def refused(files: dict[str, bytes]) -> bool:
    """Whether the files are refused; what is accepted is written again as the very same bytes."""
    try:
        read = read_published(files)
    except StoreError as why:
        assert str(why).endswith(".")
        return True
    assert files_of(read) == files
    return False


def test_a_spoiled_contest_is_refused_in_a_sentence_or_says_the_same_when_written_again() -> None:
    roll = random.Random(20261121)
    assert sum(refused(spoiled(roll)) for _ in range(3_000)) > 2_500


def test_no_spoiled_column_is_ever_accepted() -> None:
    roll = random.Random(3)
    for _ in range(1_000):
        files = spoiled(roll)
        same = all(files[name] == whole()[name] for name in ("codes.bin", "commitments.bin"))
        assert same or refused(files)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'"' + b"x" * 1_000_000 + b'"',
        b"1" * 5_000,
    ],
)
def test_any_json_is_refused(head: bytes) -> None:
    with pytest.raises(StoreError):
        read_published({**whole(), "contest.json": head})


@pytest.mark.parametrize("field", ["cards", "code_bytes", "seats", "votes_allowed", "rank", "votes"])
@pytest.mark.parametrize("value", [b"-1", b"1.5", b'"1"', b"null", b"9007199254740991", b"9007199254740992"])
def test_a_number_out_of_range_is_refused_or_kept(field: str, value: bytes) -> None:
    head = whole()["contest.json"]
    start = head.index(b'"%s":' % field.encode()) + len(field) + 3
    end = start + min(at for at in (head[start:].find(b","), head[start:].find(b"}")) if at >= 0)
    files = {**whole(), "contest.json": head[:start] + value + head[end:]}
    assert refused(files) == (field in ("cards", "code_bytes") or value != b"9007199254740991")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"choice":"a"', b'"choice":"c"'),
        (b'"choice":"a"', b'"choice":"write_in:0"'),
        (b'"choice":"a"', b'"choice":"write_in:Mickey Mouse"'),
        (b'"flags":["blank"]', b'"flags":["black"]'),
        (b'"flags":["blank"]', b'"flags":["invalid","blank"]'),
        (b'"flags":["blank"]', b'"flags":["blank","blank"]'),
    ],
)
def test_a_mark_or_flag_that_cannot_be_is_refused(old: bytes, new: bytes) -> None:
    head = whole()["contest.json"]
    assert old in head
    with pytest.raises(StoreError, match=r"contest\.json: found"):
        read_published({**whole(), "contest.json": head.replace(old, new)})
