"""Boards: who sits in them, how they voted, what they carried. Officers specification, section 4.

Rosters and votes are form (check 4); quorum, groups and majority are conditions of the record.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .form import Act, require
from .keys import post_of
from .law import Rule
from .officers import Member, Roster
from .officersform import MOST, ascends, is_a_day, is_id

if TYPE_CHECKING:
    from .effects import Desk
    from .ruling import Bench
    from .standing import Standing

OF_THE_BOARD = frozenset({"seat", "vote", "words"})
NOT_BY_DEFAULT = frozenset({"keys", "roster"})


@dataclass(frozen=True)
class Tally:
    """How a board voted. `basis` is the number of which a majority is needed."""

    ayes: int
    nays: int
    abstain: int
    recused: int
    seats: int
    basis: int

    @property
    def present(self) -> int:
        """The seats with a vote other than recused."""
        return self.ayes + self.nays + self.abstain

    @property
    def needed(self) -> int:
        """The ayes that carry an act."""
        return self.basis // 2 + 1

    def fields(self) -> dict[str, int]:
        """The field `board` of a result."""
        return {
            "abstain": self.abstain, "ayes": self.ayes, "nays": self.nays, "present": self.present,
            "recused": self.recused, "seats": self.seats,
        }  # fmt: skip


def rule_of(act: Act, bench: "Bench") -> Rule | None:
    """The first rule that makes the act's office a board for this act."""
    for rule in bench.rules_for("board", act.office_class, act.case.day):
        acts = rule.keys["acts"]
        for_it = act.spec.id in acts if acts else act.spec.effect not in NOT_BY_DEFAULT
        if rule.keys["office"] == act.case.office and for_it:
            return rule
    return None


def tally(act: Act, rule: Rule) -> Tally:
    """The votes of an act whose form is right."""
    votes = [person["vote"] for person in act.by]
    ayes, nays, abstain, recused = (votes.count(vote) for vote in ("aye", "nay", "abstain", "recused"))
    seats = rule.keys["seats"]
    basis = {"seats": seats, "present": ayes + nays + abstain, "votes": ayes + nays}[rule.keys["majority"]]
    return Tally(ayes, nays, abstain, recused, seats, basis)


def board_of(act: Act, bench: "Bench") -> dict[str, Any]:
    """What a granted act of a board has in its result besides that of its effect."""
    rule = rule_of(act, bench)
    return {} if rule is None else {"board": tally(act, rule).fields()}


def groups_present(act: Act, standing: "Standing") -> int:
    """Of how many groups the persons are who voted."""
    roster = standing.officers.roster_of(act.case.office, act.case.place)
    members = roster.members if roster else {}
    there = [members[person["person"]].group for person in act.by if person["vote"] != "recused"]
    return len({group for group in there if group})


def require_votes(act: Act, standing: "Standing", bench: "Bench") -> None:
    """Each person of a board's act votes in a seat that is theirs; other acts have no votes."""
    rule, seq = rule_of(act, bench), act.seq
    if rule is None:
        for person in act.by:
            found = sorted(person.keys() & OF_THE_BOARD)
            require(not found, "{} has a {}, but no board acts", seq, person["person"], *found[:1])
        return
    roster = standing.officers.roster_of(act.case.office, act.case.place)
    require(
        bool(act.by), "the office is a board for this act (rule {}), and no person is named", seq, rule.id
    )
    require(roster is not None, "the board has no roster", seq)
    assert roster is not None
    taken: set[str] = set()
    for person in act.by:
        require("seat" in person and "vote" in person, "{} has no seat or no vote", seq, person["person"])
        seat, member = person["seat"], roster.members.get(person["person"])
        require(member is not None and member.seat == seat, "{} is not in the roster for the seat {}", seq,
                person["person"], seat)  # fmt: skip
        assert member is not None
        in_time = not member.until or member.until >= act.case.day
        require(in_time, "the term of {} ended on {}", seq, person["person"], member.until)
        if person["vote"] != "recused":
            require(seat not in taken, "the seat {} votes twice", seq, seat)
            taken.add(seat)


def require_roster(act: Act) -> None:
    """The form of `roster`."""
    items, seq = act.detail["roster"], act.seq
    require(1 <= len(items) <= MOST, "found {} persons in the roster; expected 1 to 100", seq, len(items))
    for item in items:
        require_member(item, seq)
    require(ascends([item["person"] for item in items]), "the persons of the roster do not ascend", seq)
    seats = [item["seat"] for item in items if "alternate" not in item]
    twice = [seat for seat in seats if seats.count(seat) > 1]
    require(not twice, "the seat {} is filled twice", seq, *twice[:1])


def require_member(item: dict[str, Any], seq: int) -> None:
    """One object of `roster`."""
    fields = {"person", "seat", "group", "alternate", "until"}
    proper = is_id(item.get("person")) and is_id(item.get("seat")) and item.keys() <= fields
    proper = proper and ("group" not in item or is_id(item["group"])) and item.get("alternate", True) is True
    proper = proper and ("until" not in item or is_a_day(item["until"]))
    require(proper, "the roster holds {}; expected a person and their seat", seq, item)


def members_of(act: Act) -> dict[str, Member]:
    """The roster that an act sets, by person."""
    return {
        item["person"]: Member(
            item["seat"], item.get("group", ""), "alternate" in item, item.get("until", "")
        )
        for item in act.detail["roster"]
    }


def roster(act: Act, desk: "Desk") -> dict[str, Any] | None:
    """The board's roster from the next entry on."""
    rosters, post = desk.standing.officers.rosters, post_of(act)
    before = rosters.get(post)
    rosters[post] = Roster(act.seq, members_of(act))
    return None if before is None else {"replaces": before.seq}
