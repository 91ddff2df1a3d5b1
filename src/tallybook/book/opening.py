"""Opening a book: the election, its contests and places, its law (docs/spec/book.md, section 7).

For the keeper of the record, once per election. Everything wrong with the opening is said at once.
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
    election, contests, places = (act.detail.get(one) for one in ("election", "contests", "places"))
    found = [*election_problems(election), *place_problems(places)]
    if not shelf.origin or not shelf.policy:
        mend = "Make the keys first: `tallybook keys`."
        found.append(Problem("origin", quoted(shelf.origin), "the book's origin and its policy", mend))
    if not isinstance(contests, list) or not contests:
        found.append(Problem("detail.contests", quoted(contests), "a list of contests", "Name the contests."))
    if found:
        return tuple(found)
    assert isinstance(contests, list) and isinstance(places, list) and isinstance(election, dict)
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


def place_problems(places: Any) -> Iterator[Problem]:
    """Each place has an id, a name and a kind."""
    if not isinstance(places, list) or not places:
        yield Problem("detail.places", quoted(places), "a list of places", "Name at least one place.")
        return
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


def opened_contests(detail: Mapping[str, Any]) -> tuple[Contest, ...]:
    """The contests of a book as its opening names them."""
    everywhere = tuple(place["id"] for place in detail["places"])
    return tuple(
        Contest(
            id=one["id"],
            name=one["name"],
            class_id=one["class"],
            day=detail["election"]["day"],
            seats=one.get("seats", 1),
            votes_allowed=one.get("votes_allowed", 1),
            choices=tuple(choice["id"] for choice in one["choices"]),
            names={choice["id"]: choice["name"] for choice in one["choices"]},
            places=tuple(one.get("places", everywhere)),
            where=frozenset(one.get("places", everywhere)),
        )
        for one in detail["contests"]
    )
