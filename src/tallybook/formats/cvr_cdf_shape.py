"""What a report of cast vote records in NIST's common data format holds, and what its contests mean.

Follows SP 1500-103 version 1.0: the classes and field names of its data model. The rules of reading are
those of the specification's text. Only a position with an indication is a mark. A mark that is not allocable
is not a vote; it is kept where it shows why nothing counts: in an overvoted or invalidated contest, and where
several choices share a rank. Fields that no count needs (images, mark densities) are passed over.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.formats.problems import shown

OURS = "tallybook"
"""OtherType of a Code by which our own writer keeps an id that XML could not hold."""
RANKED = frozenset({"rcv", "borda"})
STATUS_FLAGS = {"overvoted": "overvote", "invalidated-rules": "invalid", "not-indicated": "blank"}


class CdfCode(msgspec.Struct, frozen=True):
    """An identifier in some scheme."""

    Value: str
    Type: str = ""
    OtherType: str = ""


class Named(msgspec.Struct, frozen=True):
    """A GpUnit, Party, ReportingDevice or Candidate: an id and a name."""

    id: str = msgspec.field(name="@id")
    Name: str = ""
    PartyId: str = ""
    Code: tuple[CdfCode, ...] = ()


class CdfSelection(msgspec.Struct, frozen=True):
    """What may be chosen: candidates, an answer to a measure, a party, or an empty line for a write-in."""

    id: str = msgspec.field(name="@id")
    CandidateIds: tuple[str, ...] = ()
    IsWriteIn: bool = False
    Selection: str = ""
    PartyIds: tuple[str, ...] = ()
    Code: tuple[CdfCode, ...] = ()


class CdfContest(msgspec.Struct, frozen=True):
    """A contest of any of the format's kinds."""

    id: str = msgspec.field(name="@id")
    ContestSelection: tuple[CdfSelection, ...]
    Name: str = ""
    VotesAllowed: int = 1
    NumberElected: int = 1
    VoteVariation: str = ""
    Code: tuple[CdfCode, ...] = ()


class CdfElection(msgspec.Struct, frozen=True):
    """The contests and candidates of an election."""

    Contest: tuple[CdfContest, ...]
    Candidate: tuple[Named, ...] = ()
    Name: str = ""


class WriteIn(msgspec.Struct, frozen=True):
    """What was written, where a person or a device typed it."""

    Text: str = ""


class Position(msgspec.Struct, frozen=True):
    """One place for a mark."""

    HasIndication: str
    NumberVotes: int
    IsAllocable: str = "unknown"
    FractionalVotes: str = ""
    Rank: int | None = None
    Status: tuple[str, ...] = ()
    CVRWriteIn: WriteIn | None = None


class Selected(msgspec.Struct, frozen=True):
    """The positions of one choice (a CVRContestSelection)."""

    SelectionPosition: tuple[Position, ...]
    ContestSelectionId: str = ""
    Rank: int | None = None
    Status: tuple[str, ...] = ()
    TotalNumberVotes: int | None = None


class ContestOnCard(msgspec.Struct, frozen=True):
    """One contest of one snapshot (a CVRContest)."""

    ContestId: str
    CVRContestSelection: tuple[Selected, ...] = ()
    Status: tuple[str, ...] = ()
    OtherStatus: str = ""


class Definitions(msgspec.Struct, frozen=True):
    """What records refer to. ``selections`` maps (contest, selection) as in the file to a choice's id."""

    contests: Mapping[str, Contest]
    ranked: frozenset[str]
    selections: Mapping[tuple[str, str], str]


def own_id(named: Named | CdfSelection | CdfContest, other_type: str = OURS) -> str:
    """The id that our writer kept in a Code of this type; the id in the file where there is none."""
    kept = [code.Value for code in named.Code if code.OtherType == other_type]
    return kept[0] if kept else (named.id if other_type == OURS else "")


def definitions(elections: Iterable[CdfElection], parties: Mapping[str, str]) -> Definitions:
    """The contests of all elections, by their id in the file, and what each selection of them stands for."""
    contests, ranked, selections = {}, set(), {}
    for election in elections:
        candidates = {candidate.id: candidate for candidate in election.Candidate}
        for contest in election.Contest:
            choices = []
            for selection in contest.ContestSelection:
                choice = _choice(selection, candidates, parties)
                selections[contest.id, selection.id] = choice.id
                choices += [choice] if choice not in choices or choice.id != "write_in" else []
            contests[contest.id] = _contest(contest, choices)
            ranked |= {contest.id} if contest.VoteVariation in RANKED else set()
    return Definitions(contests, frozenset(ranked), selections)


def faults(read: ContestOnCard, known: Definitions) -> list[tuple[str, str]]:
    """What makes a contest on a card unreadable: pairs (found, expected); empty where it can be read."""
    if read.ContestId not in known.contests:
        return [(f"the contest {shown(read.ContestId)}", "a contest of the report's elections")]
    found = []
    for selected in read.CVRContestSelection:
        key = (read.ContestId, selected.ContestSelectionId)
        written = any(position.CVRWriteIn for position in selected.SelectionPosition)
        if key not in known.selections and not (written and not selected.ContestSelectionId):
            found.append((f"the selection {shown(key[1])}", f"a selection of the contest {shown(key[0])}"))
        for position in selected.SelectionPosition:
            found += _position_faults(position)
    return found


