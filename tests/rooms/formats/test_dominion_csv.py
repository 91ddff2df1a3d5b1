"""Dominion's CSV export: every trap of the format, on files written here as the vendor writes them."""

import pytest

from tallybook.election.cards import ballots, check_records
from tallybook.formats.archives import InMemory
from tallybook.formats.dominion_csv import read
from tallybook.formats.problems import Consequence, FileProblem, Reading
from tests.generators.dominion import csv_export
from tests.generators.world import found, make

HEAD = """\
Town 2020,5.10.50.85,,,,,,,,,
,,,,,,Mayor (Vote For=1),Mayor (Vote For=1),Mayor (Vote For=1),Question (Vote For=1),Question (Vote For=1)
,,,,,,Ash,Birch,Write-In,Yes,No
CvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion,DEM,REP,,,
"""


def reading_of(*rows: str, head: str = HEAD, end: str = "\r\n") -> Reading:
    text = head.replace("\n", end) + "".join(row + end for row in rows)
    return read(InMemory({"cvr.csv": text.encode()}, "town"))


def votes_of(reading: Reading, contest: str) -> list[tuple[list[tuple[str, int]], int]]:
    assert reading.records is not None, list(map(str, reading.problems))
    assert check_records(reading.records) == ()
    grouped = ballots(reading.records, contest)
    return [([(m.choice, m.rank) for m in p.marks], n)
            for p, n in zip(grouped.patterns, grouped.counts, strict=True)]  # fmt: skip


def grave(reading: Reading) -> list[FileProblem]:
    assert (reading.records is None) == any(p.consequence is Consequence.GRAVE for p in reading.problems)
    return [p for p in reading.problems if p.consequence is Consequence.GRAVE]


def test_ones_are_votes_and_a_contest_left_blank_is_not_on_the_card() -> None:
    reading = reading_of("1,4,2,1,4-2-1,007 East,1,0,0,,", "2,4,2,2,4-2-2,007 East,0,0,1,0,1")
    assert reading.problems == ()
    assert votes_of(reading, "Mayor") == [([("Ash", 0)], 1), ([("write_in", 0)], 1)]
    assert votes_of(reading, "Question") == [([("No", 0)], 1)]


def test_zeros_are_an_undervote_and_more_ones_than_allowed_stay_for_the_rule_to_judge() -> None:
    reading = reading_of("1,4,2,1,4-2-1,East,0,0,0,1,1")
    assert votes_of(reading, "Mayor") == [([], 1)]
    assert votes_of(reading, "Question") == [([("Yes", 0), ("No", 0)], 1)]


def test_numbers_written_as_formulas_are_read_as_they_show() -> None:
    reading = reading_of('="1",="4",="02",="1",4-2-1,"East, upper",="1",="0",="0",,')
    assert votes_of(reading, "Mayor") == [([("Ash", 0)], 1)]
    columns = reading.records.columns if reading.records else {}
    assert columns["batch"].values == ("02",) and columns["precinct"].values == ("East, upper",)


def test_ranks_come_from_the_choices_headings() -> None:
    over = "Mayor (Number of positions=1, Number of ranks=2)"
    head = f"""Town,5.10,,,,,,
,,,,"{over}","{over}","{over}","{over}"
,,,,Ash(1),Birch (1),Ash(2),Birch (2)
CvrNumber,TabulatorNum,BatchId,RecordId,,,,
"""
    reading = reading_of("1,4,2,1,0,1,1,0", "2,4,2,2,1,1,0,0", head=head)
    assert votes_of(reading, "Mayor") == [([("Birch", 1), ("Ash", 2)], 1), ([("Ash", 1), ("Birch", 1)], 1)]


def test_columns_are_found_by_name_and_a_contest_heading_may_hold_line_ends() -> None:
    head = """Town,5.10,,,,,
,,,,,"Mayor of the
old town (Vote For=1)","Mayor of the
old town (Vote For=1)"
,,,,,Ash,Birch
CvrNumber,RecordId,NotCountingGroup,BatchId,TabulatorNum,,
"""
    reading = reading_of("1,7,Mail,2,4,1,0", head=head)
    assert votes_of(reading, "Mayor of the old town") == [([("Ash", 0)], 1)]
    columns = reading.records.columns if reading.records else {}
    assert {name: column.values for name, column in columns.items()} == {
        "record": ("7",), "group": ("Mail",), "batch": ("2",), "tabulator": ("4",),
    }  # fmt: skip


def test_the_newer_identifier_stands_in_where_no_imprinted_id_is_given() -> None:
    head = HEAD.replace("PrecinctPortion", "UniqueVotingIdentifier")
    reading = reading_of("1,4,2,1,,abc,1,0,0,,", head=head)
    assert reading.records is not None and reading.records.columns["imprinted_id"].values == ("abc",)


