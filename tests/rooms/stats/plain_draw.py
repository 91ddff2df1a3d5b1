"""A second sampler, written from docs/spec/draw.md alone.  It imports nothing of tallybook.

Run it to print the published vectors: python tests/rooms/stats/plain_draw.py FOLDER
"""

import json
import sys
from hashlib import sha256
from pathlib import Path


def number(*fields):
    return int(sha256("\n".join(["tallybook/draw/v1", *fields]).encode("utf-8")).hexdigest(), 16)


def ticket(seed, item):
    return f"{number('ticket', seed, item):064x}"


def without(seed, items, n):
    return sorted([ticket(seed, item), item] for item in items)[:n]


def consistent(seed, groups, sizes):
    needed = {g: without(seed, groups[g], sizes[g]) for g in groups}
    drawn = sorted({tuple(pair) for pairs in needed.values() for pair in pairs})
    names = [item for _, item in drawn]
    usable = {}
    for g in groups:
        usable[g] = []
        for _, item in without(seed, groups[g], len(groups[g])):
            if item not in names:
                break
            usable[g].append(item)
    return {
        "drawn": [list(pair) for pair in drawn],
        "thresholds": {g: needed[g][-1][0] if needed[g] else "" for g in groups},
        "usable": usable,
    }


def integer(seed, stream, total, i):
    attempt = 0
    while True:
        x = number("integer", seed, stream, str(i), str(attempt))
        if x < 2**256 // total * total:
            return x % total, attempt
        attempt += 1


def weighted(seed, stream, weights, n):
    lots = []
    upto = 0
    for item in sorted(weights, key=lambda name: name.encode("utf-8")):
        upto += int(weights[item])
        lots.append((upto, item))
    chosen = []
    for i in range(1, n + 1):
        r, _ = integer(seed, stream, upto, i)
        chosen.append(next(item for bound, item in lots if r < bound))
    return chosen


SEED = "31415926535897932384"
CARDS = [f"Appling\nBatch {b}\n{k}" for b in (1, 2) for k in (1, 2, 3)]


def vectors():
    odd = ["é", "e\u0301", "中文", "😀", " leading blank", "trailing blank ", "a\nb", "ab", "a b", "10", "2"]
    yield (
        "without_replacement",
        [
            {"seed": s, "items": items, "n": n, "sample": without(s, items, n)}
            for s, items, n in [
                (SEED, CARDS, 3),
                (SEED, CARDS, 6),
                (SEED, CARDS, 0),
                ("0" * 20, CARDS, 3),
                ("0" * 21, CARDS, 3),
                ("9" * 200, odd, 11),
                (SEED, [f"card\n{k}" for k in range(1, 1001)], 20),
            ]
        ],
    )
    groups = {"A": CARDS, "B": CARDS[2:5], "C": [CARDS[5]]}
    yield (
        "consistent",
        [
            {"seed": SEED, "groups": groups, "sizes": sizes, "expected": consistent(SEED, groups, sizes)}
            for sizes in ({"A": 2, "B": 2, "C": 0}, {"A": 0, "B": 1, "C": 1}, {"A": 6, "B": 3, "C": 1})
        ],
    )
    totals = [1, 2, 6, 1000, 2**53 + 1, 2**255, 2**254 + 1, 3 * 2**253]
    yield (
        "integers",
        [
            {
                "seed": SEED,
                "stream": "batches",
                "total": str(total),
                "integers": [str(integer(SEED, "batches", total, i)[0]) for i in range(1, 13)],
                "attempts": [integer(SEED, "batches", total, i)[1] for i in range(1, 13)],
            }
            for total in totals
        ],
    )
    bounds = {"Batch 1": "866", "Batch 10": "23", "Batch 2": "0", "Batch 3": "3719", "Été": "411"}
    yield (
        "by_weight",
        [
            {"seed": SEED, "stream": stream, "weights": w, "n": n, "sample": weighted(SEED, stream, w, n)}
            for stream, w, n in [
                ("batches", bounds, 15),
                ("other batches", bounds, 15),
                ("cards", dict.fromkeys(CARDS, "1"), 10),
                ("huge", {"a": str(2**200), "b": str(2**201), "c": "1"}, 10),
            ]
        ],
    )
    bad_seeds = ["", "1" * 19, "1" * 201, "1" * 19 + " ", " " + "1" * 20, "1" * 20 + "\n", "+" + "1" * 20]
    bad_seeds += ["1" * 10 + "_" + "1" * 10, "１" * 20, "٣" * 20, "0x" + "1" * 20, "a" * 20]
    bad_items = [
        "",
        "\n",
        "a\n",
        "\na",
        "a\n\nb",
        "a\tb",
        "a\rb",
        "a\u0000b",
        "a\u007fb",
        "x" * 4097,
        "é" * 2049,
    ]
    yield "refused", {"seeds": bad_seeds, "items": bad_items, "streams": ["", "a\nb", "a\tb"]}


def main(folder):
    for name, cases in vectors():
        text = json.dumps({"spec": "tallybook/draw/v1", "cases": cases}, indent=1, ensure_ascii=True)
        (Path(folder) / f"{name}.json").write_text(text + "\n", encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1])
