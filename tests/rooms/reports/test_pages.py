"""The pages of a report: well formed, complete, readable by everyone, and loading nothing."""

import dataclasses
import re
from fractions import Fraction

import pytest

from tallybook.reports import Accounts, Report, TimelineRow, pages, tables
from tallybook.reports.acts import grouped
from tallybook.reports.comparing import differences, dots, largest, votes_apart
from tallybook.reports.markup import Html, element, escaped
from tallybook.reports.style import STYLE
from tests.rooms.reports.samples import audited, georgia, hostile
from tests.rooms.reports.structure import Page, heading_problems, table_problems

GEORGIA = georgia()
EMPTY = Report(
    title="An election without anything yet",
    day="2026-11-03",
    contest="Governor",
    base="state_certified",
    choices=(),
    counts=(),
    acts=dataclasses.replace(GEORGIA.acts, granted=1, refused=0, no_effect=0),
    fingerprints=GEORGIA.fingerprints,
)
REPORTS = {"georgia": GEORGIA, "hostile": hostile(), "empty": EMPTY, "audited": audited()}
SITES = {name: pages(report) for name, report in REPORTS.items()}
READ = {(site, name): Page(text) for site, made in SITES.items() for name, text in made.items()}
EVERY = pytest.mark.parametrize("which", list(READ), ids="-".join)

Which = tuple[str, str]


@EVERY
def test_every_tag_is_closed_in_order(which: Which) -> None:
    assert READ[which].problems == []
    assert SITES[which[0]][which[1]].startswith("<!doctype html>\n<html lang=")


@EVERY
def test_headings_begin_with_the_only_first_and_skip_no_level(which: Which) -> None:
    assert heading_problems(READ[which].headings) == []


@EVERY
def test_no_id_is_used_twice_and_every_reference_has_its_id(which: Which) -> None:
    ids = READ[which].ids
    assert len(ids) == len(set(ids))
    assert set(READ[which].references) <= set(ids)


@EVERY
def test_every_table_has_a_caption_and_headings_with_a_scope(which: Which) -> None:
    assert [problem for table in READ[which].tables for problem in table_problems(table)] == []


@EVERY
def test_every_drawing_says_in_words_what_it_shows(which: Which) -> None:
    page = READ[which]
    assert all(d.get("role") == "img" and d.get("aria-labelledby") for d in page.drawings)
    assert page.tags["desc"] == page.tags["svg"]
    assert page.tags["title"] == page.tags["svg"] + 1


