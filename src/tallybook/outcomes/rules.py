"""The rules by which a contest is counted: short values, and the readable file they come from.

For the official who must state a law as a rule and the observer who compares the two. A rules file is TOML:
who made the law, its citations, one method, and three short tables (``ballot``, ``count``, ``ties``).
``docs/reference/counting.md`` explains every key; ``docs/spec/counting.md`` defines what each one does.
Nothing here counts. Text comes in; rules, or every problem found in the text, go out.
"""

import datetime
import tomllib
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal, get_args, get_type_hints

import msgspec

from tallybook.election import Problem

Method = Literal[
    "plurality",
    "majority_or_runoff",
    "super_majority",
    "approval",
    "cumulative",
    "ranked_choice",
    "sequential_ranked_choice",
    "bottoms_up",
    "single_transferable_vote",
    "borda",
    "score",
    "star",
]
Overvote = Literal[
    "exhaust",
    "skip",
    "exhaust_if_any_continuing",
    "exhaust_if_several_continuing",
    "wait_while_several_continuing",
]
TieMethod = Literal[
    "previous_round", "earlier_rounds", "first_round", "lot", "permutation", "order", "people"
]


class BallotRules(msgspec.Struct, frozen=True):
    """How one ranked ballot is read. None for a limit means that there is none."""

    max_rankings: int | None = None
    overvote: Overvote = "exhaust"
    max_skipped: int | None = None
    duplicate: Literal["skip", "exhaust"] = "skip"


class CountRules(msgspec.Struct, frozen=True):
    """How to count. The first block serves one seat, the second several, the last shares and points.

    ``stop_after_round`` serves all counts in rounds; 0 is no limit. ``runoff_on`` is the day of the runoff,
    if nobody has a majority.
    """

    threshold: Literal["majority_of_continuing", "majority_of_first_round"] = "majority_of_continuing"
    until: Literal["majority", "two_remain"] = "majority"
    batch: Literal["none", "cannot_reach", "cannot_pass"] = "none"
    minimum_votes: int = 0
    stop_after_round: int = 0

    quota: Literal["droop", "hare"] = "droop"
    quota_form: Literal["next_whole", "next_unit", "or_more"] = "next_whole"
    places: int = 4
    elect: Literal["all", "one"] = "all"
    transfer: Literal["all", "largest"] = "largest"
    transfer_value: Literal["fraction_first", "product_first"] = "fraction_first"

    runoff_on: datetime.date | None = None

    share: Fraction | None = None
    comparison: Literal["at_least", "more_than"] = "at_least"
    points: tuple[Fraction, ...] = ()
    most_points: int = 5


class TieRules(msgspec.Struct, frozen=True):
    """How a tie is settled: each method in turn narrows the tie. ``order`` serves the method of that name."""

    break_by: tuple[TieMethod, ...] = ("people",)
    order: tuple[str, ...] = ()


class Rules(msgspec.Struct, frozen=True):
    """One way of counting. ``law`` cites; ``verified`` says which words were read, or which published count
    was found again; ``unverified`` says what nobody has checked against the law.

    ``seats`` is None where the contest says how many. ``excluded`` choices are passed over on every ballot.
    """

    name: str
    method: Method
    law: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    seats: int | None = None
    excluded: tuple[str, ...] = ()
    ballot: BallotRules = BallotRules()
    count: CountRules = CountRules()
    ties: TieRules = TieRules()
    verified: tuple[str, ...] = ()


TABLES: dict[str, type[msgspec.Struct]] = {"ballot": BallotRules, "count": CountRules, "ties": TieRules}
LEAST = {
    "max_rankings": 1, "max_skipped": 0, "minimum_votes": 0, "stop_after_round": 0, "places": 0, "seats": 1,
    "most_points": 1,
}  # fmt: skip
MOST = {"places": 20}
NO_LIMIT = {"max_rankings": "all", "max_skipped": "unlimited"}


