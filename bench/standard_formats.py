"""How long it takes to read cast vote records in NIST's common data format, against the bare parsers.

Run: python bench/standard_formats.py [number of cards].  CPU seconds of this process: compare the ratios.
"""

import datetime
import io
import sys
import time
from collections.abc import Callable

import msgspec
import numpy as np
from lxml import etree

from tallybook.election import Choice, Contest
from tallybook.election.cards import CastVoteRecords, Mark, Pattern, ballots, column_of, narrowed
from tallybook.formats.cvr_cdf import read_json, read_xml
from tallybook.formats.cvr_cdf_out import About, write_json, write_xml

CONTESTS = 20


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def election(cards: int) -> CastVoteRecords:
    """Cards that bear most of twenty contests, in the proportions of an ordinary election."""
    rng = np.random.default_rng(20201103)
    choices = tuple(Choice(f"c{k}", f"Candidate {k}") for k in range(4))
    contests = tuple(Contest(f"contest {k}", f"Contest {k}", "", choices) for k in range(CONTESTS))
    held = (*(Pattern((Mark(choice.id),)) for choice in choices), Pattern((), ("blank",)))
    shares = [0.2, 0.4, 0.3, 0.04, 0.03, 0.03]
    codes = {one.id: narrowed(rng.choice(6, cards, p=shares)) for one in contests}
    columns = {
        "batch": column_of([str(card // 200) for card in range(cards)]),
        "record": column_of([str(card) for card in range(cards)]),
        "precinct": column_of([f"Precinct {card % 50}" for card in range(cards)]),
    }
    patterns = {one.id: held for one in contests}
    return CastVoteRecords("bench", contests, cards, patterns, codes, columns)


def main(cards: int) -> None:
    held = election(cards)
    about = About("Bench", "County", datetime.datetime(2020, 11, 3, tzinfo=datetime.UTC))
    in_json, in_xml = write_json(held, about), write_xml(held, about)
    rows = [
        ("JSON, parsed by msgspec and thrown away", seconds(lambda: msgspec.json.decode(in_json)), 0),
        ("JSON, read", seconds(lambda: read_json(in_json, "bench")), 0),
        ("JSON, written", seconds(lambda: write_json(held, about)), 0),
        ("XML, parsed by lxml and thrown away", seconds(lambda: bare(in_xml)), 3),
        ("XML, read", seconds(lambda: read_xml(in_xml, "bench")), 3),
        ("XML, written", seconds(lambda: write_xml(held, about)), 3),
    ]
    print(f"{cards:,} cards, JSON of {len(in_json) / 1e6:,.0f} MB, XML of {len(in_xml) / 1e6:,.0f} MB")
    for what, took, parser in rows:
        print(f"{what:<46}{took:8.2f} s CPU {took / rows[parser][1]:8.1f} x the bare parser")
    found = read_xml(in_xml, "bench").records
    assert found is not None
    print(f"check: {sum(ballots(found, 'contest 0').counts):,} cards bear the first contest")


def bare(data: bytes) -> None:
    for _, element in etree.iterparse(io.BytesIO(data), events=("end",)):
        element.clear()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
