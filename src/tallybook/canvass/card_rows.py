"""Tables with a row for each card: nothing in them may tell which card, in which order, or of what else.

For whoever publishes cast vote records. A column that names single cards (a record number, an imprinted
number, a time) is refused whatever it looks like: numbers that look random have been turned back into the
order of voting. So are rows in any order but that of their contents, several contests in one row, and a
whole reading that hardly any other card shares, since a voter can sign a ballot with it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import perm

from tallybook.canvass.groups import Leak, Limits, trouble
from tallybook.election.cards import Ballots, Mark

NAMES_CARDS = re.compile(
    r"cvr|record|imprint|ballot.?(id|no|num)|card.?(id|no|num)|serial|uuid|guid|sequence|(^|_)(id|seq|time|"
    r"timestamp|scanned)($|_)",
    re.IGNORECASE,
)
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d{1,2}:\d\d:\d\d")
COMMITMENT = re.compile("[0-9a-f]{64}")
MOST_TOLD = 5
FEWEST = 2


def card_leaks(
    table: str, rows: Sequence[Mapping[str, str]], places: Sequence[str], limits: Limits | None = None
) -> tuple[Leak, ...]:
    """What a table with a row a card gives away. places: its columns that name places and not votes."""
    known = limits or Limits()
    columns = list(rows[0]) if rows else []
    naming = [name for name in columns if names_single_cards(name, [row[name] for row in rows])]
    sealed = [name for name in columns if all(COMMITMENT.fullmatch(row[name]) for row in rows)]
    contests = [name for name in columns if name not in {*naming, *sealed, *places}]
    return (
        *identifiers(table, rows, [name for name in naming if name not in sealed]),
        *order(table, rows, sealed),
        *linkage(table, rows, contests),
        *unique_rows(table, rows, contests, known),
    )


def names_single_cards(heading: str, values: Sequence[str]) -> bool:
    """Whether a column tells cards apart: by its heading, by times, or since no value comes twice."""
    if NAMES_CARDS.search(heading) or any(TIME.search(value) for value in values):
        return True
    return len(values) >= FEWEST and len(set(values)) == len(values)


def identifiers(table: str, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> Iterator[Leak]:
    for name in columns:
        how = order_of([row[name] for row in rows])
        says = f'the column "{name}" names single cards{how}; it could reveal the order of voting.'
        to_do = "Leave the column out, or put commitments in its place (tallybook convert --to published)."
        yield Leak("identifier", table, f'column "{name}"', len(rows), says, to_do)


def order_of(values: Sequence[str]) -> str:
    """What is seen of an order in the values, in words."""
    if any(TIME.search(value) for value in values):
        return ", by times"
    if not all(value.isascii() and value.isdigit() for value in values):
        return ""
    numbers = [int(value) for value in values]
    if len(set(numbers)) == len(numbers) == max(numbers) - min(numbers) + 1:
        return ", by consecutive numbers"
    return ", by numbers that ascend" if numbers == sorted(numbers) else ""


def order(table: str, rows: Sequence[Mapping[str, str]], sealed: Sequence[str]) -> Iterator[Leak]:
    """Rows stand by their commitments, or by their contents: any other order may be that of scanning."""
    keys = [tuple(row[name] for name in sealed) if sealed else tuple(row.values()) for row in rows]
    if keys != sorted(keys):
        says = "the rows stand in an order that their contents do not explain; it may be that of voting."
        yield Leak("row_order", table, "the rows", len(rows), says, "Sort the rows by their contents.")


def linkage(table: str, rows: Sequence[Mapping[str, str]], contests: Sequence[str]) -> Iterator[Leak]:
    if len(contests) > 1:
        alone = sum(1 for n in readings(rows, contests).values() if n == 1)
        says = (
            f"each row has {len(contests)} contests of one ballot ({', '.join(contests[:MOST_TOLD])}"
            f"{' …' if len(contests) > MOST_TOLD else ''}); {alone:,} whole rows are unique."
        )
        to_do = "Publish each contest by itself, in an order of its own (tallybook convert --to published)."
        yield Leak("linked_contests", table, "the rows", len(rows), says, to_do)


def unique_rows(
    table: str, rows: Sequence[Mapping[str, str]], contests: Sequence[str], limits: Limits
) -> Iterator[Leak]:
    if len(contests) < FEWEST:
        return
    rare = [one for one, n in readings(rows, contests).items() if n < limits.alike]
    for one in rare[:MOST_TOLD]:
        yield rare_reading(table, "; ".join(one), len(rare))


def readings(rows: Sequence[Mapping[str, str]], contests: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Whole rows, how many cards have each."""
    return Counter(tuple(row[name] for name in contests) for row in rows)


