"""Real ranked elections for the tests: ballots where they are public, else piles that the published rounds fix.

Where only the published rounds are known, ``from_rounds`` builds ballots that must reproduce them: a pile that
moves is given the ranking by which it moved. These are not the voters' ballots; the totals are the officials'.
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
    """Ballots that give these first rankings, and of which each eliminated choice's pile moves as published."""
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

PARK_FIRST = {
    "Young": 9294,
    "Hill": 1280,
    "Yonis": 3762,
    "Israel": 3305,
    "Stone": 5357,
    "Erwin": 14678,
    "McPherson": 3373,
    "Forney": 7856,
    "Barland": 3705,
    "Nordyke": 6511,
    "write_in": 342,
}
PARK = [
    (
        "write_in",
        {
            "Young": 8,
            "Hill": 4,
            "Yonis": 5,
            "Israel": 5,
            "Stone": 7,
            "Erwin": 6,
            "McPherson": 5,
            "Forney": 8,
            "Barland": 2,
            "Nordyke": 3,
        },
    ),
    (
        "Hill",
        {
            "Young": 150,
            "Yonis": 32,
            "Israel": 64,
            "Stone": 113,
            "Erwin": 182,
            "McPherson": 101,
            "Forney": 167,
            "Barland": 96,
            "Nordyke": 81,
        },
    ),
    (
        "Israel",
        {
            "Young": 603,
            "Yonis": 547,
            "Stone": 342,
            "McPherson": 215,
            "Forney": 390,
            "Barland": 98,
            "Nordyke": 164,
        },
    ),
    ("McPherson", {"Young": 999, "Yonis": 144, "Stone": 278, "Forney": 738, "Barland": 212, "Nordyke": 242}),
    ("Barland", {"Young": 471, "Yonis": 81, "Stone": 452, "Forney": 670, "Nordyke": 534}),
    ("Yonis", {"Young": 502, "Stone": 192, "Forney": 327, "Nordyke": 153}),
    ("Stone", {"Young": 1859, "Forney": 809, "Nordyke": 1013}),
    ("Nordyke", {"Young": 1158, "Forney": 1280}),
]
PARK_ROUNDS = [
    {
        "Young": 9302,
        "Hill": 1284,
        "Yonis": 3767,
        "Israel": 3310,
        "Stone": 5364,
        "Erwin": 14684,
        "Forney": 7864,
        "Nordyke": 6514,
    },
    {
        "Young": 9452,
        "Yonis": 3799,
        "Israel": 3374,
        "Stone": 5477,
        "Erwin": 14866,
        "Forney": 8031,
        "Nordyke": 6595,
    },
    {
        "Young": 10055,
        "Yonis": 4346,
        "Stone": 5819,
        "Erwin": 14866,
        "McPherson": 3694,
        "Forney": 8421,
        "Nordyke": 6759,
    },
    {
        "Young": 11054,
        "Yonis": 4490,
        "Stone": 6097,
        "Erwin": 14866,
        "Forney": 9159,
        "Barland": 4113,
        "Nordyke": 7001,
    },
    {"Young": 11525, "Yonis": 4571, "Stone": 6549, "Erwin": 14866, "Forney": 9829, "Nordyke": 7535},
    {"Young": 12027, "Stone": 6741, "Erwin": 14866, "Forney": 10156, "Nordyke": 7688},
    {"Young": 13886, "Erwin": 14866, "Forney": 10965, "Nordyke": 8701},
    {"Young": 15044, "Erwin": 14866, "Forney": 12245},
]
