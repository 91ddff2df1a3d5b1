"""What it costs to keep, count and sample five million cards of thirty contests, and how the cost grows.

Run: python bench/cards.py [cards].  CPU seconds of this process; compare the ratios. The cards are drawn by a
fixed seed: contests of 2 to 21 choices, a third of them not on every card, 500 cards a batch. Beside every
figure stands plain numpy over the same codes in memory, which is the least that counting can cost.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from counting import foreign

from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, CastVoteRecords, Column, Mark, Pattern, narrowed
from tallybook.keep import cards as kept
from tallybook.outcomes.ranked import ranked_choice
from tallybook.outcomes.rules import CountRules, Rules, TieRules
from tallybook.outcomes.selections import tally_selections

CONTESTS = 30
BATCH = 500
SAMPLE = 1_000
RANKED = 500_000
NAMES = "abcdefghijklm"
RULES = Rules(
    "bench", "ranked_choice", count=CountRules(until="two_remain"), ties=TieRules(("order",), tuple(NAMES))
)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The best of a few."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def election(cards: int) -> CastVoteRecords:
    """Cards of contests without ranks: a vote for each choice, an overvote, a blank."""
    roll = np.random.default_rng(20201103)
    contests, codes, patterns = [], {}, {}
    for number in range(1, CONTESTS + 1):
        names = [f"choice {place}" for place in range(2 + number % 20)]
        contest = Contest(str(number), f"Contest {number}", "", tuple(Choice(n, n) for n in names))
        marked = [Pattern((Mark(name),)) for name in names]
        over = Pattern(tuple(Mark(name) for name in names[:2]), ("overvote",))
        patterns[contest.id] = (*marked, over, Pattern((), ("blank",)))
        column = roll.integers(1, len(names) + 3, cards, dtype=np.uint8)
        if number % 3 == 0:
            column[roll.random(cards) < 0.4] = 0
        contests.append(contest)
        codes[contest.id] = column
    batches = -(-cards // BATCH)
    batch = narrowed(np.repeat(np.arange(batches), BATCH)[:cards])
    columns = {"batch": Column(tuple(map(str, range(batches))), batch)}
    return CastVoteRecords("bench", tuple(contests), cards, patterns, codes, columns)


def ranked(cards: int, choices: int) -> CastVoteRecords:
    """Cards of one ranked contest of at most five ranks, the earlier choices liked more."""
    roll = np.random.default_rng(20220816)
    keys = roll.random((cards, choices), dtype=np.float32) ** (1 / np.arange(choices + 1, 1, -1))
    order = np.argsort(-keys, axis=1)[:, :5] + 1
    length = roll.integers(0, 6, cards)
    base = choices + 1
    digits = np.where(np.arange(order.shape[1]) < length[:, None], order, 0) @ base ** np.arange(
        order.shape[1]
    )
    distinct, places = np.unique(digits, return_inverse=True)
    contest = Contest("r", "Ranked", "", tuple(Choice(name, name) for name in NAMES[:choices]))
    patterns = tuple(_ranking(int(one), base) for one in distinct)
    return CastVoteRecords("bench", (contest,), cards, {"r": patterns}, {"r": narrowed(places + 1)}, {})


def _ranking(digits: int, base: int) -> Pattern:
    named = [digits // base**place % base for place in range(5)]
    return Pattern(tuple(Mark(NAMES[one - 1], rank) for rank, one in enumerate(named, 1) if one))


def measured(store: kept.Store) -> list[tuple[str, float]]:
    """What the store is asked."""
    drawn = np.random.default_rng(1).choice(store.cards, min(SAMPLE, store.cards), replace=False).tolist()
    return [
        ("all contests, tallied", seconds(lambda: [tally_selections(b) for b in kept.all_ballots(store)])),
        ("one contest", seconds(lambda: tally_selections(kept.ballots(store, "7")))),
        ("one contest, per batch", seconds(lambda: kept.ballots_by(store, "7", "batch"))),
        ("all contests, per batch", seconds(lambda: _every(store), 1)),
        (f"a sample of {SAMPLE:,} whole cards", seconds(lambda: kept.sample(store, drawn))),
    ]


def _every(store: kept.Store) -> None:
    for _ in kept.all_ballots_by(store, "batch"):
        pass


def plainly(store: kept.Store, records: CastVoteRecords) -> list[tuple[str, float]]:
    """The same questions to numpy, the codes already in memory."""
    batch = records.columns["batch"].codes.astype(np.int64)
    codes, width = records.codes, 64
    drawn = np.random.default_rng(1).choice(store.cards, min(SAMPLE, store.cards), replace=False)
    return [
        ("all", seconds(lambda: [np.bincount(one) for one in codes.values()])),
        ("one", seconds(lambda: np.bincount(codes["7"]))),
        ("batch", seconds(lambda: np.bincount(batch * width + codes["7"]))),
        ("batches", seconds(lambda: [np.bincount(batch * width + one) for one in codes.values()], 1)),
        ("sample", seconds(lambda: [one[drawn] for one in codes.values()])),
    ]


def memory_of_a_count(folder: Path) -> tuple[float, float]:
    """Peak megabytes (Linux), and CPU seconds, of a fresh process that opens a store and tallies it."""
    program = (
        "import sys, time; from pathlib import Path; from tallybook.keep import cards as kept\n"
        "from tallybook.outcomes.selections import tally_selections\n"
        "start = time.process_time(); store = kept.open_store(Path(sys.argv[1]))\n"
        "[tally_selections(one) for one in kept.all_ballots(store)]\n"
        "peak = next(line for line in Path('/proc/self/status').open() if line.startswith('VmHWM'))\n"
        "print(int(peak.split()[1]) / 1024, time.process_time() - start)"
    )
    words = [sys.executable, "-c", program, str(folder)]
    megabytes, taken = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    return float(megabytes), float(taken)


def ranked_lines(folder: Path, cards: int, choices: int) -> list[str]:
    """Ranked choice of one contest: from the store to the winner, the parts of that, and plain Python."""
    store = kept.store(ranked(cards, choices), folder)
    ballots, columns = kept.ballots(store, "r"), kept.ballot_columns(store, "r")
    assert ranked_choice(ballots, RULES) == ranked_choice(columns, RULES)
    names = NAMES[:choices]
    whole = seconds(lambda: ranked_choice(kept.ballot_columns(store, "r"), RULES))
    measured = {
        "from the store to the winner": whole,
        "  reading the store": seconds(lambda: kept.ballot_columns(store, "r")),
        "  the rounds": seconds(lambda: ranked_choice(columns, RULES)),
        "the rounds in plain Python": seconds(lambda: _by_hand(ballots)),
        **dict(foreign({tuple(mark.choice for mark in p.marks): n for p, n in _piles(ballots)}, names)),
    }
    first = f"{choices} choices, {len(ballots.patterns):,} distinct rankings"
    return [first, *(f"  {what:<40}{s:>9.4f} s CPU{s / whole:>9.2f} x" for what, s in measured.items())]


def _piles(ballots: Ballots) -> Iterable[tuple[Pattern, int]]:
    return zip(ballots.patterns, ballots.counts, strict=True)


def _by_hand(ballots: Ballots) -> str:
    """Ranked choice over the same piles in plain Python, for the ratio."""
    standing = {choice.id for choice in ballots.contest.choices}
    while True:
        votes = dict.fromkeys(sorted(standing), 0)
        for pattern, count in zip(ballots.patterns, ballots.counts, strict=True):
            first = next((mark.choice for mark in pattern.marks if mark.choice in standing), None)
            if first is not None:
                votes[first] += count
        if len(standing) <= 2:
            return max(votes, key=votes.__getitem__)
        standing.remove(min(votes, key=votes.__getitem__))


def main(cards: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        print(f"ranked choice of {RANKED:,} cards")
        for choices in (5, 13):
            print("\n".join(ranked_lines(Path(place) / f"ranked {choices}", RANKED, choices)))
        print(f"\n{CONTESTS} contests without ranks")
        for size in [size for size in (100_000, 500_000, 1_000_000) if size < cards] + [cards]:
            records = election(size)
            folder = Path(place) / str(size)
            written = seconds(lambda: kept.store(records, folder), 1)  # noqa: B023
            store = kept.open_store(folder)
            megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
            print(f"\n{size:,} cards, {megabytes:.1f} MB on the disk; written in {written:.2f} s CPU")
            for (what, took), (_, plain) in zip(measured(store), plainly(store, records), strict=True):
                per = took / size * 1e6
                print(
                    f"  {what:<34}{took:9.4f} s CPU{per:9.3f} µs a card{took / plain:9.1f} x numpy in memory"
                )
        peak, taken = memory_of_a_count(folder)
        print(f"\na fresh process that tallies all contests: {peak:.0f} MB at most, {taken:.2f} s CPU")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000)
