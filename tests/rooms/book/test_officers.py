"""Officers' keys: who may speak for a post (docs/spec/officers.md, sections 2 and 3)."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from tallybook.book import Act, Entered, Malformed, decode_entry, encode_entry
from tallybook.book.officers import statement as own_statement
from tests.rooms.book.books import COUNTY, KEEPER, STATE, Book, contest
from tests.rooms.book.signing import (
    RULES,
    key_set,
    private,
    public_key,
    setting,
    signed,
    statement,
    verify,
    with_officers,
)

MAYOR = contest("mayor", "ash", "birch")


def keyed(rules: str = "") -> Book:
    """A book whose keeper has the keys of k1 and k2, both needed; Appling's superintendent has that of p1."""
    book = with_officers(MAYOR, rules=rules)
    book.enter(setting(book, "rotate_keys", KEEPER, {"k1": 1, "k2": 2}, 2))
    appling = {"post": COUNTY, "place": "appling"}
    book.enter(setting(book, "set_keys", KEEPER, {"p1": 11}, 1, ("k1", 1), ("k2", 2), **appling))
    return book


def certify(book: Book, place: str = "appling", **said):  # type: ignore[no-untyped-def]
    returns = book.votes("mayor", (41, 37))
    return book.act("certify_county_returns", COUNTY, contest="mayor", place=place, returns=returns, **said)


def problems(book: Book, act) -> list[str]:  # type: ignore[no-untyped-def]
    found = book.decide(act)
    assert isinstance(found, Malformed), found
    return [f"{one.field}: {one.found}; {one.expected}" for one in found.problems]


def refusal(book: Book, act) -> dict:  # type: ignore[no-untyped-def, type-arg]
    found = book.decide(act)
    assert isinstance(found, Entered), found
    return found.entries[0].refusal


def test_an_act_of_a_post_with_keys_is_entered_when_the_post_has_signed_it() -> None:
    book = keyed()
    entry = book.enter(signed(book, certify(book), ("p1", 11)))[0]
    assert entry.entry == "county_returns_certified"
    assert entry.by == ({**entry.by[0], "person": "p1", "key": public_key(11)},)
    assert decode_entry(encode_entry(entry)) == entry


def test_what_is_signed_are_the_bytes_of_the_specification() -> None:
    book = keyed()
    act = certify(book, paper="", purpose="")
    who = {"person": "p1"}
    assert own_statement(book.standing.origin, act, {**who, "key": "…", "signature": "…"}) == statement(
        book, act, who
    )


RFC_8032 = {
    "p1": "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "p2": "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "p3": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
}
"""The secret keys of tests 2, 3 and 1 of RFC 8032, section 7.1."""


def test_the_signatures_of_the_specification_s_example_are_valid() -> None:
    page = (Path(__file__).parents[3] / "docs" / "spec" / "officers.md").read_text(encoding="utf-8")
    example = page.split("## 2. ")[0]
    entry = json.loads(example.split("```json\n")[1].split("```")[0])
    shown, whole = (part.split("```")[0].strip() for part in example.split("```text\n")[1:])
    signatures = dict(line.split() for line in whole.splitlines())
    said = {name: entry[name] for name in ("act", "office", "on", "received", "key", "contest", "place")}
    act = Act(**said, detail=entry["detail"])
    for one in entry["by"]:
        who = {name: one[name] for name in one if name not in ("key", "signature")}
        message = own_statement("book.example/test", act, who)
        if one["person"] == "p1":
            assert message.decode() == shown.replace(" LF\n", "\n")
        secret = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(RFC_8032[one["person"]]))
        key, signature = secret.public_key().public_bytes_raw(), bytes.fromhex(signatures[one["person"]])
        assert verify(key, signature, message)
        assert (one["key"], one["signature"]) == tuple(
            f"{x.hex()[:4]}…{x.hex()[-4:]}" for x in (key, signature)
        )


def test_an_unsigned_act_of_a_post_with_keys_is_a_problem() -> None:
    book = keyed()
    assert problems(book, certify(book)) == ["by: 0 signatures; 1 of 1 persons"]


@pytest.mark.parametrize(
    ("person", "key", "part"),
    [
        ("p1", 12, "this person's key in the keys of the post, entry 2"),
        ("p2", 11, "this person's key in the keys of the post, entry 2"),
        ("k1", 1, "this person's key in the keys of the post, entry 2"),
    ],
)
def test_a_signature_of_another_person_or_key_is_a_problem(person: str, key: int, part: str) -> None:
    book = keyed()
    (found,) = problems(book, signed(book, certify(book), (person, key)))
    assert part in found


