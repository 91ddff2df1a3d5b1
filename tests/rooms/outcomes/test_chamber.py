"""Control of the United States Senate, 2001 and 2019 to 2023, and the cases in which nobody has it.

Compositions: the dated table beside the checkout (sources there), and its rows on this page.
"""

from datetime import date

import pytest

from tallybook.election import Votes
from tallybook.outcomes import Composition, TieBreaker, chamber_control, control_timeline
from tests.rooms.outcomes.georgia import rows


def spells(compositions: list[Composition], officers: list[TieBreaker]) -> list[tuple[object, ...]]:
    return [(s.start, s.end, s.control.caucus) for s in control_timeline(compositions, officers)]


def senate(start: date, republicans: int, democrats: int, vacant: int = 0) -> Composition:
    return Composition(start, 100, (("R", republicans), ("D", democrats)), vacant)


def test_2001_control_followed_the_vice_president_and_then_a_change_of_caucus() -> None:
    compositions = [senate(date(2001, 1, 3), 50, 50), senate(date(2001, 6, 6), 49, 51)]
    officers = [TieBreaker(date(1993, 1, 20), "D", "Gore"), TieBreaker(date(2001, 1, 20), "R", "Cheney")]
    assert spells(compositions, officers) == [
        (date(2001, 1, 3), date(2001, 1, 20), "D"),
        (date(2001, 1, 20), date(2001, 6, 6), "R"),
        (date(2001, 6, 6), None, "D"),
    ]


def test_2021_control_changed_on_20_january_and_not_with_the_runoffs() -> None:
    compositions = [senate(date(2021, 1, 3), 51, 48, vacant=1), senate(date(2021, 1, 20), 50, 50)]
    officers = [TieBreaker(date(2017, 1, 20), "R", "Pence"), TieBreaker(date(2021, 1, 20), "D", "Harris")]
    found = control_timeline(compositions, officers)
    assert [(s.start, s.control.caucus) for s in found] == [(date(2021, 1, 3), "R"), (date(2021, 1, 20), "D")]
    assert found[1].control.why == (
        "Members in office: 100 (R 50, D 50).",
        "The members are equally divided between R and D.",
        "The officer who votes in an equal division is of caucus D.",
    )


def test_the_table_of_senate_compositions_gives_its_own_column_of_control() -> None:
    table = rows("senate_composition.csv", "national")
    compositions = [
        Composition(
            date.fromisoformat(row["from_date"]),
            int(row["seats"]),
            (
                ("D", int(row["democrats"]) + int(row["independents_with_democrats"])),
                ("R", int(row["republicans"])),
            ),
            int(row["vacant"]),
        )
        for row in table
    ]
    officers = [
        TieBreaker(date.fromisoformat(row["from_date"]), row["vice_president"][-2], row["vice_president"])
        for row in table
    ]
    found = control_timeline(compositions, officers)
    for row in table:
        day = date.fromisoformat(row["from_date"])
        (holds,) = [s for s in found if s.start <= day and (s.end is None or day < s.end)]
        assert holds.control.caucus == row["control"]


def test_a_runoff_night_alone_changes_nothing_until_members_and_officer_take_their_seats() -> None:
    compositions = [senate(date(2021, 1, 3), 51, 48, vacant=1)]
    officers = [TieBreaker(date(2017, 1, 20), "R", "Pence"), TieBreaker(date(2021, 1, 20), "D", "Harris")]
    assert spells(compositions, officers) == [(date(2021, 1, 3), None, "R")]


@pytest.mark.parametrize(
    ("members", "officer", "control"),
    [
        ((("A", 50), ("B", 50)), None, None),
        ((("A", 50), ("B", 50)), "C", None),
        ((("A", 50), ("B", 50)), "B", "B"),
        ((("A", 50), ("B", 49)), "B", "A"),
        ((("A", 49), ("B", 49), ("C", 2)), "A", None),
        ((("A", 50), ("B", 48), ("C", 2)), "A", None),
        ((), "A", None),
        ((("A", 0), ("B", 0)), "A", None),
        ((("A", 1),), None, "A"),
    ],
)
def test_control_takes_more_than_half_or_half_and_the_tie_breaker(
    members: Votes, officer: str | None, control: str | None
) -> None:
    assert chamber_control(members, officer).caucus == control


def test_the_same_control_before_and_after_a_change_is_one_spell() -> None:
    compositions = [senate(date(2019, 1, 3), 53, 47), senate(date(2021, 1, 3), 51, 48, vacant=1)]
    assert spells(compositions, []) == [(date(2019, 1, 3), None, "R")]


def test_nobody_has_control_until_an_officer_takes_office() -> None:
    found = spells([senate(date(2001, 1, 3), 50, 50)], [TieBreaker(date(2001, 1, 20), "R")])
    assert found == [(date(2001, 1, 3), date(2001, 1, 20), None), (date(2001, 1, 20), None, "R")]


def test_no_composition_gives_no_spell() -> None:
    assert control_timeline([], [TieBreaker(date(2001, 1, 20), "R")]) == ()


def test_members_that_do_not_add_to_the_seats_are_refused() -> None:
    with pytest.raises(ValueError, match="add to 99, not to 100 seats"):
        control_timeline([senate(date(2021, 1, 3), 51, 48)], [])
    with pytest.raises(ValueError, match="same date"):
        control_timeline([senate(date(2021, 1, 3), 51, 49)] * 2, [])
