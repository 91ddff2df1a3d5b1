"""Opening a book: the election, its contests and places, its law (docs/spec/book.md, section 7).

For the keeper of the record, once per election. Everything wrong with the opening is said at once. Contests
and places stand in the entry or, where they are many, in exhibits of it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tallybook.book.fitting import acts_fit, winners_fit
from tallybook.book.form import READ_OTHERWISE, public
from tallybook.book.nouns import Act, Problem, Shelf
from tallybook.book.standing import Contest
from tallybook.book.values import is_day, is_hash, is_id, is_text, quoted, whole
from tallybook.law import LawError, LawFile, LawSet, law_set
from tallybook.merkle.canonical import encode

LISTS = ("contests", "places")
"""What an opening names in its entry or, by the field with `_file` after its name, in an exhibit."""
LONGEST_LIST = 16 * 2**20
ELECTION = {"id", "title", "day"}
CONTEST = {"id", "name", "class", "choices"}
CONTEST_MAY = {"seats", "votes_allowed", "places"}


def opening_law(act: Act, shelf: Shelf) -> LawSet | tuple[Problem, ...]:
    """The law set that an opening names, from the shelf; or what is wrong with it."""
    named = act.detail.get("law")
    if not isinstance(named, list) or not named or not all(map(is_hash, named)):
        mend = "Name the law files by their SHA-256."
        return (Problem("detail.law", quoted(named), "a list of fingerprints of law files", mend),)
    known = shelf.law_sets.get(tuple(named))
    missing = [one for one in named if one not in public(act) or (not known and one not in shelf.law_files)]
    if missing:
        mend = "File each law file as a public exhibit of the opening."
        return tuple(Problem("detail.law", one, "a law file among the exhibits", mend) for one in missing)
    laws = known or joined((shelf.law_files[one] for one in named), "detail.law")
    return laws if isinstance(laws, tuple) else acts_fit(laws, "detail.law") or laws


def joined(files: Iterable[LawFile], field: str) -> LawSet | tuple[Problem, ...]:
    """The law files as one set, or every contradiction between them."""
    try:
        return law_set(files)
    except LawError as wrong:
        expected, mend = "a law set that agrees with itself", "Correct the law file."
        return tuple(Problem(field, str(one), expected, mend) for one in wrong.problems)


def opening_problems(laws: LawSet, act: Act, shelf: Shelf) -> tuple[Problem, ...]:
    """Every problem in the detail of an opening."""
    election = act.detail.get("election")
    found = [
        *election_problems(election),
        *(one for name in LISTS for one in list_problems(name, act, shelf)),
    ]
    if not shelf.origin or not shelf.policy:
        mend = "Make the keys first: `tallybook keys`."
        found.append(Problem("origin", quoted(shelf.origin), "the book's origin and its policy", mend))
    if found or not all(readable(name, act, shelf) for name in LISTS):
        return tuple(found)
    contests, places = contests_and_places(act.detail, shelf.documents)
    found += place_problems(places)
    if found:
        return tuple(found)
    assert isinstance(election, dict)
    known = {one["id"] for one in places}
    for n, contest in enumerate(contests):
        found += contest_problems(f"detail.contests[{n}]", contest, known)
    if found:
        return tuple(found)
    found += repeated("detail.contests", [one["id"] for one in contests])
    classes = [(one["class"], one.get("seats", 1)) for one in contests]
    return (*found, *winners_fit(laws, classes, election["day"], election["day"], "detail.contests"))


def election_problems(election: Any) -> Iterator[Problem]:
    """Id, title and day."""
    if not isinstance(election, dict) or election.keys() != ELECTION:
        yield Problem("detail.election", quoted(election), "an object of id, title, day", "Correct it.")
        return
    if not is_id(election["id"]):
        yield Problem("detail.election.id", quoted(election["id"]), "an id of a-z 0-9 _", "Correct it.")
    if not is_text(election["title"], 400):
        yield Problem("detail.election.title", quoted(election["title"]), "text", "Correct it.")
    if not isinstance(election["day"], str) or not is_day(election["day"]):
        yield Problem("detail.election.day", quoted(election["day"]), "a day YYYY-MM-DD", "Correct it.")


def list_problems(name: str, act: Act, shelf: Shelf) -> Iterator[Problem]:
    """A list stands in the entry or in a file, has at least one member, and a file is not too long."""
    field = file_of(name)
    if (name in act.detail) == (field in act.detail):
        found = "both" if name in act.detail else "neither"
        mend = f"Name the {name} in the entry, or in a file beside it."
        yield Problem(f"detail.{name}", found, f"exactly one of {name} and {field}", mend)
        return
    where, mend = f"detail.{name}", f"Name at least one of the {name}."
    if field in act.detail:
        where, mend = f"detail.{field}", "Write the file as canonical JSON, a list."
        if act.detail[field] not in public(act):
            return  # the form says it
        if not readable(name, act, shelf):
            found, expected = "a file that is no canonical JSON", f"a list of {name} in canonical JSON"
            yield Problem(where, found, expected, mend)
            return
    value = listed(name, act.detail, shelf.documents)
    if not isinstance(value, list) or not value:
        yield Problem(where, quoted(value), f"a list of {name}", mend)
    elif field in act.detail and (size := len(encode(value))) > LONGEST_LIST:
        yield Problem(where, f"{size:,} bytes", f"at most {LONGEST_LIST:,} bytes", "Make several books.")


def readable(name: str, act: Act, shelf: Shelf) -> bool:
    """Whether a list stands in the entry, or the file that the opening names is on the shelf."""
    return name in act.detail or act.detail[file_of(name)] in shelf.documents


def file_of(name: str) -> str:
    """The field that names a list's file."""
    return f"{name}_file"


