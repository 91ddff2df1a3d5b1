"""From tallies to who has won. Exact integers and fractions; ``docs/spec/outcomes.md`` defines every rule.

This room decides winners, ties, runoffs, eligibility for a recount, presidential electors, contingent
elections, control of a chamber, and what changed between two counts. Every result says why, in sentences
with the numbers in them. It refuses to know which rule a state uses: thresholds, dates and tie-breaks
arrive as arguments from the law. It never settles a tie on its own.

From ballots to a result there is ``count_ballots``, by the rules of a rules file (``rules``): marks, ranked
choice, transferable votes, points. ``docs/spec/counting.md`` defines these.

A ValueError here means that the caller passed something no tally should hold (negative votes, a total
below the votes counted, a lot that names a stranger); its words say what. Check tallies first with
``election.check_tally``, which collects problems instead.
"""

from tallybook.outcomes.apportionment import Apportioned, highest_averages, largest_remainder
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
from tallybook.outcomes.counting import Counted
from tallybook.outcomes.counting import count as count_ballots
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
from tallybook.outcomes.ranked import (
    bottoms_up,
    bottoms_up_by,
    ranked_choice,
    ranked_choice_by,
    sequential,
)
from tallybook.outcomes.rctab import rules_from_rctab
from tallybook.outcomes.recount import (
    Limit,
    RecountEligibility,
    RecountRule,
    ShareLimit,
    VotesLimit,
    recount_eligibility,
)
from tallybook.outcomes.rounds import PartRound, Round, RoundCount, TiePending, TieSettled, Transfer
from tallybook.outcomes.rules import BallotRules, CountRules, Rules, TieRules, check_rules, read_rules
from tallybook.outcomes.scoring import StarResult, borda_points, elect_by_points, points_by_rank, scores, star
from tallybook.outcomes.selections import (
    ShareMeasured,
    super_majority,
    tally_by_part,
    tally_cumulative,
    tally_selections,
)
from tallybook.outcomes.stv import transferable_vote, transferable_vote_by
from tallybook.outcomes.tiebreaks import Decision
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
    "Apportioned",
    "BallotRules",
    "ChamberBallot",
    "ChamberControl",
    "CollegeResult",
    "Composition",
    "ContraryVote",
    "ControlSpell",
    "CountComparison",
    "CountRules",
    "Counted",
    "Decision",
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
    "PartRound",
    "PlacesComparison",
    "RecountEligibility",
    "RecountRule",
    "Round",
    "RoundCount",
    "Rules",
    "RunoffBetweenTied",
    "RunoffDue",
    "ShareLimit",
    "ShareMeasured",
    "StarResult",
    "Ticket",
    "TieBreak",
    "TieBreaker",
    "TiePending",
    "TieRules",
    "TieSettled",
    "Tied",
    "Transfer",
    "Vacancy",
    "VotesLimit",
    "appoint",
    "borda_points",
    "bottoms_up",
    "bottoms_up_by",
    "break_tie",
    "chamber_control",
    "check_rules",
    "college_result",
    "compare_counts",
    "compare_places",
    "control_timeline",
    "count_ballots",
    "count_electoral_votes",
    "delegation_vote",
    "elect_by_points",
    "electors_per_slate",
    "highest_averages",
    "house_ballot",
    "largest_remainder",
    "majority_or_runoff",
    "plurality",
    "points_by_rank",
    "ranked_choice",
    "ranked_choice_by",
    "read_rules",
    "recount_eligibility",
    "rules_from_rctab",
    "scores",
    "senate_ballot",
    "sequential",
    "star",
    "super_majority",
    "tally_by_part",
    "tally_cumulative",
    "tally_selections",
    "transferable_vote",
    "transferable_vote_by",
]
