"""The risk measured: for each assertion, how strongly the numbers drawn speak against "it is false".

One stratum is tested with the default bet (``docs/spec/risk.md``), many assertions on the same draws at once;
several strata with the union test (``strata``). A published risk is rounded up; whether it is at most the
limit is decided exactly. A stratum read in full decides by its count and publishes no risk.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import msgspec
import numpy as np

from tallybook.audit.evidence import Part
from tallybook.audit.strata import union_is_met, union_risk
from tallybook.stats.certainty import at_most, p_between, publish, published, risk_limit
from tallybook.stats.confidence import mean_between
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.errors import require
from tallybook.stats.lattice import Null
from tallybook.stats.many import Risks, default_risks
from tallybook.stats.martingale import Wealth, wealth

How = Literal["sample", "strata", "count", "bound", "nothing"]
"""What a risk rests on: a sample; several strata; every card read; the bounds alone; no card read yet."""


class Evidence(msgspec.Struct, frozen=True, eq=False):
    """All that speaks for one assertion. ``outside``: the fewest points of cards in no part, at most 0."""

    name: str
    parts: tuple[Part, ...]
    outside: int = 0


class Risk(msgspec.Struct, frozen=True):
    """The risk of one assertion. ``risk`` is the published string; after a full count "0" (true) or "1"."""

    name: str
    risk: str
    is_met: bool
    how: How
    cards: int


class SingleTest(msgspec.Struct, frozen=True, eq=False):
    """One stratum as the engine takes it."""

    x: np.ndarray
    null: Null
    prior: Prior
    scale: int


def measure(evidence: Sequence[Evidence], limit: object) -> list[Risk]:
    """The risk of every assertion, in the order given."""
    alpha = risk_limit(limit)
    found: dict[int, Risk] = {}
    single: dict[int, SingleTest] = {}
    for place, one in enumerate(evidence):
        test = _single(one)
        if test is None:
            found[place] = _special(one, alpha)
        else:
            single[place] = test
    for group in _alike(single):
        found |= _together({p: single[p] for p in group}, evidence, alpha)
    return [found[place] for place in range(len(evidence))]


def contest_risk(risks: Sequence[Risk]) -> Risk:
    """The risk of the outcome: the largest over its assertions. A wrong outcome makes one of them false."""
    require(len(risks) > 0, "risks", 0, "at least one assertion")
    worst = max(risks, key=lambda r: Fraction(r.risk))
    return msgspec.structs.replace(worst, is_met=all(r.is_met for r in risks))


def single_test(part: Part, outside: int = 0) -> SingleTest:
    """A single stratum as numbers and a null mean, on the smallest lattice that holds both."""
    offset = part.offset - part.unit * outside
    s = part.N // math.gcd(part.N, offset)
    null = Null(offset * s // part.N, part.top * s, None if part.replace else part.N, part.unit * s)
    prior = Prior(tuple(v * s for v in part.prior), tuple(part.prior.values()))
    wide = null.u >= 2**62
    return SingleTest(np.asarray(part.x, dtype=object if wide else None) * s, null, prior, s)


def path(part: Part, outside: int = 0) -> Wealth:
    """The wealth after every draw of one stratum: what is drawn as a curve, and what a checker recomputes."""
    test = single_test(part, outside)
    return wealth(test.x, test.null, default_bet(test.prior))


Between = tuple[int, int | None]
"""The least and the most true points; no most where the numbers say nothing from above (``Part.capped``)."""


def points_between(part: Part, limit: object, outside: int = 0) -> Between:
    """A confidence interval for the true points of one stratum, and of cards outside it at their worst.

    It misses with a chance of at most ``limit``, however often one looks; ends are rounded outwards. For a
    plurality assertion the points are the true margin in votes.
    """
    x = [int(v) for v in part.x]
    alpha = risk_limit(limit)
    require(alpha < 1, "limit", limit, "a level below 1")
    low, high = mean_between(x, None if part.replace else part.N, alpha, part.top, parts=2**24)
    ends = (low * part.N - part.offset) / part.unit, (high * part.N - part.offset) / part.unit
    return math.floor(ends[0]) + outside, None if part.capped else math.ceil(ends[1]) + outside


def withstands(
    part: Part, limit: object, size: int, outside: int = 0, right: int | None = None
) -> int | None:
    """How many of the drawn numbers could have been lower by ``size`` points, with the limit still met.

    right: the number from which a draw speaks for the assertion; half the top where absent, a compared card
    without error. Such draws are changed, first drawn first: errors after the limit was met would change
    nothing, since the risk is the least so far. None: not met as it is.
    """
    usual = part.top // 2 if right is None else right
    change = size * part.unit
    require(0 < change <= usual, "size", size, f"points from 1 to {usual // part.unit}")
    good = speaking_for(part, usual)

    def is_met(errors: int) -> bool:
        return at_most(path(lowered(part, good[:errors], change), outside), limit)

    return most_borne(is_met, len(good)) if len(part.x) else None


def speaking_for(part: Part, right: int) -> np.ndarray:
    """The places of the draws with a number of at least ``right``, in the order of the draw."""
    return np.flatnonzero(np.asarray(part.x) >= right)


def lowered(part: Part, places: np.ndarray, change: int) -> Part:
    """The part with these draws lower by ``change`` lattice units."""
    x = np.array(part.x)
    x[places] -= change
    return msgspec.structs.replace(part, x=x)


def most_borne(is_met: Callable[[int], bool], most: int) -> int | None:
    """The largest number of errors, at most ``most``, with which the limit is met; None: not even without."""
    if not is_met(0):
        return None
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_met(middle) else (low, middle)
    return low


def _single(one: Evidence) -> SingleTest | None:
    """The one test that decides, where there is one stratum, partly read, and anything left to decide."""
    if len(one.parts) != 1 or one.parts[0].is_census or not len(one.parts[0].x):
        return None
    part = one.parts[0]
    offset = part.offset - part.unit * one.outside
    return single_test(part, one.outside) if 0 <= offset < part.top * part.N else None


def _special(one: Evidence, alpha: Fraction) -> Risk:
    """Everything that is not one partly read stratum."""
    cards = sum(len(part.x) for part in one.parts)
    if all(part.is_census for part in one.parts):
        holds = true_points(one) > 0
        return Risk(one.name, "0" if holds else "1", holds, "count", cards)
    room = sum(Fraction(part.offset, part.unit) for part in one.parts) - one.outside
    if room < 0:
        return Risk(one.name, "0", True, "bound", cards)
    if room >= sum(Fraction(part.top * part.N, part.unit) for part in one.parts):
        return Risk(one.name, "1", alpha == 1, "bound", cards)
    if cards == 0:
        return Risk(one.name, "1", alpha == 1, "nothing", 0)
    p = union_risk(one.parts, one.outside).p
    return Risk(one.name, publish(p), union_is_met(one.parts, p, alpha, one.outside), "strata", cards)


def true_points(one: Evidence) -> Fraction:
    """The points of all cards where every part was read in full (those outside at their worst)."""
    require(all(part.is_census for part in one.parts), "parts", one.name, "parts read in full")
    sums = (Fraction(int(np.sum(part.x)) - part.offset, part.unit) for part in one.parts)
    return sum(sums, Fraction(one.outside))


def _alike(tests: Mapping[int, SingleTest]) -> list[list[int]]:
    """Tests that can be played together: as many draws, and one prior up to the scale."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, test in tests.items():
        values = tuple(v // test.scale for v in test.prior.values)
        groups.setdefault((len(test.x), values, test.prior.weights), []).append(place)
    return list(groups.values())


def _together(
    tests: Mapping[int, SingleTest], evidence: Sequence[Evidence], alpha: Fraction
) -> dict[int, Risk]:
    """One group: all at once where their numbers are few and known, else one by one."""
    codes = _codes(tests) if len(tests) > 1 else None
    if codes is None:
        return {p: _one(evidence[p].name, test, alpha) for p, test in tests.items()}
    first = next(iter(tests.values()))
    values = [v // first.scale for v in first.prior.values]
    order = list(tests)
    risks = default_risks(
        codes, values, [tests[p].scale for p in order], [tests[p].null for p in order], first.prior.weights
    )
    return {p: _read_off(evidence[p].name, tests[p], risks, a, alpha) for a, p in enumerate(order)}


def _codes(tests: Mapping[int, SingleTest]) -> np.ndarray | None:
    """(n, A) the place of each drawn number in the prior; None where one is not in it, or is too wide."""
    first = next(iter(tests.values()))
    values = np.array([v // first.scale for v in first.prior.values])
    if len(values) > 255 or any(test.x.dtype == object for test in tests.values()):
        return None
    order = np.argsort(values)
    columns = []
    for test in tests.values():
        x = test.x // test.scale
        at = np.minimum(np.searchsorted(values[order], x), len(values) - 1)
        if (values[order][at] != x).any():
            return None
        columns.append(order[at].astype(np.uint8))
    return np.stack(columns, axis=1)


def _read_off(name: str, test: SingleTest, risks: Risks, a: int, alpha: Fraction) -> Risk:
    """The published risk and the exact decision: from doubles where these leave no doubt."""
    peak, error = float(risks.log_peak[a]), float(risks.error[a])
    if a in risks.played or not math.isfinite(peak):
        return _one(name, test, alpha)
    low, high = p_between(max(0.0, peak - error), max(0.0, peak + error))
    low, high = low * (1 - Fraction(1, 2**48)), min(Fraction(1), high * (1 + Fraction(1, 2**48)))
    if publish(low) != publish(high) or low <= alpha < high:
        return _one(name, test, alpha)
    return Risk(name, publish(high), high <= alpha, "sample", len(test.x))


def _one(name: str, test: SingleTest, alpha: Fraction) -> Risk:
    w = wealth(test.x, test.null, default_bet(test.prior))
    return Risk(name, published(w), at_most(w, alpha), "sample", len(test.x))
