"""Further wrong outcomes: the other rules, mixed evidence of ranked contests, cards apart from the sample.

Each world's arithmetic stands in its docstring or beside it: what was reported, and why it is wrong, most
often by an exact tie. The trials are those of ``audit_wrong_outcomes``.
"""

from fractions import Fraction

import numpy as np
from msgspec.structs import replace

from tallybook.audit.assertions import Claim
from tallybook.audit.assorters import assorter
from tallybook.audit.batches import batch_bounds, batch_margin, batch_part, combined, number_of
from tallybook.audit.claims import highest_averages, largest_remainders, majority, most_votes, star
from tallybook.audit.comparison import comparison_part, comparison_prior, overstatement_part
from tallybook.audit.evidence import LACKS, NOT_FOUND, Part, codes_in_order, outside, scale_of
from tallybook.audit.measuring import path, single_test
from tallybook.audit.polling import polling_part
from tallybook.audit.pools import Pool, Read, pooled_part, pooled_stratum
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks
from tallybook.audit.strata import union_risk
from tallybook.audit.styles import places_by_record, styled
from tallybook.election import Contest
from tallybook.outcomes.rules import CountRules, Rules
from tallybook.stats.default_bet import default_bet
from tallybook.stats.draws import draw_consistently
from tallybook.stats.martingale import wealths
from tests.rehearsal.audit_wrong_outcomes import (
    IRV,
    LOSE,
    PAIR,
    WIN,
    Random,
    Trial,
    all_at_once,
    joint,
    orders,
    pattern,
    polled,
    votes,
)

BORDA = Rules("borda", "borda", count=CountRules(points=(Fraction(3), Fraction(2), Fraction(1))))
STV = Rules("stv", "single_transferable_vote", seats=2)


def further_worlds() -> dict[str, Trial]:
    """By name; see the module."""
    return rules_worlds() | evidence_worlds()


# The other rules ----------------------------------------------------------------------------------


def rules_worlds() -> dict[str, Trial]:
    """Points, proportion, quotas."""
    return {
        "scores, exact tie": joint(
            votes("abc"),
            most_votes,
            ["a"],
            {"a5>a5": 35, "b5>b5": 30, "a5>b5": 5, "c3>c3": 30},
            rules=Rules("score", "score"),
        ),
        "STAR, the finalists equally preferred": joint(
            votes("abc"),
            star_claimed,
            ["a"],
            {"a5+b3>a5+b3": 45, "b5+a3>b5+a3": 40, "a5+b3>b5+a3": 5, "c5>c5": 20},
            rules=Rules("star", "star"),
        ),
        "Borda, exact tie": joint(
            votes("abc"),
            most_votes,
            ["a"],
            {"a,b>a,b": 40, "b,a>b,a": 35, "a,b>b,a": 5, "c>c": 20},
            rules=BORDA,
        ),
        "cumulative votes, exact tie": joint(
            votes("abc", allowed=3),
            most_votes,
            ["a"],
            {"a3>a3": 30, "b3>b3": 25, "a3>b3": 5, "c3>c3": 10},
            rules=Rules("cumulative", "cumulative"),
        ),
        "Sainte-Lague, the last seat exactly tied": joint(
            votes("abc", seats=3), sainte_lague, [], {"a>a": 105, "b>b": 60, "c>c": 30, "a>c": 5}
        ),
        "largest remainders, the last seat exactly tied": joint(
            votes("abc", seats=3), remainders, [], {"a>a": 75, "b>b": 50, "c>c": 20, "a>c": 5}
        ),
        "a threshold claimed that is exactly missed": joint(
            votes("abc", seats=3), above_a_fifth, [], {"a>a": 66, "b>b": 49, "c>c": 30, "c>a": 5}
        ),
        "a quota of transferable votes exactly missed": joint(
            votes("abc", seats=2),
            most_votes,
            ["a", "b"],
            {"a>a": 50, "b>b": 54, "c>c": 40, "a>c": 6},
            rules=STV,
        ),
        "a majority but for write-ins that nobody declared": joint(
            votes("ab"), with_write_ins, ["a"], {"a>a": 75, "b>b": 60, "->W": 15}
        ),
    }


def star_claimed(contest: Contest, _: list[str]) -> object:
    """a over b in the last step. Reported 50 to 40 preferences, in truth 45 to 45."""
    return star(contest, ["a", "b"], "a")


def sainte_lague(contest: Contest, _: list[str]) -> object:
    """Reported 110, 60, 30: 110, 60 and 110/3 before 30 and 110/5. In truth 105/3 equals 35."""
    return highest_averages(contest.id, (("a", 2), ("b", 1), ("c", 0)), "sainte_lague")


def remainders(contest: Contest, _: list[str]) -> object:
    """Reported 80, 50, 20 at a quota of 50: remainders 30 and 20. In truth 75 and 25: 25 each."""
    return largest_remainders(contest.id, (("a", 2), ("b", 1), ("c", 0)))


