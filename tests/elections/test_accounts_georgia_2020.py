"""Floyd, Fayette and Walton, November 2020: the accounts catch each loss from numbers of the time.

What happened (sources). Floyd: about 3,060 votes of advance voting were never tabulated (Rome News-Tribune,
2020-11-18); the first report gave Trump 27,120, Biden 10,972, Jorgensen 496 (11Alive, 2020-11-17). Fayette:
2,755 ballots of advance voting on a memory card that was scanned and not uploaded (Macon Telegraph,
2020-11-17): Trump 1,577, Biden 1,128, Jorgensen 43, write-in 7; the state's office said that more voters had
been checked in than votes reported (11Alive, 2020-11-17). Walton: 284 ballots on a card not uploaded.

Numbers used. Voters credited: the EAC's survey of 2020 (`participants`, `part_early_in_person`). The survey
was published in 2021; it counts the check-ins that every county had on its own lists on election night, and
stands for them here. Ballots tabulated at first: the official number of the final canvass less the ballots
then missing, and for Floyd the first report itself. Votes by mode: the canvass. The reported margin of the
contest was about 14,000 votes on 11 November 2020 (Associated Press).
"""

import csv
from collections import defaultdict

import pytest

from tallybook.canvass import Account, Canvass, Place, reconcile
from tests.needs import needs_shared

MARGIN = 14_000
MISSING = {"Floyd": 3_060, "Fayette": 2_755, "Walton": 284}
FIRST_REPORT_OF_FLOYD = 27_120 + 10_972 + 496
CARD_OF_FAYETTE = {"trump": 1_577, "biden": 1_128, "jorgensen": 43, "write_in": 7}


def table(name: str) -> list[dict[str, str]]:
    with needs_shared(f"data/georgia2020/{name}").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def credited() -> dict[str, dict[str, int]]:
    """County -> voters credited, all and in early voting."""
    return {
        row["county"]: {k: int(row[k]) for k in ("participants", "part_early_in_person")}
        for row in table("absentee_registration_county.csv")
    }


@pytest.fixture(scope="module")
def official() -> dict[str, dict[str, int]]:
    """County -> ballots cast and votes for three candidates in the final canvass."""
    kept = ("official_ballots_cast", "official_votes_three_candidates")
    return {row["county"]: {k: int(row[k]) for k in kept} for row in table("county_three_counts.csv")}


@pytest.fixture(scope="module")
def advance() -> dict[str, int]:
    """County -> votes of advance voting for three candidates in the final canvass."""
    votes: dict[str, int] = defaultdict(int)
    for row in table("canvass_county_mode.csv"):
        if row["contest"] == "president":
            votes[row["county"]] += int(row["advance"])
    return votes


def whole_state(
    credited: dict[str, dict[str, int]], official: dict[str, dict[str, int]], lost: dict[str, int]
) -> Canvass:
    rows = [
        Account(
            Place(county),
            {
                "voters_credited": one["participants"],
                "cards_tabulated": official[county]["official_ballots_cast"] - lost.get(county, 0),
            },
        )
        for county, one in credited.items()
    ]
    return reconcile(rows, MARGIN)


def test_floyds_first_report_was_3060_votes_below_its_canvass(official: dict[str, dict[str, int]]) -> None:
    votes = official["Floyd"]["official_votes_three_candidates"]
    scanned = Account(Place("Floyd"), {"cards_scanned": votes, "cards_tabulated": FIRST_REPORT_OF_FLOYD})
    (one,) = reconcile([scanned], MARGIN).findings
    assert (one.cards, one.kind, one.severity) == (3_060, "missing", "large")
    assert "this is 21.9% of it" in one.says


def test_floyds_first_report_is_caught_by_its_voters_alone(credited: dict[str, dict[str, int]]) -> None:
    """On election night there was nothing but votes reported and voters checked in; that was enough."""
    counts = {"voters_credited": credited["Floyd"]["participants"], "votes": FIRST_REPORT_OF_FLOYD}
    (one,) = reconcile([Account(Place("Floyd"), counts)], MARGIN).findings
    assert (one.kind, one.cards) == ("votes_short", 41_598 - 38_588)


def test_fayettes_early_voting_is_caught_by_its_check_ins(
    credited: dict[str, dict[str, int]], advance: dict[str, int]
) -> None:
    votes = advance["Fayette"] - sum(CARD_OF_FAYETTE.values()) + CARD_OF_FAYETTE["write_in"]
    counts = {"voters_credited": credited["Fayette"]["part_early_in_person"], "votes": votes}
    (one,) = reconcile([Account(Place("Fayette", mode="advance"), counts)], MARGIN).findings
    assert (one.kind, one.cards) == ("votes_short", 43_234 - 40_320)


