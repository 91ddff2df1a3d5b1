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
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tallybook.doors import audit_desk as desk
from tallybook.evidence.publishing import package_files
from tallybook.merkle.canonical import decode, encode
from tallybook.merkle.tree import leaf_hash, root
from tallybook.stats.draws import draw_without_replacement
from tools import audit_books, audit_kinds, make_vectors
from tools.audit_books import MEMBERS, READERS, AuditMaker
from tools.make_vectors import ORIGIN, POLICY, entry_of, key_of, moved, plain, put, signed, zipped

Json = dict[str, Any]
Change = Callable[[list[Json]], object]
Replan = Callable[[Json], object]
Refile = Callable[[list[Json], dict[str, bytes]], None]
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


def forged(book: AuditMaker, change: Change, refile: Refile | None = None) -> dict[str, bytes]:
    """A good book with one thing wrong, and everything after it made to fit by someone with all the keys."""
    entries = deepcopy([plain(one) for one in book.entries])
    exhibits = dict(book.exhibits)
    if refile is not None:
        refile(entries, exhibits)
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


def planned(replan: Replan) -> Refile:
    """Another plan in the place of the committed one."""

    def refile(entries: list[Json], exhibits: dict[str, bytes]) -> None:
        at = entry_of(entries, PLAN)
        at["detail"]["plan"] = swapped(at, exhibits, at["detail"]["plan"], replan)

    return refile


def told(field: str, change: Replan, of: int = -1) -> Refile:
    """Another exhibit in the place of one that the plan names: `reported` or `pools` of its first contest.

    of: which of its strata, where it has several.
    """

    def refile(entries: list[Json], exhibits: dict[str, bytes]) -> None:
        at = entry_of(entries, PLAN)

        def named(plan: Json) -> None:
            row = plan["contests"][0] if of < 0 else plan["contests"][0]["strata"][of]
            row[field] = swapped(at, exhibits, row[field], change)

        at["detail"]["plan"] = swapped(at, exhibits, at["detail"]["plan"], named)

    return refile


def made(kind: str, part: str, change: Replan) -> Refile:
    """Another exhibit in the place of one that the book made for a result."""

    def refile(entries: list[Json], exhibits: dict[str, bytes]) -> None:
        at, field = entry_of(entries, kind), f"{part}_sha256"
        old = at["result"][field]
        data = encode_changed(exhibits[old], change)
        at["result"][field] = exhibit_as(at, exhibits, f"{part}.json", old, data)

    return refile


def swapped(at: Json, exhibits: dict[str, bytes], old: str, change: Replan) -> str:
    """The fingerprint of a changed exhibit that stands where another stood in an entry."""
    name = next(one["name"] for one in at["exhibits"] if one["sha256"] == old)
    return exhibit_as(at, exhibits, name, old, encode_changed(exhibits[old], change))


def encode_changed(data: bytes, change: Replan) -> bytes:
    """A document with something changed."""
    value = decode(data)
    change(value)
    return encode(value)


def exhibit_as(at: Json, exhibits: dict[str, bytes], name: str, old: str, data: bytes) -> str:
    """File bytes under a name of an entry; what nothing names any more is gone."""
    new = sha256(data).hexdigest()
    exhibits[new] = data
    for one in at["exhibits"]:
        if (one["name"], one["sha256"]) == (name, old):
            one |= {"sha256": new, "bytes": len(data)}
    if all(one["sha256"] != old for one in at["exhibits"]):
        del exhibits[old]
    return new


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


def lower(contest: str) -> Change:
    """A risk that is two units of its last digit too low: below what it must not be below."""
    return scaled(contest, -2)


def raised(contest: str) -> Change:
    """A risk that is higher than a bound may be: by more than 2 in 100,000."""
    return scaled(contest, 30)


def scaled(contest: str, units: int) -> Change:
    """The largest risk of the first measurement, moved by so many units of its last digit."""

    def change(entries: list[Json]) -> None:
        found = entry_of(entries, MEASURED)["result"]["contests"][contest]
        text = found["risk"]
        digits = len(text.partition(".")[2])
        moved = f"{Decimal(text) + units * Decimal(1).scaleb(-digits):.{digits}f}"
        found["risks"] = [moved if one == text else one for one in found["risks"]]
        found["risk"] = max(found["risks"], key=Decimal)

    return change


def shifted(contest: str, field: str, by: int) -> Change:
    """One more point in the plan's result: of the first stratum, or of the contest where it has one."""

    def change(entries: list[Json]) -> None:
        found = entry_of(entries, PLAN)["result"]["contests"][contest]
        row = next(iter(found["strata"].values())) if "strata" in found else found
        row[field][0] += by

    return change


def across(entries: list[Json]) -> None:
    """One sample of all cards in the place of a sample of each stratum: as many, by the same tickets."""
    found = entry_of(entries, ROUND)["result"]
    cards = [f"B{batch:02}/{n}" for batch in range(1, 21) for n in range(1, 11)]
    sample = [one.item for one in draw_without_replacement(make_vectors.SEED, cards, found["count"])]
    assert set(sample) != set(found["sample"])
    found["sample"] = sample


