"""Check 4, the form of entries and acts: book specification, sections 2 to 4.

A missing or wrongly valued field fails check 4. A field that is not permitted there fails check 14: its
name is put on the list `beyond`, and the reading goes on.
"""

import re
from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from math import gcd
from typing import Any

from . import auditform, officersform
from .clock import in_years, is_day, is_local, is_moment
from .draw import is_seed
from .failure import Failed, shown
from .law import ActSpec, LawSet
from .lawforms import fraction
from .note import BadNote
from .outcomes import PARTS, is_count_by
from .plain import is_hash, is_whole
from .ruling import Case
from .signatures import parse_signed
from .standing import Contest, Standing

OWN = (
    "act",
    "office",
    "contest",
    "place",
    "purpose",
    "on",
    "received",
    "detail",
    "paper",
    "key",
    "seen",
    "by",
    "exhibits",
)
ALWAYS_MAY = frozenset({"source", "note"})
READINGS = ("blank", "overvote", "write_in", "not_found")

_KEY = re.compile(r"[A-Za-z0-9._:-]{1,100}\Z")
NAME = re.compile(r"[a-z0-9_]+\Z")
_FILE_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,200}\Z")

Entry = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """An act whose form is right: its declaration, what the law looks at, and the rest."""

    spec: ActSpec
    case: Case
    contest: Contest | None
    entry: Entry
    seq: int

    @property
    def detail(self) -> dict[str, Any]:
        """The act's detail, maybe empty."""
        return self.case.detail

    @property
    def by(self) -> list[dict[str, Any]]:
        """The persons who act, maybe none."""
        persons: list[dict[str, Any]] = self.entry.get("by", [])
        return persons

    @property
    def office_class(self) -> str | None:
        """The class of the act's contest, None where it names none."""
        return self.case.office_class

    @property
    def where(self) -> tuple[str | None, str | None]:
        """Contest and place."""
        return self.case.contest, self.case.place


def require(holds: bool, words: str, seq: int, *found: object) -> None:
    """Check 4 fails with these words where it does not hold. Values found stand for the ``{}`` in them."""
    if not holds:
        raise Failed(4, words.format(*map(shown, found)), entry=seq)


def read_act(
    entry: Entry, seq: int, law: LawSet, standing: Standing, named: Set[str], beyond: list[str]
) -> Act:
    """The act of an entry. `named` are the public exhibits of this entry and earlier ones."""
    name: Any = entry.get("act")
    office: Any = entry.get("office")
    purpose: Any = entry.get("purpose", "")
    require(isinstance(name, str) and name in law.acts, "the act {} is not declared in the law", seq, name)
    require(isinstance(office, str) and office in law.offices, "the office {} is not declared", seq, office)
    if "purpose" in entry:
        require(
            isinstance(purpose, str) and purpose in law.purposes,
            "the purpose {} is not declared",
            seq,
            purpose,
        )
    spec = law.acts[name]
    key = entry.get("key")
    require(isinstance(key, str) and _KEY.match(key) is not None, "the key {} is not in its form", seq, key)
    contest, place = read_scope(entry, seq, spec, standing)
    require_received(entry, seq, standing)
    if "exhibits" in entry:
        require_exhibits(entry["exhibits"], seq, beyond)
    require_paper(entry, seq)
    moment, day = read_time(entry, seq, law)
    if "seen" in entry:
        require_fresh(entry["seen"], seq, standing, entry.get("contest"), place)
    detail = entry.get("detail", {})
    require(isinstance(detail, dict) and ("detail" not in entry or bool(detail)), "`detail` is empty", seq)
    require_detail(detail, seq, spec, contest, named, beyond)
    trouble = auditform.trouble(detail, spec.effect, contest, standing)
    require(not trouble, "{}", seq, trouble)
    office_class = contest.office_class if contest else None
    case = Case(name, office, purpose, entry.get("contest"), place, detail, moment, day, office_class)
    return Act(spec, case, contest, entry, seq)


