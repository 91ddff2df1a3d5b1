"""What a weighted survey says, and how sure it can be: weights, shares, intervals, trends, changes.

For whoever compares a published poll with its data, or reads a change between two polls.  Raking follows
Deming and Stephan (Ann. Math. Statist. 11 (1940) 427-444); the design effect of unequal weights and the
effective sample size follow Kish (Survey Sampling, 1965, section 11.7); the interval of a share is
Wilson's (J. Am. Stat. Assoc. 22 (1927) 209-212) with the effective size in place of the number asked.
Ends of intervals are rounded outward.

What no formula here covers: who could not be reached, who would not answer, and how the question was put.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallybook.stats.errors import is_number, require, require_inside, require_whole

Floats = NDArray[np.float64]
OUTWARD = 1e-12


@dataclass(frozen=True, slots=True)
class Raked:
    """Weights after raking (mean 1), the rounds needed and the largest gap left in any share.

    converged: the gap is at most the tolerance.  If not, the weights MUST NOT be used without saying so.
    """

    weights: Floats
    rounds: int
    largest_gap: float
    converged: bool


@dataclass(frozen=True, slots=True)
class Share:
    """A weighted share with its interval, the number asked and the effective number."""

    share: float
    low: float
    high: float
    asked: int
    effective: float


@dataclass(frozen=True, slots=True)
class Poll:
    """One published share: its day number, its size, how many were asked, the design effect (1 or more)."""

    day: int
    share: float
    asked: float
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True)
class Average:
    """The average of the polls in a window: `share` is None on a day with no poll in it."""

    day: int
    share: float | None
    low: float
    high: float
    polls: int


@dataclass(frozen=True, slots=True)
class Change:
    """later share - earlier share, with its interval.  clear: the interval leaves out 0."""

    change: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        return self.low > 0 or self.high < 0


def rake(
    answers: Mapping[str, Sequence[Hashable]],
    targets: Mapping[str, Mapping[Hashable, float]],
    base: ArrayLike | None = None,
    tolerance: float = 1e-9,
    most_rounds: int = 1000,
) -> Raked:
    """Weights whose shares equal the targets in every variable (iterative proportional fitting).

    answers: variable -> each respondent's category.  targets: variable -> category -> share, adding to 1.
    base: the weights to begin with, 1 each if left out.  One round fits every variable once.
    """
    require(len(answers) > 0, "answers", 0, "the answers to at least one question")
    require(len(targets) > 0, "targets", 0, "the shares wanted of at least one variable")
    size = len(next(iter(answers.values())))
    w = check_weights(np.ones(max(1, size)) if base is None else base, "base")
    require(len(w) == max(1, size), "base", len(w), f"one weight for each of {size} respondents")
    w = w / w.mean()
    cells = [fitting(name, answers, targets, size) for name in targets]
    gap, rounds = math.inf, 0
    while gap > tolerance and rounds < most_rounds:
        rounds += 1
        for codes, wanted in cells:
            have = np.bincount(codes, weights=w, minlength=len(wanted)) / w.sum()
            w = w * (wanted / np.where(have > 0, have, 1.0))[codes]
        gap = max(largest_gap(w, codes, wanted) for codes, wanted in cells)
    return Raked(w / w.mean(), rounds, gap, gap <= tolerance)


def design_effect(weights: ArrayLike) -> float:
    """Kish: n sum(w^2) / sum(w)^2, 1 or more; how much unequal weights swell the variance."""
    w = check_weights(weights)
    return float(len(w) * (w @ w) / w.sum() ** 2)


def effective_size(weights: ArrayLike) -> float:
    """Kish: sum(w)^2 / sum(w^2), the size of the simple random sample that would be as precise."""
    w = check_weights(weights)
    return float(w.sum() ** 2 / (w @ w))


def shares(answers: Sequence[Hashable], weights: ArrayLike) -> dict[Hashable, float]:
    """The weighted share of every answer, in the order in which the answers first occur."""
    w = check_weights(weights)
    require(len(answers) == len(w), "answers", len(answers), f"one for each of {len(w)} weights")
    categories = list(dict.fromkeys(answers))
    place = {category: k for k, category in enumerate(categories)}
    codes = np.array([place[a] for a in answers])
    totals = np.bincount(codes, weights=w, minlength=len(categories))
    return dict(zip(categories, (totals / w.sum()).tolist(), strict=True))


def topline(
    answers: Sequence[Hashable], weights: ArrayLike, confidence: float = 0.95
) -> dict[Hashable, Share]:
    """Every answer's weighted share with its interval, widened by the design effect of the weights."""
    effective = effective_size(weights)
    return {
        answer: Share(share, *interval(share, effective, confidence), len(answers), effective)
        for answer, share in shares(answers, weights).items()
    }


