"""Presidential electors: appointed by units, voting for two offices, counted against their majority.

For those who ascertain electors and for everyone who counts to 270. U.S. Const. art. II § 1 and amend. XII;
``docs/spec/outcomes.md``, section 7. Who may replace an elector, and whether a contrary vote counts, is
the law of each state and arrives as an argument. The bar on voting for two inhabitants of the elector's
own state is not applied here.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from tallybook.election import Tally, Votes
from tallybook.outcomes.contests import Elected, edge_of, plurality
from tallybook.outcomes.ties import LotDrawn, break_tie
from tallybook.outcomes.words import listed, number

Office = Literal["President", "Vice President"]
_CHAMBERS = {"President": ("House of Representatives", 3), "Vice President": ("Senate", 2)}


class ElectoralUnit(msgspec.Struct, frozen=True):
    """A whole state, a state at large (Maine, Nebraska: two electors) or one of its districts (one)."""

    name: str
    state: str
    electors: int


class Appointment(msgspec.Struct, frozen=True):
    """The slate whose electors the unit appointed; None where a tie is not settled or nobody voted."""

    unit: str
    state: str
    number: int
    slate: str | None
    why: tuple[str, ...]


class Ticket(msgspec.Struct, frozen=True):
    """The two persons for whom the electors of a slate are put up to vote."""

    slate: str
    president: str
    vice_president: str


class NotAppointed(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """So many electors of the unit were never appointed: no vote, and the majority asked falls."""

    unit: str
    number: int


class Vacancy(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """So many electors did not vote, and were replaced (``filled``) or not. They count as appointed."""

    unit: str
    number: int
    filled: bool


class ContraryVote(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """So many electors voted otherwise than their ticket; None for no vote for that office.

    By the law of the state the vote is counted as cast, the elector is replaced, or it is cancelled.
    """

    unit: str
    number: int
    president: str | None
    vice_president: str | None
    effect: Literal["counted", "replaced", "cancelled"]


Departure = NotAppointed | Vacancy | ContraryVote


class ElectoralVotes(msgspec.Struct, frozen=True):
    """The electors appointed, and the two lists: most votes first, equal votes by name."""

    appointed: int
    president: Votes
    vice_president: Votes
    why: tuple[str, ...]


class CollegeResult(msgspec.Struct, frozen=True):
    """Who is elected, or which chamber chooses from whom. ``tied_for_last``: the list is not settled."""

    office: Office
    appointed: int
    majority: int
    votes: Votes
    elected: str | None
    chamber: str | None
    eligible: tuple[str, ...]
    tied_for_last: tuple[str, ...]
    why: tuple[str, ...]


def appoint(unit: ElectoralUnit, tally: Tally, lot: LotDrawn | None = None) -> Appointment:
    """The unit's electors go to the slate with most votes; ``lot`` settles a tie. Spec 7.1.

    Raises ValueError where a lot is given and there is no tie.
    """
    outcome = plurality(tally)
    if isinstance(outcome, Elected) and lot is not None:
        raise ValueError(f"A lot was drawn for {unit.name}, where no slates are tied.")
    settled = outcome if isinstance(outcome, Elected) or lot is None else break_tie(outcome, lot)
    slate = settled.elected[0] if isinstance(settled, Elected) and settled.elected else None
    said = f"{unit.name} appoints {_electors(unit.electors)} of {slate}."
    if slate is None:
        said = f"{unit.name} appoints nobody as yet."
    return Appointment(unit.name, unit.state, unit.electors, slate, (*settled.why, said))


def electors_per_slate(appointments: Iterable[Appointment]) -> Votes:
    """Electors appointed, by slate: most first, equal numbers by name. Spec 7.1."""
    return _ranked(Counter[str](), [(row.slate, row.number) for row in appointments])


def count_electoral_votes(
    appointments: Sequence[Appointment], tickets: Sequence[Ticket], departures: Sequence[Departure] = ()
) -> ElectoralVotes:
    """The votes for the two offices, and the number of electors appointed. Spec 7.2.

    Raises ValueError where a unit stands twice, a slate has no ticket, or departures do not fit their unit.
    """
    by_slate = {ticket.slate: ticket for ticket in tickets}
    slates = {row.unit: row.slate for row in appointments if row.slate is not None}
    left = _pledged_left(appointments, departures)
    president: list[tuple[str | None, int]] = []
    vice_president: list[tuple[str | None, int]] = []
    for unit, count in left.items():
        ticket = by_slate.get(slates[unit])
        if ticket is None:
            raise ValueError(f"No ticket says for whom the electors of {slates[unit]} vote.")
        president.append((ticket.president, count))
        vice_president.append((ticket.vice_president, count))
    for vote in departures:
        if isinstance(vote, ContraryVote) and vote.effect == "counted":
            president.append((vote.president, vote.number))
            vice_president.append((vote.vice_president, vote.number))
    appointed = sum(row.number for row in appointments if row.slate is not None)
    appointed -= sum(row.number for row in departures if isinstance(row, NotAppointed))
    why = (f"{_electors(appointed)} appointed.", *(_departure_words(row) for row in departures))
    return ElectoralVotes(appointed, _ranked(Counter(), president), _ranked(Counter(), vice_president), why)


def college_result(office: Office, votes: Votes, appointed: int) -> CollegeResult:
    """A majority of the whole number of electors appointed, or the choice of a chamber. Spec 7.3.

    Raises ValueError where more votes are counted than electors were appointed.
    """
    cast = sum(count for _, count in votes)
    if cast > appointed:
        raise ValueError(f"{number(cast)} votes for {office} from {number(appointed)} electors appointed.")
    majority = appointed // 2 + 1
    asked = f"{_electors(appointed)} appointed; a majority of the whole number is {number(majority)}."
    for name, count in votes:
        if count >= majority:
            why = (asked, f"{name} has {number(count)} and is elected {office}.")
            return CollegeResult(office, appointed, majority, votes, name, None, (), (), why)
    chamber, places = _CHAMBERS[office]
    edge = edge_of(votes, places)
    said = [asked, f"Nobody has {number(majority)}. The {chamber} chooses from {listed(edge.clear)}."]
    if edge.tied:
        said.append(f"{listed(edge.tied)} are tied for the last place; amendment XII does not settle that.")
    return CollegeResult(
        office, appointed, majority, votes, None, chamber, edge.clear, edge.tied, tuple(said)
    )


def _pledged_left(appointments: Sequence[Appointment], departures: Sequence[Departure]) -> dict[str, int]:
    """For each unit with a slate, how many electors vote as pledged (replacements included)."""
    if len({row.unit for row in appointments}) != len(appointments):
        raise ValueError("A unit stands more than once among the appointments.")
    size = {row.unit: row.number for row in appointments if row.slate is not None}
    left, named = dict(size), Counter[str]()
    for row in departures:
        if row.unit not in size or row.number < 1:
            raise ValueError(f"{row.unit} appointed no electors who could depart, or the number is below 1.")
        named[row.unit] += row.number
        if named[row.unit] > size[row.unit]:
            raise ValueError(f"More than the {size[row.unit]} electors of {row.unit} are said to depart.")
        if not _as_pledged(row):
            left[row.unit] -= row.number
    return left


def _as_pledged(row: Departure) -> bool:
    match row:
        case NotAppointed():
            return False
        case Vacancy():
            return row.filled
        case ContraryVote():
            return row.effect == "replaced"


def _ranked(sums: Counter[str], parts: Iterable[tuple[str | None, int]]) -> Votes:
    for name, count in parts:
        if name is not None:
            sums[name] += count
    return tuple(sorted(((n, c) for n, c in sums.items() if c), key=lambda pair: (-pair[1], pair[0])))


def _departure_words(row: Departure) -> str:
    match row:
        case NotAppointed():
            return f"{row.unit}: {_electors(row.number)} never appointed."
        case Vacancy():
            return (
                f"{row.unit}: {_electors(row.number)} absent, {'replaced' if row.filled else 'not replaced'}."
            )
        case ContraryVote():
            persons = f"{row.president or 'nobody'} and {row.vice_president or 'nobody'}"
            return f"{row.unit}: {_electors(row.number)} voted for {persons}; by law {row.effect}."


def _electors(count: int) -> str:
    return "1 elector" if count == 1 else f"{number(count)} electors"
