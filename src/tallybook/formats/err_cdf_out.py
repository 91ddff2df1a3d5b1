"""Election results written in NIST's common data format (SP 1500-100 version 2), as JSON and as XML.

For offices and newsrooms that take the standard form. Ids are made anew, since XML admits few characters in
them; ours are kept as external identifiers. A mode or kind of unit that NIST has no word for is written as
``other`` with its name. What the format has no field for is an error, not left out.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tallybook.election import Choice, Contest
from tallybook.formats.cdf_xml import written
from tallybook.formats.err_cdf import FIELDS, MEASURES, OURS, ROOT
from tallybook.formats.results import TOTAL, Measured, Results, Unit, Votes

NAMESPACE = "http://itl.nist.gov/ns/voting/1500-100/v2"
MODES = frozenset(
    {
        *("absentee", "absentee-fwab", "absentee-in-person", "absentee-mail", "early", "election-day"),
        *("provisional", "seats", "total", "uocava", "write-in"),
    }
)
KINDS = frozenset(
    {
        *("ballot-batch", "ballot-style-area", "borough", "city", "city-council", "combined-precinct"),
        *("congressional", "country", "county", "county-council", "drop-box", "judicial", "municipality"),
        *("polling-place", "precinct", "school", "special", "split-precinct", "state", "state-house"),
        *("state-senate", "town", "township", "utility", "village", "vote-center", "ward", "water"),
    }
)
STATUSES = frozenset(
    {"certified", "correction", "pre-election", "recount", "unofficial-complete", "unofficial-partial"}
)
FIELD_OF = {measure: field for field, measure in MEASURES.items()}
Shape = dict[str, Any]


class About(msgspec.Struct, frozen=True):
    """What a report says of itself. ``scope`` is the id of the unit that holds the election.

    ``kind`` is of NIST's ElectionType, ``status`` of its ResultsStatus; ``generated`` has a time zone.
    """

    issuer: str
    issuer_short: str
    generated: datetime.datetime
    scope: str
    kind: str
    status: str
    application: str = "Tallybook"


def write_json(results: Results, about: About) -> bytes:
    """The results as a report in JSON. Raises ValueError for what the format has no field for."""
    return msgspec.json.encode({"@type": f"ElectionResults.{ROOT}", **_report(results, about)})


def write_xml(results: Results, about: About) -> bytes:
    """The results as a report in XML. Raises ValueError as JSON does, and for a character not of XML."""
    return written(ROOT, NAMESPACE, _report(results, about), FIELDS.references)


def _report(results: Results, about: About) -> Shape:
    units = {unit.id: f"unit-{k}" for k, unit in enumerate(results.units, 1)}
    if about.scope not in units or results.day is None or about.status not in STATUSES:
        raise ValueError("A report needs the election's day, a unit that holds it, and a status of NIST's.")
    parties = dict.fromkeys(c.party for contest in results.contests for c in contest.choices if c.party)
    party_ids = {name: f"party-{k}" for k, name in enumerate(parties, 1)}
    level = "precinct-level" if any(unit.kind == "precinct" for unit in results.units) else "summary-contest"
    return {
        "Election": [_election(results, about, units, party_ids)],
        "Format": level,
        "GeneratedDate": about.generated.isoformat(timespec="seconds"),
        "GpUnit": _units(results, units),
        "Issuer": about.issuer,
        "IssuerAbbreviation": about.issuer_short,
        "Party": [_typed("Party", id_, Name=_said(name)) for name, id_ in party_ids.items()],
        "SequenceEnd": 1,
        "SequenceStart": 1,
        "Status": about.status,
        "VendorApplicationId": about.application,
    }


def _election(results: Results, about: About, units: Mapping[str, str], parties: Mapping[str, str]) -> Shape:
    assert results.day is not None, "A report without a day was refused."
    numbered = list(enumerate(results.contests, 1))
    candidates = [
        _candidate(f"contest-{n}-candidate-{k}", choice, parties)
        for n, contest in numbered
        for k, choice in enumerate(contest.choices, 1)
        if choice.id != "write_in"
    ]
    return _typed(
        "Election",
        None,
        BallotCounts=[_ballots(one, units) for one in results.measured if one.measure == "ballots_cast"],
        Candidate=candidates,
        Contest=[_contest(n, contest, results, units[about.scope], units) for n, contest in numbered],
        ElectionScopeId=units[about.scope],
        EndDate=results.day.isoformat(),
        Name=_said(results.name),
        StartDate=results.day.isoformat(),
        Type=about.kind,
    )


def _contest(
    number: int, contest: Contest, results: Results, district: str, units: Mapping[str, str]
) -> Shape:
    votes: dict[str, list[Votes]] = {}
    for row in results.votes:
        if row.contest == contest.id:
            votes.setdefault(row.choice, []).append(row)
    identifiers = [_identifier(contest.id)]
    identifiers += [_identifier(contest.office_class, "office_class")] if contest.office_class else []
    return _typed(
        "CandidateContest",
        f"contest-{number}",
        ContestSelection=[
            _selection(f"contest-{number}", k, choice, votes.get(choice.id, ()), units)
            for k, choice in enumerate(contest.choices, 1)
        ],
        ElectionDistrictId=district,
        ExternalIdentifier=identifiers,
        Name=contest.name,
        OtherCounts=[_others(one, units) for one in results.measured if one.contest == contest.id],
        NumberElected=contest.seats,
        VotesAllowed=contest.votes_allowed,
    )


def _selection(
    contest: str, number: int, choice: Choice, votes: Iterable[Votes], units: Mapping[str, str]
) -> Shape:
    is_written = choice.id == "write_in"
    return _typed(
        "CandidateSelection",
        f"{contest}-choice-{number}",
        VoteCounts=[
            _typed("VoteCounts", None, GpUnitId=units[row.unit], **_mode(row.mode), Count=row.votes)
            for row in votes
        ],
        CandidateIds=[] if is_written else [f"{contest}-candidate-{number}"],
        IsWriteIn=True if is_written else None,
    )


def _candidate(id_: str, choice: Choice, parties: Mapping[str, str]) -> Shape:
    identifiers = [_identifier(choice.id)]
    party = parties.get(choice.party)
    return _typed(
        "Candidate", id_, BallotName=_said(choice.name), ExternalIdentifier=identifiers, PartyId=party
    )


def _units(results: Results, units: Mapping[str, str]) -> list[Shape]:
    parts: dict[str, list[str]] = {}
    for unit in results.units:
        parts.setdefault(unit.within, []).append(units[unit.id])
    registered = {one.unit: one.count for one in results.measured if one.measure == "registered_voters"}
    return [
        _unit(unit, units[unit.id], parts.get(unit.id, []), registered.get(unit.id)) for unit in results.units
    ]


def _unit(unit: Unit, id_: str, parts: list[str], registered: int | None) -> Shape:
    is_known = unit.kind in KINDS
    return _typed(
        "ReportingUnit",
        id_,
        ComposingGpUnitIds=parts,
        ExternalIdentifier=[_identifier(unit.id)],
        Name=_said(unit.name),
        Type=unit.kind if is_known else "other",
        OtherType=None if is_known or unit.kind == "other" else unit.kind,
        VotersRegistered=registered,
    )


def _others(one: Measured, units: Mapping[str, str]) -> Shape:
    if one.measure not in FIELD_OF or one.mode != TOTAL:
        raise ValueError(f"SP 1500-100 has no field for {one.measure} of a contest in the mode {one.mode}.")
    return _typed("OtherCounts", None, GpUnitId=units[one.unit], **{FIELD_OF[one.measure]: one.count})


def _ballots(one: Measured, units: Mapping[str, str]) -> Shape:
    if one.contest:
        raise ValueError("SP 1500-100 counts ballots of an election, not of a contest.")
    return _typed("BallotCounts", None, GpUnitId=units[one.unit], **_mode(one.mode), BallotsCast=one.count)


def _mode(mode: str) -> Shape:
    return {"Type": mode} if mode in MODES else {"Type": "other", "OtherType": mode}


def _said(text: str) -> Shape:
    spoken = {"@type": "ElectionResults.LanguageString", "Content": text, "Language": "en"}
    return _typed("InternationalizedText", None, Text=[spoken])


def _identifier(value: str, other_type: str = OURS) -> Shape:
    return _typed("ExternalIdentifier", None, Type="other", OtherType=other_type, Value=value)


def _typed(kind: str, id_: str | None, **fields: Any) -> Shape:
    """An object of the data model; empty fields are left out."""
    named = {"@type": f"ElectionResults.{kind}", **({"@id": id_} if id_ else {})}
    return {**named, **{name: value for name, value in fields.items() if value is not None and value != []}}
