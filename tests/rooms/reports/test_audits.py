"""The pages of an audit: its numbers are those of the record, its words say no more than an audit can."""

import csv
import io
import re
from dataclasses import replace
from fractions import Fraction
from math import log10

import pytest

from tallybook.reports import pages, tables
from tallybook.reports.audit_drawings import LEFT, RIGHT, place, reach, tick
from tallybook.reports.audit_values import AuditedContest, Measured, State
from tallybook.reports.audit_words import STATES, one_in, share
from tallybook.reports.drawings import WIDTH
from tests.rooms.reports.samples import AUDIT, CLOSE, WAITING, audited, georgia
from tests.rooms.reports.structure import Page

SITE = pages(audited())


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", "".join(Page(page).text))


def contest_page(one: AuditedContest) -> str:
    return text_of(pages(audited(one))["audits.html"])


def test_the_first_page_says_outcome_limit_risk_and_how_each_audit_stands() -> None:
    text = text_of(SITE["index.html"])
    assert "2 contests are audited; the audit of 1 has ended." in text
    assert "Elected: Fern. As reported, and as audited." in text
    assert "Risk 0.0214256 after round 2; limit 0.05 (5%)." in text
    assert "Ended: outcome confirmed" in text
    assert "Elected: Larch. As reported; the audit has not ended." in text
    assert "Not measured yet" in text


def test_a_drawing_says_every_round_with_its_risk_and_its_side_of_the_limit() -> None:
    said = re.search(r"<desc[^>]*>(.*?)</desc>", SITE["index.html"])
    assert said is not None
    assert said[1] == (
        "Risk limit 0.05 (5%). Round 1, 125 cards: risk 0.0729722, above the limit. "
        "Round 2, 1,194 cards: risk 0.0214256, at or below the limit."
    )


def test_there_is_one_drawing_for_each_measured_contest_and_none_before_a_measurement() -> None:
    assert SITE["index.html"].count("<svg") == 1
    assert contest_page(WAITING).count("Round") == 0
    assert "<svg" not in pages(audited(WAITING))["audits.html"]


def test_a_point_stands_where_the_logarithm_of_its_risk_puts_it() -> None:
    room = WIDTH - LEFT - RIGHT
    for risk in ("0.0729722", "0.5", "2.7e-3"):
        assert place(risk, 4) == pytest.approx(LEFT - room * log10(float(risk)) / 4)
    assert place("1/20", 4) == place("0.05", 4)
    assert place("1", 4) == LEFT
    assert place("0", 4) == place("1e-9", 4) == LEFT + room
    assert place("", 4) is None
    assert place("no number", 4) is None


def test_the_scale_reaches_past_the_smallest_risk_but_not_without_end() -> None:
    def spans(*risks: str) -> int:
        found = tuple(Measured("Round 1", 5, risk, True, 1) for risk in risks)
        return reach((replace(AUDIT, contests=(replace(CLOSE, measured=found),)),))

    assert spans("0.3") == 2
    assert spans("0.001") == 3
    assert spans("0.3", "4.47e-9") == 9
    assert spans("1e-400") == 12
    assert spans("0", "") == 2
    assert [tick(n) for n in (0, 1, 4, 6)] == ["1", "0.1", "0.0001", "10⁻⁶"]


def test_a_filled_point_is_met_and_a_ring_is_not() -> None:
    classes = re.findall(r'<circle class="(\w+)"', SITE["index.html"])
    assert classes == ["unmet", "met"]


@pytest.mark.parametrize("risk", ["0.0214256", "0.0000153118", "4.47024e-9", "0.05", "0.5", "1e-400"])
def test_a_ratio_is_never_smaller_than_the_risk_that_it_explains(risk: str) -> None:
    words = one_in(risk)
    ratio = Fraction(1, int(re.search(r"1 in ([\d,]+)", words)[1].replace(",", "")))  # type: ignore[index]
    exact = Fraction(risk)
    assert ratio >= exact
    assert ratio == exact or "less than" in words
    assert Fraction(1, ratio.denominator + 1) < exact


def test_a_risk_of_one_or_nothing_has_no_ratio() -> None:
    assert [one_in(risk) for risk in ("1", "0.71", "0", "what")] == ["1", "0.71", "0", "what"]


def test_a_limit_is_said_as_a_decimal_and_in_percent() -> None:
    said = [share(limit) for limit in ("1/20", "1/10", "3/40", "1/3", "1/1000", "none")]
    assert said == ["0.05 (5%)", "0.1 (10%)", "0.075 (7.5%)", "1/3 (33.33%)", "0.001 (0.1%)", "none"]


@pytest.mark.parametrize("state", STATES)
def test_no_state_takes_a_risk_for_the_chance_that_the_outcome_is_wrong(state: State) -> None:
    text = contest_page(replace(CLOSE, state=state))
    assert STATES[state][0] in text
    for found in re.finditer("chance that the outcome is wrong", text):
        assert text[: found.start()].endswith("None of this is the ")
    assert "probability" not in text


