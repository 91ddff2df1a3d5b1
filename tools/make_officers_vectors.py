"""Make the published packages of vectors/officers: keys, boards, orders, recounts, claims; good and bad ones.

    python tools/make_officers_vectors.py [FOLDER]

The good package is one small election in which officers sign, a board votes, a key is revoked, a date is
moved, a recount is carried out and claims are answered. Each bad one is the good one with one thing wrong.
Where a forger who holds every key, the officers' included, could have signed it anew, it is signed anew, so
that only the check named in index.json can reject it. The bytes are the same on every run.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec

from tallybook.book import Act, Entered, Entry, Shelf, decide, evolve
from tallybook.book.officers import possession, statement
from tallybook.doors.lawfiles import read, shipped
from tallybook.evidence.publishing import package_files
from tallybook.evidence.signing import officer_public, officer_signature, verify_ed25519
from tallybook.merkle.canonical import encode
from tools.make_vectors import ORIGIN, POLICY, Maker, choices, entry_of, key_of, plain, put, signed, zipped

Json = dict[str, Any]
Change = Callable[[list[Json]], object]
KEEPER, COUNTY, STATE = "record_keeper", "county_superintendent", "secretary_of_state"
COURT, CANVASSERS, EXAMINERS, INSPECTOR = "court", "canvassers", "examiners", "inspector"
ALWAYS = 'in_force = ["", ""]\nelections_held = ["", ""]\n'


def row(name: str, office: str, act: str, more: str = "") -> str:
    """A row of the law of these packages."""
    return (
        f'\n[[rows]]\nid = "own-{name}"\noffice = "{office}"\nact = "{act}"\nstatus = "permitted"\n{ALWAYS}'
        f'{more}citation = "Own law, {name}"\nplain = "Granted for these packages."\n'
    )


def rule(name: str, kind: str, more: str) -> str:
    """A rule of the law of these packages."""
    return (
        f'\n[[rules]]\nid = "own-{name}"\nkind = "{kind}"\nclasses = []\n{ALWAYS}'
        f'citation = "Own law, {name}"\nplain = "A rule for these packages."\n{more}'
    )


OWN_OFFICES = (COURT, CANVASSERS, EXAMINERS, INSPECTOR)
OWN = (
    shipped("model").data.decode().replace('when = { after = ["readings_signed"] }\n', "")
    + "".join(f'\n[[offices]]\nid = "{one}"\nname = "{one.title()}"\n' for one in OWN_OFFICES)
    + row(
        "order", COURT, "move_date", 'when = { states = ["court_order"], one_of = { moves = ["model-5"] } }\n'
    )
    + row("recount", STATE, "order_recount")
    + row("batches", COUNTY, "report_recount_batches")
    + row("result", STATE, "publish_recount_result")
    + row("objection", COUNTY, "record_objection")
    + row("minutes", CANVASSERS, "file_exhibit")
    + row("examination", EXAMINERS, "file_exhibit")
    + row("appointment", INSPECTOR, "set_keys")
    + rule("signatures", "signatures", f'offices = ["{STATE}", "{INSPECTOR}"]\nacts = []\nthreshold = 1\n')
    + rule(
        "board",
        "board",
        f'office = "{COUNTY}"\nacts = ["certify_county_returns"]\nseats = 3\nquorum = 2\n'
        'majority = "seats"\nmost_of_a_group = 2\ngroups_present = 2\n',
    )
    + rule(
        "canvass",
        "board",
        f'office = "{CANVASSERS}"\nacts = []\nseats = 5\nquorum = 2\nmajority = "present"\n'
        "groups_present = 2\n",
    )
    + rule(
        "examine",
        "board",
        f'office = "{EXAMINERS}"\nacts = []\nseats = 5\nquorum = 1\nmajority = "votes"\n',
    )
    + rule(
        "apart",
        "separation",
        'acts = ["report_finding", "record_objection"]\nbetween = "acts"\nsame = ["place"]\n',
    )
)

LAST = "2020-12-05"
"""The last day of a term, on which boards meet."""

SEATS = {"q1": "one", "q2": "two", "q3": "three", "q4": "four"}

Signer = tuple[str, str] | tuple[str, str, Mapping[str, str]]
"""A person, the name of the key, and what else the person says."""

QUORUM: tuple[Signer, ...] = (("k1", "k1"), ("k2", "k2"))
BOARD = {
    "p1": {"seat": "chair", "vote": "aye"},
    "p2": {"seat": "left", "vote": "aye"},
    "p3": {"seat": "right", "vote": "nay", "words": "Two envelopes are not explained."},
}


def board(turned: Mapping[str, str] = {}, only: Sequence[str] = tuple(BOARD)) -> tuple[Signer, ...]:
    """The board's members as they vote. turned: person -> another vote."""
    return tuple(
        (one, one, {**BOARD[one], **({"vote": turned[one]} if one in turned else {})}) for one in only
    )


