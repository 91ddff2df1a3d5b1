"""Hart Verity's export: every trap of the format, on sheets written here as the vendor writes them."""

import io
import zipfile

import pytest

from tallybook.election.cards import ballots, check_records
from tallybook.formats.archives import InMemory
from tallybook.formats.hart import is_sheet, read
from tallybook.formats.problems import Consequence, FileProblem, Reading
from tests.generators.hart import archives
from tests.generators.world import found, make

XMLNS = 'xmlns="http://tempuri.org/CVRDesign.xsd"'


def option(id_: str, name: str = "", value: str = "1", written: str | None = None, status: str = "") -> str:
    """A marked option; a write-in has data of its own, and a Name only if people gave it one."""
    given = f"<Name>{name}</Name>" if name else ""
    data = "" if written is None else (
        f"<WriteInData><Text>{written}</Text><ImageId>i</ImageId>"
        f"<WriteInDataStatus>{status}</WriteInDataStatus></WriteInData>"
    )  # fmt: skip
    return f"<Option>{given}<Id>{id_}</Id><Value>{value}</Value>{data}</Option>"


def contest(*options: str, id_: str = "c1", name: str = "Mayor", more: str = "") -> str:
    return f"<Contest><Name>{name}</Name><Id>{id_}</Id><Options>{''.join(options)}</Options>{more}</Contest>"


def sheet(*contests: str, number: int = 1, precinct: str = "007 East", guid: str = "") -> str:
    return (
        f"<Cvr {XMLNS}><Contests>{''.join(contests)}</Contests><BatchSequence>{number}</BatchSequence>"
        f"<SheetNumber>1</SheetNumber><PrecinctSplit><Name>{precinct}</Name><Id>p</Id></PrecinctSplit>"
        f"<BatchNumber>9</BatchNumber><CvrGuid>{guid or number}</CvrGuid></Cvr>"
    )


def reading_of(*sheets: str | bytes, **others: bytes) -> Reading:
    files = {
        f"1_{place}.xml": one if isinstance(one, bytes) else one.encode() for place, one in enumerate(sheets)
    }
    return read(InMemory(files | {name.replace("__", "."): data for name, data in others.items()}, "town"))


def votes_of(
    reading: Reading, contest_id: str = "c1"
) -> list[tuple[list[tuple[str, int]], tuple[str, ...], int]]:
    assert reading.records is not None, list(map(str, reading.problems))
    assert check_records(reading.records) == ()
    grouped = ballots(reading.records, contest_id)
    return [([(m.choice, m.rank) for m in p.marks], p.flags, n)
            for p, n in zip(grouped.patterns, grouped.counts, strict=True)]  # fmt: skip


def grave(reading: Reading) -> list[FileProblem]:
    assert (reading.records is None) == any(p.consequence is Consequence.GRAVE for p in reading.problems)
    return [p for p in reading.problems if p.consequence is Consequence.GRAVE]


ASH, BIRCH = option("a", "Ash"), option("b", "Birch")


def test_marked_options_are_votes() -> None:
    reading = reading_of(sheet(contest(ASH)), sheet(contest(more="<Undervotes>1</Undervotes>"), number=2))
    assert votes_of(reading) == [([("a", 0)], (), 1), ([], (), 1)]
    columns = reading.records.columns if reading.records else {}
    assert columns["precinct"].values == ("007 East",) and columns["batch"].values == ("9",)


@pytest.mark.parametrize(
    ("flag", "told"),
    [("Overvoted", "overvote"), ("InvalidVote", "invalid"), ("InvalidStraightPartyVote", "invalid")],
)
def test_what_the_system_flags_keeps_its_marks_and_says_that_it_does_not_count(flag: str, told: str) -> None:
    reading = reading_of(sheet(contest(ASH, BIRCH, more=f"<{flag} />")))
    assert votes_of(reading) == [([("a", 0), ("b", 0)], (told,), 1)]


