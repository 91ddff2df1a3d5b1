"""Problems are told gravest first, a million alike as a few places and a number, and shown safely."""

import pytest

from tallybook.formats.problems import PLACES_KEPT, Consequence, FileProblem, Problems, shown


def test_a_problem_reads_as_a_sentence_with_its_place() -> None:
    problem = FileProblem(
        Consequence.GRAVE,
        "manifest.csv",
        'the text "12O4"',
        "a whole number",
        "Correct the cell.",
        1041,
        "Ballots",
    )
    assert str(problem) == (
        'manifest.csv, row 1,041, "Ballots": '
        'found the text "12O4"; expected a whole number. Correct the cell.'
    )


def test_the_gravest_come_first_and_others_in_the_order_met() -> None:
    problems = Problems()
    for number, consequence in enumerate(
        (Consequence.NOTE, Consequence.GRAVE, Consequence.CARE, Consequence.GRAVE)
    ):
        problems.add(consequence, "a", f"{number}", f"not {number}", "Mend it.")
    assert [problem.found for problem in problems.collected()] == ["1", "3", "2", "0"]


def test_a_million_alike_are_a_few_places_and_a_number() -> None:
    problems = Problems()
    for row in range(100_000):
        problems.add(Consequence.COUNT, "a", f"{row}", "b", "c", row=row + 1)
    problems.add(Consequence.COUNT, "a", "many", "b", "c", times=900_000)
    told = problems.collected()
    assert len(told) == PLACES_KEPT and told[-1].others == 1_000_000 - PLACES_KEPT
    assert "in 999,995 other places" in str(told[-1])


def test_a_million_kinds_do_not_fill_the_memory() -> None:
    problems = Problems()
    for number in range(20_000):
        problems.add(Consequence.CARE, "a", "b", f"{number}", "c")
    assert len(problems.collected()) < 1_100
    assert sum(1 + problem.others for problem in problems.collected()) == 20_000


def test_problems_collected_elsewhere_are_added_with_their_number() -> None:
    first, second = Problems(), Problems()
    first.add(Consequence.CARE, "a", "b", "c", "d", times=7)
    second.extend(first.collected())
    assert second.collected() == first.collected()


def test_a_grave_problem_leaves_no_records_and_no_records_have_a_grave_problem() -> None:
    problems = Problems()
    with pytest.raises(AssertionError):
        problems.reading(None)
    problems.add(Consequence.GRAVE, "a", "b", "c", "d")
    assert problems.reading(None).records is None


def test_what_was_found_is_shown_short_and_without_hidden_signs() -> None:
    assert shown("a\u202eb\0") == '"a<U+202E>b<U+0000>"'
    assert shown("x" * 500) == '"' + "x" * 80 + '..."'
    assert (
        str(FileProblem(Consequence.CARE, "a", shown("\n"), "b", "c")) == 'a: found "<U+000A>"; expected b. c'
    )


def test_the_words_of_a_library_are_shown_without_hidden_signs_too() -> None:
    """lxml quotes what it read: a mark that turns the direction of writing must not reach a screen."""
    problems = Problems()
    problems.add(Consequence.GRAVE, "f.xml", "not a URI: x\u200fy", "a\u202eb", "c\0d")
    (problem,) = problems.collected()
    assert (problem.found, problem.expected, problem.mend) == (
        "not a URI: x<U+200F>y",
        "a<U+202E>b",
        "c<U+0000>d",
    )
