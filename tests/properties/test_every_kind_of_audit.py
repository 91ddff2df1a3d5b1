"""Audits of every kind, grown by lot: the checker believes each, and rejects one changed result by its check.

Two programs that share no code, from one specification: polling, comparison, pools, batches, strata of
these, ranked contests by each of them and without records, several seats and votes, runoffs, cards that are
lost, left out or lack the contest, counts of everything that somebody else has won. Then one number or string
of a result is changed and the book is signed anew: the check must say no that the table names.
"""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallycheck.checks import Asked, Report, check
from tests.doors.test_audit_vectors import written_again
from tests.properties.audit_forgeries import as_entries, forgeries, sealed_anew
from tests.properties.audit_kinds_worlds import KINDS, Maker, grown
from tools.audit_kinds import many_book
from tools.make_audit_vectors import PLAN, Refile, entry_of, forged, nothing, swapped
from tools.make_vectors import POLICY, zipped

UNDER = Asked(policy=POLICY.encode())


def verdict(folder: Path, files: dict[str, bytes]) -> Report:
    """The checker's report on a package, as a ZIP."""
    place = folder / "package.zip"
    place.write_bytes(zipped(files))
    return check(place, "package", UNDER)


def believed(folder: Path, seed: int, kind: str = "") -> Maker:
    """A book that the checker believes."""
    book = grown(seed, kind)
    failure = verdict(folder, forged(book, nothing)).failure
    assert failure is None, (seed, kind, failure.number, failure.sentence())
    return book


def caught(folder: Path, book: Maker, seed: int, most: int) -> Counter[str]:
    """Some of its forgeries, each rejected by its check; how many of which field."""
    dice, found = random.Random(f"forged {seed}"), Counter[str]()
    every = forgeries(as_entries(book), dice)
    for one in dice.sample(every, min(most, len(every))):
        failure = verdict(folder, sealed_anew(as_entries(book), book.exhibits, one)).failure
        assert failure is not None, (seed, one)
        assert failure.number == one.check, (seed, one, failure.number, failure.sentence())
        found[" ".join(one.said.split()[::2][:2]).partition("/contests")[0]] += 1
    return found


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), kind=st.sampled_from(KINDS))
def test_the_checker_believes_an_audit_of_any_kind_and_no_forged_result(
    tmp_path: Path, seed: int, kind: str
) -> None:
    caught(tmp_path, believed(tmp_path, seed, kind), seed, 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_audits_of_each_kind_are_believed_and_their_forgeries_are_not(kind: str, tmp_path: Path) -> None:
    for seed in range(8):
        caught(tmp_path, believed(tmp_path, seed, kind), seed, 3)


# Exhibits -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_long_result_that_points_to_another_exhibit_is_rejected_by_its_check(tmp_path: Path) -> None:
    """Contests of a plan, of a measurement and of a correction; sizes and usable cards of a round."""
    book, fields = many_book(), set[str]()
    for one in forgeries(as_entries(book), random.Random(1)):
        if "_sha256" in one.said:
            failure = verdict(tmp_path, sealed_anew(as_entries(book), book.exhibits, one)).failure
            assert failure is not None and failure.number == one.check, (one, failure)
            fields.add(" ".join(one.said.split()[::2][:2]))
    assert len(fields) == 5, fields


@pytest.mark.slow
def test_totals_of_pools_batches_and_rankings_are_held_to_what_follows_from_them(tmp_path: Path) -> None:
    """One number in such an exhibit is another: believed if, and only if, the book would have written so.

    Check 4 it is where batches that were explained differ no more, or others differ without a cause; check 7
    where other totals give batches other weights, and with these another sample.
    """
    found = Counter[int]()
    for seed in range(40):
        book = grown(seed, KINDS[seed % len(KINDS)])
        bent = forged(book, nothing, other_totals(random.Random(seed)))
        why_not, failure = written_again(bent, book.laws), verdict(tmp_path, bent).failure
        assert (failure is None) == (not why_not), (seed, why_not, failure and failure.sentence())
        found[failure.number if failure else 0] += 1
    assert found.keys() <= {0, 4, 6, 7, 9, 10, 11, 12, 13}, found
    assert min(found[6], found[10]) > 0, found


def other_totals(dice: random.Random) -> Refile:
    """One number more or less in an exhibit of totals that the plan names; nothing where it names none."""

    def refile(entries: list[Any], exhibits: dict[str, bytes]) -> None:
        committed, kept = entry_of(entries, PLAN), dict(exhibits)

        def named(plan: Any) -> None:
            rows = [row for one in plan["contests"] for row in one.get("strata", [one])]
            places = [(row, "pools") for row in rows if "pools" in row]
            places += [(row, "reported") for row in rows if is_totals(row)]
            if places:
                row, field = dice.choice(places)
                row[field] = swapped(committed, exhibits, row[field], lambda value: nudged(value, dice))

        committed["detail"]["plan"] = swapped(committed, exhibits, committed["detail"]["plan"], named)
        exhibits |= kept  # another plan of the book may name them

    return refile


def is_totals(row: Any) -> bool:
    """Whether what was reported of a stratum is an exhibit of totals, not of rows."""
    return row["evidence"] in ("polling", "batches") and isinstance(row["reported"], str)


def nudged(value: Any, dice: random.Random) -> None:
    """One number in totals: one more or one less."""
    rows = dice.choice([value[name] for name in ("pools", "batches", "readings") if name in value])
    row = dice.choice(rows)
    counts = row if isinstance(row, list) else row.get("votes") or dice.choice(row["readings"])
    key = 1 if isinstance(counts, list) else dice.choice(sorted(counts))
    counts[key] += 1 if counts[key] < 2 else dice.choice((1, -1))
