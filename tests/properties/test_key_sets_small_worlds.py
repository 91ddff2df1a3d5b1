"""Every change of a set of keys among three persons, against the rule in the words of sets.

docs/spec/officers.md, section 3: a post that sets its own keys needs the old threshold of its old keys, and
the new threshold of those in the new set who sign with a key they keep or have proved a new one.
"""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha512
from itertools import chain, combinations, product

from msgspec import structs

from tallybook.book import Entered, Malformed
from tests.rooms.book.books import KEEPER, Book, contest
from tests.rooms.book.signing import key_set, public_key, statement, with_officers, written

PERSONS = ("a", "b", "c")


def seal(key: bytes, message: bytes) -> bytes:
    """Stands for a signature: everybody can make it, and it fits one key and one message."""
    return sha512(key + message).digest()


def sets() -> Iterator[frozenset[str]]:
    """Every set of at least one person."""
    return map(frozenset, chain.from_iterable(combinations(PERSONS, n) for n in (1, 2, 3)))


def with_thresholds() -> list[tuple[frozenset[str], int]]:
    return [(one, n) for one in sets() for n in range(1, len(one) + 1)]


def attempt(book: Book, new: frozenset[str], threshold: int, signers: frozenset[str], held: frozenset[str]):  # type: ignore[no-untyped-def]
    """The keeper's new set, its new keys proved, signed by these persons."""
    name = f"keys-{len(book.entries)}"
    detail = key_set(book, KEEPER, {one: one for one in new}, threshold, key=name)
    message = b"tallybook/keys/v1\n" + book.standing.origin.encode() + b"\n"
    message += written({"key": name, "keys": detail["keys"], "office": KEEPER, "threshold": threshold})
    keys = [
        one
        if one["person"] in held
        else {**one, "possession": seal(bytes.fromhex(one["public_key"]), message).hex()}
        for one in detail["keys"]
    ]
    act = book.act("rotate_keys", KEEPER, key=name, detail={**detail, "keys": keys})
    by = []
    for one in sorted(signers):
        key = public_key(one)
        signature = seal(bytes.fromhex(key), statement(book, act, {"person": one})).hex()
        by.append({"person": one, "key": key, "signature": signature})
    return structs.replace(act, by=tuple(by))


def test_a_set_of_keys_changes_exactly_when_both_thresholds_are_met() -> None:
    book = with_officers(contest("mayor", "ash", "birch"))
    book.shelf = replace(book.shelf, verify=lambda key, signature, message: signature == seal(key, message))
    accepted = refused = 0
    for old, old_threshold in with_thresholds():
        fresh = book.standing
        first = attempt(book, old, old_threshold, frozenset(), frozenset())
        book.enter(first)
        for (new, new_threshold), signers in product(with_thresholds(), [frozenset(), *sets()]):
            found = book.decide(attempt(book, new, new_threshold, signers, old))
            agree = (new - old) | (new & signers)
            good = signers <= old and len(signers) >= old_threshold and len(agree) >= new_threshold
            assert isinstance(found, Entered if good else Malformed), (old, old_threshold, new, signers)
            if good:
                dropped = sorted(public_key(one) for one in old - new)
                assert found.entries[0].result.get("dropped", []) == dropped
            accepted, refused = accepted + good, refused + (not good)
        book.standing = fresh
        book.entries.pop()
    assert accepted + refused == 12 * 12 * 8 and min(accepted, refused) > 200
