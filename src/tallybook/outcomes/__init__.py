"""From tallies to who has won. Exact integers and fractions; ``docs/spec/outcomes.md`` defines every rule.

This room decides winners, ties, runoffs, eligibility for a recount, presidential electors, contingent
elections, control of a chamber, and what changed between two counts. Every result says why, in sentences
with the numbers in them. It refuses to know which rule a state uses: thresholds, dates and tie-breaks
arrive as arguments from the law. It never settles a tie on its own.

A ValueError here means that the caller passed something no tally should hold (negative votes, a total
below the votes counted, a lot that names a stranger); its words say what. Check tallies first with
``election.check_tally``, which collects problems instead.
"""

from tallybook.outcomes.chamber import (
    ChamberControl,
    Composition,
    ControlSpell,
    TieBreaker,
    chamber_control,
    control_timeline,
)
from tallybook.outcomes.comparison import (
    CountComparison,
    PlacesComparison,
    compare_counts,
    compare_places,
)
from tallybook.outcomes.contests import (
    Elected,
    NewElectionDue,
    Outcome,
    RunoffDue,
    Tied,
    majority_or_runoff,
    plurality,
)
from tallybook.outcomes.contingent import (
    ChamberBallot,
    delegation_vote,
    house_ballot,
    senate_ballot,
)
from tallybook.outcomes.electors import (
    Appointment,
    CollegeResult,
    ContraryVote,
    Departure,
    ElectoralUnit,
    ElectoralVotes,
    NotAppointed,
    Ticket,
    Vacancy,
    appoint,
    college_result,
    count_electoral_votes,
    electors_per_slate,
)
from tallybook.outcomes.recount import (
    Limit,
    RecountEligibility,
    RecountRule,
    ShareLimit,
    VotesLimit,
    recount_eligibility,
)
from tallybook.outcomes.ties import (
    AllTiedAdvance,
    LotDrawn,
    NewElection,
    RunoffBetweenTied,
    TieBreak,
    break_tie,
)

__all__ = [
    "AllTiedAdvance",
    "Appointment",
    "ChamberBallot",
    "ChamberControl",
    "CollegeResult",
    "Composition",
    "ContraryVote",
    "ControlSpell",
    "CountComparison",
    "Departure",
    "Elected",
    "ElectoralUnit",
    "ElectoralVotes",
    "Limit",
    "LotDrawn",
    "NewElection",
    "NewElectionDue",
    "NotAppointed",
    "Outcome",
    "PlacesComparison",
    "RecountEligibility",
    "RecountRule",
    "RunoffBetweenTied",
    "RunoffDue",
    "ShareLimit",
    "Ticket",
    "TieBreak",
    "TieBreaker",
    "Tied",
    "Vacancy",
    "VotesLimit",
    "appoint",
    "break_tie",
    "chamber_control",
    "college_result",
    "compare_counts",
    "compare_places",
    "control_timeline",
    "count_electoral_votes",
    "delegation_vote",
    "electors_per_slate",
    "house_ballot",
    "majority_or_runoff",
    "plurality",
    "recount_eligibility",
    "senate_ballot",
]
