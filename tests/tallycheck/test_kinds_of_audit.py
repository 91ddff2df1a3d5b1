"""Whole books of audits by pools, over strata, of rankings, without records and of many contests, and bent ones.

Expected risks come from the pages' formulas: exact fractions for orders of elimination, the martingale of the
published vectors over numbers made here, a search over shares by the logarithm of the wealth.
"""

# ruff: noqa: E501 - tables stand on one line each

import copy
import json
import random
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import exp
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tallycheck.checks import Asked, check
from tallycheck.risk import Null, measured, written
from tallycheck.stratified import Drawn
from tests.tallycheck.audited import Entry, digest, sealed
from tests.tallycheck.paper import (
    KEPT,
    Paper,
    Told,
    drawn,
    flagged,
    marked,
    of_book,
    package_of,
    plan,
    published,
    story,
)
from tests.tallycheck.test_audit_book import spoiled
from tests.tallycheck.test_strata_and_orders import log_wealth, naive_risk
from tests.tallycheck.writer import Files, canonical, folder, package, public, sha

pytestmark = pytest.mark.slow

AHEAD = {"kind": "ahead", "loser": "b", "winner": "a"}
WON = {"kind": "winner", "winners": ["a"]}


class World(NamedTuple):
    """A right book, in parts."""

    paper: Paper
    told: Told
    measured: dict[str, Any]
    stopped: dict[str, Any]


def spread(items: list[str], *kinds: tuple[int, Any]) -> dict[str, Any]:
    """So many of the items have each value, spread by a hash; what is left over has the last."""
    order = sorted(items, key=lambda item: digest(b"paper", item.encode()))
    values = [value for n, value in kinds for _ in range(n)]
    values += [kinds[-1][1]] * (len(order) - len(values))
    return dict(zip(order, values, strict=True))


def row_of(reading: Any) -> dict[str, Any]:
    return flagged(reading) if isinstance(reading, str) else marked(*reading)


def failure(files: Files, where: Path) -> tuple[int, str]:
    found = check(folder(files, where), "package", Asked()).failure
    return (found.number, found.sentence()) if found else (0, "")


def judged(world: World, where: Path, change: Callable[[list[Entry]], None] | None = None) -> tuple[int, str]:
    book = story(*world)
    if change is not None:
        change(book)
    return failure(package_of(world.paper, world.told, book), where)


def at(book: list[Entry], act: str) -> Entry:
    return next(entry for entry in book if entry.get("act") == act)


def stated(act: str, *where: Any, value: Any) -> Callable[[list[Entry]], None]:
    """The result of that act states another value there."""

    def change(book: list[Entry]) -> None:
        entry = at(book, act)
        entry["result"] = holder = copy.deepcopy(entry["result"])
        for key in where[:-1]:
            holder = holder[key]
        holder[where[-1]] = value

    return change


STOPPED = {"by": "risk", "confirmed": True, "outcome": WON}

# Pools ------------------------------------------------------------


def pool_world() -> World:
    """1,000 cards: 700 with records, 12 pools of 25. 620 for a, 360 for b, 20 blank."""
    paper = Paper([(f"B{i:02}", 25) for i in range(40)], {})
    votes = spread(paper.items(), (620, ["a"]), (360, ["b"]), (20, []))
    paper.cards = {item: {"x": reading} for item, reading in votes.items()}
    contest, pooled = of_book("x", "ab"), [f"B{i:02}" for i in range(28, 40)]
    files, rows = published(
        contest, {i: row_of(v) for i, v in votes.items() if i.split("/")[0] not in pooled}
    )
    totals = []
    for name in pooled:
        mine = [tuple(votes[item]) for item in paper.items([name])]
        totals.append(
            {"id": name, "votes": {"a": mine.count(("a",)), "b": mine.count(("b",))}, "write_ins": 0}
        )
    raw = canonical({"contest": "x", "format": "tallybook/pool-totals/v1", "pools": totals})
    one = {"cards": 1000, "contest": "x", "evidence": "pools", "lacking": "carries", "outcome": WON,
           "pools": sha(raw), "reported": sha(files[0])}  # fmt: skip
    the_plan = plan([one], {"x": [AHEAD]}, {"x": 120}, paper)
    planned = {"x": {"cards": 1000, "margins": [260], "phantoms": 0}}
    told = Told(the_plan, [contest], [*files, raw], planned, {"x": paper.items()}, rows)
    risk = written(pool_run(paper, totals, drawn(told.groups, the_plan["sizes"])[1]["x"]).risk())
    found = {"cards": 120, "met": [True], "risk": risk, "risks": [risk], "step": "stop"}
    return World(paper, told, {"x": found}, {"x": STOPPED})


