"""Election results in NIST's common data format (SP 1500-100 version 2), from JSON and from XML.

For results as election offices exchange them. Votes by unit and mode become the nouns of ``results``; units
lie in those that name them among their composing units. Counts by kind of device are added up. Rounds after
the first, suppressed and fractional counts are not votes to add: the first two are told, the last refused.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from lxml import etree

from tallybook.election import Choice, Contest
from tallybook.formats.cdf_xml import Fields, UnsafeXmlError, children_of_root, local, plain
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.results import TOTAL, Measured, Results, Unit, Votes, key_of

ROOT = "ElectionReport"
OURS = "tallybook"
"""OtherType of an ExternalIdentifier by which our own writer keeps an id that XML could not hold."""
FIELDS = Fields(
    many=frozenset(
        {
            *("BallotCounts", "Candidate", "Contest", "ContestSelection", "CountStatus", "Election"),
            *("ExternalIdentifier", "GpUnit", "OtherCounts", "Party", "Text", "VoteCounts"),
        }
    ),
    references=frozenset({"CandidateIds", "ComposingGpUnitIds", "PartyIds"}),
    objects=frozenset({"DeviceClass"}),
)
MEASURES = {"Overvotes": "overvotes", "Undervotes": "undervotes", "WriteIns": "write_ins"}
AGAIN = "Export the report again, or ask who made it; nothing was read."
Number = int | float


class LanguageString(msgspec.Struct, frozen=True):
    """A text in a language."""

    Content: str = ""
    Language: str = ""


class Spoken(msgspec.Struct, frozen=True):
    """A text in several languages (InternationalizedText)."""

    Text: tuple[LanguageString, ...] = ()


class Identifier(msgspec.Struct, frozen=True):
    """An identifier in some scheme."""

    Value: str
    Type: str = ""
    OtherType: str = ""


class Named(msgspec.Struct, frozen=True):
    """A candidate or a party."""

    id: str = msgspec.field(name="@id")
    BallotName: Spoken = Spoken()
    Name: Spoken = Spoken()
    PartyId: str = ""
    ExternalIdentifier: tuple[Identifier, ...] = ()


class ErrUnit(msgspec.Struct, frozen=True):
    """A reporting unit or device."""

    id: str = msgspec.field(name="@id")
    Type: str = ""
    OtherType: str = ""
    Name: Spoken = Spoken()
    ComposingGpUnitIds: tuple[str, ...] = ()
    VotersRegistered: int | None = None
    ExternalIdentifier: tuple[Identifier, ...] = ()


class Counts(msgspec.Struct, frozen=True):
    """Any of the format's three kinds of counts."""

    GpUnitId: str
    Type: str = ""
    OtherType: str = ""
    Count: Number | None = None
    BallotsCast: Number | None = None
    Overvotes: Number | None = None
    Undervotes: Number | None = None
    WriteIns: Number | None = None
    Round: int = 1
    IsSuppressedForPrivacy: bool = False
    DeviceClass: Any = None


class Selection(msgspec.Struct, frozen=True):
    """A choice with its votes."""

    id: str = msgspec.field(name="@id")
    CandidateIds: tuple[str, ...] = ()
    Selection: Spoken = Spoken()
    PartyIds: tuple[str, ...] = ()
    IsWriteIn: bool = False
    VoteCounts: tuple[Counts, ...] = ()


class ErrContest(msgspec.Struct, frozen=True):
    """A contest of any of the format's kinds."""

    id: str = msgspec.field(name="@id")
    Name: str
    ContestSelection: tuple[Selection, ...] = ()
    OtherCounts: tuple[Counts, ...] = ()
    VotesAllowed: int = 1
    NumberElected: int = 1
    ExternalIdentifier: tuple[Identifier, ...] = ()


