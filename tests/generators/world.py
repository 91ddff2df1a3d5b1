"""A made-up election, drawn from a seed: what is truly on every card, for writers of exports to write down.

The truth is kept as numbers of readings per card, so that a test compares what a reader found with what was
put in, and no expected number comes from the reader. Sizes go from three cards to a state's.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallybook.election.cards import CastVoteRecords, ballots

Reading = tuple[tuple[str, int], ...]
"""Pairs (choice's name, rank; 0 in a contest without ranks)."""

WRITE_IN = "Write-in"


@dataclass(frozen=True)
class Race:
    """A contest as an official would describe it, and every reading that cards of this world bear."""

    name: str
    choices: tuple[str, ...]
    readings: tuple[Reading, ...]
    weights: tuple[float, ...]
    vote_for: int = 1
    ranks: int = 0

    def is_overvote(self, reading: Reading) -> bool:
        """Whether the whole contest is overvoted (never said of a ranked contest)."""
        return not self.ranks and len(reading) > self.vote_for


@dataclass(frozen=True)
class World:
    """Cards: ``codes[race]`` has 0 where the race is not on the card, else k for ``readings[k - 1]``."""

    races: tuple[Race, ...]
    cards: int
    codes: Mapping[str, npt.NDArray[np.int64]]
    precinct: npt.NDArray[np.int64]
    tabulator: npt.NDArray[np.int64]
    batch: npt.NDArray[np.int64]
    record: npt.NDArray[np.int64]

    def truth(self, hide_overvotes: bool = False) -> dict[str, Counter[Reading]]:
        """How many cards bear each reading of each race. Some systems hide an overvote as nothing."""
        told: dict[str, Counter[Reading]] = {}
        for race in self.races:
            counts = np.bincount(self.codes[race.name], minlength=len(race.readings) + 1)[1:].tolist()
            told[race.name] = Counter()
            for reading, count in zip(race.readings, counts, strict=True):
                hidden = hide_overvotes and race.is_overvote(reading)
                told[race.name][() if hidden else tuple(sorted(reading))] += count
        return {name: +counter for name, counter in told.items()}


PRECINCTS = ("0101 North", "0102 South", "BEN-HILL", "Ben Hill", "San José")


def make(cards: int, seed: int = 20201103, measures: int = 6) -> World:
    """A county of some contests, five precincts, three tabulators and batches of fifty cards."""
    die = np.random.default_rng(seed)
    races = (_mayor(), _council(), _ranked(), *(_measure(number) for number in range(1, measures + 1)))
    precinct = die.integers(0, len(PRECINCTS), cards)
    codes = {}
    for place, race in enumerate(races):
        drawn = die.choice(len(race.readings), cards, p=np.array(race.weights) / sum(race.weights)) + 1
        codes[race.name] = np.where((precinct == place % 4) & (place > 0), 0, drawn)
    order = np.arange(cards)
    return World(
        races, cards, codes, precinct,
        tabulator=order // 50 % 3 + 1, batch=order // 150 + 1, record=order % 50 + 1,
    )  # fmt: skip


def found(records: CastVoteRecords) -> dict[str, Counter[Reading]]:
    """How many cards bear each reading, by names, as a reader found them."""
    told: dict[str, Counter[Reading]] = {}
    for contest in records.contests:
        names = {choice.id: choice.name for choice in contest.choices}
        grouped, counter = ballots(records, contest.id), Counter[Reading]()
        for pattern, count in zip(grouped.patterns, grouped.counts, strict=True):
            marks = [(names.get(mark.choice, WRITE_IN), mark.rank) for mark in pattern.marks]
            counter[tuple(sorted(marks))] += count
        told[contest.name] = counter
    return told


def _mayor() -> Race:
    choices = ("Ash, Ann", 'Birch "Bo"', "Cedar", WRITE_IN)
    readings = ((), *(((name, 0),) for name in choices), (("Ash, Ann", 0), ("Cedar", 0)))
    return Race("Mayor", choices, readings, (3, 46, 40, 7, 2, 2))


def _council() -> Race:
    choices = ("Dogwood", "Elm", "Fir", "Gum")
    pairs = tuple(((a, 0), (b, 0)) for a in choices for b in choices if a < b)
    readings = ((), *(((name, 0),) for name in choices), *pairs, tuple((name, 0) for name in choices))
    return Race("Council, at large", choices, readings, (2, 3, 3, 3, 3, *[14] * 6, 2), vote_for=2)


def _ranked() -> Race:
    choices = ("Hazel", "Ivy", "Juniper")
    readings: tuple[Reading, ...] = (
        (),
        (("Hazel", 1),),
        (("Hazel", 1), ("Ivy", 2)),
        (("Ivy", 1), ("Juniper", 2), ("Hazel", 3)),
        (("Juniper", 1), ("Ivy", 3)),
        (("Hazel", 1), ("Ivy", 1), ("Juniper", 2)),
        (("Juniper", 1), ("Juniper", 2)),
    )
    return Race("Sheriff", choices, readings, (4, 30, 20, 25, 15, 3, 3), ranks=3)


def _measure(number: int) -> Race:
    return Race(f"Measure {number}", ("Yes", "No"), ((), (("Yes", 0),), (("No", 0),)), (6, 50, 44))
