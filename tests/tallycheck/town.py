"""A whole small book, written by hand: a law, and an election that meets every effect and most refusals.

Every ruling, refusal and result below was worked out from the specification's pages with pencil and paper;
nothing is asked of the checker. Town of Example, 3 November 2026, five hours behind UTC, two wards.
"""

# ruff: noqa: E501 - tables stand on one line each

import copy
import hashlib
from typing import Any

from tests.tallycheck.writer import (
    LOG,
    ORIGIN,
    WITNESSES,
    Files,
    b64,
    canonical,
    leaf,
    package,
    policy,
    public,
    root,
    sha,
    signed,
)

BOOK_LAW = """
format = "tallybook/law/v1"
id = "book"
title = "Acts"
place = "every place"
acts = [
 {id="open_book", words="w", entry="book_opened", said="s", effect="open", scope=[], phases=[], needs=["election","contests","places","law"]},
 {id="adopt_law", words="w", entry="law_adopted", said="s", effect="adopt", scope=[], phases=[], needs=["law_file"]},
 {id="record_checkpoint", words="w", entry="checkpoint_recorded", said="s", effect="checkpoint", scope=[], phases=[], needs=["checkpoint"]},
 {id="close_book", words="w", entry="book_closed", said="s", effect="record", scope=[], phases=[]},
 {id="correct_entry", words="w", entry="entry_corrected", said="s", effect="correct", scope=["contest?","place?"], phases=[], needs=["corrects","wrong","right"]},
 {id="report", words="w", entry="returns_reported", said="s", effect="returns", count="unofficial", scope=["contest","place?"], phases=[], needs=["returns"]},
 {id="certify", words="w", entry="county_returns_certified", said="s", effect="returns", count="county_certified", scope=["contest","place"], phases=["announced","counting","county_certified","state_certified"], needs=["returns"], may=["dissent"]},
 {id="restate", words="w", entry="county_returns_corrected", said="s", effect="restate", count="county_certified", scope=["contest","place"], phases=[], needs=["corrects","returns","wrong"]},
 {id="order_hand_count", words="w", entry="hand_count_ordered", said="s", effect="record", scope=["contest"], phases=[], may=["basis"]},
 {id="audit", words="w", entry="audit_tally_reported", said="s", effect="returns", count="audit_tally", scope=["contest","place"], phases=[], needs=["returns"]},
 {id="publish", words="w", entry="audit_result_published", said="s", effect="audit_result", scope=["contest"], phases=[]},
 {id="total", words="w", entry="state_results_certified", said="s", effect="state_total", count="state_certified", scope=["contest"], phases=["counting","county_certified"]},
 {id="total_again", words="w", entry="state_results_recertified", said="s", effect="state_total", count="recertified", scope=["contest"], phases=[]},
 {id="request_recount", words="w", entry="recount_requested", said="s", effect="record", scope=["contest"], phases=["state_certified"], needs=["choice"]},
 {id="order_recount", words="w", entry="recount_ordered", said="s", effect="recount_order", scope=["contest"], phases=["state_certified"]},
 {id="recount", words="w", entry="recount_reported", said="s", effect="returns", count="recount", scope=["contest","place"], phases=["recounting"], needs=["returns"]},
 {id="draw_lot", words="w", entry="lot_drawn", said="s", effect="lot", scope=["contest"], phases=[], needs=["choice"]},
 {id="find", words="w", entry="finding_reported", said="s", effect="finding", scope=["contest?","place?"], phases=[], needs=["text"]},
 {id="unfind", words="w", entry="finding_closed", said="s", effect="close_finding", scope=["contest?","place?"], phases=[], needs=["finding"]},
 {id="commit", words="w", entry="inputs_committed", said="s", effect="commit", scope=["contest","place?"], phases=[], needs=["manifest","sample"]},
 {id="seed", words="w", entry="seed_recorded", said="s", effect="seed", scope=["contest","place?"], phases=[], needs=["seed"]},
 {id="draw", words="w", entry="sample_drawn", said="s", effect="draw", scope=["contest","place?"], phases=[]},
 {id="read", words="w", entry="readings_entered", said="s", effect="readings", scope=["contest","place?"], phases=[], needs=["readings"]},
 {id="sign", words="w", entry="readings_signed", said="s", effect="sign", scope=["contest","place?"], phases=[]},
 {id="appoint", words="w", entry="electors_certified", said="s", effect="electors", scope=["contest"], phases=[], needs=["choice"]},
 {id="cast", words="w", entry="votes_cast", said="s", effect="electoral_votes", scope=["contest"], phases=[], needs=["president","vice_president"]},
 {id="count", words="w", entry="votes_counted", said="s", effect="joint_session", scope=[], phases=[], needs=["table"], may=["vice_table","not_appointed"]},
 {id="swear_in", words="w", entry="members_sworn_in", said="s", effect="chamber", scope=[], phases=[], needs=["members","seats"], may=["vacant","tie_breaker"]},
]
"""

