"""Accounts that agree have no findings; each known accident is found, placed, sized and named."""

from fractions import Fraction

import pytest

from tallybook.canvass import Account, Explanation, Place, read_accounts, reconcile, residual_votes, turnout
from tests.rooms.canvass.sheets import canvass, rows, sheet

GOOD = """
county mode     batch voters_credited ballots_cast cards_manifest cards_scanned cards_tabulated
Lee    advance  -     1000            1000         -              -             -
Lee    mail     -     400             400          -              -             -
Lee    advance  a1    -               -            600            600           600
Lee    advance  a2    -               -            400            400           400
Lee    mail     m1    -               -            400            400           400
"""


def test_accounts_that_agree_have_no_findings() -> None:
    found = canvass(GOOD, 50)
    assert found.findings == ()
    assert found.totals == dict.fromkeys(found.totals, 1400)
    assert len(found.totals) == 5


def test_stages_are_compared_in_the_smallest_place_that_both_speak_of() -> None:
    where = {(str(m.place), m.earlier, m.later) for m in canvass(GOOD).meetings}
    assert ("Lee, mode advance", "ballots_cast", "cards_manifest") in where
    assert ("Lee, mode advance, batch a2", "cards_scanned", "cards_tabulated") in where
    assert len(where) == 2 + 2 + 3 + 3


def test_a_card_that_was_not_uploaded_is_found_with_its_place_size_and_what_to_do() -> None:
    found = canvass(
        GOOD.replace(
            "a2    -               -            400            400           400",
            "a2    -               -            400            400           0",
        ),
        2000,
    )
    (one,) = found.findings
    assert (one.number, one.place, one.step) == (
        1,
        "Lee, mode advance, batch a2",
        "cards_scanned to cards_tabulated",
    )
    assert (one.kind, one.expected, one.found, one.cards) == ("missing", 400, 0, 400)
    assert (one.severity, one.of_margin) == ("large", Fraction(1, 5))
    assert one.causes[0].kind == "card_not_uploaded"
    assert "400 fewer cards tabulated than cards scanned (0 against 400)" in one.says
    assert "The margin is 2,000; this is 20.0% of it." in one.says
    assert "upload it under two persons' eyes" in one.to_do


def test_a_batch_that_no_later_count_speaks_of_is_found_and_not_taken_for_zero() -> None:
    found = canvass(
        GOOD.replace(
            "400            400           400\nLee    mail     m1",
            "400            400           -\nLee    mail     m1",
        )
    )
    (one,) = found.findings
    assert (one.kind, one.cards, one.place) == ("unaccounted", 400, "Lee, mode advance, batch a2")
    assert "no count of cards tabulated is given" in one.says


def test_a_missing_part_is_named_where_the_total_is_short_by_its_size() -> None:
    found = canvass("""
        county mode    memory_card cards_scanned cards_tabulated
        Lee    advance 1           700           -
        Lee    advance 2           275           -
        Lee    advance -           -             700
    """)
    (one,) = found.findings
    assert (one.place, one.cards) == ("Lee, mode advance", 275)
    assert "it equals the 275 cards scanned of Lee, mode advance, memory card 2" in one.causes[0].words


def test_a_batch_counted_twice_is_a_surplus_of_its_size() -> None:
    found = canvass("""
        county mode    batch cards_scanned cards_tabulated
        Lee    advance 1     700           -
        Lee    advance 2     275           -
        Lee    advance -     -             1250
        Lee    mail    3     80            160
    """)
    assert [(one.cards, one.causes[0].kind) for one in found.findings] == [
        (275, "batch_twice"),
        (80, "batch_twice"),
    ]


def test_a_test_deck_left_in_is_recognised_by_its_size() -> None:
    text = "county batch cards_scanned cards_tabulated\nLee 1 700 800"
    assert [c.kind for c in canvass(text, test_decks=[100]).findings[0].causes] == ["test_deck", "mistyped"]
    assert "test_deck" not in [c.kind for c in canvass(text).findings[0].causes]


def test_second_sheets_are_recognised_and_agree_once_they_are_stated() -> None:
    """Gwinnett 2020: 416,458 ballots; its absentee ballots had two sheets (hand tally)."""
    text = "county mode ballots_cast cards_manifest cards_per_ballot\nGwinnett mail 125019 {} {}"
    assert canvass(text.format(244423, "-")).findings[0].causes[0].kind == "second_sheets"
    assert canvass(text.format(250038, 2)).findings == ()
    assert canvass(text.format(244423, 2)).findings[0].causes[0].kind == "sheets_not_returned"


@pytest.mark.parametrize(
    ("scanned", "typed"), [("1243", "1234"), ("1234", "1834"), ("1234", "12234"), ("1234", "124")]
)
def test_a_typing_slip_is_recognised(scanned: str, typed: str) -> None:
    found = canvass(f"county batch cards_scanned cards_tabulated\nLee 1 {scanned} {typed}")
    assert "mistyped" in [c.kind for c in found.findings[0].causes]


def test_a_count_under_the_wrong_place_names_the_other_place() -> None:
    found = canvass("county precinct ballots_cast cards_tabulated\nLee 1 500 457\nLee 2 300 343")
    assert [one.cards for one in found.findings] == [43, 43]
    assert {one.causes[0].kind for one in found.findings} == {"wrong_place"}


def test_a_stage_that_nobody_stated_is_said() -> None:
    assert canvass("county ballots_cast cards_tabulated\nLee 5 5").not_stated == (
        "Lee: voters credited not stated.",
        "Lee: cards in the manifest not stated.",
        "Lee: cards scanned not stated.",
    )