def test_a_signature_of_another_statement_is_a_problem() -> None:
    book = keyed()
    act = signed(book, certify(book), ("p1", 11))
    for changed in (
        structs.replace(act, detail={"returns": book.votes("mayor", (42, 36))}),
        structs.replace(act, place="bacon"),
        structs.replace(act, key="another"),
        structs.replace(act, on="2020-11-02"),
    ):
        assert problems(book, changed)


def test_the_statement_leaves_out_only_what_the_door_adds() -> None:
    book = keyed()
    act = signed(book, certify(book), ("p1", 11))
    later = structs.replace(act, received=book.moment("2020-11-03 22:00"), seen=2)
    assert isinstance(book.decide(later), Entered)


def test_a_signature_counts_once_even_if_it_is_given_twice() -> None:
    book = keyed()
    roster = [{"person": "p1", "seat": "one"}]
    act = signed(book, book.act("set_roster", KEEPER, post=STATE, roster=roster), ("k1", 1))
    assert problems(book, act) == ["by: 1 signatures; 2 of 2 persons"]
    twice = structs.replace(act, by=(act.by[0], act.by[0]))
    assert problems(book, twice) == ['by: "k1"; each person once, in alphabetical order']
    renamed = structs.replace(act, by=(act.by[0], {**act.by[0], "person": "k2"}))
    assert "this person's key in the keys of the post, entry 1" in problems(book, renamed)[0]


def test_an_office_without_keys_takes_no_signature() -> None:
    book = with_officers(MAYOR)
    assert isinstance(book.decide(certify(book)), Entered)
    assert problems(book, signed(book, certify(book), ("p1", 11))) == [
        "by[0].key: a signature; none: this post has no keys"
    ]


def test_an_office_that_the_law_binds_to_signatures_does_nothing_without_keys() -> None:
    book = keyed(RULES)
    act = book.act("certify_state_results", STATE, contest="mayor")
    wanted = "keys of which 2 must sign (Own law, section 1)"
    assert problems(book, act) == [f"by: no keys; {wanted}"]
    book.enter(setting(book, "set_keys", KEEPER, {"s1": 21, "s2": 22}, 1, ("k1", 1), ("k2", 2), post=STATE))
    assert problems(book, act) == [
        f"by: keys of which 1 must sign; {wanted}",
        "by: 0 signatures; 1 of 2 persons",
    ]


APPOINTING = """
[[rows]]
id = "own-appointing"
office = "secretary_of_state"
act = "set_keys"
status = "permitted"
in_force = ["", ""]
elections_held = ["", ""]
citation = "Own law, section 2"
plain = "The Secretary of State may set the keys of any post."
"""


@pytest.mark.parametrize("where", [{"post": COUNTY}, {"post": COUNTY, "place": "bacon"}, {"post": KEEPER}])
def test_a_post_bound_to_signatures_and_without_keys_sets_no_other_posts_first_keys(where: dict) -> None:  # type: ignore[type-arg]
    book = with_officers(MAYOR, rules=RULES + APPOINTING)
    act = setting(book, "set_keys", STATE, {"p1": 11}, 1, **where)
    assert problems(book, act) == ["by: no keys; keys of which 2 must sign (Own law, section 1)"]


@pytest.mark.parametrize("where", [{}, {"place": "bacon"}])
def test_a_post_bound_to_signatures_sets_its_own_first_keys_without(where: dict) -> None:  # type: ignore[type-arg]
    book = with_officers(MAYOR, rules=RULES + APPOINTING)
    act = setting(book, "set_keys", STATE, {"s1": 21, "s2": 22}, 2, post=STATE, **where)
    assert book.enter(act)[0].entry == "keys_set"


def test_a_post_with_keys_for_all_places_signs_its_first_keys_for_one_place() -> None:
    book = with_officers(MAYOR, rules=RULES + APPOINTING)
    book.enter(setting(book, "set_keys", STATE, {"s1": 21, "s2": 22}, 2, post=STATE))
    new = {"s3": 23, "s4": 24}
    assert problems(book, setting(book, "set_keys", STATE, new, 2, post=STATE, place="bacon"))
    signers = (("s1", 21), ("s2", 22))
    assert book.enter(setting(book, "set_keys", STATE, new, 2, *signers, post=STATE, place="bacon"))


