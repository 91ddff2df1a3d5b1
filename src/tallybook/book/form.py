"""Is the act well formed? Every problem in it, at once (docs/spec/book.md, sections 3, 4 and 6).

For the officer at the door: a malformed act never enters the book; each problem says what was found, what
was expected and how to mend it. Nothing here asks whether the act is lawful.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tallybook.book.audit_form import AUDIT_TYPES
from tallybook.book.boards import roster_type
from tallybook.book.claims import CLAIM_TYPES
from tallybook.book.fractions_of import lowest
from tallybook.book.nouns import EMPTY_SHELF, Act, Problem, Shelf
from tallybook.book.officers import PEOPLE_TYPES
from tallybook.book.orders import ORDER_TYPES
from tallybook.book.returns import returns_problems
from tallybook.book.standing import Standing
from tallybook.book.values import is_day, is_hash, is_id, is_local, is_moment, is_text, quoted, sound, whole
from tallybook.law import Clock, LawAct, LawSet, local_time

KEY = re.compile(r"[A-Za-z0-9._:-]{1,100}")
SEED = re.compile(r"[0-9]{20,200}")
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\]")
LONGEST = 4000
ALWAYS = ("source", "note")
READ_OTHERWISE = ("blank", "overvote", "write_in", "not_found")
"""What people read on a drawn card, beside a choice; no choice may have one of these ids."""


def form_problems(standing: Standing, laws: LawSet, act: Act, shelf: Shelf) -> tuple[Problem, ...]:
    """Every problem of form in an act; empty where it may be put to the law. Runs on every act."""
    declared = laws.acts.get(act.act)
    if declared is None:
        mend = "`tallybook law acts` lists the acts."
        return (Problem("act", quoted(act.act), "an act that the law in force declares", mend),)
    return (
        *names(standing, laws, declared, act),
        *times(standing, laws, act),
        *(exhibits(act) if act.exhibits or act.paper else ()),
        *details(standing, declared, act, shelf),
    )


def names(standing: Standing, laws: LawSet, declared: LawAct, act: Act) -> list[Problem]:
    """Office, contest, place, purpose and key."""
    found: list[Problem] = []
    if act.office not in laws.offices:
        found.append(
            Problem("office", quoted(act.office), "an office of the law in force", "Check the spelling.")
        )
    if act.purpose and act.purpose not in laws.purposes:
        found.append(
            Problem("purpose", quoted(act.purpose), "a purpose of the law in force", "Check the spelling.")
        )
    if not KEY.fullmatch(act.key):
        mend = "Give the act a key of its own, such as a UUID."
        found.append(Problem("key", quoted(act.key), "1 to 100 characters of A-Z a-z 0-9 . _ : -", mend))
    if act.seen is not None and (expected := earlier(act.seen, standing, act, EMPTY_SHELF)):
        found.append(
            Problem("seen", quoted(act.seen), expected, "Leave it out, or name an entry of this book.")
        )
    found += scope(standing, declared, act)
    return found


def scope(standing: Standing, declared: LawAct, act: Act) -> list[Problem]:
    """Contest and place are given where the act has them, and are of this book."""
    found: list[Problem] = []
    for field in out_of_scope(declared.scope, act.contest != "", act.place != ""):
        value, mend = getattr(act, field), f"This act is about no {field}; leave it out."
        if value:
            found.append(Problem(field, quoted(value), f"no {field}", mend))
        else:
            found.append(Problem(field, "nothing", f"a {field}", f"Name the {field} that this act is about."))
    contest, place = standing.contests.get(act.contest), act.place
    if contest is None and act.contest:
        known = ", ".join(standing.order)
        found.append(
            Problem("contest", quoted(act.contest), f"a contest of this book: {known}", "Check the spelling.")
        )
    if place and place not in standing.places:
        found.append(Problem("place", quoted(place), "a place of this book", "Check the spelling."))
    elif place and contest is not None and place not in contest.where:
        mend = "Name a place that votes in this contest."
        found.append(Problem("place", quoted(place), f"a place of the contest {act.contest}", mend))
    return found


@lru_cache(maxsize=1024)
def out_of_scope(scope: tuple[str, ...], contest: bool, place: bool) -> tuple[str, ...]:
    """The fields that an act of this scope must give and does not, or gives and must not."""
    given = (("contest", contest), ("place", place))
    return tuple(
        field
        for field, there in given
        if (field in scope, there) == (True, False)
        or (there and field not in scope and f"{field}?" not in scope)
    )


def times(standing: Standing, laws: LawSet, act: Act) -> tuple[Problem, ...]:
    """The moment received, the day stated, and their order."""
    found = time_problems(laws.clock, act.received, act.on, act.paper != "")
    if act.received < standing.received and is_moment(act.received):
        mend = "Set this machine's clock right, then ask again."
        expected = f"not before {standing.received}, the book's latest"
        return (Problem("received", act.received, expected, mend), *found)
    return found


@lru_cache(maxsize=4096)
def time_problems(clock: Clock, received: str, on: str, on_paper: bool) -> tuple[Problem, ...]:
    """Whether both times of an act are times, and in their order. Remembered: many acts share a second."""
    if not is_moment(received):
        mend = "Set the door's clock."
        return (Problem("received", quoted(received), "a moment YYYY-MM-DDTHH:MM:SSZ", mend),)
    if not (is_local if on_paper else is_day)(on):
        what = "a local time YYYY-MM-DDTHH:MM" if on_paper else "a day YYYY-MM-DD"
        return (Problem("on", quoted(on), what, "State when the officer acted."),)
    if on > local_minute(clock, received)[: len(on)]:
        return (Problem("on", on, "not after the moment it was received", "Correct the day."),)
    return ()


@lru_cache(maxsize=4096)
def local_minute(clock: Clock, moment: str) -> str:
    """The local time of a moment, YYYY-MM-DDTHH:MM."""
    return f"{local_time(clock, moment):%Y-%m-%dT%H:%M}"


def exhibits(act: Act) -> list[Problem]:
    """The exhibits filed with the act, and its paper among them."""
    found: list[Problem] = []
    if len(act.exhibits) > 100:
        found.append(
            Problem(
                "exhibits", f"{len(act.exhibits)} exhibits", "at most 100", "File the rest with file_exhibit."
            )
        )
    for n, exhibit in enumerate(act.exhibits):
        if not well_formed_exhibit(exhibit):
            mend = "Use `tallybook book act --exhibit FILE`, which writes it."
            found.append(
                Problem(f"exhibits[{n}]", quoted(exhibit), "a public or sealed exhibit (section 4)", mend)
            )
    if act.paper and act.paper not in public(act):
        found.append(
            Problem("paper", quoted(act.paper), "the fingerprint of an exhibit of this act", "File the scan.")
        )
    return found


def public(act: Act) -> list[Any]:
    """The fingerprints of the public exhibits that an act files."""
    return [one.get("sha256") for one in act.exhibits if isinstance(one, dict)]


def well_formed_exhibit(exhibit: Any) -> bool:
    """Section 4: public with name, length and fingerprint, or sealed with name and commitment."""
    if not isinstance(exhibit, dict) or not is_text(name := exhibit.get("name"), 200):
        return False
    if name in (".", "..") or FORBIDDEN.search(name):
        return False
    if exhibit.get("kind") == "public":
        good = is_hash(exhibit.get("sha256")) and whole(exhibit.get("bytes"))
        return good and exhibit.keys() == {"bytes", "kind", "name", "sha256"}
    good = exhibit.get("kind") == "sealed" and is_hash(exhibit.get("commitment"))
    return good and exhibit.keys() == {"commitment", "kind", "name"}


def details(standing: Standing, declared: LawAct, act: Act, shelf: Shelf) -> list[Problem]:
    """The fields of the detail: those needed, none foreign, each of its type."""
    found: list[Problem] = []
    needs, may, detail = declared.needs, declared.may, act.detail
    for field in needs:
        if field not in detail:
            found.append(Problem(f"detail.{field}", "nothing", "a value", f"This act must state {field}."))
    for field, value in detail.items():
        if field not in needs and field not in may and field not in ALWAYS:
            allowed = ", ".join((*needs, *may, *ALWAYS))
            found.append(
                Problem(f"detail.{field}", "a field of this name", f"only: {allowed}", "Leave it out.")
            )
        elif expected := TYPES.get(field, plain)(value, standing, act, shelf):
            found.append(Problem(f"detail.{field}", quoted(value), expected, "Correct the value."))
    if "returns" in detail and (contest := standing.contests.get(act.contest)) is not None:
        found += returns_problems(contest, detail["returns"])
    return found


# Each type answers with what it expected, or "" when the value is good.
Type = Callable[[Any, Standing, Act, Shelf], str]


def plain(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """Text, a whole number, a boolean, or a list of texts."""
    if is_text(value, LONGEST) or isinstance(value, bool) or whole(value):
        return ""
    if isinstance(value, list) and 1 <= len(value) <= 1000 and all(is_text(one, LONGEST) for one in value):
        return ""
    return "text of 1 to 4,000 characters, a whole number, yes or no, or a list of up to 1,000 texts"


def text(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """One text."""
    return "" if is_text(value, LONGEST) else "text of 1 to 4,000 characters"


def choice(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """A choice of the act's contest."""
    contest = standing.contests.get(act.contest)
    if contest is None:
        return "a choice of the contest that the act names; it names none"
    if isinstance(value, str) and value in contest.choices:
        return ""
    return f"a choice of the contest: {', '.join(contest.choices)}"


