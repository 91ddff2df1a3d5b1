"""What the record refuses in an audit by plan: audit specification, section 8, **The record**.

Each function gives code and words of the first condition that fails, or None. Check 4 finds them again, but
for those in `NUMBERS`.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from .audits import Audit, Audited
from .canonical import write
from .form import Act
from .ruling import Bench
from .standing import Standing

NEXT = {
    "no_audit": "Name the entry that committed the plan.",
    "plan_replaced": "Go on with that plan.",
    "audit_over": "Nothing is left to draw.",
    "round_open": "Finish and measure that round first.",
    "not_both_in": "Wait for the other reader.",
    "already_open": "Leave them out.",
    "does_not_open": "Open what was committed; if it was wrong, adjudicate it.",
    "nothing_to_settle": "Leave them out.",
    "not_settled": "Open both readings first, and settle those that differ.",
    "no_row": "Find the salt of that card, or open it with none: it then counts against the outcome.",
    "no_discrepancy": "Leave them out.",
    "nothing_to_sign": "Read first, then sign.",
    "unfinished": "Finish them, then sign.",
    "not_signed": "Have the board sign it.",
    "already_measured": "Draw another round, or stop.",
    "already_stopped": "Nothing is left to do in it.",
    "not_measured": "Read, sign and measure first.",
    "above_limit": "Draw another round, or count in full.",
}
"""What to do next, by the codes that only an audit has."""

NUMBERS = {"does_not_open": 8, "no_row": 8, "above_limit": 12}
"""The check that finds a condition again, where it is not check 4."""

COMMIT = b"tallybook/commit/v1\n"

Trouble = tuple[str, str] | None


def number_of(stored: str, found: str) -> int:
    """The check that a wrong answer of the record fails: the codes stored and found, ``""`` for a grant.

    A stop refused above its limit rests on a risk; that it is refused in the right words does not.
    """
    if stored == found == "above_limit":
        return 4
    numbers = {NUMBERS.get(code, 4) for code in (stored, found) if code}
    return numbers.pop() if len(numbers) == 1 else 4


def commitment(salt: str, text: Any) -> str:
    """The commitment to a text by that salt, in hexadecimal."""
    return hashlib.sha256(COMMIT + bytes.fromhex(salt) + write(text).encode()).hexdigest()


def listed(names: Iterable[str]) -> str:
    """Names in ascending order, each once, at most ten."""
    return ", ".join(sorted(set(names), key=lambda name: name.encode())[:10])


def audit_of(act: Act, standing: Standing) -> Audit | None:
    """The audit that an act names, if it is one of the act's place."""
    found = standing.audits.get(act.detail["audit"])
    return found if found is not None and found.place == act.case.place else None


def named_trouble(act: Act, standing: Standing) -> Trouble:
    """No such audit, or a later plan has taken its place."""
    named = act.detail["audit"]
    audit = audit_of(act, standing)
    if audit is None:
        return "no_audit", f"Entry {named} is not an audit plan of this place."
    later = standing.replaced_by(audit)
    return None if later is None else ("plan_replaced", f"The plan was replaced in entry {later}.")


def plan_trouble(_: Act, standing: Standing, __: Bench) -> Trouble:
    first = next((standing.seeded[name] for name in standing.planned if name in standing.seeded), None)
    return None if first is None else ("seed_exists", f"The seed is recorded in entry {first}.")


def plan_seed_trouble(audit: Audit, act: Act, standing: Standing, _: Bench) -> Trouble:
    if audit.seed:
        return "seed_exists", f"The seed is recorded in entry {audit.seed_seq}."
    covered = standing.covering(audit.seq)
    if covered is None:
        return "not_witnessed", f"No witnessed checkpoint covers entry {audit.seq}, the inputs of the draw."
    return known_trouble(act, standing, covered)


def known_trouble(act: Act, standing: Standing, covered: int) -> Trouble:
    """Whoever fixed the inputs of this draw may have known its seed (book specification, section 6)."""
    first = standing.seeds.get(act.detail["seed"])
    if first is None or first > covered:
        return None
    words = f"This seed was recorded in entry {first}, before the inputs of this draw were witnessed."
    return "seed_known", words


