"""Can this plan end? What must hold of a plan before anything is drawn (docs/spec/audit.md, sections 3 to 6).

For the official at the desk: a manifest that does not match the records, a tie, a contest with no loser,
cards missing that could undo the outcome, totals above the ballots. Each is said before anything is drawn.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from tallybook.audit.assertions import words
from tallybook.audit.comparison import ErrorRates
from tallybook.audit.planned import (
    Reported,
    Subject,
    batched,
    hopeless,
    implied,
    one_mark,
    points_of_votes,
    scales,
    suffices,
    sums_of_rows,
)
from tallybook.audit.published import (
    NO_RECORD,
    Rows,
    UnfitRowsError,
    counts_of,
    read_head,
    read_rows,
    without_reading,
)
from tallybook.book.audit_plan import counted
from tallybook.book.audit_runs import Basis, Plan, PlannedContest
from tallybook.book.counts import by_place, summed
from tallybook.book.nouns import Problem, Shelf
from tallybook.book.results import decided, runoff_day
from tallybook.book.sampling import good_manifest
from tallybook.book.standing import Contest, Standing
from tallybook.election import Choice
from tallybook.election import Contest as Ballot
from tallybook.law import Rule, rule_for
from tallybook.merkle.canonical import encode
from tallybook.outcomes.rules import BallotRules, Rules

LEAST_CARDS = 10
"""The fewest cards of which a table or a contest is published."""

TOTALS = "tallybook/batch-totals/v1"
MOST_BYTES = 64 * 2**20
"""The longest exhibit of what was reported."""

WIDEST = 2_000
"""The most points between the best and the worst card: a prior has twice as many values."""

HEAVIEST = 2**255
"""The most that the weights of all batches may sum to (draw specification, section 7)."""
AGAIN = "Correct the plan and commit it again; nothing was drawn."

Json = dict[str, Any]


class UnfitError(ValueError):
    """Why a plan does not hold; the text says it to an official."""


def basis_of(standing: Standing, plan: Plan, day: str, shelf: Shelf) -> Basis:
    """What a plan rests on. Raises UnfitError where an exhibit is not there or is none."""
    subjects, methods, tables, votes = {}, {}, {}, {}
    cards = cards_of(plan, shelf)
    for one in plan.contests:
        contest = standing.contests[one.contest]
        rule = winner_rule(standing, contest, day)
        methods[one.contest] = method_of(rule)
        subjects[one.contest] = subject_of(one, contest, methods[one.contest], rule)
        if one.evidence == "comparison":
            tables[one.contest] = head_of(one, shelf).patterns
        if one.evidence == "batches":
            votes[one.contest] = batch_votes(one, contest, list(cards), shelf)
    return Basis(subjects, methods, tables, votes, cards if plan.draw == "batches" else {})


def cards_of(plan: Plan, shelf: Shelf) -> dict[str, int]:
    """Batch -> cards, by the manifest."""
    manifest = shelf.documents.get(plan.manifest)
    if manifest is None or not good_manifest(manifest):
        raise UnfitError("the manifest is not on file, or is none (book specification, section 8)")
    return {one["id"]: one["cards"] for one in manifest["batches"]}


def document_of(fingerprint: Any, shelf: Shelf) -> Any:
    """An exhibit of what was reported; None where it is not on file, or too long."""
    value = shelf.documents.get(fingerprint) if isinstance(fingerprint, str) else None
    return None if value is None or len(encode(value)) > MOST_BYTES else value


def winner_rule(standing: Standing, contest: Contest, day: str) -> Rule | None:
    """The rule of the law for the winner; None for a runoff, which the most votes win."""
    assert standing.law is not None
    if contest.of:
        return None
    rule = rule_for(standing.law, "winner", contest.class_id, day, standing.day)
    if rule is None:
        raise UnfitError(f"{contest.id}: the law in force has no rule for its winner")
    if "runoff_day" in rule.values and not runoff_day(standing, rule, contest, day):
        raise UnfitError(f"{contest.id}: the rule {rule.id} gives no day for a runoff")
    return rule


def method_of(rule: Rule | None) -> str:
    """How the winner is found."""
    return "plurality" if rule is None else str(rule.values["method"])


def subject_of(one: PlannedContest, contest: Contest, method: str, rule: Rule | None) -> Subject:
    """A contest of the plan as the statistics take it."""
    rates = {name: Fraction(text) for name, text in one.rates.items()}
    return Subject(
        contest=ballot(contest),
        assertions=one.assertions,
        how=one.evidence,  # type: ignore[arg-type]
        cards=one.cards,
        outside=one.outside,
        carries=one.lacking == "carries",
        rules=ranked_rules(rule) if method == "ranked_choice" and rule is not None else None,
        rates=ErrorRates(**rates),
    )


def ballot(contest: Contest) -> Ballot:
    """A contest of the book as the rooms of counting know it."""
    choices = tuple(Choice(one, contest.names[one]) for one in contest.choices)
    return Ballot(contest.id, contest.name, "", choices, contest.seats, contest.votes_allowed)


def ranked_rules(rule: Rule) -> Rules:
    """How the ranked ballots of a contest are read, by law."""
    said = rule.values
    read = BallotRules(said["max_rankings"], said["overvote"], said["max_skipped"], said["duplicate"])
    return Rules(rule.id, "ranked_choice", ballot=read)


def head_of(one: PlannedContest, shelf: Shelf) -> Any:
    """The head of a contest's published rows."""
    if (document := document_of(one.reported, shelf)) is None:
        raise UnfitError(f"{one.contest}: the published cards are not on file")
    try:
        return read_head(document)
    except UnfitRowsError as why:
        raise UnfitError(f"{one.contest}: in the published cards {why}") from None


