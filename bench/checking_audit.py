"""How fast the checker is on the audit of a state: published rows, draws, readings, risks.

    python bench/checking_audit.py [CARDS]

A made-up state in 5,000 batches of 159 counties: 600 contests in one plan, 20 of them on every card, the
others in 31 batches each; more than 2,000 assertions. Every card has a published row, every drawn card is
read twice and its records are opened. The opening names its contests in a file, long results are exhibits.
Beside the checker stands the physical limit: raw SHA-256 over the same exhibits, in the same run. Goal for
5,000,000 cards (3.9 GB on disk): 15 minutes and 2 GB.
"""

import hashlib
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.checking import most_memory
from tallycheck.checks import Asked, check
from tallycheck.draws import grouped
from tallycheck.further import further
from tallycheck.measuring import Claim, comparison
from tallycheck.risk import measured, written
from tests.tallycheck import audited as town
from tests.tallycheck.writer import (
    LOG,
    ORIGIN,
    WITNESSES,
    b64,
    canonical,
    folder,
    leaf,
    package,
    policy,
    root,
    sha,
    signed,
)

BATCHES, COUNTIES, CONTESTS, EVERYWHERE, LOCAL = 5_000, 159, 600, 20, 31
INLINE = 16_384
SHARES = {2: (0.60, 0.37, 0.03)}
LIMIT = Fraction(1, 20)

Json = dict[str, Any]


@dataclass
class Subject:
    """A contest: its choices, the places of its batches, and what was published of it."""

    name: str
    choices: list[str]
    batches: list[int]
    size: int
    margins: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass
class State:
    """Everything that the book is made of; `rows`: item and contest -> the code of its row."""

    folder: Path
    per_batch: int
    subjects: dict[str, Subject]
    lengths: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    entries: list[bytes] = field(default_factory=list)

    @property
    def batches(self) -> list[tuple[str, int]]:
        """Id and cards of every batch."""
        return [(f"c{b * COUNTIES // BATCHES:03}-{b:04}", self.per_batch) for b in range(BATCHES)]

    def exhibit(self, raw: bytes) -> str:
        """A public exhibit, written at once."""
        name = sha(raw)
        (self.folder / "exhibits" / name).write_bytes(raw)
        self.lengths[name] = len(raw)
        return name

    def named(self, *names: str) -> list[Json]:
        """Exhibits as an entry names them."""
        return [{"bytes": self.lengths[n], "kind": "public", "name": "x", "sha256": n} for n in names]

    def result(self, **parts: Any) -> tuple[Json, list[Json]]:
        """A result, and the exhibits of the parts of it that are long."""
        found: Json = {}
        made: list[Json] = []
        for name, part in sorted(parts.items()):
            written = canonical(part)
            if len(written) > INLINE:
                found[f"{name}_sha256"] = self.exhibit(written)
                made += [self.named(found[f"{name}_sha256"])[0] | {"name": f"{name}.json"}]
            else:
                found[name] = part
        return found, made

    def add(self, **entry: Any) -> bytes:
        """The next entry."""
        self.entries.append(canonical(town.finished(entry, len(self.entries))))
        return self.entries[-1]


