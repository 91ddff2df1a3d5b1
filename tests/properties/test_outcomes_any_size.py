"""What must hold for tallies of any size: drawn at random, and shrunk to the smallest when one fails."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tallybook.election import Choice, Contest, Tally, add, check_tally, listed_votes
from tallybook.outcomes import (
    Composition,
    Elected,
    LotDrawn,
    RecountRule,
    ShareLimit,
    TieBreaker,
    Tied,
    break_tie,
    chamber_control,
    compare_counts,
    control_timeline,
    majority_or_runoff,
    plurality,
    recount_eligibility,
)
from tests.properties import outcomes_plainly as plainly

DAY = date(2021, 1, 5)
COUNTS = st.one_of(st.integers(0, 4), st.integers(0, 10**10))
VOTES = st.lists(COUNTS, min_size=1, max_size=7).map(lambda n: dict(zip("ABCDEFG", n, strict=False)))
PAIRS = st.lists(st.tuples(COUNTS, COUNTS), min_size=2, max_size=6)


def tally(votes: dict[str, int]) -> Tally:
    return Tally("contest", tuple(votes.items()))


@given(VOTES, st.integers(1, 8))
def test_plurality_agrees_with_the_page_for_any_votes(votes: dict[str, int], seats: int) -> None:
    outcome = plurality(tally(votes), seats)
    if isinstance(outcome, Tied):
        found: tuple[object, ...] = ("Tied", "seats", list(outcome.clear), list(outcome.tied), outcome.open)
    else:
        found = ("Elected", list(outcome.elected), outcome.unfilled)
    assert found == plainly.plurality(votes, seats)


@given(VOTES, st.integers(2, 1000))
def test_counting_everything_many_times_over_changes_no_outcome(votes: dict[str, int], times: int) -> None:
    more = {name: times * count for name, count in votes.items()}
    one, two = majority_or_runoff(tally(votes), DAY), majority_or_runoff(tally(more), DAY)
    assert (type(one), _names(one)) == (type(two), _names(two))


@given(VOTES, st.integers(1, 3), st.randoms(use_true_random=False))
def test_any_lot_that_fits_a_tie_fills_every_seat(votes: dict[str, int], seats: int, die: object) -> None:
    outcome = plurality(tally(votes), seats)
    if isinstance(outcome, Tied):
        chosen = tuple(die.sample(outcome.tied, outcome.open))  # type: ignore[attr-defined]
        settled = break_tie(outcome, LotDrawn(chosen, DAY, "the board", "minutes"))
        assert isinstance(settled, Elected)
        assert set(settled.elected) == set(outcome.clear) | set(chosen)
        assert len(settled.elected) == seats


@given(VOTES, st.fractions(0, 1, max_denominator=1000))
def test_less_than_a_share_differs_from_at_most_only_at_the_share(
    votes: dict[str, int], share: Fraction
) -> None:
    winner = (plainly.ordered(votes)[0],)
    wide = recount_eligibility(tally(votes), winner, RecountRule((ShareLimit(share),)))
    narrow = recount_eligibility(
        tally(votes), winner, RecountRule((ShareLimit(share, comparison="less_than"),))
    )
    for at_most, less_than in zip(wide, narrow, strict=True):
        assert at_most.eligible >= less_than.eligible
        exactly = at_most.margin_votes == share * at_most.total
        assert (at_most.eligible != less_than.eligible) == exactly


@given(PAIRS)
def test_comparing_back_turns_every_sign(pairs: list[tuple[int, int]]) -> None:
    first = Tally("c", tuple((str(n), a) for n, (a, _) in enumerate(pairs)))
    second = Tally("c", tuple((str(n), b) for n, (_, b) in enumerate(pairs)))
    there, back = compare_counts(first, second), compare_counts(second, first)
    assert there.differences == tuple((name, -change) for name, change in back.differences)
    assert (there.moved, there.same_winners) == (back.moved, back.same_winners)
    assert there.second_votes - there.first_votes == sum(change for _, change in there.differences)
    assert abs(there.margin_change or 0) <= there.moved


@given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS), min_size=1, max_size=6))
def test_the_sum_of_tallies_that_agree_agrees(rows: list[tuple[int, int, int, int]]) -> None:
    contest = Contest("c", "C", "local", (Choice("A", "A"), Choice("B", "B")))
    parts = [
        Tally("c", (("A", a), ("B", b)), ballots=a + b + under + over, undervotes=under, overvotes=over)
        for a, b, under, over in rows
    ]
    whole = add(parts)
    assert check_tally(whole, contest) == ()
    assert listed_votes(whole) == sum(listed_votes(part) for part in parts)
    assert add([add(parts[:1]), *parts[1:]]) == whole


DAYS = st.integers(0, 60).map(lambda n: DAY + timedelta(days=n))
COMPOSITIONS = st.dictionaries(DAYS, st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5)
OFFICERS = st.dictionaries(DAYS, st.sampled_from(["A", "B", "C", None]), max_size=5)


@given(COMPOSITIONS, OFFICERS)
def test_on_every_day_the_timeline_says_what_that_day_says(
    compositions: dict[date, tuple[int, int]], officers: dict[date, str | None]
) -> None:
    spells = control_timeline(
        [Composition(day, a + b, (("A", a), ("B", b))) for day, (a, b) in compositions.items()],
        [TieBreaker(day, caucus) for day, caucus in officers.items()],
    )
    for number in range(62):
        day = DAY + timedelta(days=number)
        holding = [s.control.caucus for s in spells if s.start <= day and (s.end is None or day < s.end)]
        begun = [start for start in compositions if start <= day]
        if not begun:
            assert holding == []
            continue
        a, b = compositions[max(begun)]
        sworn = [start for start in officers if start <= day]
        officer = officers[max(sworn)] if sworn else None
        assert holding == [chamber_control((("A", a), ("B", b)), officer).caucus]
    assert all(one.control.caucus != two.control.caucus for one, two in pairwise(spells))


def _names(outcome: object) -> tuple[object, ...]:
    fields = ("elected", "clear", "tied", "advance", "open", "unfilled")
    return tuple(getattr(outcome, field, None) for field in fields)
