"""Wrong outcomes of every kind are caught as often as promised, in a hundred thousand audits each."""

from fractions import Fraction

import pytest

from tests.rehearsal.audit_wrong_outcomes import run


@pytest.mark.rehearsal
def test_no_method_stops_short_of_a_wrong_outcome_more_often_than_the_limit():
    for one in run(100_000, 20_201_103):
        assert one.least <= Fraction(1, 10), one