class Officers(Maker):
    """A book in the making in which officers sign."""

    def ask(self, name: str, office: str, *by: Signer, day: str = "2020-11-04", **more: Any) -> Entry:
        """One act, signed by these persons, a minute after the last; its own entry."""
        self.minute += 1
        moment = f"{day}T{12 + self.minute // 60:02}:{self.minute % 60:02}:00Z"
        files = tuple(self.file(*one) for one in more.pop("files", ()))
        act = Act(name, office, day, moment, f"act-{self.minute}", exhibits=files, **more)
        act = with_proofs(act, self.news(act))
        act = msgspec.structs.replace(act, by=tuple(by_of(act, *one) for one in by))
        documents = {name: json.loads(data) for name, data in self.exhibits.items() if data[:1] == b"{"}
        shelf = Shelf(documents=documents, entries=dict(enumerate(self.entries)), verify=verify_ed25519)
        found = decide(self.standing, act, shelf)
        assert isinstance(found, Entered), found
        for entry in found.entries:
            self.standing = evolve(self.standing, entry, shelf)
            self.entries.append(entry)
        return found.entries[0]

    def news(self, act: Act) -> list[str]:
        """The persons whose key is new in the set that an act gives."""
        held = self.standing.officers.keys.get((act.detail.get("post", act.office), act.place))
        keys = act.detail.get("keys", ())
        return [
            one["person"] for one in keys if not held or held.keys.get(one["person"]) != one["public_key"]
        ]

    def keys(
        self, name: str, office: str, keys: Mapping[str, str], threshold: int, *by: Signer, **more: Any
    ) -> Entry:
        """A set of keys: person -> name of the key."""
        listed = [{"person": one, "public_key": public(keys[one])} for one in sorted(keys)]
        place = {"place": more.pop("place")} if "place" in more else {}
        day = more.pop("day", "2020-11-04")
        return self.ask(
            name, office, *by, day=day, **place, detail={"keys": listed, "threshold": threshold, **more}
        )


def secret(name: str) -> bytes:
    """The secret of an officer's key, which everybody knows."""
    return key_of(f"officer {name}")


def public(name: str) -> str:
    """The public half of the key of that name."""
    return officer_public(secret(name))


NAMES = {
    public(name): name
    for name in (*(f"k{n}" for n in range(5)), *(f"p{n}" for n in range(5)), "p1b", "s1", "x")
}
"""Public key -> the name of the key."""


def by_of(act: Act, person: str, key: str, said: Mapping[str, str] = {}) -> Json:
    """One person of an act, with the signature."""
    who = {"person": person, **said}
    signature = officer_signature(secret(key), statement(ORIGIN, act, who))
    return {**who, "key": public(key), "signature": signature}


def with_proofs(act: Act, new: Sequence[str]) -> Act:
    """An act with the proofs of possession of new keys, where it sets keys."""
    if not new:
        return act
    bare = [{"person": one["person"], "public_key": one["public_key"]} for one in act.detail["keys"]]
    act = msgspec.structs.replace(act, detail={**act.detail, "keys": bare})
    proof = possession(ORIGIN, act)
    keys = [
        {**one, "possession": officer_signature(secret(NAMES[one["public_key"]]), proof)}
        if one["person"] in new
        else one
        for one in bare
    ]
    return msgspec.structs.replace(act, detail={**act.detail, "keys": keys})