def above_a_fifth(contest: Contest, _: list[str]) -> object:
    """Reported 66, 49, 35 of 150; in truth c has 30, a fifth and not more."""
    seats = (("a", 1), ("b", 1), ("c", 1))
    return highest_averages(contest.id, seats, "dhondt", Fraction(1, 5), ("a", "b", "c"))


def with_write_ins(contest: Contest, _: list[str]) -> object:
    """75 of 135 reported votes; 15 write-ins were recorded as blank, so in truth 75 of 150."""
    return majority(contest, "a", True)


# Evidence -----------------------------------------------------------------------------------------


def evidence_worlds() -> dict[str, Trial]:
    """Mixed evidence of ranked contests; missing, lacking, pending and combined."""
    return {
        "polled cards that nobody finds": orders(polled([WIN] * 70 + [LOSE] * 60 + [NOT_FOUND] * 10)),
        "ballots of two cards, the second without the contest": orders(
            polled([WIN] * 50 + [LOSE] * 50 + [LACKS] * 100)
        ),
        "pending ballots all for the other, polled": orders(
            polled([WIN] * 90 + [LOSE] * 60), outside(PAIR, 30)
        ),
        "RAIRE over pools, one of them wrong": ranked_pools(),
        "RAIRE in three strata, tied in the polled one": ranked_strata(),
        "a contest that came along, exactly tied": came_along,
        "cards drawn by style, records wrong about who has the contest": orders(by_record()),
        "batches by card style, the error in one of few cards": styled_batches(),
        "pending ballots all for the other, by batch": pending_batches(),
        "batches counted together, the error among them": combined_batches(),
    }


def assertions_of(patterns: list[str], counts: list[int]) -> tuple[Claim, object]:
    """RAIRE's claim that a won, for these reported rankings."""
    reading = ranks(votes("abc"), tuple(pattern(text, True) for text in patterns), IRV)
    found = raire(reading, counts, ["a"], "world")
    assert isinstance(found, tuple)
    return found[0], reading


RANKINGS = ["a", "b", "c,b", "c,a"]


def ranked_pools() -> Trial:
    """90 cards with right records, a pool of 90. c leaves; reported a 100 to b 80.

    In truth ten cards of the pool rank c, b and not c, a: 90 to 90.
    """
    own, pool, read = (40, 30, 20, 0), (40, 30, 0, 20), (40, 30, 10, 10)
    claim, reading = assertions_of(RANKINGS, [a + b for a, b in zip(own, pool, strict=True)])
    reads = [Read(code, code) for code, n in enumerate(own, 1) for _ in range(n)]
    reads += [Read(code, pool="p") for code, n in enumerate(read, 1) for _ in range(n)]
    parts = []
    for assertion in claim.assertions:
        scale = scale_of(assorter(assertion, reading))  # type: ignore[arg-type]
        sums = [sum(p * n for p, n in zip(scale.points, held, strict=True)) for held in (own, pool)]
        parts.append(pooled_part(scale, 90, sums[0], {"p": Pool(90, sums[1])}, reads))
    assert any(int(np.sum(p.x)) <= p.offset for p in parts)
    return all_at_once(parts)


def ranked_strata() -> Trial:
    """60 cards each: compared and right, polled, in two right pools. c leaves; reported a 92 to b 88.

    In truth two polled cards rank c, b and not c, a: 90 to 90. Looked at three times.
    """
    compared, poll, found = (30, 22, 8, 0), (24, 20, 4, 12), (24, 20, 6, 10)
    halves = ((13, 9, 8, 0), (13, 9, 8, 0))
    counts = [sum(of) for of in zip(compared, poll, *halves, strict=True)]
    claim, reading = assertions_of(RANKINGS, counts)
    cards = [np.array([c for c, n in enumerate(held, 1) for _ in range(n)]) for held in (compared, found)]
    reads = [
        Read(c, pool=str(h)) for h, held in enumerate(halves) for c, n in enumerate(held, 1) for _ in range(n)
    ]
    whole: list[tuple[Part, Part, Part]] = []
    for assertion in claim.assertions:
        scale = scale_of(assorter(assertion, reading))  # type: ignore[arg-type]
        sums = [sum(p * n for p, n in zip(scale.points, held, strict=True)) for held in (compared, *halves)]
        zero = np.zeros(60, dtype=np.int64)
        pools = {str(h): Pool(30, sums[1 + h]) for h in range(2)}
        whole.append(
            (
                overstatement_part(scale.span, 60, sums[0], zero, comparison_prior(scale)),
                polling_part(scale, 60, cards[1], "carries", poll),
                pooled_stratum(scale, 0, 0, pools, reads),
            )
        )
    points = [sum(Fraction(int(np.sum(p.x)) - p.offset, p.unit) for p in parts) for parts in whole]
    assert min(points) <= 0

    def trial(rng: Random, count: int, limit: float) -> int:
        return sum(_stops(whole, [rng.permutation(60) for _ in range(3)], limit) for _ in range(count))

    return trial


