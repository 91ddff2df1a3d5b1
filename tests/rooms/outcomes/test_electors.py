"""Presidential electors: 2020 by unit, contrary votes of 2004 and 2016, the abstention of 2000, and ties.

Electoral votes of 2000, 2004 and 2016: the official counts of Congress (National Archives, Electoral
College results). Popular votes of 2020: the real file beside the checkout, and four of its rows here.
"""

import datetime

import pytest

from tallybook.election import Tally
from tallybook.outcomes import (
    Appointment,
    ContraryVote,
    Departure,
    ElectoralUnit,
    LotDrawn,
    NotAppointed,
    Ticket,
    Vacancy,
    appoint,
    college_result,
    count_electoral_votes,
    electors_per_slate,
)
from tests.rooms.outcomes.georgia import rows

TICKETS_2016 = (Ticket("R", "Trump", "Pence"), Ticket("D", "Clinton", "Kaine"))
CONTRARY_2016: tuple[Departure, ...] = (
    ContraryVote("TX", 1, "Kasich", "Fiorina", "counted"),
    ContraryVote("TX", 1, "Paul", "Pence", "counted"),
    ContraryVote("HI", 1, "Sanders", "Warren", "counted"),
    ContraryVote("WA", 1, "Powell", "Cantwell", "counted"),
    ContraryVote("WA", 1, "Powell", "Collins", "counted"),
    ContraryVote("WA", 1, "Powell", "Warren", "counted"),
    ContraryVote("WA", 1, "Spotted Eagle", "LaDuke", "counted"),
    ContraryVote("MN", 1, "Sanders", "Gabbard", "replaced"),
)


def appointed(unit: str, number: int, slate: str | None) -> Appointment:
    return Appointment(unit, unit[:2], number, slate, ())


UNITS_2016 = (
    appointed("TX", 38, "R"),
    appointed("other R", 268, "R"),
    appointed("HI", 4, "D"),
    appointed("WA", 12, "D"),
    appointed("MN", 10, "D"),
    appointed("other D", 206, "D"),
)


def slates(**votes: int) -> Tally:
    return Tally("president", tuple(votes.items()))


def test_maine_and_nebraska_appoint_by_district() -> None:
    units = {
        "ME-AL": (2, slates(biden=435072, trump=360737)),
        "ME-01": (1, slates(biden=266376, trump=164045)),
        "ME-02": (1, slates(biden=168696, trump=196692)),
        "NE-AL": (2, slates(biden=374583, trump=556846)),
        "NE-01": (1, slates(biden=132261, trump=180290)),
        "NE-02": (1, slates(biden=176468, trump=154377)),
        "NE-03": (1, slates(biden=65854, trump=222179)),
    }
    made = {name: appoint(ElectoralUnit(name, name[:2], n), votes) for name, (n, votes) in units.items()}
    maine = [row for row in made.values() if row.state == "ME"]
    nebraska = [row for row in made.values() if row.state == "NE"]
    assert electors_per_slate(maine) == (("biden", 3), ("trump", 1))
    assert electors_per_slate(nebraska) == (("trump", 4), ("biden", 1))


def test_the_56_units_of_2020_appoint_306_and_232() -> None:
    made = []
    for row in rows("electoral_votes_2020.csv", "national"):
        unit = ElectoralUnit(row["unit"], row["state"], int(row["electoral_votes"]))
        made.append(appoint(unit, slates(biden=int(row["biden"]), trump=int(row["trump"]))))
        assert made[-1].slate == row["winner"]
    assert len(made) == 56
    assert electors_per_slate(made) == (("biden", 306), ("trump", 232))
    tickets = (Ticket("biden", "Biden", "Harris"), Ticket("trump", "Trump", "Pence"))
    votes = count_electoral_votes(made, tickets)
    assert votes.president == (("Biden", 306), ("Trump", 232))
    result = college_result("President", votes.president, votes.appointed)
    assert (result.elected, result.majority, result.appointed) == ("Biden", 270, 538)