def _position_faults(position: Position) -> list[tuple[str, str]]:
    found = []
    if position.HasIndication not in {"yes", "no", "unknown"}:
        found.append((f"HasIndication {shown(position.HasIndication)}", "yes, no or unknown"))
    if position.IsAllocable not in {"yes", "no", "unknown"}:
        found.append((f"IsAllocable {shown(position.IsAllocable)}", "yes, no or unknown"))
    if position.FractionalVotes and position.HasIndication == "yes":
        found.append(
            (f"{shown(position.FractionalVotes)} of a vote", "whole votes: fractions are not counted here")
        )
    if position.NumberVotes < 0 or (position.Rank or 0) < 0:
        found.append(("a number below 0", "votes and ranks of 0 or more"))
    return found


def pattern_of(read: ContestOnCard, known: Definitions) -> Pattern:
    """The reading that a contest on a card means. It has no ``faults``.

    Ranks are kept only in a contest that the definitions call ranked. In an overvoted or invalidated contest
    every indicated mark is kept under its flag; so is an excess of marks none of which is allocable.
    """
    contest, is_ranked = known.contests[read.ContestId], read.ContestId in known.ranked
    indicated = [
        (_mark(selected, position, read.ContestId, known, is_ranked), _is_vote(position, is_ranked))
        for selected in read.CVRContestSelection
        for position in selected.SelectionPosition
        if position.HasIndication == "yes"
    ]
    flags = {STATUS_FLAGS[status] for status in read.Status if status in STATUS_FLAGS}
    votes = [mark for mark, is_vote in indicated if is_vote]
    if is_ranked:
        shared = Counter(mark.rank for mark, _ in indicated)
        votes = [mark for mark, is_vote in indicated if is_vote or shared[mark.rank] > 1]
        flags -= {"overvote"} if votes and "overvote" not in read.OtherStatus.split() else set()
    elif not votes and sum(mark.votes for mark, _ in indicated) > contest.votes_allowed:
        flags.add("overvote")
    if flags & {"overvote", "invalid"}:
        votes = [mark for mark, _ in indicated]
    return Pattern(_in_ballot_order(votes, contest), tuple(sorted(flags | _other_flags(read))))


def has_ranks(read: ContestOnCard) -> bool:
    """Whether some mark has a rank of 2 or more."""
    ranks = [selected.Rank for selected in read.CVRContestSelection]
    ranks += [p.Rank for selected in read.CVRContestSelection for p in selected.SelectionPosition]
    return any(rank is not None and rank > 1 for rank in ranks)


def unknown_marks(read: ContestOnCard) -> int:
    """Positions of which the system does not know whether they bear a mark. They are not counted."""
    positions = [p for selected in read.CVRContestSelection for p in selected.SelectionPosition]
    return sum(position.HasIndication == "unknown" for position in positions)


def uneven_totals(read: ContestOnCard) -> list[tuple[str, str]]:
    """Selections whose stated total differs from their allocable positions: pairs (found, expected)."""
    found = []
    for selected in read.CVRContestSelection:
        votes = sum(
            position.NumberVotes for position in selected.SelectionPosition if _is_vote(position, False)
        )
        if selected.TotalNumberVotes not in {None, votes}:
            found.append(
                (f"TotalNumberVotes {selected.TotalNumberVotes}", f"the sum of its positions, {votes}")
            )
    return found


def _contest(contest: CdfContest, choices: list[Choice]) -> Contest:
    name, office_class = contest.Name or contest.id, own_id(contest, "office_class")
    seats, allowed = contest.NumberElected, contest.VotesAllowed
    return Contest(own_id(contest), name, office_class, tuple(choices), seats, allowed)


def _choice(selection: CdfSelection, candidates: Mapping[str, Named], parties: Mapping[str, str]) -> Choice:
    people = [candidates[name] for name in selection.CandidateIds if name in candidates]
    if selection.IsWriteIn and not people:
        return Choice("write_in", "Write-in")
    names = [one.Name for one in people if one.Name] or [selection.Selection]
    names = [name for name in names if name] or [parties.get(party, party) for party in selection.PartyIds]
    party = parties.get(people[0].PartyId, people[0].PartyId) if people else ""
    return Choice(own_id(selection), " / ".join(names) or selection.id, party)


def _is_vote(position: Position, is_ranked: bool) -> bool:
    indicated = position.HasIndication == "yes" and position.IsAllocable != "no"
    return indicated and (is_ranked or position.NumberVotes > 0)


def _mark(
    selected: Selected, position: Position, contest_id: str, known: Definitions, is_ranked: bool
) -> Mark:
    choice = known.selections.get((contest_id, selected.ContestSelectionId), "write_in")
    written = position.CVRWriteIn.Text.strip() if position.CVRWriteIn else ""
    if choice == "write_in" and written:
        choice = f"write_in:{written}"
    if not is_ranked:
        return Mark(choice, 0, max(position.NumberVotes, 1))
    rank = position.Rank if position.Rank is not None else selected.Rank
    return Mark(choice, rank if rank is not None else 0, 1)


def _in_ballot_order(marks: Iterable[Mark], contest: Contest) -> tuple[Mark, ...]:
    places = {choice: place for place, choice in enumerate(contest.choice_ids)}
    return tuple(sorted(marks, key=lambda m: (places.get(m.choice, len(places)), m.choice, m.rank, m.votes)))


def _other_flags(read: ContestOnCard) -> set[str]:
    flags = set(read.OtherStatus.split()) & {"adjudicated", "write_in_unresolved", "overvote"}
    for selected in read.CVRContestSelection:
        if any("adjudicated" in position.Status for position in selected.SelectionPosition):
            flags.add("adjudicated")
        if "needs-adjudication" in selected.Status and any(p.CVRWriteIn for p in selected.SelectionPosition):
            flags.add("write_in_unresolved")
    return flags
