"""How fast audits are measured, planned, tallied and replayed: CPU seconds and ratios, all in one run.

Run: python bench/audit.py. Everything is made up from a fixed seed. The plain reference for risks plays each
assertion by the engine alone; the others have no second way and show their seconds.
"""

import time
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

import numpy as np

from tallybook.audit.alarms import alarms
from tallybook.audit.comparison import comparison_part
from tallybook.audit.evidence import Scale
from tallybook.audit.hand_tally import Sheet, hand_tally
from tallybook.audit.measuring import Evidence, measure
from tallybook.audit.planning import Shape, plan_card_comparison, plan_polling
from tallybook.audit.replaying import PublishedAudit, ReplayBatch, replay
from tallybook.election import Batch, Choice, Contest, Manifest

T = TypeVar("T")
PAIR = Scale(-1, 1, (1, -1, 0))


def cpu(work: Callable[[], T]) -> tuple[T, float]:
    """The result and the CPU seconds of one call."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def report(name: str, seconds: float, reference: float | None = None) -> None:
    """One line: what was done, how long it took, how much longer the reference takes."""
    ratio = f"{reference / seconds:7.1f} x" if reference else ""
    print(f"{name:<66} {seconds:8.3f} s {ratio}")


def risks(assertions: int, draws: int) -> None:
    """Many assertions on the same draws, against one at a time."""
    rng = np.random.default_rng(1)
    evidence = []
    for a in range(assertions):
        recorded = rng.integers(1, 4, draws)
        found = np.where(rng.random(draws) < 0.001, 3, recorded)
        part = comparison_part(PAIR, 5_000_000, 20_000 + 500 * a, recorded, found, "carries")
        evidence.append(Evidence(str(a), (part,)))
    _, together = cpu(lambda: measure(evidence, "0.05"))
    few = evidence[:20]
    _, alone = cpu(lambda: [measure([one], "0.05") for one in few])
    report(f"risks: {assertions:,} assertions x {draws:,} draws", together, alone * assertions / len(few))


def plans() -> None:
    """Sizes at a margin of 0.24 percent of five million cards."""
    shape = Shape("a", 5_000_000, 12_000, -1, 1, 2_456_000, 2_444_000)
    _, seconds = cpu(lambda: plan_card_comparison(shape, "0.05"))
    report("plan: card comparison, 5,000,000 cards, margin 0.24 %", seconds)
    wide = Shape("a", 5_000_000, 100_000, -1, 1, 2_500_000, 2_400_000)
    _, seconds = cpu(lambda: plan_polling(wide, "0.05"))
    report("plan: ballot polling, 5,000,000 cards, margin 2 %", seconds)


def tally(batches: int) -> None:
    """A full hand tally of many batches, and its alarms."""
    rng = np.random.default_rng(2)
    contest = Contest("a", "A", "", (Choice("ann", "Ann"), Choice("bob", "Bob")))
    votes = rng.integers(20, 80, (batches, 2)).tolist()
    sheets = [Sheet(f"c{i % 159}", str(i), {"a": {"ann": x, "bob": y}}) for i, (x, y) in enumerate(votes)]
    manifest = Manifest(
        tuple(Batch(s.jurisdiction, s.batch, x + y) for s, (x, y) in zip(sheets, votes, strict=True))
    )
    (held, _), seconds = cpu(lambda: hand_tally(manifest, [contest], sheets))
    report(f"hand tally: {batches:,} batches", seconds)
    _, seconds = cpu(lambda: alarms(held))
    report(f"alarms of {batches:,} batches", seconds)


def again(batches: int) -> None:
    """A batch comparison like Georgia's of 2025, replayed."""
    rows = tuple(
        ReplayBatch((f"C{i % 159:03}", f"b{i}"), 424, {"ann": 263, "bob": 157}) for i in range(batches)
    )
    audit = PublishedAudit(
        "a", {"ann": 263 * batches, "bob": 157 * batches}, 1, 1, 0, rows, "34363370190391208563",
        (15,), (), "", Fraction(1, 20),
    )  # fmt: skip
    _, seconds = cpu(lambda: replay(audit))
    report(f"replay: bounds, draw and sums of {batches:,} batches", seconds)


def main() -> None:
    """All of them."""
    risks(1_000, 10_000)
    plans()
    tally(40_000)
    again(4_000)


if __name__ == "__main__":
    main()
