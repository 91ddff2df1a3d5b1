"""Random elections with random losses injected: each loss above the stated floor is found, none invented.

The stated floor is one card, at the finest place in which two stages meet; where nothing but voters and votes
is known, it is RESIDUAL_FLOOR of the voters, since some voters leave a contest blank.
Losses that another gain hides in
the same place and step are not counted as seen, and the test says so by adding up before it compares.
"""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallybook.canvass import STAGES, Account, Place, reconcile

pytestmark = pytest.mark.slow

Batches = list[tuple[Place, int]]
CARD_STAGES = STAGES[2:]


@st.composite
def elections(draw: st.DrawFn) -> Batches:
    """Batches of some counties and modes; a batch holds 1 to 3,000 cards."""
    batches: Batches = []
    for county in range(draw(st.integers(1, 3))):
        for mode in draw(st.lists(st.sampled_from(["advance", "mail", "polls"]), min_size=1, unique=True)):
            for batch in range(draw(st.integers(1, 4))):
                place = Place(county=f"c{county}", mode=mode, batch=f"b{batch}")
                batches.append((place, draw(st.integers(1, 3000))))
    return batches


def accounts(batches: Batches, changed: Counter[tuple[int, str]]) -> list[Account]:
    """Voters and ballots by mode, cards by batch; `changed` cards from that stage on."""
    voters: Counter[Place] = Counter()
    rows = []
    for k, (place, cards) in enumerate(batches):
        voters[Place(county=place.county, mode=place.mode)] += cards
        counts = {}
        for stage in CARD_STAGES:
            cards += changed[k, stage]
            counts[stage] = cards
        rows.append(Account(place, counts))
    return [Account(p, {"voters_credited": n, "ballots_cast": n}) for p, n in voters.items()] + rows


@settings(max_examples=150, deadline=None)
@given(elections())
def test_an_election_without_losses_has_no_findings(batches: Batches) -> None:
    assert reconcile(accounts(batches, Counter())).findings == ()


@settings(max_examples=150, deadline=None)
@given(elections(), st.data())
def test_every_loss_and_gain_is_found_to_the_card_and_no_other(batches: Batches, data: st.DataObject) -> None:
    changed: Counter[tuple[int, str]] = Counter()
    for _ in range(data.draw(st.integers(1, 5))):
        k, stage = data.draw(st.integers(0, len(batches) - 1)), data.draw(st.sampled_from(CARD_STAGES))
        left = batches[k][1] + sum(changed[k, s] for s in CARD_STAGES if changed[k, s] < 0)
        changed[k, stage] += data.draw(st.integers(-left, 3000))
    due: Counter[tuple[str, str]] = Counter()
    for (k, stage), cards in changed.items():
        place = batches[k][0]
        seen_at = Place(county=place.county, mode=place.mode) if stage == "cards_manifest" else place
        due[str(seen_at), stage] += cards
    found = {(one.place, one.step.split()[-1]): one.found - one.expected
             for one in reconcile(accounts(batches, changed)).findings}  # fmt: skip
    assert found == {where: cards for where, cards in due.items() if cards}


@settings(max_examples=100, deadline=None)
@given(elections(), st.data())
def test_every_batch_that_is_left_out_of_a_stage_is_found(batches: Batches, data: st.DataObject) -> None:
    """The card that was never uploaded: its row says nothing about the last stage, the others do."""
    k = data.draw(st.integers(0, len(batches) - 1))
    rows = accounts(batches, Counter())
    place, cards = batches[k]
    others = [p for p, _ in batches if p.county == place.county and p != place]
    cut = [
        Account(
            one.place, {s: n for s, n in one.counts.items() if one.place != place or s != "cards_tabulated"}
        )
        for one in rows
    ]
    found = reconcile(cut).findings
    if others:
        (one,) = found
        assert (one.kind, one.place, one.cards) == ("unaccounted", str(place), cards)
    else:
        assert found == ()
        assert f"{place.county}: cards tabulated not stated." in reconcile(cut).not_stated


@settings(max_examples=200, deadline=None)
@given(st.integers(50, 200_000), st.integers(0, 200_000), st.integers(0, 200_000))
def test_from_votes_alone_a_loss_is_found_above_the_floor_and_none_is_invented(
    voters: int, blank: int, lost: int
) -> None:
    """Up to 2 in 100 voters leave the contest blank; what is missing beyond that is a finding, whole."""
    blank = blank % (voters * 2 // 100 + 1)
    lost = lost % (voters - blank + 1)
    one = Account(Place("Lee"), {"voters_credited": voters, "votes": voters - blank - lost})
    found = reconcile([one]).findings
    if 50 * (blank + lost) > voters:
        assert [(f.kind, f.cards) for f in found] == [("votes_short", blank + lost)]
    else:
        assert found == ()
