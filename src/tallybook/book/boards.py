"""Boards: who sits, who is present, what is carried; and persons whom the law keeps apart.

For `decide`; docs/spec/officers.md, sections 4 and 5. Votes are counted in whole numbers. A dissent is
recorded beside the act and stops nothing; a board that does not carry an act has not acted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from tallybook.book.cases import Case, Objection, rules_of
from tallybook.book.nouns import Act, Answer, Effect, Entry, Problem, Shelf
from tallybook.book.people import Roster, Seat, Subject, agree
from tallybook.book.standing import Standing
from tallybook.book.values import is_day, quoted
from tallybook.law import Rule

Json = dict[str, Any]
ID = re.compile(r"[a-z0-9_]{1,40}")
MOST_SEATS = 100
NOT_OF_A_BOARD = ("keys", "roster")
"""Effects that a rule for all acts of a board leaves out: a board cannot vote before it has a roster."""


class Meeting(NamedTuple):
    """How a board voted. groups: the different groups of those present."""

    ayes: int
    nays: int
    abstain: int
    recused: int
    seats: int
    groups: int

    @property
    def present(self) -> int:
        """Seats with a vote."""
        return self.ayes + self.nays + self.abstain


def board_of(case: Case) -> Rule | None:
    """The rule that makes the act's office a board for this act; None where no rule does."""
    return next((rule for rule in case.rules("board") if is_for(rule, case)), None)


def is_for(rule: Rule, case: Case) -> bool:
    """Whether a board's rule is for this office and act."""
    if rule.values["office"] != case.act.office:
        return False
    if acts := rule.values["acts"]:
        return case.act.act in acts
    return case.declared.effect not in NOT_OF_A_BOARD


# Form ------------------------------------------------------------------------------------------


def vote_problems(case: Case) -> Iterator[Problem]:
    """Whether each person of a board's act votes in a seat of the roster; nobody votes elsewhere."""
    rule = board_of(case)
    if rule is None:
        for n, one in enumerate(case.act.by):
            if odd := sorted({"seat", "vote", "words"} & one.keys()):
                mend = "Leave it out: this act is not put to a vote."
                yield Problem(f"by[{n}].{odd[0]}", quoted(one[odd[0]]), f"no {odd[0]}", mend)
        return
    roster = case.standing.officers.roster_for(case.act.office, case.act.place)
    if roster is None or not case.act.by:
        found = "no roster of this board" if roster is None else "nobody"
        mend = "Set the roster: `set_roster`." if roster is None else "State who voted, and how."
        yield Problem("by", found, f"the votes of a board ({rule.citation})", mend)
        return
    for n, one in enumerate(case.act.by):
        yield from seat_problems(f"by[{n}]", one, roster, case.day)
    votes = Counter(one.get("seat") for one in case.act.by if one.get("vote") != "recused")
    for seat, times in votes.items():
        if seat and times > 1:
            mend = "An alternate votes only while the seat's holder is away or recused."
            yield Problem("by", f"{times} votes for the seat {seat}", "one vote for each seat", mend)


def seat_problems(name: str, one: Mapping[str, Any], roster: Roster, day: str) -> Iterator[Problem]:
    """One person's seat and vote."""
    if "seat" not in one or "vote" not in one:
        yield Problem(name, quoted(one), "a seat and a vote", "State both.")
        return
    held = roster.seats.get(one["person"])
    if held is None or held.seat != one["seat"]:
        expected = f"a person whom the roster of entry {roster.seq} has in the seat {one['seat']}"
        yield Problem(name, one["person"], expected, "Correct the seat, or set the roster anew.")
    elif held.until and held.until < day:
        found = f"a term that ended on {held.until}"
        yield Problem(name, found, f"a term that lasts until {day}", "Set the roster anew.")


def has_effect(effect: str, standing: Standing, act: Act) -> bool:
    """Whether the law in force gives the act that effect."""
    declared = standing.law.acts.get(act.act) if standing.law else None
    return declared is not None and declared.effect == effect


def objects(value: Any) -> str:
    """What `keys` or `roster` hold in an act of another effect, which the book only keeps (section 8)."""
    good = isinstance(value, list) and all(isinstance(one, dict) for one in value)
    return "" if good else "an array of objects"


