"""What was put into a county's files of the standard forms is what is found, card by card."""

from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from tallybook.election.cards import check_records
from tallybook.formats.archives import InMemory
from tallybook.formats.bundles import cards_by_batch
from tallybook.formats.detect import detect, read_any
from tallybook.formats.problems import Consequence
from tests.generators import standard
from tests.generators.world import Reading, World, found, make

COUNTY = make(300)
Made = Callable[[World], Mapping[str, bytes]]
WHOLE: dict[str, tuple[str, Made]] = {
    "NIST JSON": ("cvr_cdf_json", lambda world: {"cvr.json": b"".join(standard.nist_json(world))}),
    "NIST XML": ("cvr_cdf_xml", lambda world: {"cvr.xml": b"".join(standard.nist_xml(world))}),
    "VotingWorks": ("votingworks", lambda world: dict(standard.votingworks(world))),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_was_put_into_a_county_s_report_is_what_is_found(name: str) -> None:
    kind, made = WHOLE[name]
    files = made(COUNTY)
    assert detect(InMemory(files)) == kind
    reading = read_any(InMemory(files))
    assert reading.records is not None, list(map(str, reading.problems))
    assert check_records(reading.records) == ()
    assert [str(p) for p in reading.problems if p.consequence >= Consequence.COUNT] == []
    assert found(reading.records) == COUNTY.truth()
    batches = Counter(zip(COUNTY.tabulator.tolist(), COUNTY.batch.tolist(), strict=True))
    assert sorted(cards_by_batch(reading.records).values()) == sorted(batches.values())


def as_rctab(reading: Reading) -> Reading:
    """The truth as RCTab's neutral export can tell it: names at an overvoted rank are lost."""
    at = Counter(rank for _, rank in reading)
    return tuple(sorted(("Write-in", rank) if at[rank] > 1 else (name, rank) for name, rank in reading))


def test_what_was_put_into_rctabs_neutral_export_is_what_is_found_but_for_names_of_an_overvote() -> None:
    reading = read_any(InMemory({"x_rctab_cvr.csv": b"".join(standard.rctab_neutral(COUNTY))}))
    assert reading.records is not None, list(map(str, reading.problems))
    expected: Counter[Reading] = Counter()
    for one, cards in COUNTY.truth()["Sheriff"].items():
        expected[as_rctab(one)] += cards
    assert found(reading.records) == {"Sheriff": expected}


def test_what_was_put_into_raires_text_is_what_is_found() -> None:
    reading = read_any(InMemory({"x.raire": b"".join(standard.raire(COUNTY))}))
    assert reading.records is not None, list(map(str, reading.problems))
    expected: Counter[Reading] = Counter()
    for one, cards in COUNTY.truth()["Sheriff"].items():
        ranks = {name: rank for rank, name in enumerate(standard.normalised(one), 1)}
        expected[tuple(sorted(ranks.items()))] += cards
    assert found(reading.records) == {"Sheriff": expected}


def test_what_was_put_into_a_blt_file_is_what_is_found() -> None:
    (race,) = (one for one in COUNTY.races if one.ranks)
    reading = read_any(InMemory({"x.blt": standard.blt(COUNTY, race)}))
    assert reading.records is not None, list(map(str, reading.problems))
    once = {
        one: n for one, n in COUNTY.truth()["Sheriff"].items() if len({name for name, _ in one}) == len(one)
    }
    assert found(reading.records) == {"Sheriff": Counter(once)}
