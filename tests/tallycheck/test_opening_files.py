"""Contests and places of a book in exhibits of its opening: book page, section 7, `open`."""

# ruff: noqa: E501 - tables stand on one line each

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallycheck.checks import Asked, check
from tallycheck.failure import Failed
from tests.tallycheck.test_audit_book import spoiled
from tests.tallycheck.town import BOOK_LAW, ruling, story, town
from tests.tallycheck.writer import canonical, policy, public, sha, zipped

Entry = dict[str, Any]
NEEDS = 'needs=["election","contests","places","law"]'
LAW = BOOK_LAW.replace(
    NEEDS, 'needs=["election","law"], may=["contests","places","contests_file","places_file"]'
)
CONTESTS, PLACES = (story()[0]["detail"][name] for name in ("contests", "places"))
MOST = 16 * 1024 * 1024


def book(law: str = LAW) -> list[Entry]:
    """The town's first seven entries, under a law whose opening may take its arrays from exhibits."""
    entries = story()[:7]
    opening = entries[0]
    opening["detail"]["law"][0] = sha(law.encode())
    opening["exhibits"][0] = public(law.encode(), "book.toml")
    return entries


def filed(entries: list[Entry], name: str, raw: bytes) -> list[bytes]:
    """The array moves from the detail into an exhibit of these bytes."""
    opening = entries[0]
    opening["detail"].pop(name, None)
    opening["detail"][f"{name}_file"] = sha(raw)
    opening["exhibits"].append(public(raw, f"{name}.json"))
    return [raw]


def failure(entries: list[Entry], exhibits: list[bytes], where: Path, law: str = LAW) -> Failed | None:
    files = town(entries, [law.encode(), *exhibits])
    return check(zipped(files, where / "p.zip"), "p.zip", Asked(policy().encode())).failure


@pytest.mark.parametrize("names", [[], ["contests"], ["places"], ["contests", "places"]])
def test_contests_and_places_stand_in_the_opening_or_each_in_an_exhibit(
    names: list[str], tmp_path: Path
) -> None:
    entries, exhibits = book(), []
    for name in names:
        exhibits += filed(entries, name, canonical(story()[0]["detail"][name]))
    found = failure(entries, exhibits, tmp_path)
    assert found is None, found and found.sentence()


def changed(array: list[Entry], **changes: Any) -> bytes:
    """The array with its first member changed."""
    return canonical([array[0] | changes, *array[1:]])


