"""The published form: counted by anyone, opened card by card, and silent about everything else."""

import hashlib
import hmac
import json
from collections import Counter

import numpy as np
import pytest

from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern, narrowed
from tallybook.keep.cards.parquet import StoreError
from tallybook.keep.cards.published import (
    ballots_of,
    files_of,
    opened,
    publish,
    read_published,
    salt_for,
)
from tallybook.merkle.errors import EvidenceError

SECRET = hashlib.sha256(b"the secret of a test").digest()
MAYOR = Contest("mayor", "Mayor", "city", (Choice("a", "Ann", "Blue"), Choice("b", "Bo")))
ANN, BO, BLANK = Pattern((Mark("a"),)), Pattern((Mark("b"),)), Pattern((), ("blank",))
CODES = narrowed(np.array([3, 1, 0, 1, 2, 1, 0, 2]))
CARDS = [f"1-2/{place}" for place in range(1, 9)]


def mayor() -> dict[str, bytes]:
    return files_of(publish(MAYOR, (ANN, BO, BLANK), CODES, CARDS, SECRET))


def test_the_rows_are_the_cards_that_bear_the_contest() -> None:
    grouped = ballots_of(read_published(mayor()))
    assert dict(zip(grouped.patterns, grouped.counts, strict=True)) == {ANN: 3, BO: 2, BLANK: 1}
    assert grouped.contest == MAYOR


def test_a_drawn_card_opens_its_row_and_no_other() -> None:
    public = read_published(mayor())
    for card, code in zip(CARDS, CODES.tolist(), strict=True):
        found = opened(public, card, salt_for(card, "mayor", SECRET))
        assert found == (None, ANN, BO, BLANK)[code]
    assert opened(public, CARDS[0], salt_for(CARDS[1], "mayor", SECRET)) is None
    assert opened(public, CARDS[0], b"short") is None


def test_the_standard_library_alone_reads_it_as_the_specification_says() -> None:
    """Written from docs/spec/cards.md, with nothing of ours."""
    files = mayor()
    head = json.loads(files["contest.json"])
    width = head["code_bytes"]
    codes = [
        int.from_bytes(files["codes.bin"][at : at + width], "little") for at in range(0, 6 * width, width)
    ]
    marked = Counter(json.dumps([m["choice"] for m in head["patterns"][code]["marks"]]) for code in codes)
    assert marked == {'["a"]': 3, '["b"]': 2, "[]": 1}
    text = b'{"card":"1-2/1","contest":"mayor"}'
    salt = hmac.new(SECRET, text, "sha256").digest()
    sealed = hashlib.sha256(b"tallybook/commit/v1\n" + salt + text).digest()
    rows = [files["commitments.bin"][at : at + 32] for at in range(0, 192, 32)]
    assert rows == sorted(rows)
    assert head["patterns"][codes[rows.index(sealed)]] == {"flags": ["blank"], "marks": []}


def test_the_bytes_do_not_depend_on_the_order_of_the_cards_or_of_the_patterns() -> None:
    order = [5, 2, 7, 0, 1, 6, 4, 3]
    swap = np.array([0, 2, 3, 1])
    turned = publish(MAYOR, (BLANK, ANN, BO), narrowed(swap[CODES[order]]), [CARDS[i] for i in order], SECRET)
    assert files_of(turned) == mayor()


