"""The ruling: classes, grants, lateness, refusals (docs/spec/law.md, section 6)."""

from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from tallybook.law import GRANTED, NO_LEGAL_EFFECT, REFUSED, law_set, parse_law, ruling
from tallybook.law.ruling import ruled

NOON = "2020-12-05 12:00"


@pytest.fixture(scope="module")
def page() -> str:
    """The specification itself; its example is a test."""
    return (Path(__file__).parents[3] / "docs/spec/law.md").read_text(encoding="utf-8")


def test_the_example_of_the_specification_rules_as_its_text_says(page, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = law_set([parse_law(page.split("```toml")[1].split("```")[0])])
    act = "order_signature_audit"
    stated = ruling(laws, ask(laws, act, "secretary_of_state", NOON, {"basis": "a complaint"}), book())
    assert (stated.outcome, stated.row, stated.citation) == (GRANTED, "ex-1", "Example Code 1-31(5)")
    unstated = ruling(laws, ask(laws, act, "secretary_of_state", NOON), book())
    assert (unstated.outcome, unstated.code, unstated.failed) == (REFUSED, "basis_required", "states")
    assert unstated.next == "File the allegation with the act."
    governor = ruling(laws, ask(laws, act, "governor", NOON), book())
    assert (governor.row, governor.who_may) == ("ex-2", ("secretary_of_state",))
    assert governor.next == "Ask: Secretary of State."


def test_where_no_law_speaks_the_answer_is_a_refusal(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example()
    found = ruling(laws, ask(laws, "certify", "clerk", NOON), book())
    assert (found.outcome, found.code, found.row, found.citation) == (REFUSED, "no_law", "", "")
    assert found.words == "No law in force on 2020-12-05 grants this act to this office."
    assert found.next == "No office may do this."


def test_a_row_that_names_the_office_goes_before_one_for_every_office(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('office = "*"\nstatus = "not_permitted"', 'office = "clerk"')
    assert ruling(laws, ask(laws, "certify", "clerk", NOON), book()).row == "x-2"
    assert ruling(laws, ask(laws, "certify", "judge", NOON), book()).row == "x-1"


def test_a_row_that_names_the_purpose_goes_before_one_that_does_not(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example("", 'status = "not_permitted"\npurposes = ["mend"]')
    plain = ruling(laws, ask(laws, "certify", "clerk", NOON), book())
    excluded = ruling(laws, ask(laws, "certify", "clerk", NOON, purpose="mend"), book())
    assert (plain.outcome, plain.row) == (GRANTED, "x-1")
    assert (excluded.outcome, excluded.row, excluded.code) == (REFUSED, "x-2", "not_permitted")
    assert excluded.who_may == ()


def test_a_deadline_moved_by_order_holds_where_a_later_law_has_none(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example("")
    moved = book(orders={"x-1": ("2020-12-05T16:00:00Z", 7)})
    in_time = ruling(laws, ask(laws, "certify", "clerk", "2020-12-05 10:00"), moved)
    assert (in_time.outcome, in_time.due, in_time.moved) == (GRANTED, "2020-12-05T16:00:00Z", 7)
    late = ruling(laws, ask(laws, "certify", "clerk", NOON), moved)
    assert (late.outcome, late.code) == (REFUSED, "out_of_time")
    assert late.words == "The time for this act ended on 2020-12-05 11:00."


def test_an_office_goes_before_a_purpose(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example("", 'office = "*"\nstatus = "not_permitted"\npurposes = ["mend"]')
    assert ruling(laws, ask(laws, "certify", "clerk", NOON, purpose="mend"), book()).row == "x-1"


def test_a_row_applies_only_in_force_and_only_to_its_elections(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('in_force = ["", "2020-12-04"]', 'elections_held = ["2022-01-01", ""]')
    assert ruling(laws, ask(laws, "certify", "clerk", "2020-12-04 23:59"), book()).row == "x-1"
    assert ruling(laws, ask(laws, "certify", "clerk", "2020-12-05 00:00"), book()).code == "no_law"
    later = ask(laws, "certify", "clerk", NOON, election_day="2022-01-01")
    assert ruling(laws, later, book()).row == "x-2"


def test_the_first_row_whose_guards_hold_grants(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('when = { states = ["basis"] }', 'when = { states = ["case"] }')
    assert ruling(laws, ask(laws, "certify", "clerk", NOON, {"case": "12"}), book()).row == "x-2"


def test_a_grant_carries_its_deadline(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('due = ["2020-12-05", "17:00"]')
    found = ruling(laws, ask(laws, "certify", "clerk", "2020-12-05 17:00"), book())
    assert (found.outcome, found.due, found.late) == (GRANTED, "2020-12-05T22:00:00Z", False)


def test_a_power_ends_with_its_deadline(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('due = ["2020-12-05", "17:00"]\ncode = "margin_or_time"\nwords = "Not within the margin."')
    found = ruling(laws, ask(laws, "certify", "clerk", "2020-12-05 17:01"), book())
    assert (found.outcome, found.code, found.failed) == (REFUSED, "out_of_time", "due")
    assert found.words == "The time for this act ended on 2020-12-05 17:00."


def test_a_duty_does_not_end_with_its_deadline_and_is_marked_late(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('status = "duty"\ndue = ["2020-12-05", "17:00"]')
    found = ruling(laws, ask(laws, "certify", "clerk", "2020-12-05 17:01"), book())
    assert (found.outcome, found.status, found.late) == (GRANTED, "duty", True)


def test_a_deadline_that_waits_for_an_entry_is_no_deadline_yet(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('due = ["certified", "+1 days"]')
    question = ask(laws, "certify", "clerk", NOON)
    assert ruling(laws, question, book()).due == ""
    early = book(entries=(("certified", "", "", "2020-12-01T12:00:00Z"),))
    assert ruling(laws, question, early).code == "out_of_time"


def test_a_refusal_is_by_the_row_that_belongs_to_this_moment_of_the_count(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example(
        'when = { before = ["certified"], most_votes = true }',
        'when = { after = ["certified"], most_votes = true }',
    )
    certified = book(entries=(("certified", "", "", "2020-12-01T12:00:00Z"),))
    question = ask(laws, "certify", "clerk", NOON, {"choice": "ann"}, "seat")
    assert (ruling(laws, question, book()).row, ruling(laws, question, certified).row) == ("x-1", "x-2")
    assert {ruling(laws, question, facts).code for facts in (book(), certified)} == {"not_most_votes"}


def test_if_no_row_belongs_to_this_moment_the_first_refuses(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('when = { after = ["certified"] }', 'when = { after = ["certified"], states = ["basis"] }')
    assert ruling(laws, ask(laws, "certify", "clerk", NOON), book()).row == "x-1"


def test_a_row_without_words_refuses_in_its_plain_words(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('status = "not_permitted"')
    assert ruling(laws, ask(laws, "certify", "clerk", NOON), book()).words == "Plain 1."


def test_a_request_without_legal_effect_is_no_refusal(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('status = "no_legal_effect"')
    found = ruling(laws, ask(laws, "certify", "clerk", NOON), book())
    assert (found.outcome, found.code) == (NO_LEGAL_EFFECT, "no_legal_effect")


def test_who_may_names_each_office_once_in_the_order_of_the_rows(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example(
        'office = "judge"', 'office = "judge"\nwhen = { states = ["case"] }', 'when = { states = ["a"] }'
    )
    found = ruling(laws, ask(laws, "certify", "clerk", NOON), book())
    assert found.who_may == ("judge", "clerk")
    assert found.next == "Ask: Judge."


def test_the_only_office_that_may_is_told_to_mend_and_ask_again(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('when = { states = ["basis"] }')
    assert (
        ruling(laws, ask(laws, "certify", "clerk", NOON), book()).next
        == "Mend what is missing and ask again."
    )


def test_the_same_question_has_the_same_answer(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('due = ["2020-12-05", "17:00"]')
    question = ask(laws, "certify", "clerk", NOON)
    assert ruling(laws, question, book()) == ruling(laws, question, book())


def test_a_remembered_ruling_is_the_one_found_anew(georgia, ask, book) -> None:  # type: ignore[no-untyped-def]
    """For every act and office, as polls close and later, for a runoff too, and with deadlines moved."""
    moved = {row.id: ("2020-12-24T22:00:00Z", 7) for row in georgia.by_act["certify_county_returns"]}
    books = (book(), book(days={"senate": "2021-01-05"}), book(orders=moved))
    times = ("2020-11-03 18:59", "2020-11-03 19:00", "2020-11-10 12:00", "2021-01-05 20:00")
    settled = Counter()
    for act, office, local, facts in product(georgia.acts, georgia.offices, times, books):
        question = ask(
            georgia, act, office, local, contest="senate", place="appling", contest_class="us_senate"
        )
        found = ruled(georgia, question, facts)
        assert ruling(georgia, question, facts) == found
        settled[found.outcome] += ruling(georgia, question, facts) is ruling(georgia, question, facts)
    assert min(settled[one] for one in ("granted", "refused")) > 100
