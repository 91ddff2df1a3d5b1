"""Real ranked elections for the tests: ballots where they are public, else piles fixed by published rounds.

Where only the published rounds are known, ``from_rounds`` builds ballots that must reproduce them: a pile
that moves is given the ranking by which it moved. These are not the voters' ballots; the totals are the
officials'.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tallybook.election.cards import Ballots
from tests.rooms.outcomes.ranked_worlds import ballots

Moves = Mapping[str, int]
BURLINGTON = ("Kiss", "Montroll", "Simpson", "Smith", "Wright", "write_in")


def burlington_2009() -> Ballots:
    """All 8,980 ballots for mayor of Burlington, Vermont, 3 March 2009."""
    text = (Path(__file__).parent / "burlington_2009.txt").read_text(encoding="utf-8")
    piles = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            count, ranking = line.split(": ")
            piles[_ranking(ranking)] = int(count)
    return ballots(BURLINGTON, piles)


def _ranking(text: str) -> str:
    """'{5,6},4,2' as 'Wright=write_in>Smith>Montroll'."""
    out, inside = "", False
    for character in text:
        if character in "{}":
            inside = character == "{"
        elif character == ",":
            out += "=" if inside else ">"
        else:
            out += BURLINGTON[int(character) - 1]
    return out


def from_rounds(first: Moves, transfers: Sequence[tuple[str, Moves]], seats: int = 1) -> Ballots:
    """Ballots with these first rankings, of which each eliminated choice's pile moves as published."""
    piles: dict[str, dict[str, int]] = {name: {name: votes} for name, votes in first.items()}
    finished: dict[str, int] = {}
    for source, moves in transfers:
        waiting = piles.pop(source)
        for target, votes in moves.items():
            for ranking, count in _taken(waiting, votes).items():
                longer = f"{ranking}>{target}"
                piles[target][longer] = piles[target].get(longer, 0) + count
        finished |= waiting
    for pile in piles.values():
        finished |= pile
    return ballots(tuple(first), finished, seats)


def _taken(pile: dict[str, int], votes: int) -> dict[str, int]:
    """That many ballots off the top of a pile; the pile keeps the rest."""
    taken = {}
    for ranking in list(pile):
        count = min(pile[ranking], votes)
        if count:
            taken[ranking] = count
            pile[ranking] -= count
            votes -= count
        if not pile[ranking]:
            del pile[ranking]
    assert votes == 0, "the published transfers are more than the pile"
    return taken


ALASKA_2022_FIRST = {"Peltola": 75799, "Palin": 58973, "Begich": 53810}
ALASKA_2022 = [("Begich", {"Palin": 27053, "Peltola": 15467})]

PARK_NAMES = [
    "Young",
    "Hill",
    "Yonis",
    "Israel",
    "Stone",
    "Erwin",
    "McPherson",
    "Forney",
    "Barland",
    "Nordyke",
    "write_in",
]
"""Minneapolis Park and Recreation Board at large, 2013: the columns of the two tables below."""

PARK_MOVES = """
          first  9294 1280 3762 3305 5357 14678 3373 7856 3705 6511 342
       write_in     8    4    5    5    7     6    5    8    2    3   0
           Hill   150    0   32   64  113   182  101  167   96   81   0
         Israel   603    0  547    0  342     0  215  390   98  164   0
      McPherson   999    0  144    0  278     0    0  738  212  242   0
        Barland   471    0   81    0  452     0    0  670    0  534   0
          Yonis   502    0    0    0  192     0    0  327    0  153   0
          Stone  1859    0    0    0    0     0    0  809    0 1013   0
        Nordyke  1158    0    0    0    0     0    0 1280    0    0   0
"""

PARK_ROUNDS = """
  9302 1284 3767 3310 5364 14684 3378 7864 3707 6514 0
  9452    0 3799 3374 5477 14866 3479 8031 3803 6595 0
 10055    0 4346    0 5819 14866 3694 8421 3901 6759 0
 11054    0 4490    0 6097 14866    0 9159 4113 7001 0
 11525    0 4571    0 6549 14866    0 9829    0 7535 0
 12027    0    0    0 6741 14866    0 10156   0 7688 0
 13886    0    0    0    0 14866    0 10965   0 8701 0
 15044    0    0    0    0 14866    0 12245   0    0 0
"""


def _row(numbers: Sequence[str]) -> dict[str, int]:
    return {name: int(votes) for name, votes in zip(PARK_NAMES, numbers, strict=True) if votes != "0"}


PARK_TABLE = [line.split() for line in PARK_MOVES.strip().splitlines()]
PARK_FIRST = _row(PARK_TABLE[0][1:])
PARK = [(line[0], _row(line[1:])) for line in PARK_TABLE[1:]]
PARK_LATER = [_row(line.split()) for line in PARK_ROUNDS.strip().splitlines()]
