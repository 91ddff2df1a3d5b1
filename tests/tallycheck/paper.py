"""Books of audits over any paper: from what is on each card, a plan and what was reported to a whole book.

The sample and the usable items are found by sorting tickets, as the draw page says; risks are given by the test.
Readings are sealed and opened by two readers, records are opened, the board signs, the risk is measured.
"""

# ruff: noqa: E501 - tables stand on one line each

import json
from dataclasses import dataclass, field
from typing import Any

from tests.tallycheck.audited import (
    BOARD_KEY,
    LAW,
    SEED,
    Entry,
    commitment,
    digest,
    files_of,
    finished,
    salt,
    sealed_by,
)
from tests.tallycheck.writer import ORIGIN, Files, canonical, policy, public, sha

Batches = list[tuple[str, int]]
Readings = dict[str, Any]

RANKED_LAW = LAW.replace(b'method="plurality"', b'method="ranked_choice"')
AT_ONCE = 250
LONG = 16_384


@dataclass
class Paper:
    """What is on the paper: batches, and by card the reading of each contest that it is of."""

    batches: Batches
    cards: dict[str, Readings]

    @property
    def manifest(self) -> bytes:
        rows = [{"cards": n, "id": b} for b, n in self.batches]
        return canonical({"batches": rows, "format": "tallybook/manifest/v1"})

    def items(self, batches: list[str] | None = None) -> list[str]:
        """The cards of these batches."""
        return [
            f"{b}/{i}" for b, n in self.batches if batches is None or b in batches for i in range(1, n + 1)
        ]


@dataclass
class Told:
    """What is told of the paper: the plan, exhibits beside it, rows that can be opened, and results.

    `rows`: by card and contest the place of its pattern. `groups`: by key the cards of the stratum.
    """

    plan: dict[str, Any]
    contests: list[dict[str, Any]]
    exhibits: list[bytes]
    planned: dict[str, Any]
    groups: dict[str, list[str]]
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    ranked: bool = False

    @property
    def law(self) -> bytes:
        return RANKED_LAW if self.ranked else LAW


def ticket(item: str) -> bytes:
    return digest(f"tallybook/draw/v1\nticket\n{SEED}\n{item}".encode())


def drawn(groups: dict[str, list[str]], sizes: dict[str, int]) -> tuple[list[str], dict[str, list[str]]]:
    """The sample, and by group what is usable (draw page, section 5)."""
    order = {key: sorted(items, key=ticket) for key, items in groups.items()}
    sample = {item for key, items in order.items() for item in items[: sizes.get(key, 1)]}
    usable = {}
    for key, items in order.items():
        first = next((i for i, item in enumerate(items) if item not in sample), len(items))
        usable[key] = items[:first]
    return sorted(sample, key=ticket), usable


def plan(contests: list[dict[str, Any]], assertions: dict[str, Any], sizes: dict[str, int], paper: Paper,
         **changes: Any) -> dict[str, Any]:  # fmt: skip
    return {
        "assertions": assertions, "board": {"members": [{"key": BOARD_KEY, "name": "A. Able"}], "quorum": 1},
        "contests": contests, "draw": "cards", "format": "tallybook/audit-plan/v1", "manifest": sha(paper.manifest),
        "risk_limit": "1/20", "sizes": sizes,
    } | changes  # fmt: skip


def of_book(name: str, choices: str, **more: Any) -> dict[str, Any]:
    """A contest as the opening names it."""
    return {
        "choices": [{"id": c, "name": c} for c in choices],
        "class": "city",
        "id": name,
        "name": name,
    } | more


def published(
    contest: dict[str, Any], rows: dict[str, dict[str, Any]]
) -> tuple[list[bytes], dict[tuple[str, str], int]]:
    """The published cards of a contest, from the pattern of each card; and the place of each card's pattern."""
    patterns = sorted({canonical(pattern) for pattern in rows.values()})
    place = {item: patterns.index(canonical(pattern)) for item, pattern in rows.items()}
    name = contest["id"]
    order = sorted(
        (commitment(salt("row", name, item), {"card": item, "contest": name}), code)
        for item, code in place.items()
    )
    codes, commitments = bytes(code for _, code in order), b"".join(row for row, _ in order)
    choices = [{"id": c["id"], "name": c["name"], "party": ""} for c in contest["choices"]]
    head = {
        "cards": len(rows), "code_bytes": 1, "codes_sha256": sha(codes), "commitments_sha256": sha(commitments),
        "contest": {"choices": choices, "id": name, "name": name, "office_class": "", "seats": 1,
                    "votes_allowed": contest.get("votes_allowed", 1)},
        "form": "tallybook/published-cards/v1",
        "patterns": [json.loads(pattern) for pattern in patterns],
    }  # fmt: skip
    return [canonical(head), codes, commitments], {(item, name): code for item, code in place.items()}


def marked(*choices: str) -> dict[str, Any]:
    return {"flags": [], "marks": [{"choice": c, "rank": 0, "votes": 1} for c in choices]}