def pool_run(paper: Paper, totals: list[dict[str, Any]], used: list[str]) -> Any:
    """Measuring, sections 3 and 4, for `ahead` of a over b among cards that are read as recorded."""
    votes = {item: readings["x"] for item, readings in paper.cards.items()}
    points = {item: (v == ["a"]) - (v == ["b"]) for item, v in votes.items()}
    means = {t["id"]: Fraction(1024 * (t["votes"]["a"] - t["votes"]["b"]), 25) for t in totals}
    r = {name: round(mean) for name, mean in means.items()}
    value = sum(r[b] if (b := item.split("/")[0]) in r else 1024 * p for item, p in points.items())
    own = Fraction(sum(item.split("/")[0] not in r for item in votes), len(votes))
    prior = {v * 1024: w * own for v, w in ((0, 2), (1, 11), (2, 9975), (3, 11), (4, 1))}
    for item, p in points.items():
        if (b := item.split("/")[0]) in r:
            step = (2048 - r[b] + 1024 * p) // 64 * 64
            prior[step] = prior.get(step, Fraction(0)) + Fraction(10_000, len(votes))
    null = Null(1024 * len(votes) * 2 - value, len(votes), 4096,
                tuple((v, max(1, round(w))) for v, w in prior.items()))  # fmt: skip
    numbers = [2048 - r[b] + 1024 * points[i] if (b := i.split("/")[0]) in r else 2048 for i in used]
    return measured(null, numbers)


def test_an_audit_by_pools_is_found_again(tmp_path: Path) -> None:
    world = pool_world()
    assert judged(world, tmp_path) == (0, "")
    assert Fraction(world.measured["x"]["risk"]) < Fraction(1, 20)


def bent_pools(**changes: Any) -> World:
    """The world of pools, its plan's contest changed."""
    world = pool_world()
    one = world.told.plan["contests"][0] | changes
    world.told.plan["contests"] = [{name: value for name, value in one.items() if value is not None}]
    return world


def other_pools(change: Callable[[list[dict[str, Any]]], None]) -> World:
    world = pool_world()
    raw = world.told.exhibits[-1]
    pools = json.loads(raw)
    change(pools["pools"])
    world.told.exhibits[-1] = canonical(pools)
    world.told.plan["contests"][0]["pools"] = sha(world.told.exhibits[-1])
    return world


POOLS: list[tuple[str, int, Callable[[], World]]] = [
    ("pools that are no exhibit", 6, lambda: bent_pools(pools="0" * 64)),
    ("pools without the evidence", 4, lambda: bent_pools(evidence="comparison")),
    ("the evidence without pools", 4, lambda: bent_pools(pools=None)),
    ("cards that are not all", 6, lambda: bent_pools(cards=975)),
    ("a pool left out", 6, lambda: other_pools(lambda pools: pools.pop())),
    ("a pool out of order", 6, lambda: other_pools(lambda pools: pools.reverse())),
    ("a pool of more votes than cards", 6, lambda: other_pools(lambda pools: pools[0]["votes"].update(a=26))),
    ("a pool of other votes", 10, lambda: other_pools(lambda pools: pools[0]["votes"].update(a=0, b=0))),
    (
        "pools that undo the margin",
        10,
        lambda: other_pools(lambda pools: [p["votes"].update(a=0, b=25) for p in pools]),
    ),
    ("a rate that is none", 4, lambda: bent_pools(rates={"half": "1/5"})),
]


@pytest.mark.parametrize(("number", "made"), [row[1:] for row in POOLS], ids=[row[0] for row in POOLS])
def test_a_plan_by_pools_that_must_not_be_fails_its_check(
    number: int, made: Callable[[], World], tmp_path: Path
) -> None:
    assert judged(made(), tmp_path)[0] == number


def test_results_of_pools_that_are_wrong_fail_their_check(tmp_path: Path) -> None:
    world = pool_world()
    for i, (number, change) in enumerate((
        (10, stated("commit_audit_plan", "contests", "x", "margins", value=[261])),
        (6, stated("commit_audit_plan", "contests", "x", "phantoms", value=1)),
        (11, stated("measure_risk", "contests", "x", "risks", value=["0.0100000"])),
        (12, stated("measure_risk", "contests", "x", "met", value=[False])),
        (12, stated("measure_risk", "contests", "x", "more", value=3)),
        (11, stated("measure_risk", "contests", "x", "used", value={"x": 120})),
    )):  # fmt: skip
        assert judged(world, tmp_path / str(i), change)[0] == number, i