def read_scope(
    entry: Entry, seq: int, spec: ActSpec, standing: Standing
) -> tuple[Contest | None, str | None]:
    """Contest and place, as the act's scope says."""
    for name in ("contest", "place"):
        if name in entry:
            permitted = name in spec.scope or name + "?" in spec.scope
            require(permitted, "the act {} names no {}", seq, spec.id, name)
        else:
            require(name not in spec.scope, "the act {} must name a {}", seq, spec.id, name)
    contest: Any = entry.get("contest")
    place: Any = entry.get("place")
    found = None
    if "contest" in entry:
        require(isinstance(contest, str) and contest in standing.contests, "no contest {}", seq, contest)
        found = standing.contests[contest]
    if "place" in entry:
        places = found.place_ids if found else standing.places
        require(isinstance(place, str) and place in places, "no place {} of this contest", seq, place)
    return found, place


def require_received(entry: Entry, seq: int, standing: Standing) -> None:
    """`received` is a moment and does not decrease."""
    received: Any = entry.get("received")
    require(is_moment(received) and in_years(received), "received {} is not a moment", seq, received)
    require(received >= standing.received, "received {} is before the entry before it", seq, received)


def read_time(entry: Entry, seq: int, law: LawSet) -> tuple[str, str]:
    """The moment and the day of an act (law specification, section 6); `on` is not after `received`."""
    received: Any = entry["received"]
    on: Any = entry.get("on")
    try:
        local = law.clock.local(received)
        if "paper" not in entry:
            day = local.date().isoformat()
            require(is_day(on) and in_years(on) and on <= day, "on {} is not a day up to {}", seq, on, day)
            return received, day
        latest = local.isoformat(timespec="minutes")
        proper = is_local(on) and in_years(on) and on <= latest
        require(proper, "on {} is not a local time up to {}", seq, on, latest)
        moment = law.clock.moment(datetime.fromisoformat(on))
        return moment, law.clock.local(moment).date().isoformat()
    except OverflowError:
        raise Failed(4, "a date is beyond the calendar", entry=seq) from None


def require_exhibits(exhibits: Any, seq: int, beyond: list[str]) -> None:
    """Section 4. That each is public or sealed, with its hash, is seen in check 2."""
    require(1 <= len(exhibits) <= 100, "found {} exhibits; expected 1 to 100", seq, len(exhibits))
    for exhibit in exhibits:
        name = exhibit.get("name")
        plain = isinstance(name, str) and _FILE_NAME.match(name) is not None and name not in (".", "..")
        require(plain, "the exhibit's name {} is not a plain file name", seq, name)
        permitted = (
            {"bytes", "kind", "name", "sha256"}
            if exhibit["kind"] == "public"
            else {"commitment", "kind", "name"}
        )
        beyond.extend(f"exhibits/{field}" for field in exhibit.keys() - permitted)


def require_paper(entry: Entry, seq: int) -> None:
    """`paper` is the hash of one of the act's public exhibits."""
    if "paper" in entry:
        own = [exhibit.get("sha256") for exhibit in entry.get("exhibits", [])]
        require(
            is_hash(entry["paper"]) and entry["paper"] in own, "`paper` is no public exhibit of the act", seq
        )


def require_fresh(seen: Any, seq: int, standing: Standing, contest: str | None, place: str | None) -> None:
    """`seen` is below `seq`, and no entry of the same contest and place came after it."""
    require(is_whole(seen) and seen < seq, "seen {} is not an earlier entry", seq, seen)
    newest = standing.newest.get((contest, place), -1)
    require(newest <= seen, "seen {} is stale: entry {} has the same contest and place", seq, seen, newest)


# Details, section 3 ------------------------------------------------------------