def read_rules(text: str, where: str = "rules file") -> tuple[Rules | None, tuple[Problem, ...]]:
    """A rules file. Gives (rules, ()) or (None, every problem found)."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mend = "Correct the line named and read the file again."
        return None, (Problem(where, str(error), "a TOML file", mend),)
    problems: list[Problem] = []
    parts = {
        name: _read(table.pop(name, {}), kind, f"{where}, [{name}]", problems)
        for name, kind in TABLES.items()
    }
    top = _read(table, Rules, where, problems, already=frozenset(parts))
    problems += [
        Problem(where, f"no {name}", "one", f"Add the line {name} = ...")
        for name in ("name", "method")
        if name not in table
    ]
    if problems:
        return None, tuple(problems)
    read: dict[str, Any] = {name: kind(**parts[name]) for name, kind in TABLES.items()}
    rules = Rules(**top, **read)
    found = check_rules(rules, where)
    return (None, found) if found else (rules, ())


def check_rules(rules: Rules, where: str = "rules") -> tuple[Problem, ...]:
    """What the rules say that cannot hold together; empty where they can."""
    count, problems = rules.count, []
    if rules.method == "super_majority" and count.share is None:
        problems.append(_wrong(where, "no share", 'a share such as "2/3"', "Add share to [count]."))
    if rules.method == "majority_or_runoff" and count.runoff_on is None:
        mend = "Add runoff_on = 2021-01-05 to [count], with the day that the law sets."
        problems.append(_wrong(where, "no runoff_on", "the day of the runoff", mend))
    if count.share is not None and not 0 < count.share <= 1:
        problems.append(
            _wrong(where, f"share {count.share}", "more than 0 and at most 1", "Correct the share.")
        )
    if rules.method == "majority_or_runoff" and (rules.seats or 1) > 1:
        problems.append(_wrong(where, f"{rules.seats} seats", "one seat", "State the law for several seats."))
    if rules.method == "ranked_choice" and (rules.seats or 1) > 1:
        mend = "Choose sequential_ranked_choice, bottoms_up or single_transferable_vote, or one seat."
        problems.append(_wrong(where, f"{rules.seats} seats by ranked_choice", "one seat", mend))
    if "order" in rules.ties.break_by and not rules.ties.order:
        problems.append(_wrong(where, "break_by order without an order", "the order", "Add order to [ties]."))
    if not rules.ties.break_by:
        problems.append(_wrong(where, "no way to break a tie", "at least one", 'Add break_by = ["people"].'))
    if count.quota == "droop" and count.quota_form == "or_more":
        mend = "Choose next_whole or next_unit; an exact share of seats + 1 could elect one too many."
        problems.append(
            _wrong(where, "quota droop with or_more", "a quota that elects no more than seats", mend)
        )
    if any(earlier < later for earlier, later in pairwise(count.points)):
        problems.append(_wrong(where, "points that rise", "points that fall or stay", "Correct points."))
    return tuple(problems)


def _read(
    table: object,
    kind: type[msgspec.Struct],
    where: str,
    problems: list[Problem],
    already: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The fields of one table that are well formed; a problem for each that is not."""
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name not in already}
    if not isinstance(table, dict):
        problems.append(_wrong(where, repr(table), "a table", "Write it as a [table] with keys."))
        return {}
    for name in table.keys() - hints.keys():
        problems.append(
            _wrong(f"{where}, {name}", "an unknown key", ", ".join(hints), "Correct or remove it.")
        )
    read: dict[str, Any] = {}
    for name in hints.keys() & table.keys():
        try:
            read[name] = _field(name, table[name], hints[name])
        except (ValueError, TypeError, ZeroDivisionError, msgspec.ValidationError):
            found, wanted = repr(table[name]), _wanted(name, hints[name])
            problems.append(_wrong(f"{where}, {name}", found, wanted, "Correct the value."))
    return read


def _field(name: str, value: object, hint: Any) -> Any:
    if name in NO_LIMIT and value == NO_LIMIT[name]:
        return None
    if name == "share":
        return _fraction(value)
    if name == "points":
        return tuple(_fraction(one) for one in msgspec.convert(value, list[Any]))
    read = msgspec.convert(value, hint)
    if name in LEAST and not LEAST[name] <= read <= MOST.get(name, read):
        raise ValueError(name)
    return read


def _fraction(value: object) -> Fraction:
    """A fraction as "2/3" or a whole number; never a float, which could not be exact."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(value)
    return Fraction(value)


def _wanted(name: str, hint: Any) -> str:
    """What a field may hold, in words."""
    if name == "runoff_on":
        return "a day, such as 2021-01-05 without quotation marks"
    if name in ("share", "points"):
        return 'fractions in quotation marks, such as "2/3"'
    if name in LEAST:
        most = f" to {MOST[name]}" if name in MOST else " or more"
        return f"a whole number, {LEAST[name]}{most}" + (
            f', or "{NO_LIMIT[name]}"' if name in NO_LIMIT else ""
        )
    inner = get_args(hint)[0] if get_args(hint) and get_args(get_args(hint)[0]) else hint
    values = [str(one) for one in get_args(inner) if one is not Ellipsis]
    if all(isinstance(one, str) for one in get_args(inner)) and values:
        return ("a list of: " if inner is not hint else "one of: ") + ", ".join(values)
    return "a list of texts" if get_args(hint) else "a text"


def _wrong(where: str, found: str, expected: str, mend: str) -> Problem:
    return Problem(where, found, expected, mend)
