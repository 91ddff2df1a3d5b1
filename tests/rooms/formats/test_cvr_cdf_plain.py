"""Reports in plain XML are cut at their tags: what comes out is what parsing the whole report gives."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from tallybook.election.cards import CastVoteRecords
from tallybook.formats import cvr_cdf
from tallybook.formats.cvr_cdf import read_xml
from tallybook.formats.cvr_cdf_out import write_xml
from tallybook.formats.cvr_cdf_plain import Cutter, NotPlainError, Plain
from tallybook.formats.problems import Reading
from tests.rooms.formats.test_cvr_cdf import ABOUT, records, small, told

CONTEST = "<CVRContest>"
OF_ANOTHER = (
    f"{CONTEST}<ContestId>contest-1</ContestId></CVRContest></CVRSnapshot>"
    '<CVRSnapshot ObjectId="q"><Type>original</Type>'
)


def parsed_whole(data: bytes) -> Reading:
    """The reading without any cutting."""

    def refused(_data: bytes) -> Plain:
        raise NotPlainError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cvr_cdf, "Plain", refused)
        return read_xml(data, "x")


def known(reading: Reading) -> object:
    return reading.problems, None if reading.records is None else told(reading.records)


def text_of(number: int) -> str:
    """The text of one card of a small report, its tags included."""
    return "<CVR>" + list(Plain(write_xml(small(), ABOUT)))[number].decode() + "</CVR>"


@given(records())
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_is_read_alike_cut_and_parsed(held: CastVoteRecords) -> None:
    data = write_xml(held, ABOUT)
    assert known(read_xml(data, "x")) == known(parsed_whole(data))


CHANGES: dict[str, Callable[[str], str]] = {
    "a card in a comment before all": lambda text: text.replace("<CVR>", f"<!-- {text_of(0)} --><CVR>", 1),
    "a card in a comment": lambda text: text.replace("</CVR>", f"</CVR><!-- {text_of(0)} -->", 1),
    "a comment across two cards": lambda text: text.replace("</CVR><CVR>", "</CVR><!-- <CVR> -->\n<CVR>", 1),
    "the end of a card in a comment": lambda text: text.replace("</CVR>", "<!-- </CVR> --></CVR>", 1),
    "a contest in a comment": lambda text: text.replace(CONTEST, f"<!-- {CONTEST}</CVRContest> -->{CONTEST}"),
    "an instruction": lambda text: text.replace(CONTEST, f"<?note {CONTEST} ?>{CONTEST}"),
    "CDATA": lambda text: text.replace("<BatchId>", "<BatchId><![CDATA[<CVR>]]>"),
    "a document type": lambda text: text.replace("<CastVote", '<!DOCTYPE a [<!ENTITY b "c">]><CastVote', 1),
    "an entity": lambda text: text.replace("<BatchId>", "<BatchId>&amp;&#65;"),
    "a letter with an accent": lambda text: text.replace("<BatchId>", "<BatchId>é"),
    "blanks everywhere": lambda text: text.replace("><", ">\r\n\t<"),
    "a field of several parts": lambda text: text.replace(
        "<BatchId>", "<BallotImage><Location>a</Location></BallotImage><BatchId>", 3
    ),
    "a field without words": lambda text: text.replace("<BatchId>", "<BallotSheetId/><BatchId>", 3),
    "a field closed by another": lambda text: text.replace("</BatchId>", "</BatchIds>", 1),
    "a field twice": lambda text: text.replace("<BatchId>", "<BatchId>first</BatchId><BatchId>", 1),
    "a card with attributes": lambda text: text.replace("<CVR>", '<CVR xmlns:a="b">', 2),
    "a contest with attributes": lambda text: text.replace(CONTEST, '<CVRContest a="b">', 2),
    "a kind named by its prefix": lambda text: text.replace(CONTEST, '<CVRContest xsi:type="CVRContest">'),
    "a prefix that nobody declared": lambda text: text.replace(CONTEST, '<CVRContest z:type="a">', 2),
    "no snapshot of that name": lambda text: text.replace('Snapshot ObjectId="', 'Snapshot ObjectId="z', 1),
    "a second snapshot": lambda text: text.replace(
        "<CVRSnapshot", '<CVRSnapshot ObjectId="z"><Type>original</Type></CVRSnapshot><CVRSnapshot', 2
    ),
    "a contest of another snapshot": lambda text: text.replace(CONTEST, OF_ANOTHER + CONTEST, 1),
    "a card cut off": lambda text: text[: text.rindex("</CVR>") - 9],
    "a file cut off": lambda text: text[:-9],
    "a number that is none": lambda text: text.replace("<BatchSequenceId>", "<BatchSequenceId>x", 1),
    "a card after the definitions": lambda text: text.replace(
        "</CastVoteRecordReport>", text_of(0).replace("card-1", "card-9") + "</CastVoteRecordReport>"
    ),
    "no cards": lambda text: text[: text.index("<CVR>")] + text[text.rindex("</CVR>") + 6 :],
    "another root": lambda text: text.replace("CastVoteRecordReport", "Report"),
    "a prefix": lambda text: text.replace("</", "</n:").replace("<C", "<n:C").replace("xmlns=", "xmlns:n="),
    "another encoding": lambda text: text.replace("UTF-8", "ISO-8859-1", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_report_is_read_alike_cut_and_parsed_with(name: str) -> None:
    before = write_xml(small(), ABOUT).decode()
    after = CHANGES[name](before)
    assert after != before
    assert known(read_xml(after.encode(), "x")) == known(parsed_whole(after.encode()))


@pytest.mark.parametrize("bad", [b"\xff", b"\x00", b"\xc3", b"\x01", b"\xef\xbf\xbf", b"\xed\xa0\x80"])
@pytest.mark.parametrize("before", [b"<BatchId>", b"<ContestId>", b"<Name>"])
def test_bytes_that_are_no_text_are_told_wherever_they_stand(bad: bytes, before: bytes) -> None:
    data = write_xml(small(), ABOUT).replace(before, before + bad, 1)
    reading = read_xml(data, "x")
    assert reading.records is None and known(reading) == known(parsed_whole(data))


def test_the_usual_report_is_cut_and_never_parsed_card_by_card() -> None:
    held = list(Plain(write_xml(small(), ABOUT)))
    cutter = Cutter()
    assert len(held) == small().cards and all(cutter.cut(text) is not None for text in held)
