"""BLT files of ranked ballots, read and written: the form of OpenSTV, OpaVote and Scottish council elections.

Line 1: choices and seats. A line of negative numbers: choices that withdrew. Then ``weight preferences 0``,
closed by a line ``0``; then the names in quotation marks and the title. ``-`` is a skipped rank and ``=``
joins choices at one rank, as OpaVote writes them. A ballot's id in brackets is passed over.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, Mark, Pattern
from tallybook.formats.archives import InMemory, Unreadable
from tallybook.formats.in_words import told
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.text import lines

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|#.*|\([^)]*\)|(\S+)')
MOST_CHOICES = 10_000
AGAIN = "Compare the line with the description of the format; nothing was counted."
Line = tuple[int, list[str]]


class BltFile(msgspec.Struct, frozen=True):
    """The grouped ballots of a file; a choice's id is its number. ``withdrawn`` holds ids of choices."""

    ballots: Ballots
    withdrawn: tuple[str, ...] = ()


def read_blt(data: bytes, source: str) -> tuple[BltFile | None, tuple[FileProblem, ...]]:
    """The ballots of a file, with every distinct ballot once."""
    problems = Problems()
    held = list(_tokens(data, source, problems))
    head = _numbers(held[0][1]) if held else None
    if head is None or len(head) != 2 or not 1 <= head[0] <= MOST_CHOICES or head[1] < 1:
        expected = "the numbers of choices and of seats in the first line"
        problems.add(Consequence.GRAVE, source, "something else", expected, AGAIN, row=1)
        return None, problems.collected()
    withdrawn, counts, end = _ballots(held[1:], head[0], source, problems)
    names = [(row, cell) for row, cells in held[1 + end :] for cell in cells]
    if len(names) not in {head[0], head[0] + 1}:
        expected = f"{head[0]} names and a title"
        problems.add(
            Consequence.GRAVE, source, f"{len(names)} names", expected, AGAIN, row=names[0][0] if names else 0
        )
    if problems.grave:
        return None, problems.collected()
    choices = tuple(Choice(str(k), name) for k, (_, name) in enumerate(names[: head[0]], 1))
    title = names[head[0]][1] if len(names) > head[0] else source
    contest = Contest(title, title, "", choices, head[1])
    found = Ballots(contest, tuple(counts), tuple(counts.values()))
    return BltFile(found, tuple(str(-k) for k in withdrawn)), problems.collected()


def write_blt(held: BltFile) -> bytes:
    """The ballots as a file. Raises ValueError for a flag, a mark without a rank, or a line end in a name."""
    contest = held.ballots.contest
    number = {choice: k for k, choice in enumerate(contest.choice_ids, 1)}
    text = [f"{len(contest.choices)} {contest.seats}"]
    text += [" ".join(f"-{number[name]}" for name in held.withdrawn)] if held.withdrawn else []
    for pattern, count in zip(held.ballots.patterns, held.ballots.counts, strict=True):
        text.append(" ".join([str(count), *_preferences(pattern, number, contest), "0"]))
    text += ["0", *(_quoted(choice.name) for choice in contest.choices), _quoted(contest.name)]
    return ("\n".join(text) + "\n").encode()


def _tokens(data: bytes, source: str, problems: Problems) -> Iterator[Line]:
    """The tokens of each line that has any; a name is marked by a quotation mark before it."""
    try:
        for row, line in enumerate(lines(InMemory({source: data}).pieces(source), source, problems), 1):
            found = [match for match in TOKEN.finditer(line) if match[0][0] not in "#("]
            cells = [match[2] or '"' + re.sub(r"\\(.)", r"\1", match[1]) for match in found]
            if cells:
                yield row, cells
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told)


def _ballots(
    held: Iterable[Line], choices: int, source: str, problems: Problems
) -> tuple[list[int], Counter[Pattern], int]:
    """The choices withdrawn, the ballots, and the place of the line after them. Names lose their mark."""
    withdrawn: list[int] = []
    counts: Counter[Pattern] = Counter()
    for place, (row, cells) in enumerate(held, 1):
        if cells == ["0"]:
            _unmark(list(held)[place:])
            return withdrawn, counts, place
        numbers = _numbers(cells)
        if numbers and not counts and all(-choices <= number < 0 for number in numbers):
            withdrawn += numbers
            continue
        weight, marks = _weight(cells), _marks(cells[1:-1], choices)
        if weight is None or marks is None or cells[-1] != "0":
            expected = "a whole weight, choices of the contest each once, and 0"
            problems.add(Consequence.GRAVE, source, shown(" ".join(cells)), expected, AGAIN, row=row)
            continue
        counts[Pattern(marks)] += weight
    problems.add(Consequence.GRAVE, source, "no line 0 after the ballots", "a line 0", AGAIN)
    return withdrawn, counts, 0


def _unmark(names: Iterable[Line]) -> None:
    for _, cells in names:
        cells[:] = [cell.removeprefix('"') for cell in cells]


def _weight(cells: list[str]) -> int | None:
    numbers = _numbers(cells[:1])
    return numbers[0] if numbers and numbers[0] > 0 and len(cells) > 1 else None


def _marks(preferences: Iterable[str], choices: int) -> tuple[Mark, ...] | None:
    """The marks of a ballot in ballot order; None where it names what is no choice, or one twice."""
    marks = []
    for rank, cell in enumerate(preferences, 1):
        numbers = _numbers(cell.split("=")) if cell != "-" else []
        if numbers is None or not all(1 <= number <= choices for number in numbers):
            return None
        marks += [(number, rank) for number in numbers]
    if len({number for number, _ in marks}) < len(marks):
        return None
    return tuple(Mark(str(number), rank) for number, rank in sorted(marks))


def _numbers(cells: Iterable[str]) -> list[int] | None:
    held = list(cells)
    if any(not re.fullmatch(r"-?[0-9]{1,15}", cell) for cell in held):
        return None
    return [int(cell) for cell in held]


def _preferences(pattern: Pattern, number: Mapping[str, int], contest: Contest) -> list[str]:
    if pattern.flags or any(mark.rank < 1 or mark.choice not in number for mark in pattern.marks):
        raise ValueError(f"{told(pattern, contest)}: no ranking of the contest's own choices.")
    last = max((mark.rank for mark in pattern.marks), default=0)
    at = [[str(number[m.choice]) for m in pattern.marks if m.rank == rank] for rank in range(1, last + 1)]
    return ["=".join(choices) or "-" for choices in at]


def _quoted(name: str) -> str:
    if "\n" in name or "\r" in name:
        raise ValueError(f"{name!r} has a line end.")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