def require_detail(
    detail: dict[str, Any],
    seq: int,
    spec: ActSpec,
    contest: Contest | None,
    named: Set[str],
    beyond: list[str],
) -> None:
    """The fields that the act must and may carry, each of its type."""
    for name in spec.needs:
        require(name in detail, "the detail has no field `{}`", seq, name)
    asked = Asked(spec, contest, seq, named)
    for name, value in detail.items():
        if name not in spec.needs and name not in spec.may and name not in ALWAYS_MAY:
            beyond.append(f"detail/{name}")
        else:
            require(
                TYPES.get(name, is_anything_else)(value, asked), "the detail's `{}` is {}", seq, name, value
            )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the type of a detail field may depend on."""

    spec: ActSpec
    contest: Contest | None
    seq: int
    named: Set[str]


def is_choice(value: Any, asked: Asked) -> bool:
    return isinstance(value, str) and asked.contest is not None and value in asked.contest.choice_ids


def is_number(value: Any, _: Asked) -> bool:
    return is_whole(value)


def is_earlier(value: Any, asked: Asked) -> bool:
    return is_whole(value) and value < asked.seq


def is_exhibit(value: Any, asked: Asked) -> bool:
    return is_hash(value) and value in asked.named


def is_risk_limit(value: Any, _: Asked) -> bool:
    found = fraction(value)
    return found is not None and 0 < found[0] < found[1] < 10**9 and gcd(*found) == 1


def is_a_seed(value: Any, _: Asked) -> bool:
    return is_seed(value)


def is_checkpoint(value: Any, _: Asked) -> bool:
    """The text of a checkpoint with signature lines; whether it holds is for its effect to say."""
    try:
        parse_signed(value.encode() if isinstance(value, str) else b"")
    except BadNote:
        return False
    return True


def is_tie_breaker(value: Any, _: Asked) -> bool:
    return is_words(value)


def is_numbers_by_name(value: Any, _: Asked) -> bool:
    good = isinstance(value, dict) and bool(value)
    return good and all(NAME.match(name) and is_whole(n) for name, n in value.items())


def is_table(value: Any, asked: Asked) -> bool:
    good = isinstance(value, dict) and bool(value) and all(map(NAME.match, value))
    return good and all(is_numbers_by_name(row, asked) for row in value.values())


def is_returns(value: Any, asked: Asked) -> bool:
    """The form of returns (section 6); their arithmetic is check 6."""
    if not isinstance(value, dict) or asked.contest is None or not value.keys() <= {"votes", "modes", *PARTS}:
        return False
    choices, modes = asked.contest.choices, value.get("modes", {})
    return (
        is_count_by(value.get("votes"), choices)
        and all(is_whole(value[part]) for part in PARTS if part in value)
        and isinstance(modes, dict)
        and ("modes" not in value or bool(modes))
        and all(NAME.match(name) and is_count_by(mode, choices) for name, mode in modes.items())
    )


def is_readings(value: Any, asked: Asked) -> bool:
    """Pairs of an item and a reading, no item twice (sections 3 and 8)."""
    if not isinstance(value, list) or not 1 <= len(value) <= 1000:
        return False
    choices: Set[str] = asked.contest.choice_ids if asked.contest else frozenset()
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            return False
        if pair[1] not in choices and pair[1] not in READINGS:
            return False
    return len({pair[0] for pair in value}) == len(value)


def is_opening(value: Any, asked: Asked) -> bool:
    """Fields of `open_book` alone; `opening` looks at them."""
    return asked.spec.effect == "open" and isinstance(value, (dict, list))


def is_opening_file(value: Any, asked: Asked) -> bool:
    """Likewise, in a public exhibit of entry 0."""
    return asked.spec.effect == "open" and is_exhibit(value, asked)


def is_anything_else(value: Any, _: Asked) -> bool:
    if isinstance(value, list):
        return 1 <= len(value) <= 1000 and all(is_words(item) for item in value)
    return is_words(value) or isinstance(value, bool) or is_whole(value)


def is_words(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 4000


TYPES: dict[str, Callable[[Any, Asked], bool]] = {
    "choice": is_choice,
    **dict.fromkeys(("sample", "vacant", "seats", "not_appointed", "size"), is_number),
    **dict.fromkeys(("corrects", "finding"), is_earlier),
    **dict.fromkeys(("manifest", "law_file"), is_exhibit),
    "returns": is_returns, "risk_limit": is_risk_limit, "seed": is_a_seed, "checkpoint": is_checkpoint,
    "tie_breaker": is_tie_breaker,
    **dict.fromkeys(("president", "vice_president", "members"), is_numbers_by_name),
    **dict.fromkeys(("table", "vice_table"), is_table),
    "readings": is_readings,
    **dict.fromkeys(("election", "contests", "places", "law"), is_opening),
    **dict.fromkeys(("contests_file", "places_file"), is_opening_file), **auditform.TYPES,
    **officersform.TYPES,
}  # fmt: skip
