"""Audits of every kind, grown by lot: the checker believes each, and rejects one changed result by its check.

Two programs that share no code, from one specification: polling, comparison, pools, batches, strata of
these, ranked contests by each of them and without records, several seats and votes, runoffs, cards that are
lost, left out or lack the contest, counts of everything that somebody else has won. Then one number or string
of a result is changed and the book is signed anew: the check must say no that the table names.
"""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallycheck.checks import Asked, Report, check
from tests.properties.audit_forgeries import TABLE, as_entries, forgeries, sealed_anew
from tests.properties.audit_kinds_worlds import KINDS, Maker, grown
from tools.make_audit_vectors import forged, nothing
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


@pytest.mark.rehearsal
def test_four_thousand_audits_and_twenty_thousand_forgeries(tmp_path: Path) -> None:
    seen, fields = Counter[str](), Counter[str]()
    for seed in range(10_000, 14_000):
        book = believed(tmp_path, seed, KINDS[seed % len(KINDS)])
        seen.update(one.entry for one in book.entries)
        fields.update(caught(tmp_path, book, seed, 5))
    print(sorted(seen.items()), sorted(fields.items()))
    assert seen.keys() >= TABLE.keys()
