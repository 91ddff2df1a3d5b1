"""Clear Ballot's export: every trap of the format, on files written here as the vendor writes them."""

import pytest

from tallybook.election.cards import ballots, check_records
from tallybook.formats.archives import InMemory
from tallybook.formats.clear_ballot import read
from tallybook.formats.problems import Consequence, FileProblem, Reading
from tests.generators.clear_ballot import csv_export
from tests.generators.world import found, make

META = (
    "RowNumber,BoxID,BoxPosition,BallotID,PrecinctID,BallotStyleID,PrecinctStyleName,"
    "ScanComputerName,Status,Remade"
)
MAYOR = '"Choice_1_1:Mayor, city:Vote For 1:Ash, Ann:Dem","Choice_2_2:Mayor, city:Vote For 1:Birch:Rep"'
RANKED = ",".join(
    f"Choice_{c}_0:Sheriff:{rank}:Vote For 1:{n}:" for rank in (1, 2) for c, n in ((3, "Elm"), (4, "Fir"))
)


def reading_of(*rows: str, head: str = f"{META},{MAYOR},{RANKED}", **files: str) -> Reading:
    text = "".join(row + "\r\n" for row in (head, *rows))
    others = {name.replace("__", "."): content.encode() for name, content in files.items()}
    return read(InMemory({"town.cvr.csv": text.encode(), **others}, "town"))


def row(number: int, cells: str, status: str = "0", remade: str = "0") -> str:
    return f"{number},7,{number},7+1000{number},12,1,P-12,SCAN-1,{status},{remade},{cells}"


def votes_of(reading: Reading, contest: str) -> list[tuple[list[tuple[str, int]], int]]:
    assert reading.records is not None, list(map(str, reading.problems))
    assert check_records(reading.records) == ()
    grouped = ballots(reading.records, contest)
    return [([(m.choice, m.rank) for m in p.marks], n)
            for p, n in zip(grouped.patterns, grouped.counts, strict=True)]  # fmt: skip


def grave(reading: Reading) -> list[FileProblem]:
    assert (reading.records is None) == any(p.consequence is Consequence.GRAVE for p in reading.problems)
    return [p for p in reading.problems if p.consequence is Consequence.GRAVE]


def test_votes_and_ranks_are_read_and_hidden_overvotes_are_told() -> None:
    reading = reading_of(row(1, "1,0,,,,"), row(2, "0,0,0,1,1,0"))
    assert votes_of(reading, "Mayor, city") == [([("1", 0)], 1), ([], 1)]
    assert votes_of(reading, "Sheriff") == [([("4", 1), ("3", 2)], 1)]
    (problem,) = reading.problems
    assert problem.consequence is Consequence.NOTE and "overvotes" in problem.found
    columns = reading.records.columns if reading.records else {}
    assert {name: column.values for name, column in columns.items()} == {
        "tabulator": ("SCAN-1",), "batch": ("7",), "record": ("1", "2"),
        "imprinted_id": ("7+10001", "7+10002"), "precinct": ("12",), "style": ("P-12",),
    }  # fmt: skip


def test_a_contest_s_name_may_hold_a_colon() -> None:
    reading = reading_of(row(1, "1"), head=f"{META},Choice_9_0:Question 2: Parks:Vote For 1:Yes:")
    assert votes_of(reading, "Question 2:Parks") == [([("9", 0)], 1)]


def test_votes_allowed_come_from_the_rule() -> None:
    head = f"{META},Choice_1_0:Council:Vote For 2:Ash:,Choice_2_0:Council:Vote For 2:Write-in:"
    reading = reading_of(row(1, "1,1"), head=head)
    assert reading.records is not None and reading.records.contests[0].votes_allowed == 2
    assert votes_of(reading, "Council") == [([("1", 0), ("write_in", 0)], 1)]


@pytest.mark.parametrize(
    ("status", "remade", "consequence", "cards"),
    [
        ("-1", "0", Consequence.COUNT, 2),
        ("-1", "1", None, 2),
        ("1", "0", Consequence.CARE, 2),
        ("3", "0", Consequence.COUNT, 1),
        ("x", "0", Consequence.GRAVE, None),
    ],
)
def test_the_status_of_an_image_is_obeyed(
    status: str, remade: str, consequence: Consequence | None, cards: int | None
) -> None:
    reading = reading_of(row(1, "1,0,,,,"), row(2, "1,0,,,,", status, remade))
    told = [p.consequence for p in reading.problems if p.consequence is not Consequence.NOTE]
    assert told == ([consequence] if consequence else [])
    assert (reading.records.cards if reading.records else None) == cards


def test_the_old_form_takes_its_names_from_the_tables_beside_it() -> None:
    reading = reading_of(
        row(1, "0,1"), head=f"{META},Choice_1_1,Choice_2_2",
        town__choices__csv="ChoiceID,ContestID,ChoiceName\n1,5,Ash\n2,5,Birch\n",
        town__contests__csv="ContestID,ContestName,VoteRule\n5,Mayor,Vote For 1\n",
    )  # fmt: skip
    assert votes_of(reading, "Mayor") == [([("2", 0)], 1)]
    assert reading.records is not None and reading.records.contests[0].choices[1].name == "Birch"


@pytest.mark.parametrize(
    "head",
    [
        f"{META},Choice_1_1",
        f"{META},Choice_1_1:Mayor:Vote For many:Ash:Dem",
        f"{META},Choice_1_1:Mayor:Vote For 0:Ash:Dem",
        f"{META},Choice_1_1:Mayor:Vote For 1:Ash:Dem,Choice_1_1:Mayor:Vote For 1:Ash:Dem",
        f"{META},Choice_1_1:Mayor:Vote For 1:Ash:Dem,Choice_2_1:Mayor:Vote For 2:Birch:Dem",
        META.replace("BoxID", "Box") + ",Choice_1_1:Mayor:Vote For 1:Ash:Dem",
        META,
        "",
    ],
)
def test_headings_that_do_not_say_what_is_needed_are_grave(head: str) -> None:
    assert grave(reading_of(row(1, "1"), head=head))


@pytest.mark.parametrize("cell", ["-1", "0.5", "2", "x"])
def test_a_cell_that_is_no_mark_is_grave_with_its_row_and_column(cell: str) -> None:
    problem = grave(reading_of(row(1, "1,0,,,,"), row(2, f"1,{cell},,,,")))[0]
    assert problem.row == 3 and problem.column.startswith("Choice_2_2")


def test_an_image_that_stands_twice_is_counted_once() -> None:
    reading = reading_of(row(1, "1,0,,,,"), row(1, "1,0,,,,"))
    assert votes_of(reading, "Mayor, city") == [([("1", 0)], 1)]


def test_what_was_put_into_a_county_s_export_is_what_is_found_but_for_overvotes() -> None:
    world = make(9_000)
    reading = read(InMemory({"county.cvr.csv": csv_export(world)}))
    assert reading.records is not None and len(reading.problems) == 1
    assert found(reading.records) == world.truth(hide_overvotes=True) != world.truth()
