"""Cast vote records in NIST's common data format (SP 1500-103 version 1.0), from JSON and from XML.

Of each record only the snapshot named by CurrentSnapshotId is counted; where people modified it, the reading
before them is kept as the original. A report holds the same few readings again and again, so each distinct
text of a contest is read once and cards are only pointed at it. Plain XML is cut at its tags, other XML is
streamed: records come before the definitions that they refer to, and files of 500 MB are met.

A contest that a snapshot does not list is taken as not on the card. The format also allows a report to list
voted contests only; such a report cannot tell a blank contest from an absent one, and we note where no card
of a report has a blank contest.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from lxml import etree

from tallybook.election.cards import CastVoteRecords, Codes, Pattern, column_of
from tallybook.formats.cdf_xml import Fields, UnsafeXmlError, children_of_root, local, plain
from tallybook.formats.cvr_cdf_cards import AGAIN, Cards, Record, Snapshot, columns_of_codes
from tallybook.formats.cvr_cdf_plain import MOST_DISTINCT, Cutter, Plain
from tallybook.formats.cvr_cdf_shape import (
    CdfElection,
    ContestOnCard,
    Definitions,
    Named,
    definitions,
    faults,
    has_ranks,
    own_id,
    pattern_of,
    uneven_totals,
    unknown_marks,
)
from tallybook.formats.gathering import without_repeats
from tallybook.formats.problems import Consequence, Problems, Reading, shown

ROOT = "CastVoteRecordReport"
FIELDS = Fields(
    many=frozenset(
        {
            *("Candidate", "Code", "Contest", "ContestSelection", "CVR", "CVRContest", "CVRContestSelection"),
            *(
                "CVRSnapshot",
                "Election",
                "GpUnit",
                "MarkMetricValue",
                "Party",
                "ReportType",
                "ReportingDevice",
            ),
            *("SelectionPosition", "Status"),
        }
    ),
    references=frozenset({"CandidateIds", "PartyIds", "ReportGeneratingDeviceIds", "ReportingDeviceIds"}),
    objects=frozenset({"CVRWriteIn"}),
)
FAULTS = (ValueError, UnsafeXmlError, etree.XMLSyntaxError, msgspec.ValidationError)
PARTS = frozenset({"CVR", "Election", "GpUnit", "Party", "ReportingDevice"})


class Report(msgspec.Struct, frozen=True):
    """A report. Records stay text until their turn."""

    Election: tuple[CdfElection, ...]
    Version: str = ""
    CVR: tuple[msgspec.Raw, ...] = ()
    GpUnit: tuple[Named, ...] = ()
    Party: tuple[Named, ...] = ()
    ReportingDevice: tuple[Named, ...] = ()


def read_json(data: bytes, source: str) -> Reading:
    """A report in JSON. ``source`` names the file in problems."""
    problems, cards = Problems(), Cards()
    try:
        report = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problems.add(Consequence.GRAVE, source, shown(str(error)), f"a {ROOT} of SP 1500-103 in JSON", AGAIN)
        return problems.reading(None)
    decoder = msgspec.json.Decoder(Record)
    for number, raw in enumerate(report.CVR, 1):
        _add_record(cards, lambda raw=raw: decoder.decode(raw), source, number, problems)  # type: ignore[misc]
    return _records(cards, report, _from_json, source, problems)


def read_xml(data: bytes, source: str) -> Reading:
    """A report in XML, of any of the namespaces in use. ``source`` names the file in problems."""
    for way in (_cut_at_tags, _parsed_whole):
        problems, cards = Problems(), Cards()
        try:
            report = way(data, cards, source, problems)
        except FAULTS as error:
            found, expected = shown(str(error)), f"a {ROOT} of SP 1500-103 in XML"
            problems.add(Consequence.GRAVE, source, found, expected, AGAIN)
        else:
            return _records(cards, report, _from_xml, source, problems)
    return problems.reading(None)


def _cut_at_tags(data: bytes, cards: Cards, source: str, problems: Problems) -> Report:
    """The records of a plain report into the cards; the report without them."""
    records = Plain(data)
    _add_plain_records(records, cards, source, problems)
    return _parsed_whole(records.rest, cards, source, problems)


def _parsed_whole(data: bytes, cards: Cards, source: str, problems: Problems) -> Report:
    """The records of any report into the cards, one parsed after the other; the report without them."""
    parts: dict[str, list[Any]] = defaultdict(list)
    number = 0
    for element in children_of_root(data, ROOT, PARTS):
        if local(element) != "CVR":
            parts[local(element)].append(plain(element, FIELDS))
            continue
        number += 1
        _add_record(cards, lambda element=element: _xml_record(element), source, number, problems)  # type: ignore[misc]
    known = {name: values for name, values in parts.items() if name in FIELDS.many}
    return msgspec.convert(known, Report, strict=False)


def _add_plain_records(records: Plain, cards: Cards, source: str, problems: Problems) -> None:
    """Every record of a plain report. Raises ``NotPlainError`` where it turns out not to be one."""
    numbers, cutter = _Numbers(records, cards), Cutter()
    for number, text in enumerate(records, 1):
        parts = cutter.cut(text)
        known = None if parts is None else numbers.of(parts.contests)
        if parts is None or known is None:
            element = records.record(text)
            _add_record(cards, lambda element=element: _xml_record(element), source, number, problems)  # type: ignore[misc]
            continue
        fields = {**parts.fields, "CVRSnapshot": [Snapshot(parts.snapshot, parts.type)]}
        convert = lambda fields=fields: msgspec.convert(fields, Record, strict=False)  # noqa: E731
        _add_record(cards, convert, source, number, problems, known)


class _Numbers(dict[bytes, int]):
    """The number of each contest's text in plain XML, parsed when it is first met."""

    def __init__(self, records: Plain, cards: Cards) -> None:
        super().__init__()
        self._records, self._cards = records, cards

    def of(self, texts: Sequence[bytes]) -> list[int] | None:
        """The number of each; None where one of them is more or less than a contest."""
        try:
            return list(map(self.__getitem__, texts))
        except KeyError:
            return None

    def __missing__(self, text: bytes) -> int:
        element = self._records.contest(text)
        if element is None:
            raise KeyError
        number = self._cards.number_of(etree.tostring(element, with_tail=False))
        if len(self) < MOST_DISTINCT:
            self[text] = number
        return number


