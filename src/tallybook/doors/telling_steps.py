"""The chain of an audit by plan in plain words: who did what when, in which entries.

For the page of the audits. Entries of one kind that follow each other are one step. The words follow from
the entries, the plan and the laws' names of offices; what each act is says docs/spec/audit.md, section 8.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from tallybook.book import Entry, Standing
from tallybook.book.audit_runs import Run
from tallybook.doors.telling_audits import Look, contests_of, ended_words, listed, risks, signers, total
from tallybook.law import LawSet
from tallybook.reports.audit_values import AuditStep


def chain(
    laws: LawSet, standing: Standing, entries: list[Entry], own: list[Entry], run: Run, look: Look
) -> Iterable[AuditStep]:
    """Every step of an audit, those of one kind that follow each other together."""
    for kind, several in groupby(own, key=lambda entry: entry.entry):
        group = list(several)
        if kind == "audit_seed_recorded" and "checkpoint" in group[0].result:
            yield witnessed(laws, entries[group[0].result["checkpoint"]], standing.origin)
        if kind not in STEPS:
            continue
        title, told = STEPS[kind]
        words = tuple(one for one in told(standing, run, group, look) if one)
        office = laws.offices[group[0].office].name if group[0].office else ""
        yield AuditStep(title_for(title, group), office, day_of(group[-1]), words, seqs(group))


def title_for(title: str, group: list[Entry]) -> str:
    """A step's title, with the number of its round or sitting."""
    first = group[0].result
    return title.format(round=first.get("round", ""), sitting=first.get("sitting", ""))


def seqs(group: list[Entry]) -> tuple[int, ...]:
    """The numbers of the entries."""
    return tuple(entry.seq for entry in group)


def day_of(entry: Entry) -> str:
    """The day of an entry; of what follows by law, that on which it was received."""
    return entry.on[:10] or entry.received[:10]


def witnessed(laws: LawSet, entry: Entry, origin: str) -> AuditStep:
    """The checkpoint between the plan and the seed."""
    names, size = signers_of(entry.detail["checkpoint"], origin), entry.result["size"]
    words = f"It fixes the first {size:,} entries, the plan among them, before the seed is known."
    signed = f"Signed by {', '.join(names)}." if names else ""
    office = laws.offices[entry.office].name
    said = tuple(one for one in (words, signed) if one)
    return AuditStep("A checkpoint is witnessed", office, day_of(entry), said, (entry.seq,))


def signers_of(checkpoint: str, origin: str) -> list[str]:
    """The witnesses under a checkpoint: the name on each line of a signature, but for the book's own."""
    lines = [line.split(" ") for line in checkpoint.split("\n") if line.startswith("— ")]
    return list(dict.fromkeys(line[1] for line in lines if line[1] != origin))


def of_plan(_: Standing, run: Run, __: list[Entry], ___: Look) -> list[str]:
    """What is fixed before anything is drawn."""
    plan = run.plan
    one, many = ("card", "cards") if plan.draw == "cards" else ("batch", "batches")
    most = f" After {total(plan.most_rounds, 'round', 'rounds')} all is counted." if plan.most_rounds else ""
    return [
        f"{total(len(plan.names), 'contest', 'contests')}, drawn by {one}, risk limit {plan.risk_limit}. The "
        f"{many}, what was reported, the statements to be tested and the sizes of the first round are "
        f"fixed.{most}",
        f"Board: {', '.join(plan.board)}; {plan.quorum} must sign.",
    ]


def of_seed(_: Standing, run: Run, group: list[Entry], __: Look) -> list[str]:
    """The seed, who rolled it and who watched."""
    detail = group[0].detail
    said = [f"The seed is {run.seed}."]
    said += [f"Rolled by {', '.join(detail['rollers'])}."] if detail.get("rollers") else []
    said += [f"Witnessed by {', '.join(detail['witnesses'])}."] if detail.get("witnesses") else []
    said += [f"With: {detail['dice']}."] if detail.get("dice") else []
    return [" ".join(said)]


def of_round(_: Standing, run: Run, group: list[Entry], __: Look) -> list[str]:
    """How much was drawn."""
    count = group[0].result["count"]
    if run.plan.draw == "batches":
        return [f"{total(count, 'batch', 'batches')} to count that no earlier round drew."]
    return [f"{total(count, 'card', 'cards')} to pull that no earlier round drew."]