def pooled_place(entries: list[Json]) -> int:
    """The place, among the openings of a round, of a card of a pool that both readers read alike."""
    rows = entry_of(entries, OPENED)["detail"]["openings"]
    open_ = {item for item, _, _ in at(RECORDS)(entries)["records"]}
    differ = entry_of(entries, OPENED, 1)["result"].get("differ", [])
    fit = (n for n, (item, _, said) in enumerate(rows) if item not in open_ and said == {"mayor": ["ash"]})
    return next(n for n in fit if rows[n][0] not in differ)


def pooled_item(entries: list[Json]) -> str:
    """Its name."""
    name: str = entry_of(entries, OPENED)["detail"]["openings"][pooled_place(entries)][0]
    return name


def one_fewer(rows: list[Any]) -> None:
    """A pool with one card less than it has."""
    row = next(one for one in rows if one[1] > 1)
    row[1] -= 1


def another_margin(value: Json) -> None:
    """A margin in a long result, changed."""
    next(iter(value.values()))["margins"][0] += 1


def another_number(value: Json) -> None:
    """A number in a long result, changed."""
    value[next(iter(value))] += 1


def another_risk(value: Json) -> None:
    """A risk in a long result, changed."""
    next(iter(value.values())).update(risk="0.0714286", risks=["0.0714286"])


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
    "overlapping-strata": (
        "strata",
        4,
        lambda p: p["contests"][0]["strata"][0]["batches"].append("B13"),
    ),
    "stratum-without-batches": ("strata", 4, lambda p: p["contests"][0]["strata"][0].pop("batches")),
    "size-of-a-stratum-that-is-not-there": (
        "strata",
        4,
        lambda p: p["sizes"].update(mayor__other=p["sizes"].pop("mayor__counted")),
    ),
    "stratum-of-more-cards-than-its-batches": (
        "strata",
        6,
        lambda p: p["contests"][0]["strata"][1].update(cards=81),
    ),
    "assertion-of-a-ranked-poll-left-out": ("ranked-polling", 9, lambda p: p["assertions"]["council"].pop()),
    "without-records-where-every-card-carries": (
        "ranked-without-records",
        9,
        lambda p: p["contests"][0].update(lacking="carries"),
    ),
    "without-records-and-cards-outside": (
        "ranked-without-records",
        9,
        lambda p: p["contests"][0].update(outside=1),
    ),
    "without-records-and-an-assertion": (
        "ranked-without-records",
        9,
        lambda p: p["assertions"].update(council=[{"kind": "neb", "loser": "birch", "winner": "ash"}]),
    ),
    "without-records-more-cards-than-there-are": (
        "ranked-without-records",
        6,
        lambda p: p["contests"][0]["reported"].update(cards=201),
    ),
}
REFILED: dict[str, tuple[str, int, Refile]] = {
    "pool-above-its-cards": ("pools", 6, told("pools", lambda v: v["pools"][0]["votes"].update(ash=11))),
    "pool-of-more-votes-than-cards": (
        "pools",
        6,
        told("pools", lambda v: v["pools"][0].update(write_ins=11)),
    ),
    "pools-out-of-order": ("pools", 6, told("pools", lambda v: v["pools"].reverse())),
    "pool-of-rankings-one-card-short": (
        "ranked-strata",
        6,
        told("pools", lambda v: one_fewer(v["pools"][0]["readings"]), of=1),
    ),
    "rankings-out-of-order": ("ranked-polling", 6, told("reported", lambda v: v["readings"].reverse())),
    "rankings-of-more-cards-than-there-are": (
        "ranked-polling",
        6,
        told("reported", lambda v: v["readings"][0].__setitem__(1, 99)),
    ),
    "contests-of-a-plan-in-another-file": ("many-contests", 10, made(PLAN, "contests", another_margin)),
    "sizes-in-another-file": ("many-contests", 7, made(ROUND, "sizes", another_number)),
    "usable-cards-in-another-file": ("many-contests", 7, made(ROUND, "usable", another_number)),
    "measured-contests-in-another-file": ("many-contests", 11, made(MEASURED, "contests", another_risk)),
    "corrected-contests-in-another-file": (
        "many-contests",
        11,
        made("reading_corrected", "contests", another_risk),
    ),
}
POOLS: dict[str, tuple[int, Change]] = {
    "record-opened-of-a-card-in-a-pool": (
        4,
        lambda e: at(RECORDS)(e)["records"].append([pooled_item(e), "mayor", "0" * 64]),
    ),
    "margin-with-pools-wrong": (10, shifted("mayor", "margins", 1)),
    "phantoms-with-pools-wrong": (6, result("mayor", "phantoms", 0, PLAN)),
    "card-of-a-pool-read-otherwise-from-the-start": (
        11,
        lambda e: reseal(pooled_place(e), "mayor", ["birch"])(e),
    ),
    "risk-with-pools-too-low": (11, lower("mayor")),
}
SEVERAL_POOLS: dict[str, tuple[int, Change]] = {
    "further-cards-with-pools-one-too-few": (12, result("mayor", "more", 120)),
}
STRATA: dict[str, tuple[int, Change]] = {
    "margins-of-a-stratum-wrong": (10, shifted("mayor", "margins", 1)),
    "phantoms-of-a-stratum-wrong": (6, put(PLAN, "result.contests.mayor.strata.counted.phantoms", 1)),
    "cards-of-a-stratum-wrong": (6, put(PLAN, "result.contests.mayor.strata.counted.cards", 79)),
    "numbers-used-moved-between-strata": (11, result("mayor", "used", {"counted": 11, "scanned": 7})),
    "risk-of-strata-just-too-low": (11, lower("mayor")),
    "strata-above-the-limit-called-met": (12, result("mayor", "met", [True])),
    "size-named-for-strata": (12, result("mayor", "more", 40)),
    "sample-drawn-across-strata": (7, across),
    "strata-that-grow-apart": (7, lambda e: at(ROUND, 1)(e)["sizes"].update(mayor__counted=70)),
    "usable-cards-of-a-stratum-wrong": (7, put(ROUND, "result.usable.mayor__counted", 11)),
}
RANKED_POLLING: dict[str, tuple[int, Change]] = {
    "margin-of-a-ranked-poll-wrong": (10, shifted("council", "margins", 1)),
    "cards-never-counted-left-out": (6, result("council", "phantoms", 0, PLAN)),
    "risk-of-a-ranked-poll-too-low": (11, lower("council")),
    "further-cards-of-a-poll-one-too-few": (12, result("council", "more", 50)),
}
RANKED_STRATA: dict[str, tuple[int, Change]] = {
    "risk-of-ranked-strata-too-low": (11, lower("council")),
}
UNTOLD: dict[str, tuple[int, Change]] = {
    "risk-without-records-too-low": (11, lower("council")),
    "risk-without-records-far-too-high": (11, raised("council")),
    "ranking-without-records-read-otherwise-from-the-start": (11, reseal(0, "council", [["birch"]])),
}
UNTOLD_COUNTED: dict[str, tuple[int, Change]] = {
    "lost-count-without-records-called-true": (12, result("council", "true", [True])),
}
RANKED_COUNTED: dict[str, tuple[int, Change]] = {
    "winner-that-stands-not-confirmed": (12, put(STOPPED, "result.confirmed", False)),
    "false-assertion-called-true": (12, result("council", "true", [True, True])),
}
RANKED_LOST: dict[str, tuple[int, Change]] = {
    "count-in-rounds-with-another-winner": (13, put(STOPPED, "result.outcome.winners", ["cedar"])),
    "lost-count-in-rounds-called-confirmed": (12, put(STOPPED, "result.confirmed", True)),
}
GOOD: Mapping[str, Callable[[], AuditMaker]] = {
    "comparison": audit_books.comparison_book,
    "polling": audit_books.polling_book,
    "ranked": audit_books.ranked_book,
    "two-rounds": audit_books.two_rounds_book,
    "batches": audit_books.batches_book,
    "counted-in-full": audit_books.counted_book,
    **audit_kinds.KINDS,
}
WRONG: Mapping[str, dict[str, tuple[int, Change]]] = {
    "comparison": COMPARISON,
    "two-rounds": ROUNDS,
    "polling": POLLING,
    "batches": BATCHES,
    "counted-in-full": COUNTED,
    "pools": POOLS,
    "pools-of-several-votes": SEVERAL_POOLS,
    "strata": STRATA,
    "ranked-polling": RANKED_POLLING,
    "ranked-strata": RANKED_STRATA,
    "ranked-without-records": UNTOLD,
    "ranked-without-records-counted": UNTOLD_COUNTED,
    "ranked-counted-and-confirmed": RANKED_COUNTED,
    "ranked-counted-and-lost": RANKED_LOST,
}