def test_keys_in_an_act_of_another_effect_are_any_objects() -> None:
    act = """
[[acts]]
id = "lend_keys"
words = "lend the keys"
entry = "keys_lent"
said = "lent the keys"
effect = "record"
needs = ["keys"]
may = ["roster", "threshold", "post"]
scope = []
phases = []
"""
    row = APPOINTING.replace("own-appointing", "own-lending").replace("set_keys", "lend_keys")
    book = with_officers(MAYOR, rules=act + row)
    for good in ({"keys": []}, {"keys": [{"door": 3}], "roster": [{}], "threshold": 0, "post": COUNTY}):
        assert isinstance(book.decide(book.act("lend_keys", STATE, **good)), Entered)
    for bad in ({"keys": [3]}, {"keys": {}}, {"keys": [], "threshold": -1}, {"keys": [], "post": "pope"}):
        assert problems(book, book.act("lend_keys", STATE, **bad))


def test_the_keys_of_one_county_do_not_speak_for_another() -> None:
    book = keyed()
    assert isinstance(book.decide(certify(book, "bacon")), Entered)
    assert problems(book, signed(book, certify(book, "bacon"), ("p1", 11)))


def test_the_keys_of_an_office_speak_where_a_place_has_none_of_its_own() -> None:
    book = keyed()
    book.enter(setting(book, "set_keys", KEEPER, {"p9": 19}, 1, ("k1", 1), ("k2", 2), post=COUNTY))
    assert isinstance(book.decide(signed(book, certify(book, "bacon"), ("p9", 19))), Entered)
    assert isinstance(book.decide(signed(book, certify(book), ("p1", 11))), Entered)
    assert problems(book, signed(book, certify(book), ("p9", 19)))


def test_a_key_that_its_holder_did_not_prove_is_a_problem() -> None:
    book = keyed()
    unproved = setting(book, "set_keys", KEEPER, {"s1": 21}, 1, ("k1", 1), ("k2", 2), post=STATE, new=())
    assert problems(book, unproved)[0].startswith("detail.keys[0].possession: nothing")


def test_a_proof_of_possession_is_of_this_set_in_this_act_for_this_post() -> None:
    book = keyed()
    good = setting(book, "set_keys", KEEPER, {"s1": 21}, 1, post=STATE)
    keys = good.detail["keys"]
    other = key_set(book, COUNTY, {"s1": 21}, 1, key=good.key, new=["s1"])["keys"]
    elsewhere = key_set(book, STATE, {"s1": 21}, 1, key=good.key, new=["s1"], place="bacon")["keys"]
    again = key_set(book, STATE, {"s1": 21}, 1, key="other", new=["s1"])["keys"]
    forged = [{**keys[0], "possession": private(22).sign(b"").hex()}]
    for wrong in (other, elsewhere, again, forged):
        act = structs.replace(good, detail={**good.detail, "keys": wrong})
        assert problems(book, signed(book, act, ("k1", 1), ("k2", 2)))[0].startswith(
            "detail.keys[0].possession"
        )
    assert isinstance(book.decide(signed(book, good, ("k1", 1), ("k2", 2))), Entered)


def test_a_key_enrolled_for_two_persons_is_refused() -> None:
    book = keyed()
    act = setting(book, "set_keys", KEEPER, {"s1": 11}, 1, ("k1", 1), ("k2", 2), post=STATE)
    found = refusal(book, act)
    assert found["code"] == "key_taken"
    assert found["words"] == f"Key {public_key(11)} belongs to another person since entry 2."
    assert found["citation"] == "Tallybook book specification, section 6"


def test_two_persons_with_one_key_in_one_set_are_a_problem() -> None:
    book = keyed()
    act = setting(book, "set_keys", KEEPER, {"s1": 21, "s2": 21}, 1, ("k1", 1), ("k2", 2), post=STATE)
    assert problems(book, act)[0].startswith("detail.keys")


def test_one_person_with_two_keys_in_one_set_is_a_problem() -> None:
    book = keyed()
    listed = [{"person": "s1", "public_key": public_key(n), "possession": "00" * 64} for n in (21, 22)]
    act = book.act("set_keys", KEEPER, keys=listed, threshold=1, post=STATE)
    assert problems(book, act)[0].startswith("detail.keys")


def test_one_person_may_hold_two_posts_with_one_key() -> None:
    book = keyed()
    act = setting(book, "set_keys", KEEPER, {"p1": 11}, 1, ("k1", 1), ("k2", 2), post=COUNTY, place="bacon")
    assert isinstance(book.decide(act), Entered)


