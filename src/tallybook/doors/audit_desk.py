"""At the desk of an audit: the details of its acts, made from what officers hold and from nobody's memory.

For the commands, the demonstrations and everyone who carries an audit into a book. A desk seals readings with
salts from a secret, opens them, opens the records of drawn cards, and has a sitting signed. What is secret
(the secrets of the salts, the keys of the board) arrives as bytes and is never written anywhere here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tallybook.audit.growing import grown
from tallybook.book import Standing, sitting_statement
from tallybook.book.audit_runs import Run
from tallybook.book.readings import sealed
from tallybook.merkle.canonical import encode
from tallybook.merkle.commitments import salt_of

MOST, ROOM = 1_000, 48_000
"""Members of one act, and bytes of them: an entry then has room for the rest."""

Json = dict[str, Any]
Readings = Mapping[str, Mapping[str, Any]]
"""Item -> contest -> reading."""


def public_key(secret: bytes) -> str:
    """The public key, in hexadecimal, of 32 secret bytes."""
    key = Ed25519PrivateKey.from_private_bytes(secret).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def board_of(members: Mapping[str, bytes], quorum: int) -> Json:
    """The board of a plan, from its members' secrets."""
    return {
        "members": [{"key": public_key(secret), "name": name} for name, secret in members.items()],
        "quorum": quorum,
    }


def signatures(standing: Standing, audit: int, members: Mapping[str, bytes]) -> list[list[str]]:
    """The signatures of these members under the open sitting."""
    return signed(sitting_statement(standing, audit), members)


def signed(text: bytes, members: Mapping[str, bytes]) -> list[list[str]]:
    """A text signed by each member."""
    return [
        [name, Ed25519PrivateKey.from_private_bytes(secret).sign(text).hex()]
        for name, secret in members.items()
    ]


def salt(secret: bytes, audit: int, reader: str, item: str) -> str:
    """The salt of one reading, in hexadecimal."""
    return salt_of(secret, encode({"audit": audit, "item": item, "reader": reader}).decode()).hex()


def commitments(audit: int, reader: str, readings: Readings, secret: bytes) -> list[list[str]]:
    """What a reader hands in first: each reading sealed."""
    return [
        [item, sealed(audit, item, reader, said, salt(secret, audit, reader, item))]
        for item, said in readings.items()
    ]


def openings(audit: int, reader: str, readings: Readings, secret: bytes) -> list[list[Any]]:
    """What a reader hands in when both readings are in: salts and readings."""
    return [[item, salt(secret, audit, reader, item), dict(said)] for item, said in readings.items()]


def salt_of_record(secret: bytes, card: str, contest: str) -> str:
    """The salt, in hexadecimal, of the row of a card in a published contest (cards.md, section 3)."""
    return salt_of(secret, encode({"card": card, "contest": contest}).decode()).hex()


def record_openings(run: Run, items: Iterable[str], secret: bytes) -> list[list[str]]:
    """The salts of the records of these items, by the secret under which the rows were published."""
    return [[item, name, salt_of_record(secret, item, name)] for item in items for name in run.compared(item)]


def explanations(run: Run, causes: Mapping[tuple[str, str], str]) -> list[list[str]]:
    """A cause for every discrepancy without one: as told, or not known."""
    return [
        [item, name, causes.get((item, name), "not_known")]
        for item, state in run.items.items()
        for name in sorted(state.differs - state.causes.keys())
    ]


def unsettled(run: Run) -> list[str]:
    """Items of which both readings are open and differ."""
    return [item for item, state in run.items.items() if len(state.opened) == 2 and state.settled is None]


def unread(run: Run) -> list[str]:
    """Items without any reading, in the order in which they are pulled."""
    return [item for item in dict.fromkeys(run.drawn) if not run.items[item].sealed]


def sizes_of(run: Run, asked: Mapping[str, int]) -> dict[str, int]:
    """The sizes of all rounds together, by key, where these were asked for and the others stay.

    A contest with strata is named by itself: they grow together until the one planned greatest has so many.
    """
    sizes = {**run.sizes, **asked}
    for contest in run.plan.contests:
        keys = [one.key for one in contest.strata]
        if len(keys) > 1 and contest.contest in asked:
            first, cards = [run.plan.sizes[key] for key in keys], [one.cards for one in contest.strata]
            reach = max(sizes.pop(contest.contest), *first)
            sizes.update(zip(keys, grown(first, cards, reach), strict=True))
    return sizes


def parts(rows: Sequence[Any]) -> list[list[Any]]:
    """Long lists in parts that fit an act."""
    made: list[list[Any]] = []
    room = 0
    for row in rows:
        size = len(encode(row)) + 1
        if not made or len(made[-1]) == MOST or size > room:
            made.append([])
            room = ROOM
        made[-1].append(row)
        room -= size
    return made
