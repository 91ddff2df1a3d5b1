"""Every public function of the room, and what it must refuse: one error that names the argument.

The table gives for each function arguments that are right, and for each argument values that are wrong.
A function that is neither here nor among the inner ones makes a test fail, so that none is forgotten.
"""

from __future__ import annotations

import ast
import importlib
import math
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from tallybook.stats import (
    bets,
    comparison,
    default_bet,
    error_stopping,
    kelly,
    martingale,
    minerva,
    strata,
    strata_plan,
    survey,
)
from tallybook.stats import simulate as simulation
from tallybook.stats.clusters import Read
from tallybook.stats.confidence_engine import Guess
from tallybook.stats.errors import NumberError
from tallybook.stats.kaplan import Discrepancies
from tallybook.stats.lattice import Null
from tallybook.stats.stopping import Stopping
from tests.house.ground import ROOT

NAN, INF = math.nan, math.inf
COUNT = [-1, 1.5, "3", NAN, None, True]
LIMIT = [0, "0", "1.5", "x", NAN, None, -0.1]
CHANCE = [0, 1, -0.1, 1.1, NAN, "x"]
LEVEL = ["-0.1", "1", "x", 0.05, None]
SEED = ["", "1" * 19, "1" * 201, "1234567890123456789x", " " + "1" * 20, "١" * 20, 12345678901234567890, None]
SEED_OK = "31415926535897932384"
NULL = Null(t=1, u=2, N=20)
RULE = minerva.minerva("0.6", "0.1")
SIZES = Stopping(np.array([0.0, 0.5, 1.0]))
STEPS = error_stopping.Steps(0.1, (-1.0,), (0.01,))
DRAWN = [Read(10, 10, 1), Read(10, 10, 0)]
STRATUM = strata.Stratum(np.array([1, 0]), 1, 9, np.array([0.5, 0.5]))
PLAN = strata_plan.Expected(1000, 2, (0, 2), (0.4, 0.6), (0.5,), 1.0)
WORLD = simulation.World(NULL, (0, 2), (5, 15))
GUESS = Guess(default_bet.Prior((1, 0), (1, 1)), Fraction(1, 2))
POLL = survey.Poll(1, 0.5, 100.0)
MANY = {
    "codes": np.zeros((3, 1), dtype=np.uint8),
    "values": [2, 0],
    "scales": [1],
    "nulls": [NULL],
    "weights": [5, 1],
}


def played(make):
    """A bet is asked when it is played: build it and play it."""
    return lambda **given: martingale.wealth([1, 2, 0], NULL, make(**given))


def pool(**given):
    with ThreadPoolExecutor(1) as executor:
        return simulation.simulate(executor=executor, **given)


