"""Reported results: the votes that a unit reported, by contest, mode and choice, and their versions.

For whoever compares counts of one election: the canvass, a hand tally, a recount, or the same feed hour by
hour. Every reader of a results file gives these nouns. Numbers are as reported: nothing is imputed, what was
not stated is absent, and a number that falls between two versions is kept and named as a correction.
The units, modes and statuses follow NIST SP 1500-100 version 2 (GpUnit, CountItemType, ResultsStatus).
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from tallybook.election import Contest, ModeVotes, Problem, Tally

TOTAL = "total"
"""The mode of a number that covers every mode of voting."""

MEASURES = ("registered_voters", "ballots_cast", "overvotes", "undervotes", "write_ins")
"""What may be counted besides votes for choices."""


class Unit(msgspec.Struct, frozen=True):
    """An area, batch or group that reports. ``kind`` is a ReportingUnitType; ``within`` the id of a unit."""

    id: str
    name: str
    kind: str = "other"
    within: str = ""


class Votes(msgspec.Struct, frozen=True):
    """``votes`` that ``unit`` reported for ``choice`` of ``contest``, cast in ``mode``."""

    contest: str
    unit: str
    mode: str
    choice: str
    votes: int


class Measured(msgspec.Struct, frozen=True):
    """A count of ``measure`` (from MEASURES) in ``unit``; ``contest`` is empty where it is of all ballots."""

    contest: str
    unit: str
    mode: str
    measure: str
    count: int


class Results(msgspec.Struct, frozen=True):
    """What one file reported. ``day`` is None, and texts are empty, where the file does not say.

    ``stated`` is the time that it states, as written: zones are often names that no program knows.
    """

    source: str
    contests: tuple[Contest, ...]
    units: tuple[Unit, ...]
    votes: tuple[Votes, ...]
    measured: tuple[Measured, ...] = ()
    name: str = ""
    day: datetime.date | None = None
    status: str = ""
    stated: str = ""

    def contest(self, contest_id: str) -> Contest:
        """The contest of this id. Raises ValueError where there is none."""
        for contest in self.contests:
            if contest.id == contest_id:
                return contest
        raise ValueError(f"{contest_id} is not a contest of {self.source}.")


class Version(msgspec.Struct, frozen=True):
    """One publication: when it was captured, what it called itself, and the totals of the units that changed.

    Totals are cumulative: a unit's numbers replace its earlier ones.
    """

    captured: datetime.datetime
    label: str
    votes: tuple[Votes, ...]


class Feed(msgspec.Struct, frozen=True):
    """The versions of one election's results, earliest first."""

    source: str
    contests: tuple[Contest, ...]
    units: tuple[Unit, ...]
    versions: tuple[Version, ...]


class Correction(msgspec.Struct, frozen=True):
    """Totals of a unit that fell since its last version; ``before`` and ``after`` list only what fell."""

    captured: datetime.datetime
    label: str
    unit: str
    before: tuple[Votes, ...]
    after: tuple[Votes, ...]


Key = tuple[str, str, str, str]


def as_of(feed: Feed, moment: datetime.datetime) -> Results:
    """The feed's latest numbers of every unit at this moment; no votes at all before its first version."""
    latest: dict[Key, Votes] = {}
    for version in feed.versions:
        if version.captured > moment:
            break
        latest.update((key_of(row), row) for row in version.votes)
    return Results(feed.source, feed.contests, feed.units, tuple(latest.values()))


def corrections(feed: Feed) -> tuple[Correction, ...]:
    """Each time a unit's total for some choice fell, in the order of the versions."""
    latest: dict[Key, Votes] = {}
    found = []
    for version in feed.versions:
        fallen: dict[str, list[Votes]] = defaultdict(list)
        for row in version.votes:
            earlier = latest.get(key_of(row))
            if earlier is not None and row.votes < earlier.votes:
                fallen[row.unit].append(row)
        for unit, after in fallen.items():
            before = tuple(latest[key_of(row)] for row in after)
            found.append(Correction(version.captured, version.label, unit, before, tuple(after)))
        latest.update((key_of(row), row) for row in version.votes)
    return tuple(found)


def key_of(row: Votes) -> Key:
    """What a number is about: contest, unit, mode, choice. A file states it once."""
    return row.contest, row.unit, row.mode, row.choice


