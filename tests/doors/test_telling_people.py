"""Persons in words: the acts of the published packages of officers, as a reader sees them."""

from tallybook.doors.telling import timeline_row
from tallybook.doors.telling_people import people_words
from tools.make_officers_vectors import good_book

BOOK = good_book()


def told(kind: str, nth: int = 0) -> str:
    entry = [one for one in BOOK.entries if one.entry == kind][nth]
    return " ".join(people_words(entry))


def test_a_board_is_told_by_its_votes_and_a_dissent_in_its_own_words() -> None:
    assert told("county_returns_certified") == (
        "Votes: 2 aye, 1 nay. p3 (right, nay): Two envelopes are not explained."
    )


def test_signatures_keys_dates_and_recounts_are_told() -> None:
    assert told("keys_rotated", 1) == "Signed by k1, k2. 2 of 3 persons must sign. 1 key is out of use."
    assert told("date_moved") == "The deadline is 2020-12-01T17:00:00Z, from 2020-11-24T22:00:00Z."
    assert told("state_results_certified") == "Signed by s1. Its date was moved by entry 15."
    assert told("recount_result_published") == "Signed by s1. 1 place changed, by 3 votes together."


def test_a_refusal_tells_who_voted_for_what_was_not_carried() -> None:
    laws = BOOK.standing.law
    assert laws is not None
    row = timeline_row(laws, BOOK.standing, BOOK.entries[8])
    assert row.words == (
        "1 of 3 voted aye; 2 are needed. Votes: 1 aye, 1 nay, 1 abstain. "
        "p3 (right, nay): Two envelopes are not explained."
    )


def test_an_entry_without_persons_says_nothing_of_them() -> None:
    assert told("book_opened") == ""