def test_a_record_of_a_pool_is_not_opened(tmp_path: Path) -> None:
    world = pool_world()
    item = next(i for i in drawn(world.told.groups, world.told.plan["sizes"])[0] if i.split("/")[0] >= "B28")
    book = story(*world)
    at(book, "open_records")["detail"]["records"][0][0] = item
    number, words = failure(package_of(world.paper, world.told, book), tmp_path)
    assert number == 4 and f"not in the sample: {item} (x)" in words


def test_smaller_pools_than_ten_cards_tell_too_much(tmp_path: Path) -> None:
    paper = Paper([("B1", 91), ("B2", 9)], {})
    votes = spread(paper.items(), (80, ["a"]), (20, ["b"]))
    paper.cards = {item: {"x": reading} for item, reading in votes.items()}
    contest = of_book("x", "ab")
    files, rows = published(contest, {i: row_of(v) for i, v in votes.items() if i.startswith("B1/")})
    b2 = [votes[i] for i in paper.items(["B2"])]
    pool = {"id": "B2", "votes": {"a": b2.count(["a"]), "b": b2.count(["b"])}, "write_ins": 0}
    raw = canonical({"contest": "x", "format": "tallybook/pool-totals/v1", "pools": [pool]})
    one = {"cards": 100, "contest": "x", "evidence": "pools", "lacking": "carries", "outcome": WON,
           "pools": sha(raw), "reported": sha(files[0])}  # fmt: skip
    told = Told(plan([one], {"x": [AHEAD]}, {"x": 20}, paper), [contest], [*files, raw],
                {"x": {"cards": 100, "margins": [60], "phantoms": 0}}, {"x": paper.items()}, rows)  # fmt: skip
    assert judged(World(paper, told, {}, {}), tmp_path)[0] == 14


# Several strata ------------------------------------------------------------


def strata_world() -> World:
    """A stratum of 600 cards compared and one of 400 polled, for which nothing but totals is known."""
    paper = Paper([("E1", 300), ("E2", 300), ("M1", 200), ("M2", 200)], {})
    early, mail = paper.items(["E1", "E2"]), paper.items(["M1", "M2"])
    votes = spread(early, (390, ["a"]), (190, ["b"]), (20, [])) | spread(
        mail, (300, ["a"]), (90, ["b"]), (10, [])
    )
    paper.cards = {item: {"x": reading} for item, reading in votes.items()}
    contest = of_book("x", "ab")
    files, rows = published(contest, {item: row_of(votes[item]) for item in early})
    strata = [
        {"batches": ["E1", "E2"], "cards": 600, "evidence": "comparison", "lacking": "carries",
         "reported": sha(files[0]), "stratum": "early"},
        {"batches": ["M1", "M2"], "cards": 400, "evidence": "polling", "lacking": "carries", "stratum": "mail",
         "reported": {"cards": 400, "votes": {"a": 300, "b": 90}, "write_ins": 0}},
    ]  # fmt: skip
    groups, sizes = {"x__early": early, "x__mail": mail}, {"x__early": 60, "x__mail": 50}
    the_plan = plan([{"contest": "x", "outcome": WON, "strata": strata}], {"x": [AHEAD]}, sizes, paper)
    planned = {
        "cards": 1000, "margins": [410], "phantoms": 0,
        "strata": {"early": {"cards": 600, "margins": [200], "phantoms": 0},
                   "mail": {"cards": 400, "margins": [210], "phantoms": 0}},
    }  # fmt: skip
    told = Told(the_plan, [contest], files, {"x": planned}, groups, rows)
    usable = drawn(groups, sizes)[1]
    polled = tuple(1 + (votes[i] == ["a"]) - (votes[i] == ["b"]) for i in usable["x__mail"])
    risk = risk_over((2,) * len(usable["x__early"]), polled, 600 * 2 - 200 + 400)
    used = {"early": len(usable["x__early"]), "mail": len(polled)}
    found = {
        "cards": sum(used.values()),
        "met": [True],
        "risk": risk,
        "risks": [risk],
        "step": "stop",
        "used": used,
    }
    return World(paper, told, {"x": found}, {"x": STOPPED})


@cache
def risk_over(early: tuple[int, ...], mail: tuple[int, ...], bound: int) -> str:
    """The risk over both strata, by looking at every thousandth of what can be shared."""
    one, other = Drawn(early, 600, 4), Drawn(mail, 400, 2)
    room = bound - sum(early) - sum(mail)
    most = min(room, (600 - len(early)) * 4)
    value = min(
        log_wealth(one, sum(early) + most * i / 4000) + log_wealth(other, sum(mail) + room - most * i / 4000)
        for i in range(4001)
        if room - most * i / 4000 <= (400 - len(mail)) * 2
    )
    return written(Fraction(exp(-value)))


