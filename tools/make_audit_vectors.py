"""Make the published packages of vectors/audits: audits inside books, good ones and bad ones.

    python tools/make_audit_vectors.py [FOLDER]

Each bad package is a good one with one thing changed, numbered, dated, witnessed and signed anew by a forger
who holds every key, the board's included, unless the wrong thing is a signature. index.json names the check
that must reject it. The bytes are the same on every run.
"""

import json
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tallybook.doors import audit_desk as desk
from tallybook.evidence.publishing import package_files
from tallybook.merkle.canonical import decode, encode
from tallybook.merkle.tree import leaf_hash, root
from tools import audit_books
from tools.audit_books import MEMBERS, READERS, AuditMaker
from tools.make_vectors import ORIGIN, POLICY, entry_of, key_of, moved, plain, put, signed, zipped

Json = dict[str, Any]
Change = Callable[[list[Json]], object]
Replan = Callable[[Json], object]
STRANGER = {"A. Able": key_of("a stranger"), "B. Best": MEMBERS["B. Best"]}

SITTING = (
    *("readings_committed", "readings_opened", "readings_adjudicated", "records_opened"),
    *("discrepancies_explained", "reading_corrected"),
)
PLAN, SEED, ROUND = "audit_plan_committed", "audit_seed_recorded", "audit_round_drawn"
COMMITTED, OPENED, RECORDS, SIGNED = (
    "readings_committed",
    "readings_opened",
    "records_opened",
    "sitting_signed",
)
MEASURED, STOPPED, SETTLED, WHY = (
    "risk_measured",
    "audit_stopped",
    "readings_adjudicated",
    "discrepancies_explained",
)


def forged(book: AuditMaker, change: Change, replan: Replan | None = None) -> dict[str, bytes]:
    """A good book with one thing wrong, and everything after it made to fit by someone with all the keys."""
    entries = deepcopy([plain(one) for one in book.entries])
    exhibits = dict(book.exhibits)
    if replan is not None:
        planned(entries, exhibits, replan)
    change(entries)
    latest = ""
    for seq, entry in enumerate(entries):
        entry["seq"] = seq
        entry["received"] = latest = max(latest, entry["received"])
        if entry["entry"] == "audit_reopened":
            entry["cause"] = max(at for at in range(seq) if "act" in entries[at])
        if entry["entry"] == "checkpoint_recorded":
            text = signed([encode(one) for one in entries[:seq]]).decode()
            entry["detail"]["checkpoint"] = text
            entry["result"] = {"size": seq, "root": text.split("\n")[2]}
        if entry["entry"] == SIGNED:
            sign(entry, entries[:seq])
    stored = [encode(one) for one in entries]
    return dict(package_files(signed(stored), stored, exhibits))


def planned(entries: list[Json], exhibits: dict[str, bytes], replan: Replan) -> None:
    """Another plan in the place of the committed one."""
    at = entry_of(entries, PLAN)
    old = at["detail"]["plan"]
    value = decode(exhibits.pop(old))
    replan(value)
    data = encode(value)
    new = sha256(data).hexdigest()
    exhibits[new] = data
    at["detail"]["plan"] = new
    for one in at["exhibits"]:
        if one["sha256"] == old:
            one |= {"sha256": new, "bytes": len(data)}


def sign(entry: Json, before: list[Json]) -> None:
    """A sitting made again: its root, and the signatures of the board, unless `as_is` keeps them."""
    if entry["detail"].pop("as_is", False):
        return
    audit = entry["detail"]["audit"]
    mine = [one for one in before if one.get("detail", {}).get("audit") == audit]
    ends = [at for at, one in enumerate(mine) if one["entry"] == SIGNED]
    leaves = [leaf_hash(encode(o)) for o in mine[ends[-1] + 1 if ends else 0 :] if o["entry"] in SITTING]
    leaves = leaves[: len(leaves) - entry["detail"].pop("fewer", 0)]
    top = entry["detail"].pop("root", root(leaves).hex())
    entry["result"] = {"acts": len(leaves), "root": top, "sitting": len(ends) + 1}
    members = STRANGER if entry["detail"].pop("stranger", False) else MEMBERS
    text = (
        f"tallybook/sitting/v1\n{ORIGIN}\naudit {audit}\nsitting {len(ends) + 1}\nacts {len(leaves)}\n{top}\n"
    )
    entry["detail"]["signatures"] = desk.signed(text.encode(), members)


