"""Georgia 2020, whole: the figures and days are those of the published record, written out here.

Sources of the expected numbers: the certified totals of 20 November and 7 December 2020 and 19 January 2021
(Secretary of State), the report of the hand tally (19 November 2020), National Archives (306 to 232).
"""

from collections import Counter
from functools import cache
from hashlib import sha256
from io import BytesIO

import msgspec
import pytest

from tallybook.book import Entered, Entry, Malformed, Shelf, decide
from tallybook.doors import telling
from tallybook.doors.georgia_2020 import acting, playing, running, signing, tables
from tallybook.doors.georgia_2020.playing import Played
from tallybook.doors.georgia_2020.sections import sections
from tallybook.evidence.signing import verify_ed25519


@cache
def book() -> Played:
    told = tables.table()
    return playing.play(acting.opening(told), acting.acts(told), lambda _: None)


def only(kind: str, contest: str = "") -> Entry:
    found = [one for one in book().entries if one.entry == kind and (not contest or one.contest == contest)]
    assert len(found) == 1, found
    return found[0]


def test_the_state_certified_a_margin_of_12_670() -> None:
    result = only("state_results_certified", "president").result
    assert result["votes"] == {"biden": 2_474_507, "trump": 2_461_837, "jorgensen": 62_138}
    assert result["margin"] == 12_670
    assert result["outcome"] == {"kind": "winner", "winners": ["biden"]}


def test_the_hand_tally_had_a_margin_of_12_284_and_left_the_returns_standing() -> None:
    result = only("audit_result_published").result
    assert result["votes"] == {"biden": 2_475_141, "trump": 2_462_857, "jorgensen": 62_587}
    assert (result["margin"], result["returns_margin"]) == (12_284, 12_670)
    assert result["same"] is True
    assert result["effect"] == "returns_stand"
    assert result["places"] == 159
    certified = only("state_results_certified", "president").result["votes"]
    assert certified != result["votes"]


def test_the_recount_was_recertified_with_a_margin_of_11_779() -> None:
    result = only("state_results_recertified").result
    assert result["votes"] == {"biden": 2_473_633, "trump": 2_461_854, "jorgensen": 62_229}
    assert (result["base"], result["margin"], result["changed"]) == ("recount", 11_779, False)


def test_the_counts_stand_beside_each_other() -> None:
    held = book().standing.contests["president"].record.spot("").held
    margins = {kind: sorted(one.votes)[-1] - sorted(one.votes)[-2] for kind, one in held.items()}
    assert margins == {"unofficial": 12_780, "state_certified": 12_670, "recertified": 11_779}


def test_both_senate_contests_go_to_a_runoff_on_5_january_by_law() -> None:
    arose = {one.contest: one for one in book().entries if one.entry == "runoff_arose"}
    assert arose["us_senate"].result["choices"] == ["perdue", "ossoff"]
    assert arose["us_senate_special"].result["choices"] == ["warnock", "loeffler"]
    for one in arose.values():
        assert (one.act, one.office, one.result["day"]) == ("", "", "2021-01-05")
        assert "21-2-501" in one.result["citation"]


@pytest.mark.parametrize(
    ("contest", "votes", "margin", "winner"),
    [
        ("us_senate_runoff", {"ossoff": 2_269_923, "perdue": 2_214_979}, 54_944, "ossoff"),
        ("us_senate_special_runoff", {"warnock": 2_289_113, "loeffler": 2_195_841}, 93_272, "warnock"),
    ],
)
def test_the_runoffs_are_certified(contest: str, votes: dict[str, int], margin: int, winner: str) -> None:
    result = only("state_results_certified", contest).result
    assert (result["votes"], result["margin"]) == (votes, margin)
    assert result["outcome"] == {"kind": "winner", "winners": [winner]}


def test_sixteen_electors_vote_and_306_of_538_elect() -> None:
    assert only("electoral_votes_cast").result == {"appointed": 16, "cast": 16, "faithless": 0, "vacant": 0}
    result = only("electoral_votes_counted").result
    assert result["totals"] == {"biden": 306, "trump": 232}
    assert (result["appointed"], result["majority"]) == (538, 270)
    assert result["outcome"] == {"kind": "winner", "winners": ["biden"]}