def test_an_audit_over_strata_is_found_again(tmp_path: Path) -> None:
    world = strata_world()
    assert judged(world, tmp_path) == (0, "")
    assert Fraction(world.measured["x"]["risk"]) < Fraction(1, 20)


def bent_stratum(n: int, **changes: Any) -> World:
    world = strata_world()
    strata = world.told.plan["contests"][0]["strata"]
    strata[n] = {name: value for name, value in (strata[n] | changes).items() if value is not None}
    return world


def bent_plan(**changes: Any) -> World:
    world = strata_world()
    world.told.plan.update(changes)
    return world


TOTALS = {"cards": 400, "votes": {"a": 300, "b": 90}, "write_ins": 0}
STRATA: list[tuple[str, int, Callable[[], World]]] = [
    ("the same name twice", 4, lambda: bent_stratum(1, stratum="early")),
    ("a name with a stroke", 4, lambda: bent_stratum(1, stratum="by/mail")),
    ("no name", 4, lambda: bent_stratum(1, stratum=None)),
    ("no batches", 4, lambda: bent_stratum(1, batches=None)),
    ("a batch in two strata", 4, lambda: bent_stratum(1, batches=["M1", "E2"])),
    ("a batch that is none", 6, lambda: bent_stratum(1, batches=["M1", "M3"])),
    ("other cards", 6, lambda: bent_stratum(1, cards=399)),
    ("rows of another number of cards", 6, lambda: bent_stratum(0, batches=["E1"], cards=300)),
    ("more cards counted than there are", 6, lambda: bent_stratum(1, reported=TOTALS | {"cards": 401})),
    ("more votes than cards", 6, lambda: bent_stratum(1, reported=TOTALS | {"votes": {"a": 350, "b": 90}})),
    ("rates where nothing is compared", 4, lambda: bent_stratum(1, rates={})),
    ("the totals of a contest without records", 4, lambda: bent_stratum(1, reported={"cards": 400})),
    ("rankings of a contest that is not ranked", 4, lambda: bent_stratum(1, reported="0" * 64)),
    ("sizes by contest", 4, lambda: bent_plan(sizes={"x": 90})),
    ("sizes of one stratum", 4, lambda: bent_plan(sizes={"x__early": 60})),
    ("a size above its stratum", 4, lambda: bent_plan(sizes={"x__early": 60, "x__mail": 401})),
    ("phantoms that undo the margin", 10, lambda: bent_stratum(1, reported={"cards": 20, "votes": {"a": 20, "b": 0}, "write_ins": 0})),
    ("a draw of batches", 4, lambda: bent_plan(draw="batches", sizes={"batches": 3})),
]  # fmt: skip


@pytest.mark.parametrize(("number", "made"), [row[1:] for row in STRATA], ids=[row[0] for row in STRATA])
def test_a_plan_over_strata_that_must_not_be_fails_its_check(
    number: int, made: Callable[[], World], tmp_path: Path
) -> None:
    assert judged(made(), tmp_path)[0] == number


MEASURED: list[tuple[str, int, Callable[[list[Entry]], None]]] = [
    ("cards of a stratum", 6, stated("commit_audit_plan", "contests", "x", "strata", "mail", "cards", value=401)),
    ("margin of a stratum", 10, stated("commit_audit_plan", "contests", "x", "strata", "mail", "margins", value=[211])),
    ("phantoms of a stratum", 6, stated("commit_audit_plan", "contests", "x", "strata", "mail", "phantoms", value=1)),
    ("strata left out", 6, lambda book: at(book, "commit_audit_plan")["result"]["contests"]["x"].pop("strata")),
    ("usable", 7, stated("draw_audit_round", "usable", "x__mail", value=51)),
    ("used", 11, stated("measure_risk", "contests", "x", "used", "mail", value=51)),
    ("cards", 11, stated("measure_risk", "contests", "x", "cards", value=111)),
    ("more", 12, stated("measure_risk", "contests", "x", "more", value=1)),
    ("step", 12, stated("measure_risk", "contests", "x", "step", value="another_round")),
    ("met", 12, stated("measure_risk", "contests", "x", "met", value=[False])),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "change"), [row[1:] for row in MEASURED], ids=[row[0] for row in MEASURED]
)
def test_a_result_over_strata_that_is_wrong_fails_its_check(
    number: int, change: Callable[[list[Entry]], None], tmp_path: Path
) -> None:
    assert judged(strata_world(), tmp_path, change)[0] == number