def crosstab(
    answers: Sequence[Hashable], groups: Sequence[Hashable], weights: ArrayLike, confidence: float = 0.95
) -> dict[Hashable, dict[Hashable, Share]]:
    """The topline within every group: a small group's own size decides how wide its intervals are."""
    w = check_weights(weights)
    require(len(answers) == len(groups) == len(w), "groups", len(groups), f"one for each of {len(w)} weights")
    members: dict[Hashable, list[int]] = {}
    for k, group in enumerate(groups):
        members.setdefault(group, []).append(k)
    return {g: topline([answers[k] for k in rows], w[rows], confidence) for g, rows in members.items()}


def interval(share: float, effective: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for a share seen in `effective` independent answers, rounded outward."""
    require(0 <= share <= 1, "share", share, "0 to 1")
    require(effective > 0, "effective", effective, "more than 0")
    z2 = z(confidence) ** 2
    centre = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * effective)) / effective) / (1 + z2 / effective)
    return max(0.0, centre - half - OUTWARD), min(1.0, centre + half + OUTWARD)


def margin_of_error(effective: float, confidence: float = 0.95, share: float = 0.5) -> float:
    """z sqrt(p (1 - p) / n): what polls publish as "plus or minus", largest at one half."""
    require(effective > 0, "effective", effective, "more than 0")
    require(0 <= share <= 1, "share", share, "0 to 1")
    return z(confidence) * math.sqrt(share * (1 - share) / effective) + OUTWARD


def size_for_margin(margin: float, effect: float = 1.0, confidence: float = 0.95) -> int:
    """How many to ask, so that the margin of error at one half is at most `margin`.  Also for a subgroup."""
    require_inside("margin", margin, "a margin")
    require(is_number(effect) and effect >= 1, "effect", effect, "1 or more")
    return math.ceil(effect * (z(confidence) / (2 * margin)) ** 2)


def rolling_average(polls: Sequence[Poll], days: int, confidence: float = 0.95) -> tuple[Average, ...]:
    """For every day from first to last, the average of the polls of the `days` days that end with it.

    Polls count by their effective size.  Where they disagree more than their sizes explain, the variance
    between them is added (DerSimonian and Laird, Control. Clin. Trials 7 (1986) 177-188) and Student's
    quantile is used, since few polls tell little about how far pollsters lean: two polls that disagree
    say almost nothing.  A lean that all share is not seen.  Neighbouring days share polls: their averages
    are not independent.
    """
    require_whole("days", days, 1)
    if not polls:
        return ()
    first, last = min(p.day for p in polls), max(p.day for p in polls)
    return tuple(
        average(day, [p for p in polls if day - days < p.day <= day], confidence)
        for day in range(first, last + 1)
    )


def average(day: int, polls: Sequence[Poll], confidence: float = 0.95) -> Average:
    """The average of these polls, weighted by effective size plus what their disagreement adds."""
    if not polls:
        return Average(day, None, 0.0, 1.0, 0)
    for one in polls:
        require(0 <= one.share <= 1, "share", one.share, "0 to 1")
        require(one.asked > 0 and one.design_effect >= 1, "poll", one, "asked > 0, design effect 1 or more")
    share = np.array([p.share for p in polls])
    size = np.array([p.asked / p.design_effect for p in polls])
    pooled = float(share @ size / size.sum())
    weight = size / max(pooled * (1 - pooled), 1e-12)
    extra = between_polls(share, weight)
    weight = 1 / (1 / weight + extra)
    centre = float(share @ weight / weight.sum())
    if extra == 0:
        return Average(day, centre, *interval(centre, float(size.sum()), confidence), len(polls))
    half = student(confidence, len(polls) - 1) / math.sqrt(float(weight.sum())) + OUTWARD
    return Average(day, centre, max(0.0, centre - half), min(1.0, centre + half), len(polls))


def change(
    earlier: float, earlier_effective: float, later: float, later_effective: float, confidence: float = 0.95
) -> Change:
    """The change between two independent polls, by Newcombe's interval (Statist. Med. 17 (1998) 873-890)."""
    low1, high1 = interval(earlier, earlier_effective, confidence)
    low2, high2 = interval(later, later_effective, confidence)
    moved = later - earlier
    return Change(
        moved,
        moved - math.hypot(later - low2, high1 - earlier) - OUTWARD,
        moved + math.hypot(high2 - later, earlier - low1) + OUTWARD,
    )


def changes_by_size(
    earlier: float, later: float, sizes: Sequence[float], confidence: float = 0.95
) -> dict[float, Change]:
    """The change when no sample size was published: one answer for each effective size assumed of both."""
    return {size: change(earlier, size, later, size, confidence) for size in sizes}


def size_for_clear_change(earlier: float, later: float, confidence: float = 0.95) -> int:
    """The smallest effective size of both polls at which the change is clear of 0."""
    require(0 <= earlier <= 1, "earlier", earlier, "0 to 1")
    require(0 <= later <= 1, "later", later, "0 to 1")
    require(earlier != later, "later", later, "another share than the earlier")
    too_small, enough = 0, 1
    while not change(earlier, enough, later, enough, confidence).clear:
        too_small, enough = enough, 2 * enough
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        clear = change(earlier, middle, later, middle, confidence).clear
        too_small, enough = (too_small, middle) if clear else (middle, enough)
    return enough


def z(confidence: float) -> float:
    """The normal quantile of a two-sided confidence: 1.96 for 0.95."""
    require_inside("confidence", confidence, "a confidence")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def student(confidence: float, freedom: int) -> float:
    """Student's two-sided quantile, from the closed form of his distribution for whole degrees of freedom."""
    low, high = 0.0, 1.0
    while student_within(high, freedom) < confidence:
        low, high = high, 2 * high
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if student_within(middle, freedom) < confidence else (low, middle)
    return high


def student_within(t: float, freedom: int) -> float:
    """P(|T| <= t), Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine2 = math.cos(angle) ** 2
    odd = freedom % 2
    term = total = (math.cos(angle) if odd else 1.0) if freedom > 1 else 0.0
    for k in range(1 + odd, freedom - 2, 2):
        term *= cosine2 * k / (k + 1)
        total += term
    return 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total


def between_polls(share: Floats, weight: Floats) -> float:
    """DerSimonian and Laird's variance between polls, 0 if they agree as well as their sizes imply."""
    spare = float(weight.sum() - weight @ weight / weight.sum())
    if spare <= 0:
        return 0.0
    centre = share @ weight / weight.sum()
    excess = float(weight @ (share - centre) ** 2) - (len(share) - 1)
    return max(0.0, excess / spare)


def fitting(
    name: str,
    answers: Mapping[str, Sequence[Hashable]],
    targets: Mapping[str, Mapping[Hashable, float]],
    size: int,
) -> tuple[NDArray[np.int64], Floats]:
    """One variable as codes of categories, and the shares wanted of them."""
    wanted, given = targets[name], answers.get(name, ())
    require(len(given) == size, f"answers[{name!r}]", len(given), f"{size} answers")
    fits = all(share > 0 for share in wanted.values()) and abs(math.fsum(wanted.values()) - 1) < 1e-9
    require(fits, f"targets[{name!r}]", dict(wanted), "shares above 0 that add to 1")
    same = set(given) == set(wanted)
    require(
        same,
        f"answers[{name!r}]",
        sorted(map(str, set(given))),
        f"{sorted(map(str, wanted))}, each at least once",
    )
    place: Callable[[Hashable], int] = {category: k for k, category in enumerate(wanted)}.__getitem__
    return np.array([place(a) for a in given]), np.array(list(wanted.values()), dtype=float)


def largest_gap(w: Floats, codes: NDArray[np.int64], wanted: Floats) -> float:
    have = np.bincount(codes, weights=w, minlength=len(wanted)) / w.sum()
    return float(np.abs(have - wanted).max())


def check_weights(weights: ArrayLike, argument: str = "weights") -> Floats:
    try:
        w = np.asarray(weights, dtype=float)
    except (TypeError, ValueError):
        w = np.zeros(0)
    good = w.ndim == 1 and len(w) > 0 and bool(np.isfinite(w).all()) and bool((w >= 0).all()) and w.sum() > 0
    require(good, argument, weights, "numbers 0 or more, not all 0")
    return w
