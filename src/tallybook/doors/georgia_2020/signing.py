"""Who signs in the demonstration: three keys of the Secretary of State, of which two must sign every act.

The keys are made from published words, as all keys of the demonstration are; no officer signed here. Which
persons acted for the office on a day is not in the sources, so the persons have no names.
"""

from hashlib import sha256
from typing import Any

import msgspec

from tallybook.book import Act
from tallybook.book.officers import possession, statement
from tallybook.evidence.signing import officer_public, officer_signature

ORIGIN = "demonstration.tallybook.example/georgia-2020"
POST = "secretary_of_state"
PERSONS = ("s1", "s2", "s3")
THRESHOLD = 2


def secret(name: str) -> bytes:
    """A secret that everybody knows."""
    return sha256(f"tallybook demonstration key, not secret: {name}".encode()).digest()


def setting_keys(moment: str) -> Act:
    """The act that enters the keys of the Secretary of State: each new key agrees to the whole set."""
    keys: list[dict[str, Any]] = [
        {"person": one, "public_key": officer_public(secret(f"officer {one}"))} for one in PERSONS
    ]
    detail = {"keys": keys, "post": POST, "threshold": THRESHOLD, "text": "Keys of the demonstration."}
    act = Act("set_keys", "record_keeper", moment[:10], moment, "keys", detail=detail)
    proven = [
        {**one, "possession": officer_signature(secret(f"officer {one['person']}"), possession(ORIGIN, act))}
        for one in keys
    ]
    return msgspec.structs.replace(act, detail={**detail, "keys": proven})


def signed(act: Act) -> Act:
    """An act of the Secretary of State under the signatures that its keys ask for; others as they are."""
    if act.office != POST:
        return act
    by = tuple(
        {
            "person": one,
            "key": officer_public(secret(f"officer {one}")),
            "signature": officer_signature(secret(f"officer {one}"), statement(ORIGIN, act, {"person": one})),
        }
        for one in PERSONS[:THRESHOLD]
    )
    return msgspec.structs.replace(act, by=by)
