"""The strata of one contest grow together: audit page, section 8, **`round`**, its last rule.

Every path is walked by trying each r in small worlds; then whole books whose strata grow along theirs, or apart.
"""

# ruff: noqa: E501 - tables stand on one line each

from fractions import Fraction
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from tallycheck.auditeffects import grow_together
from tallycheck.risk import Null, measured, written
from tests.tallycheck.audited import Entry
from tests.tallycheck.paper import Paper, Told, drawing, drawn, numbered, of_book, package_of, story, work
from tests.tallycheck.test_kinds_of_audit import AHEAD, STOPPED, WON, World, failure, risk_over, strata_world
from tests.tallycheck.writer import canonical, sha

Sizes = tuple[int, ...]


def reached(first: Sizes, cards: Sizes) -> set[Sizes]:
    """The sizes of every r: from s x N on, every stratum is whole."""
    s = max(first)
    return {
        tuple(min(n, ceil(Fraction(k * r, s))) for k, n in zip(first, cards, strict=True))
        for r in range(s, s * max(cards) + 1)
    }


def taken(first: Sizes, cards: Sizes) -> set[Sizes]:
    """The sizes that the checker takes, of all that have grown."""
    larger = product(*(range(k, n + 1) for k, n in zip(first, cards, strict=True)))
    return {now for now in larger if grow_together(list(zip(first, cards, now, strict=True)))}


@pytest.mark.parametrize(("strata", "most"), [(1, 12), (2, 7), (3, 4)])
def test_in_every_small_world_the_sizes_taken_are_those_of_some_r(strata: int, most: int) -> None:
    for cards in product(range(1, most + 1), repeat=strata):
        for first in product(*(range(1, n + 1) for n in cards)):
            assert taken(first, cards) == reached(first, cards), (first, cards)


def test_one_stratum_may_grow_to_any_size() -> None:
    assert all(grow_together([(7, 500, n)]) for n in range(7, 501))


def test_strata_that_are_read_whole_bound_the_others_only_from_below() -> None:
    """Sizes 3 and 2 of 9 and 4 cards: 2 r/3 is above 3 from r = 5 on."""
    assert [n for n in range(3, 10) if grow_together([(3, 9, n), (2, 4, 4)])] == [5, 6, 7, 8, 9]


def test_sizes_as_large_as_any_are_compared_exactly() -> None:
    """ceil((n - 1) r/n) is r - 1 from r = n to 2 n - 1: a float would not tell."""
    n = 10**17
    assert grow_together([(n, 2 * n, n), (n - 1, 2 * n, n - 1)])
    assert not grow_together([(n, 2 * n, n), (n - 1, 2 * n, n)])
    assert grow_together([(n, 2 * n, 2 * n - 1), (n - 1, 2 * n, 2 * n - 2)])
    assert not grow_together([(n, 2 * n, 2 * n - 1), (n - 1, 2 * n, 2 * n - 1)])


# Whole books ------------------------------------------------------------

PLANNED = {"early": 12, "mail": 10}


def of_strata(sizes: dict[str, int]) -> dict[str, int]:
    return {f"x__{name}": n for name, n in sizes.items()}


def measured_over(told: Told, paper: Paper, sizes: dict[str, int]) -> dict[str, Any]:
    """The measurement of the contest over strata: every record is right."""
    polled = [paper.cards[item]["x"] for item in drawn(told.groups, sizes)[1]["x__mail"][: sizes["x__mail"]]]
    numbers = tuple(1 + (votes == ["a"]) - (votes == ["b"]) for votes in polled)
    risk = risk_over((2,) * sizes["x__early"], numbers, 600 * 2 - 200 + 400)
    met = Fraction(risk) <= Fraction(1, 20)
    return {"cards": sizes["x__early"] + sizes["x__mail"], "met": [met], "risk": risk, "risks": [risk],
            "step": "stop" if met else "another_round",
            "used": {"early": sizes["x__early"], "mail": sizes["x__mail"]}}  # fmt: skip


def small_start() -> World:
    """The world of two strata, 600 and 400 cards, whose plan starts with 12 and 10: the first round is too few."""
    world = strata_world()
    world.told.plan["sizes"] = of_strata(PLANNED)
    found = measured_over(world.told, world.paper, of_strata(PLANNED))
    assert found["step"] == "another_round"
    return World(world.paper, world.told, {"x": found}, {})


def a_round(world: World, number: int, before: dict[str, int], sizes: dict[str, int]) -> Entry:
    """The draw of a later round, after one of the sizes `before`."""
    earlier, (sample, usable) = drawn(world.told.groups, before)[0], drawn(world.told.groups, sizes)
    new = [item for item in sample if item not in earlier]
    return drawing(world.told, {"audit": 1, "sizes": sizes}, number, new, usable)


def second(world: World, sizes: dict[str, int]) -> list[Entry]:
    """The book up to the draw of a second round."""
    return numbered([*story(*world), a_round(world, 2, world.told.plan["sizes"], sizes)])


