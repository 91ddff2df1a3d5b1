"""Hidden signs in names that came by JSON or XML: out, told, and readings that become alike are one."""

import numpy as np

from tallybook.election import Choice, Contest
from tallybook.election.cards import (
    CastVoteRecords,
    Mark,
    Pattern,
    ballots,
    check_records,
    column_of,
    narrowed,
)
from tallybook.formats.problems import Consequence, Problems
from tallybook.formats.shorn import shorn_records


def records(*written: str) -> CastVoteRecords:
    """One card for each written name."""
    contest = Contest("m", "Mayor\u200b", "", (Choice("a", "A\u202enn", "Gr\u200feen"),))
    patterns = tuple(Pattern((Mark(f"write_in:{name}"),)) for name in written)
    codes = {"m": narrowed(np.arange(1, len(written) + 1))}
    columns = {"precinct": column_of(["North", "No\u200brth", *["South"] * (len(written) - 2)])}
    return CastVoteRecords("x", (contest,), len(written), {"m": patterns}, codes, columns, {"m": codes["m"]})


def test_signs_are_taken_out_of_every_name_and_what_becomes_alike_is_one() -> None:
    problems = Problems()
    found = shorn_records(records("Zoe", "Zo\u202ee", "Bo"), problems)
    assert check_records(found) == ()
    assert (found.contests[0].name, found.contests[0].choices[0]) == ("Mayor", Choice("a", "Ann", "Green"))
    assert found.columns["precinct"].values == ("North", "South")
    assert found.columns["precinct"].codes.tolist() == [0, 0, 1]
    held = ballots(found, "m")
    assert dict(zip(held.patterns, held.counts, strict=True)) == {
        Pattern((Mark("write_in:Zoe"),)): 2,
        Pattern((Mark("write_in:Bo"),)): 1,
    }
    assert found.original["m"].tolist() == found.codes["m"].tolist()
    told = problems.collected()
    assert {one.consequence for one in told} == {Consequence.CARE}
    assert sum(1 + one.others for one in told) == 5


def test_names_without_hidden_signs_are_left_as_they_are() -> None:
    held = records("Zoe", "Bo")
    plain = shorn_records(held, Problems())
    problems = Problems()
    assert shorn_records(plain, problems) is plain
    assert problems.collected() == ()
