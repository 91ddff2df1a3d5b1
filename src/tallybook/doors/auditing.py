"""The files of an audit inside a book: the rows of an export, and tables of readings.

For `tallybook audit`. Readings are a table with the columns Item, Contest, Reading (and Cause, where one is
asked), written as `reading_texts` says; for batches a column for each choice. Bytes in, details of acts out.
The plan is in `audit_plans`.
"""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tallybook.audit.assertions import words
from tallybook.audit.measuring import Between, Evidence, points_between, withstands
from tallybook.audit.strata_intervals import points_between_strata
from tallybook.book import Standing
from tallybook.book.audit_basis import ballot
from tallybook.book.audit_measures import evidence_of, numbers_in
from tallybook.book.audit_runs import Run
from tallybook.book.sampling import MANIFEST
from tallybook.book.standing import Contest
from tallybook.doors.audit_totals import pool_of, pool_totals
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import named_contest
from tallybook.doors.converting import card_names, records_in
from tallybook.doors.reading_texts import reading_in
from tallybook.doors.tables import number_in, rows_of
from tallybook.election.cards import CastVoteRecords, Codes, Mark, Pattern
from tallybook.keep.cards.published import files_of, publish_population
from tallybook.merkle.canonical import encode

Json = dict[str, Any]


# The rows of an export ------------------------------------------------------------------------


def publish(
    source: Path, out: Path, standing: Standing, secret: bytes, only: Collection[str], pools: Collection[str]
) -> list[str]:
    """The rows of every contest of the book that an export has, a folder for each; answers what was done.

    Contests and choices are those of the book with the same names. Every card has a row in each, but those of
    ``pools``, of which the totals are written instead; with ``only`` no card of another batch has one.
    """
    records, told = records_in(source), []
    names = card_names(records)
    batches = [name.rpartition("/")[0] for name in names]
    if strange := sorted({*only, *pools} - set(batches)):
        raise DoorError(f"{source}: there is no batch {strange[0]!r}. Nothing was written.")
    manifest = manifest_from(names)
    shown = np.array([one not in pools and (not only or one in only) for one in batches], dtype=np.bool_)
    for contest in (standing.contests[one] for one in standing.order):
        found = named_contest(records.contests, contest.name)
        if found is None:
            told.append(f"{contest.name}: not in the export.")
            continue
        patterns, codes = under_ids(records, found.id, contest), records.codes[found.id]
        kept = [name for name, is_shown in zip(names, shown, strict=True) if is_shown]
        rows = publish_population(ballot(contest), patterns, codes[shown], kept, secret)
        files = files_of(rows)
        if pools:
            ranked = any(mark.rank for one in patterns for mark in one.marks)
            files["pools.json"] = encode(
                pools_from(contest, ranked, patterns, codes, batches, pools, manifest)
            )
        (out / contest.id).mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (out / contest.id / name).write_bytes(data)
        more = f", and {len(pools):,} pools" if pools else ""
        told.append(f"{contest.name}: {rows.cards:,} rows{more} in {out / contest.id}.")
    (out / "manifest.json").write_bytes(encode(manifest))
    return [*told, f"Batches as the export has them: {out / 'manifest.json'}. Hold them against the boxes."]


def pools_from(
    contest: Contest,
    ranked: bool,
    patterns: Sequence[Pattern],
    codes: Codes,
    batches: Sequence[str],
    pools: Collection[str],
    manifest: Json,
) -> Json:
    """The totals of the batches that are pools, from the records of their cards."""
    seen: dict[str, list[Pattern | None]] = {one: [] for one in pools}
    for batch, code in zip(batches, codes.tolist(), strict=True):
        if batch in seen:
            seen[batch].append(patterns[code - 1] if code else None)
    found = {batch: pool_of(ballot(contest), ranked, cards) for batch, cards in seen.items()}
    return pool_totals(contest.id, found, manifest, contest.name)


def under_ids(records: CastVoteRecords, found: str, contest: Contest) -> tuple[Pattern, ...]:
    """The patterns of a contest with the book's ids in the place of the export's."""
    ids = {name.casefold(): one for one, name in contest.names.items()}
    theirs = {choice.id: choice.name for choice in records.contest(found).choices}
    missing = [
        name for one, name in theirs.items() if name.casefold() not in ids and not one.startswith("write_in")
    ]
    if missing:
        raise DoorError(
            f"{contest.name}: the export's {missing[0]!r} is no choice of the book. Nothing was written."
        )
    mapped = {one: ids.get(name.casefold(), one) for one, name in theirs.items()}
    return tuple(
        Pattern(tuple(Mark(mapped.get(m.choice, m.choice), m.rank, m.votes) for m in one.marks), one.flags)
        for one in records.patterns[found]
    )


