"""A row of law may be for some classes of contest alone (docs/spec/law.md, sections 2 and 6)."""

import pytest

from tallybook.law import LawError, law_set, parse_law, ruling, who_may
from tallybook.law.guards import Question
from tallybook.law.ruling import GRANTED, REFUSED, deciding_rows, offices_that_may
from tallybook.law.survey import in_words, matrix

DAY = "2020-11-10"
HEAD = """
format = "tallybook/law/v1"
id = "towns"
title = "Towns"
place = "a test"
clock = [{ from = "1900-01-01T00:00:00Z", offset = "+00:00" }]
offices = [{ id = "clerk", name = "Clerk" }, { id = "judge", name = "Judge" }]
purposes = [{ id = "again", words = "once more" }]

[[acts]]
id = "call"
words = "call a runoff"
entry = "called"
said = "called a runoff"
effect = "record"
scope = ["contest?"]
phases = []
"""


def row(name: str, office: str, status: str = "permitted", more: str = "") -> str:
    """A row of the act."""
    return (
        f'\n[[rows]]\nid = "{name}"\noffice = "{office}"\nact = "call"\nstatus = "{status}"\n'
        f'in_force = ["", ""]\nelections_held = ["", ""]\ncitation = "{name}"\nplain = "{name}."\n{more}\n'
    )


LAWS = law_set(
    [
        parse_law(
            HEAD
            + row("for-boards", "clerk", more='classes = ["council", "school"]')
            + row("not-mayors", "clerk", "not_permitted", 'classes = ["mayor"]\ncode = "most_votes"')
            + row("of-judge", "judge", more='classes = ["mayor"]\npurposes = ["again"]')
            + row("nobody", "*", "not_permitted")
        )
    ]
)


class Nothing:
    """A book in which nothing is recorded."""

    def __getattr__(self, _: str):  # type: ignore[no-untyped-def]
        return lambda *_: None


def ruled(contest_class: str, office: str = "clerk", purpose: str = ""):  # type: ignore[no-untyped-def]
    """The ruling on the act about a contest of this class, "" for no contest."""
    contest = "one" if contest_class else ""
    question = Question(
        "call", office, purpose, contest, "", {}, f"{DAY}T12:00:00Z", DAY, "2020-11-03", contest_class
    )
    return ruling(LAWS, question, Nothing())


@pytest.mark.parametrize(
    ("contest_class", "outcome", "decided"),
    [
        ("council", GRANTED, "for-boards"),
        ("school", GRANTED, "for-boards"),
        ("mayor", REFUSED, "not-mayors"),
        ("sheriff", REFUSED, "nobody"),
        ("", REFUSED, "nobody"),
    ],
)
def test_a_row_with_classes_decides_for_contests_of_these_alone(contest_class, outcome, decided):
    found = ruled(contest_class)
    assert (found.outcome, found.row) == (outcome, decided)


def test_the_class_of_rows_that_decides_is_found_among_those_that_apply():
    assert ruled("mayor", "judge", "again").row == "of-judge"
    assert ruled("council", "judge", "again").row == "nobody", "a row that does not apply puts none aside"


@pytest.mark.parametrize(
    ("contest_class", "may"), [("council", ("clerk",)), ("mayor", ()), ("sheriff", ()), ("", ())]
)
def test_who_may_are_the_offices_for_the_contests_class(contest_class, may):
    assert offices_that_may(LAWS, "call", "", DAY, "2020-11-03", contest_class) == may
    assert ruled(contest_class, "judge").who_may == may


def test_the_offices_for_a_purpose_are_those_of_that_class_too():
    assert offices_that_may(LAWS, "call", "again", DAY, "2020-11-03", "mayor") == ("judge",)


def test_the_law_at_a_glance_shows_the_rows_of_every_class_and_says_for_which():
    clerk, judge = who_may(LAWS, "call", DAY, "2020-11-03")
    assert [one.id for one in clerk.rows] == ["for-boards", "not-mayors"]
    assert [in_words(one) for one in clerk.rows] == [
        "for-boards. Only for: council, school.",
        "not-mayors. Only for: mayor.",
    ]
    assert (clerk.grants, judge.grants) == (True, False)
    assert [in_words(one) for one in judge.rows] == ["nobody."]
    assert matrix(LAWS, DAY, "2020-11-03")["clerk", "call"] == "permitted"
    assert deciding_rows(LAWS, "call", "clerk", "", DAY, "2020-11-03") == clerk.rows


@pytest.mark.parametrize("wrong", ["[]", '["a", "a"]', '"mayor"', "[1]", '["The Mayor"]'])
def test_classes_are_an_array_of_ids_that_is_not_empty(wrong):
    with pytest.raises(LawError) as found:
        parse_law(HEAD + row("r", "clerk", more=f"classes = {wrong}"))
    assert [one.key for one in found.value.problems] == ["classes"]