def round_trouble(audit: Audit, _: Act, __: Standing, ___: Bench) -> Trouble:
    if not audit.seed:
        return "no_seed", "No seed is recorded."
    if all(contest.stopped is not None for contest in audit.contests.values()):
        return "audit_over", "The audit of every contest has ended."
    r = len(audit.rounds)
    return ("round_open", f"Round {r} is not measured yet.") if audit.measured_round < r else None


def of_items(code: str, words: str, items: Iterable[str]) -> Trouble:
    """The condition fails for these items, if there are any."""
    items = list(items)
    return (code, words.format(listed(items))) if items else None


def sampled_trouble(audit: Audit, items: Iterable[str]) -> Trouble:
    """Nothing is drawn, or some of the items are not in the sample."""
    if not audit.rounds:
        return "not_drawn", "No sample is drawn."
    foreign = (item for item in items if item not in audit.items)
    return of_items("not_in_sample", "These items are not in the sample: {}.", foreign)


def blind_trouble(audit: Audit, act: Act, _: Standing, __: Bench) -> Trouble:
    items, reader = [row[0] for row in act.detail["commitments"]], act.detail["reader"]
    read = (i for i in items if audit.items[i].both_in or reader in audit.items[i].commitments)
    return sampled_trouble(audit, items) or of_items(
        "already_read", "These items are read already: {}.", read
    )


def unblind_trouble(audit: Audit, act: Act, _: Standing, __: Bench) -> Trouble:
    reader, openings = act.detail["reader"], act.detail["openings"]
    items = [row[0] for row in openings]
    trouble = sampled_trouble(audit, items)
    if trouble:
        return trouble
    known = audit.items
    waiting = (i for i in items if not known[i].both_in or reader not in known[i].commitments)
    opened = (i for i in items if reader in known[i].opened)
    return (
        of_items("not_both_in", "These items do not have both readings yet: {}.", waiting)
        or of_items("already_open", "These items are open already: {}.", opened)
        or of_items(
            "does_not_open",
            "These openings do not match what was committed: {}.",
            (row[0] for row in openings if not opens(audit, reader, *row)),
        )
    )


def opens(audit: Audit, reader: str, item: str, salt: str, readings: Any) -> bool:
    """Whether salt and readings give the reader's commitment."""
    text = {"audit": audit.seq, "item": item, "reader": reader, "readings": readings}
    return commitment(salt, text) == audit.items[item].commitments[reader]


def adjudicate_trouble(audit: Audit, act: Act, _: Standing, __: Bench) -> Trouble:
    items = [row[0] for row in act.detail["settled"]]
    nothing = (i for i in items if not audit.items[i].both_in or audit.items[i].settled is not None)
    return sampled_trouble(audit, items) or of_items(
        "nothing_to_settle", "These items have no two readings to settle: {}.", nothing
    )


def pair(item: str, contest: str) -> str:
    """A pair of item and contest as it is written."""
    return f"{item} ({contest})"


def pairs_trouble(audit: Audit, pairs: list[tuple[str, str]], only_recorded: bool) -> Trouble:
    """Nothing is drawn; pairs that are not of the sample; items that are not settled."""
    if not audit.rounds:
        return "not_drawn", "No sample is drawn."
    foreign = (pair(*p) for p in pairs if not is_of(audit, *p, only_recorded))
    unsettled = (item for item, _ in pairs if audit.items[item].settled is None)
    return of_items("not_in_sample", "These items are not in the sample: {}.", foreign) or of_items(
        "not_settled", "These items have no settled reading: {}.", unsettled
    )


def is_of(audit: Audit, item: str, contest: str, only_recorded: bool) -> bool:
    """Whether the item is in the sample and of the contest; if asked, whether it has a record of its own."""
    if item not in audit.items or contest not in audit.items[item].strata:
        return False
    return not only_recorded or audit.has_own_record(item, contest)


def records_trouble(audit: Audit, act: Act, _: Standing, __: Bench) -> Trouble:
    records = act.detail["records"]
    pairs = [(item, contest) for item, contest, _ in records]
    trouble = pairs_trouble(audit, pairs, True)
    if trouble:
        return trouble
    opened = (pair(*p) for p in pairs if p[1] in audit.items[p[0]].rows)
    rowless = (pair(row[0], row[1]) for row in records if row_of(audit, *row) is None)
    return of_items("already_open", "These items are open already: {}.", opened) or of_items(
        "no_row", "These openings match no row: {}.", rowless
    )