def every() -> dict[str, tuple[int, dict[str, bytes]]]:
    """Name -> (the check that must reject it, 0 for none; its files)."""
    books = {name: make() for name, make in GOOD.items()}
    made = {f"good-{name}": (0, forged(book, nothing)) for name, book in books.items()}
    for name, changes in WRONG.items():
        made |= {f"bad-{what}": (check, forged(books[name], one)) for what, (check, one) in changes.items()}
    made["bad-batches-too-small-to-publish"] = (14, forged(audit_books.small_batches_book(), nothing))
    for what, (name, check, replan) in REPLANNED.items():
        made[f"bad-{what}"] = (check, forged(books[name], nothing, planned(replan)))
    for what, (name, check, refile) in REFILED.items():
        made[f"bad-{what}"] = (check, forged(books[name], nothing, refile))
    return made


def nothing(_: list[Json]) -> None:
    """The book as it is."""


def main(folder: Path) -> None:
    """Write every package, the policy and the index."""
    packages = every()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.zip"):
        old.unlink()
    index = []
    for name, (check, files) in packages.items():
        (folder / f"{name}.zip").write_bytes(zipped(files))
        index.append({"package": f"{name}.zip", "rejected_by": check})
    (folder / "policy.txt").write_text(POLICY, encoding="utf-8")
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "vectors/audits"))
