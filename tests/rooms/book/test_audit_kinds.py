"""Audits by plan of ranked contests and of batches; wrong outcomes of every kind through the whole book."""

import random
from collections.abc import Callable, Mapping
from copy import copy
from math import comb
from typing import Any

import msgspec
import pytest

from tallybook.audit.assertions import plain
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks
from tallybook.book.audit_basis import ballot, ranked_rules
from tests.rooms.book.audits import (
    ASH_AHEAD,
    ASH_WINS,
    MAYOR,
    Desk,
    cards_of,
    compared,
    encode,
    fingerprint,
    manifest_of,
    pattern,
    plan_of,
    polled,
    published,
)
from tests.rooms.book.books import COUNTY, contest

CHOICES = ("ash", "birch", "cedar", "dogwood")
COUNCIL = contest("council", *CHOICES, of="ranked")
RANKED = {
    "council": cards_of(
        (96, [["ash"], ["birch"]]),
        (62, [["birch"], ["ash"]]),
        (60, [["cedar"], [], ["ash"]]),
        (44, [["dogwood"], ["cedar"]]),
        (38, []),
    )
}


def ranked_claims(at: Desk, cards: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The assertions that the search finds for ash."""
    laws = at.book.standing.law
    assert laws is not None
    rule = next(one for one in laws.rules if one.values.get("method") == "ranked_choice")
    patterns = [pattern(one) for one in cards.values()]
    reading = ranks(ballot(at.book.standing.contests["council"]), patterns, ranked_rules(rule))
    found: Any = raire(reading, [1] * len(patterns), ("ash",), "council")
    return [msgspec.json.decode(msgspec.json.encode(plain(one))) for one in found[0].assertions]


def ranked(claims: list[dict[str, Any]] | None = None) -> tuple[Desk, dict[str, Any], list[Any]]:
    """The council by comparison: a desk, its plan and its exhibits."""
    at = Desk(RANKED, COUNCIL)
    told = published("council", CHOICES, RANKED["council"])
    files = [at.file("manifest.json", encode(manifest_of(RANKED))), *at.filed(told)]
    row = {"evidence": "comparison", "outcome": ASH_WINS, "reported": fingerprint(told["contest.json"])}
    rows = claims if claims is not None else ranked_claims(at, RANKED["council"])
    return at, plan_of(RANKED, {"council": row}, {"council": rows}, {"council": 50}), files


def test_a_ranked_contest_is_audited_by_assertions_that_leave_no_other_order():
    """First preferences 96, 62, 60, 44. Ash has 96 - 62 = 34 more than can count for birch, 96 - 44 = 52 more
    than for dogwood; alone with cedar 96 + 62 (from birch) - 60 - 44 (from dogwood) = 54 more."""
    at, plan, files = ranked()
    result = at.commit(plan, files).result["contests"]["council"]
    assert sorted(result["margins"]) == [34, 52, 54]
    at.seed()
    found = at.round()["council"]
    assert found["step"] == "stop" and len(found["risks"]) == 3
    assert at.stop("council")["outcome"] == ASH_WINS


@pytest.mark.parametrize("gone", range(3))
def test_every_ranked_assertion_is_needed(gone):
    at, plan, files = ranked()
    plan["assertions"]["council"].pop(gone)
    assert "another order of elimination is left open" in at.unfit(plan, files)


@pytest.mark.parametrize(
    "claims",
    [
        [ASH_AHEAD],
        [{"kind": "neb", "loser": "birch", "winner": "ash"}] * 2,
        [{"kind": "nen", "loser": "cedar", "standing": ["cedar", "ash"], "winner": "ash"}],
    ],
)
def test_a_ranked_plan_has_ranked_assertions_each_once_in_ballot_order(claims):
    at, plan, files = ranked(claims)
    assert "a ranked outcome is one winner, shown by `neb` and `nen`" in at.unfit(plan, files)


def test_a_ranked_contest_is_not_certified_from_totals():
    at, plan, files = ranked()
    at.commit(plan, files), at.seed(), at.round(), at.stop("council")
    votes = at.book.votes("council", (96, 62, 60, 44))
    at.book.ask("certify_county_returns", COUNTY, contest="council", place="appling", returns=votes)
    found = at.book.problems("certify_state_results", "secretary_of_state", contest="council")
    assert "counted in rounds" in str(found[0])


def batched(
    reported: Callable[[str, dict[str, int]], dict[str, int]] = lambda _, votes: votes,
    groups: tuple[tuple[int, Any], ...] = ((420, ["ash"]), (260, ["birch"]), (20, [])),
    size: int = 20,
) -> Desk:
    """The mayor by batches of twenty. reported: batch and its true votes -> what was reported of it."""
    cards, votes = cards_of(*groups, size=20), dict[str, dict[str, int]]()
    for item, reading in cards.items():
        of = votes.setdefault(item.rpartition("/")[0], {"ash": 0, "birch": 0})
        for one in reading:
            of[one] += 1
    at = Desk({"mayor": votes}, MAYOR)
    told = [{"id": batch, "votes": reported(batch, dict(of))} for batch, of in votes.items()]
    totals = encode({"batches": told, "contest": "mayor", "format": "tallybook/batch-totals/v1"})
    files = [at.file("manifest.json", encode(manifest_of({"mayor": cards}))), at.file("totals.json", totals)]
    row = {"evidence": "batches", "outcome": ASH_WINS, "reported": fingerprint(totals)}
    claims = {"mayor": [ASH_AHEAD]}
    plan = plan_of({"mayor": cards}, {"mayor": row}, claims, {"batches": size}, draw="batches")
    at.commit(plan, files)
    at.seed()
    return at


def test_batches_are_drawn_again_and_again_and_counted_once():
    at = batched()
    drawn = at.draw().result
    assert len(drawn["sample"]) == 20 and drawn["count"] == len(set(drawn["sample"])) == len(at.run.items)
    at.read(), at.sign()
    result = at.measure()["mayor"]
    assert result["cards"] == 20 and result["step"] == "stop"
    assert at.stop("mayor")["by"] == "risk"


def test_a_batch_that_was_reported_otherwise_is_a_discrepancy_and_raises_the_risk():
    def swapped(_: str, votes: dict[str, int]) -> dict[str, int]:
        more = min(2, votes["birch"])
        return {"ash": votes["ash"] + more, "birch": votes["birch"] - more}

    clean, off = batched().round()["mayor"], batched(swapped)
    result = off.round()["mayor"]
    assert float(result["risk"]) > float(clean["risk"])
    assert any(state.differs == {"mayor"} for state in off.run.items.values())


def test_more_votes_than_a_batch_has_ballots_are_told_before_the_draw():
    with pytest.raises(AssertionError, match="more votes than the 20 ballots of batch B01"):
        batched(lambda _, votes: {"ash": votes["ash"] + 10, "birch": votes["birch"]})


def test_a_second_round_of_batches_goes_on_with_the_same_draws():
    at = batched(size=6)
    first = at.draw().result["sample"]
    at.read(), at.sign()
    more = at.measure()["mayor"]["more"]
    second = at.draw(batches=6 + more).result["sample"]
    whole = batched(size=6 + more).draw().result["sample"]
    assert [*first, *second] == whole
    at.read(), at.sign()
    assert at.measure()["mayor"]["step"] == "stop"


# Wrong outcomes -----------------------------------------------------------------------------------

TRIALS = 60


def wrong_by_comparison() -> Desk:
    """Reported 36 to 24; on paper 30 to 30: six records say ash where the card says birch."""
    cards = cards_of((30, ["ash"]), (30, ["birch"]))
    flipped = [item for item, reading in cards.items() if reading == ["birch"]][:6]
    return compared({"mayor": cards}, records={**cards, **{item: ["ash"] for item in flipped}}, size=20)


def wrong_by_polling() -> Desk:
    """Reported 36 to 24; on paper 30 to 30."""
    at = polled({"mayor": cards_of((36, ["ash"]), (24, ["birch"]))}, size=20)
    at.paper = {"mayor": cards_of((30, ["ash"]), (30, ["birch"]))}
    return at


def wrong_by_missing_cards() -> Desk:
    """Reported 36 to 24 with records of all; twelve cards for ash cannot be found."""
    cards = cards_of((36, ["ash"]), (24, ["birch"]))
    gone = [item for item, reading in cards.items() if reading == ["ash"]][:12]
    at = compared({"mayor": cards}, size=20)
    at.paper = {"mayor": {**cards, **dict.fromkeys(gone, "not_found")}}
    return at


def wrong_by_batches() -> Desk:
    """Reported 40 ahead of 640 cards; counted by hand it is a tie: every batch is off by a vote or two."""
    off = iter([2, 1, 1, 1] * 8)

    def told(_: str, votes: dict[str, int]) -> dict[str, int]:
        more = next(off)
        return {"ash": votes["ash"] + more, "birch": votes["birch"] - more}

    return batched(told, ((310, ["ash"]), (310, ["birch"]), (20, [])), size=30)


WRONG = {
    "comparison": wrong_by_comparison,
    "polling": wrong_by_polling,
    "missing cards": wrong_by_missing_cards,
    "batches": wrong_by_batches,
}


def again(at: Desk, digits: str) -> Desk:
    """The same audit with another seed: its last entry, the seed, is rolled anew."""
    other = copy(at)
    other.book = copy(at.book)
    run = at.run
    other.book.entries = list(at.book.entries)
    changed = msgspec.structs.replace(run, seed=digits)
    runs = at.book.standing.runs.set(run.seq, changed)
    other.book.standing = msgspec.structs.replace(at.book.standing, runs=runs)
    return other


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_outcome_stops_short_at_most_as_often_as_the_risk_limit_says(kind):
    """Of sixty seeded audits at a limit of 1/10, so many stop that chance at the limit explains it."""
    dice = random.Random(20201103)
    at, stopped = WRONG[kind](), 0
    for _ in range(TRIALS):
        trial = again(at, "".join(dice.choices("0123456789", k=20)))
        found = trial.round()["mayor"]
        if found["step"] != "stop":
            larger = {"batches": 60} if kind == "batches" else {"mayor": 45}
            found = trial.round(**larger)["mayor"]
        stopped += found["step"] == "stop"
    surprise = sum(comb(TRIALS, k) * 0.1**k * 0.9 ** (TRIALS - k) for k in range(stopped, TRIALS + 1))
    assert surprise >= 0.001, f"{stopped} of {TRIALS} stopped short"
