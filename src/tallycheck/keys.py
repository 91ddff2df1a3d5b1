"""Keys enrolled, changed and taken out of use: officers specification, section 3.

A set of keys is complete. Each new key has signed the whole set, so nobody enrols a key that they do not
hold; a post that changes its own keys does so under its old threshold and its new one.
"""

from typing import TYPE_CHECKING, Any

from . import ed25519
from .canonical import write
from .form import Act, require
from .note import is_weak
from .officers import KeySet, Post
from .officersform import MOST, ascends, is_id, is_signature
from .plain import is_hash

if TYPE_CHECKING:
    from .effects import Desk
    from .standing import Standing


def post_of(act: Act) -> Post:
    """The post whose keys or roster an act sets."""
    named = act.detail["post"] if "post" in act.spec.needs | act.spec.may and "post" in act.detail else ""
    return named or act.case.office, act.case.place


def new_keys(act: Act, standing: "Standing") -> list[dict[str, Any]]:
    """The keys of the set that the post did not have for that person, in order."""
    before = standing.officers.keys.get(post_of(act))
    old = before.keys if before else {}
    return [item for item in act.detail["keys"] if old.get(item["person"]) != item["public_key"]]


def require_keys(act: Act, desk: "Desk") -> int:
    """The set is in its form, and each new key agreed to it. Gives the number of signatures verified."""
    items, threshold, seq = act.detail["keys"], act.detail["threshold"], act.seq
    require(1 <= len(items) <= MOST, "found {} keys; expected 1 to 100", seq, len(items))
    for item in items:
        require_key(item, seq)
    require(ascends([item["person"] for item in items]), "the persons of `keys` do not ascend", seq)
    require(len({item["public_key"] for item in items}) == len(items), "a public key stands twice", seq)
    require(1 <= threshold <= len(items), "a threshold of {} for {} keys", seq, threshold, len(items))
    new, message = new_keys(act, desk.standing), agreement(act, desk.tree.checkpoint.origin)
    for item in items:
        words = "`possession` of {} is not there for a new key, and only for one"
        require(("possession" in item) == (item in new), words, seq, item["person"])
    for item in new:
        holds = ed25519.verifies(
            bytes.fromhex(item["public_key"]), message, bytes.fromhex(item["possession"])
        )
        require(holds, "the possession of the key of {} does not verify", seq, item["person"])
    require_new_threshold(act, desk)
    return len(new)


def require_key(item: dict[str, Any], seq: int) -> None:
    """One object of `keys`."""
    fields = {"person", "public_key", "possession"}
    proper = is_id(item.get("person")) and is_hash(item.get("public_key")) and item.keys() <= fields
    require(proper, "`keys` holds {}; expected a person and their key", seq, item)
    require(not is_weak(bytes.fromhex(item["public_key"])), "the key of {} is weak", seq, item["person"])
    proper = "possession" not in item or is_signature(item["possession"])
    require(proper, "the possession of {} is not in its form", seq, item["person"])


def agreement(act: Act, origin: str) -> bytes:
    """The bytes that each new key signs."""
    office, place = post_of(act)
    items = [{"person": item["person"], "public_key": item["public_key"]} for item in act.detail["keys"]]
    text: dict[str, Any] = {
        "key": act.entry["key"], "keys": items, "office": office, "threshold": act.detail["threshold"],
    }  # fmt: skip
    if place is not None:
        text["place"] = place
    return f"tallybook/keys/v1\n{origin}\n{write(text)}".encode()


def require_new_threshold(act: Act, desk: "Desk") -> None:
    """A post that changes its own keys has as many of the new set behind it as the new threshold."""
    post = post_of(act)
    if post[0] != act.case.office or post not in desk.standing.officers.keys:
        return
    signed = {person["person"] for person in act.by}
    agreed = [item for item in act.detail["keys"] if "possession" in item or item["person"] in signed]
    words = "{} of the new set agree; its threshold is {}"
    require(len(agreed) >= act.detail["threshold"], words, act.seq, len(agreed), act.detail["threshold"])


def keys(act: Act, desk: "Desk") -> dict[str, Any] | None:
    """The keys of the post from the next entry on."""
    chosen = {item["person"]: item["public_key"] for item in act.detail["keys"]}
    found = KeySet(act.seq, act.detail["threshold"], chosen)
    before, gone = desk.standing.officers.set_keys(post_of(act), found)
    result: dict[str, Any] = {"dropped": gone} if gone else {}
    if before is not None:
        result["replaces"] = before
    return result or None