@pytest.mark.parametrize(("factor", "number"), [("0.99999", 11), ("1.000015", 0), ("1.00003", 11)])
def test_a_risk_over_strata_may_be_two_in_a_hundred_thousand_above(
    factor: str, number: int, tmp_path: Path
) -> None:
    world = strata_world()
    world.measured["x"]["risk"] = risk = written(Fraction(world.measured["x"]["risk"]) * Fraction(factor))
    world.measured["x"]["risks"] = [risk]
    assert judged(world, tmp_path)[0] == number


# Rankings ------------------------------------------------------------

NEB = {"kind": "neb", "loser": "c", "winner": "a"}
NEN = {"kind": "nen", "loser": "b", "standing": ["a", "b", "c"], "winner": "a"}
NEN_2 = {"kind": "nen", "loser": "b", "standing": ["a", "b"], "winner": "a"}


def ranks(text: str) -> list[list[str]]:
    return [[c] for c in text]


def rank_world(evidence: str = "polling") -> World:
    """900 cards: 500 a, 200 b c, 150 b, 30 c a; 20 without the contest."""
    paper = Paper([(f"B{i}", 100) for i in range(9)], {})
    votes = spread(
        paper.items(),
        (500, ranks("a")),
        (200, ranks("bc")),
        (150, ranks("b")),
        (30, ranks("ca")),
        (20, "not_on_card"),
    )
    paper.cards = {item: {"x": reading} for item, reading in votes.items()}
    contest = of_book("x", "abc")
    totals = [
        [ranks("a"), 500],
        [ranks("bc"), 200],
        [ranks("b"), 150],
        [ranks("ca"), 30],
        ["not_on_card", 20],
    ]
    totals.sort(key=lambda row: canonical(row[0]))
    raw = canonical({"contest": "x", "format": "tallybook/ranking-totals/v1", "readings": totals})
    one = {
        "cards": 900,
        "contest": "x",
        "evidence": evidence,
        "lacking": "may_lack",
        "outcome": WON,
        "reported": sha(raw),
    }
    told = Told(plan([one], {"x": RANKED}, {"x": 180}, paper), [contest], [raw],
                {"x": {"cards": 900, "margins": [270, 180], "phantoms": 0}}, {"x": paper.items()}, ranked=True)  # fmt: skip
    used = [votes[i] for i in drawn(told.groups, {"x": 180})[1]["x"]]
    priors = {0: [(0, 200 + 30), (1, 170), (2, 500)], 1: [(0, 350), (1, 20), (2, 530)]}
    risks = []
    for a, weigh in enumerate((neb_points, nen_points)):
        prior = tuple((v, max(1, round(Fraction(1000 * n, 900)))) for v, n in priors[a])
        risks.append(written(measured(Null(900, 900, 2, prior), [1 + weigh(v) for v in used]).risk()))
    worst = max(risks, key=Fraction)
    found = {"cards": len(used), "met": [True, True], "risk": worst, "risks": risks, "step": "stop"}
    return World(paper, told, {"x": found}, {"x": STOPPED})


RANKED = [NEB, NEN_2]


def neb_points(reading: Any) -> int:
    """a first: 1; c somewhere above a, or alone: -1."""
    names = [rank[0] for rank in reading] if isinstance(reading, list) else []
    if names[:1] == ["a"]:
        return 1
    return -("c" in names and "a" not in names[: names.index("c")])


def nen_points(reading: Any) -> int:
    names = [rank[0] for rank in reading if rank[0] in "ab"] if isinstance(reading, list) else []
    return (names[:1] == ["a"]) - (names[:1] == ["b"])


def test_an_audit_of_rankings_by_polling_is_found_again(tmp_path: Path) -> None:
    assert judged(rank_world(), tmp_path) == (0, "")


def bent_ranks(rows: Any = None, assertions: Any = None, **changes: Any) -> World:
    world = rank_world()
    if rows is not None:
        raw = canonical({"contest": "x", "format": "tallybook/ranking-totals/v1", "readings": rows})
        world.told.exhibits[0], changes["reported"] = raw, sha(raw)
    world.told.plan["contests"][0].update(changes)
    world.told.plan["assertions"] = {"x": assertions or RANKED}
    return world


RANKINGS: list[tuple[str, int, Callable[[], World]]] = [
    ("more rankings than cards", 6, lambda: bent_ranks([[ranks("a"), 901]])),
    ("rankings out of order", 6, lambda: bent_ranks([[ranks("b"), 1], [ranks("a"), 899]])),
    ("rankings that are no exhibit", 6, lambda: bent_ranks(reported="0" * 64)),
    (
        "totals of votes",
        4,
        lambda: bent_ranks(reported={"cards": 900, "votes": {"a": 500, "b": 350, "c": 30}, "write_ins": 0}),
    ),
    ("assertions that are not enough", 9, lambda: bent_ranks(assertions=[NEB])),
    ("assertions that are not true", 10, lambda: bent_ranks([[ranks("a"), 100], [ranks("b"), 800]])),
    ("assertions that phantoms could undo", 10, lambda: bent_ranks([[ranks("a"), 300], [ranks("b"), 200]])),
    ("no assertions", 4, lambda: with_assertions([])),
    ("cards alone, with assertions", 9, lambda: bent_ranks(reported={"cards": 900})),
]


