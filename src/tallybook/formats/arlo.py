"""The files that officials upload to Arlo: batch totals, standardized contests, participants.

For whoever has run audits there and brings the same files here (manifests: ``manifests.ARLO``). The rules are
those of Arlo as of 2026: votes in a batch cannot exceed its ballots times the votes allowed, the batches are
exactly those of the manifest, and nothing is dropped in silence.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from tallybook.election import Manifest
from tallybook.formats.csv_in import (
    Row,
    Table,
    needs_text,
    no_row_of_totals,
    read_table,
    unique,
    whole_number,
)
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.text import name_key

BATCH = "Batch Name"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
VOTE_FOR = re.compile(r"\s*\(Vote For=\d+\)\s*$", re.IGNORECASE)


class BatchTotals(msgspec.Struct, frozen=True):
    """The reported votes of one batch, by contest and choice (as the file calls them)."""

    jurisdiction: str
    batch: str
    votes: Mapping[str, Mapping[str, int]]


class StandardContest(msgspec.Struct, frozen=True):
    """A contest under its one name. ``jurisdictions`` is empty where it is on every ballot."""

    name: str
    jurisdictions: tuple[str, ...]
    choices: tuple[str, ...] = ()


class Participant(msgspec.Struct, frozen=True):
    """A jurisdiction's manager. ``expected_ballots`` is None where not stated."""

    jurisdiction: str
    email: str
    expected_ballots: int | None = None


def read_candidate_totals(
    data: bytes,
    file: str,
    contests: Mapping[str, Sequence[str]],
    manifest: Manifest | None = None,
    jurisdiction: str = "",
    votes_allowed: Mapping[str, int] | None = None,
) -> tuple[tuple[BatchTotals, ...] | None, tuple[FileProblem, ...]]:
    """The candidate totals by batch of one jurisdiction.

    ``contests`` maps each contest to its choices. With one contest a column is named after a choice, with
    several ``<contest> - <choice>``. With a manifest the batches must be its own, and no batch holds more
    votes than its cards allow (one vote a card where ``votes_allowed`` does not say more).
    """
    problems = Problems()
    columns = columns_of(contests)
    held = read_table(data, file, problems, (BATCH, *columns))
    unique(held, [BATCH], problems)
    no_row_of_totals(held, list(columns), problems)
    found = tuple(_totals(row, columns, jurisdiction, held, problems) for row in held.rows)
    if manifest is not None and not problems.grave:
        _check_batches(held, found, manifest, jurisdiction, votes_allowed or {}, problems)
    return (None if problems.grave else found), problems.collected()