def _stops(whole: list[tuple[Part, Part, Part]], order: list[np.ndarray], limit: float) -> bool:
    """Whether all assertions are met at one of three looks."""
    for looks in ((20, 20, 20), (40, 40, 40), (55, 55, 55)):
        seen = [
            [replace(p, x=np.asarray(p.x)[o[:n]]) for p, o, n in zip(parts, order, looks, strict=True)]
            for parts in whole
        ]
        if all(union_risk(parts).p <= limit for parts in seen):
            return True
    return False


def came_along(rng: Random, count: int, limit: float) -> int:
    """Cards are drawn for a contest on all 200; another, on 120 of them, uses its own by their styles.

    It was reported 66 to 54; in truth six cards read otherwise, 60 to 60. The draw is the real one.
    """
    everywhere = [f"card {n}" for n in range(200)]
    recorded = {name: WIN if n < 66 else LOSE for n, name in enumerate(everywhere[:120])}
    read = recorded | dict.fromkeys(everywhere[:6], LOSE)
    short = 0
    for _ in range(count):
        seed = "".join(map(str, rng.integers(0, 10, 20).tolist()))
        for n in (50, 100, 150, 190):
            groups = {"all": everywhere, "some": everywhere[:120]}
            sample = draw_consistently(seed, groups, {"all": n, "some": 0})
            found = codes_in_order(sample, "some", read)
            told = codes_in_order(sample, "some", recorded)
            part = comparison_part(PAIR, 120, 12, told, found, "carries")
            if len(found) < 120 and path(part).p.min() <= limit:
                short += 1
                break
    return short


def by_record() -> Part:
    """200 cards, 120 of them with the contest by their records, 65 to 55; drawn from these 120 alone.

    Ten of them lack it, recorded even; ten others have it, all for the other. In truth 60 to 60.
    """
    recorded = [WIN] * 65 + [LOSE] * 55 + [LACKS] * 80
    truth = [WIN] * 60 + [LACKS] * 5 + [LOSE] * 50 + [LACKS] * 5 + [LOSE] * 10 + [LACKS] * 70
    assert truth.count(WIN) == truth.count(LOSE)
    places = places_by_record(np.array(recorded), 200) - 1
    told, found = ([codes[place] for place in places.tolist()] for codes in (recorded, truth))
    return comparison_part(PAIR, 120, 10, told, found, "carries")


def styled_batches() -> Trial:
    """Twenty batches of 100: ten all of the contest's style, 51 to 49, five with 40 cards, at 22 to 18.

    Five have no card of the style. Of the margin of 40 one batch of 40 cards hides all: it was 2 to 38.
    """
    sizes = [100] * 10 + [40] * 5 + [0] * 5
    by_style = {str(i): {"ours": n, "theirs": 100 - n} for i, n in enumerate(sizes)}
    holding = styled(by_style, ["ours"]).holding
    points = {name: 2 if cards == 100 else 4 for name, cards in holding.items()}
    bounds = batch_bounds([points], holding, [-1], [40])
    names = list(holding)
    part = batch_part(bounds, 40, -1, names, dict.fromkeys(names, 0) | {"10": 40})
    assert sum(points.values()) == 40 and len(names) == 15
    return by_weight(part, names, [bounds.weights[name] for name in names], 0)


def pending_batches() -> Trial:
    """Twenty batches of 100 at 55 to 45, and 100 pending ballots: all for the other, which leaves 100.

    Four batches overstate by 25 each, so that in truth nothing is left.
    """
    names = [str(i) for i in range(20)]
    points, cards = dict.fromkeys(names, 10), dict.fromkeys(names, 100)
    margin = batch_margin(list(points.values()), -1, 100)
    bounds = batch_bounds([points], cards, [-1], [margin])
    errors = {name: 25 if i < 4 else 0 for i, name in enumerate(names)}
    part = batch_part(bounds, margin, -1, names, errors, 100)
    assert sum(points.values()) - sum(errors.values()) - 100 <= 0
    return by_weight(part, names, [bounds.weights[n] for n in names], -100)


def combined_batches() -> Trial:
    """Twenty batches of 100 at 51 to 49; three were counted together, and hide all 40 of the margin."""
    names = [str(i) for i in range(20)]
    single = batch_bounds([dict.fromkeys(names, 2)], dict.fromkeys(names, 100), [-1], [40])
    bounds = combined(single, {"together": names[:3]})
    units = list(bounds.weights)
    errors = dict.fromkeys(units, 0) | {"together": 40}
    part = batch_part(bounds, 40, -1, units, errors)
    numbers = [number_of(bounds, part.N, unit, errors) for unit in units]
    return by_weight(replace(part, x=np.array(numbers)), units, [bounds.weights[u] for u in units], 0)


def by_weight(part: Part, units: list[str], weights: list[int], apart: int) -> Trial:
    """Draws of units by their weights, up to 250, looked at after each. part: the number of each unit."""
    test = single_test(part, apart)
    shares = np.array(weights) / sum(weights)

    def trial(rng: Random, count: int, limit: float) -> int:
        places = rng.choice(len(units), (count, 250), p=shares)
        rows = np.asarray(test.x)[places]
        paths = wealths(rows, [test.null] * count, default_bet(test.prior))
        return sum(bool((one.p <= limit).any()) for one in paths)

    return trial
