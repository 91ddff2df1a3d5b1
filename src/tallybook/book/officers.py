"""Officers' keys: who may speak for a post, and whether these signatures do (docs/spec/officers.md, 2 and 3).

For `decide`. An act whose signatures do not hold is a problem and never enters the book, so that nobody can
put words into an officer's mouth. How a signature is verified is a function on the shelf, since this room
holds no cryptography but hashes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec

from tallybook.book.boards import has_effect, objects, vote_problems
from tallybook.book.cases import Case, Objection
from tallybook.book.nouns import Act, Answer, Effect, Entry, Problem, Shelf
from tallybook.book.people import Keys, Officers, Post
from tallybook.book.standing import Standing
from tallybook.book.values import is_hash, is_text, quoted, whole
from tallybook.merkle.canonical import encode
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import is_weak

Json = dict[str, Any]
PERSON = re.compile(r"[a-z0-9_]{1,40}")
SIGNATURE = re.compile(r"[0-9a-f]{128}")
VOTES = ("aye", "nay", "abstain", "recused")
MOST_PERSONS = 100
MOST_WORDS = 4000
SIGNED = "tallybook/act/v1"
POSSESSED = "tallybook/keys/v1"


def people_problems(case: Case) -> tuple[Problem, ...]:
    """Every problem with the persons of an act: their form, their signatures, their seats, the new keys."""
    act = case.act
    if found := tuple(shape_problems(act.by)):
        return found
    found = (*signature_problems(case), *vote_problems(case), *apart_problems(case))
    if case.declared.effect == "keys" and not found:
        return tuple(new_key_problems(case))
    return found


def opening_people(act: Act) -> tuple[Problem, ...]:
    """The opening of a book names persons only."""
    if found := tuple(shape_problems(act.by)):
        return found
    mend = "Name the persons; the book has no keys and no boards yet."
    return tuple(
        Problem(f"by[{n}]", ", ".join(sorted(one)), "a person only", mend)
        for n, one in enumerate(act.by)
        if one.keys() != {"person"}
    )


def statement(origin: str, act: Act, who: Mapping[str, Any]) -> bytes:
    """The bytes that one person of an act signs (section 2). Raises EvidenceError if it has no form."""
    said = msgspec.to_builtins(act)
    plain = {name: said[name] for name in said if name not in ("received", "seen", "by")}
    who = {name: value for name, value in who.items() if name not in ("key", "signature")}
    return f"{SIGNED}\n{origin}\n".encode() + encode({"act": json_of(plain), "by": who})


def possession(origin: str, act: Act) -> bytes:
    """The bytes that a new key signs (section 3). Raises EvidenceError if it has no form."""
    office, place = post_set(act)
    keys = [{"person": one["person"], "public_key": one["public_key"]} for one in act.detail["keys"]]
    said = {"key": act.key, "keys": keys, "office": office, "threshold": act.detail["threshold"]}
    return f"{POSSESSED}\n{origin}\n".encode() + encode({**said, **({"place": place} if place else {})})


def json_of(said: Json) -> Json:
    """An act's fields as JSON: its exhibits as an array."""
    return {**said, "exhibits": list(said["exhibits"])} if "exhibits" in said else said


# Form ------------------------------------------------------------------------------------------


def shape_problems(by: tuple[Any, ...]) -> Iterator[Problem]:
    """Whether `by` has the form of section 2: persons in order, each once."""
    if len(by) > MOST_PERSONS:
        yield Problem("by", f"{len(by)} persons", f"at most {MOST_PERSONS}", "Leave the rest out.")
        return
    good = [well_formed(one) for one in by]
    for n, one in enumerate(by):
        if not good[n]:
            mend = "Write it as docs/spec/officers.md, section 2 shows."
            yield Problem(f"by[{n}]", quoted(one), "a person, with a vote or a signature", mend)
    if all(good):
        for one, later in pairwise(by):
            if one["person"] >= later["person"]:
                expected, mend = "each person once, in alphabetical order", "Put them in order."
                yield Problem("by", quoted(later["person"]), expected, mend)


FIELDS: Mapping[str, Any] = {
    "person": lambda value: is_person(value),
    "seat": lambda value: is_person(value),
    "vote": lambda value: isinstance(value, str) and value in VOTES,
    "words": lambda value: is_text(value, MOST_WORDS),
    "key": is_hash,
    "signature": lambda value: isinstance(value, str) and SIGNATURE.fullmatch(value) is not None,
}
"""The fields of a person's object, and what each may hold."""


def well_formed(one: Any) -> bool:
    """One person's object."""
    if not isinstance(one, dict) or "person" not in one or not one.keys() <= FIELDS.keys():
        return False
    if ("key" in one) != ("signature" in one) or ("words" in one and "vote" not in one):
        return False
    return all(FIELDS[name](value) for name, value in one.items())