def test_the_senate_is_fifty_fifty_and_the_vice_president_decides_from_20_january() -> None:
    entry = only("senators_sworn_in")
    assert entry.on == "2021-01-20"
    assert sorted(entry.detail["members"].values()) == [50, 50]
    assert entry.result == {"by": "tie_breaker", "control": "democrats"}


def test_the_recount_was_asked_for_within_the_time_and_the_margin() -> None:
    ruling = only("recount_requested").ruling
    assert ruling["due"] == "2020-11-25T04:59:59Z"  # the end of Tuesday 24 November, Eastern
    assert "21-2-495(c)" in ruling["citation"]


@pytest.mark.parametrize(
    ("act", "office", "answer", "law", "who"),
    [
        ("order_signature_audit", "us_president", "act_refused", "21-2-31", {"secretary_of_state"}),
        ("call_special_session", "us_president", "act_refused", "para. VII", set()),
        ("halt_certification", "voter", "act_refused", "21-2-499(b)", {"superior_court"}),
        (
            "petition_special_session",
            "legislators_below_three_fifths",
            "act_without_legal_effect",
            "VII(b)",
            set(),
        ),
        ("submit_own_slate", "elector_nominees_not_certified", "act_without_legal_effect", "21-2-10", set()),
        ("ask_governor", "us_president", "act_without_legal_effect", "no law", set()),
        ("object_electoral_votes", "representative_alone", "act_without_legal_effect", "3 U.S.C. 15", set()),
    ],
)
def test_requests_without_power_are_answered_with_the_law(
    act: str, office: str, answer: str, law: str, who: set[str]
) -> None:
    entry = next(one for one in book().entries if (one.act, one.office) == (act, office))
    assert entry.entry == answer
    assert law in entry.refusal["citation"]
    assert who <= set(entry.refusal["who_may"])
    assert entry.refusal["words"]


def test_the_governor_may_decline_a_special_session() -> None:
    assert only("special_session_declined").ruling["status"] == "permitted"


def test_three_counties_certified_after_the_deadline_and_the_book_says_so() -> None:
    late = {one.place for one in book().entries if one.ruling.get("late")}
    assert late == {"floyd", "fayette", "walton"}


def test_every_county_has_three_counts() -> None:
    counted = [one for one in book().entries if one.contest == "president" and one.result.get("count")]
    kinds = Counter(one.entry for one in counted if one.place)
    assert kinds == {
        "county_returns_certified": 159,
        "audit_tally_reported": 159,
        "recount_tally_reported": 159,
    }


def test_the_package_is_the_same_on_every_run() -> None:
    told = tables.table()
    again = playing.play(acting.opening(told), acting.acts(told), lambda _: None)
    assert running.package(book()) == running.package(again)


def test_offices_are_named_not_officials() -> None:
    everything = b"".join(book().stored).decode()
    for name in ("Kemp", "Brad", "Duncan", "McConnell", "Pence"):
        assert name not in everything


def test_the_margin_before_a_runoff_is_the_second_choice_s_lead_over_the_third() -> None:
    told = telling.decided(book().standing.law, book().standing, book().entries)
    said = {one.contest: (one.margin_between, one.margin_votes) for one in told}
    assert said["U.S. Senate, full term"] == ("Second ahead of third", 2_374_519 - 115_039)
    assert said["U.S. Senate, full term (runoff)"] == ("Margin", 2_269_923 - 2_214_979)


def test_the_choices_that_are_not_named_are_told_together() -> None:
    told = telling.decided(book().standing.law, book().standing, book().entries)
    special = next(one for one in told if one.contest == "U.S. Senate, special election")
    assert len(special.votes) == 4
    beyond_four = (14_640, 17_954, 15_293, 51_592, 13_293, 44_335, 94_406, 36_176, 106_767, 135_801,
                   44_945, 35_431, 13_318, 26_333, 40_349, 28_687)  # fmt: skip
    assert special.others == (16, sum(beyond_four))


def test_nobody_is_called_elected_by_a_contest_in_which_electors_are_chosen() -> None:
    told = telling.decided(book().standing.law, book().standing, book().entries)
    said = {one.contest: one.outcome for one in told}
    president = "Most votes: Joseph R. Biden. The electors are certified by an act of its own."
    assert said["President of the United States"] == president
    assert said["U.S. Senate, full term (runoff)"] == "Elected: Jon Ossoff."