class ErrElection(msgspec.Struct, frozen=True):
    """An election with its contests."""

    Name: Spoken
    StartDate: datetime.date
    Contest: tuple[ErrContest, ...] = ()
    Candidate: tuple[Named, ...] = ()
    BallotCounts: tuple[Counts, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """A report."""

    Status: str
    GeneratedDate: str
    Election: tuple[ErrElection, ...] = ()
    GpUnit: tuple[ErrUnit, ...] = ()
    Party: tuple[Named, ...] = ()


Read = tuple[Results | None, tuple[FileProblem, ...]]


def read_json(data: bytes, source: str) -> Read:
    """A report in JSON, as results."""
    problems = Problems()
    try:
        report = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problems.add(Consequence.GRAVE, source, shown(str(error)), f"an {ROOT} of SP 1500-100 in JSON", AGAIN)
        return None, problems.collected()
    return _results(report, source, problems)


def read_xml(data: bytes, source: str) -> Read:
    """A report in XML, as results."""
    problems = Problems()
    parts: dict[str, Any] = defaultdict(list)
    try:
        for element in children_of_root(data, ROOT):
            shape = plain(element, FIELDS)
            if local(element) in FIELDS.many:
                parts[local(element)].append(shape)
            else:
                parts[local(element)] = shape
        report = msgspec.convert(parts, Report, strict=False)
    except (ValueError, UnsafeXmlError, etree.XMLSyntaxError, msgspec.ValidationError) as error:
        problems.add(Consequence.GRAVE, source, shown(str(error)), f"an {ROOT} of SP 1500-100 in XML", AGAIN)
        return None, problems.collected()
    return _results(report, source, problems)


def own_id(file_id: str, identifiers: Iterable[Identifier], other_type: str = OURS) -> str:
    """The id that our writer kept under this type; ``file_id`` where there is none."""
    return next((one.Value for one in identifiers if one.OtherType == other_type), file_id)


def _results(report: Report, source: str, problems: Problems) -> Read:
    if len(report.Election) != 1:
        mend = "Split the report, one election a file."
        problems.add(Consequence.GRAVE, source, f"{len(report.Election)} elections", "one", mend)
        return None, problems.collected()
    (election,) = report.Election
    units = {unit.id: own_id(unit.id, unit.ExternalIdentifier) for unit in report.GpUnit}
    reader = _Reader(source, units, problems)
    parties = {party.id: said(party.Name) for party in report.Party}
    candidates = {one.id: one for one in election.Candidate}
    votes: list[Votes] = []
    measured = list(reader.of_units(report.GpUnit))
    contests = []
    for contest in election.Contest:
        id_ = own_id(contest.id, contest.ExternalIdentifier)
        choices = [_choice(selection, candidates, parties) for selection in contest.ContestSelection]
        contests.append(_contest(id_, contest, choices))
        for choice, selection in zip(choices, contest.ContestSelection, strict=True):
            votes += reader.votes(id_, choice.id, selection.VoteCounts)
        measured += reader.others(id_, contest.OtherCounts)
    measured += reader.ballots(election.BallotCounts)
    _check_ids(contests, units, source, problems)
    found = Results(
        source, tuple(contests), tuple(_units(report.GpUnit, units)), tuple(votes), tuple(measured),
        said(election.Name), election.StartDate, report.Status, report.GeneratedDate,
    )  # fmt: skip
    return (None if problems.grave else found), problems.collected()


def said(text: Spoken) -> str:
    """The text in English, else in the first language given."""
    english = [one.Content for one in text.Text if one.Language.casefold().startswith("en")]
    return next(iter([*english, *(one.Content for one in text.Text)]), "")


class _Reader:
    """Turns the format's counts into numbers of known units, telling what cannot be one."""

    def __init__(self, source: str, units: Mapping[str, str], problems: Problems) -> None:
        self._source, self._units, self._problems = source, units, problems

    def votes(self, contest: str, choice: str, counts: Iterable[Counts]) -> list[Votes]:
        """The votes for a choice; counts that differ in the kind of device only are added."""
        found: dict[tuple[str, str, str, str], Votes] = {}
        for one in self._usable(counts, contest):
            number = self._whole(one.Count, contest)
            row = Votes(contest, self._units.get(one.GpUnitId, ""), _mode(one), choice, number)
            earlier = found.get(key_of(row))
            if earlier is not None and one.DeviceClass is None:
                found_twice = f"votes for {shown(choice)} in {shown(row.unit)} twice"
                self._tell(Consequence.GRAVE, found_twice, "each number once", AGAIN, contest)
            total = number + (earlier.votes if earlier else 0)
            found[key_of(row)] = msgspec.structs.replace(row, votes=total)
        return list(found.values())

    def others(self, contest: str, counts: Iterable[Counts]) -> Iterator[Measured]:
        """Over- and undervotes and write-ins of a contest."""
        for one in self._usable(counts, contest):
            for field, measure in MEASURES.items():
                value = getattr(one, field)
                if value is not None:
                    unit = self._units.get(one.GpUnitId, "")
                    yield Measured(contest, unit, TOTAL, measure, self._whole(value, contest))

    def ballots(self, counts: Iterable[Counts]) -> Iterator[Measured]:
        """Ballots cast, by mode."""
        for one in self._usable(counts, "BallotCounts"):
            if one.BallotsCast is not None:
                number = self._whole(one.BallotsCast, "BallotCounts")
                yield Measured("", self._units.get(one.GpUnitId, ""), _mode(one), "ballots_cast", number)

    def of_units(self, units: Iterable[ErrUnit]) -> Iterator[Measured]:
        """Registered voters."""
        for unit in units:
            if unit.VotersRegistered is not None:
                number = self._whole(unit.VotersRegistered, "VotersRegistered")
                yield Measured("", self._units[unit.id], TOTAL, "registered_voters", number)

    def _usable(self, counts: Iterable[Counts], where: str) -> Iterator[Counts]:
        for one in counts:
            if one.GpUnitId not in self._units:
                self._tell(
                    Consequence.GRAVE, f"the unit {shown(one.GpUnitId)}", "a unit of the report", AGAIN, where
                )
            if one.IsSuppressedForPrivacy:
                mend = "It was left out; the unit's numbers are incomplete."
                self._tell(Consequence.COUNT, "a count suppressed for privacy", "a count", mend, where)
            elif one.Round != 1:
                mend = "It was left out; results hold first rounds only."
                self._tell(Consequence.NOTE, f"a count of round {one.Round}", "round 1", mend, where)
            else:
                yield one

    def _whole(self, value: Number | None, where: str) -> int:
        if value is None or value != int(value) or not 0 <= value < 10**15:
            found = "nothing" if value is None else str(value)
            self._tell(Consequence.GRAVE, found, "a whole number, 0 or more", AGAIN, where)
            return 0
        return int(value)

    def _tell(self, consequence: Consequence, found: str, expected: str, mend: str, where: str) -> None:
        self._problems.add(consequence, self._source, found, expected, mend, column=where)


def _mode(counts: Counts) -> str:
    return (counts.OtherType or counts.Type) if counts.Type == "other" else counts.Type


def _units(units: Iterable[ErrUnit], ids: Mapping[str, str]) -> Iterator[Unit]:
    held = tuple(units)
    within = {part: ids[unit.id] for unit in held for part in unit.ComposingGpUnitIds}
    for unit in held:
        kind = (unit.OtherType or unit.Type) if unit.Type == "other" else unit.Type
        name = said(unit.Name) or ids[unit.id]
        yield Unit(ids[unit.id], name, kind or "device", within.get(unit.id, ""))


def _choice(selection: Selection, candidates: Mapping[str, Named], parties: Mapping[str, str]) -> Choice:
    people = [candidates[name] for name in selection.CandidateIds if name in candidates]
    if selection.IsWriteIn and not people:
        return Choice("write_in", "Write-in")
    names = [said(one.BallotName) for one in people] or [said(selection.Selection)]
    names = [name for name in names if name] or [parties.get(party, party) for party in selection.PartyIds]
    id_ = own_id(selection.id, people[0].ExternalIdentifier) if people else selection.id
    party = parties.get(people[0].PartyId, people[0].PartyId) if people else ""
    return Choice(id_, " / ".join(names) or id_, party)


def _contest(id_: str, contest: ErrContest, choices: Iterable[Choice]) -> Contest:
    office_class = own_id("", contest.ExternalIdentifier, "office_class")
    once = tuple(choices)
    return Contest(id_, contest.Name, office_class, once, contest.NumberElected, contest.VotesAllowed)


def _check_ids(
    contests: Iterable[Contest], units: Mapping[str, str], source: str, problems: Problems
) -> None:
    held = tuple(contests)
    for ids in ([one.id for one in held], list(units.values()), *(list(one.choice_ids) for one in held)):
        for twice in {one for one in ids if ids.count(one) > 1}:
            problems.add(Consequence.GRAVE, source, f"the id {shown(twice)} twice", "each id once", AGAIN)
    for one in held:
        if one.seats < 1 or one.votes_allowed < 1:
            found = f"{one.seats} to elect and {one.votes_allowed} votes allowed"
            problems.add(Consequence.GRAVE, source, found, "1 or more", AGAIN, column=one.name)