# module: function -> (right arguments, argument -> wrong values[, how to call it])
TABLE = {
    "lattice": {
        "Null": (
            {"t": 1, "u": 2, "N": 3, "d": 1},
            {
                "t": [-1, 2, 3, 0.5, NAN, None, True],
                "u": [1, 0, 2.0, None],
                "N": [0, -1, 2.0, True, NAN],
                "d": [0, -1, 1.0, None],
            },
        ),
        "rational": ({"value": 1}, {"value": [NAN, INF, "x", None, True, [1]]}),
        "on_lattice": (
            {"x": [0, "0.5"], "u": 1, "t": "0.5"},
            {"x": [[NAN], [2], [-1], ["a"], [None]], "u": [0, NAN, "x", "0.5"], "t": [-1, NAN, "x"]},
        ),
        "integers": ({"x": [0, 1], "null": NULL}, {"x": [[3], [-1], [0.5], [NAN], ["a"], [1] * 21, [True]]}),
    },
    "martingale": {
        "wealth": (
            {"x": [0, 1], "null": NULL, "bet": bets.fixed(1.0)},
            {
                "x": [[], [3], [-1], [NAN], [0.5], [1] * 21, [[1, 1]]],
                "bet": [lambda past: np.full_like(past.m, NAN)],
            },
        ),
        "wealths": (
            {"xs": [[0], [1]], "nulls": [NULL] * 2, "bet": bets.fixed(1.0)},
            {"xs": [[[0], [1, 1]], [[0]], []]},
        ),
    },
    "default_bet": {
        "Prior": (
            {"values": (2, 0), "weights": (3, 1)},
            {"values": [(2, 2), (-1, 0), (0.5, 1), ()], "weights": [(1,), (0, 1), (1.5, 1), (NAN, 1)]},
        ),
        "default_bet": (
            {"priors": default_bet.Prior((2, 0), (3, 1))},
            {"priors": [[default_bet.Prior((2,), (1,))] * 2, default_bet.Prior((3,), (1,)), []]},
            played(default_bet.default_bet),
        ),
    },
    "bets": {
        "fixed": ({"lam": 0.5}, {"lam": [-1, NAN, INF, "x"]}, played(bets.fixed)),
        "kaplan_wald": ({"g": 0.1}, {"g": [-0.1, 1, NAN, "x"]}, played(bets.kaplan_wald)),
        "kaplan_kolmogorov": ({"g": 0.1}, {"g": [-0.1, 0, NAN, INF, "x"]}, played(bets.kaplan_kolmogorov)),
        "fixed_mean": ({"eta": 1.2}, {"eta": [1, 2.1, NAN, "x"]}, played(bets.fixed_mean)),
        "constant_mean": ({"eta": 1.2}, {"eta": [1, 2.1, NAN, "x"]}, played(bets.constant_mean)),
        "shrink_truncate": (
            {"eta0": 1.2},
            {
                "eta0": [1, 2.1, NAN],
                "d": [0, -1, NAN],
                "c": [-1, NAN],
                "f": [-1, NAN],
                "sd_floor": [0, NAN],
                "eps": [-1, NAN, 1],
            },
            played(lambda **given: bets.shrink_truncate(bets.ShrinkTruncate(**given))),
        ),
        "optimal_comparison": ({"p2": 0.01}, {"p2": [-0.1, 1, NAN]}, played(bets.optimal_comparison)),
        "agrapa": (
            {},
            {"c": [0, 1.1, NAN], "sd0": [0, -1, NAN], "d": [0, NAN], "mean0": [-1, NAN, INF]},
            played(bets.agrapa),
        ),
        "capped": (
            {"bet": bets.fixed(1.0), "max_loss": 0.5},
            {"max_loss": [0, 1.1, NAN]},
            played(bets.capped),
        ),
        "mixture": (
            {"bets": [bets.fixed(1.0)]},
            {"bets": [[]], "weights": [[0.5], [1, 0], [NAN], [-1]]},
            played(bets.mixture),
        ),
        "grid": ({"count": 3}, {"count": [0, -1, 1.5], "top": [0, 1.1, NAN]}, played(bets.grid)),
    },
    "kelly": {
        "known_distribution": (
            {"values": [0, 2], "rates": [0.4, 0.6]},
            {"values": [[-1, 2], [NAN, 1], [INF, 1]], "rates": [[1], [0.5, 0.6], [NAN, 1], [-0.5, 1.5]]},
            played(kelly.known_distribution),
        ),
        "adaptive_rates": (
            {"usual": 2.0, "errors": [kelly.Expected(0.0, 0.1, 5)]},
            {"usual": [NAN, -1], "errors": [[]]},
            played(kelly.adaptive_rates),
        ),
        "Expected": (
            {"value": 0, "rate": 0.1, "weight": 5},
            {"value": [-1, NAN, INF], "rate": [-0.1, 1.1, NAN], "weight": [0, -1, NAN], "least": [-1, NAN]},
        ),
        "distribution_mixture": (
            {"values": [0, 2], "cases": [[0.4, 0.6]]},
            {"cases": [[]], "rates": []},
            played(kelly.distribution_mixture),
        ),
        "two_point_bet": ({"a": 0.6, "p2": 0.01}, {"a": [0.5, 0, NAN, INF], "p2": [-0.1, 1.1, NAN]}),
    },
    "comparison": {
        "comparison_null": (
            {"v": "0.1", "u": 1, "unit": "0.5", "N": 10},
            {"v": [0, 2, -1, NAN, "x"], "u": [0, NAN], "unit": [0, -1, NAN], "N": [0, 1.5]},
        ),
        "comparison_number": (
            {"w": 0, "u": 1, "null": comparison.comparison_null("0.1", 1, "0.5", 10)},
            {"w": [2, -2, "0.3333", NAN], "u": [0, -1, NAN]},
        ),
        "comparison_prior": (
            {"null": comparison.comparison_null("0.1", 1, "0.5", 10), "rates": [("0.5", "0.01")]},
            {"rates": [[("0.5", 1)], [(0, "0.1")], [("0.5", -1)]], "weight": [0, 1.5]},
        ),
        "overstatement_value": ({"w": 0, "v": "0.1", "u": 1}, {"w": [2, NAN], "v": [2, NAN], "u": [0, NAN]}),
        "mean_with_errors": (
            {"v": "0.1", "u": 1, "half": 0, "whole": 0},
            {"half": [-1, 2, NAN], "whole": [-1, 2, NAN]},
        ),
    },
    "certainty": {
        "risk_limit": ({"alpha": "0.05"}, {"alpha": LIMIT}),
        "publish": ({"p": "0.5"}, {"p": [-1, NAN, "x", None]}),
        "at_most": ({"w": martingale.wealth([1], NULL, bets.fixed(1.0)), "alpha": 1}, {"alpha": LIMIT}),
    },
    "kaplan": {
        "kaplan_markov": (
            {"x": [1], "t": "0.5", "g": 0},
            {"x": [[], [-1], [NAN], ["a"]], "t": [0, -1, NAN], "g": [-1, NAN]},
        ),
        "Discrepancies": ({}, dict.fromkeys(("o1", "o2", "u1", "u2"), COUNT)),
        "super_simple": ({"n": 10, "V": "0.1"}, {"n": [0, *COUNT], "V": [0, -1, NAN, 3], "g": [1, NAN, "x"]}),
        "super_simple_size": (
            {"V": "0.1", "alpha": "0.1"},
            {"V": [0, NAN, 3], "alpha": LIMIT, "g": [1, NAN]},
        ),
        "super_simple_plan": (
            {"V": "0.1", "alpha": "0.1", "rates": (0, 0, 0, 0)},
            {"V": [0, NAN], "alpha": LIMIT, "rates": [(-1, 0, 0, 0), (NAN, 0, 0, 0), (0, 0), (0, 0, 1.5, 0)]},
        ),
        "macro_bounds": (
            {"differences": [[2]], "sizes": [5], "margins": [10]},
            {
                "differences": [[], [[1, 2]], [[0.5]], [[NAN]]],
                "sizes": [[-1], [], [0.5]],
                "margins": [[0], [], [-1], [0.5]],
            },
        ),
        "macro_taint": (
            {"reported": [5], "found": [4], "margins": [10], "bound": Fraction(1)},
            {"found": [[], [1, 2], [0.5]], "reported": [[0.5]], "margins": [[0]], "bound": [0, -1, NAN]},
        ),
        "macro": (
            {"taints": [Fraction(0)], "U": Fraction(2)},
            {"taints": [[], [2], [NAN]], "U": [1, 0, NAN]},
        ),
        "macro_size": ({"U": Fraction(2), "alpha": "0.1"}, {"U": [1, NAN], "alpha": LIMIT}),
    },
    "bravo": {
        "bravo_p": (
            {"s": "0.6", "wins": 3, "losses": 1},
            {"s": ["0.5", 2, NAN], "wins": COUNT, "losses": COUNT},
        ),
        "bravo_mean": (
            {"s": "0.6", "p_w": 0.6, "p_l": 0.4, "alpha": "0.1"},
            {"s": ["0.5", 1, NAN], "p_w": [-0.1, 1.1, NAN, 0.1], "p_l": [-0.1, NAN, 1.1], "alpha": LIMIT},
        ),
        "bravo_sizes": (
            {"s": "0.6", "alpha": "0.1"},
            {"s": ["0.5", 1, NAN], "alpha": LIMIT, "true_share": [0, 1.1, NAN], "decisive": [0, 1.1, NAN]},
        ),
    },
    "minerva": {
        "minerva": ({"s": "0.6", "alpha": "0.1"}, {"s": ["0.5", 2, NAN], "alpha": LIMIT}),
        "athena": ({"s": "0.6", "alpha": "0.1"}, {"s": ["0.5"], "alpha": LIMIT, "delta": [0, -1, NAN]}),
        "schedule": ({"rule": RULE, "sizes": [10]}, {"sizes": [[], [0], [5, 5], [5, 4], [1.5], [NAN]]}),
        "risk": ({"rule": RULE, "sizes": [10], "k": 6}, {"sizes": [[], [0]], "k": [11, *COUNT]}),
        "exact_risk": ({"rule": RULE, "sizes": [10], "k": 6}, {"sizes": [[]], "k": [11, *COUNT]}),
        "providence": (
            {"s": "0.6", "sizes": [10], "counts": [6]},
            {"s": ["0.5"], "sizes": [[], [0]], "counts": [[11], [-1], [], [1.5]]},
        ),
        "first_round_size": ({"rule": RULE, "chance": 0.5}, {"chance": CHANCE, "most": [0, 1]}),
        "chance_next": (
            {"rule": RULE, "sizes": [10], "k": 5, "n": 20},
            {"sizes": [[], [0]], "k": [11, *COUNT], "n": [10, 5, 20.5]},
        ),
    },
    "bayes": {
        "odds_risk": ({"N": 10, "wins": 3, "losses": 2}, {"N": [0, 4], "wins": COUNT, "losses": COUNT}),
        "upset_chance_risk_maximising": (
            {"N": 10, "wins": 3, "losses": 2},
            {"N": [0, -1, 2.5, 4], "wins": COUNT, "losses": COUNT},
        ),
        "upset_chance_even": (
            {"N": 10, "wins": 3, "losses": 2},
            {"N": [0, 4], "wins": COUNT, "losses": COUNT, "prior": [(0, 1), (1, 1.5), (1,)]},
        ),
        "upset_chance_many": (
            {"N": 10, "counts": (3, 2, 1)},
            {
                "N": [0, 5, 1.5],
                "counts": [(), (3,), (3, -1), (3, 1.5), (3, NAN)],
                "prior": [(1, 1), (1, 1, 0), (1, 1, 1.5)],
            },
        ),
        "least_wins": (
            {"N": 10, "n": 5, "alpha": Fraction(1, 10)},
            {"N": [0, 4], "n": [0, 11, 1.5], "alpha": LIMIT},
        ),
    },
    "fisher": {
        "fisher": ({"p_values": [0.5]}, {"p_values": [[], [-0.1], [1.1], [NAN]]}),
        "fisher_maximum": (
            {"falling": lambda x: 1 - x, "rising": lambda x: x, "low": 0.0, "high": 1.0},
            {"low": [2, NAN], "high": [-1, NAN], "gap": [-1, NAN]},
        ),
        "trinomial_p": (
            {"wins": 3, "losses": 1, "blanks": 1, "share": (0.5, 0.3), "excess": 0.0},
            {
                "wins": COUNT,
                "losses": COUNT,
                "blanks": COUNT,
                "share": [(0, 0.5), (0.7, 0.6), (NAN, 0.1)],
                "excess": [0.3, 1, -1, NAN],
            },
        ),
    },
    "strata": {
        "union_p": (
            {"strata": [STRATUM], "B": 4},
            {"strata": [[]], "B": COUNT, "gap": [-1, NAN], "x": [], "stakes": []},
        ),
        "product_stakes": ({"stake": 0.5, "n": 2}, {"stake": [NAN, -0.1, 1.1], "n": COUNT}),
        "mixed_stakes": ({"stakes": [0.5], "n": 2}, {"stakes": [[], [NAN], [2]], "n": COUNT}),
        "allocate": ({"n": 5, "weights": [1, 2]}, {"n": COUNT, "weights": [[], [0], [-1, 2], [NAN], [INF]]}),
    },
    "strata_certainty": {
        "union_between": ({"strata": [STRATUM], "B": 4}, {"strata": [[]], "B": COUNT}),
        "union_at_most_proven": (
            {"strata": [STRATUM], "B": 4, "alpha": "0.05"},
            {"strata": [[]], "B": COUNT, "alpha": [0, -1, 2, NAN, "five"]},
        ),
    },
    "strata_plan": {
        "Expected": (
            {"N": 10, "u": 2, "values": (0, 2), "rates": (0.5, 0.5), "stakes": (0.5,), "weight": 1.0},
            {
                "N": [0, 1.5],
                "u": [0, 1.5],
                "values": [(0, 3), (-1, 0), (0.5, 1)],
                "rates": [(1,), (0.5, 0.6), (NAN, 1), (-0.5, 1.5)],
                "stakes": [(), (1,), (NAN,)],
                "weight": [-1, NAN, INF],
            },
        ),
        "expected_p": (
            {"strata": [PLAN], "n": 10, "B": 900},
            {"strata": [[]], "n": COUNT, "B": [0, 2000, -1, 1.5, NAN]},
        ),
        "counted_p": (
            {"strata": [PLAN], "counts": [[5, 5]], "B": 900},
            {"strata": [[]], "counts": [[]], "B": [0, 2000, -1, 1.5, NAN]},
        ),
        "expected_size": (
            {"strata": [PLAN], "B": 1000, "alpha": 0.05},
            {"strata": [[]], "alpha": CHANCE, "B": [0, 2000], "most": [-1, 0, 1.5]},
        ),
    },
    "stopping": {
        "chance_by": ({"s": SIZES, "n": 1}, {"n": COUNT}),
        "size_for": ({"s": SIZES, "chance": 0.5}, {"chance": CHANCE}),
        "thresholds": (
            {"win": 0.1, "loss": -0.1, "goal": 3.0, "n": 5},
            {"win": [0, NAN], "loss": [0, NAN], "goal": [0, NAN, INF], "n": COUNT},
        ),
        "first_passage": (
            {"least": np.array([2, 2]), "p": 0.5},
            {"least": [np.array([2, 1]), np.array([1, 3]), np.array([], dtype=int)], "p": [0, 1.1, NAN]},
        ),
        "first_passage_plain": ({"least": np.array([2, 2]), "p": 0.5}, {"p": [0, 1.1, NAN]}),
    },
    "error_stopping": {
        "Steps": (
            {"usual": 0.1, "kinds": (-1.0,), "rates": (0.1,)},
            {"usual": [0, -1, INF, NAN], "kinds": [(NAN,)], "rates": [(), (-0.1,), (1.0,), (NAN,)]},
        ),
        "steps": (
            {"stake": 0.5, "m": 0.9, "usual": 1.0, "kinds": [0.0], "rates": [0.1]},
            {
                "stake": [0, 1.1, NAN],
                "m": [0, NAN],
                "usual": [0.9, NAN, INF],
                "kinds": [[NAN], [-1.0]],
                "rates": [[2.0], []],
            },
        ),
        "cost_of_one_more": (
            {"s": STEPS, "alpha": 0.05, "kind": 0},
            {"alpha": CHANCE, "kind": [-1, 1, 0.5], "counts": [[-1], [1.5], [1, 1]]},
        ),
        "draws_needed": ({"s": STEPS, "alpha": 0.05}, {"alpha": CHANCE, "counts": [[-1], [1.5], [1, 1]]}),
        "stopping_with_errors": ({"s": STEPS, "alpha": 0.05}, {"alpha": CHANCE, "horizon": [0, -1, 1.5]}),
        "sizes_between": (
            {"s": STEPS, "alpha": 0.05},
            {"alpha": CHANCE, "horizon": [0, -1, 1.5], "fineness": [0, 1.5]},
        ),
    },
    "finite_stopping": {
        "finite_sizes": (
            {"N": 20, "wins": 12, "eta": "0.6", "alpha": 0.1},
            {"N": [1, 1.5], "wins": [21, *COUNT], "eta": ["0.5", 1, NAN], "alpha": CHANCE, "most": [0, 1.5]},
        ),
    },
    "simulate": {
        "World": (
            {"null": NULL, "values": (0, 2), "counts": (5, 15)},
            {"values": [(0, 3), (-1, 0), (0.5, 0)], "counts": [(1,), (-1, 21), (5, 5), (0.5, 19.5), ()]},
        ),
        "simulate": (
            {
                "world": WORLD,
                "make_bet": partial(bets.kaplan_wald, 0.1),
                "alpha": 0.1,
                "trials": simulation.Trials(1, 5, 1, 2),
            },
            {
                "alpha": CHANCE,
            },
            pool,
        ),
        "Trials": (
            {"seed": 1, "horizon": 5},
            {"seed": COUNT, "horizon": [0, *COUNT], "blocks": [0, *COUNT], "size": [0, *COUNT]},
        ),
        "quantile": (
            {"sizes": np.array([1, 2]), "chance": 0.5},
            {"sizes": [np.array([], dtype=int)], "chance": [0, 1.1, NAN]},
        ),
    },
    "many": {
        "default_risks": (
            MANY,
            {
                "codes": [
                    np.full((3, 1), 7, dtype=np.uint8),
                    np.zeros((0, 1), dtype=np.uint8),
                    np.zeros((3, 2), dtype=np.uint8),
                    np.zeros((21, 1), dtype=np.uint8),
                ],
                "scales": [[0], [2]],
                "weights": [[0, 1], [1]],
                "values": [[2, 2], [-1, 2]],
            },
        ),
        "published_risks": (MANY, {"codes": [np.full((3, 1), 7, dtype=np.uint8)]}),
    },
    "bounds": {
        **{
            name: (
                {"bad": 1, "drawn": 5, "units": 10, "alpha": "0.05"},
                {"bad": [6, *COUNT], "drawn": [11, *COUNT], "units": COUNT, "alpha": LEVEL},
            )
            for name in ("most_bad", "fewest_bad", "bad_between")
        },
        "sample_to_show": (
            {"at_most": 2, "units": 10, "alpha": "0.05"},
            {"at_most": [11, *COUNT], "units": COUNT, "alpha": LEVEL, "bad": [3, *COUNT]},
        ),
        **{
            name: (
                {"bad": 1, "drawn": 5, "alpha": "0.05"},
                {"bad": [6, *COUNT], "drawn": COUNT, "alpha": LEVEL, "digits": [0, -1, 1.5]},
            )
            for name in ("highest_share", "lowest_share", "share_between")
        },
        "highest_count": (
            {"events": 1, "alpha": "0.05"},
            {"events": COUNT, "alpha": ["0", *LEVEL], "digits": [0, -1, 1.5]},
        ),
        "level": ({"alpha": "0.05"}, {"alpha": LEVEL}),
    },
    "clusters": {
        "most_bad_in_whole_boxes": (
            {"drawn": DRAWN, "others": [10], "alpha": "0.05"},
            {
                "drawn": [[], [Read(10, 5, 0)], [Read(10, 11, 0)], [Read(10, 10, -1)], [Read(10, 9.5, 0)]],
                "others": [[0], [-1], [1.5]],
                "alpha": LEVEL,
            },
        ),
        "most_bad_in_sampled_boxes": (
            {"drawn": DRAWN, "others": [10], "alpha": "0.05"},
            {"drawn": [[], [Read(10, 0, 0)]], "others": [[0]], "alpha": LEVEL},
        ),
        "most_bad_by_shares": (
            {"drawn": DRAWN, "units": 100, "alpha": "0.05"},
            {"drawn": [[], [Read(10, 0, 0)]], "units": [0, 5, *COUNT], "alpha": LEVEL},
        ),
        "simple_claim": (
            {"valid": 5, "drawn": DRAWN, "units": 100, "alpha": "0.05"},
            {"valid": COUNT, "drawn": [[]], "units": [5, *COUNT], "alpha": LEVEL},
        ),
        "equal_boxes": (
            {"units": 100, "read": 20, "size": 10, "bad_boxes": {1: 1}},
            {
                "units": COUNT,
                "read": [0, 101, *COUNT],
                "size": [0, *COUNT],
                "bad_boxes": [{11: 1}, {1: -1}, {1: 3}, {-1: 1}],
            },
        ),
    },
    "confidence": {
        **{
            name: (
                {"x": [0, 1], "N": 5, "alpha": "0.05", "top": 1},
                {
                    "x": [[2], [-1], [0.5], [NAN]],
                    "N": [1, 0, 1.5, -1],
                    "alpha": LEVEL,
                    "top": [0, 1.5],
                    "parts": [0, 1.5],
                },
            )
            for name in ("mean_lower", "mean_upper", "mean_between")
        },
        "mean_lower_by_scan": (
            {"x": [0, 1], "N": 5, "alpha": "0.05", "top": 1, "p_value": lambda *_: 1.0},
            {"x": [[2], [NAN]], "N": [1, 0], "alpha": LEVEL, "top": [0]},
        ),
        "confidence_sequence": (
            {"x": [0, 1], "N": 5, "alpha": "0.05", "top": 1, "looks": [1, 2]},
            {"x": [[2, 0]], "N": [1], "alpha": LEVEL, "top": [0], "looks": [[3], [2, 1], [-1], [1.5]]},
        ),
    },
    "confidence_engine": {
        **{
            name: (
                {"x": [0, 1], "N": 5, "alpha": "0.05", "top": 1, "guess": GUESS},
                {
                    "x": [[2], [-1], [0.5], [NAN]],
                    "N": [1, 0, 1.5],
                    "alpha": LEVEL,
                    "top": [0, 1.5],
                    "parts": [0, 1.5],
                    "guess": [
                        Guess(GUESS.prior, Fraction(1)),
                        Guess(GUESS.prior, Fraction(-1)),
                        Guess(default_bet.Prior((2, 0), (1, 1)), Fraction(1, 2)),
                    ],
                },
            )
            for name in ("lower_by_engine", "upper_by_engine")
        },
        "between_by_engine": (
            {"x": [0, 1], "N": 5, "alpha": "0.05", "top": 1, "guesses": (GUESS, GUESS)},
            {"x": [[2]], "N": [1], "alpha": LEVEL, "top": [0]},
        ),
    },
    "survey": {
        "rake": (
            {"answers": {"a": ["x", "y"]}, "targets": {"a": {"x": 0.5, "y": 0.5}}},
            {
                "answers": [{"a": ["x", "x"]}, {"a": []}, {}],
                "targets": [{"a": {"x": 1.0}}, {"a": {"x": 0.5, "y": 0.6}}, {"a": {"x": NAN, "y": 1}}, {}],
                "base": [[1], [NAN, 1], [-1, 2], [0, 0]],
            },
        ),
        **{
            name: ({"weights": [1, 2]}, {"weights": [[], [0, 0], [-1, 2], [NAN, 1], [INF, 1], ["a"]]})
            for name in ("design_effect", "effective_size")
        },
        "shares": ({"answers": ["a", "b"], "weights": [1, 2]}, {"answers": [["a"]], "weights": [[NAN, 1]]}),
        "topline": (
            {"answers": ["a", "b"], "weights": [1, 2]},
            {"answers": [["a"]], "weights": [[NAN, 1]], "confidence": CHANCE},
        ),
        "crosstab": (
            {"answers": ["a", "b"], "groups": [1, 2], "weights": [1, 2]},
            {"groups": [[1]], "weights": [[NAN, 1]], "confidence": CHANCE},
        ),
        "interval": (
            {"share": 0.5, "effective": 10.0},
            {"share": [-0.1, 1.1, NAN], "effective": [0, -1, NAN], "confidence": CHANCE},
        ),
        "margin_of_error": (
            {"effective": 10.0},
            {"effective": [0, NAN], "confidence": CHANCE, "share": [-0.1, 1.1, NAN]},
        ),
        "size_for_margin": (
            {"margin": 0.03},
            {"margin": CHANCE, "effect": [0.5, NAN, INF], "confidence": CHANCE},
        ),
        "rolling_average": (
            {"polls": [POLL], "days": 3},
            {
                "polls": [
                    [survey.Poll(1, 2.0, 9)],
                    [survey.Poll(1, 0.5, 0)],
                    [survey.Poll(1, 0.5, 9, 0.5)],
                    [survey.Poll(1, NAN, 9)],
                ],
                "days": [0, -1, 1.5],
            },
        ),
        "average": (
            {"day": 1, "polls": [POLL]},
            {"polls": [[survey.Poll(1, 2.0, 9)], [survey.Poll(1, 0.5, NAN)]], "confidence": CHANCE},
        ),
        "change": (
            {"earlier": 0.5, "earlier_effective": 10, "later": 0.6, "later_effective": 10},
            {
                "earlier": [2, NAN],
                "later": [2, NAN],
                "earlier_effective": [0],
                "later_effective": [0],
                "confidence": CHANCE,
            },
        ),
        "changes_by_size": (
            {"earlier": 0.5, "later": 0.6, "sizes": [10]},
            {"earlier": [2], "later": [2], "sizes": [[0]], "confidence": CHANCE},
        ),
        "size_for_clear_change": (
            {"earlier": 0.5, "later": 0.6},
            {"earlier": [2, NAN, 0.6], "later": [2, NAN, 0.5], "confidence": CHANCE},
        ),
        "z": ({"confidence": 0.95}, {"confidence": CHANCE}),
    },
    "draws": {
        "ticket": ({"seed": SEED_OK, "item": "a"}, {"seed": SEED, "item": ["", "\x01", "a\n", 3, None]}),
        "draw_without_replacement": (
            {"seed": SEED_OK, "items": ["a", "b"], "n": 1},
            {"seed": SEED, "items": [["a", "a"], [""], [3], [None]], "n": [3, *COUNT]},
        ),
        "ticket_order": (
            {"seed": SEED_OK, "items": ["a", "b"]},
            {"seed": SEED, "items": [["a", "a"], [""], [3]]},
        ),
        "draw_consistently": (
            {"seed": SEED_OK, "groups": {"g": ["a"]}, "sizes": {"g": 1}},
            {
                "seed": SEED,
                "groups": [{"g": ["a", "a"]}, {"g": [""]}],
                "sizes": [{}, {"g": 2}, {"g": -1}, {"g": 1.5}],
            },
        ),
        "draw_with_replacement": (
            {"seed": SEED_OK, "stream": "s", "items": ["a"], "n": 1},
            {"seed": SEED, "stream": ["", "a\nb"], "items": [["a", "a"], []], "n": COUNT},
        ),
        "draw_by_weight": (
            {"seed": SEED_OK, "stream": "s", "weights": {"a": 1}, "n": 1},
            {
                "seed": SEED,
                "stream": ["", 3],
                "weights": [{"a": -1}, {"a": 0}, {}, {"a": 0.5}, {"": 1}],
                "n": COUNT,
            },
        ),
        "integers_below": (
            {"seed": SEED_OK, "stream": "s", "total": 3},
            {"seed": SEED, "stream": [""], "total": [0, 2**256, *COUNT]},
        ),
        "join_parts": None,
    },
    "arlo_draws": {
        "draw_by_ticket": (
            {"seed": "s", "keys": ["a"], "n": 1},
            {"seed": [5, None], "keys": [[1.5], [[]]], "n": COUNT, "already": COUNT, "digits": [-1, 1.5]},
        ),
        "draw_by_ticket_without_replacement": (
            {"seed": "s", "keys": ["a"], "n": 1},
            {"seed": [5], "keys": [[1.5]], "n": COUNT, "digits": [-1]},
        ),
        "draw_by_bound": (
            {"seed": "s", "bounds": {"a": Decimal(1), "b": Decimal(2)}, "n": 1},
            {
                "seed": [5],
                "bounds": [{"a": Decimal(-1)}, {"a": Decimal("NaN")}, {"a": 0.5}],
                "n": COUNT,
                "already": COUNT,
                "digits": [-1],
            },
        ),
    },
    "colorado_draws": {
        "draw_positions": (
            {"seed": "s", "population": 10, "n": 2},
            {"seed": [5, None], "population": [0, *COUNT], "n": COUNT},
        ),
    },
    "pcg64": {
        "uniforms": ({"seed": 3}, {"seed": COUNT}, lambda **given: next(module("pcg64").uniforms(**given)))
    },
}