def result(contest: str, field: str, value: Any, kind: str = MEASURED, nth: int = 0) -> Change:
    """One value of a measurement, replaced."""
    return put(kind, f"result.contests.{contest}.{field}", value, nth)


def same(*changes: Change) -> Change:
    """Several changes."""

    def change(entries: list[Json]) -> None:
        for one in changes:
            one(entries)

    return change


def reseal(item: int, contest: str, reading: Any) -> Change:
    """Both readers are made to have read something else, commitments included: a lie told from the start."""

    def change(entries: list[Json]) -> None:
        for nth, reader in enumerate(READERS):
            opened, sealed = entry_of(entries, OPENED, nth), entry_of(entries, COMMITTED, nth)
            row = opened["detail"]["openings"][item]
            row[2] = {**row[2], contest: reading}
            made = desk.commitments(opened["detail"]["audit"], reader, {row[0]: row[2]}, READERS[reader])
            next(one for one in sealed["detail"]["commitments"] if one[0] == row[0])[1] = made[0][1]

    return change


def reread(item: int, contest: str, reading: Any) -> Change:
    """Both opened readings of one item changed, but not what was committed."""

    def change(entries: list[Json]) -> None:
        for nth in (0, 1):
            row = entry_of(entries, OPENED, nth)["detail"]["openings"][item]
            row[2] = {**row[2], contest: reading}

    return change


def at(kind: str, nth: int = 0) -> Callable[[list[Json]], Json]:
    """The detail of an entry."""
    return lambda entries: entry_of(entries, kind, nth)["detail"]


def flag(kind: str, **said: Any) -> Change:
    """Something for the forger to do differently."""
    return lambda entries: at(kind)(entries).update(said)


def dropped(kind: str, nth: int = 0) -> Change:
    """An entry left out."""
    return lambda entries: entries.remove(entry_of(entries, kind, nth))


def without_last(entries: list[Json]) -> None:
    """The last item of both committed readings, openings and records of a polled audit left out."""
    for kind, field in ((COMMITTED, "commitments"), (OPENED, "openings")):
        for nth in (0, 1):
            entry_of(entries, kind, nth)["detail"][field].pop()
    for nth, waiting in ((0, None), (1, 1)):
        if waiting is not None:
            entry_of(entries, COMMITTED, nth)["result"]["waiting"] = waiting


def salt_changed(entries: list[Json]) -> None:
    """The first record opened with the salt of the second."""
    rows = at(RECORDS)(entries)["records"]
    rows[0][2] = rows[1][2]


def another_row(entries: list[Json]) -> None:
    """A record that differs from its reading said to be missing: it differs all the same."""
    item, contest, _ = at(WHY)(entries)["causes"][0]
    row = [one[:2] for one in at(RECORDS)(entries)["records"]].index([item, contest])
    rows = entry_of(entries, RECORDS)["result"]["rows"]
    assert rows[row] != 0, "the pattern without a record stands first"
    rows[row] = 0


def grantless_stop(entries: list[Json]) -> None:
    """The stop that the record refused, granted; the book ends there."""
    refusal, grant = entry_of(entries, "act_refused"), entry_of(entries, STOPPED)
    refusal |= {"entry": STOPPED, "ruling": grant["ruling"], "result": grant["result"]}
    del refusal["refusal"]
    del entries[entries.index(refusal) + 1 :]


