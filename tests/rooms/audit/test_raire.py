"""Ranked choice against published examples: assertions, margins and difficulties that others computed."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from tallybook.audit.assertions import Claim, FullCount, NotEliminatedBefore, NotEliminatedNext, Ranked
from tallybook.audit.assorters import assorter
from tallybook.audit.certificate import Certificate, open_order, published, read_certificate
from tallybook.audit.raire import Measure, Search, easiness, raire
from tallybook.audit.readings import Ranks, ranks
from tallybook.election.cards import Ballots
from tallybook.outcomes.rules import Rules
from tests.properties.audit_ranked_plainly import sufficient
from tests.rooms.outcomes.ranked_worlds import ballots
from tests.rooms.outcomes.real_rounds import burlington_2009

IRV = Rules("ranked", "ranked_choice")


def read(pile: Ballots) -> Ranks:
    return ranks(pile.contest, pile.patterns, IRV)


def answer(pile: Ballots, winner: str, measure: Measure = "comparison") -> tuple[Claim, Search]:
    found = raire(read(pile), pile.counts, [winner], "mayor", measure)
    assert not isinstance(found, FullCount)
    return found


def margin(pile: Ballots, assertion: Ranked) -> int:
    return int(assorter(assertion, read(pile)).weights @ np.array(pile.counts))


def by_number(votes: Mapping[str, int], names: Sequence[str]) -> Ballots:
    """'20' is a ranking of names[2], then names[0]."""
    return ballots(tuple(names), {">".join(names[int(k)] for k in card): n for card, n in votes.items()})


def test_the_guide_to_raire() -> None:
    """A Guide to RAIRE, its example: 13,500 ballots, five assertions and their difficulties N/margin."""
    pile = ballots(
        ("Alice", "Bob", "Chuan", "Diego"),
        {
            "Chuan>Bob>Alice": 5000,
            "Bob>Chuan>Diego": 1000,
            "Diego>Alice": 1500,
            "Alice>Diego": 4000,
            "Diego": 2000,
        },
    )
    claim, search = answer(pile, "Chuan")
    published = {
        NotEliminatedBefore("Chuan", "Bob"): Fraction("3.375"),
        NotEliminatedNext("Chuan", "Alice", ("Alice", "Chuan")): Fraction(27),
        NotEliminatedNext("Chuan", "Diego", ("Alice", "Chuan", "Diego")): Fraction("5.4"),
        NotEliminatedNext("Alice", "Diego", ("Alice", "Chuan", "Diego")): Fraction(27),
        NotEliminatedNext("Alice", "Bob", ("Alice", "Bob", "Chuan", "Diego")): Fraction("4.5"),
    }
    assert {one: Fraction(13_500, margin(pile, one)) for one in claim.assertions} == published  # type: ignore[arg-type]
    assert search.is_optimal and search.hardest == 500


def test_example_12_of_the_raire_paper() -> None:
    """Blom, Stuckey and Teague 2019, example 12: its four assertions suffice for c1."""
    pile = ballots(
        ("c1", "c2", "c3", "c4"),
        {
            "c1>c2>c3": 5000,
            "c1>c3>c2": 5000,
            "c2>c3>c1": 5000,
            "c2>c1>c3": 1500,
            "c3>c2>c1": 5000,
            "c3>c1>c2": 500,
            "c4>c1": 5000,
        },
    )
    claim, search = answer(pile, "c1")
    assert set(claim.assertions) == {
        NotEliminatedNext("c1", "c2", ("c1", "c2")),
        NotEliminatedNext("c1", "c3", ("c1", "c3")),
        NotEliminatedBefore("c1", "c4"),
        NotEliminatedNext("c1", "c3", ("c1", "c2", "c3")),
    }
    assert search.is_optimal


def test_example_9_of_the_raire_paper_needs_only_first_preferences() -> None:
    pile = ballots(("c1", "c2", "c3"), {"c1>c2>c3": 10_000, "c2>c1>c3": 6_000, "c3>c1>c2": 5_999})
    for one, votes in ((NotEliminatedBefore("c1", "c2"), 4_000), (NotEliminatedBefore("c1", "c3"), 4_001)):
        assert margin(pile, one) == votes
    claim, _ = answer(pile, "c1", "polling")
    assert answer(pile, "c1")[1].hardest >= 4_000 and claim.assertions


def test_the_tallies_of_table_1_of_the_raire_paper() -> None:
    pile = ballots(
        ("c1", "c2", "c3", "c4"),
        {"c2>c3": 4000, "c1": 20000, "c3>c4": 9000, "c2>c3>c4": 6000, "c4>c1>c2": 15000, "c1>c3": 6000},
    )
    assert margin(pile, NotEliminatedNext("c1", "c4", ("c1", "c4"))) == 26_000 - 30_000
    assert margin(pile, NotEliminatedNext("c1", "c2", ("c1", "c2", "c4"))) == 26_000 - 10_000
    assert margin(pile, NotEliminatedNext("c4", "c2", ("c1", "c2", "c4"))) == 24_000 - 10_000


URALLA = {
    "20": 34, "12": 22, "120": 81, "012": 244, "01": 69, "0": 1798, "201": 114, "21": 23, "10": 23, "2": 243,
    "02": 121, "1": 269, "102": 70, "210": 79, "021": 591,
}  # fmt: skip
"""Mayor of Uralla Shire, New South Wales, 2021: formal ballots, published by the NSW Electoral Commission."""

HUNTERS_HILL = {
    "320": 9, "12": 85, "1": 1521, "0231": 85, "230": 5, "01": 46, "3": 683, "3201": 1149, "20": 15,
    "1320": 91, "1230": 154, "1032": 75, "1023": 233, "0312": 4, "2031": 115, "3012": 23, "3120": 45,
    "3021": 107, "3210": 133, "3102": 31, "2": 793, "02": 14, "302": 1, "32": 90, "10": 978, "31": 27,
    "30": 12, "1203": 107, "0123": 146, "0": 276, "0321": 49, "21": 48, "0213": 36, "03": 3,
    "2013": 35, "2130": 75, "0132": 33, "2103": 66, "13": 46, "1302": 32, "120": 2, "2301": 664,
    "23": 85, "2310": 104, "102": 5, "023": 3, "312": 2, "231": 3, "123": 2, "301": 1, "210": 2,
    "213": 3, "203": 2, "032": 2,
}  # fmt: skip
"""Mayor of Hunter's Hill, New South Wales, 2021: the same source."""


