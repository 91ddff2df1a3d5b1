"""Checks 4 and 14, the opening of a book: book specification, section 7, `open`.

The standing that `open_book` makes: the election's day, the places and the contests. The arrays of places and
contests stand in the detail or each in an exhibit of entry 0, and are then judged in the same way. A state's
exhibits name hundreds of thousands, so what all contests share is kept once.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

from .canonical import NotCanonical, read
from .clock import in_years, is_day
from .failure import Failed
from .form import NAME, READINGS, require
from .plain import is_hash, is_whole
from .standing import Contest, Standing

LONGEST_NAME = 400
LONGEST_FILE = 16 << 20
MOST_BEYOND = 1_000  # an exhibit may hold millions of fields that are not permitted


@dataclass(frozen=True)
class Shelf:
    """The public exhibits of entry 0: their lengths by hash, and how one is read (up to so many bytes)."""

    lengths: dict[str, int]
    bytes_of: Callable[[str, int], bytes]


def read_opening(detail: dict[str, Any], shelf: Shelf, beyond: list[str]) -> Standing:
    """The standing of entry 0. What is wrong fails check 4; what is not permitted goes to `beyond`."""
    election = object_of(detail.get("election"), ("id", "title"), (), "election", beyond, also={"day"})
    day: Any = election.get("day")
    require(is_day(day) and in_years(day), "the election has no day in a year from 1900 to 2999", 0)
    standing = Standing(election_day=election["day"])
    for place in array_or_file(detail, "places", shelf):
        object_of(place, ("id", "name", "kind"), (), "places", beyond)
        require_ids(place, "kind")
        require(place["id"] not in standing.places, "the place {} stands twice", 0, place["id"])
        standing.places[place["id"]] = place["name"]
    everywhere = list(standing.places)
    for contest in array_or_file(detail, "contests", shelf):
        made = read_contest(contest, standing, everywhere, beyond)
        require(made.id not in standing.contests, "the contest {} stands twice", 0, made.id)
        standing.contests[made.id] = made
    return standing


def array_or_file(detail: dict[str, Any], name: str, shelf: Shelf) -> list[Any]:
    """The array of that name, or the one in the exhibit that ``NAME_file`` names: exactly one of the two."""
    file = f"{name}_file"
    words = "the opening has {} `{}` and `{}`; exactly one of them states its {}"
    both, neither = name in detail and file in detail, name not in detail and file not in detail
    require(not both and not neither, words, 0, "both" if both else "neither", name, file, name)
    return array_of(array_in(detail[file], file, shelf) if file in detail else detail[name], name)


def array_in(digest: Any, name: str, shelf: Shelf) -> Any:
    """The value in the exhibit with that hash: canonical JSON of at most 16 MiB."""
    known = is_hash(digest) and digest in shelf.lengths
    require(known, "`{}` names {}, which is no public exhibit of entry 0", 0, name, digest)
    length, words = shelf.lengths[digest], "the exhibit of `{}` has {} bytes; at most {} are read"
    require(length <= LONGEST_FILE, words, 0, name, length, LONGEST_FILE)
    try:
        return read(shelf.bytes_of(digest, LONGEST_FILE))
    except NotCanonical as problem:
        words = f"the exhibit of `{name}` is not canonical JSON: {problem}"
        raise Failed(4, words, entry=0) from None


def array_of(value: Any, what: str) -> list[Any]:
    """An array that is not empty."""
    require(isinstance(value, list) and bool(value), "`{}` is not an array of objects", 0, what)
    found: list[Any] = value
    return found


def object_of(
    value: Any,
    strings: tuple[str, ...],
    may: tuple[str, ...],
    what: str,
    beyond: list[str],
    also: Set[str] = frozenset(),
) -> dict[str, Any]:
    """An object with these strings (an `id` of its form); others than `may` and `also` are beyond."""
    require(isinstance(value, dict), "`{}` holds {}; expected an object", 0, what, value)
    for name in (*strings, *(name for name in may if name in value)):
        found = value.get(name)
        proper = isinstance(found, str) and 1 <= len(found) <= LONGEST_NAME
        require(proper, "`{}` has no proper `{}`", 0, what, name)
    if "id" in strings:
        require(NAME.match(value["id"]) is not None, "the id {} is not of [a-z0-9_]+", 0, value["id"])
    extra = sorted(value.keys() - {*strings, *may, *also})
    beyond.extend(f"detail/{what}/{name}" for name in extra[: MOST_BEYOND - len(beyond)])
    found_object: dict[str, Any] = value
    return found_object


def require_ids(value: dict[str, Any], name: str) -> None:
    """That field is written as an id is."""
    require(NAME.match(value[name]) is not None, "the {} {} is not of [a-z0-9_]+", 0, name, value[name])


def read_contest(value: Any, standing: Standing, everywhere: list[str], beyond: list[str]) -> Contest:
    """One contest of `open_book`; where it names no places it has all of them."""
    known = {"choices", "seats", "votes_allowed", "places"}
    contest = object_of(value, ("id", "name", "class"), (), "contests", beyond, also=known)
    require_ids(contest, "class")
    choices = []
    for choice in array_of(contest.get("choices"), "choices"):
        choices.append(object_of(choice, ("id", "name"), ("party",), "choices", beyond)["id"])
    require(len(set(choices)) == len(choices), "a choice of {} stands twice", 0, contest["id"])
    require(not {*choices} & {*READINGS}, "a choice of {} has the id of a reading", 0, contest["id"])
    seats, allowed = contest.get("seats", 1), contest.get("votes_allowed", 1)
    require(is_whole(seats, 1) and is_whole(allowed, 1), "seats or votes allowed of {}", 0, contest["id"])
    places, ids = places_of(contest, standing, everywhere)
    return Contest(
        contest["id"], contest["name"], contest["class"], seats, allowed, choices, standing.election_day,
        places, ids, frozenset(choices),
    )  # fmt: skip


def places_of(
    contest: dict[str, Any], standing: Standing, everywhere: list[str]
) -> tuple[list[str], Set[str]]:
    """The places of a contest in order, and as a set; one list and one set serve all that name none."""
    if "places" not in contest:
        return everywhere, standing.places.keys()
    places = contest["places"]
    proper = isinstance(places, list) and bool(places) and all(isinstance(place, str) for place in places)
    ids = frozenset(places) if proper else frozenset()
    require(proper and ids <= standing.places.keys(), "the places of {}", 0, contest["id"])
    require(len(ids) == len(places), "a place of {} stands twice", 0, contest["id"])
    return places, ids