def test_an_audit_that_ended_by_its_sample_says_what_its_limit_means() -> None:
    text = contest_page(CLOSE)
    assert (
        "If the reported outcome were wrong, the chance that this audit would have ended as it did is at "
        "most 0.05 (5%), the risk limit, set before any card was drawn."
    ) in text
    assert "a chance of at most 0.0214256 (less than 1 in 46)." in text


def test_a_full_count_states_no_risk() -> None:
    every = Measured("Round 1", 24, "", True, 12)
    one = replace(CLOSE, state="overturned", audited="Elected: Gorse.", measured=(every,))
    text = contest_page(one)
    assert "their count does not bear out the reported outcome" in text
    assert "Elected: Gorse. As counted by hand. As reported: Elected: Fern." in text
    assert "the chance that this audit" not in text
    assert "would then have come up" not in text
    assert "counted in full" in text
    assert "the full count did not confirm 1 outcome." in text_of(pages(audited(one))["index.html"])


def test_an_audit_without_assertions_says_what_must_be_shown_instead() -> None:
    assert "every other order of elimination to be wrong" in contest_page(replace(CLOSE, assertions=()))


def test_the_page_of_audits_has_the_chain_the_facts_the_parts_and_the_differences() -> None:
    text = text_of(SITE["audits.html"])
    for part in (
        "entry 5", "The plan is committed", "entries 9 to 10", "R. Two 125.", "Audit board",
        "Fern has more votes than Gorse.", "3,569", "1,194 of 100,000 cards", "1 discrepancy between",
        "3 cards nobody can produce", "12 cards in no batch", "by mail", "10,000", "194",
        "4-75/149", "Gorse, write-in", "scanner", "ab" * 32, "86420975", "entry 30",
    ):  # fmt: skip
        assert part in text, part


def test_the_ticket_to_compute_by_hand_is_that_of_the_draw_specification() -> None:
    assert r"'tallybook/draw/v1\nticket\n86420975\n3-7/225' | sha256sum" in text_of(SITE["audits.html"])
    unsafe = text_of(pages(audited(first="a'; rm -rf"))["audits.html"])
    assert "sha256sum" not in unsafe
    assert "rm -rf" not in unsafe


def test_more_differences_than_a_page_can_show_are_all_in_the_list() -> None:
    many = tuple(replace(AUDIT.differences[0], item=f"1-1/{n}") for n in range(1, 251))
    report = audited(differences=many)
    assert "The list has 50 more." in text_of(pages(report)["audits.html"])
    assert len(read(tables(report)["discrepancies.csv"])) == 250


def read(sheet: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))


def test_the_lists_have_every_assertion_and_every_difference() -> None:
    lists = tables(audited())
    rows = read(lists["audits.csv"])
    assert [(row["contest"], row["state"], row["reported margin"], row["risk"]) for row in rows] == [
        ("Sheriff", "risk", "3569", "0.0214256"),
        ("Judge", "waiting", "8126", ""),
    ]
    assert rows[0]["risk limit"] == "1/20"
    assert read(lists["discrepancies.csv"]) == [
        {
            "audit": "5",
            "item": "4-75/149",
            "contest": "Sheriff",
            "the record says": "Fern",
            "people read": "Gorse, write-in",
            "cause": "scanner",
        }
    ]


def test_a_contest_that_a_later_plan_took_over_is_not_on_the_first_page() -> None:
    report = audited(latest=frozenset({"judge"}), replaced=50)
    assert "Sheriff" not in text_of(pages(report)["index.html"])
    assert "A later plan, entry 50" in text_of(pages(report)["audits.html"])


def test_a_book_without_an_audit_has_no_page_and_no_lists_of_audits() -> None:
    assert "audits.html" not in pages(georgia())
    assert "audits.csv" not in tables(georgia())
    assert "Audits" not in text_of(pages(georgia())["index.html"])


def test_places_are_named_by_what_they_are() -> None:
    assert {"precincts.html", "precincts.csv"} <= {*SITE, *tables(audited())}
    assert '<a href="precincts.html">Precinct</a>' in SITE["index.html"]
    assert not [name for name, text in SITE.items() if "counties.html" in text]
    assert "counties.html" not in SITE
    several = audited()
    rows = several.counties * 2
    text = pages(replace(several, counties=(rows[0], replace(rows[1], id="two", name="South"))))["index.html"]
    assert '<a href="precincts.html">Precincts</a>' in text


def test_what_is_not_known_of_a_package_is_left_out() -> None:
    for name, text in SITE.items():
        assert "SHA-256 of :" not in text, name
    assert "SHA-256 of the package" not in text_of(SITE["check.html"])
    assert "Root of the checkpoint" not in text_of(SITE["check.html"])
    assert "SHA-256 of" in text_of(pages(georgia())["index.html"])
