"""Cards are counted by pattern, the sum over places is the whole, and columns that disagree are told."""

from collections import Counter

import msgspec
import numpy as np
import pytest

from tallybook.election import Choice, Contest
from tallybook.election.cards import (
    Ballots,
    CastVoteRecords,
    Column,
    Mark,
    Pattern,
    ballots,
    ballots_by,
    check_records,
    column_of,
    narrowed,
)

MAYOR = Contest("mayor", "Mayor", "local", (Choice("ash", "Ash"), Choice("birch", "Birch")))
ASH, BIRCH = Pattern((Mark("ash"),)), Pattern((Mark("birch"),))
BLANK, BOTH = Pattern((), ("blank",)), Pattern((Mark("ash"), Mark("birch")), ("overvote",))

# Eight cards of three precincts; the contest is not on the fourth and the last.
CARDS = ["ash", "birch", "ash", "", "blank", "ash", "both", ""]
PRECINCTS = ["North", "North", "South", "East", "South", "North", "South", "East"]
CODE = {"": 0, "ash": 1, "birch": 2, "blank": 3, "both": 4}
RECORDS = CastVoteRecords(
    source="small",
    contests=(MAYOR,),
    cards=8,
    patterns={"mayor": (ASH, BIRCH, BLANK, BOTH)},
    codes={"mayor": np.array([CODE[card] for card in CARDS], np.uint8)},
    columns={"precinct": column_of(PRECINCTS)},
)


def changed(**parts: object) -> CastVoteRecords:
    return msgspec.structs.replace(RECORDS, **parts)


def test_cards_are_counted_by_pattern_and_a_card_without_the_contest_is_not_counted() -> None:
    assert ballots(RECORDS, "mayor") == Ballots(MAYOR, (ASH, BIRCH, BLANK, BOTH), (3, 1, 1, 1))


def test_a_mask_counts_only_the_cards_it_admits_and_leaves_out_patterns_that_none_bears() -> None:
    south = np.array([precinct == "South" for precinct in PRECINCTS])
    assert ballots(RECORDS, "mayor", south) == Ballots(MAYOR, (ASH, BLANK, BOTH), (1, 1, 1))
    assert ballots(RECORDS, "mayor", np.zeros(8, bool)) == Ballots(MAYOR, (), ())


def test_counts_by_precinct_leave_out_places_where_the_contest_is_on_no_card() -> None:
    assert ballots_by(RECORDS, "mayor", "precinct") == {
        "North": Ballots(MAYOR, (ASH, BIRCH), (2, 1)),
        "South": Ballots(MAYOR, (ASH, BLANK, BOTH), (1, 1, 1)),
    }


def test_the_counts_of_the_places_add_up_to_the_whole() -> None:
    die = np.random.default_rng(20201103)
    cards = 5_000
    records = changed(
        cards=cards,
        codes={"mayor": die.integers(0, 5, cards).astype(np.uint8)},
        columns={"batch": Column(tuple(map(str, range(40))), die.integers(0, 40, cards).astype(np.uint8))},
    )
    whole, parts = ballots(records, "mayor"), Counter[Pattern]()
    for part in ballots_by(records, "mayor", "batch").values():
        parts.update(dict(zip(part.patterns, part.counts, strict=True)))
    assert parts == dict(zip(whole.patterns, whole.counts, strict=True))
    assert sum(whole.counts) == np.count_nonzero(records.codes["mayor"])


def test_no_cards_at_all_give_no_ballots() -> None:
    empty = changed(cards=0, codes={"mayor": np.zeros(0, np.uint8)}, columns={"precinct": column_of([])})
    assert ballots(empty, "mayor") == Ballots(MAYOR, (), ())
    assert ballots_by(empty, "mayor", "precinct") == {}
    assert check_records(empty) == ()


def test_a_column_keeps_its_values_in_the_order_of_their_first_card() -> None:
    column = column_of(["b", "a", "b", "c"])
    assert column.values == ("b", "a", "c")
    assert column.codes.tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize(("largest", "type_"), [(255, "uint8"), (256, "uint16"), (65_536, "uint32")])
def test_codes_take_the_smallest_type_that_holds_them(largest: int, type_: str) -> None:
    assert narrowed(np.array([0, largest])).dtype == type_
    assert narrowed(np.array([0, largest])).tolist() == [0, largest]


@pytest.mark.parametrize(
    "ask", [lambda: ballots(RECORDS, "judge"), lambda: ballots_by(RECORDS, "mayor", "x")]
)
def test_a_contest_or_column_that_is_not_there_is_refused(ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"is not a (contest|column) of small"):
        ask()


def test_columns_that_agree_have_no_problem() -> None:
    assert check_records(RECORDS) == ()


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"codes": {}}, "a contest without its codes or patterns"),
        ({"codes": {"mayor": np.zeros(7, np.uint8)}}, "7 numbers of type uint8"),
        ({"codes": {"mayor": np.zeros(8, np.int64)}}, "8 numbers of type int64"),
        ({"codes": {"mayor": np.full(8, 5, np.uint8)}}, "the code 5"),
        ({"columns": {"batch": Column(("a",), np.full(8, 1, np.uint8))}}, "the code 1"),
        ({"patterns": {"mayor": (ASH, BIRCH, BLANK, Pattern((Mark("oak"),)))}}, "the choice 'oak'"),
        ({"patterns": {"mayor": (ASH, BIRCH, BLANK, Pattern((), ("odd",)))}}, "the flag 'odd'"),
        ({"patterns": {"mayor": (ASH, ASH, BLANK, BOTH)}}, "one pattern twice"),
    ],
)
def test_columns_that_disagree_are_told(parts: dict[str, object], found: str) -> None:
    assert [problem.found for problem in check_records(changed(**parts))] == [found]


@pytest.mark.parametrize("choice", ["write_in", "write_in:Jo Elm"])
def test_a_write_in_is_a_choice_of_every_contest(choice: str) -> None:
    written = Pattern((Mark(choice),), ("write_in_unresolved",))
    assert check_records(changed(patterns={"mayor": (ASH, BIRCH, BLANK, written)})) == ()