def rows_of(one: PlannedContest, contest: Contest, shelf: Shelf) -> Rows:
    """The published rows of a contest: those of this contest, one for each card."""
    head = head_of(one, shelf)
    theirs = (head.contest.id, head.contest.choice_ids, head.contest.seats, head.contest.votes_allowed)
    if theirs != (contest.id, contest.choices, contest.seats, contest.votes_allowed):
        raise UnfitError(f"{one.contest}: the published cards are of another contest, or of other choices")
    if head.cards != one.cards:
        raise UnfitError(
            f"{one.contest}: the manifest and the records differ: {one.cards:,} cards, {head.cards:,} rows; "
            "every card has a row"
        )
    try:
        return read_rows(head, shelf.files)
    except UnfitRowsError as why:
        raise UnfitError(f"{one.contest}: in the published cards {why}") from None


def batch_votes(
    one: PlannedContest, contest: Contest, batches: Sequence[str], shelf: Shelf
) -> dict[str, Mapping[str, int]]:
    """Batch -> choice -> votes, as reported."""
    value = document_of(one.reported, shelf)
    keys = {"batches", "contest", "format"}
    good = isinstance(value, dict) and value.keys() == keys and isinstance(value["batches"], list)
    if not good or (value["contest"], value["format"]) != (contest.id, TOTALS):
        raise UnfitError(f"{one.contest}: the totals by batch are not on file, or of another form")
    rows = value["batches"]
    if not all(isinstance(row, dict) and row.keys() == {"id", "votes"} for row in rows):
        raise UnfitError(f"{one.contest}: each batch has an id and its votes")
    if [row["id"] for row in rows] != list(batches) or not all(
        whole_tally(r["votes"], contest) for r in rows
    ):
        raise UnfitError(
            f"{one.contest}: the totals are not of exactly the batches of the manifest, by choice"
        )
    return {row["id"]: row["votes"] for row in rows}


def whole_tally(votes: Any, contest: Contest) -> bool:
    """Exactly the contest's choices, with whole numbers."""
    return (
        isinstance(votes, dict) and votes.keys() == set(contest.choices) and all(map(counted, votes.values()))
    )


def reported_of(one: PlannedContest, contest: Contest, basis: Basis, shelf: Shelf) -> Reported:
    """S of every assertion and the phantoms, with the totals held against the cards. Raises UnfitError."""
    subject = basis.subjects[one.contest]
    if one.evidence == "comparison":
        return compared_rows(one, subject, rows_of(one, contest, shelf))
    if basis.methods[one.contest] == "ranked_choice":
        raise UnfitError(f"{one.contest}: a ranked contest is audited by comparison, or counted in full")
    if one.evidence == "polling":
        return polled_totals(one, contest, subject)
    for batch, votes in basis.votes[one.contest].items():
        if not within(votes, 0, basis.cards[batch], contest):
            raise UnfitError(
                f"{one.contest}: more votes than the {basis.cards[batch]:,} ballots of batch {batch}"
            )
    sums = Counter[str]()
    for votes in basis.votes[one.contest].values():
        sums.update(votes)
    return Reported(linear(one, subject, {name: sums[name] for name in contest.choices}), 0)


