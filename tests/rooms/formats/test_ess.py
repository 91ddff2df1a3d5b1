"""ES&S's export: every trap of the format, on files written here as the vendor writes them."""

import io
from typing import Any

import pytest
import xlsxwriter

from tallybook.election.cards import ballots, check_records
from tallybook.formats.archives import InMemory
from tallybook.formats.ess import read
from tallybook.formats.problems import Consequence, FileProblem, Reading
from tests.generators.ess import ballots_file, csv_export, xlsx_export
from tests.generators.world import Reading as OnCard
from tests.generators.world import World, found, make

HEAD = "Cast Vote Record,Precinct,Ballot Style,MAYOR,QUESTION"


def reading_of(*rows: str, head: str = HEAD, **others: str) -> Reading:
    files = {"cvr.csv": "".join(row + "\r\n" for row in (head, *rows))}
    files |= {name.replace("_csv", ".csv"): text for name, text in others.items()}
    return read(InMemory({name: text.encode() for name, text in files.items()}, "town"))


def votes_of(reading: Reading, contest: str) -> list[tuple[list[tuple[str, int]], tuple[str, ...], int]]:
    assert reading.records is not None, list(map(str, reading.problems))
    assert check_records(reading.records) == ()
    grouped = ballots(reading.records, contest)
    return [([(m.choice, m.rank) for m in p.marks], p.flags, n)
            for p, n in zip(grouped.patterns, grouped.counts, strict=True)]  # fmt: skip


def told(reading: Reading, consequence: Consequence) -> list[FileProblem]:
    assert (reading.records is None) == any(p.consequence is Consequence.GRAVE for p in reading.problems)
    return [p for p in reading.problems if p.consequence is consequence]


def grave(reading: Reading) -> list[FileProblem]:
    return told(reading, Consequence.GRAVE)


# Cells --------------------------------------------------------------------------------------


def test_a_cell_is_a_choice_an_undervote_an_overvote_or_not_on_the_card() -> None:
    reading = reading_of("1,007,S,Ash ,Yes", "2,007,S,undervote,", "3,007,S,overvote,No", "4,007,S, Ash,No")
    assert reading.problems == ()
    assert votes_of(reading, "MAYOR") == [([("Ash", 0)], (), 2), ([], (), 1), ([], ("overvote",), 1)]
    assert votes_of(reading, "QUESTION") == [([("Yes", 0)], (), 1), ([("No", 0)], (), 2)]
    assert reading.records is not None and reading.records.columns["precinct"].values == ("007",)


def test_ids_in_brackets_are_the_choices_ids_where_every_name_has_one() -> None:
    reading = reading_of("1,P,S,Ash (CND0001),Yes", "2,P,S,write-in:,No", "3,P,S,Birch (CND0002),No")
    assert [marks for marks, _, _ in votes_of(reading, "MAYOR")] == [
        [("CND0001", 0)], [("write_in", 0)], [("CND0002", 0)],
    ]  # fmt: skip
    assert reading.records is not None and reading.records.contest("MAYOR").choices[0].name == "Ash"


def test_a_name_with_bare_commas_is_mended_by_its_closing_bracket_and_told() -> None:
    """As Jefferson County, Colorado, exported it."""
    bare = 'SMITH, "JOHN ""JOHNNY""" (CND0001)'
    reading = reading_of(f"1,P,S,{bare},Yes (CND0003)", '2,P,S,"JONES, A (CND0002)",No (CND0004)')
    assert votes_of(reading, "MAYOR") == [([("CND0001", 0)], (), 1), ([("CND0002", 0)], (), 1)]
    assert votes_of(reading, "QUESTION") == [([("CND0003", 0)], (), 1), ([("CND0004", 0)], (), 1)]
    (problem,) = told(reading, Consequence.COUNT)
    assert problem.row == 2


def test_a_row_that_can_be_mended_in_no_way_is_grave() -> None:
    assert grave(reading_of("1,P,S,SMITH,JOHN,Yes"))[0].row == 2


def test_two_spellings_of_a_choice_are_kept_apart_and_told() -> None:
    reading = reading_of("1,P,S,BEN-HILL,Yes", "2,P,S,Ben Hill,No")
    assert len(votes_of(reading, "MAYOR")) == 2
    (problem,) = told(reading, Consequence.COUNT)
    assert problem.found == '"BEN-HILL" and "Ben Hill" in "MAYOR"'


def test_contests_of_one_name_are_kept_apart_and_told() -> None:
    reading = reading_of("1,P,S,Ash,Elm", head=HEAD.replace("QUESTION", "MAYOR"))
    assert votes_of(reading, "MAYOR (2)") == [([("Elm", 0)], (), 1)]
    assert len(told(reading, Consequence.CARE)) == 1


# Contests in several columns ----------------------------------------------------------------

TWO = "Cast Vote Record,Precinct,Ballot Style,COUNCIL AT LARGE 1,COUNCIL AT LARGE 2"