INNER = {
    "martingale": {"running_p", "edges", "error_bound"},
    "lattice": {"before"},
    "default_bet": {
        "default_stakes",
        "refresh_points",
        "best_stakes",
        "best_stakes_of",
        "best_stake",
        "helps",
    },
    "bets": {"running_sd"},
    "kelly": {"kelly_stake"},
    "certainty": {"published", "exact_p", "exact_wealth", "p_between"},
    "minerva": {"likelihood_ratio"},
    "stopping": {"mean_size", "mean_between"},
    "finite_stopping": {"finite_thresholds", "passage_without_replacement"},
    "strata": {
        "curve_of",
        "curve_error",
        "minimise",
        "exact_share_p",
        "exact_stakes",
        "published_union",
        "union_at_most",
    },
    "bounds": {
        "samples_up_to",
        "samples_between",
        "binomial_up_to",
        "is_ruled_out_by_poisson",
        "largest",
        "check_sample",
    },
    "clusters": {"most_by_product", "last_p_value", "check_reads"},
    "confidence": {"kaplan_wald", "log_wealth", "p_from_log", "log_or_ruin", "log_sum", "check_numbers"},
    "survey": {"student", "student_within", "between_polls", "fitting", "largest_gap", "check_weights"},
    "draws": {
        "check_seed",
        "check_item",
        "check_stream",
        "digests",
        "ticket_prefix",
        "unbroken_prefix",
        "distinct",
        "all_plainly_good",
        "has_repeat",
        "check_size",
        "check_count",
        "is_control",
        "fits",
        "sha256_integer",
    },
    "arlo_draws": {
        "weighted_indices",
        "first_ticket",
        "next_ticket",
        "trim",
        "key_text",
        "is_plain",
        "fraction_digits",
        "hexadecimal",
        "leading_nines",
        "sort_key",
    },
    "colorado_draws": {"position"},
    "pcg64": {"words", "step", "rotate_right", "seed_words", "seed_pool", "stir"},
}
"""Steps of the public functions: their arguments were checked by the caller, or come from the room itself."""