def swap_first(entries: list[Json]) -> None:
    """Another card than the first one drawn, in the sample only."""
    sample = entry_of(entries, ROUND)["result"]["sample"]
    sample[0], sample[1] = sample[1], sample[0]


COMPARISON: dict[str, tuple[int, Change]] = {
    "seed-before-the-plan-was-witnessed": (4, moved(SEED, "checkpoint_recorded")),
    "round-before-the-seed": (4, moved(ROUND, SEED)),
    "record-opened-before-the-readings": (4, moved(RECORDS, OPENED)),
    "measured-before-the-board-signed": (4, moved(MEASURED, SIGNED)),
    "discrepancy-without-a-cause": (4, dropped(WHY)),
    "one-reader-twice": (4, lambda e: at(COMMITTED, 1)(e).update(reader="R. One")),
    "reading-of-a-card-not-in-the-round": (
        4,
        lambda e: at(COMMITTED)(e)["commitments"][0].__setitem__(0, "B99/1"),
    ),
    "phantoms-wrong": (6, result("mayor", "phantoms", 0, PLAN)),
    "seed-under-another-checkpoint": (7, put(SEED, "result.checkpoint", 0)),
    "cards-in-another-order": (7, swap_first),
    "more-cards-usable-than-drawn-without-a-gap": (7, put(ROUND, "result.usable.judge", 36)),
    "reading-changed-after-it-was-sealed": (8, reread(1, "mayor", ["ash", "birch"])),
    "opening-of-another-row": (8, salt_changed),
    "record-read-as-another-pattern": (8, another_row),
    "difference-not-told": (8, lambda e: entry_of(e, OPENED, 1)["result"]["differ"].append("B01/1")),
    "sitting-signed-by-a-stranger": (8, flag(SIGNED, stranger=True)),
    "sitting-without-its-last-act": (8, flag(SIGNED, fewer=1)),
    "sitting-of-another-root": (8, flag(SIGNED, root="0" * 64)),
    "sitting-signature-of-other-acts": (
        8,
        same(lambda e: at(WHY)(e)["causes"][0].__setitem__(2, "write_in"), flag(SIGNED, as_is=True)),
    ),
    "margin-of-an-assertion-wrong": (10, result("mayor", "margins", [70], PLAN)),
    "risk-too-low": (
        11,
        same(result("mayor", "risk", "0.0000100000"), result("mayor", "risks", ["0.0000100000"])),
    ),
    "risk-rounded-down": (
        11,
        same(result("judge", "risk", "0.00103943"), result("judge", "risks", ["0.00103943"])),
    ),
    "stopped-by-the-count-of-nothing": (12, put(STOPPED, "result.by", "count")),
    "stopped-without-being-confirmed": (12, put(STOPPED, "result.confirmed", False)),
    "another-winner-confirmed": (13, put(STOPPED, "result.outcome.winners", ["birch"])),
}
ROUNDS: dict[str, tuple[int, Change]] = {
    "second-round-of-other-cards": (7, lambda e: entry_of(e, ROUND, 1)["result"]["sample"].reverse()),
    "stopped-above-the-limit": (12, grantless_stop),
    "above-the-limit-called-met": (12, result("mayor", "met", [True])),
    "another-round-called-stop": (12, result("mayor", "step", "full_hand_count")),
    "fewer-further-cards-than-needed": (12, result("mayor", "more", 56)),
    "correction-without-a-new-risk": (
        11,
        same(
            result("mayor", "risk", "0.0992090", "reading_corrected"),
            result("mayor", "risks", ["0.0992090"], "reading_corrected"),
        ),
    ),
    "correction-that-reopens-nothing": (13, dropped("audit_reopened")),
}
POLLING: dict[str, tuple[int, Change]] = {
    "card-of-the-sample-never-read": (4, without_last),
    "reading-that-does-not-give-the-risk": (11, reseal(0, "mayor", [])),
    "plan-beside-returns-of-another-outcome": (
        13,
        put("unofficial_returns_reported", "detail.returns.votes", {"ash": 85, "birch": 210}),
    ),
    "waiting-wrong": (8, put(COMMITTED, "result.waiting", 0)),
}
BATCHES: dict[str, tuple[int, Change]] = {
    "batches-drawn-in-another-order": (
        7,
        lambda e: entry_of(e, ROUND)["result"]["sample"].reverse(),
    ),
    "batch-counted-otherwise-from-the-start": (4, reseal(0, "mayor", {"ash": 1, "birch": 1})),
    "risk-of-batches-wrong": (
        11,
        same(result("mayor", "risk", "0.0381812"), result("mayor", "risks", ["0.0381812"])),
    ),
}
COUNTED: dict[str, tuple[int, Change]] = {
    "count-that-is-said-to-confirm": (12, result("mayor", "true", [True])),
    "count-whose-winner-is-the-reported-one": (13, put(STOPPED, "result.outcome.winners", ["ash"])),
}
REPLANNED: dict[str, tuple[str, int, Replan]] = {
    "assertion-left-out": ("ranked", 9, lambda p: p["assertions"]["council"].pop()),
    "assertion-of-another-loser": (
        "comparison",
        9,
        lambda p: p["assertions"].update(mayor=audit_books.ahead("birch", "ash")),
    ),
    "plan-for-another-winner": (
        "polling",
        9,
        lambda p: p["contests"][0]["outcome"].update(winners=["birch"]),
    ),
    "risk-limit-above-the-law": ("polling", 12, lambda p: p.update(risk_limit="1/5")),
    "manifest-of-fewer-cards-than-planned": ("polling", 6, lambda p: p["contests"][0].update(cards=299)),
    "totals-above-the-ballots": ("polling", 6, lambda p: p["contests"][0]["reported"].update(cards=294)),
    "cards-outside-that-could-undo-it": ("polling", 10, lambda p: p["contests"][0].update(outside=125)),
    "board-quorum-above-its-members": ("polling", 4, lambda p: p["board"].update(quorum=3)),
}
GOOD: Mapping[str, Callable[[], AuditMaker]] = {
    "comparison": audit_books.comparison_book,
    "polling": audit_books.polling_book,
    "ranked": audit_books.ranked_book,
    "two-rounds": audit_books.two_rounds_book,
    "batches": audit_books.batches_book,
    "counted-in-full": audit_books.counted_book,
}
WRONG: Mapping[str, dict[str, tuple[int, Change]]] = {
    "comparison": COMPARISON,
    "two-rounds": ROUNDS,
    "polling": POLLING,
    "batches": BATCHES,
    "counted-in-full": COUNTED,
}


def every() -> dict[str, tuple[int, dict[str, bytes]]]:
    """Name -> (the check that must reject it, 0 for none; its files)."""
    books = {name: make() for name, make in GOOD.items()}
    made = {f"good-{name}": (0, forged(book, nothing)) for name, book in books.items()}
    for name, changes in WRONG.items():
        made |= {f"bad-{what}": (check, forged(books[name], one)) for what, (check, one) in changes.items()}
    made["bad-batches-too-small-to-publish"] = (14, forged(audit_books.small_batches_book(), nothing))
    for what, (name, check, replan) in REPLANNED.items():
        made[f"bad-{what}"] = (check, forged(books[name], nothing, replan))
    return made


def nothing(_: list[Json]) -> None:
    """The book as it is."""


def main(folder: Path) -> None:
    """Write every package, the policy and the index."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.zip"):
        old.unlink()
    index = []
    for name, (check, files) in every().items():
        (folder / f"{name}.zip").write_bytes(zipped(files))
        index.append({"package": f"{name}.zip", "rejected_by": check})
    (folder / "policy.txt").write_text(POLICY, encoding="utf-8")
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "vectors/audits"))
