"""Assorters are integer tables: the papers' values, bounds and margins, and defects known in the field."""

from fractions import Fraction

import pytest

from tallybook.audit.assertions import (
    AboveShare,
    Ahead,
    Assertion,
    BelowShare,
    Claim,
    FirstsAbove,
    NotEliminatedBefore,
    NotEliminatedNext,
    Preferred,
    RemainderAhead,
    SeatAhead,
    from_plain,
    plain,
    words,
)
from tallybook.audit.assorters import Assorter, Reading, assorter
from tallybook.audit.claims import majority, most_votes, of_outcome, runoff
from tallybook.audit.margins import Population, margins, margins_from_tally, unprovable
from tallybook.audit.readings import cumulated, ranks, scored, selections, votes_by
from tallybook.election import Contest, Tally
from tallybook.election.cards import Mark, Pattern
from tallybook.outcomes.contests import Elected, NewElectionDue, RunoffDue, Tied, majority_or_runoff
from tallybook.outcomes.rules import BallotRules, Overvote, Rules
from tests.properties.test_audit_assertions_small_worlds import DAY
from tests.rooms.audit.assert_worlds import contest, marked
from tests.rooms.outcomes.ranked_worlds import ranked

HALF = Fraction(1, 2)


def values(table: Assorter) -> list[Fraction]:
    """A of each pattern."""
    return [Fraction(int(n), table.denominator) for n in table.numerators]


def texts(place: Contest, *cards: str) -> Reading:
    return selections(place, [marked(card) for card in cards])


def test_plurality_is_one_for_the_winner_zero_for_the_loser_and_a_half_otherwise() -> None:
    """SHANGRLA, section 2.1: (1[w] - 1[l] + 1)/2, u = 1."""
    table = assorter(Ahead("a", "b"), texts(contest("abc"), "a", "b", "c", "", "a b"))
    assert values(table) == [1, 0, HALF, HALF, HALF]
    assert table.upper == 1


def test_an_approval_of_both_weighs_nothing() -> None:
    table = assorter(Ahead("a", "b"), texts(contest("abc", 1, 3), "a b", "a c", "b c"))
    assert values(table) == [HALF, 1, 0]


def test_a_super_majority_is_one_over_twice_the_share() -> None:
    """SHANGRLA, section 2.3: 1/(2f) for w, 0 for another valid vote, 1/2 for none; u = 1/(2f)."""
    reading = texts(contest(("yes", "no")), "yes", "no", "", "yes no")
    for share in (HALF, Fraction(2, 3), Fraction(3, 5), Fraction(11, 20)):
        table = assorter(AboveShare("yes", share), reading)
        assert values(table) == [1 / (2 * share), 0, HALF, HALF]
        assert table.upper == 1 / (2 * share)


def test_below_a_share_is_zero_for_the_choice_and_counts_every_other_vote() -> None:
    """0 for c, 1/(2(1 - t)) for other valid votes, 1/2 for none."""
    for share in (HALF, Fraction(1, 20), Fraction(2, 3)):
        table = assorter(BelowShare("a", share), texts(contest("ab"), "a", "b", ""))
        assert values(table) == [0, 1 / (2 * (1 - share)), HALF]
        assert table.upper == 1 / (2 * (1 - share))


def test_scores_are_spread_over_their_range() -> None:
    """(s_w - s_l + s_max - s_min)/(2(s_max - s_min)), u = 1."""
    reading = scored(contest("ab"), [marked(one) for one in ("a:5", "a:5 b:2", "b:4 a:3", "")], 5)
    assert values(assorter(Ahead("a", "b"), reading)) == [1, Fraction(8, 10), Fraction(4, 10), HALF]
    assert values(assorter(Preferred("a", "b"), reading)) == [1, 1, 0, HALF]


def test_cumulative_votes_are_spread_over_the_votes_allowed() -> None:
    reading = cumulated(contest("ab", 1, 3), [marked(one) for one in ("a:3", "b:3", "a:2 b:1", "a:4")])
    table = assorter(Ahead("a", "b"), reading)
    assert values(table) == [1, 0, Fraction(2, 3), HALF]


@pytest.mark.parametrize(("ours", "theirs"), [(1, 2), (3, 1), (2, 5)])
def test_a_seat_by_highest_averages_is_the_linear_assorter(ours: int, theirs: int) -> None:
    """Blom et al. 2021: g = 1[A]/d_A - 1[B]/d_B, A = (d_B/2) g + 1/2, u = (d_B/d_A + 1)/2."""
    table = assorter(SeatAhead("a", "b", ours, theirs), texts(contest("abc"), "a", "b", "c", ""))
    g = [Fraction(1, ours), Fraction(-1, theirs), Fraction(0), Fraction(0)]
    assert values(table) == [Fraction(theirs, 2) * one + HALF for one in g]
    assert table.upper == (Fraction(theirs, ours) + 1) / 2


