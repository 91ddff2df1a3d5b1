"""A sample of the rehearsal: wrong outcomes of every kind, over every method and evidence type."""

from fractions import Fraction

import pytest

from tests.rehearsal.audit_wrong_outcomes import run, worlds

pytestmark = pytest.mark.slow

QUICK = 12
"""Worlds of the quick tests, one of each kind of evidence; the full tests try them all."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.slow] if k >= QUICK else []) for k, n in enumerate(worlds())],
)
def test_an_audit_of_a_wrong_outcome_seldom_stops_short(name):
    (one,) = run(300, 1, only=name)
    assert one.least <= Fraction(1, 10), one


def test_the_simulation_would_notice_a_limit_that_is_not_kept():
    """The same audits held to a hundredth of the chance with which they stop are called unsound."""
    (one,) = run(2_000, 1, limit=0.5, only="polling, exact tie")
    assert one.least > Fraction(1, 10)
