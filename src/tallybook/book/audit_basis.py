"""What the plan of an audit rests on: law, manifest, what was reported (docs/spec/audit.md, sections 3, 4).

For the proof of a plan, which asks whether it can end, and for the standing of the audit, which keeps it.
"""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from tallybook.audit.comparison import ErrorRates
from tallybook.audit.planned import Subject
from tallybook.audit.planned_numbers import pools_of
from tallybook.book.audit_reported import UnfitError, batch_votes, head_of, pool_totals, ranking_totals
from tallybook.book.audit_runs import Basis, Plan, PlannedContest, PlannedStratum
from tallybook.book.nouns import Shelf
from tallybook.book.results import runoff_day
from tallybook.book.sampling import good_manifest
from tallybook.book.standing import Contest, Standing
from tallybook.election import Choice
from tallybook.election import Contest as Ballot
from tallybook.law import Rule, rule_for
from tallybook.outcomes.rules import BallotRules, Rules

RECORDED = ("comparison", "pools")
"""Kinds of evidence with published rows."""

Subjects = Mapping[str, Subject]


def basis_of(standing: Standing, plan: Plan, day: str, shelf: Shelf) -> Basis:
    """What a plan rests on. Raises UnfitError where an exhibit is not there or is none."""
    cards, subjects = cards_of(plan, shelf), subjects_of(standing, plan, day)
    mine = strata_of(plan, subjects)
    contests, ranked = standing.contests, {name for name, one in subjects.items() if one.rules is not None}
    by_kind = kinds_of(plan)
    told = {
        one.key: pool_totals(one, contests[one.contest], cards, one.contest in ranked, shelf)
        for one in by_kind["pools"]
    }
    return Basis(
        subjects=subjects,
        methods={one: method_of(winner_rule(standing, contests[one], day)) for one in plan.names},
        strata=mine,
        tables={one.key: head_of(one, shelf).patterns for kind in RECORDED for one in by_kind[kind]},
        rankings={
            one.key: ranking_totals(one, contests[one.contest], shelf)[0]
            for one in by_kind["polling"]
            if one.contest in ranked and not plan.contest(one.contest).is_without_records
        },
        pools={key: pools_of(mine[key], totals) for key, totals in told.items()},
        votes={
            one.contest: batch_votes(one, contests[one.contest], cards, shelf) for one in by_kind["batches"]
        },
        cards=cards if plan.draw == "batches" else {},
    )


def kinds_of(plan: Plan) -> dict[str, list[PlannedStratum]]:
    """The strata of a plan by their kind of evidence."""
    found: dict[str, list[PlannedStratum]] = {kind: [] for kind in (*RECORDED, "polling", "batches")}
    for one in plan.strata.values():
        found[one.evidence].append(one)
    return found


def subjects_of(standing: Standing, plan: Plan, day: str) -> dict[str, Subject]:
    """Each contest of a plan, whole, as the statistics take it. Raises UnfitError without a rule of law."""
    contests = [(one, standing.contests[one.contest]) for one in plan.contests]
    return {one.contest: subject_of(one, of, winner_rule(standing, of, day)) for one, of in contests}


def subject_of(one: PlannedContest, contest: Contest, rule: Rule | None) -> Subject:
    """A contest of the plan, whole: what is asserted of all its cards."""
    ranked = rule is not None and method_of(rule) == "ranked_choice"
    first = one.strata[0]
    return Subject(
        contest=ballot(contest),
        assertions=one.assertions,
        how="strata" if one.is_divided else first.evidence,  # type: ignore[arg-type]
        cards=one.cards,
        outside=one.outside,
        carries=first.lacking == "carries",
        rules=ranked_rules(rule) if ranked and rule is not None else None,
    )


def strata_of(plan: Plan, subjects: Subjects) -> dict[str, Subject]:
    """Each stratum as the statistics take it, by its key: its own cards, and nothing outside."""
    found = {}
    for key, one in plan.strata.items():
        rates = ErrorRates(**{name: Fraction(text) for name, text in one.rates.items()})
        carries = one.lacking == "carries"
        own = {"how": one.evidence, "cards": one.cards, "carries": carries, "rates": rates, "outside": 0}
        found[key] = msgspec.structs.replace(subjects[one.contest], **own)
    return found


def cards_of(plan: Plan, shelf: Shelf) -> dict[str, int]:
    """Batch -> cards, by the manifest."""
    manifest = shelf.documents.get(plan.manifest)
    if manifest is None or not good_manifest(manifest):
        raise UnfitError("the manifest is not on file, or is none (book specification, section 8)")
    return {one["id"]: one["cards"] for one in manifest["batches"]}


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


def ballot(contest: Contest) -> Ballot:
    """A contest of the book as the rooms of counting know it."""
    choices = tuple(Choice(one, contest.names[one]) for one in contest.choices)
    return Ballot(contest.id, contest.name, "", choices, contest.seats, contest.votes_allowed)


def ranked_rules(rule: Rule) -> Rules:
    """How the ranked ballots of a contest are read, by law; every other key of a count has its default."""
    said = rule.values
    read = BallotRules(said["max_rankings"], said["overvote"], said["max_skipped"], said["duplicate"])
    return Rules(rule.id, "ranked_choice", ballot=read)
