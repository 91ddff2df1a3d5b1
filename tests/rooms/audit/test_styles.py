"""Card styles: batches and cards that cannot hold a contest are not drawn, and wrong records do no harm."""

from fractions import Fraction
from itertools import product

import numpy as np

from tallybook.audit.comparison import comparison_part
from tallybook.audit.evidence import Scale
from tallybook.audit.styles import places_by_record, styled, styles_of_the_manifest

WIN, LOSE, LACKS = 1, 2, 0
PAIR = Scale(-1, 1, (1, -1))
TABLE = {"Lee\n1": {"north": 60, "south": 40}, "Lee\n2": {"south": 100}, "Lee\n3": {"north": 100, "east": 1}}


def test_a_batch_holds_the_cards_of_the_styles_with_the_contest() -> None:
    found = styled(TABLE, ("north", "east"))
    assert found.cards == {"Lee\n1": 100, "Lee\n2": 100, "Lee\n3": 101}
    assert found.holding == {"Lee\n1": 60, "Lee\n3": 101}


def test_styles_that_do_not_cover_the_manifest_are_told() -> None:
    cards = {"Lee\n1": 100, "Lee\n2": 101, "Lee\n4": 7}
    told = [str(one) for one in styles_of_the_manifest(styled(TABLE, ("north",)), cards)]
    assert [one.split(". ")[0] for one in told] == [
        "Lee, 2: found 100 cards by style; expected the 101 of the manifest",
        "Lee, 3: found 101 cards by style; expected the 0 of the manifest",
        "Lee, 4: found 0 cards by style; expected the 7 of the manifest",
    ]


def test_cards_that_bear_the_contest_and_cards_without_a_record_are_drawn_from() -> None:
    assert places_by_record(np.array([0, 2, 0, 1]), 6).tolist() == [2, 4, 5, 6]
    assert places_by_record(np.array([], dtype=np.int64), 2).tolist() == [1, 2]


def test_whatever_the_records_say_a_population_of_enough_cards_shows_no_outcome_that_is_false() -> None:
    """All records and all truths of four cards: as many are taken as carry the contest, or more.

    Where the cards of the contest do not elect the first, the numbers of the population do not either.
    """
    seen = 0
    for recorded, truth in product(product((LACKS, WIN, LOSE), repeat=4), repeat=2):
        places = (places_by_record(np.array(recorded), 4) - 1).tolist()
        carrying = sum(code != LACKS for code in truth)
        lead = truth.count(WIN) - truth.count(LOSE)
        told, found = [recorded[p] for p in places], [truth[p] for p in places]
        reported = told.count(WIN) - told.count(LOSE)
        if reported <= 0 or lead > 0 or carrying > len(places):
            continue
        part = comparison_part(PAIR, len(places), reported, told, found, "carries")
        assert Fraction(int(np.sum(part.x)) - part.offset) <= 0
        seen += 1
    assert seen > 300