TOWN_LAW = (
    """
format = "tallybook/law/v1"
id = "town"
title = "Law of the Town"
place = "Town of Example"
clock = [{from="2020-01-01T00:00:00Z", offset="-05:00"}]
holidays = [{date="2026-11-16", name="Town Day"}]
offices = [{id="keeper", name="Keeper"}, {id="county", name="County Board"}, {id="secretary", name="Secretary"},
 {id="governor", name="Governor"}, {id="candidate", name="Candidate"}, {id="board", name="Audit Board"}]
purposes = [{id="recount", words="after a recount"}, {id="change", words="to change the result"}]

[[rows]]
id = "report"
office = "county"
act = "report"
status = "permitted"
in_force = ["", ""]
elections_held = ["", ""]
when = { from = ["contest_day", "19:00"] }
citation = "Town law, report"
plain = "After the polls close."
code = "polls_open"
words = "The polls are open."

[[rows]]
id = "certify"
office = "county"
act = "certify"
status = "duty"
in_force = ["", ""]
elections_held = ["", ""]
due = ["contest_day", "+7 days", "17:00"]
citation = "Town law, certify"
plain = "The county certifies in a week."

[[rows]]
id = "total"
office = "secretary"
act = "total"
status = "duty"
in_force = ["", ""]
elections_held = ["2026-01-01", "2026-12-31"]
when = { every_place = "county_returns_certified" }
citation = "Town law, total"
plain = "When every county has certified."

[[rows]]
id = "request_recount"
office = "candidate"
act = "request_recount"
status = "conditional"
in_force = ["", ""]
elections_held = ["", ""]
when = { role = "loser", margin_at_most = "1/10", after = ["state_results_certified"] }
due = ["state_results_certified", "+2 business days"]
citation = "Town law, request_recount"
plain = "A close loser may ask."

[[rows]]
id = "governor"
office = "governor"
act = "order_hand_count"
status = "not_permitted"
in_force = ["", ""]
elections_held = ["", ""]
citation = "Town law, governor"
plain = "The Governor has no such power."

[[rows]]
id = "change"
office = "secretary"
act = "order_hand_count"
purposes = ["change"]
status = "no_legal_effect"
in_force = ["", ""]
elections_held = ["", ""]
citation = "Town law, change"
plain = "A count cannot be ordered to change a result."
words = "Such an order has no effect."
next = "Certify the result."

[[rows]]
id = "order_hand_count"
office = "secretary"
act = "order_hand_count"
status = "conditional"
in_force = ["", ""]
elections_held = ["", ""]
when = { states = ["basis"] }
citation = "Town law, order_hand_count"
plain = "With a stated basis."
"""
    + "".join(
        f"""
[[rows]]
id = "{act}"
office = "{office}"
act = "{act}"
status = "permitted"
in_force = ["", ""]
elections_held = ["", ""]
citation = "Town law, {act}"
plain = "{office} may {act}."
"""
        for office, acts in {
            "keeper": "open_book adopt_law record_checkpoint close_book count swear_in",
            "*": "correct_entry",
            "county": "restate audit recount find unfind",
            "secretary": "publish total_again order_recount draw_lot commit seed draw appoint cast",
            "board": "read sign",
        }.items()
        for act in acts.split()
    )
    + """
[[rules]]
id = "majority"
kind = "winner"
classes = ["council"]
in_force = ["", ""]
elections_held = ["", ""]
citation = "Town law, majority"
plain = "A majority, or a runoff."
method = "majority_or_runoff"
advance = 2
runoff_day = ["election_day", "+28 days"]
tie = "lot"

[[rules]]
id = "plurality"
kind = "winner"
classes = []
in_force = ["", ""]
elections_held = ["", ""]
citation = "Town law, plurality"
plain = "The most votes."
method = "plurality"
tie = "lot"

[[rules]]
id = "electors"
kind = "electors"
classes = ["president"]
in_force = ["", ""]
elections_held = ["", ""]
citation = "Town law, electors"
plain = "Three electors of five."
number = 3
whole = 5
faithless = "as_cast"

[[rules]]
id = "hand_count"
kind = "hand_count"
classes = []
in_force = ["", ""]
elections_held = ["", ""]
citation = "Town law, hand_count"
plain = "The returns stand."
effect = "returns_stand"
"""
)