def good_book() -> Officers:
    """The whole election."""
    book = Officers()
    own = read("own.toml", OWN.encode())
    laws = [shipped("book"), shipped("officers"), own]
    shelf = Shelf(law_files={one.fingerprint: one.file for one in laws}, origin=ORIGIN, policy=POLICY)
    detail = {
        "election": {"id": "model", "title": "A model election", "day": "2020-11-03"},
        "contests": [{"id": "mayor", "name": "Mayor", "class": "mayor", "choices": choices("ash", "birch")}],
        "places": [{"id": one, "name": one.title(), "kind": "county"} for one in ("north", "south")],
        "law": [one.fingerprint for one in laws],
    }
    files = [(one.name, one.data) for one in laws]
    book.act("open_book", KEEPER, shelf, detail=detail, files=files, day="2020-11-01")
    set_up(book)
    count(book)
    recount(book)
    claims(book)
    meetings(book)
    refusals(book)
    first_keys(book)
    return book


def set_up(book: Officers) -> None:
    """Keys and rosters, a key enrolled for a second person, a key changed and one revoked."""
    book.keys("rotate_keys", KEEPER, {"k0": "k0", "k1": "k1", "k2": "k2"}, 2)
    book.keys("set_keys", KEEPER, {one: one for one in BOARD}, 2, *QUORUM, post=COUNTY, place="north")
    book.keys("set_keys", KEEPER, {"s1": "s1"}, 1, *QUORUM, post=STATE)
    roster = [
        {"person": "p1", "seat": "chair", "group": "x"},
        {"person": "p2", "seat": "left", "group": "x", "until": "2020-12-31"},
        {"person": "p3", "seat": "right", "group": "y"},
        {"alternate": True, "person": "p4", "seat": "right", "group": "y"},
    ]
    detail = {"post": COUNTY, "roster": roster}
    book.ask("set_roster", KEEPER, *QUORUM, place="north", detail=detail)
    book.ask("set_roster", KEEPER, *QUORUM, place="south", detail=detail)
    book.keys("set_keys", KEEPER, {"x": "p1"}, 1, *QUORUM, post=COUNTY, place="south")
    book.keys("rotate_keys", KEEPER, {"k1": "k1", "k2": "k2", "k3": "k3"}, 2, *QUORUM)


def count(book: Officers) -> None:
    """Returns, a vote that is lost and one that is carried, duties kept apart, a date moved, the total."""
    votes = {"north": {"ash": 41, "birch": 40}, "south": {"ash": 30, "birch": 30}}
    north: Json = {"contest": "mayor", "place": "north", "detail": {"returns": {"votes": votes["north"]}}}
    book.ask("certify_county_returns", COUNTY, *board({"p2": "abstain"}), **north)
    book.ask("certify_county_returns", COUNTY, *board(), **north)
    at: Json = {"place": "north", "detail": {"text": "A gap in the custody of box 4."}}
    book.ask("report_finding", COUNTY, ("p1", "p1"), ("p2", "p2"), **at)
    book.ask("record_objection", COUNTY, ("p2", "p2"), ("p3", "p3"), **at)
    south = [{"person": one, **BOARD[one]} for one in ("p1", "p3")]
    book.minute += 1
    unkeyed(
        book, "certify_county_returns", COUNTY, south, contest="mayor", place="south", votes=votes["south"]
    )
    alternate = [
        {"person": "p1", **BOARD["p1"]},
        {"person": "p2", **BOARD["p2"]},
        {**BOARD["p3"], "person": "p4"},
    ]
    unkeyed(
        book,
        "certify_county_returns",
        COUNTY,
        alternate,
        contest="mayor",
        place="south",
        votes=votes["south"],
    )
    keys = {"p1": "p1b", "p2": "p2", "p3": "p3"}
    book.keys("set_keys", KEEPER, keys, 2, *QUORUM, post=COUNTY, place="north")
    order = {"moves": "model-5", "moved_to": "2020-12-01T12:00", "court_order": "Order 7"}
    book.ask("move_date", COURT, day="2020-11-20", detail=order)
    book.ask("certify_state_results", STATE, ("s1", "s1"), day="2020-11-30", contest="mayor")