def rare_reading(table: str, reading: str, many: int) -> Leak:
    says = f'a whole reading that hardly any other card shares, "{reading[:80]}" ({many:,} such in all).'
    to_do = "Publish the counts that the rule needs (first choices, pairs, rounds) instead of whole readings."
    return Leak("unique_pattern", table, "a reading", 1, says, to_do)


# One contest in its published form ------------------------------------------------------------------


def contest_leaks(ballots: Ballots, limits: Limits | None = None) -> tuple[Leak, ...]:
    """What the readings of one contest give away, published row by row without names of cards.

    A rare reading signs a ballot only where a voter has more readings to choose from than there are cards.
    """
    known = limits or Limits()
    contest, cards = ballots.contest, sum(ballots.counts)
    told = [(reading_of(p.marks), n) for p, n in zip(ballots.patterns, ballots.counts, strict=True)]
    can_sign = possible_readings(ballots) > cards
    rare = (
        [name for name, n in told if n < known.alike and (" > " in name or " + " in name)] if can_sign else []
    )
    found = [rare_reading(contest.id, name, len(rare)) for name in rare[:MOST_TOLD]]
    # One pattern alone is one mind only beside others that could have been: an empty column stands for them.
    why = trouble([*told, ("", 0)], known)
    if why:
        of_one_mind = f" and all say the same, fewer than {known.unanimous}."
        says = f"{cards:,} cards bear the contest"
        says += f", fewer than {known.ballots}." if why == "small" else of_one_mind
        to_do = "Leave the contest out of what is published card by card; publish its totals by the law."
        found.append(Leak(why, contest.id, "the contest", cards, says, to_do))
    return tuple(found)


def possible_readings(ballots: Ballots) -> int:
    """How many readings the contest allows: orders of choices where any are ranked, else any set of them."""
    choices = len(ballots.contest.choices)
    ranks = max((mark.rank for pattern in ballots.patterns for mark in pattern.marks), default=0)
    return sum(perm(choices, k) for k in range(min(ranks, choices) + 1)) if ranks else 2**choices


def reading_of(marks: Sequence[Mark]) -> str:
    """A reading in words: choices in order of rank, ">" between ranks, "+" between marks of one rank."""
    ranks: dict[int, list[str]] = {}
    for mark in marks:
        ranks.setdefault(mark.rank, []).append(mark.choice)
    return " > ".join(" + ".join(names) for _, names in sorted(ranks.items()))


def linked_rows(commitments: Mapping[str, Sequence[bytes]]) -> tuple[Leak, ...]:
    """Rows of two contests that bear one commitment: whoever sees both knows that they are one card."""
    first: dict[bytes, str] = {}
    twice: Counter[tuple[str, str]] = Counter()
    for contest, rows in commitments.items():
        for row in rows:
            other = first.setdefault(row, contest)
            if other != contest:
                twice[other, contest] += 1
    to_do = "Seal each contest's rows with salts of their own (docs/spec/cards.md, section 3)."
    return tuple(
        Leak(
            "linked_contests", b, "the rows", n, f"{n:,} rows bear the same commitment as rows of {a}.", to_do
        )
        for (a, b), n in twice.items()
    )
