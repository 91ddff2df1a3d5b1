"""Two programs that share no code: what the book writes is believed, and nothing else is.

Random books under Georgia's law, the model law and laws drawn by lot must be believed by `tallycheck`, with
the same number of grants and refusals. Then one thing in each is changed and everything is signed anew with
the true keys: the checker must believe it if, and only if, the book itself would have written it so.
"""

import functools
import random
from collections import Counter
from pathlib import Path

import pytest

import tallycheck.effects
from tallybook.merkle.canonical import decode
from tallycheck.checks import Asked, Report, check
from tallycheck.lawfile import parse_law
from tests.properties.book_worlds import World, files_of, forged, replays
from tools.make_vectors import POLICY, zipped

LAWS = ("georgia", "model", "drawn", "drawn")
UNDER = Asked(policy=POLICY.encode())


@pytest.fixture(autouse=True)
def _laws_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law files of these books are few; reading them over and over is not what is tested."""
    monkeypatch.setattr(tallycheck.effects, "parse_law", functools.lru_cache(maxsize=64)(parse_law))


def verdict(folder: Path, files: dict[str, bytes] | None) -> Report:
    """The checker's report on a package, as a ZIP."""
    assert files is not None
    place = folder / "package.zip"
    place.write_bytes(zipped(files))
    return check(place, "package", UNDER)


def agreed(folder: Path, seed: int, forgeries: int, found: Counter[str]) -> None:
    """One book, and some forgeries of it."""
    world = World(seed, LAWS[seed % len(LAWS)]).grow(90)
    report = verdict(folder, files_of(world.stored, world.exhibits))
    assert report.failure is None, (seed, report.failure and report.failure.sentence())
    kinds = Counter(decode(one)["entry"] for one in world.stored)
    refused, moot = kinds["act_refused"], kinds["act_without_legal_effect"]
    consequences = kinds["runoff_arose"] + kinds["runoff_withdrawn"]
    granted = len(world.stored) - refused - moot - consequences
    said = f"{granted} acts granted, {refused} refused, {moot} without legal effect"
    assert report.words[5] == said
    found.update(kinds)
    dice = random.Random(seed)
    for _ in range(forgeries):
        stored, done = forged(world, dice)
        why_not = replays(stored, world.exhibits)
        files = files_of(stored, world.exhibits)
        if files is None:
            found["entries that no package holds"] += 1
            assert why_not
            continue
        failure = verdict(folder, files).failure
        assert (failure is None) == (not why_not), (seed, done, why_not, failure and failure.sentence())
        found["forgeries that are another lawful book" if not why_not else f"check {failure.number}"] += 1


@pytest.mark.slow
def test_the_checker_believes_what_the_book_would_write_and_nothing_else(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for seed in range(12):
        agreed(tmp_path, seed, 12, found)
    assert found["act_refused"] > 50
    assert found["state_results_certified"] > 5


@pytest.mark.rehearsal
def test_four_hundred_books_and_ten_thousand_forgeries(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for seed in range(1000, 1400):
        agreed(tmp_path, seed, 25, found)
        if seed % 50 == 49:
            print(f"{seed - 999} books agreed", flush=True)
    print(sorted(found.items()))
    assert (
        min(found[kind] for kind in ("runoff_arose", "runoff_withdrawn", "lot_drawn", "readings_signed")) > 0
    )