# Arguments whose error names the part that is wrong, or the other half of a pair that does not fit.
NAMED_BY_THE_PART = {
    ("t", "u"), ("values", "weights"), ("usual", "values"), ("cases", "bets"), ("differences", "sizes"),
    ("N", "wins, losses"), ("N", "n"), ("high", "low"), ("stake", "stakes"), ("strata", "weights"),
    ("guess", "against"), ("guess", "priors"), ("targets", "answers"), ("polls", "share"), ("polls", "poll"),
    ("earlier", "share"), ("later", "share"), ("earlier_effective", "effective"),
    ("later_effective", "effective"), ("sizes", "effective"), ("earlier", "later"), ("items", "item"),
    ("groups", "items"), ("groups", "item"), ("stream", "item"), ("items", "total"), ("weights", "total"),
    ("weights", "item"), ("keys", "key"),
}  # fmt: skip

WHOLE_MODULES_INNER = {"__init__", "errors", "binomial", "fast", "log_lattice"}


def module(name):
    return importlib.import_module(f"tallybook.stats.{name}")


def call(name, function, row, given):
    make = row[2] if len(row) > 2 else getattr(module(name), function)
    return make(**given)


ROWS = [(m, f, row) for m, table in TABLE.items() for f, row in table.items() if row]


def complaint(name, function, row, argument, bad):
    """What is wrong with the answer to one wrong argument, or None."""
    try:
        call(name, function, row, {**row[0], argument: bad})
    except NumberError as problem:
        named = problem.argument.split("[")[0]
        if argument not in named.split(", ") and (argument, named) not in NAMED_BY_THE_PART:
            return f"{argument} = {bad!r}: blamed on {named}"
        if not problem.allowed or not str(problem).startswith(f"{problem.argument}: found "):
            return f"{argument} = {bad!r}: {problem}"
        if problem.found is None and "None" not in repr(bad):
            return f"{argument} = {bad!r}: what was found is not shown"
        return None
    except Exception as problem:
        return f"{argument} = {bad!r}: {type(problem).__name__}: {problem}"
    return f"{argument} = {bad!r}: accepted"


@pytest.mark.parametrize(("name", "function", "row"), ROWS, ids=[f"{m}.{f}" for m, f, _ in ROWS])
def test_right_arguments_are_accepted(name, function, row):
    if function != "optimal_comparison":  # needs a bound above 1 in other units; see test_comparison
        call(name, function, row, row[0])


@pytest.mark.parametrize(("name", "function", "row"), ROWS, ids=[f"{m}.{f}" for m, f, _ in ROWS])
def test_every_wrong_argument_is_named(name, function, row):
    cases = [(argument, bad) for argument, wrong in row[1].items() for bad in wrong]
    assert [c for argument, bad in cases if (c := complaint(name, function, row, argument, bad))] == []


def test_no_public_function_is_left_out():
    for file in sorted((ROOT / "src" / "tallybook" / "stats").glob("*.py")):
        if file.stem in WHOLE_MODULES_INNER:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        public = {n.name for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")}
        known = set(TABLE.get(file.stem, {})) | INNER.get(file.stem, set())
        assert public <= known, (file.stem, public - known)


def test_discrepancies_cannot_outnumber_the_draws():
    with pytest.raises(NumberError, match="n: found 1"):
        module("kaplan").super_simple(1, "0.1", Discrepancies(o1=2))