def unkeyed(
    book: Officers, name: str, office: str, by: list[Json], votes: Mapping[str, int], **where: Any
) -> None:
    """A certification by a board whose post has no keys."""
    unsigned(book, name, office, by, "2020-11-04", detail={"returns": {"votes": dict(votes)}}, **where)


def unsigned(book: Officers, name: str, office: str, by: list[Json], day: str, **more: Any) -> None:
    """A vote of a board whose post has no keys: persons, seats and votes without signatures."""
    book.minute += 1
    moment = f"{day}T{12 + book.minute // 60:02}:{book.minute % 60:02}:00Z"
    act = Act(name, office, day, moment, f"act-{book.minute}", by=tuple(by), **more)
    found = decide(book.standing, act, Shelf(verify=verify_ed25519))
    assert isinstance(found, Entered), found
    for entry in found.entries:
        book.standing = evolve(book.standing, entry, Shelf())
        book.entries.append(entry)


def batches(*rows: tuple[str, int, int]) -> bytes:
    """Votes by batch, as an exhibit."""
    listed = [{"id": name, "votes": {"ash": ash, "birch": birch}} for name, ash, birch in rows]
    return encode({"batches": listed, "format": "tallybook/batch-votes/v1"})


def recount(book: Officers) -> None:
    """A recount that changes the winner."""
    day, at = "2020-12-02", {"contest": "mayor", "place": "north"}
    book.ask("order_recount", STATE, ("s1", "s1"), day=day, contest="mayor")
    returns = {"returns": {"votes": {"ash": 40, "birch": 42}}}
    signers: tuple[Signer, ...] = (("p1", "p1b"), ("p2", "p2"))
    book.ask("conduct_recount", COUNTY, *signers, day=day, **at, detail=returns)
    first = batches(("a", 20, 20), ("b", 21, 20))
    second = batches(("a", 20, 20), ("c", 20, 22))
    fields = {"first_batches": sha256(first).hexdigest(), "second_batches": sha256(second).hexdigest()}
    files = [("first.json", first), ("second.json", second)]
    book.ask("report_recount_batches", COUNTY, *signers, day=day, **at, detail=fields, files=files)
    book.ask("publish_recount_result", STATE, ("s1", "s1"), day=day, contest="mayor")


def claims(book: Officers) -> None:
    """A claim, an answer without evidence that is refused, and two answers."""
    said = {"text": "A box was opened at night.", "source": "A letter", "dated": "2020-11-05"}
    day = "2020-12-03"
    claim = book.ask("enter_claim", "candidate", day=day, detail=said).seq
    answer: Json = {"claim": claim, "answer": "record_shows", "text": "The record has a gap."}
    book.ask("answer_claim", STATE, ("s1", "s1"), day=day, detail=answer)
    finding = next(one.seq for one in book.entries if one.entry == "finding_reported")
    book.ask("answer_claim", STATE, ("s1", "s1"), day=day, detail={**answer, "entries": [finding]})
    weaker = {**answer, "answer": "record_cannot_tell", "text": "Who opened it, the record does not say."}
    book.ask("answer_claim", STATE, ("s1", "s1"), day=day, detail=weaker)


