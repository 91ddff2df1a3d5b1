"""Can this plan end? What must hold of a plan before anything is drawn (docs/spec/audit.md, sections 3 to 6).

For the official at the desk: a manifest that does not match the records, a tie, a contest with no loser,
cards missing that could undo the outcome, totals above the ballots. Each is said before anything is drawn.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from tallybook.audit.assertions import words
from tallybook.audit.planned import Reported, Subject, batched, hopeless, implied, scales, suffices
from tallybook.audit.planned_numbers import recorded_with_pools
from tallybook.book.audit_basis import RECORDED, basis_of, cards_of, method_of, subjects_of, winner_rule
from tallybook.book.audit_plan import counted, fields
from tallybook.book.audit_reported import (
    LEAST_CARDS,
    UnfitError,
    batch_sums,
    compared_rows,
    polled_totals,
    pooled_rows,
    ranking_totals,
    rows_of,
    sums,
)
from tallybook.book.audit_runs import Basis, Plan, PlannedContest, PlannedStratum
from tallybook.book.counts import by_place, summed
from tallybook.book.nouns import Problem, Shelf
from tallybook.book.results import decided
from tallybook.book.standing import Contest, Standing
from tallybook.law import rule_for

WIDEST = 2_000
"""The most points between the best and the worst card: a prior has twice as many values."""

HEAVIEST = 2**255
"""The most that the weights of all batches may sum to (draw specification, section 7)."""
MOST_UNTOLD = 6
"""The most choices of a ranked contest without records: their orders grow as the factorial."""
AGAIN = "Correct the plan and commit it again; nothing was drawn."

Json = dict[str, Any]


def problems_of(standing: Standing, plan: Plan, place: str, day: str, shelf: Shelf) -> Problem | Json:
    """The first thing that does not hold; or the plan's result: cards, margins and phantoms by contest."""
    try:
        cards = cards_of(plan, shelf)
        check_manifest(plan, cards)
        for name, subject in subjects_of(standing, plan, day).items():
            contest = standing.contests[name]
            check_place(contest, place)
            method = method_of(winner_rule(standing, contest, day))
            check_assertions(plan.contest(name), contest, subject, method)
        basis, found = basis_of(standing, plan, day, shelf), {}
        for one in plan.contests:
            contest = standing.contests[one.contest]
            reported = {part.key: reported_of(part, contest, basis, cards, shelf) for part in one.strata}
            whole = added_up(one, reported)
            for unfit in unprovable(standing, one, contest, basis, whole, plan, day):
                raise UnfitError(unfit)
            check_pools(one, basis, whole)
            found[one.contest] = told(one, whole, reported)
        check_weights(plan, basis)
    except UnfitError as why:
        return Problem("detail.plan", str(why), "a plan that can end (audit specification, section 5)", AGAIN)
    return {"contests": found}


def told(one: PlannedContest, whole: Reported, parts: Mapping[str, Reported]) -> Json:
    """A contest in the result of a plan: cards, margins, phantoms, and those of its strata."""
    said = shown(one.cards, whole)
    if not one.is_divided:
        return said
    return {**said, "strata": {part.stratum: shown(part.cards, parts[part.key]) for part in one.strata}}


def shown(cards: int, reported: Reported) -> Json:
    """Cards, margins and phantoms."""
    return {"cards": cards, "margins": list(reported.sums), "phantoms": reported.phantoms}


def added_up(one: PlannedContest, parts: Mapping[str, Reported]) -> Reported:
    """What was reported of all strata together."""
    columns = [parts[part.key].sums for part in one.strata]
    gone = sum(parts[part.key].phantoms for part in one.strata)
    return Reported(tuple(map(sum, zip(*columns, strict=True))), gone)


def reported_of(
    one: PlannedStratum, contest: Contest, basis: Basis, cards: Mapping[str, int], shelf: Shelf
) -> Reported:
    """The points of every assertion and the phantoms of a stratum, held against its cards."""
    subject = basis.strata[one.key]
    if one.evidence == "batches":
        return batch_sums(one, subject, basis.votes[contest.id].values())
    if one.evidence in RECORDED:
        pools = basis.pools.get(one.key, ())
        held = one.cards - sum(cards[batch] for batch in (pools[0] if pools else ()))
        rows = rows_of(one, contest, held, shelf)
        return pooled_rows(one, subject, rows, pools) if pools else compared_rows(one, subject, rows)
    if one.key in basis.rankings:
        (patterns, counts), many = ranking_totals(one, contest, shelf)
        return Reported(sums(one, subject, patterns, counts), one.cards - many, patterns, counts)
    if subject.rules is not None:
        return without_records(one)
    return polled_totals(one, contest, subject)


