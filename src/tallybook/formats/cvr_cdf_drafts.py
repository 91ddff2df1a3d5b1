"""Reports written before version 1.0 of NIST's cast vote record format, turned into reports of version 1.0.

For records of devices that were built on a draft. Two drafts are known by the names of their classes. That
of 2017 has ``CastVoteRecords``, ``ContestVotes``, ``BallotSelectionVotes`` and ``VoteMarks``, one reading a
record. That of 2018 has ``SelectionIndication`` or ``CVRContestSelectionPosition`` where 1.0 has
SelectionPosition, and ``IsCurrent`` on a snapshot instead of CurrentSnapshotId. A report that only lacks what
1.0 made required (GpUnit, devices, a version) is read as it is. Fields not named here are passed over.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from lxml import etree

from tallybook.formats import cvr_cdf
from tallybook.formats.cdf_xml import Fields, UnsafeXmlError, children_of_root, local, plain
from tallybook.formats.cvr_cdf_cards import AGAIN
from tallybook.formats.problems import Consequence, Problems, Reading, shown

HEAD = 4 << 20
OF_2018 = (b"SelectionIndication", b"CVRContestSelectionPosition")
OF_2017 = (b"BallotSelectionVote", b"CastVoteRecords")
NOT_VOTES = frozenset({"adjudicated-invalidated", "invalidated-marginal-mark", "invalidated-rules"})
NOT_COUNTED = frozenset({"invalid", "unreadable"})
LISTS = {
    "Candidates": "Candidate", "CastVoteRecords": "CVR", "Contests": "Contest", "Elections": "Election",
    "GpUnits": "GpUnit",
}  # fmt: skip
FIELDS = Fields(
    many=cvr_cdf.FIELDS.many
    | {
        *("BallotSelection", "BallotSelectionVote", "BallotStatus", "CastVoteRecord", "ContestVote", "Text"),
        *("SelectionIndication", "CVRContestSelectionPosition", "VoteMark"),
    },
    references=cvr_cdf.FIELDS.references,
    objects=cvr_cdf.FIELDS.objects | {"SelectionIndication", "VoteMark"},
)
Shape = dict[str, Any]


def read_json(data: bytes, source: str) -> Reading:
    """A report in JSON of any version."""
    if not _is_draft(data):
        return cvr_cdf.read_json(data, source)
    return _read(lambda: msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf")), source)


def read_xml(data: bytes, source: str) -> Reading:
    """A report in XML of any version."""
    return _read(lambda: _shape_of(data), source) if _is_draft(data) else cvr_cdf.read_xml(data, source)


def as_version_1(report: Shape) -> Shape:
    """A draft's report in the shape of version 1.0. Raises TypeError or ValueError for what is no report."""
    report = {LISTS.get(name, name): value for name, value in report.items()}
    units = [dict(one) for one in report.get("GpUnit", ())]
    return {
        **report,
        "Version": "1.0.0",
        "Election": [_election(one) for one in report.get("Election", ())],
        "GpUnit": [_named(unit) for unit in units],
        "ReportingDevice": [_named(one) for one in (*report.get("ReportingDevice", ()), *units)],
        "Party": [_named(one) for one in report.get("Party", ())],
        "CVR": [_record(one, number) for number, one in enumerate(report.get("CVR", ()), 1)],
    }


def _is_draft(data: bytes) -> bool:
    """Whether the names of a draft stand in the first megabytes: every record has them."""
    head = data[:HEAD]
    return any(name in head for name in (*OF_2018, *OF_2017))


def _read(shape: Callable[[], Any], source: str) -> Reading:
    problems = Problems()
    try:
        report = as_version_1(shape())
        data = msgspec.json.encode(report)
    except (msgspec.MsgspecError, etree.XMLSyntaxError, UnsafeXmlError, ValueError, TypeError,
            AttributeError, RecursionError) as error:  # fmt: skip
        expected = "a report of cast vote records, of a draft before version 1.0"
        problems.add(Consequence.GRAVE, source, shown(str(error)), expected, AGAIN)
        return problems.reading(None)
    mend = "It was read as the draft's authors describe; compare a few cards with their images."
    problems.add(Consequence.CARE, source, "a report of a draft", "version 1.0 of SP 1500-103", mend)
    reading = cvr_cdf.read_json(data, source)
    problems.extend(reading.problems)
    return problems.reading(reading.records)


def _shape_of(data: bytes) -> Shape:
    parts: dict[str, list[Any]] = defaultdict(list)
    for element in children_of_root(data, cvr_cdf.ROOT):
        name = {"CastVoteRecord": "CVR"}.get(local(element), local(element))
        parts[name].append(plain(element, FIELDS))
    return {name: values for name, values in parts.items() if name in FIELDS.many}


def _election(election: Mapping[str, Any]) -> Shape:
    held = {LISTS.get(name, name): value for name, value in election.items()}
    contests = [_contest(one) for one in held.get("Contest", ())]
    return {**held, "Contest": contests, "Candidate": [_named(one) for one in held.get("Candidate", ())]}


def _contest(contest: Mapping[str, Any]) -> Shape:
    choices = contest.get("ContestSelection") or contest.get("BallotSelections")
    selections = [
        {**one, "Selection": _said(one.get("Selection", "")), "IsWriteIn": _true(one.get("IsWriteIn"))}
        for one in choices or contest.get("BallotSelection") or ()
    ]
    numbers = {name: int(contest[name]) for name in ("VotesAllowed", "NumberElected") if contest.get(name)}
    return {**_named(contest), **numbers, "ContestSelection": selections}