WRONG: list[tuple[str, str, bytes, int, str]] = [
    ("no JSON", "contests", b"contests", 4, "not canonical JSON"),
    ("nothing", "places", b"", 4, "not canonical JSON"),
    ("a space more", "contests", canonical(CONTESTS) + b" ", 4, "not canonical JSON"),
    ("keys out of order", "places", b'[{"name":"North","kind":"ward","id":"north"}]', 4, "not canonical JSON"),
    ("a bracket for each level of a deep well", "contests", b"[" * 100_000, 4, "not canonical JSON"),
    ("an object", "contests", canonical({"contests": CONTESTS}), 4, "not an array"),
    ("an empty array", "places", b"[]", 4, "not an array"),
    ("an array of words", "places", b'["north","south"]', 4, "expected an object"),
    ("a contest twice", "contests", canonical([*CONTESTS, CONTESTS[0]]), 4, "stands twice"),
    ("a place twice", "places", canonical([*PLACES, PLACES[0]]), 4, "stands twice"),
    ("an id with a space", "places", changed(PLACES, id="north ward"), 4, "not of [a-z0-9_]+"),
    ("a name of 401 letters", "contests", changed(CONTESTS, name="n" * 401), 4, "no proper `name`"),
    ("a choice with the id of a reading", "contests", changed(CONTESTS, choices=[{"id": "blank", "name": "B"}]), 4, "the id of a reading"),
    ("a place of no book", "contests", changed(CONTESTS, places=["east"]), 4, "the places of mayor"),
    ("no seat", "contests", changed(CONTESTS, seats=0), 4, "seats or votes allowed"),
    ("three seats for a majority", "contests", canonical([CONTESTS[0], CONTESTS[1] | {"seats": 3}, *CONTESTS[2:]]), 5, "its rule majority asks for one"),
    ("a field of a contest", "contests", changed(CONTESTS, colour="red"), 14, "`detail/contests/colour` is not permitted"),
    ("a field of a place", "places", changed(PLACES, colour="red"), 14, "`detail/places/colour` is not permitted"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "raw", "number", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_wrong_exhibit_is_refused_as_a_wrong_array_would_be(
    name: str, raw: bytes, number: int, words: str, tmp_path: Path
) -> None:
    entries = book()
    exhibits = filed(entries, name, raw)
    found = failure(entries, exhibits, tmp_path)
    assert found is not None and (found.number, found.entry) == (number, 0) and words in found.words


Change = Callable[[list[Entry]], None]


def detail(**fields: Any) -> Change:
    return lambda entries: entries[0]["detail"].update(fields)


def only_sealed(entries: list[Entry]) -> None:
    """The exhibit is sealed under the name that the detail gives."""
    sealed = {"commitment": sha(canonical(CONTESTS)), "kind": "sealed", "name": "contests.json"}
    entries[0]["exhibits"][-1] = sealed


def filed_later(entries: list[Entry]) -> None:
    """The exhibit is one of the next entry."""
    entries[1]["exhibits"] = [entries[0]["exhibits"].pop()]


def of_another_act(entries: list[Entry]) -> None:
    """Entry 6, a corrected return, has the field too."""
    entries[6]["detail"]["contests_file"] = sha(canonical(CONTESTS))


NAMED: list[tuple[str, Change, str]] = [
    ("both", detail(contests=CONTESTS), "both `contests` and `contests_file`"),
    ("neither", lambda entries: entries[0]["detail"].pop("contests_file"), "neither `contests` and `contests_file`"),
    ("neither of the places", lambda entries: entries[0]["detail"].pop("places"), "neither `places` and `places_file`"),
    ("the hash of no exhibit", detail(contests_file="0" * 64), "no public exhibit of entry 0"),
    ("no hash", detail(contests_file="contests.json"), "no public exhibit of entry 0"),
    ("a number", detail(contests_file=7), "no public exhibit of entry 0"),
    ("a sealed exhibit", only_sealed, "no public exhibit of entry 0"),
    ("an exhibit of a later entry", filed_later, "no public exhibit of entry 0"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in NAMED], ids=[row[0] for row in NAMED])
def test_exactly_one_of_the_two_is_given_and_is_a_public_exhibit_of_the_opening(
    change: Change, words: str, tmp_path: Path
) -> None:
    entries, raw = book(), canonical(CONTESTS)
    filed(entries, "contests", raw)
    change(entries)
    found = failure(entries, [raw], tmp_path)
    assert found is not None and (found.number, found.entry) == (4, 0) and words in found.words


def test_no_other_act_names_such_an_exhibit(tmp_path: Path) -> None:
    law = LAW.replace(
        'needs=["corrects","returns","wrong"]', 'needs=["corrects","returns","wrong"], may=["contests_file"]'
    )
    assert law != LAW
    entries = book(law)
    exhibits = filed(entries, "contests", canonical(CONTESTS))
    of_another_act(entries)
    found = failure(entries, exhibits, tmp_path, law)
    assert found is not None and (found.number, found.entry) == (4, 6) and "contests_file" in found.words


def test_under_a_law_that_needs_the_arrays_they_stand_in_the_opening(tmp_path: Path) -> None:
    assert failure(book(BOOK_LAW), [], tmp_path, BOOK_LAW) is None
    entries = book(BOOK_LAW)
    exhibits = filed(entries, "contests", canonical(CONTESTS))
    found = failure(entries, exhibits, tmp_path, BOOK_LAW)
    assert found is not None and (found.number, found.entry) == (4, 0)


def test_a_law_that_permits_only_arrays_makes_an_exhibit_a_field_too_many(tmp_path: Path) -> None:
    law = BOOK_LAW.replace(NEEDS, 'needs=["election","law"], may=["contests","places"]')
    entries = book(law)
    exhibits = filed(entries, "contests", canonical(CONTESTS))
    found = failure(entries, exhibits, tmp_path, law)
    assert found is not None and (found.number, found.entry) == (14, 0)


def places_of(length: int) -> bytes:
    """An array of places, the town's two first, of exactly so many bytes: every name as long as it may be."""
    whole, n = canonical(PLACES)[:-1], 0
    parts, size = [whole], len(whole) + 1
    while size < length:
        head = b',{"id":"p%d","kind":"ward","name":"' % n
        room = length - size - len(head) - 2
        letters = min(400, room if room <= 400 else max(1, room - 200))
        parts.append(head + b"n" * letters + b'"}')
        size, n = size + len(parts[-1]), n + 1
    return b"".join(parts) + b"]"


@pytest.mark.slow
@pytest.mark.parametrize(("more", "number"), [(0, 0), (1, 4)])
def test_such_an_exhibit_has_at_most_16_mib(more: int, number: int, tmp_path: Path) -> None:
    raw = places_of(MOST + more)
    assert len(raw) == MOST + more
    entries = book()[:1]
    found = failure(entries, filed(entries, "places", raw), tmp_path)
    assert (found.number if found else 0) == number, found and found.sentence()
    assert not found or f"has {MOST + 1} bytes; at most {MOST} are read" in found.words


@pytest.mark.slow
def test_many_contests_in_many_places_are_read_in_little_memory(tmp_path: Path) -> None:
    """20,000 contests that are in every one of 20,000 places: lists of places of their own would take 3 GB."""
    import tracemalloc

    n = 20_000
    places = [{"id": f"p{i}", "kind": "ward", "name": "P"} for i in range(n)]
    contests = [
        {"choices": [{"id": "a", "name": "A"}], "class": "mayor", "id": f"c{i}", "name": "C"}
        for i in range(n)
    ]
    entries = book()[:1]
    exhibits = [
        *filed(entries, "places", canonical(places)),
        *filed(entries, "contests", canonical(contests)),
    ]
    files = zipped(town(entries, [LAW.encode(), *exhibits]), tmp_path / "p.zip")
    tracemalloc.start()
    found = check(files, "p.zip", Asked(policy().encode())).failure
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is None, found and found.sentence()
    assert peak < 100_000_000


@pytest.mark.slow
def test_an_exhibit_of_a_million_unknown_fields_is_refused_for_one_of_them(tmp_path: Path) -> None:
    raw = canonical(
        [*PLACES, {"id": "p", "kind": "ward", "name": "P"} | {f"x{i}": 1 for i in range(1_000_000)}]
    )
    entries = book()[:1]
    found = failure(entries, filed(entries, "places", raw), tmp_path)
    assert found is not None and (found.number, found.entry) == (14, 0)


@pytest.mark.slow
def test_a_total_of_which_more_places_lack_than_an_entry_can_name_fails_check_6(tmp_path: Path) -> None:
    """11,162 different ids fit into 65,535 bytes: 37 of one letter, 1,369 of two, and then of three."""
    n = 11_300
    places = [*PLACES, *({"id": f"p{i}", "kind": "ward", "name": "P"} for i in range(n))]
    entries = book()
    exhibits = filed(entries, "places", canonical(places))
    total = ruling("total_again")["ruling"]
    result = {"base": "county_certified", "count": "recertified", "margin": 11, "missing": ["p0"], "places": 2,
              "outcome": {"kind": "winner", "winners": ["ann"]}, "total": 151, "votes": {"ann": 81, "bob": 70}}  # fmt: skip
    entries.append({"act": "total_again", "contest": "mayor", "entry": "state_results_recertified", "key": "k7",
                    "office": "secretary", "on": "2026-11-13", "received": "2026-11-13T15:00:00Z", "result": result,
                    "ruling": total, "seq": 7, "v": 1})  # fmt: skip
    found = failure(entries, exhibits, tmp_path)
    assert found is not None and (found.number, found.entry) == (6, 7)
    assert found.words == f"{n} places of mayor have no statement, more than an entry can name"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["contests", "places"])
def test_no_spoiled_exhibit_makes_a_traceback(name: str, tmp_path: Path) -> None:
    dice = random.Random(name)
    found = set()
    for _ in range(150):
        entries = book()
        raw = canonical(spoiled(CONTESTS if name == "contests" else PLACES, dice))
        if dice.randrange(4) == 0:
            at = dice.randrange(len(raw))
            raw = raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :]
        result = failure(entries, filed(entries, name, raw), tmp_path)
        found.add(result.number if result else 0)
    assert 4 in found and found <= {0, 4, 5, 6, 13, 14}
