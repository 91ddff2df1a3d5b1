"""The interval for the true points of several strata, and the errors that their audit would bear."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from msgspec.structs import replace

from tallybook.audit.batches import batch_bounds, batch_part
from tallybook.audit.comparison import comparison_part
from tallybook.audit.evidence import Part, Scale, outside
from tallybook.audit.polling import polling_part
from tallybook.audit.strata import union_risk
from tallybook.audit.strata_intervals import points_at_looks, points_between_strata, withstands_in_strata

WIN, LOSE, BLANK = 1, 2, 3
PAIR = Scale(-1, 1, (1, -1, 0))


def polled(N, wins, losses):
    return polling_part(PAIR, N, [WIN] * wins + [LOSE] * losses, "may_lack")


def compared(N, n, margin):
    return comparison_part(PAIR, N, margin, [WIN] * n, [WIN] * n, "carries")


def shifted(parts, points):
    """The same strata under the null that the points are at most so many."""
    first = replace(parts[0], offset=parts[0].offset + parts[0].unit * points)
    return [first, *parts[1:]]


def orders(values):
    """Every distinct order of these numbers."""
    return sorted(set(itertools.permutations(values)))


WORLDS = [((2, 2, 2, 0), (2, 0, 0)), ((2, 2, 1, 1), (0, 1, 2)), ((0, 0, 0, 2), (2, 2, 2))]


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), WORLDS)
@pytest.mark.parametrize("first", ["a", "b", "turns"])
def test_over_every_order_all_looks_together_miss_the_true_points_at_most_as_often_as_stated(a, b, first):
    """Two polled strata, read card by card by three fixed rules; numbers are points plus one."""
    limit, truth = Fraction(2, 5), sum(a) + sum(b) - len(a) - len(b)
    steps = {
        "a": [(i, 0) for i in range(1, len(a) + 1)] + [(len(a), j) for j in range(1, len(b) + 1)],
        "b": [(0, j) for j in range(1, len(b) + 1)] + [(i, len(b)) for i in range(1, len(a) + 1)],
        "turns": [(1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (4, 3)],
    }[first]
    missed = total = 0
    for x, y in itertools.product(orders(a), orders(b)):
        looks = [
            (Part(np.array(x[:i]), 2, len(a), len(a)), Part(np.array(y[:j]), 2, len(b), len(b)))
            for i, j in steps
        ]
        low, high = points_at_looks(looks, limit)[-1]
        total += 1
        missed += not low <= truth <= high
    assert missed <= limit * total


def test_the_ends_are_where_the_union_test_stops_rejecting():
    parts = [polled(800, 60, 30), compared(1_200, 60, 200)]
    low, high = points_between_strata(parts, "0.1")
    assert low < 200 < high
    assert union_risk(shifted(parts, low - 1)).p <= 0.05 < union_risk(shifted(parts, low)).p
    turned = [replace(p, x=p.top - p.x, offset=p.top * p.N - p.offset) for p in parts]
    assert union_risk(shifted(turned, -high - 1)).p <= 0.05 < union_risk(shifted(turned, -high)).p


def test_the_points_are_known_where_everything_was_read():
    assert points_between_strata([polled(10, 6, 4), polled(8, 3, 5)], "0.05") == (0, 0)


def test_cards_in_no_stratum_count_at_their_worst():
    parts = [polled(10, 6, 4), polled(8, 3, 5)]
    assert points_between_strata(parts, "0.05", outside(PAIR, 7)) == (-7, -7)


def test_batches_say_nothing_of_the_most_points():
    names = [str(i) for i in range(10)]
    bounds = batch_bounds([dict.fromkeys(names, 20)], dict.fromkeys(names, 100), [-1], [200])
    part = batch_part(bounds, 200, -1, names * 3, dict.fromkeys(names, 0))
    low, high = points_between_strata([part, polled(500, 60, 40)], "0.05")
    assert high is None
    assert low > -700


def test_a_later_look_never_widens_the_interval():
    looks = [[polled(800, 6 * n, 3 * n), compared(1_200, 6 * n, 200)] for n in (2, 5, 9)]
    found = points_at_looks(looks, "0.1")
    assert all(a[0] <= b[0] and b[1] <= a[1] for a, b in itertools.pairwise(found))


@pytest.mark.parametrize(("at", "right", "size"), [(0, 2, 2), (1, 2, 2)])
def test_one_error_more_than_the_audit_bears_would_leave_it_open(at, right, size):
    parts = [polled(800, 80, 30), compared(1_200, 120, 200)]
    n = withstands_in_strata(parts, at, right, size, "0.1")

    def with_errors(errors):
        x = np.array(parts[at].x)
        x[np.flatnonzero(x >= right)[:errors]] -= size
        return [replace(p, x=x) if k == at else p for k, p in enumerate(parts)]

    assert union_risk(with_errors(n)).p <= 0.1 < union_risk(with_errors(n + 1)).p


def test_an_audit_that_is_still_open_bears_nothing():
    assert withstands_in_strata([polled(800, 6, 3), compared(1_200, 9, 200)], 0, 2, 2, "0.1") is None
