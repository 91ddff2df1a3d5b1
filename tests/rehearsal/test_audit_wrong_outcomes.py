"""Wrong outcomes of every kind are caught as often as promised: a rehearsal that goes on where it stopped.

TALLYBOOK_REHEARSAL_MINUTES says how long it may take (30 unless said); ``.rehearsal`` holds what was done.
"""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from tests.rehearsal.audit_wrong_outcomes import Done, keep, kept, resume, said

STATE = Path(__file__).resolve().parents[2] / ".rehearsal" / "audit_wrong_outcomes.json"
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


def test_a_rehearsal_goes_on_with_its_own_seed_alone(tmp_path):
    keep(tmp_path / "state.json", 1, 0.1, {"a": Done(1_000, 3)})
    assert kept(tmp_path / "state.json", 1, 0.1) == {"a": Done(1_000, 3)}
    assert kept(tmp_path / "state.json", 2, 0.1) == {}
    assert kept(tmp_path / "nothing.json", 1, 0.1) == {}
