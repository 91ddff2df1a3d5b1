"""How `tallybook plan`, `assertions` and `risk` are shown: tables and sentences, or values for machines."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tallybook.audit.assertions import Claim, NotEliminatedBefore, NotEliminatedNext, plain, words
from tallybook.audit.certificate import Certificate, open_order, published
from tallybook.audit.costs import CostModel
from tallybook.audit.margins import Margin
from tallybook.doors.cli.shown import DoorError, console, show
from tallybook.doors.workbench_case import Case
from tallybook.doors.workbench_counties import by_county, together
from tallybook.doors.workbench_measured import Measured
from tallybook.doors.workbench_plans import Plan, recommendation, rounds_of
from tallybook.election import Manifest


def show_plans(plans: Sequence[Plan], manifest: Manifest | None, model: CostModel, asked: bool) -> None:
    """The table of methods of each contest, and what it means. asked: methods were named, so all matter."""
    for plan in plans:
        _show_plan(plan)
        _show_skipped(plan, asked)
        _show_strata(plan)
        _show_counties(by_county(plan, manifest))
    for method, (cards, apart) in together(plans, manifest).items():
        said = f"One sample for all contests by {method}: {cards:,} cards; drawn apart {apart:,}."
        console().print(said)
    console().print(f"Hours and money: {cost_words(model)}.")


def _show_plan(plan: Plan) -> None:
    rows = []
    for one, effort in zip(plan.plans, plan.efforts, strict=True):
        sizes = [number(one.sizes.get(chance)) for chance in (0.5, 0.8, 0.9, 0.99)]
        mean = "" if one.mean is None else f"{one.mean:,.0f}"
        rounds = rounds_of(one)
        worth = (f"{float(effort.people_hours):,.0f}", f"{effort.cents / 100:,.0f}")
        rows.append((one.method, one.unit, mean, *sizes, f"{rounds:.1f}" if rounds else "", *worth))
    whole = plan.full_count
    worth = (f"{float(whole.people_hours):,.0f}", f"{whole.cents / 100:,.0f}")
    rows.append(("full hand count", "cards", *[f"{plan.case.population.cards:,}"] * 5, "1.0", *worth))
    columns = ("Method", "", "Mean", "50 %", "80 %", "90 %", "99 %", "Rounds", "People-hours", "Money")
    if plan.plans:
        show(f"{plan.case.contest.name}: draws that finish with this chance", columns, rows)
    console().print(f"\n{recommendation(plan)}\n")


def _show_skipped(plan: Plan, asked: bool) -> None:
    """Each method without a plan, and why; the same reason once."""
    why: dict[str, list[str]] = {}
    for name, reason in plan.skipped.items():
        why.setdefault(reason, []).append(name)
    for reason, names in why.items():
        console().print(f"No plan by {', '.join(names)}: {reason}.")
    if why:
        console().print()
    if asked and not plan.plans:
        raise DoorError("None of the methods named has a plan for this contest.")


def _show_strata(plan: Plan) -> None:
    if plan.shared:
        kinds = {one.name: one.how.replace("_", " ") for one in plan.case.strata}
        rows = [(name, kinds[name], f"{draws:,}") for name, draws in plan.shared.items()]
        show("Draws of each stratum, at the cheapest shares tried", ("Stratum", "How", "Draws"), rows)


def _show_counties(shares: dict[str, dict[str, int]]) -> None:
    """What each jurisdiction can expect to read, where there are several."""
    places = list(next(iter(shares.values()), {}))
    if len(places) > 1:
        rows = [(place, *(f"{share[place]:,}" for share in shares.values())) for place in places]
        show("Cards to expect, for nine audits of ten in one round", ("Jurisdiction", *shares), rows)


def cost_words(model: CostModel) -> str:
    """The cost model in words."""
    f = {n: f"{float(getattr(model, n)):g}" for n in model.__struct_fields__}
    return (
        f"{model.board_people} people a board, {model.boards} at work at once; {f['fetch_minutes']} minutes "
        f"to fetch a card and {f['read_minutes']} to read it; {f['batch_minutes']} to fetch a batch and "
        f"{f['count_minutes']} to count each of its cards; {f['round_minutes']} to open and close a round; "
        f"{model.hour_cents / 100:,.2f} for an hour of one person"
    )


def number(size: int | None) -> str:
    """A size, or "all"."""
    return "all" if size is None else f"{size:,}"


def plain_plans(plans: Sequence[Plan], manifest: Manifest | None, model: CostModel) -> list[dict[str, Any]]:
    """Plans for machines. Chances are strings; a size of null means all."""
    union = {m: {"cards": a, "apart": b} for m, (a, b) in together(plans, manifest).items()}
    costs = {name: str(getattr(model, name)) for name in model.__struct_fields__}
    return [
        {
            "contest": plan.case.contest.id,
            "methods": _plain_methods(plan),
            "no_plan": dict(plan.skipped),
            "strata": dict(plan.shared),
            "full_hand_count": {
                "cards": plan.case.population.cards,
                "people_hours": round(float(plan.full_count.people_hours), 1),
                "cents": plan.full_count.cents,
            },
            "recommendation": recommendation(plan),
            "by_jurisdiction": by_county(plan, manifest),
            "one_sample_for_all": union,
            "cost_model": costs,
        }
        for plan in plans
    ]


def _plain_methods(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "method": one.method,
            "unit": one.unit,
            "mean": None if one.mean is None else round(one.mean, 1),
            "sizes": {str(chance): size for chance, size in one.sizes.items()},
            "distribution": [[n, round(chance, 6)] for n, chance in one.curve],
            "rounds": None if (rounds := rounds_of(one)) is None else round(rounds, 2),
            "people_hours": round(float(effort.people_hours), 1),
            "cents": effort.cents,
        }
        for one, effort in zip(plan.plans, plan.efforts, strict=True)
    ]


# Assertions ---------------------------------------------------------------------------------------


def show_margins(case: Case, margins: Sequence[Margin]) -> None:
    """The assertions of a contest with their margins, and what else is to be said of them."""
    lines = [(words(m.assertion), f"{m.sum:,}", f"{float(m.sum / m.cards):.4%}") for m in margins]
    if lines:
        show(case.contest.name, ("Assertion", "Points", "Of all cards"), lines)
    for said in remarks(case):
        console().print(said)


def remarks(case: Case) -> list[str]:
    """Whether the assertions are enough, whether easier ones exist, and what they do not cover."""
    if case.is_without_records:
        orders = f"every order of elimination that does not end in {case.winner}"
        return [f"{case.contest.name}: no assertions without records; AWAIRE must refute {orders}."]
    said = []
    certificate = certificate_of(case)
    if certificate is not None:
        left = open_order(certificate)
        said.append(
            "These are enough: every other order of elimination is contradicted."
            if left is None
            else f"These are NOT enough: the order {', '.join(left)} is left open."
        )
    if case.search is not None:
        gap = case.search.best - case.search.hardest
        said.append(
            "No set of assertions has an easier hardest one."
            if case.search.is_optimal
            else f"The search stopped early; the hardest assertion could be easier by at most {gap:,} votes."
        )
    if isinstance(case.claim, Claim):
        said += case.claim.not_covered
    return said


def certificate_of(case: Case) -> Certificate | None:
    """The certificate of ranked assertions; None where the contest has other ones."""
    if not isinstance(case.claim, Claim) or case.search is None:
        return None
    ranked = [a for a in case.claim.assertions if isinstance(a, NotEliminatedBefore | NotEliminatedNext)]
    return Certificate(case.standing, case.elected, tuple(ranked))


def write_certificate(case: Case, folder: Path) -> None:
    """The certificate of a ranked contest as a file, for anybody's own checker."""
    certificate = certificate_of(case)
    if certificate is not None:
        name = "".join(c if c.isalnum() or c in "-_" else "_" for c in case.contest.id)
        text = json.dumps(published(certificate), indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", "utf-8")


def plain_margins(case: Case, margins: Sequence[Margin]) -> list[dict[str, Any]]:
    """The assertions of a contest for machines."""
    return [
        {"assertion": plain(m.assertion), "points": m.sum, "cards": m.cards, "words": words(m.assertion)}
        | {"margin_assorter": str(m.margin_assorter), "contest": case.contest.id, "remarks": remarks(case)}
        for m in margins
    ]


# Risks --------------------------------------------------------------------------------------------


WRONG = {
    "polling": "read the other way",
    "card_comparison": "wrong by a whole vote",
    "ONEAudit": "wrong by a whole vote",
    "pools": "read the other way",
    "batch_comparison": "wrong as far as a batch can be",
}
"""What one further error is, by kind of evidence."""


def show_measured(one: Measured) -> None:
    """Risks, intervals and the next step of one contest."""
    decision = one.decision
    spans = {name: _span(low, high) for name, low, high in one.intervals}
    rows = [(r.name, r.risk, "yes" if r.is_met else "no", spans.get(r.name, "")) for r in decision.risks]
    show(decision.contest_id, ("Assertion", "Risk", "Limit met", "True points, 95 %"), rows)
    for name, value in one.other.items():
        console().print(f"By {name}: {value}.")
    for line in borne_words(one):
        console().print(line)
    console().print("\n" + " ".join(decision.why))
    if one.shared:
        console().print("Of these: " + ", ".join(f"{name} {n:,}" for name, n in one.shared.items()) + ".")


def _span(low: int, high: int | None) -> str:
    return f"at least {low:,}" if high is None else f"{low:,} to {high:,}"


def borne_words(one: Measured) -> list[str]:
    """How many further errors the result would have borne, stratum by stratum."""
    found = []
    for b in one.borne:
        units = "drawn batches" if b.how == "batch_comparison" else "cards"
        said = f"{units} {WRONG[b.how]} that the result would have borne: {b.errors:,}."
        found.append(f"{b.stratum}: {said}" if b.stratum else said.capitalize())
    return found


def plain_measured(one: Measured) -> dict[str, Any]:
    """The same for machines."""
    decision = one.decision
    return {
        "contest": decision.contest_id,
        "step": decision.step,
        "risk": decision.risk,
        "draws": decision.draws,
        "why": list(decision.why),
        "assertions": [
            {"assertion": r.name, "risk": r.risk, "is_met": r.is_met, "cards": r.cards}
            for r in decision.risks
        ],
        "intervals": [{"assertion": name, "low": low, "high": high} for name, low, high in one.intervals],
        "other_methods": dict(one.other),
        "bears": [{"stratum": b.stratum, "how": b.how, "errors": b.errors} for b in one.borne],
        "next_round": dict(one.shared),
    }