def test_uralla_2021() -> None:
    """Published: 3,781 ballots; hardest margin 2,320, difficulty 3781/2320 = 1.6297."""
    names = ("BELL", "LEDGER", "STRUTT")
    pile = by_number(URALLA, names)
    assert sum(pile.counts) == 3781
    for one, votes in (
        (NotEliminatedNext("BELL", "LEDGER", ("BELL", "LEDGER")), 2404),
        (NotEliminatedNext("BELL", "STRUTT", ("BELL", "STRUTT")), 2320),
        (NotEliminatedNext("BELL", "LEDGER", names), 2358),
    ):
        assert margin(pile, one) == votes
    assert answer(pile, "BELL")[1].hardest == 2320


def test_hunters_hill_2021() -> None:
    """Published: 8,356 ballots; six assertions with these margins, the hardest 218."""
    names = ("GUAZZAROTTO", "MILES", "QUINN", "WILLIAMS")
    pile = by_number(HUNTERS_HILL, names)
    assert sum(pile.counts) == 8356
    g, m, q, w = names
    for one, votes in (
        (NotEliminatedBefore(m, g), 496),
        (NotEliminatedNext(m, w, (m, w)), 384),
        (NotEliminatedNext(q, w, (q, w)), 239),
        (NotEliminatedNext(m, q, (m, q, w)), 1403),
        (NotEliminatedNext(w, q, (m, q, w)), 218),
        (NotEliminatedNext(w, g, names), 1616),
    ):
        assert margin(pile, one) == votes
    claim, search = answer(pile, m)
    assert search.hardest == 218 and len(claim.assertions) <= 6


def test_burlington_2009_is_shown_although_the_winner_was_no_condorcet_winner() -> None:
    """Kiss won; Montroll was preferred to Kiss head to head. The last round was Kiss 4,313, Wright 4,061."""
    pile = burlington_2009()
    claim, search = answer(pile, "Kiss")
    assert margin(pile, NotEliminatedNext("Kiss", "Montroll", ("Kiss", "Montroll"))) < 0
    assert search.is_optimal and NotEliminatedNext("Kiss", "Wright", ("Kiss", "Wright")) in claim.assertions


@pytest.mark.parametrize("name", ["b", "c"])
def test_a_wrong_winner_cannot_be_shown(name: str) -> None:
    pile = ballots(("a", "b", "c"), {"a>b": 50, "b>a": 30, "c>a": 25})
    assert isinstance(raire(read(pile), pile.counts, [name], "mayor"), FullCount)


