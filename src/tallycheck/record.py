"""What the record refuses, by the first condition that fails: book specification, section 6, step 5."""

from collections.abc import Callable
from typing import Any

from . import auditrecord, officersrecord
from .form import Act
from .officersrecord import NamedTrouble, Trouble
from .outcomes import Outcome
from .ruling import Bench
from .standing import Contest, Sampling, Standing

CITATION = "Tallybook book specification, section 6"

NEXT = {
    "book_closed": "Open a new book, or correct the wording of an entry.",
    "withdrawn": "Nothing is left to do for this runoff.",
    "phase": "Look at what may be done now, and ask for that.",
    "no_electors": "Certify the electors first.",
    "already_recorded": "Correct that entry.",
    "nothing_to_correct": "Name the current statement.",
    "no_tally": "Report the tally of at least one place first.",
    "no_finding": "Look at the open findings, and name one.",
    "no_tie": "Look at what may be done now, and ask for that.",
    "not_committed": "Commit the inputs first.",
    "not_witnessed": "Have a checkpoint of the book witnessed and record it, then ask again.",
    "seed_exists": "Go on with that seed.",
    "seed_known": "Roll another seed.",
    "no_seed": "Record the seed first.",
    "already_drawn": "Read the items of that sample.",
    "not_drawn": "Draw the sample first.",
    "signed": "What is signed stays; file what was found as a finding.",
    "not_in_sample": "Leave them out, and read the items that were drawn.",
    "already_read": "Leave them out.",
    "not_all_read": "Read the rest, then sign.",
    **auditrecord.NEXT,
    **officersrecord.NEXT,
}
"""What to do next, by the code of a record refusal."""


def record_trouble(act: Act, standing: Standing, bench: Bench) -> Trouble:
    """Code and words of the first condition that fails, or None."""
    contest, effect = act.contest, act.spec.effect
    if standing.closed and act.spec.id != "correct_entry":
        return "book_closed", "The book is closed."
    if contest is not None:
        if contest.withdrawn is not None:
            return "withdrawn", f"This runoff was withdrawn in entry {contest.withdrawn}."
        if act.spec.phases and contest.phase() not in act.spec.phases:
            belongs = ", ".join(act.spec.phases)
            return "phase", f"The contest is in the phase {contest.phase()}; this act belongs to: {belongs}."
    trouble = officersrecord.people_trouble(act, standing, bench)
    if trouble is None and effect in CONDITIONS:
        trouble = CONDITIONS[effect](act, standing, bench)
    return trouble


def record_refusal(trouble: NamedTrouble, act: Act, bench: Bench) -> dict[str, Any]:
    """The eight fields of a record refusal; a rule that asks for it is named in three of them."""
    code, words = trouble[:2]
    rule = trouble[2] if len(trouble) == 3 else None
    return {
        "citation": rule.citation if rule else CITATION, "code": code, "failed": "record",
        "law": rule.law if rule else "", "next": NEXT[code], "row": rule.id if rule else "",
        "who_may": list(bench.class_of(act.case)[1]), "words": words,
    }  # fmt: skip


def electors_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    if act.case.contest not in standing.electors:
        return "no_electors", "No electors are certified."
    return None


def returns_trouble(act: Act, _: Standing, __: Bench) -> Trouble:
    found = act.contest.statement(act.spec.count, act.case.place) if act.contest else None
    if found is None or act.spec.count == "unofficial":
        return None
    words = f"Entry {found.seq} holds this statement. Correct it by an act that names entry {found.seq}."
    return "already_recorded", words


def correct_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    named, found = act.detail["corrects"], None
    right = standing.is_author(named, act.case.office, *act.where)
    if act.spec.effect == "restate":
        found = act.contest.statement(act.spec.count, act.case.place) if act.contest else None
        right = right and found is not None and found.seq == named
    if right:
        return None
    words = f"Entry {named} is not a current statement of this office for this contest and place."
    return "nothing_to_correct", words


