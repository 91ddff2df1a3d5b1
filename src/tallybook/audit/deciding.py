"""The next step of an audit: stop, another round of a stated size, or a full hand count.

For the official at the end of a round and the observer who asks why. Contest by contest: every assertion at
or below the limit, stop; everything counted, the outcome is that of the count, whoever won; otherwise
another round, whose size would meet the limit with a stated chance if errors go on as seen and expected; a
full hand count where that size passes the share of the cards at which counting all is the better way, or
where no sample can show the outcome. The size is planned by seeded simulation of the very bet that is used;
planning never decides.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import msgspec
import numpy as np

from tallybook.audit.evidence import Ints, Part
from tallybook.audit.measuring import Evidence, Risk, contest_risk, measure, single_test
from tallybook.audit.strata import union_risk
from tallybook.stats.certainty import risk_limit
from tallybook.stats.default_bet import default_bet
from tallybook.stats.errors import require
from tallybook.stats.martingale import wealths

Step = Literal["stop", "another_round", "full_hand_count", "count_decides"]


class Settings(msgspec.Struct, frozen=True):
    """How the next round is sized.

    chance    of ending the audit in the next round; share: part of the cards from which all are counted
    most      rounds before a full hand count, 0 for no limit
    trials, seed  of the simulation
    """

    chance: Fraction = Fraction(9, 10)
    share: Fraction = Fraction(1, 2)
    most: int = 0
    trials: int = 200
    seed: int = 20_201_103


USUAL = Settings()


class Decision(msgspec.Struct, frozen=True):
    """What to do next in one contest, with the risks that it rests on. ``draws``: further cards or batches.

    With several strata ``draws`` is the sum, to be shared in proportion to what each has drawn.
    """

    contest_id: str
    step: Step
    risk: str
    risks: tuple[Risk, ...]
    draws: int
    why: tuple[str, ...]


def decide(
    contest_id: str,
    evidence: Sequence[Evidence],
    limit: object,
    rounds_done: int = 1,
    settings: Settings = USUAL,
) -> Decision:
    """The next step of one contest after ``rounds_done`` rounds."""
    alpha = risk_limit(limit)
    risks = tuple(measure(evidence, alpha))
    worst = contest_risk(risks)

    def answer(step: Step, draws: int, *why: str) -> Decision:
        return Decision(contest_id, step, worst.risk, risks, draws, why)

    if all(one.how == "count" for one in risks):
        held = "bears the reported outcome out" if worst.is_met else "does not bear the reported outcome out"
        return answer("count_decides", 0, f"Every card was counted. The count decides, and {held}.")
    if worst.is_met:
        said = f"The risk is {worst.risk}, at most the limit of {_told(alpha)}, for {_each(len(risks))}."
        return answer("stop", 0, said, "The audit of this contest ends here.")
    open_ = [one for one, r in zip(evidence, risks, strict=True) if not r.is_met]
    said = f"The risk is {worst.risk}, above the limit of {_told(alpha)}; {_open(len(open_))}."
    if any(r.how == "bound" for r in risks if not r.is_met):
        return answer("full_hand_count", 0, said, "What cannot be sampled could undo the outcome: count it.")
    if settings.most and rounds_done >= settings.most:
        return answer("full_hand_count", 0, said, f"{rounds_done} rounds were made, as many as were planned.")
    draws = max(more_draws(one, alpha, settings) or 0 for one in open_)
    sizes = [more_draws(one, alpha, settings) for one in open_]
    room = [sum(part.N - len(part.x) for part in one.parts if not part.replace) for one in open_]
    cards = max(sum(part.N for part in one.parts if not part.replace) for one in open_)
    read = max(sum(len(part.x) for part in one.parts if not part.replace) for one in open_)
    if None in sizes or (cards and (read + draws) > settings.share * cards) or (cards and draws >= min(room)):
        return answer(
            "full_hand_count", 0, said, "Another round would read so much that all should be counted."
        )
    sure = f"{math.floor(100 * settings.chance)} of 100"
    return answer("another_round", draws, said, f"{draws:,} further draws would end it in {sure} audits.")


def more_draws(one: Evidence, limit: object, settings: Settings = USUAL) -> int | None:
    """Further draws that meet the limit with the chance wanted; None where no number of them would.

    Simulated: what was drawn stays; what follows is drawn from the numbers seen and expected before.
    """
    require(len(one.parts) > 0, "parts", 0, "at least one stratum")
    alpha = float(risk_limit(limit))
    if len(one.parts) > 1:
        return _more_in_strata(one, alpha)
    part = one.parts[0]
    top = part.N - len(part.x) if not part.replace else 100 * part.N
    size = 64
    while size < 2 * top:
        found = _simulated(part, one.outside, alpha, min(size, top), settings)
        if found is not None or size >= top or size >= 1 << 17:
            return found
        size *= 4
    return None


def _simulated(part: Part, outside: int, alpha: float, more: int, settings: Settings) -> int | None:
    """The quantile of the stopping time within ``more`` further draws."""
    test = single_test(part, outside)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([settings.seed, more])))
    values, weights = _expected(part)
    sizes = []
    for _ in range(-(-settings.trials // 20)):
        drawn = rng.choice(values, (20, more), p=weights) * test.scale
        rows: list[Ints | list[int]] = [np.concatenate((test.x, row)) for row in drawn]
        paths = wealths(rows, [test.null] * len(rows), default_bet(test.prior))
        for one in paths:
            hit = np.flatnonzero(one.p <= alpha)
            sizes.append(int(hit[0]) + 1 - len(test.x) if len(hit) else more + 1)
    wanted = sorted(sizes)[math.ceil(settings.chance * len(sizes)) - 1]
    return max(1, wanted) if wanted <= more else None


def _expected(part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Numbers with their chances: the prior as a hundred draws, and every draw so far."""
    total = sum(part.prior.values())
    weight = {value: 100 * w / total for value, w in part.prior.items()}
    for value in part.x:
        weight[int(value)] = weight.get(int(value), 0.0) + 1
    values = np.array(list(weight))
    chances = np.array(list(weight.values()))
    return values, chances / chances.sum()


def _more_in_strata(one: Evidence, alpha: float) -> int | None:
    """Strata: the sample repeated as it is, until its certified p-value is met; half of all need more."""
    if any(not len(part.x) for part in one.parts):
        return None
    for times in (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64):
        grown = [_repeated(part, times) for part in one.parts]
        if any(part is None for part in grown):
            return None
        if union_risk([p for p in grown if p is not None], one.outside).p <= alpha:
            return (times - 1) * sum(len(part.x) for part in one.parts)
    return None


def _repeated(part: Part, times: int) -> Part | None:
    x = np.tile(part.x, times)
    if not part.replace and len(x) > part.N:
        return None
    return msgspec.structs.replace(part, x=x)


def _each(assertions: int) -> str:
    return "its one assertion" if assertions == 1 else f"each of {assertions} assertions"


def _open(assertions: int) -> str:
    return "1 assertion is open" if assertions == 1 else f"{assertions} assertions are open"


def _told(limit: Fraction) -> str:
    percent = limit * 100
    return f"{percent.numerator} %" if percent.denominator == 1 else f"{float(percent):g} %"
