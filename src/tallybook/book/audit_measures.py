"""The risk of a contest in an audit by plan, and its next step (docs/spec/audit.md, section 8, `measure`).

For measurements and for corrections, which measure anew. The numbers used are the first so many of each
stratum's sequence; risks are published rounded up. One stratum is decided exactly, several and ranked choice
without records by the published string.
"""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tallybook.audit.evidence import Part
from tallybook.audit.measuring import Evidence
from tallybook.audit.planned import (
    NOT_FOUND,
    Reported,
    answer,
    batched,
    counted_batches,
    scales,
    votes_of,
    worst,
)
from tallybook.audit.planned_more import more_needed
from tallybook.audit.planned_numbers import (
    all_points,
    answer_of_strata,
    compared,
    polled,
    pooled,
    refuted,
    seen_in_pools,
    together,
)
from tallybook.book.audit_reported import marks_told
from tallybook.book.audit_runs import PlannedStratum, Run, batch_of
from tallybook.book.readings import pattern_of, recorded_of
from tallybook.election.cards import Ballots, Pattern
from tallybook.outcomes.ranked import ranked_choice
from tallybook.outcomes.rankings import WRITE_IN
from tallybook.outcomes.rounds import Round

Json = dict[str, Any]
Numbers = Mapping[str, int]
"""Key of a stratum -> how many of its numbers are used."""

NOTHING: Pattern = Pattern(())


def measured(run: Run, name: str, n: Numbers, round_: int) -> Json:
    """The measurement of a contest over the first n of its numbers, after so many rounds."""
    planned, limit = run.plan.contest(name), Fraction(run.plan.risk_limit)
    result = shown(run, name, n)
    if run.plan.draw == "cards" and all(n[one.key] == one.cards for one in planned.strata):
        return {**result, "step": "counted", "true": truths(run, name)}
    if planned.is_without_records:
        risks = [refuted(run.basis.strata[name], planned.winners[0], seen(run, name, n[name]))]
        met = [Fraction(one) <= limit for one in risks]
        return result | stepped(run, round_, risks, met)
    evidence = evidence_of(run, name, n)
    if planned.is_divided:
        return result | stepped(run, round_, *answer_of_strata(evidence, limit))
    found = result | stepped(run, round_, *answer(evidence, limit))
    again = planned.strata[0].evidence in ("polling", "pools")
    if found["step"] == "another_round" and (more := more_needed(evidence, limit, again)) is not None:
        found["more"] = more
    return found


def shown(run: Run, name: str, n: Numbers) -> Json:
    """How many cards are used, and of which strata where there are several."""
    planned = run.plan.contest(name)
    used = {one.stratum: n[one.key] for one in planned.strata}
    return {"cards": sum(used.values()), **({"used": used} if planned.is_divided else {})}


def stepped(run: Run, round_: int, risks: list[str], met: list[bool]) -> Json:
    """Risks, what is met, and the step that follows."""
    last = run.plan.most_rounds and round_ >= run.plan.most_rounds
    step = "stop" if all(met) else "full_hand_count" if last else "another_round"
    return {"met": met, "risk": worst(risks), "risks": risks, "step": step}


def numbers_now(run: Run, name: str) -> Numbers:
    """All numbers that a contest may use; of several strata no more than were asked for."""
    planned = run.plan.contest(name)
    divided = planned.is_divided
    return {one.key: run.sizes[one.key] if divided else len(run.used[one.key]) for one in planned.strata}


def numbers_in(run: Run, name: str, result: Mapping[str, Any]) -> Numbers:
    """The numbers that a measurement used."""
    strata = run.plan.contest(name).strata
    if len(strata) == 1:
        return {name: result["cards"]}
    return {one.key: result["used"][one.stratum] for one in strata}


def truths(run: Run, name: str) -> list[bool]:
    """Whether each assertion holds on all cards; without records, whether their count bears the plan out."""
    planned, subject = run.plan.contest(name), run.basis.subjects[name]
    if planned.is_without_records:
        return [elected(run, name) == planned.winners]
    points = [all_points(run.basis.strata[one.key], read(run, one, one.cards)) for one in planned.strata]
    pairs = zip(zip(*points, strict=True), scales(subject), strict=True)
    return [sum(parts) + scale.least * subject.outside > 0 for parts, scale in pairs]


def evidence_of(run: Run, name: str, n: Numbers) -> list[Evidence]:
    """What speaks for every assertion of a contest."""
    subject, planned = run.basis.subjects[name], run.plan.contest(name)
    if subject.how == "batches":
        return of_batches(run, name, n[name])
    return together(subject, [parts_of(run, one, n[one.key]) for one in planned.strata])