def test_fayettes_card_is_named_where_scanners_are_accounted_for() -> None:
    """Scanned onto the card, never uploaded: the scanner's own count is enough, to the ballot."""
    rows = [
        Account(Place("Fayette", mode="advance", memory_card="library"), {"cards_scanned": 2_755}),
        Account(
            Place("Fayette", mode="advance", memory_card="others"),
            {"cards_scanned": 40_528, "cards_tabulated": 40_528},
        ),
    ]
    (one,) = reconcile(rows, MARGIN).findings
    assert (one.kind, one.place, one.cards) == (
        "unaccounted",
        "Fayette, mode advance, memory card library",
        2_755,
    )


def test_the_three_counties_stand_out_of_all_159_by_share(
    credited: dict[str, dict[str, int]], official: dict[str, dict[str, int]]
) -> None:
    """Before the corrections Floyd, Fayette and Walton were the three with the largest share missing."""
    found = whole_state(credited, official, MISSING).findings
    short = sorted((one for one in found if one.kind == "missing"), key=lambda f: -f.cards / f.expected)
    assert [(one.place, one.cards) for one in short[:3]] == [
        ("Floyd", 41_598 - 38_823),
        ("Fayette", 72_235 - 69_666),
        ("Walton", 51_288 - 51_010),
    ]
    assert all(one.cards * 1000 < 5 * one.expected for one in short[3:])


def test_after_the_corrections_no_loss_of_half_a_percent_is_left(
    credited: dict[str, dict[str, int]], official: dict[str, dict[str, int]]
) -> None:
    """What remains is stated and small: four counties agree to the ballot, none is short by 5 in 1,000."""
    found = whole_state(credited, official, {}).findings
    assert len(found) == 159 - 4
    assert all(one.cards * 1000 < 5 * one.expected for one in found if one.kind == "missing")
    assert max(one.cards for one in found) == 1_245


def test_walton_is_below_the_floor_of_the_votes_and_above_that_of_the_ballots(
    credited: dict[str, dict[str, int]], official: dict[str, dict[str, int]], advance: dict[str, int]
) -> None:
    """284 of 29,157 is less than blank contests can explain, so votes alone do not show it; ballots do."""
    early = {"voters_credited": credited["Walton"]["part_early_in_person"], "votes": advance["Walton"] - 284}
    assert reconcile([Account(Place("Walton", mode="advance"), early)]).findings == ()
    ballots = {
        "voters_credited": credited["Walton"]["participants"],
        "cards_tabulated": official["Walton"]["official_ballots_cast"] - 284,
    }
    (one,) = reconcile([Account(Place("Walton"), ballots)], MARGIN).findings
    assert (one.kind, one.cards) == ("missing", 278)


def test_no_county_leaves_more_than_the_floor_of_its_voters_without_a_vote(
    credited: dict[str, dict[str, int]], official: dict[str, dict[str, int]]
) -> None:
    rows = [
        Account(
            Place(c),
            {"voters_credited": one["participants"], "votes": official[c]["official_votes_three_candidates"]},
        )
        for c, one in credited.items()
    ]
    assert [one for one in reconcile(rows).findings if one.kind == "votes_short"] == []


def test_returned_mail_adds_up_in_every_county() -> None:
    rows = [
        Account(
            Place(r["county"]),
            {
                "mail_returned": int(r["mail_returned"]),
                "mail_accepted": int(r["mail_counted"]),
                "mail_rejected": int(r["mail_rejected"]),
            },
        )
        for r in table("absentee_registration_county.csv")
    ]
    assert len(rows) == 159
    assert reconcile(rows).findings == ()


def test_gwinnetts_hand_tally_shows_second_sheets() -> None:
    """The hand tally has 537,516 cards for 416,458 ballots; nearly all of the surplus is absentee by mail."""
    cards: dict[str, int] = defaultdict(int)
    for row in table("hand_tally_batches.csv"):
        if row["county"] == "Gwinnett":
            cards[row["batch_type"]] += sum(
                int(v or 0) for k, v in row.items() if k not in ("county", "batch", "batch_type")
            )
    mail = 125_019  # 123,669 domestic and 1,350 from abroad were counted (EAVS)
    counts = {"ballots_cast": mail, "cards_manifest": cards["Absentee By Mail"]}
    (one,) = reconcile([Account(Place("Gwinnett", mode="mail"), counts)]).findings
    assert one.causes[0].kind == "second_sheets"
    assert one.cards == cards["Absentee By Mail"] - mail
