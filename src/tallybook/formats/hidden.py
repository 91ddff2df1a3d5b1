"""An overvoted rank of which an export does not say who was marked: one way of writing it for all readers.

For readers of ES&S's and RCTab's tables, in which the cell says only "overvote". Two marks for persons nobody
names stand at the rank, so that every rule about overvoted ranks applies; the count knows them as nobody's
(``docs/spec/counting.md``, section 3.3).
"""

from tallybook.election.cards import Mark

HIDDEN = ("write_in:overvote 1", "write_in:overvote 2")


def overvote_at(rank: int) -> tuple[Mark, Mark]:
    """The marks of an overvote at this rank whose choices the export hides."""
    return Mark(HIDDEN[0], rank), Mark(HIDDEN[1], rank)