def with_assertions(found: list[Any]) -> World:
    world = rank_world()
    world.told.plan["assertions"] = {"x": found}
    return world


@pytest.mark.parametrize(("number", "made"), [row[1:] for row in RANKINGS], ids=[row[0] for row in RANKINGS])
def test_a_plan_of_rankings_that_must_not_be_fails_its_check(
    number: int, made: Callable[[], World], tmp_path: Path
) -> None:
    assert judged(made(), tmp_path)[0] == number


def test_more_rows_than_can_be_weighed_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Five rankings for two assertions are ten weights."""
    monkeypatch.setattr("tallycheck.auditreported.MOST_WEIGHED", 10)
    assert judged(rank_world(), tmp_path / "ten") == (0, "")
    monkeypatch.setattr("tallycheck.auditreported.MOST_WEIGHED", 9)
    number, words = judged(rank_world(), tmp_path / "nine")
    assert number == 10 and "more than this checker adds up" in words


# Without records ------------------------------------------------------------


def unrecorded_world(**changes: Any) -> World:
    """200 cards; 130 a, 40 b, 20 c a, 10 blank. 26 are read."""
    paper = Paper([("B1", 200)], {})
    votes = spread(paper.items(), (130, ranks("a")), (40, ranks("b")), (20, ranks("ca")), (10, []))
    paper.cards = {item: {"x": reading} for item, reading in votes.items()}
    one = {
        "cards": 200,
        "contest": "x",
        "evidence": "polling",
        "lacking": "may_lack",
        "outcome": WON,
        "reported": {"cards": 198},
    }
    one = {name: value for name, value in (one | changes).items() if value is not None}
    told = Told(plan([one], {"x": []}, {"x": 26}, paper, risk_limit="1/10"), [of_book("x", "abc")], [],
                {"x": {"cards": 200, "margins": [], "phantoms": 2}}, {"x": paper.items()}, ranked=True)  # fmt: skip
    used = [votes[i] for i in drawn(told.groups, {"x": 26})[1]["x"]]
    risk = naive_risk(used, "abc", "a", 200)
    found = {"cards": 26, "met": [risk <= Fraction(1, 10)], "risk": written(risk), "risks": [written(risk)],
             "step": "stop" if risk <= Fraction(1, 10) else "another_round"}  # fmt: skip
    return World(paper, told, {"x": found}, {"x": STOPPED} if risk <= Fraction(1, 10) else {})


def test_an_audit_without_records_is_found_again(tmp_path: Path) -> None:
    world = unrecorded_world()
    assert judged(world, tmp_path) == (0, "") and world.stopped


@pytest.mark.parametrize(
    ("number", "changes"),
    [
        (9, {"lacking": "carries"}),
        (9, {"outside": 3}),
        (6, {"reported": {"cards": 201}}),
        (6, {"reported": {"cards": 0}}),
        (4, {"reported": {"cards": 198, "more": 1}}),
        (9, {"outcome": {"kind": "winner", "winners": ["a", "b"]}}),
        (9, {"outcome": {"choices": ["a", "b"], "kind": "runoff"}}),
        (4, {"evidence": "comparison"}),
    ],
)
def test_a_plan_without_records_that_must_not_be_fails_its_check(
    number: int, changes: dict[str, Any], tmp_path: Path
) -> None:
    assert judged(unrecorded_world(**changes), tmp_path)[0] == number


def test_results_without_records_that_are_wrong_fail_their_check(tmp_path: Path) -> None:
    world = unrecorded_world()
    for i, (number, change) in enumerate((
        (11, stated("measure_risk", "contests", "x", "risks", value=["0.0000100000"])),
        (12, stated("measure_risk", "contests", "x", "met", value=[])),
        (12, stated("measure_risk", "contests", "x", "more", value=4)),
        (10, stated("commit_audit_plan", "contests", "x", "margins", value=[1])),
    )):  # fmt: skip
        assert judged(world, tmp_path / str(i), change)[0] == number


# Counted in full ------------------------------------------------------------


def counted_world(
    kinds: list[tuple[int, Any]], outcome: Any, true: list[bool], stopped: dict[str, Any], records: bool
) -> World:
    """Forty ranked cards, all of them read; what was reported says a by 25 to 10 and 5."""
    paper = Paper([("B1", 40)], {})
    paper.cards = {item: {"x": reading} for item, reading in spread(paper.items(), *kinds).items()}
    rows = sorted([[ranks("a"), 25], [ranks("b"), 10], [ranks("ca"), 5]], key=lambda row: canonical(row[0]))
    raw = canonical({"contest": "x", "format": "tallybook/ranking-totals/v1", "readings": rows})
    one = {"cards": 40, "contest": "x", "evidence": "polling", "lacking": "may_lack", "outcome": outcome,
           "reported": sha(raw) if records else {"cards": 40}}  # fmt: skip
    the_plan = plan([one], {"x": RANKED if records else []}, {"x": 40}, paper)
    margins = [20, 20] if records else []
    told = Told(the_plan, [of_book("x", "abc")], [raw] if records else [],
                {"x": {"cards": 40, "margins": margins, "phantoms": 0}}, {"x": paper.items()}, ranked=True)  # fmt: skip
    found = {"cards": 40, "step": "counted", "true": true}
    return World(paper, told, {"x": found}, {"x": {"by": "count"} | stopped})


COUNTED: list[tuple[str, list[tuple[int, Any]], list[bool], dict[str, Any], bool]] = [
    ("as reported", [(25, ranks("a")), (10, ranks("b")), (5, ranks("ca"))], [True, True], {"confirmed": True, "outcome": WON}, True),
    ("the same winner by other votes", [(13, ranks("a")), (10, ranks("ba")), (14, ranks("ca")), (3, ranks("cb"))], [False, True],
     {"confirmed": True, "outcome": WON}, True),
    ("another winner", [(15, ranks("a")), (20, ranks("b")), (5, ranks("c"))], [True, False],
     {"confirmed": False, "outcome": {"kind": "winner", "winners": ["b"]}}, True),
    ("a tie", [(20, ranks("a")), (20, ranks("b"))], [True, False], {"confirmed": False}, True),
    ("no votes", [(40, [])], [False, False], {"confirmed": False}, True),
    ("without records, as planned", [(18, ranks("a")), (17, ranks("b")), (5, ranks("ca"))], [True], {"confirmed": True, "outcome": WON}, False),
    ("without records, another winner", [(18, ranks("a")), (17, ranks("b")), (5, ranks("cb"))], [False],
     {"confirmed": False, "outcome": {"kind": "winner", "winners": ["b"]}}, False),
    ("without records, a tie", [(20, ranks("a")), (20, ranks("b"))], [False], {"confirmed": False}, False),
]  # fmt: skip


@pytest.mark.parametrize("row", COUNTED, ids=[row[0] for row in COUNTED])
def test_a_full_count_of_a_ranked_contest_ends_as_its_readings_say(row: Any, tmp_path: Path) -> None:
    _, kinds, true, stopped, records = row
    assert judged(counted_world(kinds, WON, true, stopped, records), tmp_path) == (0, "")


def test_a_full_count_that_is_told_otherwise_fails_its_check(tmp_path: Path) -> None:
    _, kinds, true, stopped, records = COUNTED[2]
    wrong = [
        (12, [True, True], stopped), (12, [False, False], stopped), (12, true, stopped | {"confirmed": True}),
        (13, true, stopped | {"outcome": WON}), (13, true, {"confirmed": False}),
        (13, true, stopped | {"outcome": {"kind": "winner", "winners": ["c"]}}),
    ]  # fmt: skip
    for i, (number, told, ended) in enumerate(wrong):
        assert judged(counted_world(kinds, WON, told, ended, records), tmp_path / str(i))[0] == number, i


# Many contests, and long results ------------------------------------------------------------


def many_world(n: int = 300) -> World:
    """So many contests polled on forty cards; every card is drawn, so all is counted."""
    names = [f"contest_number_{i:04}" for i in range(n)]
    paper = Paper([("B1", 40)], {})
    votes = spread(paper.items(), (30, ["a"]), (10, ["b"]))
    paper.cards = {item: dict.fromkeys(names, reading) for item, reading in votes.items()}
    one = {"cards": 40, "evidence": "polling", "lacking": "carries", "outcome": WON,
           "reported": {"cards": 40, "votes": {"a": 30, "b": 10}, "write_ins": 0}}  # fmt: skip
    the_plan = plan([one | {"contest": name} for name in names], {name: [AHEAD] for name in names},
                    dict.fromkeys(names, 40), paper)  # fmt: skip
    planned = {name: {"cards": 40, "margins": [20], "phantoms": 0} for name in names}
    told = Told(
        the_plan, [of_book(name, "ab") for name in names], [], planned, dict.fromkeys(names, paper.items())
    )
    measured_ = {name: {"cards": 40, "step": "counted", "true": [True]} for name in names}
    return World(paper, told, measured_, {names[0]: {"by": "count", "confirmed": True, "outcome": WON}})


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings of three hundred contests fill an entry with four cards."""
    monkeypatch.setattr("tests.tallycheck.paper.AT_ONCE", 4)


