"""The draw, the blind votes, the measure, and what is refused."""

import hashlib
from fractions import Fraction
from itertools import combinations

import pytest

from tallybook.envelopes import (
    OUTCOMES,
    PARTED,
    Box,
    Reading,
    Vote,
    against_margin,
    draw_boxes,
    draw_boxes_by_size,
    draw_by_county,
    draw_simple,
    measure,
    read_boxes,
    read_readings,
    seal,
    settle,
)
from tallybook.stats.bounds import most_bad
from tallybook.stats.clusters import Read, most_bad_by_shares

SEED = "20201214071503398211"
BOXES = (Box("Cobb", "box-1", 3), Box("Cobb", "box-2", 5), Box("Lee", "box-1", 4))


def counts(*numbers: int) -> dict[str, int]:
    return dict(zip(OUTCOMES, numbers, strict=True))


# The draw -----------------------------------------------------------------------------------------


def test_an_envelope_is_drawn_by_the_hash_of_seed_county_box_and_place() -> None:
    """The ticket, computed here from docs/spec/draw.md, section 4."""
    drawn = draw_simple(SEED, BOXES, 12)
    tickets = {}
    for box in BOXES:
        for place in range(1, box.envelopes + 1):
            text = f"tallybook/draw/v1\nticket\n{SEED}\n{box.county}\n{box.id}\n{place}"
            tickets[hashlib.sha256(text.encode()).hexdigest()] = (box.county, box.id, place)
    assert [(d.county, d.box, d.place) for d in drawn] == [tickets[t] for t in sorted(tickets)]


def test_a_larger_sample_only_adds_and_rows_may_stand_in_any_order() -> None:
    assert draw_simple(SEED, BOXES, 5) == draw_simple(SEED, BOXES[::-1], 9)[:5]


def test_each_county_gets_its_number() -> None:
    drawn = draw_by_county(SEED, BOXES, {"Cobb": 3, "Lee": 2})
    assert [d.county for d in drawn] == ["Cobb"] * 3 + ["Lee"] * 2


def test_boxes_are_drawn_whole_or_with_a_second_stage() -> None:
    whole = draw_boxes(SEED, BOXES, 2)
    assert all(d.place == 0 for d in whole)
    second = draw_boxes(SEED, BOXES, 2, in_each=4)
    chosen = {(d.county, d.box) for d in whole}
    assert {(d.county, d.box) for d in second} == chosen
    sizes = {(b.county, b.id): b.envelopes for b in BOXES}
    assert len(second) == sum(min(4, sizes[key]) for key in chosen)


def test_draws_by_size_count_how_often_a_box_was_drawn() -> None:
    assert sum(d.times for d in draw_boxes_by_size(SEED, BOXES, 7)) == 7


# Blind votes --------------------------------------------------------------------------------------

A, B, C = "team-1a", "team-1b", "referee-1"


def review(first: str, second: str, *third: str, shown: str = "") -> tuple[list[str], list[str]]:
    """Votes sealed and opened; `shown` replaces the first vote after sealing. Gives outcomes, problems."""
    pair = [Vote(1, A, first), Vote(1, B, second)]
    salts = {(1, A): b"a" * 32, (1, B): b"b" * 32}
    sealed = {(v.line, v.reviewer): seal(v, salts[v.line, v.reviewer]) for v in pair}
    if shown:
        pair[0] = Vote(1, A, shown)
    settled, problems = settle(pair, [Vote(1, C, one) for one in third], sealed, salts)
    return [f"{s.outcome}{' by referee' if s.by_referee else ''}" for s in settled], [
        str(p) for p in problems
    ]


def test_two_that_agree_settle_and_a_referee_decides_between_two_that_differ() -> None:
    assert review("match", "match") == (["match"], [])
    assert review("match", "cure_needed", "cure_needed") == (["cure_needed by referee"], [])


def test_a_vote_changed_after_the_other_was_seen_is_refused() -> None:
    settled, (told,) = review("cannot_verify", "match", shown="match")
    assert settled == []
    assert "does not open its commitment" in told


@pytest.mark.parametrize(
    ("votes", "told"),
    [
        (("match", "cure_needed"), "0 of a referee"),
        (("match", "match", "match"), "a referee's vote on an agreed line"),
        (("match", "fine"), 'found "fine"; expected one of match'),
        (("match", "cure_needed", "match", "match"), "one person voting twice"),
    ],
)
def test_a_line_that_is_not_in_order_is_not_settled(votes: tuple[str, ...], told: str) -> None:
    settled, problems = review(*votes)
    assert settled == []
    assert any(told in one for one in problems)


def test_a_vote_without_its_seal_and_a_line_with_one_vote_are_refused() -> None:
    pair = [Vote(1, A, "match"), Vote(1, B, "match")]
    assert "no sealed vote" in str(settle(pair, [], {}, {})[1][0])
    assert "found 1 votes" in str(settle(pair[:1], [], {}, {})[1][0])


def test_a_reviewers_name_is_refused_and_not_repeated() -> None:
    _, problems = settle([Vote(1, "Jane Doe", "match"), Vote(1, B, "match")], [], {}, {})
    assert any("does not look like a label" in str(p) for p in problems)
    assert not any("does not look" in str(p) and "Jane" in str(p) for p in problems)


def test_a_commitment_hides_a_vote_and_says_nothing_without_its_salt() -> None:
    vote = Vote(1, A, "match")
    text = b"tallybook/envelope-review/v1\n1\nteam-1a\nmatch"
    expected = hashlib.sha256(b"tallybook/commit/v1\n" + b"s" * 32 + text).hexdigest()
    assert seal(vote, b"s" * 32) == expected
    assert seal(vote, b"t" * 32) != expected