def row_of(audit: Audit, item: str, contest: str, salt: str) -> int | None:
    """The place of the pattern of the row opened; -1 for ``none``; None where there is no such row."""
    if salt == "none":
        return -1
    cards = audit.items[item].strata[contest].cards
    assert cards is not None
    return cards.pattern_of(bytes.fromhex(commitment(salt, {"card": item, "contest": contest})))


def explain_trouble(audit: Audit, act: Act, _: Standing, __: Bench) -> Trouble:
    pairs = [(item, contest) for item, contest, _ in act.detail["causes"]]
    agreeing = (pair(*p) for p in pairs if not audit.differs(*p))
    return pairs_trouble(audit, pairs, False) or of_items(
        "no_discrepancy", "These do not differ: {}.", agreeing
    )


def reread_trouble(audit: Audit, act: Act, _: Standing, __: Bench) -> Trouble:
    item = act.detail["item"]
    unsettled = (i for i in (item,) if audit.items[i].settled is None)
    return sampled_trouble(audit, [item]) or of_items(
        "not_settled", "These items have no settled reading: {}.", unsettled
    )


def sitting_trouble(audit: Audit, _: Act, __: Standing, ___: Bench) -> Trouble:
    if not audit.rounds:
        return "not_drawn", "No sample is drawn."
    if not audit.sitting.leaves:
        return "nothing_to_sign", "Nothing was done since the last signature."
    n = len(audit.unfinished & audit.sitting.items)
    return ("unfinished", f"{n} items of the sitting are not finished.") if n else None


def measure_trouble(audit: Audit, _: Act, __: Standing, ___: Bench) -> Trouble:
    if not audit.rounds:
        return "not_drawn", "No sample is drawn."
    n = len(audit.unfinished)
    if n:
        return "unfinished", f"{n} items of the sample are not finished."
    if audit.sitting.leaves:
        return "not_signed", "The last sitting is not signed."
    if audit.measured_round == len(audit.rounds) and not audit.corrected:
        return "already_measured", f"The risk is measured in entry {audit.measured_seq}."
    return None


def stop_trouble(audit: Audit, act: Act, _: Standing, bench: Bench) -> Trouble:
    contest = audit.contests[act.case.contest or ""]
    if contest.stopped is not None:
        return "already_stopped", f"The audit of this contest ended in entry {contest.stopped}."
    if by_all_places(contest, act, bench):
        return None
    if audit.sitting.leaves:
        return "not_signed", "The last sitting is not signed."
    if contest.measured is None:
        return "not_measured", "No risk of this contest is measured."
    if contest.measured["step"] not in ("stop", "counted"):
        risk, limit = contest.measured["risk"], audit.plan.limit_text
        return "above_limit", f"The risk is {risk}, above the limit of {limit}."
    return None


def by_all_places(audited: Audited, act: Act, bench: Bench) -> bool:
    """Whether the contest is counted in full in every place, and not ranked."""
    contest = audited.contest
    return contest.has_all("audit_tally") and method_of(contest, bench, act.case.day) != "ranked_choice"


def method_of(contest: Any, bench: Bench, day: str) -> str:
    """The method of the winner rule of a contest; plurality for a runoff; ``""`` where there is no rule."""
    if contest.runoff_of:
        return "plurality"
    rule = bench.find_rule("winner", contest.office_class, day)
    return str(rule.keys["method"]) if rule else ""


OF_AN_AUDIT = {
    "plan_seed": plan_seed_trouble, "round": round_trouble, "blind": blind_trouble,
    "unblind": unblind_trouble, "adjudicate": adjudicate_trouble, "records": records_trouble,
    "explain": explain_trouble, "reread": reread_trouble, "sitting": sitting_trouble,
    "measure": measure_trouble, "stop": stop_trouble,
}  # fmt: skip


def audit_trouble(act: Act, standing: Standing, bench: Bench) -> Trouble:
    """The first condition that fails of an act of an audit."""
    if act.spec.effect == "plan":
        return plan_trouble(act, standing, bench)
    trouble, audit = named_trouble(act, standing), audit_of(act, standing)
    if trouble or audit is None:
        return trouble
    return OF_AN_AUDIT[act.spec.effect](audit, act, standing, bench)


CONDITIONS = dict.fromkeys(("plan", *OF_AN_AUDIT), audit_trouble)