def test_the_votes_of_one_contest_in_several_columns_are_one_contest_and_told() -> None:
    rows = [
        "1,P,S,Ash,Birch",
        "2,P,S,Birch,undervote",
        "3,P,S,Cedar,Ash",
        "4,P,S,overvote,overvote",
        "5,P,S,,",
    ]
    reading = reading_of(*rows, head=TWO)
    assert reading.records is not None and reading.records.contests[0].votes_allowed == 2
    assert votes_of(reading, "COUNCIL AT LARGE") == [
        ([("Ash", 0), ("Birch", 0)], (), 1), ([("Birch", 0)], (), 1), ([("Ash", 0), ("Cedar", 0)], (), 1),
        ([], ("overvote",), 1),
    ]  # fmt: skip
    assert len(told(reading, Consequence.COUNT)) == 1


def test_two_written_names_on_a_card_are_two_persons() -> None:
    rows = ["1,P,S,Write-in,Write-in", "2,P,S,Ash,Birch", "3,P,S,Birch,Cedar"]
    reading = reading_of(*rows, head=TWO)
    assert votes_of(reading, "COUNCIL AT LARGE")[0][0] == [("write_in", 0), ("write_in:slot 2", 0)]


@pytest.mark.parametrize(
    "rows",
    [
        ["1,P,S,Ash,", "2,P,S,,Ash"],
        ["1,P,S,Ash,Cedar", "2,P,S,Birch,Dogwood"],
        ["1,P,S,Yes,No", "2,P,S,No,Yes"],
        ["1,P,S,Ash,Ash", "2,P,S,Birch,Cedar", "3,P,S,Cedar,Birch"],
    ],
    ids=["never on one card", "no choice shared", "questions", "one choice in both"],
)
def test_districts_and_questions_with_numbers_stay_contests_of_their_own(rows: list[str]) -> None:
    reading = reading_of(*rows, head=TWO)
    assert reading.records is not None
    assert [c.id for c in reading.records.contests] == ["COUNCIL AT LARGE 1", "COUNCIL AT LARGE 2"]


@pytest.mark.parametrize(
    "head",
    ["For Mayor Choice 1 (45),For Mayor Choice 2 (45)", "1ST CHOICE For Mayor,2ND CHOICE For Mayor"],
)
def test_ranks_are_read_from_either_heading(head: str) -> None:
    rows = ["1,P,S,Ash,Birch", "2,P,S,overvote,Ash", "3,P,S,Ash//Birch,undervote"]
    reading = reading_of(*rows, head=f"Cast Vote Record,Precinct,Ballot Style,{head}")
    assert votes_of(reading, "For Mayor") == [
        ([("Ash", 1), ("Birch", 2)], (), 1),
        ([("write_in:overvote 1", 1), ("write_in:overvote 2", 1), ("Ash", 2)], (), 1),
        ([("Ash", 1), ("Birch", 1)], (), 1),
    ]
    assert reading.problems == ()


def test_a_blank_rank_among_others_is_told() -> None:
    reading = reading_of(
        "1,P,S,Ash,", head="Cast Vote Record,Precinct,Ballot Style,Mayor Choice 1,Mayor Choice 2"
    )
    assert votes_of(reading, "Mayor") == [([("Ash", 1)], (), 1)]
    assert told(reading, Consequence.COUNT)[0].row == 2


def test_a_row_counts_as_often_as_its_column_count_says() -> None:
    head = "Precinct,1ST CHOICE MAYOR,2ND CHOICE MAYOR,COUNT"
    reading = reading_of("P-1,Ash,Birch,1,", 'P-2,Birch,undervote,"1,200"', head=head)
    assert votes_of(reading, "MAYOR") == [([("Ash", 1), ("Birch", 2)], (), 1), ([("Birch", 1)], (), 1200)]


@pytest.mark.parametrize("count", ["-3", "1.5", "many", "99999999999"])
def test_a_count_that_is_no_count_of_cards_is_grave(count: str) -> None:
    assert grave(
        reading_of(f"P-1,Ash,Birch,{count}", head="Precinct,1ST CHOICE MAYOR,2ND CHOICE MAYOR,COUNT")
    )


# Ballots files ------------------------------------------------------------------------------

BALLOTS = "Ballots\n2020G\nCounty\n11/3/2020\n\n"
BALLOTS_HEAD = (
    "Cast Vote Record,Batch,Ballot Status,Original Ballot Exception,Reporting Group,Tabulator CVR\n"
)