def test_ranks_are_the_places_of_the_ones() -> None:
    marks = option("a", "Ash", "0100"), option("b", "Birch", "1001"), option("c", "Cedar", "0100")
    reading = reading_of(sheet(contest(*marks)))
    assert votes_of(reading) == [([("b", 1), ("a", 2), ("c", 2), ("b", 4)], (), 1)]
    assert reading.records is not None and reading.records.contests[0].votes_allowed == 1


def test_a_written_name_counts_when_resolved_waits_when_not_and_is_no_vote_when_rejected() -> None:
    reading = reading_of(
        sheet(contest(option("w", "", written="Jo Elm", status="Resolved"))),
        sheet(contest(option("w", "", written="", status="Unresolved")), number=2),
        sheet(contest(option("w", "", written="x", status="Rejected")), number=3),
    )
    assert votes_of(reading) == [
        ([("write_in:Jo Elm", 0)], (), 1), ([("write_in", 0)], ("write_in_unresolved",), 1), ([], (), 1),
    ]  # fmt: skip


def test_contests_of_one_name_are_kept_apart_by_their_ids_and_told() -> None:
    reading = reading_of(sheet(contest(ASH), contest(BIRCH, id_="c2")))
    assert votes_of(reading, "c1") == [([("a", 0)], (), 1)] and votes_of(reading, "c2") == [
        ([("b", 0)], (), 1)
    ]
    assert [p.consequence for p in reading.problems] == [Consequence.CARE]


def test_votes_allowed_are_the_most_votes_and_undervotes_of_a_sheet_and_this_is_told() -> None:
    reading = reading_of(sheet(contest(ASH, more="<Undervotes>2</Undervotes>")))
    assert reading.records is not None and reading.records.contests[0].votes_allowed == 3
    assert [p.consequence for p in reading.problems] == [Consequence.CARE]


def test_signatures_and_images_are_no_sheets() -> None:
    assert is_sheet("CVR/1_3.xml") and is_sheet("Qf9.xml")
    assert not is_sheet("1_3.xml.sig.xml") and not is_sheet("WriteIn/1_3.xml") and not is_sheet("1_3.png")


def test_a_plain_file_and_one_that_must_be_parsed_whole_are_read_alike() -> None:
    """A comment may hold a tag, so a file with one is not cut at tags."""
    tricky = sheet(contest(ASH)).replace("<Contests>", f"<Contests><!-- {contest(BIRCH)} -->")
    cdata = sheet(contest(ASH), number=2).replace(">Ash<", "><![CDATA[Ash]]><")
    spaced = sheet(contest(ASH), number=3).replace("><", ">\r\n  <")
    prefixed = (
        sheet(contest(ASH), number=4)
        .replace("<", "<h:")
        .replace("<h:/", "</h:")
        .replace("xmlns=", "xmlns:h=")
    )
    marked = b"\xef\xbb\xbf" + sheet(contest(ASH), number=5).encode()
    reading = reading_of(tricky, cdata, spaced, prefixed, marked)
    assert votes_of(reading) == [([("a", 0)], (), 5)]


@pytest.mark.parametrize(
    "hidden", ["<Contests><!-- {} -->", "<Contests><?note {} ?>", "<!-- <Contests>{} --><Contests>"]
)
def test_a_contest_in_a_comment_is_not_read_though_its_text_was_met_before(hidden: str) -> None:
    plain = sheet(contest(ASH), contest(BIRCH, id_="c2"))
    tricky = sheet(contest(ASH), number=2).replace("<Contests>", hidden.format(contest(BIRCH, id_="c2")))
    reading = reading_of(plain, tricky)
    assert votes_of(reading, "c1") == [([("a", 0)], (), 2)] and votes_of(reading, "c2") == [
        ([("b", 0)], (), 1)
    ]


