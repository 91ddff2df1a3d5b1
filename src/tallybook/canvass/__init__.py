"""Ballot accounting before certification: does every ballot that was cast stand in the totals, once?

This room compares what a county states about voters, ballots and cards (voters credited, ballots cast,
cards in the manifest, cards scanned, cards tabulated) in whatever detail it is given, checks the
provisional and cure accounts, and follows containers from hand to hand. What does not agree is a finding:
place, size, size against the margin, likely causes, what to do. A finding blocks nothing; certification is
a duty, and carries its open findings by number.

Before results are published in detail it looks at what the tables would give away about single voters, and
makes a table safe so that it still adds up.

It refuses to know files, clocks, law and the risk of an audit. It never guesses a number that was not given.
"""

from tallybook.canvass.accounts import LEVELS, STAGES, Account, Place, read_accounts
from tallybook.canvass.card_rows import card_leaks, contest_leaks, linked_rows
from tallybook.canvass.custody import (
    Assumption,
    Container,
    Event,
    Record,
    custody,
    read_containers,
    read_events,
    timeline,
)
from tallybook.canvass.explaining import Explanation, read_explanations, unused
from tallybook.canvass.findings import Cause, Finding, numbered
from tallybook.canvass.groups import Group, Leak, Limits, place_of, refused, under_law
from tallybook.canvass.hiding import Safe, Table, made_safe
from tallybook.canvass.privacy import leaks
from tallybook.canvass.reconciling import Canvass, Meeting, reconcile
from tallybook.canvass.table_rows import returns_groups, table_groups
from tallybook.canvass.turnout import Ratio, residual_votes, turnout

__all__ = [
    "LEVELS",
    "STAGES",
    "Account",
    "Assumption",
    "Canvass",
    "Cause",
    "Container",
    "Event",
    "Explanation",
    "Finding",
    "Group",
    "Leak",
    "Limits",
    "Meeting",
    "Place",
    "Ratio",
    "Record",
    "Safe",
    "Table",
    "card_leaks",
    "contest_leaks",
    "custody",
    "leaks",
    "linked_rows",
    "made_safe",
    "numbered",
    "place_of",
    "read_accounts",
    "read_containers",
    "read_events",
    "read_explanations",
    "reconcile",
    "refused",
    "residual_votes",
    "returns_groups",
    "table_groups",
    "timeline",
    "turnout",
    "under_law",
    "unused",
]
