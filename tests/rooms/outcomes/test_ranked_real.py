"""Ranked elections that happened, counted again.

Burlington 2009: all ballots; the published rounds (city's final report, as in the press and encyclopaedias).
Alaska 2022, special election for the House: the Division of Elections' report, final certified round.
Minneapolis 2013, Park Board at large: three seats, 59,463 ballots; published rounds and transfers.
"""

from itertools import pairwise
from typing import get_args

import msgspec

from tallybook.outcomes.ranked import ranked_choice
from tallybook.outcomes.rounds import RoundCount
from tallybook.outcomes.rules import BallotRules, CountRules, Overvote, Rules
from tallybook.outcomes.stv import transfer_value, transferable_vote
from tests.rooms.outcomes.real_rounds import (
    ALASKA_2022,
    ALASKA_2022_FIRST,
    PARK,
    PARK_FIRST,
    PARK_LATER,
    burlington_2009,
    from_rounds,
)

ALASKA = Rules(
    "Alaska", "ranked_choice", ballot=BallotRules(max_skipped=1), count=CountRules(until="two_remain")
)
BURLINGTON = Rules(
    "Burlington 2009",
    "ranked_choice",
    ballot=BallotRules(overvote="exhaust_if_several_continuing"),
    count=CountRules(batch="cannot_reach"),
)
MINNEAPOLIS = Rules("Minneapolis", "single_transferable_vote")


def votes(count: RoundCount, number: int) -> dict[str, int]:
    return dict(count.rounds[number - 1].votes)


def test_burlington_2009_first_round_is_the_published_one() -> None:
    count = ranked_choice(burlington_2009(), BURLINGTON)
    published = {"Kiss": 2585, "Montroll": 2063, "Simpson": 35, "Smith": 1306, "Wright": 2951, "write_in": 36}
    assert votes(count, 1) == published
    assert count.ballots == 8980
    assert sum(dict(count.rounds[0].inactive).values()) == 4  # no preference that counts; exhausted at once


def test_burlington_2009_elects_kiss_with_4313_against_4061() -> None:
    count = ranked_choice(burlington_2009(), BURLINGTON)
    assert count.elected == ("Kiss",)
    assert votes(count, len(count.rounds)) == {"Kiss": 4313, "Wright": 4061}
    assert count.rounds[-2].eliminated == ("Montroll",)
    assert dict(count.rounds[-2].votes)["Montroll"] == 2554


def test_one_burlington_ballot_shows_which_overvote_rule_was_used() -> None:
    """Montroll, then Smith, then Simpson and Wright together: by the end only Wright of the two continues.

    Of the five rules one alone gives both published figures: 4 ballots exhausted at first, Wright 4,061 last.
    """
    found = {}
    for overvote in get_args(Overvote):
        rules = msgspec.structs.replace(BURLINGTON, ballot=BallotRules(overvote=overvote))
        count = ranked_choice(burlington_2009(), rules)
        found[overvote] = dict(count.rounds[0].inactive)["overvote"], dict(count.rounds[-1].votes)["Wright"]
    assert found["exhaust"] == found["exhaust_if_any_continuing"] == (4, 4060)
    assert [rule for rule, figures in found.items() if figures == (4, 4061)] == [
        "exhaust_if_several_continuing"
    ]


def test_alaska_2022_ends_with_91266_against_86026() -> None:
    count = ranked_choice(from_rounds(ALASKA_2022_FIRST, ALASKA_2022), ALASKA)
    assert [one.eliminated for one in count.rounds] == [("Begich",), ()]
    assert votes(count, 2) == {"Peltola": 91266, "Palin": 86026}
    assert count.elected == ("Peltola",) and count.rounds[1].threshold == (91266 + 86026) // 2 + 1
    assert dict(count.rounds[1].inactive)["exhausted"] == 11243 + 47  # the 47 overvotes are not rebuilt


def test_minneapolis_2013_park_board_has_the_published_rounds() -> None:
    count = transferable_vote(from_rounds(PARK_FIRST, PARK, seats=3), MINNEAPOLIS)
    assert count.rounds[0].threshold == 14866_0000
    eliminated = [name for one in count.rounds for name in one.eliminated]
    assert eliminated == [source for source, _ in PARK]
    for one, published in zip(count.rounds[1:], PARK_LATER, strict=True):
        assert dict(one.votes) == {name: votes * 10000 for name, votes in published.items()}
    assert count.elected == ("Erwin", "Young", "Forney") and count.unfilled == 0


def test_minneapolis_2013_surplus_of_178_moves_as_177_5192_with_0_4808_lost_in_cutting() -> None:
    """Annie Young's last surplus: 15,044 ballots of one vote, quota 14,866, four decimal places."""
    value = transfer_value(10000, 178_0000, 15044_0000, MINNEAPOLIS.count)
    assert value == 118
    assert 15044 * value == 177_5192 and 178_0000 - 15044 * value == 4808


def test_transfers_of_published_rounds_are_found_again() -> None:
    count = transferable_vote(from_rounds(PARK_FIRST, PARK, seats=3), MINNEAPOLIS)
    found = [(one.source, dict(one.to)) for turn in count.rounds for one in turn.transfers]
    assert found == [(source, {n: v * 10000 for n, v in moves.items()}) for source, moves in PARK]
    assert all(later.number == earlier.number + 1 for earlier, later in pairwise(count.rounds))
