"""A made-up county: what stands on its 100,000 cards, and the export that its voting system writes of them.

For the demonstration. Four contests: a mayor by ranked choice, a sheriff, two commissioners, and a judge who
needs a majority and is voted for in half of the county. The voting system misread eight hundred cards in one
contest each, and sixty cannot be found; neither is known to the officials.
"""

import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CARDS, BATCH, TABULATORS = 100_000, 250, 4
MISREAD, LOST = 800, 60
NUMBER = 20_261_103
"""The one number from which everything follows."""

HEAD = ("CvrNumber", "TabulatorNum", "BatchId", "RecordId", "ImprintedId", "CountingGroup")
HEAD_END = ("PrecinctPortion", "BallotType")


@dataclass(frozen=True)
class Race:
    """A contest as it is printed. readings: what voters mark, with how many of 1,000 mark it so.

    class_id: the class of the office in the law; ranks: 0 without; half: on half of the cards only.
    """

    id: str
    name: str
    class_id: str
    choices: tuple[str, ...]
    readings: tuple[tuple[int, Any], ...]
    ranks: int = 0
    votes: int = 1
    half: bool = False


RACES = (
    Race(
        "mayor",
        "Mayor",
        "ranked",
        ("ash", "birch", "cedar", "dogwood", "elm"),
        (
            *((212, [["ash"], ["birch"], ["cedar"]]), (90, [["ash"]]), (38, [["ash"], ["elm"]])),
            *((150, [["birch"], ["ash"]]), (70, [["birch"], ["cedar"], ["ash"]]), (32, [["birch"]])),
            *((118, [["cedar"], ["birch"]]), (64, [["cedar"], ["dogwood"], ["ash"]])),
            *((71, [["dogwood"], ["cedar"]]), (42, [["dogwood"], ["ash"]])),
            *((36, [["elm"], ["ash"], ["birch"]]), (24, [["elm"], [], ["cedar"]])),
            *((4, [["ash", "birch"]]), (3, [["cedar"], ["ash", "elm"]]), (46, [])),
        ),
        ranks=3,
    ),
    Race(
        "sheriff",
        "Sheriff",
        "county_office",
        ("fern", "gorse"),
        ((490, ["fern"]), (448, ["gorse"]), (2, ["fern", "gorse"]), (60, [])),
    ),
    Race(
        "commission",
        "County commission",
        "county_office",
        ("hazel", "ivy", "juniper", "kale"),
        (
            *((310, ["hazel", "ivy"]), (140, ["hazel", "juniper"]), (120, ["ivy", "juniper"])),
            *((150, ["juniper", "kale"]), (80, ["hazel"]), (60, ["ivy", "kale"]), (90, ["kale"])),
            *((3, ["hazel", "ivy", "kale"]), (47, [])),
        ),
        votes=2,
    ),
    Race(
        "judge",
        "Judge, northern district",
        "executive",
        ("larch", "maple", "nettle"),
        ((552, ["larch"]), (268, ["maple"]), (120, ["nettle"]), (60, [])),
        half=True,
    ),
)

Readings = dict[str, Any]
"""Item -> reading."""


@dataclass(frozen=True)
class County:
    """What is on paper, what was recorded, by contest; and the cards that nobody will find."""

    items: tuple[str, ...]
    paper: Mapping[str, Readings]
    records: Mapping[str, Readings]
    lost: frozenset[str]


def made(cards: int = CARDS) -> County:
    """The county. cards: how many, a whole number of batches."""
    dice = random.Random(NUMBER)
    items = tuple(
        f"{at // BATCH % TABULATORS + 1}-{at // BATCH // TABULATORS + 1}/{at % BATCH + 1}"
        for at in range(cards)
    )
    paper = {race.id: dealt(race, items, dice) for race in RACES}
    records = {race.id: dict(paper[race.id]) for race in RACES}
    for item in dice.sample(items, cards * MISREAD // CARDS or 1):
        race = dice.choice([one for one in RACES if item in records[one.id]])
        other = [reading for _, reading in race.readings if reading != paper[race.id][item]]
        records[race.id][item] = dice.choice(other)
    lost = frozenset(dice.sample(items, cards * LOST // CARDS or 1))
    return County(items, paper, records, lost)


def dealt(race: Race, items: Sequence[str], dice: random.Random) -> Readings:
    """What stands on each card that carries the contest."""
    weights, readings = [n for n, _ in race.readings], [reading for _, reading in race.readings]
    mine = [one for one in items if not race.half or is_northern(one)]
    return dict(zip(mine, dice.choices(readings, weights, k=len(mine)), strict=True))


def is_northern(item: str) -> bool:
    """Half of the county, by tabulator."""
    return item[0] in "12"


def export(county: County) -> bytes:
    """The export of the voting system, as Dominion writes it: four rows of headings, then the cards."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    columns = [(race, place) for race in RACES for place in places(race)]
    writer.writerow(["Made-up County 2026", "5.17", *[""] * (len(HEAD) + len(HEAD_END) + len(columns) - 2)])
    blanks = [""] * (len(HEAD) + len(HEAD_END))
    writer.writerow([*blanks, *(heading(race) for race, _ in columns)])
    writer.writerow([*blanks, *(f"{name}({rank})" if rank else name for _, (name, rank) in columns)])
    writer.writerow([*HEAD, *HEAD_END, *("" for _ in columns)])
    written = {race.id: {repr(one): cells(race, one) for _, one in race.readings} for race in RACES}
    empty = {race.id: [""] * len(places(race)) for race in RACES}
    for number, item in enumerate(county.items, 1):
        batch, _, place = item.partition("/")
        tabulator, _, of = batch.partition("-")
        row = [str(number), tabulator, of, place, f"{batch}-{place}", "Election Day"]
        row += ["North" if is_northern(item) else "South", "1"]
        for race in RACES:
            read = county.records[race.id].get(item)
            row += empty[race.id] if read is None else written[race.id][repr(read)]
        writer.writerow(row)
    return out.getvalue().encode()


def places(race: Race) -> list[tuple[str, int]]:
    """The columns of a contest: choice and rank."""
    ranks = range(1, race.ranks + 1) if race.ranks else (0,)
    return [(name, rank) for rank in ranks for name in race.choices]


def heading(race: Race) -> str:
    """The heading of a contest."""
    if race.ranks:
        return f"{race.name} (Number of positions=1, Number of ranks={race.ranks})"
    return f"{race.name} (Vote For={race.votes})"


def cells(race: Race, reading: Any) -> list[str]:
    """The cells of a reading."""
    if race.ranks:
        marked = {(name, rank) for rank, names in enumerate(reading, 1) for name in names}
    else:
        marked = {(name, 0) for name in reading}
    return ["1" if place in marked else "0" for place in places(race)]
