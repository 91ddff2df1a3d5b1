"""Claims and their answers: never more than the evidence says (docs/spec/officers.md, section 7)."""

import pytest

from tallybook.book import Malformed
from tests.rooms.book.books import COUNTY, KEEPER, STATE, Book, contest
from tests.rooms.book.signing import with_officers

MAYOR = contest("mayor", "ash", "birch")
SAID = {"text": "A memory card was never counted.", "source": "A letter to the county", "dated": "2020-11-02"}


def claimed(**more) -> tuple[Book, int]:  # type: ignore[no-untyped-def]
    book = with_officers(MAYOR)
    return book, book.ask("enter_claim", "candidate", **SAID, **more).seq


@pytest.mark.parametrize("answer", ["record_shows", "record_contradicts"])
def test_an_answer_from_the_record_names_what_bears_on_the_claim(answer: str) -> None:
    book, claim = claimed()
    found = book.refused("answer_claim", KEEPER, claim=claim, answer=answer, text="See there.")
    assert found["code"] == "nothing_bears"
    assert book.ask("answer_claim", KEEPER, claim=claim, answer=answer, text="See there.", entries=[0])
    law = book.standing.law_files[0]
    assert book.ask("answer_claim", KEEPER, claim=claim, answer=answer, text="See there.", named=[law])


@pytest.mark.parametrize("answer", ["record_cannot_tell", "outside_this_record"])
def test_an_answer_that_claims_nothing_of_the_record_names_nothing(answer: str) -> None:
    book, claim = claimed()
    assert book.ask("answer_claim", KEEPER, claim=claim, answer=answer, text="It is not here.")


def test_a_claim_or_an_answer_is_no_evidence() -> None:
    book, claim = claimed()
    other = book.ask("enter_claim", KEEPER, **SAID).seq
    answered = book.ask(
        "answer_claim", KEEPER, claim=claim, answer="record_shows", text="So.", entries=[0]
    ).seq
    for named in (other, answered):
        found = book.refused(
            "answer_claim", KEEPER, claim=claim, answer="record_shows", text="So.", entries=[0, named]
        )
        assert (found["code"], found["words"]) == (
            "no_evidence",
            f"Entry {named} is a claim or an answer, not evidence.",
        )
    again = book.ask(
        "answer_claim", KEEPER, claim=claim, answer="record_cannot_tell", text="So.", entries=[other]
    )
    assert again.result == {"replaces": answered}
    assert book.standing.officers.claims[claim].answer == "record_cannot_tell"
    assert book.standing.officers.claims[other].answered is None


def test_an_answer_names_a_claim_about_the_same_contest_and_place() -> None:
    book, claim = claimed(contest="mayor", place="bacon")
    said = {"claim": claim, "answer": "record_cannot_tell", "text": "So."}
    for where in ({}, {"contest": "mayor"}, {"contest": "mayor", "place": "appling"}):
        assert book.refused("answer_claim", STATE, **said, **where)["code"] == "no_claim"
    assert book.refused("answer_claim", STATE, **{**said, "claim": 0})["code"] == "no_claim"
    assert book.ask("answer_claim", STATE, contest="mayor", place="bacon", **said)


def test_a_candidate_asks_and_does_not_answer() -> None:
    book, claim = claimed()
    said = {"claim": claim, "answer": "record_shows", "text": "So.", "entries": [0]}
    found = book.refused("answer_claim", "candidate", **said)
    assert (found["code"], found["who_may"]) == ("no_law", [KEEPER, STATE, COUNTY])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dated", "yesterday"),
        ("dated", "2020-02-30"),
        ("entries", []),
        ("entries", [1]),
        ("entries", [0, 0]),
        ("entries", ["0"]),
        ("entries", 0),
        ("named", ["00" * 32]),
        ("named", []),
        ("source", ""),
    ],
)
def test_a_claim_of_another_form_is_a_problem(field: str, value: object) -> None:
    book = with_officers(MAYOR)
    act = book.act("enter_claim", KEEPER, **{**SAID, field: value})
    found = book.decide(act)
    assert isinstance(found, Malformed) and found.problems[0].field == f"detail.{field}"


def test_there_are_four_answers_and_no_fifth() -> None:
    book, claim = claimed()
    act = book.act("answer_claim", KEEPER, claim=claim, answer="true", text="So.")
    found = book.decide(act)
    assert isinstance(found, Malformed)
    assert found.problems[0].expected == (
        "one of record_shows, record_contradicts, record_cannot_tell, outside_this_record"
    )