def compared_rows(one: PlannedContest, subject: Subject, rows: Rows) -> Reported:
    """The rows of a contest, added up."""
    counts = counts_of(rows)
    pairs = list(zip(rows.patterns, counts, strict=True))
    if sum(n for pattern, n in pairs if not without_reading(pattern)) < LEAST_CARDS:
        raise UnfitError(f"{one.contest}: fewer than {LEAST_CARDS} cards carry it; count them in full")
    phantoms = sum(n for pattern, n in pairs if NO_RECORD in pattern.flags)
    try:
        return Reported(sums_of_rows(subject, rows.patterns, counts), phantoms)
    except ValueError as why:
        raise UnfitError(f"{one.contest}: {why}") from None


def polled_totals(one: PlannedContest, contest: Contest, subject: Subject) -> Reported:
    """Reported totals against the cards, and the patterns that the bet expects."""
    value = one.reported
    keys = {"cards", "votes", "write_ins"}
    good = isinstance(value, dict) and value.keys() == keys and whole_tally(value["votes"], contest)
    if not good or not counted(value["cards"]) or not counted(value["write_ins"]):
        raise UnfitError(f"{one.contest}: reported are cards, votes of every choice, and write_ins")
    if value["cards"] > one.cards:
        raise UnfitError(
            f"{one.contest}: {value['cards']:,} cards were counted, of {one.cards:,} on the manifest"
        )
    if not within(value["votes"], value["write_ins"], value["cards"], contest):
        raise UnfitError(f"{one.contest}: more votes than its {value['cards']:,} ballots can hold")
    sums, phantoms = linear(one, subject, value["votes"]), one.cards - value["cards"]
    if contest.votes_allowed > 1:
        return Reported(sums, phantoms)
    counts = (*(value["votes"][name] for name in contest.choices), value["write_ins"])
    return Reported(sums, phantoms, one_mark(subject.contest), counts)


def within(votes: Mapping[str, int], write_ins: int, cards: int, contest: Contest) -> bool:
    """Whether so many cards can hold these votes."""
    together = sum(votes.values()) + write_ins
    return max(votes.values()) <= cards and together <= cards * contest.votes_allowed


def linear(one: PlannedContest, subject: Subject, votes: Mapping[str, int]) -> tuple[int, ...]:
    """S of assertions from totals alone."""
    try:
        return tuple(points_of_votes(assertion, votes) for assertion in subject.assertions)
    except ValueError:
        raise UnfitError(f"{one.contest}: without rows only `ahead` and shares can be shown") from None


def problems_of(standing: Standing, plan: Plan, place: str, day: str, shelf: Shelf) -> Problem | Json:
    """The first thing that does not hold; or the plan's result: cards, margins and phantoms by contest."""
    try:
        basis = basis_of(standing, plan, day, shelf)
        check_manifest(plan, cards_of(plan, shelf))
        found = {}
        for one in plan.contests:
            contest = standing.contests[one.contest]
            check_place(contest, place)
            check_assertions(one, contest, basis)
            reported = reported_of(one, contest, basis, shelf)
            for unfit in unprovable(standing, one, contest, basis, reported, plan, day):
                raise UnfitError(unfit)
            found[one.contest] = {
                "cards": one.cards,
                "margins": list(reported.sums),
                "phantoms": reported.phantoms,
            }
        check_weights(plan, basis)
    except UnfitError as why:
        return Problem("detail.plan", str(why), "a plan that can end (audit specification, section 5)", AGAIN)
    return {"contests": found}


def check_manifest(plan: Plan, cards: Mapping[str, int]) -> None:
    """N is the cards of the population; no batch is too small to be published."""
    for one in plan.contests:
        if strange := one.batches - cards.keys():
            raise UnfitError(f"{one.contest}: {min(strange)} is no batch of the manifest")
        held = sum(n for batch, n in cards.items() if not one.batches or batch in one.batches)
        if held != one.cards:
            raise UnfitError(f"{one.contest}: the plan says {one.cards:,} cards, its batches have {held:,}")
    small = [batch for batch, n in cards.items() if n < LEAST_CARDS]
    if plan.draw == "batches" and small:
        raise UnfitError(
            f"batch {small[0]} has fewer than {LEAST_CARDS} cards; combine it with another first"
        )