@pytest.mark.usefixtures("one_at_a_time")
def test_long_parts_of_results_are_exhibits(tmp_path: Path) -> None:
    KEPT.clear()
    world = many_world()
    book = story(*world)
    assert "contests_sha256" in at(book, "commit_audit_plan")["result"]
    assert at(book, "measure_risk")["result"].keys() == {"contests_sha256", "round"}
    assert failure(package_of(world.paper, world.told, book), tmp_path) == (0, "")


def exhibit_bent(act: str, name: str, change: Callable[[Any], None]) -> Callable[[list[Entry]], None]:
    """An exhibit that the book adds says something else, and the result has its sum."""

    def bent(book: list[Entry]) -> None:
        entry = at(book, act)
        value = json.loads(KEPT[entry["result"][f"{name}_sha256"]])
        change(value)
        raw = canonical(value)
        KEPT[sha(raw)] = raw
        entry["result"][f"{name}_sha256"] = sha(raw)
        entry["exhibits"] = [one for one in entry["exhibits"] if one["name"] != f"{name}.json"] + [
            public(raw, f"{name}.json")
        ]

    return bent


def dropped(book: list[Entry]) -> None:
    at(book, "measure_risk")["exhibits"][0]["name"] = "contest.json"


LAST = "contest_number_0299"
LONG: list[tuple[str, int, Callable[[list[Entry]], None]]] = [
    ("cards of a plan", 6, exhibit_bent("commit_audit_plan", "contests", lambda v: v[LAST].update(cards=41))),
    ("margins of a plan", 10, exhibit_bent("commit_audit_plan", "contests", lambda v: v[LAST].update(margins=[21]))),
    ("a contest left out", 6, exhibit_bent("commit_audit_plan", "contests", lambda v: v.pop(LAST))),
    ("truth of an assertion", 12, exhibit_bent("measure_risk", "contests", lambda v: v[LAST].update(true=[False]))),
    ("cards of a measurement", 11, exhibit_bent("measure_risk", "contests", lambda v: v[LAST].update(cards=39))),
    ("another name", 11, dropped),
    ("inline though long", 6, lambda book: at(book, "commit_audit_plan")["result"].pop("contests_sha256") and None),
]  # fmt: skip


