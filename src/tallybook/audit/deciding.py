"""The next step of an audit: stop, another round of a stated size, or a full hand count.

For the official at the end of a round and the observer who asks why. Contest by contest: every assertion at
or below the limit, stop; everything counted, the outcome is that of the count, whoever won; otherwise
another round, whose size would meet the limit with a stated chance if errors go on as seen and expected; a
full hand count where that size passes the share of the cards at which counting all is the better way, or
where no sample can show the outcome. Sizes are those of ``next_rounds``.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from tallybook.audit.measuring import Evidence, Risk, contest_risk, measure
from tallybook.audit.next_rounds import USUAL, Settings, more_by_stratum
from tallybook.stats.certainty import risk_limit

Step = Literal["stop", "another_round", "full_hand_count", "count_decides"]


class Decision(msgspec.Struct, frozen=True):
    """What to do next in one contest, with the risks that it rests on. ``draws``: further cards or batches.

    With several strata ``draws`` is the sum, and ``shares`` are the further draws of each.
    """

    contest_id: str
    step: Step
    risk: str
    risks: tuple[Risk, ...]
    draws: int
    why: tuple[str, ...]
    shares: tuple[int, ...] = ()


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

    def answer(step: Step, draws: int, *why: str, shares: tuple[int, ...] = ()) -> Decision:
        return Decision(contest_id, step, worst.risk, risks, draws, why, shares)

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
    sizes = [more_by_stratum(one, alpha, settings) for one in open_]
    found = [size for size in sizes if size is not None]
    shares = max(found, key=sum, default=())
    draws = sum(shares)
    room = [sum(part.N - len(part.x) for part in one.parts if not part.replace) for one in open_]
    cards = max(sum(part.N for part in one.parts if not part.replace) for one in open_)
    read = max(sum(len(part.x) for part in one.parts if not part.replace) for one in open_)
    too_many = bool(cards) and (read + draws > settings.share * cards or draws >= min(room))
    if len(found) < len(sizes) or too_many:
        return answer(
            "full_hand_count", 0, said, "Another round would read so much that all should be counted."
        )
    sure = f"{math.floor(100 * settings.chance)} of 100"
    why = f"{draws:,} further draw{'s' if draws > 1 else ''} would end it in {sure} audits."
    return answer("another_round", draws, said, why, shares=shares if len(shares) > 1 else ())


def _each(assertions: int) -> str:
    return "its one assertion" if assertions == 1 else f"each of {assertions} assertions"


def _open(assertions: int) -> str:
    return "1 assertion is open" if assertions == 1 else f"{assertions} assertions are open"


def _told(limit: Fraction) -> str:
    percent = limit * 100
    return f"{percent.numerator} %" if percent.denominator == 1 else f"{float(percent):g} %"