def test_a_sheet_in_windows_1252_is_read_and_told() -> None:
    reading = reading_of(sheet(contest(option("a", "Peña"))).encode("cp1252"))
    assert reading.records is not None and reading.records.contests[0].choices[0].name == "Peña"
    assert [p.consequence for p in reading.problems] == [Consequence.CARE]


BAD = {
    "an entity of its own": '<!DOCTYPE Cvr [<!ENTITY a "Ash">]>' + sheet(contest(option("a", "&a;"))),
    "a billion laughs": '<!DOCTYPE Cvr [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    + sheet(contest(option("a", "&b;"))),
    "an outer file": '<!DOCTYPE Cvr [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    + sheet(contest(option("a", "&a;"))),
    "cut off": sheet(contest(ASH))[:-30],
    "a contest cut off": sheet(contest(ASH).removesuffix("</Options></Contest>")),
    "a contest unclosed": sheet(contest(ASH).removesuffix("</Contest>"), contest(BIRCH, id_="c2")),
    "no XML": "MZ\x00",
    "empty": "",
    "a value below zero": sheet(contest(option("a", "Ash", "-1"))),
    "a fraction": sheet(contest(option("a", "Ash", "0.5"))),
    "undervotes below zero": sheet(contest(ASH, more="<Undervotes>-1</Undervotes>")),
    "no batch": sheet(contest(ASH)).replace("BatchNumber", "Batch"),
    "no contest's Id": sheet(contest(ASH, id_="")),
    "a contest twice": sheet(contest(ASH), contest(ASH)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_sheet_that_is_damaged_hostile_or_contradicts_itself_is_grave(name: str) -> None:
    assert grave(reading_of(sheet(contest(ASH), number=2), BAD[name]))


def test_a_contest_with_ranks_on_one_sheet_and_none_on_another_is_grave() -> None:
    assert grave(reading_of(sheet(contest(ASH)), sheet(contest(option("b", "Birch", "010")), number=2)))


def test_a_sheet_twice_alike_is_counted_once_and_with_other_votes_is_grave() -> None:
    assert votes_of(reading_of(sheet(contest(ASH)), sheet(contest(ASH)))) == [([("a", 0)], (), 1)]
    assert grave(reading_of(sheet(contest(ASH)), sheet(contest(BIRCH))))


def zipped(*sheets: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for place, one in enumerate(sheets):
            made.writestr(f"1_{place}.xml", one)
            made.writestr(f"1_{place}.xml.sig.xml", "<Signature/>")
            made.writestr(f"__MACOSX/1_{place}.xml", "x")
    return out.getvalue()


def test_several_archives_are_several_tabulators_and_their_batches_are_not_fused() -> None:
    reading = read(
        InMemory({"North.zip": zipped(sheet(contest(ASH))), "South.zip": zipped(sheet(contest(BIRCH)))})
    )
    assert reading.records is not None and reading.records.cards == 2
    assert reading.records.columns["tabulator"].values == ("North", "South")


def test_scanned_ballot_information_tells_the_workstation_and_the_imprinted_id() -> None:
    text = "#FormatVersion 1\n#CvrId,Other,UniqueIdentifier,Workstation\ng1,x,0007,WS-2\n"
    reading = reading_of(sheet(contest(ASH), guid="G1"), scanned__csv=text.encode())
    assert reading.records is not None
    assert reading.records.columns["tabulator"].values == ("WS-2",)
    assert reading.records.columns["imprinted_id"].values == ("0007",)


def test_a_sheet_missing_from_the_scanned_ballot_information_is_grave() -> None:
    text = "#FormatVersion 1\n#CvrId,UniqueIdentifier,Workstation\nother,0007,WS-2\n"
    assert grave(reading_of(sheet(contest(ASH), guid="G1"), scanned__csv=text.encode()))


def test_what_was_put_into_a_county_s_export_is_what_is_found() -> None:
    world = make(1_500)
    reading = read(InMemory(archives(world)))
    assert reading.records is not None and found(reading.records) == world.truth()
