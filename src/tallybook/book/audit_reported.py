"""What was reported of the contests of an audit's plan, from its exhibits (docs/spec/audit.md, section 4).

For the basis and the proof of a plan: published rows, totals of batches and of pools, totals of rankings.
Each is held to its form here, and its numbers to the cards. Raises UnfitError, in words for an official.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tallybook.audit.planned import NOT_ON_CARD, Reported, Subject, one_mark, points_of_votes, sums_of_rows
from tallybook.audit.planned_numbers import Pools, PoolTold
from tallybook.audit.published import (
    NO_RECORD,
    Rows,
    UnfitRowsError,
    counts_of,
    read_head,
    read_rows,
    without_reading,
)
from tallybook.book.audit_plan import counted, fields
from tallybook.book.audit_runs import PlannedStratum
from tallybook.book.nouns import Shelf
from tallybook.book.readings import pattern_of, well_ranked
from tallybook.book.standing import Contest
from tallybook.election.cards import Pattern
from tallybook.merkle.canonical import encode

LEAST_CARDS = 10
"""The fewest cards of which a table or a contest is published."""

BATCHES, POOLS, RANKINGS = (f"tallybook/{name}-totals/v1" for name in ("batch", "pool", "ranking"))
MOST_BYTES = 64 * 2**20
"""The longest exhibit of what was reported."""

Rankings = tuple[tuple[Pattern, ...], tuple[int, ...]]
"""Patterns, and how many cards had each."""


class UnfitError(ValueError):
    """Why a plan does not hold; the text says it to an official."""


def document_of(fingerprint: Any, shelf: Shelf) -> Any:
    """An exhibit of what was reported; None where it is not on file, or too long."""
    value = shelf.documents.get(fingerprint) if isinstance(fingerprint, str) else None
    return None if value is None or len(encode(value)) > MOST_BYTES else value


def head_of(one: PlannedStratum, shelf: Shelf) -> Any:
    """The head of a stratum's published rows."""
    if (document := document_of(one.reported, shelf)) is None:
        raise UnfitError(f"{one.key}: the published cards are not on file")
    try:
        return read_head(document)
    except UnfitRowsError as why:
        raise UnfitError(f"{one.key}: in the published cards {why}") from None


def rows_of(one: PlannedStratum, contest: Contest, cards: int, shelf: Shelf) -> Rows:
    """The published rows of a stratum: those of this contest, one for each of so many cards."""
    head = head_of(one, shelf)
    theirs = (head.contest.id, head.contest.choice_ids, head.contest.seats, head.contest.votes_allowed)
    if theirs != (contest.id, contest.choices, contest.seats, contest.votes_allowed):
        raise UnfitError(f"{one.key}: the published cards are of another contest, or of other choices")
    if head.cards != cards:
        raise UnfitError(
            f"{one.key}: the manifest and the records differ: {cards:,} cards, {head.cards:,} rows; "
            "every card has a row"
        )
    try:
        return read_rows(head, shelf.files)
    except UnfitRowsError as why:
        raise UnfitError(f"{one.key}: in the published cards {why}") from None


def batch_votes(
    one: PlannedStratum, contest: Contest, cards: Mapping[str, int], shelf: Shelf
) -> dict[str, Mapping[str, int]]:
    """Batch -> choice -> votes, as reported. cards: batch -> cards, by the manifest."""
    value = document_of(one.reported, shelf)
    if not told(value, "batches", contest, BATCHES):
        raise UnfitError(f"{one.key}: the totals by batch are not on file, or of another form")
    rows = value["batches"]
    if not all(fields(row, {"id", "votes"}) for row in rows):
        raise UnfitError(f"{one.key}: each batch has an id and its votes")
    if [row["id"] for row in rows] != list(cards) or not all(whole_tally(r["votes"], contest) for r in rows):
        raise UnfitError(f"{one.key}: the totals are not of exactly the batches of the manifest, by choice")
    for row in rows:
        if not within(row["votes"], 0, cards[row["id"]], contest):
            raise UnfitError(
                f"{one.key}: more votes than the {cards[row['id']]:,} ballots of batch {row['id']}"
            )
    return {row["id"]: row["votes"] for row in rows}