def test_the_findings_of_three_counties_say_what_their_accounts_showed() -> None:
    """EAC survey (voters), final canvass less what was missing (ballots); the margin reported by the AP."""
    found = {one.place: one.detail["text"] for one in book().entries if one.entry == "finding_reported"}
    assert "2,775 fewer cards tabulated than voters credited (38,823 against 41,598)" in found["floyd"]
    assert "2,569 fewer cards tabulated than voters credited (69,666 against 72,235)" in found["fayette"]
    assert "278 fewer cards tabulated than voters credited (51,010 against 51,288)" in found["walton"]


def test_the_first_page_tells_accounts_envelopes_and_small_cells() -> None:
    told = {one.id: one for one in sections(book())}
    assert [row[0] for row in told["accounts"].rows] == ["Floyd", "Fayette", "Walton"]
    assert (
        "largest shares missing of all 159 counties were in Floyd, Fayette, Walton"
        in told["accounts"].paragraphs[0]
    )
    said = " ".join(told["envelopes"].paragraphs)
    assert "15,118 of 150,431 envelopes" in said
    assert "Had the envelopes been drawn singly: at most 80 of all, at 99%." in said
    assert "no ballot can be traced to an envelope" in said
    assert any("21-2-493(k)" in line for line in told["privacy"].paragraphs)


def test_every_small_cell_of_the_package_is_one_that_the_law_requires() -> None:
    from tallybook.canvass import Limits, refused
    from tallybook.doors.lawfiles import SETS, shipped
    from tallybook.doors.privacy_books import of_book

    laws = {shipped(name).fingerprint: shipped(name).data for name in SETS[tables.STATE]}
    files = {sha256(data).hexdigest(): data for data in map(tables.raw, running.FILES)} | laws
    law = book().standing.law
    assert law is not None
    found = of_book(law, book().entries, lambda name: BytesIO(files[name]), Limits())
    assert refused(found.leaks) == ()
    assert found.tables > 1_100


def test_every_act_of_the_secretary_of_state_carries_two_signatures_of_three_keys() -> None:
    keys = only("keys_set")
    assert (keys.detail["threshold"], len(keys.detail["keys"])) == (2, 3)
    public = {one["public_key"] for one in keys.detail["keys"]}
    secretary = [one for one in book().entries if one.office == "secretary_of_state"]
    assert len(secretary) > 15
    for entry in secretary:
        assert len({one["key"] for one in entry.by} & public) == 2


def test_an_act_of_the_secretary_of_state_with_one_signature_is_no_act() -> None:
    told = tables.table()
    every = list(acting.acts(told))
    first = next(k for k, act in enumerate(every) if not isinstance(act, str) and act.office == signing.POST)
    played = playing.play(acting.opening(told), every[:first], lambda _: None)
    act = signing.signed(playing.with_numbers(played, every[first]))
    alone = msgspec.structs.replace(act, by=act.by[:1])
    assert isinstance(decide(played.standing, alone, Shelf(verify=verify_ed25519)), Malformed)
    assert isinstance(decide(played.standing, act, Shelf(verify=verify_ed25519)), Entered)


def test_claims_are_answered_by_what_the_record_holds_and_no_more() -> None:
    asked = {one.seq: one for one in book().entries if one.entry == "claim_entered"}
    answers = {asked[one.detail["claim"]].key: one for one in book().entries if one.entry == "claim_answered"}
    assert {key: one.detail["answer"] for key, one in answers.items()} == {
        "claim-floyd": "record_shows",
        "claim-certified-margin": "record_contradicts",
        "claim-petition": "record_cannot_tell",
        "claim-approval": "outside_this_record",
        "claim-ninety-nine": "record_cannot_tell",
    }
    margins = [book().entries[seq] for seq in answers["claim-certified-margin"].detail["entries"]]
    assert [(one.entry, one.result["margin"]) for one in margins] == [
        ("audit_result_published", 12_284),
        ("state_results_certified", 12_670),
    ]
    assert all(one.detail["source"] and one.detail["dated"] for one in asked.values())
