"""An audit by plan in words: what each of its entries says, for the timeline and the pages.

For officials and observers. The words follow from the entry alone (docs/spec/audit.md, section 8).
"""

from collections.abc import Callable, Mapping
from typing import Any

from tallybook.book import Entry, Standing
from tallybook.doors.telling_outcomes import outcome_words

STEPS = {
    "stop": "at or below the limit",
    "counted": "every card was counted",
    "another_round": "another round",
    "full_hand_count": "to be counted in full by hand",
}
MOST_NAMED = 10

Json = Mapping[str, Any]
Look = Callable[[str], Any]
"""Fingerprint -> the exhibit, parsed."""


def nowhere(_: str) -> Json:
    """For whoever has no exhibits: what stands in one is not told."""
    return {}


def contests_of(entry: Entry, look: Look = nowhere) -> Json:
    """Contest -> its part of the result; a long one is an exhibit (audit specification, section 8)."""
    if "contests" in entry.result:
        found: Json = entry.result["contests"]
        return found
    named = entry.result.get("contests_sha256")
    inside: Json = look(named) if named else {}
    return inside


def audit_words(standing: Standing, entry: Entry) -> list[str] | None:
    """The entry in words; None where it is not of an audit by plan."""
    told = WORDS.get(entry.entry)
    return None if told is None else told(standing, entry)


def planned(standing: Standing, entry: Entry) -> list[str]:
    """What is to be audited, and how narrow it is."""
    return first_of(entry, [plan_words(standing, *one) for one in contests_of(entry).items()])


def plan_words(standing: Standing, name: str, found: Json) -> str:
    """A contest of a plan: its cards, and how narrow it is."""
    margins = found["margins"]
    said = f"{named(standing, name)}: {found['cards']:,} cards"
    if not margins:
        return f"{said}, without records: the sample alone speaks for the outcome."
    return f"{said}, the narrowest of {count(margins)} holds by {min(margins):,}."


def count(margins: list[int]) -> str:
    """How many assertions."""
    return "its one assertion" if len(margins) == 1 else f"{len(margins)} assertions"


def first_of(entry: Entry, said: list[str]) -> list[str]:
    """The first few sentences, and how many more; or where they stand."""
    if "contests_sha256" in entry.result:
        return ["The numbers of its contests are in an exhibit of this entry, and on the page of the audits."]
    more = len(said) - MOST_NAMED
    return [*said[:MOST_NAMED], f"And {total(more, 'contest', 'contests')} more."] if more > 0 else said


def total(number: int, one: str, many: str) -> str:
    """`1 contest`, `2 contests`."""
    return f"{number:,} {one if number == 1 else many}"


def seeded(_: Standing, entry: Entry) -> list[str]:
    """The seed."""
    return [f"The seed is {entry.detail['seed']}."]


def drawn(_: Standing, entry: Entry) -> list[str]:
    """How much was drawn."""
    return [f"Round {entry.result['round']}: {entry.result['count']:,} to read."]


def sealed(_: Standing, entry: Entry) -> list[str]:
    """Who handed in how many readings."""
    many = len(entry.detail["commitments"])
    waiting = entry.result["waiting"]
    left = f"{total(waiting, 'item waits', 'items wait')} for a reading."
    return [f"{entry.detail['reader']}: {many:,}. {left}"]


def opened(_: Standing, entry: Entry) -> list[str]:
    """Whose readings are open, and what was read differently."""
    differ = entry.result.get("differ", [])
    said = [f"{entry.detail['reader']}: {len(entry.detail['openings']):,}."]
    return [*said, f"Read differently: {listed(differ)}."] if differ else said


def settled(_: Standing, entry: Entry) -> list[str]:
    """What the board settled."""
    return [f"Settled: {listed([item for item, _, _ in entry.detail['settled']])}."]


def records(_: Standing, entry: Entry) -> list[str]:
    """How many records are open."""
    lost = sum(row < 0 for row in entry.result["rows"])
    said = [f"{total(len(entry.result['rows']), 'record', 'records')}."]
    return [*said, f"{lost:,} could not be opened and count against the outcome."] if lost else said


def explained(_: Standing, entry: Entry) -> list[str]:
    """The causes."""
    return [f"{item}: {cause.replace('_', ' ')}." for item, _, cause in entry.detail["causes"][:MOST_NAMED]]


def corrected(standing: Standing, entry: Entry) -> list[str]:
    """Which reading, why, and the new risk."""
    said = first_of(entry, risks(standing, contests_of(entry)))
    return [f"{entry.detail['item']}: {entry.detail['wrong']}", *said]


def signed(_: Standing, entry: Entry) -> list[str]:
    """Who signed how much."""
    acts = total(entry.result["acts"], "act", "acts")
    return [f"Sitting {entry.result['sitting']}, {acts}: signed by {signers(entry)}."]


def signers(entry: Entry) -> str:
    """Who signed a sitting."""
    return ", ".join(name for name, _ in entry.detail["signatures"])


def measured(standing: Standing, entry: Entry) -> list[str]:
    """The risks, and what comes next."""
    return first_of(entry, risks(standing, contests_of(entry)))


def risks(standing: Standing, found: Json) -> list[str]:
    """The measurement of each contest."""
    said = []
    for name, one in found.items():
        risk = f"risk {one['risk']}, " if "risk" in one else ""
        said.append(f"{named(standing, name)}: {risk}{STEPS[one['step']]}.")
    return said


def ended_words(standing: Standing, entry: Entry) -> list[str]:
    """How the audit of a contest ended."""
    result = entry.result
    by = "The count of every card" if result["by"] == "count" else "The sample"
    held = "bears out" if result["confirmed"] else "does not bear out"
    said = [f"{by} {held} the reported outcome."]
    outcome = result.get("outcome")
    if outcome is None:
        return said
    return [*said, outcome_words(standing, standing.contests[entry.contest], outcome)]


def reopened(_: Standing, entry: Entry) -> list[str]:
    """Why the audit goes on."""
    return [f"The corrected risk is {entry.result['risk']}, above the limit."]


def named(standing: Standing, contest: str) -> str:
    """The name of a contest."""
    return standing.contests[contest].name


def listed(items: list[str]) -> str:
    """Items, the first few by name."""
    more = f" and {len(items) - MOST_NAMED:,} more" if len(items) > MOST_NAMED else ""
    return ", ".join(items[:MOST_NAMED]) + more


WORDS: Mapping[str, Callable[[Standing, Entry], list[str]]] = {
    "audit_plan_committed": planned,
    "audit_seed_recorded": seeded,
    "audit_round_drawn": drawn,
    "readings_committed": sealed,
    "readings_opened": opened,
    "readings_adjudicated": settled,
    "records_opened": records,
    "discrepancies_explained": explained,
    "reading_corrected": corrected,
    "sitting_signed": signed,
    "risk_measured": measured,
    "audit_stopped": ended_words,
    "audit_reopened": reopened,
}
"""By entry kind."""
