"""Records are held against the manifest and the returns: what is missing or contradicts is told, and how."""

import msgspec
import numpy as np
import pytest

from tallybook.election import Batch, Choice, Contest, Manifest, Tally
from tallybook.election.cards import CastVoteRecords, Mark, Pattern, column_of
from tallybook.formats.bundles import against_manifest, against_totals, cards_by_batch
from tallybook.formats.problems import Consequence

MAYOR = Contest(
    "1", "Mayor", "", (Choice("11", "Ash"), Choice("12", "Birch"), Choice("write_in", "Write-in"))
)
READINGS = (Pattern((Mark("11"),)), Pattern((Mark("12"),)), Pattern(()), Pattern((Mark("11"), Mark("12"))))
RECORDS = CastVoteRecords(
    "town", (MAYOR,), 6, {"1": READINGS}, {"1": np.array([1, 1, 2, 3, 4, 0], np.uint8)},
    {"tabulator": column_of(list("444555")), "batch": column_of(list("112111"))},
)  # fmt: skip
REPORTED = Tally("Mayor", (("Ash", 2), ("Birch", 1)), ballots=5, undervotes=1, overvotes=1)


def manifest(**cards: int) -> Manifest:
    return Manifest(tuple(Batch("Ben Hill", name.replace("_", "-")[1:], n) for name, n in cards.items()))


def test_two_tabulators_batches_of_one_number_are_two_batches() -> None:
    assert cards_by_batch(RECORDS) == {"4-1": 2, "4-2": 1, "5-1": 3}
    alone = msgspec.structs.replace(RECORDS, columns={"batch": RECORDS.columns["batch"]})
    assert cards_by_batch(alone) == {"1": 5, "2": 1}


def test_records_that_agree_with_the_manifest_have_no_problem() -> None:
    assert against_manifest(RECORDS, manifest(_4_1=2, _4_2=1, _5_1=3, _5_9=0), "Ben Hill") == ()


@pytest.mark.parametrize(
    ("batches", "consequence", "found"),
    [
        (
            {"_4_1": 2, "_4_2": 1},
            Consequence.GRAVE,
            '3 records of batch "5-1", which the manifest does not list',
        ),
        ({"_4_1": 2, "_4_2": 1, "_5_1": 3, "_5_2": 7}, Consequence.GRAVE, '0 records of batch "5-2"'),
        ({"_4_1": 1, "_4_2": 1, "_5_1": 3}, Consequence.GRAVE, '2 records of batch "4-1"'),
        ({"_4_1": 5, "_4_2": 1, "_5_1": 3}, Consequence.COUNT, '2 records of batch "4-1"'),
    ],
)
def test_a_batch_in_which_they_disagree_is_told(
    batches: dict[str, int], consequence: Consequence, found: str
) -> None:
    (problem,) = against_manifest(RECORDS, manifest(**batches), "Ben Hill")
    assert (problem.consequence, problem.found) == (consequence, found)


def test_a_jurisdiction_spelt_otherwise_is_not_joined_in_silence() -> None:
    (problem,) = against_manifest(RECORDS, manifest(_4_1=2), "BEN-HILL")
    assert problem.consequence is Consequence.GRAVE and '"Ben Hill" may be the same' in problem.mend


def test_records_without_batches_cannot_be_held_against_a_manifest() -> None:
    bare = msgspec.structs.replace(RECORDS, columns={})
    assert against_manifest(bare, manifest(_4_1=2), "Ben Hill")[0].consequence is Consequence.GRAVE


def test_records_that_add_up_to_the_returns_have_no_problem() -> None:
    assert against_totals(RECORDS, {"Mayor": REPORTED}) == ()


@pytest.mark.parametrize(
    ("reported", "consequence", "found"),
    [
        ({"votes": (("Ash", 3), ("Birch", 1))}, Consequence.GRAVE, '2 votes for "Ash" in "Mayor"'),
        ({"votes": (("Ash", 2),)}, Consequence.GRAVE, '"Birch" in "Mayor" with 1 votes, not reported'),
        ({"votes": (("Ash", 2), ("Birch", 1), ("Cedar", 4))}, Consequence.GRAVE,
         'no "Cedar" in "Mayor", reported with 4 votes'),
        ({"ballots": 6}, Consequence.COUNT, '5 ballots in "Mayor"'),
        ({"overvotes": 0}, Consequence.COUNT, '1 overvotes in "Mayor"'),
    ],
)  # fmt: skip
def test_returns_that_differ_from_the_records_are_told(
    reported: dict[str, object], consequence: Consequence, found: str
) -> None:
    (problem,) = against_totals(RECORDS, {"Mayor": msgspec.structs.replace(REPORTED, **reported)})
    assert (problem.consequence, problem.found) == (consequence, found)


def test_a_choice_spelt_otherwise_in_the_returns_is_named() -> None:
    other = msgspec.structs.replace(REPORTED, votes=(("ASH", 2), ("Birch", 1)))
    assert any('"ASH" may be the same' in p.mend for p in against_totals(RECORDS, {"Mayor": other}))


def test_a_contest_that_is_reported_and_has_no_records_is_grave_and_the_reverse_is_told() -> None:
    told = against_totals(RECORDS, {"Sheriff": REPORTED})
    assert [p.consequence for p in told] == [Consequence.GRAVE, Consequence.CARE]