def tally(results: Results, contest_id: str, units: Iterable[str] | None = None) -> Tally:
    """The votes of these units together (all units that lie within no other, where none are named).

    A unit's total is what it reported as total, or the sum of its modes where it reported none. The tally has
    modes only where every unit with votes reported them. Raises ValueError where there is no such contest.
    """
    contest = results.contest(contest_id)
    chosen = set(outermost(results, contest_id) if units is None else units)
    rows = [row for row in results.votes if row.contest == contest_id and row.unit in chosen]
    split = {row.unit for row in rows if row.mode != TOTAL}
    stated = {row.unit for row in rows if row.mode == TOTAL}
    votes = _sums(row for row in rows if row.mode == TOTAL or row.unit not in stated)
    by_mode: dict[str, list[Votes]] = defaultdict(list)
    for row in rows if stated <= split else ():
        if row.mode != TOTAL:
            by_mode[row.mode].append(row)
    return Tally(
        contest_id,
        _in_order(contest, votes),
        modes=tuple(ModeVotes(mode, _in_order(contest, _sums(of))) for mode, of in by_mode.items()),
        **_accounts(results, contest_id, chosen),
    )


def outermost(results: Results, contest_id: str) -> tuple[str, ...]:
    """The units that reported votes in the contest and lie within no other unit that did."""
    within = {unit.id: unit.within for unit in results.units}
    reporting = dict.fromkeys(row.unit for row in results.votes if row.contest == contest_id)
    return tuple(unit for unit in reporting if not any(up in reporting for up in _above(unit, within)))


def check_results(results: Results) -> tuple[Problem, ...]:
    """Where a file disagrees with itself: a number stated twice, modes or inner units that do not add up."""
    table = {key_of(row): row.votes for row in results.votes}
    problems = []
    if len(table) < len(results.votes):
        problems += _stated_twice(results)
    problems += _uneven_modes(results, table)
    return tuple(problems + _uneven_units(results, table))


def _stated_twice(results: Results) -> list[Problem]:
    seen: set[Key] = set()
    problems = []
    for row in results.votes:
        if key_of(row) in seen:
            problems.append(_problem(results, row, f"{row.votes} stated again", "each number once"))
        seen.add(key_of(row))
    return problems


def _uneven_modes(results: Results, table: Mapping[Key, int]) -> list[Problem]:
    sums: dict[Key, int] = defaultdict(int)
    for (contest, unit, mode, choice), votes in table.items():
        if mode != TOTAL:
            sums[contest, unit, TOTAL, choice] += votes
    return [
        _problem(
            results, Votes(*key, table[key]), f"a total of {table[key]}", f"the sum of its modes, {summed}"
        )
        for key, summed in sums.items()
        if key in table and table[key] != summed
    ]


def _uneven_units(results: Results, table: Mapping[Key, int]) -> list[Problem]:
    within = {unit.id: unit.within for unit in results.units}
    sums: dict[Key, int] = defaultdict(int)
    for (contest, unit, mode, choice), votes in table.items():
        if within.get(unit):
            sums[contest, within[unit], mode, choice] += votes
    return [
        _problem(results, Votes(*key, table[key]), str(table[key]), f"the sum of the units in it, {summed}")
        for key, summed in sums.items()
        if key in table and table[key] != summed
    ]


def _problem(results: Results, row: Votes, found: str, expected: str) -> Problem:
    where = f"{results.source}, {row.contest}, {row.unit}, {row.mode}, {row.choice}"
    return Problem(where, found, expected, "Ask the office that reported it which number is right.")


def _above(unit: str, within: Mapping[str, str]) -> Iterable[str]:
    passed = {unit}
    while (unit := within.get(unit, "")) and unit not in passed:
        passed.add(unit)
        yield unit


def _sums(rows: Iterable[Votes]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row.choice] += row.votes
    return sums


def _in_order(contest: Contest, votes: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((choice, votes.get(choice, 0)) for choice in contest.choice_ids)


def _accounts(results: Results, contest_id: str, units: set[str]) -> dict[str, int]:
    """Over- and undervotes, write-ins and ballots, where each of the units states them for all modes."""
    rows = [row for row in results.measured if row.contest == contest_id and row.mode == TOTAL]
    names = {"ballots_cast": "ballots", "overvotes": "overvotes", "undervotes": "undervotes"}
    found = {}
    for measure, name in {**names, "write_ins": "write_ins"}.items():
        counts = {row.unit: row.count for row in rows if row.measure == measure and row.unit in units}
        if counts and counts.keys() == units:
            found[name] = sum(counts.values())
    return found