def columns_of(contests: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """The columns of a file of candidate totals: name -> (contest, choice)."""
    alone = len(contests) == 1
    return {
        choice if alone else f"{contest} - {choice}": (contest, choice)
        for contest, choices in contests.items()
        for choice in choices
    }


def read_standard_contests(
    data: bytes, file: str, jurisdictions: Sequence[str]
) -> tuple[tuple[StandardContest, ...] | None, tuple[FileProblem, ...]]:
    """The standardized contests; each names jurisdictions that exist, or all of them."""
    problems = Problems()
    held = read_table(data, file, problems, ("Contest Name", "Jurisdictions"), ("Choice Names",))
    known = {name.casefold(): name for name in jurisdictions}
    found = tuple(_contest(row, known, held, problems) for row in held.rows)
    for row, contest in zip(held.rows, found, strict=True):
        if [one.name for one in found].count(contest.name) > 1:
            mend = "Write the contest once, with all of its jurisdictions."
            problems.add(
                Consequence.GRAVE, file, shown(contest.name), "each contest once", mend, row=row.number
            )
    return (None if problems.grave else found), problems.collected()


def read_participants(
    data: bytes, file: str
) -> tuple[tuple[Participant, ...] | None, tuple[FileProblem, ...]]:
    """The jurisdictions and their managers; a jurisdiction may have several."""
    problems = Problems()
    expected = "Expected Number of Ballots"
    held = read_table(data, file, problems, ("Jurisdiction", "Admin Email"), (expected,))
    unique(held, ("Jurisdiction", "Admin Email"), problems)
    found = []
    for row in held.rows:
        name, email = (needs_text(row, column, file, problems) for column in ("Jurisdiction", "Admin Email"))
        if email and not EMAIL.fullmatch(email):
            mend = "Correct the address and upload the file again."
            wanted = "an address such as clerk@county.gov"
            problems.add(
                Consequence.GRAVE, file, shown(email), wanted, mend, row=row.number, column="Admin Email"
            )
        ballots = whole_number(row, expected, file, problems) if row.cells.get(expected) else None
        found.append(Participant(name, email.lower(), ballots))
    return (None if problems.grave else tuple(found)), problems.collected()


def _totals(
    row: Row, columns: Mapping[str, tuple[str, str]], jurisdiction: str, held: Table, problems: Problems
) -> BatchTotals:
    votes: dict[str, dict[str, int]] = {}
    for column, (contest, choice) in columns.items():
        votes.setdefault(contest, {})[choice] = whole_number(row, column, held.file, problems)
    return BatchTotals(jurisdiction, needs_text(row, BATCH, held.file, problems), votes)


def _check_batches(
    held: Table,
    found: Sequence[BatchTotals],
    manifest: Manifest,
    jurisdiction: str,
    votes_allowed: Mapping[str, int],
    problems: Problems,
) -> None:
    cards = {batch.id: batch.cards for batch in manifest.batches if batch.jurisdiction == jurisdiction}
    alike = {name_key(name): name for name in cards}
    for row, totals in zip(held.rows, found, strict=True):
        if totals.batch not in cards:
            near = alike.get(name_key(totals.batch))
            mend = f"Did you mean {shown(near)}? " if near else ""
            _add(
                problems,
                held,
                shown(totals.batch),
                "a batch of the manifest",
                mend + "Correct the name.",
                row,
            )
            continue
        for contest, votes in totals.votes.items():
            most = cards[totals.batch] * votes_allowed.get(contest, 1)
            if sum(votes.values()) > most:
                found_votes = f"{sum(votes.values()):,} votes in {shown(contest)}"
                mend = "Compare the batch with its manifest and with the tabulator's report."
                _add(problems, held, found_votes, f"at most {most:,} votes", mend, row)
    absent = sorted(cards.keys() - {totals.batch for totals in found})
    for name in absent:
        mend = "Add a row for the batch, with zeros where it holds no vote."
        _add(problems, held, f"no row for {shown(name)}", "every batch of the manifest", mend, None)


def _add(problems: Problems, held: Table, found: str, expected: str, mend: str, row: Row | None) -> None:
    number = row.number if row else 0
    problems.add(Consequence.GRAVE, held.file, found, expected, mend, row=number, column=BATCH)


def _contest(row: Row, known: Mapping[str, str], held: Table, problems: Problems) -> StandardContest:
    name = VOTE_FOR.sub("", needs_text(row, "Contest Name", held.file, problems))
    text = needs_text(row, "Jurisdictions", held.file, problems)
    places = [] if text.casefold() == "all" else [one.strip() for one in text.split(",") if one.strip()]
    for place in places:
        if place.casefold() not in known:
            mend = "Correct the name, or add the jurisdiction to the file of participants."
            problems.add(
                Consequence.GRAVE, held.file, shown(place), "a jurisdiction of this audit", mend,
                row=row.number, column="Jurisdictions",
            )  # fmt: skip
    choices = [one.strip() for one in row.cells.get("Choice Names", "").split(";") if one.strip()]
    kept = tuple(dict.fromkeys(known.get(place.casefold(), place) for place in places))
    return StandardContest(name, kept, tuple(choices))