def place_problems(places: list[Any]) -> Iterator[Problem]:
    """Each place has an id, a name and a kind."""
    good = True
    for n, place in enumerate(places):
        if good_place(place):
            continue
        good = False
        yield Problem(f"detail.places[{n}]", quoted(place), "an object of id, name, kind", "Correct it.")
    if good:
        yield from repeated("detail.places", [place["id"] for place in places])


def good_place(place: Any) -> bool:
    """An id, a name and a kind."""
    if not isinstance(place, dict) or place.keys() != {"id", "name", "kind"}:
        return False
    return is_id(place["id"]) and is_text(place["name"], 400) and is_id(place["kind"])


def contest_problems(where: str, contest: Any, places: set[str]) -> Iterator[Problem]:
    """A contest has an id, a name, a class, choices; it may have seats, votes allowed and places."""
    if not isinstance(contest, dict) or not CONTEST <= contest.keys() <= CONTEST | CONTEST_MAY:
        yield Problem(where, quoted(contest), "an object of id, name, class, choices", "Correct it.")
        return
    if not is_id(contest["id"]) or not is_id(contest["class"]) or not is_text(contest["name"], 400):
        yield Problem(where, quoted(contest), "an id, a class and a name", "Correct it.")
    for field in ("seats", "votes_allowed"):
        if not whole(contest.get(field, 1)) or contest.get(field, 1) < 1:
            yield Problem(f"{where}.{field}", quoted(contest[field]), "a whole number from 1", "Correct it.")
    choices = contest["choices"]
    if not isinstance(choices, list) or not choices or not all(map(good_choice, choices)):
        yield Problem(
            f"{where}.choices", quoted(choices), "a list of choices with id and name", "Correct it."
        )
    else:
        yield from repeated(f"{where}.choices", [one["id"] for one in choices])
    named = contest.get("places", ["x"])
    if not isinstance(named, list) or not named or not all(map(is_id, named)):
        yield Problem(f"{where}.places", quoted(named), "a list of places", "Leave it out for all places.")
    elif "places" in contest and (len(set(named)) < len(named) or not places.issuperset(named)):
        yield Problem(f"{where}.places", quoted(named), "places of this book, each once", "Correct it.")


def good_choice(choice: Any) -> bool:
    """An id and a name, and a party if any."""
    if not isinstance(choice, dict) or not {"id", "name"} <= choice.keys() <= {"id", "name", "party"}:
        return False
    party = choice.get("party", "none")
    if not is_id(choice["id"]) or not is_text(choice["name"], 400) or not is_text(party, 400):
        return False
    return choice["id"] not in READ_OTHERWISE


def repeated(where: str, ids: list[str]) -> Iterator[Problem]:
    """A problem for each id that stands twice."""
    for one, times in Counter(ids).items():
        if times > 1:
            yield Problem(where, quoted(one), "each id once", "Leave one of them.")


def contests_and_places(detail: Mapping[str, Any], documents: Mapping[str, Any]) -> tuple[Any, Any]:
    """The contests and the places that an opening names: those of its entry, or those of its exhibits.

    documents: fingerprint -> parsed exhibit. For everyone who reads entry 0.
    """
    return listed("contests", detail, documents), listed("places", detail, documents)


def list_files(detail: Mapping[str, Any]) -> list[str]:
    """The fingerprints of the exhibits, if any, that hold the contests and the places of an opening."""
    return [detail[file_of(name)] for name in LISTS if file_of(name) in detail]


def listed(name: str, detail: Mapping[str, Any], documents: Mapping[str, Any]) -> Any:
    """One of the two lists of an opening."""
    return detail[name] if name in detail else documents[detail[file_of(name)]]


def opened_contests(day: str, contests: list[Any], places: list[Any]) -> tuple[Contest, ...]:
    """The contests of a book as its opening names them, on the day of the election."""
    everywhere = tuple(place["id"] for place in places)
    return tuple(
        Contest(
            id=one["id"],
            name=one["name"],
            class_id=one["class"],
            day=day,
            seats=one.get("seats", 1),
            votes_allowed=one.get("votes_allowed", 1),
            choices=tuple(choice["id"] for choice in one["choices"]),
            names={choice["id"]: choice["name"] for choice in one["choices"]},
            places=tuple(one.get("places", everywhere)),
            where=frozenset(one.get("places", everywhere)),
        )
        for one in contests
    )