def meetings(book: Officers) -> None:
    """Boards by the majority of those present and of those who vote; a term on its last day."""
    seats = [
        {"group": "x", "person": "q1", "seat": "one"},
        {"group": "x", "person": "q2", "seat": "two"},
        {"group": "y", "person": "q3", "seat": "three", "until": LAST},
        {"group": "y", "person": "q4", "seat": "four"},
    ]
    for office in (CANVASSERS, EXAMINERS):
        book.ask("set_roster", KEEPER, *QUORUM, day=LAST, detail={"post": office, "roster": seats})
    meet(book, CANVASSERS, q1="aye", q2="abstain", q3="aye")
    meet(book, CANVASSERS, q1="aye", q2="abstain", q3="aye", q4="nay")
    meet(book, CANVASSERS, q1="aye", q3="recused")
    meet(book, CANVASSERS, q1="aye", q2="aye", q4="recused")
    meet(book, EXAMINERS, q1="aye", q2="abstain", q3="abstain")
    meet(book, EXAMINERS, q1="aye", q2="nay", q3="abstain")


def meet(book: Officers, office: str, **votes: str) -> None:
    """A meeting of a board without keys, which puts its minutes to the vote."""
    by = [{"person": one, "seat": SEATS[one], "vote": vote} for one, vote in votes.items()]
    unsigned(book, "file_exhibit", office, by, LAST, detail={"text": "The minutes."})


def refusals(book: Officers) -> None:
    """What the record refuses: a key out of use, rosters, a comparison with nothing, answers."""
    book.keys("set_keys", KEEPER, {"k0": "k0"}, 1, *QUORUM, day=LAST, post=COURT)
    four = [{"person": f"p{n}", "seat": f"s{n}"} for n in range(1, 5)]
    three = [{"group": "x", "person": f"p{n}", "seat": f"s{n}"} for n in range(1, 4)]
    for roster in (four, three):
        detail: Json = {"post": COUNTY, "roster": roster}
        book.ask("set_roster", KEEPER, *QUORUM, day=LAST, place="south", detail=detail)
    same = batches(("a", 41, 40))
    fields = dict.fromkeys(("first_batches", "second_batches"), sha256(same).hexdigest())
    where: Json = {"contest": "mayor", "place": "south", "files": [("same.json", same)]}
    book.ask("report_recount_batches", COUNTY, day=LAST, **where, detail=fields)
    claim = next(one.seq for one in book.entries if one.entry == "claim_entered")
    answer: Json = {"answer": "record_contradicts", "text": "It was not so."}
    for about, named in ((claim, claim), (0, 0)):
        detail = {**answer, "claim": about, "entries": [named]}
        book.ask("answer_claim", STATE, ("s1", "s1"), day=LAST, detail=detail)


def first_keys(book: Officers) -> None:
    """A post bound to signatures sets its own first keys, which it may without."""
    book.keys("set_keys", INSPECTOR, {"x": "x"}, 1, day=LAST, post=INSPECTOR)


# Bad ones ---------------------------------------------------------------------------------------------


def forged(book: Officers, change: Change) -> dict[str, bytes]:
    """The good book with one thing wrong; the log signs it anew."""
    entries = deepcopy([plain(one) for one in book.entries])
    change(entries)
    for seq, entry in enumerate(entries):
        entry["seq"] = seq
    stored = [encode(one) for one in entries]
    return dict(package_files(signed(stored), stored, book.exhibits))


def again(entry: Json, *signers: Signer) -> None:
    """An entry's persons sign anew what it says now."""
    act = act_of(entry)
    entry["by"] = [by_of(act, *one) for one in signers]


def act_of(entry: Json) -> Act:
    """The act of an entry, as it was asked."""
    names = ("act", "office", "on", "received", "key", "contest", "place", "purpose", "detail", "paper")
    said = {name: entry[name] for name in names if name in entry}
    return Act(exhibits=tuple(entry.get("exhibits", ())), **said)


def proved(entry: Json, new: Sequence[str]) -> None:
    """A set of keys, its new keys proved anew."""
    entry["detail"] = dict(with_proofs(act_of(entry), new).detail)


def with_(kind: str, path: str, value: Any, signers: Sequence[Signer], nth: int = 0) -> Change:
    """One value in one entry replaced, and the entry signed anew."""

    def change(entries: list[Json]) -> None:
        put(kind, path, value, nth)(entries)
        again(entry_of(entries, kind, nth), *signers)

    return change


