"""Do returns name every choice, in whole numbers that add up? (docs/spec/book.md, section 6.)

For the county that reports them: what cannot be is found at the door, and the number that is wrong is named.
"""

from collections.abc import Mapping
from typing import Any

from tallybook.book.nouns import Problem
from tallybook.book.standing import Contest
from tallybook.book.values import MOST, is_id, quoted, whole

ACCOUNTS = ("ballots", "overvotes", "undervotes", "write_ins")
LISTS = ("votes", "modes")
RETURNS = frozenset((*ACCOUNTS, *LISTS))


def returns_problems(contest: Contest, returns: Any) -> list[Problem]:
    """Every problem in the returns of a contest: first its numbers, then whether they add up."""
    if not isinstance(returns, dict) or not RETURNS.issuperset(returns):
        expected = f"an object of {', '.join(sorted(RETURNS))}"
        return [Problem("detail.returns", quoted(returns), expected, "Leave the rest out.")]
    return number_problems(contest, returns) or account_problems(contest, returns)


def number_problems(contest: Contest, returns: Mapping[str, Any]) -> list[Problem]:
    """Every list of votes gives a whole number to each choice; every other number is whole."""
    if "modes" in returns and not good_modes(returns["modes"]):
        expected, mend = "an object: mode to votes", "Correct it."
        return [Problem("detail.returns.modes", quoted(returns["modes"]), expected, mend)]
    found: list[Problem] = []
    if not counts_all(contest, returns.get("votes")):
        found.append(uncounted(contest, "votes", returns.get("votes")))
    if "modes" in returns:
        rows = returns["modes"].items()
        found += [
            uncounted(contest, f"modes.{mode}", row) for mode, row in rows if not counts_all(contest, row)
        ]
    for name, value in returns.items():
        if name not in LISTS and not whole(value):
            found.append(Problem(f"detail.returns.{name}", quoted(value), "a whole number", "Correct it."))
    return found


def good_modes(modes: Any) -> bool:
    """At least one way of voting, each with an id."""
    return isinstance(modes, dict) and bool(modes) and all(map(is_id, modes))


def uncounted(contest: Contest, name: str, row: Any) -> Problem:
    """A list of votes that lacks a choice, has one too many, or a number that is none."""
    expected = f"a whole number for each of {', '.join(contest.choices)}, and nobody else"
    return Problem(f"detail.returns.{name}", quoted(row), expected, "Give 0 where a choice has no votes.")


def account_problems(contest: Contest, returns: Mapping[str, Any]) -> list[Problem]:
    """The arithmetic of returns whose numbers are good."""
    found: list[Problem] = []
    votes = returns["votes"]
    if (total := sum(votes.values())) > MOST:
        mend = "Check the numbers."
        found.append(Problem("detail.returns.votes", f"{total:,} together", f"at most {MOST:,}", mend))
    if "modes" in returns:
        found += mode_problems(votes, returns["modes"])
    if "ballots" in returns:
        n, ballots = contest.votes_allowed, returns["ballots"]
        marks = total + returns.get("write_ins", 0) + returns.get("undervotes", 0)
        marks += n * returns.get("overvotes", 0)
        if marks != n * ballots:
            expected = f"{marks:,}: votes, write-ins, undervotes and overvotes together"
            said, mend = f"{n * ballots:,} ({ballots:,} ballots)", "Find the number that is wrong."
            found.append(Problem("detail.returns.ballots", said, expected, mend))
    return found


def mode_problems(votes: Mapping[str, int], modes: Mapping[str, Mapping[str, int]]) -> list[Problem]:
    """For every choice, the votes of the modes sum to its votes."""
    sums = {one: sum(row[one] for row in modes.values()) for one in votes}
    mend = "Check which of the two was mistyped."
    return [
        Problem(f"detail.returns.votes.{one}", f"{votes[one]:,}", f"{summed:,}, the modes' sum", mend)
        for one, summed in sums.items()
        if summed != votes[one]
    ]


def counts_all(contest: Contest, row: Any) -> bool:
    """Whether a row gives a whole number to every choice of the contest and to nobody else."""
    if type(row) is not dict or len(row) != len(contest.choices):
        return False
    for choice in contest.choices:  # written out: a call for each number is a tenth of an act's time
        number = row.get(choice)
        if type(number) is not int or not 0 <= number <= MOST:
            return False
    return True
