"""Every named case of the TUF conformance suite has a counterpart: here, or where test_tuf_list.py says.

The suite tests clients of signed update repositories. What it calls a role is a post here, the root role the
keeper of the record, metadata an act; a target is an exhibit. Where this book is stricter (a signature that
counts for nothing is refused, a new key always proves that it is held) the table says so, and the case is
tested both ways. The names of the cases are those of that suite; what is expected is of this specification.
"""

from dataclasses import dataclass

import pytest
from msgspec import structs

from tallybook.book import Decision, Entered, Malformed, Repeated
from tests.rooms.book.books import COUNTY, KEEPER, STATE, Book, contest
from tests.rooms.book.signing import RULES, private, public_key, setting, signed, with_officers

MAYOR = contest("mayor", "ash", "birch")
PLACES = ("appling", "bacon", "camden")
KEEPERS = (("k1", "k1"), ("k2", "k2"))


def book_of_keepers(rules: str = "") -> Book:
    book = with_officers(MAYOR, rules=rules, places=PLACES)
    book.enter(setting(book, "rotate_keys", KEEPER, {"k1": "k1", "k2": "k2"}, 2))
    return book


def give(
    book: Book, keys: dict[str, int | str], threshold: int = 1, place: str = "", post: str = COUNTY
) -> Decision:
    return entered(book, setting(book, "set_keys", KEEPER, keys, threshold, *KEEPERS, post=post, place=place))


def entered(book: Book, act) -> Decision:  # type: ignore[no-untyped-def]
    found = book.decide(act)
    if isinstance(found, Entered) and not found.entries[0].refusal:
        book.enter(act)
    return found


def accepted(found: Decision) -> bool:
    return isinstance(found, Entered) and not found.entries[0].refusal


def finding(book: Book, place: str, *persons) -> Decision:  # type: ignore[no-untyped-def]
    act = book.act("report_finding", COUNTY, place=place, text="A gap.", key=f"act-{len(book.entries)}")
    return entered(book, signed(book, act, *persons) if persons else act)


# Rotation of the keeper's own keys -----------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """A set of keys by number, its threshold, and who signs it; each key is of a person of its own."""

    keys: str
    threshold: int
    signers: str


def versions(*said: str) -> tuple[Version, ...]:
    """Versions written as "keys/threshold by signers"."""
    return tuple(
        Version(keys, int(threshold), signers)
        for keys, threshold, signers in (
            (one.split("/")[0], *one.split("/")[1].split(" by ")) for one in said
        )
    )


ROTATIONS = {
    "1-of-1-key-rotation": (versions("1/1 by 1", "2/1 by 21", "2/1 by 2"), True),
    # Stricter: a signature of a key outside both sets is refused; without it the case is the one above.
    "1-of-1-key-rotation-unused-signatures": (versions("1/1 by 1", "2/1 by 3214"), False),
    "3-of-5-sign-with-different-keycombos": (
        versions("01234/3 by 01234", "01234/3 by 041", "01234/3 by 013", "01234/3 by 013"),
        True,
    ),
    # Stricter: the new key 5 must prove that it is held; where it does, the set is accepted.
    "3-of-5-one-key-rotated": (versions("01234/3 by 01234", "01345/3 by 041"), False),
    "3-of-5-one-key-rotated, proved": (versions("01234/3 by 01234", "01345/3 by 0415"), True),
    "3-of-5-one-key-rotated-with-intermediate-step": (
        versions("01234/3 by 01234", "01345/3 by 0245", "01345/3 by 045"),
        True,
    ),
    # Stricter, as above, for 8 and 9.
    "3-of-5-all-keys-rotated-with-intermediate-step": (
        versions("01234/3 by 01234", "56789/3 by 024567"),
        False,
    ),
    "3-of-5-all-keys-rotated-with-intermediate-step, proved": (
        versions("01234/3 by 01234", "56789/3 by 02456789", "56789/3 by 567"),
        True,
    ),
    "1-of-3-threshold-increase-to-2-of-3": (versions("123/1 by 123", "123/2 by 12"), True),
    "2-of-3-threshold-decrease-to-1-of-3": (versions("123/2 by 123", "123/1 by 12", "123/1 by 1"), True),
    "1-of-2-threshold-increase-to-2-of-2": (versions("1/1 by 1", "12/2 by 12"), True),
    "1-of-1-key-rotation-fail-not-signed-with-old-key": (versions("1/1 by 1", "2/1 by 2"), False),
    "1-of-1-key-rotation-fail-not-signed-with-new-key": (versions("1/1 by 1", "2/1 by 1"), False),
    "3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys": (
        versions("01234/3 by 01234", "01345/3 by 024"),
        False,
    ),
    "3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys": (
        versions("01234/3 by 01234", "01345/3 by 045"),
        False,
    ),
    "1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached": (
        versions("123/1 by 123", "123/2 by 2"),
        False,
    ),
    "2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-eached": (
        versions("123/2 by 123", "123/1 by 1"),
        False,
    ),
}


