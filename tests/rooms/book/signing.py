"""Officers with keys, for tests: what they sign is written here from the specification alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import structs

from tallybook.book import Act
from tallybook.law import parse_law
from tests.rooms.book.books import Book, law, opened_under, without_audit

Person = str | tuple[str, int | str] | tuple[str, int | str, Mapping[str, str]]
"""A person who signs with the key of that name (its own if none is given), and says this."""


def private(name: int | str) -> Ed25519PrivateKey:
    """The key of that name."""
    return Ed25519PrivateKey.from_private_bytes(sha256(f"officer {name}".encode()).digest())


def public_key(name: int | str) -> str:
    """Its public half, in hexadecimal digits."""
    return private(name).public_key().public_bytes_raw().hex()


def verify(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature is valid."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def written(value: Any) -> bytes:
    """Canonical JSON, by the standard library."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def statement(book: Book, act: Act, who: Mapping[str, Any]) -> bytes:
    """What one person signs (officers specification, section 2)."""
    fields = ("act", "office", "contest", "place", "purpose", "on", "detail", "paper", "key")
    said = {name: getattr(act, name) for name in fields if getattr(act, name)}
    if act.exhibits:
        said["exhibits"] = list(act.exhibits)
    origin = book.standing.origin.encode()
    return b"tallybook/act/v1\n" + origin + b"\n" + written({"act": said, "by": dict(who)})


def signed(book: Book, act: Act, *persons: Person) -> Act:
    """The act with these persons' signatures."""
    by = []
    for one in persons:
        person, key, said = (one, one, {}) if isinstance(one, str) else (*one, {})[:3]
        who = {"person": person, **said}
        signature = private(key).sign(statement(book, act, who)).hex()
        by.append({**who, "key": public_key(key), "signature": signature})
    return structs.replace(act, by=tuple(sorted(by, key=lambda one: one["person"])))


def key_set(
    book: Book,
    office: str,
    keys: Mapping[str, int | str],
    threshold: int,
    *,
    key: str,
    place: str = "",
    new: Sequence[str] = (),
) -> dict[str, Any]:
    """The detail of a set of keys: person -> name of the key; new: the persons whose new keys sign it."""
    listed = [{"person": one, "public_key": public_key(keys[one])} for one in sorted(keys)]
    said = {"key": key, "keys": listed, "office": office, "threshold": threshold}
    said |= {"place": place} if place else {}
    message = b"tallybook/keys/v1\n" + book.standing.origin.encode() + b"\n" + written(said)
    proofs = {one: private(keys[one]).sign(message).hex() for one in new}
    full = [
        {**one, **({"possession": proofs[one["person"]]} if one["person"] in proofs else {})}
        for one in listed
    ]
    return {"keys": full, "threshold": threshold}


def setting(
    book: Book,
    act: str,
    office: str,
    keys: Mapping[str, int | str],
    threshold: int,
    *by: Person,
    post: str = "",
    place: str = "",
    new: Sequence[str] | None = None,
) -> Act:
    """An act that sets keys, signed. new: who proves possession; all whose key is new if not given."""
    held = book.standing.officers.keys.get((post or office, place))
    if new is None:
        new = [one for one in keys if held is None or held.keys.get(one) != public_key(keys[one])]
    name = f"keys-{len(book.entries)}"
    detail = key_set(book, post or office, keys, threshold, key=name, place=place, new=new)
    detail |= {"post": post} if post else {}
    asked = book.act(act, office, key=name, detail=detail, **({"place": place} if place else {}))
    return signed(book, asked, *by) if by else asked


RULES = """
[[rules]]
id = "own-signatures"
kind = "signatures"
classes = []
in_force = ["", ""]
elections_held = ["", ""]
citation = "Own law, section 1"
plain = "These offices act by signature only."
offices = ["secretary_of_state"]
acts = []
threshold = 2
"""


def with_officers(*contests: Any, rules: str = "", places: Sequence[str] = ("appling", "bacon")) -> Book:
    """A book under the model law and the rules of officers, with signatures verified."""
    text = without_audit() + rules
    own = (sha256(text.encode()).hexdigest(), parse_law(text), len(text.encode()))
    laws = {"book": law("book"), "officers": law("officers"), "own": own}
    book = opened_under(laws, *contests, places=places)
    book.shelf = replace(book.shelf, verify=verify)
    return book