def test_two_contests_of_the_same_cards_stand_in_unrelated_orders() -> None:
    """Chi-square of the joint positions in a 4 x 4 grid; 21.666 is the 1 % point at 9 degrees of freedom."""
    cards = [f"1/{place}" for place in range(4000)]
    codes = narrowed(np.ones(4000, dtype=np.int64))
    places = []
    for name in ("mayor", "bond"):
        public = publish(Contest(name, name, "", ()), (BLANK,), codes, cards, SECRET)
        rows = [public.commitments[at : at + 32] for at in range(0, 32 * 4000, 32)]
        index = {row: place for place, row in enumerate(rows)}
        texts = [f'{{"card":"{card}","contest":"{name}"}}'.encode() for card in cards]
        salts = [hmac.digest(SECRET, text, "sha256") for text in texts]
        sealed = [
            hashlib.sha256(b"tallybook/commit/v1\n" + salt + text).digest()
            for salt, text in zip(salts, texts, strict=True)
        ]
        places.append(np.array([index[one] for one in sealed]) // 1000)
    scanned = np.arange(4000) // 1000
    for left, right in ((places[0], places[1]), (places[0], scanned), (places[1], scanned)):
        grid = np.bincount(left * 4 + right, minlength=16)
        assert ((grid - 250) ** 2 / 250).sum() < 21.666


def test_what_voters_wrote_is_not_published_but_two_names_stay_two() -> None:
    written = (
        Pattern((Mark("write_in:Zoë", 1), Mark("write_in:my own sign", 1))),
        Pattern((Mark("write_in:Another", 1), Mark("write_in:Third", 1))),
        Pattern((Mark("write_in:Zoë", 1), Mark("write_in:Zoë", 2))),
    )
    codes = narrowed(np.array([1, 2, 3]))
    public = publish(MAYOR, written, codes, CARDS[:3], SECRET)
    assert "sign" not in files_of(public)["contest.json"].decode()
    grouped = ballots_of(public)
    assert dict(zip(grouped.patterns, grouped.counts, strict=True)) == {
        Pattern((Mark("write_in:1", 1), Mark("write_in:2", 1))): 2,
        Pattern((Mark("write_in:1", 1), Mark("write_in:1", 2))): 1,
    }


@pytest.mark.slow
@pytest.mark.parametrize(("patterns", "width"), [(1, 1), (256, 1), (257, 2), (65_536, 2), (65_537, 4)])
def test_a_code_takes_as_few_bytes_as_hold_every_pattern(patterns: int, width: int) -> None:
    known = tuple(Pattern((Mark("a", votes=votes),)) for votes in range(1, patterns + 1))
    codes = narrowed(np.array([1, patterns]))
    files = files_of(publish(MAYOR, known, codes, ["x", "y"], SECRET))
    assert len(files["codes.bin"]) == 2 * width
    assert sorted(ballots_of(read_published(files)).patterns, key=lambda one: one.marks[0].votes) == [
        known[place] for place in dict.fromkeys((0, patterns - 1))
    ]


def test_a_contest_on_no_card_is_published_without_rows() -> None:
    files = files_of(publish(MAYOR, (), narrowed(np.zeros(8, np.int64)), CARDS, SECRET))
    assert ballots_of(read_published(files)).counts == ()


# Bad input ----------------------------------------------------------------------------------


def test_two_cards_of_one_name_are_refused() -> None:
    with pytest.raises(StoreError, match="Two cards have one name"):
        publish(MAYOR, (ANN, BO, BLANK), CODES, ["same"] * 8, SECRET)
    with pytest.raises(StoreError, match="7 names of cards where there are 8 cards"):
        publish(MAYOR, (ANN, BO, BLANK), CODES, CARDS[:7], SECRET)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(EvidenceError, match="expected at least 32"):
        publish(MAYOR, (ANN, BO, BLANK), CODES, CARDS, b"short")


def changed(name: str, old: bytes, new: bytes) -> dict[str, bytes]:
    files = mayor()
    assert old in files[name]
    return {**files, name: files[name].replace(old, new, 1)}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (lambda: {"contest.json": mayor()["contest.json"]}, "codes.bin is missing"),
        (lambda: changed("contest.json", b'"cards":6', b'"cards":7'), "codes.bin: found 6 bytes"),
        (lambda: changed("contest.json", b'"cards":6', b'"cards":6,"code":1'), "missing, unknown"),
        (lambda: changed("contest.json", b'"code_bytes":1', b'"code_bytes":2'), "codes of 2 bytes"),
        (lambda: changed("contest.json", b"cards/v1", b"cards/v2"), "found the form"),
        (lambda: changed("contest.json", b'"seats":1', b'"seats":"1"'), "canonical JSON"),
        (lambda: changed("contest.json", b'"Mayor"', b'"Mayor" '), "canonical JSON"),
        (lambda: {**mayor(), "codes.bin": bytes(6)}, "codes.bin: found other bytes"),
        (lambda: {**mayor(), "commitments.bin": bytes(192)}, "commitments.bin: found other bytes"),
        (lambda: {**mayor(), "contest.json": b"\xff"}, "canonical JSON"),
    ],
)
def test_a_file_that_breaks_the_form_is_named(files: object, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        read_published(files())  # type: ignore[operator]


def restated(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with sums that fit, as somebody who forges them would write."""
    head = json.loads(files["contest.json"])
    head["codes_sha256"] = hashlib.sha256(files["codes.bin"]).hexdigest()
    head["commitments_sha256"] = hashlib.sha256(files["commitments.bin"]).hexdigest()
    text = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {**files, "contest.json": text.encode()}


def test_a_row_twice_rows_out_of_order_and_a_code_without_a_pattern_are_refused() -> None:
    files = mayor()
    rows = files["commitments.bin"]
    for bad in (rows[:32] + rows[:160], rows[32:] + rows[:32]):
        with pytest.raises(StoreError, match="out of order, or one twice"):
            read_published(restated({**files, "commitments.bin": bad}))
    with pytest.raises(StoreError, match="the code 3"):
        read_published(restated({**files, "codes.bin": b"\x03" + files["codes.bin"][1:]}))
    head = json.loads(files["contest.json"])
    head["patterns"].reverse()
    with pytest.raises(StoreError, match="patterns out of order"):
        read_published(restated({**files, "contest.json": json.dumps(head).encode()}))
    head["patterns"] = [head["patterns"][0]] * 3
    with pytest.raises(StoreError, match="patterns out of order, or one twice"):
        read_published(restated({**files, "contest.json": json.dumps(head).encode()}))


def test_the_forgers_helper_changes_nothing_by_itself() -> None:
    assert restated(mayor()) == mayor()
