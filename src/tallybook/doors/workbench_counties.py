"""What plans on files mean for each county, and for one sample that serves several contests.

For `tallybook plan` with a manifest. A card serves every contest that it can hold.
"""

import math
from collections import Counter
from collections.abc import Sequence

from tallybook.audit.planning import expected_by_place, union_of_samples
from tallybook.doors.workbench_plans import Plan
from tallybook.doors.workbench_population import card_items, cards_in, of_places
from tallybook.election import Manifest


def by_county(plan: Plan, manifest: Manifest | None) -> dict[str, dict[str, int]]:
    """Method -> the cards that each jurisdiction can expect to read at the 90 % size, rounded up."""
    if manifest is None:
        return {}
    cards: Counter[str] = Counter(item.partition("\n")[0] for item in plan.items)
    for batch in () if plan.items else of_places(plan.case, manifest).batches:
        cards[batch.jurisdiction] += batch.cards
    sizes = {p.method: p.sizes.get(0.9) for p in plan.plans if p.unit == "cards" and p.method != "strata"}
    return {
        method: {place: math.ceil(n) for place, n in expected_by_place(cards, size).items()}
        for method, size in sizes.items()
        if size is not None
    }


def together(plans: Sequence[Plan], manifest: Manifest | None) -> dict[str, tuple[int, int]]:
    """Method -> cards of one sample that serves all contests, and of as many samples as there are contests.

    A card serves every contest of its jurisdiction; without a manifest every card serves all contests.
    """
    found = {}
    for method in ("polling", "card comparison"):
        sizes = {
            one.case.contest.id: size
            for one in plans
            for plan in one.plans
            if plan.method == method and (size := plan.sizes.get(0.9)) is not None
        }
        if len(sizes) > 1:
            union = union_of_samples(
                _styles([p for p in plans if p.case.contest.id in sizes], manifest), sizes
            )
            found[method] = (math.ceil(union), sum(sizes.values()))
    return found


def _styles(plans: Sequence[Plan], manifest: Manifest | None) -> dict[tuple[str, ...], int]:
    """The contests that a card can serve -> how many cards there are of that kind."""
    if manifest is None:
        most = max(plan.case.population.cards for plan in plans)
        return {tuple(plan.case.contest.id for plan in plans): most}
    if any(plan.items for plan in plans):
        return _styles_of_cards(plans, manifest)
    batches = {plan.case.contest.id: set(cards_in(of_places(plan.case, manifest))) for plan in plans}
    styles: Counter[tuple[str, ...]] = Counter()
    for batch, cards in cards_in(manifest).items():
        styles[tuple(name for name, held in batches.items() if batch in held)] += cards
    return dict(styles)


def _styles_of_cards(plans: Sequence[Plan], manifest: Manifest) -> dict[tuple[str, ...], int]:
    """The same, card by card, where records tell the cards of a contest apart."""
    on: dict[str, tuple[str, ...]] = {}
    for plan in plans:
        for item in plan.items or card_items(of_places(plan.case, manifest)):
            on[item] = (*on.get(item, ()), plan.case.contest.id)
    return Counter(on.values())
