"""Reading law files: what is wrong is collected and said so that it can be mended."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.law import LawError, LawFile, law_set, parse_law

HEAD = 'format = "tallybook/law/v1"\nid = "x"\ntitle = "Example"\nplace = "Example"\n'
OFFICE = '[[offices]]\nid = "clerk"\nname = "Clerk"\n'
ACT = (
    '[[acts]]\nid = "certify"\nwords = "certify"\nentry = "certified"\nsaid = "certified"\n'
    'effect = "record"\n'
    "scope = []\nphases = []\n"
)
ROW = (
    '[[rows]]\nid = "x-1"\noffice = "clerk"\nact = "certify"\nstatus = "permitted"\nin_force = ["", ""]\n'
    'elections_held = ["", ""]\ncitation = "Code 1"\nplain = "May certify."\n'
)
RULE = (
    '[[rules]]\nid = "r-1"\nkind = "audit"\nclasses = []\nin_force = ["", ""]\nelections_held = ["", ""]\n'
    'citation = "Code 2"\nplain = "Ten percent."\nrisk_limit = "1/10"\n'
)
WHOLE = HEAD + OFFICE + ACT + ROW + RULE


def problems(text: str) -> set[tuple[str, str, str]]:
    """(table, row, key) of every problem in a file or in the set made of it alone."""
    with pytest.raises(LawError) as caught:
        law_set([parse_law(text)])
    for problem in caught.value.problems:
        assert problem.found
        assert problem.expected
        assert problem.mend
    return {(problem.table, problem.row, problem.key) for problem in caught.value.problems}


def test_a_whole_file_is_read() -> None:
    assert [row.id for row in parse_law(WHOLE).rows] == ["x-1"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("tallybook/law/v1", "tallybook/law/v2", {("", "", "format")}),
        ('status = "permitted"', 'status = "maybe"', {("rows", "x-1", "status")}),
        (
            'status = "permitted"',
            'stauts = "permitted"',
            {("rows", "x-1", "stauts"), ("rows", "x-1", "status")},
        ),
        ('id = "x-1"', "id = 1.5", {("rows", "number 1", "id")}),
        (
            'in_force = ["", ""]',
            "in_force = [2020-01-01, '']",
            {("rows", "x-1", "in_force"), ("rules", "r-1", "in_force")},
        ),
        ('plain = "May', 'when = { aftr = ["certified"] }\nplain = "May', {("rows", "x-1", "when")}),
        ('plain = "May', 'when = { after = [] }\nplain = "May', {("rows", "x-1", "when")}),
        ('plain = "May', 'when = { states = "basis" }\nplain = "May', {("rows", "x-1", "when")}),
        ('plain = "May', 'when = { at_least = { n = 1.0 } }\nplain = "May', {("rows", "x-1", "when")}),
        ('plain = "May', 'when = { margin_at_most = "0.5%" }\nplain = "May', {("rows", "x-1", "when")}),
        (
            'plain = "May',
            'when = { share_of = { n = ["7/5", 56] } }\nplain = "May',
            {("rows", "x-1", "when")},
        ),
        ('plain = "May', 'when = { most_votes = false }\nplain = "May', {("rows", "x-1", "when")}),
        ('plain = "May', 'due = ["election day"]\nplain = "May', {("rows", "x-1", "due")}),
        ('plain = "May', 'purposes = []\nplain = "May', {("rows", "x-1", "purposes")}),
        ('status = "permitted"', 'status = "not_permitted"\ndue = ["act_day"]', {("rows", "x-1", "due")}),
        ('act = "certify"', 'act = "certfy"', {("rows", "x-1", "act")}),
        ('office = "clerk"', 'office = "clrk"', {("rows", "x-1", "office")}),
        ('plain = "May', 'purposes = ["mend"]\nplain = "May', {("rows", "x-1", "purposes")}),
        ('plain = "May', 'when = { after = ["certifed"] }\nplain = "May', {("rows", "x-1", "when.after")}),
        ('plain = "May', 'due = ["certifed", "+1 days"]\nplain = "May', {("rows", "x-1", "due")}),
        ("scope = []", 'scope = ["county"]', {("acts", "certify", "scope")}),
        ("scope = []", 'scope = ["contest", "contest?"]', {("acts", "certify", "scope")}),
        ("phases = []", 'phases = ["later"]', {("acts", "certify", "phases")}),
        ('effect = "record"', 'effect = "recount"', {("acts", "certify", "effect")}),
        ('effect = "record"', 'effect = "returns"', {("acts", "certify", "count")}),
        ('entry = "certified"', 'entry = "Certified"', {("acts", "certify", "entry")}),
        ('plain = "May', 'due = ["act_day", "+٢ days"]\nplain = "May', {("rows", "x-1", "due")}),
        ('plain = "May', 'when = {}\nplain = "May', {("rows", "x-1", "when")}),
        ('risk_limit = "1/10"', "risk_limit = 0.1", {("rules", "r-1", "risk_limit")}),
        ('kind = "audit"', 'kind = "adit"', {("rules", "r-1", "kind"), ("rules", "r-1", "risk_limit")}),
        ('kind = "audit"', 'kind = "winner"', {("rules", "r-1", k) for k in ("method", "tie", "risk_limit")}),
        (ROW, ROW + ROW, {("rows", "x-1", "id")}),
        (OFFICE, OFFICE + OFFICE.replace("Clerk", "Other"), {("offices", "clerk", "id")}),
        (OFFICE, '[offices]\nid = "clerk"\n', {("offices", "", "")}),
    ],
)
def test_a_mistake_is_found_where_it_is(old: str, new: str, expected: set[tuple[str, str, str]]) -> None:
    assert old in WHOLE
    assert problems(WHOLE.replace(old, new)) == expected


def test_all_mistakes_are_told_at_once() -> None:
    text = WHOLE.replace('title = "Example"\n', "").replace('"permitted"', '"maybe"').replace('"1/10"', '"x"')
    assert problems(text) == {("", "", "title"), ("rows", "x-1", "status"), ("rules", "r-1", "risk_limit")}


def test_a_problem_reads_as_a_sentence() -> None:
    with pytest.raises(LawError) as caught:
        parse_law(WHOLE.replace('status = "permitted"', 'status = "maybe"'))
    assert str(caught.value) == (
        'x, [[rows]] x-1, status: found "maybe"; expected one of permitted, duty, conditional, '
        "not_permitted, no_legal_effect. Correct the value."
    )


def test_a_file_that_is_no_toml_is_told_so() -> None:
    with pytest.raises(LawError, match=r"TOML 1\.0"):
        parse_law("format = ")


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "9" * 10_000, "a = '\ud800'"])
def test_a_file_that_no_reader_could_take_is_refused_and_not_a_crash(text: str) -> None:
    with pytest.raises(LawError):
        parse_law(text)


def test_a_tie_that_goes_to_a_runoff_needs_the_runoffs_day() -> None:
    rule = RULE.replace('"audit"', '"winner"').replace(
        'risk_limit = "1/10"', 'method = "plurality"\ntie = "runoff"'
    )
    assert problems(HEAD + rule) == {("rules", "r-1", "runoff_day")}
    whole = parse_law(HEAD + rule + 'runoff_day = ["election_day", "+28 days"]\n')
    assert whole.rules[0].values["tie"] == "runoff"


def test_a_file_of_more_than_four_mebibytes_is_refused() -> None:
    with pytest.raises(LawError, match="4 MiB"):
        parse_law("#" * (4 * 1024 * 1024 + 1))


def test_clock_rows_that_do_not_ascend_are_a_problem() -> None:
    row = '[[clock]]\nfrom = "2020-11-01T06:00:00Z"\noffset = "-05:00"\n'
    assert problems(WHOLE + row + row) == {("clock", "2020-11-01T06:00:00Z", "from")}


def test_two_files_of_a_set_have_different_ids() -> None:
    with pytest.raises(LawError, match="used once in the set"):
        law_set([parse_law(HEAD), parse_law(HEAD)])


def test_a_set_has_at_most_twenty_thousand_rows_and_rules() -> None:
    file = parse_law(WHOLE)

    def rows(many: int) -> LawFile:
        return replace(file, rows=tuple(replace(file.rows[0], id=f"x-{n}") for n in range(many)))

    assert len(law_set([rows(19_999)]).rows) == 19_999
    with pytest.raises(LawError, match="20,001 rows and rules; expected at most 20,000 in a set"):
        law_set([rows(20_000)])


def test_an_office_may_be_repeated_with_the_same_words() -> None:
    other = HEAD.replace('id = "x"', 'id = "y"') + OFFICE
    assert list(law_set([parse_law(HEAD + OFFICE), parse_law(other)]).offices) == ["clerk"]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_problems(text: str) -> None:
    try:
        assert isinstance(parse_law(text), LawFile)
    except LawError as error:
        assert error.problems


VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.sampled_from(['""', '"a"', '"2020-01-01"', "1.5", "2020-01-01"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
KEYS = st.sampled_from(
    [line.split(" = ")[0] for line in (HEAD + ACT + ROW + RULE).splitlines() if " = " in line]
)


@given(KEYS, VALUES)
def test_any_value_of_any_key_is_read_or_refused_with_problems(key: str, value: object) -> None:
    written = str(value).replace("'", "").replace("True", "true").replace("False", "false")
    lines = [f"{key} = {written}" if line.startswith(f"{key} = ") else line for line in WHOLE.splitlines()]
    try:
        law_set([parse_law("\n".join(lines))])
    except LawError as error:
        assert error.problems