def without_records(one: PlannedStratum) -> Reported:
    """A ranked contest of which nothing but its cards was reported."""
    cards = one.reported["cards"]
    if not counted(cards) or not 1 <= cards <= one.cards:
        raise UnfitError(f"{one.key}: reported are from 1 to {one.cards:,} cards, those of the manifest")
    return Reported((), one.cards - cards)


def check_manifest(plan: Plan, cards: Mapping[str, int]) -> None:
    """N is the cards of each population; no batch is too small to be published."""
    whole = sum(cards.values())
    for one in plan.strata.values():
        if strange := one.batches - cards.keys():
            raise UnfitError(f"{one.key}: {min(strange)} is no batch of the manifest")
        held = sum(cards[batch] for batch in one.batches) if one.batches else whole
        if held != one.cards:
            raise UnfitError(f"{one.key}: the plan says {one.cards:,} cards, its batches have {held:,}")
    small = [batch for batch, n in cards.items() if n < LEAST_CARDS]
    if plan.draw == "batches" and small:
        raise UnfitError(
            f"batch {small[0]} has fewer than {LEAST_CARDS} cards; combine it with another first"
        )


def check_pools(one: PlannedContest, basis: Basis, reported: Reported) -> None:
    """With pools alone, the sum that is tested is above 0 after rounding (measuring.md, section 3)."""
    if one.is_divided or one.contest not in basis.pools:
        return
    for total, pools in zip(reported.sums, basis.pools[one.contest], strict=True):
        if recorded_with_pools(total, pools) <= 0:
            raise UnfitError(f"{one.contest}: its margin is lost in the rounding of its pools; count in full")


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


def check_assertions(one: PlannedContest, contest: Contest, subject: Subject, method: str) -> None:
    """The assertions imply the outcome (section 6)."""
    if method == "ranked_choice":
        check_untold(one, contest) if one.is_without_records else check_ranked(one, contest, subject)
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


def check_ranked(one: PlannedContest, contest: Contest, subject: Subject) -> None:
    """Ranked assertions leave no other order of elimination."""
    kinds = all(type(a).__name__ in ("NotEliminatedBefore", "NotEliminatedNext") for a in one.assertions)
    once = len(set(one.assertions)) == len(one.assertions)
    if not kinds or not once or len(one.winners) != 1 or contest.seats != 1 or not ordered(one, contest):
        raise UnfitError(
            f"{one.contest}: a ranked outcome is one winner, shown by `neb` and `nen`, each once"
        )
    if not suffices(subject.contest, one.winners[0], one.assertions):  # type: ignore[arg-type]
        raise UnfitError(f"{one.contest}: another order of elimination is left open by these assertions")
    if any(fields(part.reported, {"cards"}) for part in one.strata):
        raise UnfitError(f"{one.contest}: assertions need reported rankings; without records there are none")


def check_untold(one: PlannedContest, contest: Contest) -> None:
    """A ranked contest without records can be shown: one winner, few choices, every card in the manifest."""
    part, many = one.strata[0], len(contest.choices)
    if len(one.winners) != 1 or contest.seats != 1 or not 2 <= many <= MOST_UNTOLD:
        raise UnfitError(
            f"{one.contest}: without records one winner is shown among 2 to {MOST_UNTOLD} choices"
        )
    if part.lacking != "may_lack" or one.outside:
        raise UnfitError(f"{one.contest}: without records some cards may lack it, and none is outside")


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
    if basis.methods[one.contest] != "ranked_choice" and (votes := returned(contest)) is not None:
        yield from unlike_returns(standing, one, contest, votes, day)


def returned(contest: Contest) -> Mapping[str, int] | None:
    """The votes of the returns of all places; None where the book does not have them all."""
    certified, unofficial = by_place(contest, "county_certified"), by_place(contest, "unofficial")
    if not all(place in certified or place in unofficial for place in contest.places):
        return None
    rows = [certified.get(place) or unofficial[place] for place in contest.places]
    votes: Mapping[str, int] = summed(contest, rows)["votes"]
    return votes


def unlike_returns(
    standing: Standing, one: PlannedContest, contest: Contest, votes: Mapping[str, int], day: str
) -> Iterator[str]:
    """What speaks against a plan beside the returns: another outcome, or votes for which it has no cards."""
    if not bears_out(one, decided(standing, contest, votes, day)):
        yield f"{one.contest}: the returns in the book have another outcome"
    cards, total = one.cards + one.outside, sum(votes.values())
    if total > cards * contest.votes_allowed:
        yield f"{one.contest}: the returns have {total:,} votes; the plan has {cards:,} cards for them"


def bears_out(one: PlannedContest, outcome: Mapping[str, Any]) -> bool:
    """Whether an outcome of the book has the kind of the plan's, and the same winners or choices."""
    if outcome["kind"] == "winner":
        return set(outcome["winners"]) == set(one.winners) and not outcome.get("unfilled")
    return outcome["kind"] == "runoff" and set(outcome["choices"]) == set(one.advance)
