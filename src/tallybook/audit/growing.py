"""The sizes of strata that grow together, along one path fixed before the seed (docs/spec/audit.md, `round`).

For later rounds of an audit over several strata. The wealth of an assertion is the product of the wealths of
its strata. Along one path of sizes that product is a martingale under the null, so that whoever chooses how
far to go may know what any card says (Ville's inequality); if sizes were chosen stratum by stratum, they
could be chosen to please.
"""

from collections.abc import Sequence


def grown(first: Sequence[int], cards: Sequence[int], reach: int) -> tuple[int, ...]:
    """The sizes at which the stratum planned greatest has ``reach`` cards, or would have if it held so many.

    first: the planned sizes, at least 1 each; cards: how many each stratum holds; reach: at least max(first).
    """
    top = max(first)
    return tuple(min(most, -(-size * reach // top)) for size, most in zip(first, cards, strict=True))


def reach_of(first: Sequence[int], cards: Sequence[int], sizes: Sequence[int]) -> int:
    """The least reach at which every stratum has at least the size asked (at most its cards)."""
    top = max(first)
    asked = (min(size, most) for size, most in zip(sizes, cards, strict=True))
    return max(top, *((size - 1) * top // s + 1 for size, s in zip(asked, first, strict=True)))


def grow_together(first: Sequence[int], cards: Sequence[int], sizes: Sequence[int]) -> bool:
    """Whether the sizes are those of one reach: of the least one that holds them, if of any."""
    return grown(first, cards, reach_of(first, cards, sizes)) == tuple(sizes)