@EVERY
def test_a_page_has_its_landmarks_and_a_way_past_the_navigation(which: Which) -> None:
    page = READ[which]
    assert [page.tags[tag] for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert page.links[0]["href"] == "#content"
    assert sum(1 for link in page.links if link.get("aria-current") == "page") == 1


@EVERY
def test_a_page_loads_nothing_and_runs_nothing(which: Which) -> None:
    page = READ[which]
    assert page.loads == []
    policy = next(v for t, n, v in page.attributes if t == "meta" and n == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none'")
    assert "url(" not in STYLE
    assert "@import" not in STYLE


@EVERY
def test_every_link_leads_to_a_page_a_list_or_a_place_on_them(which: Which) -> None:
    site, here = which
    lists = tables(REPORTS[site])
    for link in READ[which].links:
        file, _, place = (link["href"] or "").partition("#")
        file = file or here
        if file.endswith(".csv"):
            assert file in lists
        else:
            assert not place or place in READ[site, file].ids, link


def test_hostile_text_stays_text_on_every_page() -> None:
    for name, text in SITES["hostile"].items():
        assert "<script" not in text, name
        assert "\u202e" not in text, name
        assert "\x00" not in text, name
        assert not [a for a in READ["hostile", name].attributes if a[1].startswith("on")], name
    assert "<script>alert(1)</script>\" onload='x' &amp; " in "".join(READ["hostile", "index.html"].text)


def test_markup_is_escaped_once_and_only_once() -> None:
    assert element("p", "a < b & c") == "<p>a &lt; b &amp; c</p>\n"
    assert element("p", element("b", "<")) == "<p><b>&lt;</b></p>\n"
    assert element("a", "x", href='"><b>') == '<a href="&quot;&gt;&lt;b&gt;">x</a>'
    assert element("a", "x", href=Html('"')) == '<a href="&quot;">x</a>'
    assert escaped("\u202eabc\x07") == "\ufffdabc\ufffd"


def test_the_four_margins_and_their_votes_are_on_the_first_page() -> None:
    text = " ".join(READ["georgia", "index.html"].text)
    assert all(margin in text for margin in ("12,780", "12,670", "12,284", "11,779"))
    assert all(votes in text for votes in ("2,474,507", "2,461,837", "2,475,141", "2,462,857", "2,473,633"))
    assert "1,293 acts were asked for: 1,260 granted, 21 refused, 12 without legal effect" in text


def test_what_followed_by_law_is_counted_apart_from_what_was_asked_for() -> None:
    text = "".join(READ["georgia", "index.html"].text)
    assert "2followed by law" in text
    assert "followed by law" not in "".join(READ["hostile", "index.html"].text)


def test_the_names_of_the_choices_stand_as_on_the_ballot() -> None:
    text = " ".join(READ["georgia", "index.html"].text)
    assert "Biden: Joseph R. Biden (Democratic); Jorgensen: Jo Jorgensen (Libertarian)" in text


def test_the_first_page_says_how_many_counties_agree_to_the_vote() -> None:
    # 40 and 54 of 159: the comparison published with the public records.
    text = " ".join(READ["georgia", "index.html"].text)
    assert "40 counties agree to the vote" in text
    assert "54 counties agree to the vote" in text


def test_the_counties_differ_by_what_the_published_counts_differ() -> None:
    found = {county.id: county for county in GEORGIA.counties}
    # Fulton's recount: 939 votes of margin fewer (Trump +7, Biden -932), Jorgensen +45.
    assert differences(found["fulton"], "recount", "state_certified") == (7, -932, 45)
    assert votes_apart(found["fulton"], "recount", "state_certified") == 984
    assert [dot.county.id for dot in largest(dots(GEORGIA, "recount"), 2)] == ["fulton", "floyd"]
    assert votes_apart(found["fulton"], "no_such_count", "state_certified") is None


def test_every_county_has_its_card_and_its_dots() -> None:
    page = READ["georgia", "counties.html"]
    assert {county.id for county in GEORGIA.counties} <= set(page.ids)
    assert len(page.tables) == 159
    assert READ["georgia", "index.html"].tags["circle"] == 2 * 159


def test_an_account_that_does_not_add_up_is_said_in_the_summary_and_on_the_card() -> None:
    first = dataclasses.replace(GEORGIA.counties[0], accounts=Accounts(100, 90, 1, 2, 3))
    report = dataclasses.replace(GEORGIA, counties=(first, *GEORGIA.counties[1:]))
    text = " ".join(Page(pages(report)["counties.html"]).text)
    assert "In 1 county the account of the ballots cast does not add up." in text
    assert "Unexplained: 4." in text


def test_acts_that_differ_only_in_their_place_are_shown_as_one() -> None:
    groups = grouped(GEORGIA.timeline)
    assert [len(group) for group in groups] == [1, 3, 1, 1, 1]
    text = " ".join(READ["georgia", "timeline.html"].text)
    assert "In 3 places" in text
    assert "entries 10 to 12" in text


def test_acts_without_a_place_are_never_shown_as_one() -> None:
    row = TimelineRow(1, "2020-11-20", "", "Governor", "asked", "no_effect", "", "none")
    assert len(grouped([row, dataclasses.replace(row, entry=2)])) == 2


def test_a_refusal_says_why_by_which_law_who_may_and_what_next() -> None:
    text = " ".join(READ["georgia", "timeline.html"].text)
    for part in (
        "The Governor has no power to order an audit of envelope signatures.",
        "O.C.G.A. 21-2-31, 21-2-50",
        "Who may: Secretary of State, State Election Board, Superior court.",
        "Next: File the allegation with the State Election Board.",
    ):
        assert part in text


def test_the_fingerprints_are_printed_whole() -> None:
    text = " ".join(READ["georgia", "check.html"].text)
    prints = GEORGIA.fingerprints
    assert all(part in text for part in (prints.package_sha256, prints.root, prints.policy, prints.origin))


def test_every_row_of_law_is_shown_with_its_citation() -> None:
    text = " ".join(READ["georgia", "authority.html"].text)
    assert all(row.plain in text and row.citation in text for row in GEORGIA.authority)


# Colours ------------------------------------------------------------------------------------


def schemes() -> list[dict[str, str]]:
    """The colours of the light and of the dark scheme, by name."""
    roots = re.findall(r":root\{([^}]*)\}", STYLE)[:2]
    return [dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", root)) for root in roots]


def luminance(colour: str) -> float:
    """Relative luminance, as the Web Content Accessibility Guidelines 2.2 define it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_guidelines_say() -> None:
    assert Fraction(round(contrast("#ffffff", "#000000") * 100), 100) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48  # the well-known grey that just fails AA


@pytest.mark.parametrize("scheme", schemes(), ids=["light", "dark"])
def test_text_and_marks_stand_out_from_their_ground(scheme: dict[str, str]) -> None:
    for ground in ("paper", "raised"):
        assert all(contrast(scheme[text], scheme[ground]) >= 7 for text in ("ink", "soft", "accent")), ground
        assert contrast(scheme["mark"], scheme[ground]) >= 3
    assert contrast(scheme["onstrong"], scheme["strong"]) >= 7