def roster_type(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """Persons in order, each in a seat; no seat filled twice."""
    if not has_effect("roster", standing, act):
        return objects(value)
    expected = "1 to 100 objects of person and seat, by person, with group, alternate, until; no seat twice"
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_SEATS or not all(map(good_seat, value)):
        return expected
    persons = [one["person"] for one in value]
    held = Counter(one["seat"] for one in value if "alternate" not in one)
    return "" if sorted(set(persons)) == persons and max(held.values(), default=0) <= 1 else expected


def good_seat(one: Any) -> bool:
    """One person of a roster."""
    known = {"person", "seat", "group", "alternate", "until"}
    if not isinstance(one, dict) or not {"person", "seat"} <= one.keys() <= known:
        return False
    ids = [one["person"], one["seat"], one.get("group", "none")]
    if not all(isinstance(value, str) and ID.fullmatch(value) for value in ids):
        return False
    until = one.get("until", "2000-01-01")
    return one.get("alternate", True) is True and isinstance(until, str) and is_day(until)


# Record ----------------------------------------------------------------------------------------


def people_objection(case: Case) -> Objection | None:
    """What the record objects to the persons of an act: quorum, groups, majority, duties kept apart."""
    rule = board_of(case)
    against = meeting_objection(meeting(case, rule), rule) if rule is not None else None
    return against or apart_objection(case)


def meeting(case: Case, rule: Rule) -> Meeting:
    """How the board voted on this act. Every person is in its roster."""
    roster = case.standing.officers.roster_for(case.act.office, case.act.place)
    assert roster is not None
    votes = Counter(one["vote"] for one in case.act.by)
    sitting = [roster.seats[one["person"]] for one in case.act.by if one["vote"] != "recused"]
    return Meeting(
        ayes=votes["aye"],
        nays=votes["nay"],
        abstain=votes["abstain"],
        recused=votes["recused"],
        seats=rule.values["seats"],
        groups=len({seat.group for seat in sitting if seat.group}),
    )


def meeting_objection(met: Meeting, rule: Rule) -> Objection | None:
    """The first of the board's own conditions that fails."""
    quorum, groups = rule.values["quorum"], rule.values["groups_present"]
    if met.present < quorum:
        words = f"{met.present} of {met.seats} seats are present; the quorum is {quorum}."
        return Objection("no_quorum", words, "Meet again with a quorum.", rule)
    if met.groups < groups:
        words = f"Those present are of {met.groups} groups; {groups} are needed."
        return Objection("too_few_groups", words, "Meet again with all groups.", rule)
    base = {"seats": met.seats, "present": met.present, "votes": met.ayes + met.nays}[rule.values["majority"]]
    if met.ayes < (needed := base // 2 + 1):
        words = f"{met.ayes} of {base} voted aye; {needed} are needed."
        return Objection("not_carried", words, "Put it to the vote again; a duty stays a duty.", rule)
    return None


def apart_objection(case: Case) -> Objection | None:
    """The first person of the act who did what the law keeps apart from it (section 5)."""
    for rule in case.rules("separation"):
        if case.act.act not in rule.values["acts"]:
            continue
        for one in acting(case.act.by):
            if (earlier := apart_from(case, rule, one["person"])) is not None:
                seq, act = earlier
                words = f"Person {one['person']} is named in entry {seq} ({act})"
                words += ", and the law keeps the two apart."
                return Objection("separation", words, "Let another person do it.", rule)
    return None


def apart_from(case: Case, rule: Rule, person: str) -> tuple[int, str] | None:
    """The earliest entry in which the person did an act that the rule keeps apart from this one."""
    act, same = case.act, rule.values["same"]
    others = [one for one in rule.values["acts"] if rule.values["between"] == "entries" or one != act.act]
    deeds = case.standing.officers.deeds.get(person, {})
    found = [
        (seq, done)
        for (done, contest, place), seq in deeds.items()
        if done in others
        and ("contest" not in same or agree(contest, act.contest))
        and ("place" not in same or agree(place, act.place))
    ]
    return min(found, default=None)


def acting(by: tuple[Json, ...]) -> Iterator[Json]:
    """The persons of an act who are not recused."""
    return (one for one in by if one.get("vote") != "recused")


def of_roster(case: Case) -> Objection | None:
    """A roster has no more seats than the law, and no group more of them than the law allows."""
    listed, laws = case.act.detail["roster"], case.standing.law
    assert laws is not None
    rules = rules_of(laws, "board", "", case.day, case.standing.day)
    rule = next((one for one in rules if one.values["office"] == case.act.detail["post"]), None)
    if rule is None:
        return None
    seats = len({one["seat"] for one in listed})
    if seats > rule.values["seats"]:
        words = f"The roster has {seats} seats; the law has {rule.values['seats']}."
        return Objection("too_many_seats", words, "Leave the others out.", rule)
    most = rule.values["most_of_a_group"]
    groups = Counter(one["group"] for one in listed if "group" in one and "alternate" not in one)
    for group, held in sorted(groups.items()):
        if most and held > most:
            words = f"The group {group} holds {held} seats; the law allows {most}."
            return Objection("unbalanced", words, "Balance the roster.", rule)
    return None


# Effects ---------------------------------------------------------------------------------------


def with_board(case: Case, result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result of an act with the votes of its board, where it is an act of a board."""
    if (rule := board_of(case)) is None:
        return result
    met = meeting(case, rule)
    names = ("ayes", "nays", "abstain", "recused", "present", "seats")
    return {**result, "board": {name: getattr(met, name) for name in names}}


def set_roster(case: Case) -> Answer:
    """Which roster it follows."""
    held = case.standing.officers.rosters.get((case.act.detail["post"], case.act.place))
    return Effect({"replaces": held.seq} if held is not None else {})


def roster_set(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The roster of a board, whole."""
    seats = {one["person"]: seat_of(one) for one in entry.detail["roster"]}
    post = (entry.detail["post"], entry.place)
    rosters = standing.officers.rosters.set(post, Roster(entry.seq, seats))
    return msgspec.structs.replace(
        standing, officers=msgspec.structs.replace(standing.officers, rosters=rosters)
    )


def seat_of(one: Mapping[str, Any]) -> Seat:
    """A person's seat, as the roster says it."""
    return Seat(
        person=one["person"],
        seat=one["seat"],
        group=one.get("group", ""),
        alternate="alternate" in one,
        until=one.get("until", ""),
    )


def with_deeds(standing: Standing, entry: Entry) -> Standing:
    """Who did what, after a granted entry that names persons."""
    subject: Subject = (entry.act, entry.contest, entry.place)
    deeds = standing.officers.deeds
    for one in acting(entry.by):
        before = deeds.get(one["person"], {})
        if subject not in before:
            deeds = deeds.set(one["person"], {**before, subject: entry.seq})
    return msgspec.structs.replace(standing, officers=msgspec.structs.replace(standing.officers, deeds=deeds))
