"""A small book of officers, written by hand: keys, a board of three, an order, a recount by batch, a claim.

Results and refusals follow from the officers page by pencil; the checker is asked nothing. Three of the secret
keys are those of RFC 8032, section 7.1, as in the page's own example.
"""

# ruff: noqa: E501 - tables stand on one line each

import copy
import hashlib
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.tallycheck.writer import ORIGIN, Files, canonical, package, policy, public, sha

Entry = dict[str, Any]

RFC_8032 = {
    "p1": "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "p2": "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "p3": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
}


def secret(name: str) -> Ed25519PrivateKey:
    """The key of a name: one of the RFC's, or the SHA-256 of the name."""
    raw = bytes.fromhex(RFC_8032[name]) if name in RFC_8032 else hashlib.sha256(name.encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(raw)


def key(name: str) -> str:
    return secret(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


# The law ------------------------------------------------------------

ACTS = [
    ("open_book", "book_opened", "open", "", "", "election contests places law", ""),
    ("adopt_law", "law_adopted", "adopt", "", "", "law_file", ""),
    ("set_keys", "keys_set", "keys", "", "place?", "keys threshold post", ""),
    ("rotate_keys", "keys_rotated", "keys", "", "place?", "keys threshold", ""),
    ("set_roster", "roster_set", "roster", "", "place?", "post roster", ""),
    ("move_date", "date_moved", "move_date", "", "contest? place?", "moves moved_to", "court_order"),
    ("certify", "returns_certified", "returns", "county_certified", "contest place", "returns", ""),
    ("total", "state_certified", "state_total", "state_certified", "contest", "", ""),
    ("order_recount", "recount_ordered", "recount_order", "", "contest", "", ""),
    ("recount", "recount_reported", "returns", "recount", "contest place", "returns", ""),
    (
        "batches",
        "batches_reported",
        "recount_batches",
        "",
        "contest place",
        "first_batches second_batches",
        "",
    ),
    ("result", "recount_published", "recount_result", "", "contest", "", ""),
    ("claim", "claim_entered", "claim", "", "contest? place?", "text source dated", "entries named"),
    ("answer", "claim_answered", "answer", "", "contest? place?", "claim answer text", "entries named"),
    ("find", "finding_reported", "finding", "", "contest? place?", "text", ""),
]
OFFICES = {"keeper": "open_book adopt_law set_keys set_roster", "court": "move_date",
           "county": "certify recount batches find", "state": "order_recount result answer", "*": "rotate_keys claim"}  # fmt: skip
DATES = 'in_force=["",""]\nelections_held=["",""]\nplain="p"\n'


def words(text: str) -> str:
    return "[" + ",".join(f'"{word}"' for word in text.split()) + "]"


def law() -> str:
    """The acts, a row for each, and the rules: who must sign, who is a board, what is kept apart."""
    lines = ['format="tallybook/law/v1"\nid="model"\ntitle="t"\nplace="p"']
    lines.append('clock=[{from="2020-01-01T00:00:00Z",offset="-05:00"}]')
    lines.append(
        "offices=[" + ",".join(f'{{id="{o}",name="{o.title()}"}}' for o in OFFICES if o != "*") + "]"
    )
    for act, entry, effect, count, scope, needs, may in ACTS:
        lines.append(
            f'[[acts]]\nid="{act}"\nwords="w"\nentry="{entry}"\nsaid="s"\neffect="{effect}"\nscope={words(scope)}'
        )
        lines.append(
            f"phases=[]\nneeds={words(needs)}\nmay={words(may)}" + (f'\ncount="{count}"' if count else "")
        )
    for office, acts in OFFICES.items():
        for act in acts.split():
            when = 'when={states=["court_order"],one_of={moves=["total"]}}\n' if act == "move_date" else ""
            lines.append(
                f'[[rows]]\nid="{act}"\noffice="{office}"\nact="{act}"\nstatus="permitted"\ncitation="Law, {act}"\n{when}{DATES}'
            )
    lines.append(f'[[rows]]\nid="total"\noffice="state"\nact="total"\nstatus="permitted"\ncitation="Law, total"\n{DATES}'
                 'due=["contest_day","+7 days","17:00"]\n')  # fmt: skip
    for kind, more in (
        ("winner", 'method="plurality"\ntie="lot"'),
        ("signatures", 'offices=["keeper"]\nacts=["set_keys","set_roster"]\nthreshold=2'),
        (
            "board",
            'office="county"\nacts=["certify"]\nseats=3\nquorum=2\nmajority="seats"\nmost_of_a_group=2\ngroups_present=2',
        ),
        ("separation", 'acts=["certify","find"]\nbetween="acts"\nsame=["place"]'),
        ("missed", 'rows=["total"]\nwords="w"'),
        ("route", 'steps=["order_recount","recount"]\nwords="w"'),
    ):
        lines.append(
            f'[[rules]]\nid="the_{kind}"\nkind="{kind}"\nclasses=[]\ncitation="Law, {kind}"\n{DATES}{more}'
        )
    return "\n".join(lines) + "\n"


LAW = law().encode()
FIRST = canonical({"batches": [{"id": "b1", "votes": {"ash": 20, "birch": 20}}, {"id": "b2", "votes": {"ash": 21, "birch": 17}}],
                   "format": "tallybook/batch-votes/v1"})  # fmt: skip
SECOND = canonical({"batches": [{"id": "b1", "votes": {"ash": 20, "birch": 22}}, {"id": "b3", "votes": {"ash": 18, "birch": 20}}],
                    "format": "tallybook/batch-votes/v1"})  # fmt: skip

# The book ------------------------------------------------------------


def new(*names: str) -> list[Entry]:
    """Keys of persons that prove that they hold them; ``p:q`` is the key q of the person p."""
    return [{"person": n.split(":")[0], "possession": "?", "public_key": n.split(":")[-1]} for n in names]


def kept(*names: str) -> list[Entry]:
    return [{"person": name, "public_key": name} for name in names]


def signers(*names: str) -> list[Entry]:
    """Persons who sign with the key of their name (or of the second name, ``p:q``)."""
    return [{"key": n.split(":")[-1], "person": n.split(":")[0]} for n in names]


def votes(sign: bool, *cast: str) -> list[Entry]:
    """``p1 chair aye``: a person, a seat, a vote."""
    found = [dict(zip(("person", "seat", "vote"), vote.split(), strict=True)) for vote in cast]
    return [vote | {"key": vote["person"]} for vote in found] if sign else found


def counted(ash: int, birch: int) -> Entry:
    return {"returns": {"votes": {"ash": ash, "birch": birch}}}


def board(ayes: int, nays: int, abstain: int, recused: int) -> Entry:
    present = ayes + nays + abstain
    return {
        "abstain": abstain,
        "ayes": ayes,
        "nays": nays,
        "present": present,
        "recused": recused,
        "seats": 3,
    }


def refused(code: str, words: str, to_do: str, may: list[str], rule: str = "") -> Entry:
    """What a refusal by the record has; a rule is named in three fields."""
    citation = f"Law, {rule.removeprefix('the_')}" if rule else "Tallybook book specification, section 6"
    return {"entry": "act_refused", "refusal": {
        "citation": citation, "code": code, "failed": "record", "law": "model" if rule else "", "next": to_do,
        "row": rule, "who_may": may, "words": words}}  # fmt: skip


def story() -> list[Entry]:
    """The entries but for what `sealed` adds: numbers, keys of acts, rulings, signatures, possessions."""
    mayor: Entry = {"contest": "mayor"}
    north: Entry = mayor | {"place": "north"}
    south: Entry = mayor | {"place": "south"}
    keeper = signers("k1", "k2")
    roster = [{"group": "x", "person": "p1", "seat": "chair"},
              {"group": "x", "person": "p2", "seat": "left", "until": "2026-12-31"},
              {"group": "y", "person": "p3", "seat": "right"},
              {"alternate": True, "group": "y", "person": "p4", "seat": "right"}]  # fmt: skip
    opening = {
        "contests": [{"choices": [{"id": c, "name": c} for c in ("ash", "birch")], "class": "city", "id": "mayor", "name": "Mayor"}],
        "election": {"day": "2026-11-03", "id": "e", "title": "t"}, "law": [sha(LAW)],
        "places": [{"id": p, "kind": "ward", "name": p.title()} for p in ("north", "south")],
    }  # fmt: skip
    return [
        {"act": "open_book", "by": [{"person": "k1"}], "detail": opening, "exhibits": [public(LAW, "law.toml")],
         "office": "keeper", "on": "2026-11-01", "origin": ORIGIN, "policy": policy()},
        {"act": "rotate_keys", "detail": {"keys": new("k1", "k2"), "threshold": 2}, "office": "keeper", "on": "2026-11-01"},
        {"act": "set_keys", "by": keeper, "detail": {"keys": new("p1", "p2", "p3"), "post": "county", "threshold": 2},
         "office": "keeper", "on": "2026-11-01", "place": "north"},  # 2
        {"act": "set_roster", "by": keeper, "detail": {"post": "county", "roster": roster}, "office": "keeper", "on": "2026-11-01"},
        north | {"act": "certify", "by": votes(True, "p1 chair aye", "p2 left aye", "p3 right nay"), "detail": counted(41, 37),
                 "on": "2026-11-05", "result": {"board": board(2, 1, 0, 0), "count": "county_certified", "total": 78}},  # 4
        south | {"act": "certify", "by": votes(False, "p1 chair aye", "p2 left abstain", "p3 right nay"), "detail": counted(20, 20),
                 "on": "2026-11-05"}
        | refused("not_carried", "1 of 3 voted aye; 2 are needed.", "Put it to the vote again; a duty stays a duty.", ["county"], "the_board"),
        south | {"act": "certify", "by": votes(False, "p1 chair aye", "p3 right recused", "p4 right aye"), "detail": counted(20, 20),
                 "on": "2026-11-05", "result": {"board": board(2, 0, 0, 1), "count": "county_certified", "total": 40}},  # 6
        {"act": "rotate_keys", "by": signers("p1", "p2"), "detail": {"keys": kept("p1", "p2") + new("p3:p3b"), "threshold": 2},
         "office": "county", "on": "2026-11-06", "place": "north", "result": {"dropped": [key("p3")], "replaces": 2}},
        {"act": "set_keys", "by": keeper, "detail": {"keys": new("p3"), "post": "county", "threshold": 1}, "office": "keeper",
         "on": "2026-11-06", "place": "south"}  # 8
        | refused("key_retired", f"Key {key('p3')} was taken out of use in entry 7.", "Make a new key.", ["keeper"]),
        {"act": "move_date", "detail": {"court_order": "Order 7", "moved_to": "2026-11-20T12:00", "moves": "total"}, "office": "court",
         "on": "2026-11-09", "result": {"due": "2026-11-20T17:00:00Z", "was": "2026-11-10T22:00:00Z"}},
        mayor | {"act": "total", "on": "2026-11-12", "moved": {"due": "2026-11-20T17:00:00Z", "moved": 9},  # 10
                 "result": {"base": "county_certified", "count": "state_certified", "margin": 4, "places": 2, "total": 118,
                            "outcome": {"kind": "winner", "winners": ["ash"]}, "votes": {"ash": 61, "birch": 57}}},
        mayor | {"act": "order_recount", "on": "2026-11-12"},
        north | {"act": "recount", "by": signers("p1", "p3:p3b"), "detail": counted(38, 42), "on": "2026-11-13",  # 12
                 "result": {"count": "recount", "total": 80}},
        north | {"act": "batches", "by": signers("p1", "p2"), "detail": {"first_batches": sha(FIRST), "second_batches": sha(SECOND)},
                 "exhibits": [public(FIRST, "first.json"), public(SECOND, "second.json")], "on": "2026-11-13",
                 "result": {"batches": 3, "changed": 1, "difference": 78, "greatest": [["b2", 38], ["b3", 38], ["b1", 2]],
                            "only_first": 1, "only_second": 1}},
        mayor | {"act": "result", "on": "2026-11-13",  # 14
                 "result": {"by_place": {"north": {"ash": -3, "birch": 5}}, "changed": 1, "difference": 8,
                            "first": {"places": 1, "total": 78, "votes": {"ash": 41, "birch": 37}}, "first_margin": 4, "margin": 4,
                            "missing": ["south"], "places": 1, "same": False, "total": 80, "votes": {"ash": 38, "birch": 42}}},
        {"act": "claim", "detail": {"dated": "2026-11-06", "named": sorted([sha(FIRST), sha(SECOND)]), "source": "A letter",
                                    "text": "Birch won."}, "office": "county", "on": "2026-11-14", "place": "south"},
        {"act": "answer", "detail": {"answer": "record_shows", "claim": 15, "entries": [14, 15], "text": "t"}, "on": "2026-11-14",  # 16
         "place": "south"}
        | refused("no_evidence", "Entry 15 is a claim or an answer, not evidence.", "Name what the claim is about.", ["state"]),
        {"act": "answer", "detail": {"answer": "record_shows", "claim": 15, "entries": [10, 14], "text": "t"}, "on": "2026-11-14",
         "place": "south"},
        {"act": "answer", "detail": {"answer": "record_cannot_tell", "claim": 15, "text": "t"}, "on": "2026-11-15",  # 18
         "place": "south", "result": {"replaces": 17}},
        north | {"act": "find", "by": signers("p1", "p2"), "detail": {"text": "a seal"}, "on": "2026-11-15"}
        | refused("separation", "Person p1 is named in entry 4 (certify), and the law keeps the two apart.", "Let another person do it.",
                  ["county"], "the_separation"),
        {"act": "find", "by": [{"person": "p3"}], "detail": {"text": "a seal"}, "on": "2026-11-15", "place": "south"},  # 20
    ]  # fmt: skip


def finished(entry: Entry, seq: int) -> Entry:
    """The entry with what every act of this book has; `moved` goes to the ruling."""
    act = entry["act"]
    office = next((o for o, acts in OFFICES.items() if act in acts.split()), "state")
    kind = next(row[1] for row in ACTS if row[0] == act)
    made: Entry = {
        "entry": kind,
        "key": f"k{seq}",
        "office": office,
        "received": f"{entry['on']}T20:00:00Z",
        "seq": seq,
        "v": 1,
    }
    if "refusal" not in entry:
        made["ruling"] = {
            "citation": f"Law, {act}",
            "law": "model",
            "row": act,
            "status": "permitted",
        } | entry.get("moved", {})
    return made | {name: value for name, value in entry.items() if name != "moved"}


def signed_entry(entry: Entry, origin: str = ORIGIN) -> Entry:
    """Names of keys become keys; possessions ``?`` and signatures are made, by the page's sections 2 and 3."""
    entry = copy.deepcopy(entry)
    detail = entry.get("detail", {})
    if "threshold" in detail and isinstance(detail.get("keys"), list):
        prove(entry)
    own = {name: value for name, value in entry.items() if name in
           ("act", "contest", "detail", "exhibits", "key", "office", "on", "paper", "place", "purpose")}  # fmt: skip
    for person in entry.get("by", []):
        if len(person.get("key", "")) not in (0, 64):
            who = {name: value for name, value in person.items() if name not in ("key", "signature")}
            message = f"tallybook/act/v1\n{origin}\n".encode() + canonical({"act": own, "by": who})
            person["signature"] = secret(person["key"]).sign(message).hex()
            person["key"] = key(person["key"])
    return entry


def prove(entry: Entry) -> None:
    """Each new key signs the whole set."""
    items = entry["detail"]["keys"]
    by_name = {item["person"]: item["public_key"] for item in items}
    for item in items:
        item["public_key"] = key(item["public_key"]) if len(item["public_key"]) != 64 else item["public_key"]
    text = {"key": entry["key"], "keys": [{"person": i["person"], "public_key": i["public_key"]} for i in items],
            "office": entry["detail"].get("post", entry["office"]), "threshold": entry["detail"]["threshold"]}  # fmt: skip
    text |= {"place": entry["place"]} if "place" in entry else {}
    message = f"tallybook/keys/v1\n{ORIGIN}\n".encode() + canonical(text)
    for item in items:
        if item.get("possession") == "?":
            item["possession"] = secret(by_name[item["person"]]).sign(message).hex()


def finished_story() -> list[Entry]:
    """The story, signed."""
    return [signed_entry(finished(entry, seq)) for seq, entry in enumerate(story())]


def files_of(book: list[Entry]) -> Files:
    """The package, with those of the exhibits that its entries name."""
    entries = [canonical(entry) for entry in book]
    return package(entries, [raw for raw in (LAW, FIRST, SECOND) if sha(raw).encode() in b"".join(entries)])


def officered(
    change: Callable[[list[Entry]], None] | None = None, after: Callable[[list[Entry]], None] | None = None
) -> Files:
    """The package of the book. `change` is made before everything is signed, `after` when it is."""
    book = [finished(entry, seq) for seq, entry in enumerate(story())]
    if change is not None:
        change(book)
    book = [signed_entry(entry) for entry in book]
    if after is not None:
        after(book)
    return files_of(book)