def test_2016_contrary_votes_that_count_make_304_and_227() -> None:
    votes = count_electoral_votes(UNITS_2016, TICKETS_2016, CONTRARY_2016)
    assert votes.appointed == 538
    assert votes.president == (
        ("Trump", 304), ("Clinton", 227), ("Powell", 3),
        ("Kasich", 1), ("Paul", 1), ("Sanders", 1), ("Spotted Eagle", 1),
    )  # fmt: skip
    assert votes.vice_president == (
        ("Pence", 305), ("Kaine", 227), ("Warren", 2),
        ("Cantwell", 1), ("Collins", 1), ("Fiorina", 1), ("LaDuke", 1),
    )  # fmt: skip
    assert college_result("President", votes.president, 538).elected == "Trump"


def test_without_contrary_votes_2016_is_306_to_232() -> None:
    assert count_electoral_votes(UNITS_2016, TICKETS_2016).president == (("Trump", 306), ("Clinton", 232))


def test_2004_one_minnesota_elector_named_edwards_for_both_offices() -> None:
    made = [appointed("R states", 286, "R"), appointed("MN", 10, "D"), appointed("other D", 242, "D")]
    tickets = [Ticket("R", "Bush", "Cheney"), Ticket("D", "Kerry", "Edwards")]
    votes = count_electoral_votes(made, tickets, [ContraryVote("MN", 1, "Edwards", "Edwards", "counted")])
    assert votes.president == (("Bush", 286), ("Kerry", 251), ("Edwards", 1))
    assert votes.vice_president == (("Cheney", 286), ("Edwards", 252))


def test_2000_a_blank_vote_leaves_538_appointed_and_270_needed() -> None:
    made = [appointed("R states", 271, "R"), appointed("DC", 3, "D"), appointed("other D", 264, "D")]
    tickets = [Ticket("R", "Bush", "Cheney"), Ticket("D", "Gore", "Lieberman")]
    votes = count_electoral_votes(made, tickets, [ContraryVote("DC", 1, None, None, "counted")])
    assert votes.president == (("Bush", 271), ("Gore", 266))
    result = college_result("President", votes.president, votes.appointed)
    assert (result.elected, result.majority) == ("Bush", 270)


def test_a_cancelled_vote_counts_for_nobody_and_a_replaced_one_for_the_ticket() -> None:
    made = [appointed("CO", 9, "D")]
    cancelled = count_electoral_votes(
        made, TICKETS_2016, [ContraryVote("CO", 1, "Kasich", "Kaine", "cancelled")]
    )
    replaced = count_electoral_votes(
        made, TICKETS_2016, [ContraryVote("CO", 1, "Kasich", "Kaine", "replaced")]
    )
    assert (cancelled.president, cancelled.vice_president) == ((("Clinton", 8),), (("Kaine", 8),))
    assert replaced.president == (("Clinton", 9),)
    assert cancelled.appointed == replaced.appointed == 9


def test_an_empty_chair_does_not_lower_the_majority_but_an_elector_never_appointed_does() -> None:
    made = [appointed("XX", 270, "R"), appointed("YY", 268, "D")]
    empty = count_electoral_votes(made, TICKETS_2016, [Vacancy("XX", 1, filled=False)])
    assert college_result("President", empty.president, empty.appointed).elected is None
    filled = count_electoral_votes(made, TICKETS_2016, [Vacancy("XX", 1, filled=True)])
    assert college_result("President", filled.president, filled.appointed).elected == "Trump"
    never = count_electoral_votes(made, TICKETS_2016, [NotAppointed("XX", 1)])
    result = college_result("President", never.president, never.appointed)
    assert (result.appointed, result.majority, result.elected) == (537, 269, "Trump")


