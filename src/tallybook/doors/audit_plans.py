"""The plan of an audit inside a book, as officials write it, in its published form.

For `tallybook audit commit`. A plan file is TOML; docs/how-to/audit-in-a-book.md has some. It names folders
of published rows, tables of totals and a manifest; what the outcome asks to be true is found here.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from tallybook.audit.assertions import FullCount
from tallybook.audit.assertions import plain as published_form
from tallybook.audit.planned import implied
from tallybook.audit.published import Head, UnfitRowsError, counts_of, read_head, read_rows
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks
from tallybook.book import Standing
from tallybook.book.audit_basis import ballot, method_of, ranked_rules, winner_rule
from tallybook.book.audit_reported import UnfitError
from tallybook.book.readings import pattern_of
from tallybook.book.sampling import MANIFEST, good_manifest
from tallybook.book.standing import Contest
from tallybook.doors.audit_totals import batch_totals_in, batches_in, pool_totals_in, ranking_totals_in
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.tables import number_in, rows_of
from tallybook.election.cards import Pattern
from tallybook.law import Rule
from tallybook.merkle.canonical import decode, encode
from tallybook.merkle.errors import EvidenceError

Json = dict[str, Any]
Files = list[tuple[str, bytes]]
ROW_FILES = ("contest.json", "codes.bin", "commitments.bin")


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
        rule = rule_of(path, standing, contest, day)
        ranked = method_of(rule) == "ranked_choice"
        made, own = one_contest(path, dict(row), contest, ranked, manifest)
        contests.append(made)
        files += own
        claims[contest.id] = claim_of(path, rule, contest, made, own)
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


def rule_of(path: Path, standing: Standing, contest: Contest, day: str) -> Rule | None:
    """The rule of the law for the winner of a contest."""
    try:
        return winner_rule(standing, contest, day)
    except UnfitError as why:
        raise DoorError(f"{path}: {why}.") from None


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


def one_contest(path: Path, row: Json, contest: Contest, ranked: bool, manifest: Json) -> tuple[Json, Files]:
    """A contest of the plan, and the files with what was reported of it."""
    winners, advance = row.pop("winners", None), row.pop("runoff", None)
    order = [one for one in contest.choices if one in (winners or advance or ())]
    outcome = {"kind": "winner", "winners": order} if winners else {"choices": order, "kind": "runoff"}
    if "strata" not in row:
        made, files = one_stratum(path, row, contest, ranked, manifest, contest.id)
        return {**made, "outcome": outcome}, files
    strata, named = [], []
    for one in row.pop("strata"):
        made, own = one_stratum(
            path, dict(one), contest, ranked, manifest, f"{contest.id}-{one.get('stratum')}"
        )
        strata.append(made)
        named += own
    return {**row, "outcome": outcome, "strata": strata}, named


def one_stratum(
    path: Path, row: Json, contest: Contest, ranked: bool, manifest: Json, name: str
) -> tuple[Json, Files]:
    """The fields of a stratum, and the files with what was reported of it, called by its name.

    `rows` is a folder of published rows; `totals`, `pools` and `batches` may be tables or JSON files.
    """
    where = row.get("batches")
    if isinstance(where, str):
        row["batches"] = where = batches_in(path.parent / where)
    held = sum(one["cards"] for one in manifest["batches"] if where is None or one["id"] in where)
    files: Files = []
    if "rows" in row:
        folder = path.parent / row.pop("rows")
        files = [(f"{name}-{file}", (folder / file).read_bytes()) for file in ROW_FILES]
    elif "totals" in row:
        table = path.parent / row.pop("totals")
        read = ranking_totals_in if row.get("evidence") == "polling" else batch_totals_in
        files = [(f"{name}-totals.json", encode(document(table, lambda: read(table, contest))))]
    row.setdefault("reported", fingerprint(files[0][1]) if files else None)
    if "pools" in row:
        table = path.parent / row["pools"]
        pools = encode(document(table, lambda: pool_totals_in(table, contest, ranked, manifest)))
        row["pools"] = fingerprint(pools)
        files.append((f"{name}-pools.json", pools))
    return {"cards": held, "lacking": "carries", **row}, files


def document(path: Path, read: Callable[[], Json]) -> Any:
    """A JSON file as it is, or a table read."""
    return parsed(path) if path.suffix == ".json" else read()


def claim_of(path: Path, rule: Rule | None, contest: Contest, made: Json, files: Files) -> list[Json]:
    """The assertions that the outcome asks for; of a ranked contest the easiest that its reports allow."""
    told = made["outcome"]
    if method_of(rule) == "ranked_choice" and rule is not None:
        if is_untold(made):
            return []
        found: Any = ranked_claim(path, contest, told.get("winners", []), files, rule, is_polled(made))
    else:
        winners, advance = tuple(told.get("winners", ())), tuple(told.get("choices", ()))
        found = implied(ballot(contest), method_of(rule), winners, advance)
    if found is None:
        raise DoorError(f"{path}, {contest.id}: no sample can show this outcome. Count every card.")
    return [msgspec.json.decode(msgspec.json.encode(published_form(one))) for one in found]


def is_untold(made: Json) -> bool:
    """Whether nothing but its cards is reported of a contest (docs/spec/audit.md, section 6)."""
    reported = made.get("reported")
    return isinstance(reported, dict) and reported.keys() == {"cards"}


def is_polled(made: Json) -> bool:
    """Whether every stratum of a contest is polled."""
    return all(one.get("evidence") == "polling" for one in made.get("strata", [made]))


def ranked_claim(
    path: Path, contest: Contest, winners: Sequence[str], files: Files, rule: Rule, polled: bool
) -> Any:
    """The assertions of a ranked contest, from all that was reported of its cards."""
    try:
        cards = cards_reported(files)
    except (UnfitRowsError, EvidenceError, KeyError, TypeError, ValueError) as why:
        raise DoorError(f"{path}, {contest.id}: in what was reported of it: {why}.") from None
    if not cards:
        raise DoorError(
            f"{path}, {contest.id}: a ranked contest needs `rows`, `pools` or `totals`; without records "
            "state reported = { cards = N }."
        )
    reading = ranks(ballot(contest), tuple(cards), ranked_rules(rule))
    found = raire(reading, tuple(cards.values()), winners, contest.id, "polling" if polled else "comparison")
    return None if isinstance(found, FullCount) else found[0].assertions


def cards_reported(files: Files) -> Counter[Pattern]:
    """How many cards were reported with each pattern, in published rows, pools and totals of rankings."""
    found, on_file = Counter[Pattern](), {fingerprint(data): data for _, data in files}
    for name, data in files:
        if name.endswith("contest.json"):
            rows = read_rows(head_of(data), on_file)
            found.update(dict(zip(rows.patterns, counts_of(rows), strict=True)))
        elif name.endswith(("-pools.json", "-totals.json")):
            value = decode(data)
            for row in value.get("pools", [value]):
                for reading, n in row["readings"]:
                    if isinstance(pattern := pattern_of(reading), Pattern):
                        found[pattern] += n
    return found


def head_of(data: bytes) -> Head:
    """The head of a published contest."""
    return read_head(decode(data))


def fingerprint(data: bytes) -> str:
    """The name of an exhibit."""
    return sha256(data).hexdigest()
