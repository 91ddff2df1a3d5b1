"""Check 4: who acts, and whether they signed it: officers specification, sections 2, 3 and 5.

An act carries its persons in `by`. Where its post has keys, each of them has signed the act, with their vote,
by a key that was theirs when they did. Everything here is form: whatever fails could not have entered a book.
"""

from typing import TYPE_CHECKING, Any

from . import ed25519
from .boards import require_roster, require_votes
from .canonical import write
from .form import OWN, Act, Entry, is_words, require
from .keys import post_of, require_keys
from .officersform import ascends, is_id, is_signature
from .plain import is_hash

if TYPE_CHECKING:
    from .effects import Desk

VOTES = ("aye", "nay", "abstain", "recused")
MAY = frozenset({"seat", "vote", "words", "key", "signature"})
NOT_SIGNED = frozenset({"received", "seen", "by"})
BY_BOOK = frozenset(
    {"draw", "plan", "round", "reread", "measure"}
)  # to whose entry the book may add exhibits
ADDED = ("contests_sha256", "sample_sha256", "sizes_sha256", "usable_sha256")  # in the order in which it adds


def require_people(act: Act, desk: "Desk") -> int:
    """The persons of an act hold; sections 2 to 5. Gives the number of signatures verified."""
    require_persons(act.entry, act.seq)
    require_declared(act, desk)
    require_votes(act, desk.standing, desk.bench)
    signed = require_signatures(act, desk)
    require_kept_apart(act, desk)
    if act.spec.effect == "keys":
        signed += require_keys(act, desk)
    if act.spec.effect == "roster":
        require_roster(act)
    return signed


def require_named(entry: Entry) -> None:
    """The opening's `by` names persons only (section 3)."""
    require_persons(entry, 0)
    proper = all(person.keys() == {"person"} for person in entry.get("by", []))
    require(proper, "`by` of the opening names persons only", 0)


def require_persons(entry: Entry, seq: int) -> None:
    """The form of `by` (section 2)."""
    if "by" not in entry:
        return
    by = entry["by"]
    require(isinstance(by, list) and 1 <= len(by) <= 100, "`by` is not an array of 1 to 100 persons", seq)
    for person in by:
        require_person(person, seq)
    require(ascends([person["person"] for person in by]), "the persons of `by` do not ascend", seq)


def require_person(person: Any, seq: int) -> None:
    """One object of `by`."""
    proper = isinstance(person, dict) and is_id(person.get("person"))
    require(proper, "`by` holds {}; expected a person", seq, person)
    name = person["person"]
    for field in person.keys() - MAY - {"person"}:
        require(False, "the field {} of {} is none of `by`", seq, field, name)
    require("seat" not in person or is_id(person["seat"]), "the seat of {}", seq, name)
    require("vote" not in person or person["vote"] in VOTES, "the vote of {} is no vote", seq, name)
    words = "words" not in person or ("vote" in person and is_words(person["words"]))
    require(words, "the words of {} are not beside a vote, or too many", seq, name)
    require(("key" in person) == ("signature" in person), "{} has a key or a signature alone", seq, name)
    if "key" in person:
        proper = is_hash(person["key"]) and is_signature(person["signature"])
        require(proper, "the key or signature of {} is not in its form", seq, name)


def require_declared(act: Act, desk: "Desk") -> None:
    """`post` is an office of the law, `moves` a row with a deadline (sections 3 and 6)."""
    post, moves = act.detail.get("post"), act.detail.get("moves")
    if permits(act, "post"):
        require(post in desk.bench.law.offices, "the post {} is no office of the law", act.seq, post)
    if permits(act, "moves"):
        row = desk.bench.row(str(moves))
        require(row is not None and row.due is not None, "no row {} of the law has `due`", act.seq, moves)


def permits(act: Act, name: str) -> bool:
    """Whether the act carries that field, and may."""
    return name in act.detail and (name in act.spec.needs or name in act.spec.may)


