"""Whether cast vote records are whole: held against the ballot manifest and against the reported totals.

For whoever must decide whether to count or audit from them. A reader checks an export against itself; these
checks hold it against what others say, the officials' manifest made without the tabulator and the returns.
What is missing or contradicts is grave. A name that differs in case, blanks or hyphens only is never joined
in silence: it is told as what it may be. The rows of a manifest and of returns come from their own readers.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from tallybook.election import Manifest, Tally
from tallybook.election.cards import CastVoteRecords, ballots
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.text import name_key
from tallybook.outcomes.selections import tally_selections

EXPORT_AGAIN = "Find out which is right; then export the records, or correct the manifest, anew."


def cards_by_batch(records: CastVoteRecords) -> dict[str, int]:
    """Cards in each batch: ``<tabulator>-<batch>`` as manifests call it, or ``<batch>`` alone."""
    batch = records.columns["batch"]
    key = batch.codes.astype(np.int64)
    tabulator = records.columns.get("tabulator")
    if tabulator is None or set(tabulator.values) <= {""}:
        counts = np.bincount(key, minlength=len(batch.values)).tolist()
        return {name: count for name, count in zip(batch.values, counts, strict=True) if count}
    pairs, counts = np.unique(tabulator.codes.astype(np.int64) * len(batch.values) + key, return_counts=True)
    width = len(batch.values)
    return {
        f"{tabulator.values[pair // width]}-{batch.values[pair % width]}": count
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
    }


def against_manifest(
    records: CastVoteRecords, manifest: Manifest, jurisdiction: str
) -> tuple[FileProblem, ...]:
    """Every batch of a jurisdiction in which records and manifest disagree; empty where all agree.

    A batch that only one of them has, and more records than cards, are grave. Fewer records than cards is
    ``COUNT``: those cards have no record, and an audit must treat them as read against the winner.
    """
    problems = Problems()
    if "batch" not in records.columns:
        found, mend = "no column for the batch", "Ask for an export that names the batch of each card."
        problems.add(Consequence.GRAVE, records.source, found, "the batch of each card", mend)
        return problems.collected()
    counted = cards_by_batch(records)
    listed = {batch.id: batch.cards for batch in manifest.batches if batch.jurisdiction == jurisdiction}
    if not listed:
        found = f"no batch of {shown(jurisdiction)}"
        mend = _near(jurisdiction, {batch.jurisdiction for batch in manifest.batches})
        problems.add(Consequence.GRAVE, "manifest", found, "the batches of this jurisdiction", mend)
        return problems.collected()
    for batch in sorted(counted.keys() - listed.keys()):
        found = f"{counted[batch]:,} records of batch {shown(batch)}, which the manifest does not list"
        mend = _near(batch, listed.keys() - counted.keys())
        problems.add(Consequence.GRAVE, records.source, found, "batches of the manifest", mend)
    for batch in sorted(listed):
        _compare(batch, listed[batch], counted, records.source, problems)
    return problems.collected()


def against_totals(records: CastVoteRecords, reported: Mapping[str, Tally]) -> tuple[FileProblem, ...]:
    """Every contest without ranks whose records do not add up to its reported tally; empty where all agree.

    ``reported``: by the contest's name, with the choices' names for ids. A contest that only one of them has
    is told too. What a tally does not state is not compared.
    """
    problems = Problems()
    names = {contest.name: contest for contest in records.contests}
    for name in reported.keys() - names.keys():
        mend = _near(name, names.keys() - reported.keys())
        found = f"no contest {shown(name)}, which is reported"
        problems.add(Consequence.GRAVE, records.source, found, "every contest reported", mend)
    for name in names.keys() - reported.keys():
        mend = _near(name, reported.keys() - names.keys())
        found = f"the contest {shown(name)}, which is not reported"
        problems.add(Consequence.CARE, records.source, found, "the contests reported", mend)
    for name in sorted(reported.keys() & names.keys()):
        contest = names[name]
        counted = tally_selections(ballots(records, contest.id))
        called = {choice.id: choice.name for choice in contest.choices}
        votes = {called[choice]: number for choice, number in counted.votes if choice != "write_in"}
        _compare_votes(name, votes, dict(reported[name].votes), records.source, problems)
        _compare_accounts(name, counted, reported[name], records.source, problems)
    return problems.collected()


def _compare(batch: str, cards: int, counted: Mapping[str, int], source: str, problems: Problems) -> None:
    """One batch of the manifest with its records."""
    records = counted.get(batch, 0)
    found = f"{records:,} records of batch {shown(batch)}"
    expected = f"as many as its cards, {cards:,}"
    if not records and cards:
        mend = _near(batch, counted.keys(), "The export may be partial: export again with every batch.")
        problems.add(Consequence.GRAVE, source, found, expected, mend)
    elif records > cards:
        problems.add(Consequence.GRAVE, source, found, expected, EXPORT_AGAIN)
    elif records < cards:
        mend = "Cards without a record are audited as if read against the winner. Scan them, or say why not."
        problems.add(Consequence.COUNT, source, found, expected, mend)


def _compare_votes(
    contest: str, counted: Mapping[str, int], reported: Mapping[str, int], source: str, problems: Problems
) -> None:
    for choice in sorted(counted.keys() | reported.keys()):
        if choice not in counted:
            if reported[choice] and not name_key(choice).startswith("write in"):
                found = f"no {shown(choice)} in {shown(contest)}, reported with {reported[choice]:,} votes"
                mend = _near(choice, counted.keys() - reported.keys())
                problems.add(Consequence.GRAVE, source, found, "every choice reported", mend)
        elif choice not in reported:
            if counted[choice]:
                found = f"{shown(choice)} in {shown(contest)} with {counted[choice]:,} votes, not reported"
                mend = _near(choice, reported.keys() - counted.keys())
                problems.add(Consequence.GRAVE, source, found, "the choices reported", mend)
        elif counted[choice] != reported[choice]:
            found = f"{counted[choice]:,} votes for {shown(choice)} in {shown(contest)}"
            problems.add(Consequence.GRAVE, source, found, f"as reported, {reported[choice]:,}", EXPORT_AGAIN)


def _compare_accounts(contest: str, counted: Tally, reported: Tally, source: str, problems: Problems) -> None:
    """Ballots, undervotes and overvotes: told, but systems differ in what they call these."""
    for name in ("ballots", "undervotes", "overvotes"):
        ours, theirs = getattr(counted, name), getattr(reported, name)
        if theirs is not None and ours != theirs:
            mend = "Ask what the report counts under this name; votes are compared apart."
            found = f"{ours:,} {name} in {shown(contest)}"
            problems.add(Consequence.COUNT, source, found, f"as reported, {theirs:,}", mend)


def _near(name: str, others: Iterable[str], otherwise: str = EXPORT_AGAIN) -> str:
    """What to do about a name that is missing: another spelling of it, where there is one."""
    same = [other for other in sorted(others) if name_key(other) == name_key(name)]
    return f"{shown(same[0])} may be the same, spelt otherwise: write both alike." if same else otherwise
