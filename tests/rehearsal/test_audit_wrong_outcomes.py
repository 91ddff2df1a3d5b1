"""Wrong outcomes of every kind are caught as often as promised: a rehearsal that goes on where it stopped.

TALLYBOOK_REHEARSAL_MINUTES says how long it may take (30 unless said); ``.rehearsal`` holds what was done.
"""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from tallybook.doors.workbench import METHODS
from tests.rehearsal.audit_wrong_outcomes import Done, keep, kept, resume, said, worlds

STATE = Path(__file__).resolve().parents[2] / ".rehearsal" / "audit_wrong_outcomes.json"
BY_METHOD = {
    "polling": "polling, exact tie",
    "card_comparison": "comparison, votes swapped",
    "batch_comparison": "batches, one bad batch",
    "ONEAudit": "pools, one pool wrong",
    "strata": "two strata, error in the polled one",
    "AWAIRE": "AWAIRE, the last two exactly tied",
    "BRAVO": "BRAVO, exact tie",
    "Minerva": "Minerva, exact tie, three rounds",
    "Athena": "Athena, exact tie, three rounds",
    "Providence": "Providence, exact tie, two rounds",
    "super-simple": "super-simple, votes swapped",
    "Colorado": "super-simple, votes swapped",
    "MACRO": "MACRO, few batches badly wrong",
    "SUITE": "SUITE, error in the polled stratum",
}
"""Colorado's tool computes super-simple."""
BY_RULE = {
    "plurality with several seats": "two seats, the last exactly tied",
    "a super-majority": "two thirds claimed by comparison",
    "a majority": "a majority claimed that is exactly half",
    "a runoff": "a runoff claimed where one has half",
    "approval": "approval, exact tie",
    "scoring": "scores, exact tie",
    "STAR": "STAR, the finalists equally preferred",
    "Borda": "Borda, exact tie",
    "cumulative voting": "cumulative votes, exact tie",
    "D'Hondt": "D'Hondt, the last seat exactly tied",
    "another divisor": "Sainte-Lague, the last seat exactly tied",
    "largest remainders": "largest remainders, the last seat exactly tied",
    "a threshold": "a threshold claimed that is exactly missed",
    "ranked choice": "RAIRE, the last two exactly tied",
    "ranked choice without records": "AWAIRE, the last two exactly tied",
    "transferable votes": "a quota of transferable votes exactly missed",
}
BY_EVIDENCE = {
    "cards not found, compared": "comparison, cards not found",
    "cards not found, polled": "polled cards that nobody finds",
    "cards that lack the contest": "comparison, cards that lack the contest",
    "card-style sampling, opportunistic contests": "a contest that came along, exactly tied",
    "card-style sampling of cards": "cards drawn by style, records wrong about who has the contest",
    "card-style sampling of batches": "batches by card style, the error in one of few cards",
    "undeclared write-ins": "a majority but for write-ins that nobody declared",
    "ballots of several cards": "ballots of two cards, the second without the contest",
    "pending batches": "pending ballots all for the other, by batch",
    "pending cards": "pending ballots all for the other, polled",
    "combined batches": "batches counted together, the error among them",
    "hybrid": "two strata, error in the polled one",
    "three kinds at once": "three strata, error in the batches",
    "strata of a ranked contest": "RAIRE in three strata, tied in the polled one",
    "pools of a ranked contest": "RAIRE over pools, one of them wrong",
    "polled ranks": "RAIRE polled, the last two exactly tied",
}
TRIALS, SEED = 1_000_000, 20_201_103


@pytest.mark.rehearsal
def test_no_method_stops_short_of_a_wrong_outcome_more_often_than_the_limit():
    STATE.parent.mkdir(exist_ok=True)
    minutes = float(os.environ.get("TALLYBOOK_REHEARSAL_MINUTES", "30"))
    results = resume(STATE, TRIALS, SEED, minutes)
    print("", *map(said, results), sep="\n")
    assert results
    for one in results:
        assert one.least <= Fraction(1, 10), one


def test_every_method_rule_and_kind_of_evidence_has_a_world():
    assert set(BY_METHOD) == set(METHODS)
    named = {*BY_METHOD.values(), *BY_RULE.values(), *BY_EVIDENCE.values()}
    assert named <= worlds().keys()


def test_a_rehearsal_goes_on_with_its_own_seed_alone(tmp_path):
    keep(tmp_path / "state.json", 1, 0.1, {"a": Done(1_000, 3)})
    assert kept(tmp_path / "state.json", 1, 0.1) == {"a": Done(1_000, 3)}
    assert kept(tmp_path / "state.json", 2, 0.1) == {}
    assert kept(tmp_path / "nothing.json", 1, 0.1) == {}
