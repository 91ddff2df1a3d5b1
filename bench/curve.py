"""How the cost of counting grows from a hundred thousand cards to fifty million: a curve.

Run: python bench/curve.py [largest] [folder].  CPU seconds of this process for stores of thirty contests and
up to 2,000 batches. Larger stores repeat the cards and batches of one of a million, and stand on the disk one
at a time: 700 MB at most. In the folder, where one is named, are left ``counting-curve.csv`` and
``counting-curve.svg``.
"""

import csv
import io
import math
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import msgspec
from cards import CONTESTS, election, seconds

from tallybook.keep import cards as kept
from tallybook.keep.cards.parquet import ROW_GROUP
from tallybook.outcomes.selections import tally_selections

BASE = 1_000_000
SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000)
WIDTH, HEIGHT, EDGE = 640, 400, 60
COLOURS = ("#1b6ca8", "#b5460f", "#2e7d32", "#6a1b9a")
Row = tuple[int, dict[str, float]]

MEASURED: dict[str, Callable[[kept.Store], object]] = {
    f"all {CONTESTS} contests": lambda store: [tally_selections(one) for one in kept.all_ballots(store)],
    "one contest": lambda store: tally_selections(kept.ballots(store, "7")),
    f"all {CONTESTS} contests, per batch": lambda store: sum(map(len, kept.all_ballots_by(store, "batch"))),
    "one contest, per batch": lambda store: kept.ballots_by(store, "7", "batch"),
}


def main(largest: int, folder: Path | None) -> None:
    """Measure each size; print the rows, and leave table and picture."""
    rows: list[Row] = []
    print(f"{'cards':>12}" + "".join(f"{what:>32}" for what in MEASURED))
    with tempfile.TemporaryDirectory() as place:
        base = kept.store(election(min(BASE, largest)), Path(place) / "base")
        for ask in MEASURED.values():
            ask(base)  # What is done once only, as loading DuckDB, is no cost of counting.
        for size in (one for one in SIZES if one <= largest):
            store = made(base, size, Path(place) / str(size))
            taken = {what: seconds(lambda: ask(store), 2) for what, ask in MEASURED.items()}  # noqa: B023
            print(
                f"{size:>12,}"
                + "".join(f"{one:>17.4f} s{one / size * 1e6:>8.3f} µs a" for one in taken.values())
            )
            rows.append((size, taken))
            shutil.rmtree(store.folder)
    if folder:
        (folder / "counting-curve.csv").write_text(table(rows), encoding="utf-8")
        (folder / "counting-curve.svg").write_text(picture(rows), encoding="utf-8")
        print(f"measured on {machine()}")


def made(base: kept.Store, size: int, folder: Path) -> kept.Store:
    """A store of so many cards: drawn anew up to a million, then the base again and again."""
    if size < base.cards:
        return kept.store(election(size), folder)
    shutil.copytree(base.folder, folder)
    told = msgspec.json.decode((folder / "cards.json").read_bytes())
    (folder / "cards.json").write_bytes(msgspec.json.encode({**told, "cards": size}))
    again = ", ".join([f"'{base.file('cards')}'"] * (size // base.cards))
    duckdb.execute("SET threads = 1")
    duckdb.execute(
        f"COPY (SELECT * FROM read_parquet([{again}])) TO '{folder / 'cards.parquet'}'"
        f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    )
    return kept.open_store(folder)


def machine() -> str:
    """What a reader should know of where this was measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = f"{len(named)} cores of {named[0]}" if named else platform.machine()
    return (
        f"{processor}, {platform.system()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def table(rows: Sequence[Row]) -> str:
    """The measures as CSV: a row for each size, CPU seconds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["cards", *MEASURED])
    writer.writerows([size, *(f"{one:.4f}" for one in taken.values())] for size, taken in rows)
    return out.getvalue()


def picture(rows: Sequence[Row]) -> str:
    """The measures as a drawing, both axes logarithmic: a straight line at half a right angle is linear."""
    low, high = math.log10(rows[0][0]), math.log10(rows[-1][0])
    every = [one for _, taken in rows for one in taken.values()]
    bottom, top = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))

    def across(size: float) -> float:
        return round(EDGE + (math.log10(size) - low) / (high - low) * (WIDTH - 2 * EDGE), 1)

    def up(taken: float) -> float:
        return round(HEIGHT - EDGE - (math.log10(taken) - bottom) / (top - bottom) * (HEIGHT - 2 * EDGE), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 70}" role="img"'
        ' font-family="sans-serif" font-size="12"><title>CPU seconds of counting, by cards</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT + 70}" fill="white"/>',
    ]
    for power in range(bottom, top + 1):
        y = up(10.0**power)
        parts.append(f'<path d="M{EDGE} {y}H{WIDTH - EDGE}" stroke="#ddd"/>')
        parts.append(f'<text x="{EDGE - 6}" y="{y + 4}" text-anchor="end">{10.0**power:g} s</text>')
    for size, _ in rows:
        x = across(size)
        parts.append(f'<path d="M{x} {EDGE}V{HEIGHT - EDGE}" stroke="#eee"/>')
        label = f"{size / 1e6:g} m" if size >= 10**6 else f"{size // 1000:,} k"
        parts.append(f'<text x="{x}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{label}</text>')
    for place, (what, colour) in enumerate(zip(MEASURED, COLOURS, strict=True)):
        points = " ".join(f"{across(size)},{up(taken[what])}" for size, taken in rows)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = HEIGHT - 10 + 18 * place
        parts.append(f'<path d="M{EDGE} {y - 4}h24" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{EDGE + 32}" y="{y}">{what}</text>')
    return "\n".join(
        [*parts, f'<text x="{WIDTH - EDGE}" y="{HEIGHT - 10}" text-anchor="end">cards</text></svg>', ""]
    )


if __name__ == "__main__":
    words = sys.argv[1:]
    main(int(words[0]) if words else SIZES[-1], Path(words[1]) if len(words) > 1 else None)
