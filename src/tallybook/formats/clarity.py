"""Clarity's detail.xml: election-night results of Georgia, Colorado and others, by contest, mode and unit.

For comparing what was reported on the web with the canvass. A file of a state lists counties, a file of a
county its precincts. Known traps: the keys of contests change between versions of one election, a number may
be missing, the party may stand in the choice's name, and times carry the name of a zone. What is missing is
left out and told; it is not zero.
"""

import datetime
import re
from collections.abc import Iterator
from typing import Any, cast

import msgspec
from lxml import etree

from tallybook.election import Choice, Contest
from tallybook.formats.cdf_xml import Element, UnsafeXmlError, children_of_root, local
from tallybook.formats.csv_in import as_number
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.results import TOTAL, Measured, Results, Unit, Votes
from tallybook.formats.text import cleaned

MODES = {
    "absentee by mail": "absentee-mail",
    "absentee by mail votes": "absentee-mail",
    "advance in person": "early",
    "advance in person votes": "early",
    "advance voting": "early",
    "advance voting votes": "early",
    "early voting": "early",
    "election day": "election-day",
    "election day votes": "election-day",
    "provisional": "provisional",
    "provisional votes": "provisional",
}
"""Clarity's names of modes -> NIST's. Any other name is kept, in lower case with hyphens."""
MEASURES = {"overvotes": "overvotes", "undervotes": "undervotes"}
TURNOUT = {"totalVoters": "registered_voters", "ballotsCast": "ballots_cast"}
PARTY = re.compile(r".*\(([A-Za-z]{1,4})\)")
UNITS = {"Precinct": "precinct", "County": "county"}
REGION = "region"
AGAIN = "Download the file again; nothing was read."


class _Found(msgspec.Struct):
    """What has been read of a file so far. Units by id; the first is the region."""

    contests: list[Contest]
    units: dict[str, Unit]
    votes: list[Votes]
    measured: list[Measured]
    texts: dict[str, str]


def read_detail(data: bytes, file: str) -> tuple[Results | None, tuple[FileProblem, ...]]:
    """The results in a detail.xml. The region is a unit, and each county or precinct a unit within it."""
    problems = Problems()
    found = _Found([], {}, [], [], {})
    try:
        for element in children_of_root(data, "ElectionResult"):
            name = local(element)
            if name == "Contest":
                _add_contest(element, found, file, problems)
            elif name.endswith("VoterTurnout"):
                _add_turnout(element, found, file, problems)
            else:
                found.texts[name] = cleaned(element.text or "")
    except (ValueError, UnsafeXmlError, etree.XMLSyntaxError) as error:
        problems.add(Consequence.GRAVE, file, shown(str(error)), "a detail.xml of Clarity", AGAIN)
    if not problems.grave and not found.contests:
        problems.add(Consequence.GRAVE, file, "no contest", "a detail.xml of Clarity", AGAIN)
    if problems.grave:
        return None, problems.collected()
    day = _day(found.texts.get("ElectionDate", ""), file, problems)
    region = found.texts.get("Region", "")
    units = tuple(
        msgspec.structs.replace(unit, name=region or unit.name) if unit.id == REGION else unit
        for unit in found.units.values()
    )
    results = Results(
        file, tuple(found.contests), units, tuple(found.votes), tuple(found.measured),
        found.texts.get("ElectionName", ""), day, "", found.texts.get("Timestamp", ""),
    )  # fmt: skip
    return results, problems.collected()


def mode_of(name: str) -> str:
    """NIST's word for a mode of Clarity.

    >>> mode_of("Advance Voting"), mode_of("Hand Delivered")
    ('early', 'hand-delivered')
    """
    key = cleaned(name).casefold()
    return MODES.get(key, key.replace(" ", "-"))