# Signatures ------------------------------------------------------------


def require_signatures(act: Act, desk: "Desk") -> int:
    """Each person signed with their own key where the post has keys, and enough of them did (section 3)."""
    held = desk.standing.officers.keys_of(act.case.office, act.case.place)
    require_rule_met(act, desk, None if held is None else held.threshold)
    if held is None:
        signed = [person["person"] for person in act.by if "key" in person]
        require(not signed, "{} signs, but the post has no keys", act.seq, *signed[:1])
        return 0
    n, words = len(act.by), "{} persons sign; the threshold of the post is {}"
    require(n >= max(held.threshold, 1), words, act.seq, n, held.threshold)
    for person in act.by:
        own = held.keys.get(person["person"])
        words = "the key of {} is not theirs in the keys of the post"
        require(own is not None and person.get("key") == own, words, act.seq, person["person"])
    start = statement_start(act, desk.tree.checkpoint.origin)
    for person in act.by:
        message = start + statement_end(person)
        holds = ed25519.verifies(bytes.fromhex(person["key"]), message, bytes.fromhex(person["signature"]))
        require(holds, "the signature of {} does not verify", act.seq, person["person"])
    return n


def require_rule_met(act: Act, desk: "Desk", threshold: int | None) -> None:
    """Where a `signatures` rule applies, the post has keys of at least its threshold."""
    if threshold is None and act.spec.effect == "keys" and post_of(act) == (act.case.office, act.case.place):
        return  # a post's own first keys
    for rule in desk.bench.rules_for("signatures", act.office_class, act.case.day):
        acts, least = rule.keys["acts"], rule.keys["threshold"]
        if act.case.office not in rule.keys["offices"] or (acts and act.spec.id not in acts):
            continue
        words = "the post has no keys of a threshold of {} or more, which the rule {} asks for"
        require(threshold is not None and threshold >= least, words, act.seq, least, rule.id)


def statement_start(act: Act, origin: str) -> bytes:
    """The bytes that a person signs (section 2), up to the person: the same for all who act."""
    own = {name: act.entry[name] for name in OWN if name in act.entry and name not in NOT_SIGNED}
    if act.spec.effect in BY_BOOK:
        own |= {"exhibits": filed_exhibits(act.entry)}
        own = own if own["exhibits"] else {name: own[name] for name in own if name != "exhibits"}
    return f'tallybook/act/v1\n{origin}\n{{"act":{write(own)},"by":'.encode()


def statement_end(person: dict[str, Any]) -> bytes:
    """The rest of these bytes."""
    who = {name: value for name, value in person.items() if name not in ("key", "signature")}
    return f"{write(who)}}}".encode()


def filed_exhibits(entry: Entry) -> list[Any]:
    """The exhibits of an act without those that the book adds for results that are long."""
    exhibits: list[Any] = entry.get("exhibits", [])
    result = entry.get("result")
    added = [result[name] for name in ADDED if name in result] if isinstance(result, dict) else []
    own = len(exhibits) - len(added)
    last = [exhibit.get("sha256") for exhibit in exhibits[max(own, 0) :]]
    return exhibits[:own] if added and last == added and "ruling" in entry else exhibits


# Separation of duties ------------------------------------------------------------


def require_kept_apart(act: Act, desk: "Desk") -> None:
    """An act under a `separation` rule has persons (section 5)."""
    for rule in desk.bench.rules_for("separation", act.office_class, act.case.day):
        if act.spec.id in rule.keys["acts"]:
            require(bool(act.by), "no person is named, and the rule {} keeps persons apart", act.seq, rule.id)


def note_people(act: Act, desk: "Desk") -> None:
    """The act is granted: who did it is known to later ones."""
    persons = [person["person"] for person in act.by if person.get("vote") != "recused"]
    desk.standing.officers.note_persons(persons, act.spec.id, act.where, act.seq)
