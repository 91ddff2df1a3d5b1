"""Each entry of an audit by plan in words that an official understands."""

from tallybook.doors.telling_audits import WORDS, audit_words
from tools import audit_books


def told(book: audit_books.AuditMaker) -> dict[str, list[str]]:
    """Entry kind -> the words of its first entry; refusals left out."""
    found: dict[str, list[str]] = {}
    for entry in book.entries:
        words = audit_words(book.standing, entry)
        if words is not None:
            found.setdefault(entry.entry, words)
    return found


def test_an_audit_with_a_correction_is_told_from_plan_to_reopening():
    words = told(audit_books.two_rounds_book())
    assert words["audit_plan_committed"] == [
        "Mayor: 300 cards, the narrowest of its one assertion holds by 42."
    ]
    assert words["audit_round_drawn"] == ["Round 1: 25 to read."]
    assert words["risk_measured"] == ["Mayor: risk 1, another round."]
    assert words["audit_stopped"] == ["The sample bears out the reported outcome.", "Elected: Ash."]
    assert words["reading_corrected"][1] == "Mayor: risk 1, another round."
    assert words["audit_reopened"] == ["The corrected risk is 1, above the limit."]


def test_a_count_of_every_card_is_told_as_a_count():
    words = told(audit_books.counted_book())
    assert words["risk_measured"] == ["Mayor: every card was counted."]
    assert words["audit_stopped"][0] == "The count of every card does not bear out the reported outcome."


def test_every_entry_of_an_audit_has_words():
    kinds = {**told(audit_books.comparison_book()), **told(audit_books.two_rounds_book())}
    assert kinds.keys() == WORDS.keys()
    assert all(words and all(words) for words in kinds.values())