def pool_totals(
    one: PlannedStratum, contest: Contest, cards: Mapping[str, int], ranked: bool, shelf: Shelf
) -> dict[str, PoolTold]:
    """Batch -> what was reported of it as a pool. cards: batch -> cards, by the manifest."""
    value = document_of(one.pools, shelf)
    if not told(value, "pools", contest, POOLS) or not value["pools"]:
        raise UnfitError(f"{one.key}: the totals by pool are not on file, or of another form")
    rows = value["pools"]
    form = {"id", "readings"} if ranked else {"id", "votes", "write_ins"}
    if not all(fields(row, form) and isinstance(row["id"], str) for row in rows):
        raise UnfitError(f"{one.key}: each pool has its {', '.join(sorted(form))}")
    named = {row["id"] for row in rows}
    mine = [batch for batch in cards if batch in named and (not one.batches or batch in one.batches)]
    if [row["id"] for row in rows] != mine:
        raise UnfitError(f"{one.key}: the pools are not batches of the contest, in the order of the manifest")
    if small := next((batch for batch in mine if cards[batch] < LEAST_CARDS), ""):
        raise UnfitError(f"{one.key}: the pool {small} has fewer than {LEAST_CARDS} cards")
    read = ranked_pool if ranked else voted_pool
    return {row["id"]: read(one, contest, row, cards[row["id"]]) for row in rows}


def voted_pool(one: PlannedStratum, contest: Contest, row: Mapping[str, Any], cards: int) -> PoolTold:
    """A pool known by its votes."""
    if not whole_tally(row["votes"], contest) or not counted(row["write_ins"]):
        raise UnfitError(f"{one.key}: the pool {row['id']} has votes of every choice, and write_ins")
    if not within(row["votes"], row["write_ins"], cards, contest):
        raise UnfitError(f"{one.key}: more votes than the {cards:,} ballots of the pool {row['id']}")
    return PoolTold(cards, row["votes"])


def ranked_pool(one: PlannedStratum, contest: Contest, row: Mapping[str, Any], cards: int) -> PoolTold:
    """A pool known by its rankings."""
    (patterns, counts), many = rankings(one, contest, row["readings"])
    if many != cards:
        raise UnfitError(f"{one.key}: the pool {row['id']} has {many:,} readings and {cards:,} cards")
    return PoolTold(cards, {}, patterns, counts)


def ranking_totals(one: PlannedStratum, contest: Contest, shelf: Shelf) -> tuple[Rankings, int]:
    """The published rankings of a polled stratum, and the cards that were counted."""
    value = document_of(one.reported, shelf)
    if not told(value, "readings", contest, RANKINGS):
        raise UnfitError(f"{one.key}: the totals of its rankings are not on file, or of another form")
    found, many = rankings(one, contest, value["readings"])
    if many > one.cards:
        raise UnfitError(f"{one.key}: {many:,} cards were counted, of {one.cards:,} on the manifest")
    return found, many


def rankings(one: PlannedStratum, contest: Contest, rows: Any) -> tuple[Rankings, int]:
    """Patterns, how many cards had each, and how many cards there are, with those that lack the contest."""
    pairs = isinstance(rows, list) and all(isinstance(row, list) and len(row) == 2 for row in rows)
    if not pairs or not all(counted(n) and n for _, n in rows):
        raise UnfitError(f"{one.key}: readings are pairs of a reading and the number of its cards")
    if not all(said == NOT_ON_CARD or well_ranked(said, contest.choices) for said, _ in rows):
        raise UnfitError(f"{one.key}: a reading is a ranking of its choices, or not_on_card")
    texts = [encode(said) for said, _ in rows]
    if any(before >= after for before, after in pairwise(texts)):
        raise UnfitError(f"{one.key}: readings stand each once, in the order of their bytes")
    known = [(pattern_of(said), n) for said, n in rows if said != NOT_ON_CARD]
    patterns = tuple(one for one, _ in known if isinstance(one, Pattern))
    return (patterns, tuple(n for _, n in known)), sum(n for _, n in rows)