def subjects(dice: random.Random) -> dict[str, Subject]:
    """The contests."""
    found = {}
    for i in range(CONTESTS):
        everywhere = i % (CONTESTS // EVERYWHERE) == 0
        start = dice.randrange(BATCHES - LOCAL)
        batches = list(range(BATCHES) if everywhere else range(start, start + LOCAL))
        choices = [f"x{j}" for j in range(5 if everywhere else dice.randrange(2, 8))]
        found[f"k{i:03}"] = Subject(f"k{i:03}", choices, batches, 300 if everywhere else 100)
    return found


def drawn(state: State, names: Sequence[str]) -> Any:
    """The sample of one plan."""
    groups = {name: state.subjects[name].batches for name in names}
    sizes = {name: state.subjects[name].size for name in names}
    return grouped(town.SEED, state.batches, groups, sizes)


def of_batches(state: State, names: Sequence[str]) -> dict[str, list[str]]:
    """Batch -> contests."""
    found: dict[str, list[str]] = {}
    ids = [name for name, _ in state.batches]
    for name in names:
        for b in state.subjects[name].batches:
            found.setdefault(ids[b], []).append(name)
    return found


def publish(state: State, subject: Subject, items: Sequence[str], seed: int) -> None:
    """The rows of a contest: real commitments for the cards that will be opened, random ones for the rest."""
    k, n = len(subject.choices), len(subject.batches) * state.per_batch
    dice = np.random.default_rng(seed)
    shares = np.array(SHARES.get(k, (0.45, *[0.5 / (k - 1)] * (k - 1), 0.05)))
    codes = ((dice.choice(k + 1, size=n, p=shares / shares.sum()) + 1) % (k + 1)).astype(np.uint8)
    rows = np.frombuffer(dice.bytes(32 * n), dtype=np.uint8).reshape(n, 32).copy()
    for i, item in enumerate(items):
        made = town.commitment(town.salt("row", item, subject.name), {"card": item, "contest": subject.name})
        rows[i] = np.frombuffer(made, dtype=np.uint8)
        state.rows[item, subject.name] = int(codes[i])
    order = np.argsort(rows[:, :8].copy().view(">u8")[:, 0], kind="stable")
    files = [state.exhibit(codes[order].tobytes()), state.exhibit(rows[order].tobytes())]
    choices = [{"id": name, "name": name, "party": ""} for name in subject.choices]
    contest = {"choices": choices, "id": subject.name, "name": subject.name, "office_class": "", "seats": 1,
               "votes_allowed": 1}  # fmt: skip
    head = {"cards": n, "code_bytes": 1, "codes_sha256": files[0], "commitments_sha256": files[1],
            "contest": contest, "form": "tallybook/published-cards/v1",
            "patterns": [town.pattern(""), *map(town.pattern, subject.choices)]}  # fmt: skip
    subject.files = [state.exhibit(canonical(head)), *files]
    counts = np.bincount(codes, minlength=k + 1)
    subject.margins = [int(counts[1] - counts[j]) for j in range(2, k + 1)]


def parts(things: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """So many at a time."""
    return (things[at : at + size] for at in range(0, len(things), size))


FILING = '[[acts]]\nid="file"\nwords="w"\nentry="filed"\nsaid="s"\neffect="record"\nscope=[]\nphases=[]\n'
FILED = 'office="auditor"\nact="file"\nstatus="permitted"\nin_force=["",""]\nelections_held=["",""]\n'
LAW = town.LAW + (FILING + '[[rows]]\nid="file"\n' + FILED + 'citation="c"\nplain="p"\n').encode()


def opened(state: State) -> None:
    """The opening, whose contests stand in a file, and acts that file what was published."""
    rules = state.exhibit(LAW)
    contests = [
        {"choices": [{"id": c, "name": c} for c in one.choices], "class": "city", "id": one.name, "name": "k"}
        for one in state.subjects.values()
    ]
    counties = [{"id": f"c{n:03}", "kind": "county", "name": f"County {n}"} for n in range(COUNTIES)]
    election, files = {"day": "2026-11-03", "id": "e", "title": "t"}, state.exhibit(canonical(contests))
    detail = {"contests_file": files, "election": election, "law": [rules], "places": counties}
    state.add(act="open_book", detail=detail, exhibits=state.named(rules, files), origin=ORIGIN,
              policy=policy())  # fmt: skip
    for some in parts([name for one in state.subjects.values() for name in one.files], 100):
        state.add(act="file", entry="filed", exhibits=state.named(*some))


def planned(state: State, names: Sequence[str], manifest: str) -> int:
    """A plan; gives its entry."""
    ids, chosen = [name for name, _ in state.batches], [state.subjects[name] for name in names]
    contests = [
        {"batches": [ids[b] for b in one.batches], "cards": len(one.batches) * state.per_batch,
         "contest": one.name, "evidence": "comparison", "lacking": "carries",
         "outcome": {"kind": "winner", "winners": ["x0"]}, "reported": one.files[0]}
        for one in chosen
    ]  # fmt: skip
    claims = {
        one.name: [{"kind": "ahead", "loser": c, "winner": "x0"} for c in one.choices[1:]] for one in chosen
    }
    sizes = {one.name: one.size for one in chosen}
    raw = state.exhibit(
        canonical(town.plan(assertions=claims, contests=contests, manifest=manifest, sizes=sizes))
    )
    result, made_ = state.result(contests={
        one.name: {"cards": len(one.batches) * state.per_batch, "margins": one.margins, "phantoms": 0}
        for one in chosen
    })  # fmt: skip
    state.add(act="commit_audit_plan", detail={"plan": raw}, exhibits=state.named(raw, manifest) + made_,
              result=result)  # fmt: skip
    return len(state.entries) - 1


def audited(state: State, audit: int, names: Sequence[str], seed: int) -> None:
    """One plan from its draw to its measurement; `seed`: the checkpoint that covers it."""
    sample, of = drawn(state, names), of_batches(state, names)
    about = {"audit": audit}
    state.add(act="record_audit_seed", detail=about | {"seed": town.SEED},
              result={"checkpoint": seed, "committed": audit})  # fmt: skip
    sizes = {one: state.subjects[one].size for one in names}
    usable = {one: len(items) for one, items in sample.usable.items()}
    result, exhibits = state.result(sample=sample.sample, sizes=sizes, usable=usable)
    state.add(act="draw_audit_round", detail=about, **({"exhibits": exhibits} if exhibits else {}),
              result=result | {"count": len(sample.sample), "round": 1})  # fmt: skip
    leaves = read(state, audit, sample.sample, of)
    top = root(leaves).hex()
    lines = ["tallybook/sitting/v1", ORIGIN, f"audit {audit}", "sitting 1", f"acts {len(leaves)}", top]
    signature = town.BOARD.sign("".join(line + "\n" for line in lines).encode()).hex()
    state.add(act="sign_sitting", detail=about | {"signatures": [["A. Able", signature]]},
              result={"acts": len(leaves), "root": top, "sitting": 1})  # fmt: skip
    found = {one: measurement(state, state.subjects[one], usable[one]) for one in names}
    result, exhibits = state.result(contests=found)
    state.add(act="measure_risk", detail=about, **({"exhibits": exhibits} if exhibits else {}),
              result=result | {"round": 1})  # fmt: skip


def read(state: State, audit: int, items: Sequence[str], of: Mapping[str, list[str]]) -> list[bytes]:
    """Two readings of every card, and its records; gives the leaves of the sitting."""
    pairs = [(item, name) for item in items for name in of[item.rpartition("/")[0]]]
    readings: dict[str, Json] = {item: {} for item in items}
    for item, name in pairs:
        code = state.rows[item, name]
        readings[item][name] = [f"x{code - 1}"] if code else []
    leaves, waiting = [], len(items)

    def done(act: str, result: Json | None = None, **detail: Any) -> None:
        extra = {"result": result} if result else {}
        leaves.append(leaf(state.add(act=act, detail={"audit": audit} | detail, **extra)))

    for reader in ("one", "two"):
        for some in parts(items, 500):
            waiting -= len(some) if reader == "two" else 0
            rows = [[item, sealed(audit, reader, item, readings[item])] for item in some]
            done("commit_readings", {"waiting": waiting}, commitments=rows, reader=reader)
    for reader in ("one", "two"):
        for some in parts(items, 100):
            rows = [[item, town.salt(reader, item).hex(), readings[item]] for item in some]
            done("open_readings", openings=rows, reader=reader)
    for some in parts(pairs, 500):
        rows = [[item, name, town.salt("row", item, name).hex()] for item, name in some]
        done("open_records", {"rows": [state.rows[pair] for pair in some]}, records=rows)
    return leaves


def sealed(audit: int, reader: str, item: str, readings: Json) -> str:
    """A reader's commitment."""
    text = {"audit": audit, "item": item, "reader": reader, "readings": readings}
    return town.commitment(town.salt(reader, item), text).hex()


def measurement(state: State, subject: Subject, n: int) -> Json:
    """What a contest without a single discrepancy is measured at."""
    cards = len(subject.batches) * state.per_batch
    if n == cards:
        return {"cards": n, "step": "counted", "true": [True] * len(subject.margins)}
    tests = [comparison(Claim(-1, 1, cards, margin), {}) for margin in subject.margins]
    runs = [measured(test, [2] * n) for test in tests if test]
    risks, met = [written(run.risk()) for run in runs], [run.meets(LIMIT) for run in runs]
    found: Json = {"cards": n, "met": met, "risk": max(risks, key=Fraction), "risks": risks}
    if all(met):
        return found | {"step": "stop"}
    return found | {
        "more": max(further(run, 2, LIMIT, min(cards - n, 100_000)) or 0 for run in runs),
        "step": "another_round",
    }


def made(where: Path, cards: int) -> State:
    """The package of a state of so many cards."""
    (where / "exhibits").mkdir(parents=True)
    state = State(where, cards // BATCHES, subjects(random.Random(1)))
    names = list(state.subjects)
    of, items = of_batches(state, names), dict[str, list[str]]()
    for item in drawn(state, names).sample:
        for name in of[item.rpartition("/")[0]]:
            items.setdefault(name, []).append(item)
    for i, subject in enumerate(state.subjects.values()):
        publish(state, subject, items[subject.name], i)
    opened(state)
    manifest = state.exhibit(canonical(
        {"batches": [{"cards": n, "id": b} for b, n in state.batches], "format": "tallybook/manifest/v1"}
    ))  # fmt: skip
    audit = planned(state, names, manifest)
    head = {"root": b64(root([leaf(entry) for entry in state.entries])), "size": len(state.entries)}
    text = signed(state.entries, (LOG, *WITNESSES)).decode()
    state.add(act="record_checkpoint", detail={"checkpoint": text}, result=head)
    audited(state, audit, names, len(state.entries) - 1)
    contents = [f"exhibit {name} {length}" for name, length in sorted(state.lengths.items())]
    lines = ["tallybook/package/v1", f"size {len(state.entries)}", *contents]
    folder(package(state.entries) | {"contents": ("\n".join(lines) + "\n").encode()}, where)
    return state


def raw_seconds(state: State) -> float:
    """CPU seconds of SHA-256 over all exhibits."""
    start = process_time()
    for name in state.lengths:
        hashlib.sha256((state.folder / "exhibits" / name).read_bytes())
    return process_time() - start


def main(cards: int) -> None:
    """Make the package, check it, and say how long that took."""
    with TemporaryDirectory() as home:
        state = made(Path(home) / "package", cards)
        rows = sum(len(one.batches) for one in state.subjects.values()) * state.per_batch
        assertions = sum(len(one.margins) for one in state.subjects.values())
        raw = raw_seconds(state)
        start = process_time()
        report = check(state.folder, "state", Asked())
        seconds = process_time() - start
        assert report.proves, report.failure and report.failure.sentence()
        print(f"{cards} cards, {CONTESTS} contests, {assertions} assertions, {rows} published rows")
        print(f"raw SHA-256   {raw:8.2f} s")
        print(f"all checks    {seconds:8.2f} s   {seconds / raw:6.1f} times")
        print(f"memory        {most_memory():8} MB, the making of the package included")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