# The measure --------------------------------------------------------------------------------------


def test_single_envelopes_are_measured_by_the_exact_bound() -> None:
    boxes = [Box("Lee", f"b{k}", 100) for k in range(10)]
    readings = [Reading("Lee", f"b{k}", 30, counts(29, 1, 0, 0)) for k in range(3)]
    found = measure("simple", boxes, readings, "0.05")
    assert (found.read, found.bad, found.estimate) == (90, 3, Fraction(1000 * 3, 90))
    assert found.at_most == most_bad(3, 90, 1000, "0.05")
    assert found.single is None


def test_whole_boxes_are_estimated_without_bias() -> None:
    """Over every choice of two of four unequal boxes the estimates average to the truth."""
    boxes = [Box("Lee", f"b{k}", size) for k, size in enumerate((2, 3, 5, 10))]
    bad = (1, 0, 2, 7)
    estimates = []
    for pair in combinations(range(4), 2):
        readings = [
            Reading("Lee", f"b{k}", boxes[k].envelopes, counts(boxes[k].envelopes - bad[k], bad[k], 0, 0))
            for k in pair
        ]
        estimates.append(measure("boxes", boxes, readings, "0.2").estimate)
    assert sum(estimates) / len(estimates) == sum(bad)


def test_whole_boxes_never_claim_the_bound_of_single_envelopes() -> None:
    """Two bad in 40 boxes of 50 read: the unseen touched boxes may be bad altogether."""
    boxes = [Box("Cobb", f"b{k}", 50) for k in range(400)]
    readings = [Reading("Cobb", f"b{k}", 50, counts(50 - (k < 2), k < 2, 0, 0)) for k in range(40)]
    found = measure("boxes", boxes, readings, "0.01", 11_779)
    touched = most_bad(2, 40, 400, "0.01")
    assert found.at_most == 2 + 50 * (touched - 2)
    assert found.single == most_bad(2, 2000, 20_000, "0.01")
    assert found.single < found.at_most
    assert any("that claim is not available" in line for line in found.says)
    assert found.says[-1] == PARTED


def test_boxes_by_size_drawn_twice_stand_twice() -> None:
    boxes = [Box("Lee", "b1", 10), Box("Lee", "b2", 20), Box("Lee", "b3", 30)]
    readings = [
        Reading("Lee", "b1", 10, counts(9, 1, 0, 0)),
        Reading("Lee", "b3", 30, counts(30, 0, 0, 0), times=2),
    ]
    found = measure("boxes_by_size", boxes, readings, "0.1")
    assert found.estimate == 60 * (Fraction(1, 10) + 0 + 0) / 3
    assert found.at_most == most_bad_by_shares([Read(10, 10, 1), Read(30, 30, 0), Read(30, 30, 0)], 60, "0.1")


def test_the_margin_is_compared_in_plain_words_both_ways() -> None:
    assert against_margin(80, 11_779).startswith("Even if each of 80 envelopes at the bound")
    assert "not a finding" in against_margin(34_002, 11_779)


# Bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    ["voter_name", "Last Name", "Signature", "DOB", "registration_number", "envelope_no", "Address", "phone"],
)
def test_a_file_with_names_or_numbers_of_people_is_refused_and_nothing_of_it_repeated(heading: str) -> None:
    row = {"county": "Cobb", "box": "b1", "envelopes": "5", heading: "Jane Doe 01234567"}
    boxes, problems = read_boxes([row], "boxes.csv")
    assert boxes == ()
    assert "seems to hold personal data" in str(problems[0])
    assert "destroy this copy" in problems[0].mend
    assert "Jane" not in str(problems)


@pytest.mark.parametrize("label", ["Doe, Jane", "Jane Doe", "01234567", "box 01234567", ""])
def test_a_label_that_could_be_a_person_is_refused(label: str) -> None:
    _, problems = read_boxes([{"county": "Cobb", "box": label, "envelopes": "5"}], "boxes.csv")
    assert "does not look like a label" in str(problems[0])
    assert not label or label not in str(problems[0])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("Cobb", "b1", "5"), ("Cobb", "b1", "5")], "row 3: found the box of row 2 a second time"),
        ([("Cobb", "b1", "-5")], '"envelopes": found "-5"; expected a whole number, 0 or more'),
        ([("Cobb", "b1", "0")], '"envelopes": found 0; expected 1 or more'),
        ([], "found no rows"),
    ],
)
def test_a_list_of_boxes_that_cannot_be_is_told(rows: list[tuple[str, str, str]], told: str) -> None:
    listed = [dict(zip(("county", "box", "envelopes"), row, strict=True)) for row in rows]
    assert any(told in str(one) for one in read_boxes(listed, "boxes.csv")[1])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("Cobb", "b9", "1", "0", "0", "0"), "a box that is not in the population"),
        (("Cobb", "b1", "6", "0", "0", "0"), "6 envelopes read; expected at most the 5 that the box holds"),
        (("Cobb", "b1", "0", "0", "0", "0"), "no envelope read"),
    ],
)
def test_a_reading_that_cannot_be_is_told(row: tuple[str, ...], told: str) -> None:
    listed = [dict(zip(("county", "box", *OUTCOMES), row, strict=True))]
    assert any(told in str(one) for one in read_readings(listed, [Box("Cobb", "b1", 5)], "read.csv")[1])


def test_no_public_value_has_a_field_for_a_person_or_an_envelopes_number() -> None:
    fields = {*Box.__struct_fields__, *Reading.__struct_fields__, *Vote.__struct_fields__}
    assert fields == {
        "county",
        "id",
        "envelopes",
        "box",
        "read",
        "outcomes",
        "times",
        "line",
        "reviewer",
        "outcome",
    }
