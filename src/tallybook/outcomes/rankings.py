"""Ranked ballots as a table of numbers, and where each stands among the choices still in the count.

For the counts in rounds. ``docs/spec/counting.md``, section 3: which rankings of a ballot count, where it
ends and why. Every distinct reading is one row, however many ballots bear it; a round costs a few operations
on columns. Reading is done once, before the first round; only an overvote may have to wait for the round.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tallybook.election.cards import BallotColumns, Ballots, in_columns
from tallybook.outcomes.rounds import REASONS
from tallybook.outcomes.rules import BallotRules, Overvote

Ints = NDArray[np.integer[Any]]
Grouped = Ballots | BallotColumns
NOBODY = np.zeros(0, dtype=np.int64)
WRITE_IN = "write_in"
EXHAUSTED, OVERVOTE, SKIPPED, DUPLICATE, BLANK = range(len(REASONS))
PASS, ENDS, WAITS, ENDED = -1, -2, -3, -4
STRANGERS = frozenset({-1})
"""An overvote of undeclared write-ins only; so readers write an overvote whose choices the export hides."""


class Rankings(NamedTuple):
    """The ballots of one contest. Row i stands for ``counts[i]`` ballots of ``parts[part[i]]``.

    ``codes[i]`` are the row's rankings, best first: a number below ``len(choices)`` is that choice; from
    there on an overvote, by its place in ``overvotes``; the last code of all is the end of the ranking, and
    ``ends[i]`` (an index into ``REASONS``) says why the row ends there.
    """

    contest_id: str
    choices: tuple[str, ...]
    codes: Ints
    overvotes: tuple[frozenset[int], ...]
    ends: Ints
    counts: NDArray[np.int64]
    parts: tuple[str, ...]
    part: Ints


class Places(NamedTuple):
    """Where each row stands in a round: its position, why it would end, and the choice that holds it.

    ``held`` is -1 for an inactive row.
    """

    position: Ints
    ends: Ints
    held: Ints


class _Names(NamedTuple):
    """The choices; the choice that each number in the marks is; how many numbers are of listed choices."""

    choices: tuple[str, ...]
    means: Ints
    listed: int


class _Marks(NamedTuple):
    """All marks, one entry each, by row, rank and choice."""

    row: Ints
    rank: Ints
    choice: Ints


def read_rankings(parts: Mapping[str, Grouped], rules: BallotRules) -> Rankings:
    """All rows of all parts (one contest), read by the rules of the ballot. Spec, section 3.

    A choice that the contest does not list joins the undeclared write-ins if it is a write-in. Raises
    ValueError for any other unknown choice, a mark without a rank, and parts of different contests.
    """
    contest = next(iter(parts.values())).contest
    if any(one.contest != contest for one in parts.values()):
        raise ValueError("The parts to be counted together are not of one contest.")
    columns = [_valid(one if isinstance(one, BallotColumns) else in_columns(one)) for one in parts.values()]
    rows = [len(one.counts) for one in columns]
    starts = np.cumsum([0, *rows])
    marks, known = _marks(columns, starts, contest.choice_ids)
    codes, overvotes, ends = _read(marks, known, int(starts[-1]), rules)
    whole = [one.flags.get("overvote", NOBODY) + start for one, start in zip(columns, starts, strict=False)]
    # A card whose whole contest the voting system calls overvoted counts for nobody.
    flagged = np.concatenate(whole)
    codes[flagged], ends[flagged] = len(known.choices) + len(overvotes), OVERVOTE
    return Rankings(
        contest.id,
        known.choices,
        codes,
        overvotes,
        ends,
        np.concatenate([one.counts for one in columns]).astype(np.int64),
        tuple(parts),
        np.repeat(np.arange(len(rows), dtype=np.int32), rows),
    )


def is_ranked(rankings: Rankings, choice: int) -> bool:
    """Whether any ballot ranks the choice where it counts."""
    return bool(np.any(rankings.codes == choice)) or any(choice in marked for marked in rankings.overvotes)


def start(rankings: Rankings) -> Places:
    """Every row at its first ranking, nobody holding it yet."""
    rows = len(rankings.counts)
    return Places(np.zeros(rows, np.int32), rankings.ends.copy(), np.full(rows, -1, np.int32))


def advance(rankings: Rankings, places: Places, standing: frozenset[int], rule: Overvote) -> Places:
    """The rows moved on to the first ranking that counts while only ``standing`` may hold votes."""
    meaning = _meaning(rankings, standing, rule)
    position, ends = places.position.copy(), places.ends.copy()
    held = meaning[rankings.codes[np.arange(len(position)), position]]
    while (passing := np.flatnonzero(held == PASS)).size:
        position[passing] += 1
        held[passing] = meaning[rankings.codes[passing, position[passing]]]
    over = np.flatnonzero(held == ENDS)
    position[over], ends[over] = rankings.codes.shape[1] - 1, OVERVOTE
    return Places(position, ends, held)


def votes_of(held: Ints, values: Ints, choices: int) -> list[int]:
    """The units each choice holds. ``values`` are the units of each row."""
    active = held >= 0
    return _sums(held[active], values[active], choices)


def inactive_of(places: Places, values: Ints) -> list[int]:
    """The units inactive in this round for each reason. A ballot that waits is inactive for its overvote."""
    out = places.held < 0
    reasons = np.where(places.held[out] == WAITS, OVERVOTE, places.ends[out])
    return _sums(reasons, values[out], len(REASONS))


def part_votes(rankings: Rankings, held: Ints, values: Ints) -> list[list[int]]:
    """The units each choice holds in each part."""
    width, active = len(rankings.choices), held >= 0
    keys = rankings.part[active] * width + held[active]
    flat = _sums(keys, values[active], width * len(rankings.parts))
    return [flat[place * width : (place + 1) * width] for place in range(len(rankings.parts))]


def part_inactive(rankings: Rankings, places: Places, values: Ints) -> list[list[int]]:
    """The units inactive in each part for each reason."""
    width, out = len(REASONS), places.held < 0
    reasons = np.where(places.held[out] == WAITS, OVERVOTE, places.ends[out])
    flat = _sums(rankings.part[out] * width + reasons, values[out], width * len(rankings.parts))
    return [flat[place * width : (place + 1) * width] for place in range(len(rankings.parts))]


def _sums(keys: Ints, values: Ints, size: int) -> list[int]:
    """Exact sums of whole numbers by key."""
    sums = np.zeros(size, dtype=values.dtype)
    np.add.at(sums, keys, values)
    return [int(one) for one in sums]


def _meaning(rankings: Rankings, standing: frozenset[int], rule: Overvote) -> NDArray[np.int32]:
    """What each code means in this round: the choice that holds the ballot, or PASS, ENDS, WAITS, ENDED."""
    single = [choice if choice in standing else PASS for choice in range(len(rankings.choices))]
    several = [_overvote_means(marked, standing, rule) for marked in rankings.overvotes]
    return np.array([*single, *several, ENDED], dtype=np.int32)


def _overvote_means(marked: frozenset[int], standing: frozenset[int], rule: Overvote) -> int:
    """An overvote of these choices under the three rules that look at the round."""
    continuing = marked & standing
    if marked == STRANGERS:
        return ENDS
    if not continuing:
        return PASS
    if rule == "exhaust_if_any_continuing":
        return ENDS
    if len(continuing) == 1:
        return next(iter(continuing))
    return WAITS if rule == "wait_while_several_continuing" else ENDS


def _valid(columns: BallotColumns) -> BallotColumns:
    """The rows without those that the voting system calls invalid."""
    invalid = columns.flags.get("invalid", NOBODY)
    if not invalid.size:
        return columns
    keep = np.ones(len(columns.counts), dtype=bool)
    keep[invalid] = False
    of_kept, place = keep[columns.row], np.cumsum(keep) - 1
    return BallotColumns(
        columns.contest,
        columns.counts[keep],
        place[columns.row[of_kept]],
        columns.rank[of_kept],
        columns.choice[of_kept],
        columns.names,
        {flag: place[rows[keep[rows]]] for flag, rows in columns.flags.items()},
    )


def _marks(columns: Sequence[BallotColumns], starts: Ints, listed: tuple[str, ...]) -> tuple[_Marks, _Names]:
    """The marks of all parts in one, and what the numbers in them name.

    In the marks every undeclared write-in has a number of its own, so that two of them at one rank are an
    overvote; as choices they are all one, ``write_in``.
    """
    named = {one.names[place] for one in columns for place in np.flatnonzero(np.bincount(one.choice))}
    strangers = named - set(listed)
    for name in sorted(strangers):
        if name.partition(":")[0] != WRITE_IN:
            raise ValueError(f"{name} is not a choice of this contest, nor a write-in.")
    choices = (*listed, WRITE_IN) if strangers and WRITE_IN not in listed else listed
    index = {name: place for place, name in enumerate((*listed, *sorted(strangers)))}
    numbers = [np.array([index.get(name, -1) for name in one.names], dtype=np.int64) for one in columns]
    pile = choices.index(WRITE_IN) if strangers else 0
    means = np.array([*range(len(listed)), *(pile for _ in strangers)], dtype=np.int32)
    marks = _Marks(
        np.concatenate([one.row + start for one, start in zip(columns, starts, strict=False)]),
        np.concatenate([one.rank for one in columns]).astype(np.int64),
        np.concatenate([number[one.choice] for number, one in zip(numbers, columns, strict=True)]),
    )
    if np.any(marks.rank < 1):
        raise ValueError("A mark has no rank; ranks start at 1.")
    return marks, _Names(choices, means, len(listed))


def _read(
    marks: _Marks, known: _Names, rows: int, rules: BallotRules
) -> tuple[Ints, tuple[frozenset[int], ...], Ints]:
    """The codes of all rows, the overvotes they name, and why each row ends. Spec 3.2, in its order."""
    marks = _in_order(marks, rules.max_rankings)
    starts = _starts(marks.row, marks.rank)
    row, rank = marks.row[starts], marks.rank[starts]
    size = np.diff(starts, append=len(marks.row))
    first = np.diff(row, prepend=-1) > 0
    skipped = rank - np.where(first, 0, np.roll(rank, 1)) - 1

    stop = np.full(len(starts), EXHAUSTED)
    if rules.overvote == "exhaust":
        stop[size > 1] = OVERVOTE
    if rules.duplicate == "exhaust" and len(starts):
        stop[np.logical_or.reduceat(_repeated(marks, known.means[marks.choice]), starts)] = DUPLICATE
    if rules.max_skipped is not None:
        stop[skipped > rules.max_skipped] = SKIPPED
    ends, kept = _until_stopped(row, stop, rows)
    if rules.overvote == "skip":
        kept &= size == 1

    several, overvotes = _overvoted(marks.choice, starts, size, kept & (size > 1), known)
    code = np.where(size > 1, several, known.means[marks.choice[starts]])[kept]
    return _table(row[kept], code, rows, len(known.choices) + len(overvotes)), overvotes, ends


def _in_order(marks: _Marks, most: int | None) -> _Marks:
    """The marks by row, rank, choice, each once, without rankings beyond the most allowed."""
    if most is not None:
        marks = _Marks(*(column[marks.rank <= most] for column in marks))
    ranks, choices = int(marks.rank.max(initial=0)) + 1, int(marks.choice.max(initial=0)) + 1
    keys = (marks.row * ranks + marks.rank) * choices + marks.choice
    if np.all(keys[1:] > keys[:-1]):
        return marks
    rest, choice = np.divmod(np.unique(keys), choices)
    return _Marks(rest // ranks, rest % ranks, choice)


def _starts(*columns: Ints) -> Ints:
    """Where a new combination of values begins, in columns sorted by them."""
    changed = np.zeros(len(columns[0]), dtype=bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def _repeated(marks: _Marks, choice: Ints) -> NDArray[np.bool_]:
    """For each mark: the same row marked the same choice at an earlier rank. Undeclared write-ins are one."""
    order = np.lexsort((marks.rank, choice, marks.row))
    rank, starts = marks.rank[order], _starts(marks.row[order], choice[order])
    first = np.repeat(rank[starts], np.diff(starts, append=len(order)))
    again = np.empty(len(order), dtype=bool)
    again[order] = rank > first
    return again


def _until_stopped(row: Ints, stop: Ints, rows: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Why each row ends, and which rankings stand before its end."""
    ends = np.full(rows, BLANK)
    ends[row] = EXHAUSTED
    stops = np.flatnonzero(stop != EXHAUSTED)
    stopped, at = np.unique(row[stops], return_index=True)
    ends[stopped] = stop[stops[at]]
    last = np.full(rows, len(row))
    last[stopped] = stops[at]
    return ends, np.arange(len(row)) < last[row]


def _overvoted(
    choice: Ints, starts: Ints, size: Ints, which: NDArray[np.bool_], names: _Names
) -> tuple[Ints, tuple[frozenset[int], ...]]:
    """A code for each overvote kept, and the choices behind each code."""
    known: dict[frozenset[int], int] = {}
    codes = np.zeros(len(starts), dtype=np.int64)
    for group in np.flatnonzero(which):
        numbers = choice[starts[group] : starts[group] + size[group]]
        strange = bool(np.all(numbers >= names.listed))
        marked = STRANGERS if strange else frozenset(names.means[numbers].tolist())
        codes[group] = len(names.choices) + known.setdefault(marked, len(known))
    return codes, tuple(known)


def _table(row: Ints, code: Ints, rows: int, end: int) -> Ints:
    """One line of codes per row, filled up with the end."""
    lengths = np.bincount(row, minlength=rows)
    first = np.cumsum(lengths) - lengths
    codes = np.full((rows, int(lengths.max(initial=0)) + 1), end, dtype=np.int32)
    codes[row, np.arange(len(row)) - first[row]] = code
    return codes
