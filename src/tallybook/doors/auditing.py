"""The files of an audit inside a book: the plan as officials write it, the rows of an export, and readings.

For `tallybook audit`. A plan file is TOML; docs/how-to/audit-in-a-book.md has one. Readings are a table with
the columns Item, Contest, Reading (and Cause, where one is asked): choices joined by ";", ranks by ">", or
blank, "not on card", "not found"; for batches a column for each choice. Bytes in, details of acts out.
"""

import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tallybook.audit.assertions import FullCount, words
from tallybook.audit.assertions import plain as published_form
from tallybook.audit.measuring import points_between, withstands
from tallybook.audit.planned import NOT_FOUND, NOT_ON_CARD, implied
from tallybook.audit.published import Head, UnfitRowsError, counts_of, read_head, read_rows
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks
from tallybook.book import Standing
from tallybook.book.audit_basis import ballot, method_of, ranked_rules, winner_rule
from tallybook.book.audit_measures import evidence_of, numbers_in
from tallybook.book.audit_reported import UnfitError
from tallybook.book.audit_runs import Run
from tallybook.book.sampling import MANIFEST, good_manifest
from tallybook.book.standing import Contest
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import named_contest
from tallybook.doors.converting import card_names, records_in
from tallybook.doors.tables import number_in, rows_of
from tallybook.election.cards import CastVoteRecords, Mark, Pattern
from tallybook.keep.cards.published import files_of, publish_population
from tallybook.merkle.canonical import decode, encode
from tallybook.merkle.errors import EvidenceError

Json = dict[str, Any]
Files = list[tuple[str, bytes]]
WORDS = {"not on card": NOT_ON_CARD, "not found": NOT_FOUND}
ROW_FILES = ("contest.json", "codes.bin", "commitments.bin")


# The plan -------------------------------------------------------------------------------------


def planned(path: Path, standing: Standing, day: str) -> tuple[bytes, Files]:
    """The plan of a plan file, in its published form, and the files that it names."""
    told = table_of(path)
    try:
        manifest = manifest_of(path.parent / told.pop("manifest"))
        rows, sizes, board = told.pop("contests"), told.pop("sizes"), told.pop("board")
    except KeyError as missing:
        raise DoorError(f"{path}: there is no {missing.args[0]}. The guide shows a plan file.") from None
    files: Files = [("manifest.json", encode(manifest))]
    contests, claims = [], {}
    for row in rows:
        contest = standing.contests.get(str(row.get("contest")))
        if contest is None:
            known = ", ".join(standing.order)
            raise DoorError(f"{path}: {row.get('contest')!r} is no contest of the book; there are: {known}.")
        made, own = one_contest(path, dict(row), contest, manifest)
        contests.append(made)
        files += own
        claims[contest.id] = claim_of(path, standing, contest, made, own, day)
    plan = {
        "assertions": claims,
        "board": board,
        "contests": contests,
        "draw": told.pop("draw", "cards"),
        "format": "tallybook/audit-plan/v1",
        "manifest": fingerprint(files[0][1]),
        "sizes": sizes,
        **told,
    }
    try:
        return encode(plan), files
    except EvidenceError as why:
        raise DoorError(f"{path}: {why}") from None


