"""The full hand tally: each batch once, two keyings, alarms, and what the law makes of it."""

import pytest

from tallybook.audit.alarms import alarms, counted_in
from tallybook.audit.hand_tally import (
    Sheet,
    counted_outcome,
    hand_tally,
    lines_of,
    tallies_by_place,
    tally_of,
)
from tallybook.election import Batch, Choice, Contest, Manifest, Tally
from tallybook.outcomes import plurality

MAYOR = Contest("mayor", "Mayor", "city", (Choice("ann", "Ann"), Choice("bob", "Bob")))
SHERIFF = Contest("sheriff", "Sheriff", "county", (Choice("cy", "Cy"), Choice("di", "Di")))
MANIFEST = Manifest((Batch("Lee", "1", 10), Batch("Lee", "2", 10), Batch("Ray", "1", 5)))


def sheet(place, batch, ann, bob, **others):
    return Sheet(place, batch, {"mayor": {"ann": ann, "bob": bob, **others}})


ALL = [sheet("Lee", "1", 6, 4), sheet("Lee", "2", 5, 4, blank=1), sheet("Ray", "1", 2, 3)]


def test_every_batch_counts_once_and_the_tally_says_when_it_is_complete():
    held, problems = hand_tally(MANIFEST, [MAYOR], ALL)
    assert problems == ()
    assert held.is_complete
    assert tally_of(held, "mayor").votes == (("ann", 13), ("bob", 11))
    assert tallies_by_place(held, "mayor")["Ray"].votes == (("ann", 2), ("bob", 3))
    assert lines_of(held, "mayor")["blank"] == 1


def test_two_sheets_for_one_batch_count_neither():
    held, problems = hand_tally(MANIFEST, [MAYOR], [*ALL, sheet("Lee", "1", 6, 4)])
    assert held.missing == (("Lee", "1"),)
    assert "neither was counted" in str(problems[0])


def test_a_sheet_for_a_batch_that_is_in_no_manifest_is_not_counted():
    held, problems = hand_tally(MANIFEST, [MAYOR], [*ALL, sheet("Lee", "3", 900, 0)])
    assert tally_of(held, "mayor").votes == (("ann", 13), ("bob", 11))
    assert "no such batch" in str(problems[0])


def test_batches_of_one_name_in_two_counties_stay_two():
    held, _ = hand_tally(MANIFEST, [MAYOR], ALL)
    assert held.counted["Lee", "1"] != held.counted["Ray", "1"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Sheet("Lee", "1", {"judge": {"ann": 1}}), "unknown contest"),
        (sheet("Lee", "1", 6, 4, cat=1), "the line cat"),
        (sheet("Lee", "1", -6, 4), "0 or more"),
    ],
)
def test_a_sheet_that_makes_no_sense_is_told_and_not_counted(wrong, words):
    held, problems = hand_tally(MANIFEST, [MAYOR], [wrong, *ALL[1:]])
    assert held.missing == (("Lee", "1"),)
    assert words in str(problems[0])


def test_two_keyings_that_differ_count_nothing_until_they_agree():
    held, problems = hand_tally(MANIFEST, [MAYOR], ALL, [ALL[0], sheet("Lee", "2", 5, 5), ALL[2]])
    assert held.disputed == held.missing == (("Lee", "2"),)
    assert "bob: 4 and 5" in str(problems[0])


def test_a_batch_keyed_once_is_not_counted_where_two_keyings_are_asked_for():
    held, problems = hand_tally(MANIFEST, [MAYOR], ALL, ALL[:2])
    assert held.missing == (("Ray", "1"),)
    assert "keyed once" in str(problems[0])


def test_several_contests_are_counted_from_one_sheet():
    both = Sheet("Lee", "1", {"mayor": {"ann": 6, "bob": 4}, "sheriff": {"cy": 3, "di": 7}})
    held, problems = hand_tally(Manifest((Batch("Lee", "1", 10),)), [MAYOR, SHERIFF], [both])
    assert problems == ()
    assert tally_of(held, "sheriff").votes == (("cy", 3), ("di", 7))


