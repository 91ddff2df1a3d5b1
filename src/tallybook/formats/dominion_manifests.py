"""The manifests of Dominion's JSON export: what its numbers mean, and whether the export says it is whole.

For ``dominion_json``. Only the contests' and candidates' manifests must be there; version 4.21 lacks several
others. An export made through a filter is partial and says so in Configuration.json: it is refused.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, TypeVar

import msgspec

from tallybook.election import Choice, Contest
from tallybook.formats.archives import Folder, base_name, read_whole
from tallybook.formats.problems import Consequence, Problems, shown
from tallybook.formats.text import cleaned, name_key

MANIFEST_BYTES = 64 << 20
EXPORT_AGAIN = "Export again, all in one go, with every filter off."
WRITE_INS = {"writein", "write-in"}

Natural = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
T = TypeVar("T")


class Named(msgspec.Struct, frozen=True, rename="pascal"):
    """What most manifests list: a number and its words."""

    id: Natural
    description: str = ""


class NamedContest(Named, frozen=True, rename="pascal"):
    """A row of ContestManifest. ``num_of_ranks`` 0 means a contest without ranks."""

    vote_for: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    num_of_ranks: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0


class NamedCandidate(msgspec.Struct, frozen=True, rename="pascal"):
    """A row of CandidateManifest. All write-ins of a contest share one, of type WriteIn."""

    id: Natural
    contest_id: Natural
    description: str = ""
    type: str = "Regular"

    @property
    def is_write_in(self) -> bool:
        """Whether this stands for names that voters write. A qualified write-in is a choice like others."""
        return self.type.casefold() in WRITE_INS


class BallotTypeContest(msgspec.Struct, frozen=True, rename="pascal"):
    """A row of BallotTypeContestManifest: the contest is on ballots of the type."""

    ballot_type_id: Natural
    contest_id: Natural


class Manifests(msgspec.Struct, frozen=True):
    """All that cards are read with. ``names``: of precincts, styles and groups, by number."""

    contests: Mapping[int, NamedContest]
    candidates: Mapping[int, NamedCandidate]
    ballot_type_contests: frozenset[tuple[int, int]]
    names: Mapping[str, Mapping[int, str]]


def read_manifests(folder: Folder, problems: Problems) -> Manifests:
    """The manifests of a folder, empty where they are missing or broken (which is among the problems)."""
    places = _places(folder, problems)
    _refuse_filters(folder, places, problems)

    def rows(name: str, kind: type[T], *, needed: bool = False) -> list[T]:
        return _list(folder, places.get(name.casefold()), name, kind, problems, needed=needed)

    contests = rows("ContestManifest.json", NamedContest, needed=True)
    candidates = rows("CandidateManifest.json", NamedCandidate, needed=True)
    pairs = rows("BallotTypeContestManifest.json", BallotTypeContest)
    _check(folder.name, contests, candidates, problems)
    return Manifests(
        contests={one.id: one for one in contests},
        candidates={one.id: one for one in candidates},
        ballot_type_contests=frozenset((pair.ballot_type_id, pair.contest_id) for pair in pairs),
        names={
            "precinct": distinct_names(rows("PrecinctPortionManifest.json", Named)),
            "style": distinct_names(rows("BallotTypeManifest.json", Named)),
            "group": distinct_names(rows("CountingGroupManifest.json", Named)),
        },
    )


def contests_of(manifests: Manifests) -> tuple[Contest, ...]:
    """The election's contests. Write-ins are one choice, ``write_in``, the last."""
    choices: dict[int, list[Choice]] = {number: [] for number in manifests.contests}
    for one in manifests.candidates.values():
        if one.contest_id in choices and not one.is_write_in:
            choices[one.contest_id].append(Choice(str(one.id), cleaned(one.description)))
    written = {one.contest_id for one in manifests.candidates.values() if one.is_write_in}
    for number in written & choices.keys():
        choices[number].append(Choice("write_in", "Write-in"))
    return tuple(
        Contest(
            id=str(one.id),
            name=cleaned(one.description),
            office_class="",
            choices=tuple(choices[one.id]),
            votes_allowed=1 if one.num_of_ranks else one.vote_for,
        )
        for one in manifests.contests.values()
    )


