"""What must be right before anything is drawn, and before anything read is measured.

For the official at the desk. Each problem says what was found, what was expected and how to mend it; with one
problem nothing is drawn. A sample from a manifest that does not match the records, or for a contest that no
sample can settle, would waste everybody's work.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from tallybook.audit.assertions import Claim, FullCount, words
from tallybook.audit.margins import Margin, Population, unprovable
from tallybook.election import Contest, Manifest, Problem, Tally


def before_the_draw(
    contest: Contest,
    tally: Tally,
    population: Population,
    manifest: Manifest | None = None,
    votes_each: int = 1,
) -> tuple[Problem, ...]:
    """Reported totals, records and manifest against each other, for one contest.

    votes_each: the most votes that a card may give one choice; more than 1 in cumulative voting.
    """
    return (*_totals(contest, tally, population.cards, votes_each), *_cards(contest, population, manifest))


def provable(
    found: Claim | FullCount, margins: Sequence[Margin], population: Population
) -> tuple[Problem, ...]:
    """Can a sample show this outcome? A tie, a contest without a loser, too many phantoms: told here."""
    if isinstance(found, FullCount):
        mend = "Count every card, or let the law settle it."
        return tuple(
            Problem(found.contest_id, why.rstrip("."), "an outcome that a sample can show", mend)
            for why in found.why
        )
    if not found.assertions:
        mend = "Leave the contest out of the draw; nothing in it can be wrong."
        return (Problem(found.contest_id, "no choice that lost", "somebody who was not elected", mend),)
    return tuple(
        Problem(
            found.contest_id, one.why.rstrip("."), "a margin that a sample can show", "Nothing was drawn."
        )
        for one in unprovable(margins, population)
    )


def readings_of_the_draw(
    drawn: Sequence[str], read: Sequence[str], shown: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Is there exactly one reading for each drawn item, and none for any other? shown: names for people."""
    name = dict(shown or {})
    wanted = set(drawn)
    problems = []
    for item, times in Counter(read).items():
        said = name.get(item, item.replace("\n", ", "))
        if item not in wanted:
            mend = "Look at the list of drawn cards: was another card pulled? Remove the row if so."
            problems.append(
                Problem(said, "a reading for a card that was never drawn", "drawn cards only", mend)
            )
        elif times > 1:
            mend = "Find out which reading is right and remove the other."
            problems.append(Problem(said, f"{times} readings", "one reading for each card", mend))
    for item in dict.fromkeys(drawn):
        if item not in set(read):
            mend = 'Read the card, or enter "not found" if nobody can produce it.'
            said = name.get(item, item.replace("\n", ", "))
            problems.append(Problem(said, "no reading", "a reading for every drawn card", mend))
    return tuple(problems)


def _totals(contest: Contest, tally: Tally, cards: int, votes_each: int) -> list[Problem]:
    problems = []
    for choice, votes in tally.votes:
        if votes > cards * votes_each:
            mend = "Compare the totals with the returns and the number of cards with the manifest."
            found = f"{votes:,} votes for {choice}"
            each = f"{cards * votes_each:,} on {cards:,} cards" if votes_each > 1 else f"the {cards:,} cards"
            problems.append(Problem(contest.id, found, f"at most {each}", mend))
    total = sum(votes for _, votes in tally.votes)
    if total > cards * contest.votes_allowed:
        mend = "Compare the totals with the returns, and the cards with the manifest."
        most = f"at most {cards * contest.votes_allowed:,} on {cards:,} cards"
        problems.append(Problem(contest.id, f"{total:,} votes", most, mend))
    return problems


def _cards(contest: Contest, population: Population, manifest: Manifest | None) -> list[Problem]:
    problems = []
    if population.records > population.cards:
        mend = "Find out which is wrong: cards missing from the manifest, or records counted twice."
        found = f"{population.records:,} cast vote records"
        problems.append(Problem(contest.id, found, f"at most the {population.cards:,} cards", mend))
    if manifest is not None and manifest.cards < population.cards:
        mend = "Complete the manifest, or state the smaller number of cards in the contest file."
        found = f"a manifest of {manifest.cards:,} cards"
        expected = f"the {population.cards:,} cards that may carry the contest"
        problems.append(Problem(contest.id, found, expected, mend))
    return problems


def told(claim: Claim) -> tuple[str, ...]:
    """The assertions of a claim as sentences."""
    return tuple(words(one) for one in claim.assertions)