def _add_contest(element: Element, found: _Found, file: str, problems: Problems) -> None:
    key = element.get("key") or cleaned(element.get("text", ""))
    choices: list[Choice] = []
    found.units.setdefault(REGION, Unit(REGION, "all", "other"))
    for child in element:
        if local(child) == "Choice":
            choices.append(_choice(child))
            _add_choice(child, key, choices[-1].id, found, file, problems)
        elif local(child) == "VoteType" and _word(child) in MEASURES:
            for unit, count in _counts(child, found, file, problems):
                found.measured.append(Measured(key, unit, TOTAL, MEASURES[_word(child)], count))
    allowed = as_number(element.get("voteFor", "1")) or 1
    if key in {contest.id for contest in found.contests} or len({one.id for one in choices}) < len(choices):
        problems.add(Consequence.GRAVE, file, f"the key {shown(key)} twice", "each key once", AGAIN)
    name = cleaned(element.get("text", "")) or key
    found.contests.append(Contest(key, name, "", tuple(choices), allowed, allowed))


def _choice(element: Element) -> Choice:
    name = cleaned(element.get("text", ""))
    inside = PARTY.fullmatch(name)
    party = cleaned(element.get("party", "")) or (inside[1] if inside else "")
    return Choice(element.get("key") or name, name, party)


def _add_choice(
    element: Element, contest: str, choice: str, found: _Found, file: str, problems: Problems
) -> None:
    total = _number(element, "totalVotes", file, problems)
    if total is not None:
        found.votes.append(Votes(contest, REGION, TOTAL, choice, total))
    for child in element:
        if local(child) == "VoteType":
            mode = mode_of(child.get("name", ""))
            for unit, count in _counts(child, found, file, problems):
                found.votes.append(Votes(contest, unit, mode, choice, count))


def _counts(element: Element, found: _Found, file: str, problems: Problems) -> Iterator[tuple[str, int]]:
    """The votes of the region and of each unit in it; what is missing is told and left out."""
    whole = _number(element, "votes", file, problems)
    if whole is not None:
        yield REGION, whole
    for child in element:
        count = _number(child, "votes", file, problems)
        if count is not None:
            yield _unit(child, found.units), count


def _unit(element: Element, units: dict[str, Unit]) -> str:
    name = element.get("name", "")
    units.setdefault(REGION, Unit(REGION, "all", "other"))
    units.setdefault(name, Unit(name, cleaned(name), UNITS.get(local(element), "other"), REGION))
    return name


def _add_turnout(element: Element, found: _Found, file: str, problems: Problems) -> None:
    found.units.setdefault(REGION, Unit(REGION, "all", "other"))
    holders = [(element, REGION)] + [
        (unit, _unit(unit, found.units)) for group in element for unit in group if local(unit) in UNITS
    ]
    for holder, unit in holders:
        for attribute, measure in TURNOUT.items():
            if holder.get(attribute) is not None:
                count = _number(holder, attribute, file, problems)
                found.measured += [Measured("", unit, TOTAL, measure, count)] if count is not None else []


def _number(element: Element, attribute: str, file: str, problems: Problems) -> int | None:
    text = element.get(attribute)
    value = None if text is None else as_number(text)
    row, place = int(cast(Any, element).sourceline or 0), f"{local(element)} {attribute}"
    if text is None:
        mend = "It was left out; look at the unit's own report."
        problems.add(Consequence.COUNT, file, "no number", "a whole number", mend, row=row, column=place)
    elif value is None:
        problems.add(Consequence.GRAVE, file, shown(text), "a whole number", AGAIN, row=row, column=place)
    return value


def _word(element: Element) -> str:
    return cleaned(element.get("name", "")).casefold()


def _day(text: str, file: str, problems: Problems) -> datetime.date | None:
    try:
        month, day, year = (int(part) for part in text.split("/"))
        return datetime.date(year, month, day)
    except (ValueError, OverflowError):
        mend = "The day was left open; it is not needed for a count."
        problems.add(Consequence.NOTE, file, shown(text), "a day such as 11/3/2020", mend)
        return None