def _add_record(
    cards: Cards,
    decode: Callable[[], Record],
    source: str,
    number: int,
    problems: Problems,
    known: Sequence[int] = (),
) -> None:
    try:
        wrong = cards.add(decode(), known)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        wrong = shown(str(error))
    if wrong:
        expected = "a CVR with the snapshot that its CurrentSnapshotId names, each id once"
        problems.add(Consequence.GRAVE, source, wrong, expected, AGAIN, row=number, column="CVR")


def _xml_record(element: etree._Element) -> Record:
    """The record, its contests as canonical text."""
    snapshots: list[Snapshot] = []
    fields: dict[str, Any] = {"CVRSnapshot": snapshots}
    for child in element:
        if local(child) == "CVRSnapshot":
            snapshots.append(_xml_snapshot(child))
        else:
            fields[local(child)] = plain(child, FIELDS)
    return msgspec.convert(fields, Record, strict=False)


def _xml_snapshot(element: etree._Element) -> Snapshot:
    contests = [child for child in element if local(child) == "CVRContest"]
    types = [child.text or "" for child in element if local(child) == "Type"]
    texts = tuple(msgspec.Raw(etree.tostring(contest, with_tail=False)) for contest in contests)
    return Snapshot(str(element.get("ObjectId", "")), types[0] if types else "", texts)


def _from_json(text: bytes) -> ContestOnCard:
    return msgspec.json.decode(text, type=ContestOnCard)


def _from_xml(text: bytes) -> ContestOnCard:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    shape = plain(etree.fromstring(text, parser), FIELDS)
    return msgspec.convert(shape, ContestOnCard, strict=False)


def _records(
    cards: Cards, report: Report, decode: Callable[[bytes], ContestOnCard], source: str, problems: Problems
) -> Reading:
    parties = {party.id: party.Name or party.id for party in report.Party}
    known = definitions(report.Election, parties)
    _check_definitions(report, known, source, problems)
    read = _read_texts(cards, decode, known, source, problems)
    if problems.grave:
        return problems.reading(None)
    names = {"tabulator": _names(report.ReportingDevice), "precinct": _names(report.GpUnit)}
    columns = {
        name: column_of([names.get(name, {}).get(value, value) for value in values])
        for name, values in cards.columns.items()
        if any(values)
    }
    patterns, codes, original = columns_of_codes(cards, read, known, source, problems)
    _note_no_blanks(patterns, codes, source, problems)
    contests = tuple(known.contests.values())
    found = CastVoteRecords(source, contests, cards.count, patterns, codes, columns, original)
    return problems.reading(None if problems.grave else _each_once(found, source, problems))


def _check_definitions(report: Report, known: Definitions, source: str, problems: Problems) -> None:
    stated = [contest.id for election in report.Election for contest in election.Contest]
    ours = Counter(contest.id for contest in known.contests.values())
    twice = [name for name, times in Counter(stated).items() if times > 1]
    twice += [name for name, times in ours.items() if times > 1]
    for contest in known.contests.values():
        twice += [name for name, times in Counter(contest.choice_ids).items() if times > 1]
        if contest.seats < 1 or contest.votes_allowed < 1:
            found = f"{contest.seats} to elect and {contest.votes_allowed} votes allowed"
            problems.add(Consequence.GRAVE, source, found, "1 or more", AGAIN, column=contest.name)
    for name in twice:
        problems.add(Consequence.GRAVE, source, f"the id {shown(name)} twice", "each id once", AGAIN)