def by_rank(*choices: str) -> dict[str, Any]:
    return {"flags": [], "marks": [{"choice": c, "rank": i, "votes": 1} for i, c in enumerate(choices, 1)]}


def flagged(flag: str) -> dict[str, Any]:
    return {"flags": [flag], "marks": []}


def long_parts(entry: Entry) -> Entry:
    """Long parts of the result as exhibits (audit page, section 8)."""
    entry = entry | {"exhibits": list(entry.get("exhibits", []))}
    result = dict(entry["result"])
    for name in ("contests", "sample", "sizes", "usable"):
        if name in result and len(canonical(result[name])) > LONG:
            raw = canonical(result.pop(name))
            entry["exhibits"].append(public(raw, f"{name}.json"))
            result[f"{name}_sha256"] = sha(raw)
            KEPT[sha(raw)] = raw
    if not entry["exhibits"]:
        del entry["exhibits"]
    return entry | {"result": result}


KEPT: dict[str, bytes] = {}
"""Long parts by their sums, for the package."""


def parts(rows: list[Any]) -> list[list[Any]]:
    return [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]


def story(paper: Paper, told: Told, measured: dict[str, Any], stopped: dict[str, Any]) -> list[Entry]:
    """The whole book. `measured` and `stopped`: by contest what those entries state."""
    sample, usable = drawn(told.groups, told.plan["sizes"])
    raw = canonical(told.plan)
    named = [
        public(raw, "plan"),
        public(paper.manifest, "manifest"),
        *(public(one, "x") for one in told.exhibits),
    ]
    file = canonical(told.contests)
    several = len(file) > LONG
    KEPT[sha(file)] = file
    detail = {
        **({"contests_file": sha(file)} if several else {"contests": told.contests}), "election": {"day": "2026-11-03", "id": "e", "title": "t"},
        "law": [sha(told.law)], "places": [{"id": "town", "kind": "county", "name": "Town"}],
    }  # fmt: skip
    book: list[Entry] = [
        {"act": "open_book", "detail": detail, "origin": ORIGIN, "policy": policy(),
         "exhibits": [public(told.law, "law.toml"), *([public(file, "contests.json")] if several else [])]},
        {"act": "commit_audit_plan", "detail": {"plan": sha(raw)}, "exhibits": named,
         "result": {"contests": told.planned}},
        {"act": "record_checkpoint"},
        {"act": "record_audit_seed", "detail": {"audit": 1, "seed": SEED}, "result": {"checkpoint": 2, "committed": 1}},
        drawing(told, {"audit": 1}, 1, sample, usable),
        *work(paper, told, 1, sample, measured),
    ]  # fmt: skip
    for name, result in stopped.items():
        book.append(
            {"act": "stop_audit", "contest": name, "detail": {"audit": 1}, "result": {"audit": 1} | result}
        )
    return numbered(book)


def numbered(book: list[Entry]) -> list[Entry]:
    return [
        finished(long_parts(entry) if "result" in entry else entry, seq) for seq, entry in enumerate(book)
    ]


def drawing(
    told: Told, detail: dict[str, Any], number: int, new: list[str], usable: dict[str, list[str]]
) -> Entry:
    """The draw of a round: `new` are the items of no earlier round."""
    sizes = detail.get("sizes", told.plan["sizes"])
    return {"act": "draw_audit_round", "detail": detail,
            "result": {"count": len(new), "round": number, "sample": new, "sizes": sizes,
                       "usable": {key: len(items) for key, items in usable.items()}}}  # fmt: skip


def work(paper: Paper, told: Told, number: int, new: list[str], measured: dict[str, Any]) -> list[Entry]:
    """The entries of a round from its first reading to its measurement."""
    book: list[Entry] = []
    for reader in ("one", "two"):
        left = len(new)
        for part in parts(new):
            left -= len(part) if reader == "two" else 0
            rows = [[item, sealed_by(reader, item, paper.cards[item])] for item in part]
            book.append({"act": "commit_readings", "result": {"waiting": left},
                         "detail": {"audit": 1, "commitments": rows, "reader": reader}})  # fmt: skip
    for reader in ("one", "two"):
        for part in parts(new):
            rows = [[item, salt(reader, item).hex(), paper.cards[item]] for item in part]
            book.append({"act": "open_readings", "detail": {"audit": 1, "openings": rows, "reader": reader}})
    pairs = [pair for item in new for pair in told.rows if pair[0] == item]
    for part in parts(pairs):
        shown = [[item, name, salt("row", name, item).hex()] for item, name in part]
        book.append({"act": "open_records", "detail": {"audit": 1, "records": shown},
                     "result": {"rows": [told.rows[pair] for pair in part]}})  # fmt: skip
    book += [
        {"act": "sign_sitting", "detail": {"audit": 1}},
        {"act": "measure_risk", "detail": {"audit": 1}, "result": {"contests": measured, "round": number}},
    ]
    return book


def package_of(paper: Paper, told: Told, book: list[Entry]) -> Files:
    """The package of such a book."""
    return files_of(book, [told.law, paper.manifest, canonical(told.plan), *told.exhibits, *KEPT.values()])