@pytest.mark.usefixtures("one_at_a_time")
@pytest.mark.parametrize(("number", "change"), [row[1:] for row in LONG], ids=[row[0] for row in LONG])
def test_long_parts_that_are_wrong_fail_their_check(
    number: int, change: Callable[[list[Entry]], None], tmp_path: Path
) -> None:
    KEPT.clear()
    assert judged(many_world(), tmp_path, change)[0] == number


# Hostile exhibits ------------------------------------------------------------


def renamed(world: World, i: int, raw: bytes) -> None:
    """Another exhibit in the place of one, under its own sum wherever the plan has that of the old one."""
    old = sha(world.told.exhibits[i])
    world.told.exhibits[i] = raw
    world.told.plan = json.loads(json.dumps(world.told.plan).replace(old, sha(raw)))


@pytest.mark.parametrize("make", [pool_world, strata_world, rank_world, unrecorded_world])
@pytest.mark.parametrize("seed", range(2))
def test_no_plan_totals_or_act_of_any_kind_makes_a_traceback(
    make: Callable[[], World], seed: int, tmp_path: Path
) -> None:
    dice = random.Random(seed)
    for n in range(6):
        world = make()
        world.told.plan = spoiled(world.told.plan, dice)
        if isinstance(world.told.plan.get("sizes"), dict) and all(
            type(v) is int for v in world.told.plan["sizes"].values()
        ):
            assert judged(world, tmp_path / f"plan{n}")[0] >= 0
        world = make()
        totals = [i for i, raw in enumerate(world.told.exhibits) if raw.startswith(b'{"contest":"x"')]
        for i in totals:
            renamed(world, i, canonical(spoiled(json.loads(world.told.exhibits[i]), dice)))
            assert judged(world, tmp_path / f"totals{n}")[0] > 0
        world = make()
        entries = sealed(story(*world))
        place = dice.randrange(1, len(entries))
        entries[place] = canonical(spoiled(json.loads(entries[place]), dice))
        named = [world.told.law, world.paper.manifest, canonical(world.told.plan), *world.told.exhibits]
        assert failure(package(entries, named), tmp_path / f"act{n}")[0] >= 0