def second_measured(world: World, sizes: dict[str, int]) -> list[Entry]:
    """The book up to the measurement of a second round over two strata."""
    book = second(world, sizes)
    found = {"x": measured_over(world.told, world.paper, sizes)}
    return numbered([*book, *work(world.paper, world.told, 2, book[-1]["result"]["sample"], found)])


def judged(world: World, book: list[Entry], where: Path) -> tuple[int, str]:
    return failure(package_of(world.paper, world.told, book), where)


@pytest.mark.slow
def test_a_second_round_along_the_path_is_found_again_to_its_end(tmp_path: Path) -> None:
    """r = 60: 10 x 60/12 = 50."""
    world = small_start()
    book = second_measured(world, of_strata({"early": 60, "mail": 50}))
    book.append(
        {"act": "stop_audit", "contest": "x", "detail": {"audit": 1}, "result": {"audit": 1} | STOPPED}
    )
    assert judged(world, numbered(book), tmp_path) == (0, "")


SECOND: list[tuple[str, int, int, int]] = [
    ("the least step: 10 x 25/12 = 20.8", 25, 21, 0),
    ("one stratum alone", 25, 20, 7),
    ("the other alone", 24, 21, 7),
    ("10 x 31/12 = 25.8", 31, 26, 0),
    ("rounded down", 31, 25, 7),
    ("one more than rounded up", 31, 27, 7),
    ("as many of each", 60, 60, 7),
    ("twice as many of each", 48, 40, 0),
    ("all that the smaller has: 10 x 540/12 = 450", 540, 400, 0),
    ("all but one of what the smaller has", 540, 399, 7),
    ("all of the smaller too early: 10 x 478/12 = 398.3", 478, 400, 7),
    ("all of the smaller as early as can be: 10 x 479/12 = 399.2", 479, 400, 0),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("row", SECOND, ids=[row[0] for row in SECOND])
def test_strata_that_grow_apart_fail_check_7(row: tuple[str, int, int, int], tmp_path: Path) -> None:
    _, early, mail, number = row
    world = small_start()
    found = judged(world, second(world, of_strata({"early": early, "mail": mail})), tmp_path)
    assert found[0] == number
    assert not number or "the strata of x do not grow together" in found[1]


@pytest.mark.slow
@pytest.mark.parametrize(("mail", "number"), [(31, 0), (32, 7)])
def test_a_third_round_follows_the_plan_and_not_the_second(mail: int, number: int, tmp_path: Path) -> None:
    """10 x 37/12 = 30.8; from the second round on it would be 26 x 37/31 = 31.03, so 32."""
    world = small_start()
    before, sizes = of_strata({"early": 31, "mail": 26}), of_strata({"early": 37, "mail": mail})
    book = numbered([*second_measured(world, before), a_round(world, 3, before, sizes)])
    assert judged(world, book, tmp_path)[0] == number


def stopped_beside_another() -> World:
    """The contest of two strata stops in the first round; beside it y, 40 cards of which ten are polled, goes on."""
    world = strata_world()
    paper, told = world.paper, world.told
    paper.batches.append(("Y1", 40))
    mine = paper.items(["Y1"])
    paper.cards |= {item: {"y": ["a"] if i < 25 else ["b"]} for i, item in enumerate(mine)}
    told.contests.append(of_book("y", "ab"))
    told.groups["y"] = mine
    one = {"batches": ["Y1"], "cards": 40, "contest": "y", "evidence": "polling", "lacking": "carries", "outcome": WON,
           "reported": {"cards": 40, "votes": {"a": 25, "b": 15}, "write_ins": 0}}  # fmt: skip
    told.plan["contests"].append(one)
    told.plan["assertions"]["y"] = [AHEAD]
    told.plan["sizes"]["y"] = 10
    told.plan |= {"manifest": sha(paper.manifest), "most_rounds": 1}
    told.planned["y"] = {"cards": 40, "margins": [10], "phantoms": 0}
    used = drawn(told.groups, told.plan["sizes"])[1]["y"]
    null = Null(40, 40, 2, ((0, 375), (1, 1), (2, 625)))
    risk = written(measured(null, [2 * (paper.cards[item]["y"] == ["a"]) for item in used]).risk())
    assert Fraction(risk) > Fraction(1, 20)
    found = {"cards": 10, "met": [False], "risk": risk, "risks": [risk], "step": "full_hand_count"}
    return World(paper, told, world.measured | {"y": found}, world.stopped)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "number"),
    [({"x__early": 60, "x__mail": 50, "y": n}, 0) for n in (11, 23, 40)]
    + [({"x__early": 72, "x__mail": 60, "y": 11}, 7)],
)
def test_a_contest_of_one_stratum_grows_freely_beside_a_stopped_one_that_stays(
    sizes: dict[str, int], number: int, tmp_path: Path
) -> None:
    world = stopped_beside_another()
    assert canonical(world.told.plan["sizes"]) == canonical({"x__early": 60, "x__mail": 50, "y": 10})
    assert judged(world, second(world, sizes), tmp_path)[0] == number
