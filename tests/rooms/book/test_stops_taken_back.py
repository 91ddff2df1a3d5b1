"""A stop that a correction took back is as if it had not been, for every guard and date of the law.

docs/spec/law.md, section 5: an `audit_stopped` that a later `audit_reopened` took back matches nothing.
"""

from typing import Any

from tallybook.book import Entry
from tallybook.book.standing import Facts, Record, Spot
from tallybook.book.versions import Map
from tests.rooms.book.audits import (
    ASH_AHEAD,
    ASH_WINS,
    MAYOR,
    PLACE,
    Desk,
    cards_of,
    compared,
    encode,
    fingerprint,
    manifest_of,
    plan_of,
    published,
)
from tests.rooms.book.books import BOARD, COUNTY, KEEPER, STATE, contest, law_text

CLEAR = {"mayor": cards_of((600, ["ash"]), (380, ["birch"]), (20, []), size=25)}
RETURNS = {"votes": {"ash": 600, "birch": 380}}
CERTIFY: dict[str, Any] = {"contest": "mayor", "place": PLACE, "returns": RETURNS}
AT = ("", PLACE)


def stopped_at_the_edge() -> Desk:
    """An audit that ends with no card to spare."""
    return to_the_edge(compared(CLEAR, size=10))


def to_the_edge(at: Desk) -> Desk:
    """As many cards as are needed, and the stop."""
    more = at.round()["mayor"]["more"]
    assert at.round(mayor=10 + more)["mayor"]["step"] == "stop"
    at.stop("mayor")
    return at


def take_back(at: Desk) -> None:
    """A correction by which the audit goes on; its sitting is signed."""
    item = next(one for one in at.run.drawn if at.run.items[one].settled == {"mayor": ["ash"]})
    now = {"readings_now": {"mayor": ["birch"]}, "cause_code": "wrong_card", "wrong": "Another card."}
    at.ask("correct_reading", item=item, **now)
    assert at.book.entries[-1].entry == "audit_reopened"
    at.sign()


def go_on(at: Desk) -> None:
    """Another round, which ends the audit again."""
    at.round(mayor=len(at.run.drawn) + 60)
    at.stop("mayor")


def recorded(at: Desk, place: str = "") -> str | None:
    """When the audit of the mayor's contest stopped, as the law sees it."""
    return Facts(at.book.standing).recorded("audit_stopped", "mayor", place)


def test_a_county_does_not_certify_while_its_audit_goes_on_again():
    at = stopped_at_the_edge()
    assert recorded(at)
    take_back(at)
    refusal = at.book.refused("certify_county_returns", COUNTY, **CERTIFY)
    assert (refusal["code"], refusal["failed"]) == ("audit_first", "after")
    go_on(at)
    at.book.ask("certify_county_returns", COUNTY, **CERTIFY)


def test_every_stop_may_be_taken_back():
    at = stopped_at_the_edge()
    for _ in range(2):
        take_back(at)
        assert recorded(at) is None
        assert [recorded(at, one) for one in AT] == [None, None]
        go_on(at)
        stop = next(entry for entry in reversed(at.book.entries) if entry.entry == "audit_stopped")
        assert recorded(at) == stop.received
    at.book.ask("certify_county_returns", COUNTY, **CERTIFY)


def test_the_reopening_itself_is_in_the_record():
    at = stopped_at_the_edge()
    take_back(at)
    reopened = next(entry for entry in at.book.entries if entry.entry == "audit_reopened")
    assert Facts(at.book.standing).recorded("audit_reopened", "mayor", "") == reopened.received


def test_the_stop_of_another_contest_stays():
    paper = {"mayor": CLEAR["mayor"], "clerk": {item: ["elm"] for item in CLEAR["mayor"]}}
    at = Desk(paper, MAYOR, contest("clerk", "elm", "fir"))
    totals = {"mayor": {"ash": 600, "birch": 380}, "clerk": {"elm": 1000, "fir": 0}}
    rows = {
        name: {
            "evidence": "polling",
            "outcome": {"kind": "winner", "winners": [next(iter(votes))]},
            "reported": {"cards": 1000, "votes": votes, "write_ins": 0},
        }
        for name, votes in totals.items()
    }
    claims = {
        name: [{"kind": "ahead", "loser": loser, "winner": winner}]
        for name, (winner, loser) in {"mayor": ("ash", "birch"), "clerk": ("elm", "fir")}.items()
    }
    plan = plan_of(paper, rows, claims, {"mayor": 300, "clerk": 60})
    at.commit(plan, [at.file("manifest.json", encode(manifest_of(paper)))])
    at.seed()
    assert {one["step"] for one in at.round().values()} == {"stop"}
    at.stop("mayor"), at.stop("clerk")
    for item in at.run.drawn:
        if at.book.entries[-1].entry == "audit_reopened":
            break
        now = {"mayor": ["birch"], "clerk": ["elm"]}
        if at.run.items[item].settled["mayor"] == ["ash"]:
            at.ask("correct_reading", item=item, readings_now=now, cause_code="wrong_card", wrong="Another.")
    assert recorded(at) is None
    assert Facts(at.book.standing).recorded("audit_stopped", "clerk", "") is not None