def _named(one: Mapping[str, Any]) -> Shape:
    """Something with a name, which a draft may say in several languages, and with one code or many."""
    codes = one.get("Code") or []
    return {**one, "Name": _said(one.get("Name", "")), "Code": codes if isinstance(codes, list) else [codes]}


def _said(text: Any) -> str:
    if isinstance(text, str):
        return text
    texts = text.get("Text", ())
    return next((one if isinstance(one, str) else str(one.get("Content", "")) for one in texts), "")


def _record(record: Mapping[str, Any], number: int) -> Shape:
    if "CVRSnapshot" not in record:
        return _record_of_2017(record, number)
    snapshots = [
        {**one, "@id": one.get("@id") or f"record {number} snapshot {place}",
         "CVRContest": [_contest_on_card(contest) for contest in one.get("CVRContest", ())]}
        for place, one in enumerate(record["CVRSnapshot"], 1)
    ]  # fmt: skip
    current = [one["@id"] for one in snapshots if _true(one.get("IsCurrent"))]
    stated = record.get("CurrentSnapshotId") or (current[0] if len(current) == 1 else "")
    for one in snapshots:
        one.pop("IsCurrent", None)
    return {**_numbered(record), "CVRSnapshot": snapshots, "CurrentSnapshotId": stated}


def _numbered(record: Mapping[str, Any]) -> Shape:
    place = record.get("BatchSequenceId")
    return {**record, "BatchSequenceId": int(place)} if place is not None else dict(record)


def _contest_on_card(contest: Mapping[str, Any]) -> Shape:
    selections = []
    for one in contest.get("CVRContestSelection", ()):
        marks = one.get("SelectionPosition") or one.get("CVRContestSelectionPosition")
        marks = marks or one.get("SelectionIndication") or ()
        text = one.get("Text")
        positions = [_position(mark, one.get("Rank"), text) for mark in marks]
        if positions:
            id_ = one.get("ContestSelectionId", "")
            selections.append({"ContestSelectionId": id_, "SelectionPosition": positions})
    status = _listed(contest.get("Status"))
    return {"ContestId": contest.get("ContestId", ""), "CVRContestSelection": selections, "Status": status}


def _position(mark: Mapping[str, Any], rank: Any, text: str | None) -> Shape:
    """One mark. An indication of the draft is there only where something was indicated."""
    allocable = str(mark.get("IsAllocable", "unknown")).lower()
    own = mark.get("Rank", rank)
    written = mark.get("CVRWriteIn") or ({"Text": text} if text is not None else None)
    found: Shape = {
        "HasIndication": mark.get("HasIndication", "yes"),
        "IsAllocable": {"true": "yes", "false": "no"}.get(allocable, allocable),
        "NumberVotes": int(mark.get("NumberVotes", 1)),
        "Status": _listed(mark.get("Status")),
    }
    return {**found, **({"Rank": int(own)} if own else {}), **({"CVRWriteIn": written} if written else {})}


def _record_of_2017(record: Mapping[str, Any], number: int) -> Shape:
    void = NOT_COUNTED & set(_listed(record.get("BallotStatus")))
    votes = record.get("ContestVotes") or record.get("ContestVote") or ()
    contests = [_contest_of_2017(one, bool(void)) for one in votes]
    names = {
        "BallotAuditId": "BallotIdentifier", "BallotStyleId": "BallotStyleId", "BatchId": "BatchId",
        "BallotStyleUnitId": "SmallestVotingUnitId", "CreatingDeviceId": "OriginatingDeviceId",
        "UniqueId": "Identifier", "BallotSheetId": "SheetNumber",
    }  # fmt: skip
    told = {name: str(record[old]) for name, old in names.items() if record.get(old) not in (None, "")}
    place = record.get("BatchSequenceNumber")
    id_ = f"record {number}"
    return {
        **told,
        **({"BatchSequenceId": int(place)} if place not in (None, "") else {}),
        "CurrentSnapshotId": id_,
        "CVRSnapshot": [{"@id": id_, "Type": "interpreted", "CVRContest": contests}],
    }


def _contest_of_2017(contest: Mapping[str, Any], void: bool) -> Shape:
    votes = contest.get("BallotSelectionVotes") or contest.get("BallotSelectionVote") or ()
    selections = []
    for one in votes:
        marks = one.get("VoteMarks") or one.get("VoteMark") or ()
        positions = [_mark_of_2017(mark, one) for mark in marks]
        if positions:
            id_ = one.get("BallotSelectionId", "")
            selections.append({"ContestSelectionId": id_, "SelectionPosition": positions})
    status = [*_listed(contest.get("Status")), *(["invalidated-rules"] if void else [])]
    return {"ContestId": contest.get("ContestId", ""), "CVRContestSelection": selections, "Status": status}


def _mark_of_2017(mark: Mapping[str, Any], selection: Mapping[str, Any]) -> Shape:
    status = {*_listed(mark.get("Status")), *_listed(selection.get("Status"))}
    allocable = "no" if status & NOT_VOTES else "yes"
    return _position({**mark, "IsAllocable": allocable}, None, selection.get("Text"))


def _listed(values: Any) -> list[str]:
    """One word or several, as a list."""
    if values is None:
        return []
    return [values] if isinstance(values, str) else [str(one) for one in values]


def _true(value: Any) -> bool:
    return str(value).lower() == "true"