def total_trouble(act: Act, _: Standing, bench: Bench) -> Trouble:
    if act.contest is None:
        return None
    base = "audit_tally" if act.spec.effect == "audit_result" else base_of(act, act.contest, bench)
    there = act.contest.has_any(base)
    return None if there else ("no_tally", "There is no tally to sum.")


def base_of(act: Act, contest: Contest, bench: Bench) -> str:
    """The count that a total of the whole is summed from (section 7)."""
    if act.case.purpose == "recount":
        return "recount"
    rule = bench.find_rule("hand_count", contest.office_class, act.case.day)
    replaces = rule is not None and rule.keys["effect"] == "replaces_returns"
    return "audit_tally" if replaces and contest.has_all("audit_tally") else "county_certified"


def finding_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    named = act.detail["finding"]
    return None if named in standing.findings else ("no_finding", f"Entry {named} is not an open finding.")


def lot_trouble(act: Act, _: Standing, __: Bench) -> Trouble:
    outcome: Outcome = (act.contest.latest_outcome() if act.contest else None) or {"kind": ""}
    if outcome["kind"] == "tie" and act.detail["choice"] in outcome["choices"]:
        return None
    return "no_tie", "No tie that this lot could decide is in the book."


def seed_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    found = standing.samplings.get(act.where)
    if found is None:
        return "not_committed", "The inputs of the draw are not committed."
    covered = standing.covering(found.committed)
    if covered is None:
        words = f"No witnessed checkpoint covers entry {found.committed}, the inputs of the draw."
        return "not_witnessed", words
    return commit_trouble(act, standing, _) or auditrecord.known_trouble(act, standing, covered)


def commit_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    found = standing.samplings.get(act.where)
    return (
        ("seed_exists", f"The seed is recorded in entry {found.seed_seq}.") if found and found.seed else None
    )


def draw_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    found = standing.samplings.get(act.where)
    if found is None or not found.seed:
        return "no_seed", "No seed is recorded."
    return (
        ("already_drawn", f"The sample is drawn in entry {found.drawn}.") if found.drawn is not None else None
    )


def sampled(found: Sampling | None) -> Trouble:
    """The sample is drawn and not yet signed."""
    if found is None or found.drawn is None:
        return "not_drawn", "No sample is drawn."
    return (
        ("signed", f"The readings are signed in entry {found.signed}.") if found.signed is not None else None
    )


def readings_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    found = standing.samplings.get(act.where)
    trouble = sampled(found)
    if trouble or found is None:
        return trouble
    items = [item for item, _ in act.detail["readings"]]
    foreign = [item for item in items if item not in found.readings]
    if foreign:
        return "not_in_sample", f"These items are not in the sample: {first_ten(foreign)}."
    read = [item for item in items if found.readings[item]]
    return ("already_read", f"These items are read already: {first_ten(read)}.") if read else None


def first_ten(items: list[str]) -> str:
    """The names in their order, at most ten."""
    return ", ".join(sorted(items, key=lambda name: name.encode())[:10])


def sign_trouble(act: Act, standing: Standing, _: Bench) -> Trouble:
    found = standing.samplings.get(act.where)
    trouble = sampled(found)
    if trouble or found is None:
        return trouble
    return ("not_all_read", f"{found.left} items of the sample are not read.") if found.left else None


CONDITIONS: dict[str, Callable[[Act, Standing, Bench], Trouble]] = {
    "electoral_votes": electors_trouble, "returns": returns_trouble, "restate": correct_trouble,
    "correct": correct_trouble, "audit_result": total_trouble, "state_total": total_trouble,
    "close_finding": finding_trouble, "lot": lot_trouble, "seed": seed_trouble, "commit": commit_trouble,
    "draw": draw_trouble, "readings": readings_trouble, "sign": sign_trouble, **auditrecord.CONDITIONS,
    **officersrecord.CONDITIONS,
}  # fmt: skip