def is_person(value: Any) -> bool:
    """An id of 1 to 40 characters."""
    return isinstance(value, str) and PERSON.fullmatch(value) is not None


def keys_type(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """Keys of a set: persons in order, each with a public key, no key twice."""
    if not has_effect("keys", standing, act):
        return objects(value)
    expected = "1 to 100 objects of person, public_key and possession, by person, no key twice, none weak"
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_PERSONS:
        return expected
    if not all(map(good_key, value)):
        return expected
    persons = [one["person"] for one in value]
    keys = {one["public_key"] for one in value}
    return "" if sorted(set(persons)) == persons and len(keys) == len(value) else expected


def good_key(one: Any) -> bool:
    """A person with a sound public key, and a proof of possession if it is new."""
    if not isinstance(one, dict) or not {"person", "public_key"} <= one.keys():
        return False
    if not one.keys() <= {"person", "public_key", "possession"}:
        return False
    signed = one.get("possession", "0" * 128)
    good = is_person(one["person"]) and is_hash(one["public_key"]) and FIELDS["signature"](signed)
    return good and not is_weak(bytes.fromhex(one["public_key"]))


def threshold_type(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """How many must sign: from 1 to the number of keys."""
    if not has_effect("keys", standing, act):
        return "" if whole(value) else "a whole number"
    keys = act.detail.get("keys")
    most = len(keys) if isinstance(keys, list) else 1
    return "" if whole(value) and 1 <= value <= most else f"a whole number from 1 to {most}, the keys given"


def post_type(value: Any, standing: Standing, _a: Act, _h: Shelf) -> str:
    """An office of the law in force."""
    known = standing.law.offices if standing.law else {}
    return "" if isinstance(value, str) and value in known else "an office of the law in force"


# Signatures ------------------------------------------------------------------------------------


def signature_problems(case: Case) -> Iterator[Problem]:
    """Whether the act is signed as its post and the law ask (section 3)."""
    act, officers = case.act, case.standing.officers
    held = officers.keys_for(act.office, act.place)
    yield from unkeyed_problems(case, held)
    if held is None:
        for n, one in enumerate(act.by):
            if "key" in one:
                mend = "Set the keys of the post first, or leave the signature out."
                yield Problem(f"by[{n}].key", "a signature", "none: this post has no keys", mend)
        return
    wrong = [*signers_wrong(case, held)]
    yield from wrong
    if not wrong and len(act.by) < held.threshold:
        found, expected = f"{len(act.by)} signatures", f"{held.threshold} of {len(held.keys)} persons"
        yield Problem("by", found, expected, "Let the others sign the same act too.")


def unkeyed_problems(case: Case, held: Keys | None) -> Iterator[Problem]:
    """Where the law accepts nothing without keys, the post must have them, and enough must be asked."""
    if held is None and sets_its_own(case):
        return
    for rule in case.rules("signatures"):
        acts, asked = rule.values["acts"], rule.values["threshold"]
        if case.act.office not in rule.values["offices"] or (acts and case.act.act not in acts):
            continue
        if held is None or held.threshold < asked:
            found = "no keys" if held is None else f"keys of which {held.threshold} must sign"
            mend = "Set the keys of the post: `set_keys` or `rotate_keys`."
            yield Problem("by", found, f"keys of which {asked} must sign ({rule.citation})", mend)


def signers_wrong(case: Case, held: Keys) -> Iterator[Problem]:
    """Every person's signature by the key that the post has for that person."""
    act, shelf, origin = case.act, case.shelf, case.standing.origin
    for n, one in enumerate(act.by):
        name = f"by[{n}]"
        if "key" not in one:
            yield Problem(name, "no signature", "the signature of this person", "Sign the act.")
        elif held.keys.get(one["person"]) != one["key"]:
            expected = f"this person's key in the keys of the post, entry {held.seq}"
            mend = key_history(case.standing.officers, one["key"])
            yield Problem(f"{name}.key", one["key"], expected, mend)
        elif not signs(shelf, one["key"], one["signature"], written(statement, origin, act, one)):
            expected, mend = "a valid signature of this act by this key", "Sign the act as it stands."
            yield Problem(f"{name}.signature", one["signature"], expected, mend)


def written(message: Callable[..., bytes], *of: Any) -> bytes | None:
    """The bytes to be signed; None where they have no canonical form."""
    try:
        return message(*of)
    except EvidenceError:
        return None


def signs(shelf: Shelf, key: str, signature: str, message: bytes | None) -> bool:
    """Whether this is the key's valid signature of the message."""
    if message is None:
        return False
    return shelf.verify(bytes.fromhex(key), bytes.fromhex(signature), message)


def key_history(officers: Officers, key: str) -> str:
    """What the book knows of a key that does not fit here, as advice."""
    if (dropped := officers.retired.get(key)) is not None:
        return f"This key was taken out of use in entry {dropped}. Sign with the key in use."
    if (owner := officers.owners.get(key)) is not None:
        return f"This is the key of {owner[0]} since entry {owner[1]}. Let that person sign as such."
    return "This key was never set in this book. Sign with the key in use."


def apart_problems(case: Case) -> Iterator[Problem]:
    """Where the law keeps persons apart, the act says who acts (section 5)."""
    for rule in case.rules("separation"):
        if case.act.act in rule.values["acts"] and not case.act.by:
            expected = f"the persons who act ({rule.citation})"
            yield Problem("by", "nobody", expected, "Name who acts, by an id without a name.")


# Setting keys ----------------------------------------------------------------------------------


def post_set(act: Act) -> Post:
    """The post whose keys an act sets."""
    return act.detail.get("post", act.office), act.place


def sets_its_own(case: Case) -> bool:
    """Whether a post sets its own keys, and not those of another."""
    return case.declared.effect == "keys" and post_set(case.act) == (case.act.office, case.act.place)


def is_new(held: Keys | None, one: Mapping[str, Any]) -> bool:
    """Whether a key is new for its person in this post."""
    return held is None or held.keys.get(one["person"]) != one["public_key"]


def new_key_problems(case: Case) -> Iterator[Problem]:
    """New keys prove that they are held; of a post's own new set enough agree."""
    act, shelf = case.act, case.shelf
    post = post_set(act)
    held = case.standing.officers.keys.get(post)
    message = written(possession, case.standing.origin, act)
    for n, one in enumerate(act.detail["keys"]):
        field = f"detail.keys[{n}].possession"
        if not is_new(held, one):
            if "possession" in one:
                yield Problem(field, "a proof", "none: the key is in use already", "Leave it out.")
            continue
        proof = one.get("possession")
        if proof is None or not signs(shelf, one["public_key"], proof, message):
            expected = "the new key's signature of the whole set (section 3)"
            yield Problem(field, proof or "nothing", expected, "Let the holder of the new key sign the set.")
    if held is not None and sets_its_own(case):
        yield from too_few_agree(act, held)


def too_few_agree(act: Act, held: Keys) -> Iterator[Problem]:
    """The new threshold: persons of the new set who sign with a key they keep, or proved a new one."""
    signing, asked = {one["person"] for one in act.by}, act.detail["threshold"]
    agree = sum(is_new(held, one) or one["person"] in signing for one in act.detail["keys"])
    if agree < asked:
        mend = "Let more holders of the new set sign."
        yield Problem("by", f"{agree} of the new set", f"at least {asked}, the new threshold", mend)


def of_keys(case: Case) -> Objection | None:
    """A new key belongs to nobody else, and was never taken out of use."""
    officers, listed = case.standing.officers, case.act.detail["keys"]
    held = officers.keys.get(post_set(case.act))
    new = [one for one in listed if is_new(held, one)]
    for one in new:
        key = one["public_key"]
        if key in officers.owners and officers.owners[key][0] != one["person"]:
            words = f"Key {key} belongs to another person since entry {officers.owners[key][1]}."
            return Objection("key_taken", words, "Make a new key.")
    for one in new:
        if (dropped := officers.retired.get(one["public_key"])) is not None:
            words = f"Key {one['public_key']} was taken out of use in entry {dropped}."
            return Objection("key_retired", words, "Make a new key.")
    return None


def set_keys(case: Case) -> Answer:
    """Which keys the set drops, and which entry it follows."""
    held = case.standing.officers.keys.get(post_set(case.act))
    if held is None:
        return Effect()
    dropped = dropped_from(held, case.act.detail["keys"])
    return Effect({"replaces": held.seq, **({"dropped": dropped} if dropped else {})})


def dropped_from(held: Keys, listed: Iterable[Mapping[str, Any]]) -> list[str]:
    """The public keys that a set had and its follower has not."""
    return sorted({*held.keys.values()} - {one["public_key"] for one in listed})


def keys_set(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The keys of a post, whole; who has which key; what is out of use."""
    officers, detail = standing.officers, entry.detail
    post = (detail.get("post", entry.office), entry.place)
    keys = {one["person"]: one["public_key"] for one in detail["keys"]}
    owners = {key: (person, entry.seq) for person, key in keys.items() if key not in officers.owners}
    retired = dict.fromkeys(entry.result.get("dropped", ()), entry.seq)
    officers = msgspec.structs.replace(
        officers,
        keys=officers.keys.set(post, Keys(entry.seq, detail["threshold"], keys)),
        owners=officers.owners.update(owners),
        retired=officers.retired.update({k: n for k, n in retired.items() if k not in officers.retired}),
    )
    return msgspec.structs.replace(standing, officers=officers)


PEOPLE_TYPES = {"keys": keys_type, "threshold": threshold_type, "post": post_type}
"""The detail fields of this page; those of boards, orders and claims are with them."""