def test_a_whole_that_its_parts_contradict_is_a_finding() -> None:
    found = canvass("county batch cards_scanned\nLee - 900\nLee 1 500\nLee 2 300")
    (one,) = found.findings
    assert (one.kind, one.cards) == ("parts_differ", 100)
    assert "the whole is stated as 900, its parts add up to 800, 100 fewer" in one.says


def test_an_explained_difference_stays_as_a_note() -> None:
    accounts = sheet("county voters_credited ballots_cast\nLee 500 497")
    left = Explanation(Place("Lee"), "voters_credited", "ballots_cast", -3, "three voters left, see the log.")
    (one,) = reconcile(accounts, 100, explanations=[left]).findings
    assert (one.kind, one.severity, one.cards) == ("explained", "note", 0)
    partly = Explanation(Place("Lee"), "voters_credited", "ballots_cast", -2, "two voters left.")
    (one,) = reconcile(accounts, 100, explanations=[partly]).findings
    assert (one.kind, one.severity, one.cards) == ("missing", "small", 1)


def test_findings_are_numbered_the_gravest_first() -> None:
    found = canvass(
        "county precinct ballots_cast cards_tabulated\nLee 1 500 499\nLee 2 300 200\nLee 3 900 850", 60
    )
    assert [(one.number, one.cards, one.severity) for one in found.findings] == [
        (1, 100, "decisive"),
        (2, 50, "large"),
        (3, 1, "small"),
    ]
    assert found.cards_open == 151


def test_counties_are_never_mixed() -> None:
    found = canvass("county ballots_cast cards_tabulated\nLee 500 400\nRay 400 500")
    assert sorted(one.place for one in found.findings) == ["Lee", "Ray"]


# The other accounts -------------------------------------------------------------------------------


def test_provisional_and_cure_accounts_must_add_up() -> None:
    found = canvass("""
        county provisional_issued provisional_accepted provisional_rejected provisional_pending \
            cure_notices cured not_cured
        Lee 40 30 8 1 9 9 1
    """)
    says = [one.says for one in found.findings]
    assert any("provisional issued 40, but" in line and "= 39." in line for line in says)
    assert any("cure notices 9, but" in line and "= 10." in line for line in says)
    assert [one.kind for one in found.findings][-1] == "pending"


def test_returned_mail_is_counted_or_rejected() -> None:
    assert canvass("county mail_returned mail_accepted mail_rejected\nAppling 1530 1527 3").findings == ()
    assert (
        canvass("county mail_returned mail_accepted mail_rejected\nAppling 1530 1527 2").findings[0].cards
        == 1
    )


def test_more_voters_than_are_registered_is_a_finding() -> None:
    (one,) = canvass("county registered voters_credited\nLee 100 101").findings
    assert (one.kind, one.cards) == ("more_than_possible", 1)


def test_votes_undervotes_and_overvotes_fill_the_ballots() -> None:
    """Walton's own account of 2020 (51,095 votes for three candidates and 8 others, 191 undervotes)."""
    text = "county cards_tabulated votes undervotes overvotes\nWalton 51294 {} 191 0"
    assert canvass(text.format(51103)).findings == ()
    assert canvass(text.format(51104)).findings[0].kind == "votes_and_ballots"
    assert canvass("county cards_tabulated votes\nLee 10 11").findings[0].kind == "votes_and_ballots"


def test_turnout_and_residual_votes_are_exact() -> None:
    accounts = sheet("county registered ballots_cast votes undervotes overvotes\nLee 300 200 195 4 1")
    assert turnout(accounts)[0].share == Fraction(2, 3)
    assert residual_votes(accounts)[0].share == Fraction(5, 200)
    only_votes = sheet("county cards_tabulated votes votes_allowed\nLee 100 250 3")
    assert residual_votes(only_votes)[0].share == Fraction(50, 300)


# Bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("county voters_credited\nLee -4", 'row 2, "voters_credited": found -4; expected 0 or more.'),
        ("county cards_scanned\nLee 12O4", 'row 2, "cards_scanned": found "12O4"; expected a whole number.'),
        (
            "county batch cards_scanned\nLee 1 5\nLee 1 5",
            'row 3, "cards_scanned": found Lee, batch 1 a second time',
        ),
        ("county ballots\nLee 5", 'row 1: found the heading "ballots"'),
        ("cards_scanned\n5", "row 1: found no column that names a place"),
        ("county cards_scanned\n- 5", "row 2: found no place"),
        ("county ballots_cast cards_per_ballot\nLee 5 0", '"cards_per_ballot": found 0; expected 1 or more'),
        (
            "county precinct mode ballots_cast\nLee 4 - 50\nLee - mail 60",
            "found Lee, precinct 4, while row 3 states Lee, mode mail: they may share ballots",
        ),
    ],
)
def test_bad_rows_are_told_with_place_and_mend(text: str, told: str) -> None:
    _, problems = read_accounts(rows(text), "accounts.csv")
    assert any(told in str(one) for one in problems), [str(one) for one in problems]
    assert all(one.mend for one in problems)


def test_places_that_differ_in_a_shared_column_do_not_cross() -> None:
    text = "county precinct mode batch cards_scanned\nLee 4 polls - 50\nLee - mail m1 60"
    assert read_accounts(rows(text), "accounts.csv")[1] == []


def test_an_account_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Account(Place("Lee"), {}).row = 3  # type: ignore[misc]