def check_weights(plan: Plan, basis: Basis) -> None:
    """Batches can be drawn in proportion to their weights."""
    if plan.draw != "batches":
        return
    subjects = [basis.subjects[name] for name in plan.names]
    bounds = batched(subjects, basis.cards, [basis.votes[name] for name in plan.names]).bounds
    if sum(bounds.weights.values()) > HEAVIEST:
        raise UnfitError(
            "the weights of the batches have no common measure small enough; plan fewer contests"
        )


def check_place(contest: Contest, place: str) -> None:
    """An audit at one place is of contests of that place alone."""
    if place and contest.places != (place,):
        raise UnfitError(f"{contest.id}: it is voted on elsewhere too; plan its audit for the whole")


def check_assertions(one: PlannedContest, contest: Contest, basis: Basis) -> None:
    """The assertions imply the outcome (section 6)."""
    subject, method = basis.subjects[one.contest], basis.methods[one.contest]
    if method == "ranked_choice":
        kinds = all(type(a).__name__ in ("NotEliminatedBefore", "NotEliminatedNext") for a in one.assertions)
        once = len(set(one.assertions)) == len(one.assertions)
        if not kinds or not once or len(one.winners) != 1 or contest.seats != 1 or not ordered(one, contest):
            raise UnfitError(
                f"{one.contest}: a ranked outcome is one winner, shown by `neb` and `nen`, each once"
            )
        if not suffices(subject.contest, one.winners[0], one.assertions):  # type: ignore[arg-type]
            raise UnfitError(f"{one.contest}: another order of elimination is left open by these assertions")
        return
    wanted = implied(subject.contest, method, one.winners, one.advance)
    if wanted is None:
        raise UnfitError(
            f"{one.contest}: no sample can show this outcome (a tie, or nobody who lost); count in full"
        )
    if wanted != one.assertions:
        raise UnfitError(f"{one.contest}: the assertions are not those that the outcome asks for")
    if any(scale.span > WIDEST for scale in scales(subject)):
        raise UnfitError(f"{one.contest}: one card could move an assertion by more than {WIDEST:,} points")


def ordered(one: PlannedContest, contest: Contest) -> bool:
    """Whether the standing of every assertion is in ballot order."""
    lists = [getattr(a, "standing", ()) for a in one.assertions]
    return all(tuple(c for c in contest.choices if c in set(named)) == named for named in lists)


def unprovable(
    standing: Standing,
    one: PlannedContest,
    contest: Contest,
    basis: Basis,
    reported: Reported,
    plan: Plan,
    day: str,
) -> Iterator[str]:
    """Margins, the law's risk limit, and the returns in the book."""
    subject = basis.subjects[one.contest]
    if (at := hopeless(subject, reported)) is not None:
        gone, total = reported.phantoms + subject.outside, reported.sums[at]
        said = words(subject.assertions[at])
        if total <= 0:
            yield f"{one.contest}: what was reported does not show this, or only a tie: {said}"
        yield f"{one.contest}: {gone:,} cards cannot be read, which could undo this: {said}"
    assert standing.law is not None
    rule = rule_for(standing.law, "audit", contest.class_id, day, standing.day)
    if rule is not None and Fraction(plan.risk_limit) > Fraction(rule.values["risk_limit"]):
        yield f"{one.contest}: a risk limit of {plan.risk_limit}; the law allows {rule.values['risk_limit']}"
    if contest.limit is not None and Fraction(plan.risk_limit) > Fraction(contest.limit[0]):
        stated, entry = contest.limit
        yield f"{one.contest}: a risk limit of {plan.risk_limit}; entry {entry} states {stated} for it"
    if basis.methods[one.contest] != "ranked_choice" and not beside_returns(standing, one, contest, day):
        yield f"{one.contest}: the returns in the book have another outcome"


def beside_returns(standing: Standing, one: PlannedContest, contest: Contest, day: str) -> bool:
    """Whether the returns of all places, where the book has them, have the plan's outcome."""
    certified, unofficial = by_place(contest, "county_certified"), by_place(contest, "unofficial")
    if not all(place in certified or place in unofficial for place in contest.places):
        return True
    votes = summed(contest, [certified.get(place) or unofficial[place] for place in contest.places])["votes"]
    return bears_out(one, decided(standing, contest, votes, day))


def bears_out(one: PlannedContest, outcome: Mapping[str, Any]) -> bool:
    """Whether an outcome of the book has the kind of the plan's, and the same winners or choices."""
    if outcome["kind"] == "winner":
        return set(outcome["winners"]) == set(one.winners) and not outcome.get("unfilled")
    return outcome["kind"] == "runoff" and set(outcome["choices"]) == set(one.advance)