@pytest.mark.parametrize(("steps", "good"), ROTATIONS.values(), ids=list(ROTATIONS))
def test_a_post_changes_its_own_keys_under_the_old_and_the_new_threshold(
    steps: tuple[Version, ...], good: bool
) -> None:
    book, found = with_officers(MAYOR), None
    before = ""
    for step in steps:
        assert found is None or accepted(found)
        found = rotate(book, step, before)
        before = step.keys
    assert found is not None and accepted(found) == good
    held = book.standing.officers.keys[(KEEPER, "")]
    assert set(held.keys) == {f"n{n}" for n in (steps[-1] if good else steps[-2]).keys}


def rotate(book: Book, step: Version, before: str) -> Decision:
    """One set of keys: those who had keys sign the act, those who get new ones prove them."""
    keys: dict[str, int | str] = {f"n{n}": n for n in step.keys}
    new = [f"n{n}" for n in step.signers if n in step.keys and n not in before]
    by = [(f"n{n}", n) for n in step.signers if before and f"n{n}" not in new]
    return entered(book, setting(book, "rotate_keys", KEEPER, keys, step.threshold, *by, new=new))


# Signatures of a post whose keys the keeper has set ------------------------------------------------

SIGNINGS = {
    "1-of-1-key-rotation": (Version("2", 1, "2"), True),
    # Stricter: signatures that count for nothing are refused.
    "1-of-1-key-rotation-unused-signatures": (Version("1", 1, "314"), False),
    "1-of-1-key-rotation-unused-signatures, without them": (Version("1", 1, "1"), True),
    "1-of-1-key-rotation-fail-not-signed-with-new-key": (Version("2", 1, "134"), False),
    "3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys": (Version("01345", 3, "024"), False),
    "2-of-5-one-key-signature-mising-threshold-not-reached": (Version("01345", 3, "04"), False),
    "3-of-5-sign-first-combo": (Version("01234", 3, "024"), True),
    "3-of-5-sign-second-combo": (Version("01234", 3, "041"), True),
    "3-of-5-sign-third-combo": (Version("01234", 3, "013"), True),
    "3-of-5-sign-fourth-combo": (Version("01234", 3, "123"), True),
    "3-of-5-sign-fifth-combo": (Version("01234", 3, "234"), True),
}


@pytest.mark.parametrize(("step", "good"), SIGNINGS.values(), ids=list(SIGNINGS))
def test_a_post_acts_by_the_threshold_of_the_keys_that_the_keeper_has_set(step: Version, good: bool) -> None:
    book = book_of_keepers()
    give(book, {"old": "old"}, place="appling")
    assert accepted(give(book, {f"n{n}": n for n in step.keys}, step.threshold, "appling"))
    assert accepted(finding(book, "appling", *((f"n{n}", n) for n in step.signers))) == good


# Posts of offices and places ------------------------------------------------------------------------

A, B, OFFICE, SECRETARY = ("a", "a"), ("b", "b"), ("o", "o"), ("s", "s")
POSTS = {"a": (COUNTY, "appling"), "b": (COUNTY, "bacon"), "o": (COUNTY, ""), "s": (STATE, "")}

# name: which posts have keys, then acts of the county: place, who signs, whether it is accepted
GRAPHS = {
    "basic-delegation": ("a", [("appling", A, True)]),
    "single-level-delegations": ("ab", [("appling", A, True), ("bacon", B, True), ("appling", B, False)]),
    "two-level-delegations": ("oa", [("bacon", OFFICE, True), ("appling", A, True)]),
    "two-level-test-DFS-order-of-traversal": (
        "oab",
        [("camden", OFFICE, True), ("bacon", B, True), ("camden", B, False)],
    ),
    "three-level-delegation-test-DFS-order-of-traversal": (
        "soa",
        [("camden", OFFICE, True), ("camden", SECRETARY, False)],
    ),
    "two-level-terminating-ignores-all-but-roles-descendants": (
        "oa",
        [("appling", A, True), ("appling", OFFICE, False)],
    ),
    "three-level-terminating-ignores-all-but-roles-descendants": (
        "soa",
        [("appling", OFFICE, False), ("appling", SECRETARY, False)],
    ),
    "two-level-ignores-all-branches-not-matching-paths": ("a", [("bacon", A, False), ("bacon", None, True)]),
    "three-level-ignores-all-branches-not-matching-paths": ("sa", [("bacon", SECRETARY, False)]),
    "two-roles-delegating-to-a-third-different-paths": ("ab", [("bacon", B, True), ("bacon", A, False)]),
    "no delegations": ("", [("appling", None, True), ("appling", A, False)]),
    "targetpath matches wildcard": ("o", [("appling", OFFICE, True)]),
    "targetpath with separators x": ("oab", [("appling", A, True)]),
    "targetpath with separators y": ("oab", [("bacon", B, True)]),
}