NEW_TOWN_LAW = TOWN_LAW.replace("The Governor has no such power.", "The Governor still has no such power.")

MANIFEST = canonical(
    {"batches": [{"cards": 3, "id": "Box 1"}, {"cards": 3, "id": "Box 2"}], "format": "tallybook/manifest/v1"}
)
SEED = "31415926535897932384"
EXHIBITS = [BOOK_LAW.encode(), TOWN_LAW.encode(), NEW_TOWN_LAW.encode(), MANIFEST]

Entry = dict[str, Any]


def drawn(n: int) -> list[str]:
    """The sample by the draw's own words: the smallest SHA-256 of the five lines."""
    items = [f"Box {box}/{position}" for box in (1, 2) for position in (1, 2, 3)]
    lines = "tallybook/draw/v1\nticket\n" + SEED + "\n"
    return sorted(items, key=lambda item: hashlib.sha256((lines + item).encode()).hexdigest())[:n]


def ruling(row: str, status: str = "permitted", **more: Any) -> Entry:
    return {"ruling": {"citation": f"Town law, {row}", "law": "town", "row": row, "status": status} | more}


def refusal(row: str, code: str, failed: str, words: str, who_may: list[str], to_do: str) -> Entry:
    of_record = failed == "record"
    return {
        "refusal": {
            "citation": "Tallybook book specification, section 6" if of_record else f"Town law, {row}",
            "code": code, "failed": failed, "law": "" if of_record else "town", "next": to_do,
            "row": "" if of_record else row, "who_may": who_may, "words": words,
        }
    }  # fmt: skip


MEND = "Mend what is missing and ask again."