def number(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """A whole number."""
    return "" if whole(value) else "a whole number from 0"


def earlier(value: Any, standing: Standing, _a: Act, _h: Shelf) -> str:
    """The number of an earlier entry."""
    return "" if whole(value) and value < standing.size else f"the number of an entry before {standing.size}"


def fingerprint(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """The fingerprint of a public exhibit of the act or of an earlier entry."""
    good = is_hash(value) and (value in public(act) or value in standing.exhibits)
    return "" if good else "the SHA-256 of a public exhibit of this act or of an earlier entry"


def own_file(value: Any, _s: Standing, act: Act, _h: Shelf) -> str:
    """The fingerprint of a public exhibit of the act itself."""
    good = is_hash(value) and value in public(act)
    return "" if good else "the SHA-256 of a public exhibit of this act"


def share(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """A fraction a/b in lowest terms, more than 0 and less than 1."""
    return "" if lowest(value) else 'a fraction in lowest terms such as "1/20"'


def seed(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """A seed as rolled (draw specification, section 2)."""
    return "" if isinstance(value, str) and SEED.fullmatch(value) else "20 to 200 digits 0-9, as rolled"


def checkpoint(value: Any, _s: Standing, _a: Act, shelf: Shelf) -> str:
    """The text of a checkpoint; whether it holds is for its effect to say."""
    good = isinstance(value, str) and shelf.checkpoint is not None
    return "" if good else "the text of a signed checkpoint"


def tally(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """Name -> whole number."""
    good = isinstance(value, dict) and value and all(is_id(k) and whole(v) for k, v in value.items())
    return "" if good else "an object: name to whole number"


def table(value: Any, standing: Standing, act: Act, shelf: Shelf) -> str:
    """Unit -> name -> whole number."""
    good = isinstance(value, dict) and value and all(map(is_id, value))
    if good and not any(tally(row, standing, act, shelf) for row in value.values()):
        return ""
    return "an object: unit to an object of name to whole number"


def readings(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """Pairs [item, reading], no item twice."""
    contest = standing.contests.get(act.contest)
    known = {*(contest.choices if contest else ()), *READ_OTHERWISE}
    pairs = isinstance(value, list) and 1 <= len(value) <= 1000 and all(is_pair(one, known) for one in value)
    if pairs and len({item for item, _ in value}) == len(value):
        return ""
    return f"up to 1,000 pairs [item, reading], no item twice, a reading one of {', '.join(sorted(known))}"


def is_pair(value: Any, known: set[str]) -> bool:
    """An item and a known reading."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    item, reading = value
    return isinstance(item, str) and sound(item) and isinstance(reading, str) and reading in known


def returns(_v: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """Returns of the act's contest; `returns_problems` looks at them."""
    return (
        "" if act.contest in standing.contests else "returns of the contest that the act names; it names none"
    )


def anything(_v: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """Checked elsewhere."""
    return ""


TYPES: Mapping[str, Type] = {
    "choice": choice,
    **dict.fromkeys(("sample", "vacant", "seats", "not_appointed", "size"), number),
    **dict.fromkeys(("corrects", "finding", "claim"), earlier),
    **dict.fromkeys(("manifest", "law_file", "first_batches", "second_batches"), fingerprint),
    "returns": returns,
    "risk_limit": share,
    "seed": seed,
    "checkpoint": checkpoint,
    **dict.fromkeys(("president", "vice_president", "members"), tally),
    **dict.fromkeys(("table", "vice_table"), table),
    "readings": readings,
    "tie_breaker": text,
    **dict.fromkeys(("election", "contests", "places", "law"), anything),
    **dict.fromkeys(("contests_file", "places_file"), own_file),
    **PEOPLE_TYPES,
    "roster": roster_type,
    **ORDER_TYPES,
    **CLAIM_TYPES,
    **AUDIT_TYPES,
}