def test_a_revoked_key_signs_nothing_more_and_never_comes_back() -> None:
    book = keyed()
    before = book.enter(signed(book, certify(book), ("p1", 11)))[0]
    quorum, appling = (("k1", 1), ("k2", 2)), {"post": COUNTY, "place": "appling"}
    entry = book.enter(setting(book, "set_keys", KEEPER, {"p1": 12}, 1, *quorum, **appling))[0]
    assert entry.result == {"dropped": [public_key(11)], "replaces": 2}
    act = book.act("report_finding", COUNTY, contest="mayor", place="appling", text="Two envelopes.")
    found = book.decide(signed(book, act, ("p1", 11)))
    assert isinstance(found, Malformed)
    assert found.problems[0].mend == "This key was taken out of use in entry 4. Sign with the key in use."
    back = setting(book, "set_keys", KEEPER, {"p1": 11}, 1, *quorum, **appling)
    assert refusal(book, back)["code"] == "key_retired"
    assert refusal(book, back)["words"] == f"Key {public_key(11)} was taken out of use in entry 4."
    assert book.entries[before.seq] == before


def test_an_office_sets_its_own_keys_under_both_thresholds() -> None:
    book = keyed()
    alone = setting(book, "rotate_keys", KEEPER, {"k1": 1, "k3": 3}, 2, ("k1", 1))
    assert problems(book, alone) == ["by: 1 signatures; 2 of 2 persons"]
    both = setting(book, "rotate_keys", KEEPER, {"k1": 1, "k3": 3}, 2, ("k1", 1), ("k2", 2))
    assert isinstance(book.decide(both), Entered)


def test_no_other_office_sets_the_keys_of_a_post() -> None:
    book = keyed()
    asked = setting(book, "set_keys", COUNTY, {"s1": 21}, 1, ("p1", 11), post=STATE, place="appling")
    assert refusal(book, asked)["code"] == "no_law"


@pytest.mark.parametrize("key", ["00" * 32, "01" + "00" * 31, "ff" * 32])
def test_a_weak_key_is_a_problem(key: str) -> None:
    book = keyed()
    listed = [{"person": "s1", "public_key": key, "possession": "00" * 64}]
    act = book.act("set_keys", KEEPER, keys=listed, threshold=1, post=STATE)
    assert "none weak" in problems(book, act)[0]


@pytest.mark.parametrize(
    "by",
    [
        {"person": "P1"},
        {"person": ""},
        {"name": "Ann"},
        {"person": "p1", "name": "Ann"},
        {"person": "p1", "key": "00" * 32},
        {"person": "p1", "signature": "00" * 64},
        {"person": "p1", "words": "No."},
        {"person": "p1", "vote": "yes", "seat": "one"},
        {"person": "p1", "key": "00" * 32, "signature": "0" * 127},
        {"person": "p1", "seat": "Chair", "vote": "aye"},
        "p1",
        None,
    ],
)
def test_a_person_of_another_form_is_a_problem(by: object) -> None:
    book = with_officers(MAYOR)
    assert problems(book, certify(book, by=(by,)))[0].startswith("by[0]")


def test_a_repeated_act_is_the_same_only_with_the_same_signatures() -> None:
    book = keyed()
    act = signed(book, certify(book), ("p1", 11))
    book.enter(act)
    assert type(book.decide(act)).__name__ == "Repeated"
    assert isinstance(book.decide(structs.replace(act, by=())), Malformed)


def test_without_cryptography_on_the_shelf_no_signature_is_valid() -> None:
    from dataclasses import replace

    from tallybook.book import EMPTY_SHELF

    book = keyed()
    act = signed(book, certify(book), ("p1", 11))
    book.shelf = replace(book.shelf, verify=EMPTY_SHELF.verify)
    assert problems(book, act)


def test_the_opening_names_persons_only() -> None:
    first = with_officers(MAYOR)
    book = Book()
    book.shelf = first.shelf
    opening = first.entries[0]
    said = {"detail": opening.detail, "exhibits": opening.exhibits}
    named = book.act("open_book", KEEPER, "2020-11-03 08:00", by=({"person": "k1"},), **said)
    assert book.enter(named)[0].by == ({"person": "k1"},)
    assert book.standing.officers.deeds["k1"] == {("open_book", "", ""): 0}
    book = Book()
    book.shelf = first.shelf
    voted = book.act("open_book", KEEPER, "2020-11-03 08:00", by=({"person": "k1", "vote": "aye"},), **said)
    assert problems(book, voted) == ["by[0]: person, vote; a person only"]