def granted(kind: str, nth: int, now: str, result: Json, row: str) -> Change:
    """A refusal turned into a grant."""

    def change(entries: list[Json]) -> None:
        entry = entry_of(entries, kind, nth)
        del entry["refusal"]
        due = {"due": "2020-11-17T22:00:00Z"} if row == "model-3" else {}
        entry |= {"entry": now, "ruling": {**RULINGS[row], **due}, "result": result}
        if not result:
            del entry["result"]

    return change


RULINGS = {
    row.id: {"citation": row.citation, "law": law.file.id, "row": row.id, "status": row.status}
    for law in (shipped("officers"), read("own.toml", OWN.encode()))
    for row in law.file.rows
}
"""Row -> what a grant by it says."""


def allowed(code: str, now: str, result: Json, row: str, nth: int = 0) -> Change:
    """The nth refusal with that code turned into a grant."""

    def change(entries: list[Json]) -> None:
        refused = [one for one in entries if one["entry"] == "act_refused"]
        those = [n for n, one in enumerate(refused) if one["refusal"]["code"] == code]
        granted("act_refused", those[nth], now, result, row)(entries)

    return change


def lost(nth: int, words: str, like: int) -> Change:
    """A meeting's minutes that were carried, as if they were not. like: a vote that was lost, among those."""

    def change(entries: list[Json]) -> None:
        codes = [one["refusal"] for one in entries if one["entry"] == "act_refused"]
        refusal = [one for one in codes if one["code"] == "not_carried"][like]
        entry = entry_of(entries, MINUTES, nth)
        del entry["ruling"], entry["result"]
        entry |= {"entry": "act_refused", "refusal": {**refusal, "words": words}}

    return change


def swapped(kind: str, nth: int, change: Callable[[Json], object]) -> Change:
    """Something done to one entry."""
    return lambda entries: change(entry_of(entries, kind, nth))


def voted(*signers: Signer) -> Change:
    """The county of the north certifies by these votes."""
    return swapped("county_returns_certified", 0, lambda entry: again(entry, *signers))


def filled_twice(entry: Json) -> None:
    entry["detail"]["roster"][1]["seat"] = "chair"
    again(entry, *QUORUM)


def unproved(entry: Json) -> None:
    entry["detail"]["keys"][0].pop("possession")
    again(entry, *QUORUM)


def proved_elsewhere(entry: Json) -> None:
    entry["detail"]["keys"][0]["possession"] = officer_signature(secret("p1"), b"another set")
    again(entry, *QUORUM)


def weak_key(entry: Json) -> None:
    """k3's new key becomes the neutral point; its possession is what a verifier without the rule accepts."""
    keys = entry["detail"]["keys"]
    keys[2] |= {"public_key": NEUTRAL, "possession": NEUTRAL + "00" * 32}
    again(entry, *QUORUM)


def another_post(entry: Json) -> None:
    """The inspector, without keys, sets the first keys of the court."""
    entry["detail"]["post"] = COURT
    proved(entry, ["x"])


def term_ended(entry: Json) -> None:
    """A term that ended on the day before its holder voted."""
    entry["detail"]["roster"][2]["until"] = "2020-12-04"
    again(entry, *QUORUM)


def same_key(entry: Json) -> None:
    entry["detail"]["keys"][1]["public_key"] = entry["detail"]["keys"][0]["public_key"]
    entry["detail"]["keys"][1]["possession"] = entry["detail"]["keys"][0]["possession"]
    again(entry, *QUORUM)


def old_threshold(entry: Json) -> None:
    again(entry, QUORUM[0])


def claim_without_evidence(entry: Json) -> None:
    entry["detail"].pop("entries")
    again(entry, ("s1", "s1"))


BOARD_RESULT = {"abstain": 1, "ayes": 1, "nays": 1, "present": 3, "recused": 0, "seats": 3}
CARRIED: Json = {"board": BOARD_RESULT, "count": "county_certified", "total": 81}
NEUTRAL = "01" + "00" * 31
"""The neutral point of the curve: with it as key and as R, and S = 0, every message seems to be signed."""