def parts_of(run: Run, one: PlannedStratum, n: int) -> list[Part]:
    """The first n numbers of a stratum, for every assertion."""
    subject, reported, cards = run.basis.strata[one.key], reported_of(run, one), read(run, one, n)
    if one.evidence == "polling":
        return polled(subject, reported, cards)
    items = run.used[one.key][:n]
    recorded = [record_of(run, one, item) for item in items]
    if one.evidence == "comparison":
        return compared(subject, reported, cards, recorded)
    where = [batch_of(item) for item in items]
    return pooled(subject, reported, run.basis.pools[one.key], where, cards, recorded)


def of_batches(run: Run, name: str, n: int) -> list[Evidence]:
    """The batches drawn so far, against what was reported of them."""
    names, basis = run.plan.names, run.basis
    subjects = [basis.subjects[one] for one in names]
    whole = batched(subjects, basis.cards, [basis.votes[one] for one in names])
    drawn = run.drawn[:n]
    counts = {batch: settled(run, batch, name) for batch in set(drawn)}
    at = names.index(name)
    return counted_batches(at, subjects[at], whole, drawn, counts)


def reported_of(run: Run, one: PlannedStratum) -> Reported:
    """What was reported of a stratum, as the bet takes it."""
    points, phantoms = run.points[one.key], run.phantoms[one.contest]
    if one.key in run.basis.rankings:
        return Reported(points, phantoms, *run.basis.rankings[one.key])
    if one.evidence == "polling":
        return Reported(points, phantoms, *marks_told(one, run.basis.strata[one.key]))
    return Reported(points, phantoms)


def read(run: Run, one: PlannedStratum, n: int) -> list[Any]:
    """What stands on the first n cards of a stratum; in a pool a card without the contest adds nothing."""
    cards = seen(run, one.contest, n, one.key)
    if one.key not in run.basis.pools:
        return cards
    where = [batch_of(item) for item in run.used[one.key][:n]]
    return seen_in_pools(cards, where, run.basis.pools[one.key][0])


def record_of(run: Run, one: PlannedStratum, item: str) -> Any:
    """What the record of a card says; nothing where it is in a pool."""
    return NOTHING if run.is_pooled(item, one.key) else recorded_of(run, item, one)


def seen(run: Run, name: str, n: int, key: str = "") -> list[Any]:
    """What stands on the first n cards used for a contest, or for one stratum of it."""
    return [pattern_of(settled(run, item, name)) for item in run.used[key or name][:n]]


def settled(run: Run, item: str, name: str) -> Any:
    """The settled reading of an item; only asked where there is one."""
    readings = run.items[item].settled
    assert readings is not None
    return readings[name]


def all_read(run: Run, name: str) -> list[Any]:
    """What stands on all cards of a contest that was read in full."""
    return [card for one in run.plan.contest(name).strata for card in seen(run, name, one.cards, one.key)]


def voted(run: Run, name: str) -> dict[str, int]:
    """The votes of all cards of a contest that was read in full."""
    return votes_of(run.basis.subjects[name].contest, all_read(run, name))


def elected(run: Run, name: str) -> tuple[str, ...]:
    """Who is elected by the count, in rounds, of the readings of all cards.

    Nobody where a tie waits, or where the cards that were not found could have changed a round.
    """
    subject = run.basis.subjects[name]
    assert subject.rules is not None
    cards = all_read(run, name)
    piles = Counter(one for one in cards if isinstance(one, Pattern))
    if not piles:
        return ()
    found = ranked_choice(Ballots(subject.contest, tuple(piles), tuple(piles.values())), subject.rules)
    lost = cards.count(NOT_FOUND)
    return () if found.pending or not all(is_sure(one, lost) for one in found.rounds) else found.elected


def is_sure(one: Round, lost: int) -> bool:
    """Whether so many further cards could not have changed who leaves in a round, or who is elected."""
    votes = dict(one.votes)
    if one.elected:
        return all(2 * votes[winner] > sum(votes.values()) + lost for winner in one.elected)
    gone = [name for name in one.eliminated if name != WRITE_IN]
    left = [n for name, n in votes.items() if name not in one.eliminated]
    return all(votes[name] + lost < min(left) for name in gone)


def reopened(run: Run, name: str, result: Mapping[str, Any]) -> bool:
    """Whether a correction takes away what an audit stopped on."""
    if name not in run.stopped or run.stopped[name][1]:
        return False
    return result["step"] not in ("stop", "counted")