def test_stray_blanks_are_dropped_but_two_spellings_of_a_place_stay_two_places() -> None:
    rows = ["1,4,2,1,a, BEN-HILL ,1,0,0,,", "2,4,2,2,b,Ben  Hill,1,0,0,,", "3,4,2,3,c,Ben Hill,1,0,0,,"]
    reading = reading_of(*rows)
    assert reading.records is not None
    assert reading.records.columns["precinct"].values == ("BEN-HILL", "Ben Hill")


def test_empty_rows_and_blank_columns_at_the_end_are_nothing() -> None:
    reading = reading_of("1,4,2,1,a,East,1,0,0,,,,,", "", ",,,,,,,,,,")
    assert reading.problems == () and reading.records is not None and reading.records.cards == 1


def test_a_row_that_stands_twice_is_counted_once_and_told() -> None:
    reading = reading_of("1,4,2,1,a,East,1,0,0,,", "1,4,2,1,a,East,1,0,0,,")
    assert votes_of(reading, "Mayor") == [([("Ash", 0)], 1)]
    assert [p.consequence for p in reading.problems] == [Consequence.COUNT]


def test_two_rows_of_one_card_with_different_votes_are_grave() -> None:
    assert grave(reading_of("1,4,2,1,a,East,1,0,0,,", "2,4,2,1,a,East,0,1,0,,"))


def test_a_file_handed_in_twice_is_counted_once() -> None:
    data = (HEAD + "1,4,2,1,a,East,1,0,0,,\n").encode()
    reading = read(InMemory({"cvr.csv": data, "cvr (1).csv": data}))
    assert votes_of(reading, "Mayor") == [([("Ash", 0)], 1)]


def test_contests_of_one_name_in_two_places_are_kept_apart_and_told() -> None:
    head = HEAD.replace("Question (Vote For=1)", "Trustee (Vote For=1)", 2).replace("Mayor", "Trustee", 2)
    head = head.replace(
        "Trustee (Vote For=1),Trustee (Vote For=1),Mayor", "Trustee (Vote For=1),Trustee (Vote For=1),Mayor"
    )
    reading = reading_of("1,4,2,1,a,East,1,0,0,,", head=head)
    assert reading.records is not None
    assert [c.id for c in reading.records.contests] == ["Trustee", "Mayor", "Trustee (2)"]
    assert [p.consequence for p in reading.problems] == [Consequence.CARE]


WRONG_CELLS = {
    "-1": "-1",
    "0.5": "0.5",
    "12": "12",
    "x": "x",
    "1 000": "1 000",
    "two": "11",
    "other digits": "١",
}


@pytest.mark.parametrize("cell", WRONG_CELLS.values(), ids=WRONG_CELLS)
def test_a_cell_that_is_no_mark_is_grave_with_its_row_and_column(cell: str) -> None:
    problem, *others = grave(reading_of("1,4,2,1,a,East,1,0,0,,", f"2,4,2,2,b,East,0,{cell},0,,"))
    assert (problem.row, problem.column, others) == (6, "Mayor (Vote For=1): Birch", [])


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["1,4,2,1,a,East,1,0,0,"], "10 cells"),
        (["1,4,2,1,a,East,1,0,0,,,1"], "12 cells"),
        (["1,4,2,1,a,East, upper,1,0,0,1,0"], "12 cells"),
        (["1,4,2,1,a,East,1,,0,,"], '"Mayor" partly blank'),
    ],
)
def test_a_row_that_contradicts_the_headings_is_grave(rows: list[str], found: str) -> None:
    problem = grave(reading_of(*rows))[0]
    assert problem.found == found and problem.row == 5


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace("(Vote For=1)", ""),
        HEAD.replace("Vote For=1", "Vote For=many"),
        HEAD.replace("Birch", "Ash"),
        HEAD.replace("Birch", ""),
        HEAD.replace(",Question (Vote For=1)", ""),
        HEAD.replace(",Yes,No", ""),
        HEAD.replace("\n,,,,,,Ash", "\n,,,,,,Ash\n,,,,,,Ash"),
        HEAD.replace("TabulatorNum", "Machine"),
        "",
        "\n\n\n\n",
    ],
)
def test_headings_that_do_not_say_what_is_needed_are_grave(head: str) -> None:
    assert grave(reading_of("1,4,2,1,a,East,1,0,0,,", head=head))


def test_a_row_of_names_shorter_than_the_columns_before_the_choices_moves_nothing() -> None:
    head = HEAD.replace("ImprintedId,PrecinctPortion,DEM,REP,,,", "ImprintedId")
    reading = reading_of("1,4,2,1,a,East,1,0,0,,", head=head)
    assert votes_of(reading, "Mayor") == [([("Ash", 0)], 1)]
    assert grave(reading_of("1,4,2,1,a,East,1,x,0,,", head=head))[0].column == "Mayor (Vote For=1): Birch"


@pytest.mark.parametrize("quoted", [False, True])
def test_what_was_put_into_a_county_s_export_is_what_is_found(quoted: bool) -> None:
    world = make(9_000, seed=quoted)
    reading = read(InMemory({"cvr.csv": csv_export(world, quoted)}))
    assert reading.problems == () and reading.records is not None
    assert found(reading.records) == world.truth()
