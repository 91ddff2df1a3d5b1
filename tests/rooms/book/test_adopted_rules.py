"""A corrected law file is adopted while a book is open: rules about persons change, what is settled stays."""

from hashlib import sha256

from tallybook.book import Entered, Malformed
from tests.rooms.book.books import COUNTY, KEEPER, STATE, Book, contest, without_audit
from tests.rooms.book.signing import setting, signed, with_officers
from tests.rooms.book.test_boards import ROSTER, board_rule, vote

MAYOR = contest("mayor", "ash", "birch")


def adopt(book: Book, rules: str, *by) -> None:  # type: ignore[no-untyped-def]
    """The model law, adopted anew with these rules."""
    text = without_audit() + rules
    filed = book.lay(text)
    act = book.act("adopt_law", KEEPER, law_file=filed["sha256"], exhibits=(filed,), key=f"adopt-{len(text)}")
    found = book.enter(signed(book, act, *by) if by else act)
    assert found[0].entry == "law_adopted"
    assert filed["sha256"] == sha256(text.encode()).hexdigest()


def test_a_board_begins_with_the_law_that_makes_it_one_and_earlier_acts_stay() -> None:
    book = with_officers(MAYOR)
    book.ask("set_roster", KEEPER, place="appling", post=COUNTY, roster=ROSTER)
    returns = book.votes("mayor", (41, 37))
    first = book.ask("certify_county_returns", COUNTY, contest="mayor", place="bacon", returns=returns)
    adopt(book, board_rule())
    alone = book.act("certify_county_returns", COUNTY, contest="mayor", place="appling", returns=returns)
    assert isinstance(book.decide(alone), Malformed)
    carried = book.enter(vote(book, {"p1": "aye", "p2": "aye", "p3": "aye"}))[0]
    assert carried.result["board"]["ayes"] == 3
    assert book.entries[first.seq] == first and "board" not in first.result


def test_another_majority_counts_from_the_adoption_on() -> None:
    book = with_officers(MAYOR, rules=board_rule("seats"))
    book.ask("set_roster", KEEPER, place="appling", post=COUNTY, roster=ROSTER)
    two_to_one = {"p1": "aye", "p2": "aye", "p3": "nay"}
    refused = book.enter(vote(book, two_to_one))[0]
    assert refused.refusal["code"] == "not_carried"
    adopt(book, board_rule("present"))
    assert book.enter(vote(book, two_to_one))[0].entry == "county_returns_certified"
    assert book.entries[refused.seq] == refused


def test_keys_that_are_set_bind_whatever_is_adopted_later() -> None:
    book = with_officers(MAYOR)
    book.enter(setting(book, "rotate_keys", KEEPER, {"k1": 1}, 1))
    book.enter(setting(book, "set_keys", KEEPER, {"s1": 21}, 1, ("k1", 1), post=STATE))
    adopt(book, "", ("k1", 1))
    act = book.act("order_risk_limiting_audit", STATE, contest="mayor")
    assert isinstance(book.decide(act), Malformed)
    assert isinstance(book.decide(signed(book, act, ("s1", 21))), Entered)


def test_the_keepers_signature_is_asked_for_the_adoption_itself() -> None:
    book = with_officers(MAYOR)
    book.enter(setting(book, "rotate_keys", KEEPER, {"k1": 1}, 1))
    filed = book.lay(without_audit() + board_rule())
    act = book.act("adopt_law", KEEPER, law_file=filed["sha256"], exhibits=(filed,))
    assert isinstance(book.decide(act), Malformed)
    assert isinstance(book.decide(signed(book, act, ("k1", 1))), Entered)
