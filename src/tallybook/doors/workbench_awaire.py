"""Ranked choice without records of cards, on files: AWAIRE's risk for `tallybook risk --method AWAIRE`.

For an official whose system gives no cast vote records, or who does not want to rest on them. Cards are drawn
and read; every order of elimination that ends in another winner must be refuted (``audit.awaire``).
"""

from collections.abc import Sequence
from fractions import Fraction

from tallybook.audit.awaire import awaire
from tallybook.audit.deciding import Decision
from tallybook.audit.measuring import Risk
from tallybook.audit.readings import Ranks
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench import drawn_cards
from tallybook.doors.workbench_case import Case, reading_of
from tallybook.doors.workbench_files import CardReading
from tallybook.doors.workbench_measured import Measured
from tallybook.doors.workbench_population import against_manifest, card_items
from tallybook.election import Manifest
from tallybook.stats.certainty import publish
from tallybook.stats.default_bet import Prior, default_bet


def measure_awaire(case: Case, manifest: Manifest, seed: str, rows: Sequence[CardReading]) -> Measured:
    """AWAIRE: a ranked contest by polling, without any record of its cards."""
    held = against_manifest(case, manifest)
    drawn = drawn_cards(case, card_items(held), seed, rows, False)
    reading = reading_of(case, drawn.known)
    winner = case.winner or _one_winner(case)
    if not isinstance(reading, Ranks):
        raise DoorError(f"{case.contest.id}: AWAIRE is for ranked choice. Use --method polling.")
    codes = [0 if c == 0 and case.population.lacking == "may_lack" else c or -1 for c in drawn.found]
    risk, open_ = _refuted(reading, codes, case, winner)
    met = risk <= case.limit
    one = Risk(f"{winner} wins in every order of elimination", publish(risk), met, "sample", len(codes))
    if met:
        why: tuple[str, ...] = (
            f"The risk is {one.risk}, at most the limit. The audit of this contest ends here.",
        )
        return Measured(Decision(case.contest.id, "stop", one.risk, (one,), 0, why), (), {})
    more = _more_awaire(reading, codes, case, winner)
    order = ", ".join(open_)
    said = f"The risk is {one.risk}, above the limit; least refuted is that they leave in the order {order}."
    if more is None:
        why = (said, "Another round would read so much that all should be counted.")
        return Measured(Decision(case.contest.id, "full_hand_count", one.risk, (one,), 0, why), (), {})
    why = (said, f"{more:,} further draws would end it if they read as those so far did.")
    return Measured(Decision(case.contest.id, "another_round", one.risk, (one,), more, why), (), {})


def _refuted(
    reading: Ranks, codes: Sequence[int], case: Case, winner: str
) -> tuple[Fraction, tuple[str, ...]]:
    bet = default_bet(Prior((0, 1, 2), (10, 1, 12)))
    try:
        found = awaire(reading, codes, case.population.cards, winner, bet)
    except ValueError as why:
        raise DoorError(f"{case.contest.id}: {why}") from None
    return found.upper, found.open


def _more_awaire(reading: Ranks, codes: Sequence[int], case: Case, winner: str) -> int | None:
    """The least further draws that would do if the sample went on as it is; None beyond half of all cards.

    The rule: further cards read as those so far, in their order, from the first on again. Doubling finds a
    size that is enough, bisection the least.
    """

    def is_enough(more: int) -> bool:
        grown = [codes[i % len(codes)] for i in range(len(codes) + more)]
        return _refuted(reading, grown, case, winner)[0] <= case.limit

    most = case.population.cards // 2 - len(codes)
    low, high = 0, min(most, max(8, len(codes) // 4))
    while high > low and not is_enough(high):
        low, high = high, min(most, 2 * high)
    if high <= low:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _one_winner(case: Case) -> str:
    if len(case.elected) != 1:
        raise DoorError(f"{case.contest.id}: AWAIRE is for one seat by ranked choice.")
    return case.elected[0]
