"""Card styles: which cards of a batch can hold a contest, so that no draw is spent on those that cannot.

For batches: the bound of a batch counts the cards whose style has the contest, and a batch of none has no
weight (``batches``). For cards whose records are known: the population is the cards whose record bears the
contest, and every card that has no record. The sums stay right though a record be wrong, as long as no more
cards carry the contest than the population holds: each card of the contest that is left out leaves, among
those that were taken, one more without it, and such a card counts as the worst. Source: Glazer, Spertus &
Stark 2021 (more style, less work).
"""

from collections.abc import Collection, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from tallybook.election import Problem
from tallybook.election.cards import Codes

ByStyle = Mapping[str, Mapping[str, int]]
"""Batch -> style -> cards."""


class Styled(msgspec.Struct, frozen=True):
    """The cards of each batch, and how many of them can hold a contest; batches of none are not in it."""

    cards: Mapping[str, int]
    holding: Mapping[str, int]


def styled(by_style: ByStyle, having: Collection[str]) -> Styled:
    """What the styles say of one contest. having: the styles that have it."""
    holding = {batch: sum(of.get(one, 0) for one in set(having)) for batch, of in by_style.items()}
    cards = {batch: sum(of.values()) for batch, of in by_style.items()}
    return Styled(cards, {batch: n for batch, n in holding.items() if n})


def styles_of_the_manifest(found: Styled, cards: Mapping[str, int]) -> tuple[Problem, ...]:
    """Do the styles cover exactly the cards of every batch? cards: batch -> cards of the manifest."""
    mend = "Complete the table of styles, or find out which of the two is wrong."
    return tuple(
        Problem(
            batch.replace("\n", ", "),
            f"{found.cards.get(batch, 0):,} cards by style",
            f"the {cards.get(batch, 0):,} of the manifest",
            mend,
        )
        for batch in sorted({*cards, *found.cards})
        if found.cards.get(batch, 0) != cards.get(batch, 0)
    )


def places_by_record(codes: Codes, cards: int) -> NDArray[np.int64]:
    """The places of a batch, from 1, that belong to a contest's population, (k,).

    codes: what was recorded place by place, 0 where the record lacks the contest, (m,); cards: how many the
    manifest has, at least m. A place without a record belongs to it: nobody knows what stands there.
    """
    borne = np.flatnonzero(np.asarray(codes)) + 1
    return np.concatenate([borne, np.arange(len(codes) + 1, cards + 1)]).astype(np.int64)