def table_of(path: Path) -> Json:
    """A TOML file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DoorError(f"{path}: {error}. Correct the file; nothing was changed.") from None


def manifest_of(path: Path) -> Json:
    """A manifest: as the book has it, or a table of Batch and Cards, perhaps Container and Place."""
    if path.suffix == ".json":
        found = parsed(path)
    else:
        rows = rows_of(path, ("Batch", "Cards"), ("Container", "Place"))
        kept = [
            {one.lower(): row.cells[one] for one in ("Container", "Place") if row.cells.get(one)}
            for row in rows
        ]
        batches = [
            {"cards": number_in(path, row, "Cards"), "id": row.cells["Batch"], **where}
            for row, where in zip(rows, kept, strict=True)
        ]
        found = {"batches": batches, "format": MANIFEST}
    if not good_manifest(found):
        raise DoorError(
            f"{path}: expected each batch once, with its id and at least one card; no slash in the name of a "
            "batch, a container or a place."
        )
    return dict(found)


def parsed(path: Path) -> Any:
    """A JSON file, whatever its blanks."""
    try:
        return msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise DoorError(f"{path}: {error}. Correct the file; nothing was changed.") from None


def one_contest(path: Path, row: Json, contest: Contest, manifest: Json) -> tuple[Json, Files]:
    """A contest of the plan, and the files with what was reported of it."""
    winners, advance = row.pop("winners", None), row.pop("runoff", None)
    order = [one for one in contest.choices if one in (winners or advance or ())]
    outcome = {"kind": "winner", "winners": order} if winners else {"choices": order, "kind": "runoff"}
    where = row.get("batches")
    held = sum(one["cards"] for one in manifest["batches"] if where is None or one["id"] in where)
    files: Files = []
    if "rows" in row:
        folder = path.parent / row.pop("rows")
        files = [(f"{contest.id}-{name}", (folder / name).read_bytes()) for name in ROW_FILES]
    elif "totals" in row:
        files = [(f"{contest.id}-totals.json", encode(parsed(path.parent / row.pop("totals"))))]
    reported = fingerprint(files[0][1]) if files else row.pop("reported", None)
    usual = {"cards": held, "lacking": "carries", "outcome": outcome, "reported": reported}
    return {**usual, **row}, files


def claim_of(
    path: Path, standing: Standing, contest: Contest, made: Json, files: Files, day: str
) -> list[Json]:
    """The assertions that the outcome asks for; of a ranked contest the easiest that its rows allow."""
    try:
        rule = winner_rule(standing, contest, day)
    except UnfitError as why:
        raise DoorError(f"{path}: {why}.") from None
    told = made["outcome"]
    if method_of(rule) == "ranked_choice" and rule is not None:
        found: Any = ranked_claim(path, contest, told.get("winners", []), files, rule)
    else:
        winners, advance = tuple(told.get("winners", ())), tuple(told.get("choices", ()))
        found = implied(ballot(contest), method_of(rule), winners, advance)
    if found is None:
        raise DoorError(f"{path}, {contest.id}: no sample can show this outcome. Count every card.")
    return [msgspec.json.decode(msgspec.json.encode(published_form(one))) for one in found]


def ranked_claim(path: Path, contest: Contest, winners: Sequence[str], files: Files, rule: Any) -> Any:
    """The assertions of a ranked contest, from its published rows."""
    by_name = {name.rpartition("-")[2]: data for name, data in files}
    if "contest.json" not in by_name:
        raise DoorError(f"{path}, {contest.id}: a ranked contest needs `rows`, its published cards.")
    try:
        rows = read_rows(head_of(by_name["contest.json"]), {fingerprint(d): d for _, d in files})
    except (UnfitRowsError, EvidenceError) as why:
        raise DoorError(f"{path}, {contest.id}: in its rows {why}.") from None
    reading = ranks(ballot(contest), rows.patterns, ranked_rules(rule))
    found = raire(reading, counts_of(rows), winners, contest.id)
    return None if isinstance(found, FullCount) else found[0].assertions


def head_of(data: bytes) -> Head:
    """The head of a published contest."""
    return read_head(decode(data))


def fingerprint(data: bytes) -> str:
    """The name of an exhibit."""
    return sha256(data).hexdigest()


# The rows of an export ------------------------------------------------------------------------


def publish(source: Path, out: Path, standing: Standing, secret: bytes) -> list[str]:
    """The rows of every contest of the book that an export has, a folder for each; answers what was done.

    Contests and choices are those of the book with the same names. Every card has a row in each.
    """
    records, told = records_in(source), []
    names = card_names(records)
    for contest in (standing.contests[one] for one in standing.order):
        found = named_contest(records.contests, contest.name)
        if found is None:
            told.append(f"{contest.name}: not in the export.")
            continue
        patterns = under_ids(records, found.id, contest)
        rows = publish_population(ballot(contest), patterns, records.codes[found.id], names, secret)
        (out / contest.id).mkdir(parents=True, exist_ok=True)
        for name, data in files_of(rows).items():
            (out / contest.id / name).write_bytes(data)
        told.append(f"{contest.name}: {rows.cards:,} rows in {out / contest.id}.")
    (out / "manifest.json").write_bytes(encode(manifest_from(names)))
    return [*told, f"Batches as the export has them: {out / 'manifest.json'}. Hold them against the boxes."]


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
        found[item][name] = reading_from(row.cells["Reading"], run, name)
    return found


def reading_from(text: str, run: Run, name: str) -> Any:
    """A reading as it is written in a table."""
    plain, subject = " ".join(text.split()), run.basis.subjects[name]
    if plain.casefold() in WORDS:
        return WORDS[plain.casefold()]
    if plain.casefold() == "blank":
        return []
    if subject.rules is None:
        return in_order(plain, subject.contest.choice_ids)
    return [in_order(one, subject.contest.choice_ids) for one in plain.split(">")]


def in_order(text: str, choices: Sequence[str]) -> list[str]:
    """Choices joined by ";", in ballot order; then write-ins."""
    named = [one.strip() for one in text.split(";") if one.strip()]
    strange = [one for one in named if one not in choices and not one.startswith("write_in")]
    if strange:
        raise DoorError(f"Found {strange[0]!r}; expected choices of {', '.join(choices)}, or write_in.")
    return [one for one in choices if one in named] + sorted(one for one in named if one not in choices)


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
    if found["step"] == "counted" or run.basis.subjects[name].how == "strata":
        return []
    rows = []
    for one, claim, total in zip(
        evidence_of(run, name, numbers_in(run, name, found)),
        run.basis.subjects[name].assertions,
        run.margins[name],
        strict=True,
    ):
        part = one.parts[0]
        low, high = points_between(part, limit, one.outside)
        compared = run.basis.subjects[name].how == "comparison"
        left = withstands(part, limit, part.top // 2, one.outside) if compared else None
        spare = "" if left is None else f"{left:,}"
        rows.append((words(claim), f"{total:,}", f"{low:,} to {high:,}", spare))
    return rows


def counted(name: str, found: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """A measurement for people: contest, cards used, risk, next step."""
    step = str(found["step"]).replace("_", " ")
    if "more" in found:
        step += f" of at least {found['more']:,}"
    return name, f"{found['cards']:,}", str(found.get("risk", "counted in full")), step