def distinct_names(rows: Sequence[Named]) -> dict[int, str]:
    """A name for each number; two of one name have their number added, so that they are never fused."""
    names = {one.id: cleaned(one.description) or str(one.id) for one in rows}
    times = Counter(map(name_key, names.values()))
    return {
        number: f"{name} ({number})" if times[name_key(name)] > 1 else name for number, name in names.items()
    }


def _places(folder: Folder, problems: Problems) -> dict[str, str]:
    """Where each file is, by its name in lower case. Two exports in one folder are grave."""
    places: dict[str, str] = {}
    for name in folder.names():
        known = places.setdefault(base_name(name).casefold(), name)
        if known != name:
            found, mend = f"also {shown(known)}", "Two exports may lie in one folder. Hand in one of them."
            problems.add(Consequence.GRAVE, f"{folder.name}/{name}", found, "each file once", mend)
    return places


def _refuse_filters(folder: Folder, places: Mapping[str, str], problems: Problems) -> None:
    place = places.get("configuration.json")
    if place is None:
        return
    data = read_whole(folder, place, MANIFEST_BYTES, problems)
    try:
        settings = msgspec.json.decode(data or b"{}")
    except (msgspec.DecodeError, RecursionError) as why:
        problems.add(
            Consequence.GRAVE, place, f"broken JSON ({shown(why)})", "the export's settings", EXPORT_AGAIN
        )
        return
    for setting in _filters_on(settings):
        found = f"{setting} is on: a part of the records only"
        problems.add(Consequence.GRAVE, place, found, "an export of all records", EXPORT_AGAIN)


def _filters_on(settings: object) -> Iterable[str]:
    """The names of the filters that were on, at any depth."""
    waiting = [settings]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
            for name, value in one.items():
                folded = str(name).casefold()
                if (
                    folded.startswith("include")
                    and folded.endswith("filter")
                    and value in (True, "true", "True", 1)
                ):
                    yield str(name)
        elif isinstance(one, list):
            waiting += one


def _list(
    folder: Folder, place: str | None, name: str, kind: type[T], problems: Problems, *, needed: bool
) -> list[T]:
    """The rows of one manifest."""
    if place is None:
        if needed:
            problems.add(Consequence.GRAVE, folder.name, f"no {name}", "all manifests", EXPORT_AGAIN)
        return []
    data = read_whole(folder, place, MANIFEST_BYTES, problems)
    try:
        table = msgspec.json.decode((data or b"").removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
        return msgspec.json.decode(table["List"], type=list[kind])  # type: ignore[valid-type]
    except (msgspec.DecodeError, KeyError, RecursionError, UnicodeDecodeError) as why:
        found = f"a manifest that cannot be read ({shown(why)})"
        problems.add(Consequence.GRAVE, place, found, f"a {name} as Dominion writes it", EXPORT_AGAIN)
        return []


def _check(
    source: str,
    contests: Sequence[NamedContest],
    candidates: Sequence[NamedCandidate],
    problems: Problems,
) -> None:
    known = Counter(one.id for one in contests)
    numbers = Counter(one.id for one in candidates)
    for what, counter in (("contest", known), ("candidate", numbers)):
        for number, times in counter.items():
            if times > 1:
                found = f"the {what} number {number} {times} times"
                problems.add(Consequence.GRAVE, source, found, f"each {what} once", EXPORT_AGAIN)
    for one in candidates:
        if one.contest_id not in known:
            found = f"candidate {shown(one.description)} of contest {one.contest_id}, which is not listed"
            problems.add(Consequence.GRAVE, source, found, "candidates of listed contests", EXPORT_AGAIN)
    for key, times in Counter(name_key(one.description) for one in contests).items():
        if times > 1:
            found = f"{times} contests named {shown(key)} with different numbers"
            mend = "They are kept apart by their numbers. Make sure that they are different contests."
            problems.add(Consequence.CARE, source, found, "each contest's name once", mend)
