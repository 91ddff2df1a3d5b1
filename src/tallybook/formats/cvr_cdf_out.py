"""Cast vote records written in NIST's common data format (SP 1500-103 version 1.0), as JSON and as XML.

For tools that take the standard form. Only what a count needs is written, and every field that the schema
requires. A contest whose marks exceed the votes allowed is written as overvoted, with no mark allocable, so
that no reader counts it. Ids are made anew, since XML admits few characters in them; ours are kept in a Code.
The column ``group`` has no field in the format and is not written. A report tells the order in which cards
were scanned if the records do: see the privacy rules before publishing one.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from tallybook.election import Contest
from tallybook.election.cards import CastVoteRecords, Mark, Pattern
from tallybook.formats.cdf_xml import fragment, written
from tallybook.formats.cvr_cdf import FIELDS, ROOT
from tallybook.formats.cvr_cdf_shape import OURS, STATUS_FLAGS

NAMESPACE = "http://itl.nist.gov/ns/voting/1500-103/v1"
STATUS_OF = {flag: status for status, flag in STATUS_FLAGS.items()}
Shape = dict[str, Any]
Encode = Callable[[str, Shape], msgspec.Raw]


class About(msgspec.Struct, frozen=True):
    """What a report says of itself: the election, the place it covers, when and by what it was made.

    ``generated`` has a time zone.
    """

    election: str
    place: str
    generated: datetime.datetime
    application: str = "Tallybook"


def write_json(records: CastVoteRecords, about: About) -> bytes:
    """The records as a report in JSON."""

    def encode(_name: str, shape: Shape) -> msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(shape))

    return msgspec.json.encode({"@type": f"CVR.{ROOT}", **_report(records, about, encode)})


def write_xml(records: CastVoteRecords, about: About) -> bytes:
    """The records as a report in XML. Raises ValueError for a character that XML cannot hold."""

    def encode(name: str, shape: Shape) -> msgspec.Raw:
        return fragment(name, shape, FIELDS.references)

    return written(ROOT, NAMESPACE, _report(records, about, encode), FIELDS.references)


def _report(records: CastVoteRecords, about: About, encode: Encode) -> Shape:
    precincts = _ids("precinct", _values(records, "precinct"))
    devices = _ids("device", _values(records, "tabulator"))
    parties = _ids("party", (c.party for contest in records.contests for c in contest.choices if c.party))
    return {
        "CVR": _cards(records, precincts, devices, encode),
        "Election": [_election(records, about, parties)],
        "GeneratedDate": about.generated.isoformat(),
        "GpUnit": [
            _typed("GpUnit", "place", Name=about.place, Type="other", OtherType="scope of the report"),
            *(
                _typed("GpUnit", id_, Code=[_code(name)], Name=name, Type="precinct")
                for name, id_ in precincts.items()
            ),
        ],
        "Party": [_typed("Party", id_, Name=name) for name, id_ in parties.items()],
        "ReportGeneratingDeviceIds": ["device-0"],
        "ReportingDevice": [
            _typed("ReportingDevice", "device-0", Application=about.application),
            *(_typed("ReportingDevice", id_, Code=[_code(name)]) for name, id_ in devices.items()),
        ],
        "Version": "1.0.0",
    }  # fmt: skip


def _election(records: CastVoteRecords, about: About, parties: Mapping[str, str]) -> Shape:
    numbered = list(enumerate(records.contests, 1))
    candidates = [
        _typed("Candidate", f"contest-{n}-candidate-{k}", Name=choice.name, PartyId=parties.get(choice.party))
        for n, contest in numbered
        for k, choice in enumerate(contest.choices, 1)
        if choice.id != "write_in"
    ]
    contests = [_contest(n, contest, records.patterns[contest.id]) for n, contest in numbered]
    fields = {"Candidate": candidates, "Contest": contests, "ElectionScopeId": "place"}
    return _typed("Election", "election", **fields, Name=about.election)


def _contest(number: int, contest: Contest, patterns: Sequence[Pattern]) -> Shape:
    selections = [
        _typed(
            "CandidateSelection",
            f"contest-{number}-choice-{k}",
            Code=[_code(choice.id)],
            CandidateIds=[f"contest-{number}-candidate-{k}"],
        )
        for k, choice in enumerate(contest.choices, 1)
        if choice.id != "write_in"
    ]
    if any(is_written(mark.choice) for one in patterns for mark in one.marks) or (
        "write_in" in contest.choice_ids
    ):
        selections.append(_typed("CandidateSelection", f"contest-{number}-write-in", IsWriteIn=True))
    codes = [_code(contest.id)]
    codes += [_code(contest.office_class, "office_class")] if contest.office_class else []
    return _typed(
        "CandidateContest",
        f"contest-{number}",
        Code=codes,
        ContestSelection=selections,
        Name=contest.name,
        VoteVariation=_variation(contest, patterns),
        NumberElected=contest.seats,
        VotesAllowed=contest.votes_allowed,
    )


def _variation(contest: Contest, patterns: Iterable[Pattern]) -> str:
    marks = [mark for pattern in patterns for mark in pattern.marks]
    if any(mark.rank for mark in marks):
        return "rcv"
    if any(mark.votes > 1 for mark in marks):
        return "cumulative"
    return "plurality" if contest.votes_allowed == 1 else "n-of-m"


def _cards(
    records: CastVoteRecords, precincts: Mapping[str, str], devices: Mapping[str, str], encode: Encode
) -> list[Shape]:
    readings = {
        contest.id: [
            encode("CVRContest", _reading(n, contest, pattern)) for pattern in records.patterns[contest.id]
        ]
        for n, contest in enumerate(records.contests, 1)
    }
    columns = {
        name: [column.values[code] for code in column.codes.tolist()]
        for name, column in records.columns.items()
    }
    current = {name: codes.tolist() for name, codes in records.codes.items()}
    before = {**current, **{name: codes.tolist() for name, codes in records.original.items()}}
    cards = []
    for card in range(records.cards):
        attributes = {name: values[card] for name, values in columns.items() if values[card]}
        snapshots = [
            _snapshot(card, "current", [readings[n][c[card] - 1] for n, c in current.items() if c[card]])
        ]
        if any(before[name][card] != current[name][card] for name in records.original):
            snapshots[0]["Type"] = "modified"
            held = [readings[name][codes[card] - 1] for name, codes in before.items() if codes[card]]
            snapshots.append(_snapshot(card, "original", held))
            snapshots[1]["Type"] = "interpreted"
        cards.append(_card(attributes, snapshots, precincts, devices))
    return cards


def _card(
    attributes: Mapping[str, str],
    snapshots: list[Shape],
    precincts: Mapping[str, str],
    devices: Mapping[str, str],
) -> Shape:
    record = attributes.get("record", "")
    is_number = record.isascii() and record.isdigit() and record == str(int(record))
    return _typed(
        "CVR",
        None,
        BallotAuditId=attributes.get("imprinted_id"),
        BallotSheetId=attributes.get("sheet"),
        BallotStyleId=attributes.get("style"),
        BallotStyleUnitId=precincts.get(attributes.get("precinct", "")),
        BatchId=attributes.get("batch"),
        BatchSequenceId=int(record) if is_number else None,
        CreatingDeviceId=devices.get(attributes.get("tabulator", "")),
        CurrentSnapshotId=snapshots[0]["@id"],
        CVRSnapshot=snapshots,
        ElectionId="election",
        UniqueId=record if record and not is_number else None,
    )


def _snapshot(card: int, when: str, contests: list[msgspec.Raw]) -> Shape:
    return _typed("CVRSnapshot", f"card-{card + 1}-{when}", CVRContest=contests, Type="interpreted")


def _reading(number: int, contest: Contest, pattern: Pattern) -> Shape:
    is_ranked = any(mark.rank for mark in pattern.marks)
    used = sum(mark.votes for mark in pattern.marks)
    overvoted = "overvote" in pattern.flags or (not is_ranked and used > contest.votes_allowed)
    counts = not overvoted and "invalid" not in pattern.flags
    undervotes = contest.votes_allowed - used if counts and not is_ranked else 0
    flags = {*pattern.flags, *(["overvote"] if overvoted else [])}
    status = [STATUS_OF[flag] for flag in sorted(flags) if flag in STATUS_OF]
    status += ["undervoted"] if undervotes else []
    others = sorted(flags & {"adjudicated", "write_in_unresolved", *(["overvote"] if is_ranked else [])})
    return _typed(
        "CVRContest",
        None,
        ContestId=f"contest-{number}",
        CVRContestSelection=_selections(number, contest, pattern.marks, counts, is_ranked),
        Overvotes=contest.votes_allowed if overvoted and not is_ranked else 0,
        Status=[*status, *(["other"] if others else [])],
        OtherStatus=" ".join(others) or None,
        Undervotes=undervotes,
    )


def _selections(
    number: int, contest: Contest, marks: Iterable[Mark], counts: bool, is_ranked: bool
) -> list[Shape]:
    marks, places = list(marks), {choice: k for k, choice in enumerate(contest.choice_ids, 1)}
    ranks = [mark.rank for mark in marks]
    selections = []
    for choice, of in groupby(marks, key=lambda mark: mark.choice):
        positions = [
            _position(mark, counts and not (is_ranked and ranks.count(mark.rank) > 1)) for mark in of
        ]
        total = sum(p["NumberVotes"] for p in positions if p["IsAllocable"] == "yes")
        name = "write-in" if is_written(choice) else f"choice-{places[choice]}"
        id_ = f"contest-{number}-{name}"
        selections.append(
            _typed("CVRContestSelection", None, ContestSelectionId=id_, SelectionPosition=positions,
                   TotalNumberVotes=total)
        )  # fmt: skip
    return selections


def _position(mark: Mark, allocable: bool) -> Shape:
    name = mark.choice.partition(":")[2] if mark.choice.startswith("write_in:") else None
    return _typed(
        "SelectionPosition",
        None,
        CVRWriteIn=_typed("CVRWriteIn", None, Text=name) if is_written(mark.choice) else None,
        HasIndication="yes",
        IsAllocable="yes" if allocable else "no",
        NumberVotes=mark.votes,
        Rank=mark.rank or None,
    )


def is_written(choice: str) -> bool:
    """Whether the choice is a write-in, named or not."""
    return choice == "write_in" or choice.startswith("write_in:")


def _typed(kind: str, id_: str | None, **fields: Any) -> Shape:
    """An object of the data model; empty fields are left out."""
    named = {"@type": f"CVR.{kind}", **({"@id": id_} if id_ else {})}
    return {**named, **{name: value for name, value in fields.items() if value is not None and value != []}}


def _code(value: str, other_type: str = OURS) -> Shape:
    return _typed("Code", None, Type="other", OtherType=other_type, Value=value)


def _ids(kind: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{kind}-{k}" for k, name in enumerate(dict.fromkeys(names), 1)}


def _values(records: CastVoteRecords, column: str) -> list[str]:
    return [value for value in records.columns[column].values if value] if column in records.columns else []
