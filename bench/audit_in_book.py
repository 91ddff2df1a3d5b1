"""How fast an audit by plan runs inside a book: each act and the checker, against hashing every card once.

Run `python bench/audit_in_book.py [cards]`. One contest, one round of 500 cards, everything made up from a
fixed seed; the ratio of each time to one SHA-256 of every card's name is what machines may be compared by.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tallybook.doors import audit_desk as desk
from tallybook.doors.county import playing
from tallybook.doors.county.playing import BOARD, COUNTY, MEMBERS, POLICY, READERS, ROWS, Played
from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.evidence.publishing import package_files
from tallybook.evidence.sources import open_files, write_zip
from tallybook.keep.cards.published import files_of, publish_population
from tallybook.merkle.canonical import encode
from tallycheck.checks import Asked, check

T = TypeVar("T")
BATCH, SIZE, SEED = 250, 500, "31415926535897932384"
MAYOR = Contest("mayor", "Mayor", "", (Choice("ash", "Ash"), Choice("birch", "Birch")))
PATTERNS = (Pattern((Mark("ash"),)), Pattern((Mark("birch"),)), Pattern(()))
READINGS: tuple[list[str], ...] = (["ash"], ["birch"], [])


def main() -> None:
    """Measure and print."""
    cards = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    items = [f"B{at // BATCH}/{at % BATCH + 1}" for at in range(cards)]
    codes = np.random.default_rng(1).choice([1, 2, 3], cards, p=[0.5, 0.46, 0.04]).astype(np.uint8)
    raw, _ = timed(lambda: [sha256(one.encode()).digest() for one in items])
    print(f"{cards:,} cards; SHA-256 of every name: {raw:.2f} s")
    took, rows = timed(lambda: publish_population(MAYOR, PATTERNS, codes, items, ROWS))
    report("rows published", took, raw)
    listed = [{"id": one.id, "name": one.name} for one in MAYOR.choices]
    book = playing.opened([{"id": "mayor", "name": "Mayor", "class": "mayor", "choices": listed}])
    report("plan committed", timed(lambda: commit(book, files_of(rows), cards))[0], raw)
    playing.checkpoint(book)
    playing.ask(book, "record_audit_seed", COUNTY, seed=SEED)
    report("round drawn", timed(lambda: playing.ask(book, "draw_audit_round", COUNTY))[0], raw)
    paper = {item: READINGS[code - 1] for item, code in zip(items, codes.tolist(), strict=True)}
    report("read, compared, signed", timed(lambda: read(book, paper))[0], raw)
    report("risk measured", timed(lambda: playing.ask(book, "measure_risk", COUNTY))[0], raw)
    playing.ask(book, "stop_audit", COUNTY, contest="mayor")
    with tempfile.TemporaryDirectory() as folder:
        report("checked", timed(lambda: checked(book, Path(folder) / "package.zip"))[0], raw)


def commit(book: Played, files: dict[str, bytes], cards: int) -> None:
    """The plan of a card comparison."""
    batches = [{"cards": BATCH, "id": f"B{at}"} for at in range(cards // BATCH)]
    manifest = encode({"batches": batches, "format": "tallybook/manifest/v1"})
    row = {"cards": cards, "contest": "mayor", "evidence": "comparison", "lacking": "carries"}
    row |= {"outcome": {"kind": "winner", "winners": ["ash"]}, "reported": name_of(files["contest.json"])}
    plan: dict[str, Any] = {"contests": [row], "draw": "cards", "format": "tallybook/audit-plan/v1"}
    plan |= {"assertions": {"mayor": [{"kind": "ahead", "loser": "birch", "winner": "ash"}]}}
    plan |= {"board": desk.board_of(MEMBERS, 2), "manifest": name_of(manifest), "risk_limit": "1/20"}
    data = encode({**plan, "sizes": {"mayor": SIZE}})
    filed = [("manifest.json", manifest), ("plan.json", data), *files.items()]
    book.audit = playing.do(book, "commit_audit_plan", COUNTY, files=filed, plan=name_of(data)).seq


def read(book: Played, paper: dict[str, list[str]]) -> None:
    """Two readers, the records, one signature."""
    said = {item: {"mayor": paper[item]} for item in desk.unread(book.run)}
    for reader, secret in READERS.items():
        rows = desk.commitments(book.audit, reader, said, secret)
        playing.ask(book, "commit_readings", BOARD, reader=reader, commitments=rows)
    for reader, secret in READERS.items():
        opened = desk.openings(book.audit, reader, said, secret)
        playing.ask(book, "open_readings", BOARD, reader=reader, openings=opened)
    playing.ask(book, "open_records", COUNTY, records=desk.record_openings(book.run, book.run.items, ROWS))
    playing.ask(book, "sign_sitting", signatures=desk.signatures(book.standing, book.audit, MEMBERS))


def checked(book: Played, path: Path) -> None:
    """The package, checked by the independent checker."""
    files = dict(package_files(playing.witnessed(book), book.stored, book.exhibits))
    with path.open("wb") as out:
        write_zip(open_files(files), out)
    failure = check(path, "package", Asked(policy=POLICY.encode())).failure
    assert failure is None, failure


def name_of(data: bytes) -> str:
    """The fingerprint of an exhibit."""
    return sha256(data).hexdigest()


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds taken, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def report(what: str, seconds: float, raw: float) -> None:
    """One line of the table."""
    print(f"{what}: {seconds:.2f} s, {seconds / raw:.1f} times")


if __name__ == "__main__":
    main()