def test_a_tie_at_any_decisive_elimination_cannot_be_shown() -> None:
    """b and c are tied for last; the winner depends on which of them leaves."""
    pile = ballots(("a", "b", "c"), {"a": 40, "b>c": 30, "c>a": 30})
    for name in "abc":
        assert isinstance(raire(read(pile), pile.counts, [name], "mayor"), FullCount)


def test_a_tie_that_decides_nothing_is_no_obstacle() -> None:
    pile = ballots(("a", "b", "c"), {"a": 70, "b": 15, "c": 15})
    assert set(answer(pile, "a")[0].assertions) == {
        NotEliminatedBefore("a", "b"),
        NotEliminatedBefore("a", "c"),
    }


def test_a_single_choice_has_nothing_to_show() -> None:
    pile = ballots(("a",), {"a": 5, "write_in": 3})
    assert answer(pile, "a")[0].assertions == ()


def test_excluded_choices_and_those_already_elected_are_passed_over() -> None:
    pile = ballots(("a", "b", "c"), {"c>a": 60, "b>c": 30, "a>b": 20})
    rules = Rules("ranked", "ranked_choice", excluded=("c",))
    found = raire(ranks(pile.contest, pile.patterns, rules), pile.counts, ["a"], "mayor")
    assert not isinstance(found, FullCount)
    reading = ranks(pile.contest, pile.patterns, IRV, without=["c"])
    assert reading.choices == ("a", "b")
    assert raire(reading, pile.counts, ["a"], "mayor") == found


def test_ease_of_polling_keeps_the_order_of_p_q_squared_exactly() -> None:
    """1/difficulty = p q^2, p = (V_w + V_l)/N, q = (V_w - V_l)/(V_w + V_l), in fractions, for N = 14."""
    ease = easiness("polling", 14)
    pairs = [(w, l) for w in range(15) for l in range(15 - w) if w > l]  # noqa: E741
    exact = [Fraction((w - l) ** 2, (w + l) * 14) for w, l in pairs]  # noqa: E741
    scaled = [ease(w, l) for w, l in pairs]  # noqa: E741
    order = sorted(range(len(pairs)), key=lambda k: exact[k])
    for one, other in pairwise(order):
        assert (exact[one] < exact[other]) == (scaled[one] < scaled[other])
    assert ease(3, 3) == ease(2, 3) == 0


def test_a_winner_who_does_not_stand_is_refused() -> None:
    pile = ballots(("a", "b"), {"a": 1})
    with pytest.raises(ValueError, match="x does not stand"):
        raire(read(pile), pile.counts, ["x"], "mayor")


# Certificates ---------------------------------------------------------------------------------


def test_a_certificate_is_published_and_read_again_and_any_checker_can_judge_it() -> None:
    pile = burlington_2009()
    claim, _ = answer(pile, "Kiss")
    choices = ("Kiss", "Montroll", "Simpson", "Smith", "Wright")
    certificate = Certificate(choices, ("Kiss",), claim.assertions)  # type: ignore[arg-type]
    row = json.loads(json.dumps(published(certificate)))
    assert read_certificate(row) == certificate
    assert sufficient(row) and open_order(certificate) is None
    for k in range(len(row["assertions"])):
        fewer = row | {"assertions": row["assertions"][:k] + row["assertions"][k + 1 :]}
        left = open_order(read_certificate(fewer))
        assert not sufficient(fewer) and left is not None and left[-1] != "Kiss"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"winners": ["x"]}, "must be among its choices"),
        ({"winners": []}, "must be among its choices"),
        ({"assertions": [{"kind": "ahead", "winner": "a", "loser": "b"}]}, "neb and nen only"),
        ({"assertions": [{"kind": "neb", "winner": "a", "loser": "x"}]}, "Not among the choices"),
        ({"assertions": [{"kind": "neb", "winner": "a", "loser": "a"}]}, "Not among the choices"),
        (
            {"assertions": [{"kind": "nen", "winner": "a", "loser": "b", "standing": ["a", "c"]}]},
            "not standing",
        ),
    ],
)
def test_a_certificate_that_names_strangers_is_refused(change: dict[str, object], said: str) -> None:
    row = {"choices": ["a", "b", "c"], "winners": ["a"], "assertions": []} | change
    with pytest.raises(ValueError, match=said):
        read_certificate(row)
