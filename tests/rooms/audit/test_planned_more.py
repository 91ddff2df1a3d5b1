"""How many further numbers would end an audit: the first size at which the risk of the numbers is met."""

from fractions import Fraction

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallybook.audit.comparison import comparison_prior
from tallybook.audit.evidence import Part, Scale
from tallybook.audit.measuring import Evidence, measure
from tallybook.audit.planned_more import MOST, more_needed
from tallybook.audit.polling import polling_prior

SCALE = Scale(-1, 1)
LIMIT = Fraction(1, 10)


def polled(x: list[int], N: int) -> Part:
    return Part(np.array(x), 2, N, N, prior=polling_prior(SCALE, N))


def compared(x: list[int], N: int, G: int) -> Part:
    return Part(np.array(x), 4, N, 2 * N - G, prior=comparison_prior(SCALE))


def longer(part: Part, more: int, again: bool) -> Part:
    """The numbers used over and over, written out; or numbers without error."""
    x = [int(one) for one in part.x]
    added = [x[at % len(x)] for at in range(more)] if again else [part.top // 2] * more
    return msgspec.structs.replace(part, x=np.array(x + added))


def found_by_trying(parts: list[Part], again: bool) -> int | None:
    """The first size at which every risk is met, trying every one."""
    room = parts[0].N - len(parts[0].x)
    for more in range(1, room + 1):
        grown = [Evidence(str(at), (longer(part, more, again),)) for at, part in enumerate(parts)]
        if all(one.is_met for one in measure(grown, LIMIT)):
            return more
    return None


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.integers(8, 40).flatmap(
        lambda N: st.tuples(
            st.just(N),
            st.lists(st.lists(st.sampled_from([0, 1, 2]), min_size=3, max_size=3), min_size=1, max_size=5),
        )
    )
)
def test_polled_numbers_again_and_again_end_an_audit_at_the_size_found_by_trying(world):
    N, rows = world
    columns = list(zip(*rows, strict=True))
    parts = [polled(list(one), N) for one in columns]
    evidence = [Evidence(str(at), (part,)) for at, part in enumerate(parts)]
    if not all(one.is_met for one in measure(evidence, LIMIT)):
        assert more_needed(evidence, LIMIT, True) == found_by_trying(parts, True)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.integers(8, 40),
    st.lists(st.sampled_from([0, 1, 2, 2, 2, 3]), min_size=1, max_size=6),
    st.integers(1, 40),
)
def test_numbers_without_error_end_an_audit_at_the_size_found_by_trying(N, x, G):
    part = compared(x, N, min(G, N))
    evidence = [Evidence("", (part,))]
    if not measure(evidence, LIMIT)[0].is_met:
        assert more_needed(evidence, LIMIT, False) == found_by_trying([part], False)


def test_a_size_is_named_where_the_numbers_themselves_rule_the_null_out():
    """Of 12 cards three read 2, 2, 0. Over and over they add up to 14, above 12, with the tenth card."""
    part = polled([2, 2, 0], 12)
    assert more_needed([Evidence("", (part,))], LIMIT, True) == found_by_trying([part], True) == 7
    against = polled([2, 0, 0], 12)
    assert more_needed([Evidence("", (against,))], LIMIT, True) is None


@pytest.mark.slow
def test_the_search_ends_at_a_hundred_thousand_and_in_seconds():
    """Cards that are even say nothing, however often they are read again."""
    part = polled([2, 0] * 50, 10**7)
    assert more_needed([Evidence("", (part,))], LIMIT, True) is None
    assert MOST == 100_000


def test_bounds_that_already_say_so_need_one_card():
    sure = Part(np.array([1]), 2, 10, -1, prior=polling_prior(SCALE, 10))
    assert more_needed([Evidence("", (sure,))], LIMIT, True) == 1