def story() -> list[Entry]:
    """The entries without `seq`, `v` and `key`; the recorded checkpoint is filled in by `sealed`."""
    places = [
        {"id": "north", "kind": "ward", "name": "North"},
        {"id": "south", "kind": "ward", "name": "South"},
    ]

    def contest(name: str, of: str, choices: str, **more: Any) -> Entry:
        names = [{"id": choice, "name": choice.title()} for choice in choices.split()]
        return {"choices": names, "class": of, "id": name, "name": name.title()} | more

    def counted(entry: str, act: str, contest: str, place: str, **votes: int) -> Entry:
        return {"act": act, "contest": contest, "detail": {"returns": {"votes": votes}}, "entry": entry,
                "office": "county", "place": place}  # fmt: skip

    def certified(contest: str, place: str, **votes: int) -> Entry:
        return counted("county_returns_certified", "certify", contest, place, **votes)

    week = ruling("certify", "duty", due="2026-11-10T22:00:00Z")
    late = ruling("certify", "duty", due="2026-11-10T22:00:00Z", late=True)

    def result(count: str, total: int, **more: int) -> Entry:
        return {"result": {"count": count, "total": total} | more}

    mayor, north = {"contest": "mayor"}, {"contest": "mayor", "place": "north"}
    office = {"office": "secretary"}
    treasurer = {"contest": "treasurer", "place": "north"}
    winner = {"kind": "winner", "winners": ["ann"]}
    first, second = drawn(2)
    book: list[Entry] = [
        {"act": "open_book", "entry": "book_opened", "office": "keeper", "on": "2026-11-01",
         "received": "2026-11-01T12:00:00Z", "origin": ORIGIN, "policy": policy(),
         "detail": {
             "contests": [
                 contest("mayor", "mayor", "ann bob"), contest("council", "council", "cat dan eve"),
                 contest("treasurer", "mayor", "fay gil", places=["north"]),
                 contest("president", "president", "pat quin"),
             ],
             "election": {"day": "2026-11-03", "id": "town_2026", "title": "Town election"},
             "law": [sha(BOOK_LAW.encode()), sha(TOWN_LAW.encode())], "places": places,
         },
         "exhibits": [public(BOOK_LAW.encode(), "book.toml"), public(TOWN_LAW.encode(), "town.toml")],
         } | ruling("open_book"),
        {"received": "2026-11-03T20:00:00Z", "on": "2026-11-03"}  # 1: 15:00 in the town
        | counted("act_refused", "report", "mayor", "north", ann=1, bob=0)
        | refusal("report", "polls_open", "from", "The polls are open.", ["county"], MEND),
        {"received": "2026-11-04T01:00:00Z", "on": "2026-11-03"}  # 2: 20:00 in the town
        | counted("returns_reported", "report", "mayor", "north", ann=60, bob=39)
        | ruling("report") | result("unofficial", 99),
        {"received": "2026-11-09T15:00:00Z", "on": "2026-11-09", "seen": 2}  # 3
        | certified("mayor", "north", ann=60, bob=40) | week | result("county_certified", 100),
        {"received": "2026-11-11T15:00:00Z", "on": "2026-11-11"}  # 4
        | certified("mayor", "south", ann=20, bob=30) | late | result("county_certified", 50),
        {"received": "2026-11-11T15:00:00Z", "on": "2026-11-11"}  # 5
        | certified("mayor", "north", ann=60, bob=40) | {"entry": "act_refused"}
        | refusal("", "already_recorded", "record",
                  "Entry 3 holds this statement. Correct it by an act that names entry 3.", ["county"], "Correct that entry."),
        north | {"received": "2026-11-11T16:00:00Z", "on": "2026-11-11", "act": "restate", "office": "county",  # 6
                 "entry": "county_returns_corrected",
                 "detail": {"corrects": 3, "returns": {"votes": {"ann": 61, "bob": 40}}, "wrong": "one ballot"}}
        | ruling("restate") | result("county_certified", 101, replaces=3),
        north | {"received": "2026-11-11T16:00:00Z", "on": "2026-11-11", "act": "find", "office": "county",  # 7
                 "entry": "finding_reported", "detail": {"text": "one seal is missing"}} | ruling("find"),
        mayor | {"received": "2026-11-11T17:00:00Z", "on": "2026-11-11", "act": "order_hand_count",  # 8
                 "office": "governor", "entry": "act_refused"}
        | refusal("governor", "not_permitted", "", "The Governor has no such power.", ["secretary"],
                  "Ask: Secretary."),
        mayor | office | {"received": "2026-11-11T17:00:00Z", "on": "2026-11-11", "act": "order_hand_count",  # 9
                          "purpose": "change", "entry": "act_without_legal_effect"}
        | refusal("change", "no_legal_effect", "", "Such an order has no effect.", [], "Certify the result."),
        mayor | office | {"received": "2026-11-11T17:00:00Z", "on": "2026-11-11", "act": "order_hand_count",  # 10
                          "entry": "act_refused"}
        | refusal("order_hand_count", "not_stated", "states", "With a stated basis.", ["secretary"], MEND),
        mayor | office | {"received": "2026-11-11T17:00:00Z", "on": "2026-11-11", "act": "order_hand_count",  # 11
                          "entry": "hand_count_ordered", "detail": {"basis": "a tie in a batch"}}
        | ruling("order_hand_count", "conditional"),
        {"received": "2026-11-12T15:00:00Z", "on": "2026-11-12"}  # 12
        | counted("audit_tally_reported", "audit", "mayor", "north", ann=61, bob=41)
        | ruling("audit") | result("audit_tally", 102),
        mayor | office | {"received": "2026-11-12T16:00:00Z", "on": "2026-11-12", "act": "publish",  # 13
                          "entry": "audit_result_published",
                          "result": {"difference": 1, "effect": "returns_stand", "margin": 20, "missing": ["south"],
                                     "places": 1, "returns": {"ann": 61, "bob": 40}, "returns_margin": 21,
                                     "same": True, "total": 102, "votes": {"ann": 61, "bob": 41}}}
        | ruling("publish"),
        mayor | office | {"received": "2026-11-13T15:00:00Z", "on": "2026-11-13", "act": "total",  # 14, a Friday
                          "entry": "state_results_certified",
                          "result": {"base": "county_certified", "count": "state_certified", "findings": [7],
                                     "margin": 11, "outcome": winner, "places": 2, "total": 151,
                                     "votes": {"ann": 81, "bob": 70}}} | ruling("total", "duty"),
        north | {"received": "2026-11-13T16:00:00Z", "on": "2026-11-13", "act": "unfind", "office": "county",  # 15
                 "entry": "finding_closed", "detail": {"finding": 7}} | ruling("unfind"),
        mayor | {"received": "2026-11-18T15:00:00Z", "on": "2026-11-18", "act": "request_recount",  # 16
                 "office": "candidate", "entry": "recount_requested", "detail": {"choice": "bob"}}
        | ruling("request_recount", "conditional", due="2026-11-19T04:59:59Z"),
        mayor | office | {"received": "2026-11-18T16:00:00Z", "on": "2026-11-18", "act": "order_recount",  # 17
                          "entry": "recount_ordered"} | ruling("order_recount"),
        mayor | office | {"received": "2026-11-18T17:00:00Z", "on": "2026-11-18", "act": "total",  # 18
                          "entry": "act_refused"}
        | refusal("", "phase", "record", "The contest is in the phase recounting; this act belongs to: "
                  "counting, county_certified.", ["secretary"], "Look at what may be done now, and ask for that."),
        {"received": "2026-11-19T15:00:00Z", "on": "2026-11-19"}  # 19
        | counted("recount_reported", "recount", "mayor", "north", ann=60, bob=41)
        | ruling("recount") | result("recount", 101),
        {"received": "2026-11-19T15:00:00Z", "on": "2026-11-19"}  # 20
        | counted("recount_reported", "recount", "mayor", "south", ann=20, bob=31)
        | ruling("recount") | result("recount", 51),
        mayor | office | {"received": "2026-11-19T16:00:00Z", "on": "2026-11-19", "act": "total_again",  # 21
                          "purpose": "recount", "entry": "state_results_recertified",
                          "result": {"base": "recount", "changed": False, "count": "recertified", "margin": 8,
                                     "outcome": winner, "places": 2, "total": 152,
                                     "votes": {"ann": 80, "bob": 72}}} | ruling("total_again"),
        north | {"received": "2026-11-19T17:00:00Z", "on": "2026-11-19", "act": "correct_entry",  # 22
                 "office": "county", "entry": "entry_corrected", "result": {"corrects": 7},
                 "detail": {"corrects": 7, "wrong": "missing", "right": "broken"}} | ruling("correct_entry"),
        {"received": "2026-11-19T18:00:00Z", "on": "2026-11-19"}  # 23
        | certified("council", "north", cat=40, dan=30, eve=30) | late | result("county_certified", 100),
        {"received": "2026-11-19T18:00:00Z", "on": "2026-11-19"}  # 24
        | certified("council", "south", cat=5, dan=6, eve=4) | late | result("county_certified", 15),
        {"contest": "council", "received": "2026-11-19T19:00:00Z", "on": "2026-11-19", "act": "total",  # 25
         "office": "secretary", "entry": "state_results_certified",
         "result": {"base": "county_certified", "count": "state_certified", "margin": 2, "places": 2, "total": 115,
                    "outcome": {"choices": ["cat", "dan"], "day": "2026-12-01", "kind": "runoff"},
                    "votes": {"cat": 45, "dan": 36, "eve": 34}}} | ruling("total", "duty"),
        {"cause": 25, "contest": "council", "entry": "runoff_arose", "received": "2026-11-19T19:00:00Z",  # 26
         "result": {"choices": ["cat", "dan"], "citation": "Town law, majority", "day": "2026-12-01",
                    "law": "town", "row": "majority", "runoff": "council_runoff"}},
        {"contest": "council", "place": "south", "received": "2026-11-20T15:00:00Z", "on": "2026-11-20",  # 27
         "act": "restate", "office": "county", "entry": "county_returns_corrected",
         "detail": {"corrects": 24, "returns": {"votes": {"cat": 5, "dan": 2, "eve": 8}}, "wrong": "columns"}}
        | ruling("restate") | result("county_certified", 15, replaces=24),
        {"contest": "council", "received": "2026-11-20T16:00:00Z", "on": "2026-11-20", "act": "total_again",  # 28
         "office": "secretary", "entry": "state_results_recertified",
         "result": {"base": "county_certified", "changed": True, "count": "recertified", "margin": 6, "places": 2,
                    "outcome": {"choices": ["cat", "eve"], "day": "2026-12-01", "kind": "runoff"}, "total": 115,
                    "votes": {"cat": 45, "dan": 32, "eve": 38}}} | ruling("total_again"),
        {"cause": 28, "contest": "council", "entry": "runoff_withdrawn", "received": "2026-11-20T16:00:00Z",  # 29
         "result": {"runoff": "council_runoff"}},
        {"cause": 28, "contest": "council", "entry": "runoff_arose", "received": "2026-11-20T16:00:00Z",  # 30
         "result": {"choices": ["cat", "eve"], "citation": "Town law, majority", "day": "2026-12-01",
                    "law": "town", "row": "majority", "runoff": "council_runoff_2"}},
        {"received": "2026-12-02T15:00:00Z", "on": "2026-12-02"}  # 31
        | counted("act_refused", "report", "council_runoff", "north", cat=1, dan=1)
        | refusal("", "withdrawn", "record", "This runoff was withdrawn in entry 29.", ["county"], "Nothing is left to do for this runoff."),
        {"received": "2026-12-02T15:00:00Z", "on": "2026-12-02"}  # 32
        | counted("returns_reported", "report", "council_runoff_2", "north", cat=3, eve=4)
        | ruling("report") | result("unofficial", 7),
        {"received": "2026-12-02T16:00:00Z", "on": "2026-12-02"}  # 33
        | certified("treasurer", "north", fay=5, gil=5) | late | result("county_certified", 10),
        {"contest": "treasurer", "received": "2026-12-02T16:00:00Z", "on": "2026-12-02", "act": "total",  # 34
         "office": "secretary", "entry": "state_results_certified",
         "result": {"base": "county_certified", "count": "state_certified", "margin": 0, "places": 1, "total": 10,
                    "outcome": {"by": "lot", "choices": ["fay", "gil"], "for": "seats", "kind": "tie", "seats": 1,
                                "sure": []}, "votes": {"fay": 5, "gil": 5}}} | ruling("total", "duty"),
        {"contest": "treasurer", "received": "2026-12-02T17:00:00Z", "on": "2026-12-02", "act": "draw_lot",  # 35
         "office": "secretary", "entry": "lot_drawn", "detail": {"choice": "gil"},
         "result": {"outcome": {"kind": "winner", "winners": ["gil"]}}} | ruling("draw_lot"),
        treasurer | office | {"received": "2026-12-03T15:00:00Z", "on": "2026-12-03", "act": "commit",  # 36
                              "entry": "inputs_committed", "detail": {"manifest": sha(MANIFEST), "sample": 2},
                              "exhibits": [public(MANIFEST, "manifest.json")], "result": {"cards": 6}}
        | ruling("commit"),
        treasurer | office | {"received": "2026-12-03T15:00:00Z", "on": "2026-12-03", "act": "seed",  # 37
                              "entry": "act_refused", "detail": {"seed": SEED}}
        | refusal("", "not_witnessed", "record",
                  "No witnessed checkpoint covers entry 36, the inputs of the draw.", ["secretary"], "Have a checkpoint of the book witnessed and record it, then ask again."),
        {"act": "record_checkpoint", "entry": "checkpoint_recorded", "office": "keeper", "on": "2026-12-03",  # 38
         "received": "2026-12-03T16:00:00Z"} | ruling("record_checkpoint"),
        treasurer | office | {"received": "2026-12-03T17:00:00Z", "on": "2026-12-03", "act": "seed",  # 39
                              "entry": "seed_recorded", "detail": {"seed": SEED},
                              "result": {"checkpoint": 38, "committed": 36}} | ruling("seed"),
        treasurer | office | {"received": "2026-12-03T17:00:00Z", "on": "2026-12-03", "act": "draw",  # 40
                              "entry": "sample_drawn", "result": {"count": 2, "sample": [first, second]}}
        | ruling("draw"),
        treasurer | {"received": "2026-12-03T18:00:00Z", "on": "2026-12-03", "act": "read", "office": "board",  # 41
                     "entry": "readings_entered", "detail": {"readings": [[second, "fay"]]},
                     "result": {"left": 1, "read": 1}} | ruling("read"),
        treasurer | {"received": "2026-12-03T18:00:00Z", "on": "2026-12-03", "act": "sign", "office": "board",  # 42
                     "entry": "act_refused"}
        | refusal("", "not_all_read", "record", "1 items of the sample are not read.", ["board"], "Read the rest, then sign."),
        treasurer | {"received": "2026-12-03T19:00:00Z", "on": "2026-12-03", "act": "read", "office": "board",  # 43
                     "entry": "readings_entered", "detail": {"readings": [[first, "blank"]]},
                     "result": {"left": 0, "read": 2}} | ruling("read"),
        treasurer | {"received": "2026-12-03T19:00:00Z", "on": "2026-12-03", "act": "sign", "office": "board",  # 44
                     "entry": "readings_signed",
                     "result": {"blank": 1, "count": 2, "not_found": 0, "overvote": 0, "votes": {"fay": 1, "gil": 0},
                                "write_in": 0}} | ruling("sign"),
        {"received": "2026-12-04T15:00:00Z", "on": "2026-12-04"}  # 45
        | certified("president", "north", pat=9, quin=8) | late | result("county_certified", 17),
        {"received": "2026-12-04T15:00:00Z", "on": "2026-12-04"}  # 46
        | certified("president", "south", pat=1, quin=0) | late | result("county_certified", 1),
        {"contest": "president", "received": "2026-12-04T16:00:00Z", "on": "2026-12-04", "act": "total",  # 47
         "office": "secretary", "entry": "state_results_certified",
         "result": {"base": "county_certified", "count": "state_certified", "margin": 2, "places": 2, "total": 18,
                    "outcome": {"kind": "winner", "winners": ["pat"]}, "votes": {"pat": 10, "quin": 8}}}
        | ruling("total", "duty"),
        {"contest": "president", "received": "2026-12-04T17:00:00Z", "on": "2026-12-04", "act": "appoint",  # 48
         "office": "secretary", "entry": "electors_certified", "detail": {"choice": "pat"},
         "result": {"citation": "Town law, electors", "electors": 3, "law": "town", "row": "electors",
                    "slate": "pat", "votes": {"pat": 10, "quin": 8}}} | ruling("appoint"),
        {"contest": "president", "received": "2026-12-14T17:00:00Z", "on": "2026-12-14", "act": "cast",  # 49
         "office": "secretary", "entry": "votes_cast",
         "detail": {"president": {"pat": 2, "quin": 1}, "vice_president": {"vi": 2}},
         "result": {"appointed": 3, "cast": 3, "faithless": 1, "vacant": 0}} | ruling("cast"),
        {"received": "2027-01-06T17:00:00Z", "on": "2027-01-06", "act": "count", "office": "keeper",  # 50
         "entry": "votes_counted",
         "detail": {"table": {"other": {"quin": 2}, "town": {"pat": 2, "quin": 1}},
                    "vice_table": {"other": {"wes": 2}, "town": {"vi": 2}}},
         "result": {"appointed": 5, "majority": 3, "outcome": {"kind": "winner", "winners": ["quin"]},
                    "totals": {"pat": 2, "quin": 3}, "vice_totals": {"vi": 2, "wes": 2},
                    "vice_outcome": {"chamber": "Senate", "choices": ["vi", "wes"], "kind": "contingent"}}}
        | ruling("count"),
        {"received": "2027-01-06T18:00:00Z", "on": "2027-01-06", "act": "swear_in", "office": "keeper",  # 51
         "entry": "members_sworn_in",
         "detail": {"members": {"east": 50, "west": 50}, "seats": 100, "tie_breaker": "east"},
         "result": {"by": "tie_breaker", "control": "east"}} | ruling("swear_in"),
        {"received": "2027-01-07T18:00:00Z", "on": "2027-01-07", "act": "adopt_law", "office": "keeper",  # 52
         "entry": "law_adopted", "detail": {"law_file": sha(NEW_TOWN_LAW.encode())},
         "exhibits": [public(NEW_TOWN_LAW.encode(), "town.toml")]} | ruling("adopt_law"),
        mayor | {"received": "2027-01-07T18:00:00Z", "on": "2027-01-07", "act": "order_hand_count",  # 53
                 "office": "governor", "entry": "act_refused"}
        | refusal("governor", "not_permitted", "", "The Governor still has no such power.", ["secretary"],
                  "Ask: Secretary."),
        {"received": "2027-01-08T18:00:00Z", "on": "2027-01-08", "act": "close_book", "office": "keeper",  # 54
         "entry": "book_closed"} | ruling("close_book"),
        {"received": "2027-01-08T19:00:00Z", "on": "2027-01-08", "act": "find", "office": "county",  # 55
         "entry": "act_refused", "detail": {"text": "too late"}}
        | refusal("", "book_closed", "record", "The book is closed.", ["county"], "Open a new book, or correct the wording of an entry."),
    ]  # fmt: skip
    return [
        copy.deepcopy(entry) | {"seq": seq, "v": 1} | ({} if "cause" in entry else {"key": f"act-{seq}"})
        for seq, entry in enumerate(book)
    ]


def sealed(book: list[Entry]) -> list[bytes]:
    """The entries' bytes; the checkpoint that entry 38 records is made over the entries before it."""
    entries: list[bytes] = []
    for entry in book:
        if entry.get("act") == "record_checkpoint" and "detail" not in entry:
            head = root([leaf(e) for e in entries])
            result = {"root": b64(head), "size": len(entries)}
            entry = entry | {
                "detail": {"checkpoint": signed(entries, (LOG, *WITNESSES)).decode()},
                "result": result,
            }
        entries.append(canonical(entry))
    return entries


def town(book: list[Entry] | None = None, exhibits: list[bytes] | None = None) -> Files:
    """The package of the story, or of a changed one, with those of the exhibits that its entries name."""
    book = story() if book is None else book
    named = {exhibit.get("sha256") for entry in book for exhibit in entry.get("exhibits", [])}
    return package(sealed(book), [e for e in EXHIBITS + (exhibits or []) if sha(e) in named])