def test_an_incomplete_count_decides_nothing():
    held, _ = hand_tally(MANIFEST, [MAYOR], ALL[:2])
    with pytest.raises(ValueError, match="1 batches are not counted yet"):
        counted_outcome(held, Tally("mayor", (("ann", 1), ("bob", 2))), plurality, "leaves_returns")


def test_the_law_says_whether_the_count_replaces_the_returns():
    held, _ = hand_tally(MANIFEST, [MAYOR], ALL)
    returns = Tally("mayor", (("ann", 11), ("bob", 13)))
    replaced = counted_outcome(held, returns, plurality, "replaces_returns")
    left = counted_outcome(held, returns, plurality, "leaves_returns")
    assert (replaced.is_same, left.is_same) == (False, False)
    assert replaced.standing.elected == ("ann",)
    assert left.standing.elected == ("bob",)


# --- Alarms.


def kinds(manifest, sheets, reported=None):
    held, _ = hand_tally(manifest, [MAYOR], sheets)
    return {one.kind for one in alarms(held, reported)}


def test_an_omitted_batch_is_told():
    assert kinds(MANIFEST, ALL[:2]) == {"omitted"}


def test_a_batch_with_more_or_fewer_cards_than_the_manifest_is_told():
    assert kinds(MANIFEST, [sheet("Lee", "1", 9, 4), *ALL[1:]]) == {"over_full"}
    assert kinds(MANIFEST, [sheet("Lee", "1", 5, 4), *ALL[1:]]) == {"under_full"}


def test_equal_batches_of_some_size_are_told():
    two = Manifest((Batch("Lee", "a", 800), Batch("Lee", "b", 800)))
    lines = {"blank": 20, "overvote": 5}
    copied = [sheet("Lee", "a", 475, 300, **lines), sheet("Lee", "b", 475, 300, **lines)]
    assert kinds(two, copied) == {"identical"}
    assert kinds(two, [copied[0], sheet("Lee", "b", 476, 299, **lines)]) == set()


def test_batches_that_are_equal_by_chance_are_not_told():
    many = Manifest(tuple(Batch("Lee", str(i), 50) for i in range(40)))
    assert kinds(many, [sheet("Lee", str(i), 25 + i % 5, 25 - i % 5) for i in range(40)]) == set()


def test_a_batch_for_one_choice_alone_is_told_where_its_county_makes_that_unlikely():
    three = Manifest((Batch("Lee", "a", 950), Batch("Lee", "b", 900)))
    assert kinds(three, [sheet("Lee", "a", 950, 0), sheet("Lee", "b", 450, 450)]) == {"one_sided"}
    assert kinds(three, [sheet("Lee", "a", 950, 0), sheet("Lee", "b", 899, 1)]) == set()


@pytest.mark.parametrize(
    ("ann", "bob", "words"),
    [(36, 40, "swapped"), (6, 40, ""), (633, 40, "typed twice"), (40, 63, "each other's lines")],
)
def test_slips_of_the_hand_are_seen_against_the_machines_numbers(ann, bob, words):
    manifest = Manifest((Batch("Lee", "a", 1_000),))
    held, _ = hand_tally(manifest, [MAYOR], [sheet("Lee", "a", ann, bob)])
    told = [
        a.says
        for a in alarms(held, {("Lee", "a"): {"mayor": {"ann": 63, "bob": 40}}})
        if a.kind == "mistyped"
    ]
    assert (words in told[0]) if words else not told


def test_names_that_differ_by_blanks_are_told():
    twins = Manifest((Batch("Lee", "a 1", 2), Batch("Lee", "A1 ", 2)))
    held, _ = hand_tally(twins, [MAYOR], [sheet("Lee", "a 1", 1, 1), sheet("Lee", "A1 ", 2, 0)])
    assert counted_in(alarms(held)) == {"doubled": 1, "odd_name": 1}