def by_reader(group: list[Entry], field: str) -> str:
    """How many readings each reader handed in or opened."""
    found: Counter[str] = Counter()
    for entry in group:
        found[entry.detail["reader"]] += len(entry.detail[field])
    return ", ".join(f"{reader} {n:,}" for reader, n in found.items())


def of_sealed(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """Who read how many, each without seeing the record or the other's reading."""
    return [f"Read without seeing the record or each other's readings: {by_reader(group, 'commitments')}."]


def of_opened(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """Whose readings are open, and what two readers saw differently."""
    differ = [item for entry in group for item in entry.result.get("differ", ())]
    said = f"Opened: {by_reader(group, 'openings')}."
    return [f"{said} Read differently: {listed(differ) if differ else 'none'}."]


def of_settled(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """What the board settled."""
    rows = [row for entry in group for row in entry.detail["settled"]]
    causes = Counter(cause.replace("_", " ") for _, _, cause in rows)
    return [f"{listed([item for item, _, _ in rows])}. Cause: {tallied(causes)}."]


def of_records(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """How many records are open."""
    rows = [row for entry in group for row in entry.result["rows"]]
    lost = sum(row < 0 for row in rows)
    said = f"{total(len(rows), 'record', 'records')}, opened after the cards were read."
    return [said, f"{lost:,} could not be opened and count against the outcome." if lost else ""]


def of_causes(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """How many discrepancies have which cause."""
    causes = Counter(row[2].replace("_", " ") for entry in group for row in entry.detail["causes"])
    return [f"{total(causes.total(), 'discrepancy', 'discrepancies')}: {tallied(causes)}."]


def of_correction(standing: Standing, _: Run, group: list[Entry], look: Look) -> list[str]:
    """Which reading was corrected, why, and the new risks."""
    said = []
    for entry in group:
        said.append(f"{entry.detail['item']}: {entry.detail['wrong']}")
        said += risks(standing, contests_of(entry, look))
    return said


def of_sitting(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """Who signed how much."""
    return [
        f"{total(entry.result['acts'], 'entry', 'entries')} of the board's work, signed by {signers(entry)}."
        for entry in group
    ]


def of_measure(standing: Standing, _: Run, group: list[Entry], look: Look) -> list[str]:
    """The risks, and what comes next."""
    return [one for entry in group for one in risks(standing, contests_of(entry, look))]


def of_stop(standing: Standing, _: Run, group: list[Entry], __: Look) -> list[str]:
    """How the audit of each contest ended."""
    return [f"{standing.contests[one.contest].name}: {' '.join(ended_words(standing, one))}" for one in group]


def of_reopened(standing: Standing, _: Run, group: list[Entry], __: Look) -> list[str]:
    """Which contests go on, and why."""
    return [
        f"{standing.contests[one.contest].name}: the corrected risk is {one.result['risk']}, above the limit."
        for one in group
    ]


def tallied(found: Counter[str]) -> str:
    """Causes with their numbers; a single kind without."""
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{cause} {n:,}" for cause, n in found.most_common())


Told = Callable[[Standing, Run, list[Entry], Look], list[str]]

STEPS: Mapping[str, tuple[str, Told]] = {
    "audit_plan_committed": ("The plan is committed", of_plan),
    "audit_seed_recorded": ("The seed is rolled", of_seed),
    "audit_round_drawn": ("Round {round} is drawn", of_round),
    "readings_committed": ("Two people read, and seal their readings", of_sealed),
    "readings_opened": ("The readings are opened", of_opened),
    "readings_adjudicated": ("The board settles what was read differently", of_settled),
    "records_opened": ("The records of these cards are opened", of_records),
    "discrepancies_explained": ("Discrepancies get their causes", of_causes),
    "reading_corrected": ("A settled reading is corrected", of_correction),
    "sitting_signed": ("The board signs sitting {sitting}", of_sitting),
    "risk_measured": ("The risk is measured after round {round}", of_measure),
    "audit_stopped": ("The audit of contests ends", of_stop),
    "audit_reopened": ("An audit is reopened", of_reopened),
}
"""By entry kind: the title of the step, and its words."""