MINUTES, BATCHES, ANSWERED = "exhibit_filed", "recount_batches_reported", "claim_answered"
CERTIFIED, KEYS, ROSTER = "county_returns_certified", "keys_set", "roster_set"
TOTAL, ORDER, RESULT = "state_results_certified", "date_moved", "recount_result_published"


def met(ayes: int, nays: int = 0, abstain: int = 0, recused: int = 0) -> Json:
    """The result of a meeting of canvassers or examiners."""
    there = {"present": ayes + nays + abstain, "recused": recused, "seats": 5}
    return {"board": {"abstain": abstain, "ayes": ayes, "nays": nays, **there}}


FORGED: dict[str, tuple[int, Change]] = {
    "signature-of-another-act": (4, put(CERTIFIED, "detail.returns.votes.ash", 42)),
    "signature-of-another-vote": (4, swapped(CERTIFIED, 0, lambda e: e["by"][2].update(vote="aye"))),
    "signature-altered": (4, swapped(CERTIFIED, 0, lambda e: e["by"][0].update(signature="00" * 64))),
    "act-without-signatures": (4, swapped(TOTAL, 0, lambda e: e.pop("by"))),
    "one-signature-of-two": (4, swapped(ROSTER, 0, lambda e: e["by"].pop())),
    "one-signature-twice": (4, swapped(ROSTER, 0, lambda e: e.update(by=[e["by"][0], e["by"][0]]))),
    "one-key-for-two-signatures": (4, swapped(ROSTER, 0, lambda e: again(e, ("k1", "k1"), ("k2", "k1")))),
    "signed-by-a-stranger": (4, swapped(TOTAL, 0, lambda e: again(e, ("s1", "x")))),
    "signed-by-a-revoked-key": (
        4,
        swapped("recount_tally_reported", 0, lambda e: again(e, ("p1", "p1"), ("p2", "p2"))),
    ),
    "signed-with-a-key-not-yet-set": (4, voted(("p1", "p1b", BOARD["p1"]), *board()[1:])),
    "signature-where-no-keys-are": (4, swapped(CERTIFIED, 1, lambda e: again(e, *board(only=("p1", "p2"))))),
    "new-key-not-proved": (4, swapped(KEYS, 0, unproved)),
    "new-key-proved-for-another-set": (4, swapped(KEYS, 0, proved_elsewhere)),
    "two-persons-with-one-key": (4, swapped(KEYS, 0, same_key)),
    "own-keys-changed-below-the-old-threshold": (4, swapped("keys_rotated", 1, old_threshold)),
    "weak-key": (4, swapped("keys_rotated", 1, weak_key)),
    "first-keys-of-another-post": (4, swapped(KEYS, 3, another_post)),
    "retired-key-set-again": (4, allowed("key_retired", KEYS, {}, "officers-set-keys")),
    "seat-filled-twice": (4, swapped(ROSTER, 0, filled_twice)),
    "vote-in-another-seat": (4, voted(("p1", "p1", {"seat": "left", "vote": "aye"}), *board()[1:])),
    "vote-of-one-outside-the-roster": (4, swapped(CERTIFIED, 1, lambda e: e["by"][2].update(person="p9"))),
    "two-votes-for-one-seat": (
        4,
        swapped(CERTIFIED, 1, lambda e: e["by"].insert(2, {"person": "p3", **BOARD["p3"]})),
    ),
    "carried-by-one-of-three": (4, granted("act_refused", 1, CERTIFIED, CARRIED, "model-3")),
    "duties-not-kept-apart": (4, granted("act_refused", 2, "objection_recorded", {}, "own-objection")),
    "vote-after-the-term": (4, swapped(ROSTER, 2, term_ended)),
    "more-seats-than-the-law-has": (
        4,
        allowed("too_many_seats", ROSTER, {"replaces": 5}, "officers-set-roster"),
    ),
    "roster-not-balanced": (4, allowed("unbalanced", ROSTER, {"replaces": 5}, "officers-set-roster")),
    "carried-without-a-quorum": (4, allowed("no_quorum", MINUTES, met(1, recused=1), "own-minutes")),
    "carried-by-one-group": (4, allowed("too_few_groups", MINUTES, met(2, recused=1), "own-minutes")),
    "carried-by-half-of-those-present": (
        4,
        allowed("not_carried", MINUTES, met(2, nays=1, abstain=1), "own-minutes", 2),
    ),
    "carried-by-half-of-the-votes": (
        4,
        allowed("not_carried", MINUTES, met(1, nays=1, abstain=1), "own-examination", 3),
    ),
    "refused-where-those-present-carried-it": (4, lost(0, "2 of 5 voted aye; 3 are needed.", 2)),
    "refused-where-the-votes-carried-it": (4, lost(1, "1 of 3 voted aye; 2 are needed.", 3)),
    "recount-compared-where-there-is-none": (
        4,
        allowed(
            *("nothing_to_compare", BATCHES),
            {"batches": 1, "changed": 0, "difference": 0, "only_first": 0, "only_second": 0},
            "own-batches",
        ),
    ),
    "claim-as-evidence-of-itself": (
        4,
        allowed("no_evidence", ANSWERED, {"replaces": 24}, "officers-answer-claim-secretary"),
    ),
    "answer-to-what-is-no-claim": (4, allowed("no_claim", ANSWERED, {}, "officers-answer-claim-secretary")),
    "refused-as-not-carried-where-it-was": (4, swapped("act_refused", 1, lambda e: again(e, *board()))),
    "answer-from-the-record-without-evidence": (4, swapped("claim_answered", 0, claim_without_evidence)),
    "words-of-a-refusal-by-a-board": (4, put("act_refused", "refusal.words", "Nobody came.", 1)),
    "rule-of-a-refusal-by-a-board": (4, put("act_refused", "refusal.row", "", 1)),
    "deadline-as-if-nothing-had-moved-it": (5, put(TOTAL, "ruling.due", "2020-11-24T22:00:00Z")),
    "order-not-named": (5, swapped(TOTAL, 0, lambda e: e["ruling"].pop("moved"))),
    "order-by-an-office-without-the-power": (5, put(ORDER, "office", "candidate")),
    "order-for-one-county-moves-the-total": (5, put(ORDER, "place", "north")),
    "board-counted-wrong": (6, put(CERTIFIED, "result.board.ayes", 3)),
    "dropped-key-not-told": (6, swapped(KEYS, 2, lambda e: e["result"].pop("dropped"))),
    "replaced-set-wrong": (6, put(KEYS, "result.replaces", 1, 2)),
    "earlier-deadline-wrong": (6, put(ORDER, "result.was", "2020-11-25T22:00:00Z")),
    "batches-compared-wrong": (6, put("recount_batches_reported", "result.difference", 82)),
    "recount-sum-wrong": (6, put(RESULT, "result.votes.ash", 41)),
    "change-by-place-wrong": (6, put(RESULT, "result.by_place.north.birch", 3)),
    "first-margin-wrong": (10, put(RESULT, "result.first_margin", 2)),
    "recount-called-the-same": (13, put(RESULT, "result.same", True)),
    "vote-field-that-is-not-permitted": (4, swapped(CERTIFIED, 1, lambda e: e["by"][0].update(name="Ann"))),
}


def every() -> dict[str, tuple[int, dict[str, bytes]]]:
    """Name -> (the check that must reject it, 0 for none; its files)."""
    book = good_book()
    made = {"good-officers": (0, forged(book, lambda _: None))}
    return made | {f"bad-{name}": (check, forged(book, change)) for name, (check, change) in FORGED.items()}


def main(folder: Path) -> None:
    """Write every package, the policy and the index."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.zip"):
        old.unlink()
    index = []
    for name, (check, files) in every().items():
        (folder / f"{name}.zip").write_bytes(zipped(files))
        index.append({"package": f"{name}.zip", "under": "policy", "rejected_by": check})
    (folder / "policy.txt").write_text(POLICY, encoding="utf-8")
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "vectors/officers"))
