"""PrefLib's files of ordinal preferences (.soc, .soi, .toc, .toi), read and written.

For trying counting rules on thousands of real elections. A header of ``# KEY: value`` lines, then
``count: 1,2,{3,4}`` for each distinct order, tied choices in braces. Files from before 2022 have no keys: the
number of choices, a line ``k, name`` for each, a line ``voters, sum of counts, distinct orders``, and then
``count, 1, 2, {3, 4}``. The number of voters and of distinct orders are checked, so that a file cut short is
noticed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, Mark, Pattern
from tallybook.formats.archives import InMemory, Unreadable
from tallybook.formats.in_words import told as words
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.text import lines

HEADER = re.compile(r"#\s*([A-Z][A-Z0-9 ]*?)\s*:\s*(.*?)\s*")
ORDER = re.compile(r"([0-9]{1,15})\s*:\s*([0-9,{}\s]*)")
GROUP = re.compile(r"\{([0-9,]*)\}|([0-9]+)")
ORDERED = re.compile(r"((\{[0-9]+(,[0-9]+)*\}|[0-9]+)(,(\{[0-9]+(,[0-9]+)*\}|[0-9]+))*)?")
OLD_COUNT = re.compile(r"\s*[0-9]{1,6}\s*")
OLD_NAME = re.compile(r"\s*([0-9]{1,6})\s*,\s*(.*?)\s*")
OLD_SUMS = re.compile(r"\s*([0-9]{1,15})\s*,\s*([0-9]{1,15})\s*,\s*([0-9]{1,15})\s*")
AGAIN = "Download the file again; nothing was counted."


def read_preflib(data: bytes, source: str) -> tuple[Ballots | None, tuple[FileProblem, ...]]:
    """The orders of a file as ballots; a choice's id is its number."""
    problems, header = Problems(), dict[str, str]()
    counts: Counter[Pattern] = Counter()
    orders = 0
    try:
        told = enumerate(lines(InMemory({source: data}).pieces(source), source, problems), 1)
        for row, line in _with_keys(told):
            if line.startswith("#"):
                stated = HEADER.fullmatch(line.strip())
                header |= {stated[1]: stated[2]} if stated else {}
            elif line.strip():
                orders += _count(line.strip(), row, header, counts, source, problems)
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told)
    _check(header, counts, orders, source, problems)
    if problems.grave:
        return None, problems.collected()
    names = [header[f"ALTERNATIVE NAME {k}"] for k in range(1, int(header["NUMBER ALTERNATIVES"]) + 1)]
    choices = tuple(Choice(str(k), name) for k, name in enumerate(names, 1))
    title = header.get("TITLE") or header.get("FILE NAME") or source
    found = Ballots(Contest(title, title, "", choices), tuple(counts), tuple(counts.values()))
    return found, problems.collected()


def write_preflib(held: Ballots, file_name: str) -> bytes:
    """The ballots as a .toi file. Raises ValueError for a flag, a skipped rank, or a mark without a rank."""
    number = {choice: k for k, choice in enumerate(held.contest.choice_ids, 1)}
    header = {
        "FILE NAME": file_name,
        "TITLE": held.contest.name,
        "DATA TYPE": "toi",
        "NUMBER ALTERNATIVES": str(len(number)),
        "NUMBER VOTERS": str(sum(held.counts)),
        "NUMBER UNIQUE ORDERS": str(len(held.patterns)),
        **{f"ALTERNATIVE NAME {k}": choice.name for k, choice in enumerate(held.contest.choices, 1)},
    }
    if any("\n" in value or "\r" in value for value in header.values()):
        raise ValueError("A name has a line end.")
    text = [f"# {key}: {value}" for key, value in header.items()]
    pairs = zip(held.patterns, held.counts, strict=True)
    text += [f"{count}: {_order(pattern, number, held.contest)}" for pattern, count in pairs]
    return ("\n".join(text) + "\n").encode()


def _with_keys(told: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines as files since 2022 have them. An older file begins with a bare number."""
    rest = ((row, line) for row, line in told if line.strip())
    first = next(rest, None)
    if first is None or not OLD_COUNT.fullmatch(first[1]):
        yield from () if first is None else (first,)
        yield from rest
        return
    yield first[0], f"# NUMBER ALTERNATIVES: {first[1].strip()}"
    for row, line in islice(rest, int(first[1])):
        named = OLD_NAME.fullmatch(line)
        yield row, f"# ALTERNATIVE NAME {named[1]}: {named[2]}" if named else line
    for row, line in islice(rest, 1):
        sums = OLD_SUMS.fullmatch(line)
        yield row, f"# NUMBER VOTERS: {sums[2]}" if sums else line
        yield row, f"# NUMBER UNIQUE ORDERS: {sums[3]}" if sums else ""
    for row, line in rest:
        yield row, line.replace(",", ":", 1)


def _count(
    line: str, row: int, header: Mapping[str, str], counts: Counter[Pattern], source: str, problems: Problems
) -> int:
    stated = ORDER.fullmatch(line)
    order = re.sub(r"\s", "", stated[2]) if stated else ""
    marks = _marks(order) if stated and ORDERED.fullmatch(order) else None
    most = header.get("NUMBER ALTERNATIVES", "")
    known = int(most) if re.fullmatch("[0-9]{1,6}", most) else 0
    if stated is None or marks is None or any(int(mark.choice) not in range(1, known + 1) for mark in marks):
        expected = "count: choices, each once, tied ones in braces"
        problems.add(Consequence.GRAVE, source, shown(line), expected, AGAIN, row=row)
        return 0
    counts[Pattern(marks)] += int(stated[1])
    return 1


def _marks(order: str) -> tuple[Mark, ...] | None:
    marks = [
        Mark(str(int(number)), rank)
        for rank, group in enumerate(GROUP.finditer(order), 1)
        for number in (group[1] or group[2]).split(",")
    ]
    if len({mark.choice for mark in marks}) < len(marks):
        return None
    return tuple(sorted(marks, key=lambda mark: int(mark.choice)))


def _check(
    header: Mapping[str, str], counts: Counter[Pattern], orders: int, source: str, problems: Problems
) -> None:
    for key, counted in (("NUMBER VOTERS", counts.total()), ("NUMBER UNIQUE ORDERS", orders)):
        if header.get(key, "") != str(counted):
            stated = header.get(key) or "nothing"
            problems.add(
                Consequence.GRAVE, source, f"{key} {shown(stated)}", f"{counted:,}, as the lines say", AGAIN
            )
    number = header.get("NUMBER ALTERNATIVES", "")
    is_number = re.fullmatch("[0-9]{1,6}", number) is not None
    wanted = [f"ALTERNATIVE NAME {k}" for k in range(1, int(number) + 1)] if is_number else []
    if not wanted or any(name not in header for name in wanted):
        found = f"{sum(name in header for name in wanted)} names of {shown(number)} choices"
        problems.add(Consequence.GRAVE, source, found, "a name for each choice", AGAIN)


def _order(pattern: Pattern, number: Mapping[str, int], contest: Contest) -> str:
    ranks = sorted({mark.rank for mark in pattern.marks})
    known = all(mark.choice in number for mark in pattern.marks)
    if pattern.flags or not known or ranks != list(range(1, len(ranks) + 1)):
        raise ValueError(f"{words(pattern, contest)}: no ranking of the contest's own choices without gaps.")
    groups = [[str(number[m.choice]) for m in pattern.marks if m.rank == rank] for rank in ranks]
    return ",".join(group[0] if len(group) == 1 else "{" + ",".join(group) + "}" for group in groups)