def test_every_value_lies_within_its_bounds_for_cards_of_every_kind() -> None:
    place = contest("abc", 1, 2)
    reading = texts(place, "", "a", "b", "c", "a b", "a b c", "write_in:X a", "write_in:X")
    single = texts(contest("abc"), "", "a", "b", "c", "write_in:X")
    for one in (Ahead("a", "b"), AboveShare("a", HALF, True), BelowShare("a", Fraction(1, 3))):
        within(assorter(one, reading))
    for lead in (-3, 0, 2):
        within(assorter(RemainderAhead("a", "b", 5, lead, ("a", "b", "c")), single))


def within(table: Assorter) -> None:
    assert all(0 <= value <= table.upper for value in values(table))
    assert table.least < 0 < table.most


def test_cards_the_voting_system_calls_invalid_or_overvoted_weigh_nothing() -> None:
    a = (Mark("a"),)
    patterns = [Pattern(a), Pattern(a, ("invalid",)), Pattern(a, ("overvote",))]
    assert values(assorter(Ahead("a", "b"), selections(contest("ab"), patterns))) == [1, HALF, HALF]
    places = (Mark("a", 1), Mark("b", 2))
    kinds = [Pattern(places), Pattern(places, ("invalid",)), Pattern(places, ("overvote",))]
    reading = ranks(contest("ab"), kinds, Rules("r", "ranked_choice"))
    assert values(assorter(NotEliminatedBefore("a", "b"), reading)) == [1, HALF, HALF]


def test_first_choices_are_never_eliminated_before_what_the_loser_can_get() -> None:
    """RAIRE: 1 for w first, 0 for l ahead of w, 1/2 otherwise."""
    reading = ranks(
        contest("abc"),
        [ranked(t) for t in ("a>b", "b>a", "c>b>a", "c>a>b", "c", "")],
        Rules("r", "ranked_choice"),
    )
    assert values(assorter(NotEliminatedBefore("a", "b"), reading)) == [1, 0, 0, HALF, HALF, HALF]
    table = assorter(NotEliminatedNext("a", "b", ("a", "b")), reading)
    assert values(table) == [1, 0, 0, 1, HALF, HALF]
    table = assorter(NotEliminatedNext("a", "b", ("a", "b", "c")), reading)
    assert values(table) == [1, 0, HALF, HALF, HALF, HALF]
    table = assorter(FirstsAbove("a", Fraction(1, 3)), reading)
    assert values(table) == [Fraction(3, 2), 0, 0, 0, 0, HALF]


@pytest.mark.parametrize("names", ["abc", ("a", "b", "write_in", "c")])
@pytest.mark.parametrize(
    "rule",
    ["exhaust_if_any_continuing", "exhaust_if_several_continuing", "wait_while_several_continuing"],
)
def test_an_overvote_of_undeclared_write_ins_ends_the_ballot(names: tuple[str, ...], rule: Overvote) -> None:
    """docs/spec/counting.md, 3.3: so nothing after it weighs for or against anybody."""
    rules = Rules("r", "ranked_choice", ballot=BallotRules(overvote=rule))
    reading = ranks(contest(names), [ranked("write_in:Zoe=write_in:Max>c"), ranked("c")], rules)
    assert values(assorter(NotEliminatedBefore("a", "c"), reading)) == [HALF, 0]
    assert values(assorter(NotEliminatedBefore("c", "a"), reading)) == [HALF, 1]


# Margins -------------------------------------------------------------------------------------


def test_the_super_majority_margin_of_600_300_and_100_blank_is_30_percent() -> None:
    """v = V_w/(f N) - V_valid/N = 600/500 - 900/1000. A tool in the field computes 0.18."""
    place = contest(("yes", "no"))
    claim = majority(place, "yes")
    for found in (
        margins(claim, texts(place, "yes", "no", ""), (600, 300, 100), 1000),
        margins_from_tally(claim, Tally("office", (("yes", 600), ("no", 300))), 1000),
    ):
        assert found[0].margin_assorter == Fraction(3, 10)


def test_georgia_2020_senate_nobody_had_a_majority_and_two_led() -> None:
    """Certified: Perdue 2,462,617, Ossoff 2,374,519, Hazel 115,039; a runoff on 5 January 2021."""
    place = contest(("perdue", "ossoff", "hazel"))
    tally = Tally("office", (("perdue", 2_462_617), ("ossoff", 2_374_519), ("hazel", 115_039)))
    claim = of_outcome(place, majority_or_runoff(tally, DAY))
    assert isinstance(claim, Claim)
    assert set(claim.assertions) == {
        BelowShare("perdue", HALF),
        BelowShare("ossoff", HALF),
        Ahead("perdue", "hazel"),
        Ahead("ossoff", "hazel"),
    }
    found = {one.assertion: one for one in margins_from_tally(claim, tally, 5_023_513)}
    assert found[BelowShare("perdue", HALF)].sum == 4_952_175 - 2 * 2_462_617
    assert found[Ahead("ossoff", "hazel")].margin_assorter == Fraction(2_374_519 - 115_039, 5_023_513)


