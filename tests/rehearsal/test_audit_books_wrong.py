"""No audit of a wrong outcome, carried out by the book itself, stops short more often than its risk limit."""

import pytest

from tests.rehearsal.audit_books_wrong import LIMIT, base, result, said, trials, worlds

SEED = 20_201_103


@pytest.mark.slow
@pytest.mark.parametrize("name", worlds())
def test_a_few_audits_of_a_wrong_outcome_mostly_go_on_to_a_full_count(name: str) -> None:
    assert base(name).entries[-1].entry == "checkpoint_recorded"
    one = result(name, trials(name, 8, SEED))
    assert one.least <= LIMIT, said(one)


@pytest.mark.rehearsal
@pytest.mark.parametrize("name", worlds())
def test_the_book_stops_short_of_a_wrong_outcome_no_more_often_than_the_limit(name: str) -> None:
    one = result(name, trials(name, 1_000, SEED))
    print(said(one))
    assert one.least <= LIMIT