def _read_texts(
    cards: Cards,
    decode: Callable[[bytes], ContestOnCard],
    known: Definitions,
    source: str,
    problems: Problems,
) -> list[tuple[str, Pattern] | None]:
    """Each distinct text of a contest, once: its contest's id in the file, and the reading it means."""
    decoded = _decoded_texts(cards, decode, source, problems)
    if problems.grave:
        return []
    known = _ranked_after_all(known, [contest for _, _, contest in decoded], source, problems)
    read: list[tuple[str, Pattern] | None] = []
    for row, often, contest in decoded:
        wrong = faults(contest, known)
        for found, expected in wrong:
            problems.add(
                Consequence.GRAVE, source, found, expected, AGAIN, row=row, column="CVR", times=often
            )
        read.append(None if wrong else (contest.ContestId, pattern_of(contest, known)))
        if not wrong:
            _note_doubts(contest, known, source, row, often, problems)
    return read


def _decoded_texts(
    cards: Cards, decode: Callable[[bytes], ContestOnCard], source: str, problems: Problems
) -> list[tuple[int, int, ContestOnCard]]:
    """Each distinct text, with the first card that bears it and how many do."""
    where, texts = cards.cells["current"]
    times = Counter(texts)
    first = dict(zip(reversed(texts), reversed(where), strict=True))
    decoded: list[tuple[int, int, ContestOnCard]] = []
    for text, number in cards.texts.items():
        row, often = first.get(number, -1) + 1, times.get(number, 1)
        try:
            decoded.append((row, often, decode(text)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, etree.XMLSyntaxError) as error:
            expected = "a CVRContest of SP 1500-103"
            problems.add(
                Consequence.GRAVE,
                source,
                shown(str(error)),
                expected,
                AGAIN,
                row=row,
                column="CVR",
                times=often,
            )
    return decoded


def _ranked_after_all(
    known: Definitions, read: Sequence[ContestOnCard], source: str, problems: Problems
) -> Definitions:
    """The definitions, with the contests that are ranked on some card though the report does not say so.

    To read them as unranked would count every lower choice as a vote.
    """
    found = {
        contest.ContestId for contest in read if has_ranks(contest)
    } & known.contests.keys() - known.ranked
    for name in sorted(found):
        expected = "VoteVariation rcv in a contest with ranks"
        mend = "It was read as ranked; have the definition of the contest corrected."
        where = known.contests[name].name
        problems.add(Consequence.COUNT, source, "a rank of 2 or more", expected, mend, column=where)
    return msgspec.structs.replace(known, ranked=known.ranked | found)


def _note_doubts(
    contest: ContestOnCard, known: Definitions, source: str, row: int, times: int, problems: Problems
) -> None:
    if unknown_marks(contest):
        mend = "They were not counted; look at the cards or ask for adjudication."
        found, expected = "a position whose HasIndication is unknown", "yes or no"
        problems.add(Consequence.COUNT, source, found, expected, mend, row=row, column="CVR", times=times)
    if contest.ContestId not in known.ranked:
        for found, expected in uneven_totals(contest):
            mend = "The positions were counted; ask the vendor why the total differs."
            problems.add(Consequence.COUNT, source, found, expected, mend, row=row, column="CVR", times=times)


def _names(named: Sequence[Named]) -> dict[str, str]:
    """What to call each: the id kept by our writer, else its name where no other has it, else its id."""
    times = Counter(one.Name for one in named)
    return {
        one.id: own_id(one)
        if own_id(one) != one.id
        else (one.Name if times[one.Name] == 1 and one.Name else one.id)
        for one in named
    }


def _each_once(records: CastVoteRecords, source: str, problems: Problems) -> CastVoteRecords:
    """Each card once, where every card has a number or a printed id to be known by."""
    for identity in (
        ("tabulator", "batch", "record", "sheet"),
        ("tabulator", "batch", "imprinted_id", "sheet"),
    ):
        number = records.columns.get(identity[2])
        if number is not None and "" not in number.values:
            return without_repeats(records, identity, source, problems)
    return records


def _note_no_blanks(
    patterns: Mapping[str, tuple[Pattern, ...]], codes: Mapping[str, Codes], source: str, problems: Problems
) -> None:
    read = [pattern for name, held in codes.items() if held.size for pattern in patterns[name]]
    if len(read) > 1 and all(pattern.marks for pattern in read):
        mend = "If the system lists voted contests only, blank contests cannot be told from absent ones."
        found, expected = "no blank contest on any card", "every contest of a card, also where it is blank"
        problems.add(Consequence.NOTE, source, found, expected, mend)