def test_ballots_files_are_joined_by_record_and_lost_zeros_are_put_back() -> None:
    text = (
        BALLOTS
        + BALLOTS_HEAD
        + "2,B7,x,Undervote, Overvote,Mail,12000034\n1,B6,x,,Polls,0001000035\nTotal : 2\n\n"
    )
    reading = reading_of("1,P,S,Ash,Yes", "2,P,S,Ash,Yes", ballots_csv=text)
    assert reading.records is not None, list(map(str, reading.problems))
    columns = {n: [c.values[k] for k in c.codes] for n, c in reading.records.columns.items()}
    assert columns["batch"] == ["B6", "B7"] and columns["group"] == ["Polls", "Mail"]
    assert columns["imprinted_id"] == ["0001000035", "0012000034"] and columns["tabulator"] == [
        "0001",
        "0012",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        "1,B6,x,,Polls,1\n",
        "1,B6,x,,P,1\n2,B6,x,,P,1\n3,B6,x,,P,1\n",
        "1,B6,x,,P,1\n1,B6,x,,P,1\n2,B6,x,,P,1\n",
    ],
    ids=["a record missing", "a record too many", "a record twice"],
)
def test_ballots_that_do_not_match_the_cards_one_to_one_are_grave(rows: str) -> None:
    assert grave(reading_of("1,P,S,Ash,Yes", "2,P,S,Ash,Yes", ballots_csv=BALLOTS_HEAD + rows))


def test_a_total_that_is_not_the_number_of_rows_is_grave() -> None:
    assert grave(reading_of("1,P,S,Ash,Yes", "Total : 2"))[0].found == "a total of 2 and 1 rows"


def test_a_record_that_stands_twice_alike_is_counted_once_and_with_other_votes_is_grave() -> None:
    assert votes_of(reading_of("1,P,S,Ash,Yes", "1,P,S,Ash,Yes"), "MAYOR") == [([("Ash", 0)], (), 1)]
    assert grave(reading_of("1,P,S,Ash,Yes", "1,P,S,Birch,Yes"))


def test_files_of_one_county_are_joined_and_files_with_other_contests_are_grave() -> None:
    more = HEAD + "\n2,P,S,Birch,No\n"
    assert votes_of(reading_of("1,P,S,Ash,Yes", more_csv=more), "MAYOR")[1] == ([("Birch", 0)], (), 1)
    assert grave(reading_of("1,P,S,Ash,Yes", more_csv=more.replace("QUESTION", "SHERIFF")))


# Spreadsheets -------------------------------------------------------------------------------


def book(*sheets: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    for rows in sheets:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    made.close()
    return out.getvalue()


def test_numbers_of_a_spreadsheet_lose_their_decimal_point_and_only_the_first_sheet_counts() -> None:
    data = book([HEAD.split(","), [397092.0, "P ", "S", "Ash ", "Yes"]], [["else"]])
    reading = read(InMemory({"cvr.xlsx": data}))
    assert votes_of(reading, "MAYOR") == [([("Ash", 0)], (), 1)]
    assert reading.records is not None and reading.records.columns["record"].values == ("397092",)
    assert "further sheets" in told(reading, Consequence.CARE)[0].found


def test_hidden_signs_in_a_spreadsheet_are_left_out_and_told() -> None:
    data = book([HEAD.split(","), [1, "P", "S", "A\u202esh\u200b", "Yes"], [2, "P", "S", "Ash", "Yes"]])
    reading = read(InMemory({"cvr.xlsx": data}))
    assert votes_of(reading, "MAYOR") == [([("Ash", 0)], (), 2)]
    assert "<U+202E>" in told(reading, Consequence.CARE)[0].found


def test_a_sheet_with_one_cell_in_its_last_corner_is_refused() -> None:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, HEAD.split(","))
    sheet.write(1_048_575, 16_383, "x")
    made.close()
    assert "row 1,048,576" in grave(read(InMemory({"cvr.xlsx": out.getvalue()})))[0].found


@pytest.mark.parametrize("cut", [10, 500, 3_000])
def test_a_damaged_spreadsheet_is_grave(cut: int) -> None:
    assert grave(read(InMemory({"cvr.xlsx": book([HEAD.split(","), [1, "P", "S", "Ash", "Yes"]])[:cut]})))


# A county -----------------------------------------------------------------------------------


def expected(world: World) -> dict[str, dict[OnCard, int]]:
    """The truth as this export can tell it: names at an overvoted rank are lost, as all of a lost contest."""
    truth = world.truth(hide_overvotes=True)
    lost = (("Hazel", 1), ("Ivy", 1), ("Juniper", 2))
    truth["Sheriff"][(("Juniper", 2), ("Write-in", 1), ("Write-in", 1))] = truth["Sheriff"].pop(lost)
    return {name: dict(counter) for name, counter in truth.items()}


def test_what_was_put_into_a_county_s_export_is_what_is_found() -> None:
    world = make(8_100, measures=1)
    reading = read(InMemory({"cvr.csv": csv_export(world), "ballots.csv": ballots_file(world)}))
    assert reading.records is not None
    assert {name: dict(counter) for name, counter in found(reading.records).items()} == expected(world)


def test_what_was_put_into_a_county_s_spreadsheet_is_what_is_found() -> None:
    world = make(2_100, measures=0)
    reading = read(InMemory({"cvr.xlsx": xlsx_export(world)}))
    assert reading.records is not None
    assert {name: dict(counter) for name, counter in found(reading.records).items()} == expected(world)