def test_margins_from_cards_and_from_totals_agree() -> None:
    place = contest("abc")
    counts = (500, 300, 150, 40, 10)
    reading = texts(place, "a", "b", "c", "", "write_in:X")
    tally = Tally("office", (("a", 500), ("b", 300), ("c", 150)), write_ins=10)
    ours: tuple[Assertion, ...] = (
        Ahead("a", "b"),
        AboveShare("a", HALF, True),
        AboveShare("a", HALF),
        BelowShare("c", Fraction(1, 5), True),
        SeatAhead("a", "b", 1, 2),
        RemainderAhead("a", "b", 4, 0, ("a", "b", "c")),
    )
    claim = Claim("office", "", ours)
    assert margins(claim, reading, counts, 1200) == margins_from_tally(claim, tally, 1200)


def test_the_margin_of_plurality_is_the_votes_over_all_cards_phantoms_included() -> None:
    """v = (V_w - V_l)/N (SHANGRLA). 60 more votes, 1,000 records, 20 phantoms: 60/1020."""
    place = contest("ab")
    (found,) = margins(most_votes(place, ["a"]), texts(place, "a", "b", ""), (500, 440, 60), 1020)  # type: ignore[arg-type]
    assert found.margin_assorter == Fraction(60, 1020)
    assert found.no_error == 1 / (2 - Fraction(60, 1020))


@pytest.mark.parametrize(("phantoms", "hopeless"), [(0, 0), (59, 0), (60, 1), (500, 1)])
def test_as_many_phantoms_as_the_margin_leave_nothing_to_confirm(phantoms: int, hopeless: int) -> None:
    place = contest("ab")
    cards = 940 + phantoms
    found = margins(most_votes(place, ["a"]), texts(place, "a", "b"), (500, 440), cards)  # type: ignore[arg-type]
    assert len(unprovable(found, Population(cards, 940, "carries"))) == hopeless


def test_ties_and_wrong_outcomes_are_refused_with_the_reason() -> None:
    place = contest("ab")
    population = Population(20, 20, "may_lack")
    for counts, said in (((10, 10), "exact tie"), ((9, 11), "do not show")):
        found = margins(most_votes(place, ["a"]), texts(place, "a", "b"), counts, 20)  # type: ignore[arg-type]
        (why,) = unprovable(found, population)
        assert said in why.why


def test_somebody_at_exactly_half_makes_the_runoff_unprovable() -> None:
    place = contest("abc")
    found = margins(runoff(place, ("a", "b")), texts(place, "a", "b", "c"), (50, 30, 20), 100)  # type: ignore[arg-type]
    (why,) = unprovable(found, Population(100, 100, "carries"))
    assert why.assertion == BelowShare("a", HALF)


def test_a_population_smaller_than_its_cards_is_refused() -> None:
    place = contest("ab")
    with pytest.raises(ValueError, match="The population has 5 cards; 7 carry"):
        margins(most_votes(place, ["a"]), texts(place, "a", "b"), (4, 3), 5)  # type: ignore[arg-type]


# Outcomes, words and published form -----------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [
        Tied("office", "seats", (), ("a", "b"), 1, None, ()),
        NewElectionDue("office", DAY, (), ()),
        RunoffDue("office", ("a", "b", "c"), DAY, (), ()),
        RunoffDue("office", ("a", "b"), DAY, ("c",), ()),
        Elected("office", (), 1, ()),
    ],
)
def test_outcomes_that_rest_on_a_tie_or_on_no_vote_need_every_card(outcome: object) -> None:
    found = of_outcome(contest("abc"), outcome)  # type: ignore[arg-type]
    assert not isinstance(found, Claim) and found.why


@pytest.mark.parametrize(
    "one",
    [
        Ahead("a", "b"),
        Preferred("a", "b"),
        AboveShare("a", Fraction(2, 3), True),
        BelowShare("a", Fraction(1, 20)),
        SeatAhead("a", "b", 3, 4),
        RemainderAhead("a", "b", 7, -2, ("a", "b", "c")),
        NotEliminatedBefore("a", "b"),
        NotEliminatedNext("a", "b", ("a", "b", "c")),
        FirstsAbove("a", Fraction(1, 3)),
    ],
)
def test_an_assertion_is_published_without_floats_and_comes_back_the_same(one: Assertion) -> None:
    row = plain(one)
    assert from_plain(row) == one
    assert not any(isinstance(value, float) for value in row.values())
    assert words(one).startswith(("a ", "More cards prefer a", "The votes of a", "7 x", "With only"))


def test_assertions_that_do_not_fit_are_refused() -> None:
    place = contest("ab")
    reading = texts(place, "a")
    with pytest.raises(ValueError, match="c is not among the choices"):
        assorter(Ahead("a", "c"), reading)
    with pytest.raises(ValueError, match="cannot be read from votes"):
        assorter(NotEliminatedBefore("a", "b"), reading)
    with pytest.raises(ValueError, match="must be in"):
        assorter(AboveShare("a", Fraction(1)), reading)
    with pytest.raises(ValueError, match="counts in rounds"):
        votes_by(Rules("r", "ranked_choice"), place, [])
    with pytest.raises(ValueError, match="needs the cards"):
        margins_from_tally(Claim("office", "", (Preferred("a", "b"),)), Tally("office", (("a", 1),)), 10)