def test_269_to_269_goes_to_the_house_and_to_the_senate() -> None:
    made = [appointed("XX", 269, "R"), appointed("YY", 269, "D")]
    votes = count_electoral_votes(made, TICKETS_2016)
    president = college_result("President", votes.president, votes.appointed)
    assert (president.elected, president.chamber) == (None, "House of Representatives")
    assert (president.eligible, president.tied_for_last) == (("Clinton", "Trump"), ())
    vice = college_result("Vice President", votes.vice_president, votes.appointed)
    assert (vice.chamber, vice.eligible) == ("Senate", ("Kaine", "Pence"))


def test_one_contrary_vote_can_add_a_third_person_for_the_house() -> None:
    made = [appointed("XX", 270, "R"), appointed("YY", 268, "D")]
    votes = count_electoral_votes(made, TICKETS_2016, [ContraryVote("XX", 1, "Powell", "Pence", "counted")])
    assert college_result("President", votes.president, 538).eligible == ("Trump", "Clinton", "Powell")
    assert college_result("Vice President", votes.vice_president, 538).elected == "Pence"


def test_1824_the_house_chooses_from_three_and_calhoun_is_elected() -> None:
    electors = (("Jackson", 99), ("Adams", 84), ("Crawford", 41), ("Clay", 37))
    result = college_result("President", electors, 261)
    assert (result.majority, result.eligible) == (131, ("Jackson", "Adams", "Crawford"))
    vice = (("Calhoun", 182), ("Sanford", 30), ("Macon", 24), ("Jackson", 13), ("Van Buren", 9), ("Clay", 2))
    assert college_result("Vice President", vice, 261).elected == "Calhoun"


def test_1836_the_senate_chooses_from_two() -> None:
    vice = (("Johnson", 147), ("Granger", 77), ("Tyler", 47), ("Smith", 23))
    result = college_result("Vice President", vice, 294)
    assert (result.majority, result.chamber, result.eligible) == (148, "Senate", ("Johnson", "Granger"))


def test_a_tie_for_the_last_place_on_the_list_is_reported_and_not_settled() -> None:
    result = college_result("President", (("A", 200), ("B", 199), ("C", 70), ("D", 69)), 538)
    assert (result.eligible, result.tied_for_last) == (("A", "B", "C"), ())
    tied = college_result("President", (("A", 200), ("B", 198), ("C", 70), ("D", 70)), 538)
    assert (tied.eligible, tied.tied_for_last) == (("A", "B"), ("C", "D"))


def test_a_tied_unit_appoints_nobody_until_a_lot_is_drawn() -> None:
    unit, tied = ElectoralUnit("ME-02", "ME", 1), slates(biden=5, trump=5)
    open_ = appoint(unit, tied)
    assert open_.slate is None
    assert electors_per_slate([open_]) == ()
    assert count_electoral_votes([open_], TICKETS_2016).appointed == 0
    lot = LotDrawn(("trump",), datetime.date(2020, 11, 30), "the Secretary of State", "minutes")
    assert appoint(unit, tied, lot).slate == "trump"
    with pytest.raises(ValueError, match="no slates are tied"):
        appoint(unit, slates(biden=5, trump=4), lot)


@pytest.mark.parametrize(
    "departures",
    [
        [Vacancy("TX", 39, filled=False)],
        [Vacancy("TX", 20, filled=False), NotAppointed("TX", 19)],
        [Vacancy("ZZ", 1, filled=True)],
        [NotAppointed("TX", 0)],
    ],
)
def test_departures_that_do_not_fit_their_unit_are_refused(departures: list[Departure]) -> None:
    with pytest.raises(ValueError, match=r"TX|ZZ"):
        count_electoral_votes(UNITS_2016, TICKETS_2016, departures)


def test_input_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="more than once"):
        count_electoral_votes(UNITS_2016 * 2, TICKETS_2016)
    with pytest.raises(ValueError, match="No ticket"):
        count_electoral_votes(UNITS_2016, TICKETS_2016[:1])
    with pytest.raises(ValueError, match="539 votes for President from 538 electors"):
        college_result("President", (("A", 539),), 538)
