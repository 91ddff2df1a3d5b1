"""What a sample can show of single transferable voting, and what it cannot.

For the statistician, plainly: there is no complete method for transferable votes today. Two things can be
shown with assertions that hold whatever the transfers were (Blom et al. 2022, "A first approach to
risk-limiting audits for single transferable vote elections"; Blom et al. 2024, arXiv 2402.03707):

* A quota in the first round: more than the quota's share of all first preferences elects at once.
* A loser behind enough others: if NEB(w, l) holds, l's votes never reach w's while w continues, and a
  transferred card is never worth more than one vote; so l is elected only after w. With ``seats`` such w,
  l is not elected.

Where every loser is shown, or every winner has a quota, the outcome is shown. Otherwise the claim is partial,
says for whom, and the rest needs every card. ``docs/spec/assertions.md``, section 10.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from tallybook.audit.assertions import Assertion, Claim, FirstsAbove, FullCount, NotEliminatedBefore
from tallybook.audit.assorters import assorter
from tallybook.audit.margins import Margin, margin_of, margins
from tallybook.audit.readings import Ranks
from tallybook.outcomes.rankings import WRITE_IN
from tallybook.outcomes.words import listed


def transferable(
    reading: Ranks, counts: Sequence[int], winners: Sequence[str], contest_id: str, quota: Fraction
) -> Claim | FullCount:
    """The assertions for ``winners``, one per seat; ``not_covered`` names those they leave open.

    quota: the share of first preferences that elects: 1/(seats + 1) for Droop, 1/seats for Hare.
    The reading must let write-ins stand, as they do in the first round.
    """
    seats = len(winners)
    rivals = [name for name in reading.choices if name != WRITE_IN]
    losers = [name for name in rivals if name not in winners]
    behind = {name: _behind(reading, counts, name, rivals, seats) for name in losers}
    quotas = [one.assertion for one in _quotas(reading, counts, winners, quota) if one.sum > 0]
    has_quota = [name for name in winners if FirstsAbove(name, quota) in quotas]
    out = [name for name in losers if len(behind[name]) == seats]
    says = f"{listed(winners)} elected by transferable vote."
    excluded: tuple[Assertion, ...] = tuple(dict.fromkeys(one for name in out for one in behind[name]))
    if len(has_quota) == seats:
        return Claim(contest_id, says, tuple(quotas))
    if len(out) == len(losers):
        return Claim(contest_id, says, excluded)
    open_winners = [name for name in winners if name not in has_quota]
    open_losers = [name for name in losers if name not in out]
    said = (
        f"Not shown here: that {listed(open_winners)} got a seat rather than {listed(open_losers)}.",
        f"Between these lie {len(open_winners)} of {seats} seats; count every card to settle them.",
    )
    if not quotas and not out:
        return FullCount(contest_id, said)
    return Claim(contest_id, f"Part of: {says}", (*quotas, *excluded), said)


def _quotas(
    reading: Ranks, counts: Sequence[int], winners: Sequence[str], quota: Fraction
) -> tuple[Margin, ...]:
    if not 0 < quota < 1:
        return ()
    claim = Claim("", "", tuple(FirstsAbove(name, quota) for name in winners))
    return margins(claim, reading, counts, sum(counts))


def _behind(
    reading: Ranks, counts: Sequence[int], loser: str, rivals: Sequence[str], seats: int
) -> list[NotEliminatedBefore]:
    """The ``seats`` easiest assertions that the loser is behind somebody; fewer where fewer hold."""
    column = np.array(counts, dtype=np.int64)
    found = []
    for name in rivals:
        if name != loser:
            one = NotEliminatedBefore(name, loser)
            found.append((margin_of(one, assorter(one, reading), column, int(column.sum())).sum, one))
    found.sort(key=lambda pair: -pair[0])
    return [one for total, one in found[:seats] if total > 0]