@pytest.mark.parametrize(("posts", "acts"), GRAPHS.values(), ids=list(GRAPHS))
def test_the_nearest_post_decides_and_no_other_speaks_for_it(posts, acts) -> None:  # type: ignore[no-untyped-def]
    book = book_of_keepers()
    for one in posts:
        office, place = POSTS[one]
        assert accepted(give(book, {one: one}, place=place, post=office))
    for place, signer, good in acts:
        assert accepted(finding(book, place, *([signer] if signer else []))) == good, (place, signer)


def test_power_does_not_go_in_a_circle() -> None:
    # cyclic-graph: a post that was given keys cannot give keys to others, nor to the keeper.
    book = book_of_keepers()
    give(book, {"a": "a"}, place="appling")
    for post in (KEEPER, STATE, COUNTY):
        act = setting(book, "set_keys", COUNTY, {"x": "x"}, 1, A, post=post, place="appling", new=["x"])
        found = book.decide(act)
        assert isinstance(found, Entered) and found.entries[0].refusal["code"] == "no_law"


def test_of_two_ways_to_the_same_post_the_latest_set_counts() -> None:
    # two-roles-delegating-to-a-third: the keeper and the post itself set the same keys.
    book = book_of_keepers()
    give(book, {"a": "a"}, place="appling")
    own = setting(book, "rotate_keys", COUNTY, {"a": "a2"}, 1, A, place="appling")
    assert accepted(entered(book, own))
    assert not accepted(finding(book, "appling", A))
    assert accepted(finding(book, "appling", ("a", "a2")))
    give(book, {"a": "a3"}, place="appling")
    assert not accepted(finding(book, "appling", ("a", "a2")))
    assert accepted(finding(book, "appling", ("a", "a3")))


def test_a_place_that_no_post_covers_does_nothing_where_the_law_asks_for_keys() -> None:
    # targetpath is not delegated by all roles in the chain
    book = book_of_keepers(
        RULES.replace("secretary_of_state", COUNTY).replace("threshold = 2", "threshold = 1")
    )
    give(book, {"a": "a"}, place="appling")
    assert accepted(finding(book, "appling", A))
    assert not accepted(finding(book, "bacon"))
    assert not accepted(finding(book, "bacon", A))


# Keys that count, thresholds that can be met --------------------------------------------------------


def test_keys_of_the_keeper_do_not_count_for_a_post() -> None:
    # test_root_has_keys_but_not_snapshot
    book = book_of_keepers()
    give(book, {"n1": 1, "n2": 2}, 2, "appling")
    assert not accepted(finding(book, "appling", ("k1", "k1"), ("k2", "k2")))
    assert not accepted(finding(book, "appling", ("n1", 1), ("k2", "k2")))
    assert accepted(finding(book, "appling", ("n1", 1), ("n2", 2)))


def test_a_threshold_that_the_keys_cannot_meet_is_a_problem_when_it_is_set() -> None:
    # test_snapshot_threshold
    found = give(book_of_keepers(), {f"n{n}": n for n in range(5)}, 6, "appling")
    assert isinstance(found, Malformed)


def test_one_key_under_many_names_counts_once() -> None:
    # test_duplicate_keys_root
    book = book_of_keepers()
    assert isinstance(give(book, {f"n{n}": "same" for n in range(9)}, 6, "appling"), Malformed)
    give(book, {"n0": 0, "n1": 1}, 2, "appling")
    act = signed(
        book, book.act("report_finding", COUNTY, place="appling", text="A gap."), ("n0", 0), ("n1", 0)
    )
    assert isinstance(book.decide(act), Malformed)


# Recovery, repetition, old states --------------------------------------------------------------------


@pytest.mark.parametrize("place", ["appling", ""])
def test_after_a_thief_has_gone_far_ahead_the_quorum_takes_the_post_back(place: str) -> None:
    # fast forward recovery: a stolen key changes the keys again and again; the keeper's quorum ends it.
    book = book_of_keepers()
    give(book, {"a": "a"}, place=place)
    for n in range(9):
        by = ("a", "a" if n == 0 else f"thief {n - 1}")
        stolen = setting(book, "rotate_keys", COUNTY, {"a": f"thief {n}"}, 1, by, place=place)
        assert accepted(entered(book, stolen))
    assert accepted(give(book, {"a": "fresh"}, place=place))
    assert not accepted(finding(book, "appling", ("a", "thief 8")))
    assert accepted(finding(book, "appling", ("a", "fresh")))