# Every guard and the dates, by a law of the test -----------------------------------------------------


def act_of(name: str, when: str, due: str = "") -> str:
    """An act of the test, and its row."""
    return (
        f'\n[[acts]]\nid = "{name}"\nwords = "{name}"\nentry = "{name}_done"\nsaid = "{name}"\n'
        'effect = "record"\nscope = ["contest"]\nphases = []\n'
        f'\n[[rows]]\nid = "row-{name}"\noffice = "secretary_of_state"\nact = "{name}"\n'
        'status = "permitted"\n'
        'in_force = ["", ""]\nelections_held = ["", ""]\ncitation = "A test"\nplain = "A test."\n'
        f"{when}\n{due}\n"
    )


TEXT = law_text("county") + "".join(
    (
        act_of("wait", 'when = { before = ["audit_stopped"] }'),
        act_of("sum_up", 'when = { every_place = "audit_stopped" }'),
        act_of("hurry", "", 'due = ["audit_stopped", "+1 days"]'),
    )
)


class Here(Desk):
    """An audit at one place, the contest's only one."""

    def ask(self, act: str, office: str = BOARD, **said: Any) -> Entry:
        return super().ask(act, office, place=PLACE, **said)


def placed_audit() -> Desk:
    """The same audit under the law of the test, stopped at the edge."""
    at = Here(CLEAR, MAYOR)
    filed = at.book.lay(TEXT)
    at.book.ask("adopt_law", KEEPER, law_file=filed["sha256"], exhibits=(filed,))
    told = published("mayor", ("ash", "birch"), CLEAR["mayor"])
    files = [at.file("manifest.json", encode(manifest_of(CLEAR))), *at.filed(told)]
    row = {"evidence": "comparison", "outcome": ASH_WINS, "reported": fingerprint(told["contest.json"])}
    at.commit(plan_of(CLEAR, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 10}), files, place=PLACE)
    at.seed()
    return to_the_edge(at)


def answer(at: Desk, name: str) -> str:
    """What the law says to an act of the test: granted, or the code of its refusal; and its deadline."""
    entry = at.book.enter(at.book.act(name, STATE, contest="mayor"))[0]
    return entry.refusal["code"] if entry.refusal else f"granted, due {entry.ruling.get('due', 'never')}"


def test_before_every_place_and_dates_see_no_stop_that_was_taken_back():
    at = placed_audit()
    assert answer(at, "wait") == "too_late"
    assert answer(at, "sum_up") == "granted, due never"
    assert answer(at, "hurry").startswith("granted, due 2020-11-")
    take_back(at)
    assert answer(at, "wait") == "granted, due never"
    assert answer(at, "sum_up") == "places_missing"
    assert answer(at, "hurry") == "granted, due never"
    go_on(at)
    assert answer(at, "wait") == "too_late"
    assert answer(at, "sum_up") == "granted, due never"
    assert answer(at, "hurry").startswith("granted, due 2020-11-")


def test_what_was_not_taken_back_is_left_as_it_was():
    said = {"audit_stopped": "2020-11-05T12:00:00Z", "finding_reported": "2020-11-06T12:00:00Z"}
    at = Map({"": Spot(9, {"audit_stopped": "2020-11-07T12:00:00Z"}), "a": Spot(5, said), "b": Spot(6, said)})
    kinds = {"audit_stopped": ("2020-11-07T12:00:00Z", 2), "finding_reported": ("2020-11-06T12:00:00Z", 2)}
    whole = Record(at, kinds)
    left = whole.with_only("audit_stopped", [("b", "2020-11-05T12:00:00Z")])
    assert left.kinds == {**kinds, "audit_stopped": ("2020-11-05T12:00:00Z", 1)}
    assert [left.latest("audit_stopped", place) for place in ("", "a", "b")] == [
        "2020-11-05T12:00:00Z", "", "2020-11-05T12:00:00Z",
    ]  # fmt: skip
    assert left.latest("finding_reported", "a") == "2020-11-06T12:00:00Z"
    assert left.spot("a").last == 5
    assert whole.latest("audit_stopped", "a") == "2020-11-07T12:00:00Z", "the record before is as it was"
    assert "audit_stopped" not in whole.with_only("audit_stopped", []).kinds