def manifest_from(names: Sequence[str]) -> Json:
    """The batches of these cards."""
    batches, counts = np.unique([name.rpartition("/")[0] for name in names], return_counts=True)
    rows = [{"cards": n, "id": one} for one, n in zip(batches.tolist(), counts.tolist(), strict=True)]
    return {"batches": rows, "format": MANIFEST}


# Readings -------------------------------------------------------------------------------------


def readings_of(path: Path, run: Run) -> dict[str, Json]:
    """Item -> contest -> reading, from a table of readings."""
    if run.plan.draw == "batches":
        return counts_in(path, run)
    found: dict[str, Json] = {}
    for row in rows_of(path, ("Item", "Contest", "Reading")):
        item, name = row.cells["Item"], row.cells["Contest"]
        if name not in run.plan.names:
            raise DoorError(f"{path}, row {row.number}: {name!r} is no contest of the plan.")
        if name in found.setdefault(item, {}):
            raise DoorError(f"{path}, row {row.number}: {item} has a second reading of {name}.")
        subject = run.basis.subjects[name]
        read = reading_in(row.cells["Reading"], subject.contest.choice_ids, subject.rules is not None)
        found[item][name] = read
    return found


def counts_in(path: Path, run: Run) -> dict[str, Json]:
    """Batch -> contest -> votes, from a table with a column for each choice."""
    found: dict[str, Json] = {}
    for row in rows_of(path, ("Item", "Contest")):
        name = row.cells["Contest"]
        if name not in run.plan.names:
            raise DoorError(f"{path}, row {row.number}: {name!r} is no contest of the plan.")
        choices = run.basis.subjects[name].contest.choice_ids
        found.setdefault(row.cells["Item"], {})[name] = {one: number_in(path, row, one) for one in choices}
    return found


def causes_of(path: Path) -> dict[tuple[str, str], str]:
    """(Item, contest) -> cause, from the same table."""
    return {
        (row.cells["Item"], row.cells["Contest"]): row.cells["Cause"]
        for row in rows_of(path, ("Item", "Contest", "Cause"))
    }


# What is drawn --------------------------------------------------------------------------------


def newest(standing: Standing, place: str) -> Run:
    """The audit that a command means: the latest of that place."""
    mine = [run for run in standing.runs.values() if run.place == place]
    if not mine:
        raise DoorError("No plan of an audit is in the book. Commit one: `tallybook audit commit PLAN`.")
    return max(mine, key=lambda run: run.seq)


def how_sure(run: Run, name: str) -> list[tuple[str, str, str, str]]:
    """For each assertion of a measured contest: what was reported, between what the truth lies, and how many
    more of the compared cards could be for the other side. The interval misses at most as often as the risk
    limit says.
    """
    found, limit = run.results[name], Fraction(run.plan.risk_limit)
    if found["step"] == "counted":
        return []
    claims, margins = run.basis.subjects[name].assertions, run.margins[name]
    evidence = evidence_of(run, name, numbers_in(run, name, found))
    compared, rows = run.basis.subjects[name].how == "comparison", []
    for one, claim, total in zip(evidence, claims, margins, strict=True):
        left = withstands(one.parts[0], limit, one.parts[0].top // 2, one.outside) if compared else None
        low, high = true_points(one, limit)
        most = "" if high is None else f" to {high:,}"
        rows.append((words(claim), f"{total:,}", f"{low:,}{most}", "" if left is None else f"{left:,}"))
    return rows


def true_points(one: Evidence, limit: Fraction) -> Between:
    """Between what the true points lie, from one stratum or several."""
    if len(one.parts) == 1:
        return points_between(one.parts[0], limit, one.outside)
    return points_between_strata(one.parts, limit, one.outside)


def counted(name: str, found: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """A measurement for people: contest, cards used, risk, next step."""
    step = str(found["step"]).replace("_", " ")
    if "more" in found:
        step += f" of at least {found['more']:,}"
    used = " + ".join(f"{n:,} {stratum}" for stratum, n in found.get("used", {}).items())
    return name, used or f"{found['cards']:,}", str(found.get("risk", "counted in full")), step
