"""An audit by plan: from what was reported to margins, batches and their counts, and the risk of evidence.

For the book, which enters the results, after ``docs/spec/audit.md``. The plan says per contest or stratum
how cards become evidence; the numbers of cards are in ``planned_numbers``, the size of a further round
in ``planned_more``. Whether an audit may be planned, read or stopped at all is for the record.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

import msgspec
import numpy as np

from tallybook.audit.assertions import AboveShare, Ahead, Assertion, BelowShare, Ranked
from tallybook.audit.assorters import Assorter, assorter
from tallybook.audit.batches import Bounds, batch_bounds, batch_part
from tallybook.audit.certificate import Certificate, open_order, published, read_certificate
from tallybook.audit.claims import most_votes, runoff
from tallybook.audit.comparison import ErrorRates
from tallybook.audit.evidence import Scale
from tallybook.audit.measuring import Evidence, measure
from tallybook.audit.readings import ranks, selections
from tallybook.election import Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.outcomes.rules import Rules

How = Literal["polling", "comparison", "pools", "batches", "strata"]
NOT_FOUND, NOT_ON_CARD, UNOPENED = "not_found", "not_on_card", "unopened"
Seen = Pattern | str
"""What stands on a card: a pattern, or that it was not found, or lacks the contest; of a record, unopened."""


class Subject(msgspec.Struct, frozen=True):
    """One contest of a plan, or one stratum of it: its choices, rules where it is ranked, what is asserted.

    how: `strata` where the contest has several; cards: N of the population; outside: cards in no batch;
    carries: a reading without the contest counts against the assertion.
    """

    contest: Contest
    assertions: tuple[Assertion, ...]
    how: How
    cards: int
    outside: int
    carries: bool
    rules: Rules | None = None
    rates: ErrorRates = ErrorRates()


class Reported(msgspec.Struct, frozen=True, eq=False):
    """What was reported: points per assertion; for the bet of a polled stratum its patterns and counts."""

    sums: tuple[int, ...]
    phantoms: int
    patterns: tuple[Pattern, ...] = ()
    counts: tuple[int, ...] = ()


def implied(contest: Contest, method: str, elected: Sequence[str], advance: Sequence[str]) -> Any:
    """The assertions that an outcome without rounds asks for, in order; None where no sample can show it."""
    if method == "majority_or_runoff" and advance:
        found: Any = runoff(contest, advance)
        return getattr(found, "assertions", None)
    if method == "majority_or_runoff":
        return (AboveShare(elected[0], Fraction(1, 2)),) if len(elected) == 1 else None
    if advance or len(elected) != contest.seats:
        return None
    return getattr(most_votes(contest, elected), "assertions", None) or None


def suffices(contest: Contest, winner: str, assertions: Sequence[Ranked]) -> bool:
    """Whether ranked assertions are a good certificate for this winner (assertions.md, section 9)."""
    try:
        whole = Certificate(contest.choice_ids, (winner,), tuple(assertions))
        return open_order(read_certificate(published(whole))) is None
    except (ValueError, KeyError):
        return False


def assorters(subject: Subject, patterns: Sequence[Pattern]) -> tuple[Assorter, ...]:
    """The table of every assertion over these patterns."""
    if subject.rules is not None:
        reading: Any = ranks(subject.contest, patterns, subject.rules)
    else:
        reading = selections(subject.contest, patterns)
    return tuple(assorter(one, reading) for one in subject.assertions)


def scales(subject: Subject) -> tuple[Scale, ...]:
    """Least and most of every assertion."""
    return tuple(Scale(one.least, one.most) for one in assorters(subject, (Pattern(()),)))


def points_of_votes(assertion: Assertion, votes: Mapping[str, int]) -> int:
    """The points of a total of votes: only where an assertion is linear in them."""
    match assertion:
        case Ahead(winner, loser):
            return votes[winner] - votes[loser]
        case AboveShare(choice, share) | BelowShare(choice, share):
            above = share.denominator * votes[choice] - share.numerator * sum(votes.values())
            return above if isinstance(assertion, AboveShare) else -above
    raise ValueError("This assertion needs the rows of its cards.")


def sums_of_rows(subject: Subject, patterns: Sequence[Pattern], counts: Sequence[int]) -> tuple[int, ...]:
    """S of every assertion over published rows."""
    column = np.array(counts, dtype=np.int64)
    return tuple(int(one.weights @ column) for one in assorters(subject, patterns))


def hopeless(subject: Subject, reported: Reported) -> int | None:
    """The place of the first assertion that no sample can show; None where a sample can show every one."""
    gone = reported.phantoms + subject.outside
    found = zip(scales(subject), reported.sums, strict=True)
    return next((at for at, (scale, total) in enumerate(found) if total + scale.least * gone <= 0), None)


def one_mark(contest: Contest) -> tuple[Pattern, ...]:
    """The patterns of one mark each: every choice, then a write-in."""
    return tuple(Pattern((Mark(name),)) for name in (*contest.choice_ids, "write_in"))


class Batched(msgspec.Struct, frozen=True, eq=False):
    """The batches of a plan: cards of each, weights over all assertions, and points reported of each.

    points[c][a]: batch -> points; margins[c][a]: M of measuring.md, section 5.
    """

    cards: Mapping[str, int]
    bounds: Bounds
    points: tuple[tuple[Mapping[str, int], ...], ...]
    margins: tuple[tuple[int, ...], ...]


def batched(
    subjects: Sequence[Subject], cards: Mapping[str, int], votes: Sequence[Mapping[str, Mapping[str, int]]]
) -> Batched:
    """The bounds of all batches. votes[c]: batch -> choice -> votes reported."""
    points = tuple(
        tuple({b: points_of_votes(one, votes[c][b]) for b in cards} for one in subject.assertions)
        for c, subject in enumerate(subjects)
    )
    least = [[scale.least for scale in scales(subject)] for subject in subjects]
    margins = tuple(
        tuple(sum(row.values()) + low * subject.outside for row, low in zip(points[c], least[c], strict=True))
        for c, subject in enumerate(subjects)
    )
    flat = [row for of in points for row in of]
    bounds = batch_bounds(flat, cards, [x for of in least for x in of], [m for of in margins for m in of])
    return Batched(cards, bounds, points, margins)


def counted_batches(
    at: int, subject: Subject, whole: Batched, drawn: Sequence[str], counts: Mapping[str, Any]
) -> list[Evidence]:
    """The evidence of batches counted by hand. counts: batch -> choice -> votes, or not found."""
    found = []
    for a, (one, scale) in enumerate(zip(subject.assertions, scales(subject), strict=True)):
        errors = {}
        for batch in set(drawn):
            read = counts[batch]
            lost = scale.least * whole.cards[batch]
            now = lost if read == NOT_FOUND else points_of_votes(one, read)
            errors[batch] = whole.points[at][a][batch] - now
        part = batch_part(whole.bounds, whole.margins[at][a], scale.least, drawn, errors, subject.outside)
        found.append(Evidence(str(a), (part,), scale.least * subject.outside))
    return found


def answer(evidence: Sequence[Evidence], limit: Fraction) -> tuple[list[str], list[bool]]:
    """The risk of every assertion of a contest as published, and whether it is at most the limit, exactly."""
    risks = measure(evidence, limit)
    return [one.risk for one in risks], [one.is_met for one in risks]


def worst(risks: Sequence[str]) -> str:
    """The largest of published risks."""
    return max(risks, key=Fraction)


def votes_of(contest: Contest, seen: Sequence[Seen]) -> dict[str, int]:
    """The votes of all cards as read; a card with more marks than are allowed gives none."""
    patterns = [one for one in seen if isinstance(one, Pattern)]
    values = selections(contest, tuple(patterns)).values if patterns else np.zeros((1, 0), dtype=np.int64)
    totals = values.sum(axis=0).tolist() if patterns else [0] * len(contest.choices)
    return dict(zip(contest.choice_ids, totals, strict=True))


def share_below(text: str) -> Fraction | None:
    """A fraction in lowest terms from 0 to below 1/10; None where it is no such."""
    if text == "0":
        return Fraction(0)
    top, _, bottom = text.partition("/")
    if not (top.isascii() and bottom.isascii() and top.isdecimal() and bottom.isdecimal()):
        return None
    a, b = int(top), int(bottom)
    if f"{a}/{b}" != text or not 0 < a < b < 10**9 or math.gcd(a, b) != 1:
        return None
    return Fraction(a, b) if Fraction(a, b) < Fraction(1, 10) else None