def polled_totals(one: PlannedStratum, contest: Contest, subject: Subject) -> Reported:
    """Reported totals against the cards, and the patterns that the bet expects."""
    value = one.reported
    good = fields(value, {"cards", "votes", "write_ins"}) and whole_tally(value["votes"], contest)
    if not good or not counted(value["cards"]) or not counted(value["write_ins"]):
        raise UnfitError(f"{one.key}: reported are cards, votes of every choice, and write_ins")
    if value["cards"] > one.cards:
        raise UnfitError(
            f"{one.key}: {value['cards']:,} cards were counted, of {one.cards:,} on the manifest"
        )
    if not within(value["votes"], value["write_ins"], value["cards"], contest):
        raise UnfitError(f"{one.key}: more votes than its {value['cards']:,} ballots can hold")
    patterns, counts = marks_told(one, subject)
    return Reported(linear(one, subject, value["votes"]), one.cards - value["cards"], patterns, counts)


def marks_told(one: PlannedStratum, subject: Subject) -> Rankings:
    """The patterns of one mark that totals of votes tell of, where one vote is allowed; else none."""
    if subject.contest.votes_allowed > 1:
        return (), ()
    votes = one.reported["votes"]
    counts = (*(votes[name] for name in subject.contest.choice_ids), one.reported["write_ins"])
    return one_mark(subject.contest), counts


def compared_rows(one: PlannedStratum, subject: Subject, rows: Rows) -> Reported:
    """The rows of a stratum, added up."""
    counts = counts_of(rows)
    pairs = list(zip(rows.patterns, counts, strict=True))
    if sum(n for pattern, n in pairs if not without_reading(pattern)) < LEAST_CARDS:
        raise UnfitError(f"{one.key}: fewer than {LEAST_CARDS} cards carry it; count them in full")
    phantoms = sum(n for pattern, n in pairs if NO_RECORD in pattern.flags)
    return Reported(sums(one, subject, rows.patterns, counts), phantoms)


def pooled_rows(one: PlannedStratum, subject: Subject, rows: Rows, pools: Pools) -> Reported:
    """The rows of a stratum and its pools, added up."""
    own = compared_rows(one, subject, rows)
    added = (sum(pool.points for pool in mine.values()) for mine in pools)
    return Reported(tuple(a + b for a, b in zip(own.sums, added, strict=True)), own.phantoms)


def sums(
    one: PlannedStratum, subject: Subject, patterns: Sequence[Pattern], counts: Sequence[int]
) -> tuple[int, ...]:
    """The points of every assertion over cards of these patterns."""
    try:
        return sums_of_rows(subject, patterns, counts)
    except ValueError as why:
        raise UnfitError(f"{one.key}: {why}") from None


def batch_sums(one: PlannedStratum, subject: Subject, votes: Iterable[Mapping[str, int]]) -> Reported:
    """The votes of all batches, added up."""
    added = Counter[str]()
    for batch in votes:
        added.update(batch)
    return Reported(linear(one, subject, {name: added[name] for name in subject.contest.choice_ids}), 0)


def linear(one: PlannedStratum, subject: Subject, votes: Mapping[str, int]) -> tuple[int, ...]:
    """The points of every assertion from totals alone."""
    try:
        return tuple(points_of_votes(assertion, votes) for assertion in subject.assertions)
    except ValueError:
        raise UnfitError(f"{one.key}: without rows only `ahead` and shares can be shown") from None


def told(value: Any, rows: str, contest: Contest, form: str) -> bool:
    """Whether a document is totals of this form, of this contest, with a list of rows."""
    if not fields(value, {"contest", "format", rows}) or not isinstance(value[rows], list):
        return False
    return bool((value["contest"], value["format"]) == (contest.id, form))


def whole_tally(votes: Any, contest: Contest) -> bool:
    """Exactly the contest's choices, with whole numbers."""
    return fields(votes, set(contest.choices)) and all(map(counted, votes.values()))


def within(votes: Mapping[str, int], write_ins: int, cards: int, contest: Contest) -> bool:
    """Whether so many cards can hold these votes."""
    together = sum(votes.values()) + write_ins
    return max(votes.values()) <= cards and together <= cards * contest.votes_allowed
