"""Card styles: which contests stand together on a card, and on how many cards.

For the summary of an export. Nobody needs a list of styles from the voting system: they follow from which
contests are on each card.
"""

import numpy as np
import numpy.typing as npt

from tallybook.election.cards import CastVoteRecords

BITS = 62


def cards_of_styles(records: CastVoteRecords) -> tuple[int, ...]:
    """The cards of each style, the most frequent first."""
    key: npt.NDArray[np.int64] = np.zeros(records.cards, np.int64)
    used = 0
    for contest in records.contests:
        if used == BITS:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            used = max(1, int(key.max(initial=0)).bit_length())
        key = key * 2 + (records.codes[contest.id] > 0)
        used += 1
    counts = np.unique(key, return_counts=True)[1]
    return tuple(sorted(counts.tolist(), reverse=True))
