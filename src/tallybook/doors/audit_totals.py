"""What was counted, as clerks have it in tables: votes of batches or pools, and rankings with their cards.

For the plan of an audit inside a book and for the rows of an export. A table of votes has the column Batch, a
column for each choice (its id) and for pools Write-ins; a table of rankings has Reading and Cards, and for
pools Batch. JSON files in the published form are taken as they are. Documents of docs/spec/audit.md, section
4, come out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tallybook.audit.planned import NOT_ON_CARD
from tallybook.book.audit_reported import BATCHES, POOLS, RANKINGS
from tallybook.book.standing import Contest
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.reading_texts import reading_in
from tallybook.doors.tables import number_in, rows_of
from tallybook.election import Contest as Ballot
from tallybook.election.cards import Ballots, Pattern
from tallybook.merkle.canonical import decode, encode
from tallybook.outcomes.selections import tally_selections

Json = dict[str, Any]
BATCH, WRITE_INS, READING, CARDS = "Batch", "Write-ins", "Reading", "Cards"


def batches_in(path: Path) -> list[str]:
    """The batches that a table names in its column Batch, each once."""
    return list(dict.fromkeys(row.cells[BATCH] for row in rows_of(path, (BATCH,))))


def batch_totals_in(path: Path, contest: Contest) -> Json:
    """Totals by batch, from a table of votes."""
    rows = [
        {"id": row.cells[BATCH], "votes": {one: number_in(path, row, one) for one in contest.choices}}
        for row in rows_of(path, (BATCH, *contest.choices))
    ]
    return {"batches": rows, "contest": contest.id, "format": BATCHES}


def pool_totals_in(path: Path, contest: Contest, ranked: bool, manifest: Json) -> Json:
    """Totals by pool, from a table of votes, or of a ranked contest from a table of rankings."""
    found: dict[str, Json]
    if ranked:
        found = {name: {"readings": told} for name, told in rankings_by_batch(path, contest).items()}
    else:
        found = {
            row.cells[BATCH]: {
                "votes": {one: number_in(path, row, one) for one in contest.choices},
                "write_ins": number_in(path, row, WRITE_INS),
            }
            for row in rows_of(path, (BATCH, *contest.choices, WRITE_INS))
        }
    return pool_totals(contest.id, found, manifest, str(path))


def pool_totals(contest: str, found: Mapping[str, Json], manifest: Json, where: str) -> Json:
    """Pools in the order of the manifest. Raises DoorError for one that is no batch of it."""
    order = [one["id"] for one in manifest["batches"]]
    if strange := sorted(found.keys() - set(order)):
        raise DoorError(f"{where}: {strange[0]!r} is no batch of the manifest. Nothing was changed.")
    rows = [{"id": one, **found[one]} for one in order if one in found]
    return {"contest": contest, "format": POOLS, "pools": rows}


def ranking_totals_in(path: Path, contest: Contest) -> Json:
    """Rankings with their cards, from a table."""
    many = Counter[bytes]()
    for row in rows_of(path, (READING, CARDS)):
        many[written(row.cells[READING], contest)] += number_in(path, row, CARDS)
    return {"contest": contest.id, "format": RANKINGS, "readings": told(many)}


def rankings_by_batch(path: Path, contest: Contest) -> dict[str, list[list[Any]]]:
    """Batch -> its rankings with their cards, from a table."""
    many: dict[str, Counter[bytes]] = {}
    for row in rows_of(path, (BATCH, READING, CARDS)):
        mine = many.setdefault(row.cells[BATCH], Counter())
        mine[written(row.cells[READING], contest)] += number_in(path, row, CARDS)
    return {batch: told(mine) for batch, mine in many.items()}


def written(text: str, contest: Contest) -> bytes:
    """A ranking of a table in its canonical bytes."""
    return encode(reading_in(text, contest.choices, True))


def told(many: Mapping[bytes, int]) -> list[list[Any]]:
    """Readings with their cards, in the order of their bytes; those without a card are left out."""
    return [[decode(text), n] for text, n in sorted(many.items()) if n]


def pool_of(contest: Ballot, ranked: bool, seen: Iterable[Pattern | None]) -> Json:
    """A pool from the records of its cards; None for a card whose record lacks the contest."""
    cards = Counter(seen)
    if ranked:
        return {
            "readings": told({encode(reading_of(one, contest.choice_ids)): n for one, n in cards.items()})
        }
    known = {one: n for one, n in cards.items() if one is not None}
    tally = tally_selections(Ballots(contest, tuple(known), tuple(known.values())))
    return {"votes": dict(tally.votes), "write_ins": tally.write_ins or 0}


def reading_of(pattern: Pattern | None, choices: Sequence[str]) -> Any:
    """What a ranked record says, written as a reading; names written in are numbered over the whole card."""
    if pattern is None:
        return NOT_ON_CARD
    strangers = list(dict.fromkeys(mark.choice for mark in pattern.marks if mark.choice not in choices))
    called = {name: f"write_in:{n}" for n, name in enumerate(strangers, 1)}
    if strangers == ["write_in"]:
        called = {"write_in": "write_in"}
    ranks: list[set[str]] = [set() for _ in range(max((mark.rank for mark in pattern.marks), default=0))]
    for mark in pattern.marks:
        ranks[mark.rank - 1].add(mark.choice)
    return [
        [one for one in choices if one in names] + [called[one] for one in strangers if one in names]
        for names in ranks
    ]