def test_one_stolen_key_of_two_takes_nothing() -> None:
    book = book_of_keepers()
    alone = setting(book, "rotate_keys", KEEPER, {"k1": "thief"}, 1, ("k1", "k1"))
    assert isinstance(book.decide(alone), Malformed)


def test_an_old_set_of_keys_sent_again_is_answered_with_its_entry_and_changes_nothing() -> None:
    # rollback: the same act again has its old receipt; under another key its signatures do not hold.
    book = book_of_keepers()
    old = setting(book, "set_keys", KEEPER, {"a": "a"}, 1, *KEEPERS, post=COUNTY, place="appling")
    book.enter(old)
    give(book, {"a": "a2"}, place="appling")
    assert book.decide(old) == Repeated(2)
    again = structs.replace(old, key="again")
    assert isinstance(book.decide(again), Malformed)
    assert book.standing.officers.keys[(COUNTY, "appling")].keys == {"a": public_key("a2")}


def test_an_act_from_before_the_books_latest_moment_is_a_problem() -> None:
    # freeze and rollback in time: the record never goes back.
    book = book_of_keepers()
    book.ask("file_exhibit", "candidate", "2020-11-05 12:00", text="Later.")
    assert isinstance(
        book.decide(book.act("report_finding", COUNTY, "2020-11-05 11:59", text="Early.")), Malformed
    )


# Terms that end ------------------------------------------------------------------------------------------

BOARD = """
[[rules]]
id = "own-board"
kind = "board"
classes = []
in_force = ["", ""]
elections_held = ["", ""]
citation = "Own law, section 2"
plain = "Findings are put to a vote."
office = "county_superintendent"
acts = ["report_finding"]
seats = 3
quorum = 1
majority = "votes"
"""


def sitting(*roster: dict[str, object]) -> Book:
    book = with_officers(MAYOR, rules=BOARD)
    book.ask("set_roster", KEEPER, place="appling", post=COUNTY, roster=list(roster))
    return book


def votes(book: Book, person: str, at: str) -> bool:
    by = ({"person": person, "seat": "one", "vote": "aye"},)
    act = book.act("report_finding", COUNTY, at, place="appling", text="A gap.", by=by)
    return accepted(book.decide(act))


P = {"person": "p", "seat": "one", "until": "2020-11-10"}
Q = {"person": "q", "seat": "one", "until": "2020-11-20", "alternate": True}


@pytest.mark.parametrize("roster", [(P,), (P, Q)], ids=["seat", "seat with an alternate"])
def test_a_term_that_has_ended_gives_no_vote(roster: tuple[dict[str, object], ...]) -> None:
    book = sitting(*roster)
    assert votes(book, "p", "2020-11-10 12:00")
    assert not votes(book, "p", "2020-11-11 12:00")


def test_a_term_that_was_over_when_it_was_entered_gives_no_vote() -> None:
    assert not votes(sitting({**P, "until": "2020-11-01"}), "p", "2020-11-10 12:00")


def test_an_alternates_own_term_ends_for_itself() -> None:
    book = sitting(P, Q)
    assert votes(book, "q", "2020-11-20 12:00")
    assert not votes(book, "q", "2020-11-21 12:00")


def test_a_term_that_has_ended_is_renewed_by_a_new_roster() -> None:
    book = sitting(P)
    assert not votes(book, "p", "2020-11-12 12:00")
    renewed = [{**P, "until": "2020-12-10"}]
    book.ask("set_roster", KEEPER, "2020-11-12 13:00", place="appling", post=COUNTY, roster=renewed)
    assert votes(book, "p", "2020-11-13 12:00")


# Names that look like something else ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["?", "#", "/delegatedrole", "../delegatedrole"])
def test_an_unusual_name_is_no_person_no_seat_no_post_and_no_key(name: str) -> None:
    book = book_of_keepers()
    act = book.act("report_finding", COUNTY, place="appling", text="A gap.")
    for by in ({"person": name}, {"person": "p", "seat": name, "vote": "aye"}):
        assert isinstance(book.decide(structs.replace(act, by=(by,))), Malformed)
    assert isinstance(book.decide(structs.replace(act, key=name)), Malformed)
    keys = {"keys": [{"person": name, "public_key": public_key(1), "possession": private(1).sign(b"").hex()}]}
    for detail in (keys, {"keys": [{**keys["keys"][0], "person": "p"}], "post": name}):
        act = book.act("set_keys", KEEPER, threshold=1, **detail)
        assert isinstance(book.decide(signed(book, act, *KEEPERS)), Malformed)
