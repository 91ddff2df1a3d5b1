"""The nouns of an election, as frozen data: what every other room speaks about.

This room decides nothing. It holds what an election is made of (elections, contests, choices,
jurisdictions, batches, manifests, tallies), adds tallies, says where a tally's own accounts
disagree, and reads all of these from plain dicts with the problems collected.
It refuses to know the law, who has won, files, clocks and databases.
Words: ``docs/glossary.md``. The accounts of a tally: ``docs/spec/outcomes.md``, section 10.
"""

from tallybook.election.nouns import (
    Batch,
    Choice,
    Contest,
    Election,
    Jurisdiction,
    Manifest,
    ModeVotes,
    Tally,
    Votes,
)
from tallybook.election.problems import Problem
from tallybook.election.reading import (
    read_contest,
    read_election,
    read_jurisdiction,
    read_manifest,
    read_tally,
)
from tallybook.election.tallies import add, check_tally, listed_votes, votes_for

__all__ = [
    "Batch",
    "Choice",
    "Contest",
    "Election",
    "Jurisdiction",
    "Manifest",
    "ModeVotes",
    "Problem",
    "Tally",
    "Votes",
    "add",
    "check_tally",
    "listed_votes",
    "read_contest",
    "read_election",
    "read_jurisdiction",
    "read_manifest",
    "read_tally",
    "votes_for",
]
