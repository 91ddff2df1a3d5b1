"""Long parts of an audit's results are exhibits: the entry stays short, and nothing is lost."""

from hashlib import sha256
from typing import Any

import pytest

from tallybook.book import Entered, Standing, decide, encode_entry, evolve
from tallybook.book.exhibited import INLINE, filed, part_of
from tallybook.book.nouns import act_of
from tests.rooms.book.audits import ASH_AHEAD, ASH_WINS, Desk, cards_of, encode, manifest_of, plan_of
from tests.rooms.book.books import COUNTY, contest

pytestmark = pytest.mark.slow

Json = dict[str, Any]
MANY = 190
NAMES = [f"seat_{n:03}_{'of_the_assembly_' * 5}end" for n in range(MANY)]
CARDS = cards_of((14, ["ash"]), (6, ["birch"]))


@pytest.fixture(scope="module")
def at() -> Desk:
    """An audit of so many contests that their numbers do not fit an entry, measured and corrected once."""
    made = Desk(dict.fromkeys(NAMES, CARDS), *(contest(name, "ash", "birch") for name in NAMES))
    reported = {"cards": 20, "votes": {"ash": 14, "birch": 6}, "write_ins": 0}
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": reported}
    files = [made.file("manifest.json", encode(manifest_of(made.paper)))]
    claims, sizes = {name: [ASH_AHEAD] for name in NAMES}, dict.fromkeys(NAMES, 1)
    made.commit(plan_of(made.paper, dict.fromkeys(NAMES, row), claims, sizes), files)
    made.seed()
    made.draw(), made.read(), made.sign()
    made.ask("measure_risk", COUNTY)
    (item,) = made.run.items
    now = dict.fromkeys(NAMES, ["birch"] if CARDS[item] == ["ash"] else ["ash"])
    said = {"cause_code": "wrong_card", "wrong": "It was the card beside it."}
    made.ask("correct_reading", item=item, readings_now=now, **said)
    return made


def entry_of(at: Desk, kind: str) -> Any:
    return next(one for one in at.book.entries if one.entry == kind)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("audit_plan_committed", ["contests"]),
        ("audit_round_drawn", ["sizes", "usable"]),
        ("risk_measured", ["contests"]),
        ("reading_corrected", ["contests"]),
    ],
)
def test_long_parts_are_the_last_exhibits_in_the_order_of_their_names(at: Desk, kind: str, parts: list[str]):
    entry = entry_of(at, kind)
    assert [one["name"] for one in entry.exhibits[-len(parts) :]] == [f"{part}.json" for part in parts]
    for part, exhibit in zip(parts, entry.exhibits[-len(parts) :], strict=True):
        data = encode(at.book.shelf.documents[entry.result[f"{part}_sha256"]])
        assert part not in entry.result and len(data) == exhibit["bytes"] > INLINE
        assert exhibit["sha256"] == sha256(data).hexdigest() == entry.result[f"{part}_sha256"]
        assert part_of(entry.result, part, at.book.shelf.documents).keys() == set(NAMES)


def test_the_audit_goes_on_from_what_stands_in_exhibits(at: Desk):
    assert at.run.sizes == dict.fromkeys(NAMES, 1)
    assert set(at.run.margins.values()) == {(8,)}
    assert {len(items) for items in at.run.used.values()} == {1}
    corrected = part_of(entry_of(at, "reading_corrected").result, "contests", at.book.shelf.documents)
    assert at.run.results == corrected


def test_the_same_acts_make_the_same_entries_and_exhibits_again(at: Desk):
    """A rebuild: every act is decided anew without the exhibits that the book had added to it."""
    standing, last = Standing(), at.book.entries[-1]
    for entry in at.book.entries:
        if entry.entry in ("audit_plan_committed", "audit_round_drawn", "risk_measured", "reading_corrected"):
            found = decide(standing, act_of(entry), at.book.shelf)
            assert isinstance(found, Entered)
            assert encode_entry(found.entries[0]) == encode_entry(entry)
            named = {one["sha256"] for one in entry.exhibits}
            assert found.made and set(found.made) <= named
            assert all(encode(at.book.shelf.documents[name]) == data for name, data in found.made.items())
        standing = evolve(standing, entry, at.book.shelf)
    assert standing.size == last.seq + 1 and standing.runs[at.audit].results == at.run.results


def test_a_part_of_exactly_as_many_bytes_as_fit_stays_in_the_entry():
    fits = {"sample": ["x" * (INLINE - len(encode([""])))]}
    assert filed(fits).result == fits and not filed(fits).made
    long = {"sample": ["x" * (INLINE - len(encode([""])) + 1)]}
    assert list(filed(long).made) == ["sample.json"] and list(filed(long).result) == ["sample_sha256"]
